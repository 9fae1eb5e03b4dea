//! The same structure on the CPU, over contiguous slices.

use super::operator::{Kept, LstmKernels};
use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::TensorData;

/// A contiguous tensor's numbers.
struct Values(FlexTensor);

impl Values {
    fn of(tensor: &FlexTensor) -> Self {
        Self(tensor.to_contiguous())
    }

    fn slice(&self) -> &[f32] {
        self.0.as_slice::<f32>().unwrap_or_default()
    }
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// `out += x · line`.
fn add_scaled(out: &mut [f32], x: f32, line: &[f32]) {
    for (out, value) in out.iter_mut().zip(line) {
        *out += x * value;
    }
}

/// One step of one row: gates before their activation become gates after it.
fn step(gates: &mut [f32], cell: &mut [f32], state: &mut [f32]) {
    let hidden = cell.len();
    for at in 0..hidden {
        let i = logistic(gates[at]);
        let f = logistic(gates[at + hidden]);
        let g = gates[at + 2 * hidden].tanh();
        let o = logistic(gates[at + 3 * hidden]);
        cell[at] = f * cell[at] + i * g;
        state[at] = o * cell[at].tanh();
        for (place, value) in [i, f, g, o].into_iter().enumerate() {
            gates[at + place * hidden] = value;
        }
    }
}

/// One step of one row backward: `gates` become gradients before their activation.
fn step_back(gates: &mut [f32], cell: &[f32], before: &[f32], d_state: &[f32], d_cell: &mut [f32]) {
    let hidden = cell.len();
    for at in 0..hidden {
        let [i, f, g, o] = std::array::from_fn(|place| gates[at + place * hidden]);
        let squashed = cell[at].tanh();
        let d = d_cell[at] + d_state[at] * o * (1.0 - squashed * squashed);
        gates[at] = d * g * i * (1.0 - i);
        gates[at + hidden] = d * before[at] * f * (1.0 - f);
        gates[at + 2 * hidden] = d * i * (1.0 - g * g);
        gates[at + 3 * hidden] = d_state[at] * squashed * o * (1.0 - o);
        d_cell[at] = d * f;
    }
}

impl LstmKernels for Flex {
    fn forward(
        gates: FlexTensor,
        weights: FlexTensor,
        extras: FlexTensor,
        initial: FlexTensor,
    ) -> (FlexTensor, FlexTensor) {
        let [steps, rows, wide] = gates.shape().dims::<3>();
        let hidden = wide / 4;
        let (gates, weights) = (Values::of(&gates), Values::of(&weights));
        let (extras, initial) = (Values::of(&extras), Values::of(&initial));
        let (weights, extras) = (weights.slice(), extras.slice());
        let (mut state, mut cell) = first(initial.slice(), rows, hidden);
        let mut states = Vec::with_capacity(steps * rows * hidden);
        let mut trace = vec![0.0; steps * rows * 5 * hidden];
        for t in 0..steps {
            for row in 0..rows {
                let extras = &extras[row * (hidden + 1)..][..hidden + 1];
                if t as f32 >= extras[0] {
                    continue;
                }
                let at = row * hidden..(row + 1) * hidden;
                let place = (t * rows + row) * 5 * hidden;
                let (sums, kept) = trace[place..place + 5 * hidden].split_at_mut(wide);
                sums.copy_from_slice(&gates.slice()[(t * rows + row) * wide..][..wide]);
                let before = state[at.clone()].iter().zip(&extras[1..]);
                for ((before, mask), line) in before.zip(weights.chunks_exact(wide)) {
                    add_scaled(sums, before * mask, line);
                }
                step(sums, &mut cell[at.clone()], &mut state[at.clone()]);
                kept.copy_from_slice(&cell[at]);
            }
            states.extend_from_slice(&state);
        }
        (
            tensor(states, [steps, rows, hidden]),
            tensor(trace, [steps, rows, 5 * hidden]),
        )
    }

    fn backward(gradient: FlexTensor, kept: Kept<Self>) -> (FlexTensor, FlexTensor, FlexTensor) {
        let [steps, rows, hidden] = gradient.shape().dims::<3>();
        let wide = 4 * hidden;
        let (gradient, weights) = (Values::of(&gradient), Values::of(&kept.weights));
        let (extras, initial) = (Values::of(&kept.extras), Values::of(&kept.initial));
        let (states, trace) = (Values::of(&kept.states), Values::of(&kept.trace));
        let (gradient, weights, extras) = (gradient.slice(), weights.slice(), extras.slice());
        let (states, trace) = (states.slice(), trace.slice());
        let (first_states, first_cells) = first(initial.slice(), rows, hidden);
        let mut d_gates = vec![0.0; steps * rows * wide];
        let mut d_weights = vec![0.0; hidden * wide];
        let mut d_state = vec![0.0; rows * hidden];
        let mut d_cell = vec![0.0; rows * hidden];
        for t in (0..steps).rev() {
            for row in 0..rows {
                let at = row * hidden..(row + 1) * hidden;
                let d_state = &mut d_state[at.clone()];
                add_scaled(
                    d_state,
                    1.0,
                    &gradient[(t * rows + row) * hidden..][..hidden],
                );
                let extras = &extras[row * (hidden + 1)..][..hidden + 1];
                if t as f32 >= extras[0] {
                    continue;
                }
                let place = t * rows + row;
                let line = &trace[place * 5 * hidden..][..5 * hidden];
                let (before, cells_before) = match t {
                    0 => (&first_states[at.clone()], &first_cells[at.clone()]),
                    _ => (
                        &states[(place - rows) * hidden..][..hidden],
                        &trace[(place - rows) * 5 * hidden + wide..][..hidden],
                    ),
                };
                let gates = &mut d_gates[place * wide..][..wide];
                gates.copy_from_slice(&line[..wide]);
                step_back(gates, &line[wide..], cells_before, d_state, &mut d_cell[at]);
                let lines = weights.chunks_exact(wide);
                let d_lines = d_weights.chunks_exact_mut(wide);
                let masks = before.iter().zip(&extras[1..]);
                for (((d_line, line), (before, mask)), d) in
                    d_lines.zip(lines).zip(masks).zip(d_state.iter_mut())
                {
                    add_scaled(d_line, before * mask, gates);
                    let sum: f32 = line.iter().zip(&*gates).map(|(w, d)| w * d).sum();
                    *d = sum * mask;
                }
            }
        }
        let both = d_state
            .chunks_exact(hidden)
            .zip(d_cell.chunks_exact(hidden));
        let d_initial = both
            .flat_map(|(state, cell)| [state, cell].concat())
            .collect();
        (
            tensor(d_gates, [steps, rows, wide]),
            tensor(d_weights, [hidden, wide]),
            tensor(d_initial, [rows, 2 * hidden]),
        )
    }
}

/// The first states and the first cells, `[rows, hidden]` each.
fn first(initial: &[f32], rows: usize, hidden: usize) -> (Vec<f32>, Vec<f32>) {
    let mut parts = (
        Vec::with_capacity(rows * hidden),
        Vec::with_capacity(rows * hidden),
    );
    for line in initial.chunks_exact(2 * hidden) {
        parts.0.extend_from_slice(&line[..hidden]);
        parts.1.extend_from_slice(&line[hidden..]);
    }
    parts
}
