//! What the network is fed: touches as vocabulary entries, in batches.

use crate::prepare::Journeys;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The most entries of a vocabulary; rarer names share the entry of the unknown.
pub const MAX_VOCABULARY: usize = 4_096;

/// What a model takes in: learned from the training journeys, kept with its parameters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inputs {
    /// Names of the channels by entry, from entry 1; entry 0 is any other channel.
    pub channels: Vec<String>,
    /// Names of the event types by entry, from entry 1; empty where there are none.
    pub events: Vec<String>,
    /// How often each entry occurs in the training journeys, the unknown first.
    pub channel_counts: Vec<u32>,
    /// The same of event types.
    pub event_counts: Vec<u32>,
    /// Whether the time since the touch before is an input.
    pub gaps: bool,
    /// Which columns of the design matrix join before the last layer.
    pub statics: Vec<u32>,
}

/// Journeys as the network sees them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JourneyRows {
    /// Where the touches of each journey start; one more than there are journeys.
    pub offsets: Vec<u32>,
    /// The channel entry of each touch.
    pub channels: Vec<u16>,
    /// The event entry of each touch; empty where the model has none.
    pub events: Vec<u16>,
    /// ln(1 + hours since the touch before); empty where the model has none.
    pub gaps: Vec<f32>,
    /// The features of each journey, row-major.
    pub statics: Vec<f32>,
    /// How many features a journey has.
    pub width: usize,
}

/// Some journeys side by side, longest first. Arrays of touches are time-major: touch `t` of row `b` is at
/// `t × rows + b`, and nothing is read of touches past a row's length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// How many journeys.
    pub rows: usize,
    /// The length of the longest, at least 1.
    pub steps: usize,
    /// The length of each, falling.
    pub lengths: Vec<u32>,
    /// How many rows have a touch at each step.
    pub active: Vec<usize>,
    /// Channel entries.
    pub channels: Vec<u16>,
    /// Event entries, or empty.
    pub events: Vec<u16>,
    /// Time inputs, or empty.
    pub gaps: Vec<f32>,
    /// Features of the journeys, `[rows, width]`.
    pub statics: Vec<f32>,
    /// Which journey each row is.
    pub order: Vec<u32>,
}

/// Codes of names by how often they occur, the most frequent first.
fn vocabulary(counts: &[u32]) -> Vec<usize> {
    let mut codes: Vec<usize> = (0..counts.len()).filter(|&code| counts[code] > 0).collect();
    if codes.len() >= MAX_VOCABULARY {
        codes.sort_by_key(|&code| std::cmp::Reverse(counts[code]));
        codes.truncate(MAX_VOCABULARY - 1);
        codes.sort_unstable();
    }
    codes
}

/// Names and counts of a vocabulary from the codes of the training touches.
fn learn(names: &[String], codes: impl Iterator<Item = u32>) -> (Vec<String>, Vec<u32>) {
    let mut counts = vec![0_u32; names.len()];
    let mut others = 0;
    for code in codes {
        match counts.get_mut(code as usize) {
            Some(count) => *count += 1,
            None => others += 1,
        }
    }
    let kept = vocabulary(&counts);
    let known: u32 = kept.iter().map(|&code| counts[code]).sum();
    let all = counts.iter().sum::<u32>() + others;
    let mut entries = vec![all - known];
    entries.extend(kept.iter().map(|&code| counts[code]));
    (
        kept.iter().map(|&code| names[code].clone()).collect(),
        entries,
    )
}

impl Inputs {
    /// Learns the vocabularies from the training journeys. `gaps` asks for time as an input, which is
    /// granted where times are known; `statics` are the columns of the design matrix to join.
    pub fn learn(journeys: &Journeys, train: &[u32], gaps: bool, statics: &[u32]) -> Self {
        let touches = |codes: &'_ [u32]| -> Vec<u32> {
            let of = |&row: &u32| codes[journeys.range(row as usize)].to_vec();
            train.iter().flat_map(of).collect()
        };
        let (channels, channel_counts) = learn(
            &journeys.channels,
            touches(&journeys.touch_channels).into_iter(),
        );
        let (events, event_counts) = if journeys.touch_events.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            learn(
                &journeys.events,
                touches(&journeys.touch_events).into_iter(),
            )
        };
        Self {
            channels,
            events,
            channel_counts,
            event_counts,
            gaps: gaps && !journeys.gap_hours.is_empty(),
            statics: statics.to_vec(),
        }
    }

    /// Whether event types are an input.
    pub fn has_events(&self) -> bool {
        !self.event_counts.is_empty()
    }

    /// Journeys of this or another file as the network sees them, and how many of their touches are of
    /// channels that no training journey had. `statics` holds the features of each journey, row-major, in
    /// the order of [`Inputs::statics`].
    pub fn encode(&self, journeys: &Journeys, statics: Vec<f32>) -> (JourneyRows, usize) {
        let entries = |names: &[String], known: &[String]| -> Vec<u16> {
            let places: HashMap<&str, u16> = known
                .iter()
                .enumerate()
                .map(|(at, name)| (name.as_str(), at as u16 + 1))
                .collect();
            let place = |name: &String| places.get(name.as_str()).copied().unwrap_or(0);
            names.iter().map(place).collect()
        };
        let translate = |codes: &[u32], entries: &[u16]| -> Vec<u16> {
            let entry = |&code: &u32| entries.get(code as usize).copied().unwrap_or(0);
            codes.iter().map(entry).collect()
        };
        let touches = journeys.touch_channels.len();
        let channels = translate(
            &journeys.touch_channels,
            &entries(&journeys.channels, &self.channels),
        );
        let events = match (self.has_events(), journeys.touch_events.is_empty()) {
            (false, _) => Vec::new(),
            (true, true) => vec![0; touches],
            (true, false) => translate(
                &journeys.touch_events,
                &entries(&journeys.events, &self.events),
            ),
        };
        let gaps = match (self.gaps, journeys.gap_hours.is_empty()) {
            (false, _) => Vec::new(),
            (true, true) => vec![0.0; touches],
            (true, false) => journeys.gap_hours.iter().map(|&hours| gap(hours)).collect(),
        };
        let unknown = channels.iter().filter(|&&entry| entry == 0).count();
        let rows = JourneyRows {
            offsets: journeys.offsets.clone(),
            channels,
            events,
            gaps,
            statics,
            width: self.statics.len(),
        };
        (rows, unknown)
    }

    /// The features of all rows that join before the last layer, from a row-major design matrix.
    pub fn pick_statics(&self, x: &[f32], width: usize) -> Vec<f32> {
        if self.statics.is_empty() {
            return Vec::new();
        }
        let row = |row: &'_ [f32]| -> Vec<f32> {
            let at = |&place: &u32| row[place as usize];
            self.statics.iter().map(at).collect()
        };
        x.chunks_exact(width).flat_map(row).collect()
    }
}

/// The time input of a gap in hours.
fn gap(hours: f32) -> f32 {
    if hours.is_finite() {
        hours.max(0.0).ln_1p()
    } else {
        0.0
    }
}

impl JourneyRows {
    /// How many journeys there are.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many touches a journey has.
    pub fn length(&self, row: u32) -> u32 {
        self.offsets[row as usize + 1] - self.offsets[row as usize]
    }

    /// Says how the given journeys lie side by side, longest first (ties in the order given), without their
    /// touches and features. What `batch` told of that before is overwritten.
    pub fn arrange(&self, rows: &[u32], batch: &mut Batch) {
        batch.order.clear();
        batch.order.extend_from_slice(rows);
        batch
            .order
            .sort_by_key(|&row| std::cmp::Reverse(self.length(row)));
        batch.rows = rows.len();
        batch.lengths.clear();
        let lengths = batch.order.iter().map(|&row| self.length(row));
        batch.lengths.extend(lengths);
        batch.steps = batch
            .lengths
            .first()
            .map_or(1, |&longest| longest.max(1) as usize);
        batch.active.clear();
        batch.active.resize(batch.steps, 0);
        for &length in &batch.lengths {
            batch.active[..length as usize]
                .iter_mut()
                .for_each(|n| *n += 1);
        }
    }

    /// Lays the given journeys side by side, longest first (ties in the order given). What `batch` held before is
    /// overwritten.
    pub fn fill(&self, rows: &[u32], batch: &mut Batch) {
        self.arrange(rows, batch);
        let cells = batch.steps * batch.rows;
        batch.channels.resize(cells, 0);
        batch
            .events
            .resize(if self.events.is_empty() { 0 } else { cells }, 0);
        batch
            .gaps
            .resize(if self.gaps.is_empty() { 0 } else { cells }, 0.0);
        batch.statics.clear();
        for (b, &row) in batch.order.iter().enumerate() {
            let start = self.offsets[row as usize] as usize;
            let length = self.length(row) as usize;
            let at = |t: usize| t * batch.rows + b;
            for t in 0..length {
                batch.channels[at(t)] = self.channels[start + t];
            }
            if !self.events.is_empty() {
                for t in 0..length {
                    batch.events[at(t)] = self.events[start + t];
                }
            }
            if !self.gaps.is_empty() {
                for t in 0..length {
                    batch.gaps[at(t)] = self.gaps[start + t];
                }
            }
            let statics = &self.statics[row as usize * self.width..][..self.width];
            batch.statics.extend_from_slice(statics);
        }
    }
}
