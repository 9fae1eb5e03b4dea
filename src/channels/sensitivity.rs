//! What the credit by a logistic regression would be, had another sample been drawn to fit it.

use super::games::Game;
use crate::prepare::random::Random;
use nalgebra::{Cholesky, DMatrix, DVector};
use statrs::distribution::{ContinuousCDF, Normal};

/// How the losses change with the coefficients, to first order, and how the coefficients vary.
///
/// With p = σ(xβ), ∂p/∂β = p(1 − p)·x. The losses are sums of chances with factors, so their gradients are
/// the same sums of those. Coefficients are drawn from their asymptotic normal distribution, which is why
/// first order is all there is to be had (the delta method: van der Vaart, *Asymptotic Statistics*, 1998,
/// theorem 3.1).
#[derive(Debug)]
pub(super) struct Sensitivity {
    /// L with L·Lᵀ the covariance of the coefficients, the intercept last.
    root: DMatrix<f64>,
    units: usize,
    /// Units below each other, first of conversions, then of their worth: the gradients.
    gradients: DMatrix<f64>,
}

impl Sensitivity {
    /// Nothing taken yet. `None` where the covariance is none.
    pub(super) fn new(covariance: &DMatrix<f64>, units: usize) -> Option<Self> {
        let root = Cholesky::new(covariance.clone())?.unpack();
        let gradients = DMatrix::zeros(root.nrows(), 2 * units);
        Some(Self {
            root,
            units,
            gradients,
        })
    }

    /// Adds the gradients of one journey of that weight, whose conversion was worth so much over its
    /// chance.
    pub(super) fn take(
        &mut self,
        game: &Game,
        parts: &[(u32, f64)],
        chances: &[f64],
        x: &[f32],
        (weight, worth): (f64, f64),
    ) {
        let slope = |trial: usize| chances[trial] * (1.0 - chances[trial]);
        for (unit, trial, factor) in game.terms() {
            let slope = weight * factor * slope(trial);
            self.add(unit, slope, x, trial);
            if worth != 0.0 {
                self.add(self.units + unit, worth * slope, x, trial);
            }
        }
        if worth != 0.0 {
            // Of worth · part / chance, the chance varies too: ∂(1/p) = −(1 − p)/p · x.
            let whole = game.whole();
            for &(unit, part) in parts {
                let slope = -weight * worth * part * (1.0 - chances[whole]);
                self.add(self.units + unit as usize, slope, x, whole);
            }
        }
    }

    fn add(&mut self, column: usize, factor: f64, x: &[f32], trial: usize) {
        let width = self.root.nrows() - 1;
        let x = &x[trial * width..][..width];
        let mut gradient = self.gradients.column_mut(column);
        for (sum, &x) in gradient.iter_mut().zip(x) {
            *sum += factor * f64::from(x);
        }
        gradient[width] += factor;
    }

    /// Adds what other coefficients would change.
    pub(super) fn shift(&self, random: &mut Random, conversions: &mut [f64], values: &mut [f64]) {
        let normal = Normal::standard();
        let size = self.root.nrows();
        // The middle of each of the 2³² places that a uniform number can have.
        let draw = |_, _| normal.inverse_cdf(random.uniform() + f64::powi(2.0, -33));
        let change = &self.root * DVector::from_fn(size, draw);
        let sums = conversions.iter_mut().chain(values);
        for (sum, gradient) in sums.zip(self.gradients.column_iter()) {
            *sum += gradient.dot(&change);
        }
    }
}
