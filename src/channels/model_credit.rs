//! Credit from a trained model: what its forecasts lose when touches are left out.

use super::options::{CompareOptions, CreditRule};
use super::people::{Seen, each_channel};
use super::reach::{weight_of, worth_of};
use super::trials::Trials;
use super::units::Units;
use crate::attribution::{ChannelCredit, MethodCredit, percentile_interval};
use crate::job::{Host, Signal};
use crate::prepare::random::Random;
use crate::prepare::{Dataset, Journeys};

/// Journeys with more different channels are credited by drawn orders of them.
const EXACT: usize = 4;
/// So many orders, each with its reverse.
const ORDERS: usize = 4;
/// Rows that are scored at a time.
const BATCH: usize = 4_096;
/// Resamples of the journeys.
const RESAMPLES: usize = 200;

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
pub struct CreditedModel {
    /// `logistic` or `journey`.
    pub method: &'static str,
    /// The run it comes from.
    pub run_id: String,
    /// At most so many journeys are looked at, drawn by seed from all: scoring takes time.
    pub most: usize,
}

/// What one journey's forecast loses by channel, without any of them, and in all.
struct Loss {
    journey: u32,
    weight: f64,
    baseline: f64,
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
/// - `leaveOneOut`: what is lost with each single touch, the others in their places.
pub async fn model_credit<S: Scorer, H: Host>(
    dataset: &Dataset,
    scorer: &mut S,
    model: &CreditedModel,
    options: &CompareOptions,
    host: &mut H,
) -> Option<MethodCredit> {
    let journeys = dataset.journeys.as_ref()?;
    let units = Units::new(&journeys.channels, options);
    let relabelled = units.relabelled(journeys);
    let seed = options.seed.unwrap_or(42);
    let mut chosen: Vec<u32> = (0..journeys.len() as u32).collect();
    let mut random = Random::new(seed);
    if chosen.len() > model.most {
        random.shuffle(&mut chosen);
        chosen.truncate(model.most);
        chosen.sort_unstable();
    }
    let rule = options.model_rule;
    let mut losses = Vec::with_capacity(chosen.len());
    let mut player = Player {
        journeys,
        units: &relabelled.touch_channels,
        seen: Seen::new(units.all.len()),
        random,
    };
    let mut pending: Vec<Game> = Vec::new();
    let mut trials = Trials::new(journeys, dataset);
    for (place, &journey) in chosen.iter().enumerate() {
        pending.push(player.game(&relabelled, journey as usize, rule, &mut trials));
        if trials.len() >= BATCH || place + 1 == chosen.len() {
            let (left, x) = trials.both();
            let chances = scorer.probabilities(left, x);
            losses.extend(pending.drain(..).map(|game| game.settle(&chances, dataset)));
            trials.clear();
            if host.breathe().await == Signal::Cancel {
                return None;
            }
        }
    }
    finish(
        dataset,
        &units,
        model,
        options,
        &losses,
        chosen.len() as f64 / journeys.len() as f64,
    )
}

/// What is to be asked of the model about one journey.
struct Game {
    journey: usize,
    /// The different units.
    channels: Vec<u32>,
    /// Where its trials begin.
    first: usize,
    kind: GameKind,
}

enum GameKind {
    /// A trial per set of channels, by bits.
    Sets,
    /// The orders; trials are the whole, none, and for each order its first, its first two, ….
    Orders(Vec<Vec<usize>>),
    /// The whole, none, and each touch left out; whose each touch is.
    Touches(Vec<u32>),
}

struct Player<'a> {
    journeys: &'a Journeys,
    /// The unit of every touch.
    units: &'a [u32],
    seen: Seen,
    random: Random,
}

impl Player<'_> {
    fn game(
        &mut self,
        relabelled: &Journeys,
        journey: usize,
        rule: CreditRule,
        trials: &mut Trials,
    ) -> Game {
        let mut channels = Vec::new();
        each_channel(relabelled, journey, &mut self.seen, |channel| {
            channels.push(channel as u32)
        });
        let first = trials.len();
        let range = self.journeys.range(journey);
        let own = &self.units[range.clone()];
        let kind = match rule {
            CreditRule::LeaveOneOut => {
                trials.push(journey, |_| true);
                trials.push(journey, |_| false);
                for left_out in 0..own.len() {
                    trials.push(journey, |touch| touch != left_out);
                }
                GameKind::Touches(own.to_vec())
            }
            CreditRule::SampledShapley if channels.len() <= EXACT => {
                for set in 0..1_usize << channels.len() {
                    trials.push(journey, |touch| holds(&channels, set, own[touch]));
                }
                GameKind::Sets
            }
            CreditRule::SampledShapley => {
                trials.push(journey, |_| true);
                trials.push(journey, |_| false);
                let mut orders = Vec::new();
                for _ in 0..ORDERS {
                    let mut order: Vec<usize> = (0..channels.len()).collect();
                    self.random.shuffle(&mut order);
                    orders.push(order.iter().rev().copied().collect());
                    orders.push(order);
                }
                for order in &orders {
                    let mut set = 0_usize;
                    for &place in &order[..order.len() - 1] {
                        set |= 1 << place;
                        trials.push(journey, |touch| holds(&channels, set, own[touch]));
                    }
                }
                GameKind::Orders(orders)
            }
        };
        Game {
            journey,
            channels,
            first,
            kind,
        }
    }
}

fn holds(channels: &[u32], set: usize, channel: u32) -> bool {
    channels
        .iter()
        .position(|&own| own == channel)
        .is_some_and(|place| set >> place & 1 == 1)
}

impl Game {
    fn settle(&self, chances: &[f64], dataset: &Dataset) -> Loss {
        let chance = |trial: usize| chances[self.first + trial];
        let count = self.channels.len();
        let mut parts = vec![0.0; count];
        let baseline = match &self.kind {
            GameKind::Sets => {
                let weights = set_weights(count);
                for (place, part) in parts.iter_mut().enumerate() {
                    for set in (0..1_usize << count).filter(|set| set >> place & 1 == 0) {
                        let gain = chance(set | 1 << place) - chance(set);
                        *part += weights[set.count_ones() as usize] * gain;
                    }
                }
                chance(0)
            }
            GameKind::Orders(orders) => {
                let mut next = 2;
                for order in orders {
                    let mut before = chance(1);
                    for (step, &place) in order.iter().enumerate() {
                        let after = if step + 1 == count {
                            chance(0)
                        } else {
                            chance(next)
                        };
                        next += usize::from(step + 1 < count);
                        parts[place] += (after - before) / orders.len() as f64;
                        before = after;
                    }
                }
                chance(1)
            }
            GameKind::Touches(own) => {
                for (touch, channel) in own.iter().enumerate() {
                    let place = self.channels.iter().position(|known| known == channel);
                    parts[place.unwrap_or(0)] += chance(0) - chance(2 + touch);
                }
                chance(1)
            }
        };
        Loss {
            journey: self.journey as u32,
            weight: weight_of(dataset, self.journey),
            baseline,
            parts: self.channels.iter().copied().zip(parts).collect(),
        }
    }
}

/// Of `count` players, the weight of a set of so many others: s! (n − s − 1)! / n!.
fn set_weights(count: usize) -> Vec<f64> {
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    (0..count)
        .map(|size| factorial(size) * factorial(count - size - 1) / factorial(count))
        .collect()
}

fn finish(
    dataset: &Dataset,
    units: &Units,
    model: &CreditedModel,
    options: &CompareOptions,
    losses: &[Loss],
    part: f64,
) -> Option<MethodCredit> {
    let count = units.all.len();
    let (mut conversions, mut value) = (0.0, 0.0);
    for journey in (0..dataset.rows()).filter(|&journey| dataset.y[journey] > 0.5) {
        let weight = weight_of(dataset, journey);
        conversions += weight;
        value += weight * worth_of(dataset, journey);
    }
    let sum = |times: &dyn Fn(usize) -> f64| {
        let mut sums = vec![0.0; count];
        for (place, loss) in losses.iter().enumerate() {
            let weight = loss.weight * times(place);
            for &(unit, amount) in &loss.parts {
                sums[unit as usize] += weight * amount;
            }
        }
        sums
    };
    let shares_of = |sums: &[f64]| {
        let all: f64 = sums.iter().map(|sum| sum.max(0.0)).sum();
        (all > 0.0).then(|| {
            sums.iter()
                .map(|sum| sum.max(0.0) / all)
                .collect::<Vec<f64>>()
        })
    };
    let sums = sum(&|_| 1.0);
    let shares = shares_of(&sums)?;
    let samples = resamples(dataset, losses, options, |times| shares_of(&sum(times)));
    let interval = |unit: usize, scale: f64| {
        let values: Vec<f64> = samples.iter().map(|shares| shares[unit] * scale).collect();
        percentile_interval(values, options.confidence)
    };
    let valued = dataset.values.is_some();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| units.all[a].name.cmp(&units.all[b].name));
    let channel = |&unit: &usize| ChannelCredit {
        conversions: shares[unit] * conversions,
        value: valued.then(|| shares[unit] * value),
        share_interval: interval(unit, 1.0),
        conversions_interval: interval(unit, conversions),
        value_interval: interval(unit, value).filter(|_| valued),
        incremental: Some(sums[unit] / part),
        ..ChannelCredit::named(&units.all[unit].name, shares[unit])
    };
    let baseline: f64 = losses.iter().map(|loss| loss.weight * loss.baseline).sum();
    Some(MethodCredit {
        method: model.method,
        resamples: samples.len(),
        channels: order.iter().map(channel).collect(),
        above: None,
        run_id: Some(model.run_id.clone()),
        rule: Some(options.model_rule.name()),
        baseline: Some(baseline / part),
        incremental: Some(sums.iter().sum::<f64>() / part),
    })
}

/// Shares with the journeys (the users with all of theirs, where they are known) drawn anew, the model as
/// it is.
fn resamples(
    dataset: &Dataset,
    losses: &[Loss],
    options: &CompareOptions,
    shares: impl Fn(&dyn Fn(usize) -> f64) -> Option<Vec<f64>>,
) -> Vec<Vec<f64>> {
    let wanted = options.resamples.unwrap_or(RESAMPLES).min(RESAMPLES);
    let whose = |loss: &Loss| {
        let user = dataset
            .users
            .as_ref()
            .map(|users| users[loss.journey as usize]);
        user.filter(|&user| user != crate::table::MISSING_CODE)
    };
    let mut places = std::collections::HashMap::new();
    let mut clusters = 0_u32;
    let of: Vec<u32> = losses
        .iter()
        .map(|loss| {
            let mut new = || {
                clusters += 1;
                clusters - 1
            };
            match whose(loss) {
                Some(user) => *places.entry(user).or_insert_with(new),
                None => new(),
            }
        })
        .collect();
    let mut random = Random::new(options.seed.unwrap_or(42) ^ 0x5eed);
    let mut counts = vec![0.0; clusters as usize];
    let draw = |_| {
        counts.fill(0.0);
        for _ in 0..clusters {
            counts[random.below(clusters) as usize] += 1.0;
        }
        shares(&|place| counts[of[place] as usize])
    };
    (0..wanted).filter_map(draw).collect()
}
