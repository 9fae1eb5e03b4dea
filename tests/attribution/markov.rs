//! The exact chain against one that is rebuilt and solved for every channel, and its order.

use crate::common::{Row, close, credit, journeys, markov, only, row};
use channelwise::attribution::{AttributionOptions, MarkovOrder};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};

/// What a fitted chain earns from its start, by dense LU. `removed` leads to nothing.
fn earns(rows: &[Row], order: usize, removed: Option<&str>, value: bool) -> f64 {
    let mut counts: BTreeMap<(Vec<String>, Vec<String>), f64> = BTreeMap::new();
    let (mut ends, mut visits) = (BTreeMap::new(), BTreeMap::new());
    for (channels, conversions, worth, nulls) in rows {
        let total = conversions + nulls;
        let mut state: Vec<String> = Vec::new();
        for channel in channels {
            let mut next = state.clone();
            next.push(channel.clone());
            let next = next[next.len().saturating_sub(order)..].to_vec();
            *counts.entry((state.clone(), next.clone())).or_default() += total;
            *visits.entry(state).or_insert(0.0) += total;
            state = next;
        }
        *ends.entry(state.clone()).or_insert(0.0) += if value { *worth } else { *conversions };
        *visits.entry(state).or_insert(0.0) += total;
    }
    let states: Vec<&Vec<String>> = visits.keys().collect();
    let place = |state: &Vec<String>| states.binary_search(&state).expect("a known state");
    let mut matrix = DMatrix::<f64>::identity(states.len(), states.len());
    let mut reward = DVector::<f64>::zeros(states.len());
    for ((from, to), count) in &counts {
        let dead = to.last().map(String::as_str) == removed;
        if visits[from] > 0.0 && !dead {
            matrix[(place(from), place(to))] -= count / visits[from];
        }
    }
    for (state, earned) in &ends {
        if visits[state] > 0.0 {
            reward[place(state)] += earned / visits[state];
        }
    }
    let solution = matrix
        .lu()
        .solve(&reward)
        .expect("an absorbing chain can be solved");
    solution[place(&Vec::new())]
}

fn names(rows: &[Row]) -> BTreeSet<&str> {
    rows.iter()
        .flat_map(|row| &row.0)
        .map(String::as_str)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn removal_effects_are_those_of_the_rebuilt_chain(rows in journeys(), order in 1_usize..=4) {
        let attribution = credit(&rows, &markov(order));
        let chain = attribution.markov.expect("there is a chain");
        let base = earns(&rows, order, None, false);
        close(chain.conversion_probability, base, 1e-10, "conversion");
        let worth = earns(&rows, order, None, true);
        for name in names(&rows) {
            let effect = 1.0 - earns(&rows, order, Some(name), false) / base;
            close(chain.removal_effect[name], effect, 1e-9, name);
            if let Some(effects) = &chain.value_removal_effect {
                let effect = 1.0 - earns(&rows, order, Some(name), true) / worth;
                close(effects[name], effect, 1e-9, name);
            }
        }
        let sure = |step: &&channelwise::attribution::Transition| step.from == "(start)";
        let leaving: f64 = chain.transitions.iter().filter(sure).map(|step| step.probability).sum();
        close(leaving, 1.0, 1e-12, "the start's transitions");
    }
}

/// With more channels than are inverted densely, order 1 is swept: it must not matter.
#[test]
fn many_channels_are_swept_to_the_same_effects() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut pick = |below: u32| random.next_u32() % below;
    let mut rows = Vec::new();
    for _ in 0..900 {
        let length = 1 + pick(8);
        let channels = (0..length).map(|_| format!("c{:03}", pick(300))).collect();
        rows.push((channels, f64::from(pick(3)), 0.0, f64::from(pick(4))));
    }
    let attribution = credit(&rows, &markov(1));
    let chain = attribution.markov.expect("there is a chain");
    assert!(chain.removal_effect.len() > 256);
    assert!(chain.error_bound <= 1e-12, "{}", chain.error_bound);
    let base = earns(&rows, 1, None, false);
    for name in ["c000", "c017", "c150", "c299"] {
        let effect = 1.0 - earns(&rows, 1, Some(name), false) / base;
        close(chain.removal_effect[name], effect, 1e-11, name);
    }
}

#[test]
fn a_chain_that_hardly_ends_is_still_solved() {
    let long = |times: usize| vec!["a > b > c"; times].join(" > ");
    let rows = [
        row(&long(3000), 3.0, 0.0, 40.0),
        row(&long(2), 1.0, 0.0, 0.0),
        row("b > d > a", 2.0, 0.0, 9.0),
    ];
    for order in [1, 2] {
        let chain = credit(&rows, &markov(order))
            .markov
            .expect("there is a chain");
        let base = earns(&rows, order, None, false);
        assert!(chain.error_bound < 1e-9, "{}", chain.error_bound);
        for name in ["a", "b", "c", "d"] {
            let effect = 1.0 - earns(&rows, order, Some(name), false) / base;
            close(chain.removal_effect[name], effect, 1e-8, name);
        }
    }
}

/// The worked example of docs/METHODS.md.
#[test]
fn the_worked_example() {
    let rows = [
        row("a > b", 1.0, 0.0, 0.0),
        row("a", 0.0, 0.0, 1.0),
        row("b", 1.0, 0.0, 1.0),
    ];
    let attribution = credit(&rows, &markov(1));
    let chain = attribution.markov.as_ref().expect("there is a chain");
    close(chain.conversion_probability, 0.5, 1e-15, "conversion");
    close(chain.removal_effect["a"], 1.0 / 3.0, 1e-15, "a");
    close(chain.removal_effect["b"], 1.0, 1e-15, "b");
    let shares: Vec<f64> = attribution.credit[0]
        .channels
        .iter()
        .map(|channel| channel.share)
        .collect();
    close(shares[0], 0.25, 1e-15, "share of a");
    close(shares[1], 0.75, 1e-15, "share of b");
}

/// Journeys of a chain in which the next channel depends on the last `order` ones.
fn simulated(order: usize, count: usize, seed: u64) -> Vec<Row> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut unit = || f64::from(random.next_u32()) / f64::from(u32::MAX);
    let mut rows = Vec::new();
    for _ in 0..count {
        let mut touches: Vec<usize> = vec![(unit() * 3.0) as usize % 3];
        while unit() < 0.8 {
            let tail = &touches[touches.len().saturating_sub(order)..];
            let leaning = tail
                .iter()
                .enumerate()
                .map(|(place, touch)| (place + 1) * touch)
                .sum::<usize>()
                % 3;
            let next = if unit() < 0.7 {
                leaning
            } else {
                (unit() * 3.0) as usize % 3
            };
            touches.push(next);
        }
        let converts = unit() < 0.3;
        let channels = touches
            .into_iter()
            .map(|touch| format!("c{touch}"))
            .collect();
        rows.push((
            channels,
            f64::from(u8::from(converts)),
            0.0,
            f64::from(u8::from(!converts)),
        ));
    }
    rows
}

#[test]
fn the_order_of_the_chain_is_found() {
    for order in 1..=3 {
        let options = AttributionOptions {
            markov_order: MarkovOrder::Auto,
            ..only(&["markov"])
        };
        let chain = credit(&simulated(order, 20_000, order as u64), &options).markov;
        let chain = chain.expect("there is a chain");
        assert_eq!(chain.order, order, "{:?}", chain.orders);
        let scores = chain.orders.expect("the order was chosen");
        assert_eq!(scores.len(), 4);
        for score in &scores {
            close(
                score.score,
                score.log_likelihood - score.penalty,
                1e-12,
                "score",
            );
        }
    }
    // Too few journeys to tell: the simplest chain.
    let few = simulated(3, 40, 1);
    let options = AttributionOptions {
        markov_order: MarkovOrder::Auto,
        ..only(&["markov"])
    };
    assert_eq!(credit(&few, &options).markov.expect("a chain").order, 1);
}
