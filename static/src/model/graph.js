// The picture's data: pure functions from frames to state. Nothing here touches the page.

export const EMPTY = { revision: 0, nodes: new Map(), edges: new Map(), groups: new Map() };
const PARTS = ["groups", "nodes", "edges"];
const byId = (items) => new Map(items.map((item) => [item.id, item]));

export function fromSnapshot(frame) {
  const { nodes = [], edges = [], groups = [] } = frame.graph;
  return { revision: frame.revision, nodes: byId(nodes), edges: byId(edges), groups: byId(groups) };
}

// Returns the new state and the ids that a reader should notice.
export function applyPatch(state, frame) {
  const next = { revision: frame.revision };
  const changed = new Set();
  for (const part of PARTS) {
    const items = new Map(state[part]);
    for (const id of frame.remove?.[part] ?? []) items.delete(id);
    for (const item of frame.upsert?.[part] ?? []) {
      const before = items.get(item.id);
      if (part === "nodes" && (!before || before.state !== item.state || before.word !== item.word)) changed.add(item.id);
      items.set(item.id, item);
    }
    next[part] = items;
  }
  return { state: next, changed };
}

// What a filter leaves: one namespace or all, system objects or not, names that contain a word.
export function filtered(state, { namespace = "", system = true, search = "" } = {}) {
  const word = search.trim().toLowerCase();
  const shows = (item) =>
    (!namespace || !item.namespace || item.namespace === namespace) &&
    (system || !item.system || (namespace !== "" && item.namespace === namespace)) &&
    (!word || item.name.toLowerCase().includes(word) || (item.app ?? "").toLowerCase().includes(word));
  const nodes = new Map([...state.nodes].filter(([, item]) => shows(item)));
  const edges = new Map([...state.edges].filter(([, edge]) => nodes.has(edge.from) && nodes.has(edge.to)));
  return { ...state, nodes, edges };
}

export function namespaces(state) {
  return [...new Set([...state.nodes.values()].map((item) => item.namespace).filter(Boolean))].sort();
}

// Everything joined to `id` by one edge, and those edges.
export function neighbourhood(state, id) {
  const near = { nodes: new Set([id]), edges: new Set() };
  for (const edge of state.edges.values()) {
    if (edge.from === id || edge.to === id) {
      near.edges.add(edge.id);
      near.nodes.add(edge.from).add(edge.to);
    }
  }
  return near;
}
