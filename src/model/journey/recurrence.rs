//! The recurrence of an LSTM on slices, forward and backward, over rows that end at different steps.
//!
//! With `aₜ` the projected inputs and `hₜ₋₁' = hₜ₋₁ ⊙ mask`:
//! `i = σ(aⁱ + h'Uⁱ)`, `f = σ(aᶠ + h'Uᶠ)`, `g = tanh(aᵍ + h'Uᵍ)`, `o = σ(aᵒ + h'Uᵒ)`,
//! `cₜ = f ⊙ cₜ₋₁ + i ⊙ g`, `hₜ = o ⊙ tanh(cₜ)`, with `h₋₁ = c₋₁ = 0`.
//! Rows stand longest first, so that those with a touch at a step are the first ones.

use super::arithmetic::{product, transpose, transposed_product};

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

/// What the forward pass leaves for the backward pass, `[steps, rows, hidden]` each.
#[derive(Debug, Default, Clone)]
pub struct Trace {
    /// `hₜ`
    pub states: Vec<f32>,
    /// `cₜ`
    pub cells: Vec<f32>,
    masked: Vec<f32>,
    turned: Vec<f32>,
    carried_state: Vec<f32>,
    carried_cell: Vec<f32>,
}

/// Runs the recurrence. `gates` holds the projected inputs `[steps, rows, 4 × hidden]` and is left with the
/// gates; `weights` is `[hidden, 4 × hidden]`; `mask` `[rows, hidden]`.
pub fn forward(
    sizes: Sizes<'_>,
    gates: &mut [f32],
    weights: &[f32],
    mask: Option<&[f32]>,
    trace: &mut Trace,
) {
    let Sizes {
        rows,
        hidden,
        active,
    } = sizes;
    let (line, wide) = (rows * hidden, 4 * rows * hidden);
    trace.states.resize(active.len() * line, 0.0);
    trace.cells.resize(active.len() * line, 0.0);
    trace.masked.resize(line, 0.0);
    for (t, &count) in active.iter().enumerate() {
        let gates = &mut gates[t * wide..][..4 * count * hidden];
        if t > 0 {
            let before = &trace.states[(t - 1) * line..][..count * hidden];
            let before = masked(before, mask, &mut trace.masked);
            product(gates, before, weights, hidden, 4 * hidden);
        }
        let (earlier, cells) = trace.cells.split_at_mut(t * line);
        let cells = &mut cells[..count * hidden];
        let earlier = match t {
            0 => None,
            _ => Some(&earlier[(t - 1) * line..]),
        };
        let states = &mut trace.states[t * line..][..count * hidden];
        for row in 0..count {
            let at = row * hidden..(row + 1) * hidden;
            let before = earlier.map(|earlier| &earlier[at.clone()]);
            step(
                &mut gates[4 * row * hidden..][..4 * hidden],
                before,
                &mut cells[at.clone()],
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
fn step(gates: &mut [f32], before: Option<&[f32]>, cell: &mut [f32], state: &mut [f32]) {
    let hidden = cell.len();
    let (input, rest) = gates.split_at_mut(hidden);
    let (forget, rest) = rest.split_at_mut(hidden);
    let (candidate, output) = rest.split_at_mut(hidden);
    input.iter_mut().for_each(|value| *value = sigmoid(*value));
    forget.iter_mut().for_each(|value| *value = sigmoid(*value));
    candidate.iter_mut().for_each(|value| *value = tanh(*value));
    output.iter_mut().for_each(|value| *value = sigmoid(*value));
    for at in 0..hidden {
        cell[at] = input[at] * candidate[at];
    }
    if let Some(before) = before {
        for at in 0..hidden {
            cell[at] += forget[at] * before[at];
        }
    }
    for at in 0..hidden {
        state[at] = output[at] * tanh(cell[at]);
    }
}

/// Runs the recurrence backward. `gates` is what [`forward`] left and becomes the gradient of the projected
/// inputs (untouched past each row's end); `last` `[rows, hidden]` is the gradient of each row's last
/// state, `all` that of every state; the gradient of the weights is added to `d_weights`.
#[allow(clippy::too_many_arguments)] // They are what a recurrence has.
pub fn backward(
    sizes: Sizes<'_>,
    gates: &mut [f32],
    weights: &[f32],
    mask: Option<&[f32]>,
    trace: &mut Trace,
    last: Option<&[f32]>,
    all: Option<&[f32]>,
    d_weights: &mut [f32],
) {
    let Sizes {
        rows,
        hidden,
        active,
    } = sizes;
    let (line, wide) = (rows * hidden, 4 * rows * hidden);
    let mut turned = std::mem::take(&mut trace.turned);
    turned.resize(weights.len(), 0.0);
    transpose(&mut turned, weights, 4 * hidden);
    let mut d_state = std::mem::take(&mut trace.carried_state);
    let mut d_cell = std::mem::take(&mut trace.carried_cell);
    d_state.resize(line, 0.0);
    d_cell.resize(line, 0.0);
    let mut later = 0;
    for (t, &count) in active.iter().enumerate().rev() {
        // Rows that end here start their way back.
        let ending = later * hidden..count * hidden;
        d_cell[ending.clone()].fill(0.0);
        match last {
            Some(last) => d_state[ending.clone()].copy_from_slice(&last[ending]),
            None => d_state[ending].fill(0.0),
        }
        let size = count * hidden;
        if let Some(all) = all {
            super::arithmetic::add(&mut d_state[..size], &all[t * line..][..size]);
        }
        let gates = &mut gates[t * wide..][..4 * size];
        for row in 0..count {
            let at = row * hidden..(row + 1) * hidden;
            let before = (t > 0).then(|| &trace.cells[(t - 1) * line..][at.clone()]);
            step_back(
                &mut gates[4 * row * hidden..][..4 * hidden],
                before,
                &trace.cells[t * line..][at.clone()],
                &d_state[at.clone()],
                &mut d_cell[at],
            );
        }
        if t > 0 {
            d_state[..size].fill(0.0);
            product(&mut d_state[..size], gates, &turned, 4 * hidden, hidden);
            if let Some(mask) = mask {
                for (value, mask) in d_state[..size].iter_mut().zip(mask) {
                    *value *= mask;
                }
            }
            let before = &trace.states[(t - 1) * line..][..size];
            let before = masked(before, mask, &mut trace.masked);
            transposed_product(d_weights, before, gates, hidden, 4 * hidden);
        }
        later = count;
    }
    trace.turned = turned;
    trace.carried_state = d_state;
    trace.carried_cell = d_cell;
}

/// One step of one row backward: gates become gradients before their activation, `d_cell` moves to the
/// step before.
fn step_back(
    gates: &mut [f32],
    before: Option<&[f32]>,
    cell: &[f32],
    d_state: &[f32],
    d_cell: &mut [f32],
) {
    let hidden = cell.len();
    let (input, rest) = gates.split_at_mut(hidden);
    let (forget, rest) = rest.split_at_mut(hidden);
    let (candidate, output) = rest.split_at_mut(hidden);
    for at in 0..hidden {
        let squashed = tanh(cell[at]);
        let (i, f, g, o) = (input[at], forget[at], candidate[at], output[at]);
        let d = d_cell[at] + d_state[at] * o * (1.0 - squashed * squashed);
        output[at] = d_state[at] * squashed * o * (1.0 - o);
        input[at] = d * g * i * (1.0 - i);
        candidate[at] = d * i * (1.0 - g * g);
        let earlier = before.map_or(0.0, |before| before[at]);
        forget[at] = d * earlier * f * (1.0 - f);
        d_cell[at] = d * f;
    }
}

/// `e^x` for `x` within ±87, to 2e-7 of its value: Cephes' `expf` (Moshier 1989), without branches so that
/// it is computed for several numbers at once.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0; // 1.5·2²³: adding it rounds to a whole number.
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let whole = shifted - SHIFT;
    let rest = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let mut sum = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        sum = sum * rest + coefficient;
    }
    let power = sum * rest * rest + rest + 1.0;
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    power * scale
}

/// `1/(1 + e^(−x))`.
#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent, to 2e-7.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squashing_functions_are_close_to_exact() {
        for at in -4000..=4000 {
            let x = at as f32 / 100.0;
            let exact = f64::from(x);
            assert!((f64::from(tanh(x)) - exact.tanh()).abs() < 3e-7, "{x}");
            let logistic = 1.0 / (1.0 + (-exact).exp());
            assert!((f64::from(sigmoid(x)) - logistic).abs() < 2e-7, "{x}");
        }
    }
}
