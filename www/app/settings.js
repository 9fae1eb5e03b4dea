/**
 * @import { PrepareOptions, TrainOptions } from '../api/types.js'
 * @typedef {NonNullable<TrainOptions['model']>} Model
 */

/**
 * Everything a person can set for training. An empty text means: leave it to Channelwise.
 * @typedef {typeof defaults} Settings
 */

export const defaults = {
  model: '',
  preset: 'fast',
  embedding: '',
  hidden: '',
  layers: '',
  heads: '',
  bidirectional: '',
  dropout: '',
  recurrentDropout: '',
  timeGaps: '',
  staticFeatures: '',
  controls: '',
  lookbackDays: '',
  maxLength: '',
  collapseRepeats: 'off',
  touchFeatures: '',
  outcomeOf: '',
  blankOutcome: '',
  duplicates: 'keep',
  impossible: 'keep',
  winsorise: 'off',
  poolBelow: '',
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
  splitBy: '',
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

/** @typedef {{ group: string, fields: Field[] }} Group */

/** @type {Group} */
const split = {
  group: 'split',
  fields: [
    { name: 'splitBy', choices: ['', 'row', 'user', 'time'] },
    { name: 'test', min: 0, max: 80, step: '1' },
    { name: 'validation', min: 0, max: 50, step: '1' },
  ],
};

/** How what was read becomes a data set. @type {Group[]} */
const preparing = [
  {
    group: 'journeys',
    fields: [
      { name: 'lookbackDays', min: 0, step: 'any' },
      { name: 'maxLength', min: 1, step: '1' },
      { name: 'collapseRepeats', choices: ['off', 'on'] },
      { name: 'touchFeatures', choices: ['', 'off'] },
    ],
  },
  {
    group: 'outcome',
    fields: [
      { name: 'outcomeOf', choices: ['', 'touch', 'journey'] },
      { name: 'blankOutcome', choices: ['', 'no', 'unknown'] },
    ],
  },
  {
    group: 'cleaning',
    fields: [
      { name: 'duplicates', choices: ['keep', 'drop'] },
      { name: 'impossible', choices: ['keep', 'missing'] },
      { name: 'winsorise', choices: ['off', '1', '5'] },
      { name: 'poolBelow', min: 0, step: '1' },
    ],
  },
  split,
];

/**
 * The form of the first step. Whole paths have nothing to clean.
 * @param {import('../api/types.js').Layout} layout
 * @returns {Group[]}
 */
export function dataGroups(layout) {
  const wanted = { rows: ['outcome', 'cleaning', 'split'], events: ['outcome', 'journeys', 'cleaning', 'split'], paths: ['journeys', 'split'] }[layout];
  const meant = (/** @type {Field} */ { name }) => layout === 'events' || (name !== 'outcomeOf' && name !== 'touchFeatures');
  return preparing.filter(({ group }) => wanted.includes(group)).map(({ group, fields }) => ({ group, fields: fields.filter(meant) }));
}

/** What the networks on journeys are set by. @type {Group} */
const network = {
  group: 'network',
  fields: [
    { name: 'preset', choices: ['fast', 'article'] },
    { name: 'embedding', min: 1, max: 512, step: '1' },
    { name: 'hidden', min: 1, max: 512, step: '1' },
    { name: 'layers', min: 1, max: 4, step: '1' },
    { name: 'heads', min: 1, max: 512, step: '1' },
    { name: 'bidirectional', choices: ['', 'on', 'off'] },
    { name: 'dropout', min: 0, max: 0.95, step: 'any' },
    { name: 'recurrentDropout', min: 0, max: 0.95, step: 'any' },
    { name: 'timeGaps', choices: ['', 'on', 'off'] },
    { name: 'staticFeatures', choices: ['', 'on', 'off'] },
    { name: 'controls', choices: ['', 'on', 'off'] },
  ],
};

/** How any model is fitted. @type {Group[]} */
const fitting = [
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
];

/** @type {Group} */
const running = {
  group: 'run',
  fields: [
    { name: 'device', choices: ['auto', 'webgpu', 'cpu'] },
    { name: 'seed', min: 0, step: '1' },
  ],
};

/** Which optimisers the networks know. */
const journeyOptimizers = ['', 'adam', 'adamw'];

/** What only one of the networks is set by. @type {{ [model in Model]?: SettingName[] }} */
const foreign = {
  journey: ['heads'],
  transformer: ['embedding', 'bidirectional', 'recurrentDropout'],
};

/** @type {Field} */
const modelField = { name: 'model', choices: ['', 'logistic', 'journey', 'transformer'] };

/**
 * The form of the second step, for the model that would be trained.
 * @param {Model} model
 * @returns {Group[]}
 */
export function trainGroups(model) {
  if (model === 'logistic') return [...fitting, split, running];
  const left = new Set([...(foreign[model] ?? []), 'momentum']);
  /** @param {Field} field */
  const known = (field) => {
    if (field.name === 'optimizer') return { ...field, choices: journeyOptimizers };
    // A Transformer is trained on the CPU only.
    if (field.name === 'device' && model === 'transformer') return { ...field, choices: ['auto', 'cpu'] };
    return field;
  };
  return [network, ...fitting, split, running].map(({ group, fields }) => ({ group, fields: fields.filter(({ name }) => !left.has(name)).map(known) }));
}

/**
 * The model that would be trained: the one that was chosen, else the one that suits the data.
 * @param {Settings} settings
 * @param {boolean} journeys whether the data are journeys
 * @returns {Model}
 */
export function modelOf(settings, journeys) {
  if (!journeys) return 'logistic';
  return settings.model === '' ? 'journey' : /** @type {Model} */ (settings.model);
}

const fields = new Map(
  [...fitting, ...preparing, network, running, { group: '', fields: [modelField] }]
    .flatMap(({ fields }) => fields)
    .map((field) => [field.name, field]),
);

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
 * @param {Model} [model] the one that would be trained
 */
export function applies(settings, name, model = 'logistic') {
  const { optimizer, earlyStopping } = settings;
  if (model !== 'logistic' && (name === 'learningRate' || name === 'batchSize')) return true;
  if (name === 'learningRate' || name === 'batchSize') return optimizer !== '' && optimizer !== 'lbfgs';
  if (name === 'momentum') return optimizer === 'momentum';
  if (name === 'patience' || name === 'stopMetric') return earlyStopping === 'on';
  return true;
}

/**
 * @param {Settings} settings
 * @param {SettingName} name
 * @param {Model} [model]
 * @returns {number | undefined}
 */
function number(settings, name, model) {
  const text = settings[name].trim();
  return text === '' || !applies(settings, name, model) ? undefined : Number(text);
}

/**
 * @param {Settings} settings
 * @param {SettingName} name
 * @returns {boolean | undefined}
 */
function flag(settings, name) {
  return settings[name] === '' ? undefined : settings[name] === 'on';
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
 * @param {boolean} [journeys] whether the data are journeys
 * @returns {TrainOptions}
 */
export function trainOptions(settings, journeys = false) {
  const { device, optimizer, earlyStopping, stopMetric } = settings;
  const model = modelOf(settings, journeys);
  const known = model === 'logistic' || journeyOptimizers.includes(optimizer);
  const kind = /** @type {NonNullable<TrainOptions['optimizer']>['kind'] | ''} */ (known ? optimizer : '');
  const learningRate = number(settings, 'learningRate', model);
  const patience = number(settings, 'patience') ?? 10;
  // A rate without an optimiser is for the one that a network takes by itself.
  const chosen = kind || (model !== 'logistic' && learningRate !== undefined ? 'adam' : '');
  return set({
    model,
    device: /** @type {TrainOptions['device']} */ (model === 'transformer' && device === 'webgpu' ? 'auto' : device),
    ...(model === 'logistic' ? {} : networkOptions(settings, model)),
    epochs: number(settings, 'epochs'),
    batchSize: number(settings, 'batchSize', model),
    // The penalty that suits a regression is not the network's.
    l2: model !== 'logistic' && settings.l2 === defaults.l2 ? undefined : number(settings, 'l2'),
    seed: number(settings, 'seed'),
    optimizer: chosen ? set({ kind: chosen, learningRate, momentum: number(settings, 'momentum') }) : undefined,
    earlyStopping:
      earlyStopping === 'off'
        ? null
        : earlyStopping === 'on'
          ? { patience, metric: /** @type {'loss' | 'auc'} */ (stopMetric) }
          : undefined,
  });
}

/** @param {Settings} settings @param {Model} model */
function networkOptions(settings, model) {
  const numbers = /** @type {const} */ (['embedding', 'hidden', 'layers', 'heads', 'dropout', 'recurrentDropout']);
  const flags = /** @type {const} */ (['bidirectional', 'timeGaps', 'staticFeatures', 'controls']);
  const own = (/** @type {SettingName} */ name) => !foreign[model]?.includes(name);
  return {
    preset: settings.preset,
    ...Object.fromEntries(numbers.filter(own).map((name) => [name, number(settings, name)])),
    ...Object.fromEntries(flags.filter(own).map((name) => [name, flag(settings, name)])),
  };
}

/**
 * How journeys are made; nothing for rows, which are taken as they are.
 * @param {Settings} settings
 * @returns {PrepareOptions}
 */
export function journeyOptions(settings) {
  return set({
    lookbackDays: number(settings, 'lookbackDays'),
    maxLength: number(settings, 'maxLength'),
    collapseRepeats: settings.collapseRepeats === 'on' ? true : undefined,
  });
}

/**
 * What the outcome says, and of what; whether what changes from touch to touch is added up.
 * @param {Settings} settings
 * @param {import('../api/types.js').Layout} layout
 * @returns {PrepareOptions}
 */
export function outcomeOptions({ outcomeOf, blankOutcome, touchFeatures }, layout) {
  return set({
    touchFeatures: layout === 'events' && touchFeatures === 'off' ? 'off' : undefined,
    outcomeOf: layout === 'events' ? /** @type {'touch' | 'journey' | undefined} */ (outcomeOf || undefined) : undefined,
    blankOutcome: /** @type {'no' | 'unknown' | undefined} */ (blankOutcome || undefined),
  });
}

/**
 * What is cleaned, and how; nothing unless it was asked for.
 * @param {Settings} settings
 * @returns {PrepareOptions}
 */
export function cleaningOptions({ duplicates, impossible, winsorise, poolBelow }) {
  const part = Number(winsorise) / 100;
  return set({
    duplicates: duplicates === 'drop' ? 'drop' : undefined,
    impossible: impossible === 'missing' ? 'missing' : undefined,
    winsorise: part > 0 ? { lower: part, upper: 1 - part } : undefined,
    poolBelow: poolBelow.trim() === '' ? undefined : Number(poolBelow),
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
    by: /** @type {'row' | 'user' | 'time' | undefined} */ (settings.splitBy || undefined),
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
