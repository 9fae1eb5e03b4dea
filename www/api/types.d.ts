/** The public JavaScript API of Channelwise. Names are a contract; fields are only ever added. */

export type DeviceKind = 'webgpu' | 'cpu';
export type ColumnType = 'number' | 'category' | 'time' | 'boolean' | 'text';
export type Role =
  | 'user' | 'time' | 'channel' | 'event' | 'label' | 'value' | 'cost' | 'weight' | 'path';
export type Roles = { [role in Role]?: string } & { ignore?: string[]; features?: string[] };
export type Source = Blob | ArrayBuffer | string;

export function openSession(options?: { device?: 'auto' | DeviceKind }): Promise<Session>;
export function probeDevices(): Promise<DeviceProbe>;

export interface DeviceProbe {
  webgpu: { available: boolean; name?: string; reason?: string; reasonCode?: string };
  cpu: { simd: boolean };
}

/** Every rejection is one of these. `detail` may hold user data: show it, never log it. */
export class ChannelwiseError extends Error {
  readonly name: 'ChannelwiseError';
  readonly code: string;
  readonly detail?: unknown;
  constructor(code: string, message: string, detail?: unknown);
}

export interface Session {
  /** What trains, and why. Updated when training moves to another device. */
  readonly device: { kind: DeviceKind; name: string; reason: string; reasonCode: string; figures?: { [name: string]: number } };
  load(source: Source, options?: LoadOptions, hooks?: Hooks): Promise<TableSummary>;
  /** What `load` answered, seen under other roles and types; nothing is prepared. */
  describe(options?: PrepareOptions): Promise<TableSummary>;
  prepare(options?: PrepareOptions, hooks?: Hooks): Promise<DatasetSummary>;
  train(options?: TrainOptions, hooks?: Hooks): Promise<Run>;
  compare(options?: CompareOptions, hooks?: Hooks): Promise<Comparison>;
  predict(runId: string, source?: Source, hooks?: Hooks): Promise<Prediction>;
  exportRun(runId: string, format: 'safetensors' | 'json'): Promise<Blob>;
  runs(): Promise<Run[]>;
  /** Holds the running training at its next step. */
  pause(): Promise<void>;
  /** Goes on after `pause`. */
  resume(): Promise<void>;
  /** Ends the running training early and keeps the best model so far. `signal` gives it up instead. */
  stop(): Promise<void>;
  /** A CSV that Channelwise makes itself, seeded, with known channel effects (see `truth`). */
  sample(options?: SampleOptions): Promise<Sample>;
  /** Frees the worker and all memory. */
  close(): Promise<void>;
}

export interface Prediction {
  /** The chance of conversion of each row of the table, in its order. */
  probability: Float32Array;
  rowIds?: string[];
  /** What of the rows the model could not use. */
  warnings: Warning[];
}

export interface SampleOptions { rows?: number; features?: number; seed?: number }
export interface Sample {
  name: string;
  csv: Blob;
  /** The log-odds that the simulator gave each channel, for self-tests. */
  truth: { channel: string; logOdds: number }[];
}

export interface Hooks {
  onProgress?(event: Progress): void;
  signal?: AbortSignal;
}

export interface LoadOptions {
  name?: string;
  encoding?: string;
  delimiter?: string;
  sheet?: string;
  layout?: 'auto' | 'rows' | 'events' | 'paths';
  /** Overrides what was inferred. */
  types?: { [column: string]: ColumnType };
  roles?: Roles;
}

export interface Warning { code: string; message: string; columns?: string[]; figures?: { [name: string]: number } }
export interface Reason { code: string; message: string; figures?: { [name: string]: number } }

export interface ColumnSummary {
  name: string;
  type: ColumnType;
  role?: Role | 'feature' | 'ignore';
  /** Why this role was given. */
  reason?: Reason;
  missing: number;
  distinct: number;
  examples: string[];
}

export interface TableSummary {
  name?: string;
  /** Rows that can be used; `rows + rejected.count` is what the file holds. */
  rows: number;
  rejected: { count: number; examples: { row: number; code: string; message: string }[] };
  layout: 'rows' | 'events' | 'paths';
  encoding: string;
  delimiter?: string;
  bytes: number;
  /** How the file was written. */
  format?: 'csv' | 'json' | 'jsonl' | 'xlsx' | 'parquet';
  /** False where the first row holds data and names were made up. */
  header: boolean;
  columns: ColumnSummary[];
  /** The label value that counts as converted. */
  positive?: string;
  /** The first rows as text, in the order of `columns`, for a preview. */
  preview: string[][];
  seconds: number;
  warnings: Warning[];
}

export interface PrepareOptions {
  roles?: Roles;
  types?: LoadOptions['types'];
  /** Which label value counts as converted, where that isn't plain. */
  positive?: string;
  /** `testRows`: 0-based rows as read; they win over `test`. */
  split?: { by?: 'row' | 'user' | 'time'; test?: number; validation?: number; seed?: number; testRows?: Uint32Array };
  maxLength?: number;
  lookbackDays?: number;
  collapseRepeats?: boolean;
}

export interface DatasetSummary {
  rows: number;
  /** Rows of the table left out of the data set, by reason; `rows` plus these is the table's rows. */
  dropped: { code: string; message: string; count: number }[];
  journeys?: number;
  train: number;
  validation: number;
  test: number;
  features: string[];
  channels: string[];
  baseRate: number;
  positive: string;
  roles: Roles;
  warnings: Warning[];
}

export interface TrainOptions {
  model?: 'logistic' | 'journey';
  preset?: 'fast' | 'article' | string;
  device?: 'auto' | DeviceKind;
  epochs?: number;
  /** Rows per parameter update; 0 means all of them (full batch). */
  batchSize?: number;
  seed?: number;
  l2?: number;
  optimizer?: { kind: 'lbfgs' | 'gd' | 'momentum' | 'adam' | 'adamw'; learningRate?: number; momentum?: number };
  embedding?: number;
  hidden?: number;
  dropout?: number;
  recurrentDropout?: number;
  timeGaps?: boolean;
  earlyStopping?: { patience: number; metric?: 'loss' | 'auc' } | null;
}

export interface Progress {
  phase: string;
  fraction: number;
  etaSeconds?: number;
  runId?: string;
  epoch?: number;
  step?: number;
  trainLoss?: number;
  validationLoss?: number;
  validationAuc?: number;
  rowsPerSecond?: number;
}

/** What a part cannot tell is NaN: the AUC, its interval and `prAuc` where it holds one class only. */
export interface Metrics {
  n: number;
  baseRate: number;
  loss: number;
  auc: number;
  aucInterval: [number, number];
  prAuc: number;
  accuracy: number;
  precision: number;
  recall: number;
  f1: number;
  brier: number;
  ece: number;
  threshold: number;
  best: { f1: number; threshold: number };
  confusion: { tp: number; fp: number; tn: number; fn: number };
}

/** What a part looks like when everyone at or above `threshold` is called a converter. */
export interface ThresholdRow {
  threshold: number;
  tp: number; fp: number; tn: number; fn: number;
  accuracy: number; precision: number; recall: number; f1: number;
  /** Share of all rows called converters. */
  flagged: number;
}

export interface Curves {
  /** At most 512 points each, from (0,0) to (1,1). */
  roc: { falsePositiveRate: number; truePositiveRate: number; threshold: number }[];
  precisionRecall: { recall: number; precision: number; threshold: number }[];
  /** Share of rows contacted, best first, against the share of converters found. */
  gain: { contacted: number; found: number }[];
  calibration: { predicted: number; observed: number; interval: [number, number]; n: number }[];
  /** For the slider: 101 even steps from 0 to 1, or to 0.5, 0.2, 0.1, … where all probabilities are below it. */
  thresholds: ThresholdRow[];
}

export interface Coefficient {
  feature: string;
  column: string;
  value: number;
  oddsRatio: number;
  standardError?: number;
  /** Wald interval of the odds ratio. */
  oddsRatioInterval?: [number, number];
}

export interface Run {
  id: string;
  model: string;
  device: string;
  deviceReason: string;
  options: TrainOptions;
  parameters: number;
  seconds: number;
  stepMs: number;
  steps: number;
  /** Why training ended: `converged`, `epochs`, `earlyStopping`, `stopped`. */
  ended: string;
  /** The epoch whose coefficients were kept. */
  bestEpoch?: number;
  epochs: { epoch: number; trainLoss: number; validationLoss?: number; validationAuc?: number }[];
  metrics: { train: Metrics; validation?: Metrics; test?: Metrics };
  curves: { train: Curves; validation?: Curves; test?: Curves };
  /** The threshold proposed for use: where F1 is best on `chosenOn`. */
  threshold: { value: number; chosenOn: 'validation' | 'train'; rule: 'best-f1' };
  intercept?: number;
  coefficients?: Coefficient[];
  warnings: Warning[];
}

export interface CompareOptions {
  methods?: string[];
  positionWeights?: [number, number, number];
  halfLife?: number;
  markovOrder?: number;
  resamples?: number;
  confidence?: number;
  runIds?: string[];
  costs?: { channel: string; cost: number }[];
}

export interface Comparison {
  confidence: number;
  channels: {
    name: string; group: 'direct' | 'online' | 'offline' | 'other'; subgroup?: string; rows: number; users?: number; conversions: number; value?: number;
    rate: number; rateInterval: [number, number];
  }[];
  /** The logistic model's view: odds against the mean channel, everything else held equal. */
  effects: {
    runId: string;
    channels: {
      name: string; logOdds: number; standardError: number; oddsRatio: number; interval: [number, number];
      /** `above`, `below` the mean channel, or `unclear` where the interval holds 1. */
      verdict: 'above' | 'below' | 'unclear';
    }[];
  }[];
  /** What can be said, best supported first, for the page to word. */
  findings: { code: string; channels: string[]; figures?: { [name: string]: number }; message: string }[];
  credit: {
    method: string;
    channels: { name: string; conversions: number; value?: number; share: number; shareInterval?: [number, number] }[];
  }[];
  markov?: {
    conversionProbability: number;
    removalEffect: { [channel: string]: number };
    transitions: { from: string; to: string; probability: number }[];
  };
  warnings: Warning[];
}
