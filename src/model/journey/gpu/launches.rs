//! The launches of a step, in their order.

use super::held::Held;
use super::kernels::{self, ENTRIES};
use super::recurrence::{self, HELD};
use super::{GpuNetwork, empty, upload_whole};
use crate::lstm::gpu_steps::{TRACED, UNITS, recurrent_gradient};
use crate::model::journey::{Batch, Dropout};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;
use std::ops::Range;

/// The most workgroups along one dimension.
const MAX_CUBES: usize = 65_535;
/// About how many rows a workgroup of the vocabulary's gradient takes.
const VOCABULARY_ROWS: usize = 16;
/// The most workgroups it is spread over, and the most numbers that those leave behind.
const VOCABULARY_CUBES: usize = 32;
/// See [`VOCABULARY_CUBES`].
const VOCABULARY_PARTS: usize = 1 << 22;

/// A batch on the device.
pub(super) struct Pass {
    rows: usize,
    /// The lines of all steps but the first.
    later: Range<usize>,
    told: CubeTensor,
    recurrent_factor: f32,
    last_factor: f32,
}

impl Pass {
    /// Tells the device of a batch.
    pub fn new(
        like: &CubeTensor,
        held: &Held,
        batch: &Batch,
        dropout: Option<(&Dropout, u32)>,
    ) -> Self {
        let factors =
            dropout.map(|(dropout, _)| (dropout.of_cell(0).factor, dropout.of_last().factor));
        let (recurrent_factor, last_factor) = factors.unwrap_or((1.0, 1.0));
        Self {
            rows: batch.rows,
            later: batch.active[0]..batch.active.iter().sum(),
            told: upload_whole(like, &held.told(batch, dropout)),
            recurrent_factor,
            last_factor,
        }
    }
}

/// What the way there leaves behind.
pub(super) struct Seen {
    trace: CubeTensor,
    last: CubeTensor,
    /// Slopes, losses and log-odds of the rows.
    pub head: CubeTensor,
}

fn element_wise(size: usize) -> (CubeCount, CubeDim) {
    let cubes = size.div_ceil(UNITS).max(1);
    let across = cubes.min(MAX_CUBES);
    let down = cubes.div_ceil(across);
    (
        CubeCount::Static(across as u32, down as u32, 1),
        CubeDim::new_1d(UNITS as u32),
    )
}

fn along(cubes: usize) -> CubeCount {
    CubeCount::Static(cubes as u32, 1, 1)
}

impl GpuNetwork {
    fn empty(&self, size: usize) -> CubeTensor {
        empty(&self.like, size)
    }

    /// The way there, as far as the losses; `share` is what a row's slope is multiplied by.
    pub(super) fn forward(&mut self, pass: &Pass, share: f32) -> Seen {
        let sizes = self.sizes;
        let client = self.like.client.clone();
        let dtype = f32::elem_type_native();
        let hidden = sizes.hidden;
        let table = self.empty(4 * hidden * sizes.entries());
        let (cubes, units) = element_wise(4 * hidden * sizes.entries());
        kernels::table_kernel::launch(
            &client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            table.clone().into_tensor_arg(),
            sizes,
            dtype,
        );
        let seen = Seen {
            trace: self.empty(pass.later.end * TRACED * hidden),
            last: self.empty(pass.rows * hidden),
            head: self.empty(3 * pass.rows),
        };
        self.recurrence(pass, table, &seen);
        let (cubes, units) = element_wise(pass.rows);
        kernels::head_kernel::launch(
            &client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            self.held.real.clone().into_tensor_arg(),
            pass.told.clone().into_tensor_arg(),
            seen.last.clone().into_tensor_arg(),
            seen.head.clone().into_tensor_arg(),
            share,
            sizes,
            dtype,
        );
        self.launches += 3;
        seen
    }

    fn recurrence(&self, pass: &Pass, table: CubeTensor, seen: &Seen) {
        let tile = self.tile;
        let cubes = along(pass.rows.div_ceil(tile));
        let units = CubeDim::new_1d(self.sizes.hidden as u32);
        let client = &self.like.client;
        if self.sizes.hidden <= HELD {
            recurrence::held_forward_kernel::launch(
                client,
                cubes,
                units,
                self.parameters.clone().into_tensor_arg(),
                table.into_tensor_arg(),
                self.held.whole.clone().into_tensor_arg(),
                self.held.real.clone().into_tensor_arg(),
                pass.told.clone().into_tensor_arg(),
                seen.trace.clone().into_tensor_arg(),
                seen.last.clone().into_tensor_arg(),
                pass.recurrent_factor,
                pass.last_factor,
                tile as u32,
                self.sizes,
                f32::elem_type_native(),
            );
        } else {
            recurrence::shared_forward_kernel::launch(
                client,
                cubes,
                units,
                self.parameters.clone().into_tensor_arg(),
                table.into_tensor_arg(),
                self.held.whole.clone().into_tensor_arg(),
                self.held.real.clone().into_tensor_arg(),
                pass.told.clone().into_tensor_arg(),
                seen.trace.clone().into_tensor_arg(),
                seen.last.clone().into_tensor_arg(),
                pass.recurrent_factor,
                pass.last_factor,
                self.sizes,
                f32::elem_type_native(),
            );
        }
    }

    /// The way back through the recurrence.
    pub(super) fn backward(&mut self, pass: &Pass, seen: &Seen) -> CubeTensor {
        let tile = self.tile;
        let cubes = along(pass.rows.div_ceil(tile));
        // Four invocations for four units, one gate each.
        let units = CubeDim::new_1d(4 * self.sizes.hidden.div_ceil(4) as u32);
        let d_gates = self.empty(pass.later.end * 4 * self.sizes.hidden);
        let client = &self.like.client;
        if self.sizes.hidden <= HELD {
            recurrence::held_backward_kernel::launch(
                client,
                cubes,
                units,
                self.parameters.clone().into_tensor_arg(),
                self.held.whole.clone().into_tensor_arg(),
                pass.told.clone().into_tensor_arg(),
                seen.trace.clone().into_tensor_arg(),
                seen.head.clone().into_tensor_arg(),
                d_gates.clone().into_tensor_arg(),
                pass.recurrent_factor,
                pass.last_factor,
                tile as u32,
                self.sizes,
                f32::elem_type_native(),
            );
        } else {
            recurrence::shared_backward_kernel::launch(
                client,
                cubes,
                units,
                self.parameters.clone().into_tensor_arg(),
                self.turned.clone().into_tensor_arg(),
                self.held.whole.clone().into_tensor_arg(),
                pass.told.clone().into_tensor_arg(),
                seen.trace.clone().into_tensor_arg(),
                seen.head.clone().into_tensor_arg(),
                d_gates.clone().into_tensor_arg(),
                pass.recurrent_factor,
                pass.last_factor,
                self.sizes,
                f32::elem_type_native(),
            );
        }
        self.launches += 1;
        d_gates
    }

    /// The gradient of the recurrent weights. Before the first step there is no state.
    pub(super) fn recurrent_gradient(&mut self, pass: &Pass, seen: &Seen, d_gates: &CubeTensor) {
        recurrent_gradient(
            &seen.trace,
            d_gates,
            pass.later.clone(),
            self.sizes.hidden,
            &self.gradient,
            self.sizes.at_hidden,
        );
        self.launches += 2;
    }

    /// The gradients of embeddings, input weights and bias.
    pub(super) fn input_gradient(&mut self, pass: &Pass, d_gates: &CubeTensor) {
        let sizes = self.sizes;
        let client = self.like.client.clone();
        let dtype = f32::elem_type_native();
        let wide = 4 * sizes.hidden;
        let size = sizes.lines_of_table() * wide;
        let count = pass.rows.div_ceil(VOCABULARY_ROWS);
        let count = count
            .min(VOCABULARY_CUBES)
            .min(VOCABULARY_PARTS / size)
            .max(1);
        let parts = self.empty(count * size);
        kernels::vocabulary_kernel::launch(
            &client,
            CubeCount::Static(
                wide.div_ceil(UNITS) as u32,
                count as u32,
                sizes.entries().div_ceil(ENTRIES) as u32,
            ),
            CubeDim::new_1d(UNITS as u32),
            d_gates.clone().into_tensor_arg(),
            self.held.whole.clone().into_tensor_arg(),
            self.held.real.clone().into_tensor_arg(),
            pass.told.clone().into_tensor_arg(),
            parts.clone().into_tensor_arg(),
            sizes,
            dtype,
        );
        let d_table = self.empty(size);
        let (cubes, units) = element_wise(size);
        kernels::entry_kernel::launch(
            &client,
            cubes,
            units,
            parts.into_tensor_arg(),
            d_table.clone().into_tensor_arg(),
            count as u32,
            sizes,
            dtype,
        );
        let (cubes, units) = element_wise(sizes.at_hidden + wide);
        kernels::embedding_kernel::launch(
            &client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            d_table.into_tensor_arg(),
            self.gradient.clone().into_tensor_arg(),
            sizes,
            dtype,
        );
        self.launches += 3;
    }

    /// The gradient of the last layer, and the loss.
    pub(super) fn dense_gradient(&mut self, pass: &Pass, seen: &Seen) {
        kernels::dense_kernel::launch(
            &self.like.client,
            along(self.sizes.hidden + self.sizes.statics + 2),
            CubeDim::new_1d(UNITS as u32),
            self.held.real.clone().into_tensor_arg(),
            pass.told.clone().into_tensor_arg(),
            seen.last.clone().into_tensor_arg(),
            seen.head.clone().into_tensor_arg(),
            self.gradient.clone().into_tensor_arg(),
            self.loss.clone().into_tensor_arg(),
            self.sizes,
            f32::elem_type_native(),
        );
        self.launches += 1;
    }

    /// One step of Adam.
    pub(super) fn adam(&mut self, rate: f32, decay: f32) {
        let (cubes, units) = element_wise(self.sizes.parameters());
        // Before the first step the moments are 0, and any share of them too.
        let steps = self.steps.max(1);
        kernels::adam_kernel::launch(
            &self.like.client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            self.gradient.clone().into_tensor_arg(),
            self.first.clone().into_tensor_arg(),
            self.second.clone().into_tensor_arg(),
            self.turned.clone().into_tensor_arg(),
            rate,
            1.0 / (1.0 - 0.9_f32.powi(steps)),
            1.0 / (1.0 - 0.999_f32.powi(steps)),
            decay,
            self.sizes,
            self.penalty.decoupled,
            self.sizes.hidden > HELD,
            f32::elem_type_native(),
        );
        self.launches += 1;
    }
}
