//! Several trainings as one job.

use crate::job::{Host, Progress, Signal};
use crate::train::{self, Ended, Fit, TrainError, TrainingData, ValidTrainOptions};
use burn::tensor::Device;

/// Retells the progress of several trainings as that of one job.
pub(super) struct Controls<'a, H> {
    host: &'a mut H,
    run_id: &'a str,
    done: f64,
    share: f64,
    started: f64,
    /// Whether the host asked to end.
    ended: bool,
    /// Where the model was stopped: what is held against it is stopped after as many updates.
    pub updates: Option<usize>,
    /// Breaths of the training under way; one comes before each update.
    breaths: usize,
}

impl<'a, H: Host> Controls<'a, H> {
    pub fn new(host: &'a mut H, run_id: &'a str) -> Self {
        Self {
            started: host.now(),
            host,
            run_id,
            done: 0.0,
            share: 0.0,
            ended: false,
            updates: None,
            breaths: 0,
        }
    }

    /// Trains a model that takes so much of the whole; `None` where the host asked to end.
    ///
    /// # Errors
    /// `aborted` only: what else goes wrong is the result.
    pub async fn fit(
        &mut self,
        data: &TrainingData<'_>,
        options: &ValidTrainOptions,
        device: &Device,
        share: f64,
    ) -> Result<Option<Result<Fit, TrainError>>, TrainError> {
        self.share = share;
        self.breaths = 0;
        if self.stopped().await? {
            return Ok(None);
        }
        let run_id = self.run_id;
        let fit = match train::fit(data, options, device, run_id, self).await {
            Ok(fit) if fit.ended == Ended::Stopped && self.ended => None,
            Ok(fit) => Some(Ok(fit)),
            Err(TrainError::Aborted) => return Err(TrainError::Aborted),
            Err(why) => Some(Err(why)),
        };
        self.done += share;
        Ok(fit)
    }

    /// Lets others run, and says whether the host asked to end.
    ///
    /// # Errors
    /// `aborted`.
    pub async fn stopped(&mut self) -> Result<bool, TrainError> {
        match self.host.breathe().await {
            Signal::Continue => {}
            Signal::Stop => self.ended = true,
            Signal::Cancel => return Err(TrainError::Aborted),
        }
        Ok(self.ended)
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        (self.host.now() - self.started) / 1e3
    }
}

impl<H: Host> Host for Controls<'_, H> {
    fn now(&self) -> f64 {
        self.host.now()
    }

    fn report(&mut self, progress: Progress) {
        let fraction = self.done + self.share * progress.fraction;
        let seconds = self.seconds();
        self.host.report(Progress {
            phase: "controls",
            fraction,
            eta_seconds: (fraction > 0.0).then(|| seconds * (1.0 - fraction) / fraction),
            run_id: Some(self.run_id.to_owned()),
            ..Progress::default()
        });
    }

    async fn breathe(&mut self) -> Signal {
        let signal = self.host.breathe().await;
        self.ended |= signal == Signal::Stop;
        self.breaths += 1;
        match self.updates {
            Some(updates) if signal == Signal::Continue && self.breaths > updates => Signal::Stop,
            _ => signal,
        }
    }
}
