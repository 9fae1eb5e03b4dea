//! From checked options and data to a fitted model.

use super::objective::{Watched, products, rows_per_block};
use super::step_size::step_size;
use super::watch::Watch;
use super::without_touches::WithoutTouches;
use super::{
    OptimizerKind, TrainError, TrainingData, ValidTrainOptions, blocks, first_order, journey_fit,
    lbfgs,
};
use crate::job::Host;
use crate::model::journey::{Inputs, JourneyShape};
use crate::model::{Logistic, Parameter, Products};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

/// How far training had come after an epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EpochRecord {
    /// From 1. One pass over the training rows; with L-BFGS one iteration.
    pub epoch: usize,
    /// Mean log-loss over all training rows with the coefficients at the epoch's end, without the
    /// penalty, so that it can be held against the validation loss.
    pub train_loss: f64,
    /// The same over the validation rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
    /// Area under the ROC curve on the validation rows; `NaN` (`null` in JSON) where they are all of
    /// one class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_auc: Option<f64>,
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ended {
    /// The gradient is as good as zero, or the loss cannot be told to fall any more.
    Converged,
    /// All epochs are done.
    Epochs,
    /// The validation part got no better.
    EarlyStopping,
    /// The host asked for it.
    Stopped,
}

impl Ended {
    /// The name in the public API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::Epochs => "epochs",
            Self::EarlyStopping => "earlyStopping",
            Self::Stopped => "stopped",
        }
    }
}

/// A fitted model and how it came about. It travels between workers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fit {
    /// What was learned. Of logistic regression `weights`, one per column of the design matrix, and
    /// `intercept`; of journey models see [`crate::model::journey::Layout`].
    pub parameters: Vec<Parameter>,
    /// What a journey model takes in, and its sizes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<FittedJourney>,
    /// One record per epoch.
    pub epochs: Vec<EpochRecord>,
    /// Seconds from the first upload to the last step, pauses apart.
    pub seconds: f64,
    /// Mean milliseconds per parameter update, the figures after each epoch included.
    pub step_ms: f64,
    /// Parameter updates.
    pub steps: usize,
    /// Why it ended.
    pub ended: Ended,
    /// The epoch whose coefficients these are: the best on the validation part where early stopping
    /// is on, else the last. 0 where training was stopped before the first was done.
    pub best_epoch: usize,
    /// The options with all defaults filled in, the learning rate that was worked out included.
    pub options: ValidTrainOptions,
}

/// What is needed, beside the parameters, to use a journey model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FittedJourney {
    /// Its vocabularies, and the features that join.
    pub inputs: Inputs,
    /// Its sizes.
    pub shape: JourneyShape,
    /// What it says of journeys without touches; absent from runs that were kept before this was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_touches: Option<WithoutTouches>,
}

impl Fit {
    /// The values of a named array; empty where there is none of that name.
    pub fn array(&self, name: &str) -> &[f32] {
        let found = self.parameters.iter().find(|array| array.name == name);
        found.map_or(&[], |array| &array.values)
    }

    /// One coefficient per column of the design matrix; empty for other models than logistic regression.
    pub fn weights(&self) -> &[f32] {
        self.array("weights")
    }

    /// The log-odds where all columns are 0; 0 for other models than logistic regression.
    pub fn intercept(&self) -> f32 {
        self.array("intercept").first().copied().unwrap_or(0.0)
    }

    /// Whether it can be a model of data with so many features: its arrays are there and of the right size.
    pub fn suits(&self, width: usize, has_journeys: bool) -> bool {
        match &self.journey {
            None => self.weights().len() == width && self.array("intercept").len() == 1,
            Some(FittedJourney { inputs, shape, .. }) => {
                let places = inputs.statics.iter().all(|&at| (at as usize) < width);
                let sizes = shape.channels == inputs.channels.len() + 1
                    && shape.statics == inputs.statics.len();
                has_journeys && places && sizes && shape.layout().flat(&self.parameters).is_some()
            }
        }
    }

    /// How many numbers were learned.
    pub fn parameter_count(&self) -> usize {
        self.parameters.iter().map(|array| array.values.len()).sum()
    }
}

/// What both kinds of optimiser are given.
pub(super) struct Setup<'a> {
    pub options: &'a ValidTrainOptions,
    pub device: Device,
    pub products: Products,
    pub blocks: Vec<blocks::Block>,
    pub validation: Option<Watched>,
    /// The sum of the weights of the training rows: `n` in the objective.
    pub mass: f64,
    pub rows: usize,
    pub width: usize,
}

/// What both give back.
pub(super) struct Outcome {
    pub model: Logistic,
    pub epochs: Vec<EpochRecord>,
    pub steps: usize,
    pub ended: Ended,
    pub best_epoch: usize,
}

/// Fits the model that the options name; see [`fit_logistic`] and [`super::journey_fit`].
///
/// # Errors
/// [`TrainError::NoFeatures`], [`TrainError::NoJourneys`], [`TrainError::NoTrainingRows`],
/// [`TrainError::OneClass`] and [`TrainError::BadData`] for data that cannot be trained on;
/// [`TrainError::Diverged`], [`TrainError::Aborted`] and [`TrainError::Device`] on the way.
pub async fn fit(
    data: &TrainingData<'_>,
    options: &ValidTrainOptions,
    device: &Device,
    run_id: &str,
    host: &mut impl Host,
) -> Result<Fit, TrainError> {
    match &options.journey {
        Some(sizes) => journey_fit::fit(data, options, sizes, device, run_id, host).await,
        None => fit_logistic(data, options, device, run_id, host).await,
    }
}

/// Fits a logistic regression to the training rows, starting from zeros: the minimum of the weighted
/// mean log-loss plus `l2/(2n)·‖w‖²` (the intercept is free), where `n` is the weight of the training
/// rows. `l2 = 1` is scikit-learn's `C = 1`. With `adamw` the penalty is left out of the objective
/// and the coefficients are shrunk by `learning rate·l2/n` at each update instead.
///
/// The same data, options and seed give the same bits on the CPU, and nearly the same figures on
/// every device. `device` must be of the kind that `options.device` names; training that ends by
/// [`crate::job::Signal::Stop`] keeps the best coefficients so far.
///
/// # Errors
/// Those of [`fit`].
async fn fit_logistic(
    data: &TrainingData<'_>,
    options: &ValidTrainOptions,
    device: &Device,
    run_id: &str,
    host: &mut impl Host,
) -> Result<Fit, TrainError> {
    data.check()?;
    let mut watch = Watch::start(host, run_id);
    let mut options = options.clone();
    let mass = data.mass(data.train);
    if matches!(
        options.optimizer.kind,
        OptimizerKind::Gd | OptimizerKind::Momentum
    ) && options.optimizer.learning_rate.is_none()
    {
        options.optimizer.learning_rate = Some(step_size(data, options.l2, mass));
    }
    let device = device.clone().inner();
    let products = products(options.device);
    let full_batch = options.batch_size == 0 || options.batch_size >= data.train.len();
    let rows_per_block = rows_per_block(data.width, full_batch, options.device);
    let setup = Setup {
        options: &options,
        products,
        blocks: blocks::upload(data, data.train, rows_per_block, &device),
        validation: Watched::validation(data, rows_per_block, products, &device),
        mass,
        rows: data.train.len(),
        width: data.width,
        device: device.autodiff(),
    };
    let ready = watch.elapsed();
    let outcome = match options.optimizer.kind {
        OptimizerKind::Lbfgs => lbfgs::run(&setup, &mut watch).await?,
        _ if full_batch => first_order::full_batch(&setup, &mut watch).await?,
        _ => first_order::mini_batch(&setup, &mut watch).await?,
    };
    let model = &outcome.model;
    let values = super::objective::read(vec![
        model.weights.val().inner(),
        model.intercept.val().inner(),
    ])
    .await?;
    if values.iter().flatten().any(|value| !value.is_finite()) {
        return Err(TrainError::Diverged);
    }
    let elapsed = watch.elapsed();
    let parameters = ["weights", "intercept"].into_iter().zip(values);
    Ok(Fit {
        parameters: parameters
            .map(|(name, values)| Parameter {
                name: name.to_owned(),
                shape: vec![values.len()],
                values,
            })
            .collect(),
        journey: None,
        epochs: outcome.epochs,
        seconds: elapsed / 1e3,
        step_ms: (elapsed - ready) / outcome.steps.max(1) as f64,
        steps: outcome.steps,
        ended: outcome.ended,
        best_epoch: outcome.best_epoch,
        options,
    })
}
