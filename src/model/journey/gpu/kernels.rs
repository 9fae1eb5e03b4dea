//! The kernels of a training step. All parameters lie in one flat array, as [`Sizes`] says.

// What is known when a kernel is compiled and what is known when it runs can't be asked in one condition.
#![allow(clippy::collapsible_if)]

use cubecl::prelude::*;

/// Invocations of a workgroup where each minds one number.
pub(super) const UNITS: usize = 64;
/// Side of the tile that one invocation of the weights' product sums.
pub(super) const TILE: usize = 4;

/// How large the network is, and where its arrays lie in the parameters; fixed when a kernel is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sizes {
    pub hidden: usize,
    pub embedding: usize,
    pub channels: usize,
    pub events: usize,
    pub statics: usize,
    pub gaps: bool,
    pub masked: bool,
    pub dropped: bool,
    pub at_events: usize,
    pub at_input: usize,
    pub at_hidden: usize,
    pub at_bias: usize,
    pub at_dense: usize,
}

impl Sizes {
    /// Entries of both vocabularies.
    pub fn entries(self) -> usize {
        self.channels + self.events
    }

    /// Numbers that a step takes in, the time apart.
    pub fn embedded(self) -> usize {
        if self.events > 0 {
            2 * self.embedding
        } else {
            self.embedding
        }
    }
}

/// Which number an invocation minds.
#[cube]
fn place() -> usize {
    (CUBE_POS_Y * CUBE_COUNT_X + CUBE_POS_X) as usize * CUBE_DIM_X as usize + UNIT_POS_X as usize
}

#[cube]
fn logistic<F: Float>(x: F) -> F {
    F::new(1.0_f32) / (F::new(1.0_f32) + (F::new(0.0_f32) - x).exp())
}

#[cube]
fn squash<F: Float>(x: F) -> F {
    F::new(2.0_f32) * logistic::<F>(x + x) - F::new(1.0_f32)
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

/// The recurrence: states `[steps, rows, hidden]`, which rows keep past their end, and the trace
/// `[steps, rows, 5 × hidden]`. `floats` holds the lengths, the recurrent masks and the time inputs.
#[cube(launch)]
pub(super) fn forward_kernel<F: Float>(
    parameters: &Tensor<F>,
    table: &Tensor<F>,
    codes: &Tensor<u32>,
    floats: &Tensor<F>,
    states: &mut Tensor<F>,
    trace: &mut Tensor<F>,
    steps: u32,
    rows: u32,
    #[comptime] sizes: Sizes,
    #[comptime] tile: usize,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let wide = comptime!(4 * sizes.hidden);
    let unit = UNIT_POS_X as usize;
    let first = CUBE_POS_X as usize * tile;
    let rows = rows as usize;
    let steps = steps as usize;
    let mut at_gaps = rows;
    if comptime!(sizes.masked) {
        at_gaps += rows * hidden;
    }
    let mut shared = Shared::new_slice(tile * hidden);
    let mut state = Array::new(tile);
    let mut cell = Array::new(tile);
    let mut mask = Array::new(tile);
    let mut length = Array::new(tile);
    #[unroll]
    for r in 0..tile {
        state[r] = F::new(0.0_f32);
        cell[r] = F::new(0.0_f32);
        mask[r] = F::new(1.0_f32);
        length[r] = F::new(0.0_f32);
        let row = first + r;
        if row < rows {
            length[r] = floats[row];
            if comptime!(sizes.masked) {
                mask[r] = floats[rows + row * hidden + unit];
            }
        }
    }
    let mut input = Array::new(tile);
    let mut forget = Array::new(tile);
    let mut candidate = Array::new(tile);
    let mut output = Array::new(tile);
    for t in 0..steps {
        sync_cube();
        #[unroll]
        for r in 0..tile {
            shared[r * hidden + unit] = state[r] * mask[r];
            input[r] = F::new(0.0_f32);
            forget[r] = F::new(0.0_f32);
            candidate[r] = F::new(0.0_f32);
            output[r] = F::new(0.0_f32);
        }
        sync_cube();
        for k in 0..hidden {
            let at = comptime!(sizes.at_hidden) + k * wide + unit;
            let of_input = parameters[at];
            let of_forget = parameters[at + hidden];
            let of_candidate = parameters[at + 2 * hidden];
            let of_output = parameters[at + 3 * hidden];
            #[unroll]
            for r in 0..tile {
                let before = shared[r * hidden + k];
                input[r] += of_input * before;
                forget[r] += of_forget * before;
                candidate[r] += of_candidate * before;
                output[r] += of_output * before;
            }
        }
        #[unroll]
        for r in 0..tile {
            let row = first + r;
            if row < rows {
                let line = t * rows + row;
                if F::cast_from(t as u32) < length[r] {
                    let at = codes[line] as usize * wide + unit;
                    let mut a = input[r] + table[at];
                    let mut b = forget[r] + table[at + hidden];
                    let mut c = candidate[r] + table[at + 2 * hidden];
                    let mut d = output[r] + table[at + 3 * hidden];
                    if comptime!(sizes.events > 0) {
                        let event = codes[steps * rows + line] as usize;
                        let at = (comptime!(sizes.channels) + event) * wide + unit;
                        a += table[at];
                        b += table[at + hidden];
                        c += table[at + 2 * hidden];
                        d += table[at + 3 * hidden];
                    }
                    if comptime!(sizes.gaps) {
                        let gap = floats[at_gaps + line];
                        let at =
                            comptime!(sizes.at_input + sizes.embedded() * 4 * sizes.hidden) + unit;
                        a += gap * parameters[at];
                        b += gap * parameters[at + hidden];
                        c += gap * parameters[at + 2 * hidden];
                        d += gap * parameters[at + 3 * hidden];
                    }
                    let i = logistic::<F>(a);
                    let f = logistic::<F>(b);
                    let g = squash::<F>(c);
                    let o = logistic::<F>(d);
                    let next = f * cell[r] + i * g;
                    cell[r] = next;
                    state[r] = o * squash::<F>(next);
                    let kept = line * comptime!(5 * sizes.hidden) + unit;
                    trace[kept] = i;
                    trace[kept + hidden] = f;
                    trace[kept + 2 * hidden] = g;
                    trace[kept + 3 * hidden] = o;
                    trace[kept + 4 * hidden] = next;
                }
                states[line * hidden + unit] = state[r];
            }
        }
    }
}

/// The log-odds of each row, from which its loss and the slope of the mean loss. `targets` holds the outcomes,
/// the weights, the features and the masks of the last states; `out` the slopes, then the losses.
#[cube(launch)]
pub(super) fn head_kernel<F: Float>(
    parameters: &Tensor<F>,
    states: &Tensor<F>,
    targets: &Tensor<F>,
    out: &mut Tensor<F>,
    steps: u32,
    rows: u32,
    share: f32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let statics = comptime!(sizes.statics);
    let rows = rows as usize;
    let row = place();
    if row >= rows {
        terminate!();
    }
    let last = ((steps as usize - 1) * rows + row) * hidden;
    let at_statics = 2 * rows + row * statics;
    let at_masks = 2 * rows + rows * statics + row * hidden;
    let mut z = parameters[comptime!(sizes.at_dense + sizes.hidden + sizes.statics)];
    for j in 0..hidden {
        let mut state = states[last + j];
        if comptime!(sizes.dropped) {
            state *= targets[at_masks + j];
        }
        z += state * parameters[comptime!(sizes.at_dense) + j];
    }
    for j in 0..statics {
        z += targets[at_statics + j] * parameters[comptime!(sizes.at_dense + sizes.hidden) + j];
    }
    let y = targets[row];
    let weight = targets[rows + row];
    let mut size = z;
    let mut above = z;
    if z < F::new(0.0_f32) {
        size = F::new(0.0_f32) - z;
        above = F::new(0.0_f32);
    }
    let tail = (F::new(1.0_f32) + (F::new(0.0_f32) - size).exp()).ln();
    out[row] = weight * F::cast_from(share) * (logistic::<F>(z) - y);
    out[rows + row] = weight * (above - y * z + tail);
}

/// The recurrent weights turned around, `[4 × hidden, hidden]`.
#[cube(launch)]
pub(super) fn turn_kernel<F: Float>(
    parameters: &Tensor<F>,
    turned: &mut Tensor<F>,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let wide = comptime!(4 * sizes.hidden);
    let at = place();
    if at >= comptime!(4 * sizes.hidden * sizes.hidden) {
        terminate!();
    }
    turned[at] = parameters[comptime!(sizes.at_hidden) + at % hidden * wide + at / hidden];
}

/// The recurrence backward, from the slopes of the log-odds to the gradient of the gates before their
/// activation, `[steps, rows, 4 × hidden]`, 0 past a row's end.
#[cube(launch)]
pub(super) fn backward_kernel<F: Float>(
    parameters: &Tensor<F>,
    turned: &Tensor<F>,
    trace: &Tensor<F>,
    floats: &Tensor<F>,
    targets: &Tensor<F>,
    slopes: &Tensor<F>,
    d_gates: &mut Tensor<F>,
    steps: u32,
    rows: u32,
    #[comptime] sizes: Sizes,
    #[comptime] tile: usize,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let wide = comptime!(4 * sizes.hidden);
    let unit = UNIT_POS_X as usize;
    let first = CUBE_POS_X as usize * tile;
    let rows = rows as usize;
    let steps = steps as usize;
    let zero = F::new(0.0_f32);
    let one = F::new(1.0_f32);
    let mut shared = Shared::new_slice(tile * 4 * hidden);
    let mut d_state = Array::new(tile);
    let mut d_cell = Array::new(tile);
    let mut mask = Array::new(tile);
    let mut length = Array::new(tile);
    let mut sums = Array::new(tile);
    #[unroll]
    for r in 0..tile {
        d_state[r] = zero;
        d_cell[r] = zero;
        mask[r] = one;
        length[r] = zero;
        let row = first + r;
        if row < rows {
            length[r] = floats[row];
            if comptime!(sizes.masked) {
                mask[r] = floats[rows + row * hidden + unit];
            }
            let mut slope = slopes[row] * parameters[comptime!(sizes.at_dense) + unit];
            if comptime!(sizes.dropped) {
                let at_masks = 2 * rows + rows * comptime!(sizes.statics) + row * hidden;
                slope *= targets[at_masks + unit];
            }
            d_state[r] = slope;
        }
    }
    for s in 0..steps {
        let t = steps - 1 - s;
        sync_cube();
        #[unroll]
        for r in 0..tile {
            let row = first + r;
            let mut d_input = zero;
            let mut d_forget = zero;
            let mut d_candidate = zero;
            let mut d_output = zero;
            if row < rows {
                let line = t * rows + row;
                if F::cast_from(t as u32) < length[r] {
                    let kept = line * comptime!(5 * sizes.hidden) + unit;
                    let i = trace[kept];
                    let f = trace[kept + hidden];
                    let g = trace[kept + 2 * hidden];
                    let o = trace[kept + 3 * hidden];
                    let squashed = squash::<F>(trace[kept + 4 * hidden]);
                    let mut before = zero;
                    if t > 0 {
                        before =
                            trace[(line - rows) * comptime!(5 * sizes.hidden) + 4 * hidden + unit];
                    }
                    let d = d_cell[r] + d_state[r] * o * (one - squashed * squashed);
                    d_output = d_state[r] * squashed * o * (one - o);
                    d_input = d * g * i * (one - i);
                    d_candidate = d * i * (one - g * g);
                    d_forget = d * before * f * (one - f);
                    d_cell[r] = d * f;
                }
                let at = line * wide + unit;
                d_gates[at] = d_input;
                d_gates[at + hidden] = d_forget;
                d_gates[at + 2 * hidden] = d_candidate;
                d_gates[at + 3 * hidden] = d_output;
            }
            let at = r * wide + unit;
            shared[at] = d_input;
            shared[at + hidden] = d_forget;
            shared[at + 2 * hidden] = d_candidate;
            shared[at + 3 * hidden] = d_output;
            sums[r] = zero;
        }
        sync_cube();
        for m in 0..wide {
            let weight = turned[m * hidden + unit];
            #[unroll]
            for r in 0..tile {
                sums[r] += weight * shared[r * wide + m];
            }
        }
        #[unroll]
        for r in 0..tile {
            if F::cast_from(t as u32) < length[r] {
                d_state[r] = sums[r] * mask[r];
            }
        }
    }
}

/// Parts of the gradient of the recurrent weights: each workgroup of the second dimension sums over a stretch of
/// the lines `(t − 1, row)`, of which there are `lines`.
#[cube(launch)]
pub(super) fn product_kernel<F: Float>(
    states: &Tensor<F>,
    floats: &Tensor<F>,
    d_gates: &Tensor<F>,
    parts: &mut Tensor<F>,
    lines: u32,
    rows: u32,
    stretch: u32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let wide = comptime!(4 * sizes.hidden);
    let place = CUBE_POS_X as usize * CUBE_DIM_X as usize + UNIT_POS_X as usize;
    if place >= comptime!(sizes.hidden.div_ceil(TILE) * sizes.hidden) {
        terminate!();
    }
    let rows = rows as usize;
    let lines = lines as usize;
    let from = CUBE_POS_Y as usize * stretch as usize;
    let mut to = from + stretch as usize;
    if to > lines {
        to = lines;
    }
    let k = place / hidden * TILE;
    let m = place % hidden * TILE;
    let mut sums = Array::new(comptime!(TILE * TILE));
    #[unroll]
    for at in 0..comptime!(TILE * TILE) {
        sums[at] = F::new(0.0_f32);
    }
    for line in from..to {
        let mut ds = Array::new(TILE);
        #[unroll]
        for p in 0..TILE {
            ds[p] = d_gates[(line + rows) * wide + m + p];
        }
        #[unroll]
        for q in 0..TILE {
            let mut before = F::new(0.0_f32);
            if k + q < hidden {
                before = states[line * hidden + k + q];
                if comptime!(sizes.masked) {
                    before *= floats[rows + line % rows * hidden + k + q];
                }
            }
            #[unroll]
            for p in 0..TILE {
                sums[q * TILE + p] += before * ds[p];
            }
        }
    }
    let part = CUBE_POS_Y as usize * comptime!(4 * sizes.hidden * sizes.hidden);
    #[unroll]
    for q in 0..TILE {
        if k + q < hidden {
            #[unroll]
            for p in 0..TILE {
                parts[part + (k + q) * wide + m + p] = sums[q * TILE + p];
            }
        }
    }
}

/// Their sum, into the gradient.
#[cube(launch)]
pub(super) fn sum_kernel<F: Float>(
    parts: &Tensor<F>,
    gradient: &mut Tensor<F>,
    count: u32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let size = comptime!(4 * sizes.hidden * sizes.hidden);
    let at = place();
    if at >= size {
        terminate!();
    }
    let mut sum = F::new(0.0_f32);
    for part in 0..count as usize {
        sum += parts[part * size + at];
    }
    gradient[comptime!(sizes.at_hidden) + at] = sum;
}

/// Sums of the gates' gradients over segments of lines of one vocabulary entry, or over all lines times the time
/// input. `plan` holds where the segments of each entry start, then each segment's start, end and kind, then
/// the lines.
#[cube(launch)]
pub(super) fn segment_kernel<F: Float>(
    d_gates: &Tensor<F>,
    floats: &Tensor<F>,
    plan: &Tensor<u32>,
    parts: &mut Tensor<F>,
    rows: u32,
    segments: u32,
    #[comptime] sizes: Sizes,
    #[comptime] entries: usize,
    #[define(F)] _dtype: ElemType,
) {
    let wide = comptime!(4 * sizes.hidden);
    let segments = segments as usize;
    let at = place();
    if at >= segments * wide {
        terminate!();
    }
    let segment = at / wide;
    let m = at % wide;
    let mut at_gaps = rows as usize;
    if comptime!(sizes.masked) {
        at_gaps += rows as usize * comptime!(sizes.hidden);
    }
    let told = entries + 1 + 3 * segment;
    let lines = entries + 1 + 3 * segments;
    let from = plan[told] as usize;
    let to = plan[told + 1] as usize;
    let timed = plan[told + 2] == 1;
    let mut sum = F::new(0.0_f32);
    for of in from..to {
        let line = plan[lines + of] as usize;
        let mut d = d_gates[line * wide + m];
        if comptime!(sizes.gaps) {
            if timed {
                d *= floats[at_gaps + line];
            }
        }
        sum += d;
    }
    parts[at] = sum;
}

/// The sums of each entry's segments, `[entries, 4 × hidden]`.
#[cube(launch)]
pub(super) fn entry_kernel<F: Float>(
    parts: &Tensor<F>,
    plan: &Tensor<u32>,
    d_table: &mut Tensor<F>,
    #[comptime] sizes: Sizes,
    #[comptime] entries: usize,
    #[define(F)] _dtype: ElemType,
) {
    let wide = comptime!(4 * sizes.hidden);
    let at = place();
    if at >= entries * wide {
        terminate!();
    }
    let entry = at / wide;
    let mut sum = F::new(0.0_f32);
    for segment in plan[entry] as usize..plan[entry + 1] as usize {
        sum += parts[segment * wide + at % wide];
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

/// The gradient of the last layer, and the sum of the losses added to what is there.
#[cube(launch)]
pub(super) fn dense_kernel<F: Float>(
    states: &Tensor<F>,
    targets: &Tensor<F>,
    slopes: &Tensor<F>,
    gradient: &mut Tensor<F>,
    loss: &mut Tensor<F>,
    steps: u32,
    rows: u32,
    #[comptime] sizes: Sizes,
    #[define(F)] _dtype: ElemType,
) {
    let hidden = comptime!(sizes.hidden);
    let statics = comptime!(sizes.statics);
    let rows = rows as usize;
    let at = place();
    if at > hidden + statics + 1 {
        terminate!();
    }
    let last = (steps as usize - 1) * rows;
    let mut sum = F::new(0.0_f32);
    if at < hidden {
        for row in 0..rows {
            let mut state = states[(last + row) * hidden + at];
            if comptime!(sizes.dropped) {
                state *= targets[2 * rows + rows * statics + row * hidden + at];
            }
            sum += slopes[row] * state;
        }
        gradient[comptime!(sizes.at_dense) + at] = sum;
    } else if at < hidden + statics {
        for row in 0..rows {
            sum += slopes[row] * targets[2 * rows + row * statics + at - hidden];
        }
        gradient[comptime!(sizes.at_dense) + at] = sum;
    } else if at == hidden + statics {
        for row in 0..rows {
            sum += slopes[row];
        }
        gradient[comptime!(sizes.at_dense) + at] = sum;
    } else {
        for row in 0..rows {
            sum += slopes[rows + row];
        }
        loss[0] += sum;
    }
}

/// One step of Adam (Kingma & Ba 2015, algorithm 1) over all parameters; biases are not penalised.
#[cube(launch)]
pub(super) fn adam_kernel<F: Float>(
    parameters: &mut Tensor<F>,
    gradient: &Tensor<F>,
    first: &mut Tensor<F>,
    second: &mut Tensor<F>,
    rate: f32,
    first_share: f32,
    second_share: f32,
    decay: f32,
    #[comptime] sizes: Sizes,
    #[comptime] decoupled: bool,
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
    parameters[at] = parameter
        - rate * (m * F::cast_from(first_share))
            / ((v * F::cast_from(second_share)).sqrt() + F::new(1e-8_f32));
}
