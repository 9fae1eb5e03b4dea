//! Credit from models: against closed forms, and against the truth of simulated journeys.

use crate::fit;
use crate::journeys::dataset;
use channelwise::attribution::{AttributionOptions, attribute};
use channelwise::channels::{CompareOptions, CreditRule, CreditedModel, Level, model_credit};
use channelwise::job::Quiet;
use channelwise::prepare::{Dataset, Journeys, PrepareOptions, prepare};
use channelwise::simulate::{JourneyOptions, Scenario, SimulatedJourneys, journeys};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

const NAN: f64 = f64::NAN;

pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return done;
        }
    }
}

fn model() -> CreditedModel {
    CreditedModel {
        method: "logistic",
        run_id: "run-1".to_owned(),
        most: 1_000_000,
    }
}

fn credited(
    data: &Dataset,
    scorer: &mut impl FnMut(&Journeys, &[f32]) -> Vec<f64>,
    options: &CompareOptions,
) -> Vec<(String, f64, f64)> {
    let credit = now(model_credit(
        data,
        scorer,
        &model(),
        options,
        &mut Quiet::default(),
    ))
    .unwrap();
    let total: f64 = credit
        .channels
        .iter()
        .map(|channel| channel.conversions)
        .sum();
    let observed: f64 = data.y.iter().map(|&y| f64::from(y)).sum();
    assert!((total - observed).abs() < 1e-9);
    credit
        .channels
        .iter()
        .map(|one| (one.name.clone(), one.share, one.incremental.unwrap()))
        .collect()
}

/// A known game: 0.1, +0.2 with a, +0.1 with b, +0.3 with both, and a third of c per touch.
fn known(left: &Journeys, _: &[f32]) -> Vec<f64> {
    let has = |journey: usize, name: &str| {
        left.touches(journey)
            .iter()
            .filter(|&&code| left.channels[code as usize] == name)
            .count() as f64
    };
    (0..left.len())
        .map(|journey| {
            let (a, b, c) = (
                has(journey, "a").min(1.0),
                has(journey, "b").min(1.0),
                has(journey, "c"),
            );
            0.1 + 0.2 * a + 0.1 * b + 0.3 * a * b + 0.03 * c
        })
        .collect()
}

#[test]
fn the_shapley_value_of_a_known_game() {
    let mut data = dataset(&[
        (0, "a > b > c > c", true, NAN, 1.0),
        (1, "c", false, NAN, 1.0),
        (2, "b > a", true, NAN, 1.0),
    ]);
    data.weights = None;
    let options = CompareOptions {
        resamples: Some(50),
        ..CompareOptions::default()
    };
    // By hand: a 0.2 + 0.15 in both, b 0.1 + 0.15 in both, c 0.06 and 0.03.
    let found = credited(&data, &mut known, &options);
    for ((_, _, incremental), wanted) in found.iter().zip([0.7, 0.5, 0.09]) {
        assert!((incremental - wanted).abs() < 1e-12, "{found:?}");
    }
    // Each touch on its own: the joint part is lost with either.
    let alone = CompareOptions {
        model_rule: CreditRule::LeaveOneOut,
        ..options.clone()
    };
    for ((_, _, incremental), wanted) in credited(&data, &mut known, &alone)
        .iter()
        .zip([1.0, 0.8, 0.09])
    {
        assert!((incremental - wanted).abs() < 1e-12);
    }
    let mut credit = now(model_credit(
        &data,
        &mut known,
        &model(),
        &options,
        &mut Quiet::default(),
    ))
    .unwrap();
    assert!((credit.baseline.unwrap() - 0.3).abs() < 1e-12);
    assert!((credit.incremental.unwrap() - 1.29).abs() < 1e-12);
    let interval = credit.channels.remove(0).share_interval.unwrap();
    assert!(interval[0] <= 0.7 / 1.29 && interval[1] >= 0.7 / 1.29);
}

/// With more channels than are enumerated, drawn orders still give away what there is, and exactly where
/// nothing interacts.
#[test]
fn drawn_orders_add_up() {
    let path = "a > b > c > d > e > f > g";
    let rows = [(0, path, true, NAN, 1.0), (1, "a", false, NAN, 1.0)];
    let additive = |left: &Journeys, _: &[f32]| -> Vec<f64> {
        let worth = |&code: &u32| f64::from(code + 1) / 100.0;
        (0..left.len())
            .map(|journey| 0.05 + left.touches(journey).iter().map(worth).sum::<f64>())
            .collect()
    };
    let options = CompareOptions {
        resamples: Some(0),
        ..CompareOptions::default()
    };
    let found = credited(&dataset(&rows), &mut { additive }, &options);
    for (place, (name, _, incremental)) in found.iter().enumerate() {
        let wanted = (place + 1) as f64 / 100.0 + if name == "a" { 0.01 } else { 0.0 };
        assert!((incremental - wanted).abs() < 1e-12, "{found:?}");
    }
    let grouped = CompareOptions {
        level: Level::Broad,
        ..options
    };
    assert_eq!(
        credited(&dataset(&rows), &mut { additive }, &grouped).len(),
        1
    );
}

fn prepared(made: &SimulatedJourneys) -> Dataset {
    let options = PrepareOptions::default().check().unwrap();
    prepare(&made.touches_alone(), &made.schema(), &options)
        .unwrap()
        .0
}

fn error(made: &SimulatedJourneys, share: impl Fn(&str) -> f64) -> f64 {
    let errors = made
        .truth
        .iter()
        .map(|truth| (share(&truth.channel) - truth.share).abs());
    errors.sum::<f64>() / made.truth.len() as f64
}

/// Logistic regression (fitted by Newton's method, see `fit`) comes near the truth where rules, Markov and
/// Shapley can't: where a journey's conversion has other causes than its touches.
#[test]
fn learned_credit_is_nearer_to_the_truth() {
    for scenario in [Scenario::Additive, Scenario::Confounded] {
        let made = journeys(&JourneyOptions {
            journeys: 60_000,
            scenario,
            seed: 42,
        })
        .unwrap();
        let data = prepared(&made);
        let (beta, _) = fit(&data);
        let width = data.width();
        let mut scorer = |_: &Journeys, x: &[f32]| -> Vec<f64> {
            let row = |row: &[f32]| {
                let sum: f64 = row
                    .iter()
                    .zip(beta.iter())
                    .map(|(&x, b)| f64::from(x) * b)
                    .sum();
                1.0 / (1.0 + (-sum - beta[width]).exp())
            };
            x.chunks_exact(width).map(row).collect()
        };
        for rule in [CreditRule::SampledShapley, CreditRule::LeaveOneOut] {
            let options = CompareOptions {
                resamples: Some(0),
                model_rule: rule,
                ..CompareOptions::default()
            };
            let learned = credited(&data, &mut scorer, &options);
            let learned = error(&made, |name| {
                learned.iter().find(|one| one.0 == name).unwrap().1
            });
            eprintln!("{scenario:?} {rule:?} {learned:.4}");
            assert!(learned <= 0.012, "{scenario:?} {rule:?}: {learned}");
        }
        let paths = data
            .journeys
            .as_ref()
            .unwrap()
            .to_paths(&data.y, None, None);
        let options = AttributionOptions {
            resamples: 0,
            ..AttributionOptions::default()
        };
        for method in attribute(&paths, &options).unwrap().credit {
            let off = error(&made, |name| {
                method
                    .channels
                    .iter()
                    .find(|one| one.name == name)
                    .map_or(0.0, |one| one.share)
            });
            eprintln!("{scenario:?} {} {off:.4}", method.method);
            assert!(off >= 0.05, "{scenario:?} {}: {off}", method.method);
        }
    }
}
