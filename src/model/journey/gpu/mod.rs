//! The network on a GPU: one step of training in twelve launches, however long the journeys are.
//!
//! A batch goes up as three small arrays; everything else stays on the device, where parameters, moments and
//! gradient are one flat array each. What a launch computes is told beside its kernel.

mod kernels;

use super::host::Masks;
use super::{Batch, JourneyShape};
use burn::backend::{BackendTensor, DispatchTensorKind};
use burn::tensor::{Device, Shape, Tensor};
use burn_cubecl::CubeDevice;
use burn_cubecl::tensor::CubeTensor;
use cubecl::client::Client;
use cubecl::prelude::*;
use kernels::{Sizes, TILE, UNITS};

/// The most hidden units: one invocation of a workgroup for each.
pub const MAX_HIDDEN: usize = 256;
/// Launches of one training step.
pub const LAUNCHES: usize = 12;
/// Floats of shared memory that a workgroup may have: WebGPU promises 16 KiB.
const SHARED_FLOATS: usize = 4096;
/// The most rows of a workgroup.
const ROWS: usize = 8;
/// The most lines that one invocation sums for a vocabulary entry.
const SEGMENT: usize = 128;
/// About how many workgroups the product of the recurrent weights' gradient is spread over.
const PRODUCT_CUBES: usize = 64;
/// The most workgroups along one dimension.
const MAX_CUBES: usize = 65_535;

/// Why the GPU can't go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuFault(pub String);

/// What the loss of a batch is made of, one per row in the batch's order.
#[derive(Debug, Clone, Copy)]
pub struct Targets<'a> {
    /// Outcomes, 0 or 1.
    pub outcomes: &'a [f32],
    /// How often each row counts.
    pub weights: &'a [f32],
    /// Their sum.
    pub mass: f64,
}

/// A network whose parameters live on a GPU, with the moments of Adam.
pub struct GpuNetwork {
    client: Client,
    device: CubeDevice,
    like: CubeTensor,
    sizes: Sizes,
    decay: f32,
    decoupled: bool,
    parameters: CubeTensor,
    gradient: CubeTensor,
    first: CubeTensor,
    second: CubeTensor,
    loss: CubeTensor,
    steps: i32,
    launches: usize,
}

impl GpuNetwork {
    /// Whether the GPU has kernels for a network of this shape.
    pub fn takes(shape: &JourneyShape) -> bool {
        shape.heads == 0 && shape.layers == 1 && !shape.bidirectional && shape.hidden <= MAX_HIDDEN
    }

    /// The network with the given parameters, on the device; `None` where the device is no GPU, or
    /// [`GpuNetwork::takes`] says no. `decay` is the strength of the penalty per row.
    pub fn new(
        device: &Device,
        shape: &JourneyShape,
        parameters: &[f32],
        decay: f32,
        decoupled: bool,
    ) -> Option<Self> {
        if !Self::takes(shape) {
            return None;
        }
        let seed = Tensor::<1>::zeros([1], device).into_dispatch();
        let DispatchTensorKind::Cube(BackendTensor::Float(like)) = seed.kind else {
            return None;
        };
        let layout = shape.layout();
        let cell = layout.cells.first()?;
        let sizes = Sizes {
            hidden: shape.hidden,
            embedding: shape.embedding,
            channels: shape.channels,
            events: shape.events,
            statics: shape.statics,
            gaps: shape.gaps,
            masked: false,
            dropped: false,
            at_events: layout.events.start,
            at_input: cell.input.start,
            at_hidden: cell.hidden.start,
            at_bias: cell.bias.start,
            at_dense: layout.dense.start,
        };
        let (client, place) = (like.client.clone(), like.device.clone());
        let upload = |values: &[f32]| floats(&client, &place, &like, values);
        let zeros = vec![0.0; parameters.len()];
        Some(Self {
            parameters: upload(parameters),
            gradient: upload(&zeros),
            first: upload(&zeros),
            second: upload(&zeros),
            loss: upload(&[0.0]),
            sizes,
            decay,
            decoupled,
            steps: 0,
            launches: 0,
            client: like.client.clone(),
            device: like.device.clone(),
            like,
        })
    }

    /// How many launches there were so far.
    pub fn launches(&self) -> usize {
        self.launches
    }

    /// Puts one update on the device's queue. Its loss is added to what [`GpuNetwork::loss`] reads.
    pub fn step(&mut self, batch: &Batch, masks: &Masks, targets: Targets<'_>, rate: f32) {
        let recurrent = masks.recurrent.first().map_or(&[][..], Vec::as_slice);
        let sizes = Sizes {
            masked: !recurrent.is_empty(),
            dropped: !masks.last.is_empty(),
            ..self.sizes
        };
        self.steps += 1;
        let pass = Pass {
            sizes,
            steps: batch.steps,
            rows: batch.rows,
            floats: self.upload(&[&lengths(batch)[..], recurrent, &batch.gaps].concat()),
            codes: self.upload_codes(batch),
            targets: self.upload(
                &[
                    targets.outcomes,
                    targets.weights,
                    &batch.statics,
                    &masks.last,
                ]
                .concat(),
            ),
        };
        let (states, trace) = self.forward(&pass);
        let slopes = self.head(&pass, &states, (1.0 / targets.mass) as f32);
        let d_gates = self.backward(&pass, &trace, &slopes);
        self.recurrent_gradient(&pass, &states, &d_gates);
        self.input_gradient(&pass, batch, &d_gates);
        self.dense_gradient(&pass, &states, &slopes);
        self.adam(sizes, rate);
    }

    /// The sum of the losses since this was last asked. Waits for all that is queued.
    ///
    /// # Errors
    /// [`GpuFault`] where the device can't be read.
    pub async fn loss(&mut self) -> Result<f64, GpuFault> {
        let sum = self.read(&self.loss).await?;
        self.loss = self.upload(&[0.0]);
        Ok(f64::from(sum.first().copied().unwrap_or(f32::NAN)))
    }

    /// The parameters as they are now.
    ///
    /// # Errors
    /// [`GpuFault`] where the device can't be read.
    pub async fn parameters(&self) -> Result<Vec<f32>, GpuFault> {
        self.read(&self.parameters).await
    }

    async fn read(&self, tensor: &CubeTensor) -> Result<Vec<f32>, GpuFault> {
        let read = self.client.read_async(vec![tensor.handle.clone()]).await;
        let read =
            read.map_err(|error| GpuFault(format!("The GPU could not be read: {error:?}")))?;
        let bytes = read.first().map_or(&[][..], |bytes| &bytes[..]);
        Ok(bytes
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect())
    }

    fn upload(&self, values: &[f32]) -> CubeTensor {
        floats(&self.client, &self.device, &self.like, values)
    }

    fn upload_codes(&self, batch: &Batch) -> CubeTensor {
        let codes = batch.channels.iter().chain(&batch.events);
        self.upload_whole(&codes.map(|&code| u32::from(code)).collect::<Vec<_>>())
    }

    /// Whole numbers; what kind they are is for the kernel to know.
    fn upload_whole(&self, values: &[u32]) -> CubeTensor {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        contiguous(&self.client, &self.device, &self.like, &bytes)
    }

    fn empty(&self, size: usize) -> CubeTensor {
        let handle = self.client.empty(size.max(1) * 4);
        let shape = Shape::new([size.max(1)]);
        let (client, device) = (self.client.clone(), self.device.clone());
        CubeTensor::new_contiguous(client, device, shape, handle, self.like.dtype)
    }

    fn forward(&mut self, pass: &Pass) -> (CubeTensor, CubeTensor) {
        let Sizes { hidden, .. } = pass.sizes;
        let table = self.empty(4 * hidden * pass.sizes.entries());
        let (cubes, units) = element_wise(4 * hidden * pass.sizes.entries());
        kernels::table_kernel::launch(
            &self.client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            table.clone().into_tensor_arg(),
            pass.sizes,
            f32::elem_type_native(),
        );
        let states = self.empty(pass.steps * pass.rows * hidden);
        let trace = self.empty(pass.steps * pass.rows * 5 * hidden);
        kernels::forward_kernel::launch(
            &self.client,
            pass.cubes(),
            CubeDim::new_1d(hidden as u32),
            self.parameters.clone().into_tensor_arg(),
            table.into_tensor_arg(),
            pass.codes.clone().into_tensor_arg(),
            pass.floats.clone().into_tensor_arg(),
            states.clone().into_tensor_arg(),
            trace.clone().into_tensor_arg(),
            pass.steps as u32,
            pass.rows as u32,
            pass.sizes,
            pass.tile(),
            f32::elem_type_native(),
        );
        self.launches += 2;
        (states, trace)
    }

    fn head(&mut self, pass: &Pass, states: &CubeTensor, share: f32) -> CubeTensor {
        let slopes = self.empty(2 * pass.rows);
        let (cubes, units) = element_wise(pass.rows);
        kernels::head_kernel::launch(
            &self.client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            states.clone().into_tensor_arg(),
            pass.targets.clone().into_tensor_arg(),
            slopes.clone().into_tensor_arg(),
            pass.steps as u32,
            pass.rows as u32,
            share,
            pass.sizes,
            f32::elem_type_native(),
        );
        self.launches += 1;
        slopes
    }

    fn backward(&mut self, pass: &Pass, trace: &CubeTensor, slopes: &CubeTensor) -> CubeTensor {
        let Sizes { hidden, .. } = pass.sizes;
        let turned = self.empty(4 * hidden * hidden);
        let (cubes, units) = element_wise(4 * hidden * hidden);
        kernels::turn_kernel::launch(
            &self.client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            turned.clone().into_tensor_arg(),
            pass.sizes,
            f32::elem_type_native(),
        );
        let d_gates = self.empty(pass.steps * pass.rows * 4 * hidden);
        kernels::backward_kernel::launch(
            &self.client,
            pass.cubes(),
            CubeDim::new_1d(hidden as u32),
            self.parameters.clone().into_tensor_arg(),
            turned.into_tensor_arg(),
            trace.clone().into_tensor_arg(),
            pass.floats.clone().into_tensor_arg(),
            pass.targets.clone().into_tensor_arg(),
            slopes.clone().into_tensor_arg(),
            d_gates.clone().into_tensor_arg(),
            pass.steps as u32,
            pass.rows as u32,
            pass.sizes,
            pass.tile(),
            f32::elem_type_native(),
        );
        self.launches += 2;
        d_gates
    }

    fn recurrent_gradient(&mut self, pass: &Pass, states: &CubeTensor, d_gates: &CubeTensor) {
        let Sizes { hidden, .. } = pass.sizes;
        let lines = (pass.steps - 1) * pass.rows;
        let across = (hidden.div_ceil(TILE) * hidden).div_ceil(UNITS);
        let count = PRODUCT_CUBES
            .div_ceil(across)
            .min(lines.div_ceil(16))
            .max(1);
        let parts = self.empty(count * 4 * hidden * hidden);
        kernels::product_kernel::launch(
            &self.client,
            CubeCount::Static(across as u32, count as u32, 1),
            CubeDim::new_1d(UNITS as u32),
            states.clone().into_tensor_arg(),
            pass.floats.clone().into_tensor_arg(),
            d_gates.clone().into_tensor_arg(),
            parts.clone().into_tensor_arg(),
            lines as u32,
            pass.rows as u32,
            lines.div_ceil(count) as u32,
            pass.sizes,
            f32::elem_type_native(),
        );
        let (cubes, units) = element_wise(4 * hidden * hidden);
        kernels::sum_kernel::launch(
            &self.client,
            cubes,
            units,
            parts.into_tensor_arg(),
            self.gradient.clone().into_tensor_arg(),
            count as u32,
            pass.sizes,
            f32::elem_type_native(),
        );
        self.launches += 2;
    }

    fn input_gradient(&mut self, pass: &Pass, batch: &Batch, d_gates: &CubeTensor) {
        let wide = 4 * pass.sizes.hidden;
        let entries = pass.sizes.entries() + usize::from(pass.sizes.gaps);
        let (plan, segments) = plan(batch, pass.sizes);
        let plan = self.upload_whole(&plan);
        let parts = self.empty(segments * wide);
        let (cubes, units) = element_wise(segments * wide);
        kernels::segment_kernel::launch(
            &self.client,
            cubes,
            units,
            d_gates.clone().into_tensor_arg(),
            pass.floats.clone().into_tensor_arg(),
            plan.clone().into_tensor_arg(),
            parts.clone().into_tensor_arg(),
            pass.rows as u32,
            segments as u32,
            pass.sizes,
            entries,
            f32::elem_type_native(),
        );
        let d_table = self.empty(entries * wide);
        let (cubes, units) = element_wise(entries * wide);
        kernels::entry_kernel::launch(
            &self.client,
            cubes,
            units,
            parts.into_tensor_arg(),
            plan.into_tensor_arg(),
            d_table.clone().into_tensor_arg(),
            pass.sizes,
            entries,
            f32::elem_type_native(),
        );
        let (cubes, units) = element_wise(pass.sizes.at_hidden + wide);
        kernels::embedding_kernel::launch(
            &self.client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            d_table.into_tensor_arg(),
            self.gradient.clone().into_tensor_arg(),
            pass.sizes,
            f32::elem_type_native(),
        );
        self.launches += 3;
    }

    fn dense_gradient(&mut self, pass: &Pass, states: &CubeTensor, slopes: &CubeTensor) {
        let (cubes, units) = element_wise(pass.sizes.hidden + pass.sizes.statics + 2);
        kernels::dense_kernel::launch(
            &self.client,
            cubes,
            units,
            states.clone().into_tensor_arg(),
            pass.targets.clone().into_tensor_arg(),
            slopes.clone().into_tensor_arg(),
            self.gradient.clone().into_tensor_arg(),
            self.loss.clone().into_tensor_arg(),
            pass.steps as u32,
            pass.rows as u32,
            pass.sizes,
            f32::elem_type_native(),
        );
        self.launches += 1;
    }

    fn adam(&mut self, sizes: Sizes, rate: f32) {
        let (cubes, units) = element_wise(sizes.at_dense + sizes.hidden + sizes.statics + 1);
        kernels::adam_kernel::launch(
            &self.client,
            cubes,
            units,
            self.parameters.clone().into_tensor_arg(),
            self.gradient.clone().into_tensor_arg(),
            self.first.clone().into_tensor_arg(),
            self.second.clone().into_tensor_arg(),
            rate,
            1.0 / (1.0 - 0.9_f32.powi(self.steps)),
            1.0 / (1.0 - 0.999_f32.powi(self.steps)),
            self.decay,
            sizes,
            self.decoupled,
            f32::elem_type_native(),
        );
        self.launches += 1;
    }
}

/// A batch on the device.
struct Pass {
    sizes: Sizes,
    steps: usize,
    rows: usize,
    floats: CubeTensor,
    codes: CubeTensor,
    targets: CubeTensor,
}

impl Pass {
    /// How many rows a workgroup minds.
    fn tile(&self) -> usize {
        (SHARED_FLOATS / (4 * self.sizes.hidden)).clamp(1, ROWS)
    }

    fn cubes(&self) -> CubeCount {
        CubeCount::Static(self.rows.div_ceil(self.tile()) as u32, 1, 1)
    }
}

fn lengths(batch: &Batch) -> Vec<f32> {
    batch.lengths.iter().map(|&length| length as f32).collect()
}

fn floats(client: &Client, device: &CubeDevice, like: &CubeTensor, values: &[f32]) -> CubeTensor {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    contiguous(client, device, like, &bytes)
}

fn contiguous(client: &Client, device: &CubeDevice, like: &CubeTensor, bytes: &[u8]) -> CubeTensor {
    let shape = Shape::new([bytes.len() / 4]);
    let handle = client.create_from_slice(bytes);
    CubeTensor::new_contiguous(client.clone(), device.clone(), shape, handle, like.dtype)
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

/// Which lines of the gates' gradient belong to which vocabulary entry, as `segment_kernel` reads it, and how
/// many segments there are. The channels' entries come first, then the events', then the time's, to which
/// all lines belong.
fn plan(batch: &Batch, sizes: Sizes) -> (Vec<u32>, usize) {
    let entries = sizes.entries() + usize::from(sizes.gaps);
    let active = |t: usize| (t * batch.rows) as u32..(t * batch.rows + batch.active[t]) as u32;
    let touched: Vec<u32> = (0..batch.steps).flat_map(active).collect();
    let mut of_entry: Vec<Vec<u32>> = vec![Vec::new(); entries];
    for &line in &touched {
        of_entry[usize::from(batch.channels[line as usize])].push(line);
        if let Some(&event) = batch.events.get(line as usize) {
            of_entry[sizes.channels + usize::from(event)].push(line);
        }
    }
    if sizes.gaps {
        of_entry[entries - 1] = touched;
    }
    let (mut starts, mut told, mut lines) = (vec![0], Vec::new(), Vec::new());
    for (entry, of) in of_entry.iter().enumerate() {
        let timed = u32::from(sizes.gaps && entry + 1 == entries);
        for part in of.chunks(SEGMENT) {
            let from = lines.len() as u32;
            lines.extend_from_slice(part);
            told.extend([from, lines.len() as u32, timed]);
        }
        starts.push((told.len() / 3) as u32);
    }
    let segments = told.len() / 3;
    (
        starts.into_iter().chain(told).chain(lines).collect(),
        segments,
    )
}
