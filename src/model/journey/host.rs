//! The network on the host: log-odds, and their gradients written out.

use super::arithmetic::{add, add_scaled};
use super::layers::{Reading, Tables, inputs_to_states, states_as_inputs};
use super::shape::CellPlaces;
use super::{Batch, JourneyShape, Layout};
use crate::lstm::host::{self as recurrence, Given, Incoming, Sizes, Trace};
use crate::lstm::{Panels, RowSums};

/// A layer has at most so many: one that reads from the start, one that reads from the end.
const MOST_DIRECTIONS: usize = 2;

/// What is left out of one update: factors of 0 or 1/(1 − share), one line per row of the batch.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Masks {
    /// Per LSTM `[rows, hidden]`; empty where nothing is left out.
    pub recurrent: Vec<Vec<f32>>,
    /// Of the last states, `[rows, directions × hidden]`; empty where nothing is left out.
    pub last: Vec<f32>,
}

/// A network with the memory it works in, which is kept from batch to batch.
#[derive(Debug, Clone)]
pub struct Network {
    shape: JourneyShape,
    layout: Layout,
    /// One for each LSTM.
    cells: Vec<Cell>,
    /// The last states of all directions, `[rows, directions × hidden]`.
    last: Vec<f32>,
    d_last: Vec<f32>,
    logits: Vec<f32>,
}

#[derive(Debug, Default, Clone)]
struct Cell {
    tables: Tables,
    gates: Vec<f32>,
    trace: Trace,
    /// What an upper layer takes in, `[steps, rows, inputs]`.
    inputs: Vec<f32>,
    d_inputs: Vec<f32>,
    weights: Panels,
    sums: RowSums,
    /// The gradient of the states, for lower layers, `[steps, rows, hidden]`.
    d_states: Vec<f32>,
    /// The gradient of the last states, `[rows, hidden]`.
    d_last: Vec<f32>,
}

impl Network {
    /// A network of the given sizes.
    pub fn new(shape: &JourneyShape) -> Self {
        let layout = shape.layout();
        Self {
            cells: vec![Cell::default(); layout.cells.len()],
            shape: shape.clone(),
            layout,
            last: Vec::new(),
            d_last: Vec::new(),
            logits: Vec::new(),
        }
    }

    /// Where the parameters lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The log-odds of each row of the batch.
    pub fn forward(&mut self, parameters: &[f32], batch: &Batch, masks: &Masks) -> &[f32] {
        let (hidden, directions) = (self.shape.hidden, self.shape.directions());
        for at in 0..self.cells.len() {
            self.run_cell(at, parameters, batch, masks);
        }
        let wide = directions * hidden;
        self.last.clear();
        self.last.resize(batch.rows * wide, 0.0);
        let top = self.cells.len() - directions;
        for (direction, cell) in self.cells[top..].iter().enumerate() {
            for (b, &length) in batch.lengths.iter().enumerate().filter(|(_, n)| **n > 0) {
                let at = ((length as usize - 1) * batch.rows + b) * hidden;
                self.last[b * wide + direction * hidden..][..hidden]
                    .copy_from_slice(&cell.trace.states[at..][..hidden]);
            }
        }
        for (state, mask) in self.last.iter_mut().zip(&masks.last) {
            *state *= mask;
        }
        let (of_states, of_statics) = parameters[self.layout.dense.clone()].split_at(wide);
        let bias = parameters[self.layout.bias.start];
        let statics = self.shape.statics;
        self.logits.clear();
        self.logits.extend((0..batch.rows).map(|b| {
            bias + dot(&self.last[b * wide..][..wide], of_states)
                + dot(&batch.statics[b * statics..][..statics], of_statics)
        }));
        &self.logits
    }

    fn run_cell(&mut self, at: usize, parameters: &[f32], batch: &Batch, masks: &Masks) {
        let (hidden, directions) = (self.shape.hidden, self.shape.directions());
        let (layer, direction) = (at / directions, at % directions);
        let places = &self.layout.cells[at];
        let gates = 4 * hidden;
        let (below, rest) = self.cells.split_at_mut(at);
        let cell = &mut rest[0];
        cell.gates.resize(batch.steps * batch.rows * gates, 0.0);
        if layer == 0 {
            let reading = Reading {
                shape: &self.shape,
                layout: &self.layout,
                direction,
                parameters,
                batch,
            };
            cell.tables.project(reading, &mut cell.gates);
        } else {
            let mut states: [&[f32]; MOST_DIRECTIONS] = [&[]; MOST_DIRECTIONS];
            let below = &below[(layer - 1) * directions..layer * directions];
            for (states, cell) in states.iter_mut().zip(below) {
                *states = &cell.trace.states;
            }
            let below = &states[..directions];
            let width = places.inputs;
            cell.inputs.resize(batch.steps * batch.rows * width, 0.0);
            states_as_inputs(batch, hidden, below, direction == 1, &mut cell.inputs);
            let weights = &parameters[places.input.clone()];
            cell.weights.fill(weights, width, gates);
            for (t, &count) in batch.active.iter().enumerate() {
                let out = &mut cell.gates[t * batch.rows * gates..][..count * gates];
                for line in out.chunks_exact_mut(gates) {
                    line.copy_from_slice(&parameters[places.bias.clone()]);
                }
                let inputs = &cell.inputs[t * batch.rows * width..][..count * width];
                cell.weights.multiply(out, inputs);
            }
        }
        recurrence::forward(
            sizes(batch, hidden),
            &mut cell.gates,
            given(parameters, places, masks, at),
            &mut cell.trace,
        );
    }

    /// Adds the gradient of `Σ_b d[b] · logit[b]` to `gradient`. To be called after [`Network::forward`]
    /// with the same parameters, batch and masks, and once only.
    pub fn backward(
        &mut self,
        parameters: &[f32],
        batch: &Batch,
        masks: &Masks,
        d: &[f32],
        gradient: &mut [f32],
    ) {
        let (hidden, directions) = (self.shape.hidden, self.shape.directions());
        let (wide, statics) = (directions * hidden, self.shape.statics);
        self.d_last.resize(batch.rows * wide, 0.0);
        for (b, &d) in d.iter().enumerate() {
            let dense = &mut gradient[self.layout.dense.clone()];
            add_scaled(&mut dense[..wide], d, &self.last[b * wide..][..wide]);
            add_scaled(
                &mut dense[wide..],
                d,
                &batch.statics[b * statics..][..statics],
            );
            gradient[self.layout.bias.start] += d;
            let weights = &parameters[self.layout.dense.clone()][..wide];
            for (out, weight) in self.d_last[b * wide..][..wide].iter_mut().zip(weights) {
                *out = d * weight;
            }
        }
        for (value, mask) in self.d_last.iter_mut().zip(&masks.last) {
            *value *= mask;
        }
        let top = self.cells.len() - directions;
        for (direction, cell) in self.cells[top..].iter_mut().enumerate() {
            cell.d_last.clear();
            let lines = self.d_last.chunks_exact(wide);
            cell.d_last
                .extend(lines.flat_map(|line| &line[direction * hidden..][..hidden]));
        }
        for at in (0..self.cells.len()).rev() {
            self.run_cell_back(at, parameters, batch, masks, gradient);
        }
    }

    fn run_cell_back(
        &mut self,
        at: usize,
        parameters: &[f32],
        batch: &Batch,
        masks: &Masks,
        gradient: &mut [f32],
    ) {
        let (hidden, directions) = (self.shape.hidden, self.shape.directions());
        let (layer, direction) = (at / directions, at % directions);
        let is_top = layer + 1 == self.shape.layers;
        let places = &self.layout.cells[at];
        let (below, rest) = self.cells.split_at_mut(at);
        let cell = &mut rest[0];
        recurrence::backward(
            sizes(batch, hidden),
            &mut cell.gates,
            given(parameters, places, masks, at),
            &mut cell.trace,
            Incoming {
                last: is_top.then_some(&cell.d_last[..]),
                all: (!is_top).then_some(&cell.d_states[..]),
            },
            &mut gradient[places.hidden.clone()],
        );
        if layer == 0 {
            let reading = Reading {
                shape: &self.shape,
                layout: &self.layout,
                direction,
                parameters,
                batch,
            };
            cell.tables.project_back(reading, &cell.gates, gradient);
            return;
        }
        let (gates, width) = (4 * hidden, places.inputs);
        let weights = &parameters[places.input.clone()];
        cell.weights.fill_transposed(weights, gates, width);
        cell.d_inputs.clear();
        cell.d_inputs.resize(batch.steps * batch.rows * width, 0.0);
        cell.sums.start(width, gates);
        let d_weights = &mut gradient[places.input.clone()];
        for (t, &count) in batch.active.iter().enumerate() {
            let d = &cell.gates[t * batch.rows * gates..][..count * gates];
            let inputs = t * batch.rows * width..(t * batch.rows + count) * width;
            cell.weights.multiply(&mut cell.d_inputs[inputs.clone()], d);
            cell.sums.take(d_weights, &cell.inputs[inputs], None, d);
        }
        cell.sums.finish(d_weights);
        for (t, &count) in batch.active.iter().enumerate() {
            let d = &cell.gates[t * batch.rows * gates..][..count * gates];
            for d in d.chunks_exact(gates) {
                add(&mut gradient[places.bias.clone()], d);
            }
        }
        let below = &mut below[(layer - 1) * directions..layer * directions];
        let mut d_states: [Vec<f32>; MOST_DIRECTIONS] = Default::default();
        for (states, cell) in d_states.iter_mut().zip(below.iter_mut()) {
            *states = std::mem::take(&mut cell.d_states);
        }
        let d_states = &mut d_states[..directions];
        if direction + 1 == directions {
            // The first of this layer's directions on the way back.
            for states in d_states.iter_mut() {
                states.clear();
                states.resize(batch.steps * batch.rows * hidden, 0.0);
            }
        }
        inputs_to_states(batch, hidden, &cell.d_inputs, direction == 1, d_states);
        for (cell, states) in below.iter_mut().zip(d_states) {
            cell.d_states = std::mem::take(states);
        }
    }
}

/// What one LSTM is given beside its inputs.
fn given<'a>(parameters: &'a [f32], places: &CellPlaces, masks: &'a Masks, at: usize) -> Given<'a> {
    Given {
        weights: &parameters[places.hidden.clone()],
        mask: masks.recurrent.get(at).map(Vec::as_slice),
        initial: None,
    }
}

fn sizes(batch: &Batch, hidden: usize) -> Sizes<'_> {
    Sizes {
        rows: batch.rows,
        hidden,
        active: &batch.active,
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
