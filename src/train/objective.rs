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
