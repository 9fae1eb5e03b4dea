//! The journeys in the form that all methods and every resample work on.

use crate::prepare::paths::{Paths, compare_days};
use std::cmp::Ordering;

/// Journeys that can't be told apart: one box of the multinomial bootstrap.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// Which sequence of channels.
    pub(crate) sequence: u32,
    /// Whether these journeys converted.
    pub(crate) converted: bool,
    /// How many there are.
    pub(crate) count: f64,
    /// What each of their conversions was worth.
    pub(crate) worth: f64,
    /// A path of theirs in the [`Paths`] they came from, for its days.
    pub(crate) path: u32,
}

/// The cells that a path's journeys are in; of no meaning where it has none of the kind.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Placed {
    pub(crate) converted: u32,
    pub(crate) not_converted: u32,
}

/// Distinct sequences of channels, and the cells of journeys that went them.
///
/// Nothing in it depends on the order of the paths or of the channels it was made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Journeys {
    /// Channel names, sorted.
    pub(crate) names: Vec<String>,
    /// Where each sequence starts in `touches`.
    offsets: Vec<usize>,
    touches: Vec<u32>,
    /// By sequence, converted ones first.
    pub(crate) cells: Vec<Cell>,
    /// Totals over everything.
    pub(crate) observed: Ends,
}

/// How journeys ended, per sequence.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ends {
    pub(crate) conversions: Vec<f64>,
    pub(crate) values: Vec<f64>,
    pub(crate) nulls: Vec<f64>,
}

impl Ends {
    /// None at all, for so many sequences.
    pub(crate) fn none(sequences: usize) -> Self {
        Self {
            conversions: vec![0.0; sequences],
            values: vec![0.0; sequences],
            nulls: vec![0.0; sequences],
        }
    }

    /// Sets everything back to none.
    pub(crate) fn clear(&mut self) {
        self.conversions.fill(0.0);
        self.values.fill(0.0);
        self.nulls.fill(0.0);
    }
}

impl Journeys {
    /// Brings checked paths into this form, and says in which cells the journeys of each path are. A value
    /// without a conversion is left out.
    pub(crate) fn new(paths: &Paths) -> (Self, Vec<Placed>) {
        let mut placed = vec![Placed::default(); paths.len()];
        let (names, touches) = paths.by_name();
        let path =
            |row: u32| &touches[paths.offsets[row as usize]..paths.offsets[row as usize + 1]];
        let days = |row: u32| paths.days_of(row as usize);
        let worth = |row: u32| {
            let (value, count) = (paths.values[row as usize], paths.conversions[row as usize]);
            if count > 0.0 { value / count } else { 0.0 }
        };
        let alike = |a: u32, b: u32| {
            compare_days(days(a), days(b)).then_with(|| worth(a).total_cmp(&worth(b)))
        };
        let mut order: Vec<u32> = (0..paths.len() as u32).collect();
        crate::order::sort_rows(&mut order, &|a, b| {
            let ends = |row: u32| [paths.conversions[row as usize], paths.nulls[row as usize]];
            let more = ends(a)
                .into_iter()
                .zip(ends(b))
                .map(|(x, y)| x.total_cmp(&y));
            let by_ends = || {
                more.into_iter()
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            };
            path(a)
                .cmp(path(b))
                .then_with(|| alike(a, b))
                .then_with(by_ends)
        });
        let mut journeys = Self {
            names,
            offsets: vec![0],
            ..Self::default()
        };
        let sum = |rows: &[u32], counts: &[f64]| rows.iter().map(|&row| counts[row as usize]).sum();
        for group in order.chunk_by(|&a, &b| path(a) == path(b)) {
            let sequence = journeys.len() as u32;
            journeys.touches.extend_from_slice(path(group[0]));
            journeys.offsets.push(journeys.touches.len());
            for rows in group.chunk_by(|&a, &b| alike(a, b).is_eq()) {
                let count = sum(rows, &paths.conversions);
                let cell = journeys.add(sequence, true, count, worth(rows[0]), rows[0]);
                for &row in rows {
                    placed[row as usize].converted = cell;
                }
            }
            let nulls = sum(group, &paths.nulls);
            let cell = journeys.add(sequence, false, nulls, 0.0, group[0]);
            for &row in group {
                placed[row as usize].not_converted = cell;
            }
            journeys
                .observed
                .conversions
                .push(sum(group, &paths.conversions));
            let valued = group
                .iter()
                .filter(|&&row| paths.conversions[row as usize] > 0.0);
            let values = valued.map(|&row| paths.values[row as usize]).sum();
            journeys.observed.values.push(values);
            journeys.observed.nulls.push(nulls);
        }
        (journeys, placed)
    }

    /// Where the new cell stands, or would if it held anything.
    fn add(&mut self, sequence: u32, converted: bool, count: f64, worth: f64, path: u32) -> u32 {
        let place = self.cells.len() as u32;
        if count > 0.0 {
            self.cells.push(Cell {
                sequence,
                converted,
                count,
                worth,
                path,
            });
        }
        place
    }

    /// How many distinct sequences there are.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many channels there are.
    pub(crate) fn channels(&self) -> usize {
        self.names.len()
    }

    /// The channels of a sequence.
    pub(crate) fn sequence(&self, index: usize) -> &[u32] {
        &self.touches[self.offsets[index]..self.offsets[index + 1]]
    }

    /// All sequences in order.
    pub(crate) fn sequences(&self) -> impl Iterator<Item = &[u32]> {
        self.offsets
            .windows(2)
            .map(|ends| &self.touches[ends[0]..ends[1]])
    }

    /// How many journeys there are, over all ends.
    pub(crate) fn total(&self) -> f64 {
        self.cells.iter().map(|cell| cell.count).sum()
    }

    /// Gathers drawn cell counts into ends per sequence.
    pub(crate) fn gather(&self, drawn: &[f64], ends: &mut Ends) {
        ends.clear();
        for (cell, &count) in self.cells.iter().zip(drawn) {
            let sequence = cell.sequence as usize;
            if cell.converted {
                ends.conversions[sequence] += count;
                ends.values[sequence] += count * cell.worth;
            } else {
                ends.nulls[sequence] += count;
            }
        }
    }
}
