//! Paths with counts become weighted journeys.

use crate::criteo::{load, say, shared};
use channelwise::attribution::{AttributionOptions, attribute};
use channelwise::ingest::Layout;
use channelwise::prepare::paths::{MAX_REPEATS, Paths};
use channelwise::prepare::{Dataset, DatasetSummary, PrepareError, PrepareOptions, prepare};
use channelwise::schema::{self, RoleOptions};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn weight(dataset: &Dataset, part: &[u32], converted: bool) -> f64 {
    let weights = dataset.weights.as_ref().unwrap();
    let of = part
        .iter()
        .filter(|&&row| (dataset.y[row as usize] > 0.5) == converted);
    of.map(|&row| f64::from(weights[row as usize])).sum()
}

#[test]
fn path_counts_are_split_in_proportion_and_stay_whole() {
    let Some(path) = shared("pathdata_channelattribution.csv") else {
        say("skipped: pathdata_channelattribution.csv is not at hand");
        return;
    };
    let loaded = load(&std::fs::read(path).unwrap());
    let schema = schema::infer(&loaded.table, &RoleOptions::default()).unwrap();
    assert_eq!(schema.layout, Layout::Paths);
    let options = PrepareOptions::default().check().unwrap();
    let (dataset, summary) = prepare(&loaded.table, &schema, &options).unwrap();
    let paths = Paths::from_table(&loaded.table, &schema).unwrap();
    let conversions: f64 = paths.conversions.iter().sum();
    let nulls: f64 = paths.nulls.iter().sum();
    assert_eq!(summary.journeys, Some(conversions + nulls));
    let journeys = dataset.journeys.as_ref().unwrap();
    assert_eq!(journeys.to_paths(&dataset.y, None, None), paths);
    let split = &dataset.split;
    for (converted, all) in [(true, conversions), (false, nulls)] {
        let parts = [&split.train, &split.validation, &split.test]
            .map(|part| weight(&dataset, part, converted));
        assert_eq!(parts.iter().sum::<f64>(), all);
        assert!((parts[2] / all - 0.2).abs() < 1e-3, "{parts:?} of {all}");
        assert!(
            (parts[1] / (all - parts[2]) - 0.1).abs() < 1e-3,
            "{parts:?} of {all}"
        );
        assert!(parts.iter().all(|count| count.fract() == 0.0));
    }
    // Weights of a path's rows add up to its counts, whatever part they are in.
    let mut counts = vec![[0.0; 2]; paths.len()];
    for (row, &path) in dataset.table_rows.iter().enumerate() {
        let class = usize::from(dataset.y[row] > 0.5);
        counts[path as usize][class] += f64::from(dataset.weights.as_ref().unwrap()[row]);
        let whole = paths.path(path as usize);
        assert_eq!(
            journeys.touches(row),
            &whole[whole.len().saturating_sub(50)..]
        );
    }
    for (path, count) in counts.iter().enumerate() {
        assert_eq!(*count, [paths.nulls[path], paths.conversions[path]]);
    }
    // The value of conversions is theirs.
    let worth = |row: usize| {
        f64::from(dataset.weights.as_ref().unwrap()[row]) * dataset.values.as_ref().unwrap()[row]
    };
    let total: f64 = (0..dataset.rows())
        .filter(|&row| dataset.y[row] > 0.5)
        .map(worth)
        .sum();
    let expected: f64 = paths.values.iter().sum();
    let orphaned: f64 = (0..paths.len())
        .filter(|&path| paths.conversions[path] == 0.0)
        .map(|path| paths.values[path])
        .sum();
    assert!(
        (total - (expected - orphaned)).abs() < 1e-6 * expected,
        "{total} {expected}"
    );
}

fn prepared(csv: &str, json: &str) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let loaded = load(csv.as_bytes());
    let schema = schema::infer_as(&loaded.table, &RoleOptions::default(), Layout::Paths).unwrap();
    let options: PrepareOptions = serde_json::from_str(json).unwrap();
    prepare(&loaded.table, &schema, &options.check().unwrap())
}

/// The conversions that a method credits each channel with.
fn credit(paths: &Paths, method: &str) -> BTreeMap<String, f64> {
    let options = AttributionOptions {
        methods: Some(vec![method.to_owned()]),
        resamples: 0,
        ..AttributionOptions::default()
    };
    let found = attribute(paths, &options).unwrap();
    let channels = found.credit[0].channels.iter();
    channels
        .map(|channel| (channel.name.clone(), channel.conversions))
        .collect()
}

#[test]
fn repeated_touches_of_a_web_analytics_export_get_the_credit_of_each() {
    // As Google Analytics writes its top conversion paths, in both of its ways.
    let csv = "Default channel group path,Conversions,Conversion value\n\
        Direct × 3 > Email,8,80\n\
        Direct,4,40\n\
        Organic Search x 2 > Direct x 2,6,60\n\
        Email (x2) > Model x200,1,0\n";
    let (dataset, summary) = prepared(csv, "{}").unwrap();
    let paths = dataset.journeys.as_ref().unwrap().source.as_ref().unwrap();
    assert_eq!(
        paths.channels,
        ["Direct", "Email", "Model", "Organic Search"]
    );
    // By hand: of eight conversions three quarters go to Direct, of six half, of four all; Model has
    // 100 of its path's 102 touches.
    let linear = credit(paths, "linear");
    assert!((linear["Direct"] - (6.0 + 4.0 + 3.0)).abs() < 1e-12);
    assert!((linear["Organic Search"] - 3.0).abs() < 1e-12);
    assert!((linear["Email"] - (2.0 + 2.0 / 102.0)).abs() < 1e-12);
    // First 40 %, last 40 %, the two between 10 % each.
    let position = credit(paths, "position");
    let direct = 8.0 * 0.6 + 4.0 + 6.0 * 0.5;
    assert!((position["Direct"] - direct).abs() < 1e-12, "{position:?}");
    let step = |code: &str| summary.report.iter().find(|step| step.code == code);
    let expanded = step("repeats-expanded").unwrap();
    assert_eq!(
        (expanded.figures["paths"], expanded.figures["touches"]),
        (3.0, 2.0 + 2.0 + 1.0 + 99.0)
    );
    let capped = summary
        .warnings
        .iter()
        .find(|warning| warning.code == "repeats-capped")
        .unwrap();
    let figures = capped.figures.as_ref().unwrap();
    assert_eq!(
        (figures["touches"], figures["limit"]),
        (100.0, MAX_REPEATS as f64)
    );
}

#[test]
fn names_that_end_in_a_number_are_no_repetitions() {
    let csv =
        "path,conversions,null\niPhone 12 > Max2 > Box 3,1,1\nVertex 2 > x 3 > × 4 > Ad (2),1,1\n";
    let (dataset, summary) = prepared(csv, "{}").unwrap();
    let paths = dataset.journeys.as_ref().unwrap().source.as_ref().unwrap();
    let expected = [
        "Ad (2)",
        "Box 3",
        "Max2",
        "Vertex 2",
        "iPhone 12",
        "x 3",
        "× 4",
    ];
    assert_eq!(paths.channels, expected);
    assert!(
        summary
            .report
            .iter()
            .all(|step| step.code != "repeats-expanded")
    );
}

#[test]
fn a_look_back_window_without_times_is_said_to_be_none() {
    let csv = "path,conversions,null\na > b,30,30\nb,30,30\n";
    let codes = |json: &str| -> Vec<String> {
        let (_, summary) = prepared(csv, json).unwrap();
        summary
            .warnings
            .into_iter()
            .map(|found| found.code)
            .collect()
    };
    let told = "lookback-without-times".to_owned();
    assert!(!codes("{}").contains(&told));
    assert!(codes(r#"{"lookbackDays": 30}"#).contains(&told));
}

/// Cells of paths, with the touches that they stand for.
const CELLS: [(&str, &[&str]); 8] = [
    ("", &[]),
    (">", &[]),
    (" > > ", &[]),
    ("a", &["a"]),
    ("a > b", &["a", "b"]),
    ("a>b", &["a", "b"]),
    ("b x 2 > a", &["b", "b", "a"]),
    ("a × 3", &["a", "a", "a"]),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn rows_paths_and_journeys_add_up(rows in prop::collection::vec((0..CELLS.len(), 0..3u8, 0..3u8, 0..2u8), 1..60)) {
        let mut csv = "path,total_conversions,total_null,total_conversion_value\n".to_owned();
        let all = rows.iter().copied().chain([(4, 30, 30, 1), (3, 30, 30, 0)]);
        let all: Vec<_> = all.collect();
        let (mut no_path, mut no_count, mut journeys, mut converted) = (0, 0, 0.0, 0.0);
        let mut different = BTreeSet::new();
        // What the same path counts in whatever words it is written.
        let mut counted: BTreeMap<usize, u8> = BTreeMap::new();
        for &(cell, yes, no, _) in &all {
            *counted.entry(cell).or_default() |= yes | no;
        }
        for &(cell, yes, no, value) in &all {
            csv += &format!("\"{}\",{yes},{no},{value}\n", CELLS[cell].0);
            if CELLS[cell].1.is_empty() {
                no_path += 1;
            } else if yes + no == 0 && (value == 0 || counted[&cell] == 0) {
                no_count += 1;
            } else {
                different.insert(CELLS[cell].1);
                journeys += f64::from(yes + no);
                converted += f64::from(yes);
            }
        }
        let (_, summary) = prepared(&csv, "{}").unwrap();
        let dropped = |code: &str| summary.dropped.iter().find(|left| left.code == code).map_or(0, |left| left.count);
        prop_assert_eq!((dropped("no-path"), dropped("no-count")), (no_path, no_count));
        let figure = |code: &str, name: &str| {
            summary.report.iter().find(|step| step.code == code).map_or(0.0, |step| step.figures[name])
        };
        let left_out = figure("no-path", "rows") + figure("no-count", "rows");
        prop_assert_eq!(figure("table-rows", "rows"), all.len() as f64);
        prop_assert_eq!(figure("table-rows", "rows"), left_out + figure("rows-used", "rows"));
        prop_assert_eq!(figure("rows-used", "rows"), figure("paths-read", "paths") + figure("paths-read", "merged"));
        prop_assert_eq!(figure("paths-read", "paths"), different.len() as f64);
        prop_assert_eq!(figure("paths-read", "journeys"), journeys);
        prop_assert_eq!(figure("paths-read", "converted"), converted);
        prop_assert_eq!(summary.journeys, Some(journeys));
    }
}
