//! The kernels of a training step beside the recurrence. All parameters lie in one flat array, as [`Sizes`] says.

// What is known when a kernel is compiled and what is known when it runs can't be asked in one condition.
#![allow(clippy::collapsible_if)]

use super::recurrence::{first_touch, touches_of};
use super::sizes::{HEADER, JOURNEYS, ROW_COUNT, Sizes, TOUCHES};
use crate::lstm::gpu_steps::{UNITS, logistic};
use cubecl::prelude::*;

/// Vocabulary entries whose gradients an invocation sums side by side.
pub(super) const ENTRIES: usize = 32;

/// Which number an invocation minds.
#[cube]
fn place() -> usize {
    (CUBE_POS_Y * CUBE_COUNT_X + CUBE_POS_X) as usize * CUBE_DIM_X as usize + UNIT_POS_X as usize
}

/// Where the features of the journeys begin among the real numbers held, after the times.
#[cube]
fn at_statics(batch: &Tensor<u32>, #[comptime] sizes: Sizes) -> usize {
    let mut at = 0usize;
    if comptime!(sizes.gaps) {
        at = batch[TOUCHES] as usize;
    }
    at
}

/// Where their outcomes begin; their weights come last.
#[cube]
fn at_outcomes(batch: &Tensor<u32>, #[comptime] sizes: Sizes) -> usize {
    at_statics(batch, sizes) + batch[JOURNEYS] as usize * comptime!(sizes.statics)
}

/// Every vocabulary entry's projection, `[entries, 4 × hidden]`; the channels' with the bias in it.
#[cube(launch)]
pub(super) fn table_kernel<F: Float>(
    parameters: &Tensor<F>,
    table: &mut Tensor<F>,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let wide = comptime!(4 * sizes.hidden);
    let embedding = comptime!(sizes.embedding);
    let channels = comptime!(sizes.channels);
    let at = place();
    if at >= comptime!(4 * sizes.hidden * sizes.entries()) {
        terminate!();
    }
    let entry = at / wide;
    let m = at % wide;
    let mut sum = F::new(0.0_f32);
    if entry < channels {
        sum = parameters[comptime!(sizes.at_bias) + m];
        for e in 0..embedding {
            sum += parameters[entry * embedding + e]
                * parameters[comptime!(sizes.at_input) + e * wide + m];
        }
    } else {
        let event = entry - channels;
        for e in 0..embedding {
            sum += parameters[comptime!(sizes.at_events) + event * embedding + e]
                * parameters[comptime!(sizes.at_input) + (embedding + e) * wide + m];
        }
    }
    table[at] = sum;
}

/// The log-odds of each row, from which its loss and the slope of the mean loss: `out` holds the slopes, the losses
/// and the log-odds.
#[cube(launch)]
pub(super) fn head_kernel<F: Float>(
    parameters: &Tensor<F>,
    real: &Tensor<F>,
    batch: &Tensor<u32>,
    last: &Tensor<F>,
    out: &mut Tensor<F>,
    share: f32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let statics = comptime!(sizes.statics);
    let rows = batch[ROW_COUNT] as usize;
    let row = place();
    if row >= rows {
        terminate!();
    }
    let journey = batch[HEADER + row] as usize;
    let mut z = parameters[comptime!(sizes.at_dense + sizes.hidden + sizes.statics)];
    for j in 0..hidden {
        z += last[row * hidden + j] * parameters[comptime!(sizes.at_dense) + j];
    }
    let features = at_statics(batch, sizes) + journey * statics;
    for j in 0..statics {
        z += real[features + j] * parameters[comptime!(sizes.at_dense + sizes.hidden) + j];
    }
    let outcomes = at_outcomes(batch, sizes);
    let y = real[outcomes + journey];
    let weight = real[outcomes + batch[JOURNEYS] as usize + journey];
    let mut size = z;
    let mut above = z;
    if z < F::new(0.0_f32) {
        size = F::new(0.0_f32) - z;
        above = F::new(0.0_f32);
    }
    let tail = (F::new(1.0_f32) + (F::new(0.0_f32) - size).exp()).ln();
    out[row] = weight * F::cast_from(share) * (logistic::<F>(z) - y);
    out[rows + row] = weight * (above - y * z + tail);
    out[2 * rows + row] = z;
}

/// Parts of the table's gradient, `[workgroups of rows, entries and time, 4 × hidden]`. A workgroup takes every so
/// manieth row and [`ENTRIES`] entries; an invocation adds up one gate's gradients by entry, in memory of its own, so
/// that the order of the sum never changes.
#[cube(launch)]
pub(super) fn vocabulary_kernel<F: Float>(
    d_gates: &Tensor<F>,
    whole: &Tensor<u32>,
    real: &Tensor<F>,
    batch: &Tensor<u32>,
    parts: &mut Tensor<F>,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let wide = comptime!(4 * sizes.hidden);
    let entries = comptime!(sizes.entries());
    let m = CUBE_POS_X as usize * UNITS + UNIT_POS_X as usize;
    let mut sums = Array::new(ENTRIES);
    if m >= wide {
        terminate!();
    }
    for entry in 0..ENTRIES {
        sums[entry] = F::new(0.0_f32);
    }
    let mut timed = F::new(0.0_f32);
    let rows = batch[ROW_COUNT] as usize;
    let codes = batch[JOURNEYS] as usize + 1;
    let from = CUBE_POS_Z as usize * ENTRIES;
    for row in range_stepped(CUBE_POS_Y as usize, rows, CUBE_COUNT_Y as usize) {
        let touches = first_touch(whole, batch, row);
        for t in 0..touches_of(whole, batch, row) {
            let line = batch[HEADER + rows + t] as usize + row;
            let code = whole[codes + touches + t];
            let channel = (code & 0xffff) as usize;
            if channel >= from && channel < from + ENTRIES {
                sums[channel - from] += d_gates[line * wide + m];
            }
            if comptime!(sizes.events > 0) {
                let event = comptime!(sizes.channels) + (code >> 16) as usize;
                if event >= from && event < from + ENTRIES {
                    sums[event - from] += d_gates[line * wide + m];
                }
            }
            if comptime!(sizes.gaps) {
                if from == 0 {
                    timed += d_gates[line * wide + m] * real[touches + t];
                }
            }
        }
    }
    let part = CUBE_POS_Y as usize * comptime!(sizes.lines_of_table());
    for entry in 0..ENTRIES {
        if from + entry < entries {
            parts[(part + from + entry) * wide + m] = sums[entry];
        }
    }
    if comptime!(sizes.gaps) {
        if from == 0 {
            parts[(part + entries) * wide + m] = timed;
        }
    }
}

/// Their sums, `[entries and time, 4 × hidden]`.
#[cube(launch)]
pub(super) fn entry_kernel<F: Float>(
    parts: &Tensor<F>,
    d_table: &mut Tensor<F>,
    count: u32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let size = comptime!(sizes.lines_of_table() * 4 * sizes.hidden);
    let at = place();
    if at >= size {
        terminate!();
    }
    let mut sum = F::new(0.0_f32);
    for part in 0..count as usize {
        sum += parts[part * size + at];
    }
    d_table[at] = sum;
}

/// From the table's gradient to those of embeddings, input weights and bias.
#[cube(launch)]
pub(super) fn embedding_kernel<F: Float>(
    parameters: &Tensor<F>,
    d_table: &Tensor<F>,
    gradient: &mut Tensor<F>,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let wide = comptime!(4 * sizes.hidden);
    let embedding = comptime!(sizes.embedding);
    let channels = comptime!(sizes.channels);
    let events = comptime!(sizes.events);
    let at_input = comptime!(sizes.at_input);
    let embedded = comptime!(sizes.embedded());
    let entries = comptime!(sizes.entries());
    let at = place();
    // The embeddings lie first, then the input weights; the bias is told last.
    if at >= at_input + comptime!(sizes.at_hidden - sizes.at_input) + wide {
        terminate!();
    }
    let mut sum = F::new(0.0_f32);
    if at < at_input {
        let entry = at / embedding;
        let mut e = at % embedding;
        if entry >= channels {
            e += embedding;
        }
        for m in 0..wide {
            sum += d_table[entry * wide + m] * parameters[at_input + e * wide + m];
        }
        gradient[at] = sum;
    } else if at < comptime!(sizes.at_hidden) {
        let e = (at - at_input) / wide;
        let m = (at - at_input) % wide;
        if e < embedding {
            for v in 0..channels {
                sum += parameters[v * embedding + e] * d_table[v * wide + m];
            }
        } else if e < embedded {
            for v in 0..events {
                sum += parameters[comptime!(sizes.at_events) + v * embedding + e - embedding]
                    * d_table[(channels + v) * wide + m];
            }
        } else {
            sum = d_table[entries * wide + m];
        }
        gradient[at] = sum;
    } else {
        let m = at - comptime!(sizes.at_hidden);
        for v in 0..channels {
            sum += d_table[v * wide + m];
        }
        gradient[comptime!(sizes.at_bias) + m] = sum;
    }
}

/// The gradient of the last layer, a workgroup for each of its parameters, and the sum of the losses added to what
/// is there.
#[cube(launch)]
pub(super) fn dense_kernel<F: Float>(
    real: &Tensor<F>,
    batch: &Tensor<u32>,
    last: &Tensor<F>,
    slopes: &Tensor<F>,
    gradient: &mut Tensor<F>,
    loss: &mut Tensor<F>,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let statics = comptime!(sizes.statics);
    let rows = batch[ROW_COUNT] as usize;
    let lane = UNIT_POS_X as usize;
    let at = CUBE_POS_X as usize;
    let mut sums = Shared::new_slice(UNITS);
    let mut sum = F::new(0.0_f32);
    for row in range_stepped(lane, rows, UNITS) {
        if at < hidden {
            sum += slopes[row] * last[row * hidden + at];
        } else if at < hidden + statics {
            let journey = batch[HEADER + row] as usize;
            sum += slopes[row] * real[at_statics(batch, sizes) + journey * statics + at - hidden];
        } else if at == hidden + statics {
            sum += slopes[row];
        } else {
            sum += slopes[rows + row];
        }
    }
    sums[lane] = sum;
    sync_cube();
    if lane == 0 {
        for other in 1..UNITS {
            sum += sums[other];
        }
        if at <= hidden + statics {
            gradient[comptime!(sizes.at_dense) + at] = sum;
        } else {
            loss[0] += sum;
        }
    }
}

/// One step of Adam (Kingma & Ba 2015, algorithm 1) over all parameters; biases are not penalised. The recurrent
/// weights are left turned around as well, `[4 × hidden, hidden]`, where the way back reads them so.
#[cube(launch)]
pub(super) fn adam_kernel<F: Float>(
    parameters: &mut Tensor<F>,
    gradient: &Tensor<F>,
    first: &mut Tensor<F>,
    second: &mut Tensor<F>,
    turned: &mut Tensor<F>,
    rate: f32,
    first_share: f32,
    second_share: f32,
    decay: f32,
    #[comptime] sizes: Sizes,
    #[comptime] decoupled: bool,
    #[comptime] turns: bool,
    #[define(F)] _dtype: ElemType,
) {
    let at = place();
    let end = comptime!(sizes.at_dense + sizes.hidden + sizes.statics);
    if at > end {
        terminate!();
    }
    let rate = F::cast_from(rate);
    let decay = F::cast_from(decay);
    let mut parameter = parameters[at];
    let mut slope = gradient[at];
    let bias = comptime!(sizes.at_bias);
    if at < end {
        if at < bias || at >= comptime!(sizes.at_dense) {
            if decoupled {
                parameter *= F::new(1.0_f32) - rate * decay;
            } else {
                slope += decay * parameter;
            }
        }
    }
    let m = F::new(0.9_f32) * first[at] + F::new(0.1_f32) * slope;
    let v = F::new(0.999_f32) * second[at] + F::new(0.001_f32) * slope * slope;
    first[at] = m;
    second[at] = v;
    let moved = parameter
        - rate * (m * F::cast_from(first_share))
            / ((v * F::cast_from(second_share)).sqrt() + F::new(1e-8_f32));
    parameters[at] = moved;
    if turns {
        if at >= comptime!(sizes.at_hidden) {
            if at < bias {
                let wide = comptime!(4 * sizes.hidden);
                let of = at - comptime!(sizes.at_hidden);
                turned[of % wide * comptime!(sizes.hidden) + of / wide] = moved;
            }
        }
    }
}
