/** @import { PrepareOptions, TrainOptions } from '../api/types.js' */

/**
 * Everything a person can set for training. An empty text means: leave it to Channelwise.
 * @typedef {typeof defaults} Settings
 */

export const defaults = {
  device: 'auto',
  optimizer: '',
  learningRate: '',
  momentum: '',
  epochs: '',
  batchSize: '',
  l2: '1',
  seed: '42',
  earlyStopping: '',
  patience: '10',
  stopMetric: 'loss',
  splitBy: 'row',
  test: '20',
  validation: '10',
};

/** @typedef {keyof Settings} SettingName */

/**
 * @typedef {object} Field
 * @property {SettingName} name
 * @property {string[]} [choices] a menu; else a number
 * @property {number} [min]
 * @property {number} [max]
 * @property {string} [step]
 */

/** The form, by group. @type {{ group: string, fields: Field[] }[]} */
export const groups = [
  {
    group: 'fit',
    fields: [
      { name: 'optimizer', choices: ['', 'lbfgs', 'gd', 'momentum', 'adam', 'adamw'] },
      { name: 'learningRate', min: 0, step: 'any' },
      { name: 'momentum', min: 0, max: 1, step: 'any' },
      { name: 'epochs', min: 1, step: '1' },
      { name: 'batchSize', min: 0, step: '1' },
      { name: 'l2', min: 0, step: 'any' },
    ],
  },
  {
    group: 'stop',
    fields: [
      { name: 'earlyStopping', choices: ['', 'on', 'off'] },
      { name: 'patience', min: 1, step: '1' },
      { name: 'stopMetric', choices: ['loss', 'auc'] },
    ],
  },
  {
    group: 'split',
    fields: [
      { name: 'splitBy', choices: ['row', 'user', 'time'] },
      { name: 'test', min: 0, max: 80, step: '1' },
      { name: 'validation', min: 0, max: 50, step: '1' },
    ],
  },
  {
    group: 'run',
    fields: [
      { name: 'device', choices: ['auto', 'webgpu', 'cpu'] },
      { name: 'seed', min: 0, step: '1' },
    ],
  },
];

const fields = new Map(groups.flatMap(({ fields }) => fields).map((field) => [field.name, field]));

/**
 * The value if the form would take it, else the default: the hash is the outside world.
 * @param {SettingName} name
 * @param {string | null | undefined} value
 * @returns {string}
 */
export function accepted(name, value) {
  const field = fields.get(name);
  if (!field || value === null || value === undefined) return defaults[name];
  if (field.choices) return field.choices.includes(value) ? value : defaults[name];
  if (value.trim() === '') return '';
  const number = Number(value);
  const inside = number >= (field.min ?? -Infinity) && number <= (field.max ?? Infinity);
  return inside && (field.step !== '1' || Number.isInteger(number)) ? value : defaults[name];
}

/**
 * Which fields mean something beside the others.
 * @param {Settings} settings
 * @param {SettingName} name
 */
export function applies(settings, name) {
  const { optimizer, earlyStopping } = settings;
  if (name === 'learningRate' || name === 'batchSize') return optimizer !== '' && optimizer !== 'lbfgs';
  if (name === 'momentum') return optimizer === 'momentum';
  if (name === 'patience' || name === 'stopMetric') return earlyStopping === 'on';
  return true;
}

/**
 * @param {Settings} settings
 * @param {SettingName} name
 * @returns {number | undefined}
 */
function number(settings, name) {
  const text = settings[name].trim();
  return text === '' || !applies(settings, name) ? undefined : Number(text);
}

/**
 * Drops what is not set, so that the session's own defaults hold.
 * @template {object} T
 * @param {T} options
 * @returns {T}
 */
function set(options) {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return /** @type {T} */ (Object.fromEntries(entries));
}

/**
 * @param {Settings} settings
 * @returns {TrainOptions}
 */
export function trainOptions(settings) {
  const { device, optimizer, earlyStopping, stopMetric } = settings;
  const kind = /** @type {NonNullable<TrainOptions['optimizer']>['kind'] | ''} */ (optimizer);
  const learningRate = number(settings, 'learningRate');
  const patience = number(settings, 'patience') ?? 10;
  return set({
    model: 'logistic',
    device: /** @type {TrainOptions['device']} */ (device),
    epochs: number(settings, 'epochs'),
    batchSize: number(settings, 'batchSize'),
    l2: number(settings, 'l2'),
    seed: number(settings, 'seed'),
    optimizer: kind ? set({ kind, learningRate, momentum: number(settings, 'momentum') }) : undefined,
    earlyStopping:
      earlyStopping === 'off'
        ? null
        : earlyStopping === 'on'
          ? { patience, metric: /** @type {'loss' | 'auc'} */ (stopMetric) }
          : undefined,
  });
}

/**
 * @param {Settings} settings
 * @returns {PrepareOptions['split']}
 */
export function splitOptions(settings) {
  const test = number(settings, 'test');
  const validation = number(settings, 'validation');
  return set({
    by: /** @type {'row' | 'user' | 'time'} */ (settings.splitBy),
    test: test === undefined ? undefined : test / 100,
    validation: validation === undefined ? undefined : validation / 100,
    seed: number(settings, 'seed'),
  });
}

/**
 * Settings and view as a URL hash: what differs from the defaults, never data.
 * @param {{ [name: string]: string }} view step, theme, language; empty ones are left out
 * @param {Settings} settings
 */
export function toHash(view, settings) {
  const hash = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) if (value) hash.set(name, value);
  for (const name of /** @type {SettingName[]} */ (Object.keys(defaults))) {
    if (settings[name] !== defaults[name]) hash.set(name, settings[name]);
  }
  return hash.toString();
}

/**
 * @param {string} text with or without the leading `#`
 * @returns {{ view: { [name: string]: string | null }, settings: Settings }}
 */
export function fromHash(text) {
  const hash = new URLSearchParams(text.replace(/^#/, ''));
  const settings = { ...defaults };
  for (const name of /** @type {SettingName[]} */ (Object.keys(defaults))) {
    settings[name] = accepted(name, hash.get(name));
  }
  return { view: { step: hash.get('step'), theme: hash.get('theme'), lang: hash.get('lang') }, settings };
}
