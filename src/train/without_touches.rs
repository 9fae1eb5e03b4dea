//! The chance of a journey without touches, which no journey model can learn from journeys with some.

use super::TrainingData;
use crate::prepare::Journeys;
use serde::{Deserialize, Serialize};

/// At most so many training journeys are looked at.
const LOOKED_AT: usize = 100_000;
/// Steps of Newton's method, and of conjugate gradients within each.
const STEPS: usize = 30;
const INNER: usize = 100;
/// The gradient counts as 0 below this part of the first.
const TOLERANCE: f64 = 1e-6;

/// The log-odds of conversion without any touch: `bias + Σ wᵢ·sᵢ` with the features s of the journey.
///
/// A journey model reads touches, so what it says where there is none is an accident of its training. A
/// logistic regression on ln(1 + touches of each channel) and the same features says it by its form: what
/// is left where all counts are 0. It is borrowed from there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WithoutTouches {
    /// The log-odds where all features are 0.
    pub bias: f64,
    /// One weight per feature of a journey, in the order in which they join the model.
    pub weights: Vec<f64>,
}

impl WithoutTouches {
    /// Fits the logistic regression with the penalty ½‖w‖² (the bias is free) to the training journeys, or
    /// to the first [`LOOKED_AT`] of them, which stand in random order.
    pub(super) fn learn(data: &TrainingData<'_>, journeys: &Journeys, statics: &[u32]) -> Self {
        let sample = Sample::new(data, journeys, statics);
        let beta = sample.fit();
        Self {
            bias: beta[sample.width - 1],
            weights: beta[..statics.len()].to_vec(),
        }
    }

    /// The log-odds of a journey of these features without touches.
    pub fn log_odds(&self, statics: &[f32]) -> f64 {
        let pairs = self.weights.iter().zip(statics);
        self.bias + pairs.map(|(w, &s)| w * f64::from(s)).sum::<f64>()
    }
}

/// The inputs that are not 0, row after row: first the features, then the channels, then a 1.
struct Sample {
    width: usize,
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    y: Vec<f64>,
    weights: Vec<f64>,
}

impl Sample {
    fn new(data: &TrainingData<'_>, journeys: &Journeys, statics: &[u32]) -> Self {
        let width = statics.len() + journeys.channels.len() + 1;
        let mut sample = Self {
            width,
            offsets: vec![0],
            columns: Vec::new(),
            values: Vec::new(),
            y: Vec::new(),
            weights: Vec::new(),
        };
        let mut channels: Vec<u32> = Vec::new();
        for &row in data.train.iter().take(LOOKED_AT) {
            let row = row as usize;
            let mut push = |column: usize, value: f32| {
                if value != 0.0 {
                    sample.columns.push(column as u32);
                    sample.values.push(value);
                }
            };
            for (at, &place) in statics.iter().enumerate() {
                push(at, data.row(row)[place as usize]);
            }
            channels.clear();
            channels.extend_from_slice(journeys.touches(row));
            channels.sort_unstable();
            for same in channels.chunk_by(|a, b| a == b) {
                push(
                    statics.len() + same[0] as usize,
                    (same.len() as f32).ln_1p(),
                );
            }
            push(width - 1, 1.0);
            sample.offsets.push(sample.columns.len());
            sample.y.push(f64::from(data.y[row]));
            sample.weights.push(f64::from(data.weight(row)));
        }
        sample
    }

    fn cells(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.offsets[row]..self.offsets[row + 1];
        let columns = self.columns[range.clone()].iter();
        let values = self.values[range].iter();
        columns
            .zip(values)
            .map(|(&column, &value)| (column as usize, f64::from(value)))
    }

    fn dot(&self, row: usize, beta: &[f64]) -> f64 {
        self.cells(row).map(|(at, value)| beta[at] * value).sum()
    }

    /// Adds Xᵀv to `out`.
    fn pull_back(&self, v: impl Fn(usize) -> f64, out: &mut [f64]) {
        for row in 0..self.y.len() {
            let v = v(row);
            for (at, value) in self.cells(row) {
                out[at] += v * value;
            }
        }
    }

    /// ½‖w‖² + Σ sᵢ·(softplus(zᵢ) − yᵢzᵢ), the bias free.
    fn loss(&self, beta: &[f64]) -> f64 {
        let row = |row: usize| {
            let z = self.dot(row, beta);
            self.weights[row] * (z.max(0.0) - self.y[row] * z + (-z.abs()).exp().ln_1p())
        };
        let squares: f64 = beta[..self.width - 1].iter().map(|b| b * b).sum();
        squares / 2.0 + (0..self.y.len()).map(row).sum::<f64>()
    }

    /// Newton's method, each step by conjugate gradients and halved until the loss falls (Lin, Weng and
    /// Keerthi 2008, "Trust region Newton method for logistic regression", JMLR 9, in its line-search form).
    fn fit(&self) -> Vec<f64> {
        let mut beta = vec![0.0; self.width];
        let mut loss = self.loss(&beta);
        let mut first = 0.0;
        for step in 0..STEPS {
            let chances: Vec<f64> = (0..self.y.len())
                .map(|row| 1.0 / (1.0 + (-self.dot(row, &beta)).exp()))
                .collect();
            let mut gradient = beta.clone();
            gradient[self.width - 1] = 0.0;
            let residual = |row: usize| self.weights[row] * (chances[row] - self.y[row]);
            self.pull_back(residual, &mut gradient);
            let size = norm(&gradient);
            if step == 0 {
                first = size;
            }
            if size <= TOLERANCE * first {
                break;
            }
            let curvature = |row: usize| self.weights[row] * chances[row] * (1.0 - chances[row]);
            let direction = self.newton(&gradient, curvature);
            let mut share = 1.0;
            let better = loop {
                let tried: Vec<f64> = beta
                    .iter()
                    .zip(&direction)
                    .map(|(b, d)| b - share * d)
                    .collect();
                let tried_loss = self.loss(&tried);
                if tried_loss < loss {
                    break Some((tried, tried_loss));
                }
                share /= 2.0;
                if share < 1e-6 {
                    break None;
                }
            };
            let Some((tried, tried_loss)) = better else {
                break;
            };
            (beta, loss) = (tried, tried_loss);
        }
        beta
    }

    /// Solves H·d = g nearly, with H = XᵀWX + I (0 for the bias).
    fn newton(&self, gradient: &[f64], curvature: impl Fn(usize) -> f64) -> Vec<f64> {
        let curvatures: Vec<f64> = (0..self.y.len()).map(curvature).collect();
        let product = |v: &[f64]| {
            let mut out = v.to_vec();
            // A trace of a penalty keeps H definite where the bias is given by the other columns.
            out[self.width - 1] *= 1e-9;
            self.pull_back(|row| curvatures[row] * self.dot(row, v), &mut out);
            out
        };
        let mut solved = vec![0.0; self.width];
        let mut left = gradient.to_vec();
        let mut along = left.clone();
        let mut size = dot(&left, &left);
        let enough = 1e-8 * size;
        for _ in 0..INNER {
            if size <= enough {
                break;
            }
            let image = product(&along);
            let length = size / dot(&along, &image);
            add_scaled(&mut solved, length, &along);
            add_scaled(&mut left, -length, &image);
            let next = dot(&left, &left);
            along
                .iter_mut()
                .zip(&left)
                .for_each(|(a, l)| *a = l + next / size * *a);
            size = next;
        }
        solved
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn add_scaled(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One channel, touched once or twice, and a feature: four kinds of journeys and three unknowns. The
    /// chances are chosen to fit the form, so that the fit finds it.
    #[test]
    fn what_is_left_without_touches() {
        let (bias, channel, feature) = (-2.0_f64, 1.5, 0.8);
        let mut journeys = Journeys {
            channels: vec!["a".to_owned()],
            offsets: vec![0],
            ..Journeys::default()
        };
        let (mut x, mut y, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for (touches, own) in [(1, 0.0), (2, 0.0), (1, 1.0), (2, 1.0_f32)] {
            let z = bias + channel * f64::from(touches).ln_1p() + feature * f64::from(own);
            let chance = 1.0 / (1.0 + (-z).exp());
            for converted in [0.0, 1.0_f32] {
                for _ in 0..touches {
                    journeys.touch_channels.push(0);
                }
                journeys.offsets.push(journeys.touch_channels.len() as u32);
                // A column that is none of the journey's, and the feature.
                x.extend([9.0, own]);
                y.push(converted);
                let part = if converted > 0.5 {
                    chance
                } else {
                    1.0 - chance
                };
                weights.push((part * 1e6) as f32);
            }
        }
        let train: Vec<u32> = (0..8).collect();
        let data = TrainingData {
            x: &x,
            width: 2,
            y: &y,
            weights: Some(&weights),
            train: &train,
            validation: &[],
            journeys: Some(&journeys),
            statics: vec![1],
        };
        let found = WithoutTouches::learn(&data, &journeys, &data.statics);
        assert!((found.bias - bias).abs() < 1e-3, "{found:?}");
        assert!((found.weights[0] - feature).abs() < 1e-3, "{found:?}");
        assert!((found.log_odds(&[1.0]) - (bias + feature)).abs() < 2e-3);
        let plain = WithoutTouches::learn(&data, &journeys, &[]);
        assert!(plain.weights.is_empty() && plain.log_odds(&[]) == plain.bias);
    }
}
