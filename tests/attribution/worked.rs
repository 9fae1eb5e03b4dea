//! The worked examples of docs/METHODS.md, figure by figure.

use crate::common::{Row, by_name, close, credit, markov, only, row};

#[track_caller]
fn earns(rows: &[Row], method: &str, wanted: &[(&str, f64)]) {
    let found = credit(rows, &only(&[method]));
    let found = by_name(&found, method);
    assert_eq!(found.len(), wanted.len());
    for &(channel, conversions) in wanted {
        let what = format!("{method} of {channel}");
        close(found[channel].conversions, conversions, 1e-12, &what);
    }
}

/// a → b converts, a does not, b converts once and once not.
#[test]
fn four_journeys() {
    let rows = [
        row("a > b", 1.0, 0.0, 0.0),
        row("a", 0.0, 0.0, 1.0),
        row("b", 1.0, 0.0, 1.0),
    ];
    for (method, a) in [
        ("first", 1.0),
        ("last", 0.0),
        ("lastNonDirect", 0.0),
        ("linear", 0.5),
        ("timeDecay", 1.0 / 3.0),
        ("position", 0.5),
        ("markov", 0.5),
        ("shapley", 0.5),
    ] {
        earns(&rows, method, &[("a", a), ("b", 2.0 - a)]);
    }
}

/// a → b → a → direct converts.
#[test]
fn one_journey_of_four_touches() {
    let rows = [row("a > b > a > direct", 1.0, 0.0, 0.0)];
    let [f, t, n] = [1.0 / 15.0, 2.0 / 15.0, 8.0 / 15.0];
    for (method, a, b, direct) in [
        ("first", 1.0, 0.0, 0.0),
        ("last", 0.0, 0.0, 1.0),
        ("lastNonDirect", 1.0, 0.0, 0.0),
        ("linear", 0.5, 0.25, 0.25),
        ("timeDecay", f + 4.0 / 15.0, t, n),
        ("position", 0.4 + 0.1, 0.1, 0.4),
        ("shapley", 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0),
        ("shapleyOrdered", 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0),
    ] {
        earns(&rows, method, &[("a", a), ("b", b), ("direct", direct)]);
    }
    // a earned its third at the first and at the third touch.
    let found = credit(&rows, &only(&["shapleyOrdered"]));
    let places = |channel: &str| {
        let found = by_name(&found, "shapleyOrdered");
        found[channel].by_position.clone().expect("ordered")
    };
    let third = 1.0 / 3.0;
    for (channel, wanted) in [
        ("a", [third / 2.0, 0.0, third / 2.0, 0.0]),
        ("b", [0.0, third, 0.0, 0.0]),
        ("direct", [0.0, 0.0, 0.0, third]),
    ] {
        for (place, wanted) in wanted.into_iter().enumerate() {
            close(places(channel)[place], wanted, 1e-12, channel);
        }
    }
}

/// a → b converts twice, b alone never in two: only a chain that remembers a knows that b needs it.
#[test]
fn a_chain_that_remembers_two_touches() {
    let rows = [row("a > b", 2.0, 0.0, 0.0), row("b", 0.0, 0.0, 2.0)];
    for (order, effects) in [(1, [0.5, 1.0]), (2, [1.0, 1.0])] {
        let found = credit(&rows, &markov(order));
        let chain = found.markov.as_ref().expect("asked for");
        close(chain.conversion_probability, 0.5, 1e-12, "P");
        for (channel, effect) in ["a", "b"].into_iter().zip(effects) {
            close(chain.removal_effect[channel], effect, 1e-12, channel);
            let wanted = 2.0 * effect / (effects[0] + effects[1]);
            let own = by_name(&found, "markov")[channel].conversions;
            close(own, wanted, 1e-12, channel);
        }
    }
}
