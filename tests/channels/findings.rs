//! From made-up counts and coefficients to what is said of them.

use crate::{codes, comparison, finding};
use channelwise::channels::{ChannelModel, CompareOptions, Verdict, compare};
use channelwise::error::Coded;
use channelwise::prepare::{Channels, Dataset};
use channelwise::table::MISSING_CODE;
use nalgebra::DMatrix;

fn channels(counts: &[(&str, u32, u32)]) -> Dataset {
    let mut dataset = Dataset::default();
    let mut channels = Channels {
        column: "channel".to_owned(),
        ..Default::default()
    };
    for (code, &(name, rows, conversions)) in counts.iter().enumerate() {
        channels.names.push(name.to_owned());
        channels.codes.extend(vec![code as u32; rows as usize]);
        dataset
            .y
            .extend((0..rows).map(|row| if row < conversions { 1.0 } else { 0.0 }));
    }
    dataset.channels = Some(channels);
    dataset
}

fn model(names: &[&str], beta: &[f64], deviation: f64) -> ChannelModel {
    ChannelModel {
        run_id: "run-1".to_owned(),
        names: names.iter().map(|&name| name.to_owned()).collect(),
        beta: beta.to_vec(),
        covariance: DMatrix::identity(beta.len(), beta.len()) * deviation * deviation,
    }
}

const NAMES: [&str; 4] = ["A", "B", "C", "D"];

#[test]
fn rates_answer_where_there_is_no_model() {
    let clear = channels(&[
        ("A", 1000, 300),
        ("B", 1000, 100),
        ("C", 1000, 95),
        ("D", 40, 3),
    ]);
    let found = comparison(&clear, &[]);
    assert_eq!(
        codes(&found),
        ["best-raw", "alike-raw", "too-few-conversions"]
    );
    assert_eq!(finding(&found, "best-raw").channels, ["A"]);
    assert_eq!(finding(&found, "alike-raw").channels, ["B", "C"]);
    assert_eq!(finding(&found, "too-few-conversions").channels, ["D"]);
    assert!(finding(&found, "best-raw").figures["p"] < 1e-6);
    let close = channels(&[("A", 1000, 300), ("B", 1000, 290), ("C", 1000, 95)]);
    let found = comparison(&close, &[]);
    assert_eq!(codes(&found), ["leading-raw"]);
    assert_eq!(found.findings[0].channels, ["A", "B"]);
    assert_eq!(
        found.findings[0].message,
        "A and B convert best; which of them leads can't be told."
    );
    let alike = channels(&[("A", 100, 30), ("B", 100, 29), ("C", 100, 28)]);
    assert_eq!(codes(&comparison(&alike, &[])), ["no-clear-best-raw"]);
    assert!(
        comparison(&channels(&[("A", 100, 30)]), &[])
            .findings
            .is_empty()
    );
}

#[test]
fn a_model_speaks_first_and_shows_where_rates_mislead() {
    let dataset = channels(&[
        ("A", 1000, 300),
        ("B", 1000, 100),
        ("C", 1000, 150),
        ("D", 1000, 150),
    ]);
    let found = comparison(&dataset, &[model(&NAMES, &[-1.0, 1.0, 0.02, -0.02], 0.1)]);
    let reversed = ["order-reversed"; 3];
    let told = [
        ["best-adjusted"].as_slice(),
        &reversed,
        &[
            "rate-understates",
            "above-mean",
            "below-mean",
            "alike-adjusted",
        ],
    ];
    assert_eq!(codes(&found), told.concat());
    assert_eq!(finding(&found, "best-adjusted").channels, ["B"]);
    assert_eq!(
        finding(&found, "order-reversed").channels,
        ["A", "B", "C", "D"]
    );
    assert_eq!(finding(&found, "rate-understates").channels, ["B"]);
    assert_eq!(finding(&found, "above-mean").channels, ["B"]);
    assert_eq!(finding(&found, "below-mean").channels, ["A"]);
    assert_eq!(finding(&found, "alike-adjusted").channels, ["C", "D"]);
    let reversed = finding(&found, "order-reversed");
    assert!(reversed.figures["rawOddsRatio"] > 1.0 && reversed.figures["oddsRatio"] < 1.0);
    let verdicts: Vec<Verdict> = found.effects[0]
        .channels
        .iter()
        .map(|effect| effect.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Below,
            Verdict::Above,
            Verdict::Unclear,
            Verdict::Unclear
        ]
    );
    // An advantage that goes away without turning round.
    let found = comparison(&dataset, &[model(&NAMES, &[0.0, 0.0, 0.0, 0.0], 0.1)]);
    assert_eq!(
        codes(&found),
        [
            "no-clear-best-adjusted",
            "rate-flatters",
            "rate-understates"
        ]
    );
    assert_eq!(finding(&found, "rate-flatters").channels, ["A"]);
    // The same view as the rates: nothing misleads.
    let plain: Vec<f64> = [300.0f64, 100.0, 150.0, 150.0]
        .map(|k| (k / (1000.0 - k)).ln())
        .to_vec();
    let found = comparison(&dataset, &[model(&NAMES, &plain, 0.08)]);
    assert_eq!(
        codes(&found),
        [
            "best-adjusted",
            "above-mean",
            "below-mean",
            "alike-adjusted"
        ]
    );
}

#[test]
fn small_channels_are_not_judged() {
    let dataset = channels(&[
        ("A", 1000, 100),
        ("B", 1000, 200),
        ("C", 5, 5),
        ("D", 1000, 995),
    ]);
    let found = comparison(&dataset, &[model(&NAMES, &[0.0, 1.0, 4.0, 5.0], 0.1)]);
    assert_eq!(finding(&found, "best-adjusted").channels, ["B"]);
    assert_eq!(finding(&found, "too-few-conversions").channels, ["C", "D"]);
    assert!(found.findings.iter().all(|finding| {
        finding.code == "too-few-conversions"
            || !finding
                .channels
                .iter()
                .any(|name| name == "C" || name == "D")
    }));
    // A channel that the model has not met (none of its rows trained) is not judged either.
    let found = comparison(&dataset, &[model(&["A"], &[0.0], 0.1)]);
    assert_eq!(codes(&found), ["too-few-conversions"]);
}

#[test]
fn counts_hold_weights_users_values_and_rows_without_a_channel() {
    let mut dataset = channels(&[("Facebook", 3, 2), ("门店", 2, 1), ("x", 1, 0)]);
    dataset.channels.as_mut().unwrap().codes[5] = MISSING_CODE;
    dataset.weights = Some(vec![2.0, 1.0, 3.0, 1.0, 1.0, 4.0]);
    dataset.values = Some(vec![10.0, f64::NAN, 99.0, 7.0, 99.0, 99.0]);
    dataset.users = Some(vec![1, 1, 2, 1, MISSING_CODE, 3]);
    let found = comparison(&dataset, &[]);
    let told: Vec<_> = found
        .channels
        .iter()
        .map(|channel| {
            (
                channel.name.as_str(),
                channel.rows,
                channel.conversions,
                channel.users,
                channel.value,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Facebook", 6.0, 3.0, Some(2), Some(20.0)),
            ("门店", 2.0, 1.0, Some(2), Some(7.0)),
            ("(missing)", 4.0, 0.0, Some(1), Some(0.0)),
        ]
    );
    assert_eq!(found.warnings[0].code, "weights-as-frequencies");
    let written = serde_json::to_value(&found).unwrap();
    let first = &written["channels"][0];
    assert_eq!(
        (&first["group"], &first["subgroup"]),
        (&"online".into(), &"social".into())
    );
    assert_eq!(written["channels"][1]["group"], "offline");
    for key in [
        "confidence",
        "channels",
        "effects",
        "findings",
        "credit",
        "warnings",
    ] {
        assert!(written.get(key).is_some(), "{key}");
    }
    assert!(
        first
            .get("rateInterval")
            .is_some_and(|interval| interval.as_array().unwrap().len() == 2)
    );
    let nothing = compare(
        &Dataset::default(),
        &[],
        &CompareOptions::default().check().unwrap(),
    );
    assert_eq!(nothing.unwrap_err().code(), "no-channel");
}
