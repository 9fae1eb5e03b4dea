//! What each feature does to the odds, and how sure one can be of it.

use super::Z95;
use super::probabilities::probability;
use crate::error::Warning;
use crate::prepare::Dataset;
use crate::train::{Fit, TrainingData};
use nalgebra::{Cholesky, DMatrix, Dyn};
use serde::Serialize;

/// One coefficient of a logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coefficient {
    /// The column of the design matrix.
    pub feature: String,
    /// The table column it came from.
    pub column: String,
    /// Change of the log-odds per unit of the design matrix: per standard deviation of a number, or
    /// from absent to present of a level.
    pub value: f64,
    /// `e^value`.
    pub odds_ratio: f64,
    /// Standard error of `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// 95 % Wald interval of the odds ratio: `e^(value ± 1.96·standard error)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odds_ratio_interval: Option<[f64; 2]>,
}

/// With more columns than this the covariance is not worked out: the inverse takes time with their cube
/// and memory with their square.
pub const MAX_COLUMNS: usize = 1_000;
/// Nor is it where the information needs more products than this: some ten seconds natively, three times
/// that in a browser. A matrix of the largest size stays below it up to about 150 columns.
const MAX_PRODUCTS: f64 = 1e10;

/// Why there is no covariance.
#[derive(Debug, Clone, PartialEq)]
pub enum NoCovariance {
    /// There are more than [`MAX_COLUMNS`].
    TooManyColumns {
        /// How many.
        columns: usize,
    },
    /// There are too many rows for so many columns.
    TooManyProducts {
        /// How many columns.
        columns: usize,
        /// How many training rows.
        rows: usize,
    },
    /// The information can't be inverted, or a coefficient is not finite.
    Singular,
}

impl NoCovariance {
    /// The warning `no-standard-errors`, with its figures.
    pub(super) fn warning(&self) -> Warning {
        let code = "no-standard-errors";
        match *self {
            Self::TooManyColumns { columns } => Warning::new(
                code,
                format!(
                    "The model has {columns} columns. The uncertainty of the coefficients is worked out up to {MAX_COLUMNS}, so intervals are missing."
                ),
            )
            .figure("columns", columns as f64)
            .figure("limit", MAX_COLUMNS as f64),
            Self::TooManyProducts { columns, rows } => Warning::new(
                code,
                format!(
                    "The model has {columns} columns and {rows} training rows. The uncertainty of the coefficients would take too long to work out, so intervals are missing."
                ),
            )
            .figure("columns", columns as f64)
            .figure("rows", rows as f64),
            Self::Singular => Warning::new(
                code,
                "The uncertainty of the coefficients could not be worked out, so intervals are missing.",
            ),
        }
    }
}

/// The uncertainty of all coefficients together: weights in their order, the intercept last.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance(pub DMatrix<f64>);

impl Covariance {
    /// The inverse of the penalised observed information at the fitted coefficients:
    /// `(XᵀWX + l2·D)⁻¹`, where X has a column of ones last, W holds `sᵢ·pᵢ·(1 − pᵢ)` with the row
    /// weights `sᵢ`, and D is the identity but for a 0 in the place of the intercept, on the training
    /// rows.
    ///
    /// Read as Bayes does, this is the Laplace approximation of the posterior under the normal prior
    /// that the penalty stands for (Bishop, *Pattern Recognition and Machine Learning*, 2006, section
    /// 4.5.1). It is preferred to the sandwich `H⁻¹·XᵀWX·H⁻¹`, which leaves out the bias that the
    /// penalty brings and so promises too much (Marra & Wood 2012, *Scandinavian Journal of
    /// Statistics* 39:53–74). Without a penalty both are the classical one (Agresti, *Categorical
    /// Data Analysis*, 3rd ed. 2013, section 5.5).
    ///
    /// Where the information is singular (columns that repeat each other, and no penalty) the
    /// diagonal is raised by 1e-10 of its mean, and tenfold from there up to 1e-4, until it can be
    /// inverted; thousandfold beyond 256 columns.
    ///
    /// # Errors
    /// [`NoCovariance`]: nothing can interrupt this, so it is not begun where it would take long.
    pub fn new(data: &TrainingData<'_>, fit: &Fit) -> Result<Self, NoCovariance> {
        let columns = data.width;
        if columns > MAX_COLUMNS {
            return Err(NoCovariance::TooManyColumns { columns });
        }
        let products = products(data);
        if products > MAX_PRODUCTS {
            let rows = data.train.len();
            return Err(NoCovariance::TooManyProducts { columns, rows });
        }
        let mut information = information(data, fit);
        for at in 0..data.width {
            information[(at, at)] += fit.options.l2;
        }
        invert(information).map(Self).ok_or(NoCovariance::Singular)
    }

    /// The standard error of a coefficient.
    pub fn standard_error(&self, at: usize) -> f64 {
        self.0[(at, at)].max(0.0).sqrt()
    }
}

/// How many products [`information`] takes: each feature that is not 0 meets half of its row.
fn products(data: &TrainingData<'_>) -> f64 {
    let filled = |&at: &u32| {
        let features = &data.x[at as usize * data.width..][..data.width];
        features.iter().filter(|&&x| x != 0.0).count() + 1
    };
    let filled: f64 = data.train.iter().map(|at| filled(at) as f64).sum();
    filled * (data.width + 1) as f64 / 2.0
}

/// `XᵀWX` in f64, the intercept last. Features that are 0 are skipped, so that one-hot columns, wide
/// as they may be, cost little. Rows are taken in strips, so that a line of the sum stays in the cache
/// while all rows of a strip are added to it.
fn information(data: &TrainingData<'_>, fit: &Fit) -> DMatrix<f64> {
    const STRIP: usize = 64;
    let size = data.width + 1;
    // Only entries (i, j) with j ≥ i are summed, row-major.
    let mut upper = vec![0.0_f64; size * size];
    let mut strip = vec![1.0_f64; size * STRIP];
    for rows in data.train.chunks(STRIP) {
        let mut curvatures = [0.0; STRIP];
        for ((&at, cells), curvature) in rows
            .iter()
            .zip(strip.chunks_exact_mut(size))
            .zip(&mut curvatures)
        {
            let at = at as usize;
            let features = &data.x[at * data.width..][..data.width];
            for (cell, &x) in cells.iter_mut().zip(features) {
                *cell = f64::from(x);
            }
            let p = probability(features, fit);
            let count = data.weights.map_or(1.0, |weights| f64::from(weights[at]));
            *curvature = count * p * (1.0 - p);
        }
        for (i, line) in upper.chunks_exact_mut(size).enumerate() {
            for (cells, curvature) in strip.chunks_exact(size).zip(&curvatures[..rows.len()]) {
                let scale = curvature * cells[i];
                if scale != 0.0 {
                    for (sum, &x) in line[i..].iter_mut().zip(&cells[i..]) {
                        *sum += scale * x;
                    }
                }
            }
        }
    }
    DMatrix::from_fn(size, size, |i, j| upper[i.min(j) * size + i.max(j)])
}

/// The inverse of a symmetric matrix that should be positive definite.
fn invert(matrix: DMatrix<f64>) -> Option<DMatrix<f64>> {
    let size = matrix.nrows();
    let scale = matrix.trace() / size as f64;
    if !scale.is_finite() {
        return None;
    }
    // Each try takes time with the cube of the size.
    let step = if size > 256 { 3 } else { 1 };
    let jitters = (-10..=-4).step_by(step).map(|at| 10_f64.powi(at));
    let jitters = std::iter::once(0.0).chain(jitters);
    for jitter in jitters {
        let mut raised = matrix.clone();
        for at in 0..size {
            raised[(at, at)] += jitter * scale;
        }
        let half = Cholesky::<f64, Dyn>::new(raised).and_then(|factor| {
            // M = L·Lᵀ, so M⁻¹ = L⁻ᵀ·L⁻¹.
            let identity = DMatrix::identity(size, size);
            factor.l_dirty().solve_lower_triangular(&identity)
        });
        if let Some(half) = half
            && half.iter().all(|v| v.is_finite())
        {
            return Some(half.tr_mul(&half));
        }
    }
    None
}

/// The coefficients of a fit with their standard errors and intervals, in the order of the features.
pub fn coefficients(
    data: &Dataset,
    fit: &Fit,
    covariance: Option<&Covariance>,
) -> Vec<Coefficient> {
    data.features
        .iter()
        .zip(fit.weights())
        .enumerate()
        .map(|(at, (feature, &weight))| {
            let value = f64::from(weight);
            let error = covariance.map(|covariance| covariance.standard_error(at));
            Coefficient {
                feature: feature.name.clone(),
                column: feature.column.clone(),
                value,
                odds_ratio: value.exp(),
                standard_error: error,
                odds_ratio_interval: error
                    .map(|error| [(value - Z95 * error).exp(), (value + Z95 * error).exp()]),
            }
        })
        .collect()
}

/// The coefficients of the levels of the channel column, with what is needed to compare them.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelCoefficients {
    /// Level names.
    pub names: Vec<String>,
    /// Their coefficients.
    pub log_odds: Vec<f64>,
    /// The covariance of those.
    pub covariance: DMatrix<f64>,
}
