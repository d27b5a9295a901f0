// Views along edges (ownership, traffic, storage …): ranks from left to right, pods with the same parents in one block.
import { densityFor, pack } from "./cells.js";
import { bounds } from "./tanks.js";

const CARD = { w: 196, h: 44 };
const BETWEEN = 76;
const GAP = 14;

export function layoutLayers(state, { width, height }) {
  const ranks = rank(state);
  const blocks = makeBlocks(state, ranks, Math.max(6, Math.round(height / 60)));
  orderBlocks(blocks, state);
  const items = new Map();
  place(blocks, items);
  const groups = new Map();
  return { items, groups, bounds: bounds(items, groups), narrow: width < 500 };
}

// The longest way from a root; edges that close a circle do not count.
export function rank(state) {
  const out = new Map([...state.nodes.keys()].map((id) => [id, []]));
  for (const edge of state.edges.values()) out.get(edge.from).push(edge.to);
  const ranks = new Map();
  const open = new Set();
  const closing = new Set();
  const visit = (id) => {
    if (open.has(id) || ranks.has(id)) return;
    open.add(id);
    for (const to of out.get(id)) open.has(to) ? closing.add(`${id}>${to}`) : visit(to);
    open.delete(id);
    ranks.set(id, 0);
  };
  for (const id of out.keys()) visit(id);
  const order = topological(out, closing);
  for (const id of order) for (const to of out.get(id)) if (!closing.has(`${id}>${to}`)) ranks.set(to, Math.max(ranks.get(to), ranks.get(id) + 1));
  return ranks;
}

function topological(out, closing) {
  const waits = new Map([...out.keys()].map((id) => [id, 0]));
  for (const [id, list] of out) for (const to of list) if (!closing.has(`${id}>${to}`)) waits.set(to, waits.get(to) + 1);
  const ready = [...waits].filter(([, count]) => !count).map(([id]) => id);
  for (let index = 0; index < ready.length; index++) {
    for (const to of out.get(ready[index])) {
      if (closing.has(`${ready[index]}>${to}`)) continue;
      waits.set(to, waits.get(to) - 1);
      if (!waits.get(to)) ready.push(to);
    }
  }
  return ready;
}

function makeBlocks(state, ranks, tall) {
  const parents = new Map([...state.nodes.keys()].map((id) => [id, []]));
  const joined = new Set();
  for (const edge of state.edges.values()) {
    parents.get(edge.to).push(edge.from);
    joined.add(edge.from).add(edge.to);
  }
  const blocks = new Map();
  for (const item of state.nodes.values()) {
    const alone = joined.has(item.id) ? "" : "z";
    const key = item.kind === "Pod" ? `${ranks.get(item.id)}|${alone}${parents.get(item.id).sort().join()}|${item.owner ?? ""}` : item.id;
    if (!blocks.has(key)) blocks.set(key, { key, rank: ranks.get(item.id), items: [], parents: parents.get(item.id), alone });
    blocks.get(key).items.push(item);
  }
  for (const block of blocks.values()) size(block, tall);
  return [...blocks.values()];
}

function size(block, tall) {
  if (block.items[0].kind !== "Pod") return Object.assign(block, CARD);
  block.items.sort((a, b) => (a.name < b.name ? -1 : 1));
  block.density = densityFor(block.items.length);
  block.columns = Math.max(1, Math.ceil(Math.sqrt(block.items.length / 1.6)), Math.ceil(block.items.length / tall));
  block.w = block.columns * block.density.dx;
  block.h = Math.ceil(block.items.length / block.columns) * block.density.dy;
}

// Two sweeps: each block as near as may be to the middle of its parents.
function orderBlocks(blocks) {
  const home = new Map(blocks.flatMap((block) => block.items.map((item) => [item.id, block])));
  const ranks = [...new Set(blocks.map((block) => block.rank))].sort((a, b) => a - b);
  blocks.sort((a, b) => (a.alone + a.items[0].id < b.alone + b.items[0].id ? -1 : 1));
  blocks.forEach((block, index) => (block.order = index));
  for (const each of ranks) {
    const column = blocks.filter((block) => block.rank === each);
    const weight = (block) => {
      const above = block.parents.map((id) => home.get(id)).filter((parent) => parent && parent.rank < each);
      return above.length ? above.reduce((sum, parent) => sum + parent.order, 0) / above.length : block.order;
    };
    const weights = new Map(column.map((block) => [block, block.alone ? 1e6 : weight(block)]));
    column.sort((a, b) => weights.get(a) - weights.get(b) || a.order - b.order);
    column.forEach((block, index) => (block.order = index));
  }
}

function place(blocks, items) {
  const columns = new Map();
  for (const block of blocks) {
    if (!columns.has(block.rank)) columns.set(block.rank, []);
    columns.get(block.rank).push(block);
  }
  const heights = [...columns.values()].map((list) => list.reduce((sum, block) => sum + block.h + GAP, -GAP));
  const tallest = Math.max(1, ...heights);
  let x = 0;
  for (const each of [...columns.keys()].sort((a, b) => a - b)) {
    const list = columns.get(each).sort((a, b) => a.order - b.order);
    const wide = Math.max(...list.map((block) => block.w));
    const height = list.reduce((sum, block) => sum + block.h + GAP, -GAP);
    let y = (tallest - height) / 2;
    for (const block of list) {
      if (block.density) pack(block.items, block.columns, block.density, x, y, items);
      else items.set(block.items[0].id, { x: x + CARD.w / 2, y: y + CARD.h / 2, ...CARD, kind: block.items[0].kind === "Service" ? "gate" : "card" });
      y += block.h + GAP;
    }
    x += wide + BETWEEN;
  }
}
