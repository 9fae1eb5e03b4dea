//! The fused recurrence against stock tensor operations, its formulas in double precision, and Keras.

mod common;
mod formulas;
mod keras;

use burn::tensor::{Device, Tensor, TensorData};
use channelwise::lstm::{LstmInput, last, lstm, lstm_reference};
use proptest::prelude::*;

/// Numbers that look drawn, the same for the same seed.
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

#[derive(Debug, Clone)]
struct Case {
    steps: usize,
    rows: usize,
    hidden: usize,
    lengths: Vec<f32>,
    masked: bool,
    started: bool,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    (
        1usize..7,
        1usize..11,
        1usize..10,
        any::<bool>(),
        any::<bool>(),
        0u64..1000,
    )
        .prop_flat_map(|(steps, rows, hidden, masked, started, seed)| {
            prop::collection::vec(0..=steps, rows).prop_map(move |lengths| Case {
                steps,
                rows,
                hidden,
                lengths: lengths.into_iter().map(|length| length as f32).collect(),
                masked,
                started,
                seed,
            })
        })
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

impl Case {
    fn input(&self, device: &Device) -> LstmInput {
        let Self {
            steps,
            rows,
            hidden,
            seed,
            ..
        } = *self;
        let line = rows * hidden;
        let mask = numbers(line, seed + 2)
            .into_iter()
            .map(|x| if x > 0.4 { 0.0 } else { 1.25 });
        let start = |seed| tensor(numbers(line, seed), [rows, hidden], device).require_grad();
        LstmInput {
            gates: tensor(
                numbers(steps * 4 * line, seed),
                [steps, rows, 4 * hidden],
                device,
            )
            .require_grad(),
            weights: tensor(
                numbers(4 * hidden * hidden, seed + 1),
                [hidden, 4 * hidden],
                device,
            )
            .require_grad(),
            lengths: tensor(self.lengths.clone(), [rows], device),
            mask: self
                .masked
                .then(|| tensor(mask.collect(), [rows, hidden], device)),
            initial: self.started.then(|| (start(seed + 3), start(seed + 4))),
        }
    }

    /// A loss that weighs every state and the last ones: its value and all gradients.
    fn loss(&self, run: impl Fn(LstmInput) -> Tensor<3>, device: &Device) -> (f32, Vec<Vec<f32>>) {
        let input = self.input(device);
        let states = run(input.clone());
        let factors = tensor(
            numbers(self.steps * self.rows * self.hidden, self.seed + 5),
            states.dims(),
            device,
        );
        let loss = (states.clone() * factors).sum() + (last(states) * 0.7).sum();
        let gradients = loss.backward();
        let flat = |data: Option<TensorData>| {
            data.map_or_else(Vec::new, |data| data.try_to_vec::<f32>().expect("floats"))
        };
        let mut all = vec![
            flat(input.gates.grad(&gradients).map(Tensor::into_data)),
            flat(input.weights.grad(&gradients).map(Tensor::into_data)),
        ];
        if let Some((state, cell)) = &input.initial {
            all.push(flat(state.grad(&gradients).map(Tensor::into_data)));
            all.push(flat(cell.grad(&gradients).map(Tensor::into_data)));
        }
        (loss.into_scalar::<f32>(), all)
    }
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (a - b).abs() <= 2e-4 * (1.0 + a.abs().max(b.abs())))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn states_and_all_gradients_agree_with_stock_operations(case in cases()) {
        let device = Device::flex().autodiff();
        let (fused, fused_gradients) = case.loss(lstm, &device);
        let (stock, stock_gradients) = case.loss(lstm_reference, &device);
        prop_assert!((fused - stock).abs() <= 1e-4 * (1.0 + stock.abs()), "{fused} {stock}");
        for (at, (fused, stock)) in fused_gradients.iter().zip(&stock_gradients).enumerate() {
            prop_assert!(close(fused, stock), "gradient {at}: {fused:?} {stock:?}");
        }
    }
}
