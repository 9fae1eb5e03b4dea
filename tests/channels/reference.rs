//! A real file against scikit-learn's figures.

use crate::{comparison, fit};
use channelwise::prepare::{Dataset, PrepareOptions, prepare};
use channelwise::schema::{ColumnSchema, Reason, Role, Schema};
use channelwise::table::{Column, ColumnData, Dictionary, Table};
use nalgebra::DVector;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CHANNELWISE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = folder.join(name);
    let there = path.exists();
    if !there {
        // Past the test runner's capture, so that a test that tested nothing does not look like proof.
        let _ = writeln!(std::io::stderr(), "skipped: {} is not here", path.display());
    }
    there.then_some(path)
}

/// The reference run's table: six columns are names, one is yes or no, the rest are numbers.
fn online_shoppers(text: &str) -> (Table, Schema) {
    const NAMES: [&str; 6] = [
        "Month",
        "OperatingSystems",
        "Browser",
        "Region",
        "TrafficType",
        "VisitorType",
    ];
    let mut lines = text
        .lines()
        .map(|line| line.trim_end().split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let cells: Vec<Vec<&str>> = lines.collect();
    let column = |(place, name): (usize, &&str)| {
        let each = cells.iter().map(|row| row[place]);
        let data = if NAMES.contains(name) {
            let mut dictionary = Dictionary::default();
            for cell in each {
                let known = dictionary.levels.iter().position(|level| level == cell);
                let code = known.unwrap_or(dictionary.levels.len());
                if known.is_none() {
                    dictionary.levels.push(cell.to_owned());
                }
                dictionary.codes.push(code as u32);
            }
            ColumnData::Category(dictionary)
        } else if *name == "Weekend" {
            ColumnData::Boolean(
                each.map(|cell| u8::from(cell.eq_ignore_ascii_case("true")))
                    .collect(),
            )
        } else {
            ColumnData::Number(each.map(|cell| cell.parse().unwrap()).collect())
        };
        Column {
            name: (*name).to_owned(),
            data,
        }
    };
    let columns: Vec<Column> = header.iter().enumerate().map(column).collect();
    let about = |column: &Column| ColumnSchema {
        name: column.name.clone(),
        column_type: column.data.column_type(),
        role: match column.name.as_str() {
            "TrafficType" => Role::Channel,
            "Revenue" => Role::Label,
            _ => Role::Feature,
        },
        reason: Reason {
            code: "test",
            message: String::new(),
            figures: BTreeMap::new(),
        },
        missing: 0,
        distinct: 0,
        examples: Vec::new(),
        levels: Vec::new(),
    };
    let schema = Schema {
        columns: columns.iter().map(about).collect(),
        positive: None,
        ..Schema::default()
    };
    (
        Table {
            columns,
            source_rows: None,
            rows: cells.len(),
        },
        schema,
    )
}

/// The same columns, standardised and one-hot alike, give scikit-learn's model.
///
/// Its solver stops early where the loss is nearly flat: with an unpenalised intercept the optimum has
/// one-hot coefficients that sum to 0 per column, and those of the reference don't. So numbers are
/// compared closely, levels by their distance from the column's mean, and the predictions by log-loss.
fn agrees_with_scikit_learn(dataset: &Dataset, beta: &DVector<f64>, reference: &serde_json::Value) {
    let coefficients = reference["coef"].as_object().unwrap();
    assert_eq!(coefficients.len(), dataset.width());
    let mut levels: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for (place, feature) in dataset.features.iter().enumerate() {
        match feature.name.split_once(" = ") {
            Some((column, level)) => {
                let expected = coefficients[&format!("c__{column}_{level}")]
                    .as_f64()
                    .unwrap();
                levels
                    .entry(column)
                    .or_default()
                    .push((beta[place], expected));
            }
            None => {
                let expected = coefficients[&format!("n__{}", feature.name)]
                    .as_f64()
                    .unwrap();
                assert!(
                    (beta[place] - expected).abs() < 0.005,
                    "{}: {} {expected}",
                    feature.name,
                    beta[place]
                );
            }
        }
    }
    for (column, pairs) in levels {
        let mean =
            |side: fn(&(f64, f64)) -> f64| pairs.iter().map(side).sum::<f64>() / pairs.len() as f64;
        let (ours, theirs) = (mean(|pair| pair.0), mean(|pair| pair.1));
        assert!(ours.abs() < 1e-6, "{column}: {ours}");
        for (own, expected) in &pairs {
            assert!(
                ((own - ours) - (expected - theirs)).abs() < 0.1,
                "{column}: {own} {expected}"
            );
        }
    }
    for (part, name) in [
        (&dataset.split.train, "train"),
        (&dataset.split.test, "test"),
    ] {
        let width = dataset.width();
        let loss = part.iter().map(|&row| {
            let x = &dataset.x[row as usize * width..(row as usize + 1) * width];
            let log_odds = beta[width]
                + x.iter()
                    .zip(beta.iter())
                    .map(|(&x, beta)| f64::from(x) * beta)
                    .sum::<f64>();
            let sign = if dataset.y[row as usize] > 0.5 {
                -1.0
            } else {
                1.0
            };
            (sign * log_odds).exp().ln_1p()
        });
        let loss = loss.sum::<f64>() / part.len() as f64;
        let expected = reference[name]["log_loss"].as_f64().unwrap();
        assert!((loss - expected).abs() < 5e-4, "{name}: {loss} {expected}");
    }
}

#[test]
fn preparation_and_rates_agree_with_the_reference_run() {
    let files = [
        "data/online_shoppers_intention.csv",
        "reference/lr_online_shoppers.json",
        "reference/lr_online_shoppers_test_index.csv",
    ];
    let [Some(data), Some(reference), Some(index)] = files.map(shared) else {
        return;
    };
    let (table, schema) = online_shoppers(&std::fs::read_to_string(data).unwrap());
    let mut options = PrepareOptions::default();
    let index = std::fs::read_to_string(index).unwrap();
    options.split.test_rows = Some(
        index
            .lines()
            .skip(1)
            .map(|row| row.trim().parse().unwrap())
            .collect(),
    );
    options.split.validation = 0.0;
    let (dataset, summary) = prepare(&table, &schema, &options.check().unwrap()).unwrap();
    let reference: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(reference).unwrap()).unwrap();
    for (part, name) in [
        (&dataset.split.train, "train"),
        (&dataset.split.test, "test"),
    ] {
        let converted = part
            .iter()
            .filter(|&&row| dataset.y[row as usize] > 0.5)
            .count();
        assert_eq!(part.len() as u64, reference[name]["n"]);
        let rate = converted as f64 / part.len() as f64;
        assert!((rate - reference[name]["base_rate"].as_f64().unwrap()).abs() < 1e-12);
    }
    let (beta, _) = fit(&dataset);
    agrees_with_scikit_learn(&dataset, &beta, &reference);
    let found = comparison(&dataset, &[]);
    let expected = reference["conversion_by_channel_wilson95"]
        .as_object()
        .unwrap();
    assert_eq!(
        (found.channels.len(), summary.channels.len()),
        (expected.len(), expected.len())
    );
    for channel in &found.channels {
        let expected = &expected[&channel.name];
        assert_eq!(Some(channel.rows), expected["n"].as_f64());
        assert_eq!(Some(channel.conversions), expected["k"].as_f64());
        for side in 0..2 {
            let bound = expected["ci"][side].as_f64().unwrap();
            // The reference rounds the quantile to six places.
            assert!(
                (channel.rate_interval[side] - bound).abs() < 1e-7,
                "{}",
                channel.name
            );
        }
    }
}
