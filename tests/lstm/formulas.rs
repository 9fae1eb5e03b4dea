//! The operation against its formulas in double precision, and what holds for any input.

use crate::common::{Case, assert_close, figures, numbers};
use channelwise::lstm::{lstm, lstm_reference};

#[test]
fn long_rows_and_the_article_s_width_agree_with_stock_operations() {
    let mut case = Case::new([30, 70, 128], 5, false, true);
    case.weights = numbers(4 * 128 * 128, 8, 0.08);
    let (found, expected) = (figures(&case, lstm), figures(&case, lstm_reference));
    assert_close("states", &found.states, &expected.states, 2e-6);
    for ((name, found), (_, expected)) in found.gradients.iter().zip(&expected.gradients) {
        assert_close(name, found, expected, 1e-5);
    }
}

/// The weighed sum of the states in double precision, by the formulas alone.
fn exact(case: &Case) -> f64 {
    let (rows, hidden) = (case.rows, case.hidden);
    let weighing = numbers(case.steps * rows * hidden, 99, 1.0);
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut sum = 0.0;
    for row in 0..rows {
        let line = |values: &[f32]| -> Vec<f64> {
            let line = &values[row * hidden..][..hidden];
            line.iter().map(|&x| f64::from(x)).collect()
        };
        let zeros = || (vec![0.0; hidden], vec![0.0; hidden]);
        let initial = case.initial.as_ref().map(|(h, c)| (line(h), line(c)));
        let (mut state, mut cell) = initial.unwrap_or_else(zeros);
        let mask = case.mask.as_ref().map_or(vec![1.0; hidden], |m| line(m));
        for t in 0..case.steps {
            if (t as f32) < case.lengths[row] {
                let raw: Vec<f64> = (0..4 * hidden)
                    .map(|column| {
                        let weight = |k: usize| f64::from(case.weights[k * 4 * hidden + column]);
                        let product = (0..hidden).map(|k| state[k] * mask[k] * weight(k));
                        let at = (t * rows + row) * 4 * hidden + column;
                        f64::from(case.projected[at]) + product.sum::<f64>()
                    })
                    .collect();
                for unit in 0..hidden {
                    let gate = |n: usize| raw[n * hidden + unit];
                    let (input, forget) = (logistic(gate(0)), logistic(gate(1)));
                    cell[unit] = forget * cell[unit] + input * gate(2).tanh();
                    state[unit] = logistic(gate(3)) * cell[unit].tanh();
                }
            }
            let weighing = &weighing[(t * rows + row) * hidden..][..hidden];
            let weighed = state.iter().zip(weighing).map(|(h, &w)| h * f64::from(w));
            sum += weighed.sum::<f64>();
        }
    }
    sum
}

#[test]
fn gradients_are_the_slopes_of_the_formulas() {
    const STEP: f32 = 1.0 / 1024.0;
    for seed in 1..5 {
        let case = Case::new([5, 4, 6], seed, true, true);
        let found = figures(&case, lstm);
        for (name, gradient) in &found.gradients {
            for (at, &slope) in gradient.iter().enumerate() {
                let moved = |by: f32| {
                    let mut case = case.clone();
                    let (state, cell) = case.initial.as_mut().expect("it has them");
                    let values = match *name {
                        "gates" => &mut case.projected,
                        "weights" => &mut case.weights,
                        "state" => state,
                        _ => cell,
                    };
                    // The step as it is after rounding.
                    let before = values[at];
                    values[at] += by;
                    let step = f64::from(values[at]) - f64::from(before);
                    (exact(&case), step)
                };
                let ((up, right), (down, left)) = (moved(STEP), moved(-STEP));
                let expected = (up - down) / (right - left);
                let apart = (f64::from(slope) - expected).abs();
                assert!(apart < 2e-5, "{name}[{at}]: {slope} and {expected}");
            }
        }
    }
}

#[test]
fn nothing_past_a_row_s_end_is_read() {
    let case = Case::new([6, 9, 5], 3, true, false);
    let mut spoiled = case.clone();
    for t in 0..case.steps {
        for row in (0..case.rows).filter(|&row| t as f32 >= case.lengths[row]) {
            spoiled.projected[(t * case.rows + row) * 20..][..20].fill(f32::NAN);
        }
    }
    let (clean, spoiled) = (figures(&case, lstm), figures(&spoiled, lstm));
    assert_eq!(clean.states, spoiled.states);
    assert_eq!(clean.gradients, spoiled.gradients);
}

#[test]
fn a_row_does_not_depend_on_its_neighbours() {
    let case = Case::new([7, 33, 16], 4, false, false);
    let together = figures(&case, lstm).last;
    for row in [0, 7, 32] {
        let mut alone = Case::new([7, 1, 16], 4, false, false);
        alone.weights.clone_from(&case.weights);
        alone.lengths = vec![case.lengths[row]];
        for t in 0..7 {
            alone.projected[t * 64..][..64]
                .copy_from_slice(&case.projected[(t * 33 + row) * 64..][..64]);
        }
        let last = figures(&alone, lstm).last;
        assert_eq!(last, together[row * 16..][..16], "bit for bit");
    }
}
