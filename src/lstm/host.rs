//! The recurrence on slices, forward and backward, over rows that end at different steps: what the Flex
//! backend and the network on the host run.
//!
//! Rows stand longest first, so that those with a touch at a step are the first ones and those that have
//! ended cost nothing. Nothing is allocated inside the loop over time, and nothing at all once a [`Trace`]
//! has met its largest batch.

use super::products::{Panels, RowSums};
use super::simd::{F4, LANES};

/// How large a recurrence is.
#[derive(Debug, Clone, Copy)]
pub struct Sizes<'a> {
    /// Rows side by side.
    pub rows: usize,
    /// Hidden units.
    pub hidden: usize,
    /// How many rows, from the first, have a touch at each step; falling.
    pub active: &'a [usize],
}

/// What goes in beside the projected inputs.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The recurrent weights `[hidden, 4 × hidden]`, gates in the order input, forget, candidate, output.
    pub weights: &'a [f32],
    /// Multiplied into `hₜ₋₁` before the recurrent product, `[rows, hidden]`.
    pub mask: Option<&'a [f32]>,
    /// `h₋₁` and `c₋₁`, `[rows, hidden]` each; zeros where there are none.
    pub initial: Option<(&'a [f32], &'a [f32])>,
}

/// Where the gradient of a loss comes in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Incoming<'a> {
    /// Of each row's last state, `[rows, hidden]`.
    pub last: Option<&'a [f32]>,
    /// Of every state, `[steps, rows, hidden]`; nothing is read past a row's end.
    pub all: Option<&'a [f32]>,
}

/// What the forward pass leaves for the backward pass, and memory to work in.
#[derive(Debug, Default, Clone)]
pub struct Trace {
    /// `hₜ`, `[steps, rows, hidden]`; nothing is written past a row's end.
    pub states: Vec<f32>,
    /// `cₜ`, likewise.
    pub cells: Vec<f32>,
    /// `tanh(cₜ)`, likewise.
    pub squashed: Vec<f32>,
    work: Work,
}

/// A [`Trace`] that lies elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Past<'a> {
    pub states: &'a [f32],
    pub cells: &'a [f32],
    pub squashed: &'a [f32],
}

/// Memory to work in, kept from batch to batch.
#[derive(Debug, Default, Clone)]
pub(super) struct Work {
    masked: Vec<f32>,
    weights: Panels,
    sums: RowSums,
    /// After the backward pass: the gradient of `h₋₁`, `[rows, hidden]`, for rows with at least one step;
    /// zeros where none was given.
    pub d_state: Vec<f32>,
    /// The same of `c₋₁`.
    pub d_cell: Vec<f32>,
}

/// Runs the recurrence. `gates` holds the projected inputs `[steps, rows, 4 × hidden]` and is left with the
/// gates.
pub fn forward(sizes: Sizes<'_>, gates: &mut [f32], given: Given<'_>, trace: &mut Trace) {
    let Sizes {
        rows,
        hidden,
        active,
    } = sizes;
    let (line, wide) = (rows * hidden, 4 * rows * hidden);
    assert!(gates.len() >= active.len() * wide);
    trace.states.resize(active.len() * line, 0.0);
    trace.cells.resize(active.len() * line, 0.0);
    trace.squashed.resize(active.len() * line, 0.0);
    let work = &mut trace.work;
    work.masked.resize(line, 0.0);
    work.weights.fill(given.weights, hidden, 4 * hidden);
    for (t, &count) in active.iter().enumerate() {
        let size = count * hidden;
        let gates = &mut gates[t * wide..][..4 * size];
        let (states_before, states) = trace.states.split_at_mut(t * line);
        let (cells_before, cells) = trace.cells.split_at_mut(t * line);
        let before = match (t, given.initial) {
            (0, None) => None,
            (0, Some((states, cells))) => Some((&states[..size], &cells[..size])),
            _ => Some((
                &states_before[(t - 1) * line..][..size],
                &cells_before[(t - 1) * line..][..size],
            )),
        };
        if let Some((states, _)) = before {
            let states = masked(states, given.mask, &mut work.masked);
            work.weights.multiply(gates, states);
        }
        let squashed = &mut trace.squashed[t * line..][..size];
        for row in 0..count {
            let at = row * hidden..(row + 1) * hidden;
            step(
                &mut gates[4 * row * hidden..][..4 * hidden],
                before.map(|(_, cells)| &cells[at.clone()]),
                &mut cells[at.clone()],
                &mut squashed[at.clone()],
                &mut states[at],
            );
        }
    }
}

fn masked<'a>(states: &'a [f32], mask: Option<&[f32]>, buffer: &'a mut [f32]) -> &'a [f32] {
    let Some(mask) = mask else {
        return states;
    };
    for ((out, state), mask) in buffer.iter_mut().zip(states).zip(mask) {
        *out = state * mask;
    }
    &buffer[..states.len()]
}

/// One step of one row.
fn step(
    gates: &mut [f32],
    before: Option<&[f32]>,
    cell: &mut [f32],
    squashed: &mut [f32],
    state: &mut [f32],
) {
    let hidden = cell.len();
    assert!(gates.len() == 4 * hidden && state.len() == hidden && squashed.len() == hidden);
    assert!(before.is_none_or(|before| before.len() == hidden));
    let whole = hidden - hidden % LANES;
    let gates = gates.as_mut_ptr();
    for at in (0..whole).step_by(LANES) {
        // SAFETY: `at + 4 <= hidden`, and the lengths were asserted above.
        unsafe {
            let before = before.map(|before| F4::load(before.as_ptr().add(at)));
            let gate = |n: usize| gates.add(n * hidden + at);
            let raw = [0, 1, 2, 3].map(|n| F4::load(gate(n)));
            let out = unit(raw, before);
            for (n, value) in out.gates.into_iter().enumerate() {
                value.store(gate(n));
            }
            out.cell.store(cell.as_mut_ptr().add(at));
            out.squashed.store(squashed.as_mut_ptr().add(at));
            out.state.store(state.as_mut_ptr().add(at));
        }
    }
    for at in whole..hidden {
        let before = before.map(|before| F4::splat(before[at]));
        // SAFETY: `at < hidden`, and the lengths were asserted above.
        unsafe {
            let gate = |n: usize| gates.add(n * hidden + at);
            let raw = [0, 1, 2, 3].map(|n| F4::load_splat(gate(n)));
            let out = unit(raw, before);
            for (n, value) in out.gates.into_iter().enumerate() {
                *gate(n) = first(value);
            }
            cell[at] = first(out.cell);
            squashed[at] = first(out.squashed);
            state[at] = first(out.state);
        }
    }
}

struct Unit {
    gates: [F4; 4],
    cell: F4,
    squashed: F4,
    state: F4,
}

/// Four hidden units of one row.
#[inline(always)]
fn unit(raw: [F4; 4], before: Option<F4>) -> Unit {
    let [input, forget, candidate, output] = raw;
    let (input, candidate) = (input.sigmoid(), candidate.tanh());
    let (forget, output) = (forget.sigmoid(), output.sigmoid());
    let mut cell = input.mul(candidate);
    if let Some(before) = before {
        cell = cell.add_product(forget, before);
    }
    let squashed = cell.tanh();
    Unit {
        gates: [input, forget, candidate, output],
        cell,
        squashed,
        state: output.mul(squashed),
    }
}

fn first(values: F4) -> f32 {
    let mut out = [0.0; LANES];
    // SAFETY: the array holds four numbers.
    unsafe { values.store(out.as_mut_ptr()) };
    out[0]
}

/// Runs the recurrence backward. `gates` is what [`forward`] left and becomes the gradient of the projected
/// inputs (untouched past each row's end); the gradient of the weights is added to `d_weights`.
pub fn backward(
    sizes: Sizes<'_>,
    gates: &mut [f32],
    given: Given<'_>,
    trace: &mut Trace,
    incoming: Incoming<'_>,
    d_weights: &mut [f32],
) {
    let past = Past {
        states: &trace.states,
        cells: &trace.cells,
        squashed: &trace.squashed,
    };
    backward_over(
        sizes,
        gates,
        given,
        past,
        incoming,
        d_weights,
        &mut trace.work,
    );
}

/// As [`backward`], over a trace that lies elsewhere; the gradients of the initial states are left in `work`.
pub(super) fn backward_over(
    sizes: Sizes<'_>,
    gates: &mut [f32],
    given: Given<'_>,
    past: Past<'_>,
    incoming: Incoming<'_>,
    d_weights: &mut [f32],
    work: &mut Work,
) {
    let Sizes {
        rows,
        hidden,
        active,
    } = sizes;
    let (line, wide) = (rows * hidden, 4 * rows * hidden);
    work.weights
        .fill_transposed(given.weights, 4 * hidden, hidden);
    work.sums.start(hidden, 4 * hidden);
    work.d_state.resize(line, 0.0);
    work.d_cell.resize(line, 0.0);
    let mut later = 0;
    for (t, &count) in active.iter().enumerate().rev() {
        let size = count * hidden;
        let (d_state, d_cell) = (&mut work.d_state[..size], &mut work.d_cell[..size]);
        // Rows that end here start their way back.
        let ending = later * hidden..size;
        d_cell[ending.clone()].fill(0.0);
        match incoming.last {
            Some(last) => d_state[ending.clone()].copy_from_slice(&last[ending]),
            None => d_state[ending].fill(0.0),
        }
        if let Some(all) = incoming.all {
            for (d, more) in d_state.iter_mut().zip(&all[t * line..]) {
                *d += more;
            }
        }
        let before = match (t, given.initial) {
            (0, None) => None,
            (0, Some((states, cells))) => Some((&states[..size], &cells[..size])),
            _ => Some((
                &past.states[(t - 1) * line..][..size],
                &past.cells[(t - 1) * line..][..size],
            )),
        };
        let gates = &mut gates[t * wide..][..4 * size];
        for row in 0..count {
            let at = row * hidden..(row + 1) * hidden;
            step_back(
                &mut gates[4 * row * hidden..][..4 * hidden],
                before.map(|(_, cells)| &cells[at.clone()]),
                &past.squashed[t * line..][at.clone()],
                &mut d_state[at.clone()],
                &mut d_cell[at],
            );
        }
        if let Some((states, _)) = before {
            work.weights.multiply(d_state, gates);
            if let Some(mask) = given.mask {
                for (value, mask) in d_state.iter_mut().zip(mask) {
                    *value *= mask;
                }
            }
            work.sums.take(d_weights, states, given.mask, gates);
        }
        later = count;
    }
    work.sums.finish(d_weights);
}

/// One step of one row backward: gates become gradients before their activation, `d_cell` moves to the
/// step before, `d_state` to zero.
fn step_back(
    gates: &mut [f32],
    before: Option<&[f32]>,
    squashed: &[f32],
    d_state: &mut [f32],
    d_cell: &mut [f32],
) {
    let hidden = squashed.len();
    assert!(gates.len() == 4 * hidden && d_state.len() == hidden && d_cell.len() == hidden);
    assert!(before.is_none_or(|before| before.len() == hidden));
    let whole = hidden - hidden % LANES;
    let gates = gates.as_mut_ptr();
    for at in (0..whole).step_by(LANES) {
        // SAFETY: `at + 4 <= hidden`, and the lengths were asserted above.
        unsafe {
            let gate = |n: usize| gates.add(n * hidden + at);
            let (d_state, d_cell) = (d_state.as_mut_ptr().add(at), d_cell.as_mut_ptr().add(at));
            let (d, d_earlier) = unit_back(
                [0, 1, 2, 3].map(|n| F4::load(gate(n))),
                before.map_or(F4::splat(0.0), |before| F4::load(before.as_ptr().add(at))),
                F4::load(squashed.as_ptr().add(at)),
                F4::load(d_state),
                F4::load(d_cell),
            );
            for (n, value) in d.into_iter().enumerate() {
                value.store(gate(n));
            }
            d_earlier.store(d_cell);
            F4::splat(0.0).store(d_state);
        }
    }
    for at in whole..hidden {
        // SAFETY: `at < hidden`, and the lengths were asserted above.
        unsafe {
            let gate = |n: usize| gates.add(n * hidden + at);
            let (d, d_earlier) = unit_back(
                [0, 1, 2, 3].map(|n| F4::load_splat(gate(n))),
                F4::splat(before.map_or(0.0, |before| before[at])),
                F4::splat(squashed[at]),
                F4::splat(d_state[at]),
                F4::splat(d_cell[at]),
            );
            for (n, value) in d.into_iter().enumerate() {
                *gate(n) = first(value);
            }
            d_cell[at] = first(d_earlier);
            d_state[at] = 0.0;
        }
    }
}

/// Four hidden units of one row backward: gradients before the activations, and that of `cₜ₋₁`.
#[inline(always)]
fn unit_back(gates: [F4; 4], before: F4, squashed: F4, d_state: F4, d_cell: F4) -> ([F4; 4], F4) {
    let one = F4::splat(1.0);
    let [input, forget, candidate, output] = gates;
    let slope = |gate: F4| gate.mul(one.sub(gate));
    let hump = one.sub(squashed.mul(squashed));
    let d = d_cell.add_product(d_state.mul(output), hump);
    let d_gates = [
        d.mul(candidate).mul(slope(input)),
        d.mul(before).mul(slope(forget)),
        d.mul(input).mul(one.sub(candidate.mul(candidate))),
        d_state.mul(squashed).mul(slope(output)),
    ];
    (d_gates, d.mul(forget))
}
