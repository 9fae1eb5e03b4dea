//! Training a journey model: what it learns, and how it can be steered.

#![allow(clippy::unwrap_used)] // A test may panic.

mod journey_support;
mod logistic_support;

use burn::tensor::Device;
use channelwise::error::Coded;
use channelwise::evaluate::{self, BaselineFigures, JourneyScorer, RunReport};
use channelwise::job::{Host, Progress, Quiet, Signal};
use channelwise::prepare::{Dataset, Journeys};
use channelwise::train::{self, Ended, Fit, TrainError, TrainOptions, TrainingData};
use journey_support::{Truth, simulated};
use logistic_support::block_on;

/// Speaks at one breath.
#[derive(Default)]
struct Script {
    breaths: usize,
    signal: Option<(usize, Signal)>,
    reports: Vec<Progress>,
}

impl Host for Script {
    fn now(&self) -> f64 {
        self.breaths as f64 * 10.0
    }

    fn report(&mut self, progress: Progress) {
        self.reports.push(progress);
    }

    async fn breathe(&mut self) -> Signal {
        self.breaths += 1;
        match self.signal {
            Some((breath, signal)) if breath == self.breaths => signal,
            _ => Signal::Continue,
        }
    }
}

fn options(json: &str) -> TrainOptions {
    let mut options: TrainOptions = serde_json::from_str(json).unwrap();
    options.model = Some("journey".into());
    options
}

fn run(data: &Dataset, json: &str, host: &mut impl Host) -> Result<Fit, TrainError> {
    let options = options(json).check(data.split.train.len())?;
    let mut parts = TrainingData::from(data);
    // The counts are of the touches themselves.
    parts.statics = vec![4];
    block_on(train::fit(&parts, &options, &Device::flex(), "run-1", host))
}

fn report(data: &Dataset, json: &str) -> RunReport {
    let fit = run(data, json, &mut Quiet::default()).unwrap();
    evaluate::report(data, &fit, "run-1", "cpu", "because")
}

fn test_loss(run: &RunReport) -> f64 {
    run.metrics.test.as_ref().unwrap().loss
}

#[test]
fn it_learns_order_gaps_counts_and_what_is_true_of_the_whole() {
    // Below, the log-loss of who knows the truth: the entropy of 0.85 or 0.1 by how often it holds.
    let entropy = |p: f64| -(p * p.ln() + (1.0 - p) * (1.0 - p).ln());
    for truth in [Truth::Order, Truth::Counts, Truth::Gaps] {
        let data = simulated(6000, truth, 3);
        let run = report(&data, "{}");
        let holds = data.base_rate() - 0.1;
        let share = holds / 0.75;
        let best = share * entropy(0.85) + (1.0 - share) * entropy(0.1);
        let found = test_loss(&run);
        assert!(found < best + 0.05, "{truth:?}: {found} against {best}");
        assert_eq!(run.model, "journey");
        let inputs = run.inputs.unwrap();
        assert_eq!((inputs.channels, inputs.events), (4, 0));
        assert_eq!(inputs.statics, ["label"]);
    }
    // What is true of the whole joins linearly, so that is as good as logistic regression on it.
    let run = report(&simulated(4000, Truth::Static, 3), "{}");
    let auc = run.metrics.test.as_ref().unwrap().auc;
    assert!(auc > 0.82, "{auc}");
}

#[test]
fn without_the_input_that_matters_it_knows_no_more_than_the_base_rate() {
    let data = simulated(3000, Truth::Gaps, 4);
    let with = report(&data, r#"{"epochs":10}"#);
    let without = report(&data, r#"{"epochs":10,"timeGaps":false}"#);
    assert!(test_loss(&with) + 0.05 < test_loss(&without));
    assert!(!without.inputs.unwrap().time_gaps);
    let data = simulated(3000, Truth::Static, 5);
    let without = report(&data, r#"{"epochs":10,"staticFeatures":false}"#);
    assert!(without.metrics.test.as_ref().unwrap().auc < 0.6);
    assert_eq!(without.inputs.unwrap().statics.len(), 0);
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let data = simulated(800, Truth::Order, 6);
    let seeded = |seed: u32| {
        let json = format!(
            r#"{{"seed":{seed},"epochs":3,"dropout":0.2,"recurrentDropout":0.2,"bidirectional":true,"layers":2}}"#
        );
        let fit = run(&data, &json, &mut Quiet::default()).unwrap();
        let bits: Vec<Vec<u32>> = fit
            .parameters
            .iter()
            .map(|array| array.values.iter().map(|value| value.to_bits()).collect())
            .collect();
        (bits, fit.epochs)
    };
    assert_eq!(seeded(7), seeded(7));
    assert_ne!(seeded(7).0, seeded(8).0);
}

#[test]
fn the_presets_are_those_of_the_table() {
    let article = options(r#"{"preset":"article"}"#).check(10_000).unwrap();
    let sizes = article.journey.clone().unwrap();
    assert_eq!((sizes.embedding, sizes.hidden), (16, 128));
    assert_eq!((sizes.dropout, sizes.recurrent_dropout), (0.2, 0.2));
    assert_eq!((article.batch_size, article.epochs), (32, 10));
    assert_eq!(article.early_stopping, None);
    let fast = options("{}").check(120_000).unwrap();
    assert_eq!((fast.batch_size, fast.epochs), (512, 13));
    assert!(fast.early_stopping.is_some());
    // What crosses to a worker and back stays what it is.
    let text = serde_json::to_string(&article).unwrap();
    assert!(text.contains(r#""recurrentDropout":0.2"#), "{text}");
    assert_eq!(
        serde_json::from_str::<train::ValidTrainOptions>(&text).unwrap(),
        article
    );
    let logistic = TrainOptions::default().check(100).unwrap();
    let text = serde_json::to_string(&logistic).unwrap();
    assert!(!text.contains("hidden"), "{text}");
    assert_eq!(
        serde_json::from_str::<train::ValidTrainOptions>(&text).unwrap(),
        logistic
    );
}

#[test]
fn options_out_of_range_are_refused_by_name() {
    for (json, name) in [
        (r#"{"preset":"slow"}"#, "preset"),
        (r#"{"hidden":0}"#, "hidden"),
        (r#"{"hidden":513}"#, "hidden"),
        (r#"{"embedding":1.5}"#, "embedding"),
        (r#"{"layers":5}"#, "layers"),
        (r#"{"dropout":1}"#, "dropout"),
        (r#"{"recurrentDropout":-0.1}"#, "recurrentDropout"),
        (r#"{"optimizer":{"kind":"lbfgs"}}"#, "optimizer.kind"),
        (
            r#"{"optimizer":{"kind":"adam","learningRate":0}}"#,
            "optimizer.learningRate",
        ),
        (r#"{"epochs":0}"#, "epochs"),
        (r#"{"batchSize":-1}"#, "batchSize"),
        (
            r#"{"earlyStopping":{"patience":0}}"#,
            "earlyStopping.patience",
        ),
        (r#"{"device":"gpu"}"#, "device"),
        (r#"{"l2":-1}"#, "l2"),
    ] {
        match options(json).check(100) {
            Err(error @ TrainError::InvalidOption { name: found, .. }) => {
                assert_eq!(found, name);
                assert_eq!(error.code(), "invalid-option");
            }
            other => panic!("{json}: {other:?}"),
        }
    }
}

#[test]
fn rows_without_journeys_are_refused() {
    let data = Dataset {
        journeys: None,
        ..simulated(100, Truth::Counts, 1)
    };
    let error = run(&data, "{}", &mut Quiet::default()).unwrap_err();
    assert_eq!(error.code(), "no-journeys");
}

#[test]
fn a_stop_keeps_the_best_epoch_and_a_cancel_gives_up() {
    let data = simulated(1000, Truth::Order, 7);
    let json = r#"{"batchSize":64,"earlyStopping":null,"epochs":50}"#;
    let batches = 700_usize.div_ceil(64);
    let mut host = Script {
        signal: Some((30 * batches + 5, Signal::Stop)),
        ..Script::default()
    };
    let fit = run(&data, json, &mut host).unwrap();
    assert_eq!(fit.ended, Ended::Stopped);
    assert_eq!(host.breaths, 30 * batches + 5, "it ends at once");
    assert_eq!(fit.epochs.len(), 31, "the epoch under way has its figures");
    let best = fit
        .epochs
        .iter()
        .min_by(|a, b| a.validation_loss.partial_cmp(&b.validation_loss).unwrap())
        .unwrap();
    assert_eq!(fit.best_epoch, best.epoch);
    let kept = evaluate::report(&data, &fit, "run-1", "cpu", "");
    let found = kept.metrics.validation.unwrap().loss;
    assert!((found - best.validation_loss.unwrap()).abs() < 1e-9);

    let mut host = Script {
        signal: Some((3, Signal::Cancel)),
        ..Script::default()
    };
    assert_eq!(run(&data, json, &mut host).unwrap_err().code(), "aborted");
    let mut host = Script {
        signal: Some((1, Signal::Stop)),
        ..Script::default()
    };
    let fit = run(&data, json, &mut host).unwrap();
    assert_eq!((fit.steps, fit.best_epoch, fit.epochs.len()), (0, 0, 0));
}

#[test]
fn progress_tells_losses_auc_and_time_left() {
    let data = simulated(1000, Truth::Order, 8);
    let mut host = Script::default();
    let fit = run(&data, r#"{"epochs":4}"#, &mut host).unwrap();
    let mut before = 0.0;
    for report in &host.reports {
        assert_eq!(report.phase, "train");
        assert!((before..=1.0).contains(&report.fraction));
        assert!(report.train_loss.is_some_and(f64::is_finite));
        before = report.fraction;
    }
    let last = host.reports.last().unwrap();
    assert_eq!(
        (last.fraction, last.epoch, last.step),
        (1.0, Some(4), Some(fit.steps))
    );
    assert_eq!(last.validation_auc, fit.epochs[3].validation_auc);
    assert!(
        host.reports
            .iter()
            .any(|report| report.eta_seconds.is_some_and(|eta| eta > 0.0))
    );
}

#[test]
fn a_weight_counts_as_so_many_rows() {
    let mut once = simulated(300, Truth::Counts, 9);
    let mut twice = once.clone();
    // The full batch, so that the order of rows can't matter; without validation and features.
    once.weights = Some((0..300).map(|row| (row % 3) as f32).collect());
    let weights = once.weights.clone().unwrap();
    once.split.train = (0..300).collect();
    once.split.validation.clear();
    let copies = |row: u32| vec![row; weights[row as usize] as usize];
    twice.split.train = (0..300).flat_map(copies).collect();
    twice.split.validation.clear();
    let json = r#"{"batchSize":0,"epochs":15}"#;
    let [once, twice] = [once, twice].map(|data| run(&data, json, &mut Quiet::default()).unwrap());
    for (a, b) in once.epochs.iter().zip(&twice.epochs) {
        assert!((a.train_loss - b.train_loss).abs() < 1e-4, "{a:?} {b:?}");
    }
}

#[test]
fn a_scorer_knows_channels_by_name_and_takes_strangers_for_the_mean() {
    let data = simulated(1500, Truth::Order, 10);
    let fit = run(&data, r#"{"epochs":8}"#, &mut Quiet::default()).unwrap();
    let own = data.journeys.clone().unwrap();
    let mut scorer = JourneyScorer::new(&fit).unwrap();
    assert_eq!(scorer.static_width(), 1);
    let statics = scorer.pick_statics(&data.x, data.width());
    let scores = scorer.score(&own, statics.clone());
    // Another file may list the channels in another order.
    let mut turned = own.clone();
    turned.channels.reverse();
    turned
        .touch_channels
        .iter_mut()
        .for_each(|code| *code = 3 - *code);
    assert_eq!(scorer.score(&turned, statics.clone()), scores);
    // All rows at once or one at a time.
    let one = Journeys {
        channels: own.channels.clone(),
        offsets: vec![0, own.offsets[1]],
        touch_channels: own.touches(0).to_vec(),
        gap_hours: own.gap_hours[own.range(0)].to_vec(),
        ..Journeys::default()
    };
    assert_eq!(scorer.score(&one, statics[..1].to_vec()), scores[..1]);
    // No touches at all, and a channel that nobody knows.
    let none = Journeys {
        offsets: vec![0, 0],
        ..Journeys::default()
    };
    assert!(scorer.score(&none, vec![0.0])[0].is_finite());
    let mut strange = own.clone();
    strange.channels[2] = "radio".into();
    let (_, unknown) = evaluate::predict(&fit, &data.x, data.width(), Some(&strange));
    let expected = own.touch_channels.iter().filter(|&&code| code == 2).count();
    assert_eq!(unknown, expected);
}

#[test]
fn exports_hold_all_that_is_needed_to_predict() {
    let data = simulated(600, Truth::Order, 11);
    let fit = run(
        &data,
        r#"{"epochs":4,"hidden":6,"embedding":3}"#,
        &mut Quiet::default(),
    )
    .unwrap();
    let run = evaluate::report(&data, &fit, "run-1", "cpu", "");
    let json = evaluate::to_json(&run, &fit, &data.features, &data.positive).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["format"], "channelwise-journey");
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let array = |name: &str| -> Vec<f64> {
        let arrays = json["parameters"].as_array().unwrap();
        let found = arrays.iter().find(|array| array["name"] == name).unwrap();
        found["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(number)
            .collect()
    };
    // The formula, from the file alone, for journey 0.
    let journeys = data.journeys.as_ref().unwrap();
    let known: Vec<&str> = json["journey"]["inputs"]["channels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let hidden = json["journey"]["shape"]["hidden"].as_u64().unwrap() as usize;
    let (embedding, input) = (
        array("embedding.channel"),
        array("lstm.0.forward.weight_input"),
    );
    let (weights, bias) = (
        array("lstm.0.forward.weight_hidden"),
        array("lstm.0.forward.bias"),
    );
    let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
    let sigma = |z: f64| 1.0 / (1.0 + (-z).exp());
    for (&code, &hours) in journeys
        .touches(0)
        .iter()
        .zip(&journeys.gap_hours[journeys.range(0)])
    {
        let name = &journeys.channels[code as usize];
        let entry = known.iter().position(|known| known == name).unwrap() + 1;
        let mut x = embedding[entry * 3..][..3].to_vec();
        x.push(f64::from(hours).ln_1p());
        let gate = |column: usize| {
            let of_x: f64 = x
                .iter()
                .enumerate()
                .map(|(i, x)| x * input[i * 4 * hidden + column])
                .sum();
            let of_h: f64 = h
                .iter()
                .enumerate()
                .map(|(i, h)| h * weights[i * 4 * hidden + column])
                .sum();
            bias[column] + of_x + of_h
        };
        let gates: Vec<f64> = (0..4 * hidden).map(gate).collect();
        for unit in 0..hidden {
            let [i, f, g, o] = [0, 1, 2, 3].map(|n| gates[n * hidden + unit]);
            c[unit] = sigma(f) * c[unit] + sigma(i) * g.tanh();
            h[unit] = sigma(o) * c[unit].tanh();
        }
    }
    let dense = array("dense.weight");
    let of_h: f64 = h.iter().zip(&dense).map(|(h, w)| h * w).sum();
    let z = array("dense.bias")[0] + of_h + dense[hidden] * f64::from(data.x[4]);
    let (scores, _) = evaluate::predict(&fit, &data.x, data.width(), data.journeys.as_ref());
    assert!(
        (sigma(z) - scores[0]).abs() < 1e-5,
        "{} {}",
        sigma(z),
        scores[0]
    );

    let bytes = evaluate::to_safetensors(&run, &fit, &data.features, &data.positive).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensor = tensors.tensor("lstm.0.forward.weight_hidden").unwrap();
    assert_eq!(tensor.shape(), [hidden, 4 * hidden]);
    // A fit that crosses to another worker and back is the same, and knows its data.
    let text = serde_json::to_string(&fit).unwrap();
    let mut crossed: Fit = serde_json::from_str(&text).unwrap();
    // What reads JSON may be off by the last bit of a double; parameters have fewer bits.
    let here = fit.journey.clone().unwrap().without_touches.unwrap();
    let journey = crossed.journey.as_mut().unwrap();
    let there = journey.without_touches.replace(here.clone()).unwrap();
    assert!((there.bias / here.bias - 1.0).abs() < 1e-15);
    for (there, here) in there.weights.iter().zip(&here.weights) {
        assert!((there / here - 1.0).abs() < 1e-15);
    }
    assert_eq!(
        (&crossed.parameters, &crossed.journey),
        (&fit.parameters, &fit.journey)
    );
    assert!(fit.suits(5, true) && !fit.suits(3, true) && !fit.suits(5, false));
}

fn compared(
    data: &Dataset,
    json: &str,
    host: &mut impl Host,
) -> Result<evaluate::Baselines, TrainError> {
    let fit = run(data, json, &mut Quiet::default()).unwrap();
    block_on(evaluate::baselines(data, &fit, "run-1", host))
}

#[test]
fn what_stands_beside_a_model_tells_order_from_counts_and_time() {
    use evaluate::Answer::Yes;
    for (truth, order, time) in [
        (Truth::Order, true, false),
        (Truth::Counts, false, false),
        (Truth::Gaps, false, true),
        // Which time goes with which channel is no order, though channels that change places lose it.
        (Truth::Pair, false, true),
    ] {
        let data = simulated(4000, truth, 12);
        let found = compared(&data, "{}", &mut Quiet::default()).unwrap();
        assert!(found.complete && found.part == "test");
        // Whether it is "no" or "unclear" where there is nothing depends on how many rows there are.
        let answer = |verdict: &Option<evaluate::Verdict>| verdict.as_ref().unwrap().answer == Yes;
        assert_eq!(answer(&found.order_matters), order, "{truth:?}: {found:?}");
        assert_eq!(answer(&found.time_matters), time, "{truth:?}: {found:?}");
        assert!(answer(&found.earns_its_keep), "{truth:?}: {found:?}");
        for verdict in [&found.order_matters, &found.earns_its_keep]
            .into_iter()
            .flatten()
        {
            let [low, high] = verdict.interval;
            assert!(low <= verdict.difference && verdict.difference <= high);
        }
        assert!(found.ceiling.floor <= found.ceiling.accuracy && found.ceiling.accuracy <= 1.0);
        assert!((0.0..=1.0).contains(&found.ceiling.unique));
        let loss = |figures: &Option<BaselineFigures>| figures.as_ref().unwrap().loss;
        let (places, pairs) = (loss(&found.shuffled), loss(&found.shuffled_with_gaps));
        // The verdict is the one that is harder to reach.
        let order = found.order_matters.unwrap();
        let other = places.min(pairs);
        assert!(
            order.answer != Yes || (order.difference - (other - found.model.loss)).abs() < 1e-9
        );
        let harder = if pairs < places {
            "shuffledWithGaps"
        } else {
            "shuffled"
        };
        assert!(order.answer != Yes || order.against == Some(harder));
        match truth {
            Truth::Pair => assert!(pairs + 0.02 < places, "{pairs} {places}"),
            // The last gap is known where times stay, and lost where they go with the touches.
            Truth::Gaps => assert!(places + 0.02 < pairs, "{pairs} {places}"),
            _ => {}
        }
    }
}

#[test]
fn without_times_there_is_one_way_of_changing_places() {
    let data = simulated(1000, Truth::Order, 14);
    let json = r#"{"epochs":3,"timeGaps":false}"#;
    let found = compared(&data, json, &mut Quiet::default()).unwrap();
    assert!(found.shuffled.is_some() && found.shuffled_with_gaps.is_none());
    assert!(found.without_gaps.is_none() && found.time_matters.is_none());
    assert_eq!(found.order_matters.unwrap().against, Some("shuffled"));
}

#[test]
fn of_very_many_rows_the_controls_get_a_drawn_part_and_so_does_the_model() {
    let data = simulated(6000, Truth::Order, 15);
    let fit = run(&data, r#"{"epochs":30}"#, &mut Quiet::default()).unwrap();
    let host = &mut Quiet::default();
    let found = block_on(evaluate::baselines_within(&data, &fit, "run-1", 3000, host)).unwrap();
    let drawn = found.drawn.clone().unwrap();
    assert_eq!((drawn.rows, drawn.of), (3000, 4200));
    let again = drawn.model.unwrap();
    assert_ne!(again, found.model);
    // What is compared has learned from the same rows.
    let order = found.order_matters.unwrap();
    let shuffled = found
        .shuffled
        .unwrap()
        .loss
        .min(found.shuffled_with_gaps.unwrap().loss);
    assert!((order.difference - (shuffled - again.loss)).abs() < 1e-9);
    let time = found.time_matters.unwrap();
    assert!((time.difference - (found.without_gaps.unwrap().loss - again.loss)).abs() < 1e-9);
    // Logistic regression takes all of them in its stride.
    let keep = found.earns_its_keep.unwrap();
    assert!((keep.difference - (found.logistic.unwrap().loss - found.model.loss)).abs() < 1e-9);
    assert_eq!(order.answer, evaluate::Answer::Yes);
    // As many as there are is not too many.
    let host = &mut Quiet::default();
    let found = block_on(evaluate::baselines_within(&data, &fit, "run-1", 4200, host)).unwrap();
    assert_eq!(found.drawn, None);
}

#[test]
fn a_control_that_cannot_be_trained_is_told_and_takes_nothing_else_along() {
    let mut data = simulated(800, Truth::Order, 16);
    // Of a training row; the networks take no features here.
    data.x[5 * 3 + 2] = f32::NAN;
    let json = r#"{"epochs":3,"staticFeatures":false}"#;
    let found = compared(&data, json, &mut Quiet::default()).unwrap();
    let codes: Vec<&str> = found.warnings.iter().map(|w| w.code.as_str()).collect();
    assert_eq!(codes, ["control-logistic-failed"]);
    assert!(found.logistic.is_none() && found.earns_its_keep.is_none());
    assert!(found.order_matters.is_some() && found.time_matters.is_some() && found.complete);
}

#[test]
fn what_a_stopped_model_is_held_against_is_stopped_after_as_many_updates() {
    let data = simulated(1000, Truth::Order, 17);
    let breaths = |updates: usize| {
        let mut host = Script {
            signal: Some((updates + 1, Signal::Stop)),
            ..Script::default()
        };
        let json = r#"{"batchSize":64,"epochs":50}"#;
        let fit = run(&data, json, &mut host).unwrap();
        assert_eq!((fit.ended, fit.steps), (Ended::Stopped, updates));
        let mut host = Script::default();
        let found = block_on(evaluate::baselines(&data, &fit, "run-1", &mut host)).unwrap();
        assert!(found.complete && found.order_matters.is_some());
        host.breaths
    };
    // Three networks: touches in other places in two ways, and no times.
    assert_eq!(breaths(45) - breaths(25), 3 * 20);
}

#[test]
fn two_models_held_against_each_other_tell_which_is_better() {
    use evaluate::Better;
    let data = simulated(3000, Truth::Order, 21);
    let good = run(&data, r#"{"epochs":15}"#, &mut Quiet::default()).unwrap();
    let poor = run(&data, r#"{"epochs":1,"hidden":2}"#, &mut Quiet::default()).unwrap();
    let contrast = |a: &Fit, b: &Fit| {
        block_on(evaluate::contrast(&data, a, b, &mut Quiet::default()))
            .unwrap()
            .unwrap()
    };
    let found = contrast(&good, &poor);
    assert_eq!((found.better, found.part), (Better::Model, "test"));
    assert!((found.difference - (found.other.loss - found.model.loss)).abs() < 1e-9);
    assert!(found.interval[0] < found.difference && found.difference < found.interval[1]);
    let turned = contrast(&poor, &good);
    assert_eq!(turned.better, Better::Other);
    assert!((turned.difference + found.difference).abs() < 1e-12);
    assert_eq!(contrast(&good, &good).better, Better::Same);
    let mut host = Script {
        signal: Some((5, Signal::Stop)),
        ..Script::default()
    };
    let stopped = block_on(evaluate::contrast(&data, &good, &poor, &mut host)).unwrap();
    assert_eq!(stopped, None);
}

/// Waits for a while before every update, as a paused job does.
#[derive(Default)]
struct Pausing {
    breaths: usize,
    clock: f64,
}

impl Host for Pausing {
    fn now(&self) -> f64 {
        self.clock
    }

    fn report(&mut self, _: Progress) {}

    async fn breathe(&mut self) -> Signal {
        self.breaths += 1;
        let mut waits = self.breaths % 4;
        std::future::poll_fn(|context| {
            if waits == 0 {
                return std::task::Poll::Ready(());
            }
            waits -= 1;
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        self.clock += if self.breaths.is_multiple_of(7) {
            5_000.0
        } else {
            3.0
        };
        Signal::Continue
    }
}

#[test]
fn a_run_that_was_paused_has_the_bits_of_one_that_was_not() {
    let data = simulated(900, Truth::Order, 18);
    for json in [
        r#"{"epochs":6}"#,
        r#"{"epochs":3,"dropout":0.2,"recurrentDropout":0.2,"layers":2,"bidirectional":true}"#,
    ] {
        let through = run(&data, json, &mut Quiet::default()).unwrap();
        let mut host = Pausing::default();
        let paused = run(&data, json, &mut host).unwrap();
        assert!(host.breaths > 20 && host.clock > 10_000.0);
        let bits = |fit: &Fit| -> Vec<u32> {
            let values = fit.parameters.iter().flat_map(|array| &array.values);
            values.map(|value| value.to_bits()).collect()
        };
        assert_eq!(bits(&through), bits(&paused), "{json}");
        assert_eq!(through.epochs, paused.epochs);
        // Pauses are no part of the time that it took.
        assert!(
            paused.seconds < 0.001 * host.clock / 2.0,
            "{}",
            paused.seconds
        );
    }
}

#[test]
fn a_stop_leaves_out_what_is_not_done_and_a_cancel_ends_it() {
    let data = simulated(800, Truth::Order, 13);
    let mut host = Script {
        signal: Some((1, Signal::Stop)),
        ..Script::default()
    };
    let found = compared(&data, r#"{"epochs":2}"#, &mut host).unwrap();
    assert!(found.logistic.is_none() && !found.complete);
    let mut host = Script {
        signal: Some((20, Signal::Cancel)),
        ..Script::default()
    };
    let error = compared(&data, r#"{"epochs":2}"#, &mut host).unwrap_err();
    assert_eq!(error.code(), "aborted");
    assert!(host.reports.iter().all(|report| report.phase == "controls"));
}

#[test]
fn the_ceiling_is_that_of_a_hand_count() {
    let mut data = simulated(6, Truth::Counts, 1);
    data.journeys = Some(Journeys {
        channels: vec!["a".into(), "b".into()],
        offsets: vec![0, 1, 2, 3, 5, 7, 9],
        touch_channels: vec![0, 0, 0, 0, 1, 0, 1, 1, 0],
        ..Journeys::default()
    });
    data.y = vec![1.0, 1.0, 0.0, 0.0, 1.0, 1.0];
    data.split.train = (0..6).collect();
    data.split.validation.clear();
    data.split.test.clear();
    let found = compared(&data, r#"{"epochs":1}"#, &mut Quiet::default()).unwrap();
    assert_eq!(found.part, "train");
    // "a" twice out of three, "a b" once out of two, "b a" stands alone.
    assert!((found.ceiling.accuracy - 4.0 / 6.0).abs() < 1e-12);
    assert!((found.ceiling.floor - 4.0 / 6.0).abs() < 1e-12);
    assert_eq!(found.ceiling.sequences, 3);
    assert!((found.ceiling.unique - 1.0 / 6.0).abs() < 1e-12);
    // It stands in the report from the start.
    assert_eq!(
        report(&data, r#"{"epochs":1}"#).ceiling,
        Some(found.ceiling)
    );
}

/// A clock of the time that this thread was at work, which a busy machine does not change; none where there is no
/// `/proc`.
#[derive(Default)]
struct AtWork;

impl AtWork {
    fn there() -> bool {
        std::fs::exists("/proc/thread-self/schedstat").unwrap_or(false)
    }
}

impl Host for AtWork {
    fn now(&self) -> f64 {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
    }

    fn report(&mut self, _: Progress) {}

    async fn breathe(&mut self) -> Signal {
        Signal::Continue
    }
}

/// The journeys and their rows, the shortest first.
fn sorted_by_length(mut data: Dataset) -> Dataset {
    let own = data.journeys.take().unwrap();
    let mut rows: Vec<usize> = (0..own.len()).collect();
    rows.sort_by_key(|&row| own.touches(row).len());
    let mut journeys = Journeys {
        channels: own.channels.clone(),
        offsets: vec![0],
        ..Journeys::default()
    };
    for &row in &rows {
        journeys.touch_channels.extend(own.touches(row));
        journeys.gap_hours.extend(&own.gap_hours[own.range(row)]);
        journeys.offsets.push(journeys.touch_channels.len() as u32);
    }
    data.x = rows
        .iter()
        .flat_map(|&row| data.x[5 * row..][..5].to_vec())
        .collect();
    data.y = rows.iter().map(|&row| data.y[row]).collect();
    data.journeys = Some(journeys);
    data.split.train = (0..own.len() as u32).collect();
    data.split.validation.clear();
    data.split.test.clear();
    data
}

#[test]
fn a_trial_takes_a_moment_and_foretells_the_steps_of_a_run() {
    if !AtWork::there() {
        return logistic_support::skipped("there is no /proc");
    }
    let data = sorted_by_length(simulated(12_000, Truth::Order, 19));
    let parts = TrainingData::from(&data);
    for json in [
        r#"{"epochs":4,"batchSize":512}"#,
        r#"{"epochs":1,"batchSize":256,"hidden":128}"#,
    ] {
        let options = options(json).check(data.y.len()).unwrap();
        let mut clock = AtWork;
        let pace = block_on(train::trial(
            &parts,
            &options,
            &Device::flex(),
            0.0,
            &mut clock,
        ))
        .unwrap();
        let fit = block_on(train::fit(
            &parts,
            &options,
            &Device::flex(),
            "run-1",
            &mut clock,
        ));
        let run = fit.unwrap().step_ms;
        let ratio = pace.step_ms / run;
        println!("{json}: {pace:?}, in the run {run}");
        assert!((0.6..1.6).contains(&ratio), "{json}: {pace:?} and {run}");
        assert!(pace.measured_ms < 250.0, "{json}: {pace:?}");
    }
}

#[test]
fn a_trial_of_any_model_ends_and_can_be_given_up() {
    let data = simulated(700, Truth::Order, 20);
    let parts = TrainingData::from(&data);
    for json in [
        r#"{"model":"journey","batchSize":0}"#,
        r#"{"model":"transformer"}"#,
        r#"{"model":"logistic","optimizer":{"kind":"adam"}}"#,
        r#"{"model":"logistic","optimizer":{"kind":"adam"},"batchSize":0}"#,
    ] {
        let options: TrainOptions = serde_json::from_str(json).unwrap();
        let options = options.check(data.split.train.len()).unwrap();
        let host = &mut Quiet::default();
        let pace = block_on(train::trial(&parts, &options, &Device::flex(), 0.0, host)).unwrap();
        assert!(
            pace.step_ms > 0.0 && pace.step_ms.is_finite(),
            "{json}: {pace:?}"
        );
        let mut host = Script {
            signal: Some((2, Signal::Cancel)),
            ..Script::default()
        };
        let error = block_on(train::trial(
            &parts,
            &options,
            &Device::flex(),
            0.0,
            &mut host,
        ));
        assert_eq!(error.unwrap_err().code(), "aborted", "{json}");
    }
}
