//! What the tests of the credit share.

use channelwise::attribution::{
    Attribution, AttributionOptions, ChannelCredit, MarkovOrder, attribute,
};
use channelwise::prepare::paths::Paths;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A path as its channels, conversions, value and journeys that did not convert.
pub type Row = (Vec<String>, f64, f64, f64);

/// A row from a path like `a > b`.
pub fn row(path: &str, conversions: f64, value: f64, nulls: f64) -> Row {
    let channels = path.split('>').map(|name| name.trim().to_owned());
    (channels.collect(), conversions, value, nulls)
}

/// Paths of these rows, as they stand, channels numbered as they come.
pub fn paths(rows: &[Row]) -> Paths {
    let mut paths = Paths {
        offsets: vec![0],
        ..Paths::default()
    };
    for (channels, conversions, value, nulls) in rows {
        for name in channels {
            let known = paths.channels.iter().position(|channel| channel == name);
            let code = known.unwrap_or_else(|| {
                paths.channels.push(name.clone());
                paths.channels.len() - 1
            });
            paths.touches.push(code as u32);
        }
        paths.offsets.push(paths.touches.len());
        paths.conversions.push(*conversions);
        paths.values.push(*value);
        paths.nulls.push(*nulls);
    }
    paths
}

/// Options without intervals.
pub fn plain() -> AttributionOptions {
    AttributionOptions {
        resamples: 0,
        ..AttributionOptions::default()
    }
}

/// Options without intervals, for some methods.
pub fn only(methods: &[&str]) -> AttributionOptions {
    AttributionOptions {
        methods: Some(methods.iter().map(|&name| name.to_owned()).collect()),
        ..plain()
    }
}

/// Markov alone, of an order, without intervals.
pub fn markov(order: usize) -> AttributionOptions {
    AttributionOptions {
        markov_order: MarkovOrder::Fixed(order),
        ..only(&["markov"])
    }
}

/// The credit of rows, which must be there.
pub fn credit(rows: &[Row], options: &AttributionOptions) -> Attribution {
    attribute(&paths(rows), options).expect("the rows can be credited")
}

/// The channels of a method, by name.
pub fn by_name<'a>(
    attribution: &'a Attribution,
    method: &str,
) -> BTreeMap<&'a str, &'a ChannelCredit> {
    let credit = attribution
        .credit
        .iter()
        .find(|credit| credit.method == method);
    let channels = &credit.expect("the method is there").channels;
    channels
        .iter()
        .map(|channel| (channel.name.as_str(), channel))
        .collect()
}

/// Asserts that two numbers are equal but for a relative (or, below 1, absolute) error.
#[track_caller]
pub fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let allowed = tolerance * expected.abs().max(1.0);
    assert!(
        (found - expected).abs() <= allowed,
        "{what}: {found} instead of {expected}"
    );
}

/// The folder of shared test data, where it is.
pub fn shared(file: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("CHANNELWISE_SHARED").map_or_else(beside, PathBuf::from);
    let file = folder.join(file);
    if file.exists() {
        return Some(file);
    }
    println!("skipped: {} is not there", file.display());
    None
}

/// The rows of ChannelAttribution's sample, where it is.
pub fn path_data() -> Option<Vec<Row>> {
    let text =
        std::fs::read_to_string(shared("data/pathdata_channelattribution.csv")?).expect("readable");
    let parse = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |cell: usize| cells[cell].trim().parse::<f64>().expect("a number");
        row(cells[0], number(1), number(2), number(3))
    };
    Some(text.lines().skip(1).map(parse).collect())
}

/// Random journeys over few channels, at least one of them converting.
pub fn journeys() -> impl Strategy<Value = Vec<Row>> {
    let name = (0_u8..6).prop_map(|channel| format!("c{channel}"));
    let path = (
        proptest::collection::vec(name, 1..7),
        0_u32..12,
        0_u32..1000,
        0_u32..20,
    );
    proptest::collection::vec(path, 1..16)
        .prop_map(|rows| {
            let row = |(channels, conversions, worth, nulls): (Vec<String>, u32, u32, u32)| {
                let count = f64::from(conversions);
                (
                    channels,
                    count,
                    count * f64::from(worth) / 8.0,
                    f64::from(nulls),
                )
            };
            rows.into_iter().map(row).collect::<Vec<Row>>()
        })
        .prop_filter("something converts", |rows| {
            rows.iter().any(|row| row.1 > 0.0)
        })
}
