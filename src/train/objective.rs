//! The objective: mean log-loss plus the penalty, and its gradient.
//!
//! With `pᵢ = σ(zᵢ)`, row weights `sᵢ` and `n = Σ sᵢ`:
//! `f(w₀, w) = (1/n)·Σ sᵢ·(softplus(zᵢ) − yᵢ·zᵢ) + l2/(2n)·‖w‖²` and
//! `∂f/∂w = (1/n)·Σ sᵢ·(pᵢ − yᵢ)·xᵢ + (l2/n)·w` (Hastie, Tibshirani & Friedman, *The Elements of
//! Statistical Learning*, 2nd ed. 2009, equations 4.20 and 4.21). The gradient is written out, not
//! derived by autodiff: a third of the operations, and a third of the time.

use super::blocks::{Block, Rows, block_rows, upload};
use super::{DeviceKind, TrainError, TrainingData, auc};
use crate::model::{Logistic, Products};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData, Transaction};

/// Rows in a block of the full batch on the CPU: a block of usual width stays in the cache.
const CPU_BLOCK: usize = 16_384;
/// Rows in a block of mini-batches, the same on every device so that the batches are the same.
const BATCH_BLOCK: usize = 65_536;

/// Which rows a part is cut into for a device.
pub(super) fn rows_per_block(width: usize, full_batch: bool, device: DeviceKind) -> usize {
    let limit = match device {
        DeviceKind::Cpu if full_batch => CPU_BLOCK,
        _ => BATCH_BLOCK,
    };
    block_rows(width, limit)
}

/// How matrices are multiplied by vectors on a device.
pub(super) fn products(device: DeviceKind) -> Products {
    match device {
        DeviceKind::Cpu => Products::Matrix,
        DeviceKind::Webgpu => Products::Elements,
    }
}

/// The log-odds of rows, outside of any autodiff graph, `[1, rows]`.
pub(super) fn logits(model: &Logistic, rows: &Rows, products: Products) -> Tensor<2> {
    products.logits(
        rows.x.clone(),
        model.weights.val().inner(),
        model.intercept.val().inner(),
    )
}

/// `sᵢ·(softplus(zᵢ) − yᵢ·zᵢ)` of each row, `[1, rows]`, in the form that neither overflows nor
/// cancels: `softplus(z) = max(z, 0) + ln(1 + e^(−|z|))`.
pub(super) fn losses(logits: Tensor<2>, rows: &Rows) -> Tensor<2> {
    let tails = logits.clone().abs().neg().exp().log1p();
    let losses = logits.clone().clamp_min(0.0) - logits * rows.y.clone() + tails;
    match &rows.weights {
        Some(weights) => losses * weights.clone(),
        None => losses,
    }
}

/// The gradient of the summed (not mean) log-loss of rows, without penalty: `[features]`, `[1]`.
pub(super) fn gradient(
    logits: Tensor<2>,
    rows: &Rows,
    products: Products,
) -> (Tensor<1>, Tensor<1>) {
    let residuals = sigmoid(logits) - rows.y.clone();
    let residuals = match &rows.weights {
        Some(weights) => residuals * weights.clone(),
        None => residuals,
    };
    (
        products.pull_back(rows.x.clone(), residuals.clone()),
        residuals.sum(),
    )
}

/// Reads tensors back in one go, without blocking.
async fn transfer<const D: usize>(tensors: Vec<Tensor<D>>) -> Result<Vec<TensorData>, TrainError> {
    let mut transaction = Transaction::default();
    for tensor in tensors {
        transaction = transaction.register(tensor);
    }
    transaction.execute_async().await.map_err(failed)
}

fn failed(error: impl std::fmt::Debug) -> TrainError {
    TrainError::Device(format!("{error:?}"))
}

/// Reads single-precision tensors back.
pub(super) async fn read<const D: usize>(
    tensors: Vec<Tensor<D>>,
) -> Result<Vec<Vec<f32>>, TrainError> {
    let data = transfer(tensors).await?.into_iter();
    data.map(|data| data.try_into_vec().map_err(failed))
        .collect()
}

/// Reads double-precision tensors back.
pub(super) async fn doubles(tensors: Vec<Tensor<1>>) -> Result<Vec<Vec<f64>>, TrainError> {
    let data = transfer(tensors).await?.into_iter();
    data.map(|data| data.try_into_vec().map_err(failed))
        .collect()
}

/// A part that is only looked at.
#[derive(Debug)]
pub(super) struct Watched {
    blocks: Vec<Block>,
    labels: Vec<f32>,
    weights: Option<Vec<f32>>,
    products: Products,
}

impl Watched {
    /// The validation part; `None` where it is empty.
    pub fn validation(
        data: &TrainingData<'_>,
        rows_per_block: usize,
        products: Products,
        device: &Device,
    ) -> Option<Self> {
        let part = data.validation;
        let pick = |values: &[f32]| part.iter().map(|&row| values[row as usize]).collect();
        (!part.is_empty()).then(|| Self {
            blocks: upload(data, part, rows_per_block, device),
            labels: pick(data.y),
            weights: data.weights.map(pick),
            products,
        })
    }

    /// The log-odds of each block, for [`Watched::figures`] once they are read.
    pub fn logits(&self, model: &Logistic) -> Vec<Tensor<2>> {
        self.blocks
            .iter()
            .map(|block| logits(model, &block.rows, self.products))
            .collect()
    }

    /// Mean log-loss and AUC, from the log-odds of each block.
    pub fn figures(&self, logits: Vec<Vec<f32>>) -> (f64, f64) {
        let logits = logits.concat();
        let (mut sum, mut mass) = (0.0, 0.0);
        for (row, (&z, &y)) in logits.iter().zip(&self.labels).enumerate() {
            let weight = self.weights.as_ref().map_or(1.0, |w| f64::from(w[row]));
            let (z, y) = (f64::from(z), f64::from(y));
            sum += weight * (z.max(0.0) - y * z + (-z.abs()).exp().ln_1p());
            mass += weight;
        }
        (
            sum / mass,
            auc(&logits, &self.labels, self.weights.as_deref()),
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use burn::optim::GradientsParams;
    use burn::tensor::DType;

    const ROWS: usize = 7;
    const WIDTH: usize = 3;

    /// Small numbers without a pattern.
    fn noise(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    fn rows(weighted: bool, device: &Device) -> Rows {
        let matrix = |values: Vec<f32>, shape: [usize; 2]| {
            Tensor::from_data(TensorData::new(values, shape), device)
        };
        let weights = noise(ROWS, 3).into_iter().map(|w| w + 1.5).collect();
        Rows {
            x: matrix(noise(ROWS * WIDTH, 1), [WIDTH, ROWS]),
            y: matrix(vec![1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0], [1, ROWS]),
            weights: weighted.then(|| matrix(weights, [1, ROWS])),
        }
        .double()
    }

    fn model(point: &[f64], device: &Device) -> Logistic {
        Logistic::from_values(&point[..WIDTH], point[WIDTH], DType::F64, device)
    }

    fn values(tensor: Tensor<1>) -> Vec<f64> {
        tensor.into_data().try_into_vec().unwrap()
    }

    fn loss(point: &[f64], rows: &Rows, products: Products) -> f64 {
        let z = logits(&model(point, &Device::flex()), rows, products);
        values(losses(z, rows).sum())[0]
    }

    fn slopes(point: &[f64], rows: &Rows, products: Products) -> Vec<f64> {
        let z = logits(&model(point, &Device::flex()), rows, products);
        let (weights, intercept) = gradient(z, rows, products);
        [values(weights), values(intercept)].concat()
    }

    #[test]
    fn the_gradient_is_that_of_the_loss() {
        const STEP: f64 = 1e-5;
        let point = [0.7, -1.3, 0.2, -0.4];
        for weighted in [false, true] {
            let rows = rows(weighted, &Device::flex());
            for products in [Products::Matrix, Products::Elements] {
                let found = slopes(&point, &rows, products);
                for at in 0..=WIDTH {
                    let beside = |step: f64| {
                        let mut point = point;
                        point[at] += step;
                        loss(&point, &rows, products)
                    };
                    let expected = (beside(STEP) - beside(-STEP)) / (2.0 * STEP);
                    assert!(
                        (found[at] - expected).abs() < 1e-8,
                        "{at}: {found:?} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn autodiff_gives_the_same_gradient() {
        let device = Device::flex().autodiff();
        let point = [0.7, -1.3, 0.2, -0.4];
        for weighted in [false, true] {
            let rows = rows(weighted, &Device::flex());
            let model = model(&point, &device);
            let z = model.forward(rows.x.clone(), Products::Matrix);
            let derived = GradientsParams::from_grads(losses(z, &rows).sum().backward(), &model);
            let derived = [
                values(derived.get::<1>(model.weights.id).unwrap()),
                values(derived.get::<1>(model.intercept.id).unwrap()),
            ]
            .concat();
            let found = slopes(&point, &rows, Products::Matrix);
            for (found, derived) in found.iter().zip(derived) {
                assert!((found - derived).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_loss_stays_finite_and_right_far_out() {
        let device = Device::flex();
        let line =
            |values: [f32; 4]| Tensor::from_data(TensorData::new(values.to_vec(), [1, 4]), &device);
        let rows = Rows {
            x: line([1.0; 4]),
            y: line([1.0, 0.0, 1.0, 0.0]),
            weights: None,
        };
        let found = losses(line([200.0, 200.0, -200.0, -200.0]), &rows);
        let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
        assert_eq!(found, [0.0, 200.0, 200.0, 0.0]);
    }

    #[test]
    fn both_kinds_of_product_agree_on_long_sums() {
        let device = Device::flex();
        // 256 and 300 rows stay in one stage, 1024 are summed in two.
        for count in [256, 300, 1024] {
            let x =
                Tensor::<2>::from_data(TensorData::new(noise(2 * count, 5), [2, count]), &device);
            let r = Tensor::<2>::from_data(TensorData::new(noise(count, 6), [1, count]), &device);
            let sums = |products: Products| {
                let sums = products.pull_back(x.clone(), r.clone());
                sums.into_data().try_into_vec::<f32>().unwrap()
            };
            let (matrix, elements) = (sums(Products::Matrix), sums(Products::Elements));
            for (a, b) in matrix.iter().zip(&elements) {
                assert!((a - b).abs() < 1e-4, "{matrix:?} {elements:?}");
            }
        }
    }
}
