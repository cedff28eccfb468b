// Records what JavaScript and its libraries make of the texts in asked.json: run it where they are installed.
//
//   mkdir /tmp/recorder && cd /tmp/recorder && npm init -y
//   npm install js-yaml3@npm:js-yaml@3.15.2 js-yaml4@npm:js-yaml@4.3.2 luxon@3 github-slugger@2 slugify@1 \
//     @sindresorhus/slugify@2
//   TZ=Asia/Tokyo node <this file> /tmp/recorder
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2]);
const load = createRequire(join(folder, "package.json"));
const [three, four, { DateTime }, slug] = ["js-yaml3", "js-yaml4", "luxon", "slugify"].map((name) => load(name));
const { slug: github } = await import(pathToFileURL(join(folder, "node_modules/github-slugger/index.js")));
const { default: slugify } = await import(pathToFileURL(join(folder, "node_modules/@sindresorhus/slugify/index.js")));
const asked = JSON.parse(readFileSync(join(here, "asked.json"), "utf8"));

const plain = (value) => {
  if (value instanceof Date) return { date: value.toISOString() };
  if (typeof value === "number") return { number: Object.is(value, -0) ? "0" : String(value) };
  return value ?? null;
};
const scalar = (parse, text) => {
  try {
    return { value: plain(parse(`k: ${text}\n`).k) };
  } catch {
    return { error: true };
  }
};
const instant = (date) => (Number.isNaN(date.getTime()) ? null : date.toISOString());

const recorded = {
  scalars: asked.scalars.map((text) => [text, scalar(three.safeLoad, text), scalar(four.load, text)]),
  dates: asked.dates.map((text) => {
    const luxon = DateTime.fromISO(text, { zone: "utc" });
    return [text, instant(new Date(text)), instant(new Date(`${text}Z`)), luxon.isValid ? instant(luxon.toJSDate()) : null];
  }),
  titles: asked.titles.map((text) => [
    text,
    github(text),
    slugify(text, { decamelize: false }),
    slug(text, { replacement: "-", lower: true }),
  ]),
};
const tables = Object.entries(recorded).map(
  ([name, rows]) => `${JSON.stringify(name)}: [\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]`,
);
writeFileSync(join(here, "recorded.json"), `{\n${tables.join(",\n")}\n}\n`);
