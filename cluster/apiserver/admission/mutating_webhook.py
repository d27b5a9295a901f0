"""MutatingAdmissionWebhook: webhooks that change objects, one after the other, each seeing what the last one made.

A webhook with `reinvocationPolicy: IfNeeded` is asked once more when one after it changed the object. In-tree
plugins are not run again. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

import orjson

from cluster.apiserver.admission import webhook
from cluster.apiserver.admission.matching import GROUP
from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.redraft import shown, take, typed
from cluster.apiserver.admission.webhook import Hook, Hooks
from cluster.apiserver.attributes import CONNECT, CREATE, DELETE, UPDATE, Attributes
from cluster.machinery.errors import internal
from cluster.machinery.meta import Object
from cluster.machinery.patch import jsonpatch


class MutatingAdmissionWebhook(Plugin):
    name = "MutatingAdmissionWebhook"
    operations = (CREATE, UPDATE, DELETE, CONNECT)
    mutates = True

    def __init__(self) -> None:
        self._hooks = Hooks(f"mutatingwebhookconfigurations.{GROUP}")

    def admit(self, attributes: Attributes) -> None:
        hooks = self._hooks.of(attributes.server.store)
        if hooks:
            again = self._round(hooks, attributes, 0)
            if again:
                self._round(again, attributes, 1)

    def _round(self, hooks: tuple[Hook, ...], attributes: Attributes, number: int) -> tuple[Hook, ...]:
        """Ask every hook that matches; return those to be asked again because a later one changed the object."""
        asked: list[Hook] = []
        again: dict[Hook, None] = {}
        for hook in hooks:
            # Whether a hook matches is looked at when its turn comes: one before it may have changed the labels.
            for one, version in webhook.matching((hook,), attributes):
                changed = self._ask(one, attributes, version, f"{number}/{one.configuration}/{one.name}")
                if changed:
                    again.update(dict.fromkeys(earlier for earlier in asked if earlier.reinvoked))
                asked.append(one)
        return tuple(again)

    def _ask(self, hook: Hook, attributes: Attributes, version: str, serial: str) -> bool:
        """Return whether the webhook changed the object."""
        answer = webhook.call(hook, attributes, version, serial, mutating=True)
        if answer is None:
            return False
        webhook.settle(hook, attributes, answer, mutating=True)
        return bool(answer.patch) and _patched(hook, attributes, version, answer.patch)


def _patched(hook: Hook, attributes: Attributes, version: str, patch: bytes) -> bool:
    operations = _operations(patch)
    if not operations:
        return False
    draft = attributes.draft
    if draft is None:
        text = f'admission webhook "{hook.name}" attempted to modify the object, which is not supported for this '
        raise internal(text + "operation")
    before = orjson.dumps(draft)
    try:
        changed = jsonpatch.apply(orjson.loads(orjson.dumps(shown(attributes, draft, version))), operations)
    except (jsonpatch.PatchError, TypeError, AttributeError) as error:
        raise internal(str(error)) from None
    take(attributes, draft, typed(attributes, changed, version), version)
    return orjson.dumps(draft) != before


def _operations(patch: bytes) -> list[Object]:
    try:
        found = orjson.loads(patch)
    except orjson.JSONDecodeError as error:
        raise internal(str(error)) from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise internal("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    return found
