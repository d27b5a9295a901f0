// The glass: keeps the graph, chooses layout and renderer, zooms, filters, and says what was chosen.
import { select } from "d3-selection";
import { zoom as zooming, zoomIdentity } from "d3-zoom";
import { layoutLayers } from "../layout/layers.js";
import { layoutTanks } from "../layout/tanks.js";
import { EMPTY, applyPatch, filtered, fromSnapshot, namespaces, neighbourhood } from "../model/graph.js";
import { CanvasScene } from "./canvas.js";
import { SvgScene } from "./svg.js";

const SVG_LIMIT = 400;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Glass {
  constructor(root, { words, onChoose, now }) {
    this.root = root;
    this.host = root.querySelector("[data-picture]");
    this.caption = root.querySelector(".caption");
    this.empty = root.querySelector("[data-empty]");
    Object.assign(this, { words, now, state: EMPTY, shown: EMPTY, changed: new Set(), filter: {}, view: "machine", follow: true });
    this.onChoose = onChoose;
    this.zoom = zooming().scaleExtent([0.08, 5]).on("zoom", (event) => this.#zoomed(event));
    this.#scene(SvgScene);
    new ResizeObserver(() => this.#soon()).observe(this.host);
    setInterval(() => this.scene.tick(this.now(), this.shown), 500);
    this.#buttons();
  }

  snapshot(frame) {
    this.state = fromSnapshot(frame);
    this.follow = true;
    this.#soon();
  }

  patch(frame) {
    const { state, changed } = applyPatch(this.state, frame);
    this.state = state;
    for (const id of changed) this.changed.add(id);
    this.#soon();
  }

  setView(view) {
    this.view = view;
    this.follow = true;
  }

  choose(id) {
    this.chosen = this.state.nodes.has(id) || this.state.groups.has(id) ? id : null;
    this.#soon();
  }

  light(id) {
    this.scene.light(id);
  }

  // The item with this name, best guess first: what a name in the terminal opens.
  find(name) {
    return [...this.state.groups.values(), ...this.state.nodes.values()].find((item) => item.name === name);
  }

  fit(glide = true) {
    const box = this.layout?.bounds;
    if (!box) return;
    const { clientWidth: w, clientHeight: h } = this.host;
    const small = w < 700 && this.caption.offsetTop < 20;
    const top = small ? 4 : 54;
    const foot = small ? 12 : Math.max(58, this.caption.offsetHeight + 22);
    const k = Math.min((w - 48) / box.w, (h - top - foot) / box.h, 1.35);
    const target = zoomIdentity.translate(w / 2 - k * (box.x + box.w / 2), top + (h - top - foot) / 2 - k * (box.y + box.h / 2)).scale(k);
    this.fitting = true;
    select(this.scene.element).call(this.zoom.transform, target);
    this.fitting = false;
    if (glide) this.follow = true;
  }

  #buttons() {
    const press = (name, act) => this.root.querySelector(`[data-act="${name}"]`)?.addEventListener("click", act);
    press("fit", () => this.fit());
    press("nearer", () => select(this.scene.element).call(this.zoom.scaleBy, 1.3));
    press("farther", () => select(this.scene.element).call(this.zoom.scaleBy, 1 / 1.3));
    this.root.querySelector("[data-filter='search']")?.addEventListener("input", (event) => this.#filter({ search: event.target.value }));
    this.spaces = this.root.querySelector("[data-filter='namespace']");
    this.spaces?.addEventListener("change", () => this.#filter(this.#chosenSpace()));
  }

  #chosenSpace() {
    const value = this.spaces?.value ?? "";
    if (value === "*") return { namespace: "", system: true };
    return { namespace: value, system: value ? true : undefined };
  }

  #filter(change) {
    this.filter = { ...this.filter, ...change };
    this.follow = true;
    this.#soon();
  }

  #scene(Kind) {
    this.scene?.destroy();
    this.scene = new Kind(this.host, { words: this.words, onChoose: (id, byKey) => this.#chose(id, byKey), onHover: (id) => this.#hover(id) });
    select(this.scene.element).call(this.zoom).on("dblclick.zoom", null);
  }

  #chose(id, byKey) {
    const item = this.state.nodes.get(id) ?? this.state.groups.get(id);
    if (item?.id === "waiting") return;
    this.chosen = item ? id : null;
    this.onChoose(item ?? null, byKey);
    this.#soon();
  }

  #hover(id) {
    const known = this.shown.nodes.has(id) ? id : null;
    if (known === this.hovered) return;
    this.hovered = known;
    if (this.shown.edges.size) this.#soon();
  }

  #zoomed(event) {
    if (!this.fitting) this.follow = false;
    this.scene.transform(event.transform);
  }

  #soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#render();
    });
  }

  #render() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!width || !height) return;
    const system = this.filter.system ?? this.view === "machine";
    this.shown = filtered(this.state, { ...this.filter, system });
    const Kind = this.shown.nodes.size > SVG_LIMIT ? CanvasScene : SvgScene;
    if (!(this.scene instanceof Kind)) this.#scene(Kind);
    this.layout = (this.view === "machine" ? layoutTanks : layoutLayers)(this.shown, { width, height });
    const subject = this.hovered ?? this.chosen;
    const near = subject && this.shown.nodes.has(subject) ? withSecond(this.shown, subject) : null;
    this.scene.render(this.shown, this.layout, { changed: calm.matches ? new Set() : this.changed, chosen: this.chosen, near: near && near.edges.size ? near : null });
    this.changed = new Set();
    this.scene.tick(this.now(), this.shown);
    if (this.follow) this.fit(false);
    this.empty.hidden = this.shown.nodes.size + this.layout.groups.size > 0;
    this.#listSpaces();
  }

  #listSpaces() {
    if (!this.spaces) return;
    const names = namespaces(this.state);
    const mark = names.join();
    if (mark === this.spaceMark) return;
    this.spaceMark = mark;
    const value = this.spaces.value;
    const fixed = [...this.spaces.options].filter((option) => !option.dataset.space);
    const options = names.map((name) => Object.assign(new Option(name, name)));
    for (const option of options) option.dataset.space = "1";
    this.spaces.replaceChildren(...fixed, ...options);
    this.spaces.value = [...this.spaces.options].some((option) => option.value === value) ? value : "";
  }
}

// A service's light reaches the pods behind it, a pod's the services it calls and those that lead to it.
function withSecond(state, id) {
  const near = neighbourhood(state, id);
  if (state.nodes.get(id).kind !== "Ingress") return near;
  for (const other of [...near.nodes]) {
    const more = neighbourhood(state, other);
    more.nodes.forEach((each) => near.nodes.add(each));
    more.edges.forEach((each) => near.edges.add(each));
  }
  return near;
}
