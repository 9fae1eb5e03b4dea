/** A tab with the API and nothing else in it, for tests and benchmarks of the API. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { api, launch, site } from '../e2e/harness.js';

/**
 * @typedef {object} Tab
 * @property {string} version of the browser
 * @property {boolean} gpuBuilt whether the `gpu` half has been built
 * @property {string[]} complaints what was written to the console as errors
 * @property {import('playwright-core').BrowserContext} context of the tab
 * @property {string[]} asked the paths that the server was asked for, in order
 * @property {(work: (api: any, input: any) => any, input?: unknown) => Promise<any>} run
 *   runs a function in the tab with the API module
 * @property {(work: (session: any, input: any) => any, input?: unknown, options?: object) => Promise<any>} session
 *   the same with a session that is closed afterwards, on the CPU unless the options say otherwise
 * @property {(work: (session: any, input: any) => any, input?: unknown, options?: object) => Promise<string | undefined>} failure
 *   the code of the ChannelwiseError that the function is rejected with
 * @property {(name: string, work: () => unknown) => Promise<void>} expose makes a function of this process callable there
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ gpu?: boolean, root?: string, base?: string }} [options] `gpu`: with a software WebGPU adapter, else with
 *   none; `root`: another folder than dist; `base`: the path under which it is served
 * @returns {Promise<Tab>}
 */
export async function openTab({ gpu = false, ...serving } = {}) {
  /** @type {string[]} */
  const asked = [];
  const server = await site({ ...serving, onRequest: ({ url = '' }) => asked.push(url) });
  const browser = await launch({ withGpu: gpu, serviceWorkers: 'block' });
  const { page } = browser;
  // Any file of the origin will do, as long as it brings no script of its own.
  await page.goto(new URL('channelwise.d.ts', server.url).href);
  /** @type {Tab['run']} */
  const run = (work, input) => api(page, work, input);
  /** @type {Tab['session']} */
  const session = (work, input, options = { device: 'cpu' }) =>
    api(page, /** @type {any} */ (`async (api, { input, options }) => {
      const session = await api.openSession(options);
      try {
        return await (${work})(session, input);
      } finally {
        await session.close();
      }
    }`), { input, options });
  return {
    version: `Chromium ${browser.context.browser()?.version() ?? ''}`,
    gpuBuilt: existsSync(fileURLToPath(new URL('../../dist/wasm/gpu/channelwise_bg.wasm', import.meta.url))),
    complaints: browser.complaints,
    context: browser.context,
    asked,
    run,
    session,
    failure: (work, input, options) => session(work, input, options).then(() => undefined, (error) => error.code),
    expose: async (name, work) => void (await page.exposeFunction(name, work)),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
