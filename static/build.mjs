// Bundles the front end: ES modules split by use, styles and fonts beside them.
// Names of entries are stable, names of everything they pull in carry a hash.
import { build } from "esbuild";
import { rm } from "node:fs/promises";

const out = new URL("./dist/", import.meta.url).pathname;
await rm(out, { recursive: true, force: true });
await build({
  entryPoints: { "kubarium/main": "src/main.js", "kubarium/style": "src/style/style.css" },
  absWorkingDir: new URL(".", import.meta.url).pathname,
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
