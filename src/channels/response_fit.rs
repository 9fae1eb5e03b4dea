//! Least squares of a saturating response, what else moved the outcome allowed for.

use nalgebra::{DMatrix, DVector};

/// Parts that are held out in turn.
const FOLDS: usize = 4;
const DECAYS: [f64; 6] = [0.0, 0.15, 0.3, 0.5, 0.7, 0.85];
const SLOPES: [f64; 5] = [0.6, 1.0, 1.5, 2.2, 3.0];
/// Times the mean spend.
const HALVES: [f64; 9] = [0.1, 0.2, 0.35, 0.6, 1.0, 1.6, 2.7, 5.0, 10.0];
/// The best starts that are refined.
const STARTS: usize = 6;

/// The parameters that are not linear: decay, half (logarithm), slope (logarithm).
pub(super) type Shape = [f64; 3];

/// The part of the most that a carried-over spend brings.
pub(super) fn hill(x: f64, half: f64, slope: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    1.0 / (1.0 + (half / x).powf(slope))
}

/// What is carried over from period to period, from the first spend on.
pub(super) fn adstock(spend: &[f64], decay: f64) -> Vec<f64> {
    let mut carried = spend.first().copied().unwrap_or(0.0);
    let step = |&x: &f64| {
        carried = (1.0 - decay) * x + decay * carried;
        carried
    };
    spend.iter().map(step).collect()
}

/// One channel's spend, the outcome, and what else may have moved it, period by period.
#[derive(Debug)]
pub(super) struct Series<'a> {
    pub(super) spend: &'a [f64],
    pub(super) outcome: &'a [f64],
    /// Enter the outcome with any sign, in proportion.
    pub(super) controls: Vec<&'a [f64]>,
}

/// Base, scale and shape of a response, and the sums of squares that are left with it and without.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fitted {
    pub(super) base: f64,
    pub(super) scale: f64,
    pub(super) shape: Shape,
    pub(super) rest: f64,
    /// By the controls alone.
    pub(super) rest_without: f64,
    /// Of periods held out in turn, against the controls alone.
    pub(super) held_out_r2: f64,
}

/// Some of the periods, with what the controls explain taken away.
#[derive(Debug)]
pub(super) struct Part<'a> {
    series: &'a Series<'a>,
    rows: Vec<usize>,
    /// Orthonormal, each of sum 0: the controls.
    basis: Vec<Vec<f64>>,
    /// The outcome without what they explain.
    pub(super) outcome: Vec<f64>,
    mean_spend: f64,
}

impl<'a> Part<'a> {
    pub(super) fn new(series: &'a Series<'a>, rows: Vec<usize>) -> Self {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for control in &series.controls {
            let mut column = centred(rows.iter().map(|&row| control[row]).collect());
            let whole = norm(&column);
            // Twice, lest rounding leave a trace.
            for _ in 0..2 {
                without(&mut column, &basis);
            }
            let left = norm(&column);
            if left > 1e-7 * whole {
                column.iter_mut().for_each(|cell| *cell /= left);
                basis.push(column);
            }
        }
        let mut outcome: Vec<f64> = rows.iter().map(|&row| series.outcome[row]).collect();
        without(&mut outcome, &basis);
        let mean_spend = series.spend.iter().sum::<f64>() / series.spend.len() as f64;
        Self {
            series,
            rows,
            basis,
            outcome,
            mean_spend,
        }
    }

    /// How many controls say something.
    pub(super) fn controls(&self) -> usize {
        self.basis.len()
    }

    pub(super) fn without_controls(&self, values: &mut [f64]) {
        without(values, &self.basis);
    }

    /// The response of a shape with scale 1, without what the controls explain of it.
    pub(super) fn rise(&self, shape: Shape) -> Vec<f64> {
        let [decay, half, slope] = shape;
        let (half, slope) = (half.exp(), slope.exp());
        let carried = adstock(self.series.spend, decay);
        let mut rise: Vec<f64> = self
            .rows
            .iter()
            .map(|&row| hill(carried[row], half, slope))
            .collect();
        without(&mut rise, &self.basis);
        rise
    }

    fn error(&self, shape: Shape) -> f64 {
        linear(&self.rise(bounded(shape, self.mean_spend)), &self.outcome).2
    }

    /// The shapes of the grid.
    pub(super) fn grid(&self) -> Vec<Shape> {
        let mut shapes = Vec::with_capacity(DECAYS.len() * HALVES.len() * SLOPES.len());
        for decay in DECAYS {
            for half in HALVES {
                for slope in SLOPES {
                    shapes.push([decay, (half * self.mean_spend).ln(), f64::ln(slope)]);
                }
            }
        }
        shapes
    }

    /// Least squares from many starts: of every shape on a grid the best base and scale are known in closed
    /// form (variable projection, Golub and Pereyra 1973); the best shapes are refined by Nelder and Mead's
    /// (1965) simplex.
    fn best_shape(&self) -> Shape {
        let grid = self.grid();
        let mut starts: Vec<(f64, Shape)> = grid
            .into_iter()
            .map(|shape| (self.error(shape), shape))
            .collect();
        crate::order::sort_by(&mut starts, |a, b| a.0.total_cmp(&b.0));
        let refined = starts
            .iter()
            .take(STARTS)
            .map(|&(_, start)| simplex(&|shape| self.error(shape), start));
        let best = refined.min_by(|a, b| a.0.total_cmp(&b.0));
        bounded(
            best.map_or(starts[0].1, |(_, shape)| shape),
            self.mean_spend,
        )
    }

    /// Forecasts of a period by a response (or none), controls and all.
    fn forecaster(&self, fitted: Option<(f64, f64, Shape)>) -> impl Fn(usize) -> f64 + '_ {
        let raw = |row: usize| self.series.outcome[row];
        let carried = fitted.map(|(_, _, shape)| adstock(self.series.spend, shape[0]));
        let response = move |row: usize| match (fitted, &carried) {
            (Some((base, scale, shape)), Some(carried)) => {
                base + scale * hill(carried[row], shape[1].exp(), shape[2].exp())
            }
            _ => 0.0,
        };
        let left: Vec<f64> = self
            .rows
            .iter()
            .map(|&row| raw(row) - response(row))
            .collect();
        let level = if fitted.is_some() { 0.0 } else { mean(&left) };
        let means: Vec<f64> = self
            .series
            .controls
            .iter()
            .map(|control| {
                mean(
                    &self
                        .rows
                        .iter()
                        .map(|&row| control[row])
                        .collect::<Vec<f64>>(),
                )
            })
            .collect();
        let slopes = slopes(self, &means, &left);
        move |row| {
            let controls = self.series.controls.iter().zip(&means).zip(&slopes);
            let by_controls: f64 = controls
                .map(|((control, mean), slope)| slope * (control[row] - mean))
                .sum();
            level + response(row) + by_controls
        }
    }
}

/// How the rest moves with the controls, by least squares of the smallest norm.
fn slopes(part: &Part, means: &[f64], left: &[f64]) -> Vec<f64> {
    let controls = &part.series.controls;
    if controls.is_empty() {
        return Vec::new();
    }
    let scales: Vec<f64> = controls
        .iter()
        .zip(means)
        .map(|(control, mean)| {
            let squares = part.rows.iter().map(|&row| (control[row] - mean).powi(2));
            squares.sum::<f64>().sqrt()
        })
        .collect();
    let at = |row: usize, column: usize| {
        if scales[column] > 0.0 {
            (controls[column][part.rows[row]] - means[column]) / scales[column]
        } else {
            0.0
        }
    };
    let matrix = DMatrix::from_fn(part.rows.len(), controls.len(), at);
    let middle = mean(left);
    let target = DVector::from_iterator(left.len(), left.iter().map(|value| value - middle));
    let solved = matrix.svd(true, true).solve(&target, 1e-7);
    solved.map_or_else(
        |_| vec![0.0; controls.len()],
        |solved| {
            solved
                .iter()
                .zip(&scales)
                .map(|(slope, scale)| if *scale > 0.0 { slope / scale } else { 0.0 })
                .collect()
        },
    )
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn centred(mut values: Vec<f64>) -> Vec<f64> {
    let middle = mean(&values);
    values.iter_mut().for_each(|value| *value -= middle);
    values
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

fn without(values: &mut [f64], basis: &[Vec<f64>]) {
    for direction in basis {
        let along: f64 = values.iter().zip(direction).map(|(a, b)| a * b).sum();
        for (value, step) in values.iter_mut().zip(direction) {
            *value -= along * step;
        }
    }
}

fn bounded([decay, half, slope]: Shape, mean: f64) -> Shape {
    [
        decay.clamp(0.0, 0.95),
        half.clamp((mean * 0.02).ln(), (mean * 50.0).ln()),
        slope.clamp(0.4_f64.ln(), 4.0_f64.ln()),
    ]
}

/// The best base and scale, both at least 0, and the sum of squares that is left.
pub(super) fn linear(x: &[f64], y: &[f64]) -> (f64, f64, f64) {
    let (mean_x, mean_y) = (mean(x), mean(y));
    let (mut spread, mut product) = (0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        spread += (x - mean_x) * (x - mean_x);
        product += (x - mean_x) * (y - mean_y);
    }
    let mut scale = if spread > 0.0 {
        (product / spread).max(0.0)
    } else {
        0.0
    };
    let mut base = mean_y - scale * mean_x;
    if base < 0.0 {
        let squares: f64 = x.iter().map(|x| x * x).sum();
        let along: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
        (base, scale) = (0.0, (along / squares).max(0.0));
    }
    let rest = x
        .iter()
        .zip(y)
        .map(|(x, y)| (y - base - scale * x).powi(2))
        .sum();
    (base, scale, rest)
}

fn simplex(error: &dyn Fn(Shape) -> f64, start: Shape) -> (f64, Shape) {
    let mut corners: Vec<(f64, Shape)> = vec![(error(start), start)];
    for place in 0..3 {
        let mut corner = start;
        corner[place] += [0.1, 0.3, 0.2][place];
        corners.push((error(corner), corner));
    }
    for _ in 0..200 {
        crate::order::sort_by(&mut corners, |a, b| a.0.total_cmp(&b.0));
        if corners[3].0 - corners[0].0 <= 1e-12 * corners[0].0.abs() {
            break;
        }
        let worst = corners[3].1;
        let middle: Shape = std::array::from_fn(|at| {
            corners[..3].iter().map(|corner| corner.1[at]).sum::<f64>() / 3.0
        });
        let along = |step: f64| {
            let shape: Shape =
                std::array::from_fn(|at| middle[at] + step * (worst[at] - middle[at]));
            (error(shape), shape)
        };
        let reflected = along(-1.0);
        if reflected.0 < corners[0].0 {
            let expanded = along(-2.0);
            corners[3] = if expanded.0 < reflected.0 {
                expanded
            } else {
                reflected
            };
        } else if reflected.0 < corners[2].0 {
            corners[3] = reflected;
        } else {
            let contracted = along(if reflected.0 < corners[3].0 {
                -0.5
            } else {
                0.5
            });
            if contracted.0 < corners[3].0.min(reflected.0) {
                corners[3] = contracted;
            } else {
                let best = corners[0].1;
                for corner in &mut corners[1..] {
                    let shape = std::array::from_fn(|at| (corner.1[at] + best[at]) / 2.0);
                    *corner = (error(shape), shape);
                }
            }
        }
    }
    crate::order::sort_by(&mut corners, |a, b| a.0.total_cmp(&b.0));
    corners[0]
}

/// `None` where no response rises.
pub(super) fn fitted(series: &Series) -> Option<Fitted> {
    let n = series.outcome.len();
    let whole = Part::new(series, (0..n).collect());
    let shape = whole.best_shape();
    let (base, scale, rest) = linear(&whole.rise(shape), &whole.outcome);
    let rest_without: f64 = centred(whole.outcome.clone())
        .iter()
        .map(|left| left * left)
        .sum();
    let total: f64 = centred(series.outcome.to_vec())
        .iter()
        .map(|left| left * left)
        .sum();
    // What the controls explain to the last digit leaves rounding only.
    if scale <= 0.0 || rest_without <= 1e-12 * total {
        return None;
    }
    let (mut missed, mut missed_without) = (0.0, 0.0);
    for fold in 0..FOLDS {
        // Neighbouring periods are alike, so they are held out together.
        let inside = |row: &usize| row * FOLDS / n == fold;
        let kept = Part::new(series, (0..n).filter(|row| !inside(row)).collect());
        let shape = kept.best_shape();
        let (base, scale, _) = linear(&kept.rise(shape), &kept.outcome);
        let with = kept.forecaster(Some((base, scale, shape)));
        let without = kept.forecaster(None);
        for row in (0..n).filter(inside) {
            missed += (series.outcome[row] - with(row)).powi(2);
            missed_without += (series.outcome[row] - without(row)).powi(2);
        }
    }
    Some(Fitted {
        base,
        scale,
        shape,
        rest,
        rest_without,
        held_out_r2: 1.0 - missed / missed_without,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::random::Random;

    /// The worked example of docs/METHODS.md.
    #[test]
    fn spend_is_carried_over_and_saturates() {
        let carried = adstock(&[100.0, 200.0, 0.0], 0.5);
        assert_eq!(carried, [100.0, 150.0, 75.0]);
        let brings: Vec<f64> = carried.iter().map(|&x| hill(x, 150.0, 1.0)).collect();
        for (found, wanted) in brings.iter().zip([0.4, 0.5, 1.0 / 3.0]) {
            assert!((found - wanted).abs() < 1e-12);
        }
    }

    /// Frisch, Waugh and Lovell: with the controls taken out of both sides, base and scale are those of the
    /// regression on everything together.
    #[test]
    fn taking_controls_out_is_the_regression_on_all() {
        let mut random = Random::new(7);
        let n = 30;
        let mut draw = || {
            (0..n)
                .map(|_| random.uniform() * 100.0)
                .collect::<Vec<f64>>()
        };
        let (spend, one, two) = (draw(), draw(), draw());
        let noise = draw();
        let shape = [0.3, f64::ln(60.0), f64::ln(1.4)];
        let carried = adstock(&spend, 0.3);
        let outcome: Vec<f64> = (0..n)
            .map(|row| {
                200.0 + 90.0 * hill(carried[row], 60.0, 1.4) + 1.5 * one[row] - 0.7 * two[row]
                    + 0.1 * noise[row]
            })
            .collect();
        let series = Series {
            spend: &spend,
            outcome: &outcome,
            controls: vec![&one, &two],
        };
        let part = Part::new(&series, (0..n).collect());
        let (base, scale, rest) = linear(&part.rise(shape), &part.outcome);
        let middle = |values: &[f64]| values.iter().sum::<f64>() / n as f64;
        let design = DMatrix::from_fn(n, 4, |row, column| match column {
            0 => 1.0,
            1 => hill(carried[row], 60.0, 1.4),
            2 => one[row] - middle(&one),
            _ => two[row] - middle(&two),
        });
        let target = DVector::from_vec(outcome.clone());
        let solved = design
            .clone()
            .svd(true, true)
            .solve(&target, 1e-12)
            .expect("solved");
        let left = (&target - &design * &solved).norm_squared();
        assert!((base - solved[0]).abs() < 1e-7 && (scale - solved[1]).abs() < 1e-7);
        assert!((rest - left).abs() < 1e-7 * left);
        let forecast = part.forecaster(Some((base, scale, shape)));
        for row in 0..n {
            assert!((forecast(row) - (design.row(row) * &solved)[0]).abs() < 1e-6);
        }
    }
}
