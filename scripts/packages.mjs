/** Getting what is missing: npm's packages, Debian's packages. */
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from './paths.mjs';
import { attempt, run } from './run.mjs';
import { Told, task } from './say.mjs';

/** @param {string} file */
export async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

/**
 * The packages of a lockfile that are not installed in the version it names. Optional ones (other
 * systems' binaries) don't count.
 * @param {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} lock
 * @param {{ packages: Record<string, { version?: string }> }} installed
 * @returns {string[]}
 */
export function missingPackages(lock, installed) {
  return Object.entries(lock.packages)
    .filter(([name, entry]) => name !== '' && !entry.optional && !entry.devOptional)
    .filter(([name, entry]) => installed.packages[name]?.version !== entry.version)
    .map(([name]) => name)
    .sort();
}

/** Installs npm's packages where they don't match package-lock.json. */
export async function ensureNodeModules() {
  const read = async (/** @type {string} */ file) => JSON.parse(await readFile(path.join(ROOT, file), 'utf8'));
  const lock = await read('package-lock.json');
  const installed = await read('node_modules/.package-lock.json').catch(() => ({ packages: {} }));
  if (missingPackages(lock, installed).length === 0) return;
  await task("Installing npm's packages", () =>
    run('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: ROOT,
      otherwise: 'npm could not install the packages of package-lock.json; is its registry within reach?',
    }),
  );
}

/** Whether Debian's package manager is here and may be used without asking anybody. */
export async function canInstallDebianPackages() {
  return process.getuid?.() === 0 && (await exists('/usr/bin/apt-get'));
}

/**
 * Installs Debian packages, as root and without asking.
 * @param {string[]} names
 * @returns {Promise<boolean>} whether they are there now
 */
export async function installDebianPackages(names) {
  if (!(await canInstallDebianPackages())) return false;
  const install = () =>
    attempt('apt-get', ['install', '-y', '--no-install-recommends', ...names], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
  return task(`Installing Debian's ${names.join(', ')}`, async () => {
    // A list from when the machine was made would bring an old browser, without what our tests look for.
    await attempt('apt-get', ['update']);
    return (await install()).code === 0;
  });
}

/** Refuses a Node that is too old, in words. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 11)) {
    throw new Told(`Channelwise needs Node 20.11 or newer; this is ${process.versions.node} (see https://nodejs.org).`);
  }
}
