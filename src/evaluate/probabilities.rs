//! What a fitted model says of rows.

use crate::train::Fit;

/// The chance of conversion of each of `rows` by logistic regression, in their order, computed in f64.
/// For any model see [`super::predict`].
///
/// `x` is row-major, `width` columns wide; `rows` are 0-based. Indices beyond `x` are a mistake of
/// the caller and panic.
pub fn probabilities(x: &[f32], width: usize, rows: &[u32], fit: &Fit) -> Vec<f64> {
    rows.iter()
        .map(|&row| probability(&x[row as usize * width..][..width], fit))
        .collect()
}

/// The chance of conversion of one row by logistic regression: `σ(w₀ + Σⱼ wⱼ xⱼ)`, in f64.
pub fn probability(features: &[f32], fit: &Fit) -> f64 {
    let sum: f64 = features
        .iter()
        .zip(fit.weights())
        .map(|(&x, &w)| f64::from(x) * f64::from(w))
        .sum();
    sigmoid(f64::from(fit.intercept()) + sum)
}

/// `1/(1 + e^(−z))`, without overflow on either side.
pub(super) fn sigmoid(z: f64) -> f64 {
    let tail = (-z.abs()).exp();
    if z >= 0.0 {
        1.0 / (1.0 + tail)
    } else {
        tail / (1.0 + tail)
    }
}
