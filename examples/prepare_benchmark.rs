//! How long touches take to become journeys, and how much memory: a table made in memory, of as many
//! touches as asked for.
//!
//! `cargo run --release --example prepare_benchmark -- 12000000`

use channelwise::ingest::Layout;
use channelwise::prepare::random::Random;
use channelwise::prepare::{PrepareOptions, prepare};
use channelwise::schema::{self, RoleOptions};
use channelwise::table::{Column, ColumnData, Dictionary, Table};
use std::time::Instant;

/// Touches of users who come three to nine times, in the order of time and not of users.
fn touches(rows: usize) -> Table {
    let mut random = Random::new(1);
    let users = (rows / 6).max(1) as u32;
    let (mut user, mut time) = (Vec::new(), Vec::new());
    let (mut channel, mut flag) = (Vec::new(), Vec::new());
    for row in 0..rows {
        user.push(f64::from(random.below(users)));
        time.push(1_700_000_000_000 + (row as i64) * 250);
        channel.push(random.below(12));
        flag.push(u8::from(random.below(50) == 0));
    }
    let column = |name: &str, data| Column {
        name: name.to_owned(),
        data,
    };
    let channel = Dictionary {
        codes: channel,
        levels: (0..12).map(|code| format!("channel {code}")).collect(),
    };
    Table {
        columns: vec![
            column("user_id", ColumnData::Number(user)),
            column("time", ColumnData::Time(time)),
            column("channel", ColumnData::Category(channel)),
            column("converted", ColumnData::Boolean(flag)),
        ],
        source_rows: None,
        rows,
    }
}

/// The most memory this process has held, in MiB, where the system tells.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let digits = line.map(|line| {
        line.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    });
    digits
        .and_then(|digits| digits.parse::<f64>().ok())
        .unwrap_or(f64::NAN)
        / 1_024.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows = std::env::args()
        .nth(1)
        .map_or(Ok(12_000_000), |rows| rows.parse())?;
    let table = touches(rows);
    println!("{rows} touches, {:.0} MiB with the table", peak());
    let started = Instant::now();
    let schema = schema::infer(&table, &RoleOptions::default())?;
    assert_eq!(schema.layout, Layout::Events);
    println!(
        "roles {:.2} s, {:.0} MiB",
        started.elapsed().as_secs_f64(),
        peak()
    );
    let started = Instant::now();
    let (dataset, summary) = prepare(&table, &schema, &PrepareOptions::default().check()?)?;
    println!(
        "prepared {:.2} s, {:.0} MiB: {} journeys, {} inputs, split by {:?}",
        started.elapsed().as_secs_f64(),
        peak(),
        dataset.rows(),
        dataset.width(),
        summary.split_by,
    );
    Ok(())
}
