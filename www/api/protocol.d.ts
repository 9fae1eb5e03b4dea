/** What the page and its workers say to each other. One union each way, and nothing beside them. */

import type { Progress } from './types';

/** Which of the two WebAssembly files a worker loads: `gpu` also holds all of `cpu`. */
export type Build = 'cpu' | 'gpu';

export interface EngineCalls {
  load: { source: Blob; options: unknown };
  look: { source?: Blob; options: unknown };
  join: { source?: Blob; options: unknown };
  unjoin: Record<string, never>;
  costs: { source?: Blob; options: unknown };
  describe: { options: unknown };
  prepare: { options: unknown; testRows?: Uint32Array };
  train: { options: unknown; deviceReason: string };
  trainingData: Record<string, never>;
  reserveRun: Record<string, never>;
  adopt: { fit: unknown; runId: string; dataset: number; device: string; deviceReason: string };
  controls: { runId: string };
  contrast: { runId: string; otherId: string };
  runs: Record<string, never>;
  compare: { options: unknown };
  plan: { options: unknown };
  selfTest: { options: unknown };
  predict: { runId: string; source?: Blob };
  exportRun: { runId: string; format: string };
  sample: { options: unknown };
}

export interface TrainerCalls {
  /** Starts the GPU and checks it against the CPU. */
  startGpu: Record<string, never>;
  hold: TrainingArrays;
  /** On the device that `options.device` names. */
  fit: { options: unknown; runId: string };
  /** How long a step takes on each device. */
  trial: { options: unknown };
}

export interface DiagnosticCalls {
  /**
   * `crash` panics, for the test of what happens then; `lstm` holds the GPU's recurrence against the CPU's or runs it
   * on numbers given, `network` holds a whole training step's gradients against the CPU's.
   */
  diagnose: { crash?: boolean; lstm?: LstmTrial | LstmCase; network?: NetworkTrial };
}

export interface LstmTrial {
  steps: number;
  rows: number;
  hidden: number;
  /** What everything is drawn from. */
  seed?: number;
  repeats?: number;
}

export interface LstmCase {
  steps: number;
  rows: number;
  hidden: number;
  lengths: number[];
  projected: number[];
  weights: number[];
  mask?: number[];
  state: number[];
  cell: number[];
  weighing: number[];
  weighingLast: number[];
}

export interface NetworkTrial {
  seed: number;
  rows: number;
  steps: number;
  hidden: number;
  embedding: number;
  channels: number;
  events: number;
  gaps: boolean;
  statics: number;
  weighted: boolean;
  dropout: number;
  recurrentDropout: number;
}

export type Calls = EngineCalls & TrainerCalls & DiagnosticCalls;
export type CallName = keyof Calls;

export interface TrainingArrays {
  x: Float32Array;
  width: number;
  y: Float32Array;
  weights?: Float32Array;
  train: Uint32Array;
  validation: Uint32Array;
  /** Where the rows are journeys. */
  statics?: Uint32Array;
  channels?: string[];
  events?: string[];
  offsets?: Uint32Array;
  touchChannels?: Uint32Array;
  touchEvents?: Uint32Array;
  gapHours?: Float32Array;
}

export type Command =
  | { type: 'open'; id: number; build: Build; base: string }
  | { [Name in CallName]: { type: 'call'; id: number; name: Name; args: Calls[Name] } }[CallName]
  | { type: 'signal'; id: number; signal: 'pause' | 'resume' | 'stop' | 'cancel' };

export interface Failure { code: string; message: string; figures?: { [name: string]: number }; columns?: string[]; detail?: unknown }

export type Answer =
  | { type: 'result'; id: number; value: unknown }
  | { type: 'failed'; id: number; failure: Failure }
  | { type: 'progress'; id: number; progress: Progress };
