// Records what Hexo itself says about the posts in awkward/: under the settings of its _config.yml on a machine in
// Tokyo, on one in UTC, and with the settings of tokens.yml added.
//
//     node record.mjs        (Node 20 or newer)
//
// Hexo comes from its package; it is installed into a temporary folder.
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'hexo-'));
const manifest = { name: 'recorded', private: true, hexo: { version: '8.1.2' }, dependencies: { hexo: '8.1.2', 'hexo-renderer-marked': '7.0.1' } };
const ask = `
const Hexo = require('hexo');
const hexo = new Hexo(process.cwd(), { silent: true });
const answer = (read) => { try { return read(); } catch { return null; } };
hexo.init().then(() => hexo.load()).then(() => {
  const shown = new Set(hexo.locals.get('posts').toArray().map((post) => post.source));
  const posts = hexo.model('Post').toArray().map((post) => {
    const dated = Math.abs(post.date.valueOf() - Date.now()) > 86400000; // else it has the date of its file
    return { path: post.source, shown: shown.has(post.source), title: post.title,
      date: dated ? post.date.toISOString() : null, url: dated ? answer(() => post.permalink) : null,
      categories: post.categories.toArray().map((category) => category.name),
      tags: post.tags.toArray().map((tag) => tag.name) };
  });
  posts.sort((a, b) => (a.path < b.path ? -1 : 1));
  process.stdout.write(JSON.stringify(posts));
  return hexo.exit();
});`;

function recorded(zone, extra) {
  const site = join(temporary, 'site');
  for (const name of ['source', '_config.yml', 'db.json']) rmSync(join(site, name), { recursive: true, force: true });
  cpSync(join(here, 'awkward'), site, { recursive: true });
  if (extra) appendFileSync(join(site, '_config.yml'), readFileSync(join(here, extra)));
  writeFileSync(join(site, 'ask.js'), ask);
  const told = execFileSync(process.execPath, ['ask.js'], { cwd: site, env: { ...process.env, TZ: zone }, encoding: 'utf-8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(told.slice(told.indexOf('[{"path"')));
}

cpSync(join(here, 'awkward'), join(temporary, 'site'), { recursive: true });
writeFileSync(join(temporary, 'site/package.json'), JSON.stringify(manifest));
execFileSync('npm', ['install', '--silent'], { cwd: join(temporary, 'site'), stdio: 'inherit' });
const answers = { 'in Tokyo': recorded('Asia/Tokyo'), 'in UTC': recorded('UTC'), tokens: recorded('Asia/Tokyo', 'tokens.yml') };
const lines = Object.entries(answers).map(([name, posts]) => `"${name}": [\n${posts.map((post) => JSON.stringify(post)).join(',\n')}\n]`);
writeFileSync(join(here, 'recorded.json'), `{\n${lines.join(',\n')}\n}\n`);
rmSync(temporary, { recursive: true, force: true });
