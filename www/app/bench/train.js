import { remember } from '../history.js';
import { Job } from '../job.js';
import { trainOptions } from '../settings.js';
import { SecondBench } from './second.js';

/**
 * @import { Contrast, Progress, Run, Session } from '../../api/types.js'
 * @import { Epoch } from '../history.js'
 */

/** @typedef {{ run: Run, number: number, dataKey: string, device: Session['device'] | null }} RunRecord */

/** The second step: models trained on the data, and the one that is shown. */
export class TrainBench extends SecondBench {
  /** @type {RunRecord[]} */
  records = [];
  /** @type {string | null} */
  selectedRun = null;
  /** @type {Epoch[]} */
  history = [];
  paused = false;
  stopping = false;
  /** Whether the run is there already, and what it is held against is being trained. */
  controlling = false;

  /** Networks of different kinds, held against each other: the newest of each. @type {{ run: string, other: string, found: Contrast } | null} */
  contrast = null;

  training = new Job((progress) => this.tell(progress));
  contrasting = new Job((progress) => this.tell(progress));

  get dependents() {
    return [...super.dependents, this.training, this.contrasting];
  }

  forget() {
    super.forget();
    this.records = [];
    this.contrast = null;
    this.selectedRun = null;
  }

  /** The run that is shown. */
  get record() {
    return this.records.find(({ run }) => run.id === this.selectedRun) ?? null;
  }

  /** Whether the shown run was trained on something other than what the first step says now. */
  get stale() {
    return this.record !== null && this.record.dataKey !== this.dataKey;
  }

  /** Trains with the settings as they are, and shows the run. */
  async train() {
    if (!this.mapping || this.training.running) return;
    if (this.step === 'train') this.arrive();
    this.go('train');
    this.history = [];
    this.paused = false;
    this.stopping = false;
    /** @type {RunRecord | undefined} */
    let kept;
    const run = await this.training.run(async (hooks) => {
      if (!(await this.prepare())) return null;
      if (hooks.signal?.aborted) return null;
      // A network is shown as soon as it is there; what it is held against is trained after it.
      const onRun = (/** @type {Run} */ run) => {
        kept = this.keep(run);
        this.controlling = true;
        this.changed();
      };
      return this.connection.inTurn((session) => session.train(trainOptions(this.settings, this.journeys), { ...this.watch(hooks), onRun }));
    });
    this.controlling = false;
    if (run && kept) this.renew(run);
    else if (run) this.keep(run);
    else if (!kept && this.training.status === 'done') this.training.reset();
    this.changed();
    // A run that was stopped is there at once; what it is held against comes after it, as with any other.
    if (run?.ended === 'stopped' && run.ceiling && run.options.controls && !run.baselines) await this.trainControls(run.id);
    if (run?.ceiling) await this.contrastNetworks();
  }

  /** Takes a run among those of this file, and shows it. @param {Run} run */
  keep(run) {
    const device = this.session && { ...this.session.device };
    const record = { run, number: this.records.length + 1, dataKey: this.preparedKey, device };
    this.records = [...this.records, record];
    this.selectedRun = run.id;
    this.changed();
    this.dispatchEvent(new CustomEvent('run', { detail: run }));
    return record;
  }

  /** Puts a run that knows more in the place of the one it was. @param {Run} run */
  renew(run) {
    this.records = this.records.map((record) => (record.run.id === run.id ? { ...record, run } : record));
  }

  /** Trains what a network is held against, where that was left out. @param {string} id */
  async trainControls(id) {
    if (this.training.running) return;
    this.controlling = true;
    this.paused = false;
    this.stopping = false;
    const run = await this.training.run((hooks) => this.connection.inTurn((session) => session.controls(id, hooks)));
    this.controlling = false;
    if (run) this.renew(run);
    this.changed();
  }

  /** Holds the newest LSTM and the newest Transformer on this data against each other. */
  async contrastNetworks() {
    const newest = (/** @type {string} */ model) =>
      this.records.findLast(({ run, dataKey }) => run.model === model && dataKey === this.dataKey)?.run.id;
    const [run, other] = [newest('journey'), newest('transformer')];
    if (!run || !other || (this.contrast?.run === run && this.contrast.other === other)) return;
    const found = await this.contrasting.run((hooks) => this.connection.inTurn((session) => session.contrast(run, other, hooks)));
    if (found) this.contrast = { run, other, found };
    this.changed();
  }

  /**
   * Keeps the loss curve while the reports pass by.
   * @param {import('../../api/types.js').Hooks} hooks
   */
  watch(hooks) {
    return {
      signal: hooks.signal,
      /** @param {Progress} progress */
      onProgress: (progress) => {
        remember(this.history, progress);
        hooks.onProgress?.(progress);
      },
    };
  }

  async pauseOrResume() {
    this.paused = !this.paused;
    this.changed();
    await (this.paused ? this.session?.pause() : this.session?.resume());
  }

  async stopEarly() {
    this.stopping = true;
    this.paused = false;
    this.changed();
    await this.session?.stop();
  }

  /** @param {string} id */
  select(id) {
    this.selectedRun = id;
    this.changed();
  }

  /**
   * @param {string} id
   * @param {'safetensors' | 'json'} format
   */
  exportRun(id, format) {
    return this.connection.inTurn((session) => session.exportRun(id, format));
  }
}
