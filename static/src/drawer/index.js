// The drawer: the chosen object's page, fetched as a partial and kept fresh while the object changes.
import { Idiomorph } from "idiomorph";

export class Drawer {
  constructor(root, { base, onClose }) {
    Object.assign(this, { root, base, onClose, url: null, node: null });
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  open(item, { focus = false } = {}) {
    this.node = item;
    const [namespace, name] = item.id ? item.id.split("/").slice(1) : [item.namespace || "-", item.name];
    this.go(`${this.base}objects/${item.resource}/${namespace}/${encodeURIComponent(name)}/`, focus);
  }

  close() {
    document.body.dataset.drawer = "closed";
    this.url = this.node = null;
    this.root.replaceChildren();
    this.onClose();
  }

  // Fetches again when the object shown has changed, at most twice a second.
  refresh(ids) {
    if (!this.url || !ids.has(this.node?.id)) return;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      if (this.url) this.go(this.url);
    }, 500);
  }

  async go(url, focus = false) {
    this.url = url;
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (this.url !== url) return;
    const html = await answer.text();
    document.body.dataset.drawer = "open";
    Idiomorph.morph(this.root, html, { morphStyle: "innerHTML" });
    this.#logs();
    if (focus) this.root.querySelector("h2")?.focus();
  }

  // Logs come from the Kubernetes API itself, as for any client.
  async #logs() {
    for (const place of this.root.querySelectorAll("pre[data-log]")) {
      const answer = await fetch(place.dataset.log, { credentials: "same-origin" });
      const text = await answer.text();
      place.textContent = answer.ok ? text : (JSON.parse(text).message ?? text);
    }
  }

  #click(event) {
    const link = event.target.closest("a[data-drawer]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const id = link.dataset.drawer;
      if (id) this.node = { ...this.node, id };
      this.go(link.getAttribute("href"));
    }
    if (event.target.closest("[data-close]")) this.close();
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
  }
}
