//! Any bytes, in any container, give a table or a code, never a panic. `npm run fuzz` runs it for longer:
//! `CHANNELWISE_FUZZ_SECONDS` says how many seconds each target takes.

#![allow(clippy::unwrap_used)]

mod ingest_support;

use channelwise::error::Coded;
use ingest_support::{gzip, load, sheet, workbook, zipped};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::time::{Duration, Instant};

/// Tries what a strategy makes until the time is up.
fn run(strategy: impl Strategy<Value = Vec<u8>>) {
    let seconds = std::env::var("CHANNELWISE_FUZZ_SECONDS").ok();
    let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(0.7);
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    // Where the time is set the seed is not: each run tries other bytes.
    let mut runner = if seconds > 1.0 {
        TestRunner::default()
    } else {
        TestRunner::deterministic()
    };
    while Instant::now() < end {
        let bytes = strategy.new_tree(&mut runner).unwrap().current();
        let result = std::panic::catch_unwind(|| match load(&bytes) {
            Err(error) => assert!(!error.code().is_empty() && !error.to_string().is_empty()),
            Ok(loaded) => {
                let rows = loaded.table.rows;
                let columns = &loaded.table.columns;
                assert!(columns.iter().all(|column| column.data.len() == rows));
            }
        });
        assert!(
            result.is_ok(),
            "panics on {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

/// Bytes with some of them changed, left out or doubled.
fn spoiled(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..12);
    (prop::sample::select(seeds), changes).prop_map(|(mut bytes, changes)| {
        for (at, byte, kind) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, byte),
                _ => {
                    let end = (at + usize::from(byte)).min(bytes.len());
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
        }
        bytes
    })
}

fn texts() -> Vec<Vec<u8>> {
    [
        "a,b\n1,x\n2,\"y \"\"z\"\"\n\"\n",
        "Report\n\nd;n\n13.01.2026;1.234,50\n02.01.2026;(5,00)\nTotal;3\n",
        "ts\tpath\n2026-01-02T03:04:05.678+09:00\ta > b\n24 Nov 2026\t2026年11月24日 下午2:05\n",
        "sep=|\n渠道|是\n$1,234|5%\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

fn json() -> Vec<Vec<u8>> {
    [
        r#"[{"a":1,"b":{"c":"x\u00e9","d":[1,2]}},{"a":NaN,}]"#,
        r#"{"meta":{},"data":[[1,"x"],[2,null]]}"#,
        "{\"a\":1e300,\"b\":\"x\"}\n{\"a\":true}\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

fn book() -> Vec<u8> {
    workbook(&[(
        "S",
        &sheet(&["a|b|c", "d46024|=1|!#N/A", "t46024.5|TRUE|x"]),
    )])
}

#[test]
fn any_text() {
    run(spoiled(texts()));
}

#[test]
fn any_json() {
    run(spoiled(json()));
}

#[test]
fn any_gzip() {
    run(spoiled(texts().iter().map(|text| gzip(text)).collect()));
}

#[test]
fn any_zip() {
    let archive = |text: &Vec<u8>| zipped(&[("a.csv", text), ("b/c.txt", b"x")]);
    run(spoiled(texts().iter().map(archive).collect()));
}

#[test]
fn any_workbook() {
    run(spoiled(vec![book()]));
    // Spoiled inside, where no checksum stands in the way.
    let rows = sheet(&["a|b|c", "d46024|=1|!#N/A", "t46024.5|TRUE|x"]).into_bytes();
    run(spoiled(vec![rows]).prop_map(|rows| workbook(&[("S", &String::from_utf8_lossy(&rows))])));
}

#[test]
fn anything_at_all() {
    run(prop::collection::vec(any::<u8>(), 0..300));
}
