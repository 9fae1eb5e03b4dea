/** Makes everything in dist that is not WebAssembly: the API, the page, the service worker. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DIST, ROOT } from './paths.mjs';
import { contentSecurityPolicy } from './policy.mjs';
import { Told, task } from './say.mjs';
import { WORKBOOK_WASM } from './wasm.mjs';

/** Runs webpack and returns the names of the files it made. @param {import('webpack').Configuration[]} configurations */
async function pack(configurations) {
  const { default: webpack } = await import('webpack');
  const compiler = webpack(configurations);
  if (!compiler) throw new Told('webpack did not accept its configuration.');
  /** @type {import('webpack').MultiStats | undefined} */
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => (error ? reject(error) : resolve(result)));
  });
  await new Promise((resolve) => compiler.close(resolve));
  if (!stats || stats.hasErrors() || stats.hasWarnings()) {
    throw new Told('webpack could not bundle www/.', stats?.toString({ preset: 'errors-warnings', colors: false }));
  }
  return (stats.toJson({ all: false, assets: true, children: true }).children ?? [])
    .flatMap((child) => child.assets ?? [])
    .map((asset) => asset.name);
}

/** The files that webpack doesn't make: index.html with its policy, the style sheet, the API's types. */
async function copyStatic() {
  const html = await readFile(path.join(ROOT, 'index.html'), 'utf8');
  const policy = contentSecurityPolicy('meta');
  await writeFile(path.join(DIST, 'index.html'), html.replace(/\s*<!-- %POLICY%.*?-->/s, '').replace('%POLICY%', policy));
  await copyFile(path.join(ROOT, 'www', 'app', 'page.css'), path.join(DIST, 'page.css'));
  await copyFile(path.join(ROOT, 'www', 'api', 'types.d.ts'), path.join(DIST, 'channelwise.d.ts'));
  return ['index.html', 'page.css', 'channelwise.d.ts'];
}

/** A digest of the files' names and contents. @param {string[]} files */
async function digest(files) {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) hash.update(file).update(await readFile(path.join(DIST, file)));
  return hash.digest('hex').slice(0, 16);
}

/** A digest of what the wasm files are made from: a build that differs in these alone is another build, too. */
async function sourcesDigest() {
  const files = (await readdir(path.join(ROOT, 'src'), { recursive: true })).filter((name) => /\.(rs|toml)$/.test(name)).sort();
  const hash = createHash('sha256');
  for (const file of ['../Cargo.toml', '../Cargo.lock', ...files]) hash.update(file).update(await readFile(path.join(ROOT, 'src', file)));
  return hash.digest('hex').slice(0, 8);
}

/** Removes what an earlier build left, but for the wasm files. @param {Set<string>} keep */
async function sweep(keep) {
  const entries = await readdir(DIST);
  const stale = entries.filter((name) => name !== 'wasm' && !keep.has(name));
  await Promise.all(stale.map((name) => rm(path.join(DIST, name), { recursive: true })));
}

/** The half that has to work offline, and what reads workbooks. The GPU half is kept once it was used. */
const OFFLINE_WASM = ['wasm/status.json', 'wasm/cpu/channelwise.js', 'wasm/cpu/channelwise_bg.wasm', WORKBOOK_WASM];

/** Bundles www/ into dist. */
export async function bundle() {
  await task('Bundling the page and the API', async () => {
    const { api, page, serviceWorkerConfig } = await import('../webpack.config.js');
    await mkdir(DIST, { recursive: true });
    const made = [...(await pack([api, page])), ...(await copyStatic())];
    const offline = ['./', ...made.filter((name) => !/\.(d\.ts|map)$/.test(name)).sort(), ...OFFLINE_WASM];
    await pack([serviceWorkerConfig(`${await digest(made)}${await sourcesDigest()}`, offline)]);
    await sweep(new Set([...made, 'sw.js', 'sw.js.map']));
  });
}
