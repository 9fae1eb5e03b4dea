//! What is counted of every channel over journeys: how many it is part of, and how those ended.

use super::rates::ChannelRate;
use super::units::Unit;
use crate::prepare::{Dataset, Journeys};
use crate::statistics::wilson;
use crate::table::MISSING_CODE;
use std::collections::HashSet;

/// What was observed over all journeys.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Observed {
    pub(super) users: Option<usize>,
    pub(super) touches: f64,
}

/// One count per unit, in the order of `units`, from journeys whose channels are those units. A journey
/// counts once for each unit that it contains, so the counts add up to more than the journeys there are.
/// Weights count as frequencies.
pub(super) fn reach(
    journeys: &Journeys,
    dataset: &Dataset,
    units: &[Unit],
    z: f64,
) -> (Vec<Reach>, Observed) {
    let mut tallies = vec![Tally::default(); units.len()];
    let mut last_seen = vec![usize::MAX; units.len()];
    let (mut pairs, mut everyone) = (HashSet::new(), HashSet::new());
    let (mut strangers, mut touched) = (0, 0.0);
    for journey in 0..journeys.len() {
        let weight = weight_of(dataset, journey);
        let converted = dataset.y[journey] > 0.5;
        let user = dataset.users.as_ref().map(|users| users[journey]);
        match user {
            Some(MISSING_CODE) => strangers += 1,
            Some(user) => {
                everyone.insert(user);
            }
            None => {}
        }
        for &code in journeys.touches(journey) {
            let tally = &mut tallies[code as usize];
            tally.touches += weight;
            touched += weight;
            if last_seen[code as usize] == journey {
                continue;
            }
            last_seen[code as usize] = journey;
            tally.journeys += weight;
            if converted {
                tally.conversions += weight;
                tally.value += weight * worth_of(dataset, journey);
            }
            if let Some(user) = user {
                let new = user == MISSING_CODE || pairs.insert((code, user));
                tally.users += usize::from(new);
            }
        }
    }
    let known = dataset.users.is_some();
    let told = units.iter().zip(tallies).map(|(unit, tally)| Reach {
        touches: tally.touches,
        counts: ChannelRate {
            name: unit.name.clone(),
            group: unit.group,
            subgroup: unit.subgroup.clone(),
            rows: tally.journeys,
            conversions: tally.conversions,
            users: known.then_some(tally.users),
            value: dataset.values.as_ref().map(|_| tally.value),
            rate: if tally.journeys > 0.0 {
                tally.conversions / tally.journeys
            } else {
                0.0
            },
            interval: wilson(tally.conversions, tally.journeys, z),
        },
    });
    let observed = Observed {
        users: known.then_some(everyone.len() + strangers),
        touches: touched,
    };
    (told.collect(), observed)
}

/// What is counted of one unit; `rows` of its counts are the journeys that contain it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reach {
    pub(super) touches: f64,
    pub(super) counts: ChannelRate,
}

/// How often a journey counts.
pub(super) fn weight_of(dataset: &Dataset, journey: usize) -> f64 {
    let weights = dataset.weights.as_ref();
    weights.map_or(1.0, |weights| f64::from(weights[journey]))
}

/// What the conversion of a journey was worth; 0 where unknown.
pub(super) fn worth_of(dataset: &Dataset, journey: usize) -> f64 {
    let value = dataset
        .values
        .as_ref()
        .map_or(0.0, |values| values[journey]);
    if value.is_finite() { value } else { 0.0 }
}

#[derive(Clone, Default)]
struct Tally {
    touches: f64,
    journeys: f64,
    conversions: f64,
    value: f64,
    users: usize,
}
