//! Against scikit-learn: the same rows, the same test rows, the same penalty.

#![allow(clippy::unwrap_used)] // A test may panic.

mod logistic_support;

use burn::tensor::Device;
use channelwise::evaluate::{self, Metrics, RunReport};
use channelwise::job::Quiet;
use channelwise::prepare::Dataset;
use channelwise::train::{self, Ended, OptimizerOptions, TrainOptions, TrainingData};
use logistic_support::{block_on, references};
use serde_json::Value;

fn train(data: &Dataset, kind: &str) -> RunReport {
    let options = TrainOptions {
        optimizer: Some(OptimizerOptions {
            kind: kind.to_owned(),
            ..OptimizerOptions::default()
        }),
        ..TrainOptions::default()
    }
    .check(data.split.train.len())
    .unwrap();
    let (parts, device) = (TrainingData::from(data), Device::flex());
    let mut host = Quiet::default();
    let fit = block_on(train::fit(&parts, &options, &device, "run", &mut host)).unwrap();
    if kind == "lbfgs" {
        assert_eq!(fit.ended, Ended::Converged);
    }
    evaluate::report(data, &fit, "run", "cpu", "test")
}

/// Compares a figure with scikit-learn's.
fn near(name: &str, figure: &str, found: f64, expected: &Value, within: f64) {
    let expected = expected.as_f64().unwrap();
    let distance = (found - expected).abs();
    assert!(
        distance <= within,
        "{name}: {figure} is {found}, scikit-learn says {expected} (within {within})"
    );
}

/// The largest distance of a coefficient from scikit-learn's.
fn coefficient_distance(run: &RunReport, expected: &Value) -> (f64, String) {
    let expected = expected["coef"].as_object().unwrap();
    assert_eq!(expected.len(), run.coefficients.len());
    run.coefficients
        .iter()
        .map(|found| {
            let expected = expected[&found.feature].as_f64().unwrap();
            ((found.value - expected).abs(), found.feature.clone())
        })
        .fold((0.0, String::new()), |worst, next| {
            if next.0 > worst.0 { next } else { worst }
        })
}

fn compare_metrics(name: &str, found: &Metrics, expected: &Value) {
    let near = |figure: &str, found: f64, key: &str, within: f64| {
        near(name, figure, found, &expected[key], within);
    };
    near("n", found.n, "n", 0.0);
    near("baseRate", found.base_rate, "base_rate", 1e-9);
    near("auc", found.auc, "auc", 2e-4);
    near("prAuc", found.pr_auc, "pr_auc", 2e-4);
    near("loss", found.loss, "log_loss", 1e-4);
    near("brier", found.brier, "brier", 1e-4);
    near("ece", found.ece, "ece10", 1e-3);
    near("accuracy", found.accuracy, "accuracy", 1e-3);
    near("precision", found.precision, "precision", 5e-3);
    near("recall", found.recall, "recall", 5e-3);
    near("f1", found.f1, "f1", 5e-3);
    near("best.f1", found.best.f1, "best_f1", 1e-3);
    near(
        "best.threshold",
        found.best.threshold,
        "best_f1_threshold",
        1e-3,
    );
    let cell = |row: usize, column: usize| &expected["confusion"][row][column];
    let counts = [
        (found.confusion.tn, cell(0, 0)),
        (found.confusion.fp, cell(0, 1)),
        (found.confusion.fn_, cell(1, 0)),
        (found.confusion.tp, cell(1, 1)),
    ];
    for (found, expected) in counts {
        assert!(
            (found - expected.as_f64().unwrap()).abs() <= 2.0,
            "{name}: confusion"
        );
    }
}

#[test]
fn lbfgs_gives_the_coefficients_and_figures_of_scikit_learn() {
    for (set, expected, data) in references() {
        let run = train(&data, "lbfgs");
        let (distance, feature) = coefficient_distance(&run, &expected);
        println!(
            "{}: coefficients within {distance:.5}, worst {feature}",
            set.name
        );
        assert!(distance < 5e-3, "{}: {feature} is {distance} off", set.name);
        near(
            set.name,
            "intercept",
            run.intercept.unwrap_or(f64::NAN),
            &expected["intercept"],
            5e-3,
        );
        compare_metrics(set.name, &run.metrics.train, &expected["train"]);
        let test = run.metrics.test.as_ref().unwrap();
        compare_metrics(set.name, test, &expected["test"]);
        assert!(run.metrics.validation.is_none());
        assert_eq!(run.threshold.chosen_on, "train");
        // Another method, the bootstrap, should give about the same interval.
        let bootstrap = expected["auc_ci95_boot500"].as_array().unwrap();
        for (found, expected) in test.auc_interval.iter().zip(bootstrap) {
            near(set.name, "aucInterval", *found, expected, 3e-3);
        }
    }
}

#[test]
fn the_order_of_the_rows_does_not_matter() {
    for (set, expected, mut data) in references() {
        data.split.train.reverse();
        let middle = data.split.train.len() / 2;
        data.split.train.rotate_left(middle);
        let (distance, feature) = coefficient_distance(&train(&data, "lbfgs"), &expected);
        assert!(distance < 5e-3, "{}: {feature} is {distance} off", set.name);
    }
}

#[test]
fn the_other_optimisers_come_close_with_their_defaults() {
    // The coefficients themselves cannot be compared: the levels of a category and the intercept can
    // shift against each other at next to no cost, and each method ends elsewhere along that line.
    // AdamW shrinks otherwise, so its optimum is another.
    let bounds = [
        ("gd", 3e-3, 1.5e-3, 1e-2),
        ("momentum", 1e-3, 1e-3, 1e-2),
        ("adam", 1e-3, 1e-3, 1.5e-2),
        ("adamw", 3e-3, 2e-3, 1.5e-2),
    ];
    for (set, expected, data) in references() {
        for (kind, auc, loss, shares) in bounds {
            let name = format!("{} {kind}", set.name);
            let run = train(&data, kind);
            let test = run.metrics.test.as_ref().unwrap();
            let expected = &expected["test"];
            println!(
                "{name}: {:?} after {} updates, auc {:.5}, loss {:.5}",
                run.ended, run.steps, test.auc, test.loss
            );
            near(&name, "auc", test.auc, &expected["auc"], auc);
            near(&name, "loss", test.loss, &expected["log_loss"], loss);
            near(
                &name,
                "accuracy",
                test.accuracy,
                &expected["accuracy"],
                3e-3,
            );
            near(&name, "recall", test.recall, &expected["recall"], shares);
            near(&name, "f1", test.f1, &expected["f1"], shares);
        }
    }
}
