//! The comparison from end to end: against the reference figures, against the simulator's truth, and
//! finding by finding.

use channelwise::channels::{ChannelModel, CompareOptions, Comparison, Finding, Verdict, compare};
use channelwise::error::Coded;
use channelwise::prepare::{Channels, Dataset, PrepareOptions, prepare};
use channelwise::schema::{ColumnSchema, Reason, Role, Schema};
use channelwise::simulate::{SampleOptions, sessions};
use channelwise::table::{Column, ColumnData, MISSING_CODE, Table};
use nalgebra::{DMatrix, DVector};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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

fn comparison(dataset: &Dataset, models: &[ChannelModel]) -> Comparison {
    compare(dataset, models, &CompareOptions::default().check().unwrap()).unwrap()
}

fn codes(comparison: &Comparison) -> Vec<&str> {
    comparison
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

fn finding<'a>(comparison: &'a Comparison, code: &str) -> &'a Finding {
    let found = comparison
        .findings
        .iter()
        .find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("{code} is not among {:?}", codes(comparison)))
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

/// Newton's method on the penalised log-likelihood of the training rows: an independent fit. Returns
/// the coefficients (intercept last) and the inverse of the penalised Hessian.
fn fit(dataset: &Dataset) -> (DVector<f64>, DMatrix<f64>) {
    let width = dataset.width();
    let mut beta = DVector::zeros(width + 1);
    let mut inverse = DMatrix::zeros(width + 1, width + 1);
    for _ in 0..12 {
        let mut gradient = -&beta;
        let mut hessian = DMatrix::identity(width + 1, width + 1);
        (gradient[width], hessian[(width, width)]) = (0.0, 0.0);
        for &row in &dataset.split.train {
            let row = row as usize;
            let mut x = DVector::from_element(width + 1, 1.0);
            for place in 0..width {
                x[place] = f64::from(dataset.x[row * width + place]);
            }
            let p = 1.0 / (1.0 + (-beta.dot(&x)).exp());
            gradient.axpy(f64::from(dataset.y[row]) - p, &x, 1.0);
            hessian.ger(p * (1.0 - p), &x, &x, 1.0);
        }
        inverse = hessian.cholesky().expect("positive definite").inverse();
        beta += &inverse * gradient;
    }
    (beta, inverse)
}

#[test]
fn the_sample_tells_its_story() {
    let sample = sessions(&SampleOptions::default()).unwrap();
    let options = PrepareOptions::default().check().unwrap();
    let (dataset, summary) = prepare(&sample.table, &sample.schema(), &options).unwrap();
    assert!(
        (0.08..0.15).contains(&summary.base_rate),
        "{}",
        summary.base_rate
    );
    let (beta, inverse) = fit(&dataset);
    let places: Vec<usize> = dataset
        .channel_features()
        .iter()
        .map(|feature| feature.0)
        .collect();
    let model = ChannelModel {
        run_id: "run-1".to_owned(),
        names: dataset
            .channel_features()
            .iter()
            .map(|feature| feature.1.to_owned())
            .collect(),
        beta: places.iter().map(|&place| beta[place]).collect(),
        covariance: DMatrix::from_fn(places.len(), places.len(), |i, j| {
            inverse[(places[i], places[j])]
        }),
    };
    let found = comparison(&dataset, &[model]);
    for channel in &found.channels {
        println!(
            "{:15} {:6} {:5} {:.3} {:.3?}",
            channel.name, channel.rows, channel.conversions, channel.rate, channel.rate_interval
        );
    }
    for effect in &found.effects[0].channels {
        let truth = sample
            .truth
            .iter()
            .find(|truth| truth.channel == effect.name)
            .unwrap();
        println!(
            "{:15} {:.2} ± {:.2} (truth {:.2})",
            effect.name, effect.log_odds, effect.standard_error, truth.log_odds
        );
        let miss = (effect.log_odds - truth.log_odds).abs();
        assert!(
            miss < 4.0 * effect.standard_error,
            "{}: {miss}",
            effect.name
        );
    }
    for finding in &found.findings {
        println!("{}: {}", finding.code, finding.message);
    }
    assert_eq!(finding(&found, "best-adjusted").channels, ["Paid search"]);
    let reversed = finding(&found, "order-reversed");
    assert_eq!(reversed.channels[..2], ["E-mail", "Paid search"]);
    let below = finding(&found, "below-mean");
    assert!(
        ["E-mail", "Social"]
            .iter()
            .all(|name| below.channels.iter().any(|below| below == name))
    );
    let alike = |a: &str, b: &str| {
        let mut runs = found
            .findings
            .iter()
            .filter(|finding| finding.code == "alike-adjusted");
        runs.any(|run| {
            [a, b]
                .iter()
                .all(|name| run.channels.iter().any(|channel| channel == name))
        })
    };
    assert!(alike("E-mail", "Social"));
    assert_eq!(
        finding(&found, "too-few-conversions").channels,
        ["Exhibition"]
    );
}

fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CHANNELWISE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = folder.join(name);
    let there = path.exists();
    if !there {
        println!("skipped: {} is not here", path.display());
    }
    there.then_some(path)
}

#[test]
fn rates_and_parts_agree_with_the_reference_run() {
    let files = [
        "data/online_shoppers_intention.csv",
        "reference/lr_online_shoppers.json",
        "reference/lr_online_shoppers_test_index.csv",
    ];
    let [Some(data), Some(reference), Some(index)] = files.map(shared) else {
        return;
    };
    let text = std::fs::read_to_string(data).unwrap();
    let mut lines = text
        .lines()
        .map(|line| line.trim_end().split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let cells: Vec<Vec<&str>> = lines.collect();
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let numbers = |name: &str| {
        ColumnData::Number(
            cells
                .iter()
                .map(|row| row[at(name)].parse().unwrap())
                .collect(),
        )
    };
    let columns = [
        ("PageValues", Role::Feature),
        ("TrafficType", Role::Channel),
        ("Revenue", Role::Label),
    ];
    let table = Table {
        columns: columns
            .iter()
            .map(|(name, _)| Column {
                name: (*name).to_owned(),
                data: numbers(name),
            })
            .collect(),
        source_rows: None,
        rows: cells.len(),
    };
    let about = |&(name, role): &(&str, Role)| ColumnSchema {
        name: name.to_owned(),
        column_type: channelwise::table::ColumnType::Number,
        role,
        reason: Reason {
            code: "test",
            message: String::new(),
            figures: BTreeMap::new(),
        },
        missing: 0,
        distinct: 0,
        examples: Vec::new(),
    };
    let schema = Schema {
        columns: columns.iter().map(about).collect(),
        positive: None,
    };
    let mut options = PrepareOptions::default();
    let index = std::fs::read_to_string(index).unwrap();
    options.split.test_rows = Some(
        index
            .lines()
            .skip(1)
            .map(|row| row.trim().parse().unwrap())
            .collect(),
    );
    options.split.validation = 0.0;
    let (dataset, summary) = prepare(&table, &schema, &options.check().unwrap()).unwrap();
    let reference: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(reference).unwrap()).unwrap();
    for (part, name) in [
        (&dataset.split.train, "train"),
        (&dataset.split.test, "test"),
    ] {
        let converted = part
            .iter()
            .filter(|&&row| dataset.y[row as usize] > 0.5)
            .count();
        assert_eq!(part.len() as u64, reference[name]["n"]);
        let rate = converted as f64 / part.len() as f64;
        assert!((rate - reference[name]["base_rate"].as_f64().unwrap()).abs() < 1e-12);
    }
    let found = comparison(&dataset, &[]);
    let expected = reference["conversion_by_channel_wilson95"]
        .as_object()
        .unwrap();
    assert_eq!(
        (found.channels.len(), summary.channels.len()),
        (expected.len(), expected.len())
    );
    for channel in &found.channels {
        let expected = &expected[&channel.name];
        assert_eq!(Some(channel.rows), expected["n"].as_f64());
        assert_eq!(Some(channel.conversions), expected["k"].as_f64());
        for side in 0..2 {
            let bound = expected["ci"][side].as_f64().unwrap();
            // The reference rounds the quantile to six places.
            assert!(
                (channel.rate_interval[side] - bound).abs() < 1e-7,
                "{}",
                channel.name
            );
        }
    }
}
