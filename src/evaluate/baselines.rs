//! What a journey model owes to the order and the times of the touches, and whether simpler models would do.
//!
//! Beside the model stand logistic regression on the same rows, the same network on touches that have
//! changed places, the same network without times, and the most that can be known from the sequence of
//! channels. Differences in log-loss are judged by a paired bootstrap.

use super::{Metrics, Ranking, predict};
use crate::job::{Host, Progress, Signal};
use crate::prepare::{Dataset, Journeys};
use crate::table::MISSING_CODE;
use crate::train::{
    self, DeviceKind, Ended, Fit, TrainError, TrainOptions, TrainingData, ValidTrainOptions,
};
use burn::tensor::Device;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::collections::HashMap;

/// How often the rows are drawn anew.
const RESAMPLES: usize = 1_000;
/// Differences below this share of the base rate's entropy are too small to matter: two trainings of one
/// network from different seeds differ by as much.
const MARGIN: f64 = 0.01;
/// The least and the largest probability in a log-loss, as everywhere in this room.
const EDGE: f64 = f64::EPSILON;

/// How good a model is on the part that is compared on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BaselineFigures {
    /// Mean log-loss.
    pub loss: f64,
    /// Area under the ROC curve.
    pub auc: f64,
    /// At threshold 0.5.
    pub accuracy: f64,
}

/// What can be known from the sequence alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ceiling {
    /// The share of rows that would be called rightly by who knew the majority outcome of each distinct
    /// sequence: no model that sees nothing but the sequence can do better on these rows.
    pub accuracy: f64,
    /// The share that is called rightly by calling all rows alike.
    pub floor: f64,
    /// How many different sequences there are.
    pub sequences: usize,
    /// The share of rows whose sequence nobody else has: on these the ceiling says nothing.
    pub unique: f64,
}

/// Whether something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The model is better with it, and by more than a trifle.
    Yes,
    /// At most by a trifle.
    No,
    /// The data can't tell.
    Unclear,
}

/// A comparison of the model with one that lacks something.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether what the other lacks matters.
    pub answer: Answer,
    /// The other's mean log-loss less the model's: above 0 the model is better.
    pub difference: f64,
    /// 95 % interval of it, by paired bootstrap over users (or rows where there are none).
    pub interval: [f64; 2],
    /// Differences below this are a trifle.
    pub margin: f64,
}

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
    /// The same network trained on touches that have changed places within each journey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shuffled: Option<BaselineFigures>,
    /// The same network without the time between touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_gaps: Option<BaselineFigures>,
    /// What can be known from the sequence alone.
    pub ceiling: Ceiling,
    /// Whether order matters: the model against `shuffled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_matters: Option<Verdict>,
    /// Whether time matters: the model against `without_gaps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_matters: Option<Verdict>,
    /// Whether the network is worth its trouble: the model against `logistic`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earns_its_keep: Option<Verdict>,
    /// Whether all of it was done; not where it was stopped.
    pub complete: bool,
    /// Seconds it took.
    pub seconds: f64,
}

/// Trains what stands beside a journey model and compares. A stop leaves out what is not done yet.
///
/// # Errors
/// [`TrainError::NoJourneys`] where `fit` is no journey model or `data` has no journeys; those of training
/// otherwise, `aborted` above all.
pub async fn baselines(
    data: &Dataset,
    fit: &Fit,
    run_id: &str,
    host: &mut impl Host,
) -> Result<Baselines, TrainError> {
    let journeys = data.journeys.as_ref().ok_or(TrainError::NoJourneys)?;
    let network = fit.journey.as_ref().ok_or(TrainError::NoJourneys)?;
    let started = host.now();
    let (part, rows) = compared(data);
    let judge = Judge::new(data, rows);
    let model = predict(fit, &data.x, data.width(), Some(journeys)).0;
    let mut found = Baselines {
        part,
        model: judge.figures(&model),
        logistic: None,
        shuffled: None,
        without_gaps: None,
        ceiling: ceiling(data, journeys, rows),
        order_matters: None,
        time_matters: None,
        earns_its_keep: None,
        complete: false,
        seconds: 0.0,
    };
    let mut host = Controls {
        host,
        run_id,
        done: 0.0,
        share: 0.0,
        started,
        ended: false,
    };
    let parts = TrainingData::from(data);
    let options = ValidTrainOptions {
        device: DeviceKind::Cpu,
        ..fit.options.clone()
    };
    let device = Device::flex();
    // Logistic regression takes about a twentieth of the time of a network.
    let logistic = TrainOptions::default().check(parts.train.len())?;
    if parts.width > 0
        && let Some(other) = host.fit(&parts, &logistic, &device, 0.05).await?
    {
        let other = predict(&other, &data.x, data.width(), None).0;
        found.logistic = Some(judge.figures(&other));
        found.earns_its_keep = Some(judge.verdict(&model, &other));
    }
    let turned = changed_places(journeys, fit.options.seed);
    if turned.touch_channels != journeys.touch_channels
        || turned.touch_events != journeys.touch_events
    {
        let parts = TrainingData {
            journeys: Some(&turned),
            ..parts.clone()
        };
        let share = if network.inputs.gaps { 0.475 } else { 0.95 };
        if let Some(other) = host.fit(&parts, &options, &device, share).await? {
            let other = predict(&other, &data.x, data.width(), Some(&turned)).0;
            found.shuffled = Some(judge.figures(&other));
            found.order_matters = Some(judge.verdict(&model, &other));
        }
    }
    if network.inputs.gaps
        && let Some(other) = host
            .fit(&parts, &without_gaps(&options), &device, 0.475)
            .await?
    {
        let other = predict(&other, &data.x, data.width(), Some(journeys)).0;
        found.without_gaps = Some(judge.figures(&other));
        found.time_matters = Some(judge.verdict(&model, &other));
    }
    found.complete = !host.stopped().await?;
    found.seconds = (host.now() - started) / 1e3;
    Ok(found)
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

/// The same journeys with their channels and event types in random order within each; times stay where they
/// are.
fn changed_places(journeys: &Journeys, seed: u64) -> Journeys {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x0_5417);
    let mut turned = journeys.clone();
    let mut order: Vec<usize> = Vec::new();
    for journey in 0..journeys.len() {
        order.clear();
        order.extend(journeys.range(journey));
        order.shuffle(&mut random);
        for (to, &from) in journeys.range(journey).zip(&order) {
            turned.touch_channels[to] = journeys.touch_channels[from];
            if !journeys.touch_events.is_empty() {
                turned.touch_events[to] = journeys.touch_events[from];
            }
        }
    }
    turned
}

/// The channels of a journey, and its event types.
type Sequence<'a> = (&'a [u32], &'a [u32]);

fn ceiling(data: &Dataset, journeys: &Journeys, rows: &[u32]) -> Ceiling {
    let weight = |row: u32| {
        data.weights
            .as_ref()
            .map_or(1.0, |weights| f64::from(weights[row as usize]))
    };
    let mut groups: HashMap<Sequence<'_>, ([f64; 2], usize)> = HashMap::new();
    for &row in rows {
        let range = journeys.range(row as usize);
        let events = journeys.touch_events.get(range.clone()).unwrap_or(&[]);
        let (masses, count) = groups
            .entry((&journeys.touch_channels[range], events))
            .or_default();
        masses[usize::from(data.y[row as usize] > 0.5)] += weight(row);
        *count += 1;
    }
    let mut sums = [0.0_f64; 2];
    let (mut right, mut alone) = (0.0, 0);
    for (masses, count) in groups.values() {
        right += masses[0].max(masses[1]);
        alone += usize::from(*count == 1);
        sums = [sums[0] + masses[0], sums[1] + masses[1]];
    }
    let all = sums[0] + sums[1];
    Ceiling {
        accuracy: right / all,
        floor: sums[0].max(sums[1]) / all,
        sequences: groups.len(),
        unique: alone as f64 / rows.len().max(1) as f64,
    }
}

/// Judges models on the same rows.
struct Judge<'a> {
    rows: &'a [u32],
    labels: Vec<f32>,
    weights: Vec<f32>,
    /// Which unit each row is drawn with: its user, or itself.
    units: Vec<usize>,
    unit_count: usize,
    margin: f64,
}

impl<'a> Judge<'a> {
    fn new(data: &'a Dataset, rows: &'a [u32]) -> Self {
        let labels: Vec<f32> = rows.iter().map(|&row| data.y[row as usize]).collect();
        let weights: Vec<f32> = match &data.weights {
            Some(weights) => rows.iter().map(|&row| weights[row as usize]).collect(),
            None => vec![1.0; rows.len()],
        };
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut unit_count = 0;
        let mut next = || {
            unit_count += 1;
            unit_count - 1
        };
        let units = rows
            .iter()
            .map(
                |&row| match data.users.as_ref().map(|users| users[row as usize]) {
                    Some(user) if user != MISSING_CODE => {
                        *places.entry(user).or_insert_with(&mut next)
                    }
                    _ => next(),
                },
            )
            .collect();
        let mass: f64 = weights.iter().map(|&w| f64::from(w)).sum();
        let converted: f64 = labels
            .iter()
            .zip(&weights)
            .map(|(&y, &w)| f64::from(y) * f64::from(w))
            .sum();
        let rate = (converted / mass).clamp(EDGE, 1.0 - EDGE);
        let entropy = -(rate * rate.ln() + (1.0 - rate) * (1.0 - rate).ln());
        Self {
            rows,
            labels,
            weights,
            units,
            unit_count,
            margin: MARGIN * entropy,
        }
    }

    /// The figures of a model that gives these probabilities to all rows of the data.
    fn figures(&self, probabilities: &[f64]) -> BaselineFigures {
        let own: Vec<f64> = self
            .rows
            .iter()
            .map(|&row| probabilities[row as usize])
            .collect();
        let labels = self.labels.iter().copied();
        let metrics = Metrics::new(&Ranking::new(
            &own,
            labels,
            Some(self.weights.iter().copied()),
        ));
        BaselineFigures {
            loss: metrics.loss,
            auc: metrics.auc,
            accuracy: metrics.accuracy,
        }
    }

    /// Compares two models by a paired bootstrap: units are drawn with all their rows, and the difference
    /// in mean log-loss is taken on what was drawn (Efron & Tibshirani 1993, *An Introduction to the
    /// Bootstrap*, section 13.3, percentile interval).
    fn verdict(&self, model: &[f64], other: &[f64]) -> Verdict {
        let mut sums = vec![(0.0_f64, 0.0_f64); self.unit_count];
        for (at, &row) in self.rows.iter().enumerate() {
            let loss = |probabilities: &[f64]| {
                let p = probabilities[row as usize].clamp(EDGE, 1.0 - EDGE);
                if self.labels[at] > 0.5 {
                    -p.ln()
                } else {
                    -(1.0 - p).ln()
                }
            };
            let weight = f64::from(self.weights[at]);
            let sum = &mut sums[self.units[at]];
            sum.0 += weight * (loss(other) - loss(model));
            sum.1 += weight;
        }
        let mean = |drawn: (f64, f64)| drawn.0 / drawn.1;
        let add = |a: (f64, f64), b: (f64, f64)| (a.0 + b.0, a.1 + b.1);
        let difference = mean(sums.iter().copied().fold((0.0, 0.0), add));
        let mut random = ChaCha8Rng::seed_from_u64(42);
        let mut drawn: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let units = (0..sums.len())
                    .map(|_| sums[random.random_range(0..sums.len() as u32) as usize]);
                mean(units.fold((0.0, 0.0), add))
            })
            .filter(|difference| difference.is_finite())
            .collect();
        drawn.sort_unstable_by(f64::total_cmp);
        let quantile = |share: f64| {
            let at = (share * drawn.len() as f64) as usize;
            drawn
                .get(at.min(drawn.len().saturating_sub(1)))
                .copied()
                .unwrap_or(f64::NAN)
        };
        let interval = [quantile(0.025), quantile(0.975)];
        let answer = if interval[0] > 0.0 && difference > self.margin {
            Answer::Yes
        } else if interval[1] < self.margin {
            Answer::No
        } else {
            Answer::Unclear
        };
        Verdict {
            answer,
            difference,
            interval,
            margin: self.margin,
        }
    }
}

/// Retells the progress of several trainings as that of one job.
struct Controls<'a, H> {
    host: &'a mut H,
    run_id: &'a str,
    done: f64,
    share: f64,
    started: f64,
    /// Whether the host asked to end.
    ended: bool,
}

impl<H: Host> Controls<'_, H> {
    /// Trains a model that takes so much of the whole; `None` where the host asked to end.
    async fn fit(
        &mut self,
        data: &TrainingData<'_>,
        options: &ValidTrainOptions,
        device: &Device,
        share: f64,
    ) -> Result<Option<Fit>, TrainError> {
        self.share = share;
        if self.stopped().await? {
            return Ok(None);
        }
        let run_id = self.run_id;
        let fit = match train::fit(data, options, device, run_id, self).await {
            Ok(fit) if fit.ended == Ended::Stopped => {
                self.ended = true;
                None
            }
            Ok(fit) => Some(fit),
            Err(TrainError::Aborted) => return Err(TrainError::Aborted),
            // What can't be trained is not compared with; the model itself was.
            Err(_) => None,
        };
        self.done += share;
        Ok(fit)
    }

    async fn stopped(&mut self) -> Result<bool, TrainError> {
        match self.host.breathe().await {
            Signal::Continue => {}
            Signal::Stop => self.ended = true,
            Signal::Cancel => return Err(TrainError::Aborted),
        }
        Ok(self.ended)
    }
}

impl<H: Host> Host for Controls<'_, H> {
    fn now(&self) -> f64 {
        self.host.now()
    }

    fn report(&mut self, progress: Progress) {
        let fraction = self.done + self.share * progress.fraction;
        let seconds = (self.host.now() - self.started) / 1e3;
        self.host.report(Progress {
            phase: "controls",
            fraction,
            eta_seconds: (fraction > 0.0).then(|| seconds * (1.0 - fraction) / fraction),
            run_id: Some(self.run_id.to_owned()),
            ..Progress::default()
        });
    }

    async fn breathe(&mut self) -> Signal {
        self.host.breathe().await
    }
}
