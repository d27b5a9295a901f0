import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { documentAround, identity, pathTo, siblings } from "./context.js";
import { fieldAt, typeName } from "./schema.js";

const words = { missingField: "missing {field}", wrongType: "{field} must be {type}", lineColumn: "(line {line}, column {column})" };
const schema = {
  root: "Pod",
  types: {
    Pod: { fields: { apiVersion: { type: "string" }, kind: { type: "string" }, spec: { type: "object", ref: "Spec" } } },
    Spec: { fields: { containers: { type: "array", items: { ref: "Container" } }, labels: { values: { type: "string" } }, replicas: { type: "integer" } }, required: ["containers"] },
    Container: { fields: { name: { type: "string" }, image: { type: "string" }, pull: { type: "string", enum: ["Always", "Never"] } } },
  },
};
const judged = (text) => check(text, () => schema, words).map((each) => each.message);
const lines = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: web\n    image: nginx\n    \n  replicas: 1".split("\n");

test("a good manifest has no problem", () => assert.deepEqual(judged("apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: a}]"), []));
test("an unknown field is named with its path", () => assert.deepEqual(judged("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - nam: a"), ['unknown field "spec.containers[0].nam"']));
test("a wrong type is told", () => assert.deepEqual(judged("apiVersion: v1\nkind: Pod\nspec:\n  containers: []\n  replicas: two"), ["spec.replicas must be integer"]));
test("an unsupported value lists the supported ones", () => assert.match(judged("apiVersion: v1\nkind: Pod\nspec:\n  containers: [{pull: Maybe}]")[0], /supported values: "Always", "Never"/));
test("a YAML error has its line and column", () => assert.match(judged("apiVersion: v1\nkind: Pod\n  spec: x: y")[0], /^YAML: .*line \d+, column \d+/));
test("a second document is judged by itself", () => assert.deepEqual(judged("apiVersion: v1\nkind: Pod\n---\nkind: Pod"), ["missing apiVersion"]));

test("the path to the cursor follows indentation and lists", () => {
  assert.deepEqual(pathTo(lines, 6, 4), ["spec", "containers"]);
  assert.deepEqual(pathTo(lines, 7, 2), ["spec"]);
  assert.deepEqual(pathTo(lines, 4, 4), ["spec", "containers"]);
});
test("siblings of the cursor are known", () => assert.deepEqual([...siblings(lines, 6, 4)].sort(), ["image", "name"]));
test("identity reads one document of many", () => {
  const all = [...lines, "---", "kind: Service"];
  assert.equal(identity(documentAround(all, all.length - 1).lines).kind, "Service");
});
test("schemas are walked through lists", () => assert.equal(typeName(schema, fieldAt(schema, ["spec", "containers", "image"])), "string"));
