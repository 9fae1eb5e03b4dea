//! How long work talks to whoever started it: progress out; pause, stop and cancel in.

use serde::Serialize;

/// One report from a running job. All fields but the first two are there only where they mean something.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What is being done: `read`, `infer`, `prepare`, `train`, `evaluate`, `controls`, `credit`, `compare`.
    pub phase: &'static str,
    /// How much of the phase is done, 0 to 1.
    pub fraction: f64,
    /// Estimated seconds left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta_seconds: Option<f64>,
    /// The run that is being trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// The epoch (or L-BFGS iteration), from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// Parameter updates so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// Mean log-loss over the training rows seen since the last report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_loss: Option<f64>,
    /// Mean log-loss over the validation rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
    /// Area under the ROC curve on the validation rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_auc: Option<f64>,
    /// Rows read or trained on per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_per_second: Option<f64>,
}

/// What a job is asked to do when it next draws breath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Go on.
    Continue,
    /// End early and keep what has been learned.
    Stop,
    /// Give up and leave everything as it was before the job.
    Cancel,
}

/// The surroundings of a long job: a clock, a listener, and a place to let others run.
///
/// The browser's implementation lives in `web`; [`Quiet`] serves native callers.
// The futures never leave the one thread that made them, so `Send` is of no use here.
#[allow(async_fn_in_trait)]
pub trait Host {
    /// Milliseconds since some fixed moment.
    fn now(&self) -> f64;
    /// Hands a report to the listener.
    fn report(&mut self, progress: Progress);
    /// Lets other work run (cheap when little time has passed since the last call), waits while the
    /// job is paused, then says how to go on. Call it at every step.
    async fn breathe(&mut self) -> Signal;
}

/// A host that listens to nobody and never pauses: for native tests and benchmarks.
#[derive(Debug, Default)]
pub struct Quiet {
    /// Everything that was reported, in order.
    pub reports: Vec<Progress>,
}

impl Host for Quiet {
    fn now(&self) -> f64 {
        #[cfg(not(target_arch = "wasm32"))]
        {
            use std::sync::OnceLock;
            use std::time::Instant;
            static START: OnceLock<Instant> = OnceLock::new();
            START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
        }
        #[cfg(target_arch = "wasm32")]
        0.0
    }

    fn report(&mut self, progress: Progress) {
        self.reports.push(progress);
    }

    async fn breathe(&mut self) -> Signal {
        Signal::Continue
    }
}
