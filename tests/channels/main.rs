//! The comparison from end to end: against the reference figures, against the simulator's truth, and
//! finding by finding.

#![allow(clippy::unwrap_used, missing_docs)]

mod findings;
mod journeys;
mod learned;
mod lift;
mod money;
mod paths;
mod placebo;
mod reference;
mod rows;
mod story;

use channelwise::channels::{ChannelModel, CompareOptions, Comparison, Finding, compare};
use channelwise::prepare::Dataset;
use nalgebra::{DMatrix, DVector};

fn comparison(dataset: &Dataset, models: &[ChannelModel]) -> Comparison {
    compare(dataset, models, &CompareOptions::default().check().unwrap()).unwrap()
}

fn codes(comparison: &Comparison) -> Vec<&str> {
    comparison
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

fn finding<'a>(comparison: &'a Comparison, code: &str) -> &'a Finding {
    let found = comparison
        .findings
        .iter()
        .find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("{code} is not among {:?}", codes(comparison)))
}

/// Newton's method on the penalised log-likelihood of the training rows: an independent fit. Returns
/// the coefficients (intercept last) and the inverse of the penalised Hessian.
fn fit(dataset: &Dataset) -> (DVector<f64>, DMatrix<f64>) {
    let width = dataset.width();
    let mut beta = DVector::zeros(width + 1);
    let mut inverse = DMatrix::zeros(width + 1, width + 1);
    for _ in 0..12 {
        let mut gradient = -&beta;
        let mut hessian = DMatrix::identity(width + 1, width + 1);
        (gradient[width], hessian[(width, width)]) = (0.0, 0.0);
        for &row in &dataset.split.train {
            let row = row as usize;
            let mut x = DVector::from_element(width + 1, 1.0);
            for place in 0..width {
                x[place] = f64::from(dataset.x[row * width + place]);
            }
            let p = 1.0 / (1.0 + (-beta.dot(&x)).exp());
            gradient.axpy(f64::from(dataset.y[row]) - p, &x, 1.0);
            hessian.ger(p * (1.0 - p), &x, &x, 1.0);
        }
        inverse = hessian.cholesky().expect("positive definite").inverse();
        beta += &inverse * gradient;
    }
    (beta, inverse)
}
