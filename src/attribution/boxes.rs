//! What is drawn anew in a resample: users with all of their journeys, or journeys one by one.

use super::journeys::{Journeys, Placed};
use super::sample::{Bits, Multinomial};
use crate::prepare::paths::Paths;
use crate::table::MISSING_CODE;
use std::cmp::Ordering;

/// The boxes of the multinomial bootstrap. Things that can't be told apart share one: journeys of a cell,
/// or users whose journeys are in the same cells.
#[derive(Debug)]
pub(crate) struct Boxes {
    boxes: Multinomial,
    counts: Vec<u32>,
    contents: Contents,
}

#[derive(Debug)]
enum Contents {
    /// Each box is a cell, and one trial stands for so many journeys: 1 where counts are whole.
    Cells(f64),
    /// Each box holds journeys in some cells: those of box `i` are `offsets[i]..offsets[i + 1]`.
    Users {
        offsets: Vec<usize>,
        cells: Vec<u32>,
        journeys: Vec<f64>,
    },
}

/// The journeys of a user: cells in order, each once, and how many journeys are in them.
type Holding = Vec<(u32, f64)>;

impl Boxes {
    /// Journeys are drawn.
    pub(crate) fn of_journeys(journeys: &Journeys) -> Self {
        let total = journeys.total();
        let trials = total.round().clamp(1.0, f64::from(u32::MAX));
        let counts: Vec<f64> = journeys.cells.iter().map(|cell| cell.count).collect();
        Self {
            boxes: Multinomial::new(&counts, trials as u32),
            counts: vec![0; counts.len()],
            contents: Contents::Cells(total / trials),
        }
    }

    /// Users are drawn: `users` says whose each path is, [`MISSING_CODE`] that it is nobody else's.
    pub(crate) fn of_users(paths: &Paths, placed: &[Placed], users: &[u32]) -> Self {
        let holdings = holdings(paths, placed, users);
        let mut weights = Vec::new();
        let (mut offsets, mut cells, mut journeys) = (vec![0], Vec::new(), Vec::new());
        for alike in holdings.chunk_by(|a, b| compare(a, b).is_eq()) {
            weights.push(alike.len() as f64);
            for &(cell, count) in &alike[0] {
                cells.push(cell);
                journeys.push(count);
            }
            offsets.push(cells.len());
        }
        Self {
            boxes: Multinomial::new(&weights, holdings.len() as u32),
            counts: vec![0; weights.len()],
            contents: Contents::Users {
                offsets,
                cells,
                journeys,
            },
        }
    }

    /// Draws as many users or journeys as there were, and fills in how many journeys that is per cell.
    pub(crate) fn draw(&mut self, bits: &mut Bits, drawn: &mut [f64]) {
        self.boxes.draw(bits, &mut self.counts);
        match &self.contents {
            Contents::Cells(scale) => {
                for (cell, &count) in drawn.iter_mut().zip(&self.counts) {
                    *cell = f64::from(count) * scale;
                }
            }
            Contents::Users {
                offsets,
                cells,
                journeys,
            } => {
                drawn.fill(0.0);
                for (spans, &count) in offsets.windows(2).zip(&self.counts) {
                    if count == 0 {
                        continue;
                    }
                    let span = spans[0]..spans[1];
                    for (&cell, journeys) in cells[span.clone()].iter().zip(&journeys[span]) {
                        drawn[cell as usize] += f64::from(count) * journeys;
                    }
                }
            }
        }
    }

    /// Additions per draw.
    pub(crate) fn cost(&self) -> u64 {
        match &self.contents {
            Contents::Cells(_) => 0,
            Contents::Users { cells, .. } => 2 * cells.len() as u64,
        }
    }
}

/// What every user holds, in an order that depends on nothing else.
fn holdings(paths: &Paths, placed: &[Placed], users: &[u32]) -> Vec<Holding> {
    let mut order: Vec<u32> = (0..paths.len() as u32).collect();
    let place = |path: u32| (users[path as usize], path);
    crate::order::sort_rows(&mut order, &|a, b| place(a).cmp(&place(b)));
    let same = |a: &u32, b: &u32| {
        let (a, b) = (users[*a as usize], users[*b as usize]);
        a == b && a != MISSING_CODE
    };
    let mut holdings: Vec<Holding> = order
        .chunk_by(same)
        .map(|own| holding(own, paths, placed))
        .filter(|holding| !holding.is_empty())
        .collect();
    crate::order::sort_by(&mut holdings, compare);
    holdings
}

fn holding(own: &[u32], paths: &Paths, placed: &[Placed]) -> Holding {
    let mut held = Holding::new();
    for &path in own {
        let (path, cells) = (path as usize, placed[path as usize]);
        for (cell, count) in [
            (cells.converted, paths.conversions[path]),
            (cells.not_converted, paths.nulls[path]),
        ] {
            if count > 0.0 {
                held.push((cell, count));
            }
        }
    }
    held.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    held.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    held
}

fn compare(a: &Holding, b: &Holding) -> Ordering {
    let pairs = a.iter().zip(b);
    let first = pairs
        .map(|(x, y)| x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)))
        .find(|order| order.is_ne());
    first.unwrap_or_else(|| a.len().cmp(&b.len()))
}
