//! Methods compared by the budgets they would have set: held-out journeys are gone through again, and
//! only touches that a budget pays for happen.

use super::reach::weight_of;
use super::reason::Reason;
use super::subset::part;
use crate::attribution::{AttributionOptions, MethodCredit, attribute, percentile_interval};
use crate::job::Host;
use crate::job::Signal;
use crate::prepare::random::Random;
use crate::prepare::{Dataset, Journeys};
use crate::table::MISSING_CODE;
use serde::Serialize;
use std::collections::HashMap;

/// Parts of the held-out cost that may be spent again.
const BUDGETS: [f64; 4] = [0.5, 0.25, 0.125, 0.0625];
/// Fewer conversions among the held-out journeys tell methods apart by chance only.
const LEAST: f64 = 20.0;

/// Draws of the held-out users.
const DRAWS: usize = 200;
/// Fewer draws give no interval.
const FEWEST: usize = 40;
/// Touches that are gone through for all draws of all methods: about two seconds.
const MOST: f64 = 4e8;

/// What a method's budgets would have bought.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedMethod {
    /// The method's name.
    pub method: &'static str,
    /// Conversions that were kept, per budget.
    pub conversions: Vec<f64>,
    /// With the held-out users drawn anew, the credit as it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversions_interval: Vec<Option<[f64; 2]>>,
    /// Money that was spent.
    pub cost: Vec<f64>,
    /// Cost per conversion.
    pub cac: Vec<Option<f64>>,
    /// Likewise; it ends at infinity where draws kept no conversion.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cac_interval: Vec<Option<[f64; 2]>>,
    /// Of the journeys that were paid for to the end, the part that converted.
    pub rate: Vec<f64>,
}

/// The methods side by side, or why they can't be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    /// Whether it could be done.
    pub available: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// How many journeys were held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journeys: Option<f64>,
    /// What is drawn anew for the intervals: `users` or `journeys`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resampled: Option<&'static str>,
    /// How often.
    pub resamples: usize,
    /// Parts of the held-out cost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<f64>,
    /// By method.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<ReplayedMethod>,
}

impl Replay {
    fn refused(reason: Reason) -> Self {
        Self {
            available: false,
            reason: Some(reason),
            journeys: None,
            resampled: None,
            resamples: 0,
            budgets: Vec::new(),
            methods: Vec::new(),
        }
    }
}

/// Replays the budgets of every method. Credit and cost of the training and validation parts give each
/// channel's return on investment; a budget is shared out in its proportion; the touches of the test part
/// are gone through in order of time. One that its channel's budget can't pay ends its journey: later
/// touches of it cost nothing, and its conversion is lost (Ren et al. 2018, section 4.3, "Learning
/// multi-touch conversion attribution with dual-attention mechanisms for online advertising", CIKM).
/// `trained` is the credit of trained models on journeys that are not held out ([`replay_part`]).
///
/// `None` where touches have no costs, or the host cancels.
pub(super) async fn replay<H: Host>(
    journeys: &Journeys,
    dataset: &Dataset,
    options: &AttributionOptions,
    trained: Vec<MethodCredit>,
    host: &mut H,
) -> Option<Replay> {
    let held_out = match held_out(journeys, dataset)? {
        Ok(held_out) => held_out,
        Err(reason) => return Some(Replay::refused(reason)),
    };
    // The credit of the journeys that are not held out.
    let weights: Vec<f32> = (0..journeys.len())
        .map(|journey| {
            if held_out[journey] {
                0.0
            } else {
                weight_of(dataset, journey) as f32
            }
        })
        .collect();
    let paths = journeys.to_paths(&dataset.y, dataset.values.as_deref(), Some(&weights));
    if matches!(host.breathe().await, Signal::Cancel) {
        return None;
    }
    let quick = AttributionOptions {
        resamples: 0,
        ..options.clone()
    };
    let credited = attribute(&paths, &quick).ok()?;
    let all: Vec<MethodCredit> = credited.credit.into_iter().chain(trained).collect();
    let player = Player::new(journeys, dataset, &held_out, options, all.len());
    let mut methods = Vec::new();
    for method in &all {
        if matches!(host.breathe().await, Signal::Cancel) {
            return None;
        }
        methods.push(player.by_method(method));
    }
    Some(Replay {
        available: true,
        reason: None,
        journeys: Some(player.tape.weights.iter().sum()),
        resampled: Some(if dataset.users.is_some() {
            "users"
        } else {
            "journeys"
        }),
        resamples: player.draws.len(),
        budgets: BUDGETS.to_vec(),
        methods,
    })
}

/// Which journeys are held out, or why budgets can't be replayed on them. `None` where touches have no
/// costs.
fn held_out(journeys: &Journeys, dataset: &Dataset) -> Option<Result<Vec<bool>, Reason>> {
    if journeys.touch_costs.len() != journeys.touch_channels.len()
        || journeys.touch_costs.iter().all(|&cost| cost <= 0.0)
    {
        return None;
    }
    if journeys.ends.len() != journeys.len() || journeys.days_before_end.is_empty() {
        let message = "Touches can't be put in order across journeys without their times.";
        return Some(Err(Reason::new("replay-needs-times", message)));
    }
    let mut held_out = vec![false; journeys.len()];
    for &journey in &dataset.split.test {
        held_out[journey as usize] = true;
    }
    let conversions: f64 = (0..journeys.len())
        .filter(|&journey| held_out[journey] && dataset.y[journey] > 0.5)
        .map(|journey| weight_of(dataset, journey))
        .sum();
    if conversions < LEAST {
        let message = "Too few of the held-out journeys converted.";
        return Some(Err(Reason::new("replay-too-few", message)
            .figure("conversions", conversions)
            .figure("minimum", LEAST)));
    }
    Some(Ok(held_out))
}

/// The journeys that trained models may give credit for before their budgets are replayed: those that are
/// not held out, at most so many, drawn by seed; with their features. `None` where nothing can be replayed.
pub fn replay_part(dataset: &Dataset, most: usize, seed: u64) -> Option<Dataset> {
    let journeys = dataset.journeys.as_ref()?;
    let held_out = held_out(journeys, dataset)?.ok()?;
    let mut members: Vec<u32> = (0..journeys.len() as u32)
        .filter(|&journey| !held_out[journey as usize])
        .collect();
    if members.len() > most {
        Random::new(seed).shuffle(&mut members);
        members.truncate(most);
        members.sort_unstable();
    }
    Some(part(dataset, journeys, &members))
}

fn cost_by_channel(
    journeys: &Journeys,
    dataset: &Dataset,
    wanted: impl Fn(usize) -> bool,
) -> Vec<f64> {
    let mut costs = vec![0.0; journeys.channels.len()];
    for journey in (0..journeys.len()).filter(|&journey| wanted(journey)) {
        let weight = weight_of(dataset, journey);
        for touch in journeys.range(journey) {
            costs[journeys.touch_channels[touch] as usize] +=
                weight * f64::from(journeys.touch_costs[touch]);
        }
    }
    costs
}

/// Replays method after method over the same draws.
struct Player<'a> {
    journeys: &'a Journeys,
    /// By channel, of the journeys that are not held out.
    spent: Vec<f64>,
    tape: Tape,
    /// Per draw, how often each held-out journey counts.
    draws: Vec<Vec<f64>>,
    confidence: f64,
}

impl<'a> Player<'a> {
    fn new(
        journeys: &'a Journeys,
        dataset: &Dataset,
        held_out: &[bool],
        options: &AttributionOptions,
        methods: usize,
    ) -> Self {
        let tape = Tape::new(journeys, dataset, held_out);
        let work = (tape.touches.len() * BUDGETS.len() * methods).max(1) as f64;
        let wanted = options.resamples.min(DRAWS).min((MOST / work) as usize);
        let draws = tape.draws(
            if wanted < FEWEST { 0 } else { wanted },
            options.seed ^ 0x0d1a_7ed0,
        );
        Self {
            spent: cost_by_channel(journeys, dataset, |journey| !held_out[journey]),
            journeys,
            tape,
            draws,
            confidence: options.confidence,
        }
    }

    fn by_method(&self, method: &MethodCredit) -> ReplayedMethod {
        let earned = |name: &str| {
            let channel = method.channels.iter().find(|channel| channel.name == name);
            channel.map_or(0.0, |channel| channel.value.unwrap_or(channel.conversions))
        };
        let returned = |(name, &cost): (&String, &f64)| {
            if cost > 0.0 {
                earned(name).max(0.0) / cost
            } else {
                0.0
            }
        };
        let channels = self.journeys.channels.iter();
        let returns: Vec<f64> = channels.zip(&self.spent).map(returned).collect();
        let mut told = ReplayedMethod {
            method: method.method,
            conversions: Vec::new(),
            conversions_interval: Vec::new(),
            cost: Vec::new(),
            cac: Vec::new(),
            cac_interval: Vec::new(),
            rate: Vec::new(),
        };
        let ones = vec![1.0; self.tape.weights.len()];
        for share in BUDGETS {
            let seen = self.tape.run(&returns, share, &ones);
            told.conversions.push(seen.conversions);
            told.cost.push(seen.cost);
            told.cac
                .push((seen.conversions > 0.0).then(|| seen.cost / seen.conversions));
            told.rate.push(if seen.journeys > 0.0 {
                seen.conversions / seen.journeys
            } else {
                0.0
            });
            if self.draws.is_empty() {
                continue;
            }
            let drawn: Vec<Bought> = self
                .draws
                .iter()
                .map(|copies| self.tape.run(&returns, share, copies))
                .collect();
            let between = |figure: &dyn Fn(&Bought) -> f64| {
                percentile_interval(drawn.iter().map(figure).collect(), self.confidence)
            };
            told.conversions_interval
                .push(between(&|bought| bought.conversions));
            // Of conversions per cost, and turned around: a draw without any is no number otherwise.
            let per_cost = between(&|bought| {
                if bought.cost > 0.0 {
                    bought.conversions / bought.cost
                } else {
                    0.0
                }
            });
            told.cac_interval
                .push(per_cost.map(|[low, high]| [1.0 / high, 1.0 / low]));
        }
        told
    }
}

/// What a budget bought.
struct Bought {
    /// Kept.
    conversions: f64,
    cost: f64,
    /// Paid for to the end.
    journeys: f64,
}

/// The held-out touches in order of time.
struct Tape {
    /// Held-out journey (by number among them), channel, cost.
    touches: Vec<(u32, u32, f64)>,
    /// Per held-out journey.
    weights: Vec<f64>,
    converted: Vec<bool>,
    /// Whose it is, by number among the users; a journey without one is a user of its own.
    users: Vec<u32>,
}

impl Tape {
    fn new(journeys: &Journeys, dataset: &Dataset, held_out: &[bool]) -> Self {
        let mut timed: Vec<(i64, u32, u32, u32, f64)> = Vec::new();
        let (mut weights, mut converted, mut users) = (Vec::new(), Vec::new(), Vec::new());
        let mut known: HashMap<u32, u32> = HashMap::new();
        let mut people = 0_u32;
        for journey in (0..journeys.len()).filter(|&journey| held_out[journey]) {
            let (number, weight) = (weights.len() as u32, weight_of(dataset, journey));
            weights.push(weight);
            converted.push(dataset.y[journey] > 0.5);
            let mut new = || {
                people += 1;
                people - 1
            };
            let user = dataset.users.as_ref().map(|users| users[journey]);
            users.push(match user.filter(|&user| user != MISSING_CODE) {
                Some(user) => *known.entry(user).or_insert_with(new),
                None => new(),
            });
            for (place, touch) in journeys.range(journey).enumerate() {
                let before = f64::from(journeys.days_before_end[touch]) * 86_400_000.0;
                let cost = weight * f64::from(journeys.touch_costs[touch]);
                let moment = journeys.ends[journey] - before.round() as i64;
                timed.push((
                    moment,
                    number,
                    place as u32,
                    journeys.touch_channels[touch],
                    cost,
                ));
            }
        }
        timed.sort_unstable_by_key(|&(moment, number, place, ..)| (moment, number, place));
        Self {
            touches: timed
                .into_iter()
                .map(|(_, number, _, channel, cost)| (number, channel, cost))
                .collect(),
            weights,
            converted,
            users,
        }
    }

    /// How often each journey counts when users are drawn anew, each with all of theirs.
    fn draws(&self, count: usize, seed: u64) -> Vec<Vec<f64>> {
        let people = self.users.iter().max().map_or(0, |last| last + 1);
        let mut random = Random::new(seed);
        let draw = |_| {
            let mut copies = vec![0.0; people as usize];
            for _ in 0..people {
                copies[random.below(people) as usize] += 1.0;
            }
            self.users
                .iter()
                .map(|&user| copies[user as usize])
                .collect()
        };
        (0..count).map(draw).collect()
    }

    /// What a share of the cost buys, shared out in proportion to the returns. A journey that counts
    /// several times costs and brings as many times as much.
    fn run(&self, returns: &[f64], share: f64, copies: &[f64]) -> Bought {
        let all: f64 = returns.iter().sum();
        let total: f64 = self
            .touches
            .iter()
            .map(|&(journey, _, cost)| cost * copies[journey as usize])
            .sum();
        let budget = |own: &f64| {
            if all > 0.0 {
                share * total * own / all
            } else {
                0.0
            }
        };
        let mut budgets: Vec<f64> = returns.iter().map(budget).collect();
        let mut ended = vec![false; self.weights.len()];
        let mut spent = 0.0;
        for &(journey, channel, cost) in &self.touches {
            if ended[journey as usize] {
                continue;
            }
            let cost = cost * copies[journey as usize];
            let budget = &mut budgets[channel as usize];
            if cost > *budget {
                ended[journey as usize] = true;
                continue;
            }
            *budget -= cost;
            spent += cost;
        }
        let mut bought = Bought {
            conversions: 0.0,
            cost: spent,
            journeys: 0.0,
        };
        for journey in (0..ended.len()).filter(|&journey| !ended[journey]) {
            let weight = self.weights[journey] * copies[journey];
            bought.journeys += weight;
            if self.converted[journey] {
                bought.conversions += weight;
            }
        }
        bought
    }
}
