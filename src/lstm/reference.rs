//! The same in stock tensor operations, one after the other: what the operation is proved by.

use super::LstmInput;
use burn::tensor::Tensor;
use burn::tensor::activation::{sigmoid, tanh};

/// As [`super::lstm`], step by step.
pub fn lstm_reference(input: LstmInput) -> Tensor<3> {
    let [steps, rows, wide] = input.gates.dims();
    let hidden = wide / 4;
    let device = input.gates.device();
    let zeros = || Tensor::<2>::zeros([rows, hidden], &device);
    let (mut state, mut cell) = input.initial.unwrap_or_else(|| (zeros(), zeros()));
    let mut states = Vec::with_capacity(steps);
    for t in 0..steps {
        let projected = input.gates.clone().slice([t..t + 1, 0..rows, 0..wide]);
        let before = match &input.mask {
            Some(mask) => state.clone() * mask.clone(),
            None => state.clone(),
        };
        let sums = projected.reshape([rows, wide]) + before.matmul(input.weights.clone());
        let gate = |at: usize| {
            sums.clone()
                .slice([0..rows, at * hidden..(at + 1) * hidden])
        };
        let next = sigmoid(gate(1)) * cell.clone() + sigmoid(gate(0)) * tanh(gate(2));
        let shown = sigmoid(gate(3)) * tanh(next.clone());
        let runs = input.lengths.clone().greater_elem(t as f32).float();
        let runs = runs.reshape([rows, 1]).repeat_dim(1, hidden);
        state = runs.clone() * shown + (-runs.clone() + 1.0) * state;
        cell = runs.clone() * next + (-runs + 1.0) * cell;
        states.push(state.clone());
    }
    Tensor::stack(states, 0)
}
