//! What the GPU's kernels of the recurrence share, here and in the journey model: one step of one unit there and
//! back, and the gradient of the recurrent weights.
//!
//! A line is one touch of one row. Of each a trace is kept, [`TRACED`] × hidden numbers: the four gates after their
//! activation, the cell, and the state that went into the recurrent product.

use burn::tensor::Shape;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;
use std::ops::Range;

/// Numbers kept of a unit and a line.
pub(crate) const TRACED: usize = 6;
/// Which of them is the cell.
pub(crate) const CELL: usize = 4;
/// Which of them is the state before, with its mask.
pub(crate) const BEFORE: usize = 5;
/// Floats of shared memory that a workgroup may have: WebGPU promises 16 KiB.
pub(crate) const SHARED_FLOATS: usize = 4096;
/// The most rows of a workgroup.
pub(crate) const ROWS: usize = 8;
/// Invocations of a workgroup where each minds numbers of its own.
pub(crate) const UNITS: usize = 64;
/// Side of the square that one invocation of the product sums: 16 loads for 64 multiplications.
const TILE: usize = 8;
/// About how many workgroups the product is spread over.
const PRODUCT_CUBES: usize = 64;
/// The fewest lines that are worth a workgroup of their own.
const FEWEST_LINES: usize = 16;

#[cube]
pub(crate) fn logistic<F: Float>(x: F) -> F {
    F::new(1.0_f32) / (F::new(1.0_f32) + (F::new(0.0_f32) - x).exp())
}

#[cube]
fn squash<F: Float>(x: F) -> F {
    F::new(2.0_f32) * logistic::<F>(x + x) - F::new(1.0_f32)
}

/// The four gates of a unit: sums before their activation, or gradients of those.
#[derive(CubeType, Clone, Copy)]
#[expand(derive(Clone, Copy))]
pub(crate) struct Gates<F: Float> {
    pub input: F,
    pub forget: F,
    pub candidate: F,
    pub output: F,
}

/// A unit's cell and state, or the gradient of the cell and what its gates get.
#[derive(CubeType, Clone, Copy)]
#[expand(derive(Clone, Copy))]
pub(crate) struct Unit<F: Float> {
    pub cell: F,
    pub state: F,
}

/// Adds what the states of a workgroup's rows, from `from` on in shared memory, bring to the four gates of a unit. Every
/// weight that is read, from `place` on, serves all rows.
#[cube]
pub(crate) fn add_products<F: Float>(
    weights: &Tensor<F>,
    states: &Shared<[F]>,
    from: usize,
    unit: usize,
    input: &mut Array<F>,
    forget: &mut Array<F>,
    candidate: &mut Array<F>,
    output: &mut Array<F>,
    #[comptime] place: usize,
    #[comptime] hidden: usize,
    #[comptime] tile: usize,
) {
    for k in 0..hidden {
        let at = place + k * comptime!(4 * hidden) + unit;
        let of_input = weights[at];
        let of_forget = weights[at + hidden];
        let of_candidate = weights[at + 2 * hidden];
        let of_output = weights[at + 3 * hidden];
        #[unroll]
        for r in 0..tile {
            let before = states[from + r * hidden + k];
            input[r] += of_input * before;
            forget[r] += of_forget * before;
            candidate[r] += of_candidate * before;
            output[r] += of_output * before;
        }
    }
}

/// One step of a unit. Its trace, but for the state before, is written from `kept` on.
#[cube]
pub(crate) fn advance<F: Float>(
    sums: Gates<F>,
    cell: F,
    trace: &mut Tensor<F>,
    kept: usize,
    #[comptime] hidden: usize,
) -> Unit<F> {
    let i = logistic::<F>(sums.input);
    let f = logistic::<F>(sums.forget);
    let g = squash::<F>(sums.candidate);
    let o = logistic::<F>(sums.output);
    let cell = f * cell + i * g;
    trace[kept] = i;
    trace[kept + hidden] = f;
    trace[kept + 2 * hidden] = g;
    trace[kept + 3 * hidden] = o;
    trace[kept + 4 * hidden] = cell;
    Unit::<F> {
        cell,
        state: o * squash::<F>(cell),
    }
}

/// What comes back through a step.
#[derive(CubeType, Clone, Copy)]
#[expand(derive(Clone, Copy))]
pub(crate) struct Back<F: Float> {
    /// Of the sums before their activation.
    pub gates: Gates<F>,
    /// Of the cell before.
    pub cell: F,
}

/// One step of a unit back, from the gradients of its state and its cell; `before` is the cell before.
#[cube]
pub(crate) fn retreat<F: Float>(
    trace: &Tensor<F>,
    kept: usize,
    before: F,
    d_state: F,
    d_cell: F,
    #[comptime] hidden: usize,
) -> Back<F> {
    let one = F::new(1.0_f32);
    let i = trace[kept];
    let f = trace[kept + hidden];
    let g = trace[kept + 2 * hidden];
    let o = trace[kept + 3 * hidden];
    let squashed = squash::<F>(trace[kept + 4 * hidden]);
    let d = d_cell + d_state * o * (one - squashed * squashed);
    Back::<F> {
        gates: Gates::<F> {
            input: d * g * i * (one - i),
            forget: d * before * f * (one - f),
            candidate: d * i * (one - g * g),
            output: d_state * squashed * o * (one - o),
        },
        cell: d * f,
    }
}

/// Writes the gradient of a line's gates.
#[cube]
pub(crate) fn hand_on<F: Float>(
    gates: Gates<F>,
    d_gates: &mut Tensor<F>,
    at: usize,
    #[comptime] hidden: usize,
) {
    d_gates[at] = gates.input;
    d_gates[at + hidden] = gates.forget;
    d_gates[at + 2 * hidden] = gates.candidate;
    d_gates[at + 3 * hidden] = gates.output;
}

/// Parts of `Σ beforeᵀ · d` over the lines from `first` to `end`: each workgroup of the second dimension sums over
/// `stretch` of them, each invocation a square of eight units by eight gates. Its gates lie apart, so that
/// neighbours read neighbours.
#[cube(launch)]
fn product_kernel<F: Float>(
    trace: &Tensor<F>,
    d_gates: &Tensor<F>,
    parts: &mut Tensor<F>,
    first: u32,
    end: u32,
    stretch: u32,
    #[comptime] hidden: usize,
    #[define(F)] _dtype: ElemType,
) {
    let wide = comptime!(4 * hidden);
    let apart = comptime!((4 * hidden).div_ceil(TILE));
    let place = CUBE_POS_X as usize * CUBE_DIM_X as usize + UNIT_POS_X as usize;
    if place >= comptime!(hidden.div_ceil(TILE) * (4 * hidden).div_ceil(TILE)) {
        terminate!();
    }
    let k = place / apart * TILE;
    let m = place % apart;
    let from = first as usize + CUBE_POS_Y as usize * stretch as usize;
    let mut to = from + stretch as usize;
    if to > end as usize {
        to = end as usize;
    }
    let mut sums = Array::new(comptime!(TILE * TILE));
    #[unroll]
    for at in 0..comptime!(TILE * TILE) {
        sums[at] = F::new(0.0_f32);
    }
    for line in from..to {
        let mut ds = Array::new(TILE);
        #[unroll]
        for p in 0..TILE {
            ds[p] = d_gates[line * wide + m + p * apart];
        }
        #[unroll]
        for q in 0..TILE {
            let before =
                trace[line * comptime!(TRACED * hidden) + comptime!(BEFORE * hidden) + k + q];
            #[unroll]
            for p in 0..TILE {
                sums[q * TILE + p] += before * ds[p];
            }
        }
    }
    let part = CUBE_POS_Y as usize * comptime!(4 * hidden * hidden);
    #[unroll]
    for q in 0..TILE {
        if k + q < hidden {
            #[unroll]
            for p in 0..TILE {
                if m + p * apart < wide {
                    parts[part + (k + q) * wide + m + p * apart] = sums[q * TILE + p];
                }
            }
        }
    }
}

/// `out[at + i] = Σₛ parts[s, i]`
#[cube(launch)]
fn sum_kernel<F: Float>(
    parts: &Tensor<F>,
    out: &mut Tensor<F>,
    count: u32,
    size: u32,
    at: u32,
    #[define(F)] _dtype: ElemType,
) {
    let place = CUBE_POS_X as usize * CUBE_DIM_X as usize + UNIT_POS_X as usize;
    let size = size as usize;
    if place >= size {
        terminate!();
    }
    let mut sum = F::new(0.0_f32);
    for part in 0..count as usize {
        sum += parts[part * size + place];
    }
    out[at as usize + place] = sum;
}

/// Puts the gradient of the recurrent weights, over the given lines, into `out` from `at` on: two launches.
pub(crate) fn recurrent_gradient(
    trace: &CubeTensor,
    d_gates: &CubeTensor,
    lines: Range<usize>,
    hidden: usize,
    out: &CubeTensor,
    at: usize,
) {
    let client = trace.client.clone();
    let dtype = f32::elem_type_native();
    let size = 4 * hidden * hidden;
    let across = (hidden.div_ceil(TILE) * (4 * hidden).div_ceil(TILE)).div_ceil(UNITS);
    let most = PRODUCT_CUBES.div_ceil(across);
    let count = most.min(lines.len().div_ceil(FEWEST_LINES)).max(1);
    let parts = empty_device_contiguous_dtype(
        client.clone(),
        trace.device.clone(),
        Shape::new([count * size]),
        trace.dtype,
    );
    product_kernel::launch(
        &client,
        CubeCount::Static(across as u32, count as u32, 1),
        CubeDim::new_1d(UNITS as u32),
        trace.clone().into_tensor_arg(),
        d_gates.clone().into_tensor_arg(),
        parts.clone().into_tensor_arg(),
        lines.start as u32,
        lines.end as u32,
        lines.len().div_ceil(count) as u32,
        hidden,
        dtype,
    );
    sum_kernel::launch(
        &client,
        CubeCount::Static(size.div_ceil(UNITS) as u32, 1, 1),
        CubeDim::new_1d(UNITS as u32),
        parts.into_tensor_arg(),
        out.clone().into_tensor_arg(),
        count as u32,
        size as u32,
        at as u32,
        dtype,
    );
}
