//! The report of a run: coefficients and their uncertainty, the threshold, the exports.

#![allow(clippy::unwrap_used)] // A test may panic.

mod logistic_support;

use burn::tensor::Device;
use channelwise::error::Warning;
use channelwise::evaluate::{self, RunReport, channel_coefficients, to_json, to_safetensors};
use channelwise::job::Quiet;
use channelwise::model::Parameter;
use channelwise::prepare::{Channels, Dataset, Encoding, Feature};
use channelwise::train::{self, Ended, Fit, TrainOptions, TrainingData};
use logistic_support::{block_on, normal, simulated};
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const TRUTH: [f64; 4] = [0.8, -0.4, 0.0, -1.0];

fn run(data: &Dataset, l2: f64) -> RunReport {
    fitted(data, l2).1
}

fn fitted(data: &Dataset, l2: f64) -> (Fit, RunReport) {
    let options = TrainOptions {
        l2: Some(l2),
        ..TrainOptions::default()
    }
    .check(data.split.train.len())
    .unwrap();
    let (parts, device) = (TrainingData::from(data), Device::flex());
    let mut host = Quiet::default();
    let fit = block_on(train::fit(&parts, &options, &device, "run-7", &mut host)).unwrap();
    let report = evaluate::report(data, &fit, "run-7", "cpu", "because");
    (fit, report)
}

/// One yes-or-no feature; `table[x][y]` rows of each kind, all of them to train on.
fn two_by_two(table: [[usize; 2]; 2]) -> Dataset {
    let mut data = simulated(0, &[0.0, 0.0], 1);
    for (x, row) in table.iter().enumerate() {
        for (y, &count) in row.iter().enumerate() {
            data.x.extend(std::iter::repeat_n(x as f32, count));
            data.y.extend(std::iter::repeat_n(y as f32, count));
        }
    }
    data.split.train = (0..data.y.len() as u32).collect();
    data
}

#[test]
fn one_binary_feature_has_woolfs_standard_error() {
    // log(ad/bc) and √(1/a + 1/b + 1/c + 1/d): Woolf 1955.
    let data = two_by_two([[80, 20], [50, 50]]);
    let run = run(&data, 0.0);
    let expected = (80.0_f64 * 50.0 / (20.0 * 50.0)).ln();
    let error = (1.0_f64 / 80.0 + 1.0 / 20.0 + 1.0 / 50.0 + 1.0 / 50.0).sqrt();
    let found = &run.coefficients[0];
    assert!((found.value - expected).abs() < 2e-3, "{found:?}");
    assert!(
        (found.standard_error.unwrap() - error).abs() < 1e-4,
        "{found:?} {error}"
    );
    assert!((found.odds_ratio - 4.0).abs() < 0.01);
    let [low, high] = found.odds_ratio_interval.unwrap();
    let reach = 1.959_963_984_540_054 * error;
    assert!((low.ln() - (expected - reach)).abs() < 2e-3);
    assert!((high.ln() - (expected + reach)).abs() < 2e-3);
}

/// The largest coverage question: how often do intervals hold the truth?
fn coverage(l2: f64, replicates: u64) -> (f64, f64) {
    let (mut held, mut sandwich_held, mut asked) = (0.0, 0.0, 0.0);
    for replicate in 0..replicates {
        // Coefficients from the prior that the penalty stands for: normal of variance 1/l2.
        let mut rng = ChaCha8Rng::seed_from_u64(1000 + replicate);
        let mut truth: Vec<f64> = (0..6).map(|_| normal(&mut rng) / l2.sqrt()).collect();
        truth.push(-0.5);
        let mut data = simulated(120, &truth, replicate);
        data.split.train = (0..120).collect();
        let run = run(&data, l2);
        let covariance = &run.covariance.as_ref().unwrap().0;
        // H⁻¹·(H − l2·D)·H⁻¹
        let mut prior = DMatrix::<f64>::identity(7, 7) * l2;
        prior[(6, 6)] = 0.0;
        let sandwich = covariance - covariance * prior * covariance;
        for (at, coefficient) in run.coefficients.iter().enumerate() {
            let distance = (coefficient.value - truth[at]).abs() / 1.959_963_984_540_054;
            held += f64::from(u8::from(distance <= covariance[(at, at)].sqrt()));
            sandwich_held += f64::from(u8::from(distance <= sandwich[(at, at)].sqrt()));
            asked += 1.0;
        }
    }
    (held / asked, sandwich_held / asked)
}

#[test]
fn intervals_hold_the_truth_about_95_times_in_100_and_the_sandwich_does_not() {
    let (held, sandwich) = coverage(10.0, 300);
    println!("l2 = 10, 120 rows: inverse information {held:.3}, sandwich {sandwich:.3}");
    assert!((0.935..=0.965).contains(&held), "{held}");
    assert!(sandwich < held - 0.02, "{sandwich}");
    let (held, sandwich) = coverage(1.0, 300);
    println!("l2 = 1, 120 rows: inverse information {held:.3}, sandwich {sandwich:.3}");
    assert!((0.93..=0.965).contains(&held), "{held}");
}

#[test]
fn repeated_columns_without_penalty_still_get_an_answer() {
    let mut data = two_by_two([[80, 20], [50, 50]]);
    data.features.push(data.features[0].clone());
    data.x = data.x.iter().flat_map(|&x| [x, x]).collect();
    let run = run(&data, 0.0);
    assert!(
        run.coefficients
            .iter()
            .all(|c| c.standard_error.unwrap() > 1.0)
    );
    assert!((run.coefficients[0].value + run.coefficients[1].value - 4.0_f64.ln()).abs() < 5e-3);
}

#[test]
fn the_report_says_everything_the_api_promises() {
    let data = simulated(1000, &TRUTH, 3);
    let run = run(&data, 1.0);
    let json = serde_json::to_value(&run).unwrap();
    for key in [
        "id",
        "model",
        "device",
        "deviceReason",
        "options",
        "parameters",
        "seconds",
        "stepMs",
        "steps",
        "ended",
        "epochs",
        "metrics",
        "curves",
        "threshold",
        "intercept",
        "coefficients",
        "warnings",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
    assert_eq!(json["parameters"], 4);
    assert_eq!(json["options"]["optimizer"]["kind"], "lbfgs");
    assert_eq!(json["threshold"]["chosenOn"], "validation");
    assert_eq!(json["threshold"]["rule"], "best-f1");
    let validation = run.metrics.validation.as_ref().unwrap();
    assert_eq!(run.threshold.value, validation.best.threshold);
    for part in ["train", "validation", "test"] {
        let metrics = &json["metrics"][part];
        for key in [
            "n",
            "baseRate",
            "loss",
            "auc",
            "aucInterval",
            "prAuc",
            "accuracy",
            "precision",
            "recall",
            "f1",
            "brier",
            "ece",
            "threshold",
            "best",
            "confusion",
        ] {
            assert!(!metrics[key].is_null(), "{part}.{key}");
        }
        assert!(metrics["confusion"]["fn"].is_number());
        let curves = &json["curves"][part];
        assert!(curves["roc"][0]["falsePositiveRate"].is_number());
        assert!(curves["precisionRecall"][0]["recall"].is_number());
        assert!(curves["calibration"][0]["interval"].is_array());
        assert!(curves["thresholds"][50]["fn"].is_number());
    }
    let coefficient = &json["coefficients"][0];
    assert_eq!(coefficient["feature"], "x0");
    assert!(
        coefficient["oddsRatioInterval"].is_array() && coefficient["standardError"].is_number()
    );
    assert!(json.get("covariance").is_none());
    // The last record speaks of the model that is reported.
    let last = run.epochs.last().unwrap();
    assert!((last.train_loss - run.metrics.train.loss).abs() < 1e-6);
    assert!((last.validation_auc.unwrap() - validation.auc).abs() < 1e-3);
}

#[test]
fn parts_of_one_class_are_warned_of_and_not_used_for_the_threshold() {
    let mut data = simulated(500, &TRUTH, 4);
    data.split
        .validation
        .retain(|&row| data.y[row as usize] == 0.0);
    let run = run(&data, 1.0);
    assert_eq!(run.threshold.chosen_on, "train");
    assert!(
        run.warnings
            .iter()
            .any(|warning| warning.code == "one-class-part")
    );
    assert!(serde_json::to_value(&run).unwrap()["metrics"]["validation"]["auc"].is_null());
}

#[test]
fn a_feature_that_gives_the_outcome_away_is_warned_of() {
    let mut data = simulated(500, &TRUTH, 5);
    for row in 0..500 {
        data.x[row * 3] = data.y[row];
    }
    let run = run(&data, 1e-6);
    let warning = run
        .warnings
        .iter()
        .find(|warning| warning.code == "separation");
    let columns = warning.and_then(|warning| warning.columns.clone());
    assert!(columns.unwrap().contains(&"x0".to_owned()));
}

/// Three channels of known effect beside a number.
fn with_channels() -> Dataset {
    let names = ["Email", "Paid", "Organic"];
    let effects = [0.6, -0.6, 0.0];
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut data = Dataset {
        positive: "yes".to_owned(),
        ..Dataset::default()
    };
    data.features.push(Feature {
        name: "pages".to_owned(),
        column: "pages".to_owned(),
        encoding: Encoding::Standardised {
            mean: 3.0,
            deviation: 2.0,
        },
    });
    data.features.extend(names.iter().map(|name| Feature {
        name: format!("source = {name}"),
        column: "source".to_owned(),
        encoding: Encoding::OneHot {
            level: (*name).to_owned(),
        },
    }));
    let mut codes = Vec::new();
    for row in 0..4000 {
        let channel = rng.random_range(0..3_usize);
        let pages = normal(&mut rng);
        data.x.push(pages as f32);
        data.x
            .extend((0..3).map(|level| f32::from(u8::from(level == channel))));
        let z = -1.0 + 0.5 * pages + effects[channel];
        data.y.push(f32::from(u8::from(
            rng.random::<f64>() < 1.0 / (1.0 + (-z).exp()),
        )));
        codes.push(channel as u32);
        data.split.train.push(row);
    }
    data.channels = Some(Channels {
        column: "source".to_owned(),
        names: names.map(str::to_owned).to_vec(),
        codes,
    });
    data
}

#[test]
fn channel_coefficients_come_with_what_a_comparison_needs() {
    let data = with_channels();
    let run = run(&data, 1.0);
    let channels = channel_coefficients(&run, &data).unwrap();
    assert_eq!(channels.names, ["Email", "Paid", "Organic"]);
    let mean = channels.log_odds.iter().sum::<f64>() / 3.0;
    for (found, truth) in channels.log_odds.iter().zip([0.6, -0.6, 0.0]) {
        assert!((found - mean - truth).abs() < 0.15, "{channels:?}");
    }
    // Each level alone is uncertain, since all could shift against the intercept; their difference is
    // not: its variance has to come from the whole block.
    let c = &channels.covariance;
    let alone = c[(0, 0)].sqrt();
    let difference = (c[(0, 0)] + c[(1, 1)] - 2.0 * c[(0, 1)]).sqrt();
    assert!(alone > 0.5 && difference < 0.12, "{alone} {difference}");
    assert_eq!(c[(0, 1)], c[(1, 0)]);
    let mut without = data.clone();
    without.channels = None;
    assert!(channel_coefficients(&run, &without).is_none());
}

#[test]
fn exports_can_be_read_back_and_used() {
    let data = with_channels();
    let (fit, run) = fitted(&data, 1.0);
    let json: serde_json::Value =
        serde_json::from_slice(&to_json(&run, &fit, &data.features, &data.positive).unwrap())
            .unwrap();
    assert_eq!(json["format"], "channelwise-logistic");
    assert_eq!(json["positive"], "yes");
    assert_eq!(json["run"]["id"], "run-7");
    // A reader can't know by itself what an empty cell and a yes or no have become.
    let formula = json["formula"].as_str().unwrap();
    assert!(
        formula.contains("(missing) meaning an empty cell") && formula.contains("yes/no"),
        "{formula}"
    );

    let bytes = to_safetensors(&run, &fit, &data.features, &data.positive).unwrap();
    assert_eq!(
        bytes,
        to_safetensors(&run, &fit, &data.features, &data.positive).unwrap()
    );
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let numbers = |name: &str| -> Vec<f32> {
        let tensor = tensors.tensor(name).unwrap();
        assert_eq!(tensor.dtype(), safetensors::Dtype::F32);
        let chunks = tensor.data().chunks_exact(4);
        chunks
            .map(|chunk| f32::from_le_bytes(chunk.try_into().unwrap()))
            .collect()
    };
    let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let manual = &metadata.metadata().as_ref().unwrap()["channelwise"];
    let manual: serde_json::Value = serde_json::from_str(manual).unwrap();
    assert_eq!(manual["threshold"], run.threshold.value);
    assert_eq!(manual["features"], json["features"]);
    let features: Vec<Feature> = serde_json::from_value(manual["features"].clone()).unwrap();
    assert_eq!(features, data.features);

    // A customer with 7 pages who came by e-mail, worked out from each file alone.
    let value = |feature: &Feature| match &feature.encoding {
        Encoding::Standardised { mean, deviation } => (7.0 - mean) / deviation,
        Encoding::OneHot { level } => f64::from(u8::from(level == "Email")),
        _ => 0.0,
    };
    let chance = |weights: &[f64], intercept: f64| {
        let terms = features.iter().zip(weights);
        let z: f64 = terms.map(|(feature, weight)| weight * value(feature)).sum();
        1.0 / (1.0 + (-z - intercept).exp())
    };
    let double = |values: Vec<f32>| -> Vec<f64> { values.into_iter().map(f64::from).collect() };
    let from_tensors = chance(
        &double(numbers("weights")),
        f64::from(numbers("intercept")[0]),
    );
    let weights: Vec<f64> = serde_json::from_value(json["weights"].clone()).unwrap();
    let from_json = chance(&weights, json["intercept"].as_f64().unwrap());
    assert!((from_tensors - from_json).abs() < 1e-12);
    assert!((0.5..0.8).contains(&from_json), "{from_json}");
}

/// Zeros under a name.
fn array(name: &str, size: usize) -> Parameter {
    Parameter {
        name: name.into(),
        shape: vec![size],
        values: vec![0.0; size],
    }
}

/// A fit without training, of coefficients that are all 0.
fn even_odds(data: &Dataset) -> Fit {
    Fit {
        parameters: vec![array("weights", data.width()), array("intercept", 1)],
        journey: None,
        epochs: Vec::new(),
        seconds: 0.0,
        step_ms: 0.0,
        steps: 0,
        ended: Ended::Stopped,
        best_epoch: 0,
        options: TrainOptions::default().check(10).unwrap(),
    }
}

fn no_standard_errors(data: &Dataset) -> Warning {
    let report = evaluate::report(data, &even_odds(data), "run", "cpu", "test");
    assert!(report.covariance.is_none());
    assert!(
        report
            .coefficients
            .iter()
            .all(|c| c.standard_error.is_none())
    );
    let mut warnings = report.warnings.into_iter();
    warnings
        .find(|warning| warning.code == "no-standard-errors")
        .unwrap()
}

#[test]
fn standard_errors_that_would_take_minutes_are_left_out_with_the_figure() {
    // Columns enough that a matrix of them could not be held on 32 bits, were it tried.
    let warning = no_standard_errors(&simulated(20, &[0.0; 20_001], 1));
    let figures = warning.figures.unwrap();
    assert_eq!((figures["columns"], figures["limit"]), (20_000.0, 1_000.0));
    assert!(warning.message.contains("20000") && warning.message.contains("1000"));
    // The most columns there may be, with all cells of 50,000 rows filled.
    let mut data = simulated(1, &[0.0; 1_001], 1);
    data.split.train = vec![0; 50_000];
    let warning = no_standard_errors(&data);
    let figures = warning.figures.unwrap();
    assert_eq!((figures["columns"], figures["rows"]), (1_000.0, 50_000.0));
}

#[test]
#[ignore = "measures how long the largest covariance takes"]
fn the_largest_covariance() {
    for rows in [5_000, 19_000] {
        let data = simulated(rows * 10 / 8, &[0.0; 1_001], 1);
        let fit = even_odds(&data);
        let started = std::time::Instant::now();
        let found = evaluate::Covariance::new(&TrainingData::from(&data), &fit);
        println!(
            "{rows} rows: {} s, {}",
            started.elapsed().as_secs_f64(),
            found.is_ok()
        );
        let mut twice = data.clone();
        for row in twice.x.chunks_exact_mut(1_000) {
            row[999] = row[0];
        }
        let mut fit = even_odds(&twice);
        fit.options.l2 = 0.0;
        let started = std::time::Instant::now();
        let found = evaluate::Covariance::new(&TrainingData::from(&twice), &fit);
        println!(
            "singular: {} s, {}",
            started.elapsed().as_secs_f64(),
            found.is_ok()
        );
    }
}
