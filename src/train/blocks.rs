//! The rows of one part, on the device, in blocks.

use super::TrainError;
use crate::prepare::{Dataset, Journeys};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

/// The most a block of the design matrix may take: the least binding size WebGPU guarantees.
const MAX_BLOCK_BYTES: usize = 128 << 20;

/// What a model is fitted on, borrowed, so that a worker that was handed bare arrays can train too.
#[derive(Debug, Clone)]
pub struct TrainingData<'a> {
    /// The design matrix, row-major: `rows × width`.
    pub x: &'a [f32],
    /// How many columns it has.
    pub width: usize,
    /// The outcome of each row, 0 or 1.
    pub y: &'a [f32],
    /// How often each row counts; `None` means once each.
    pub weights: Option<&'a [f32]>,
    /// Rows to fit on, in shuffled order.
    pub train: &'a [u32],
    /// Rows to stop on; may be empty.
    pub validation: &'a [u32],
    /// The journeys that the rows stand for, for journey models.
    pub journeys: Option<&'a Journeys>,
    /// Which columns of the matrix say something of a whole journey that its touches don't, and so join a
    /// journey model.
    pub statics: Vec<u32>,
}

impl<'a> From<&'a Dataset> for TrainingData<'a> {
    fn from(data: &'a Dataset) -> Self {
        Self {
            x: &data.x,
            width: data.width(),
            y: &data.y,
            weights: data.weights.as_deref(),
            train: &data.split.train,
            validation: &data.split.validation,
            journeys: data.journeys.as_ref(),
            statics: statics(data),
        }
    }
}

/// The columns that do not come from the touches themselves.
fn statics(data: &Dataset) -> Vec<u32> {
    if data.journeys.is_none() {
        return Vec::new();
    }
    let places = (0_u32..).zip(&data.features);
    let own = places.filter(|(_, feature)| feature.is_static());
    own.map(|(place, _)| place).collect()
}

impl TrainingData<'_> {
    /// Refuses data that cannot be trained on, so that what follows may trust it.
    pub(super) fn check(&self) -> Result<(), TrainError> {
        if self.width == 0 {
            return Err(TrainError::NoFeatures);
        }
        self.check_rows()
    }

    /// The same for models that can do without a matrix.
    pub(super) fn check_rows(&self) -> Result<(), TrainError> {
        let rows = self.y.len();
        if self.train.is_empty() {
            return Err(TrainError::NoTrainingRows);
        }
        if self.x.len() != rows * self.width {
            return Err(TrainError::BadData("the matrix has a different size"));
        }
        if self.weights.is_some_and(|weights| weights.len() != rows) {
            return Err(TrainError::BadData("the row weights have another length"));
        }
        let outside = |part: &[u32]| part.iter().any(|&row| row as usize >= rows);
        if outside(self.train) || outside(self.validation) {
            return Err(TrainError::BadData("a part names a row that is not there"));
        }
        if self
            .weights
            .is_some_and(|weights| weights.iter().any(|w| !w.is_finite() || *w < 0.0))
        {
            return Err(TrainError::BadData("a row weight is not a number from 0"));
        }
        let counts = |positive: bool| {
            self.train.iter().any(|&row| {
                (self.y[row as usize] > 0.5) == positive && self.weight(row as usize) > 0.0
            })
        };
        if !(counts(true) && counts(false)) {
            return Err(TrainError::OneClass);
        }
        Ok(())
    }

    /// How often a row counts.
    pub(super) fn weight(&self, row: usize) -> f32 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// How often the rows of a part count together.
    pub(super) fn mass(&self, part: &[u32]) -> f64 {
        part.iter()
            .map(|&row| f64::from(self.weight(row as usize)))
            .sum()
    }

    /// The features of a row.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        &self.x[row * self.width..][..self.width]
    }
}

/// Some rows on the device.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// The design matrix, feature-major: `[width, rows]`.
    pub x: Tensor<2>,
    /// The outcomes, `[1, rows]`.
    pub y: Tensor<2>,
    /// How often each row counts, `[1, rows]`.
    pub weights: Option<Tensor<2>>,
}

impl Rows {
    /// The same in double precision.
    pub fn double(&self) -> Self {
        let double = |tensor: &Tensor<2>| tensor.clone().cast(DType::F64);
        Self {
            x: double(&self.x),
            y: double(&self.y),
            weights: self.weights.as_ref().map(double),
        }
    }

    /// The rows at the given positions, gathered on the device.
    pub fn select(&self, positions: Tensor<1, Int>) -> Self {
        Self {
            x: self.x.clone().select(1, positions.clone()),
            y: self.y.clone().select(1, positions.clone()),
            weights: self
                .weights
                .as_ref()
                .map(|weights| weights.clone().select(1, positions)),
        }
    }
}

/// Consecutive rows of a part.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The rows, on the device.
    pub rows: Rows,
    /// How often each counts, on the host.
    pub weights: Option<Vec<f32>>,
    /// How many there are.
    pub len: usize,
}

impl Block {
    /// The weight of the rows at the given positions, summed.
    pub fn mass(&self, positions: &[u32]) -> f64 {
        self.weights
            .as_ref()
            .map_or(positions.len() as f64, |weights| {
                positions
                    .iter()
                    .map(|&at| f64::from(weights[at as usize]))
                    .sum()
            })
    }
}

/// How many rows a block may have so that it stays within `limit` rows and the byte limit.
pub(super) fn block_rows(width: usize, limit: usize) -> usize {
    (MAX_BLOCK_BYTES / (4 * width.max(1))).clamp(1, limit)
}

/// Copies the rows of a part to the device, at most `block_rows` a block, in the part's order.
pub(super) fn upload(
    data: &TrainingData<'_>,
    part: &[u32],
    block_rows: usize,
    device: &Device,
) -> Vec<Block> {
    part.chunks(block_rows)
        .map(|rows| upload_block(data, rows, device))
        .collect()
}

fn upload_block(data: &TrainingData<'_>, rows: &[u32], device: &Device) -> Block {
    let len = rows.len();
    let line = |values: Vec<f32>| Tensor::from_data(TensorData::new(values, [1, len]), device);
    let weights: Option<Vec<f32>> = data
        .weights
        .map(|weights| rows.iter().map(|&row| weights[row as usize]).collect());
    let x = TensorData::new(feature_major(data, rows), [data.width, len]);
    Block {
        rows: Rows {
            x: Tensor::from_data(x, device),
            y: line(rows.iter().map(|&row| data.y[row as usize]).collect()),
            weights: weights.clone().map(line),
        },
        weights,
        len,
    }
}

/// The features of the rows, `[width, rows]`. Works in strips of rows, so that the lines of memory
/// that are written stay in the cache.
fn feature_major(data: &TrainingData<'_>, rows: &[u32]) -> Vec<f32> {
    const STRIP: usize = 64;
    let n = rows.len();
    let mut out = vec![0.0; n * data.width];
    for (strip, chunk) in rows.chunks(STRIP).enumerate() {
        for feature in 0..data.width {
            let target = &mut out[feature * n + strip * STRIP..][..chunk.len()];
            for (cell, &row) in target.iter_mut().zip(chunk) {
                *cell = data.x[row as usize * data.width + feature];
            }
        }
    }
    out
}
