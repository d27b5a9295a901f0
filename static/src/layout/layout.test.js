import assert from "node:assert/strict";
import { test } from "node:test";
import { fromSnapshot } from "../model/graph.js";
import { shortName } from "./cells.js";
import { layoutLayers, rank } from "./layers.js";
import { layoutTanks } from "./tanks.js";

const size = { width: 1000, height: 600 };
const machine = (name) => ({ id: `nodes/-/${name}`, kind: "Node", name, roles: [] });
const pod = (name, group) => ({ id: `pods/default/${name}`, kind: "Pod", name, group });
const state = (nodes, edges = [], groups = []) => fromSnapshot({ revision: 1, graph: { nodes, edges, groups } });

test("every pod lies inside its tank", () => {
  const pods = Array.from({ length: 23 }, (_, index) => pod(`p${index}`, `nodes/-/w${index % 3}`));
  const { items, groups } = layoutTanks(state(pods, [], ["w0", "w1", "w2"].map(machine)), size);
  for (const each of pods) {
    const at = items.get(each.id);
    const box = groups.get(each.group);
    assert.ok(at.x > box.x && at.x < box.x + box.w && at.y > box.y && at.y < box.y + box.h);
  }
});

test("no two cells share a place, and a thousand pods are laid out at once", () => {
  const pods = Array.from({ length: 1000 }, (_, index) => pod(`p${index}`, `nodes/-/w${index % 20}`));
  const { items } = layoutTanks(state(pods, [], Array.from({ length: 20 }, (_, index) => machine(`w${index}`))), size);
  assert.equal(new Set([...items.values()].map((at) => `${at.x},${at.y}`)).size, 1000);
});

test("pods without a machine wait before the tanks", () => {
  const { items, groups } = layoutTanks(state([pod("late", "waiting")], [], [machine("w0")]), size);
  assert.ok(items.get("pods/default/late").y < groups.get("nodes/-/w0").y);
});

test("ranks grow along edges and circles do not hang", () => {
  const edge = (from, to) => ({ id: `${from}>${to}`, from, to });
  const nodes = ["a", "b", "c"].map((id) => ({ id, kind: "Service", name: id }));
  const ranks = rank(state(nodes, [edge("a", "b"), edge("b", "c"), edge("c", "a")]));
  assert.deepEqual(["a", "b", "c"].map((id) => ranks.get(id)), [0, 1, 2]);
  assert.equal(layoutLayers(state(nodes, [edge("a", "b")]), size).items.size, 3);
});

test("long names keep both ends", () => {
  assert.equal(shortName("frontend-7bf8bf7799-x7k2p", 14), "frontend…x7k2p");
  assert.equal(shortName("redis-replica-5c564977d-cmv6m", 13), "redis-r…cmv6m");
  assert.equal(shortName("kube-controller-manager", 12), "kube-contro…");
});
