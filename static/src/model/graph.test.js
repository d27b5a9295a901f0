import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPatch, filtered, fromSnapshot, neighbourhood } from "./graph.js";

const pod = (name, more = {}) => ({ id: `pods/default/${name}`, name, namespace: "default", state: "ready", ...more });
const start = fromSnapshot({ revision: 3, graph: { nodes: [pod("a"), pod("b")], edges: [{ id: "e", from: "pods/default/a", to: "pods/default/b" }], groups: [] } });

test("a patch changes only what it names and leaves the old state alone", () => {
  const { state, changed } = applyPatch(start, { revision: 4, upsert: { nodes: [pod("a", { state: "failed" })] }, remove: { nodes: ["pods/default/b"] } });
  assert.deepEqual([...state.nodes.keys()], ["pods/default/a"]);
  assert.deepEqual([...changed], ["pods/default/a"]);
  assert.equal(start.nodes.get("pods/default/a").state, "ready");
});

test("a filter drops edges whose ends it drops", () => {
  assert.equal(filtered(start, { search: "a" }).edges.size, 0);
  assert.equal(filtered(start, {}).edges.size, 1);
});

test("system objects stay away unless asked for", () => {
  const item = { id: "clusterroles/-/system:node", name: "system:node", namespace: "", system: true };
  const state = fromSnapshot({ revision: 1, graph: { nodes: [item], edges: [], groups: [] } });
  assert.equal(filtered(state, { system: false }).nodes.size, 0);
  assert.equal(filtered(state, { system: true }).nodes.size, 1);
});

test("a neighbourhood is everything one edge away", () => {
  assert.deepEqual([...neighbourhood(start, "pods/default/a").nodes].sort(), ["pods/default/a", "pods/default/b"]);
});
