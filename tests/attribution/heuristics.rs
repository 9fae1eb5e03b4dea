//! The methods that settle each journey by itself, in closed form.

use crate::common::{Row, by_name, close, credit, journeys, only, paths, plain, row};
use channelwise::attribution::{AttributionOptions, attribute};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn share(rows: &[Row], options: &AttributionOptions, channel: &str) -> f64 {
    let attribution = credit(rows, options);
    let method = attribution.credit[0].method;
    by_name(&attribution, method)[channel].share
}

#[test]
fn steps_decay_by_halves() {
    let rows = [row("a > b > c", 7.0, 0.0, 3.0)];
    for (half_life, expected) in [
        (None, [1.0, 2.0, 4.0]),
        (Some(2.0), [1.0, 2_f64.sqrt(), 2.0]),
    ] {
        let options = AttributionOptions {
            half_life,
            ..only(&["timeDecay"])
        };
        let total: f64 = expected.iter().sum();
        for (channel, weight) in ["a", "b", "c"].into_iter().zip(expected) {
            close(
                share(&rows, &options, channel),
                weight / total,
                1e-15,
                channel,
            );
        }
    }
}

#[test]
fn days_decay_by_weeks() {
    let mut paths = paths(&[
        row("a > b > a", 1.0, 0.0, 0.0),
        row("a > b > a", 3.0, 0.0, 1.0),
    ]);
    paths.days = Some(vec![14.0, 7.0, 0.0, 21.0, 7.0, 7.0]);
    let attribution = attribute(&paths, &only(&["timeDecay"])).expect("credited");
    // One journey weighs 1/4, 1/2 and 1; three weigh 1/8, 1/2 and 1/2.
    let a = (1.25 / 1.75 + 3.0 * 0.625 / 1.125) / 4.0;
    close(by_name(&attribution, "timeDecay")["a"].share, a, 1e-15, "a");
    assert_eq!(attribution.totals.sequences, 1);
    // Moving whole journeys into the past changes nothing, however far.
    for day in paths.days.iter_mut().flatten() {
        *day += 100_000.0;
    }
    let options = AttributionOptions {
        half_life: Some(7.0),
        ..only(&["timeDecay"])
    };
    let moved = attribute(&paths, &options).expect("credited");
    close(
        by_name(&moved, "timeDecay")["a"].share,
        a,
        1e-12,
        "a, long ago",
    );
}

#[test]
fn positions_by_weight() {
    let weights = |position_weights| AttributionOptions {
        position_weights,
        ..only(&["position"])
    };
    let four = [row("a > b > c > d", 1.0, 0.0, 0.0)];
    let standard = weights([40.0, 20.0, 40.0]);
    close(share(&four, &standard, "a"), 0.4, 1e-15, "first");
    close(share(&four, &standard, "b"), 0.1, 1e-15, "middle");
    close(
        share(&four, &weights([1.0, 1.0, 2.0]), "d"),
        0.5,
        1e-15,
        "last",
    );
    let two = [row("a > b", 1.0, 0.0, 0.0)];
    close(share(&two, &standard, "a"), 0.5, 1e-15, "one of two");
    close(
        share(&two, &weights([30.0, 60.0, 10.0]), "a"),
        0.75,
        1e-15,
        "three to one",
    );
    close(
        share(&two, &weights([0.0, 1.0, 0.0]), "a"),
        0.5,
        1e-15,
        "no part for either",
    );
    close(
        share(&[row("a", 1.0, 0.0, 0.0)], &standard, "a"),
        1.0,
        1e-15,
        "one touch",
    );
    close(
        share(&[row("a > b > a", 1.0, 0.0, 0.0)], &standard, "a"),
        0.8,
        1e-15,
        "twice",
    );
}

#[test]
fn direct_is_passed_over_unless_alone() {
    let rows = [
        row("mail > (direct) / (none)", 3.0, 0.0, 0.0),
        row("Direct > Direct", 1.0, 0.0, 0.0),
        row("search > mail > 直接", 2.0, 0.0, 0.0),
    ];
    let attribution = credit(&rows, &only(&["lastNonDirect"]));
    let found = by_name(&attribution, "lastNonDirect");
    assert_eq!(found["mail"].conversions, 5.0);
    assert_eq!(found["Direct"].conversions, 1.0);
    assert_eq!(found["search"].conversions, 0.0);
    assert!(
        attribution
            .warnings
            .iter()
            .all(|warning| warning.code != "no-direct-channel")
    );
    let without = credit(&[row("a", 1.0, 0.0, 0.0)], &only(&["lastNonDirect"]));
    assert!(
        without
            .warnings
            .iter()
            .any(|warning| warning.code == "no-direct-channel")
    );
}

#[test]
fn ordered_shapley_tells_positions_apart() {
    let rows = [row("a > b > a", 6.0, 0.0, 0.0), row("b", 2.0, 0.0, 5.0)];
    let attribution = credit(&rows, &only(&["shapley", "shapleyOrdered"]));
    let found = by_name(&attribution, "shapleyOrdered");
    assert_eq!(
        found["a"].by_position.as_deref(),
        Some(&[1.5, 0.0, 1.5][..])
    );
    assert_eq!(
        found["b"].by_position.as_deref(),
        Some(&[2.0, 3.0, 0.0][..])
    );
    assert!(by_name(&attribution, "shapley")["a"].by_position.is_none());
    let long = credit(
        &[row(&vec!["a"; 50].join(">"), 5.0, 0.0, 0.0)],
        &only(&["shapleyOrdered"]),
    );
    let positions = by_name(&long, "shapleyOrdered")["a"]
        .by_position
        .clone()
        .expect("told");
    assert_eq!(positions.len(), 20);
    close(positions[0], 0.1, 1e-12, "the first touch");
    close(positions[19], 3.1, 1e-12, "the twentieth and all later");
}

/// The Shapley value by its definition, over all coalitions of the channels.
fn brute_force(rows: &[Row], value: bool) -> Vec<(String, f64)> {
    let names: BTreeSet<String> = rows.iter().flat_map(|row| row.0.clone()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let bit = |name: &String| 1_usize << names.binary_search(name).expect("known");
    let set = |row: &Row| row.0.iter().map(bit).fold(0, |set, bit| set | bit);
    let worth = |coalition: usize| -> f64 {
        let inside = rows.iter().filter(|row| set(row) & !coalition == 0);
        inside.map(|row| if value { row.2 } else { row.1 }).sum()
    };
    let factorial = |n: usize| (1..=n).product::<usize>() as f64;
    let n = names.len();
    let shapley = |index: usize| {
        let own = 1 << index;
        let without = (0..1_usize << n).filter(|coalition| coalition & own == 0);
        let gain = |coalition: usize| {
            let size = coalition.count_ones() as usize;
            let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
            weight * (worth(coalition | own) - worth(coalition))
        };
        without.map(gain).sum()
    };
    (0..n)
        .map(|index| (names[index].clone(), shapley(index)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn shapley_is_that_of_all_coalitions(rows in journeys()) {
        let attribution = credit(&rows, &only(&["shapley", "shapleyOrdered"]));
        let found = by_name(&attribution, "shapley");
        let ordered = by_name(&attribution, "shapleyOrdered");
        let valued = attribution.totals.value.is_some();
        for (name, expected) in brute_force(&rows, false) {
            let own = found[name.as_str()];
            close(own.conversions, expected, 1e-10, &name);
            close(ordered[name.as_str()].conversions, expected, 1e-10, &name);
            let positions: f64 = ordered[name.as_str()].by_position.iter().flatten().sum();
            close(positions, expected, 1e-10, &name);
        }
        for (name, expected) in brute_force(&rows, true).into_iter().filter(|_| valued) {
            close(found[name.as_str()].value.unwrap_or(f64::NAN), expected, 1e-10, &name);
        }
    }
}

#[test]
fn what_cannot_be_credited_is_refused() {
    let code = |rows: &[Row], options: &AttributionOptions| {
        use channelwise::error::Coded;
        attribute(&paths(rows), options).map_or_else(|error| error.code(), |_| "fine")
    };
    assert_eq!(code(&[row("a", 0.0, 0.0, 3.0)], &plain()), "no-conversions");
    assert_eq!(
        code(&[row("a", -1.0, 0.0, 3.0)], &plain()),
        "paths-negative-count"
    );
    assert_eq!(
        code(&[row("a", 1.0, 0.0, 3.0)], &only(&["markov", "mrkov"])),
        "unknown-method"
    );
    assert_eq!(
        code(&[row("a", 1.0, 0.0, 3.0)], &only(&["journey"])),
        "fine"
    );
}

/// The worked example of docs/METHODS.md.
#[test]
fn the_worked_example_by_every_method() {
    let rows = [
        row("a > b", 1.0, 0.0, 0.0),
        row("a", 0.0, 0.0, 1.0),
        row("b", 1.0, 0.0, 1.0),
    ];
    let attribution = credit(&rows, &plain());
    let expected = [
        ("first", 1.0),
        ("last", 0.0),
        ("lastNonDirect", 0.0),
        ("linear", 0.5),
        ("timeDecay", 1.0 / 3.0),
        ("position", 0.5),
        ("markov", 0.5),
        ("shapley", 0.5),
    ];
    assert_eq!(attribution.credit.len(), expected.len());
    for (method, conversions) in expected {
        let found = by_name(&attribution, method);
        close(found["a"].conversions, conversions, 1e-14, method);
        close(found["b"].conversions, 2.0 - conversions, 1e-14, method);
    }
}
