//! Credit from a trained model: what its forecasts lose when touches are left out.

use super::asked::{Asked, Redraw, Row};
use super::games::{Game, Games, Settled};
use super::options::CompareOptions;
use super::reach::{weight_of, worth_of};
use super::sensitivity::Sensitivity;
use super::trials::Trials;
use super::units::Units;
use crate::attribution::{Bits, ChannelCredit, MethodCredit, Samples};
use crate::job::{Host, Progress, Signal};
use crate::prepare::random::Random;
use crate::prepare::{Dataset, Journeys};
use nalgebra::DMatrix;

/// Trials that are scored at a time.
const BATCH: usize = 4_096;
/// Resamples of the journeys.
const RESAMPLES: usize = 500;
/// The part of the work that is scoring; the rest is resampling.
const SCORING: f64 = 0.9;
/// The part of the work after which there is something to report.
const REPORT: f64 = 0.01;

/// Gives the chance of conversion of journeys: those of a data set, whole or with touches left out. `x`
/// holds their features, row-major, with all that is counted from touches counted anew.
pub trait Scorer {
    /// One chance per journey.
    fn probabilities(&mut self, journeys: &Journeys, x: &[f32]) -> Vec<f64>;
}

impl<F: FnMut(&Journeys, &[f32]) -> Vec<f64>> Scorer for F {
    fn probabilities(&mut self, journeys: &Journeys, x: &[f32]) -> Vec<f64> {
        self(journeys, x)
    }
}

/// A model that gives credit.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditedModel<'a> {
    /// `logistic`, `journey` or `transformer`.
    pub method: &'static str,
    /// The run it comes from.
    pub run_id: String,
    /// At most so many rows are looked at, drawn by weight and seed from all: scoring takes time.
    pub most: usize,
    /// Of a logistic regression: the covariance of its coefficients, the intercept last. The intervals then
    /// allow for what another sample would have made of the model. Without it the model is taken as it is.
    pub covariance: Option<&'a DMatrix<f64>>,
}

/// What the model says of one row.
struct Loss {
    row: Row,
    converted: bool,
    /// Of a conversion, its worth over its chance; else 0.
    worth: f64,
    parts: Vec<(u32, f64)>,
}

/// The credit by a model: of every journey, converting or not, the part of the forecast that is lost with
/// each channel's touches, by the rule that the options name; summed up, losses below 0 left out, and made
/// to add up to the observed conversions. `None` where the data set has no journeys, nothing is lost, or
/// the host cancels.
///
/// - `sampledShapley`: the Shapley value of the forecast among the journey's different channels (Lundberg
///   and Lee 2017; Zhao et al. 2018): exact for up to four of them, else over drawn orders and their
///   reverses (Mitchell et al. 2022).
/// - `leaveOneChannelOut`: what is lost with all touches of a channel, the others in their places.
/// - `leaveOneOut`: what is lost with each single touch, the others in their places.
///
/// Value: of a converting journey a channel gets the worth times the lost part of its own forecast
/// (`part / chance`); summed up and made to add up in the same way.
pub async fn model_credit<S: Scorer, H: Host>(
    dataset: &Dataset,
    scorer: &mut S,
    model: &CreditedModel<'_>,
    options: &CompareOptions,
    host: &mut H,
) -> Option<MethodCredit> {
    let journeys = dataset.journeys.as_ref()?;
    let units = Units::new(&journeys.channels, options);
    let relabelled = units.relabelled(journeys);
    let mut random = Random::new(options.seed.unwrap_or(42));
    let asked = Asked::new(dataset, model.most, &mut random);
    let mut games = Games::new(&relabelled, options.model_rule, random);
    let mut work = Work {
        dataset,
        standing: asked.standing,
        losses: Vec::with_capacity(asked.rows.len()),
        whole: 0.0,
        none: 0.0,
        units: units.all.len(),
        sensitivity: model
            .covariance
            .filter(|covariance| covariance.nrows() == dataset.width() + 1)
            .and_then(|covariance| Sensitivity::new(covariance, units.all.len())),
    };
    let mut pending: Vec<(Row, Game)> = Vec::new();
    let mut trials = Trials::new(journeys, dataset);
    let mut told = Telling::new(model);
    for (place, &row) in asked.rows.iter().enumerate() {
        pending.push((row, games.game(row.journey as usize, &mut trials)));
        let last = place + 1 == asked.rows.len();
        if trials.len() >= BATCH || last {
            let (left, x) = trials.both();
            let chances = scorer.probabilities(left, x);
            for (row, game) in pending.drain(..) {
                work.take(row, &game, &chances, x);
            }
            trials.clear();
            let done = (place + 1) as f64 / asked.rows.len() as f64;
            told.tell(SCORING * done, host);
            if host.breathe().await == Signal::Cancel {
                return None;
            }
        }
    }
    work.finish(&units, model, options, &mut told, host).await
}

/// Reports how far the credit of a model is.
struct Telling {
    run_id: String,
    told: f64,
}

impl Telling {
    fn new(model: &CreditedModel<'_>) -> Self {
        Self {
            run_id: model.run_id.clone(),
            told: 0.0,
        }
    }

    fn tell<H: Host>(&mut self, fraction: f64, host: &mut H) {
        if fraction >= self.told + REPORT || fraction >= 1.0 {
            self.told = fraction;
            host.report(Progress {
                phase: "credit",
                fraction,
                run_id: Some(self.run_id.clone()),
                ..Progress::default()
            });
        }
    }
}

/// The credit of a model while it is worked out.
struct Work<'a> {
    dataset: &'a Dataset,
    /// How many journeys one copy of a row stands for.
    standing: f64,
    losses: Vec<Loss>,
    /// The conversions that the model expects with all touches, and without any.
    whole: f64,
    none: f64,
    units: usize,
    sensitivity: Option<Sensitivity>,
}

/// By unit, what is lost of the conversions and of their worth.
#[derive(Debug, Clone, Default)]
struct Sums {
    conversions: Vec<f64>,
    values: Vec<f64>,
}

/// What was observed, or is in a resample.
#[derive(Debug, Clone, Copy, Default)]
struct Observed {
    conversions: f64,
    value: f64,
}

impl Work<'_> {
    fn take(&mut self, row: Row, game: &Game, chances: &[f64], x: &[f32]) {
        let Settled { whole, none, parts } = game.settle(chances);
        let journey = row.journey as usize;
        let weight = row.copies * self.standing;
        let converted = self.dataset.y[journey] > 0.5;
        let worth = if converted && whole > 0.0 {
            worth_of(self.dataset, journey) / whole
        } else {
            0.0
        };
        self.whole += weight * whole;
        self.none += weight * none;
        if let Some(sensitivity) = &mut self.sensitivity {
            sensitivity.take(game, &parts, chances, x, (weight, worth));
        }
        self.losses.push(Loss {
            row,
            converted,
            worth,
            parts,
        });
    }

    /// The sums where each row has so many copies.
    fn sums(&self, copies: impl Fn(usize) -> f64) -> Sums {
        let mut sums = Sums {
            conversions: vec![0.0; self.units],
            values: vec![0.0; self.units],
        };
        for (place, loss) in self.losses.iter().enumerate() {
            let weight = copies(place) * self.standing;
            for &(unit, part) in &loss.parts {
                sums.conversions[unit as usize] += weight * part;
                sums.values[unit as usize] += weight * loss.worth * part;
            }
        }
        sums
    }

    /// Conversions of the rows asked about, and their worth, where each has so many copies.
    fn observed(&self, copies: impl Fn(usize) -> f64) -> Observed {
        let mut observed = Observed::default();
        for (place, loss) in self.losses.iter().enumerate() {
            if loss.converted {
                let weight = copies(place) * self.standing;
                observed.conversions += weight;
                observed.value += weight * worth_of(self.dataset, loss.row.journey as usize);
            }
        }
        observed
    }

    async fn finish<H: Host>(
        self,
        units: &Units,
        model: &CreditedModel<'_>,
        options: &CompareOptions,
        told: &mut Telling,
        host: &mut H,
    ) -> Option<MethodCredit> {
        let mut order: Vec<usize> = (0..self.units).collect();
        crate::order::sort_by(&mut order, |&a, &b| {
            units.all[a].name.cmp(&units.all[b].name)
        });
        let mut all = Observed::default();
        for journey in (0..self.dataset.y.len()).filter(|&journey| self.dataset.y[journey] > 0.5) {
            let weight = weight_of(self.dataset, journey);
            all.conversions += weight;
            all.value += weight * worth_of(self.dataset, journey);
        }
        let sums = self.sums(|place| self.losses[place].row.copies);
        let shares = shares(&sums.conversions)?;
        let valued = self.dataset.values.is_some();
        let values = values(&sums.values, &shares, all.value);
        let samples = self.resampled(&order, options, all, told, host).await?;
        let channel = |&unit: &usize| ChannelCredit {
            name: units.all[unit].name.clone(),
            share: shares[unit],
            conversions: shares[unit] * all.conversions,
            value: valued.then(|| values[unit]),
            incremental: Some(sums.conversions[unit]),
            ..ChannelCredit::default()
        };
        let given = MethodCredit {
            method: model.method,
            channels: order.iter().map(channel).collect(),
            run_id: Some(model.run_id.clone()),
            rule: Some(options.model_rule.name()),
            baseline: Some(self.none),
            incremental: Some(self.whole - self.none),
            intervals: Some(match self.sensitivity {
                Some(_) => "model-drawn",
                None => "model-fixed",
            }),
            ..MethodCredit::default()
        };
        Some(given.with_samples(Some(samples), options.confidence))
    }

    /// The credit with the journeys drawn anew and, where its uncertainty is known, the model too. `None`
    /// where the host cancels.
    async fn resampled<H: Host>(
        &self,
        order: &[usize],
        options: &CompareOptions,
        all: Observed,
        told: &mut Telling,
        host: &mut H,
    ) -> Option<Samples> {
        let wanted = options.resamples.unwrap_or(RESAMPLES).min(RESAMPLES);
        let seed = options.seed.unwrap_or(42) ^ 0x5eed;
        let valued = self.dataset.values.is_some();
        let rows: Vec<Row> = self.losses.iter().map(|loss| loss.row).collect();
        let asked = self.observed(|place| rows[place].copies);
        let mut redraw = Redraw::new(self.dataset, &rows);
        let mut models = Random::new(seed);
        let mut samples = Samples::own();
        let mut copies = Vec::new();
        // Rows that stand for others swing more than all would: by the root of how many they stand for.
        let swing = |drawn: f64, asked: f64, all: f64| {
            let off = if asked > 0.0 {
                drawn / asked - 1.0
            } else {
                0.0
            };
            (all * (1.0 + off / self.standing.sqrt())).max(0.0)
        };
        for draw in 0..wanted {
            redraw.draw(&mut Bits::new(seed, draw as u64), &mut copies);
            let drawn = self.observed(|place| copies[place]);
            let mut own = self.sums(|place| copies[place]);
            if let Some(sensitivity) = &self.sensitivity {
                sensitivity.shift(&mut models, &mut own.conversions, &mut own.values);
            }
            if drawn.conversions > 0.0
                && let Some(shares) = shares(&own.conversions)
            {
                let conversions = swing(drawn.conversions, asked.conversions, all.conversions);
                let value = swing(drawn.value, asked.value, all.value);
                let values = values(&own.values, &shares, value);
                let pick = |of: &[f64]| order.iter().map(|&unit| of[unit]).collect::<Vec<f64>>();
                let values = if valued { pick(&values) } else { Vec::new() };
                samples.push(draw as u32, &pick(&shares), &values, conversions);
            }
            told.tell(
                SCORING + (1.0 - SCORING) * (draw + 1) as f64 / wanted as f64,
                host,
            );
            match host.breathe().await {
                Signal::Continue => {}
                Signal::Stop => break,
                Signal::Cancel => return None,
            }
        }
        told.tell(1.0, host);
        Some(samples)
    }
}

/// What is lost as parts of the whole, losses below 0 left out. `None` where nothing is.
fn shares(sums: &[f64]) -> Option<Vec<f64>> {
    let all: f64 = sums.iter().map(|sum| sum.max(0.0)).sum();
    (all > 0.0).then(|| sums.iter().map(|sum| sum.max(0.0) / all).collect())
}

/// The value shared out in the same way; as the conversions are where no worth is lost.
fn values(sums: &[f64], conversions: &[f64], value: f64) -> Vec<f64> {
    let shares = shares(sums);
    let shares = shares.as_deref().unwrap_or(conversions);
    shares.iter().map(|share| share * value).collect()
}
