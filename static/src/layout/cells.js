// How pods pack: the fewer there are, the more each may say.
export const DENSITIES = [
  { upTo: 12, radius: 17, dx: 100, dy: 78, label: 16 },
  { upTo: 30, radius: 15, dx: 80, dy: 68, label: 13 },
  { upTo: 80, radius: 12, dx: 34, dy: 34, label: 0 },
  { upTo: 250, radius: 8, dx: 22, dy: 22, label: 0 },
  { upTo: Infinity, radius: 5, dx: 14, dy: 14, label: 0 },
];

export const densityFor = (count) => DENSITIES.find((each) => count <= each.upTo);

// Places `items` row by row in `columns`; returns their positions and the height they take.
export function pack(items, columns, density, x, y, out) {
  items.forEach((item, index) => {
    const column = index % columns;
    const row = Math.floor(index / columns);
    out.set(item.id, { x: x + (column + 0.5) * density.dx, y: y + (row + 0.5) * density.dy, kind: "cell", density });
  });
  return Math.ceil(items.length / columns) * density.dy;
}

// A pod is known by its workload and its own suffix; the template's hash in between says little.
export function shortName(name, limit) {
  if (name.length <= limit) return name;
  const [, base, tail] = /^(.*?)(?:-[a-z0-9]{8,10})?-([a-z0-9]{4,6})$/.exec(name) ?? [];
  if (!tail) return `${name.slice(0, limit - 1)}…`;
  return `${base.slice(0, Math.max(3, limit - tail.length - 1))}…${tail}`;
}
