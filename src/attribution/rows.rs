//! Credit that is settled journey by journey: each sequence of touches has one fixed sharing-out, so
//! that a method is a sparse matrix and a resample is its product with the counts.

use super::direct::is_direct;
use super::journeys::Journeys;
use super::options::{Method, Settings};
use crate::prepare::paths::Paths;

/// The default half-life where the times of touches are known, in days.
const DEFAULT_DAYS: f64 = 7.0;
/// The default half-life where only their order is known, in steps.
const DEFAULT_STEPS: f64 = 1.0;

/// What a row of [`Rows`] stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A sequence of channels.
    Sequence,
    /// A cell of the journeys: time decay by days differs within a sequence.
    Cell,
}

/// Shares of channels, row by row; each row adds up to 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    pub(crate) unit: Unit,
    offsets: Vec<usize>,
    channels: Vec<u32>,
    shares: Vec<f64>,
}

impl Rows {
    /// The rows of a method; `None` for Markov, whose credit is not settled journey by journey.
    pub(crate) fn new(
        method: Method,
        journeys: &Journeys,
        paths: &Paths,
        settings: &Settings,
    ) -> Option<Self> {
        let mut rows = Builder::new(journeys.channels());
        match method {
            Method::Markov => return None,
            Method::First => rows.each(journeys, |_, weights| weights[0] = 1.0),
            Method::Last => rows.each(journeys, |touches, weights| {
                weights[touches.len() - 1] = 1.0
            }),
            Method::LastNonDirect => {
                let direct: Vec<bool> = journeys.names.iter().map(|name| is_direct(name)).collect();
                rows.each(journeys, |touches, weights| {
                    let sent = touches.iter().rposition(|&touch| !direct[touch as usize]);
                    weights[sent.unwrap_or(touches.len() - 1)] = 1.0;
                });
            }
            Method::Linear => rows.each(journeys, |_, weights| weights.fill(1.0)),
            Method::Position => {
                let parts = settings.position_weights;
                rows.each(journeys, |_, weights| position(parts, weights));
            }
            Method::TimeDecay if paths.days.is_some() => {
                let half = settings.half_life.unwrap_or(DEFAULT_DAYS);
                return Some(rows.decay_by_days(journeys, paths, half));
            }
            Method::TimeDecay => {
                let half = settings.half_life.unwrap_or(DEFAULT_STEPS);
                rows.each(journeys, |touches, weights| {
                    for (index, weight) in weights.iter_mut().enumerate() {
                        *weight = decay((touches.len() - 1 - index) as f64, half);
                    }
                });
            }
            Method::Shapley | Method::ShapleyOrdered => rows.each_channel(journeys),
        }
        Some(rows.done(Unit::Sequence))
    }

    /// How many shares there are in all.
    pub(crate) fn entries(&self) -> usize {
        self.shares.len()
    }

    /// Adds `counts[row] · share` to the channel of every share.
    pub(crate) fn add(&self, counts: &[f64], credit: &mut [f64]) {
        for (row, &count) in counts.iter().enumerate() {
            if count == 0.0 {
                continue;
            }
            let span = self.offsets[row]..self.offsets[row + 1];
            for (&channel, &share) in self.channels[span.clone()].iter().zip(&self.shares[span]) {
                credit[channel as usize] += count * share;
            }
        }
    }
}

/// What a touch counts that is so far from the end, when it counts half at `half`.
fn decay(distance: f64, half: f64) -> f64 {
    (-distance / half).exp2()
}

/// The parts of first, middle and last touches, not yet adding up to 1; the middle ones share theirs
/// equally. Two touches share in the proportion of first and last, equally if both are 0.
fn position([first, middle, last]: [f64; 3], weights: &mut [f64]) {
    let touches = weights.len();
    match touches {
        0 => {}
        1 => weights[0] = 1.0,
        2 if first + last > 0.0 => weights.copy_from_slice(&[first, last]),
        2 => weights.fill(1.0),
        _ => {
            weights.fill(middle / (touches - 2) as f64);
            weights[0] = first;
            weights[touches - 1] = last;
        }
    }
}

/// Turns touch weights into rows of channel shares.
struct Builder {
    rows: Rows,
    weights: Vec<f64>,
    /// Per channel, one more than its place in the current row; 0 where it has none.
    places: Vec<usize>,
}

impl Builder {
    fn new(channels: usize) -> Self {
        Self {
            rows: Rows {
                unit: Unit::Sequence,
                offsets: vec![0],
                channels: Vec::new(),
                shares: Vec::new(),
            },
            weights: Vec::new(),
            places: vec![0; channels],
        }
    }

    /// A row per sequence from the weights of its touches, which start at 0.
    fn each(&mut self, journeys: &Journeys, mut weigh: impl FnMut(&[u32], &mut [f64])) {
        for touches in journeys.sequences() {
            self.weights.clear();
            self.weights.resize(touches.len(), 0.0);
            weigh(touches, &mut self.weights);
            self.row(touches);
        }
    }

    /// A row per sequence that gives the same to each different channel.
    fn each_channel(&mut self, journeys: &Journeys) {
        for touches in journeys.sequences() {
            self.weights.clear();
            self.weights.resize(touches.len(), 1.0);
            let start = self.rows.shares.len();
            self.row(touches);
            let share = 1.0 / (self.rows.shares.len() - start) as f64;
            self.rows.shares[start..].fill(share);
        }
    }

    fn decay_by_days(mut self, journeys: &Journeys, paths: &Paths, half: f64) -> Rows {
        for cell in &journeys.cells {
            if !cell.converted {
                self.rows.offsets.push(self.rows.shares.len());
                continue;
            }
            let days = paths.days_of(cell.path as usize).unwrap_or(&[]);
            let nearest = days.iter().copied().fold(f64::INFINITY, f64::min);
            self.weights.clear();
            self.weights
                .extend(days.iter().map(|day| decay(day - nearest, half)));
            self.row(journeys.sequence(cell.sequence as usize));
        }
        self.done(Unit::Cell)
    }

    /// Closes a row: the weights, as shares, gathered by channel.
    fn row(&mut self, touches: &[u32]) {
        let total: f64 = self.weights.iter().sum();
        let start = self.rows.shares.len();
        for (&touch, &weight) in touches.iter().zip(&self.weights) {
            if weight == 0.0 {
                continue;
            }
            let place = &mut self.places[touch as usize];
            if *place == 0 {
                self.rows.channels.push(touch);
                self.rows.shares.push(0.0);
                *place = self.rows.shares.len();
            }
            self.rows.shares[*place - 1] += weight / total;
        }
        for &channel in &self.rows.channels[start..] {
            self.places[channel as usize] = 0;
        }
        self.rows.offsets.push(self.rows.shares.len());
    }

    fn done(mut self, unit: Unit) -> Rows {
        self.rows.unit = unit;
        self.rows
    }
}

/// Conversions per channel and position of touch after Zhao, Mahboobi and Bagheri (2018): each
/// channel's equal part of a journey, in equal parts at each of its own touches there. One list per
/// channel, of at most `limit` positions; the last holds all later ones too.
pub(crate) fn by_position(journeys: &Journeys, limit: usize) -> Vec<Vec<f64>> {
    let longest = journeys.sequences().map(<[u32]>::len).max().unwrap_or(0);
    let positions = longest.min(limit);
    let mut parts = vec![vec![0.0; positions]; journeys.channels()];
    let mut times = vec![0_u32; journeys.channels()];
    for (touches, &count) in journeys.sequences().zip(&journeys.observed.conversions) {
        if count == 0.0 {
            continue;
        }
        let mut different = 0.0;
        for &touch in touches {
            different += f64::from(u8::from(times[touch as usize] == 0));
            times[touch as usize] += 1;
        }
        for (index, &touch) in touches.iter().enumerate() {
            let own = f64::from(times[touch as usize]);
            parts[touch as usize][index.min(positions - 1)] += count / different / own;
        }
        for &touch in touches {
            times[touch as usize] = 0;
        }
    }
    parts
}
