// Where the cursor stands in a manifest, read from indentation alone, so that it also works in half-written YAML.
const KEY = /^(\s*)((?:- +)*)(?:"([^"]*)"|'([^']*)'|([^\s#:'"][^#:]*?))\s*:(?:\s+(.*)|$)/;

// The lines of the document around `line` (between `---`), with the number of the first.
export function documentAround(lines, line) {
  let first = line;
  while (first > 0 && !/^---(\s|$)/.test(lines[first - 1])) first--;
  let last = line;
  while (last + 1 < lines.length && !/^---(\s|$)/.test(lines[last + 1])) last++;
  return { first, lines: lines.slice(first, last + 1) };
}

// One line as {indent, key, value, dashes}: `indent` is the column where its key begins.
export function parseLine(text) {
  const found = KEY.exec(text);
  if (found) {
    const [, space, dashes, double, single, plain, value] = found;
    return { indent: space.length + dashes.length, outer: space.length, dashes: dashes.trim().length, key: double ?? single ?? plain, value };
  }
  const space = /^(\s*)((?:- *)*)/.exec(text);
  return { indent: space[0].length, outer: space[1].length, dashes: space[2].replace(/ /g, "").length, key: null, value: text.slice(space[0].length) };
}

// The keys that lead to the mapping in which a key at column `column` of `line` would stand.
export function pathTo(lines, line, column) {
  const path = [];
  let limit = column;
  const here = parseLine(lines[line] ?? "");
  if (here.dashes && here.outer < limit) limit = here.outer + 1;
  for (let index = line - 1; index >= 0 && limit > 0; index--) {
    const text = lines[index];
    if (!text.trim() || text.trim().startsWith("#")) continue;
    const each = parseLine(text);
    if (each.key !== null && each.indent < limit) {
      path.unshift(each.key);
      limit = each.dashes ? each.outer + 1 : each.indent;
      if (each.dashes && each.outer === 0) limit = 1;
    } else if (each.dashes && each.outer < limit) limit = Math.min(limit, each.outer + 1);
  }
  return path;
}

// apiVersion and kind of the document, and which top-level keys it has.
export function identity(lines) {
  const top = {};
  for (const text of lines) {
    const each = parseLine(text);
    if (each.key && each.indent === 0) top[each.key] = (each.value ?? "").replace(/\s+#.*$/, "").replace(/^["']|["']$/g, "").trim();
  }
  return { apiVersion: top.apiVersion, kind: top.kind, keys: Object.keys(top) };
}

// Keys that stand beside the cursor already, so that they are not offered twice.
export function siblings(lines, line, column) {
  const found = new Set();
  for (const step of [-1, 1]) {
    for (let index = line + step; index >= 0 && index < lines.length; index += step) {
      if (!lines[index].trim()) continue;
      const each = parseLine(lines[index]);
      if (each.indent < column) break;
      if (each.indent === column && each.key) found.add(each.key);
      if (each.indent === column && each.dashes && step < 0) break;
      if (each.outer < column && each.dashes && step > 0) break;
    }
  }
  return found;
}
