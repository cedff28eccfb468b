// Records what Docusaurus says about the posts in blog/: run it in a temporary folder that holds the tool.
//
//   mkdir /tmp/recorder && cd /tmp/recorder && npm init -y
//   npm install @docusaurus/core@3.8.1 @docusaurus/preset-classic@3.8.1 react@18 react-dom@18
//   TZ=Asia/Tokyo NODE_ENV=production node <this file> /tmp/recorder
//
// It copies blog/ into that folder, loads the site without building pages, and writes recorded.json beside itself.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2]);
const load = createRequire(join(folder, "package.json"));

const copy = join(folder, "blog");
rmSync(copy, { recursive: true, force: true });
cpSync(join(here, "blog"), copy, { recursive: true });
const { loadSite } = load("@docusaurus/core/lib/server/site");
const site = await loadSite({ siteDir: copy });
const { content } = site.props.plugins.find(({ name }) => name === "docusaurus-plugin-content-blog");
const recorded = content.blogPosts.map(({ metadata }) => ({
  path: metadata.source.replace("@site/", ""),
  url: metadata.permalink,
  date: metadata.date.toISOString(),
  title: metadata.title,
  tags: metadata.tags.map(({ label }) => label),
  author: metadata.authors.map(({ name }) => name).join(", "),
  unlisted: metadata.unlisted,
}));
recorded.sort((one, other) => (one.path < other.path ? -1 : 1));
writeFileSync(join(here, "recorded.json"), `[\n${recorded.map((item) => `  ${JSON.stringify(item)}`).join(",\n")}\n]\n`);
