// The learner's terminal: keystrokes go to the server's session, its output comes back. Names in it are doors.
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { nonce } from "../page.js";

const EDIT = 7717; // OSC 7717 ; edit ; <path> : open that file in the editor
const NAME = /[a-z0-9]([-a-z0-9.]*[a-z0-9])?/g;

export function mountTerminal(root, { socket, words, onEdit, find, onOpen }) {
  const terminal = new Terminal({
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    fontSize: window.innerWidth < 700 ? 12 : 13.5,
    lineHeight: 1.25,
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    scrollback: 5000,
    screenReaderMode: true,
    theme: theme(root),
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  allowStyles(() => terminal.open(root));
  const area = root.querySelector("textarea");
  area?.setAttribute("aria-label", words.terminal);
  terminal.parser.registerOscHandler(EDIT, (data) => {
    const [verb, ...path] = data.split(";");
    if (verb === "edit") onEdit(path.join(";"));
    return true;
  });
  terminal.registerLinkProvider({ provideLinks: (line, give) => give(links(terminal, line, find, onOpen)) });
  terminal.attachCustomKeyEventHandler((event) => !leaves(event));
  const size = () => ({ cols: terminal.cols, rows: terminal.rows });
  terminal.onData((data) => socket.send({ type: "terminal.input", id: "t1", data }));
  terminal.onResize(() => socket.send({ type: "terminal.resize", id: "t1", ...size() }));
  socket.on("terminal.output", (frame) => terminal.write(frame.data));
  socket.on("open", ({ again }) => {
    if (again) terminal.reset();
    refit(root, fit);
    socket.send({ type: "terminal.open", id: "t1", ...size() });
  });
  new ResizeObserver(() => refit(root, fit)).observe(root);
  document.addEventListener("theme", () => (terminal.options.theme = theme(root)));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (terminal.options.theme = theme(root)));
  document.fonts?.ready.then(() => refit(root, fit));
  return {
    focus: () => terminal.focus(),
    type: (text) => socket.send({ type: "terminal.input", id: "t1", data: text }),
    text: () => screenText(terminal),
    refit: () => refit(root, fit),
  };
}

function refit(root, fit) {
  if (root.clientWidth > 40 && root.clientHeight > 20) fit.fit();
}

// The style policy lets through style elements that carry the page's nonce; xterm makes its own.
function allowStyles(act) {
  const make = document.createElement;
  document.createElement = function (name, options) {
    const element = make.call(document, name, options);
    if (String(name).toLowerCase() === "style") element.nonce = nonce();
    return element;
  };
  try {
    act();
  } finally {
    delete document.createElement;
  }
}

// Ctrl+K, F1 and Shift+Escape belong to the page, so that the keyboard can leave the terminal.
function leaves(event) {
  if (event.type !== "keydown") return false;
  if (event.key === "Escape" && event.shiftKey) {
    document.querySelector(".tabs [aria-selected='true']")?.focus();
    return true;
  }
  return event.key === "F1" || (event.ctrlKey && event.shiftKey && event.key.toLowerCase() === "p");
}

function links(terminal, line, find, onOpen) {
  const text = terminal.buffer.active.getLine(line - 1)?.translateToString(true) ?? "";
  const found = [];
  for (const match of text.matchAll(NAME)) {
    const item = match[0].length > 2 ? find(match[0]) : null;
    if (!item) continue;
    const range = { start: { x: match.index + 1, y: line }, end: { x: match.index + match[0].length, y: line } };
    found.push({ range, text: match[0], activate: () => onOpen(item) });
  }
  return found.length ? found : undefined;
}

function screenText(terminal) {
  const buffer = terminal.buffer.active;
  return Array.from({ length: buffer.length }, (_, index) => buffer.getLine(index)?.translateToString(true) ?? "").join("\n").trimEnd();
}

function theme(root) {
  const probe = document.createElement("i");
  root.append(probe);
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return hex(getComputedStyle(probe).color);
  };
  const colors = {
    background: read("--sunken"), foreground: read("--ink"), cursor: read("--accent"), cursorAccent: read("--sunken"), selectionBackground: read("--water"),
    black: read("--ink"), red: read("--s-failed"), green: read("--s-ready"), yellow: read("--s-pending"), blue: read("--s-creating"),
    magenta: read("--s-terminating"), cyan: read("--accent-ink"), white: read("--muted"), brightBlack: read("--muted"), brightRed: read("--danger"),
    brightGreen: read("--s-ready"), brightYellow: read("--s-pending"), brightBlue: read("--s-running"), brightMagenta: read("--s-terminating"), brightCyan: read("--accent"), brightWhite: read("--ink"),
  };
  probe.remove();
  return colors;
}

function hex(color) {
  const numbers = color.match(/[\d.]+/g) ?? [0, 0, 0];
  return `#${numbers.slice(0, 3).map((each) => Math.round(Number(each)).toString(16).padStart(2, "0")).join("")}`;
}
