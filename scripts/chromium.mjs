/** A Chromium for the tests: one that is here, else Debian's, else Playwright's own download. */
import { exists, installDebianPackages } from './packages.mjs';
import { ROOT } from './paths.mjs';
import { ask, attempt } from './run.mjs';
import { Told, task } from './say.mjs';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'google-chrome-beta', 'microsoft-edge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** @returns {Promise<string | undefined>} */
async function present() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (await exists(named)) return named;
    throw new Told(`CHROMIUM_PATH names ${named}, which is not there.`);
  }
  for (const program of PROGRAMS) {
    if (await ask(program, ['--version'])) return program;
  }
  for (const place of PLACES) if (await exists(place)) return place;
  const { chromium } = await import('playwright-core');
  const own = chromium.executablePath();
  return own && (await exists(own)) ? own : undefined;
}

/**
 * Finds a Chromium, installing one where there is none.
 * @returns {Promise<string>} its program
 */
export async function ensureChromium() {
  const here = await present();
  if (here) return whole(here);
  if (await installDebianPackages(['chromium'])) {
    const installed = await present();
    if (installed) return whole(installed);
  }
  await task("Downloading Playwright's Chromium", () =>
    attempt('npx', ['playwright-core', 'install', 'chromium'], { cwd: ROOT, timeout: 600_000 }),
  );
  const downloaded = await present();
  if (downloaded) return downloaded;
  throw new Told('The browser tests need Chromium, which could not be had: install it, or name one in CHROMIUM_PATH.');
}

/** The full path of a program: Playwright wants one. @param {string} program */
async function whole(program) {
  if (program.includes('/') || program.includes('\\')) return program;
  return (await ask('which', [program])) ?? program;
}
