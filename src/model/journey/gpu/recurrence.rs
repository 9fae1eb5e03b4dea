//! The recurrence, there and back. Lines are touches of the batch's rows, time first and without gaps: line
//! `starts[t] + row`. Rows stand longest first, so those of a workgroup that have a touch at `t` are its first.
//!
//! Up to [`HELD`] hidden units, an invocation holds the weights that it needs (4 × hidden) and its rows' states from
//! the first step to the last, and takes row by row; shared memory holds no more than one row, since a driver that
//! clears it number by number takes half a millisecond to compile each (docs/LSTM.md). Above, that many registers are
//! not to be had: eight rows share each weight that is read.
//!
//! On the way back four invocations share four units, one gate each, and add what they found through shared memory: a
//! gradient that is read then serves four multiplications instead of one.

// What is known when a kernel is compiled and what is known when it runs can't be asked in one condition.
#![allow(clippy::collapsible_if)]

use super::sizes::{
    HEADER, JOURNEYS, LAST_LEAST, LAST_SEED, RECURRENT_LEAST, RECURRENT_SEED, ROW_COUNT, STEP,
    Sizes,
};
use crate::lstm::gpu_steps::{
    BEFORE, CELL, Gates, ROWS, TRACED, add_products, advance, hand_on, retreat,
};
use cubecl::prelude::*;

/// The most hidden units whose weights an invocation holds.
pub(super) const HELD: usize = 32;

/// Where the touches of a row of the batch begin.
#[cube]
pub(super) fn first_touch(whole: &Tensor<u32>, batch: &Tensor<u32>, row: usize) -> usize {
    whole[batch[HEADER + row] as usize] as usize
}

/// How many touches a row of the batch has.
#[cube]
pub(super) fn touches_of(whole: &Tensor<u32>, batch: &Tensor<u32>, row: usize) -> usize {
    let journey = batch[HEADER + row] as usize;
    (whole[journey + 1] - whole[journey]) as usize
}

/// How many rows have a touch at `t`.
#[cube]
fn rows_at(batch: &Tensor<u32>, rows: usize, t: usize) -> usize {
    (batch[HEADER + rows + t + 1] - batch[HEADER + rows + t]) as usize
}

/// What a number of a row is multiplied by where some are left out: 0, or `factor`. As
/// [`Dropout::keeps`](crate::model::journey::Dropout::keeps) draws it on the host (PCG4D of Jarzynski & Olano 2020).
#[cube]
fn left_out<F: Float>(seed: u32, step: u32, journey: u32, unit: u32, least: u32, factor: F) -> F {
    let x = seed * 1_664_525 + 1_013_904_223;
    let y = step * 1_664_525 + 1_013_904_223;
    let z = journey * 1_664_525 + 1_013_904_223;
    let w = unit * 1_664_525 + 1_013_904_223;
    let x = x + y * w;
    let y = y + z * x;
    let z = z + x * y;
    let w = w + y * z;
    let x = x ^ (x >> 16);
    let y = y ^ (y >> 16);
    let w = w ^ (w >> 16);
    let drawn = x + y * w;
    let mut kept = F::new(0.0_f32);
    if drawn >= least {
        kept = factor;
    }
    kept
}

/// What the mask of the recurrent product is for a row and a unit.
#[cube]
fn recurrent_mask<F: Float>(batch: &Tensor<u32>, row: usize, unit: usize, factor: F) -> F {
    left_out::<F>(
        batch[RECURRENT_SEED],
        batch[STEP],
        batch[HEADER + row],
        unit as u32,
        batch[RECURRENT_LEAST],
        factor,
    )
}

/// What the mask of the last state is for a row and a unit.
#[cube]
fn last_mask<F: Float>(batch: &Tensor<u32>, row: usize, unit: usize, factor: F) -> F {
    left_out::<F>(
        batch[LAST_SEED],
        batch[STEP],
        batch[HEADER + row],
        unit as u32,
        batch[LAST_LEAST],
        factor,
    )
}

/// The projection of what a touch says, for one unit: of its entries, and of the time before it.
#[cube]
fn projected<F: Float>(
    parameters: &Tensor<F>,
    table: &Tensor<F>,
    real: &Tensor<F>,
    code: u32,
    touch: usize,
    unit: usize,
    #[comptime] sizes: Sizes,
) -> Gates<F> {
    let hidden = comptime!(sizes.hidden);
    let wide = comptime!(4 * sizes.hidden);
    let at = (code & 0xffff) as usize * wide + unit;
    let mut input = table[at];
    let mut forget = table[at + hidden];
    let mut candidate = table[at + 2 * hidden];
    let mut output = table[at + 3 * hidden];
    if comptime!(sizes.events > 0) {
        let at = (comptime!(sizes.channels) + (code >> 16) as usize) * wide + unit;
        input += table[at];
        forget += table[at + hidden];
        candidate += table[at + 2 * hidden];
        output += table[at + 3 * hidden];
    }
    if comptime!(sizes.gaps) {
        let gap = real[touch];
        let at = comptime!(sizes.at_gap()) + unit;
        input += gap * parameters[at];
        forget += gap * parameters[at + hidden];
        candidate += gap * parameters[at + 2 * hidden];
        output += gap * parameters[at + 3 * hidden];
    }
    Gates::<F> {
        input,
        forget,
        candidate,
        output,
    }
}

/// The trace of every line, and each row's last state with its mask.
#[cube(launch)]
pub(super) fn held_forward_kernel<F: Float>(
    parameters: &Tensor<F>,
    table: &Tensor<F>,
    whole: &Tensor<u32>,
    real: &Tensor<F>,
    batch: &Tensor<u32>,
    trace: &mut Tensor<F>,
    last: &mut Tensor<F>,
    recurrent_factor: f32,
    last_factor: f32,
    tile: u32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let wide = comptime!(4 * sizes.hidden);
    let unit = UNIT_POS_X as usize;
    let rows = batch[ROW_COUNT] as usize;
    let codes = batch[JOURNEYS] as usize + 1;
    let first = CUBE_POS_X as usize * tile as usize;
    let mut count = rows - first;
    if count > tile as usize {
        count = tile as usize;
    }
    let longest = touches_of(whole, batch, first);
    let mut held = Array::new(comptime!(4 * sizes.hidden));
    for k in 0..hidden {
        let at = comptime!(sizes.at_hidden) + k * wide + unit;
        held[4 * k] = parameters[at];
        held[4 * k + 1] = parameters[at + hidden];
        held[4 * k + 2] = parameters[at + 2 * hidden];
        held[4 * k + 3] = parameters[at + 3 * hidden];
    }
    let mut states = Array::new(ROWS);
    let mut cells = Array::new(ROWS);
    let mut masks = Array::new(ROWS);
    let mut touches = Array::<u32>::new(ROWS);
    for r in 0..count {
        states[r] = F::new(0.0_f32);
        cells[r] = F::new(0.0_f32);
        let factor = F::cast_from(recurrent_factor);
        masks[r] = recurrent_mask::<F>(batch, first + r, unit, factor);
        touches[r] = first_touch(whole, batch, first + r) as u32;
    }
    // The states of a row before a step. Two in turn: one is written while others may still read the one before.
    let mut shared = Shared::new_slice(comptime!(2 * sizes.hidden));
    let mut from = 0usize;
    for t in 0..longest {
        let start = batch[HEADER + rows + t] as usize + first;
        let mut active = rows_at(batch, rows, t) - first;
        if active > count {
            active = count;
        }
        for r in 0..active {
            let before = states[r] * masks[r];
            from = hidden - from;
            shared[from + unit] = before;
            sync_cube();
            let touch = touches[r] as usize + t;
            let code = whole[codes + touch];
            let of_input = projected::<F>(parameters, table, real, code, touch, unit, sizes);
            let mut input = of_input.input;
            let mut forget = of_input.forget;
            let mut candidate = of_input.candidate;
            let mut output = of_input.output;
            if t > 0 {
                #[unroll]
                for k in 0..hidden {
                    let of = shared[from + k];
                    input += held[4 * k] * of;
                    forget += held[4 * k + 1] * of;
                    candidate += held[4 * k + 2] * of;
                    output += held[4 * k + 3] * of;
                }
            }
            let sums = Gates::<F> {
                input,
                forget,
                candidate,
                output,
            };
            let kept = (start + r) * comptime!(TRACED * sizes.hidden) + unit;
            let next = advance::<F>(sums, cells[r], trace, kept, hidden);
            trace[kept + comptime!(BEFORE * sizes.hidden)] = before;
            cells[r] = next.cell;
            states[r] = next.state;
        }
    }
    for r in 0..count {
        let factor = F::cast_from(last_factor);
        let mask = last_mask::<F>(batch, first + r, unit, factor);
        last[(first + r) * hidden + unit] = states[r] * mask;
    }
}

/// The same for more units than [`HELD`].
#[cube(launch)]
pub(super) fn shared_forward_kernel<F: Float>(
    parameters: &Tensor<F>,
    table: &Tensor<F>,
    whole: &Tensor<u32>,
    real: &Tensor<F>,
    batch: &Tensor<u32>,
    trace: &mut Tensor<F>,
    last: &mut Tensor<F>,
    recurrent_factor: f32,
    last_factor: f32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let unit = UNIT_POS_X as usize;
    let rows = batch[ROW_COUNT] as usize;
    let codes = batch[JOURNEYS] as usize + 1;
    let first = CUBE_POS_X as usize * ROWS;
    let mut count = rows - first;
    if count > ROWS {
        count = ROWS;
    }
    let longest = touches_of(whole, batch, first);
    // The rows' states before a step, with their masks.
    let mut shared = Shared::new_slice(comptime!(ROWS * sizes.hidden));
    let mut states = Array::new(ROWS);
    let mut cells = Array::new(ROWS);
    let mut masks = Array::new(ROWS);
    let mut touches = Array::<u32>::new(ROWS);
    for r in 0..ROWS {
        shared[r * hidden + unit] = F::new(0.0_f32);
    }
    for r in 0..count {
        states[r] = F::new(0.0_f32);
        cells[r] = F::new(0.0_f32);
        let factor = F::cast_from(recurrent_factor);
        masks[r] = recurrent_mask::<F>(batch, first + r, unit, factor);
        touches[r] = first_touch(whole, batch, first + r) as u32;
    }
    let mut input = Array::new(ROWS);
    let mut forget = Array::new(ROWS);
    let mut candidate = Array::new(ROWS);
    let mut output = Array::new(ROWS);
    // Those are only ever asked for by numbers known when this is compiled, so that they stay in registers; these
    // are asked for by row.
    let mut sums = Array::new(comptime!(4 * ROWS));
    for t in 0..longest {
        let start = batch[HEADER + rows + t] as usize + first;
        let mut active = rows_at(batch, rows, t) - first;
        if active > count {
            active = count;
        }
        #[unroll]
        for r in 0..ROWS {
            input[r] = F::new(0.0_f32);
            forget[r] = F::new(0.0_f32);
            candidate[r] = F::new(0.0_f32);
            output[r] = F::new(0.0_f32);
        }
        sync_cube();
        if t > 0 {
            add_products::<F>(
                parameters,
                &shared,
                0usize,
                unit,
                &mut input,
                &mut forget,
                &mut candidate,
                &mut output,
                comptime!(sizes.at_hidden),
                hidden,
                ROWS,
            );
        }
        sync_cube();
        #[unroll]
        for r in 0..ROWS {
            sums[4 * r] = input[r];
            sums[4 * r + 1] = forget[r];
            sums[4 * r + 2] = candidate[r];
            sums[4 * r + 3] = output[r];
        }
        for r in 0..active {
            let touch = touches[r] as usize + t;
            let code = whole[codes + touch];
            let of_input = projected::<F>(parameters, table, real, code, touch, unit, sizes);
            let gates = Gates::<F> {
                input: of_input.input + sums[4 * r],
                forget: of_input.forget + sums[4 * r + 1],
                candidate: of_input.candidate + sums[4 * r + 2],
                output: of_input.output + sums[4 * r + 3],
            };
            let kept = (start + r) * comptime!(TRACED * sizes.hidden) + unit;
            let next = advance::<F>(gates, cells[r], trace, kept, hidden);
            trace[kept + comptime!(BEFORE * sizes.hidden)] = shared[r * hidden + unit];
            cells[r] = next.cell;
            states[r] = next.state;
            shared[r * hidden + unit] = next.state * masks[r];
        }
    }
    for r in 0..count {
        let factor = F::cast_from(last_factor);
        let mask = last_mask::<F>(batch, first + r, unit, factor);
        last[(first + r) * hidden + unit] = states[r] * mask;
    }
}

/// From the slopes of the log-odds to the gradient of the gates before their activation, `[lines, 4 × hidden]`.
#[cube(launch)]
pub(super) fn held_backward_kernel<F: Float>(
    parameters: &Tensor<F>,
    whole: &Tensor<u32>,
    batch: &Tensor<u32>,
    trace: &Tensor<F>,
    slopes: &Tensor<F>,
    d_gates: &mut Tensor<F>,
    recurrent_factor: f32,
    last_factor: f32,
    tile: u32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let wide = comptime!(4 * sizes.hidden);
    let fours = comptime!(sizes.hidden.div_ceil(4));
    // A gate's gradients lie one further apart than there are units: the four that are read at once come from
    // four banks of memory.
    let apart = comptime!(sizes.hidden + 1);
    let lane = UNIT_POS_X as usize;
    let gate = lane / fours;
    let group = lane % fours * 4;
    let rows = batch[ROW_COUNT] as usize;
    let first = CUBE_POS_X as usize * tile as usize;
    let mut count = rows - first;
    if count > tile as usize {
        count = tile as usize;
    }
    let longest = touches_of(whole, batch, first);
    let mut held = Array::new(comptime!(4 * sizes.hidden));
    for k in 0..hidden {
        // Past the last unit something else is read, and what comes of it is not.
        let at = comptime!(sizes.at_hidden) + group * wide + gate * hidden + k;
        held[4 * k] = parameters[at];
        held[4 * k + 1] = parameters[at + wide];
        held[4 * k + 2] = parameters[at + 2 * wide];
        held[4 * k + 3] = parameters[at + 3 * wide];
    }
    let mut states = Array::new(ROWS);
    let mut cells = Array::new(ROWS);
    let mut masks = Array::new(ROWS);
    if lane < hidden {
        let weight = parameters[comptime!(sizes.at_dense) + lane];
        for r in 0..count {
            let row = first + r;
            let mask = last_mask::<F>(batch, row, lane, F::cast_from(last_factor));
            states[r] = slopes[row] * weight * mask;
            cells[r] = F::new(0.0_f32);
            let factor = F::cast_from(recurrent_factor);
            masks[r] = recurrent_mask::<F>(batch, row, lane, factor);
        }
    }
    // Of one row and step: the gradients of its gates, and what they bring to the states before.
    let mut ds = Shared::new_slice(comptime!(4 * (sizes.hidden + 1)));
    let mut parts = Shared::new_slice(comptime!(16 * sizes.hidden.div_ceil(4)));
    for s in 0..longest {
        let t = longest - 1 - s;
        let start = batch[HEADER + rows + t] as usize + first;
        let mut active = rows_at(batch, rows, t) - first;
        if active > count {
            active = count;
        }
        for r in 0..active {
            if lane < hidden {
                let kept = (start + r) * comptime!(TRACED * sizes.hidden) + lane;
                let mut before = F::new(0.0_f32);
                if t > 0 {
                    let line = batch[HEADER + rows + t - 1] as usize + first + r;
                    before = trace[line * comptime!(TRACED * sizes.hidden)
                        + comptime!(CELL * sizes.hidden)
                        + lane];
                }
                let back = retreat::<F>(trace, kept, before, states[r], cells[r], hidden);
                cells[r] = back.cell;
                hand_on::<F>(back.gates, d_gates, (start + r) * wide + lane, hidden);
                ds[lane] = back.gates.input;
                ds[lane + apart] = back.gates.forget;
                ds[lane + 2 * apart] = back.gates.candidate;
                ds[lane + 3 * apart] = back.gates.output;
            }
            if t > 0 {
                sync_cube();
                let mut a = F::new(0.0_f32);
                let mut b = F::new(0.0_f32);
                let mut c = F::new(0.0_f32);
                let mut d = F::new(0.0_f32);
                #[unroll]
                for k in 0..hidden {
                    let of = ds[gate * apart + k];
                    a += held[4 * k] * of;
                    b += held[4 * k + 1] * of;
                    c += held[4 * k + 2] * of;
                    d += held[4 * k + 3] * of;
                }
                let at = gate * 4 * fours + group;
                parts[at] = a;
                parts[at + 1] = b;
                parts[at + 2] = c;
                parts[at + 3] = d;
                sync_cube();
                if lane < hidden {
                    let sum = parts[lane]
                        + parts[lane + 4 * fours]
                        + parts[lane + 8 * fours]
                        + parts[lane + 12 * fours];
                    states[r] = sum * masks[r];
                }
            }
        }
    }
}

/// The same for more units than [`HELD`]; `turned` are the recurrent weights `[4 × hidden, hidden]`. The gradients of
/// a step's gates are read where they were written to, in `d_gates`.
#[cube(launch)]
pub(super) fn shared_backward_kernel<F: Float>(
    parameters: &Tensor<F>,
    turned: &Tensor<F>,
    whole: &Tensor<u32>,
    batch: &Tensor<u32>,
    trace: &Tensor<F>,
    slopes: &Tensor<F>,
    d_gates: &mut Tensor<F>,
    recurrent_factor: f32,
    last_factor: f32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let wide = comptime!(4 * sizes.hidden);
    let fours = comptime!(sizes.hidden.div_ceil(4));
    let lane = UNIT_POS_X as usize;
    let gate = lane / fours;
    let group = lane % fours * 4;
    let rows = batch[ROW_COUNT] as usize;
    let first = CUBE_POS_X as usize * ROWS;
    let mut count = rows - first;
    if count > ROWS {
        count = ROWS;
    }
    let longest = touches_of(whole, batch, first);
    let mut states = Array::new(ROWS);
    let mut cells = Array::new(ROWS);
    let mut masks = Array::new(ROWS);
    if lane < hidden {
        let weight = parameters[comptime!(sizes.at_dense) + lane];
        for r in 0..count {
            let row = first + r;
            let mask = last_mask::<F>(batch, row, lane, F::cast_from(last_factor));
            states[r] = slopes[row] * weight * mask;
            cells[r] = F::new(0.0_f32);
            let factor = F::cast_from(recurrent_factor);
            masks[r] = recurrent_mask::<F>(batch, row, lane, factor);
        }
    }
    // What a row's gates bring to the states before. Two rows in turn, as on the way there.
    let mut parts = Shared::new_slice(comptime!(32 * sizes.hidden.div_ceil(4)));
    let mut from = 0usize;
    let mut lines = Array::<usize>::new(ROWS);
    let mut products = Array::new(comptime!(4 * ROWS));
    let mut sums = Array::new(comptime!(4 * ROWS));
    for s in 0..longest {
        let t = longest - 1 - s;
        let start = batch[HEADER + rows + t] as usize + first;
        let mut active = rows_at(batch, rows, t) - first;
        if active > count {
            active = count;
        }
        if lane < hidden {
            for r in 0..active {
                let kept = (start + r) * comptime!(TRACED * sizes.hidden) + lane;
                let mut before = F::new(0.0_f32);
                if t > 0 {
                    let line = batch[HEADER + rows + t - 1] as usize + first + r;
                    before = trace[line * comptime!(TRACED * sizes.hidden)
                        + comptime!(CELL * sizes.hidden)
                        + lane];
                }
                let back = retreat::<F>(trace, kept, before, states[r], cells[r], hidden);
                cells[r] = back.cell;
                hand_on::<F>(back.gates, d_gates, (start + r) * wide + lane, hidden);
            }
        }
        if t > 0 {
            sync_storage();
            #[unroll]
            for at in 0..comptime!(4 * ROWS) {
                products[at] = F::new(0.0_f32);
            }
            // Where there is no row any more, the last one is taken again, and what comes of it is not read.
            #[unroll]
            for r in 0..ROWS {
                let mut row = active - 1;
                if r < active {
                    row = r;
                }
                lines[r] = (start + row) * wide + gate * hidden;
            }
            for k in 0..hidden {
                let at = (gate * hidden + k) * hidden + group;
                let a = turned[at];
                let b = turned[at + 1];
                let c = turned[at + 2];
                let d = turned[at + 3];
                #[unroll]
                for r in 0..ROWS {
                    let of = d_gates[lines[r] + k];
                    products[4 * r] += a * of;
                    products[4 * r + 1] += b * of;
                    products[4 * r + 2] += c * of;
                    products[4 * r + 3] += d * of;
                }
            }
            #[unroll]
            for at in 0..comptime!(4 * ROWS) {
                sums[at] = products[at];
            }
            for r in 0..active {
                from = comptime!(16 * sizes.hidden.div_ceil(4)) - from;
                let at = from + gate * 4 * fours + group;
                parts[at] = sums[4 * r];
                parts[at + 1] = sums[4 * r + 1];
                parts[at + 2] = sums[4 * r + 2];
                parts[at + 3] = sums[4 * r + 3];
                sync_cube();
                if lane < hidden {
                    let sum = parts[from + lane]
                        + parts[from + lane + 4 * fours]
                        + parts[from + lane + 8 * fours]
                        + parts[from + lane + 12 * fours];
                    states[r] = sum * masks[r];
                }
            }
        }
    }
}
