//! Sessions with known channel effects: the demo and the self-test.
//!
//! Whether a session converts is drawn from a logistic model whose channel log-odds are known
//! ([`Simulated::truth`]). E-mail has the highest raw rate, but only because it is returning customers
//! who open it; after allowing for that, paid search converts best. Everything follows from the seed,
//! by additions and multiplications alone, so that every platform makes the same bytes.

mod csv;
mod draws;
mod journeys;

pub use journeys::{
    JourneyOptions, JourneyTruth, MAX_JOURNEYS, Scenario, SimulatedJourneys, journeys,
};

use crate::error::Coded;
use crate::prepare::random::Random;
use crate::schema::{ColumnSchema, Reason, Role, Schema};
use crate::table::{Column, ColumnData, Dictionary, MISSING_CODE, Table};
use draws::{draw, exp, geometric, normal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many feature columns a sample has at least, the channel included.
pub const NAMED_FEATURES: usize = 10;
/// How many feature columns a sample can have.
pub const MAX_FEATURES: usize = 500;
/// How many rows a sample can have.
pub const MAX_ROWS: usize = 5_000_000;
/// How many cells a sample can have: rows × features. Its numbers take 8 bytes each, and its text about
/// as much again.
pub const MAX_CELLS: usize = 60_000_000;

/// What kind of sample to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SampleOptions {
    /// Defaults to `10000`.
    pub rows: usize,
    /// Feature columns, the channel included; those beyond the named ones are called `behaviour_1`,
    /// `behaviour_2`, …. Defaults to [`NAMED_FEATURES`].
    pub features: usize,
    /// Defaults to `42`.
    pub seed: u64,
}

impl Default for SampleOptions {
    fn default() -> Self {
        Self {
            rows: 10_000,
            features: NAMED_FEATURES,
            seed: 42,
        }
    }
}

/// Why no sample can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulateError {
    /// Too few or too many rows.
    #[error("A sample has 1 to {MAX_ROWS} rows.")]
    Rows,
    /// Too few or too many features.
    #[error("A sample has {NAMED_FEATURES} to {MAX_FEATURES} features.")]
    Features,
    /// Too few or too many journeys.
    #[error("A sample has 1 to {} journeys.", journeys::MAX_JOURNEYS)]
    Journeys,
    /// Too many rows for so many features.
    #[error(
        "A sample has at most 60 million cells (rows × features). Ask for fewer rows or fewer features."
    )]
    Cells,
}

impl Coded for SimulateError {
    fn code(&self) -> &'static str {
        "invalid-option"
    }
}

/// What the simulator gave a channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelTruth {
    /// The channel's name.
    pub channel: String,
    /// Its log-odds against the mean channel, everything else equal.
    pub log_odds: f64,
}

/// A sample: its columns, and the truth behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// The columns, as they would be read from [`Simulated::csv`].
    pub table: Table,
    /// The known effects; they sum to 0.
    pub truth: Vec<ChannelTruth>,
}

struct Channel {
    name: &'static str,
    share: f64,
    log_odds: f64,
    returning: f64,
    phone: f64,
}

const fn channel(
    name: &'static str,
    share: f64,
    log_odds: f64,
    returning: f64,
    phone: f64,
) -> Channel {
    Channel {
        name,
        share,
        log_odds,
        returning,
        phone,
    }
}

/// Share of the sessions, log-odds, share of returning visitors, share of phones.
const CHANNELS: [Channel; 8] = [
    channel("Organic search", 0.24, 0.20, 0.30, 0.50),
    channel("Direct", 0.18, 0.15, 0.40, 0.40),
    channel("Paid search", 0.19, 1.00, 0.10, 0.70),
    channel("E-mail", 0.16, -0.50, 0.92, 0.25),
    channel("Social", 0.11, -0.60, 0.15, 0.85),
    channel("Affiliate", 0.056, -0.20, 0.20, 0.60),
    channel("Marketplace", 0.06, 0.05, 0.25, 0.55),
    channel("Exhibition", 0.004, -0.10, 0.30, 0.30),
];
const DEVICES: [(&str, f64); 3] = [("phone", -0.5), ("desktop", 0.2), ("tablet", 0.0)];
const REGIONS: [(&str, f64, f64); 5] = [
    ("North", 0.30, 0.0),
    ("South", 0.25, 0.1),
    ("East", 0.20, -0.1),
    ("West", 0.15, 0.15),
    ("Abroad", 0.10, -0.4),
];
const INTERCEPT: f64 = -4.15;
const RETURNING: f64 = 1.9;
/// Midnight of 2025-01-01, UTC.
const FIRST_DAY: i64 = 1_735_689_600_000;
const DAY: i64 = 86_400_000;

/// A sample of marketing sessions, one row each, with a yes/no outcome. About a tenth convert.
///
/// # Errors
/// Where `rows`, `features` or their product is out of range.
pub fn sessions(options: &SampleOptions) -> Result<Simulated, SimulateError> {
    if !(1..=MAX_ROWS).contains(&options.rows) {
        return Err(SimulateError::Rows);
    }
    if !(NAMED_FEATURES..=MAX_FEATURES).contains(&options.features) {
        return Err(SimulateError::Features);
    }
    // Both are small enough by now for their product not to wrap, on 32 bits either.
    if options.rows * options.features > MAX_CELLS {
        return Err(SimulateError::Cells);
    }
    let mut columns = Columns::new(options.rows, options.features - NAMED_FEATURES);
    let mut random = Random::new(options.seed);
    for _ in 0..options.rows {
        columns.push_session(&mut random);
    }
    let truth = CHANNELS.iter();
    Ok(Simulated {
        table: columns.into_table(options.rows),
        truth: truth
            .map(|channel| ChannelTruth {
                channel: channel.name.to_owned(),
                log_odds: channel.log_odds,
            })
            .collect(),
    })
}

struct Columns {
    date: Vec<i64>,
    channel: Vec<u32>,
    device: Vec<u32>,
    region: Vec<u32>,
    returning: Vec<u8>,
    /// Previous visits, pages, minutes, cart additions, discount.
    numbers: [Vec<f64>; 5],
    weekend: Vec<u8>,
    behaviour: Vec<Vec<f64>>,
    converted: Vec<u8>,
}

const NUMBERS: [&str; 5] = [
    "previous_visits",
    "pages",
    "minutes",
    "cart_adds",
    "discount",
];

impl Columns {
    fn new(rows: usize, behaviour: usize) -> Self {
        Self {
            date: Vec::with_capacity(rows),
            channel: Vec::with_capacity(rows),
            device: Vec::with_capacity(rows),
            region: Vec::with_capacity(rows),
            returning: Vec::with_capacity(rows),
            numbers: std::array::from_fn(|_| Vec::with_capacity(rows)),
            weekend: Vec::with_capacity(rows),
            behaviour: vec![Vec::with_capacity(rows); behaviour],
            converted: Vec::with_capacity(rows),
        }
    }

    fn push_session(&mut self, random: &mut Random) {
        let code = draw(random, CHANNELS.iter().map(|channel| channel.share));
        let channel = &CHANNELS[code];
        let returning = random.uniform() < channel.returning;
        let device = draw(
            random,
            [
                channel.phone,
                (1.0 - channel.phone) * 0.8,
                (1.0 - channel.phone) * 0.2,
            ],
        );
        let region = draw(random, REGIONS.iter().map(|region| region.1));
        let day = i64::from(random.below(365));
        let weekend = matches!((day + 3) % 7, 6 | 0);
        let visits = if returning {
            1.0 + geometric(random, 0.65)
        } else {
            0.0
        };
        let pages = 1.0 + geometric(random, if returning { 0.82 } else { 0.78 });
        let minutes = (pages * 0.8 * exp(0.6 * normal(random)) * 10.0).round() / 10.0;
        let cart_adds = geometric(random, 0.3);
        let discount = [0.0, 5.0, 10.0, 20.0][draw(random, [0.55, 0.2, 0.15, 0.1])];
        let mut log_odds = INTERCEPT
            + channel.log_odds
            + if returning { RETURNING } else { 0.0 }
            + DEVICES[device].1
            + REGIONS[region].2
            + if weekend { 0.15 } else { 0.0 }
            + 0.06 * visits
            + 0.06 * pages
            + 0.03 * minutes
            + 0.7 * cart_adds
            + 0.02 * discount;
        for (k, cells) in self.behaviour.iter_mut().enumerate() {
            let value = (normal(random) * 1_000.0).round() / 1_000.0;
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            log_odds += sign * 0.3 / (k + 1) as f64 * value;
            cells.push(value);
        }
        let converted = random.uniform() * (1.0 + exp(-log_odds)) < 1.0;

        self.channel.push(code as u32);
        self.device.push(device as u32);
        self.region.push(if random.uniform() < 0.02 {
            MISSING_CODE
        } else {
            region as u32
        });
        self.returning.push(u8::from(returning));
        self.date.push(FIRST_DAY + day * DAY);
        self.weekend.push(u8::from(weekend));
        let minutes = if random.uniform() < 0.015 {
            f64::NAN
        } else {
            minutes
        };
        let numbers = [visits, pages, minutes, cart_adds, discount];
        self.numbers
            .iter_mut()
            .zip(numbers)
            .for_each(|(cells, value)| cells.push(value));
        self.converted.push(u8::from(converted));
    }

    fn into_table(self, rows: usize) -> Table {
        let names = |codes: Vec<u32>, levels: &mut dyn Iterator<Item = &str>| {
            ColumnData::Category(Dictionary {
                codes,
                levels: levels.map(str::to_owned).collect(),
            })
        };
        let session = Dictionary {
            codes: (0..rows as u32).collect(),
            levels: (1..=rows).map(|row| format!("S{row:07}")).collect(),
        };
        let channels = names(
            self.channel,
            &mut CHANNELS.iter().map(|channel| channel.name),
        );
        let devices = names(self.device, &mut DEVICES.iter().map(|device| device.0));
        let regions = names(self.region, &mut REGIONS.iter().map(|region| region.0));
        let mut columns = vec![
            ("session_id".to_owned(), ColumnData::Text(session)),
            ("date".to_owned(), ColumnData::Time(self.date)),
            ("channel".to_owned(), channels),
            ("device".to_owned(), devices),
            ("region".to_owned(), regions),
            ("returning".to_owned(), ColumnData::Boolean(self.returning)),
        ];
        let numbers = NUMBERS.iter().zip(self.numbers);
        columns.extend(numbers.map(|(&name, cells)| (name.to_owned(), ColumnData::Number(cells))));
        columns.push(("weekend".to_owned(), ColumnData::Boolean(self.weekend)));
        let behaviour = self.behaviour.into_iter().zip(1..);
        columns.extend(
            behaviour.map(|(cells, k)| (format!("behaviour_{k}"), ColumnData::Number(cells))),
        );
        columns.push(("converted".to_owned(), ColumnData::Boolean(self.converted)));
        let columns = columns
            .into_iter()
            .map(|(name, data)| Column { name, data })
            .collect();
        Table {
            columns,
            source_rows: None,
            rows,
        }
    }
}

impl Simulated {
    /// The roles that fit the columns, for callers that leave the reading of a file out.
    pub fn schema(&self) -> Schema {
        let reason = || Reason {
            code: "simulated",
            message: "Made so by the simulator.".to_owned(),
            figures: BTreeMap::new(),
        };
        let about = |column: &Column| ColumnSchema {
            name: column.name.clone(),
            column_type: column.data.column_type(),
            role: match column.name.as_str() {
                "session_id" => Role::Ignore,
                "date" => Role::Time,
                "channel" => Role::Channel,
                "converted" => Role::Label,
                _ => Role::Feature,
            },
            reason: reason(),
            missing: 0,
            distinct: 0,
            examples: Vec::new(),
            levels: Vec::new(),
        };
        Schema {
            columns: self.table.columns.iter().map(about).collect(),
            positive: Some("yes".to_owned()),
            ..Schema::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_effects_are_whole() {
        let shares: f64 = CHANNELS.iter().map(|channel| channel.share).sum();
        let effects: f64 = CHANNELS.iter().map(|channel| channel.log_odds).sum();
        assert!((shares - 1.0).abs() < 1e-12 && effects.abs() < 1e-12);
    }
}
