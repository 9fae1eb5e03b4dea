//! What must hold of every method, whatever the journeys.

use crate::common::{Row, by_name, close, credit, journeys, paths, plain, row};
use channelwise::attribution::{Attribution, AttributionOptions, MarkovOrder, Method, attribute};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn every(order: usize) -> AttributionOptions {
    AttributionOptions {
        methods: Some(
            Method::ALL
                .iter()
                .map(|method| method.name().to_owned())
                .collect(),
        ),
        markov_order: MarkovOrder::Fixed(order),
        ..plain()
    }
}

/// The same credit, channel by channel, once the channels of the second are called otherwise.
fn same(a: &Attribution, b: &Attribution, renamed: impl Fn(&str) -> String, tolerance: f64) {
    assert_eq!(a.credit.len(), b.credit.len());
    for credit in &a.credit {
        let others = by_name(b, credit.method);
        for channel in &credit.channels {
            let other = others[renamed(&channel.name).as_str()];
            close(
                other.conversions,
                channel.conversions,
                tolerance,
                credit.method,
            );
            close(
                other.value.unwrap_or(0.0),
                channel.value.unwrap_or(0.0),
                tolerance,
                credit.method,
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn all_conversions_are_given_away(rows in journeys(), order in 1_usize..=4) {
        let attribution = credit(&rows, &every(order));
        let conversions: f64 = rows.iter().map(|row| row.1).sum();
        let value: f64 = rows.iter().map(|row| row.2).sum();
        assert_eq!(attribution.credit.len(), 9);
        for credit in &attribution.credit {
            let channels = &credit.channels;
            close(channels.iter().map(|channel| channel.conversions).sum(), conversions, 1e-9, credit.method);
            close(channels.iter().map(|channel| channel.share).sum(), 1.0, 1e-9, credit.method);
            assert!(channels.iter().all(|channel| channel.share >= 0.0));
            let credited: f64 = channels.iter().filter_map(|channel| channel.value).sum();
            close(credited, value, 1e-9, credit.method);
        }
    }

    #[test]
    fn neither_row_order_nor_splitting_changes_a_bit(rows in journeys(), order in 1_usize..=3) {
        let options = AttributionOptions { resamples: 30, ..every(order) };
        let whole = credit(&rows, &options);
        let turned: Vec<Row> = rows.iter().rev().cloned().collect();
        assert_eq!(whole, credit(&turned, &options));
        let half = |row: &Row| (row.0.clone(), row.1 / 2.0, row.2 / 2.0, row.3 / 2.0);
        let split: Vec<Row> = rows.iter().flat_map(|row| [half(row), half(row)]).collect();
        assert_eq!(whole, credit(&split, &options));
        let merged = paths(&rows).merged();
        same(&whole, &attribute(&merged, &options).expect("credited"), str::to_owned, 1e-12);
    }

    #[test]
    fn renaming_channels_renames_the_credit(rows in journeys(), order in 1_usize..=4) {
        // Turns the order of the names around: c0 … c5 become z5 … z0.
        let other = |name: &str| format!("z{}", 5 - name[1..].parse::<u8>().expect("a digit"));
        let rename = |row: &Row| {
            (row.0.iter().map(|name| other(name)).collect(), row.1, row.2, row.3)
        };
        let renamed: Vec<Row> = rows.iter().map(rename).collect();
        same(&credit(&rows, &every(order)), &credit(&renamed, &every(order)), other, 1e-9);
    }

    #[test]
    fn repeats_do_not_matter_to_first_last_shapley_and_markov_of_order_1(rows in journeys()) {
        let mut single = rows.clone();
        for row in &mut single {
            row.0.dedup();
        }
        let (many, once) = (credit(&rows, &every(1)), credit(&single, &every(1)));
        for method in ["first", "last", "shapley", "markov"] {
            let other = by_name(&once, method);
            for (name, channel) in by_name(&many, method) {
                close(other[name].conversions, channel.conversions, 1e-9, method);
            }
        }
    }
}

#[test]
fn one_channel_journeys_leave_nothing_to_choose() {
    let rows = [
        row("a > a", 4.0, 8.0, 1.0),
        row("b", 2.0, 1.0, 7.0),
        row("a", 1.0, 3.0, 0.0),
    ];
    let attribution = credit(&rows, &every(1));
    for credit in &attribution.credit {
        if credit.method != "markov" {
            let shares: BTreeMap<_, _> = credit
                .channels
                .iter()
                .map(|channel| (channel.name.as_str(), channel.share))
                .collect();
            close(shares["a"], 5.0 / 7.0, 1e-12, credit.method);
        }
    }
    close(
        by_name(&attribution, "markov")["a"].share,
        5.0 / 7.0,
        1e-12,
        "markov",
    );
    assert!(
        attribution
            .warnings
            .iter()
            .any(|warning| warning.code == "one-channel-paths")
    );
    assert!(attribution.findings.is_empty());
}

#[test]
fn the_answer_reads_like_the_public_types() {
    let rows = [row("a > b", 5.0, 8.0, 1.0), row("b", 2.0, 1.0, 7.0)];
    let options = AttributionOptions {
        resamples: 40,
        ..every(2)
    };
    let json = serde_json::to_value(credit(&rows, &options)).expect("serialises");
    let channel = &json["credit"][6]["channels"][0];
    assert_eq!(json["credit"][6]["method"], "markov");
    for field in [
        "name",
        "conversions",
        "value",
        "share",
        "shareInterval",
        "valueInterval",
        "conversionsInterval",
        "rankProbability",
        "valueByRemoval",
    ] {
        assert!(!channel[field].is_null(), "{field}");
    }
    for field in [
        "conversionProbability",
        "removalEffect",
        "valueRemovalEffect",
        "transitions",
        "stateTransitions",
        "errorBound",
    ] {
        assert!(!json["markov"][field].is_null(), "{field}");
    }
    assert_eq!(json["markov"]["transitions"][0]["from"], "(start)");
    assert_eq!(
        json["credit"][0]["above"][0].as_array().map(Vec::len),
        Some(2)
    );
}
