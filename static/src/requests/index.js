// Requests: the bench's list, kept fresh by the socket; a refusal's note at the terminal; and what a request's page can do.
import { Idiomorph } from "idiomorph";
import { postJson } from "../page.js";
import { say } from "../words.js";

const KEPT_TEXT = "kubarium:edit"; // a manifest on its way from a request's page to the lab's editor

export function mountRequests(panel, { base, socket, open, note }) {
  let address = `${base}requests/`;
  let waiting = null;
  const fetchList = async () => {
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (answer.status === 200) show(await answer.text());
  };
  const show = (html) => {
    const fresh = document.createRange().createContextualFragment(html);
    fresh.querySelectorAll("[hx-get]").forEach(bare); // the socket says when to look, not a clock
    if (panel.contains(document.activeElement) && document.activeElement.matches("select")) return;
    Idiomorph.morph(panel, fresh, { morphStyle: "innerHTML" });
  };
  const refresh = () => {
    if (panel.hidden) return;
    waiting ??= setTimeout(() => ((waiting = null), fetchList()), 400);
  };
  socket.on("requests", refresh);
  panel.addEventListener("change", (event) => choose(event.target.form));
  panel.addEventListener("submit", (event) => (event.preventDefault(), choose(event.target)));
  const choose = (form) => {
    if (!form) return;
    address = `${base}requests/?${new URLSearchParams(new FormData(form))}`;
    fetchList();
  };
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (link.dataset.request) return open(link.getAttribute("href"));
    address = link.getAttribute("href");
    fetchList();
  });
  mountNote(note, { base, socket, open });
  return { show: fetchList };
}

function bare(element) {
  for (const name of ["hx-get", "hx-trigger", "hx-swap", "hx-target"]) element.removeAttribute(name);
}

// The terminal says only what kubectl says; that a refusal has its own page is said beside it.
function mountNote(note, { base, socket, open }) {
  const link = note.querySelector("a");
  socket.on("terminal.refused", (frame) => {
    link.href = `${base}requests/${frame.request}/`;
    note.querySelector("[data-text]").textContent = say("refusedWhy", { request: frame.request, code: frame.code });
    note.hidden = false;
  });
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open(link.getAttribute("href"));
  });
  note.querySelector("button").addEventListener("click", () => (note.hidden = true));
}

// Apply the way out of a refusal where it is shown.
export async function onApply(event, base) {
  const button = event.target.closest("[data-apply-text]");
  if (!button) return;
  const answer = button.parentElement.querySelector("[data-apply-answer]");
  const text = document.getElementById(button.dataset.applyText)?.textContent ?? "";
  try {
    const { documents = [], error } = await postJson(`${base}apply/`, { text });
    answer.textContent = error ?? documents.map((each) => each.error || `${each.kind} ${each.name} ${each.result}`).join(" · ");
  } catch (fault) {
    answer.textContent = fault.message;
  }
}

// A request on a page of its own: its doors lead into the lab.
export function mountRequestPage() {
  const { base } = document.body.dataset;
  document.addEventListener("click", (event) => {
    onApply(event, base);
    const edit = event.target.closest("[data-edit-text]");
    if (!edit) return;
    sessionStorage.setItem(KEPT_TEXT, document.getElementById(edit.dataset.editText)?.textContent ?? "");
    location.href = base;
  });
}

// What a request's page has left for the editor.
export function textLeft() {
  const text = sessionStorage.getItem(KEPT_TEXT);
  sessionStorage.removeItem(KEPT_TEXT);
  return text;
}
