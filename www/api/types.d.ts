/** The public JavaScript API of Channelwise. Names are a contract; fields are only ever added. */

export type DeviceKind = 'webgpu' | 'cpu';
export type ColumnType = 'number' | 'category' | 'time' | 'boolean' | 'text';
export type Role =
  | 'user' | 'time' | 'conversionTime' | 'channel' | 'event' | 'label' | 'value' | 'cost' | 'weight' | 'path' | 'nulls' | 'journey';
export type Roles = { [role in Role]?: string } & { ignore?: string[]; features?: string[] };
export type Layout = 'rows' | 'events' | 'paths';
export type Source = Blob | ArrayBuffer | string;

export function openSession(options?: { device?: 'auto' | DeviceKind }): Promise<Session>;
export function probeDevices(): Promise<DeviceProbe>;

export interface DeviceProbe {
  webgpu: { available: boolean; name?: string; reason?: string; reasonCode?: string };
  cpu: { simd: boolean };
}

/**
 * Every rejection is one of these. `message` holds no user data; `figures` are its figures by name; `columns` (the names of the
 * columns it is about) and `detail` may hold user data: show them, never log them.
 */
export class ChannelwiseError extends Error {
  readonly name: 'ChannelwiseError';
  readonly code: string;
  readonly figures?: { [name: string]: number };
  readonly columns?: string[];
  readonly detail?: unknown;
  constructor(code: string, message: string, detail?: unknown, about?: { figures?: { [name: string]: number }; columns?: string[] });
}

export interface Session {
  /** What trains, and why. Updated when training moves to another device. */
  readonly device: { kind: DeviceKind; name: string; reason: string; reasonCode: string; figures?: { [name: string]: number } };
  load(source: Source, options?: LoadOptions, hooks?: Hooks): Promise<TableSummary>;
  /**
   * Adds the columns of a second file to the loaded table: leads and outcomes, touches and users. Each row gets the cells
   * of the one row whose key reads the same, or missing cells. What was prepared is given up. (What channels cost is read by
   * `costs`.) With `null` for the source: the file that was looked at last.
   */
  join(source: Source | null, options?: JoinOptions, hooks?: Hooks): Promise<TableSummary>;
  /** Takes the columns that were joined last away again. What was prepared is given up. */
  unjoin(): Promise<TableSummary>;
  /**
   * Reads a second file and says what it could be for, changing nothing: which columns could hold the two together
   * and what joining by them would do, or what channels cost. With `null` for the source: the file that was looked
   * at last, under other keys.
   */
  look(source: Source | null, options?: JoinOptions, hooks?: Hooks): Promise<SecondFile>;
  /**
   * Reads a table of spend per channel, and per day, week, month or quarter where it has dates, beside the prepared data. Its
   * `costs` are an option of `compare`; nothing is kept. With `null` for the source: the file that was looked at last.
   */
  costs(source: Source | null, options?: SpendOptions, hooks?: Hooks): Promise<Spend>;
  /** What `load` answered, seen under other roles and types; nothing is prepared. */
  describe(options?: PrepareOptions): Promise<TableSummary>;
  prepare(options?: PrepareOptions, hooks?: Hooks): Promise<DatasetSummary>;
  train(options?: TrainOptions, hooks?: Hooks): Promise<Run>;
  /**
   * Trains what stands beside a journey model and answers the run with `baselines`. `train` does it by itself where
   * `controls` is on. The run stays where this is given up.
   */
  controls(runId: string, hooks?: Hooks): Promise<Run>;
  /** Two runs on the data set at hand, held against each other on the same rows. */
  contrast(runId: string, otherId: string, hooks?: Hooks): Promise<Contrast>;
  compare(options?: CompareOptions, hooks?: Hooks): Promise<Comparison>;
  /** The best spend per channel under the responses that the last comparison fitted. */
  plan(options: PlanOptions): Promise<BudgetPlan>;
  /** How far every credit method is from the truth, on simulated journeys. */
  selfTest(options?: SelfTestOptions, hooks?: Hooks): Promise<SelfTest>;
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
  /**
   * The chance of conversion of each row of the table, in its order; of a model of journeys, of each journey, in the
   * order of a data set of that table (for paths: of each different path, by channel names).
   */
  probability: Float32Array;
  /**
   * Whom each is about: the user of the row or journey (else the journey, else a column whose cells all differ), the path; empty
   * where that cell is. Absent where no column says so, and beyond a million rows.
   */
  rowIds?: string[];
  /** What of the rows the model could not use. */
  warnings: Warning[];
}

export interface SampleOptions {
  /** Sessions, one row each, or touches of journeys, one row each. Defaults to `sessions`. */
  kind?: 'sessions' | 'journeys';
  rows?: number; features?: number; seed?: number;
  /** Of kind `journeys`: how many, and what the channels' effects are like. */
  journeys?: number; scenario?: Scenario;
}
export interface Sample {
  name: string;
  csv: Blob;
  /**
   * For self-tests: the log-odds that the simulator gave each channel; for journeys, the conversions that would be lost
   * without its effect, and their share.
   */
  truth: { channel: string; logOdds?: number; share?: number; conversions?: number }[];
}

export interface Hooks {
  onProgress?(event: Progress): void;
  /** The run as soon as it is trained, where `train` goes on to what stands beside it (`Run.baselines`). */
  onRun?(run: Run): void;
  signal?: AbortSignal;
}

export interface LoadOptions {
  name?: string;
  encoding?: string;
  delimiter?: string;
  /** One ASCII character around cells, or `''` where quotes are letters like others; `"`, or `'` where the file says so, by itself. */
  quote?: string;
  /** Whether the first row names the columns; found out where absent. */
  header?: boolean;
  /** How `03/04/2026` is read. Cells that only fit the other order are missing then. Each column decides by itself where absent. */
  dates?: 'dayFirst' | 'monthFirst';
  /** How `1,234` is read. Cells that only fit the other mark are missing then. Each column decides by itself where absent. */
  decimal?: ',' | '.';
  /** The sheet of a workbook; the first that is shown and has two rows where absent. */
  sheet?: string;
  /** The file inside a zip archive, by its whole name or its last part; the largest likely one where absent. */
  member?: string;
  layout?: 'auto' | 'rows' | 'events' | 'paths';
  /** Overrides what was inferred. */
  types?: { [column: string]: ColumnType };
  /** The cells of columns that `ignore` names are not kept: to use them, the file has to be loaded again. */
  roles?: Roles;
}

export interface JoinOptions {
  /** A column of this name in both files; where it is left out, the one that they share. */
  on?: string;
  /** The column of the loaded table, where its name is another. */
  leftKey?: string;
  /** The column of the second file, where its name is another. */
  rightKey?: string;
  /**
   * What becomes of rows of the second file that have one key: by default the join is refused (`join-repeated-key`); else the
   * first or the last of them counts, or they become one: numbers add up, yes/no is yes where any is, of everything else the
   * first filled cell counts.
   */
  duplicates?: 'refuse' | 'first' | 'last' | 'sum';
  /** How the second file is read. */
  load?: LoadOptions;
}

/** Two columns that could say which rows belong together, and what joining by them would do. */
export interface KeyPair {
  left: string; right: string;
  /** Rows of the loaded table that find theirs, and that do not; rows of the second file that nobody asks for. */
  matched: number; unmatched: number; unused: number;
  /** Rows of the second file whose key stands there before: while there are any, it can't be joined by it. */
  repeated: number;
}

/** What a second file could be for. */
export interface SecondFile {
  table: TableSummary;
  /** Absent where nothing in it fits the loaded table. */
  use?: 'columns' | 'costs';
  /** The likeliest first. */
  pairs: KeyPair[];
  /** The keys that were asked for, else the likeliest. */
  pair?: KeyPair;
  /** Whether it has a column of costs and one of channels. */
  costs: boolean;
}

export interface SpendOptions {
  /** The columns of the spend table; guessed where left out. */
  channel?: string; period?: string; cost?: string;
  /** Channels of the data by the names they have in the spend table, where the names don't tell. */
  channels?: { [name: string]: string };
  /** How the file is read. */
  load?: LoadOptions;
}
/** What a spend table says of the channels of the data. */
export interface Spend {
  /** For `compare`: by channel and first day; without a day where the row has none. */
  costs: { channel: string; cost: number; date?: string; days?: number }[];
  /** The columns that were read. */
  columns: { channel: string; period?: string; cost: string };
  /** What its rows are for; absent without dates. */
  period?: Period;
  /** Rows of the table; `used`, `leftOut` (no channel, or no cost of at least 0) and those of `unmatched` add up to them. */
  rows: number; used: number; leftOut: number;
  /** What the costs add up to. */
  cost: number;
  /** Channels that are called otherwise in the data. */
  matched: { name: string; channel: string }[];
  /** Channels that the data do not have, the dearest first. */
  unmatched: { name: string; rows: number; cost: number }[];
  /** Channels of the data without any cost. */
  without: string[];
  warnings: Warning[];
}

export interface Warning {
  code: string;
  message: string;
  columns?: string[];
  figures?: { [name: string]: number };
  /**
   * What would mend it: options of `prepare` by their path (`split.by`), with the value to take (null: leave the option out);
   * `ignore` names a column to leave out, or several, `types.` before a column's name its type. `load.` before a name is an
   * option of `load` (`load.dates`, `load.decimal`): the file has to be loaded again with it.
   */
  remedy?: { [option: string]: unknown };
}
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
  /** Of the column that says who converted (the label, else the kind of a touch): its values, the most frequent first; up to 200. */
  levels?: { value: string; count: number }[];
}

export interface TableSummary {
  name?: string;
  /** Rows that can be used; `rows + rejected.count` is what the file holds. */
  rows: number;
  rejected: { count: number; examples: { row: number; code: string; message: string }[] };
  /** What a row stands for: a session or customer, a touch, or a whole path with its counts. */
  layout: Layout;
  /** Why it is taken for that; `chosen` where it was chosen. */
  layoutReason: Reason;
  /** What a second file added: rows that found their row there and rows that did not, its rows that nobody asked for. */
  joined?: { matched: number; unmatched: number; unused: number; /** Rows of the second file made one with another of their key. */ repeated?: number; columns: string[] };
  /** Told by the content, not by the name. `csv` is any text with a delimiter. */
  format: 'csv' | 'json' | 'jsonl' | 'xlsx' | 'parquet';
  /** What was unpacked. */
  container?: 'gzip' | 'zip';
  /** The archive's file that was read, and all that could be, where there are several. */
  member?: string;
  members?: string[];
  /** The sheet that was read, and all of the workbook. */
  sheet?: string;
  sheets?: string[];
  encoding: string;
  delimiter?: string;
  bytes: number;
  /** False where the first row holds data and names were made up. */
  header: boolean;
  columns: ColumnSummary[];
  /** The label value that counts as converted. */
  positive?: string;
  /** Further ones, where several were asked for. */
  alsoPositive?: string[];
  /** The first rows as text, in the order of `columns`, for a preview. */
  preview: string[][];
  seconds: number;
  warnings: Warning[];
}

export interface PrepareOptions {
  /** What a row stands for, over what `load` found or was told. */
  layout?: 'auto' | Layout;
  roles?: Roles;
  types?: LoadOptions['types'];
  /** Which label value counts as converted, where that isn't plain; or which values do, each of which has to occur. */
  positive?: string | string[];
  /** What an empty cell of the label says; `auto` (default): `no` where all filled cells say converted, else `unknown`. */
  blankOutcome?: 'auto' | 'no' | 'unknown';
  /**
   * Whether the label of a touch speaks of that touch (it converted, and ends its journey) or of its whole journey; `auto`
   * (default): what most journeys of several touches with a conversion speak for. Events only.
   */
  outcomeOf?: 'auto' | 'touch' | 'journey';
  /**
   * `by` defaults to `user` for journeys of users that come again, else to `row`. `testRows`: 0-based rows as read
   * (for events: journeys, by first appearance of their user, or journey, in the file, then by time); they win over `test`.
   */
  split?: { by?: 'row' | 'user' | 'time'; test?: number; validation?: number; seed?: number; testRows?: Uint32Array };
  /** Touches of a journey that are kept, the last ones; defaults to 50. */
  maxLength?: number;
  /** Touches longer before the end of their journey than this do not count. */
  lookbackDays?: number;
  /** Whether touches of one channel (and event type) in a row become the last of them. */
  collapseRepeats?: boolean;
  /** What becomes of rows that repeat an earlier one in every cell; defaults to `keep`. */
  duplicates?: 'keep' | 'drop';
  /** What becomes of ages, counts, costs and times that can't be; defaults to `keep`. */
  impossible?: 'keep' | 'missing';
  /** Draws the numbers of features in to these quantiles of the training rows; defaults to nothing. */
  winsorise?: { lower: number; upper: number };
  /** Levels of a category that fewer training rows have become one; defaults to 10 beyond 50 levels, else to 0. */
  poolBelow?: number;
  /** Channels that count as one, `(other)`. Not for tables of whole paths. */
  poolChannels?: string[];
  /**
   * What becomes of numbers and of yes/no that change from touch to touch: `auto` (default: of yes/no whether and how often, of
   * numbers the sum and the last), `off` (left out), or so much of these columns. Events only. Where single touches convert,
   * the last touch of a journey plays no part.
   */
  touchFeatures?: 'auto' | 'off' | { [column: string]: ('sum' | 'any' | 'last')[] };
}

/** What became of the touches of a table of events. */
export interface TouchCounts {
  /** Rows that say whose touch it is, and when. */
  usable: number;
  /** Touches of journeys whose outcome is missing. */
  withoutOutcome: number;
  /** Rows that are conversions and no touches. */
  conversions: number;
  /** Conversions of one user at one moment that were taken for one. */
  merged: number;
  /** Later than the conversion of their journey, where a column with the role `conversionTime` says when that was. */
  afterOutcome: number;
  outsideWindow: number;
  collapsed: number;
  /** Cut off the start of journeys longer than `maxLength`. */
  overLength: number;
  /** Part of a journey. */
  used: number;
  /** Journeys left without a touch by the window, or because all came after the conversion. */
  emptied: number;
  /** Journeys that began after an earlier conversion of the same user. */
  afterConversion: number;
}

export interface DatasetSummary {
  layout: Layout;
  /** What stayed together when rows were divided; absent for paths. */
  splitBy?: 'row' | 'user' | 'time';
  touches?: TouchCounts;
  rows: number;
  /**
   * Rows of the table left out, by reason: `duplicate`, `missing-outcome`, `missing-user`, `missing-time`, `bad-weight`, `no-path`,
   * `no-count`; for rows, `rows` plus these is the table's rows.
   */
  dropped: { code: string; message: string; count: number }[];
  journeys?: number;
  train: number;
  validation: number;
  test: number;
  features: string[];
  channels: string[];
  baseRate: number;
  /** The values that count as converted, and the same as one text. */
  positives: string[];
  positive: string;
  roles: Roles;
  warnings: Warning[];
  /** What was done, step by step, in figures that add up. Words by `code` under `report.`. */
  report: PreparationStep[];
}

export interface PreparationStep { code: string; message: string; figures: { [name: string]: number }; columns?: string[] }

export interface TrainOptions {
  /** `transformer`: a small Transformer encoder on the inputs of the journey model, to compare with; on the CPU only. */
  model?: 'logistic' | 'journey' | 'transformer';
  preset?: 'fast' | 'article' | string;
  device?: 'auto' | DeviceKind;
  epochs?: number;
  /** Rows per parameter update; 0 means all of them (full batch). */
  batchSize?: number;
  seed?: number;
  l2?: number;
  optimizer?: { kind: 'lbfgs' | 'gd' | 'momentum' | 'adam' | 'adamw'; learningRate?: number; momentum?: number };
  /** Numbers that stand for a channel, and for an event type. Journey models only, like all that follow. */
  embedding?: number;
  /** Hidden units of the LSTM, of each direction. */
  hidden?: number;
  /** LSTMs on top of each other: 1 (default) to 4. */
  layers?: number;
  /** Whether a second LSTM reads each journey from its end. */
  bidirectional?: boolean;
  /** Heads of attention, for `transformer`, whose width is `hidden`. */
  heads?: number;
  dropout?: number;
  recurrentDropout?: number;
  /** Whether the time since the touch before is an input, where times are known. Default: yes. */
  timeGaps?: boolean;
  /** Whether features of the whole journey join before the last layer. Default: yes. */
  staticFeatures?: boolean;
  /** Whether simpler models and a control are trained after the model itself; see `Run.baselines`. */
  controls?: boolean;
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

/** Whether the journey model needs something: its log-loss against that of a model without it. */
export interface Verdict {
  /** `yes`: better with it, by more than a trifle; `no`: at most by a trifle; `unclear`: the data can't tell. */
  answer: 'yes' | 'no' | 'unclear';
  /** The other's mean log-loss less the model's. */
  difference: number;
  /** 95 %, paired bootstrap over users (rows where there are none). */
  interval: [number, number];
  /** Differences below this are a trifle: 1 % of the log-loss of always saying the base rate. */
  margin: number;
  /** Of `orderMatters`: the control that it is of, the one that the model gains less over. */
  against?: 'shuffled' | 'shuffledWithGaps';
}

/** Which of two models is better on the rows of one part. */
export interface Contrast {
  part: 'test' | 'validation' | 'train';
  model: BaselineFigures;
  other: BaselineFigures;
  /** `same`: they differ by a trifle at most; `unclear`: the data can't tell. */
  better: 'model' | 'other' | 'same' | 'unclear';
  /** The other's mean log-loss less the model's, with its 95 % interval as in `Verdict`. */
  difference: number;
  interval: [number, number];
  margin: number;
}

export interface BaselineFigures { loss: number; auc: number; accuracy: number }

/** What stands beside a journey model, all on the rows of one part. */
export interface Baselines {
  part: 'test' | 'validation' | 'train';
  model: BaselineFigures;
  /** Logistic regression on counts, lengths of time and features of the same rows. */
  logistic?: BaselineFigures;
  /** The same network, on touches that have changed places at random within each journey, while the times stayed. */
  shuffled?: BaselineFigures;
  /** The same, each touch with the time since the touch that was before it; only where the model is told times. */
  shuffledWithGaps?: BaselineFigures;
  /** The same network without the time between touches. */
  withoutGaps?: BaselineFigures;
  ceiling: Ceiling;
  /** Against `shuffled` and `shuffledWithGaps`: it says yes only where both do. */
  orderMatters?: Verdict;
  /** Against `withoutGaps`. */
  timeMatters?: Verdict;
  /** Against `logistic`. */
  earnsItsKeep?: Verdict;
  /**
   * Where there are more than 400,000 training rows, the networks are trained on so many of them, and the model
   * anew on the same (`model`), for order and time to be judged by.
   */
  drawn?: { rows: number; of: number; model?: BaselineFigures };
  /** What could not be trained: `control-logistic-failed`, `control-model-failed`, `control-order-failed`, `control-time-failed`. */
  warnings?: Warning[];
  /** False where it was stopped before all was done. */
  complete: boolean;
  seconds: number;
}

/**
 * What can be known from the sequence of channels (and events) alone, on the rows of one part: the share called
 * rightly by who knows each sequence's majority outcome; `floor`: by calling all rows alike; `unique`: the share of
 * rows whose sequence nobody else has.
 */
export interface Ceiling { part: 'test' | 'validation' | 'train'; accuracy: number; floor: number; sequences: number; unique: number }

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
  /** Of logistic regression only. */
  intercept?: number;
  /** Of logistic regression only. */
  coefficients?: Coefficient[];
  /** What a journey model takes in: how many channels and event types it knows, whether it is told the time
   * between touches, and which features of the whole journey join before its last layer. */
  inputs?: { channels: number; events: number; timeGaps: boolean; statics: string[] };
  /** What can be known from the sequence of channels alone, beside every model on journeys that reads them in order. */
  ceiling?: Ceiling;
  /** What stands beside a journey model, once it has been trained. */
  baselines?: Baselines;
  warnings: Warning[];
}

export type CreditMethod =
  | 'first' | 'last' | 'lastNonDirect' | 'linear' | 'timeDecay' | 'position' | 'markov' | 'shapley' | 'shapleyOrdered'
  | 'logistic' | 'journey' | 'transformer';
export type BroadGroup = 'direct' | 'online' | 'offline' | 'other';
/** The narrower kinds that are guessed from names; any other text may be given. */
export type ChannelKind =
  | 'social' | 'search' | 'email' | 'e-commerce' | 'display' | 'video' | 'affiliate' | 'messaging' | 'referral' | 'audio'
  | 'stores' | 'exhibitions' | 'telephone' | 'print' | 'broadcast' | 'sales';
export type Period = 'day' | 'week' | 'month' | 'quarter';

export type ModelRule = 'sampledShapley' | 'leaveOneChannelOut' | 'leaveOneOut';

export interface CompareOptions {
  /**
   * Ways to give credit to the touches of journeys; all rules, `markov` and `shapley` where left out. `logistic`,
   * `journey` and `transformer` add the credit that the trained runs give (all of `runIds`, else the newest of each kind).
   */
  methods?: CreditMethod[];
  /** First, middle, last; `[40, 20, 40]`. */
  positionWeights?: [number, number, number];
  /** 7 days where touches have times, else 1 step. */
  halfLife?: number;
  /** 1 to 4, or the one that forecasts held-out journeys best. Defaults to 1. */
  markovOrder?: number | 'auto';
  /** Bootstrap resamples; 500. */
  resamples?: number;
  confidence?: number;
  seed?: number;
  runIds?: string[];
  /**
   * How trained models give credit: by leaving out channel after channel in many orders (the default), each channel with
   * all of its touches, or each touch on its own.
   */
  modelRule?: ModelRule;
  /** What is compared: channels, their narrower kinds (`social`, `search`, …), or the broad groups. */
  level?: 'channel' | 'group' | 'broad';
  /** Overrides the guessed group of a channel: a kind or broad group by name, or both with a free name. */
  groups?: { [channel: string]: ChannelKind | BroadGroup | { group: BroadGroup; subgroup?: string } };
  /** What channels cost, in any currency; added up. `date` (`2026-03-31`) puts it in a period; without one it counts for the whole. They stand in for the cost column. */
  costs?: { channel: string; cost: number; date?: string; /** So many days from `date` on, evenly; defaults to 1. */ days?: number }[];
  /** The periods of money, growth and cohorts; chosen by the span of the data where left out. */
  period?: Period;
  /** The method that credits the conversions of single periods: one that needs no model. Defaults to `shapley`. */
  periodMethod?: CreditMethod;
  /**
   * What is held to answer to the spend: all conversions (or their value) of a period, or the channel's own credit, which
   * rises with the touches that spend buys even where they change nothing. Defaults to `total`.
   */
  responseOutcome?: 'total' | 'credited';
  /** The column of a randomised group, and its level that was left alone; guessed where left out, not looked for where null. */
  treatment?: { column: string; control?: string } | null;
}

/** One channel (or kind, or group, by `level`) counted over all rows, or over all journeys that contain it. */
export interface ComparedChannel {
  name: string; group: BroadGroup; subgroup?: ChannelKind | string;
  /** The channels it stands for, where `level` isn't `channel`. */
  members?: string[];
  /** Rows; for journeys, how many contain it. */
  rows: number;
  users?: number;
  /** Of rows; for journeys, how many of those that contain it converted: one journey counts for each of its channels. */
  conversions: number;
  value?: number;
  rate: number; rateInterval: [number, number];
  /** Journeys only: how often it was touched. */
  touches?: number;
}

export interface CreditedChannel {
  name: string; conversions: number; value?: number; share: number;
  shareInterval?: [number, number]; conversionsInterval?: [number, number]; valueInterval?: [number, number];
  /** In what part of the resamples it has rank 1, 2, …; up to 64 channels. */
  rankProbability?: number[];
  /** `shapleyOrdered` only: its conversions by the position of the touch that earned them; the twentieth holds all later ones. */
  byPosition?: number[];
  /** `markov` only: the value, if it is shared out by the removal effects on the value. */
  valueByRemoval?: number;
  /** Model credit only: conversions above the no-touch baseline, as the model has it, before they are made to add up. */
  incremental?: number;
}

export interface MethodCredit {
  method: CreditMethod;
  /** How many resamples the intervals rest on; 0 for none. */
  resamples: number;
  /** In the order of their names. */
  channels: CreditedChannel[];
  /** `above[i][j]`: in what part of the resamples channel `i` gets more than channel `j`; up to 64 channels. */
  above?: number[][];
  /** Model credit only. */
  runId?: string;
  /** Model credit only: how touches were left out. */
  rule?: ModelRule;
  /** Model credit only: the conversions that the model expects with no touch at all, and above that. */
  baseline?: number;
  incremental?: number;
  /**
   * Model credit only: whether the intervals allow for what another sample would have made of the model (logistic
   * regression), or take the model as it is.
   */
  intervals?: 'model-drawn' | 'model-fixed';
}

/** How much more one method gives each channel than another. */
export interface MethodDifference {
  method: CreditMethod; runId?: string;
  baseline: CreditMethod; baselineRunId?: string;
  /** Whether both were worked out on the same draws; else (with a model) their intervals are wider than they need be. */
  paired: boolean;
  /** How many pairs of resamples the intervals rest on; 0 for none. */
  resamples: number;
  channels: {
    name: string;
    share: number; shareInterval?: [number, number];
    conversions: number; conversionsInterval?: [number, number];
    value?: number; valueInterval?: [number, number];
    /** Whether the interval of the share leaves 0 out. */
    clear: boolean;
  }[];
}

export interface Finding {
  code: string;
  channels: string[];
  /** For credit: the methods it is about. */
  methods?: string[];
  figures?: { [name: string]: number };
  message: string;
}

export interface Markov {
  order: number;
  states: number;
  conversionProbability: number;
  removalEffect: { [channel: string]: number };
  valueRemovalEffect?: { [channel: string]: number };
  errorBound: number;
  /** Between channels (order 1), with `(start)`, `(conversion)`, `(null)`. */
  transitions: { from: string; to: string; probability: number; count: number }[];
  /** For a higher order, the most frequent transitions between its states. */
  stateTransitions?: { from: string[]; to: string; probability: number; count: number }[];
  /** Where the order was chosen: the highest score wins. */
  orders?: { order: number; states: number; parameters: number; logLikelihood: number; penalty: number; score: number }[];
}

/** What the touches of journeys look like. Other channels than the 12 most touched are `(other)` in `flow` and `cohorts`. */
/** Of those at a stage, the part that came to the next; null where there were none. */
export interface Passage { share: number | null; interval?: [number, number] }

export interface PathsView {
  /** How many different sequences there are, and the most frequent by conversions. */
  sequences: number;
  top: { channels: string[]; journeys: number; conversions: number; value?: number; share: number; rate: number; rateInterval: [number, number] }[];
  /** Of the conversions: in how many the channel is the only one, opens, closes, or stands between (one may be counted under several). */
  roles: { name: string; conversions: number; alone: number; opens: number; assists: number; closes: number }[];
  /** Journeys by position of touch, up to the fifth; `from` at `position`, `to` at the next, or `(conversion)`, `(null)`, `(more)`. */
  flow: { position: number; from: string; to: string; count: number }[];
  /** Converting journeys by number of touches; the last holds all longer ones. */
  lengths: { touches: number; more?: boolean; conversions: number; share: number; interval: [number, number] }[];
  meanLength: number; meanLengthInterval?: [number, number];
  medianLength: number;
  /** Converting journeys by days from first touch to conversion. `to` is absent in the last. */
  lags?: { from: number; to?: number; conversions: number; share: number; interval: [number, number] }[];
  medianLag?: number;
  meanLag?: number; meanLagInterval?: [number, number];
  /** By channel: journeys that contain it and reached each stage; `passages` from each stage to the next, with Wilson's interval. */
  funnel?: {
    stages: ('touch' | 'view' | 'cart' | 'order')[];
    channels: { name: string; counts: number[]; passages: Passage[] }[];
    total: number[]; passages: Passage[];
  };
  /** Users by the channel of their first touch and the period of it; conversions by periods since, of those that the data cover as a whole. */
  cohorts?: {
    period: Period;
    rows: { channel: string; start: string; users: number; conversions: number[] }[];
    channels: { channel: string; users: number; /** Per age in periods: users old enough, and their conversions in it. */ ages: { users: number; conversions: number }[] }[];
  };
}

export type AdvantageKey = 'marketExpansion' | 'brandAwareness' | 'userGrowth' | 'userLoyalty';
/** A measured strength of channels. `definition` is the key of its wording. */
export interface Advantage {
  key: AdvantageKey;
  available: boolean;
  /** Why not, and the roles of columns that would light it. */
  missing?: { code: string; message: string; roles: Role[] };
  /** The first is the index itself. */
  measures: {
    key: string; definition: string;
    unit: 'share' | 'count' | 'perPeriod' | 'value' | 'ratio';
    available: boolean;
    missing?: { code: string; message: string; roles: Role[] };
    /** A figure of its wording: the days of a window. */
    days?: number;
    /** Over all channels together, where that means something. */
    overall?: number;
    channels: { name: string; value: number | null; interval?: [number, number]; n: number }[];
  }[];
}

export interface Money {
  source: 'column' | 'option';
  cost: number;
  period?: Period;
  /** By method and channel; `observed` for rows, whose conversions belong to the channel of their row. What would divide by 0 is null. */
  methods: {
    method: string;
    channels: {
      name: string; /** 0 where `costs` say nothing of the channel. */ cost: number; conversions: number; value?: number;
      costPerConversion: number | null; /** Ends at Infinity where the conversions' interval holds 0. */ costPerConversionInterval?: [number, number];
      /** First conversions of users; absent where users are not known, or the credit of a trained model does not tell them. */
      customers?: number;
      /** Cost per new customer; null where `customers` is absent or 0. */
      cac: number | null; cacInterval?: [number, number];
      roas?: number | null; roasInterval?: [number, number];
      profit?: number; profitInterval?: [number, number];
    }[];
  }[];
  /** By period: cost, and what is credited in it by `periodMethod`. `marginal…`: change against the period before, null where the two did not move the same way or one period is partial. */
  periodMethod?: string;
  periods?: {
    starts: string[];
    /** Periods that the data cover in part only. They stay out of the responses. */
    partial: boolean[];
    /** Of all channels together, and of none. */
    conversions: number[]; value?: number[];
    channels: {
      name: string; cost: number[]; conversions: number[]; value?: number[];
      costPerConversion: (number | null)[]; cac?: (number | null)[]; roas?: (number | null)[]; profit?: number[];
      marginalCac: (number | null)[]; marginalRoas?: (number | null)[];
    }[];
  };
  /** Per channel: a saturating response to what is spent per period, or why there is none. */
  responses?: ChannelResponse[];
  warnings: Warning[];
}

export interface ChannelResponse {
  name: string;
  available: boolean;
  reason?: Reason;
  outcome: 'conversions' | 'value';
  /** Whose: of all channels together (allowing for the others' spend), or this one's credit. */
  of: 'total' | 'credited';
  fit?: {
    /** outcome = base + scale · x^slope / (x^slope + half^slope), x the adstock: (1 − decay) · spend + decay · x of the period before. */
    base: number; scale: number; half: number; slope: number; decay: number;
    /** Of what the trend and the other channels' spend leave; `heldOutR2` of periods held out in turn. */
    r2: number; aicc: number; aiccFlat: number; heldOutR2: number;
    /** How often spend without effect would show as much, adjusted for the number of channels. */
    p: number;
    /** The trend, and other channels whose spend is allowed for. */
    controls: number;
    periods: number;
  };
  points?: { spend: number; adstock: number; outcome: number; fitted: number }[];
  /** At a steady spend per period; `solid` is the range of spend that was seen. Intervals: residuals drawn anew in blocks. */
  curve?: { spend: number; outcome: number; interval?: [number, number]; marginal: number }[];
  solid?: [number, number];
  meanSpend: number;
  /** What one more unit of steady spend brings at the mean spend. */
  marginal?: number; marginalInterval?: [number, number];
}

export interface PlanOptions {
  /** Spend per period in all (`budget`), or the marginal return per unit of money at which to stop (`return`). */
  goal: 'budget' | 'return';
  budget?: number;
  targetReturn?: number;
  /** Per period; without one, half to one and a half of the mean spend. */
  bounds?: { channel: string; min?: number; max?: number }[];
}
/** The best steady spend per period under the fitted responses. */
export interface BudgetPlan {
  goal: 'budget' | 'return';
  outcome: 'conversions' | 'value';
  feasible: boolean;
  reason?: Reason;
  /** The marginal return at which all channels that are free to move meet. */
  marginal: number;
  channels: {
    name: string; now: number; spend: number; min: number; max: number; atBound?: 'min' | 'max';
    /** What the spend brings, where all channels answer for one total; base and all, where each answers for its credit. */
    outcomeNow: number; outcome: number; changeInterval?: [number, number]; marginal: number; beyondSeen: boolean;
  }[];
  spendNow: number; spend: number; outcomeNow: number; outcomePlanned: number;
  /** Of the planned outcome less the present one, of this plan. */
  changeInterval?: [number, number];
  warnings: Warning[];
}

/** Methods compared by what a budget split by their credit would have bought on held-out journeys (Ren et al. 2018). */
export interface Replay {
  available: boolean;
  reason?: Reason;
  journeys?: number;
  /** What was drawn anew for the intervals, and how often; the credit stays as it is. */
  resampled?: 'users' | 'journeys'; resamples: number;
  /** Shares of the held-out cost that may be spent. */
  budgets?: number[];
  methods?: {
    method: string; conversions: number[]; conversionsInterval?: ([number, number] | null)[];
    cost: number[]; cac: (number | null)[]; cacInterval?: ([number, number] | null)[]; rate: number[];
  }[];
}

/** What a randomised group did: the one figure here that is cause, not credit. */
export interface Lift {
  column: string;
  control: string;
  /** Whether the column was named, or guessed. */
  guessed: boolean;
  /** What is compared: rows, journeys, or users where some come again. */
  unit: 'rows' | 'journeys' | 'users';
  /** Users who stood in several groups. */
  leftOut?: number;
  groups: { level: string; n: number; conversions: number; rate: number; rateInterval: [number, number]; valuePerRow?: number }[];
  effects: {
    level: string;
    /** All rows, or those of one channel. */
    channel?: string;
    n: number; nControl: number;
    treated: number; control: number;
    difference: number; interval: [number, number]; p: number;
    relative: number | null;
    value?: { difference: number; interval: [number, number] };
  }[];
}

/** Why the column that was asked for is no group that can be compared; `levels` where one only has to be named as left alone. */
export interface LiftRefused { column: string; reason: Reason; levels?: string[] }

export interface Comparison {
  confidence: number;
  level: 'channel' | 'group' | 'broad';
  /** What was drawn anew for the intervals of credit. */
  resampled?: 'users' | 'journeys';
  seed?: number;
  channels: ComparedChannel[];
  /** Journeys only: what was observed in all. */
  totals?: { journeys: number; conversions: number; value?: number; sequences: number; users?: number; touches: number };
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
  findings: Finding[];
  /** By method; empty for rows. */
  credit: MethodCredit[];
  /** Every method against every other, both ways; up to 64 channels. Journeys only. */
  differences?: MethodDifference[];
  markov?: Markov;
  paths?: PathsView;
  advantages?: Advantage[];
  money?: Money;
  replay?: Replay;
  lift?: Lift;
  liftRefused?: LiftRefused;
  warnings: Warning[];
}

export type Scenario = 'additive' | 'interacting' | 'ordered' | 'confounded';
/** Without `modelRule`, models are asked by `sampledShapley` and by `leaveOneChannelOut`. */
export interface SelfTestOptions { scenarios?: Scenario[]; journeys?: number; seed?: number; methods?: CreditMethod[]; modelRule?: ModelRule }
/** How far each method's shares are from the truth of simulated journeys. */
export interface SelfTest {
  scenarios: {
    scenario: Scenario;
    journeys: number; conversions: number;
    /**
     * Of each channel: the conversions lost in the simulator when its touches have no effect, and the Shapley value of
     * the true chances; each also as a share.
     */
    truth: { channel: string; share: number; conversions: number; shapley: number; shapleyShare: number }[];
    methods: {
      method: CreditMethod;
      /** Models only. */
      rule?: ModelRule;
      /** Which truth it is held against: what it says it works out, for rules what would be missing. */
      estimand: 'removal' | 'shapley';
      /** By that truth; then by either. */
      meanAbsoluteError: number; removalError: number; shapleyError: number;
      shares: { channel: string; share: number }[];
    }[];
  }[];
}
