//! The fused recurrence on the GPU held against stock operations on the CPU, for tests and benchmarks.

use super::boundary::{throw, write_value};
use super::trainer::Trainer;
use crate::lstm::{LstmInput, last, lstm, lstm_reference};
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

impl Check {
    fn input(&self, device: &Device) -> LstmInput {
        let Self {
            steps,
            rows,
            hidden,
            ..
        } = *self;
        let line = rows * hidden;
        let tensor = |seed, [lines, columns]: [usize; 2], scale: f32| {
            let values = numbers(lines * columns, seed);
            let values: Vec<f32> = values.into_iter().map(|x| x * scale).collect();
            Tensor::<2>::from_data(TensorData::new(values, [lines, columns]), device)
        };
        let scale = 1.0 / (hidden as f32).sqrt();
        let gates = tensor(1, [steps * rows, 4 * hidden], 1.0);
        let lengths: Vec<f32> = (0..rows)
            .map(|row| (row * 7 % (steps + 1)) as f32)
            .collect();
        let mask: Vec<f32> = numbers(line, 3)
            .into_iter()
            .map(|x| if x > 0.6 { 0.0 } else { 1.25 })
            .collect();
        LstmInput {
            gates: gates.reshape([steps, rows, 4 * hidden]).require_grad(),
            weights: tensor(2, [hidden, 4 * hidden], scale).require_grad(),
            lengths: Tensor::from_data(TensorData::new(lengths, [rows]), device),
            mask: Some(Tensor::from_data(
                TensorData::new(mask, [rows, hidden]),
                device,
            )),
            initial: Some((
                tensor(4, [rows, hidden], 1.0).require_grad(),
                tensor(5, [rows, hidden], 1.0).require_grad(),
            )),
        }
    }

    /// The states, and all gradients of a loss that weighs every state and the last ones.
    async fn run(
        &self,
        device: &Device,
        run: fn(LstmInput) -> Tensor<3>,
    ) -> Result<Vec<Vec<f32>>, SessionError> {
        let input = self.input(device);
        let states = run(input.clone());
        let factors = numbers(self.steps * self.rows * self.hidden, 6);
        let factors = Tensor::from_data(TensorData::new(factors, states.dims()), device);
        let loss = (states.clone() * factors).sum() + (last(states.clone()) * 0.7).sum();
        let gradients = loss.backward();
        let missing = || SessionError::Handover("a gradient is missing".to_owned());
        let mut reading = Transaction::default()
            .register(states.inner())
            .register(input.gates.grad(&gradients).ok_or_else(missing)?)
            .register(input.weights.grad(&gradients).ok_or_else(missing)?);
        if let Some((state, cell)) = &input.initial {
            reading = reading
                .register(state.grad(&gradients).ok_or_else(missing)?)
                .register(cell.grad(&gradients).ok_or_else(missing)?);
        }
        let read = reading
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
        let gpu = self.device().clone().autodiff();
        let fused = check.run(&gpu, lstm).await.map_err(throw)?;
        let stock = check
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
            check.run(&gpu, lstm).await.map_err(throw)?;
        }
        let ms = (check.repeats > 0).then(|| (super::job::now() - started) / check.repeats as f64);
        self.healthy().map_err(throw)?;
        write_value(&Checked { gaps, sizes, ms })
    }
}
