// Bundles the front end: ES modules split by use, styles and fonts beside them.
// Names of entries are stable, names of everything they pull in carry a hash.
import { build } from "esbuild";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";

const here = new URL(".", import.meta.url).pathname;
await mkdir(`${here}node_modules/.cache`, { recursive: true });
const out = await mkdtemp(`${here}node_modules/.cache/kubarium-`);
await build({
  entryPoints: { "kubarium/main": "src/main.js", "kubarium/style": "src/style/style.css" },
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  sourcemap: false,
  loader: { ".woff2": "file", ".woff": "empty", ".svg": "file" },
  entryNames: "[dir]/[name]",
  chunkNames: "kubarium/part-[name]-[hash]",
  assetNames: "kubarium/file-[name]-[hash]",
  logLevel: "warning",
});

// The finished bundle takes the old one's place at once: a server that starts meanwhile sees one or the other.
const old = `${out}-old`;
await rename(`${here}dist`, old).catch(() => {});
await chmod(out, 0o755); // mkdtemp keeps it to its owner
await rename(out, `${here}dist`);
await rm(old, { recursive: true, force: true });
