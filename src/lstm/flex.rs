//! The operation on the CPU: rows are put in the order of their lengths, longest first, handed to [`host`],
//! and put back. What the way back needs stays in that order.

use super::host::{self, Given, Incoming, Past, Sizes, Trace, Work};
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

/// In which order rows stand while the recurrence runs.
struct Order {
    hidden: usize,
    /// Which row of the tensors is at each place.
    rows: Vec<usize>,
    /// How many steps each place has.
    lengths: Vec<usize>,
    /// How many places have a touch at each step.
    active: Vec<usize>,
}

impl Order {
    /// From the lengths and masks, `[rows, 1 + hidden]`.
    fn new(extras: &[f32], steps: usize, hidden: usize) -> Self {
        let lengths: Vec<usize> = extras
            .chunks_exact(1 + hidden)
            .map(|line| line[0].ceil().clamp(0.0, steps as f32) as usize)
            .collect();
        let mut rows: Vec<usize> = (0..lengths.len()).collect();
        rows.sort_by_key(|&row| std::cmp::Reverse(lengths[row]));
        let lengths: Vec<usize> = rows.iter().map(|&row| lengths[row]).collect();
        let active = (0..steps)
            .map(|t| lengths.partition_point(|&length| length > t))
            .collect();
        Self {
            hidden,
            rows,
            lengths,
            active,
        }
    }

    fn sizes(&self) -> Sizes<'_> {
        Sizes {
            rows: self.rows.len(),
            hidden: self.hidden,
            active: &self.active,
        }
    }

    /// How many numbers a step has.
    fn line(&self) -> usize {
        self.rows.len() * self.hidden
    }

    /// Columns of `values` `[lines, rows, width]`, with rows as they stand here.
    fn sorted(&self, values: &[f32], width: usize, columns: std::ops::Range<usize>) -> Vec<f32> {
        let lines = values.len() / (self.rows.len() * width).max(1);
        let mut out = Vec::with_capacity(lines * self.rows.len() * columns.len());
        for values in values.chunks_exact((self.rows.len() * width).max(1)) {
            for &row in &self.rows {
                out.extend_from_slice(&values[row * width..][..width][columns.clone()]);
            }
        }
        out
    }

    /// The states `[steps, rows, hidden]` as the tensors have them, held past each row's end.
    fn restored_states(&self, states: &[f32], initial: &[f32]) -> Vec<f32> {
        let (line, hidden) = (self.line(), self.hidden);
        let mut out = vec![0.0; self.active.len() * line];
        for t in 0..self.active.len() {
            for (place, &row) in self.rows.iter().enumerate() {
                let state = match self.lengths[place].min(t + 1) {
                    0 => &initial[place * hidden..],
                    done => &states[(done - 1) * line + place * hidden..],
                };
                out[t * line + row * hidden..][..hidden].copy_from_slice(&state[..hidden]);
            }
        }
        out
    }

    /// The gradient of the gates `[steps, rows, 4 × hidden]` as the tensors have them, zero past each row's
    /// end.
    fn restored_gates(&self, gates: &[f32]) -> Vec<f32> {
        let (line, wide) = (4 * self.line(), 4 * self.hidden);
        let mut out = vec![0.0; self.active.len() * line];
        for (t, &count) in self.active.iter().enumerate() {
            for (place, &row) in self.rows[..count].iter().enumerate() {
                out[t * line + row * wide..][..wide]
                    .copy_from_slice(&gates[t * line + place * wide..][..wide]);
            }
        }
        out
    }

    /// The gradient of all states, where that of held ones goes to the last real one; and what goes to the
    /// first states of rows without a step.
    fn unheld(&self, gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (line, hidden) = (self.line(), self.hidden);
        let mut out = self.sorted(gradient, hidden, 0..hidden);
        let mut first = vec![0.0; line];
        for (place, &length) in self.lengths.iter().enumerate() {
            for t in length..self.active.len() {
                for at in place * hidden..(place + 1) * hidden {
                    let held = std::mem::take(&mut out[t * line + at]);
                    match length {
                        0 => first[at] += held,
                        _ => out[(length - 1) * line + at] += held,
                    }
                }
            }
        }
        (out, first)
    }
}

/// First states, first cells and masks with rows as they stand while the recurrence runs.
struct Sorted {
    weights: Values,
    state: Vec<f32>,
    cell: Vec<f32>,
    /// `None` where it is one everywhere.
    mask: Option<Vec<f32>>,
}

impl Sorted {
    fn new(order: &Order, weights: &FlexTensor, extras: &[f32], initial: &FlexTensor) -> Self {
        let hidden = order.hidden;
        let initial = Values::of(initial);
        let mask = order.sorted(extras, 1 + hidden, 1..1 + hidden);
        Self {
            weights: Values::of(weights),
            state: order.sorted(initial.slice(), 2 * hidden, 0..hidden),
            cell: order.sorted(initial.slice(), 2 * hidden, hidden..2 * hidden),
            mask: mask.iter().any(|&factor| factor != 1.0).then_some(mask),
        }
    }

    fn given(&self) -> Given<'_> {
        Given {
            weights: self.weights.slice(),
            mask: self.mask.as_deref(),
            initial: Some((&self.state, &self.cell)),
        }
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
        let extras = Values::of(&extras);
        let order = Order::new(extras.slice(), steps, hidden);
        let sorted = Sorted::new(&order, &weights, extras.slice(), &initial);
        let mut gates = order.sorted(Values::of(&gates).slice(), wide, 0..wide);
        let mut trace = Trace::default();
        host::forward(order.sizes(), &mut gates, sorted.given(), &mut trace);
        let states = order.restored_states(&trace.states, &sorted.state);
        for part in [&trace.states, &trace.cells, &trace.squashed] {
            gates.extend_from_slice(part);
        }
        (
            tensor(states, [steps, rows, hidden]),
            tensor(gates, [7 * steps * rows * hidden]),
        )
    }

    fn backward(gradient: FlexTensor, kept: Kept<Self>) -> (FlexTensor, FlexTensor, FlexTensor) {
        let [steps, rows, hidden] = gradient.shape().dims::<3>();
        let extras = Values::of(&kept.extras);
        let order = Order::new(extras.slice(), steps, hidden);
        let sorted = Sorted::new(&order, &kept.weights, extras.slice(), &kept.initial);
        let trace = Values::of(&kept.trace);
        let (gates, rest) = trace.slice().split_at(4 * steps * order.line());
        let (states, rest) = rest.split_at(steps * order.line());
        let (cells, squashed) = rest.split_at(steps * order.line());
        let past = Past {
            states,
            cells,
            squashed,
        };
        let (all, untouched) = order.unheld(Values::of(&gradient).slice());
        let incoming = Incoming {
            last: None,
            all: Some(&all),
        };
        let mut gates = gates.to_vec();
        let mut d_weights = vec![0.0; 4 * hidden * hidden];
        let mut work = Work::default();
        let (sizes, given) = (order.sizes(), sorted.given());
        host::backward_over(
            sizes,
            &mut gates,
            given,
            past,
            incoming,
            &mut d_weights,
            &mut work,
        );
        let mut d_initial = vec![0.0; 2 * rows * hidden];
        for (place, &row) in order.rows.iter().enumerate() {
            let at = place * hidden..(place + 1) * hidden;
            let (state, cell) = d_initial[2 * row * hidden..][..2 * hidden].split_at_mut(hidden);
            if order.lengths[place] > 0 {
                state.copy_from_slice(&work.d_state[at.clone()]);
                cell.copy_from_slice(&work.d_cell[at]);
            } else {
                state.copy_from_slice(&untouched[at]);
            }
        }
        (
            tensor(order.restored_gates(&gates), [steps, rows, 4 * hidden]),
            tensor(d_weights, [hidden, 4 * hidden]),
            tensor(d_initial, [rows, 2 * hidden]),
        )
    }
}
