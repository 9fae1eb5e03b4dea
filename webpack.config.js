/**
 * Two ES modules and what they load:
 * - `channelwise.js`, the importable API, with its worker;
 * - `app.js`, the page, which imports the API at run time as anybody else would, and `register.js`.
 * The service worker comes last, by `serviceWorkerConfig`: it holds the list of what the others made.
 * The wasm files are no part of this: the worker fetches them by address, so that either may come later.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import webpack from 'webpack';
import { DIST, ROOT } from './scripts/paths.mjs';
import { TRUSTED_TYPES } from './scripts/policy.mjs';

const API = path.join(ROOT, 'www', 'api', 'index.js');

/**
 * Leaves `import.meta.url` in the code, where it says from where a file is served. webpack would put the
 * source file's place on this machine instead.
 */
class KeepImportMetaUrl {
  /** @param {import('webpack').Compiler} compiler */
  apply(compiler) {
    const name = KeepImportMetaUrl.name;
    compiler.hooks.compilation.tap(name, (_compilation, { normalModuleFactory }) => {
      for (const type of /** @type {const} */ (['javascript/auto', 'javascript/esm'])) {
        normalModuleFactory.hooks.parser.for(type).tap(name, (parser) => {
          parser.hooks.expression.for('import.meta.url').tap({ name, stage: -1 }, () => true);
        });
      }
    });
  }
}

/** @type {import('webpack').Configuration} */
const common = {
  context: ROOT,
  mode: 'production',
  target: ['web', 'es2022'],
  devtool: process.env.CHANNELWISE_SOURCE_MAPS ? 'source-map' : false,
  performance: { hints: false },
  cache: { type: 'filesystem', buildDependencies: { config: [fileURLToPath(import.meta.url)] } },
  resolve: { extensions: ['.js'] },
  // `new URL(…, import.meta.url)` is meant as written, but for workers.
  module: { parser: { javascript: { url: false } } },
};

/** @param {string} policyName @returns {NonNullable<import('webpack').Configuration['output']>} */
const moduleOutput = (policyName) => ({
  path: DIST,
  filename: '[name].js',
  chunkFilename: '[id].[contenthash:10].js',
  module: true,
  chunkFormat: 'module',
  chunkLoading: 'import',
  workerChunkLoading: 'import',
  library: { type: 'module' },
  publicPath: 'auto',
  trustedTypes: { policyName },
});

/** The importable API. @type {import('webpack').Configuration} */
export const api = {
  ...common,
  name: 'api',
  entry: { channelwise: API },
  // The page knows its worker by the script's name.
  optimization: { chunkIds: 'named' },
  experiments: { outputModule: true },
  plugins: [new KeepImportMetaUrl()],
  output: moduleOutput(TRUSTED_TYPES.api),
};

/** The page. @type {import('webpack').Configuration} */
export const page = {
  ...common,
  name: 'page',
  entry: { app: './www/app/index.js', register: './www/register.js' },
  experiments: { outputModule: true },
  plugins: [new KeepImportMetaUrl()],
  output: moduleOutput(TRUSTED_TYPES.page),
  externalsType: 'module',
  externals: [
    ({ context, request }, done) => {
      const resolved = context && request?.startsWith('.') ? path.resolve(context, request) : '';
      if (resolved === API) done(undefined, 'module ./channelwise.js');
      else done();
    },
  ],
};

export default [api, page];

/**
 * The service worker.
 * @param {string} build what tells this build from others
 * @param {string[]} files what works offline, relative to the page
 * @returns {import('webpack').Configuration}
 */
export function serviceWorkerConfig(build, files) {
  return {
    ...common,
    name: 'service-worker',
    target: ['webworker', 'es2022'],
    entry: { sw: './www/sw.js' },
    output: { path: DIST, filename: '[name].js' },
    plugins: [new webpack.DefinePlugin({ BUILD: JSON.stringify(build), FILES: JSON.stringify(files) })],
  };
}
