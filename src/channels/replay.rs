//! Methods compared by the budgets they would have set: held-out journeys are gone through again, and
//! only touches that a budget pays for happen.

use super::reach::weight_of;
use super::reason::Reason;
use crate::attribution::{AttributionOptions, attribute};
use crate::job::Host;
use crate::job::Signal;
use crate::prepare::{Dataset, Journeys};
use serde::Serialize;

/// Parts of the held-out cost that may be spent again.
const BUDGETS: [f64; 4] = [0.5, 0.25, 0.125, 0.0625];
/// Fewer conversions among the held-out journeys tell methods apart by chance only.
const LEAST: f64 = 20.0;

/// What a method's budgets would have bought.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplayedMethod {
    /// The method's name.
    pub method: &'static str,
    /// Conversions that were kept, per budget.
    pub conversions: Vec<f64>,
    /// Money that was spent.
    pub cost: Vec<f64>,
    /// Cost per conversion.
    pub cac: Vec<Option<f64>>,
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
///
/// `None` where touches have no costs, or the host cancels.
pub(super) async fn replay<H: Host>(
    journeys: &Journeys,
    dataset: &Dataset,
    options: &AttributionOptions,
    host: &mut H,
) -> Option<Replay> {
    if journeys.touch_costs.len() != journeys.touch_channels.len()
        || journeys.touch_costs.iter().all(|&cost| cost <= 0.0)
    {
        return None;
    }
    if journeys.ends.len() != journeys.len() || journeys.days_before_end.is_empty() {
        let message = "Touches can't be put in order across journeys without their times.";
        return Some(Replay::refused(Reason::new("replay-needs-times", message)));
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
        let reason = Reason::new(
            "replay-too-few",
            "Too few of the held-out journeys converted.",
        );
        return Some(Replay::refused(
            reason
                .figure("conversions", conversions)
                .figure("minimum", LEAST),
        ));
    }
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
    let spent = cost_by_channel(journeys, dataset, |journey| !held_out[journey]);
    let tape = Tape::new(journeys, dataset, &held_out);
    let mut methods = Vec::new();
    for method in &credited.credit {
        if matches!(host.breathe().await, Signal::Cancel) {
            return None;
        }
        let earned = |name: &str| {
            let channel = method.channels.iter().find(|channel| channel.name == name);
            channel.map_or(0.0, |channel| channel.value.unwrap_or(channel.conversions))
        };
        let returns: Vec<f64> = journeys
            .channels
            .iter()
            .zip(&spent)
            .map(|(name, &cost)| {
                if cost > 0.0 {
                    earned(name).max(0.0) / cost
                } else {
                    0.0
                }
            })
            .collect();
        methods.push(tape.by_method(method.method, &returns));
    }
    Some(Replay {
        available: true,
        reason: None,
        journeys: Some(tape.weights.iter().sum()),
        budgets: BUDGETS.to_vec(),
        methods,
    })
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

/// The held-out touches in order of time.
struct Tape {
    /// Held-out journey (by number among them), channel, cost.
    touches: Vec<(u32, u32, f64)>,
    /// Per held-out journey.
    weights: Vec<f64>,
    converted: Vec<bool>,
    total: f64,
}

impl Tape {
    fn new(journeys: &Journeys, dataset: &Dataset, held_out: &[bool]) -> Self {
        let mut timed: Vec<(i64, u32, u32, u32, f64)> = Vec::new();
        let (mut weights, mut converted) = (Vec::new(), Vec::new());
        for journey in (0..journeys.len()).filter(|&journey| held_out[journey]) {
            let (number, weight) = (weights.len() as u32, weight_of(dataset, journey));
            weights.push(weight);
            converted.push(dataset.y[journey] > 0.5);
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
        let total = timed.iter().map(|touch| touch.4).sum();
        Self {
            touches: timed
                .into_iter()
                .map(|(_, number, _, channel, cost)| (number, channel, cost))
                .collect(),
            weights,
            converted,
            total,
        }
    }

    fn by_method(&self, method: &'static str, returns: &[f64]) -> ReplayedMethod {
        let mut told = ReplayedMethod {
            method,
            conversions: Vec::new(),
            cost: Vec::new(),
            cac: Vec::new(),
            rate: Vec::new(),
        };
        let all: f64 = returns.iter().sum();
        for share in BUDGETS {
            let budgets = returns.iter().map(|part| {
                if all > 0.0 {
                    share * self.total * part / all
                } else {
                    0.0
                }
            });
            let (conversions, cost, journeys) = self.run(budgets.collect());
            told.conversions.push(conversions);
            told.cost.push(cost);
            told.cac
                .push((conversions > 0.0).then(|| cost / conversions));
            told.rate.push(if journeys > 0.0 {
                conversions / journeys
            } else {
                0.0
            });
        }
        told
    }

    /// Conversions kept, money spent, journeys paid for to the end.
    fn run(&self, mut budgets: Vec<f64>) -> (f64, f64, f64) {
        let mut ended = vec![false; self.weights.len()];
        let mut spent = 0.0;
        for &(journey, channel, cost) in &self.touches {
            if ended[journey as usize] {
                continue;
            }
            let budget = &mut budgets[channel as usize];
            if cost > *budget {
                ended[journey as usize] = true;
                continue;
            }
            *budget -= cost;
            spent += cost;
        }
        let kept = || (0..ended.len()).filter(|&journey| !ended[journey]);
        let journeys = kept().map(|journey| self.weights[journey]).sum();
        let conversions = kept()
            .filter(|&journey| self.converted[journey])
            .map(|journey| self.weights[journey])
            .sum();
        (conversions, spent, journeys)
    }
}
