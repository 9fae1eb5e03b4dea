//! ChannelAttribution's sample of 10,000 paths against results computed independently.

use crate::common::{by_name, close, credit, markov, only, path_data, plain, shared};
use channelwise::attribution::AttributionOptions;
use serde_json::Value;
use std::collections::BTreeMap;

fn reference() -> Option<Value> {
    let text =
        std::fs::read_to_string(shared("reference/attribution_pathdata.json")?).expect("readable");
    Some(serde_json::from_str(&text).expect("valid JSON"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn entries(value: &Value) -> Vec<(&str, &Value)> {
    let object = value.as_object().expect("an object");
    object
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

#[test]
fn heuristics_and_shapley_equal_the_reference() {
    let (Some(rows), Some(reference)) = (path_data(), reference()) else {
        return;
    };
    let attribution = credit(&rows, &plain());
    assert_eq!(
        attribution.totals.sequences as f64,
        number(&reference["n_paths"])
    );
    close(
        attribution.totals.conversions,
        number(&reference["conversions"]),
        0.0,
        "conversions",
    );
    close(
        attribution.totals.value.expect("valued"),
        number(&reference["value"]),
        1e-12,
        "value",
    );
    let pairs = [
        ("first", "first_touch"),
        ("last", "last_touch"),
        ("lastNonDirect", "last_touch"),
        ("linear", "linear"),
        ("position", "position_40_20_40"),
        ("timeDecay", "time_decay_pos_halflife1"),
        ("shapley", "shapley_sum_game"),
    ];
    for (method, name) in pairs {
        let found = by_name(&attribution, method);
        assert_eq!(found.len(), 12);
        for (channel, expected) in entries(&reference[name]) {
            let what = format!("{method} {channel}");
            close(
                found[channel].conversions,
                number(&expected["conversions"]),
                1e-9,
                &what,
            );
            close(
                found[channel].value.expect("valued"),
                number(&expected["value"]),
                1e-9,
                &what,
            );
        }
    }
}

#[test]
fn exact_markov_equals_the_reference() {
    let (Some(rows), Some(reference)) = (path_data(), reference()) else {
        return;
    };
    for order in [1, 2] {
        let expected = &reference[format!("markov_exact_order{order}")];
        let attribution = credit(&rows, &markov(order));
        let chain = attribution.markov.as_ref().expect("there is a chain");
        let found = by_name(&attribution, "markov");
        assert_eq!(chain.states as f64, number(&expected["n_states"]));
        close(
            chain.conversion_probability,
            number(&expected["p_conversion"]),
            1e-10,
            "conversion",
        );
        for (channel, effect) in entries(&expected["removal_effect"]) {
            let what = format!("order {order} {channel}");
            close(chain.removal_effect[channel], number(effect), 1e-10, &what);
            let conversions = number(&expected["conversions"][channel]);
            close(found[channel].conversions, conversions, 1e-8, &what);
            let value = number(&expected["value_by_conversion_share"][channel]);
            close(found[channel].value.expect("valued"), value, 1e-8, &what);
        }
    }
}

#[test]
fn the_transition_matrix_equals_the_reference() {
    let (Some(rows), Some(reference)) = (path_data(), reference()) else {
        return;
    };
    for order in [1, 3] {
        let attribution = credit(&rows, &markov(order));
        let chain = attribution.markov.expect("there is a chain");
        let steps = chain.transitions.iter();
        let found: BTreeMap<_, _> = steps
            .map(|step| ((step.from.as_str(), step.to.as_str()), step.probability))
            .collect();
        let mut seen = 0;
        for (from, row) in entries(&reference["markov_exact_order1"]["transition_matrix"]) {
            for (to, probability) in entries(row) {
                let probability = number(probability);
                let own = found.get(&(from, to)).copied().unwrap_or(0.0);
                close(own, probability, 1e-12, &format!("{from} to {to}"));
                seen += usize::from(probability > 0.0);
            }
        }
        assert_eq!(seen, found.len());
        assert_eq!(chain.state_transitions.is_empty(), order == 1);
    }
}

/// ChannelAttribution simulates until the conversions of repeated runs agree to 1 %
/// (`conv_par = 0.01`), so its shares are known to about that, and those of rare channels less well.
#[test]
fn simulated_markov_agrees_within_its_own_error() {
    let (Some(rows), Some(reference)) = (path_data(), reference()) else {
        return;
    };
    for order in [1, 2, 3] {
        let attribution = credit(&rows, &markov(order));
        let chain = attribution.markov.as_ref().expect("there is a chain");
        let values = chain.value_removal_effect.as_ref().expect("valued");
        let found = by_name(&attribution, "markov");
        let simulated = &reference[format!("CA_markov_order{order}")];
        for line in simulated["result"].as_array().expect("a list") {
            let channel = line["channel_name"].as_str().expect("a name");
            let what = format!("order {order} {channel}");
            let expected = number(&line["total_conversions"]);
            let allowed = 0.02 * expected + 15.0;
            assert!(
                (found[channel].conversions - expected).abs() < allowed,
                "{what}"
            );
            let expected = number(&line["total_conversion_value"]);
            let own = found[channel].value_by_removal.expect("valued");
            assert!(
                (own - expected).abs() < 0.03 * expected + 90.0,
                "{what}: {own} for {expected}"
            );
        }
        for line in simulated["removal_effects"].as_array().expect("a list") {
            let channel = line["channel_name"].as_str().expect("a name");
            let what = format!("order {order} {channel}");
            let expected = number(&line["removal_effects_conversion"]);
            assert!(
                (chain.removal_effect[channel] - expected).abs() < 0.006,
                "{what}"
            );
            let expected = number(&line["removal_effects_conversion_value"]);
            assert!(
                (values[channel] - expected).abs() < 0.01,
                "{what}: {}",
                values[channel]
            );
        }
    }
}

#[test]
fn bootstrap_intervals_agree_with_the_reference() {
    let (Some(rows), Some(reference)) = (path_data(), reference()) else {
        return;
    };
    let options = AttributionOptions {
        resamples: 500,
        ..only(&["markov"])
    };
    let attribution = credit(&rows, &options);
    let found = by_name(&attribution, "markov");
    for (channel, expected) in entries(&reference["markov_order1_bootstrap200"]) {
        let [low, high] = found[channel].share_interval.expect("resampled");
        let (mean, lower, upper) = (
            number(&expected["share_mean"]),
            number(&expected["lo2.5"]),
            number(&expected["hi97.5"]),
        );
        // The ends of an interval from 200 resamples are themselves off by a seventh of its width.
        let width = upper - lower;
        close(found[channel].share, mean, 0.2 * width, channel);
        assert!(
            (low - lower).abs() < 0.25 * width,
            "{channel}: {low} for {lower}"
        );
        assert!(
            (high - upper).abs() < 0.25 * width,
            "{channel}: {high} for {upper}"
        );
    }
}
