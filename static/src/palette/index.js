// The command palette (Ctrl+K) and the sheet of shortcuts (?).
export function mountPalette({ actions, items, open, words }) {
  const dialog = document.getElementById("palette");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  let shown = [];
  let at = 0;

  const offers = () => {
    const word = input.value.trim().toLowerCase();
    const doors = items().map((item) => ({ label: item.name, hint: `${item.kind}${item.namespace ? ` · ${item.namespace}` : ""}`, run: () => open(item) }));
    const all = [...actions, ...doors];
    return all.filter((each) => !word || `${each.label} ${each.hint ?? ""}`.toLowerCase().includes(word)).slice(0, 60);
  };
  const draw = () => {
    shown = offers();
    at = Math.min(at, Math.max(0, shown.length - 1));
    list.replaceChildren(...shown.map((each, index) => option(each, index, index === at, () => run(index))));
    input.setAttribute("aria-activedescendant", shown.length ? `palette-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const run = (index) => {
    const chosen = shown[index];
    dialog.close();
    chosen?.run();
  };
  input.addEventListener("input", () => {
    at = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = (at + step + shown.length) % Math.max(1, shown.length);
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(at);
    }
  });
  const show = () => {
    input.value = "";
    at = 0;
    draw();
    dialog.showModal();
  };
  const sheet = document.getElementById("sheet");
  for (const button of document.querySelectorAll("[data-open='palette']")) button.addEventListener("click", show);
  for (const button of document.querySelectorAll("[data-open='sheet']")) button.addEventListener("click", () => sheet.showModal());
  for (const each of [dialog, sheet]) {
    each.addEventListener("click", (event) => (event.target === each || event.target.closest("[data-close]")) && each.close());
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable='true']");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.target.closest?.(".xterm")) {
      event.preventDefault();
      show();
    } else if (event.key === "F1" || (event.ctrlKey && event.shiftKey && event.key.toLowerCase() === "p")) {
      event.preventDefault();
      show();
    } else if (event.key === "?" && !typing) sheet.showModal();
    else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) actions.find((each) => each.key === event.key)?.run(event);
  });
  return { show, words };
}

function option(each, index, selected, run) {
  const element = document.createElement("li");
  element.id = `palette-${index}`;
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", String(selected));
  const hint = document.createElement("small");
  hint.textContent = each.hint ?? "";
  element.append(each.label, hint);
  element.addEventListener("click", run);
  return element;
}
