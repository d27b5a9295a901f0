"""Custom kinds: what their definitions may say, and what their validation rules make of objects."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.request import ADMIN, Request
from cluster.machinery.errors import StatusError
from tests.harness import Lab

CRDS, WIDGETS = "customresourcedefinitions.apiextensions.k8s.io", "widgets.example.com"
Schema = dict[str, Any]


def definition(spec: Schema, *, root: Schema | None = None, **version: Any) -> dict[str, Any]:
    """A namespaced kind Widget whose `spec` has this schema."""
    schema = {"type": "object", "properties": {"spec": spec}, **(root or {})}
    names = {"plural": "widgets", "kind": "Widget"}
    one = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **version}
    return {
        "metadata": {"name": WIDGETS},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [one]},
    }


def obj(*rules: Schema, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, **({"x-kubernetes-validations": list(rules)} if rules else {})}


NUMBER: Schema = {"type": "integer"}
TEXT: Schema = {"type": "string"}


def widget(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}


def refused(client: Client, given: dict[str, Any]) -> str:
    with pytest.raises(StatusError) as caught:
        client.create(WIDGETS, given, "default")
    return caught.value.message.partition(" is invalid: ")[2] or caught.value.message


def changed(client: Client, **spec: Any) -> tuple[str, list[str]]:
    """Return (the refusal of an update, '' when it passes; its warnings)."""
    stored = client.get(WIDGETS, "w", "default")
    body = {**stored, "spec": spec}
    request = Request("update", ADMIN, "example.com", "v1", "widgets", namespace="default", name="w", body=body)
    try:
        client.server.handle(request)
    except StatusError as error:
        return error.message.partition(" is invalid: ")[2], request.warnings
    return "", request.warnings


def unwritable(client: Client, given: dict[str, Any]) -> str:
    with pytest.raises(StatusError) as caught:
        client.create(CRDS, given)
    return caught.value.message.partition(" is invalid: ")[2]


def test_a_rule_that_does_not_hold_is_told_at_its_place(client: Client) -> None:
    rule = {"rule": "self.least <= self.most", "message": "least must not be above most"}
    client.create(CRDS, definition(obj(rule, least=NUMBER, most=NUMBER)))
    assert refused(client, widget(least=3, most=2)) == "spec: Invalid value: least must not be above most"
    client.create(WIDGETS, widget(least=1, most=2), "default")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"rule": "self.size < 5"}, "spec: Invalid value: failed rule: self.size < 5"),
        (
            {"rule": "self.size < 5", "messageExpression": "'size is ' + string(self.size)"},
            "spec: Invalid value: size is 7",
        ),
        (
            {"rule": "self.size < 5", "message": "plain", "messageExpression": "self.list[3]"},
            "spec: Invalid value: plain",
        ),
        ({"rule": "self.size < 5", "message": "no", "reason": "FieldValueForbidden"}, "spec: Forbidden: no"),
        ({"rule": "self.size < 5", "message": "no", "fieldPath": ".size"}, "spec.size: Invalid value: no"),
        (
            {"rule": "self.list[2] == 'a'"},
            "spec: Invalid value: index out of bounds: 2 evaluating rule: self.list[2] == 'a'",
        ),
        (
            {"rule": "self.port > 'a'", "message": "port"},
            "spec: Invalid value: 'no such overload': call arguments did not match a supported operator, function or "
            "macro signature for rule: port",
        ),
    ],
)
def test_how_a_failed_rule_is_worded(client: Client, rule: Schema, said: str) -> None:
    port = {"x-kubernetes-int-or-string": True}
    client.create(CRDS, definition(obj(rule, size=NUMBER, port=port, list={"type": "array", "items": TEXT})))
    assert refused(client, widget(size=7, port=80, list=["a"])) == said


def test_rules_hold_in_every_item_and_value(client: Client) -> None:
    part = obj({"rule": "self.n > 0", "message": "positive"}, n=NUMBER)
    schema = obj(list={"type": "array", "items": part}, map={"type": "object", "additionalProperties": part})
    client.create(CRDS, definition(schema))
    assert refused(client, widget(list=[{"n": 1}, {"n": 0}], map={"a": {"n": 0}})) == (
        "[spec.list[1]: Invalid value: positive, spec.map[a]: Invalid value: positive]"
    )


def test_a_rule_at_the_root_sees_the_name(client: Client) -> None:
    rule = {"rule": "self.metadata.name.size() < 3 || self.spec.long", "message": "too long a name"}
    client.create(CRDS, definition(obj(long={"type": "boolean"}), root={"x-kubernetes-validations": [rule]}))
    given = widget(long=False)
    client.create(WIDGETS, given, "default")
    given["metadata"]["name"] = "widget"
    assert refused(client, given) == "<nil>: Invalid value: too long a name"


def test_rules_wait_until_the_object_has_its_shape(client: Client) -> None:
    client.create(CRDS, definition(obj({"rule": "self.size < 5", "message": "big"}, size={**NUMBER, "maximum": 9})))
    assert refused(client, widget(size="0")) == (
        '[spec.size: Invalid value: "string": spec.size in body must be of type integer: "string", <nil>: Invalid '
        "value: null: some validation rules were not checked because the object was invalid; correct the existing "
        "errors to complete validation]"
    )
    assert refused(client, widget(size=10)) == (
        "[spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9, spec: Invalid value: big]"
    )


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({**TEXT, "enum": ["red", "green"]}, "blue", 'Unsupported value: "blue": supported values: "red", "green"'),
        ({**TEXT, "pattern": "^[a-z]+$"}, "A1", "Invalid value: \"A1\": spec.x in body should match '^[a-z]+$'"),
        ({**TEXT, "maxLength": 2, "pattern": "^a$"}, "bcd", "Too long: may not be more than 2 bytes"),
        ({**TEXT, "minLength": 2}, "b", 'Invalid value: "b": spec.x in body should be at least 2 chars long'),
        ({**TEXT, "format": "ipv4"}, "1.2", 'Invalid value: "1.2": spec.x in body must be of type ipv4: "1.2"'),
        ({"type": "array", "maxItems": 1, "items": TEXT}, ["a", "b"], "Too many: 2: must have at most 1 item"),
        (
            {"type": "array", "minItems": 1, "items": TEXT},
            [],
            "Invalid value: 0: spec.x in body should have at least 1",
        ),
        ({"type": "number", "multipleOf": 2}, 3, "Invalid value: 3: spec.x in body should be a multiple of 2"),
        ({**NUMBER, "minimum": 0, "exclusiveMinimum": True}, 0, "Invalid value: 0: spec.x in body should be greater"),
        (
            {"type": "object", "maxProperties": 1, "additionalProperties": TEXT},
            {"a": "b", "c": "d"},
            "Too many: 2: must have at most 1 item",
        ),
    ],
)
def test_what_a_schema_says_of_a_value(client: Client, schema: Schema, value: Any, said: str) -> None:
    client.create(CRDS, definition(obj(x=schema)))
    assert refused(client, widget(x=value)).startswith(f"spec.x: {said}")


def test_sets_and_keyed_lists_have_nothing_twice(client: Client) -> None:
    names = {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"}
    keyed = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    parts = {"type": "array", "items": {**obj(name=TEXT, n=NUMBER), "required": ["name"]}, **keyed}
    client.create(CRDS, definition(obj(names=names, parts=parts)))
    given = widget(names=["a", "b", "a"], parts=[{"name": "x", "n": 1}, {"name": "x", "n": 2}])
    assert (
        refused(client, given) == '[spec.names[2]: Duplicate value: "a", spec.parts[1]: Duplicate value: {"name":"x"}]'
    )


def test_a_transition_rule_compares_with_what_was(client: Client) -> None:
    fixed = {**TEXT, "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "color is immutable"}]}
    client.create(CRDS, definition(obj(color=fixed, size=NUMBER)))
    client.create(WIDGETS, widget(color="red"), "default")
    assert changed(client, color="blue")[0] == "spec.color: Invalid value: color is immutable"
    assert changed(client, color="red", size=1) == ("", [])
    assert changed(client, size=1) == ("", [])  # nothing to compare with
    assert changed(client, color="blue") == ("", [])


def test_an_optional_old_value_lets_a_rule_see_the_creation(client: Client) -> None:
    rule = {
        "rule": "oldSelf.hasValue() ? self.size >= oldSelf.value().size : self.size == 0",
        "message": "starts at nought and only grows",
        "optionalOldSelf": True,
    }
    client.create(CRDS, definition(obj(rule, size=NUMBER)))
    assert "starts at nought" in refused(client, widget(size=1))
    client.create(WIDGETS, widget(size=0), "default")
    assert changed(client, size=4) == ("", [])
    assert "only grows" in changed(client, size=3)[0]


def tightened(client: Client, spec: Schema) -> None:
    """Give the definition another schema of `spec`."""
    stored = client.get(CRDS, WIDGETS)
    client.update(CRDS, {**stored, "spec": {**stored["spec"], "versions": definition(spec)["spec"]["versions"]}})


def test_what_an_update_leaves_alone_is_not_held_against_it(client: Client) -> None:
    client.create(CRDS, definition(obj(color=TEXT, size=NUMBER)))
    client.create(WIDGETS, widget(color="purple", size=9), "default")
    small = {**NUMBER, "x-kubernetes-validations": [{"rule": "self < 5", "message": "too big"}]}
    tightened(client, obj(color={**TEXT, "enum": ["red"]}, size=small, note=TEXT))
    assert changed(client, color="purple", size=9, note="x") == ("", ["spec.size: Invalid value: too big"])
    assert changed(client, color="purple", size=8)[0] == "spec.size: Invalid value: too big"
    assert changed(client, color="green", size=9)[0].startswith(
        '[spec.color: Unsupported value: "green": supported values: "red"'
    )


def test_items_of_a_keyed_list_are_compared_by_their_keys(client: Client) -> None:
    part = obj({"rule": "self.n >= oldSelf.n", "message": "only grows"}, name=TEXT, n=NUMBER)
    keyed = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    client.create(CRDS, definition(obj(list={"type": "array", "items": {**part, "required": ["name"]}, **keyed})))
    client.create(WIDGETS, widget(list=[{"name": "a", "n": 1}, {"name": "b", "n": 2}]), "default")
    assert changed(client, list=[{"name": "b", "n": 2}, {"name": "a", "n": 1}]) == ("", [])
    assert changed(client, list=[{"name": "b", "n": 1}])[0] == "spec.list[0]: Invalid value: only grows"


def test_values_are_what_their_schema_says(client: Client) -> None:
    schema = obj(
        {"rule": "self.since.getFullYear() > 2025 && self.share <= 1.0 && self.wait < duration('1h')"},
        since={**TEXT, "format": "date-time"},
        share={"type": "number"},
        wait={**TEXT, "format": "duration"},
    )
    client.create(CRDS, definition(schema))
    client.create(WIDGETS, widget(since="2026-01-01T00:00:00Z", share=1, wait="30m"), "default")


def test_a_rule_that_does_not_compile_is_refused_with_the_definition(client: Client) -> None:
    said = unwritable(client, definition(obj({"rule": "self.szie < 5"}, size=NUMBER)))
    assert said == (
        "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: "
        '{"Rule":"self.szie < 5","Message":"","MessageExpression":"","Reason":null,"FieldPath":"",'
        "\"OptionalOldSelf\":null}: compilation failed: ERROR: <input>:1:5: undefined field 'szie'\n"
        " | self.szie < 5\n | ....^"
    )


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"rule": "self.size"}, "cel expression must evaluate to a bool"),
        ({"rule": "true", "messageExpression": "1"}, "messageExpression must evaluate to a string"),
        ({"rule": "true", "messageExpression": "x"}, "messageExpression compilation failed: ERROR: <input>:1:1: und"),
        ({"rule": " "}, "x-kubernetes-validations[0].rule: Required value: rule is not specified"),
        ({"rule": "true", "reason": "Odd"}, 'reason: Unsupported value: "Odd"'),
        ({"rule": "true", "fieldPath": ".missing"}, "fieldPath must be a valid path"),
        ({"rule": "true", "optionalOldSelf": True}, "may not be set if oldSelf is not used in rule"),
        ({"rule": "true\n&& true"}, "message must be specified if rule contains line breaks"),
    ],
)
def test_what_else_a_rule_may_not_say(client: Client, rule: Schema, said: str) -> None:
    assert said in unwritable(client, definition(obj(rule, size=NUMBER)))


def test_an_old_value_cannot_be_had_inside_a_list_without_keys(client: Client) -> None:
    item = {**NUMBER, "x-kubernetes-validations": [{"rule": "self >= oldSelf"}]}
    said = unwritable(client, definition(obj(list={"type": "array", "items": item})))
    assert "oldSelf cannot be used on the uncorrelatable portion of the schema" in said


def condition(definition: dict[str, Any], type_: str) -> tuple[str, str, str]:
    (found,) = [one for one in definition["status"]["conditions"] if one["type"] == type_]
    return found["status"], found["reason"], found["message"]


def test_a_new_definition_is_established(client: Client) -> None:
    client.create(CRDS, definition(obj(size=NUMBER)))
    made = client.get(CRDS, WIDGETS)
    assert condition(made, "NamesAccepted") == ("True", "NoConflicts", "no conflicts found")
    text = "the initial names have been accepted"
    assert condition(made, "Established") == ("True", "InitialNamesAccepted", text)
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    assert made["status"]["acceptedNames"] == names
    assert made["status"]["storedVersions"] == ["v1"]


def rival() -> dict[str, Any]:
    """Another definition of the same group that wants the same kind."""
    made = definition(obj(size=NUMBER))
    names = {"plural": "gadgets", "kind": "Widget", "listKind": "GadgetList"}
    return {"metadata": {"name": "gadgets.example.com"}, "spec": {**made["spec"], "names": names}}


def test_names_that_are_taken_keep_a_definition_from_being_served_until_they_come_free() -> None:
    lab = Lab().with_controllers()
    lab.kubectl.create(CRDS, definition(obj(size=NUMBER)))
    lab.kubectl.create(CRDS, rival())
    lab.settle()
    waiting = lab.kubectl.get(CRDS, "gadgets.example.com")
    assert condition(waiting, "NamesAccepted") == ("False", "KindConflict", '"Widget" is already in use')
    assert condition(waiting, "Established") == ("False", "NotAccepted", "not all names are accepted")
    assert lab.server.registry.by_resource("example.com", "gadgets") is None
    lab.kubectl.delete(CRDS, WIDGETS, "")
    lab.settle()
    assert condition(lab.kubectl.get(CRDS, "gadgets.example.com"), "Established")[0] == "True"
    assert lab.server.registry.by_resource("example.com", "gadgets") is not None


def test_a_deleted_definition_waits_for_its_objects() -> None:
    lab = Lab().with_controllers()
    lab.kubectl.create(CRDS, definition(obj(size=NUMBER)))
    held = widget(size=1)
    held["metadata"]["finalizers"] = ["example.com/held"]
    lab.kubectl.create(WIDGETS, held, "default")
    lab.kubectl.delete(CRDS, WIDGETS, "")
    gone = lab.kubectl.get(CRDS, WIDGETS)
    assert gone["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert condition(gone, "Terminating")[1] == "InstanceDeletionPending"
    lab.settle()
    pending = lab.kubectl.get(CRDS, WIDGETS)
    assert condition(pending, "Terminating") == (
        "True",
        "InstanceDeletionInProgress",
        "CustomResource deletion is in progress",
    )
    with pytest.raises(StatusError, match="create not allowed while custom resource definition is terminating"):
        lab.kubectl.create(WIDGETS, {**widget(size=1), "metadata": {"name": "new"}}, "default")
    kept = lab.kubectl.get(WIDGETS, "w", "default")
    assert kept["metadata"]["deletionTimestamp"]
    lab.kubectl.update(WIDGETS, {**kept, "metadata": {**kept["metadata"], "finalizers": []}})
    lab.run(6)
    assert lab.store.get(CRDS, "", WIDGETS) is None
    assert lab.server.registry.by_resource("example.com", "widgets") is None


def versions(stored: str, *names: str, **more: Any) -> list[dict[str, Any]]:
    schema = {"type": "object", "properties": {"spec": obj(size=NUMBER)}}
    given = {"served": True, "schema": {"openAPIV3Schema": schema}}
    return [{"name": name, "storage": name == stored, **given, **(more.get(name) or {})} for name in names]


def test_versions_share_what_is_stored_and_a_deprecated_one_is_warned_of(client: Client) -> None:
    made = definition(obj(size=NUMBER))
    made["spec"]["versions"] = versions("v1", "v1", "v1beta1", v1beta1={"deprecated": True})
    client.create(CRDS, made)
    client.create(WIDGETS, widget(size=1), "default")
    request = Request("get", ADMIN, "example.com", "v1beta1", "widgets", namespace="default", name="w")
    answer = client.server.handle(request)
    assert answer.object["apiVersion"] == "example.com/v1beta1" and answer.object["spec"] == {"size": 1}
    assert request.warnings == ["example.com/v1beta1 Widget is deprecated"]


def test_each_version_has_a_schema_and_columns_of_its_own(client: Client) -> None:
    made = definition(obj(size=NUMBER))
    older = {"type": "object", "properties": {"spec": obj(size={**NUMBER, "maximum": 3})}}
    columns = [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}]
    beta = {"schema": {"openAPIV3Schema": older}, "additionalPrinterColumns": columns}
    made["spec"]["versions"] = versions("v1", "v1", "v1beta1", v1beta1=beta)
    client.create(CRDS, made)
    client.create(WIDGETS, widget(size=9), "default")
    given = {**widget(size=9), "apiVersion": "example.com/v1beta1", "metadata": {"name": "x"}}
    request = Request("create", ADMIN, "example.com", "v1beta1", "widgets", namespace="default", body=given)
    with pytest.raises(StatusError, match="spec.size in body should be less than or equal to 3"):
        client.server.handle(request)
    kinds = [client.server.registry.find("example.com", version, "widgets") for version in ("v1", "v1beta1")]
    assert [[column.name for column in kind.columns] for kind in kinds if kind] == [["Name", "Age"], ["Name", "Size"]]


def test_a_version_that_was_stored_stays_until_nothing_is_stored_in_it(client: Client) -> None:
    made = definition(obj(size=NUMBER))
    made["spec"]["versions"] = versions("v1beta1", "v1beta1")
    client.create(CRDS, made)
    stored = client.get(CRDS, WIDGETS)
    client.update(CRDS, {**stored, "spec": {**stored["spec"], "versions": versions("v1", "v1beta1", "v1")}})
    stored = client.get(CRDS, WIDGETS)
    assert stored["status"]["storedVersions"] == ["v1beta1", "v1"]
    with pytest.raises(StatusError, match=r"status.storedVersions\[0\]: .*v1beta1 was previously a storage version"):
        client.update(CRDS, {**stored, "spec": {**stored["spec"], "versions": versions("v1", "v1")}})


def test_selectable_fields_can_be_selected_by(client: Client) -> None:
    client.create(CRDS, definition(obj(color=TEXT), selectableFields=[{"jsonPath": ".spec.color"}]))
    client.create(WIDGETS, widget(color="red"), "default")
    client.create(WIDGETS, {**widget(color="blue"), "metadata": {"name": "b"}}, "default")

    def found(selector: str) -> list[str]:
        request = Request("list", ADMIN, "example.com", "v1", "widgets", namespace="default", field_selector=selector)
        return [one["metadata"]["name"] for one in client.server.handle(request).object["items"]]

    assert found("spec.color=blue") == ["b"]
    assert found("spec.color!=blue") == ["w"]
    with pytest.raises(StatusError, match="field label not supported"):
        found("spec.size=1")


def test_a_generation_counts_changes_of_what_is_wished(client: Client) -> None:
    status = {"type": "object", "properties": {"seen": NUMBER}}
    root = {"properties": {"spec": obj(size=NUMBER), "status": status}}
    client.create(CRDS, definition(obj(size=NUMBER), root=root, subresources={"status": {}}))
    made = client.create(WIDGETS, {**widget(size=1), "status": {"seen": 9}}, "default")
    assert made["metadata"]["generation"] == 1 and "status" not in made
    made = client.update_status(WIDGETS, {**made, "status": {"seen": 1}})
    assert made["metadata"]["generation"] == 1
    labelled = {**made, "metadata": {**made["metadata"], "labels": {"a": "b"}}}
    made = client.update(WIDGETS, labelled)
    assert made["metadata"]["generation"] == 1
    made = client.update(WIDGETS, {**made, "spec": {"size": 2}, "status": {"seen": 5}})
    assert made["metadata"]["generation"] == 2 and made["status"] == {"seen": 1}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"additionalPrinterColumns": [{"name": "A", "type": "text", "jsonPath": ".spec.a"}]},
            'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,'
            "string",
        ),
        (
            {"additionalPrinterColumns": [{"name": "A", "type": "string", "jsonPath": "spec.a"}]},
            'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.a": must be a simple json path starting '
            "with .",
        ),
        (
            {"subresources": {"scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".spec.n"}}},
            'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.n": should be a json path under .status',
        ),
    ],
)
def test_columns_and_subresources_are_checked(client: Client, more: Schema, said: str) -> None:
    assert unwritable(client, definition(obj(a=TEXT), **more)) == said


def test_lists_say_what_they_hold_and_what_tells_their_items_apart(client: Client) -> None:
    part = "spec.validation.openAPIV3Schema.properties[spec].properties[x]"
    assert (
        unwritable(client, definition(obj(x={"type": "array"}))) == f"{part}.items: Required value: must be specified"
    )
    keyed = {"type": "array", "items": obj(name=TEXT), "x-kubernetes-list-type": "map"}
    text = "must not be empty if x-kubernetes-list-type is map"
    assert unwritable(client, definition(obj(x=keyed))) == f"{part}.x-kubernetes-list-map-keys: Required value: {text}"
    keyed["x-kubernetes-list-map-keys"] = ["name"]
    text = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
    said = unwritable(client, definition(obj(x=keyed)))
    assert said == f"{part}.items.properties[name].default: Required value: {text}"
