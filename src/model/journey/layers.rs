//! The layers between the touches and the recurrence, forward and backward.

use super::arithmetic::{add, add_scaled};
use super::{Batch, JourneyShape, Layout};
use crate::lstm::{Panels, RowSums};
use std::ops::Range;

/// Every vocabulary entry's projection `E·W`, so that a touch costs a look-up and not a product.
#[derive(Debug, Default, Clone)]
pub(super) struct Tables {
    channels: Vec<f32>,
    events: Vec<f32>,
    d_channels: Vec<f32>,
    d_events: Vec<f32>,
    weights: Panels,
    sums: RowSums,
}

/// What a projection is about: one direction of the first layer, and the touches that it reads.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub shape: &'a JourneyShape,
    pub layout: &'a Layout,
    pub direction: usize,
    pub parameters: &'a [f32],
    pub batch: &'a Batch,
}

/// Which touch is read at step `t` by a row of so many: the network reads from the start, or from the end.
pub(super) fn touch(t: usize, length: u32, from_end: bool) -> usize {
    if from_end { length as usize - 1 - t } else { t }
}

/// The first layer's input weights of one direction, cut into what each input meets.
struct InputWeights {
    channels: Range<usize>,
    events: Range<usize>,
    gaps: Range<usize>,
}

fn input_weights(shape: &JourneyShape, input: &Range<usize>) -> InputWeights {
    let gates = 4 * shape.hidden;
    let block = shape.embedding * gates;
    let channels = input.start..input.start + block;
    let events = channels.end..channels.end + if shape.events > 0 { block } else { 0 };
    let gaps = events.end..events.end + if shape.gaps { gates } else { 0 };
    InputWeights {
        channels,
        events,
        gaps,
    }
}

impl Tables {
    /// Projects the touches of a batch: `out` `[steps, rows, 4 × hidden]` where rows have touches.
    pub fn project(&mut self, reading: Reading<'_>, out: &mut [f32]) {
        let Reading {
            shape,
            layout,
            direction,
            parameters,
            batch,
        } = reading;
        let gates = 4 * shape.hidden;
        let cell = &layout.cells[direction];
        let weights = input_weights(shape, &cell.input);
        self.channels.clear();
        for _ in 0..shape.channels {
            self.channels
                .extend_from_slice(&parameters[cell.bias.clone()]);
        }
        self.weights
            .fill(&parameters[weights.channels], shape.embedding, gates);
        let embedding = &parameters[layout.channels.clone()];
        self.weights.multiply(&mut self.channels, embedding);
        self.events.clear();
        self.events.resize(shape.events * gates, 0.0);
        if shape.events > 0 {
            self.weights
                .fill(&parameters[weights.events], shape.embedding, gates);
            let embedding = &parameters[layout.events.clone()];
            self.weights.multiply(&mut self.events, embedding);
        }
        let of_gap = &parameters[weights.gaps];
        for (t, &count) in batch.active.iter().enumerate() {
            for b in 0..count {
                let at = touch(t, batch.lengths[b], direction == 1) * batch.rows + b;
                let out = &mut out[(t * batch.rows + b) * gates..][..gates];
                out.copy_from_slice(line(&self.channels, batch.channels[at], gates));
                if let Some(&event) = batch.events.get(at) {
                    add(out, line(&self.events, event, gates));
                }
                if let Some(&gap) = batch.gaps.get(at) {
                    add_scaled(out, gap, of_gap);
                }
            }
        }
    }

    /// Adds to `gradient` what the gradients `d` of the projected inputs mean for embeddings, input weights
    /// and biases.
    pub fn project_back(&mut self, reading: Reading<'_>, d: &[f32], gradient: &mut [f32]) {
        let Reading {
            shape,
            layout,
            direction,
            parameters,
            batch,
        } = reading;
        let gates = 4 * shape.hidden;
        let cell = &layout.cells[direction];
        let weights = input_weights(shape, &cell.input);
        self.d_channels.clear();
        self.d_channels.resize(shape.channels * gates, 0.0);
        self.d_events.clear();
        self.d_events.resize(shape.events * gates, 0.0);
        for (t, &count) in batch.active.iter().enumerate() {
            for b in 0..count {
                let at = touch(t, batch.lengths[b], direction == 1) * batch.rows + b;
                let d = &d[(t * batch.rows + b) * gates..][..gates];
                let channel = batch.channels[at] as usize;
                add(&mut self.d_channels[channel * gates..][..gates], d);
                if let Some(&event) = batch.events.get(at) {
                    add(&mut self.d_events[event as usize * gates..][..gates], d);
                }
                if let Some(&gap) = batch.gaps.get(at) {
                    add_scaled(&mut gradient[weights.gaps.clone()], gap, d);
                }
            }
        }
        for d in self.d_channels.chunks_exact(gates) {
            add(&mut gradient[cell.bias.clone()], d);
        }
        let tables = [
            (&self.d_channels, &layout.channels, &weights.channels),
            (&self.d_events, &layout.events, &weights.events),
        ];
        for (d, embedding, weights) in tables {
            if d.is_empty() {
                continue;
            }
            let d_weights = &mut gradient[weights.clone()];
            self.sums.start(shape.embedding, gates);
            self.sums
                .take(d_weights, &parameters[embedding.clone()], None, d);
            self.sums.finish(d_weights);
            self.weights
                .fill_transposed(&parameters[weights.clone()], gates, shape.embedding);
            self.weights.multiply(&mut gradient[embedding.clone()], d);
        }
    }
}

fn line(table: &[f32], entry: u16, width: usize) -> &[f32] {
    &table[usize::from(entry) * width..][..width]
}

/// What an upper layer reads: for each touch the states of all directions of the layer below, in the order
/// in which this layer's direction reads. `out` is `[steps, rows, directions × hidden]`.
pub(super) fn states_as_inputs(
    batch: &Batch,
    hidden: usize,
    below: &[&[f32]],
    from_end: bool,
    out: &mut [f32],
) {
    let width = below.len() * hidden;
    for (t, &count) in batch.active.iter().enumerate() {
        for b in 0..count {
            let natural = touch(t, batch.lengths[b], from_end);
            let out = &mut out[(t * batch.rows + b) * width..][..width];
            for (direction, states) in below.iter().enumerate() {
                let at = touch(natural, batch.lengths[b], direction == 1) * batch.rows + b;
                out[direction * hidden..][..hidden]
                    .copy_from_slice(&states[at * hidden..][..hidden]);
            }
        }
    }
}

/// The way back of [`states_as_inputs`]: adds gradients of the inputs to those of the states.
pub(super) fn inputs_to_states(
    batch: &Batch,
    hidden: usize,
    d: &[f32],
    from_end: bool,
    below: &mut [Vec<f32>],
) {
    let width = below.len() * hidden;
    for (t, &count) in batch.active.iter().enumerate() {
        for b in 0..count {
            let natural = touch(t, batch.lengths[b], from_end);
            let d = &d[(t * batch.rows + b) * width..][..width];
            for (direction, states) in below.iter_mut().enumerate() {
                let at = touch(natural, batch.lengths[b], direction == 1) * batch.rows + b;
                add(
                    &mut states[at * hidden..][..hidden],
                    &d[direction * hidden..][..hidden],
                );
            }
        }
    }
}
