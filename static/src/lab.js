// The lab page: wires the socket, the glass, the bench, the drawer, the clock and the keys together.
import { Idiomorph } from "idiomorph";
import { Clock } from "./clock/index.js";
import { Drawer } from "./drawer/index.js";
import { Editor } from "./editor/index.js";
import { mountPalette } from "./palette/index.js";
import { mountRequests, onApply, textLeft } from "./requests/index.js";
import { Glass } from "./scene/index.js";
import { Socket } from "./socket.js";
import { mountTerminal } from "./terminal/index.js";
import { Timeline } from "./timeline/index.js";
import { mountPhone, mountSplitter, mountTabs } from "./workbench.js";
import { say, words } from "./words.js";

const one = (selector) => document.querySelector(selector);

export function mountLab() {
  const { base, socket: path } = document.body.dataset;
  const socket = new Socket(path);
  const clock = new Clock(one(".timeline"), { socket, words });
  const drawer = new Drawer(one("#drawer"), { base, onClose: () => glass.choose(null) });
  const open = (item, options) => {
    if (!item?.resource) return;
    drawer.open(item, options);
    glass.choose(item.id ?? `${item.resource}/${item.namespace || "-"}/${item.name}`);
  };
  const glass = new Glass(one("#glass"), { words, now: () => clock.now(), onChoose: (item, byKey) => (item ? open(item, { focus: byKey }) : drawer.close()) });
  let requests;
  const tabs = mountTabs(one(".bench"), (name) => (name === "outline" && showOutline(base, glass.view), name === "requests" && requests?.show()));
  const editor = new Editor(one("#panel-editor"), { base, words, onApplied: () => {}, onClosed: (file, how) => (terminal.type(closing(file, how)), showTab("terminal"), terminal.focus()) });
  const showTab = (name) => (tabs.show(name), phone.show(name));
  const terminal = mountTerminal(one("#terminal"), { socket, words, find: (name) => glass.find(name), onOpen: open, onEdit: (file) => (showTab("editor"), editor.openFile(file)) });
  const phone = mountPhone(() => terminal.refit());
  mountSplitter(one(".splitter"), one(".stage"));
  const timeline = new Timeline({ ticks: one(".timeline canvas"), story: one("#story"), captionBox: one("#caption"), onOpen: open, onFocus: (id) => glass.light(id) });
  const views = mountViews(glass, socket);
  requests = mountRequests(one("#panel-requests"), { base, socket, note: one("#refused"), open: (url) => drawer.go(url, true) });
  if (!one("#panel-requests").hidden) requests.show();

  socket.on("open", () => socket.send({ type: "hello", view: glass.view, since: glass.state.revision }));
  socket.on("open", () => (one("#lost").hidden = true));
  socket.on("lost", () => (one("#lost").hidden = false));
  let outline;
  const refreshOutline = () => {
    if (one("#panel-outline").hidden) return;
    outline ??= setTimeout(() => ((outline = null), showOutline(base, glass.view)), 1000);
  };
  socket.on("graph.snapshot", (frame) => (glass.snapshot(frame), refreshOutline()));
  socket.on("graph.patch", (frame) => {
    glass.patch(frame);
    refreshOutline();
    timeline.tell(frame.captions ?? []);
    drawer.refresh(new Set([...(frame.upsert?.nodes ?? []), ...(frame.upsert?.groups ?? [])].map((item) => item.id)));
  });
  socket.on("timeline", (frame) => timeline.add(frame.entries));
  socket.on("lesson", () => refreshLesson(base));
  socket.on("error", (frame) => (one("#caption").textContent = frame.message));
  socket.open();

  document.addEventListener("click", (event) => (onDoor(event, { editor, showTab, terminal, open }), onApply(event, base)));
  const left = textLeft();
  if (left) (showTab("editor"), editor.openText(left));
  window.addEventListener("lab:edit", (event) => (showTab("editor"), editor.openText(event.detail)));
  mountLesson();
  let shown = "";
  document.body.addEventListener("htmx:load", () => {
    const wanted = one("#lesson-panel")?.dataset.view;
    if (!wanted || wanted === shown) return; // a lesson chooses its view once, then the learner does
    shown = wanted;
    views.show(wanted);
  });
  mountPalette({ actions: actions({ clock, glass, terminal, editor, showTab, views, drawer }), items: () => [...glass.state.groups.values(), ...glass.state.nodes.values()].filter((item) => item.name), open, words });
  window.kubarium = { glass, terminal, editor, clock };
}

// kubectl edit waits for a line, the terminal's other editors for the end of the sequence that opened them.
function closing(file, how) {
  return file.startsWith("/tmp/kubectl-edit-") ? `${how}\r` : "\x1b]7717;done\x07";
}

async function showOutline(base, view) {
  const answer = await fetch(`${base}outline/?view=${view}`, { headers: { "HX-Request": "true" } });
  if (answer.ok) Idiomorph.morph(one("#panel-outline"), await answer.text(), { morphStyle: "innerHTML" });
}

function mountViews(glass, socket) {
  const buttons = [...document.querySelectorAll("#glass [data-view]")];
  const show = (view) => {
    if (view === glass.view) return;
    glass.setView(view);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.view === view));
    socket.send({ type: "hello", view, since: 0 });
  };
  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.view));
  return { show, names: buttons.map((button) => ({ view: button.dataset.view, label: button.textContent.trim() })) };
}

// Doors elsewhere on the page: a manifest to open in the editor, a command to type into the terminal.
function onDoor(event, { editor, showTab, terminal, open }) {
  const edit = event.target.closest("[data-edit-text]");
  if (edit) {
    showTab("editor");
    editor.openText(document.getElementById(edit.dataset.editText)?.textContent ?? "");
  }
  const run = event.target.closest("[data-type], [data-type-line]");
  if (run) {
    showTab("terminal");
    terminal.type(run.dataset.type ?? `${run.dataset.typeLine}\r`);
    terminal.focus();
  }
  const door = event.target.closest("a[data-object]");
  if (door && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const [resource, namespace, name] = door.dataset.object.split("/");
    open({ id: door.dataset.object, resource, namespace, name }, { focus: true });
  }
}

// The panel as the server sees it now; what has not changed stays, a focus or a selection with it.
async function refreshLesson(base) {
  const panel = one("#lesson-panel");
  if (!panel) return;
  const answer = await fetch(`${base}lesson/`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  Idiomorph.morph(panel, await answer.text(), { morphStyle: "outerHTML" });
  window.htmx?.process(one("#lesson"));
}

function mountLesson() {
  for (const button of document.querySelectorAll("[data-act='lesson']")) {
    const show = () => button.setAttribute("aria-expanded", String(document.body.dataset.lesson !== "closed"));
    button.addEventListener("click", () => {
      document.body.dataset.lesson = document.body.dataset.lesson === "closed" ? "open" : "closed";
      show();
    });
    if (window.innerWidth <= 1180 && window.innerWidth > 700) document.body.dataset.lesson = "closed";
    show();
  }
}

function actions({ clock, glass, terminal, editor, showTab, views, drawer }) {
  return [
    { label: say("goTerminal"), key: "t", run: (event) => (event?.preventDefault(), showTab("terminal"), terminal.focus()) },
    { label: say("goEditor"), key: "e", run: (event) => (event?.preventDefault(), showTab("editor"), editor.focus()) },
    { label: say("goGlass"), key: "g", run: () => document.querySelector(".picture .item[tabindex='0']")?.focus() },
    { label: say("playPause"), key: "p", run: () => clock.toggle() },
    { label: say("nextEvent"), key: "n", run: () => clock.act("next") },
    { label: say("fit"), key: "f", run: () => glass.fit() },
    { label: say("goRequests"), key: "r", run: () => showTab("requests") },
    { label: say("story"), key: "s", run: () => showTab("story") },
    { label: say("closeDrawer"), key: "Escape", run: () => document.body.dataset.drawer === "open" && drawer.close() },
    ...views.names.map(({ view, label }, index) => ({ label: say("viewNamed", { name: label }), key: String(index + 1), run: () => views.show(view) })),
  ];
}
