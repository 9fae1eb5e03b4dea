//! Touches gathered by journey or user, in order of time.

use super::Dropped;
use super::PrepareError;
use super::cells::{Numbers, codes_of};
use super::clean::Cleaned;
use super::touches::{Built, Columns};
use crate::error::Warning;
use crate::schema::Clock;
use crate::table::{MISSING_CODE, Table};

/// Touches in order, group by group.
pub(super) struct Sorted<'a> {
    /// Table rows.
    pub rows: Vec<u32>,
    /// Where each group starts, with the end.
    starts: Vec<u32>,
    times: Option<Numbers<'a>>,
    unit: f64,
}

impl Sorted<'_> {
    /// The time of a table row in milliseconds; 0 where there are no times.
    pub fn time(&self, row: u32) -> f64 {
        self.times
            .as_ref()
            .map_or(0.0, |times| times.at(row as usize) * self.unit)
    }

    /// Milliseconds per unit of the file's times.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    pub fn groups(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.starts
            .windows(2)
            .map(|ends| ends[0] as usize..ends[1] as usize)
    }
}

/// Gathers the usable rows by journey or user, and sorts each group by time.
pub(super) fn sort<'a>(
    table: &Table,
    columns: &Columns<'a>,
    cleaned: &Cleaned,
    built: &mut Built,
) -> Result<Sorted<'a>, PrepareError> {
    let (codes, groups) = codes_of(&columns.unit.data);
    let (times, unit) = match columns.time {
        None => {
            let message = "No column says when touches happened: their order in the file counts.";
            built.warnings.push(Warning::new("order-of-file", message));
            (None, 1.0)
        }
        Some((column, clock)) => {
            let unit = match clock {
                Clock::Calendar { unit } | Clock::Relative { unit } => unit,
                Clock::Steps => 1.0,
            };
            (Some(Numbers::of(&column.data)), unit)
        }
    };
    let weights = columns.weight.map(super::rows::weights).transpose()?;
    let reason = |row: usize| {
        let bad_weight = weights.as_ref().is_some_and(|weights| {
            let weight = weights.at(row) as f32;
            weight.is_nan() || weight <= 0.0
        });
        let no_time = times.as_ref().is_some_and(|times| times.at(row).is_nan());
        let repeated = cleaned.is_repeated(row);
        [repeated, codes[row] == MISSING_CODE, no_time, bad_weight]
            .iter()
            .position(|&applies| applies)
    };
    let mut ranks = vec![u32::MAX; groups];
    let mut sizes: Vec<u32> = Vec::new();
    let mut dropped = [0usize; 4];
    for row in 0..table.rows {
        match reason(row) {
            Some(reason) => dropped[reason] += 1,
            None => {
                let rank = &mut ranks[codes[row] as usize];
                if *rank == u32::MAX {
                    *rank = sizes.len() as u32;
                    sizes.push(0);
                }
                sizes[*rank as usize] += 1;
            }
        }
    }
    let mut starts = Vec::with_capacity(sizes.len() + 1);
    let mut end = 0u32;
    starts.push(0);
    for size in &mut sizes {
        // The size becomes the place of the group's next row.
        let start = end;
        end += *size;
        *size = start;
        starts.push(end);
    }
    let mut rows = vec![0u32; end as usize];
    for row in 0..table.rows {
        if reason(row).is_none() {
            let next = &mut sizes[ranks[codes[row] as usize] as usize];
            rows[*next as usize] = row as u32;
            *next += 1;
        }
    }
    if let Some(times) = &times {
        for ends in starts.windows(2) {
            let group = &mut rows[ends[0] as usize..ends[1] as usize];
            let time = |row: u32| times.at(row as usize);
            if !group.is_sorted_by(|&a, &b| time(a) <= time(b)) {
                group.sort_unstable_by(|&a, &b| time(a).total_cmp(&time(b)).then(a.cmp(&b)));
            }
        }
    }
    built.counts.usable = rows.len();
    let reasons = [
        ("duplicate", "It repeats an earlier row in every cell."),
        ("missing-user", "Nothing says whose touch it is."),
        ("missing-time", "The time is missing."),
        ("bad-weight", "The weight is missing or not above 0."),
    ];
    let told = reasons
        .into_iter()
        .zip(dropped)
        .filter(|(_, count)| *count > 0);
    built.dropped = told
        .map(|((code, message), count)| Dropped {
            code,
            message,
            count,
        })
        .collect();
    Ok(Sorted {
        rows,
        starts,
        times,
        unit,
    })
}
