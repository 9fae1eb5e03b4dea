//! Journeys built from real touches, against a count made by another program.

use channelwise::ingest::{Ingest, Layout, LoadOptions, Loaded};
use channelwise::prepare::{Dataset, DatasetSummary, PrepareOptions, SplitBy, prepare};
use channelwise::schema::{self, Role, RoleOptions};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

/// Where a file of the shared test data lies, if it does.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CHANNELWISE_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    Some(folder.join("data").join(name)).filter(|path| path.exists())
}

/// The shared file, unpacked; `None` (said aloud) where it is not at hand.
fn criteo() -> Option<(PathBuf, Vec<u8>)> {
    let Some(path) = shared("criteo_journeys_train.csv.gz") else {
        say("skipped: criteo_journeys_train.csv.gz is not at hand");
        return None;
    };
    let packed = std::fs::read(&path).unwrap();
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(&packed[..])
        .read_to_end(&mut bytes)
        .unwrap();
    Some((path, bytes))
}

/// Past the test runner's capture, so that a test that tested nothing does not look like proof.
pub fn say(what: &str) {
    let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{what}\n"));
}

pub fn load(bytes: &[u8]) -> Loaded {
    let mut ingest = Ingest::new(LoadOptions::default().check().unwrap());
    for chunk in bytes.chunks(1 << 20) {
        ingest.push(chunk).unwrap();
    }
    ingest.finish().unwrap()
}

fn journeys(loaded: &Loaded, options: PrepareOptions) -> (Dataset, DatasetSummary) {
    let schema = schema::infer(&loaded.table, &RoleOptions::default()).unwrap();
    assert_eq!(schema.layout, Layout::Events);
    prepare(&loaded.table, &schema, &options.check().unwrap()).unwrap()
}

#[test]
fn criteo_journeys_are_those_that_python_counts() {
    let Some((path, bytes)) = criteo() else {
        return;
    };
    let loaded = load(&bytes);
    let schema = schema::infer(&loaded.table, &RoleOptions::default()).unwrap();
    let roles = [
        Role::Journey,
        Role::User,
        Role::Time,
        Role::Channel,
        Role::Label,
    ];
    assert_eq!(
        roles.map(|role| schema.name_of(role).unwrap()),
        ["journey_id", "user_id", "time_s", "campaign", "converted"]
    );
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/criteo_journeys.py");
    let counted = std::process::Command::new("python3")
        .arg(script)
        .arg(path)
        .arg("50")
        .output();
    let Some(counted) = counted.ok().filter(|counted| counted.status.success()) else {
        say("skipped: python3 is not at hand");
        return;
    };
    let counted: serde_json::Value = serde_json::from_slice(&counted.stdout).unwrap();
    let number = |name: &str| counted[name].as_f64().unwrap();
    let table = |name: &str| -> BTreeMap<String, f64> {
        let table = counted[name].as_object().unwrap().iter();
        table
            .map(|(name, count)| (name.clone(), count.as_f64().unwrap()))
            .collect()
    };

    let whole = PrepareOptions {
        max_length: Some(1_000),
        ..PrepareOptions::default()
    };
    let (dataset, summary) = journeys(&loaded, whole);
    let found = dataset.journeys.as_ref().unwrap();
    assert_eq!(found.len() as f64, number("journeys"));
    assert_eq!(dataset.rows(), found.len());
    assert_eq!(found.touch_channels.len() as f64, number("touches"));
    let converting = dataset.y.iter().filter(|&&y| y > 0.5).count();
    assert_eq!(converting as f64, number("converting"));
    let count = |codes: &mut dyn Iterator<Item = u32>| {
        let mut counts = BTreeMap::new();
        for code in codes {
            *counts
                .entry(found.channels[code as usize].clone())
                .or_insert(0.0) += 1.0;
        }
        counts
    };
    assert_eq!(
        count(&mut found.touch_channels.iter().copied()),
        table("channels")
    );
    let last = |journey: usize| *found.touches(journey).last().unwrap();
    assert_eq!(count(&mut (0..found.len()).map(last)), table("last"));
    let converted = (0..found.len()).filter(|&journey| dataset.y[journey] > 0.5);
    assert_eq!(count(&mut converted.map(last)), table("convertedLast"));
    let mut lengths = BTreeMap::new();
    for journey in 0..found.len() {
        *lengths
            .entry(found.range(journey).len().to_string())
            .or_insert(0.0) += 1.0;
    }
    assert_eq!(lengths, table("lengths"));
    let hours: f64 = found.gap_hours.iter().map(|&hours| f64::from(hours)).sum();
    let expected = number("seconds") / 3_600.0;
    assert!((hours / expected - 1.0).abs() < 1e-6, "{hours} {expected}");
    let mut users = dataset.users.clone().unwrap();
    users.sort_unstable();
    users.dedup();
    assert_eq!(users.len() as f64, number("users"));
    // Users have up to two journeys here, so they stay together unless something else is asked for.
    assert_eq!(summary.split_by, Some(SplitBy::User));
    assert_eq!(
        summary.train + summary.validation + summary.test,
        found.len()
    );

    let (dataset, summary) = journeys(&loaded, PrepareOptions::default());
    let found = dataset.journeys.as_ref().unwrap();
    let touches = summary.touches.unwrap();
    assert_eq!(found.touch_channels.len() as f64, number("kept"));
    assert_eq!(touches.usable, touches.used + touches.over_length);
    let cut = found.cut_touches.iter().filter(|&&cut| cut > 0).count();
    assert_eq!(cut as f64, number("cutJourneys"));
    let mut kept = BTreeMap::new();
    for &code in &found.touch_channels {
        *kept
            .entry(found.channels[code as usize].clone())
            .or_insert(0.0) += 1.0;
    }
    assert_eq!(kept, table("keptChannels"));
}
