//! Everything that is said of the channels, put together.

use super::effects::{ChannelEffect, effects};
use super::findings::{Finding, findings};
use super::groups::Group;
use super::options::{CompareError, ValidCompareOptions};
use super::rates::{ChannelRate, channel_rates};
use crate::error::Warning;
use crate::prepare::Dataset;
use nalgebra::DMatrix;
use serde::Serialize;

/// What a trained logistic model says of the channels.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelModel {
    /// The run it comes from.
    pub run_id: String,
    /// The channels, in the order of the coefficients: the levels of [`Dataset::channel_features`].
    pub names: Vec<String>,
    /// The coefficients of the one-hot channel columns.
    pub beta: Vec<f64>,
    /// Their covariance, K × K.
    pub covariance: DMatrix<f64>,
}

/// One channel, counted over all rows of the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedChannel {
    /// The channel's name.
    pub name: String,
    /// What kind of channel it is, broadly.
    pub group: Group,
    /// What kind of channel it is, narrowly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subgroup: Option<&'static str>,
    /// Rows, or the sum of their weights.
    pub rows: f64,
    /// Different users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<usize>,
    /// Rows that converted, or the sum of their weights.
    pub conversions: f64,
    /// What the conversions were worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// `conversions / rows`.
    pub rate: f64,
    /// The Wilson interval of the rate.
    pub rate_interval: [f64; 2],
}

/// One run's view of the channels.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEffects {
    /// The run.
    pub run_id: String,
    /// Odds against the mean channel, everything else held equal.
    pub channels: Vec<ChannelEffect>,
}

/// Conversions credited to channels by one method.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Credit {
    /// The method's name.
    pub method: String,
    /// Each channel's part.
    pub channels: Vec<CreditedChannel>,
}

/// A channel's part of the conversions by one method.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditedChannel {
    /// The channel's name.
    pub name: String,
    /// Conversions credited.
    pub conversions: f64,
    /// Conversions credited, as a share of all.
    pub share: f64,
}

/// How the channels compare, as the public API has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Of every interval and test.
    pub confidence: f64,
    /// In the data set's order of channels.
    pub channels: Vec<ComparedChannel>,
    /// For each run, in the order given.
    pub effects: Vec<RunEffects>,
    /// The answer first, then the rest, best supported first within its kind.
    pub findings: Vec<Finding>,
    /// None for rows: credit needs journeys.
    pub credit: Vec<Credit>,
    /// What to beware of.
    pub warnings: Vec<Warning>,
}

/// Compares the channels over all rows of the data set; the findings follow the first of `models`, or
/// the plain rates where there is none.
///
/// # Errors
/// [`CompareError::NoChannel`] where the data set has no channels.
pub fn compare(
    dataset: &Dataset,
    models: &[ChannelModel],
    options: &ValidCompareOptions,
) -> Result<Comparison, CompareError> {
    let confidence = options.get().confidence;
    let rates = channel_rates(dataset, confidence);
    if rates.is_empty() {
        return Err(CompareError::NoChannel);
    }
    let of_run = |model: &ChannelModel| RunEffects {
        run_id: model.run_id.clone(),
        channels: effects(&model.names, &model.beta, &model.covariance, confidence),
    };
    Ok(Comparison {
        confidence,
        effects: models.iter().map(of_run).collect(),
        findings: findings(&rates, models.first(), confidence),
        channels: rates.into_iter().map(ComparedChannel::from).collect(),
        credit: Vec::new(),
        warnings: warnings(dataset),
    })
}

fn warnings(dataset: &Dataset) -> Vec<Warning> {
    let in_both = dataset.weights.as_ref().map(|_| {
        Warning::new(
            "weights-as-frequencies",
            "Rows and conversions are sums of weights, and intervals treat them as so many rows.",
        )
    });
    in_both.into_iter().collect()
}

impl From<ChannelRate> for ComparedChannel {
    fn from(rate: ChannelRate) -> Self {
        Self {
            name: rate.name,
            group: rate.group.group,
            subgroup: rate.group.subgroup,
            rows: rate.rows,
            users: rate.users,
            conversions: rate.conversions,
            value: rate.value,
            rate: rate.rate,
            rate_interval: rate.interval,
        }
    }
}
