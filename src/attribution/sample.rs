//! Multinomial counts, the same on every machine: additions, products, quotients, square roots and
//! random bits, and no function whose last digit a platform may choose.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Half-and-half splits of more trials than this are drawn from [`COARSE`] trials and stretched.
const FINE: u32 = 4096;
const COARSE: u32 = 1024;
/// A cell that is expected so often is counted by the tree.
const OFTEN: f64 = 16.0;
/// Stands for all cells that are not in the tree.
const REST: u32 = u32::MAX;

/// Random bits from ChaCha8.
#[derive(Debug)]
pub(crate) struct Bits {
    source: ChaCha8Rng,
    word: u64,
    left: u32,
}

impl Bits {
    /// The bits of one stream of a seed; streams have nothing to do with each other.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        Self {
            source,
            word: 0,
            left: 0,
        }
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    fn unit(&mut self) -> f64 {
        (self.source.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How many of so many fair coins show heads.
    fn heads(&mut self, coins: u32) -> u32 {
        let whole: u32 = (0..coins / 64)
            .map(|_| self.source.next_u64().count_ones())
            .sum();
        let rest = coins % 64;
        if rest == 0 {
            return whole;
        }
        if self.left < rest {
            self.word = self.source.next_u64();
            self.left = 64;
        }
        let part = self.word & ((1 << rest) - 1);
        self.word >>= rest;
        self.left -= rest;
        whole + part.count_ones()
    }

    /// Binomial(trials, 1/2). Above [`FINE`] trials, mean and variance are exact and the shape is that
    /// of Binomial([`COARSE`], 1/2), which nobody can tell from the normal.
    fn half(&mut self, trials: u32) -> u32 {
        if trials <= FINE {
            return self.heads(trials);
        }
        let (wanted, drawn) = (f64::from(trials), f64::from(COARSE));
        let above = f64::from(self.heads(COARSE)) - drawn / 2.0;
        let count = wanted / 2.0 + above * (wanted / drawn).sqrt();
        (count + self.unit()).floor().clamp(0.0, wanted) as u32
    }

    /// Binomial(trials, p) for p = `chance` / 2⁶⁴.
    ///
    /// Every trial compares a uniform number with p, bit by bit from the highest, and only those that
    /// still agree with p draw another bit (Knuth and Yao 1976): two bits per trial on average, drawn
    /// for all trials at once.
    pub(crate) fn binomial(&mut self, trials: u32, mut chance: u64) -> u32 {
        let (mut open, mut successes) = (trials, 0);
        while open > 0 && chance != 0 {
            let below = self.half(open);
            if chance >> 63 == 1 {
                successes += below;
                open -= below;
            } else {
                open = below;
            }
            chance <<= 1;
        }
        successes
    }
}

/// `share` (0 to 1) in units of 2⁻⁶⁴.
pub(crate) fn chance(share: f64) -> u64 {
    (share * 18_446_744_073_709_551_616.0) as u64
}

/// Draws how often each of many cells comes up in a number of trials.
///
/// Cells that are expected often are counted by splitting the trials down a binary tree, all other
/// trials are placed one by one by Walker's (1977) alias method.
#[derive(Debug)]
pub(crate) struct Multinomial {
    cells: usize,
    trials: u32,
    /// The cells of the tree, and [`REST`] for all others together.
    often: Vec<u32>,
    /// A binary tree over `often`, parent before left before right subtree: where the right one
    /// begins, and the probability of the left one.
    splits: Vec<(u32, u64)>,
    rest: Alias,
}

impl Multinomial {
    /// So many trials over cells of these positive weights.
    pub(crate) fn new(weights: &[f64], trials: u32) -> Self {
        let total: f64 = weights.iter().sum();
        let often = |weight: f64| weight * f64::from(trials) >= OFTEN * total;
        let all = || weights.iter().enumerate();
        let (mut cells, mut before): (Vec<u32>, Vec<f64>) = (Vec::new(), vec![0.0]);
        let mut sum = 0.0;
        for (cell, &weight) in all().filter(|&(_, &weight)| often(weight)) {
            sum += weight;
            cells.push(cell as u32);
            before.push(sum);
        }
        let rare: Vec<(u32, f64)> = all()
            .filter(|&(_, &weight)| !often(weight))
            .map(|(cell, &weight)| (cell as u32, weight))
            .collect();
        if !rare.is_empty() {
            cells.push(REST);
            before.push(sum + rare.iter().map(|(_, weight)| weight).sum::<f64>());
        }
        let mut splits = Vec::with_capacity(cells.len());
        split(&before, (0, cells.len()), &mut splits);
        Self {
            cells: weights.len(),
            trials,
            often: cells,
            splits,
            rest: Alias::new(&rare),
        }
    }

    /// Fills in how often each cell came up.
    pub(crate) fn draw(&self, bits: &mut Bits, counts: &mut [u32]) {
        debug_assert_eq!(counts.len(), self.cells);
        counts.fill(0);
        self.place(bits, counts, (0, self.often.len()), 0, self.trials);
    }

    fn place(
        &self,
        bits: &mut Bits,
        counts: &mut [u32],
        (first, end): (usize, usize),
        node: usize,
        trials: u32,
    ) {
        if trials == 0 {
            return;
        }
        if end - first == 1 {
            match self.often[first] {
                REST => self.rest.place(bits, counts, trials),
                cell => counts[cell as usize] = trials,
            }
            return;
        }
        let (at, left) = self.splits[node];
        let at = at as usize;
        let lefts = bits.binomial(trials, left);
        self.place(bits, counts, (first, at), node + 1, lefts);
        // A subtree over n cells has n − 1 nodes.
        self.place(bits, counts, (at, end), node + at - first, trials - lefts);
    }
}

/// Parts a range of cells where half of its weight lies to either side, or nearly, and each part
/// again. `before` holds the weights of all cells before each.
fn split(before: &[f64], (first, end): (usize, usize), splits: &mut Vec<(u32, u64)>) {
    if end - first < 2 {
        return;
    }
    let (low, high) = (before[first], before[end]);
    let middle = low + (high - low) / 2.0;
    let mut at = first + 1 + before[first + 1..end].partition_point(|&weight| weight < middle);
    if at == end || (at > first + 1 && middle - before[at - 1] < before[at] - middle) {
        at -= 1;
    }
    let left = (before[at] - low) / (high - low);
    splits.push((at as u32, chance(left)));
    split(before, (first, at), splits);
    split(before, (at, end), splits);
}

/// Walker's alias table: every slot belongs to one cell up to a limit and to another beyond it.
#[derive(Debug)]
struct Alias {
    /// The cell up to the limit, the other cell, and the limit in units of 2⁻³².
    slots: Vec<(u32, u32, u32)>,
}

impl Alias {
    fn new(cells: &[(u32, f64)]) -> Self {
        let total: f64 = cells.iter().map(|(_, weight)| weight).sum();
        let scale = cells.len() as f64 / total;
        let mut parts: Vec<f64> = cells.iter().map(|(_, weight)| weight * scale).collect();
        let mut slots: Vec<_> = cells
            .iter()
            .map(|&(cell, _)| (cell, cell, u32::MAX))
            .collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..cells.len()).partition(|&slot| parts[slot] < 1.0);
        while let (Some(slot), Some(&giver)) = (small.pop(), large.last()) {
            slots[slot].1 = cells[giver].0;
            slots[slot].2 = (parts[slot] * 4_294_967_296.0) as u32;
            parts[giver] -= 1.0 - parts[slot];
            if parts[giver] < 1.0 {
                large.pop();
                small.push(giver);
            }
        }
        Self { slots }
    }

    /// One random word per trial picks the slot and, with what is left of it, the side: in a table of
    /// at most 2¹⁶ slots a half word, which is fine to 2⁻¹⁶ of a slot.
    fn place(&self, bits: &mut Bits, counts: &mut [u32], trials: u32) {
        let slots = self.slots.len() as u64;
        let short = slots <= 1 << 16;
        for _ in 0..trials {
            let (slot, rest) = if short {
                let scaled = u64::from(bits.source.next_u32()) * slots;
                (scaled >> 32, scaled as u32)
            } else {
                let word = bits.source.next_u64();
                (((word >> 32) * slots) >> 32, word as u32)
            };
            let (cell, other, limit) = self.slots[slot as usize];
            counts[if rest < limit { cell } else { other } as usize] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance over many draws, with the tolerance of five standard errors.
    fn moments(draws: usize, mut draw: impl FnMut() -> u32, mean: f64, variance: f64) {
        let values: Vec<f64> = (0..draws).map(|_| f64::from(draw())).collect();
        let n = draws as f64;
        let average = values.iter().sum::<f64>() / n;
        let spread = values
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / n;
        assert!(
            (average - mean).abs() < 5.0 * (variance / n).sqrt(),
            "{average} for {mean}"
        );
        assert!(
            (spread / variance - 1.0).abs() < 5.0 * (3.0 / n).sqrt(),
            "{spread} for {variance}"
        );
    }

    #[test]
    fn binomials_have_their_moments() {
        let mut bits = Bits::new(1, 0);
        for (trials, p) in [
            (1, 0.3),
            (7, 0.5),
            (100, 0.02),
            (3000, 0.7),
            (100_000, 0.5),
            (4_000_000, 0.123),
        ] {
            let n = f64::from(trials);
            moments(
                4000,
                || bits.binomial(trials, chance(p)),
                n * p,
                n * p * (1.0 - p),
            );
        }
        assert_eq!(bits.binomial(1000, 0), 0);
    }

    #[test]
    fn small_binomials_follow_the_formula() {
        let (mut bits, mut seen) = (Bits::new(5, 3), [0_u32; 4]);
        for _ in 0..40_000 {
            seen[bits.binomial(3, chance(0.2)) as usize] += 1;
        }
        for (count, probability) in seen.into_iter().zip([0.512, 0.384, 0.096, 0.008]) {
            let expected = 40_000.0 * probability;
            assert!(
                (f64::from(count) - expected).abs() < 5.0 * f64::sqrt(expected),
                "{seen:?}"
            );
        }
    }

    #[test]
    fn cells_come_up_as_often_as_they_weigh() {
        let weights = [1.0, 0.5, 40.0, 3.0, 3.0, 1000.0, 0.25, 7.0];
        let total: f64 = weights.iter().sum();
        for trials in [3, 60, 20_000] {
            let multinomial = Multinomial::new(&weights, trials);
            let mut drawn = vec![0; weights.len()];
            for (cell, weight) in weights.into_iter().enumerate() {
                let mut stream = 0;
                let draw = || {
                    stream += 1;
                    multinomial.draw(&mut Bits::new(9, stream), &mut drawn);
                    assert_eq!(drawn.iter().sum::<u32>(), trials);
                    drawn[cell]
                };
                let (n, p) = (f64::from(trials), weight / total);
                // The variance of a rare cell is itself too uncertain to be judged.
                if n * p > 1.0 {
                    moments(4000, draw, n * p, n * p * (1.0 - p));
                }
            }
        }
    }

    #[test]
    fn a_hundred_thousand_rare_cells() {
        let weights: Vec<f64> = (0..100_000).map(|cell| 1.0 + f64::from(cell % 2)).collect();
        let multinomial = Multinomial::new(&weights, 50_000);
        let (mut drawn, mut stream) = (vec![0; weights.len()], 0);
        let odd = || {
            stream += 1;
            multinomial.draw(&mut Bits::new(2, stream), &mut drawn);
            drawn.iter().skip(1).step_by(2).sum()
        };
        moments(400, odd, 50_000.0 * 2.0 / 3.0, 50_000.0 * 2.0 / 9.0);
    }

    #[test]
    fn the_draws_of_a_seed_never_change() {
        let multinomial = Multinomial::new(&[5.0, 0.001, 2.5, 100.0, 0.002], 30_000);
        let mut drawn = [0; 5];
        multinomial.draw(&mut Bits::new(42, 7), &mut drawn);
        assert_eq!(drawn, [1394, 0, 707, 27_897, 2]);
    }
}
