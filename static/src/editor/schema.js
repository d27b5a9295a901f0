// Schemas by apiVersion and kind, fetched when first needed and walked by path.
import { fetchJson } from "../page.js";

export class Schemas {
  constructor(base) {
    this.base = base;
    this.found = new Map();
    this.ready = new Map();
    this.kinds = [];
    fetchJson(`${base}kinds.json`).then(({ kinds }) => (this.kinds = kinds), () => {});
  }

  // What is known at once; asks for the rest and tells `then` when it has come.
  now(apiVersion, kind, then) {
    const key = `${apiVersion}/${kind}`;
    if (apiVersion && kind && !this.found.has(key)) {
      const [version, group = "core"] = apiVersion.split("/").reverse();
      const asked = fetchJson(`${this.base}schema/${group}/${version}/${encodeURIComponent(kind)}.json`).catch(() => null);
      this.found.set(key, asked);
      asked.then((schema) => {
        this.ready.set(key, schema);
        if (schema) then?.();
      });
    }
    return this.ready.get(key) ?? null;
  }

  async wait(apiVersion, kind) {
    this.now(apiVersion, kind);
    return (await this.found.get(`${apiVersion}/${kind}`)) ?? null;
  }

  isKind(apiVersion, kind) {
    return !this.kinds.length || this.kinds.some((each) => each.apiVersion === apiVersion && each.kind === kind);
  }
}

const top = (schema) => ({ type: "object", ref: schema.root });

// The field a path ends at; lists and maps are stepped into on the way. Null where nothing is known.
export function fieldAt(schema, path) {
  let field = top(schema);
  for (const key of path) {
    field = inner(field);
    if (!field.ref) {
      if (field.values) {
        field = field.values;
        continue;
      }
      return null;
    }
    field = schema.types[field.ref]?.fields?.[key];
    if (!field) return null;
  }
  return field;
}

// A list's item, however deep.
export function inner(field) {
  return field.items ? inner(field.items) : field;
}

export function fieldsOf(schema, field) {
  const each = inner(field);
  return each.ref ? (schema.types[each.ref]?.fields ?? null) : null;
}

export function typeName(schema, field) {
  if (field.items) return `[]${typeName(schema, field.items)}`;
  if (field.values) return `map[string]${typeName(schema, field.values)}`;
  return field.ref ?? field.type ?? "any";
}
