//! The network on a GPU: one step of training in eleven launches, however long the journeys are.
//!
//! The journeys go up once. A step then sends which of them it takes and where each step of time starts, four bytes
//! for each row and each step of time; parameters, moments and gradient are one flat array each and stay there.
//! What a launch computes is told beside its kernel.

pub mod agreement;
mod held;
mod kernels;
mod launches;
mod recurrence;
mod sizes;

pub use held::{GpuLimit, HeldJourneys};

use super::{Batch, Dropout, JourneyShape};
use crate::lstm::gpu_steps::ROWS;
use burn::backend::{BackendTensor, DispatchTensorKind};
use burn::tensor::{Device, Shape, Tensor};
use burn_cubecl::tensor::CubeTensor;
use held::Held;
use launches::Pass;
use recurrence::HELD;
use sizes::Sizes;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The most hidden units: one invocation of a workgroup for each.
pub const MAX_HIDDEN: usize = 256;
/// Launches of one training step.
pub const LAUNCHES: usize = 11;
/// About how many workgroups the rows of a batch are spread over, where there are rows enough.
const ROW_CUBES: usize = 32;
/// The most rows that are scored at a time.
const SCORED: usize = 1024;

/// Why the GPU can't go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuFault(pub String);

type Reading = Pin<Box<dyn Future<Output = Result<Vec<Vec<f32>>, String>>>>;

/// What is on its way from the device.
enum Arriving {
    Underway(Reading),
    There(Result<Vec<Vec<f32>>, String>),
}

impl Arriving {
    async fn floats(self) -> Result<Vec<Vec<f32>>, GpuFault> {
        let read = match self {
            Self::Underway(reading) => reading.await,
            Self::There(read) => read,
        };
        read.map_err(|said| GpuFault(format!("The GPU could not be read: {said}")))
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let four = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
    bytes.chunks_exact(4).map(four).collect()
}

/// How Adam shrinks parameters: by how much per row, and whether apart from the gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Penalty {
    /// The strength of the penalty per row.
    pub decay: f32,
    /// Whether it is decoupled from the gradient (AdamW).
    pub decoupled: bool,
}

/// A network whose parameters live on a GPU, with the journeys it learns from and the moments of Adam.
pub struct GpuNetwork {
    like: CubeTensor,
    sizes: Sizes,
    penalty: Penalty,
    held: Held,
    parameters: CubeTensor,
    /// The recurrent weights turned around; one number where nothing reads them.
    turned: CubeTensor,
    gradient: CubeTensor,
    first: CubeTensor,
    second: CubeTensor,
    loss: CubeTensor,
    /// The most touches of a batch.
    most_lines: usize,
    /// How many rows a workgroup minds, in batches of any size, so that the time of a small one tells something of a
    /// large one's.
    tile: usize,
    steps: i32,
    launches: usize,
}

impl GpuNetwork {
    /// Whether the GPU has kernels for a network of this shape.
    pub fn takes(shape: &JourneyShape) -> bool {
        shape.heads == 0 && shape.layers == 1 && !shape.bidirectional && shape.hidden <= MAX_HIDDEN
    }

    /// The network with the given parameters, on the device, with the journeys; batches will have up to
    /// `most_rows` of them.
    ///
    /// # Errors
    /// [`GpuLimit`] where the device is no GPU, or network or journeys are not for it.
    pub fn new(
        device: &Device,
        shape: &JourneyShape,
        journeys: HeldJourneys<'_>,
        most_rows: usize,
        parameters: &[f32],
        penalty: Penalty,
    ) -> Result<Self, GpuLimit> {
        if !Self::takes(shape) {
            return Err(GpuLimit::Shape);
        }
        // Of given numbers: zeros would take a kernel of their own.
        let seed = Tensor::<1>::from_floats([0.0], device).into_dispatch();
        let DispatchTensorKind::Cube(BackendTensor::Float(like)) = seed.kind else {
            return Err(GpuLimit::Shape);
        };
        let sizes = sizes(shape).ok_or(GpuLimit::Shape)?;
        let largest = like.client.properties().memory.max_page_size;
        let most_lines = held::check(&journeys, shape, most_rows, largest)?;
        let zeros = vec![0.0; parameters.len()];
        Ok(Self {
            held: Held::new(&like, &journeys),
            parameters: upload(&like, parameters),
            turned: upload(&like, &turned(parameters, sizes)),
            gradient: upload(&like, &zeros),
            first: upload(&like, &zeros),
            second: upload(&like, &zeros),
            loss: upload(&like, &[0.0]),
            sizes,
            penalty,
            most_lines,
            tile: tile(sizes, most_rows),
            steps: 0,
            launches: 0,
            like,
        })
    }

    /// How many launches there were so far.
    pub fn launches(&self) -> usize {
        self.launches
    }

    /// Compiles every kernel, by a step that moves nothing, and waits for it: compiling depends on the network alone.
    ///
    /// # Errors
    /// [`GpuFault`] where the device can't be read.
    pub async fn warm(&mut self, journeys: &super::JourneyRows) -> Result<(), GpuFault> {
        let rows: Vec<u32> = (0..journeys.len().min(ROWS) as u32).collect();
        let mut batch = Batch::default();
        journeys.arrange(&rows, &mut batch);
        let pass = Pass::new(&self.like, &self.held, &batch, None);
        // Slopes of 0 make a gradient of 0, which leaves the moments at 0 as well. A browser passes on what it was
        // told when the code that runs returns to it: between launches, the next kernel is written while it compiles
        // the last.
        let seen = self.forward(&pass, 0.0);
        hand_over().await;
        let d_gates = self.backward(&pass, &seen);
        hand_over().await;
        self.recurrent_gradient(&pass, &seen, &d_gates);
        hand_over().await;
        self.input_gradient(&pass, &d_gates);
        self.dense_gradient(&pass, &seen);
        self.adam(0.0, 0.0);
        self.loss = upload(&self.like, &[0.0]);
        self.one(&self.loss).await.map(|_| ())
    }

    /// Everything but the update itself: as [`GpuNetwork::warm`] does it.
    fn learn(&mut self, pass: &Pass, share: f32) {
        let seen = self.forward(pass, share);
        let d_gates = self.backward(pass, &seen);
        self.recurrent_gradient(pass, &seen, &d_gates);
        self.input_gradient(pass, &d_gates);
        self.dense_gradient(pass, &seen);
    }

    /// Puts one update on the device's queue: of the rows that `batch` arranges, whose weights add up to `mass`,
    /// with the masks that `dropout` draws for it as the `update`-th. Its loss is added to what
    /// [`GpuNetwork::tell`] tells.
    pub fn step(&mut self, batch: &Batch, dropout: &Dropout, update: u32, mass: f64, rate: f32) {
        self.steps += 1;
        let pass = Pass::new(&self.like, &self.held, batch, Some((dropout, update)));
        self.learn(&pass, (1.0 / mass) as f32);
        self.adam(rate, self.penalty.decay);
    }

    /// Asks for the sum of the losses since it was asked for last. Steps that are queued before it arrives go on
    /// meanwhile.
    pub fn tell(&mut self) -> LossesOnTheirWay {
        let arriving = self.read(&[&self.loss]);
        self.loss = upload(&self.like, &[0.0]);
        LossesOnTheirWay(arriving)
    }

    /// The parameters as they are now.
    ///
    /// # Errors
    /// [`GpuFault`] where the device can't be read.
    pub async fn parameters(&self) -> Result<Vec<f32>, GpuFault> {
        self.one(&self.parameters).await
    }

    /// The gradient of the last step.
    ///
    /// # Errors
    /// [`GpuFault`] where the device can't be read.
    pub async fn gradient(&self) -> Result<Vec<f32>, GpuFault> {
        self.one(&self.gradient).await
    }

    /// The log-odds of some of the journeys held, in the order given.
    ///
    /// # Errors
    /// [`GpuFault`] where the device can't be read.
    pub async fn score(
        &mut self,
        rows: &[u32],
        journeys: &super::JourneyRows,
    ) -> Result<Vec<f32>, GpuFault> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut places: Vec<u32> = (0..rows.len() as u32).collect();
        let length = |place: u32| journeys.length(rows[place as usize]);
        places.sort_by_key(|&place| std::cmp::Reverse(length(place)));
        let mut batch = Batch::default();
        let (mut heads, mut counts) = (Vec::new(), Vec::new());
        let mut left = &places[..];
        while let Some(&longest) = left.first() {
            // No more lines than a batch may have.
            let fit = self.most_lines / length(longest).max(1) as usize;
            let (places, rest) = left.split_at(fit.clamp(1, SCORED).min(left.len()));
            let chunk: Vec<u32> = places.iter().map(|&place| rows[place as usize]).collect();
            journeys.arrange(&chunk, &mut batch);
            let pass = Pass::new(&self.like, &self.held, &batch, None);
            heads.push(self.forward(&pass, 0.0).head);
            counts.push(places.len());
            left = rest;
        }
        let told = self
            .read(&heads.iter().collect::<Vec<_>>())
            .floats()
            .await?;
        let logits = told
            .iter()
            .zip(&counts)
            .flat_map(|(told, &count)| &told[2 * count..]);
        let mut out = vec![0.0; rows.len()];
        for (&place, &logit) in places.iter().zip(logits) {
            out[place as usize] = logit;
        }
        Ok(out)
    }

    async fn one(&self, tensor: &CubeTensor) -> Result<Vec<f32>, GpuFault> {
        let mut told = self.read(&[tensor]).floats().await?;
        Ok(told.pop().unwrap_or_default())
    }

    /// Starts to read: what is queued later is not waited for.
    fn read(&self, tensors: &[&CubeTensor]) -> Arriving {
        let client = self.like.client.clone();
        let handles = tensors.iter().map(|tensor| tensor.handle.clone()).collect();
        let mut reading: Reading = Box::pin(async move {
            let read = client.read_async(handles).await;
            let read = read.map_err(|error| format!("{error:?}"))?;
            Ok(read.iter().map(|bytes| floats(bytes)).collect())
        });
        // Only the first poll puts the copy on the queue.
        match reading
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(read) => Arriving::There(read),
            Poll::Pending => Arriving::Underway(reading),
        }
    }
}

/// Losses that were asked for.
pub struct LossesOnTheirWay(Arriving);

impl LossesOnTheirWay {
    /// Their sum.
    ///
    /// # Errors
    /// [`GpuFault`] where the device can't be read.
    pub async fn arrive(self) -> Result<f64, GpuFault> {
        let told = self.0.floats().await?;
        let sum = told.first().and_then(|sums| sums.first());
        Ok(f64::from(sum.copied().unwrap_or(f32::NAN)))
    }
}

/// Returns to whoever runs this, once.
async fn hand_over() {
    let mut returned = false;
    std::future::poll_fn(|context| {
        if returned {
            return Poll::Ready(());
        }
        returned = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// How many rows a workgroup minds. Above the units whose weights it holds, another number would be another kernel to
/// compile.
fn tile(sizes: Sizes, most_rows: usize) -> usize {
    if sizes.hidden <= HELD {
        most_rows.div_ceil(ROW_CUBES).clamp(1, ROWS)
    } else {
        ROWS
    }
}

fn sizes(shape: &JourneyShape) -> Option<Sizes> {
    let layout = shape.layout();
    let cell = layout.cells.first()?;
    Some(Sizes {
        hidden: shape.hidden,
        embedding: shape.embedding,
        channels: shape.channels,
        events: shape.events,
        statics: shape.statics,
        gaps: shape.gaps,
        at_events: layout.events.start,
        at_input: cell.input.start,
        at_hidden: cell.hidden.start,
        at_bias: cell.bias.start,
        at_dense: layout.dense.start,
    })
}

/// The recurrent weights `[4 × hidden, hidden]`, where a kernel reads them so.
fn turned(parameters: &[f32], sizes: Sizes) -> Vec<f32> {
    if sizes.hidden <= HELD {
        return vec![0.0];
    }
    let wide = 4 * sizes.hidden;
    let weights = &parameters[sizes.at_hidden..][..sizes.hidden * wide];
    let column = |m: usize| weights.iter().skip(m).step_by(wide).copied();
    (0..wide).flat_map(column).collect()
}

fn upload(like: &CubeTensor, values: &[f32]) -> CubeTensor {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    upload_bytes(like, bytes)
}

/// Whole numbers; what kind they are is for the kernel to know.
fn upload_whole(like: &CubeTensor, values: &[u32]) -> CubeTensor {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    upload_bytes(like, bytes)
}

fn upload_bytes(like: &CubeTensor, bytes: Vec<u8>) -> CubeTensor {
    let shape = Shape::new([bytes.len() / 4]);
    let handle = like.client.create_from_slice(&bytes);
    let (client, device) = (like.client.clone(), like.device.clone());
    CubeTensor::new_contiguous(client, device, shape, handle, like.dtype)
}

fn empty(like: &CubeTensor, size: usize) -> CubeTensor {
    let handle = like.client.empty(size.max(1) * 4);
    let shape = Shape::new([size.max(1)]);
    let (client, device) = (like.client.clone(), like.device.clone());
    CubeTensor::new_contiguous(client, device, shape, handle, like.dtype)
}
