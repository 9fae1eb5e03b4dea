//! What is told of the paths themselves, on journeys small enough to count by hand.

use crate::journeys::{compared, dataset};
use channelwise::channels::{CompareOptions, Comparison, Period};
use channelwise::prepare::Dataset;

const NAN: f64 = f64::NAN;
const DAY: i64 = 86_400_000;

/// Four journeys of three users with times and event types, from Monday 2026-03-02 on.
fn timed() -> Dataset {
    let mut data = dataset(&[
        (0, "ads > mail > shop", true, 30.0, 1.0),
        (0, "mail", true, 10.0, 1.0),
        (1, "ads > mail", false, NAN, 1.0),
        (2, "shop > ads > shop > mail > shop", true, 5.0, 1.0),
    ]);
    data.weights = None;
    let journeys = data.journeys.as_mut().unwrap();
    let monday = 20_514 * DAY;
    journeys.calendar = true;
    journeys.ends = vec![
        monday + 4 * DAY,
        monday + 9 * DAY,
        monday + DAY,
        monday + 15 * DAY,
    ];
    journeys.days_before_end = vec![4.0, 1.0, 0.0, 0.0, 0.5, 0.0, 1.5, 1.0, 0.5, 0.25, 0.0];
    journeys.events = ["click", "view product", "add to cart"]
        .map(str::to_owned)
        .to_vec();
    journeys.touch_events = vec![0, 1, 2, 0, 0, 2, 0, 0, 0, 0, 1];
    data
}

fn view(period: Option<Period>) -> Comparison {
    let options = CompareOptions {
        period,
        resamples: Some(0),
        ..CompareOptions::default()
    };
    compared(&timed(), options)
}

#[test]
fn roles_lengths_and_lags() {
    let paths = view(None).paths.unwrap();
    assert_eq!((paths.sequences, paths.top.len()), (4, 4));
    assert_eq!(paths.top[3].conversions, 0.0);
    let roles: Vec<(&str, [f64; 5])> = paths
        .roles
        .iter()
        .map(|role| {
            (
                role.name.as_str(),
                [
                    role.conversions,
                    role.alone,
                    role.opens,
                    role.assists,
                    role.closes,
                ],
            )
        })
        .collect();
    assert_eq!(
        roles,
        [
            ("ads", [2.0, 0.0, 1.0, 1.0, 0.0]),
            ("mail", [3.0, 1.0, 0.0, 2.0, 0.0]),
            ("shop", [2.0, 0.0, 1.0, 1.0, 2.0]),
        ]
    );
    let lengths: Vec<f64> = paths
        .lengths
        .iter()
        .map(|length| length.conversions)
        .collect();
    assert_eq!(lengths, [1.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!((paths.mean_length, paths.median_length), (3.0, 3.0));
    // Lengths 3, 1 and 5: their standard deviation is 2.
    let [low, high] = paths.mean_length_interval.unwrap();
    let half = 1.959_963_984_540_054 * 2.0 / 3.0_f64.sqrt();
    assert!((low - (3.0 - half)).abs() < 1e-9 && (high - (3.0 + half)).abs() < 1e-9);
    // Wilson (1927) of 1 in 3, by hand.
    assert!((paths.lengths[0].interval[0] - 0.061_492).abs() < 1e-6);
    let lags = paths.lags.unwrap();
    let found: Vec<(f64, f64)> = lags
        .iter()
        .filter(|lag| lag.conversions > 0.0)
        .map(|lag| (lag.from, lag.conversions))
        .collect();
    assert_eq!(found, [(0.0, 1.0), (1.0, 1.0), (3.0, 1.0)]);
    assert_eq!(
        (paths.median_lag, lags.last().and_then(|lag| lag.to)),
        (Some(1.5), Some(7.0))
    );
}

#[test]
fn what_flows_in_flows_out() {
    let paths = view(None).paths.unwrap();
    let into = |position: usize, name: &str| -> f64 {
        let links = paths
            .flow
            .iter()
            .filter(|link| link.position + 1 == position && link.to == name);
        links.map(|link| link.count).sum()
    };
    for position in 2..=5 {
        for name in ["ads", "mail", "shop"] {
            let out: f64 = paths
                .flow
                .iter()
                .filter(|link| link.position == position && link.from == name)
                .map(|link| link.count)
                .sum();
            assert_eq!(into(position, name), out, "{name} at {position}");
        }
    }
    let ends = |name: &str| -> f64 {
        paths
            .flow
            .iter()
            .filter(|link| link.to == name)
            .map(|link| link.count)
            .sum()
    };
    assert_eq!(
        (ends("(conversion)"), ends("(null)"), ends("(more)")),
        (3.0, 1.0, 0.0)
    );
}

#[test]
fn stages_and_cohorts() {
    let paths = view(Some(Period::Week)).paths.unwrap();
    let funnel = paths.funnel.unwrap();
    assert_eq!(
        serde_json::to_value(&funnel.stages).unwrap(),
        serde_json::json!(["touch", "view", "cart", "order"])
    );
    assert_eq!(funnel.total, [4.0, 4.0, 4.0, 3.0]);
    assert_eq!(funnel.channels[2].counts, [2.0; 4]);
    let cohorts = paths.cohorts.unwrap();
    let rows: Vec<(&str, &str, usize, &[f64])> = cohorts
        .rows
        .iter()
        .map(|row| {
            (
                row.channel.as_str(),
                row.start.as_str(),
                row.users,
                row.conversions.as_slice(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("ads", "2026-03-02", 2, &[1.0, 1.0][..]),
            ("shop", "2026-03-09", 1, &[0.0][..]),
        ]
    );
    // The data end on the Tuesday of the third week, so nobody is known for a whole third week, and what
    // happened in it counts for no age.
    assert_eq!(cohorts.channels[0].ages.len(), 2);
    assert_eq!(cohorts.channels[0].ages[1].users, 2);
    let [touch, view, order] = &funnel.passages[..] else {
        panic!("three passages");
    };
    assert_eq!((touch.share, view.share), (Some(1.0), Some(1.0)));
    // Wilson (1927) of 3 in 4, by hand.
    let [low, high] = order.interval.unwrap();
    assert_eq!(order.share, Some(0.75));
    assert!((low - 0.300_642).abs() < 1e-6 && (high - 0.954_413).abs() < 1e-6);
    assert_eq!(funnel.channels[2].passages[2].share, Some(1.0));
}

/// A journey that counts a hundred times makes its channel one of those that are told apart, however few
/// rows it stands in.
#[test]
fn channels_are_told_apart_by_weight() {
    let names: Vec<String> = (0..14).map(|place| format!("c{place}")).collect();
    let rows: Vec<crate::journeys::Row> = names
        .iter()
        .enumerate()
        .flat_map(|(place, name)| {
            let (copies, weight) = if place == 13 { (1, 100.0) } else { (20, 1.0) };
            std::iter::repeat_n((place as u32, name.as_str(), true, NAN, weight), copies)
        })
        .collect();
    let flow = compared(&dataset(&rows), CompareOptions::default());
    let flow = flow.paths.unwrap().flow;
    assert!(
        flow.iter()
            .any(|link| link.from == "c13" && link.count == 100.0)
    );
    let other: f64 = flow
        .iter()
        .filter(|link| link.from == "(other)")
        .map(|link| link.count)
        .sum();
    assert_eq!(other, 40.0);
}

fn measure(found: &Comparison, key: &str) -> serde_json::Value {
    let all = serde_json::to_value(&found.advantages).unwrap();
    let measures = all
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one["measures"].as_array().unwrap());
    let mut named = measures.filter(|measure| measure["key"] == key);
    named
        .next()
        .unwrap_or_else(|| panic!("{key} is not there"))
        .clone()
}

fn values(found: &Comparison, key: &str) -> Vec<Option<f64>> {
    let measure = measure(found, key);
    assert!(measure["available"].as_bool().unwrap(), "{measure}");
    measure["channels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|channel| channel["value"].as_f64())
        .collect()
}

#[test]
fn the_four_strengths_by_hand() {
    let found = view(None);
    let keys: Vec<&str> = found
        .advantages
        .iter()
        .map(|advantage| advantage.key)
        .collect();
    assert_eq!(
        keys,
        [
            "marketExpansion",
            "brandAwareness",
            "userGrowth",
            "userLoyalty"
        ]
    );
    let third = 1.0 / 3.0;
    assert_eq!(
        values(&found, "newUserShare"),
        [Some(2.0 * third), Some(0.0), Some(third)]
    );
    assert_eq!(
        values(&found, "newUserRate"),
        [Some(2.0 * third), Some(0.0), Some(0.5)]
    );
    assert_eq!(
        values(&found, "awarenessShare"),
        [Some(1.0), Some(1.0), Some(0.5)]
    );
    assert_eq!(
        values(&found, "openerShare"),
        [Some(0.5), Some(0.0), Some(0.5)]
    );
    assert_eq!(values(&found, "assistRatio"), [None, None, Some(0.5)]);
    // Assists 1, closes 2, both in 1: the logarithm's variance is 1/1 + 1/2 − 2·1/(1·2) = 1/2.
    let interval = measure(&found, "assistRatio")["channels"][2]["interval"].clone();
    let factor = (1.959_963_984_540_054 * 0.5_f64.sqrt()).exp();
    assert!((interval[0].as_f64().unwrap() - 0.5 / factor).abs() < 1e-9);
    assert!((interval[1].as_f64().unwrap() - 0.5 * factor).abs() < 1e-9);
    assert_eq!(values(&found, "repeatRate"), [Some(0.5); 3]);
    assert_eq!(values(&found, "valuePerConverter"), [Some(22.5); 3]);
    assert_eq!(measure(&found, "repeatRate")["overall"], 0.5);
    assert_eq!(
        measure(&found, "segmentLead")["missing"]["code"],
        "needs-segments"
    );
    assert_eq!(
        measure(&found, "retention")["missing"]["code"],
        "needs-longer"
    );
}

#[test]
fn what_is_missing_says_what_would_light_it() {
    let mut bare = timed();
    bare.users = None;
    bare.values = None;
    let journeys = bare.journeys.as_mut().unwrap();
    (journeys.ends, journeys.days_before_end, journeys.calendar) = (Vec::new(), Vec::new(), false);
    let found = compared(&bare, CompareOptions::default());
    let lit: Vec<bool> = found
        .advantages
        .iter()
        .map(|advantage| advantage.available)
        .collect();
    assert_eq!(lit, [false, true, false, false]);
    assert_eq!(
        measure(&found, "newUserShare")["missing"]["roles"],
        serde_json::json!(["user"])
    );
    let paths = found.paths.unwrap();
    assert!(paths.lags.is_none() && paths.cohorts.is_none());
}

/// Ten weeks, each with one converter more than the week before; every third comes back after a month.
#[test]
fn growth_and_retention_are_those_that_were_put_in() {
    let mut rows = Vec::new();
    let mut ends = Vec::new();
    let monday = 20_514 * DAY;
    for week in 0..10_i64 {
        for number in 0..=week {
            let user = (week * 100 + number) as u32;
            rows.push((user, "ads", true, 1.0, 1.0));
            ends.push(monday + week * 7 * DAY + DAY);
            if number % 3 == 0 {
                rows.push((user, "mail", true, 1.0, 1.0));
                ends.push(monday + week * 7 * DAY + 31 * DAY);
            }
        }
    }
    // What frames the ten weeks.
    for moment in [monday - 8 * DAY, monday + 120 * DAY] {
        rows.push((u32::MAX, "mail", false, NAN, 1.0));
        ends.push(moment);
    }
    let mut data = dataset(&rows);
    let journeys = data.journeys.as_mut().unwrap();
    journeys.calendar = true;
    journeys.days_before_end = vec![0.0; rows.len()];
    journeys.ends = ends;
    let options = CompareOptions {
        period: Some(Period::Week),
        resamples: Some(0),
        ..CompareOptions::default()
    };
    let found = compared(&data, options);
    let retained = measure(&found, "retention");
    assert_eq!(retained["days"], 28.0);
    let came_back: i64 = (0..10).map(|week| week / 3 + 1).sum();
    assert_eq!(retained["channels"][0]["value"], came_back as f64 / 55.0);
    // A week without any, the ten, and seven without any.
    let series: Vec<f64> = (0..18_u8)
        .map(|week| if week <= 10 { f64::from(week) } else { 0.0 })
        .collect();
    let weeks = measure(&found, "growthTrend")["channels"][0]["n"]
        .as_f64()
        .unwrap() as usize;
    let (n, mean) = (
        weeks as f64,
        series[..weeks].iter().sum::<f64>() / weeks as f64,
    );
    let slope = series[..weeks]
        .iter()
        .enumerate()
        .map(|(at, y)| (at as f64 - (n - 1.0) / 2.0) * y)
        .sum::<f64>()
        / (n * (n * n - 1.0) / 12.0);
    let found_slope = measure(&found, "growthTrend")["channels"][0]["value"]
        .as_f64()
        .unwrap();
    assert!(
        (found_slope - slope / mean).abs() < 1e-12,
        "{found_slope} {}",
        slope / mean
    );
}
