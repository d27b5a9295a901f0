// The timeline: revisions as ticks by actor, the caption of now, and the whole story as a list of text.
import { caption } from "../words.js";

const KEEP = 600;
const LIST = 200;
const LANES = [/^kubernetes-admin|^ada|^system:admin/, /controller|garbage|endpoint/, /scheduler/, /node|kubelet/];

export class Timeline {
  constructor({ ticks, story, captionBox, onOpen, onFocus }) {
    Object.assign(this, { ticks, story, captionBox, onOpen, onFocus, entries: [] });
    this.pen = ticks.getContext("2d");
    new ResizeObserver(() => this.#draw()).observe(ticks);
    document.addEventListener("theme", () => this.#draw());
    ticks.addEventListener("click", (event) => this.#clicked(event));
  }

  add(entries) {
    const known = this.entries.at(-1)?.revision ?? 0;
    const fresh = entries.filter((entry) => entry.revision > known);
    if (!fresh.length) return;
    this.entries = [...this.entries, ...fresh].slice(-KEEP);
    for (const entry of fresh) if (entry.text || entry.caption || this.story.children.length < 40) this.#write(entry);
    while (this.story.children.length > LIST) this.story.lastElementChild.remove();
    this.#draw();
  }

  // The newest caption is the one that is shown; the screen reader hears it once.
  tell(captions) {
    const told = captions.filter((each) => caption(each));
    const last = told.at(-1);
    if (!last) return;
    this.captionBox.textContent = caption(last);
    this.onFocus(last.focus);
  }

  #write(entry) {
    const row = document.createElement("li");
    const text = entry.caption ? caption(entry.caption) : entry.text || `${entry.verb} ${entry.resource} ${entry.name}`;
    const when = new Date(entry.time * 1000).toISOString().slice(11, 19);
    row.append(span("mono", entry.revision), span("mono when", when), this.#door(entry, text), span("actor", shortActor(entry.actor), `${entry.actor} ${entry.cause ?? ""}`));
    this.story.prepend(row);
  }

  #door(entry, text) {
    const button = document.createElement("button");
    button.textContent = text;
    button.addEventListener("click", () => this.onOpen(entry));
    return button;
  }

  #draw() {
    const { clientWidth: w, clientHeight: h } = this.ticks;
    if (!w) return;
    const dense = window.devicePixelRatio || 1;
    [this.ticks.width, this.ticks.height] = [w * dense, h * dense];
    this.pen.setTransform(dense, 0, 0, dense, 0, 0);
    const colors = ["--accent", "--s-creating", "--s-pending", "--s-ready", "--line-strong"].map((name) => color(this.ticks, name));
    const lane = h / (LANES.length + 1);
    this.step = 5;
    const shown = this.entries.slice(-Math.floor(w / this.step));
    this.shown = shown;
    shown.forEach((entry, index) => {
      const row = laneOf(entry);
      this.pen.fillStyle = colors[row];
      this.pen.globalAlpha = index === shown.length - 1 ? 1 : 0.75;
      const deleted = entry.verb === "DELETED";
      this.pen.fillRect(index * this.step, row * lane + (deleted ? lane / 3 : 1), 3, deleted ? lane / 3 : lane - 2);
    });
  }

  #clicked(event) {
    const entry = this.shown?.[Math.floor(event.offsetX / this.step)];
    if (entry) this.onOpen(entry);
  }
}

// `system:serviceaccount:kube-system:replicaset-controller` is known by its last word.
const shortActor = (actor = "") => (actor.startsWith("system:node:") ? `kubelet ${actor.slice(12)}` : actor.slice(actor.lastIndexOf(":") + 1));

function laneOf(entry) {
  const found = LANES.findIndex((pattern) => pattern.test(entry.actor ?? ""));
  return found < 0 ? LANES.length : found;
}

function span(kind, text, title) {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = text ?? "";
  if (title) element.title = title;
  return element;
}

function color(host, name) {
  host.style.color = `var(${name})`;
  return getComputedStyle(host).color;
}
