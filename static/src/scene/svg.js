// The picture in SVG, for up to a few hundred things: keyed elements that move, appear and leave.
import { svg, moved, text } from "./elements.js";
import { PIECES, spoken, tank } from "./pieces.js";

const LEAVE = 420;
const EDGES_SHOWN = 160; // beyond, edges show for what is chosen or looked at

export class SvgScene {
  constructor(host, { onChoose, onHover, words }) {
    Object.assign(this, { onChoose, onHover, words });
    this.root = svg("svg", { role: "group", "aria-label": words.picture, preserveAspectRatio: "xMidYMid meet" });
    this.root.append(patterns());
    this.world = svg("g", { class: "scene" });
    this.layers = { groups: svg("g"), edges: svg("g", { "aria-hidden": "true" }), items: svg("g") };
    this.world.append(...Object.values(this.layers));
    this.root.append(this.world);
    host.append(this.root);
    this.drawn = { groups: new Map(), edges: new Map(), items: new Map() };
    this.root.addEventListener("click", (event) => this.onChoose(idOf(event)));
    this.root.addEventListener("pointerover", (event) => this.onHover(idOf(event)));
    this.root.addEventListener("keydown", (event) => this.#key(event));
  }

  get element() {
    return this.root;
  }

  transform(zoom) {
    this.world.setAttribute("transform", zoom);
  }

  render(state, layout, { changed, chosen, near }) {
    this.#groups(state, layout);
    this.#items(state, layout, changed, chosen, near);
    this.#edges(state, layout, near);
    this.#roving();
  }

  tick(now, state) {
    for (const [id, entry] of this.drawn.items) {
      const until = state.nodes.get(id)?.until;
      if (until === undefined && !entry.count) continue;
      entry.count = countDown(entry, until, now);
      describe(entry.element, state.nodes.get(id) ?? {});
    }
  }

  light(id) {
    const element = this.drawn.items.get(id)?.element;
    if (!element) return;
    element.classList.remove("lit");
    void element.getBoundingClientRect(); // restarts the animation
    element.classList.add("lit");
  }

  focus(id) {
    this.drawn.items.get(id)?.element.focus();
  }

  destroy() {
    this.root.remove();
  }

  #groups(state, layout) {
    sync(this.drawn.groups, layout.groups, (id, box, entry) => {
      const group = state.groups.get(id);
      const mark = JSON.stringify([group, box.w, box.h]);
      const element = entry?.element ?? svg("g", { class: `tank item ${id === "waiting" ? "waiting" : ""}`, "data-id": id });
      if (entry?.mark !== mark) element.replaceChildren(tank(group, box, this.words));
      if (!entry) this.layers.groups.append(element);
      if (id !== "waiting") describe(element, group);
      moved(element, box.x, box.y);
      return { element, mark };
    });
  }

  #items(state, layout, changed, chosen, near) {
    sync(this.drawn.items, layout.items, (id, at, entry) => {
      const item = state.nodes.get(id);
      const mark = JSON.stringify([item, at.kind, at.w, at.density?.radius]);
      const element = entry?.element ?? svg("g", { class: "item enter", "data-id": id });
      if (entry?.mark !== mark) element.replaceChildren(PIECES[at.kind](item, at));
      element.setAttribute("class", classes(item, at, entry ? "" : "enter", chosen === id, near && !near.nodes.has(id)));
      element.dataset.state = item.state;
      element.dataset.form = item.form;
      describe(element, item);
      moved(element, at.x, at.y);
      if (!entry) {
        this.layers.items.append(element);
        requestAnimationFrame(() => requestAnimationFrame(() => element.classList.remove("enter")));
      } else if (changed.has(id)) this.light(id);
      return { element, mark, count: entry?.mark === mark ? entry?.count : null };
    });
  }

  #edges(state, layout, near) {
    const wanted = new Map();
    const many = state.edges.size > EDGES_SHOWN;
    for (const edge of state.edges.values()) {
      if (many && !near?.edges.has(edge.id)) continue;
      const [from, to] = [layout.items.get(edge.from), layout.items.get(edge.to)];
      if (from && to) wanted.set(edge.id, { edge, path: route(from, to, layout.down) });
    }
    sync(this.drawn.edges, wanted, (id, { edge, path }, entry) => {
      const element = entry?.element ?? svg("path", { "data-kind": edge.kind, "data-edge": id });
      if (!entry) this.layers.edges.append(element);
      if (edge.kind === "calls" || edge.kind === "routes") element.setAttribute("marker-end", `url(#arrow-${edge.kind})`);
      element.setAttribute("d", path);
      element.setAttribute("class", `edge ${near ? (near.edges.has(id) ? "bright" : "dim") : ""}`);
      return { element };
    });
  }

  // One stop of the Tab key; arrow keys move on from there.
  #roving() {
    const all = [...this.root.querySelectorAll(".item[tabindex]")];
    const current = all.find((element) => element.tabIndex === 0 && element.isConnected) ?? all[0];
    for (const element of all) element.tabIndex = element === current ? 0 : -1;
  }

  #key(event) {
    const from = event.target.closest?.(".item");
    if (!from) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.onChoose(from.dataset.id, true);
    }
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    const next = step && nearest(from, this.root.querySelectorAll(".item[tabindex]"), step);
    if (!next) return;
    event.preventDefault();
    from.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    this.onHover(next.dataset.id);
  }
}

const idOf = (event) => event.target.closest?.(".item")?.dataset.id ?? null;

function describe(element, item) {
  element.setAttribute("role", "button");
  const shown = [...element.querySelectorAll("text")].map((each) => each.textContent.trim()).filter(Boolean);
  const name = spoken(item, shown.join(" "));
  if (element.getAttribute("aria-label") !== name) element.setAttribute("aria-label", name);
  if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
}

function classes(item, at, entering, chosen, dim) {
  const empty = at.kind === "gate" && item.kind === "Service" && !item.endpoints ? "empty" : "";
  return ["item", at.kind, item.system && "system", empty, entering, chosen && "chosen", dim && "dim"].filter(Boolean).join(" ");
}

function sync(drawn, wanted, draw) {
  for (const [id, entry] of drawn) {
    if (wanted.has(id)) continue;
    drawn.delete(id);
    entry.element.classList.add("leave");
    entry.element.removeAttribute("tabindex");
    setTimeout(() => entry.element.remove(), LEAVE);
  }
  for (const [id, value] of wanted) drawn.set(id, draw(id, value, drawn.get(id)));
}

function countDown(entry, until, now) {
  const left = until === undefined ? -1 : Math.ceil(until - now);
  if (left < 0) {
    entry.count?.remove();
    entry.element.classList.remove("counting");
    return null;
  }
  const count = entry.count?.isConnected ? entry.count : text("", { class: "count", y: 4 });
  count.textContent = left > 99 ? `${Math.ceil(left / 60)}m` : `${left}s`;
  entry.element.classList.add("counting");
  if (!count.isConnected) entry.element.firstElementChild?.append(count);
  return count;
}

// From side to side where the ends lie apart, else from below to above.
function route(from, to, vertical) {
  const half = (at, axis) => (at.density ? at.density.radius + 3 : (axis === "x" ? at.w : at.h) / 2);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  if (!vertical && Math.abs(dx) > Math.abs(dy) * 1.2) {
    const [x0, x1] = [from.x + Math.sign(dx) * half(from, "x"), to.x - Math.sign(dx) * half(to, "x")];
    const bend = (x1 - x0) / 2;
    return `M${x0} ${from.y} C${x0 + bend} ${from.y} ${x1 - bend} ${to.y} ${x1} ${to.y}`;
  }
  const down = Math.sign(dy) || 1;
  const [y0, y1] = [from.y + down * half(from, "y"), to.y - down * half(to, "y")];
  const bend = (y1 - y0) / 2;
  return `M${from.x} ${y0} C${from.x} ${y0 + bend} ${to.x} ${y1 - bend} ${to.x} ${y1}`;
}

function nearest(from, all, [dx, dy]) {
  const here = middle(from);
  let best = null;
  for (const element of all) {
    const there = middle(element);
    const along = (there.x - here.x) * dx + (there.y - here.y) * dy;
    const across = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
    if (element === from || along < 4) continue;
    const cost = along + 2.4 * across;
    if (!best || cost < best.cost) best = { element, cost };
  }
  return best?.element;
}

function middle(element) {
  const box = element.getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

function patterns() {
  const hatch = (id, color) => svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("rect", { class: color, width: 2, height: 6 }));
  const arrow = (kind) => svg("marker", { id: `arrow-${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, svg("path", { class: `tip-${kind}`, d: "M0 0 L8 4 L0 8 z" }));
  return svg("defs", {}, hatch("hatch", "hatch-line"), hatch("lid", "lid-line"), arrow("calls"), arrow("routes"));
}
