//! The sample: the same for a seed, and as its truth says.

#![allow(clippy::unwrap_used)]

use channelwise::error::Coded;
use channelwise::simulate::{NAMED_FEATURES, SampleOptions, sessions};
use channelwise::table::{ColumnData, Table};

fn sample(rows: usize, seed: u64) -> channelwise::simulate::Simulated {
    sessions(&SampleOptions {
        rows,
        seed,
        ..Default::default()
    })
    .unwrap()
}

fn names<'a>(table: &'a Table, column: &str) -> Vec<&'a str> {
    match &table.column(column).unwrap().data {
        ColumnData::Category(cells) => cells
            .codes
            .iter()
            .map(|&code| cells.levels[code as usize].as_str())
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn flags(table: &Table, column: &str) -> Vec<bool> {
    match &table.column(column).unwrap().data {
        ColumnData::Boolean(cells) => cells.iter().map(|&cell| cell == 1).collect(),
        other => panic!("{other:?}"),
    }
}

fn rate(flags: &[bool], of: impl Fn(usize) -> bool) -> f64 {
    let there: Vec<bool> = (0..flags.len())
        .filter(|&row| of(row))
        .map(|row| flags[row])
        .collect();
    there.iter().filter(|&&flag| flag).count() as f64 / there.len() as f64
}

#[test]
fn a_seed_gives_the_same_bytes() {
    let csv = sample(500, 3).csv();
    assert_eq!(csv, sample(500, 3).csv());
    assert_ne!(csv, sample(500, 4).csv());
    // FNV-1a of the default sample: a change here changes the demo for everyone.
    let all = sessions(&SampleOptions::default()).unwrap().csv();
    let hash = all.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    assert_eq!(format!("{hash:016x}"), GOLDEN);
}

const GOLDEN: &str = "a24f0479f9060749";

#[test]
fn the_file_is_the_table() {
    let sample = sample(2_000, 5);
    let csv = String::from_utf8(sample.csv()).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 2_001);
    assert!(
        lines
            .iter()
            .all(|line| line.len() == sample.table.columns.len())
    );
    let at = |name: &str| lines[0].iter().position(|column| *column == name).unwrap();
    let converted = flags(&sample.table, "converted");
    let ColumnData::Number(minutes) = &sample.table.column("minutes").unwrap().data else {
        panic!()
    };
    let ColumnData::Time(dates) = &sample.table.column("date").unwrap().data else {
        panic!()
    };
    for (row, line) in lines[1..].iter().enumerate() {
        assert_eq!(
            line[at("converted")],
            if converted[row] { "yes" } else { "no" }
        );
        match line[at("minutes")] {
            "" => assert!(minutes[row].is_nan()),
            text => assert_eq!(text.parse::<f64>().unwrap(), minutes[row]),
        }
        let midnight: jiff::Timestamp = format!("{}T00:00:00Z", line[at("date")]).parse().unwrap();
        assert_eq!(midnight.as_millisecond(), dates[row]);
        let day = line[at("date")]
            .parse::<jiff::civil::Date>()
            .unwrap()
            .weekday();
        let weekend = matches!(
            day,
            jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
        );
        assert_eq!(line[at("weekend")] == "yes", weekend);
    }
    let empty = lines
        .iter()
        .flatten()
        .filter(|cell| cell.is_empty())
        .count();
    assert!((20..=120).contains(&empty), "{empty}");
}

#[test]
fn the_story_is_in_the_rates() {
    let sample = sample(60_000, 1);
    let converted = flags(&sample.table, "converted");
    let channel = names(&sample.table, "channel");
    let all = rate(&converted, |_| true);
    assert!((0.08..0.15).contains(&all), "{all}");
    let of = |name: &str| rate(&converted, |row| channel[row] == name);
    let rates: Vec<(f64, &str)> = sample
        .truth
        .iter()
        .map(|truth| (of(&truth.channel), truth.channel.as_str()))
        .collect();
    let best = rates.iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    assert_eq!(best.1, "E-mail", "{rates:?}");
    let truth = |name: &str| {
        sample
            .truth
            .iter()
            .find(|truth| truth.channel == name)
            .unwrap()
            .log_odds
    };
    assert!(
        sample
            .truth
            .iter()
            .all(|other| other.log_odds <= truth("Paid search"))
    );
    assert!(truth("E-mail") < 0.0);
    // Among visitors alike in what matters most, the truth shows by itself.
    let returning = flags(&sample.table, "returning");
    let device = names(&sample.table, "device");
    let alike = |name: &str| {
        rate(&converted, |row| {
            channel[row] == name && returning[row] && device[row] == "phone"
        })
    };
    let log_odds = |rate: f64| (rate / (1.0 - rate)).ln();
    let difference = log_odds(alike("Paid search")) - log_odds(alike("E-mail"));
    // Averaging over the other features pulls log-odds ratios towards 0, by less than a quarter here.
    let expected = truth("Paid search") - truth("E-mail");
    assert!(
        (0.75 * expected..1.1 * expected).contains(&difference),
        "{difference} {expected}"
    );
}

#[test]
fn it_can_be_as_wide_as_asked() {
    let wide = sessions(&SampleOptions {
        rows: 50,
        features: 30,
        seed: 1,
    })
    .unwrap();
    let schema = wide.schema();
    let features = schema.columns.iter().filter(|column| {
        use channelwise::schema::Role;
        matches!(column.role, Role::Feature | Role::Channel)
    });
    assert_eq!(features.count(), 30);
    assert!(
        wide.table.column("behaviour_20").is_some() && wide.table.column("behaviour_21").is_none()
    );
    for (rows, features) in [
        (0, 30),
        (10, NAMED_FEATURES - 1),
        (10, 501),
        (5_000_001, 30),
        (2_000_001, 30),
        (5_000_000, 500),
    ] {
        let error = sessions(&SampleOptions {
            rows,
            features,
            seed: 1,
        })
        .unwrap_err();
        assert_eq!(error.code(), "invalid-option");
    }
}
