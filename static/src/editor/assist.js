// Completion and hover documentation from the lab's schemas.
import { hoverTooltip } from "@codemirror/view";
import { documentAround, identity, parseLine, pathTo, siblings } from "./context.js";
import { fieldAt, fieldsOf, inner, typeName } from "./schema.js";

export function completions(schemas) {
  return async (context) => {
    const at = context.state.doc.lineAt(context.pos);
    const all = context.state.doc.toString().split("\n");
    const { first, lines } = documentAround(all, at.number - 1);
    const line = at.number - 1 - first;
    const column = context.pos - at.from;
    const before = at.text.slice(0, column);
    const value = /^(\s*(?:- +)*)([\w.\/-]+):\s+(\S*)$/.exec(before);
    if (value) return valueOptions(schemas, lines, line, value, context);
    const key = /^(\s*(?:- +)*)([\w.-]*)$/.exec(before);
    if (!key || (!key[2] && !context.explicit)) return null;
    return keyOptions(schemas, lines, line, key, context);
  };
}

async function keyOptions(schemas, lines, line, [, lead, word], context) {
  const { apiVersion, kind, keys } = identity(lines);
  const column = lead.length;
  const from = context.pos - word.length;
  const path = pathTo(lines, line, column);
  if (!path.length && column === 0 && !(apiVersion && kind)) return { from, options: firstKeys(keys) };
  const schema = await schemas.wait(apiVersion, kind);
  const field = schema && fieldAt(schema, path);
  const fields = field && fieldsOf(schema, field);
  if (!fields) return null;
  const taken = siblings(lines, line, column);
  const required = schema.types[inner(field).ref]?.required ?? [];
  const options = Object.entries(fields)
    .filter(([name]) => !taken.has(name) && name !== "status")
    .map(([name, each]) => ({ label: name, type: "property", detail: typeName(schema, each), info: each.d, boost: required.includes(name) ? 20 : 0, apply: `${name}:${tail(each, column)}` }));
  return { from, options };
}

function tail(field, column) {
  if (field.items) return `\n${" ".repeat(column)}- `;
  return field.ref || field.values ? `\n${" ".repeat(column + 2)}` : " ";
}

const firstKeys = (keys) => ["apiVersion", "kind", "metadata", "spec"].filter((key) => !keys.includes(key)).map((label) => ({ label, apply: `${label}: `, type: "property" }));

async function valueOptions(schemas, lines, line, [, lead, key, word], context) {
  const from = context.pos - word.length;
  const { apiVersion, kind } = identity(lines);
  if (lead.length === 0 && key === "apiVersion") return { from, options: unique(schemas.kinds.filter((each) => !kind || each.kind === kind).map((each) => each.apiVersion)) };
  if (lead.length === 0 && key === "kind") return { from, options: unique(schemas.kinds.filter((each) => !apiVersion || each.apiVersion === apiVersion).map((each) => each.kind)) };
  const schema = await schemas.wait(apiVersion, kind);
  const field = schema && fieldAt(schema, [...pathTo(lines, line, lead.length), key]);
  const values = field?.enum ?? (field?.type === "boolean" ? ["true", "false"] : null);
  return values ? { from, options: values.map((label) => ({ label: String(label), type: "enum" })) } : null;
}

const unique = (labels) => [...new Set(labels)].map((label) => ({ label, type: "class" }));

export function hovers(schemas) {
  return hoverTooltip(async (view, position) => {
    const at = view.state.doc.lineAt(position);
    const here = parseLine(at.text);
    const column = position - at.from;
    if (!here.key || column < here.indent || column > here.indent + here.key.length) return null;
    const { first, lines } = documentAround(view.state.doc.toString().split("\n"), at.number - 1);
    const { apiVersion, kind } = identity(lines);
    const schema = await schemas.wait(apiVersion, kind);
    const path = [...pathTo(lines, at.number - 1 - first, here.indent), here.key];
    const field = schema && fieldAt(schema, path);
    if (!field) return null;
    return { pos: at.from + here.indent, end: at.from + here.indent + here.key.length, above: true, create: () => ({ dom: card(schema, path, field) }) };
  });
}

function card(schema, path, field) {
  const dom = document.createElement("div");
  dom.className = "field-card";
  const head = document.createElement("b");
  head.textContent = path.join(".");
  const type = document.createElement("code");
  type.textContent = ` <${typeName(schema, field)}>`;
  const text = document.createElement("p");
  text.textContent = field.d ?? "";
  dom.append(head, type, text);
  return dom;
}
