//! Logistic regression.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};

/// Logistic regression: `p = σ(w₀ + Σⱼ wⱼ xⱼ)` (McCullagh & Nelder, *Generalized Linear Models*,
/// 2nd ed. 1989, section 4.3). [`forward`](Self::forward) gives the log-odds `w₀ + Σⱼ wⱼ xⱼ`.
///
/// The design matrix is handed over feature-major, `[features, rows]`: with a single output the two
/// products of a training step are then both sweeps over contiguous memory, about six times faster
/// on the CPU than with rows first.
#[derive(Module, Debug)]
pub struct Logistic {
    /// `wⱼ`, `[features]`.
    pub weights: Param<Tensor<1>>,
    /// `w₀`, `[1]`.
    pub intercept: Param<Tensor<1>>,
}

impl Logistic {
    /// The model that gives every row even odds: all coefficients are 0.
    pub fn zeros(features: usize, device: &Device) -> Self {
        Self::from_values(&vec![0.0; features], 0.0, DType::F32, device)
    }

    /// The model with the given coefficients, kept in the given precision.
    pub fn from_values(weights: &[f64], intercept: f64, dtype: DType, device: &Device) -> Self {
        let parameter = |values: &[f64]| {
            let data = TensorData::new(values.to_vec(), [values.len()]);
            Param::from_tensor(Tensor::from_data(data, (device, dtype)))
        };
        Self {
            weights: parameter(weights),
            intercept: parameter(&[intercept]),
        }
    }

    /// The log-odds of each row.
    ///
    /// # Shapes
    /// - `x`: `[features, rows]`
    /// - returns `[1, rows]`
    pub fn forward(&self, x: Tensor<2>, products: Products) -> Tensor<2> {
        products.logits(x, self.weights.val(), self.intercept.val())
    }
}

/// How a matrix is multiplied by a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Products {
    /// By the device's matrix product: best on the CPU.
    Matrix,
    /// Element by element, then summed in two stages: best on WebGPU, whose matrix product gives a
    /// long thin sum to a single workgroup.
    Elements,
}

/// The length of the first stage of a sum over rows.
const STAGE: usize = 256;

impl Products {
    /// `w · x + w₀`, `[1, rows]`, for `x` `[features, rows]`, `w` `[features]`, `w₀` `[1]`.
    pub fn logits(self, x: Tensor<2>, weights: Tensor<1>, intercept: Tensor<1>) -> Tensor<2> {
        let sums = match self {
            Self::Matrix => weights.unsqueeze_dim::<2>(0).matmul(x),
            Self::Elements => (x * weights.unsqueeze_dim::<2>(1)).sum_dim(0),
        };
        sums + intercept.unsqueeze_dim::<2>(0)
    }

    /// `x · rᵀ`, `[features]`, for `x` `[features, rows]` and `r` `[1, rows]`.
    pub fn pull_back(self, x: Tensor<2>, residuals: Tensor<2>) -> Tensor<1> {
        let [features, rows] = x.dims();
        match self {
            Self::Matrix => x.matmul(residuals.transpose()).reshape([features]),
            Self::Elements => {
                let products = x * residuals;
                let staged = if rows.is_multiple_of(STAGE) && rows > STAGE {
                    let parts = rows / STAGE;
                    products
                        .reshape([features * parts, STAGE])
                        .sum_dim(1)
                        .reshape([features, parts])
                } else {
                    products
                };
                staged.sum_dim(1).reshape([features])
            }
        }
    }
}
