// The machine view: every node a tank with its pods inside, services as gates above, waiting pods before them.
import { densityFor, pack } from "./cells.js";

const HEAD = 46;
const PAD = 12;
const GAP = 22;
const GATE = { w: 172, h: 44 };

export function layoutTanks(state, { width, height }) {
  const aspect = width / Math.max(height - 130, 120);
  const items = new Map();
  const groups = new Map();
  const pods = podsByGroup(state);
  const most = Math.max(1, ...[...pods.values()].map((each) => each.length));
  const density = densityFor(most);
  const machines = [...state.groups.values()].filter((group) => group.id !== "waiting").sort(byRole);
  const shape = bestShape(machines.length, most, density, aspect);
  const rowWidth = shape.perRow * shape.width + (shape.perRow - 1) * GAP;
  let y = placeGates(state, Math.max(rowWidth, 320), items);
  y = placeWaiting(pods.get("waiting") ?? [], Math.max(rowWidth, 320), density, y, items, groups);
  placeMachines(machines, pods, shape, density, y, items, groups);
  return { items, groups, bounds: bounds(items, groups), down: true };
}

function podsByGroup(state) {
  const found = new Map();
  for (const item of state.nodes.values()) {
    if (item.kind !== "Pod") continue;
    const group = state.groups.has(item.group) ? item.group : "waiting";
    if (!found.has(group)) found.set(group, []);
    found.get(group).push(item);
  }
  const order = (a, b) => Number(a.system ?? 0) - Number(b.system ?? 0) || (a.name < b.name ? -1 : 1);
  for (const list of found.values()) list.sort(order);
  return found;
}

const byRole = (a, b) => (b.roles?.length ?? 0) - (a.roles?.length ?? 0) || a.name.localeCompare(b.name, "en", { numeric: true });

// Tries columns per tank and tanks per row, keeps what fits the window's shape best.
function bestShape(machines, most, density, aspect) {
  let best = null;
  for (let columns = 2; columns <= 24; columns++) {
    const width = Math.max(columns * density.dx, 170) + 2 * PAD + 10;
    const height = HEAD + Math.max(1, Math.ceil(most / columns)) * density.dy + PAD;
    for (let perRow = 1; perRow <= Math.max(1, machines); perRow++) {
      const rows = Math.ceil(machines / perRow);
      const w = perRow * (width + GAP);
      const h = rows * (height + GAP) + 110;
      const waste = Math.max(w / aspect, h) * (1 + 0.04 * (rows - 1));
      if (!best || waste < best.waste - 0.5) best = { waste, columns, width, height, perRow };
    }
  }
  return best;
}

function placeGates(state, rowWidth, items) {
  const gates = [...state.nodes.values()].filter((item) => item.kind === "Service" || item.kind === "Ingress");
  gates.sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.id < b.id ? -1 : 1));
  const perRow = Math.max(1, Math.floor((rowWidth + GAP) / (GATE.w + GAP)));
  const used = Math.min(perRow, gates.length);
  const left = Math.max(0, (rowWidth - used * (GATE.w + GAP) + GAP) / 2);
  gates.forEach((item, index) => {
    const x = left + (index % perRow) * (GATE.w + GAP);
    items.set(item.id, { x: x + GATE.w / 2, y: Math.floor(index / perRow) * (GATE.h + 16) + GATE.h / 2, ...GATE, kind: "gate" });
  });
  return gates.length ? Math.ceil(gates.length / perRow) * (GATE.h + 16) + 46 : 0;
}

function placeWaiting(pods, rowWidth, density, y, items, groups) {
  if (!pods.length) return y;
  const columns = Math.min(pods.length, Math.max(1, Math.floor((rowWidth - 150) / density.dx)));
  const height = pack(pods, columns, density, 140, y + PAD, items) + 2 * PAD;
  groups.set("waiting", { x: 0, y, w: 160 + columns * density.dx, h: height });
  return y + height + GAP;
}

function placeMachines(machines, pods, shape, density, top, items, groups) {
  let y = top;
  for (let first = 0; first < machines.length; first += shape.perRow) {
    const row = machines.slice(first, first + shape.perRow);
    row.forEach((machine, index) => {
      const x = index * (shape.width + GAP);
      groups.set(machine.id, { x, y, w: shape.width, h: shape.height });
      pack(pods.get(machine.id) ?? [], shape.columns, density, x + PAD, y + HEAD, items);
    });
    y += shape.height + GAP;
  }
}

export function bounds(items, groups) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const widen = (x0, y0, x1, y1) => {
    [left, top] = [Math.min(left, x0), Math.min(top, y0)];
    [right, bottom] = [Math.max(right, x1), Math.max(bottom, y1)];
  };
  for (const box of groups.values()) widen(box.x, box.y, box.x + box.w, box.y + box.h);
  for (const at of items.values()) {
    const [w, h] = at.density ? [at.density.dx, at.density.dy] : [at.w, at.h];
    widen(at.x - w / 2, at.y - h / 2, at.x + w / 2, at.y + h / 2);
  }
  return left === Infinity ? { x: 0, y: 0, w: 1, h: 1 } : { x: left, y: top, w: right - left, h: bottom - top };
}
