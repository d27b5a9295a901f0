// Tabs, the splitter between glass and bench, and the phone's four tabs. Sizes and choices survive a reload.

export function mountTabs(bench, onShow) {
  const tabs = [...bench.querySelectorAll("[role=tab]")];
  const show = (name, focus = false) => {
    const chosen = tabs.find((tab) => tab.dataset.tab === name);
    if (!chosen) return;
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
    }
    if (focus) chosen.focus();
    onShow(name);
    sessionStorage.setItem("kubarium:tab", name);
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => show(tab.dataset.tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) show(tabs[(index + step + tabs.length) % tabs.length].dataset.tab, true);
    });
  });
  show(sessionStorage.getItem("kubarium:tab") ?? "terminal");
  return { show };
}

export function mountSplitter(splitter, stage) {
  const set = (share) => {
    const part = Math.min(80, Math.max(8, share));
    stage.style.setProperty("--bench", `${part}%`);
    splitter.setAttribute("aria-valuenow", String(Math.round(part)));
    localStorage.setItem("kubarium:bench", String(part));
  };
  const now = () => Number(splitter.getAttribute("aria-valuenow"));
  const saved = Number(localStorage.getItem("kubarium:bench"));
  set(saved || 40);
  splitter.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 4, ArrowDown: -4 }[event.key];
    if (!step) return;
    event.preventDefault();
    set(now() + step);
  });
  splitter.addEventListener("pointerdown", (event) => {
    splitter.setPointerCapture(event.pointerId);
    const move = (moving) => {
      const box = stage.getBoundingClientRect();
      set(((box.bottom - moving.clientY) / box.height) * 100);
    };
    splitter.addEventListener("pointermove", move);
    splitter.addEventListener("pointerup", () => splitter.removeEventListener("pointermove", move), { once: true });
  });
}

export function mountPhone(onShow) {
  const buttons = [...document.querySelectorAll("[data-phone-tab]")];
  const bench = document.querySelector(".bench");
  const mark = (name) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.phoneTab === name)));
  const show = (name) => {
    const known = buttons.some((button) => button.dataset.phoneTab === name) ? name : "terminal";
    document.body.dataset.phone = known;
    mark(known);
    if (known === "terminal" || known === "editor") bench.querySelector(`[data-tab="${known}"]`)?.click();
    onShow();
  };
  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.phoneTab));
  mark(document.body.dataset.phone);
  return { show: (name) => window.innerWidth <= 700 && show(name) };
}
