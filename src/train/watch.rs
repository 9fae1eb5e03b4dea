//! What the loop tells its host, and what it hears.

use super::{EpochRecord, TrainError};
use crate::job::{Host, Progress, Signal};

/// Reports between epochs come no more often than this, in milliseconds.
const STEP_REPORTS: f64 = 100.0;
/// Reports at the end of an epoch come no more often than this.
const EPOCH_REPORTS: f64 = 30.0;
/// Breath that takes longer than this was a pause, and is not counted as time spent.
const PAUSE: f64 = 100.0;

/// Keeps the time of a run and speaks to its host.
pub(super) struct Watch<'a, H: Host> {
    host: &'a mut H,
    run_id: &'a str,
    started: f64,
    paused: f64,
    last_report: f64,
    rows: f64,
}

impl<'a, H: Host> Watch<'a, H> {
    pub fn start(host: &'a mut H, run_id: &'a str) -> Self {
        let started = host.now();
        Self {
            host,
            run_id,
            started,
            paused: 0.0,
            last_report: f64::NEG_INFINITY,
            rows: 0.0,
        }
    }

    /// Milliseconds since the start, pauses apart.
    pub fn elapsed(&self) -> f64 {
        self.host.now() - self.started - self.paused
    }

    /// Lets others run. `Ok(true)` asks to end early, an error to give up.
    pub async fn breathe(&mut self) -> Result<bool, TrainError> {
        let before = self.host.now();
        let signal = self.host.breathe().await;
        let taken = self.host.now() - before;
        if taken > PAUSE {
            self.paused += taken;
        }
        match signal {
            Signal::Continue => Ok(false),
            Signal::Stop => Ok(true),
            Signal::Cancel => Err(TrainError::Aborted),
        }
    }

    /// Counts rows that were trained on.
    pub fn count(&mut self, rows: usize) {
        self.rows += rows as f64;
    }

    /// Whether a report between epochs may be made.
    pub fn due(&self) -> bool {
        self.host.now() - self.last_report >= STEP_REPORTS
    }

    /// Reports from within an epoch.
    pub fn step(&mut self, fraction: f64, epoch: usize, step: usize, train_loss: f64) {
        let mut progress = self.progress(fraction, epoch, step);
        progress.train_loss = Some(train_loss);
        self.send(progress);
    }

    /// Reports the end of an epoch, unless the last report has hardly gone out.
    pub fn epoch(&mut self, fraction: f64, step: usize, record: &EpochRecord, last: bool) {
        if !last && self.host.now() - self.last_report < EPOCH_REPORTS {
            return;
        }
        let mut progress = self.progress(fraction, record.epoch, step);
        progress.train_loss = Some(record.train_loss);
        progress.validation_loss = record.validation_loss;
        progress.validation_auc = record.validation_auc;
        self.send(progress);
    }

    fn progress(&self, fraction: f64, epoch: usize, step: usize) -> Progress {
        let seconds = self.elapsed() / 1e3;
        Progress {
            phase: "train",
            fraction,
            eta_seconds: (fraction > 0.0).then(|| seconds * (1.0 - fraction) / fraction),
            run_id: Some(self.run_id.to_owned()),
            epoch: Some(epoch),
            step: Some(step),
            rows_per_second: (seconds > 0.0).then(|| self.rows / seconds),
            ..Progress::default()
        }
    }

    fn send(&mut self, progress: Progress) {
        self.host.report(progress);
        self.last_report = self.host.now();
    }
}
