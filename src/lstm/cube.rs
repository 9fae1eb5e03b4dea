//! The kernels for the GPU. A workgroup minds a few rows, and each of its invocations one hidden unit of all of
//! them; the states of the rows lie in shared memory, their cells in registers.

use super::MAX_GPU_HIDDEN;
use super::gpu_steps::{
    BEFORE, CELL, Gates, ROWS, SHARED_FLOATS, TRACED, UNITS, add_products, advance, hand_on,
    recurrent_gradient, retreat,
};
use super::operator::{Kept, LstmKernels};
use burn::backend::Cube;
use burn::tensor::Shape;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

#[cube(launch)]
fn forward_kernel<F: Float>(
    gates: &Tensor<F>,
    weights: &Tensor<F>,
    extras: &Tensor<F>,
    initial: &Tensor<F>,
    states: &mut Tensor<F>,
    trace: &mut Tensor<F>,
    steps: u32,
    rows: u32,
    #[comptime] hidden: usize,
    #[comptime] tile: usize,
    #[define(F)] _dtype: ElemType,
) {
    let unit = UNIT_POS_X as usize;
    let first = CUBE_POS_X as usize * tile;
    let rows = rows as usize;
    let steps = steps as usize;
    let mut shared = Shared::new_slice(tile * hidden);
    let mut state = Array::new(tile);
    let mut cell = Array::new(tile);
    let mut mask = Array::new(tile);
    let mut length = Array::new(tile);
    #[unroll]
    for r in 0..tile {
        state[r] = F::new(0.0_f32);
        cell[r] = F::new(0.0_f32);
        mask[r] = F::new(0.0_f32);
        length[r] = F::new(0.0_f32);
        let row = first + r;
        if row < rows {
            state[r] = initial[row * 2 * hidden + unit];
            cell[r] = initial[row * 2 * hidden + hidden + unit];
            length[r] = extras[row * (hidden + 1)];
            mask[r] = extras[row * (hidden + 1) + 1 + unit];
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
        add_products::<F>(
            weights,
            &shared,
            0usize,
            unit,
            &mut input,
            &mut forget,
            &mut candidate,
            &mut output,
            0usize,
            hidden,
            tile,
        );
        #[unroll]
        for r in 0..tile {
            let row = first + r;
            if row < rows {
                let kept = (t * rows + row) * comptime!(TRACED * hidden) + unit;
                trace[kept + comptime!(BEFORE * hidden)] = shared[r * hidden + unit];
                if F::cast_from(t as u32) < length[r] {
                    let at = (t * rows + row) * 4 * hidden + unit;
                    let sums = Gates::<F> {
                        input: input[r] + gates[at],
                        forget: forget[r] + gates[at + hidden],
                        candidate: candidate[r] + gates[at + 2 * hidden],
                        output: output[r] + gates[at + 3 * hidden],
                    };
                    let next = advance::<F>(sums, cell[r], trace, kept, hidden);
                    cell[r] = next.cell;
                    state[r] = next.state;
                }
                states[(t * rows + row) * hidden + unit] = state[r];
            }
        }
    }
}

#[cube(launch)]
fn backward_kernel<F: Float>(
    gradient: &Tensor<F>,
    trace: &Tensor<F>,
    turned: &Tensor<F>,
    extras: &Tensor<F>,
    initial: &Tensor<F>,
    d_gates: &mut Tensor<F>,
    d_initial: &mut Tensor<F>,
    steps: u32,
    rows: u32,
    #[comptime] hidden: usize,
    #[comptime] tile: usize,
    #[define(F)] _dtype: ElemType,
) {
    let unit = UNIT_POS_X as usize;
    let first = CUBE_POS_X as usize * tile;
    let rows = rows as usize;
    let steps = steps as usize;
    let wide = comptime!(4 * hidden);
    let zero = F::new(0.0_f32);
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
        mask[r] = zero;
        length[r] = zero;
        let row = first + r;
        if row < rows {
            length[r] = extras[row * (hidden + 1)];
            mask[r] = extras[row * (hidden + 1) + 1 + unit];
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
                d_state[r] += gradient[line * hidden + unit];
                if F::cast_from(t as u32) < length[r] {
                    let kept = line * comptime!(TRACED * hidden) + unit;
                    let mut before = initial[row * 2 * hidden + hidden + unit];
                    if t > 0 {
                        before = trace[(line - rows) * comptime!(TRACED * hidden)
                            + comptime!(CELL * hidden)
                            + unit];
                    }
                    let back = retreat::<F>(trace, kept, before, d_state[r], d_cell[r], hidden);
                    d_input = back.gates.input;
                    d_forget = back.gates.forget;
                    d_candidate = back.gates.candidate;
                    d_output = back.gates.output;
                    d_cell[r] = back.cell;
                }
                let d_gate = Gates::<F> {
                    input: d_input,
                    forget: d_forget,
                    candidate: d_candidate,
                    output: d_output,
                };
                hand_on::<F>(d_gate, d_gates, line * wide + unit, hidden);
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
    #[unroll]
    for r in 0..tile {
        let row = first + r;
        if row < rows {
            d_initial[row * 2 * hidden + unit] = d_state[r];
            d_initial[row * 2 * hidden + hidden + unit] = d_cell[r];
        }
    }
}

/// `out[j, i] = matrix[i, j]`.
#[cube(launch)]
fn turn_kernel<F: Float>(
    matrix: &Tensor<F>,
    out: &mut Tensor<F>,
    lines: u32,
    columns: u32,
    #[define(F)] _dtype: ElemType,
) {
    let at = CUBE_POS_X as usize * CUBE_DIM_X as usize + UNIT_POS_X as usize;
    let (lines, columns) = (lines as usize, columns as usize);
    if at >= lines * columns {
        terminate!();
    }
    out[at % columns * lines + at / columns] = matrix[at];
}

/// The sizes of a recurrence.
struct Sizes {
    steps: usize,
    rows: usize,
    hidden: usize,
}

impl Sizes {
    /// Of the gradient of the states, or of the states themselves.
    fn of(states: &CubeTensor) -> Self {
        let [steps, rows, hidden] = states.meta.shape().dims::<3>();
        Self {
            steps,
            rows,
            hidden,
        }
    }

    /// How many rows a workgroup minds.
    fn tile(&self) -> usize {
        (SHARED_FLOATS / (4 * self.hidden)).clamp(1, ROWS)
    }

    fn cubes(&self) -> CubeCount {
        CubeCount::Static(self.rows.div_ceil(self.tile()) as u32, 1, 1)
    }
}

fn empty<const D: usize>(like: &CubeTensor, shape: [usize; D]) -> CubeTensor {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, Shape::new(shape), like.dtype)
}

fn element_wise(size: usize) -> (CubeCount, CubeDim) {
    let cubes = CubeCount::Static(size.div_ceil(UNITS) as u32, 1, 1);
    (cubes, CubeDim::new_1d(UNITS as u32))
}

impl LstmKernels for Cube {
    fn forward(
        gates: CubeTensor,
        weights: CubeTensor,
        extras: CubeTensor,
        initial: CubeTensor,
    ) -> (CubeTensor, CubeTensor) {
        let [steps, rows, wide] = gates.meta.shape().dims::<3>();
        let hidden = wide / 4;
        assert!(
            hidden <= MAX_GPU_HIDDEN,
            "the GPU takes at most {MAX_GPU_HIDDEN} hidden units"
        );
        let sizes = Sizes {
            steps,
            rows,
            hidden,
        };
        let states = empty(&gates, [steps, rows, hidden]);
        let trace = empty(&gates, [steps, rows, TRACED * hidden]);
        let client = gates.client.clone();
        forward_kernel::launch(
            &client,
            sizes.cubes(),
            CubeDim::new_1d(hidden as u32),
            into_contiguous(gates).into_tensor_arg(),
            into_contiguous(weights).into_tensor_arg(),
            into_contiguous(extras).into_tensor_arg(),
            into_contiguous(initial).into_tensor_arg(),
            states.clone().into_tensor_arg(),
            trace.clone().into_tensor_arg(),
            steps as u32,
            rows as u32,
            hidden,
            sizes.tile(),
            f32::elem_type_native(),
        );
        (states, trace)
    }

    fn backward(gradient: CubeTensor, kept: Kept<Self>) -> (CubeTensor, CubeTensor, CubeTensor) {
        let sizes = Sizes::of(&kept.states);
        let Sizes {
            steps,
            rows,
            hidden,
        } = sizes;
        let client = kept.states.client.clone();
        let dtype = f32::elem_type_native();
        let kept = Kept {
            weights: into_contiguous(kept.weights),
            extras: into_contiguous(kept.extras),
            initial: into_contiguous(kept.initial),
            ..kept
        };
        let turned = empty(&kept.weights, [4 * hidden, hidden]);
        let (cubes, units) = element_wise(4 * hidden * hidden);
        turn_kernel::launch(
            &client,
            cubes,
            units,
            kept.weights.clone().into_tensor_arg(),
            turned.clone().into_tensor_arg(),
            hidden as u32,
            4 * hidden as u32,
            dtype,
        );
        let d_gates = empty(&kept.states, [steps, rows, 4 * hidden]);
        let d_initial = empty(&kept.states, [rows, 2 * hidden]);
        backward_kernel::launch(
            &client,
            sizes.cubes(),
            CubeDim::new_1d(hidden as u32),
            into_contiguous(gradient).into_tensor_arg(),
            kept.trace.clone().into_tensor_arg(),
            turned.into_tensor_arg(),
            kept.extras.clone().into_tensor_arg(),
            kept.initial.clone().into_tensor_arg(),
            d_gates.clone().into_tensor_arg(),
            d_initial.clone().into_tensor_arg(),
            steps as u32,
            rows as u32,
            hidden,
            sizes.tile(),
            dtype,
        );
        let d_weights = empty(&kept.states, [hidden, 4 * hidden]);
        let lines = 0..steps * rows;
        recurrent_gradient(&kept.trace, &d_gates, lines, hidden, &d_weights, 0);
        (d_gates, d_weights, d_initial)
    }
}
