//! What the credit would have been with other users of the same kind: the bootstrap.

use super::boxes::Boxes;
use super::measure::{Measured, Measurer};
use super::sample::Bits;

/// How far off the removal effects of a resample may be: far below what resampling varies.
const TOLERANCE: f64 = 1e-7;

/// The credit of one method in every resample.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Samples {
    channels: usize,
    /// Which resample each is; those of other methods on the same draws have the same numbers.
    draws: Vec<u32>,
    /// Whether they come from draws of their own, that no other method shares.
    own: bool,
    /// Resample by resample, channel by channel.
    shares: Vec<f64>,
    values: Vec<f64>,
    /// Per resample, all its conversions.
    totals: Vec<f64>,
}

impl Samples {
    /// How many resamples there are.
    pub(crate) fn len(&self) -> usize {
        self.totals.len()
    }

    /// None yet, from draws that no other method shares.
    pub(crate) fn own() -> Self {
        Self {
            own: true,
            ..Self::default()
        }
    }

    /// Whether others are worked out on the same draws, so that what differs between them is not chance.
    pub(crate) fn paired(&self, other: &Self) -> bool {
        !self.own && !other.own
    }

    /// Adds the credit in resample number `draw`; its conversions were `total`.
    pub(crate) fn push(&mut self, draw: u32, shares: &[f64], values: &[f64], total: f64) {
        self.channels = shares.len();
        self.draws.push(draw);
        self.shares.extend_from_slice(shares);
        self.values.extend_from_slice(values);
        self.totals.push(total);
    }

    fn column<'a>(&self, cells: &'a [f64], channel: usize) -> impl Iterator<Item = &'a f64> {
        cells.iter().skip(channel).step_by(self.channels.max(1))
    }

    /// The share of a channel in every resample.
    pub(crate) fn shares(&self, channel: usize) -> Vec<f64> {
        self.column(&self.shares, channel).copied().collect()
    }

    /// The conversions of a channel in every resample.
    pub(crate) fn conversions(&self, channel: usize) -> Vec<f64> {
        let shares = self.column(&self.shares, channel);
        shares
            .zip(&self.totals)
            .map(|(share, total)| share * total)
            .collect()
    }

    /// The value of a channel in every resample; empty where nothing is known.
    pub(crate) fn values(&self, channel: usize) -> Vec<f64> {
        self.column(&self.values, channel).copied().collect()
    }

    /// The same with the channels at these places, 0 for those at none.
    pub(crate) fn picked(&self, places: &[Option<usize>]) -> Self {
        let pick = |cells: &[f64]| -> Vec<f64> {
            let lines = cells.chunks_exact(self.channels.max(1));
            let of = |line: &[f64]| -> Vec<f64> {
                let cell = |place: &Option<usize>| place.map_or(0.0, |place| line[place]);
                places.iter().map(cell).collect()
            };
            lines.flat_map(of).collect()
        };
        Self {
            channels: places.len(),
            shares: pick(&self.shares),
            values: pick(&self.values),
            ..self.clone()
        }
    }

    /// The places in both of what belongs together: the same draw, or, where draws are not shared, any two.
    pub(crate) fn together(&self, other: &Self) -> Vec<(usize, usize)> {
        if !self.paired(other) {
            return (0..self.len().min(other.len()))
                .map(|at| (at, at))
                .collect();
        }
        let mut pairs = Vec::with_capacity(self.len());
        let mut there = 0;
        for (here, draw) in self.draws.iter().enumerate() {
            while other.draws.get(there).is_some_and(|known| known < draw) {
                there += 1;
            }
            if other.draws.get(there) == Some(draw) {
                pairs.push((here, there));
            }
        }
        pairs
    }

    /// In what part of the resamples channel `a` gets more than `b`; a tie is half a win.
    pub(crate) fn above(&self, a: usize, b: usize) -> f64 {
        let wins: f64 = self
            .shares
            .chunks_exact(self.channels)
            .map(|shares| match shares[a].total_cmp(&shares[b]) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            })
            .sum();
        wins / self.len() as f64
    }

    /// Per channel, in what part of the resamples it has each rank, the first rank first. Channels
    /// that tie share their ranks equally.
    pub(crate) fn ranks(&self) -> Vec<Vec<f64>> {
        let channels = self.channels;
        let mut ranks = vec![vec![0.0; channels]; channels];
        let mut order: Vec<usize> = (0..channels).collect();
        for shares in self.shares.chunks_exact(channels) {
            crate::order::sort_by(&mut order, |&a, &b| {
                shares[b].total_cmp(&shares[a]).then(a.cmp(&b))
            });
            let mut first = 0;
            for tied in order.chunk_by(|&a, &b| shares[a] == shares[b]) {
                let part = 1.0 / (tied.len() * self.len()) as f64;
                for &channel in tied {
                    for rank in &mut ranks[channel][first..first + tied.len()] {
                        *rank += part;
                    }
                }
                first += tied.len();
            }
        }
        ranks
    }
}

/// The interval that holds the middle `confidence` of the values: percentiles, linear between the
/// order statistics (Hyndman and Fan 1996, type 7). `None` of none.
pub(crate) fn interval(mut values: Vec<f64>, confidence: f64) -> Option<[f64; 2]> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |share: f64| {
        let place = share * last as f64;
        let low = place.floor() as usize;
        let high = (low + 1).min(last);
        values[low] + (values[high] - values[low]) * (place - low as f64)
    };
    let tail = (1.0 - confidence) / 2.0;
    Some([at(tail), at(1.0 - tail)])
}

/// Draws resamples one at a time.
#[derive(Debug)]
pub(crate) struct Bootstrap {
    boxes: Boxes,
    seed: u64,
    /// How many are drawn in all, and in how many of them the chain is solved.
    pub(crate) wanted: usize,
    pub(crate) solved: usize,
    pub(crate) done: usize,
    /// Per cell, its journeys in the resample.
    drawn: Vec<f64>,
    /// By method.
    pub(crate) samples: Vec<Samples>,
}

impl Bootstrap {
    /// A bootstrap of so many resamples, with the chain solved in the first `solved` of them.
    pub(crate) fn new(
        boxes: Boxes,
        measurer: &Measurer,
        seed: u64,
        wanted: usize,
        solved: usize,
    ) -> Self {
        Self {
            boxes,
            seed,
            wanted,
            solved: solved.min(wanted),
            done: 0,
            drawn: vec![0.0; measurer.journeys.cells.len()],
            samples: vec![Samples::default(); measurer.methods.len()],
        }
    }

    /// Draws the next resample and keeps its credit. Resample `i` has a stream of random bits of its
    /// own. One without a conversion has no shares and is passed over.
    pub(crate) fn step(&mut self, measurer: &mut Measurer) {
        let mut bits = Bits::new(self.seed, self.done as u64);
        self.boxes.draw(&mut bits, &mut self.drawn);
        let markov = self.done < self.solved;
        let measured: Measured = measurer.drawn(&self.drawn, TOLERANCE, markov);
        self.done += 1;
        if measured.conversions == 0.0 {
            return;
        }
        for (samples, credit) in self.samples.iter_mut().zip(&measured.credits) {
            if let Some(credit) = credit {
                let draw = self.done as u32 - 1;
                samples.push(draw, &credit.shares, &credit.values, measured.conversions);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_as_numpy_has_them() {
        let values = vec![3.0, 1.0, 2.0, 10.0, 4.0];
        let [low, high] = interval(values, 0.9).expect("not empty");
        assert!((low - 1.2).abs() < 1e-12 && (high - 8.8).abs() < 1e-12);
        assert_eq!(interval(vec![5.0], 0.95), Some([5.0, 5.0]));
        assert_eq!(interval(Vec::new(), 0.95), None);
    }

    #[test]
    fn ranks_and_wins_with_ties() {
        let mut samples = Samples::default();
        samples.push(0, &[0.5, 0.3, 0.2], &[], 10.0);
        samples.push(1, &[0.4, 0.4, 0.2], &[], 20.0);
        let ranks = samples.ranks();
        assert_eq!(
            ranks,
            [[0.75, 0.25, 0.0], [0.25, 0.75, 0.0], [0.0, 0.0, 1.0]]
        );
        assert_eq!(samples.above(0, 1), 0.75);
        assert_eq!(samples.above(2, 0), 0.0);
        assert_eq!(samples.conversions(1), [3.0, 8.0]);
    }

    #[test]
    fn draws_are_matched_by_their_number() {
        let (mut some, mut all) = (Samples::default(), Samples::default());
        for draw in 0..4 {
            all.push(draw, &[1.0], &[], 1.0);
            if draw % 2 == 1 {
                some.push(draw, &[1.0], &[], 1.0);
            }
        }
        assert_eq!(some.together(&all), [(0, 1), (1, 3)]);
        assert_eq!(all.together(&some), [(1, 0), (3, 1)]);
        let mut own = Samples::own();
        (0..3).for_each(|draw| own.push(draw, &[1.0], &[], 1.0));
        assert!(all.paired(&some) && !own.paired(&all));
        assert_eq!(own.together(&all), [(0, 0), (1, 1), (2, 2)]);
    }
}
