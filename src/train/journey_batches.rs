//! The order in which journeys are seen, in batches of journeys of like length.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// How many batches are sorted by length together. One would leave every batch as it was drawn.
const WINDOW: usize = 8;

/// Draws the batches of every epoch from one seed, the same on every device.
///
/// Journeys stand in random order; from every so many of them batches of like length are cut, so that
/// little is padded while no batch is known beforehand.
#[derive(Debug)]
pub(super) struct Batches {
    rng: ChaCha8Rng,
    rows: Vec<u32>,
    batch_size: usize,
}

impl Batches {
    pub fn new(seed: u64, rows: &[u32], batch_size: usize) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            batch_size: match batch_size {
                0 => rows.len().max(1),
                size => size,
            },
            rows: rows.to_vec(),
        }
    }

    /// How many batches every epoch has.
    pub fn count(&self) -> usize {
        let window = self.batch_size * WINDOW;
        let whole = self.rows.len() / window * WINDOW;
        whole + (self.rows.len() % window).div_ceil(self.batch_size)
    }

    /// The most rows that a batch may have.
    #[cfg(feature = "webgpu")]
    pub fn most_rows(&self) -> usize {
        self.batch_size.min(self.rows.len())
    }

    /// The batches of the next epoch: every row once. Those of a window differ by at most one row in size.
    pub fn epoch(&mut self, length: impl Fn(u32) -> u32) -> Vec<Vec<u32>> {
        self.rows.shuffle(&mut self.rng);
        let mut batches = Vec::with_capacity(self.count());
        for window in self.rows.chunks(self.batch_size * WINDOW) {
            let mut window = window.to_vec();
            window.sort_by_key(|&row| std::cmp::Reverse(length(row)));
            let count = window.len().div_ceil(self.batch_size);
            let end = |batch: usize| batch * window.len() / count;
            batches.extend((0..count).map(|batch| window[end(batch)..end(batch + 1)].to_vec()));
        }
        batches.shuffle(&mut self.rng);
        batches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_seen_once_with_others_of_its_length() {
        let rows: Vec<u32> = (0..1000).map(|row| row * 2).collect();
        let length = |row: u32| row % 7;
        let mut batches = Batches::new(3, &rows, 16);
        let mut again = Batches::new(3, &rows, 16);
        let epoch = batches.epoch(length);
        assert_eq!(epoch, again.epoch(length));
        assert_ne!(epoch, batches.epoch(length));
        assert_eq!(epoch.len(), batches.count());
        let mut seen = epoch.concat();
        seen.sort_unstable();
        assert_eq!(seen, rows);
        let spread = |batch: &Vec<u32>| {
            let lengths = || batch.iter().map(|&row| length(row));
            lengths().max().unwrap_or(0) - lengths().min().unwrap_or(0)
        };
        let mean = epoch.iter().map(spread).sum::<u32>() as f64 / epoch.len() as f64;
        assert!(mean < 2.5, "{mean}");
        assert_eq!(Batches::new(1, &rows, 0).count(), 1);
    }
}
