//! The journeys on the device, which go up once, and whether they fit.

use super::super::{Batch, Dropout, JourneyRows, JourneyShape};
use super::sizes::HEADER;
use super::{upload, upload_whole};
use crate::lstm::gpu_steps::TRACED;
use burn_cubecl::tensor::CubeTensor;

/// Workgroups along one dimension, each of which minds a row at least.
const MOST_ROWS: usize = 65_535;

/// Why a network is not for the GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GpuLimit {
    /// It has no kernels for such a network.
    Shape,
    /// The journeys or what a batch leaves behind are larger than one array may be there.
    Memory,
}

/// What a network on the GPU learns from.
#[derive(Debug, Clone, Copy)]
pub struct HeldJourneys<'a> {
    /// All journeys, of which batches take some.
    pub rows: &'a JourneyRows,
    /// Their outcomes, 0 or 1.
    pub outcomes: &'a [f32],
    /// How often each counts; `None` for once.
    pub weights: Option<&'a [f32]>,
}

/// They, on the device.
pub(super) struct Held {
    /// Where each journey's touches start, then each touch's channel entry and, in the upper half, event entry.
    pub whole: CubeTensor,
    /// The times of all touches, then the features, the outcomes and the weights of all journeys.
    pub real: CubeTensor,
    journeys: u32,
    touches: u32,
}

impl Held {
    pub fn new(like: &CubeTensor, journeys: &HeldJourneys<'_>) -> Self {
        let rows = journeys.rows;
        let event = |touch: usize| rows.events.get(touch).map_or(0, |&event| u32::from(event));
        let codes = rows.channels.iter().enumerate();
        let codes = codes.map(|(touch, &channel)| u32::from(channel) | event(touch) << 16);
        let whole: Vec<u32> = rows.offsets.iter().copied().chain(codes).collect();
        let ones = vec![1.0; rows.len()];
        let weights = journeys.weights.unwrap_or(&ones);
        let real = [&rows.gaps[..], &rows.statics, journeys.outcomes, weights].concat();
        Self {
            whole: upload_whole(like, &whole),
            real: upload(like, &real),
            journeys: rows.len() as u32,
            touches: rows.channels.len() as u32,
        }
    }

    /// What the device is told of a batch: a header, which journey each row is, where each step's lines start.
    pub fn told(&self, batch: &Batch, dropout: Option<(&Dropout, u32)>) -> Vec<u32> {
        let mut told = vec![batch.rows as u32, self.journeys, self.touches];
        match dropout {
            Some((dropout, update)) => {
                let (recurrent, last) = (dropout.of_cell(0), dropout.of_last());
                told.extend([
                    update,
                    recurrent.seed,
                    last.seed,
                    recurrent.least,
                    last.least,
                ]);
            }
            None => told.resize(HEADER, 0),
        }
        told.extend_from_slice(&batch.order);
        let mut start = 0;
        told.push(start);
        for &active in &batch.active {
            start += active as u32;
            told.push(start);
        }
        told
    }
}

/// Whether everything fits: no array may be larger than `largest` bytes. Answers how many touches a batch may have.
pub(super) fn check(
    journeys: &HeldJourneys<'_>,
    shape: &JourneyShape,
    most_rows: usize,
    largest: u64,
) -> Result<usize, GpuLimit> {
    let rows = journeys.rows;
    let longest = (0..rows.len() as u32).map(|row| rows.length(row)).max();
    let lines = most_rows * longest.unwrap_or(0) as usize;
    let arrays = [
        rows.offsets.len() + rows.channels.len(),
        rows.gaps.len() + rows.statics.len() + 2 * rows.len(),
        lines * TRACED * shape.hidden,
        shape.layout().len(),
    ];
    let fits = |&floats: &usize| floats as u64 * 4 <= largest;
    if most_rows <= MOST_ROWS && arrays.iter().all(fits) {
        Ok(lines)
    } else {
        Err(GpuLimit::Memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_than_an_array_may_be_is_not_for_the_gpu() {
        let rows = JourneyRows {
            offsets: vec![0, 3, 20],
            channels: vec![0; 20],
            ..JourneyRows::default()
        };
        let journeys = HeldJourneys {
            rows: &rows,
            outcomes: &[0.0, 1.0],
            weights: None,
        };
        let shape = JourneyShape {
            channels: 4,
            events: 0,
            gaps: false,
            statics: 0,
            embedding: 2,
            hidden: 8,
            layers: 1,
            bidirectional: false,
            heads: 0,
        };
        // 100 rows × 17 touches × 6 × 8 numbers of four bytes.
        let trace = 100 * 17 * 6 * 8 * 4;
        assert_eq!(check(&journeys, &shape, 100, trace), Ok(1700));
        assert_eq!(
            check(&journeys, &shape, 100, trace - 1),
            Err(GpuLimit::Memory)
        );
        assert_eq!(
            check(&journeys, &shape, 65_536, u64::MAX),
            Err(GpuLimit::Memory)
        );
    }
}
