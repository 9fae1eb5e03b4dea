//! Credit through `compare`: journeys with users, levels, and the reference figures.

use crate::codes;
use channelwise::attribution::MarkovOrder;
use channelwise::channels::{CompareOptions, Comparison, Level, Placing, compare};
use channelwise::prepare::{Dataset, Journeys};
use channelwise::table::MISSING_CODE;
use std::collections::BTreeMap;

/// A journey: user, path like `a > b`, whether it converted, what that was worth, how often it counts.
pub type Row<'a> = (u32, &'a str, bool, f64, f32);

/// A data set of such journeys.
pub fn dataset(rows: &[Row]) -> Dataset {
    let mut journeys = Journeys {
        offsets: vec![0],
        ..Journeys::default()
    };
    for (_, path, ..) in rows {
        for name in path.split('>').map(str::trim) {
            let known = journeys.channels.iter().position(|channel| channel == name);
            let code = known.unwrap_or_else(|| {
                journeys.channels.push(name.to_owned());
                journeys.channels.len() - 1
            });
            journeys.touch_channels.push(code as u32);
        }
        journeys.offsets.push(journeys.touch_channels.len() as u32);
    }
    Dataset {
        y: rows.iter().map(|row| f32::from(u8::from(row.2))).collect(),
        users: Some(rows.iter().map(|row| row.0).collect()),
        values: Some(rows.iter().map(|row| row.3).collect()),
        weights: Some(rows.iter().map(|row| row.4).collect()),
        journeys: Some(journeys),
        ..Dataset::default()
    }
}

pub fn compared(dataset: &Dataset, options: CompareOptions) -> Comparison {
    compare(dataset, &[], &options.check().unwrap()).unwrap()
}

fn share(comparison: &Comparison, method: &str, channel: &str) -> f64 {
    let credit = comparison
        .credit
        .iter()
        .find(|credit| credit.method == method)
        .unwrap();
    credit
        .channels
        .iter()
        .find(|credited| credited.name == channel)
        .unwrap()
        .share
}

const NAN: f64 = f64::NAN;

#[test]
fn counts_are_of_journeys_that_contain_a_channel() {
    let rows = [
        (0, "Google > Shop > Google", true, 30.0, 1.0),
        (0, "Google", false, NAN, 1.0),
        (1, "Shop", false, NAN, 1.0),
        (MISSING_CODE, "Shop > Google", true, 10.0, 1.0),
        (MISSING_CODE, "Shop", false, NAN, 1.0),
    ];
    let found = compared(&dataset(&rows), CompareOptions::default());
    let google = &found.channels[0];
    assert_eq!(
        (google.name.as_str(), google.touches, google.rows),
        ("Google", Some(4.0), 3.0)
    );
    assert_eq!(
        (google.users, google.conversions, google.value),
        (Some(2), 2.0, Some(40.0))
    );
    // Wilson (1927) of 2 in 3, by hand.
    assert!((google.rate_interval[0] - 0.207_660).abs() < 1e-6);
    let totals = found.totals.as_ref().unwrap();
    assert_eq!(
        (totals.journeys, totals.conversions, totals.touches),
        (5.0, 2.0, 8.0)
    );
    // Users 0 and 1, and two that nobody knows.
    assert_eq!((totals.users, totals.value), (Some(4), Some(40.0)));
    assert_eq!(found.resampled, Some("users"));
    assert_eq!(found.credit.len(), 8);
    for method in &found.credit {
        let sum: f64 = method
            .channels
            .iter()
            .map(|channel| channel.conversions)
            .sum();
        let value: f64 = method
            .channels
            .iter()
            .filter_map(|channel| channel.value)
            .sum();
        assert!(
            (sum - 2.0).abs() < 1e-9 && (value - 40.0).abs() < 1e-9,
            "{}",
            method.method
        );
    }
    assert!(codes(&found).contains(&"too-few-converting-journeys"));
}

/// Users of one journey each are drawn as the journeys would be; users of several widen the intervals.
#[test]
fn users_are_drawn_with_all_their_journeys() {
    let paths = ["a > b", "b", "a", "c > a", "b > c"];
    let row = |(index, repeat): (usize, u32)| {
        let converted = (index + repeat as usize).is_multiple_of(3);
        (index as u32, paths[index % 5], converted, 1.0, 1.0)
    };
    let alone: Vec<Row> = (0..600).map(|index| row((index, 0))).collect();
    let mut known = dataset(&alone);
    let by_user = compared(&known, CompareOptions::default());
    known.users = None;
    let by_journey = compared(&known, CompareOptions::default());
    assert_eq!(by_user.credit, by_journey.credit);
    assert_eq!(by_journey.resampled, Some("journeys"));

    // Each user's journey nine times over: nine times the journeys, but no more to learn from.
    let nine: Vec<Row> = alone.iter().flat_map(|&row| [row; 9]).collect();
    let mut repeated = dataset(&nine);
    let by_user_again = compared(&repeated, CompareOptions::default());
    let intervals = |comparison: &Comparison| {
        let linear = comparison
            .credit
            .iter()
            .find(|credit| credit.method == "linear")
            .unwrap();
        let widths = linear.channels.iter().map(|channel| {
            let [low, high] = channel.share_interval.unwrap();
            high - low
        });
        widths.collect::<Vec<f64>>()
    };
    for (first, again) in intervals(&by_user)
        .into_iter()
        .zip(intervals(&by_user_again))
    {
        assert!((first - again).abs() < 1e-12);
    }
    repeated.users = None;
    let narrow = compared(&repeated, CompareOptions::default());
    for (user, journey) in intervals(&by_user).into_iter().zip(intervals(&narrow)) {
        assert!((user / journey / 3.0 - 1.0).abs() < 0.2, "{user} {journey}");
    }
}

#[test]
fn channels_are_gathered_before_credit_is_given() {
    let rows = [
        (0, "Facebook > 微信 > 门店", true, NAN, 6.0),
        (1, "微信 > 门店", false, NAN, 5.0),
        (2, "门店", true, NAN, 4.0),
    ];
    let level = |level| {
        let options = CompareOptions {
            level,
            ..CompareOptions::default()
        };
        compared(&dataset(&rows), options)
    };
    let kinds = level(Level::Group);
    let names: Vec<&str> = kinds
        .channels
        .iter()
        .map(|channel| channel.name.as_str())
        .collect();
    assert_eq!(names, ["social", "stores"]);
    assert_eq!(kinds.channels[0].members, ["Facebook", "微信"]);
    assert_eq!(kinds.channels[0].rows, 11.0);
    // Two channels of a kind are one for Shapley: half of six journeys of ten, not two thirds.
    assert!((share(&kinds, "shapley", "social") - 0.3).abs() < 1e-12);
    assert!((share(&level(Level::Channel), "shapley", "Facebook") - 0.2).abs() < 1e-12);
    let broad = level(Level::Broad);
    assert_eq!(broad.channels[1].name, "offline");
    let mut moved = CompareOptions {
        level: Level::Group,
        ..CompareOptions::default()
    };
    moved
        .groups
        .insert("微信".to_owned(), Placing::Named("messaging".to_owned()));
    let moved = compared(&dataset(&rows), moved);
    assert!((share(&moved, "shapley", "messaging") - 0.2).abs() < 1e-12);
}

#[test]
fn the_leader_is_told_as_surely_as_the_data_allow() {
    let clear = [
        (0, "a > a > b > a", true, NAN, 1.0),
        (1, "b", true, NAN, 1.0),
        (2, "b", false, NAN, 1.0),
    ];
    let many: Vec<Row> = (0..900)
        .map(|user| (user, ..))
        .map(|(user, ..)| {
            let (_, path, converted, value, weight) = clear[if user % 9 < 7 {
                0
            } else {
                user as usize % 9 - 6
            }];
            (user, path, converted, value, weight)
        })
        .collect();
    let found = compared(
        &dataset(&many),
        CompareOptions {
            methods: vec!["first".into(), "linear".into()],
            ..CompareOptions::default()
        },
    );
    let leader = &found.findings[0];
    assert_eq!(
        (leader.code, leader.channels[0].as_str()),
        ("credit-leader", "a")
    );
    let torn = [(0, "a > b", true, NAN, 1.0), (1, "a > b", true, NAN, 1.0)];
    let found = compared(
        &dataset(&torn),
        CompareOptions {
            methods: vec!["first".into(), "last".into()],
            ..CompareOptions::default()
        },
    );
    assert_eq!(found.findings[0].code, "credit-leader-depends");
    assert_eq!(found.findings[0].channels, ["a", "b"]);
    let even = [
        (0, "a", true, NAN, 1.0),
        (1, "b", true, NAN, 1.0),
        (2, "a", true, NAN, 1.0),
    ];
    let found = compared(
        &dataset(&even),
        CompareOptions {
            methods: vec!["first".into()],
            ..CompareOptions::default()
        },
    );
    assert_eq!(found.findings[0].code, "credit-leader-unclear");
}

#[test]
fn rows_give_no_credit() {
    let mut rows = dataset(&[(0, "a", true, NAN, 1.0), (1, "b", false, NAN, 1.0)]);
    rows.journeys = None;
    let options = CompareOptions {
        methods: vec!["markov".into()],
        ..CompareOptions::default()
    };
    let error = compare(&rows, &[], &options.check().unwrap()).unwrap_err();
    assert_eq!(channelwise::error::Coded::code(&error), "needs-journeys");
}

/// Rows of a file of paths as journeys of a data set: one that converted and one that did not per row, by
/// weight.
pub fn of_paths(paths: &channelwise::prepare::paths::Paths) -> Dataset {
    let mut journeys = Journeys {
        channels: paths.channels.clone(),
        offsets: vec![0],
        ..Journeys::default()
    };
    let (mut y, mut weights, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..paths.len() {
        for (converted, count) in [(1.0, paths.conversions[row]), (0.0, paths.nulls[row])] {
            if count > 0.0 {
                journeys.touch_channels.extend_from_slice(paths.path(row));
                journeys.offsets.push(journeys.touch_channels.len() as u32);
                y.push(converted);
                weights.push(count as f32);
                values.push(if converted > 0.5 {
                    paths.values[row] / count
                } else {
                    NAN
                });
            }
        }
    }
    Dataset {
        y,
        weights: Some(weights),
        values: Some(values),
        journeys: Some(journeys),
        ..Dataset::default()
    }
}

#[test]
fn compare_equals_the_reference_on_path_data() {
    let Some((paths, reference)) = path_data() else {
        return;
    };
    let found = compared(
        &of_paths(&paths),
        CompareOptions {
            markov_order: Some(MarkovOrder::Fixed(1)),
            resamples: Some(50),
            ..CompareOptions::default()
        },
    );
    let totals = found.totals.as_ref().unwrap();
    assert_eq!(
        (totals.conversions, totals.journeys),
        (19_785.0, 19_785.0 + 68_602.0)
    );
    for (method, key) in [
        ("first", "first_touch"),
        ("last", "last_touch"),
        ("linear", "linear"),
        ("position", "position_40_20_40"),
        ("timeDecay", "time_decay_pos_halflife1"),
        ("shapley", "shapley_sum_game"),
    ] {
        let credit = found
            .credit
            .iter()
            .find(|credit| credit.method == method)
            .unwrap();
        for channel in &credit.channels {
            let wanted = |figure: &str| reference[key][&channel.name][figure].as_f64().unwrap();
            let near = |found: f64, wanted: f64| (found - wanted).abs() < 1e-6 * wanted.max(1.0);
            assert!(
                near(channel.conversions, wanted("conversions")),
                "{method} {}",
                channel.name
            );
            assert!(
                near(channel.value.unwrap(), wanted("value")),
                "{method} {}",
                channel.name
            );
            let [low, high] = channel.share_interval.unwrap();
            assert!(
                low <= channel.share && channel.share <= high,
                "{method} {}",
                channel.name
            );
        }
    }
    let markov = found.markov.unwrap();
    for (channel, effect) in &markov.removal_effect {
        let wanted = reference["markov_exact_order1"]["removal_effect"][channel]
            .as_f64()
            .unwrap();
        assert!((effect - wanted).abs() < 1e-6, "{channel}");
    }
}

/// The paths of the shared test data and what others make of them, if they are there.
fn path_data() -> Option<(channelwise::prepare::paths::Paths, serde_json::Value)> {
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let read = |name: &str| std::fs::read_to_string(shared.join(name));
    let (Ok(csv), Ok(json)) = (
        read("data/pathdata_channelattribution.csv"),
        read("reference/attribution_pathdata.json"),
    ) else {
        eprintln!("skipped: the shared path data is not here");
        return None;
    };
    let mut rows: BTreeMap<usize, (Vec<String>, [f64; 3])> = BTreeMap::new();
    for (row, line) in csv.lines().skip(1).enumerate() {
        let cells: Vec<&str> = line
            .split([';', ','])
            .map(|cell| cell.trim_matches('"'))
            .collect();
        let number = |at: usize| cells[at].trim().parse().unwrap();
        let touches = cells[0]
            .split('>')
            .map(|name| name.trim().to_owned())
            .collect();
        rows.insert(row, (touches, [number(1), number(2), number(3)]));
    }
    let mut paths = channelwise::prepare::paths::Paths {
        offsets: vec![0],
        ..Default::default()
    };
    for (touches, [conversions, value, nulls]) in rows.into_values() {
        for name in touches {
            let known = paths.channels.iter().position(|channel| *channel == name);
            let code = known.unwrap_or_else(|| {
                paths.channels.push(name);
                paths.channels.len() - 1
            });
            paths.touches.push(code as u32);
        }
        paths.offsets.push(paths.touches.len());
        paths.conversions.push(conversions);
        paths.values.push(value);
        paths.nulls.push(nulls);
    }
    Some((paths, serde_json::from_str(&json).unwrap()))
}
