//! What is left out of an update, drawn from where it stands: the same on every device, without a list to carry.

use super::host::Masks;
use super::{Batch, JourneyShape};

/// Marks the masks of the last states, beside those of the LSTMs, which count from 0.
const OF_LAST: u32 = u32::MAX;

/// The shares that are left out of every update (Srivastava et al. 2014), the same at every step of time (Gal &
/// Ghahramani 2016).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// Of the states that go into the recurrent product, from 0 to below 1.
    pub recurrent: f64,
    /// Of the last states, from 0 to below 1.
    pub last: f64,
    /// What the draws rest on.
    pub seed: u64,
}

/// Draws of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draws {
    /// What they rest on.
    pub seed: u32,
    /// A number is kept where its draw is no smaller.
    pub least: u32,
    /// What a number that is kept is multiplied by.
    pub factor: f32,
}

impl Draws {
    fn new(seed: u64, kind: u32, share: f64) -> Self {
        let folded = seed as u32 ^ ((seed >> 32) as u32).wrapping_mul(0x9e37_79b9);
        Self {
            seed: folded ^ kind.wrapping_mul(0x85eb_ca6b),
            least: (share * 4_294_967_296.0) as u32,
            factor: (1.0 / (1.0 - share)) as f32,
        }
    }

    /// What a unit of a journey is multiplied by in one update.
    pub fn factor(self, update: u32, journey: u32, unit: u32) -> f32 {
        if pcg(self.seed, update, journey, unit) >= self.least {
            self.factor
        } else {
            0.0
        }
    }

    fn fill(self, mask: &mut Vec<f32>, update: u32, journeys: &[u32], units: usize) {
        mask.clear();
        for &journey in journeys {
            mask.extend((0..units as u32).map(|unit| self.factor(update, journey, unit)));
        }
    }
}

/// The first number of PCG4D (Jarzynski & Olano 2020, "Hash Functions for GPU Rendering"), written for the GPU a
/// second time in `gpu/recurrence.rs`.
fn pcg(x: u32, y: u32, z: u32, w: u32) -> u32 {
    let spread = |v: u32| v.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    let (x, y, z, w) = (spread(x), spread(y), spread(z), spread(w));
    let x = x.wrapping_add(y.wrapping_mul(w));
    let y = y.wrapping_add(z.wrapping_mul(x));
    let z = z.wrapping_add(x.wrapping_mul(y));
    let w = w.wrapping_add(y.wrapping_mul(z));
    let (x, y, w) = (x ^ (x >> 16), y ^ (y >> 16), w ^ (w >> 16));
    x.wrapping_add(y.wrapping_mul(w))
}

impl Dropout {
    /// The draws for the recurrent product of one LSTM.
    pub fn of_cell(&self, cell: usize) -> Draws {
        Draws::new(self.seed, cell as u32, self.recurrent)
    }

    /// The draws for the last states.
    pub fn of_last(&self) -> Draws {
        Draws::new(self.seed, OF_LAST, self.last)
    }

    /// The masks of one update.
    pub fn draw(&self, update: u32, batch: &Batch, shape: &JourneyShape, masks: &mut Masks) {
        if self.recurrent > 0.0 {
            let cells = match shape.heads {
                0 => shape.layers * shape.directions(),
                _ => 0,
            };
            masks.recurrent.resize(cells, Vec::new());
            for (cell, mask) in masks.recurrent.iter_mut().enumerate() {
                self.of_cell(cell)
                    .fill(mask, update, &batch.order, shape.hidden);
            }
        }
        if self.last > 0.0 {
            let units = shape.directions() * shape.hidden;
            self.of_last()
                .fill(&mut masks.last, update, &batch.order, units);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 30 updates × 40 journeys × 50 units.
    fn kept(draws: Draws) -> Vec<[bool; 50]> {
        let line = |update, journey| {
            std::array::from_fn(|unit| draws.factor(update, journey, unit as u32) > 0.0)
        };
        let lines = (0..30).flat_map(|update| (0..40).map(move |journey| line(update, journey)));
        lines.collect()
    }

    #[test]
    fn the_share_asked_for_is_left_out_in_every_direction() {
        let dropout = Dropout {
            recurrent: 0.2,
            last: 0.5,
            seed: 77,
        };
        for (draws, share) in [(dropout.of_cell(0), 0.2), (dropout.of_last(), 0.5)] {
            let lines = kept(draws);
            let left_out = |of: &mut dyn Iterator<Item = bool>| {
                let (mut out, mut all) = (0.0, 0.0_f64);
                for kept in of {
                    all += 1.0;
                    out += if kept { 0.0 } else { 1.0 };
                }
                // How many standard deviations of a binomial it is off.
                (out / all - share) / (share * (1.0 - share) / all).sqrt()
            };
            assert!(left_out(&mut lines.iter().flatten().copied()).abs() < 4.0);
            for unit in 0..50 {
                assert!(left_out(&mut lines.iter().map(|line| line[unit])).abs() < 5.0);
            }
            for update in 0..30 {
                let of = &lines[update * 40..][..40];
                assert!(left_out(&mut of.iter().flatten().copied()).abs() < 5.0);
            }
            for journey in 0..40 {
                let of = lines.iter().skip(journey).step_by(40);
                assert!(left_out(&mut of.flatten().copied()).abs() < 5.0);
            }
        }
    }

    #[test]
    fn neighbours_in_any_direction_and_both_kinds_are_drawn_apart() {
        let dropout = Dropout {
            recurrent: 0.5,
            last: 0.5,
            seed: 5,
        };
        let (one, other) = (dropout.of_cell(0), dropout.of_last());
        let mut alike = [0.0; 5];
        let mut all = 0.0;
        for update in 0..30 {
            for journey in 0..40 {
                for unit in 0..50 {
                    let kept = |draws: Draws, u, j, n| draws.factor(u, j, n) > 0.0;
                    let here = kept(one, update, journey, unit);
                    let there = [
                        kept(one, update + 1, journey, unit),
                        kept(one, update, journey + 1, unit),
                        kept(one, update, journey, unit + 1),
                        kept(other, update, journey, unit),
                        kept(dropout.of_cell(1), update, journey, unit),
                    ];
                    all += 1.0;
                    for (alike, there) in alike.iter_mut().zip(there) {
                        *alike += f64::from(u8::from(there == here));
                    }
                }
            }
        }
        for alike in alike {
            let off: f64 = (alike / all - 0.5) / (0.25_f64 / all).sqrt();
            assert!(off.abs() < 5.0, "{off}");
        }
    }
}
