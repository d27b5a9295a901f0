// The manifest editor: YAML with completion, documentation and errors in place; Apply asks the server twice,
// first as a dry run, so that nothing is written unless everything would be.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { forceLinting, lintGutter, lintKeymap, linter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { fetchJson, nonce, postJson } from "../page.js";
import { say } from "../words.js";
import { completions, hovers } from "./assist.js";
import { check } from "./check.js";
import { Schemas } from "./schema.js";

const LOOK = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--accent)", padding: "8px 0" },
  ".cm-scroller": { lineHeight: "1.6" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", border: "none" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--accent) 7%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { backgroundColor: "var(--water)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "var(--shadow)", color: "var(--ink)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--ink)" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal" },
  ".cm-completionInfo": { maxWidth: "42ch", padding: "8px 12px", fontFamily: "var(--sans)" },
  ".field-card": { maxWidth: "56ch", padding: "8px 12px", fontSize: ".8125rem" },
  ".field-card p": { margin: "4px 0 0", maxHeight: "220px", overflow: "auto" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", padding: "6px 10px", whiteSpace: "pre-wrap" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", border: "1px solid var(--line)", color: "var(--muted)" },
});
const INK = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent-ink)" },
  { tag: [tags.string, tags.content], color: "var(--ink)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--s-creating)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.meta, tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--muted)" },
]);

export class Editor {
  constructor(root, { base, words, onApplied, onClosed }) {
    Object.assign(this, { root, base, words, onApplied, onClosed, path: "", saved: null });
    this.answers = root.querySelector("[data-answers]");
    this.title = root.querySelector("[data-path]");
    this.schemas = new Schemas(base);
    this.key = `kubarium:${base}:draft`;
    this.view = new EditorView({ state: this.#state(localStorage.getItem(this.key) ?? ""), parent: root.querySelector("[data-field]") });
    root.querySelector("[data-act='apply']").addEventListener("click", () => this.apply());
    root.querySelector("[data-act='check']").addEventListener("click", () => this.apply({ only: "check" }));
    root.querySelector("[data-act='save']")?.addEventListener("click", () => this.save());
    root.querySelector("[data-act='close']")?.addEventListener("click", () => this.closeFile());
    root.querySelector("[data-starter]")?.addEventListener("change", (event) => this.#starter(event.target));
  }

  get text() {
    return this.view.state.doc.toString();
  }

  get cursorLine() {
    return this.view.state.doc.lineAt(this.view.state.selection.main.head).number;
  }

  setText(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    this.answers.replaceChildren();
  }

  focus() {
    this.view.focus();
  }

  // Opens a file of the terminal's own file system; saving writes it back.
  async openFile(path) {
    const { text } = await fetchJson(`${this.base}file/?path=${encodeURIComponent(path)}`);
    this.#showPath(path);
    this.setText(text);
    this.focus();
  }

  openText(text) {
    this.#showPath("");
    this.setText(text);
    this.focus();
  }

  // Writes the file back and tells the program that waits for it in the terminal.
  async save() {
    if (!this.path) return;
    try {
      await postJson(`${this.base}file/?path=${encodeURIComponent(this.path)}`, { text: this.text });
    } catch (error) {
      this.#say([{ text: say("serverSilent", { why: error.message }), good: false }]);
      return;
    }
    this.#say([{ text: say("saved", { path: this.path }), good: true }]);
    this.closeFile("saved");
  }

  closeFile(how = "closed") {
    const path = this.path;
    this.#showPath("");
    if (path) this.onClosed(path, how);
  }

  async apply({ only } = {}) {
    try {
      const judged = await postJson(`${this.base}apply/`, { text: this.text, dryRun: true });
      this.#show(judged, true);
      if (only === "check" || judged.failed) return;
      const done = await postJson(`${this.base}apply/`, { text: this.text, dryRun: false });
      this.#show(done, false);
      this.onApplied(done);
    } catch (error) {
      this.#say([{ text: say("serverSilent", { why: error.message }), good: false }]);
    }
  }

  #state(doc) {
    return EditorState.create({
      doc,
      extensions: [
        EditorView.cspNonce.of(nonce()),
        lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
        highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), indentUnit.of("  "), EditorState.tabSize.of(2),
        yaml(), LOOK, syntaxHighlighting(INK),
        autocompletion({ override: [completions(this.schemas)], activateOnTyping: true }),
        hovers(this.schemas),
        lintGutter(), linter((view) => this.#lint(view), { delay: 350 }),
        EditorView.contentAttributes.of({ "aria-label": this.words.editor }),
        EditorView.updateListener.of((update) => update.docChanged && localStorage.setItem(this.key, update.state.doc.toString())),
        keymap.of([
          { key: "Mod-Enter", run: () => (this.apply(), true) },
          { key: "Mod-s", run: () => (this.path ? this.save() : this.apply({ only: "check" }), true) },
          { key: "Escape", run: () => (document.querySelector(".tabs [aria-selected='true']")?.focus(), true) },
          ...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, indentWithTab,
        ]),
      ],
    });
  }

  #lint(view) {
    const again = () => forceLinting(view);
    return check(view.state.doc.toString(), (apiVersion, kind) => (this.schemas.isKind(apiVersion, kind) ? this.schemas.now(apiVersion, kind, again) : false), this.words);
  }

  #show(answer, dry) {
    const rows = answer.documents.flatMap((each) => this.#rows(each, dry));
    if (answer.syntax) rows.unshift({ text: `${say("line", { line: answer.syntax.line })} ${answer.syntax.message}`, line: answer.syntax.line, column: answer.syntax.column });
    this.#say(rows);
    this.#mark(rows.filter((row) => !row.good && row.line));
  }

  #rows(each, dry) {
    const subject = each.name ? `${each.kind}/${each.name}` : each.kind;
    if (!each.error) return [{ text: `${subject} ${each.result}${dry ? " (server dry run)" : ""}`, good: true, line: each.line }, ...(each.warnings ?? []).map((text) => ({ text: `Warning: ${text}`, good: true, line: each.line }))];
    const causes = each.causes?.length ? each.causes : [{ line: each.line, message: each.error }];
    return causes.map((cause) => ({ text: `${say("line", { line: cause.line })} ${subject}: ${cause.field ? `${cause.field}: ` : ""}${cause.message}`, line: cause.line, column: cause.column, message: cause.field ? `${cause.field}: ${cause.message}` : cause.message }));
  }

  #mark(rows) {
    const { doc } = this.view.state;
    const marks = rows.map((row) => {
      const line = doc.line(Math.min(row.line, doc.lines));
      const indent = /^\s*/.exec(line.text)[0].length;
      return { from: Math.min(line.from + indent, line.to), to: line.to, severity: "error", message: row.message ?? row.text };
    });
    if (!marks.length) return;
    this.view.dispatch(setDiagnostics(this.view.state, marks.sort((a, b) => a.from - b.from)));
    this.#goto(rows[0].line);
  }

  #goto(number) {
    const line = this.view.state.doc.line(Math.min(number, this.view.state.doc.lines));
    this.view.dispatch({ selection: { anchor: line.from + /^\s*/.exec(line.text)[0].length }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
  }

  #say(rows) {
    const list = document.createElement("ul");
    for (const row of rows) {
      const item = document.createElement("li");
      item.className = row.good ? "good" : "bad";
      const body = row.line ? document.createElement("button") : document.createElement("span");
      body.textContent = `${row.good ? "✓" : "✗"} ${row.text}`;
      if (row.line) body.addEventListener("click", () => (this.#goto(row.line), this.focus()));
      item.append(body);
      list.append(item);
    }
    this.answers.replaceChildren(list);
  }

  #showPath(path) {
    this.path = path;
    this.title.textContent = path;
    for (const act of ["save", "close"]) this.root.querySelector(`[data-act='${act}']`).hidden = !path;
  }

  #starter(select) {
    const text = document.querySelector(`template[data-starter-text='${CSS.escape(select.value)}']`)?.content.textContent;
    if (text) this.openText(text.trim() + "\n");
    select.value = "";
  }
}
