"""kubectl explain: what a field is, from the published schemas or a custom resource's own."""

from __future__ import annotations

from collections.abc import Mapping as Named
from typing import Any

from cluster.kinds import schema as schemas
from cluster.kubectl.command import Command, Session
from cluster.kubectl.discovery import Mapping
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.machinery.errors import StatusError

WIDTH = 80
Schema = dict[str, Any]


def run(session: Session) -> int:
    flags = session.flags
    if not session.args:
        raise CommandError('You must specify the type of resource to explain. Use "kubectl api-resources" for a '
                           'complete '
                           "list of supported resources.")
    if len(session.args) > 1:
        raise CommandError("We accept only this format: explain RESOURCE")
    if flags["output"] not in ("plaintext", "plaintext-openapiv2"):
        raise CommandError(f"unrecognized format: {flags['output']}")
    mapping, path = _resolve(session, session.args[0])
    schema = _schema(session, mapping)
    session.out(_head(mapping))
    field, title = _walk(schema, path)
    session.out(_page(field, path[-1] if path else "", title, flags["recursive"]))
    return 0


def _resolve(session: Session, text: str) -> tuple[Mapping, list[str]]:
    """Find the longest beginning that names a resource; the rest is the path of fields."""
    words = text.split(".")
    wanted = session.flags["api-version"]
    try:
        mapping = session.discovery.resource(words[0])
    except CommandError as problem:
        raise CommandError(problem.message + "\n", bare=True) from None
    rest = words[1:]
    group = mapping.group.split(".") if mapping.group else []
    if group and rest[: len(group)] == group:
        rest = rest[len(group) :]
    if wanted:
        _, _, version = wanted.rpartition("/")
        if wanted.rpartition("/")[0] != mapping.group or version not in (
            mapping.kind.version, *mapping.kind.other_versions):
            raise CommandError(f'couldn\'t find resource for "{wanted}, Resource={mapping.kind.plural}"')
        mapping = Mapping(mapping.kind, version)
    return mapping, [word for word in rest if word]


def _schema(session: Session, mapping: Mapping) -> Schema:
    found = schemas.of_kind(mapping.group, mapping.version, mapping.kind.kind)
    return found or _custom(session, mapping)


def _custom(session: Session, mapping: Mapping) -> Schema:
    """Return the schema a CustomResourceDefinition carries."""
    try:
        crd = session.client.get("customresourcedefinitions.apiextensions.k8s.io", mapping.resource)
    except StatusError:
        raise CommandError(f"couldn't find resource for \"{mapping.api_version}, Kind={mapping.kind.kind}\"") from None
    for version in crd["spec"]["versions"]:
        if version["name"] == mapping.version:
            found: Schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
            return {**found, "properties": {**_TYPE_META, **(found.get("properties") or {})}}
    return {}


_TYPE_META: Named[str, Schema] = {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of "
                   "an object. Servers should convert recognized schemas to the latest internal value, and may reject "
                   "unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
                   "api-conventions.md#resources"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object "
             "represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. "
             "In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
             "api-conventions.md#types-kinds"},
    "metadata": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "description": "Standard "
                 "object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
                 "api-conventions.md#metadata"},
}


def _head(mapping: Mapping) -> str:
    group = f"GROUP:      {mapping.group}\n" if mapping.group else ""
    return f"{group}KIND:       {mapping.kind.kind}\nVERSION:    {mapping.version}\n\n"


def _walk(schema: Schema, path: list[str]) -> tuple[Schema, str]:
    current = schema
    for word in path:
        found = schemas.property_of(_inside(current), word)
        if found is None:
            raise CommandError(f'field "{word}" does not exist')
        current = found
    return current, type_name(current)


def _inside(schema: Schema) -> Schema:
    """Step through lists and maps to what they hold."""
    while True:
        inner = schemas.items(schema) or schemas.values(schema)
        if inner is None:
            return schema
        schema = inner


def type_name(schema: Schema) -> str:
    """Return `string`, `[]Container`, `map[string]Quantity`, `Object`."""
    items, values = schemas.items(schema), schemas.values(schema)
    if schemas.reference(schema):
        return schemas.reference(schema).rpartition(".")[2]
    if items is not None:
        return f"[]{type_name(items)}"
    if values is not None:
        return f"map[string]{type_name(values)}"
    found = schemas.type_of(schema)
    return "Object" if found in ("object", "") else found


def _page(field: Schema, name: str, title: str, recursive: bool) -> str:
    out = ""
    if name:
        out += f"FIELD: {name} <{title}>\n"
        enum = _enum(field)
        out += "ENUM:\n" + "".join(f"    {one}\n" for one in enum) + "\n" if enum else "\n\n"
    out += "DESCRIPTION:\n" + _description(field, bool(name))
    fields = schemas.properties(_inside(field))
    if not fields:
        return out + "\n"
    out += "FIELDS:\n"
    inner = _inside(field)
    return out + (_recursive(inner, 1, ()) + "\n" if recursive else _fields(inner)) + ("" if recursive else "\n")


def _enum(schema: Schema) -> list[str]:
    return [str(one) if one != "" else '""' for one in schemas.resolve(schema).get("enum") or schema.get("enum") or ()]


def _description(field: Schema, is_field: bool) -> str:
    """Return the field's own words and those of its type."""
    own = str(field.get("description", ""))
    inside = _inside(field)
    of_type = str(schemas.resolve(inside).get("description", "")) if schemas.reference(inside) or not is_field else ""
    texts = [text for text in dict.fromkeys((own, of_type)) if text]
    if not texts:
        return "    <empty>\n"
    return "".join(wrap(text, 4) for text in texts) + "    \n"


def _fields(schema: Schema) -> str:
    required = set(schemas.resolve(schema).get("required") or ())
    out = ""
    for name in sorted(schemas.properties(schema)):
        one = schemas.properties(schema)[name]
        mark = " -required-" if name in required else ""
        out += f"  {name}\t<{type_name(one)}>{mark}\n"
        enum = _enum(one)
        if enum:
            out += f"  enum: {', '.join(enum[:4])}{', ....' if len(enum) > 4 else ''}\n"
        out += wrap(schemas.description(one) or "<no description>", 4) + "\n"
    return out


def _recursive(schema: Schema, level: int, seen: tuple[str, ...]) -> str:
    required = set(schemas.resolve(schema).get("required") or ())
    out = ""
    for name in sorted(schemas.properties(schema)):
        one = schemas.properties(schema)[name]
        mark = " -required-" if name in required else ""
        out += f"{'  ' * level}{name}\t<{type_name(one)}>{mark}\n"
        enum = _enum(one)
        if enum:
            out += f"{'  ' * level}enum: {', '.join(enum[:4])}{', ....' if len(enum) > 4 else ''}\n"
        inside = _inside(one)
        reference = schemas.reference(inside)
        if reference not in seen or not reference:
            out += _recursive(inside, level + 1, (*seen, reference) if reference else seen)
    return out


def wrap(text: str, indent: int) -> str:
    """Wrap as kubectl's template function does: at eighty columns, paragraphs kept, blanks inside lines too."""
    return "".join(f"{' ' * indent}{line}\n" for paragraph in text.split("\n")
                   for line in _wrapped(paragraph, WIDTH - indent))


def _wrapped(paragraph: str, width: int) -> list[str]:
    words = paragraph.split(" ")
    lines, line = [], words[0]
    for word in words[1:]:
        if line.strip() and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}"
    return [*lines, line]


COMMAND = Command(
    name="explain", short="Get documentation for a resource", run=run,
    usage="explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|"
          "plaintext-openapiv2]",
    long="Describe fields and structure of various resources.\n\n This command describes the fields associated with "
         "each "
         "supported API resource. Fields are identified via a simple JSONPath identifier:\n\n        "
         "<type>.<fieldName>[.<fieldName>]\n        \n Information about each field is retrieved from the server in "
         "OpenAPI format.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    examples="# What a pod is made of\nkubectl explain pods\n\n# With all fields below\nkubectl explain pods "
             "--recursive\n\n"
             "# One field\nkubectl explain pods.spec.containers",
    flags=(Flag("api-version", help="Use given api-version (group/version) of the resource."),
           Flag("output", "string", "plaintext", "Format in which to render the schema. Valid values are: (plaintext, "
                "plaintext-openapiv2).", "o"),
           Flag("recursive", "bool", False, "When true, print the name of all the fields recursively. Otherwise, print "
                "the available fields with their description.")))
