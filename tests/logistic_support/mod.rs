//! What the tests of training share: the reference data, and data with known coefficients.

#![allow(dead_code)] // Each test file uses a part of it.

use channelwise::prepare::{Dataset, Encoding, Feature, Split};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeSet, HashSet};
use std::io::Write;
use std::path::PathBuf;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future that never waits for anything outside.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// The folder of data that is not part of the project, where it is there.
pub fn shared() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let named = std::env::var_os("CHANNELWISE_SHARED").map(PathBuf::from);
    named
        .into_iter()
        .chain([beside])
        .find(|folder| folder.join("reference").is_dir())
}

/// One of the reference data sets.
pub struct Reference {
    /// `lr_NAME.json`.
    pub name: &'static str,
    /// The file's text.
    pub text: String,
    /// Between cells.
    pub delimiter: char,
    /// The column that is predicted.
    pub label: &'static str,
    /// What counts as converted there.
    pub positive: &'static str,
    /// Columns that take no part.
    pub dropped: &'static [&'static str],
    /// Columns that are categories although they may look like numbers.
    pub categories: &'static [&'static str],
}

/// Says that a test has not tested anything, past the test runner's capture: it shows even where tests
/// that pass print nothing.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}

/// Reads all data sets that have a reference; where they are missing, says so and gives none.
pub fn references() -> Vec<(Reference, serde_json::Value, Dataset)> {
    let Some(shared) = shared() else {
        skipped("the shared reference data is not there, so nothing is compared with scikit-learn");
        return Vec::new();
    };
    let read = |name: &str| std::fs::read_to_string(shared.join(name)).expect("reference file");
    let sets = [
        Reference {
            name: "online_shoppers",
            text: read("data/online_shoppers_intention.csv"),
            delimiter: ',',
            label: "Revenue",
            positive: "1",
            dropped: &[],
            categories: &[
                "Month",
                "OperatingSystems",
                "Browser",
                "Region",
                "TrafficType",
                "VisitorType",
            ],
        },
        Reference {
            name: "hillstrom_visit",
            text: read("data/hillstrom.csv"),
            delimiter: ',',
            label: "visit",
            positive: "1",
            dropped: &["conversion", "spend", "history_segment"],
            categories: &["zip_code", "channel", "segment"],
        },
        Reference {
            name: "bank_no_duration",
            text: unzip(
                &shared.join("data/bank-additional.zip"),
                "bank-additional-full.csv",
            ),
            delimiter: ';',
            label: "y",
            positive: "yes",
            dropped: &["duration"],
            categories: &[
                "job",
                "marital",
                "education",
                "default",
                "housing",
                "loan",
                "contact",
                "month",
                "day_of_week",
                "poutcome",
            ],
        },
    ];
    sets.into_iter()
        .map(|set| {
            let figures = serde_json::from_str(&read(&format!("reference/lr_{}.json", set.name)))
                .expect("reference JSON");
            let test: HashSet<u32> = read(&format!("reference/lr_{}_test_index.csv", set.name))
                .lines()
                .skip(1)
                .map(|line| line.trim().parse().expect("row number"))
                .collect();
            let data = dataset(&set, &test);
            (set, figures, data)
        })
        .collect()
}

fn unzip(path: &std::path::Path, ending: &str) -> String {
    use std::io::Read;
    let file = std::fs::File::open(path).expect("zip file");
    let mut archive = zip::ZipArchive::new(file).expect("zip archive");
    let name = archive
        .file_names()
        .filter_map(Result::ok)
        .find(|name| name.ends_with(&format!("/{ending}")) && !name.contains("__MACOSX"))
        .expect("entry in the archive")
        .into_owned();
    let mut text = String::new();
    archive
        .by_name(&name)
        .and_then(|mut entry| entry.read_to_string(&mut text).map_err(Into::into))
        .expect("text in the archive");
    text
}

/// Encodes as `lr_reference.py` does: numbers standardised on the training rows, categories one-hot
/// with all levels of the training rows. Feature names are scikit-learn's.
fn dataset(set: &Reference, test: &HashSet<u32>) -> Dataset {
    let mut lines = set.text.lines().map(|line| split(line, set.delimiter));
    let header = lines.next().expect("header");
    let cells: Vec<Vec<&str>> = lines.collect();
    let rows = cells.len();
    let train: Vec<u32> = (0..rows as u32).filter(|row| !test.contains(row)).collect();
    let mut features = Vec::new();
    let mut columns: Vec<Vec<f32>> = Vec::new();
    let mut y = Vec::new();
    for (at, &name) in header.iter().enumerate() {
        let column = || cells.iter().map(move |row| row[at]);
        if name == set.label {
            y = column()
                .map(|cell| f32::from(u8::from(cell == set.positive)))
                .collect();
        } else if set.categories.contains(&name) {
            let levels: BTreeSet<&str> = train.iter().map(|&row| cells[row as usize][at]).collect();
            for level in levels {
                features.push(Feature {
                    name: format!("c__{name}_{level}"),
                    column: name.to_owned(),
                    encoding: Encoding::OneHot {
                        level: level.to_owned(),
                    },
                });
                columns.push(
                    column()
                        .map(|cell| f32::from(u8::from(cell == level)))
                        .collect(),
                );
            }
        } else if !set.dropped.contains(&name) {
            let values: Vec<f64> = column().map(number).collect();
            let n = train.len() as f64;
            let mean = train.iter().map(|&row| values[row as usize]).sum::<f64>() / n;
            let variance = train
                .iter()
                .map(|&row| (values[row as usize] - mean).powi(2))
                .sum::<f64>()
                / n;
            let deviation = variance.sqrt();
            features.push(Feature {
                name: format!("n__{name}"),
                column: name.to_owned(),
                encoding: Encoding::Standardised { mean, deviation },
            });
            columns.push(
                values
                    .iter()
                    .map(|value| ((value - mean) / deviation) as f32)
                    .collect(),
            );
        }
    }
    Dataset {
        x: (0..rows)
            .flat_map(|row| columns.iter().map(move |column| column[row]))
            .collect(),
        features,
        y,
        split: Split {
            train,
            validation: Vec::new(),
            test: (0..rows as u32).filter(|row| test.contains(row)).collect(),
        },
        positive: set.positive.to_owned(),
        ..Dataset::default()
    }
}

/// The cells of a line; a delimiter between quotes is part of its cell.
fn split(line: &str, delimiter: char) -> Vec<&str> {
    let mut quoted = false;
    line.split(|c| {
        quoted ^= c == '"';
        c == delimiter && !quoted
    })
    .map(|cell| cell.trim_matches('"'))
    .collect()
}

fn number(cell: &str) -> f64 {
    match cell {
        "TRUE" => 1.0,
        "FALSE" => 0.0,
        _ => cell.parse().expect("number"),
    }
}

/// A normal deviate (Box & Muller).
pub fn normal(rng: &mut impl Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Rows of normal features whose outcomes follow the coefficients; the last of them is the intercept.
/// Every tenth row validates, every tenth tests.
pub fn simulated(rows: usize, truth: &[f64], seed: u64) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (intercept, weights) = truth.split_last().expect("an intercept");
    let mut data = Dataset {
        features: (0..weights.len())
            .map(|at| Feature {
                name: format!("x{at}"),
                column: format!("x{at}"),
                encoding: Encoding::Standardised {
                    mean: 0.0,
                    deviation: 1.0,
                },
            })
            .collect(),
        positive: "1".to_owned(),
        ..Dataset::default()
    };
    for row in 0..rows {
        let mut z = *intercept;
        for weight in weights {
            let x = normal(&mut rng);
            data.x.push(x as f32);
            z += weight * x;
        }
        let converted = rng.random::<f64>() < 1.0 / (1.0 + (-z).exp());
        data.y.push(f32::from(u8::from(converted)));
        match row % 10 {
            3 => data.split.validation.push(row as u32),
            7 => data.split.test.push(row as u32),
            _ => data.split.train.push(row as u32),
        }
    }
    data
}
