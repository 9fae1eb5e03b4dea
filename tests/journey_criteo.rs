//! The Criteo journeys, which are no part of the project: how well and how fast the journey model learns, on the rows
//! of `benches/journeys.mjs` and `benches/peers/journey_keras.py`: twelve epochs, users of their own to test on, none
//! to validate on.
//!
//! `cargo test --release --test journey_criteo -- --ignored --nocapture`, with `CHANNELWISE_TRAIN` set to
//! other options (JSON) to try them.

#![allow(clippy::unwrap_used)] // A test may panic.

mod journey_support;
mod logistic_support;

use burn::tensor::Device;
use channelwise::evaluate;
use channelwise::job::Quiet;
use channelwise::train::{self, TrainOptions, TrainingData};
use logistic_support::{block_on, shared, skipped};
use std::time::Instant;

#[test]
#[ignore = "takes half a minute, and says something of speed only when built for it"]
fn learns_the_criteo_journeys() {
    let Some(data) = shared().and_then(|folder| journey_support::criteo(&folder)) else {
        return skipped("the Criteo journeys are not there");
    };
    let options = std::env::var("CHANNELWISE_TRAIN")
        .unwrap_or_else(|_| r#"{"epochs":12,"earlyStopping":null,"controls":false}"#.to_owned());
    let mut options: TrainOptions = serde_json::from_str(&options).unwrap();
    options.model.get_or_insert_with(|| "journey".to_owned());
    let options = options.check(data.split.train.len()).unwrap();
    let mut parts = TrainingData::from(&data);
    parts.statics.clear();
    let started = Instant::now();
    let fit = block_on(train::fit(
        &parts,
        &options,
        &Device::flex(),
        "criteo",
        &mut Quiet::default(),
    ))
    .unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let report = evaluate::report(&data, &fit, "criteo", "cpu", "");
    println!("evaluated in {:.1} s", started.elapsed().as_secs_f64());
    for epoch in &report.epochs {
        println!("{} train {:.4}", epoch.epoch, epoch.train_loss);
    }
    let test = report.metrics.test.unwrap();
    println!(
        "{} train, {} test; {} parameters, {} steps of {:.2} ms, {seconds:.1} s, best epoch {}; test AUC {:.4}, log-loss {:.4}, accuracy {:.4}",
        data.split.train.len(),
        data.split.test.len(),
        report.parameters,
        report.steps,
        report.step_ms,
        report.best_epoch,
        test.auc,
        test.loss,
        test.accuracy
    );
    // Keras reaches .905 on the same rows.
    assert!(test.auc > 0.9, "{}", test.auc);
    if options.journey.is_some_and(|journey| journey.controls) {
        let host = &mut Quiet::default();
        let found = block_on(evaluate::baselines(&data, &fit, "criteo", host)).unwrap();
        println!("{found:#?}");
    }
}
