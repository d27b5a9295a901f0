// The picture in two canvas layers, for hundreds and thousands of pods: machines and edges below, cells above.
import { neighbourhood } from "../model/graph.js";
import { shortName } from "../layout/cells.js";

const STATES = ["ready", "running", "creating", "pending", "crashloop", "failed", "succeeded", "terminating"];

export class CanvasScene {
  constructor(host, { onChoose, onHover, words }) {
    Object.assign(this, { onChoose, onHover, words, host, zoom: { k: 1, x: 0, y: 0 }, lit: new Map() });
    this.root = document.createElement("div");
    this.root.className = "picture";
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "img");
    this.root.setAttribute("aria-label", words.pictureLarge);
    [this.below, this.above] = [document.createElement("canvas"), document.createElement("canvas")];
    this.root.append(this.below, this.above);
    host.append(this.root);
    this.root.addEventListener("click", (event) => this.onChoose(this.#at(event)));
    this.root.addEventListener("pointermove", (event) => this.onHover(this.#at(event)));
  }

  get element() {
    return this.root;
  }

  transform(zoom) {
    this.zoom = zoom;
    this.#draw();
  }

  render(state, layout, { changed, chosen }) {
    Object.assign(this, { state, layout, chosen });
    const now = performance.now();
    for (const id of changed) this.lit.set(id, now + 900);
    this.#draw();
  }

  tick() {
    this.#draw();
  }

  light(id) {
    this.lit.set(id, performance.now() + 1200);
    this.#draw();
  }

  focus() {
    this.root.focus();
  }

  destroy() {
    this.root.remove();
  }

  #at(event) {
    if (!this.layout) return null;
    const box = this.root.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.x - this.zoom.x) / this.zoom.k, (event.clientY - box.y - this.zoom.y) / this.zoom.k];
    for (const [id, at] of this.layout.items) {
      const [w, h] = at.density ? [at.density.dx / 2, at.density.dy / 2] : [at.w / 2, at.h / 2];
      if (Math.abs(x - at.x) <= w && Math.abs(y - at.y) <= h) return id;
    }
    for (const [id, at] of this.layout.groups) if (x >= at.x && x <= at.x + at.w && y >= at.y && y <= at.y + 44) return id;
    return null;
  }

  #draw() {
    if (!this.layout || this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.colors = readColors(this.host);
      this.#paint(this.below, (pen) => this.#ground(pen));
      this.#paint(this.above, (pen) => this.#cells(pen));
    });
  }

  #paint(canvas, draw) {
    const { clientWidth: w, clientHeight: h } = this.root;
    const dense = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(w * dense) || canvas.height !== Math.round(h * dense)) {
      [canvas.width, canvas.height] = [Math.round(w * dense), Math.round(h * dense)];
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, w, h);
    pen.transform(this.zoom.k, 0, 0, this.zoom.k, this.zoom.x, this.zoom.y);
    draw(pen);
  }

  #ground(pen) {
    for (const [id, box] of this.layout.groups) this.#tank(pen, this.state.groups.get(id), box);
    const near = this.chosen ? neighbourhood(this.state, this.chosen) : null;
    pen.strokeStyle = this.colors.accent;
    pen.lineWidth = 1.5;
    for (const id of near?.edges ?? []) this.#edge(pen, this.state.edges.get(id));
  }

  #tank(pen, group, box) {
    pen.beginPath();
    pen.roundRect(box.x, box.y, box.w, box.h, 14);
    pen.fillStyle = this.colors.surface;
    pen.strokeStyle = this.colors.line;
    pen.fill();
    const level = group.cpu?.[1] ? Math.min(1, group.cpu[0] / group.cpu[1]) * (box.h - 44) : 0;
    pen.save();
    pen.clip();
    pen.fillStyle = this.colors.water;
    pen.fillRect(box.x, box.y + box.h - level, box.w, level);
    pen.restore();
    pen.stroke();
    pen.fillStyle = this.colors.ink;
    pen.font = "600 13px Inter, sans-serif";
    pen.fillText(group.id === "waiting" ? this.words.waiting : group.name, box.x + 16, box.y + 24);
    pen.font = "11px Inter, sans-serif";
    pen.fillText(`${group.pods ?? 0} pods ${group.word ?? ""}`, box.x + 16, box.y + 39);
  }

  #edge(pen, edge) {
    const [from, to] = [this.layout.items.get(edge.from), this.layout.items.get(edge.to)];
    if (!from || !to) return;
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
    pen.stroke();
  }

  #cells(pen) {
    const now = performance.now();
    for (const [id, at] of this.layout.items) {
      const item = this.state.nodes.get(id);
      at.density ? this.#cell(pen, item, at) : this.#plate(pen, item, at);
      const until = this.lit.get(id);
      if (id === this.chosen || until > now) this.#halo(pen, at);
      if (until <= now) this.lit.delete(id);
    }
    if (this.lit.size) setTimeout(() => this.#draw(), 300);
  }

  #cell(pen, item, at) {
    const color = this.colors[item.state] ?? this.colors.line;
    const r = at.density.radius;
    pen.beginPath();
    pen.arc(at.x, at.y, r * 0.86, 0, Math.PI * 2);
    pen.setLineDash({ dashed: [3, 3], broken: [5, 3], hatched: [2, 2] }[item.form] ?? []);
    pen.strokeStyle = pen.fillStyle = color;
    pen.lineWidth = 1.6;
    pen.globalAlpha = item.form === "filled" ? 0.55 : 0.12;
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
    pen.setLineDash([]);
    if (item.form === "cross" || item.form === "broken") pen.fillRect(at.x - 1.5, at.y - 1.5, 3, 3);
  }

  #plate(pen, item, at) {
    pen.beginPath();
    pen.roundRect(at.x - at.w / 2, at.y - at.h / 2, at.w, at.h, 10);
    pen.fillStyle = this.colors.surface;
    pen.strokeStyle = this.colors.accent;
    pen.lineWidth = 1.2;
    pen.fill();
    pen.stroke();
    pen.fillStyle = this.colors.ink;
    pen.font = "600 12px Inter, sans-serif";
    pen.fillText(shortName(item.name, 20), at.x - at.w / 2 + 12, at.y - 2);
    pen.font = "10px JetBrains Mono, monospace";
    pen.fillText(`${item.kind} ${item.endpoints ?? item.word ?? ""}`, at.x - at.w / 2 + 12, at.y + 13);
  }

  #halo(pen, at) {
    pen.strokeStyle = this.colors.accent;
    pen.lineWidth = 2.5;
    pen.beginPath();
    if (at.density) pen.arc(at.x, at.y, at.density.radius + 2, 0, Math.PI * 2);
    else pen.roundRect(at.x - at.w / 2 - 3, at.y - at.h / 2 - 3, at.w + 6, at.h + 6, 12);
    pen.stroke();
  }
}

// Colours of the theme as the page resolves them.
function readColors(host) {
  const probe = document.createElement("i");
  host.append(probe);
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = { surface: read("--surface"), ink: read("--ink"), line: read("--line-strong"), accent: read("--accent"), water: read("--water") };
  for (const state of STATES) colors[state] = read(`--s-${state}`);
  colors.present = colors.line;
  probe.remove();
  return colors;
}
