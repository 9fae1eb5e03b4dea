//! Embedding → LSTM → Linear of burn's own modules, with its autodiff and its Adam, to measure beside Channelwise.

use burn::module::{Module, Param};
use burn::nn::loss::BinaryCrossEntropyLossConfig;
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig, Lstm, LstmConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData};
use wasm_bindgen::prelude::*;

/// The loss is waited for every so many steps, as in Channelwise: a browser's queue would grow without bound.
const READ_EVERY: usize = 8;
/// As in Kingma & Ba 2015; burn's own is 1e-5.
const EPSILON: f32 = 1e-8;

// SAFETY: the linker makes this function; it takes nothing, returns nothing, and calling it once before anything else
// is what a WebAssembly module without a `_start` has to do. Otherwise all constructors run again at each call, which
// makes burn several times slower.
unsafe extern "C" {
    safe fn __wasm_call_ctors();
}

/// Runs the static constructors, once.
#[wasm_bindgen(start)]
pub fn start() {
    __wasm_call_ctors();
}

#[derive(Module, Debug)]
struct Network {
    embedding: Embedding,
    lstm: Lstm,
    dense: Linear,
}

/// One batch, and a network that learns it.
#[wasm_bindgen]
pub struct Training {
    network: Network,
    optimizer: ModuleOptimizer,
    rate: f64,
    codes: Tensor<2, Int>,
    outcomes: Tensor<1, Int>,
}

/// Takes arrays off a flat one.
struct Flat<'a> {
    rest: &'a [f32],
    device: &'a Device,
}

impl Flat<'_> {
    fn take<const D: usize>(&mut self, shape: [usize; D]) -> Param<Tensor<D>> {
        let (own, rest) = self.rest.split_at(shape.iter().product());
        self.rest = rest;
        let data = TensorData::new(own.to_vec(), shape);
        Param::from_tensor(Tensor::from_data(data, self.device))
    }

    /// The part of `[lines, 4 × hidden]` that belongs to each gate, in the order input, forget, candidate, output.
    fn gates(&mut self, lines: usize, hidden: usize) -> [Vec<f32>; 4] {
        let (own, rest) = self.rest.split_at(lines * 4 * hidden);
        self.rest = rest;
        [0, 1, 2, 3].map(|gate| {
            own.chunks(4 * hidden)
                .flat_map(|line| line[gate * hidden..][..hidden].to_vec())
                .collect()
        })
    }

    fn parameter<const D: usize>(&self, values: &[f32], shape: [usize; D]) -> Param<Tensor<D>> {
        let data = TensorData::new(values.to_vec(), shape);
        Param::from_tensor(Tensor::from_data(data, self.device))
    }
}

#[wasm_bindgen]
impl Training {
    /// A network on burn's Flex or, with `webgpu`, on the browser's adapter. `weights` are embedding
    /// `[vocabulary, width]`, input weights `[width, 4 × hidden]`, hidden weights `[hidden, 4 × hidden]`, bias
    /// `[4 × hidden]`, last weights `[hidden]` and last bias, one after the other, gates in the order input, forget,
    /// candidate, output; `codes` are `[batch, steps]`.
    #[allow(clippy::too_many_arguments)]
    pub async fn open(
        webgpu: bool,
        vocabulary: usize,
        width: usize,
        hidden: usize,
        steps: usize,
        weights: Vec<f32>,
        codes: Vec<i32>,
        outcomes: Vec<i32>,
        rate: f64,
    ) -> Result<Training, JsValue> {
        let device = if webgpu {
            webgpu_device().await?
        } else {
            Device::flex()
        };
        let device = device.autodiff();
        let mut network = Network {
            embedding: EmbeddingConfig::new(vocabulary, width).init(&device),
            lstm: LstmConfig::new(width, hidden, true).init(&device),
            dense: LinearConfig::new(hidden, 1).init(&device),
        };
        let mut flat = Flat {
            rest: &weights,
            device: &device,
        };
        network.embedding.weight = flat.take([vocabulary, width]);
        let of_input = flat.gates(width, hidden);
        let of_hidden = flat.gates(hidden, hidden);
        let bias = flat.gates(1, hidden);
        network.dense.weight = flat.take([hidden, 1]);
        network.dense.bias = Some(flat.take([1]));
        let lstm = &mut network.lstm;
        let gates = [
            Some(&mut lstm.input_gate),
            lstm.forget_gate.as_mut(),
            Some(&mut lstm.cell_gate),
            Some(&mut lstm.output_gate),
        ];
        for (at, gate) in gates.into_iter().flatten().enumerate() {
            gate.input_transform.weight = flat.parameter(&of_input[at], [width, hidden]);
            gate.input_transform.bias = Some(flat.parameter(&bias[at], [hidden]));
            gate.hidden_transform.weight = flat.parameter(&of_hidden[at], [hidden, hidden]);
            // The others have one bias for each gate.
            gate.hidden_transform.bias = None;
        }
        let batch = outcomes.len();
        Ok(Self {
            network,
            optimizer: AdamConfig::new().with_epsilon(EPSILON).init(),
            rate,
            codes: Tensor::from_data(TensorData::new(codes, [batch, steps]), &device),
            outcomes: Tensor::from_data(TensorData::new(outcomes, [batch]), &device),
        })
    }

    /// So many updates; the loss before the last of them.
    pub async fn run(&mut self, count: usize) -> Result<f32, JsValue> {
        let mut told = f32::NAN;
        for step in 1..=count {
            let loss = self.step();
            if step % READ_EVERY == 0 || step == count {
                let read = loss.inner().into_scalar_async::<f32>().await;
                told = read.map_err(|error| JsValue::from_str(&format!("{error:?}")))?;
            }
        }
        Ok(told)
    }

    fn step(&mut self) -> Tensor<1> {
        let touches = self.network.embedding.forward(self.codes.clone());
        let (_, state) = self.network.lstm.forward(touches, None);
        let logits = self.network.dense.forward(state.hidden).squeeze_dim::<1>(1);
        let loss = BinaryCrossEntropyLossConfig::new()
            .with_logits(true)
            .init(&logits.device())
            .forward(logits, self.outcomes.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.network = self
            .optimizer
            .step(self.rate, self.network.clone(), gradients);
        loss
    }
}

#[cfg(feature = "webgpu")]
thread_local! {
    static WEBGPU: std::cell::RefCell<Option<Device>> = const { std::cell::RefCell::new(None) };
}

/// burn's device on the browser's adapter, made once.
#[cfg(feature = "webgpu")]
async fn webgpu_device() -> Result<Device, JsValue> {
    if let Some(device) = WEBGPU.with_borrow(Clone::clone) {
        return Ok(device);
    }
    let device = Device::wgpu_options().tasks_max(32).init_async().await;
    let device = device.map_err(|error| JsValue::from_str(&format!("{error:?}")))?;
    WEBGPU.set(Some(device.clone()));
    Ok(device)
}

#[cfg(not(feature = "webgpu"))]
async fn webgpu_device() -> Result<Device, JsValue> {
    Err(JsValue::from_str("built without WebGPU"))
}
