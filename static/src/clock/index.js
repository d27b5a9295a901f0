// The lab's clock: where it stands, how fast it runs, what comes next, and the buttons that steer it.
export class Clock {
  constructor(root, { socket, words }) {
    Object.assign(this, { root, socket, words, base: 0, at: performance.now(), speed: 1, paused: true, next: null });
    this.face = root.querySelector("time");
    this.coming = root.querySelector("[data-next]");
    socket.on("clock", (frame) => this.#set(frame));
    for (const button of root.querySelectorAll("[data-clock]")) button.addEventListener("click", () => this.#press(button.dataset));
    root.querySelector("[data-jump]")?.addEventListener("change", (event) => this.#jump(event.target));
    setInterval(() => this.show(), 250);
  }

  now() {
    return this.paused ? this.base : this.base + ((performance.now() - this.at) / 1000) * this.speed;
  }

  toggle() {
    this.act(this.paused ? "play" : "pause");
  }

  act(action, value) {
    this.socket.send({ type: "clock", action, ...(value === undefined ? {} : { value }) });
  }

  show() {
    if (!this.base) return;
    const moment = new Date(this.now() * 1000);
    this.face.textContent = moment.toISOString().slice(11, 19);
    this.face.dateTime = moment.toISOString();
    this.face.title = moment.toISOString().slice(0, 19).replace("T", " ");
    this.coming.textContent = this.#coming();
  }

  #coming() {
    if (this.paused) return this.words.paused;
    if (!this.next) return this.words.calm;
    const left = Math.max(0, this.next - this.now());
    return this.words.nextIn.replace("{time}", left < 100 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`);
  }

  #set(frame) {
    Object.assign(this, { base: frame.now, at: performance.now(), speed: frame.speed, paused: frame.paused, next: frame.next_due });
    const play = this.root.querySelector("[data-clock='toggle']");
    play?.setAttribute("aria-label", this.paused ? this.words.play : this.words.pause);
    play?.querySelector("use")?.setAttribute("href", this.paused ? "#i-play" : "#i-pause");
    for (const button of this.root.querySelectorAll("[data-clock='speed']")) button.setAttribute("aria-pressed", String(Number(button.dataset.value) === this.speed));
    this.show();
  }

  #press({ clock, value }) {
    if (clock === "toggle") this.toggle();
    else this.act(clock, value === undefined ? undefined : Number(value));
  }

  #jump(select) {
    if (select.value) this.act("jump", Number(select.value));
    select.value = "";
  }
}
