//! The behaviour of the training loop.

#![allow(clippy::unwrap_used)] // A test may panic.

mod logistic_support;

use burn::tensor::Device;
use channelwise::error::Coded;
use channelwise::job::{Host, Progress, Quiet, Signal};
use channelwise::prepare::Dataset;
use channelwise::train::{
    self, EarlyStoppingOptions, Ended, Fit, OptimizerKind, OptimizerOptions, TrainError,
    TrainOptions, TrainingData, ValidTrainOptions,
};
use logistic_support::{block_on, simulated};
use std::cell::Cell;

const TRUTH: [f64; 5] = [1.0, -0.5, 0.25, 0.0, -1.0];

/// A host that follows a script, with a clock of its own.
#[derive(Default)]
struct Script {
    clock: Cell<f64>,
    breaths: usize,
    /// What is said at which breath, from 1.
    signal: Option<(usize, Signal)>,
    /// At which breath the job is held for an hour.
    pause: Option<usize>,
    reports: Vec<Progress>,
}

impl Host for Script {
    fn now(&self) -> f64 {
        // Time goes on by a millisecond at every look.
        self.clock.set(self.clock.get() + 1.0);
        self.clock.get()
    }

    fn report(&mut self, progress: Progress) {
        self.reports.push(progress);
    }

    async fn breathe(&mut self) -> Signal {
        self.breaths += 1;
        if self.pause == Some(self.breaths) {
            self.clock.set(self.clock.get() + 3.6e6);
        }
        match self.signal {
            Some((breath, signal)) if breath == self.breaths => signal,
            _ => Signal::Continue,
        }
    }
}

fn options(kind: &str) -> TrainOptions {
    TrainOptions {
        optimizer: Some(OptimizerOptions {
            kind: kind.to_owned(),
            ..OptimizerOptions::default()
        }),
        ..TrainOptions::default()
    }
}

fn check(options: TrainOptions, data: &Dataset) -> ValidTrainOptions {
    options.check(data.split.train.len()).unwrap()
}

fn run(data: &Dataset, options: TrainOptions, host: &mut impl Host) -> Result<Fit, TrainError> {
    let options = check(options, data);
    let (parts, device) = (TrainingData::from(data), Device::flex());
    block_on(train::fit(&parts, &options, &device, "run-1", host))
}

fn quietly(data: &Dataset, options: TrainOptions) -> Fit {
    run(data, options, &mut Quiet::default()).unwrap()
}

fn distance(a: &Fit, b: &Fit) -> f32 {
    a.weights()
        .iter()
        .chain([&a.intercept()])
        .zip(b.weights().iter().chain([&b.intercept()]))
        .fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

#[test]
fn every_optimiser_finds_the_same_minimum() {
    let data = simulated(5000, &TRUTH, 1);
    let best = quietly(&data, options("lbfgs"));
    for (kind, within) in [
        ("gd", 2e-3),
        ("momentum", 2e-3),
        ("adam", 2e-2),
        ("adamw", 3e-2),
    ] {
        let fit = quietly(
            &data,
            TrainOptions {
                early_stopping: Some(None),
                ..options(kind)
            },
        );
        let distance = distance(&fit, &best);
        assert!(distance < within, "{kind} is {distance} off: {fit:?}");
    }
    // And that is where the data came from, give or take four standard errors.
    let found = best.weights().iter().copied().chain([best.intercept()]);
    for (found, truth) in found.zip(TRUTH) {
        assert!((f64::from(found) - truth).abs() < 0.2, "{best:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let data = simulated(2000, &TRUTH, 2);
    let seeded = |kind: &str, seed: f64| {
        let options = TrainOptions {
            seed: Some(seed),
            epochs: Some(5.0),
            ..options(kind)
        };
        let fit = quietly(&data, options);
        let bits: Vec<u32> = fit.weights().iter().map(|w| w.to_bits()).collect();
        let losses: Vec<u64> = fit.epochs.iter().map(|e| e.train_loss.to_bits()).collect();
        (bits, fit.intercept().to_bits(), losses)
    };
    for kind in ["lbfgs", "gd", "momentum", "adam", "adamw"] {
        assert_eq!(seeded(kind, 7.0), seeded(kind, 7.0), "{kind}");
    }
    assert_ne!(seeded("adam", 7.0), seeded("adam", 8.0));
}

#[test]
fn a_row_that_counts_twice_is_as_good_as_two_rows() {
    let mut weighted = simulated(600, &TRUTH, 3);
    weighted.split.validation.clear();
    weighted.weights = Some((0..600).map(|row| (row % 3) as f32).collect());
    let mut repeated = weighted.clone();
    repeated.weights = None;
    let rows = weighted.split.train.iter();
    repeated.split.train = rows
        .flat_map(|&row| std::iter::repeat_n(row, row as usize % 3))
        .collect();
    for kind in ["lbfgs", "gd"] {
        let (a, b) = (
            quietly(&weighted, options(kind)),
            quietly(&repeated, options(kind)),
        );
        assert!(distance(&a, &b) < 1e-4, "{kind}");
        let losses = (a.epochs.last().unwrap(), b.epochs.last().unwrap());
        assert!(
            (losses.0.train_loss - losses.1.train_loss).abs() < 1e-6,
            "{kind}"
        );
    }
}

#[test]
fn stop_keeps_what_was_learned() {
    let data = simulated(2000, &TRUTH, 4);
    // Looks at the data that are no update draw breath as well.
    for (kind, breath, steps) in [("lbfgs", 6, 4), ("gd", 11, 9), ("adam", 200, 196)] {
        let mut host = Script {
            signal: Some((breath, Signal::Stop)),
            ..Script::default()
        };
        let fit = run(&data, options(kind), &mut host).unwrap();
        assert_eq!(fit.ended, Ended::Stopped, "{kind}");
        assert_eq!(fit.steps, steps, "{kind}");
        let record = fit.epochs.last().unwrap();
        assert!(record.train_loss < 0.69, "{kind} has learned: {record:?}");
        assert!(record.validation_loss.unwrap() < 0.69);
        assert!(fit.weights().iter().any(|&w| w != 0.0));
        assert_eq!(host.breaths, breath, "{kind} ends at once");
    }
}

#[test]
fn a_stop_is_heard_between_the_blocks_of_one_look_at_the_data() {
    // 28,000 training rows are two blocks.
    let data = simulated(35_000, &TRUTH, 12);
    for kind in ["lbfgs", "gd", "adam"] {
        let full_batch = TrainOptions {
            batch_size: Some(0.0),
            early_stopping: Some(None),
            ..options(kind)
        };
        let whole = |epochs: f64| {
            let mut host = Script::default();
            let options = TrainOptions {
                epochs: Some(epochs),
                ..full_batch.clone()
            };
            let fit = run(&data, options, &mut host).unwrap();
            (fit, host.breaths)
        };
        let (two, breaths) = whole(2.0);
        assert_eq!(breaths % 2, 0, "{kind}: one breath a block");
        // Between the blocks of the third update's look: what it would have changed is undone.
        let mut host = Script {
            signal: Some((breaths + 2, Signal::Stop)),
            ..Script::default()
        };
        let fit = run(&data, full_batch.clone(), &mut host).unwrap();
        assert_eq!((fit.ended, fit.steps), (Ended::Stopped, 2), "{kind}");
        assert_eq!(host.breaths, breaths + 2, "{kind} ends at once");
        assert_eq!(
            (fit.weights(), fit.intercept()),
            (two.weights(), two.intercept())
        );
        assert_eq!(fit.epochs, two.epochs, "{kind}");
    }
}

#[test]
fn stopped_at_the_first_breath_leaves_the_even_odds_model() {
    let data = simulated(200, &TRUTH, 4);
    for kind in ["lbfgs", "gd"] {
        let mut host = Script {
            signal: Some((1, Signal::Stop)),
            ..Script::default()
        };
        let fit = run(&data, options(kind), &mut host).unwrap();
        assert_eq!((fit.steps, fit.best_epoch, fit.epochs.len()), (0, 0, 0));
        assert_eq!((fit.weights(), fit.intercept()), (&[0.0_f32; 4][..], 0.0));
    }
}

#[test]
fn cancel_gives_up() {
    let data = simulated(500, &TRUTH, 5);
    for kind in ["lbfgs", "momentum", "adam"] {
        let mut host = Script {
            signal: Some((3, Signal::Cancel)),
            ..Script::default()
        };
        let error = run(&data, options(kind), &mut host).unwrap_err();
        assert_eq!(error.code(), "aborted", "{kind}");
        assert_eq!(host.breaths, 3);
    }
}

#[test]
fn a_pause_changes_neither_the_result_nor_the_time_told() {
    let data = simulated(1000, &TRUTH, 6);
    for kind in ["lbfgs", "adam"] {
        let mut plain = Script::default();
        let mut paused = Script {
            pause: Some(5),
            ..Script::default()
        };
        let a = run(&data, options(kind), &mut plain).unwrap();
        let b = run(&data, options(kind), &mut paused).unwrap();
        assert_eq!(a.parameters, b.parameters, "{kind}");
        assert_eq!(a.epochs, b.epochs, "{kind}");
        assert!(b.seconds < 60.0, "{kind}: {} s", b.seconds);
    }
}

#[test]
fn progress_tells_how_far_it_is() {
    let data = simulated(3000, &TRUTH, 7);
    for kind in ["lbfgs", "gd", "adam"] {
        let mut host = Script::default();
        let fit = run(&data, options(kind), &mut host).unwrap();
        let reports = &host.reports;
        assert!(!reports.is_empty());
        assert!(reports.len() <= host.breaths + fit.epochs.len());
        let mut before = 0.0;
        for report in reports {
            assert_eq!(report.phase, "train");
            assert_eq!(report.run_id.as_deref(), Some("run-1"));
            assert!(
                (before..=1.0).contains(&report.fraction),
                "{kind}: {report:?}"
            );
            assert!(report.train_loss.is_some_and(f64::is_finite));
            assert!(
                report
                    .eta_seconds
                    .is_none_or(|eta| eta >= 0.0 && eta.is_finite())
            );
            assert!(report.rows_per_second.is_none_or(|rate| rate > 0.0));
            before = report.fraction;
        }
        let last = reports.last().unwrap();
        let record = fit.epochs.last().unwrap();
        assert_eq!(last.fraction, 1.0, "{kind}");
        assert_eq!(last.epoch, Some(record.epoch));
        assert_eq!(last.step, Some(fit.steps));
        assert_eq!(last.validation_loss, record.validation_loss);
        assert_eq!(last.validation_auc, record.validation_auc);
    }
}

#[test]
fn early_stopping_keeps_the_best_epoch() {
    // Far more features than 120 rows can bear, and no penalty: it overfits.
    let data = simulated(150, &[0.3; 41], 8);
    for (kind, metric) in [("adam", "loss"), ("momentum", "loss"), ("lbfgs", "auc")] {
        let fit = quietly(
            &data,
            TrainOptions {
                l2: Some(0.0),
                early_stopping: Some(Some(EarlyStoppingOptions {
                    patience: 5.0,
                    metric: Some(metric.to_owned()),
                })),
                ..options(kind)
            },
        );
        assert_eq!(fit.ended, Ended::EarlyStopping, "{kind}");
        assert_eq!(fit.epochs.len(), fit.best_epoch + 5, "{kind}");
        let figure = |epoch: usize| {
            let record = &fit.epochs[epoch - 1];
            match metric {
                "loss" => -record.validation_loss.unwrap(),
                _ => record.validation_auc.unwrap(),
            }
        };
        let best = figure(fit.best_epoch);
        assert!((1..=fit.epochs.len()).all(|epoch| figure(epoch) <= best));
        // The coefficients are those of that epoch, not of the last.
        let loss: f64 = data
            .split
            .validation
            .iter()
            .map(|&row| {
                let x = &data.x[row as usize * 40..][..40];
                let z: f32 = x.iter().zip(fit.weights()).map(|(x, w)| x * w).sum();
                let z = f64::from(z + fit.intercept());
                z.max(0.0) - f64::from(data.y[row as usize]) * z + (-z.abs()).exp().ln_1p()
            })
            .sum::<f64>()
            / data.split.validation.len() as f64;
        let expected = fit.epochs[fit.best_epoch - 1].validation_loss.unwrap();
        assert!((loss - expected).abs() < 1e-5, "{kind}: {loss} {expected}");
    }
}

#[test]
fn divergence_is_an_error_with_a_hint() {
    let data = simulated(500, &TRUTH, 9);
    for (kind, batch) in [("gd", 0.0), ("momentum", 16.0)] {
        let mut options = options(kind);
        options.batch_size = Some(batch);
        options.l2 = Some(100.0);
        options.optimizer.as_mut().unwrap().learning_rate = Some(1e6);
        let error = run(&data, options, &mut Quiet::default()).unwrap_err();
        assert_eq!(error.code(), "diverged", "{kind}");
        assert!(error.to_string().contains("smaller learning rate"));
    }
}

#[test]
fn data_that_cannot_be_trained_on_is_refused() {
    let good = simulated(50, &TRUTH, 10);
    let code = |change: &dyn Fn(&mut Dataset)| {
        let mut data = good.clone();
        change(&mut data);
        let options = options("lbfgs").check(40).unwrap();
        let (parts, device) = (TrainingData::from(&data), Device::flex());
        let mut host = Quiet::default();
        let fit = block_on(train::fit(&parts, &options, &device, "run", &mut host));
        fit.unwrap_err().code()
    };
    assert_eq!(code(&|data| data.split.train.clear()), "no-training-rows");
    assert_eq!(code(&|data| data.features.clear()), "no-features");
    assert_eq!(code(&|data| data.y.fill(1.0)), "one-class");
    assert_eq!(
        code(&|data| data.weights = Some(data.y.clone())),
        "one-class"
    );
    assert_eq!(code(&|data| data.split.train.push(50)), "bad-data");
    assert_eq!(code(&|data| data.weights = Some(vec![1.0; 3])), "bad-data");
    assert_eq!(
        code(&|data| data.weights = Some(vec![-1.0; 50])),
        "bad-data"
    );
    assert_eq!(code(&|data| data.x.truncate(9)), "bad-data");
}

#[test]
fn options_are_checked_once_and_filled_in() {
    let parse = |json: serde_json::Value| {
        let options: TrainOptions = serde_json::from_value(json).unwrap();
        options.check(10_000)
    };
    let code = |json| parse(json).unwrap_err().code();
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let defaults = parse(json("{}")).unwrap();
    assert_eq!(defaults.optimizer.kind, OptimizerKind::Lbfgs);
    assert_eq!(
        (defaults.l2, defaults.seed, defaults.batch_size),
        (1.0, 42, 0)
    );
    assert_eq!(defaults.early_stopping, None);
    let gpu = parse(json(r#"{"device":"webgpu","hidden":32,"preset":"fast"}"#)).unwrap();
    assert_eq!(gpu.optimizer.kind, OptimizerKind::Adam);
    assert_eq!((gpu.batch_size, gpu.epochs), (128, 60));
    assert!(gpu.early_stopping.is_some());
    let off = parse(json(r#"{"device":"webgpu","earlyStopping":null}"#)).unwrap();
    assert_eq!(off.early_stopping, None);
    let full = parse(json(r#"{"optimizer":{"kind":"adam"},"batchSize":10000}"#)).unwrap();
    assert_eq!(full.batch_size, 0, "a batch of all rows is the full batch");
    assert_eq!(code(json(r#"{"model":"forest"}"#)), "invalid-option");
    assert_eq!(
        code(json(r#"{"device":"webgpu","optimizer":{"kind":"lbfgs"}}"#)),
        "lbfgs-needs-cpu"
    );
    assert_eq!(code(json(r#"{"batchSize":64}"#)), "lbfgs-needs-full-batch");
    for wrong in [
        r#"{"model":"forest"}"#,
        r#"{"device":"tpu"}"#,
        r#"{"l2":-1}"#,
        r#"{"epochs":0}"#,
        r#"{"epochs":1.5}"#,
        r#"{"epochs":1000001}"#,
        r#"{"batchSize":-32}"#,
        r#"{"seed":-1}"#,
        r#"{"optimizer":{"kind":"sgd"}}"#,
        r#"{"optimizer":{"kind":"gd","learningRate":0}}"#,
        r#"{"optimizer":{"kind":"momentum","momentum":1}}"#,
        r#"{"earlyStopping":{"patience":0}}"#,
        r#"{"earlyStopping":{"patience":3,"metric":"f1"}}"#,
    ] {
        assert_eq!(code(json(wrong)), "invalid-option", "{wrong}");
    }
    let not_a_number = TrainOptions {
        l2: Some(f64::NAN),
        ..TrainOptions::default()
    };
    assert_eq!(not_a_number.check(10).unwrap_err().code(), "invalid-option");
}

#[test]
fn a_fit_travels_as_it_is() {
    let data = simulated(300, &TRUTH, 11);
    let fit = quietly(&data, options("adam"));
    let text = serde_json::to_string(&fit).unwrap();
    let mut back: Fit = serde_json::from_str(&text).unwrap();
    // JSON's decimals may be a rounding error off.
    assert!((back.seconds - fit.seconds).abs() < 1e-9 && (back.step_ms - fit.step_ms).abs() < 1e-9);
    for (back, record) in back.epochs.iter_mut().zip(&fit.epochs) {
        assert!((back.train_loss - record.train_loss).abs() < 1e-12);
        *back = record.clone();
    }
    (back.seconds, back.step_ms) = (fit.seconds, fit.step_ms);
    assert_eq!(back, fit);
}

#[test]
fn more_rows_than_a_block_holds_are_all_seen() {
    // 70,000 rows: five blocks for the full batch, two for mini-batches.
    let mut data = simulated(70_000, &[0.5, -0.5], 12);
    data.split.train = (0..70_000).collect();
    data.split.validation.clear();
    let full = quietly(&data, options("lbfgs"));
    let share = 1e-3;
    let batches = quietly(&data, options("adam"));
    assert!(distance(&full, &batches) < 20.0 * share);
    assert!(
        batches.steps.is_multiple_of(69),
        "{} updates",
        batches.steps
    );
}

#[test]
fn the_operations_for_webgpu_give_the_loss_of_those_for_the_cpu() {
    // The same operations and batches as on WebGPU, here run by the CPU: 50 updates of Adam.
    let data = simulated(2000, &TRUTH, 13);
    let loss = |device: &str, batch: f64, epochs: f64| {
        let options = TrainOptions {
            device: Some(device.to_owned()),
            batch_size: Some(batch),
            epochs: Some(epochs),
            early_stopping: Some(None),
            ..options("adam")
        };
        let fit = quietly(&data, options);
        assert_eq!(fit.steps, 50);
        fit.epochs.last().unwrap().train_loss
    };
    for (batch, epochs) in [(160.0, 5.0), (0.0, 50.0)] {
        let (cpu, webgpu) = (loss("cpu", batch, epochs), loss("webgpu", batch, epochs));
        assert!((cpu - webgpu).abs() < 1e-5, "{cpu} {webgpu}");
        assert!(cpu < 0.6, "it has learned: {cpu}");
    }
}
