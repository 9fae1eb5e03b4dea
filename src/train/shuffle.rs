//! The order in which rows are seen.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Draws the mini-batches of every epoch from one seed, the same on every device.
#[derive(Debug)]
pub(super) struct Shuffler {
    rng: ChaCha8Rng,
    block_sizes: Vec<usize>,
    batch_size: usize,
}

/// The order of one block in one epoch, cut into batches.
#[derive(Debug, PartialEq)]
pub(super) struct BlockOrder {
    /// Which block.
    pub block: usize,
    /// Every row of the block once, in the order of this epoch.
    pub rows: Vec<u32>,
    /// Where each batch ends in `rows`. Batches differ by at most one row in size.
    pub ends: Vec<usize>,
}

impl Shuffler {
    pub fn new(seed: u64, block_sizes: Vec<usize>, batch_size: usize) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            block_sizes,
            batch_size: batch_size.max(1),
        }
    }

    /// How many batches every epoch has.
    pub fn batches(&self) -> usize {
        self.block_sizes
            .iter()
            .map(|size| size.div_ceil(self.batch_size))
            .sum()
    }

    /// The next epoch: the blocks in random order, the rows of each in random order.
    pub fn epoch(&mut self) -> Vec<BlockOrder> {
        let mut blocks: Vec<usize> = (0..self.block_sizes.len()).collect();
        blocks.shuffle(&mut self.rng);
        blocks
            .into_iter()
            .map(|block| {
                let size = self.block_sizes[block];
                let mut rows: Vec<u32> = (0..size as u32).collect();
                rows.shuffle(&mut self.rng);
                let batches = size.div_ceil(self.batch_size);
                let ends = (1..=batches).map(|batch| batch * size / batches).collect();
                BlockOrder { block, rows, ends }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_seen_once_an_epoch_in_an_order_of_the_seed() {
        let sizes = vec![10, 7, 32];
        let mut first = Shuffler::new(1, sizes.clone(), 4);
        let mut again = Shuffler::new(1, sizes.clone(), 4);
        let mut other = Shuffler::new(2, sizes.clone(), 4);
        let epoch = first.epoch();
        assert_eq!(epoch, again.epoch());
        assert_ne!(epoch, other.epoch());
        assert_ne!(epoch, first.epoch(), "each epoch has an order of its own");
        let mut batches = 0;
        for order in &epoch {
            let mut rows = order.rows.clone();
            rows.sort_unstable();
            let all: Vec<u32> = (0..sizes[order.block] as u32).collect();
            assert_eq!(rows, all);
            let mut start = 0;
            for &end in &order.ends {
                assert!((3..=4).contains(&(end - start)), "{start}..{end}");
                start = end;
            }
            assert_eq!(start, sizes[order.block]);
            batches += order.ends.len();
        }
        assert_eq!(batches, first.batches());
        assert_eq!(batches, 3 + 2 + 8);
    }
}
