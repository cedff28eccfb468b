// Records what Eleventy says about the posts in blog/: run it in a temporary folder that holds the tool.
//
//   mkdir /tmp/recorder && cd /tmp/recorder && npm init -y && npm install @11ty/eleventy@3.1.5
//   TZ=UTC node <this file> /tmp/recorder
//
// It copies blog/ into that folder, builds it there without writing pages, and writes recorded.json beside itself.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2]);
const { default: Eleventy } = await import(pathToFileURL(join(folder, "node_modules/@11ty/eleventy/src/Eleventy.js")));

const copy = join(folder, "blog");
rmSync(copy, { recursive: true, force: true });
cpSync(join(here, "blog"), copy, { recursive: true });
process.chdir(copy);
let items = [];
const eleventy = new Eleventy(undefined, "../out", {
  quietMode: true,
  config: (settings) => settings.addCollection("recorded", (api) => (items = api.getAll())),
});
const pages = await eleventy.toJSON();
const recorded = items.map(({ inputPath, url, date, data }) => ({
  path: inputPath.replace("./", ""),
  url,
  date: date.toISOString(),
  title: data.title === undefined ? null : String(data.title),
  tags: data.tags ?? [],
}));
const collected = new Set(recorded.map(({ path }) => path));
for (const { inputPath, url } of pages) {
  const path = inputPath.replace("./", "");
  if (!collected.has(path)) recorded.push({ path, url, excluded: true });
}
recorded.sort((one, other) => (one.path < other.path ? -1 : 1));
writeFileSync(join(here, "recorded.json"), `[\n${recorded.map((item) => `  ${JSON.stringify(item)}`).join(",\n")}\n]\n`);
