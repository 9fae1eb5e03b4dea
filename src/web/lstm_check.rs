//! What the GPU computes held against the CPU, for tests and benchmarks: the fused recurrence against stock
//! operations, a whole training step against the network on the host.

use super::boundary::{throw, write_value};
use super::trainer::Trainer;
use crate::lstm::{LstmInput, last, lstm, lstm_reference};
use crate::model::journey::gpu::GpuFault;
use crate::model::journey::gpu::agreement::Trial;
use crate::web::boundary::SessionError;
use burn::tensor::{Device, Tensor, TensorData, Transaction};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// What to check.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Check {
    steps: usize,
    rows: usize,
    hidden: usize,
    /// What everything is drawn from.
    #[serde(default)]
    seed: u64,
    /// Forward and backward passes that are timed.
    #[serde(default)]
    repeats: usize,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    /// The largest difference of the states, and of the gradients of the gates, the weights, the first states
    /// and the first cells.
    gaps: Vec<f64>,
    /// The largest of each on the CPU, to hold the gaps against.
    sizes: Vec<f64>,
    /// Milliseconds of one pass forward and backward on the GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<f64>,
}

/// Numbers that look drawn.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32 * 2.0 - 1.0
    };
    (0..count).map(|_| draw()).collect()
}

/// A recurrence, and a loss that weighs every state and the last ones.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    steps: usize,
    rows: usize,
    hidden: usize,
    lengths: Vec<f32>,
    projected: Vec<f32>,
    weights: Vec<f32>,
    #[serde(default)]
    mask: Option<Vec<f32>>,
    state: Vec<f32>,
    cell: Vec<f32>,
    weighing: Vec<f32>,
    weighing_last: Vec<f32>,
}

impl Case {
    fn drawn(check: &Check) -> Self {
        let Check {
            steps,
            rows,
            hidden,
            seed,
            ..
        } = *check;
        let line = rows * hidden;
        let draw = |array: u64, count: usize| numbers(count, 8 * seed + array);
        let scale = 1.0 / (hidden as f32).sqrt();
        let lengths = (0..rows).map(|row| ((row * 7 + seed as usize) % (steps + 1)) as f32);
        let dropped = |x: f32| if x > 0.6 { 0.0 } else { 1.25 };
        Self {
            steps,
            rows,
            hidden,
            lengths: lengths.collect(),
            projected: draw(1, 4 * steps * line),
            weights: draw(2, 4 * hidden * hidden)
                .iter()
                .map(|x| x * scale)
                .collect(),
            mask: Some(draw(3, line).into_iter().map(dropped).collect()),
            state: draw(4, line),
            cell: draw(5, line),
            weighing: draw(6, steps * line),
            weighing_last: vec![0.7; line],
        }
    }

    fn tensor<const D: usize>(values: &[f32], shape: [usize; D], device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
    }

    /// The states, and the gradients of the gates, the weights, the first states and the first cells.
    async fn run(
        &self,
        device: &Device,
        run: fn(LstmInput) -> Tensor<3>,
    ) -> Result<Vec<Vec<f32>>, SessionError> {
        let (lines, hidden) = ([self.rows, self.hidden], self.hidden);
        let matrix = |values: &[f32]| Self::tensor(values, lines, device);
        let times = |width: usize| [self.steps, self.rows, width];
        let gates = Self::tensor(&self.projected, times(4 * hidden), device).require_grad();
        let weights = Self::tensor(&self.weights, [hidden, 4 * hidden], device).require_grad();
        let state = matrix(&self.state).require_grad();
        let cell = matrix(&self.cell).require_grad();
        let states = run(LstmInput {
            gates: gates.clone(),
            weights: weights.clone(),
            lengths: Self::tensor(&self.lengths, [self.rows], device),
            mask: self.mask.as_deref().map(matrix),
            initial: Some((state.clone(), cell.clone())),
        });
        let weighing = Self::tensor(&self.weighing, times(hidden), device);
        let of_last = (last(states.clone()) * matrix(&self.weighing_last)).sum();
        let gradients = ((states.clone() * weighing).sum() + of_last).backward();
        let missing = || SessionError::Handover("a gradient is missing".to_owned());
        let read = Transaction::default()
            .register(states.inner())
            .register(gates.grad(&gradients).ok_or_else(missing)?)
            .register(weights.grad(&gradients).ok_or_else(missing)?)
            .register(state.grad(&gradients).ok_or_else(missing)?)
            .register(cell.grad(&gradients).ok_or_else(missing)?)
            .execute_async()
            .await
            .map_err(|error| SessionError::Gpu(format!("The GPU could not be read: {error:?}")))?;
        let floats = |data: TensorData| {
            data.try_to_vec::<f32>()
                .map_err(|error| SessionError::Handover(format!("{error:?}")))
        };
        read.into_iter().map(floats).collect()
    }
}

#[wasm_bindgen]
impl Trainer {
    /// Compares `lstm` on the GPU with `lstm_reference` on the CPU for `{ steps, rows, hidden, repeats }`:
    /// answers `{ gaps, sizes, ms }`.
    ///
    /// # Errors
    /// `webgpu-failed`, `handover`.
    #[wasm_bindgen(js_name = checkLstm)]
    pub async fn check_lstm(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let check: Check = super::boundary::read_value(options)?;
        let case = Case::drawn(&check);
        let gpu = self.device().clone().autodiff();
        let fused = case.run(&gpu, lstm).await.map_err(throw)?;
        let stock = case
            .run(&Device::flex().autodiff(), lstm_reference)
            .await
            .map_err(throw)?;
        let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        let gaps = fused.iter().zip(&stock).map(|(fused, stock)| {
            let differ = fused.iter().zip(stock);
            // NaN has to show: it is no smaller than anything.
            let gap = |(a, b): (&f32, &f32)| {
                let gap = f64::from((a - b).abs());
                if gap.is_nan() { f64::MAX } else { gap }
            };
            largest(&mut differ.map(gap))
        });
        let gaps = gaps.collect();
        let sizes = stock
            .iter()
            .map(|values| largest(&mut values.iter().map(|x| f64::from(x.abs()))))
            .collect();
        let started = super::job::now();
        for _ in 0..check.repeats {
            case.run(&gpu, lstm).await.map_err(throw)?;
        }
        let ms = (check.repeats > 0).then(|| (super::job::now() - started) / check.repeats as f64);
        self.healthy().map_err(throw)?;
        write_value(&Checked { gaps, sizes, ms })
    }

    /// Runs `lstm` on the GPU on numbers given, for `{ steps, rows, hidden, lengths, projected, weights, mask?, state,
    /// cell, weighing, weighingLast }`: answers the states and the gradients of the gates, the weights, the first
    /// states and the first cells.
    ///
    /// # Errors
    /// `webgpu-failed`, `handover`.
    #[wasm_bindgen(js_name = runLstm)]
    pub async fn run_lstm(&self, case: JsValue) -> Result<JsValue, JsValue> {
        let case: Case = super::boundary::read_value(case)?;
        let gpu = self.device().clone().autodiff();
        let values = case.run(&gpu, lstm).await.map_err(throw)?;
        self.healthy().map_err(throw)?;
        write_value(&values)
    }

    /// Compares one training step of a journey model on the GPU with the network on the host, for a trial as
    /// `diagnose` takes it: answers `[{ name, gap, size }]`, one for each array's gradient, the loss and the scores.
    ///
    /// # Errors
    /// `webgpu-failed`, `handover`.
    #[wasm_bindgen(js_name = checkNetwork)]
    pub async fn check_network(&self, trial: JsValue) -> Result<JsValue, JsValue> {
        let trial: Trial = super::boundary::read_value(trial)?;
        let differences = trial.run(self.device()).await;
        let differences = differences.map_err(|GpuFault(said)| throw(SessionError::Gpu(said)))?;
        self.healthy().map_err(throw)?;
        write_value(&differences)
    }
}
