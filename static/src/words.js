// Texts of the page in the reader's language, rendered into it by the server.
const catalogue = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const captions = JSON.parse(document.getElementById("captions")?.textContent ?? "{}");

const fill = (pattern, params) => pattern.replace(/\{(\w+)\}/g, (_, name) => params?.[name] ?? "");

export const say = (id, params) => fill(catalogue[id] ?? id, params);
export const words = catalogue;

// A caption's sentence: the server's own text, else the catalogue's.
export const caption = (entry) => (captions[entry.id] ? fill(captions[entry.id], entry.params) : (entry.text ?? ""));
