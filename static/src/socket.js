// One WebSocket for the page: frames out and in, back by itself after a break, saying so meanwhile.

export class Socket extends EventTarget {
  constructor(path) {
    super();
    this.url = new URL(path, location.href);
    this.url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.tries = 0;
    this.waiting = [];
  }

  open() {
    this.link = new WebSocket(this.url);
    this.link.addEventListener("open", () => this.#opened());
    this.link.addEventListener("message", (event) => this.#received(event.data));
    this.link.addEventListener("close", () => this.#closed());
  }

  get isOpen() {
    return this.link?.readyState === WebSocket.OPEN;
  }

  // Sends now; `keep` holds the frame back until the link is there.
  send(frame, { keep = false } = {}) {
    if (this.isOpen) this.link.send(JSON.stringify(frame));
    else if (keep) this.waiting.push(frame);
  }

  on(type, act) {
    this.addEventListener(type, (event) => act(event.detail));
  }

  #opened() {
    const again = this.tries > 0;
    this.tries = 0;
    this.dispatchEvent(new CustomEvent("open", { detail: { again } }));
    for (const frame of this.waiting.splice(0)) this.send(frame);
  }

  #received(data) {
    const frame = JSON.parse(data);
    this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
  }

  #closed() {
    this.dispatchEvent(new CustomEvent("lost"));
    this.tries += 1;
    setTimeout(() => this.open(), Math.min(400 * 1.6 ** this.tries, 8000));
  }
}
