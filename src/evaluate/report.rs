//! Everything there is to say about a trained model.

use super::coefficients::{
    ChannelCoefficients, Coefficient, Covariance, NoCovariance, coefficients,
};
use super::{Baselines, Ceiling, Curves, Metrics, Ranking, ceiling, predict};
use crate::error::Warning;
use crate::prepare::{Dataset, Encoding};
use crate::train::{EpochRecord, Fit, TrainingData, ValidTrainOptions};
use nalgebra::DMatrix;
use serde::Serialize;

/// A coefficient beyond this many units of log-odds means that a feature all but gives the outcome
/// away.
const SEPARATION: f64 = 10.0;

/// Something for each part of the data; parts without rows have none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parts<T> {
    /// The rows it was fitted on.
    pub train: T,
    /// The rows it was stopped and the threshold chosen on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<T>,
    /// The rows held out to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<T>,
}

/// The threshold proposed for use.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Threshold {
    /// Everyone at or above it is called a converter.
    pub value: f64,
    /// `validation`, or `train` where there are no validation rows of both classes.
    pub chosen_on: &'static str,
    /// `best-f1`.
    pub rule: &'static str,
}

/// `Run` of the public API.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// The run's name.
    pub id: String,
    /// `logistic` or `journey`.
    pub model: String,
    /// What trained it.
    pub device: String,
    /// Why that.
    pub device_reason: String,
    /// The options with all defaults filled in.
    pub options: ValidTrainOptions,
    /// How many numbers were learned.
    pub parameters: usize,
    /// Seconds of training, pauses apart.
    pub seconds: f64,
    /// Mean milliseconds per parameter update.
    pub step_ms: f64,
    /// Parameter updates.
    pub steps: usize,
    /// `converged`, `epochs`, `earlyStopping` or `stopped`.
    pub ended: &'static str,
    /// The epoch whose coefficients were kept.
    pub best_epoch: usize,
    /// One record per epoch.
    pub epochs: Vec<EpochRecord>,
    /// The figures of each part, at threshold 0.5 where they need one.
    pub metrics: Parts<Metrics>,
    /// The curves of each part.
    pub curves: Parts<Curves>,
    /// The threshold proposed for use.
    pub threshold: Threshold,
    /// The log-odds where all columns of the design matrix are 0; of logistic regression only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intercept: Option<f64>,
    /// One per feature, of logistic regression only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coefficients: Vec<Coefficient>,
    /// What a journey model takes in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs: Option<InputsReport>,
    /// What can be known from the sequence of channels alone, beside a journey model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Ceiling>,
    /// What stands beside a journey model, once it has been trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baselines: Option<Baselines>,
    /// Findings made on the way.
    pub warnings: Vec<Warning>,
    /// The uncertainty of the coefficients, for comparisons among them.
    #[serde(skip)]
    pub covariance: Option<Covariance>,
}

/// What a journey model takes in, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InputsReport {
    /// Channels that it knows.
    pub channels: usize,
    /// Event types that it knows.
    pub events: usize,
    /// Whether it is told the time between touches.
    pub time_gaps: bool,
    /// The features of the whole journey that join before the last layer.
    pub statics: Vec<String>,
}

/// Evaluates a fit on every part of the data it came from. `device` and `device_reason` are passed
/// on as they are.
pub fn report(data: &Dataset, fit: &Fit, id: &str, device: &str, device_reason: &str) -> RunReport {
    let split = &data.split;
    let probabilities = predict(fit, &data.x, data.width(), data.journeys.as_ref()).0;
    let part = |rows: &[u32]| (!rows.is_empty()).then(|| evaluate(data, rows, &probabilities));
    let (train, train_curves) = evaluate(data, &split.train, &probabilities);
    let (validation, validation_curves) = part(&split.validation).unzip();
    let (test, test_curves) = part(&split.test).unzip();
    let metrics = Parts {
        train,
        validation,
        test,
    };
    let logistic = fit.journey.is_none();
    let (covariance, missing) = if logistic {
        match Covariance::new(&TrainingData::from(data), fit) {
            Ok(covariance) => (Some(covariance), None),
            Err(why) => (None, Some(why)),
        }
    } else {
        (None, None)
    };
    let coefficients = if logistic {
        coefficients(data, fit, covariance.as_ref())
    } else {
        Vec::new()
    };
    RunReport {
        id: id.to_owned(),
        model: fit.options.model.name().to_owned(),
        device: device.to_owned(),
        device_reason: device_reason.to_owned(),
        options: fit.options.clone(),
        parameters: fit.parameter_count(),
        seconds: fit.seconds,
        step_ms: fit.step_ms,
        steps: fit.steps,
        ended: fit.ended.name(),
        best_epoch: fit.best_epoch,
        epochs: fit.epochs.clone(),
        threshold: threshold(&metrics),
        warnings: warnings(fit, &metrics, &coefficients, missing.as_ref()),
        metrics,
        curves: Parts {
            train: train_curves,
            validation: validation_curves,
            test: test_curves,
        },
        intercept: logistic.then(|| f64::from(fit.intercept())),
        coefficients,
        inputs: fit.journey.as_ref().map(|journey| InputsReport {
            channels: journey.inputs.channels.len(),
            events: journey.inputs.events.len(),
            time_gaps: journey.inputs.gaps,
            statics: journey
                .inputs
                .statics
                .iter()
                .map(|&place| data.features[place as usize].name.clone())
                .collect(),
        }),
        ceiling: fit.journey.as_ref().and_then(|_| ceiling(data)),
        baselines: None,
        covariance,
    }
}

/// The figures and curves of a part, from the probabilities of all rows.
fn evaluate(data: &Dataset, rows: &[u32], probabilities: &[f64]) -> (Metrics, Curves) {
    let own: Vec<f64> = rows
        .iter()
        .map(|&row| probabilities[row as usize])
        .collect();
    let pick =
        |values: &[f32]| -> Vec<f32> { rows.iter().map(|&row| values[row as usize]).collect() };
    let weights = data.weights.as_deref().map(pick);
    let ranking = Ranking::new(&own, pick(&data.y).into_iter(), weights.map(Vec::into_iter));
    (Metrics::new(&ranking), Curves::new(&ranking))
}

/// Best F1 on the validation part; on the training part where that does not hold both classes.
fn threshold(metrics: &Parts<Metrics>) -> Threshold {
    let both = |part: &&Metrics| part.base_rate > 0.0 && part.base_rate < 1.0;
    let (part, chosen_on) = match metrics.validation.as_ref().filter(both) {
        Some(validation) => (validation, "validation"),
        None => (&metrics.train, "train"),
    };
    Threshold {
        value: part.best.threshold,
        chosen_on,
        rule: "best-f1",
    }
}

fn warnings(
    fit: &Fit,
    metrics: &Parts<Metrics>,
    coefficients: &[Coefficient],
    no_covariance: Option<&NoCovariance>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let parts = [
        ("validation", metrics.validation.as_ref()),
        ("test", metrics.test.as_ref()),
    ];
    for (name, part) in parts {
        if part.is_some_and(|part| part.auc.is_nan()) {
            warnings.push(Warning::new(
                "one-class-part",
                format!(
                    "The {name} part holds only one outcome, so AUC and the curves cannot be given there."
                ),
            ));
        }
    }
    let mut columns: Vec<&str> = coefficients
        .iter()
        .filter(|coefficient| coefficient.value.abs() > SEPARATION)
        .map(|coefficient| coefficient.column.as_str())
        .collect();
    columns.dedup();
    if !columns.is_empty() {
        warnings.push(
            Warning::new(
                "separation",
                format!(
                    "{} all but gives the outcome away. Check that it was known before the outcome, or ignore it.",
                    columns.join(", ")
                ),
            )
            .columns(columns),
        );
    }
    warnings.extend(no_covariance.map(NoCovariance::warning));
    if let (crate::train::Ended::Epochs, crate::train::OptimizerKind::Lbfgs) =
        (fit.ended, fit.options.optimizer.kind)
    {
        warnings.push(
            Warning::new(
                "not-converged",
                format!(
                    "L-BFGS had not converged after {} iterations. More epochs or a larger l2 will help.",
                    fit.steps
                ),
            )
            .figure("epochs", fit.steps as f64),
        );
    }
    warnings
}

/// The coefficients of the channel column's levels and their covariance, to compare channels with.
/// `None` where the data has no channel column, fewer than two of its levels are features, or the
/// uncertainty could not be worked out. `data` must be what the run was trained on.
pub fn channel_coefficients(run: &RunReport, data: &Dataset) -> Option<ChannelCoefficients> {
    let column = &data.channels.as_ref()?.column;
    let covariance = &run.covariance.as_ref()?.0;
    let (mut places, mut names) = (Vec::new(), Vec::new());
    for (at, feature) in data.features.iter().enumerate() {
        if let Encoding::OneHot { level } = &feature.encoding
            && feature.column == *column
        {
            places.push(at);
            names.push(level.clone());
        }
    }
    if places.len() < 2 {
        return None;
    }
    let size = places.len();
    Some(ChannelCoefficients {
        names,
        log_odds: places
            .iter()
            .map(|&at| run.coefficients[at].value)
            .collect(),
        covariance: DMatrix::from_fn(size, size, |i, j| covariance[(places[i], places[j])]),
    })
}
