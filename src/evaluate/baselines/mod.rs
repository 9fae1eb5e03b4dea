//! What a journey model owes to the order and the times of the touches, and whether simpler models would do.
//!
//! Beside the model stand logistic regression on the same rows, the same network on touches that have
//! changed places (with and without the time before each), the same network without times, and the most
//! that can be known from the sequence of channels. Differences in log-loss are judged by a paired
//! bootstrap.

mod ceiling;
mod contrast;
mod controls;
mod judge;

pub use ceiling::{Ceiling, ceiling};
pub use contrast::{Better, Contrast, contrast};
pub use judge::{Answer, BaselineFigures, Verdict};

use super::predict;
use crate::error::Warning;
use crate::job::Host;
use crate::prepare::{Dataset, Journeys};
use crate::train::{
    CONTROLLED, DeviceKind, Ended, Fit, TrainError, TrainOptions, TrainingData, ValidTrainOptions,
};
use burn::tensor::Device;
use controls::Controls;
use judge::Judge;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// What stands beside a journey model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Baselines {
    /// The part that is compared on: `test`, else `validation`, else `train`.
    pub part: &'static str,
    /// The model itself.
    pub model: BaselineFigures,
    /// Logistic regression on counts, lengths of time and features of the same rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logistic: Option<BaselineFigures>,
    /// The same network trained on touches that have changed places within each journey, while the times
    /// stayed where they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shuffled: Option<BaselineFigures>,
    /// The same network trained on touches that have changed places within each journey, each with the time
    /// since the touch before it; only where the network is told times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shuffled_with_gaps: Option<BaselineFigures>,
    /// The same network without the time between touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_gaps: Option<BaselineFigures>,
    /// What can be known from the sequence alone.
    pub ceiling: Ceiling,
    /// Whether order matters: the model against both ways of changing places; the one it gains less over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_matters: Option<Verdict>,
    /// Whether time matters: the model against `without_gaps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_matters: Option<Verdict>,
    /// Whether the network is worth its trouble: the model against `logistic`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earns_its_keep: Option<Verdict>,
    /// Where there are very many training rows: the part of them that the networks were trained on for order
    /// and time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Drawn>,
    /// What could not be trained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Whether all of it was done; not where it was stopped.
    pub complete: bool,
    /// Seconds it took.
    pub seconds: f64,
}

/// A part of the training rows, drawn by seed, so that the controls don't take longer than the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drawn {
    /// Training rows that were drawn.
    pub rows: usize,
    /// Of so many.
    pub of: usize,
    /// The model trained anew on them: what the controls on the same rows are held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<BaselineFigures>,
}

/// Trains what stands beside a journey model and compares. A stop leaves out what is not done yet. Networks
/// are trained on at most [`CONTROLLED`] training rows.
///
/// # Errors
/// [`TrainError::NoJourneys`] where `fit` is no journey model or `data` has no journeys; `aborted`.
pub async fn baselines(
    data: &Dataset,
    fit: &Fit,
    run_id: &str,
    host: &mut impl Host,
) -> Result<Baselines, TrainError> {
    baselines_within(data, fit, run_id, CONTROLLED, host).await
}

/// [`baselines`], with networks trained on at most so many training rows.
///
/// # Errors
/// As [`baselines`].
pub async fn baselines_within(
    data: &Dataset,
    fit: &Fit,
    run_id: &str,
    most: usize,
    host: &mut impl Host,
) -> Result<Baselines, TrainError> {
    let journeys = data.journeys.as_ref().ok_or(TrainError::NoJourneys)?;
    let network = fit.journey.as_ref().ok_or(TrainError::NoJourneys)?;
    let (part, rows) = compared(data);
    let judge = Judge::new(data, rows);
    let model = predict(fit, &data.x, data.width(), Some(journeys)).0;
    let mut found = Baselines {
        part,
        model: judge.figures(&model),
        logistic: None,
        shuffled: None,
        shuffled_with_gaps: None,
        without_gaps: None,
        ceiling: ceiling(data).ok_or(TrainError::NoJourneys)?,
        order_matters: None,
        time_matters: None,
        earns_its_keep: None,
        drawn: None,
        warnings: Vec::new(),
        complete: false,
        seconds: 0.0,
    };
    let drawn = draw(data, most, fit.options.seed);
    let gaps = network.inputs.gaps;
    let networks = 1 + 2 * usize::from(gaps) + usize::from(drawn.is_some());
    let bench = Bench {
        data,
        judge,
        all: TrainingData::from(data),
        options: ValidTrainOptions {
            device: DeviceKind::Cpu,
            ..fit.options.clone()
        },
        share: 0.95 / networks as f64,
    };
    let mut host = Controls::new(host, run_id);
    found.logistic(&bench, &model, &mut host).await?;
    if fit.ended == Ended::Stopped {
        let share = drawn.as_ref().map_or(1.0, |drawn| drawn.part);
        host.updates = Some((fit.steps as f64 * share).ceil() as usize);
    }
    match &drawn {
        None => {
            found
                .networks(&bench, &bench.all, &model, gaps, &mut host)
                .await?
        }
        Some(share) => {
            let parts = TrainingData {
                train: &share.train,
                validation: &share.validation,
                ..bench.all.clone()
            };
            let again = bench.network(journeys, &parts, &bench.options, &mut host);
            let again = found.note(again.await?, |why| {
                Warning::new("control-model-failed", format!("The model could not be trained anew on a part of the rows, to hold it against others: {why}"))
            });
            found.drawn = Some(Drawn {
                rows: share.train.len(),
                of: data.split.train.len(),
                model: again.as_ref().map(|model| bench.judge.figures(model)),
            });
            if let Some(model) = again {
                found
                    .networks(&bench, &parts, &model, gaps, &mut host)
                    .await?;
            }
        }
    }
    found.complete = !host.stopped().await?;
    found.seconds = host.seconds();
    Ok(found)
}

impl Baselines {
    /// Logistic regression, on all training rows.
    async fn logistic<H: Host>(
        &mut self,
        bench: &Bench<'_>,
        model: &[f64],
        host: &mut Controls<'_, H>,
    ) -> Result<(), TrainError> {
        let Bench {
            data, judge, all, ..
        } = bench;
        if all.width == 0 {
            return Ok(());
        }
        let options = TrainOptions::default().check(all.train.len())?;
        // It takes about a twentieth of the time of a network.
        let fit = host.fit(all, &options, &Device::flex(), 0.05).await?;
        let fit = self.note(fit, |why| {
            Warning::new(
                "control-logistic-failed",
                format!("Logistic regression could not be trained beside the model: {why}"),
            )
        });
        if let Some(fit) = fit {
            let other = predict(&fit, &data.x, data.width(), None).0;
            self.logistic = Some(judge.figures(&other));
            self.earns_its_keep = judge.verdict(model, &other, host).await?;
        }
        Ok(())
    }

    /// The networks that lack something, on the same training rows as the one that `model` is the
    /// probabilities of.
    async fn networks<H: Host>(
        &mut self,
        bench: &Bench<'_>,
        parts: &TrainingData<'_>,
        model: &[f64],
        gaps: bool,
        host: &mut Controls<'_, H>,
    ) -> Result<(), TrainError> {
        let judge = &bench.judge;
        let seed = bench.options.seed;
        let Some(journeys) = bench.all.journeys else {
            return Ok(());
        };
        let order = |why: String| {
            Warning::new(
                "control-order-failed",
                format!("The same network could not be trained on touches in other places: {why}"),
            )
        };
        let turned = changed_places(journeys, seed, false);
        // Where no journey has two different touches there is no order to lose.
        if turned.touch_channels != journeys.touch_channels
            || turned.touch_events != journeys.touch_events
        {
            let other = bench.network(&turned, parts, &bench.options, host).await?;
            if let Some(other) = self.note(other, order) {
                self.shuffled = Some(judge.figures(&other));
                let verdict = judge.verdict(model, &other, host).await?;
                self.order_matters = verdict.map(|verdict| verdict.against("shuffled"));
            }
            if gaps {
                let turned = changed_places(journeys, seed, true);
                let other = bench.network(&turned, parts, &bench.options, host).await?;
                let verdict = match self.note(other, order) {
                    Some(other) => {
                        self.shuffled_with_gaps = Some(judge.figures(&other));
                        judge.verdict(model, &other, host).await?
                    }
                    None => None,
                };
                // One of the two does not tell order from the pairing of channels and times.
                self.order_matters = self.order_matters.take().zip(verdict).map(|(a, b)| {
                    let b = b.against("shuffledWithGaps");
                    if b.firmness() < a.firmness() { b } else { a }
                });
            }
        }
        if gaps {
            let options = without_gaps(&bench.options);
            let other = bench.network(journeys, parts, &options, host).await?;
            let other = self.note(other, |why| {
                Warning::new(
                    "control-time-failed",
                    format!("The same network could not be trained without times: {why}"),
                )
            });
            if let Some(other) = other {
                self.without_gaps = Some(judge.figures(&other));
                self.time_matters = judge.verdict(model, &other, host).await?;
            }
        }
        Ok(())
    }

    /// What was trained; a failure is told as a warning.
    fn note<T>(
        &mut self,
        trained: Option<Result<T, TrainError>>,
        warning: impl Fn(String) -> Warning,
    ) -> Option<T> {
        match trained? {
            Ok(value) => Some(value),
            Err(why) => {
                let warning = warning(why.to_string());
                if !self.warnings.iter().any(|told| told.code == warning.code) {
                    self.warnings.push(warning);
                }
                None
            }
        }
    }
}

/// What every control is trained and judged with.
struct Bench<'a> {
    data: &'a Dataset,
    judge: Judge<'a>,
    /// All training rows.
    all: TrainingData<'a>,
    /// The model's own options.
    options: ValidTrainOptions,
    /// How much of the whole a network takes.
    share: f64,
}

impl Bench<'_> {
    /// The probabilities of all rows by a network that was trained and is asked on these journeys; `None`
    /// where the host asked to end.
    async fn network<H: Host>(
        &self,
        journeys: &Journeys,
        parts: &TrainingData<'_>,
        options: &ValidTrainOptions,
        host: &mut Controls<'_, H>,
    ) -> Result<Option<Result<Vec<f64>, TrainError>>, TrainError> {
        let parts = TrainingData {
            journeys: Some(journeys),
            ..parts.clone()
        };
        let fit = host
            .fit(&parts, options, &Device::flex(), self.share)
            .await?;
        let probabilities =
            |fit: Fit| predict(&fit, &self.data.x, self.data.width(), Some(journeys)).0;
        Ok(fit.map(|fit| fit.map(probabilities)))
    }
}

fn without_gaps(options: &ValidTrainOptions) -> ValidTrainOptions {
    let mut options = options.clone();
    if let Some(journey) = &mut options.journey {
        journey.time_gaps = false;
    }
    options
}

/// The rows that are compared on: those that no model has seen, where there are any.
fn compared(data: &Dataset) -> (&'static str, &[u32]) {
    let split = &data.split;
    if !split.test.is_empty() {
        ("test", &split.test)
    } else if !split.validation.is_empty() {
        ("validation", &split.validation)
    } else {
        ("train", &split.train)
    }
}

/// A drawn part of the training and validation rows.
struct Share {
    train: Vec<u32>,
    validation: Vec<u32>,
    /// How much of the whole it is.
    part: f64,
}

/// Draws at most so many training rows, and the same share of the validation rows; `None` where there are no
/// more than that.
fn draw(data: &Dataset, most: usize, seed: u64) -> Option<Share> {
    let all = data.split.train.len();
    if all <= most {
        return None;
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0xd4a3);
    let part = most as f64 / all as f64;
    let mut drawn = |rows: &[u32]| {
        let mut rows = rows.to_vec();
        let count = (rows.len() as f64 * part).round() as usize;
        let (chosen, _) = rows.partial_shuffle(&mut random, count);
        chosen.to_vec()
    };
    Some(Share {
        train: drawn(&data.split.train),
        validation: drawn(&data.split.validation),
        part,
    })
}

/// The same journeys with their channels and event types in random order within each; the times stay where
/// they are, or go `with_gaps`: then each touch keeps the time since the touch that was before it.
fn changed_places(journeys: &Journeys, seed: u64, with_gaps: bool) -> Journeys {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x0_5417);
    let mut from: Vec<usize> = (0..journeys.touch_channels.len()).collect();
    for journey in 0..journeys.len() {
        from[journeys.range(journey)].shuffle(&mut random);
    }
    let codes = |of: &[u32]| match of {
        [] => Vec::new(),
        of => from.iter().map(|&touch| of[touch]).collect(),
    };
    let gaps = &journeys.gap_hours;
    Journeys {
        channels: journeys.channels.clone(),
        events: journeys.events.clone(),
        offsets: journeys.offsets.clone(),
        touch_channels: codes(&journeys.touch_channels),
        touch_events: codes(&journeys.touch_events),
        gap_hours: if with_gaps && !gaps.is_empty() {
            from.iter().map(|&touch| gaps[touch]).collect()
        } else {
            gaps.clone()
        },
        calendar: journeys.calendar,
        ..Journeys::default()
    }
}
