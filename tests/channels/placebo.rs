//! Spend that does nothing, and spend that does something, in simulated journeys: the first has to be refused.

use crate::journeys::compared;
use channelwise::channels::{CompareOptions, Period, Response, ResponseOutcome};
use channelwise::prepare::random::Random;
use channelwise::prepare::{Dataset, Journeys, PrepareOptions, prepare};
use channelwise::simulate::{JourneyOptions, Scenario, journeys};

const DAY: f32 = 86_400_000.0;
const WEEK: i64 = 7 * 86_400_000;

/// Simulated journeys in which a channel `Flyers` buys a touch in a part of the journeys that changes from
/// week to week; `effect` of the journeys that it touches, and that would not have converted, do.
fn with_flyers(seed: u64, effect: f64) -> Dataset {
    let made = journeys(&JourneyOptions {
        journeys: 12_000,
        scenario: Scenario::Additive,
        seed,
    })
    .unwrap();
    let options = PrepareOptions::default().check().unwrap();
    let (mut dataset, _) = prepare(&made.touches_alone(), &made.schema(), &options).unwrap();
    let old = dataset.journeys.take().unwrap();
    let mut random = Random::new(seed ^ 0xf1);
    let parts: Vec<f64> = (0..80).map(|_| 0.1 + 0.5 * random.uniform()).collect();
    // While journeys begin and end as evenly as they can: not the first weeks, nor the last ones.
    let start = *old.ends.iter().min().unwrap() + 3 * WEEK;
    let mut kept = Dataset::default();
    let mut new = Journeys {
        channels: old
            .channels
            .iter()
            .cloned()
            .chain(["Flyers".to_owned()])
            .collect(),
        offsets: vec![0],
        calendar: true,
        ..Journeys::default()
    };
    let inside = |journey: &usize| (start..start + 25 * WEEK).contains(&old.ends[*journey]);
    for journey in (0..old.len()).filter(inside) {
        let mut converted = dataset.y[journey];
        let range = old.range(journey);
        new.touch_channels
            .extend(&old.touch_channels[range.clone()]);
        // What lay before the weeks that are kept is not known of: no week is seen by its first touches only.
        let known = (old.ends[journey] - start) as f32 / DAY;
        let days = old.days_before_end[range.clone()].iter();
        new.days_before_end.extend(days.map(|days| days.min(known)));
        new.touch_costs.extend(range.map(|_| 0.0));
        let part = parts[((old.ends[journey] - start) / WEEK) as usize];
        if random.uniform() < part {
            new.touch_channels.push(old.channels.len() as u32);
            new.days_before_end.push(0.0);
            new.touch_costs.push(1.0);
            if converted < 0.5 && random.uniform() < effect {
                converted = 1.0;
            }
        }
        kept.y.push(converted);
        new.ends.push(old.ends[journey]);
        new.offsets.push(new.touch_channels.len() as u32);
    }
    kept.journeys = Some(new);
    kept
}

fn flyers(dataset: &Dataset, response_outcome: ResponseOutcome) -> Response {
    let options = CompareOptions {
        methods: vec!["linear".to_owned()],
        period: Some(Period::Week),
        resamples: Some(0),
        response_outcome,
        ..CompareOptions::default()
    };
    let money = compared(dataset, options).money.unwrap();
    assert_eq!(money.responses.len(), 1);
    money.responses[0].clone()
}

/// The channel's own credit rises with the touches that are bought; the total does not. Of twelve channels
/// without effect at most one may pass at 5 %; of twelve that work most have to.
#[test]
fn a_channel_without_effect_is_refused_and_one_with_an_effect_is_not() {
    let (mut passed, mut by_credit, mut works, mut holds) = (0, 0, 0, 0);
    for seed in 0..12 {
        let placebo = with_flyers(seed, 0.0);
        let total = flyers(&placebo, ResponseOutcome::Total);
        passed += usize::from(total.available);
        by_credit += usize::from(flyers(&placebo, ResponseOutcome::Credited).available);
        let found = flyers(&with_flyers(seed, 0.5), ResponseOutcome::Total);
        works += usize::from(found.available);
        // About 0.5 · 0.84 conversions a touch where the response is straight.
        let [low, high] = found.marginal_interval.unwrap();
        holds += usize::from(low <= 0.42 && high >= 0.42);
    }
    println!(
        "without effect {passed} pass, by their credit {by_credit}; with one {works}; {holds} intervals hold"
    );
    assert!(passed <= 1, "{passed} of 12 channels without effect passed");
    assert!(by_credit >= 11, "by its own credit, {by_credit} of 12 pass");
    assert!(works >= 10, "{works} of 12 channels that work passed");
    assert!(holds >= 10, "{holds} of 12 intervals hold the slope");
}
