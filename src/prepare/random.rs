//! Seeded randomness that is the same on every platform: ChaCha8, and integer arithmetic of fixed width.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers that depends on its seed alone.
#[derive(Debug, Clone)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A whole number from 0 to `bound − 1`, each equally likely; 0 where `bound` is 0.
    ///
    /// Lemire (2019), "Fast random integer generation in an interval", algorithm 5.
    pub fn below(&mut self, bound: u32) -> u32 {
        let mut product = u64::from(self.0.next_u32()) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u32) < threshold {
                product = u64::from(self.0.next_u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// A multiple of 2⁻³² in `[0, 1)`.
    pub fn uniform(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// Puts items in a random order, each order equally likely (Fisher–Yates).
    ///
    /// # Panics
    /// Where there are more than 2³² − 1 items.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let count = u32::try_from(items.len()).expect("tables have at most 2³² − 1 rows");
        for last in (1..count).rev() {
            let other = self.below(last + 1);
            items.swap(last as usize, other as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_covers_its_range_evenly() {
        let mut random = Random::new(1);
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            counts[random.below(6) as usize] += 1;
        }
        // Six standard deviations of a binomial with n = 60,000 and p = 1/6.
        for count in counts {
            assert!(
                (f64::from(count) - 10_000.0).abs() < 6.0 * 91.3,
                "{counts:?}"
            );
        }
        assert_eq!(random.below(1), 0);
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn a_seed_gives_the_same_order_for_ever() {
        let mut items: Vec<u32> = (0..10).collect();
        Random::new(42).shuffle(&mut items);
        let mut sorted = items.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..10).collect::<Vec<u32>>());
        assert_eq!(items, GOLDEN);
        let mut others: Vec<u32> = (0..10).collect();
        Random::new(43).shuffle(&mut others);
        assert_ne!(others, items);
    }

    // Written down from the first run; a change here would silently change every user's split.
    const GOLDEN: [u32; 10] = [0, 5, 3, 7, 9, 4, 8, 1, 6, 2];
}
