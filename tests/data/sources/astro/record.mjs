// Records what Astro says about the posts in blog/: run it in a temporary folder that holds the tool.
//
//   mkdir /tmp/recorder && cd /tmp/recorder && npm init -y && npm install astro@5.18.2 @astrojs/mdx@4
//   TZ=Asia/Tokyo ASTRO_TELEMETRY_DISABLED=1 node <this file> /tmp/recorder
//
// It copies blog/ into that folder, builds it there, and writes recorded.json beside itself.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2]);
const copy = join(folder, "blog");
rmSync(copy, { recursive: true, force: true });
cpSync(join(here, "blog"), copy, { recursive: true });
process.chdir(copy);
const { build } = await import(pathToFileURL(join(folder, "node_modules/astro/dist/core/index.js")));
await build({ root: copy, logLevel: "error" });

const pages = readdirSync(join(copy, "dist"), { recursive: true }).filter((name) => name.endsWith(".html"));
const recorded = pages.flatMap((name) => {
  const said = readFileSync(join(copy, "dist", name), "utf8").match(/id="said">(.*?)<\/script>/s);
  return said ? [JSON.parse(said[1])] : [];
});
recorded.sort((one, other) => (one.path < other.path ? -1 : 1));
writeFileSync(join(here, "recorded.json"), `[\n${recorded.map((item) => `  ${JSON.stringify(item)}`).join(",\n")}\n]\n`);
