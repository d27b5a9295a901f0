// Judges manifests before the server does: YAML errors at their place, then fields and types by schema.
import { LineCounter, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";


// Returns problems as {from, to, message, severity}; `schemaOf(apiVersion, kind)` may know nothing (yet).
export function check(text, schemaOf, words) {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, version: "1.1", merge: true });
  const found = [];
  for (const document of documents) {
    for (const problem of [...document.errors]) found.push(syntax(problem, text, words));
    if (!document.errors.length && isMap(document.contents)) found.push(...judge(document.contents, schemaOf, words));
  }
  return found;
}

function syntax(problem, text, words) {
  const [from, to] = problem.pos;
  const message = problem.message.split("\n")[0].replace(/ at line \d+, column \d+:?$/, "");
  const at = problem.linePos?.[0];
  const where = at ? ` ${words.lineColumn.replace("{line}", at.line).replace("{column}", at.col)}` : "";
  return { from: Math.min(from, text.length), to: Math.min(Math.max(to, from + 1), text.length), message: `YAML: ${message}${where}`, severity: "error" };
}

function judge(map, schemaOf, words) {
  const value = (key) => map.get(key);
  const [apiVersion, kind] = [value("apiVersion"), value("kind")];
  if (!kind || !apiVersion) {
    const missing = !apiVersion ? "apiVersion" : "kind";
    return [{ ...range(map.items[0]?.key ?? map), message: words.missingField.replace("{field}", missing), severity: "error" }];
  }
  const schema = schemaOf(apiVersion, kind);
  if (schema === false) return [{ ...range(pair(map, "kind").value), message: `no matches for kind "${kind}" in version "${apiVersion}"`, severity: "error" }];
  return schema ? visit(schema, { type: "object", ref: schema.root }, map, "", words) : [];
}

const pair = (map, key) => map.items.find((each) => each.key?.value === key);
const range = (node) => ({ from: node?.range?.[0] ?? 0, to: Math.max(node?.range?.[1] ?? 1, (node?.range?.[0] ?? 0) + 1) });

function visit(schema, field, node, path, words) {
  if (!node || (isScalar(node) && node.value === null)) return [];
  if (field.items) return isSeq(node) ? node.items.flatMap((each, index) => visit(schema, field.items, each, `${path}[${index}]`, words)) : [wrong(node, path, "array", words)];
  if (field.values) return isMap(node) ? node.items.flatMap((each) => visit(schema, field.values, each.value, `${path}.${each.key?.value}`, words)) : [wrong(node, path, "object", words)];
  const type = field.ref && schema.types[field.ref];
  if (type?.fields) return isMap(node) ? object(schema, type, node, path, words) : [wrong(node, path, "object", words)];
  return scalar(field, node, path, words);
}

function object(schema, type, map, path, words) {
  const found = [];
  for (const each of map.items) {
    const name = String(each.key?.value);
    const field = type.fields[name];
    const where = path ? `${path}.${name}` : name;
    if (!field) found.push({ ...range(each.key), message: `unknown field "${where}"`, severity: "error" });
    else found.push(...visit(schema, field, each.value, where, words));
  }
  for (const name of type.required ?? []) {
    if (!map.has(name)) found.push({ ...range(map.items[0]?.key ?? map), message: words.missingField.replace("{field}", path ? `${path}.${name}` : name), severity: "warning" });
  }
  return found;
}

const FITS = {
  string: (value) => typeof value === "string",
  integer: (value) => Number.isInteger(value) || typeof value === "bigint",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  quantity: (value) => typeof value === "string" || typeof value === "number",
  "int-or-string": (value) => typeof value === "string" || Number.isInteger(value),
};

function scalar(field, node, path, words) {
  const fits = FITS[field.type];
  if (!fits) return [];
  const value = isScalar(node) ? node.value : undefined;
  if (value === undefined || !fits(value instanceof Date ? String(value) : value)) return [wrong(node, path, field.type, words)];
  if (field.enum && !field.enum.includes(value)) {
    return [{ ...range(node), message: `${path}: Unsupported value: ${JSON.stringify(value)}: supported values: ${field.enum.map((each) => JSON.stringify(each)).join(", ")}`, severity: "error" }];
  }
  return [];
}

function wrong(node, path, type, words) {
  return { ...range(node), message: words.wrongType.replace("{field}", path).replace("{type}", type), severity: "error" };
}


