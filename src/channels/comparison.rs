//! Everything that is said of the channels, put together.

use super::advantages::Advantage;
use super::effects::ChannelEffect;
use super::findings::Finding;
use super::groups::Group;
use super::lift::{Lift, finding as lift_finding, lift};
use super::money::Money;
use super::options::{CompareError, Level, ValidCompareOptions};
use super::over_journeys::OverJourneys;
use super::over_rows::{effects_of, of_rows};
use super::paths_view::PathsView;
use super::rates::ChannelRate;
use super::replay::Replay;
use super::treatment::LiftRefused;
use crate::attribution::{
    AttributionError, MarkovReport, MethodCredit, MethodDifference, attribute_on, differences,
    findings as pair_findings,
};
use crate::error::Warning;
use crate::job::{Host, Quiet, Signal};
use crate::prepare::{Dataset, Journeys};
use crate::table::Table;
use nalgebra::DMatrix;
use serde::Serialize;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

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

/// One channel (or kind, or group), counted over all rows of the data set, or over all journeys that
/// contain it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedChannel {
    /// The channel's name.
    pub name: String,
    /// What kind of channel it is, broadly.
    pub group: Group,
    /// What kind of channel it is, narrowly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subgroup: Option<String>,
    /// The channels it stands for; empty where those are what is compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Rows, or the sum of their weights; for journeys, those that contain it.
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
    /// How often it was touched. Journeys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub touches: Option<f64>,
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

/// What was observed over all journeys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Journeys, converting or not.
    pub journeys: f64,
    /// Converting journeys.
    pub conversions: f64,
    /// What they were worth, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Different sequences of channels.
    pub sequences: usize,
    /// Different users, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<usize>,
    /// Touches of all journeys.
    pub touches: f64,
}

/// How the channels compare, as the public API has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Of every interval and test.
    pub confidence: f64,
    /// What is compared.
    pub level: Level,
    /// What a resample draws anew: `users` or `journeys`. Journeys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resampled: Option<&'static str>,
    /// Of the resamples. Journeys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// In the data set's order of channels.
    pub channels: Vec<ComparedChannel>,
    /// What was observed in all. Journeys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// For each run, in the order given.
    pub effects: Vec<RunEffects>,
    /// The answer first, then the rest, best supported first within its kind.
    pub findings: Vec<Finding>,
    /// By method. None for rows: credit needs journeys.
    pub credit: Vec<MethodCredit>,
    /// Every method against every other, by channel; none above [`MAX_RANKED`] channels.
    ///
    /// [`MAX_RANKED`]: crate::attribution::MAX_RANKED
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<MethodDifference>,
    /// Where Markov is among the methods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markov: Option<MarkovReport>,
    /// Journeys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<PathsView>,
    /// Journeys only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub advantages: Vec<Advantage>,
    /// Where costs are known. Journeys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<Money>,
    /// Where touches have costs. Journeys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// Where a column holds a randomised group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lift: Option<Lift>,
    /// Why the column that was asked for holds no such group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lift_refused: Option<LiftRefused>,
    /// What to beware of.
    pub warnings: Vec<Warning>,
}

/// Compares the channels. Over rows, the findings follow the first of `models`, or the plain rates where
/// there is none; over journeys, the credit.
///
/// # Errors
/// [`CompareError::NoChannel`] where the data set has no channels; [`CompareError::NeedsJourneys`] where
/// credit is asked for and there are rows only; [`CompareError::Credit`] where it can't be given.
pub fn compare(
    dataset: &Dataset,
    models: &[ChannelModel],
    options: &ValidCompareOptions,
) -> Result<Comparison, CompareError> {
    // Nobody is asked, so nothing is waited for: the first poll goes to the end.
    let mut host = Quiet::default();
    let mut work = pin!(compare_on(
        dataset,
        models,
        Learned::default(),
        options,
        &mut host
    ));
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(comparison) => comparison,
        Poll::Pending => Err(CompareError::Credit(AttributionError::Aborted)),
    }
}

/// The credit of trained models.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Learned {
    /// To stand beside the others.
    pub credit: Vec<MethodCredit>,
    /// Of journeys that are not held out, for the replay of budgets ([`super::replay_part`]).
    pub replayed: Vec<MethodCredit>,
}

/// As [`compare`], reporting to a host and asking it how to go on, with the credit of trained models beside
/// the others.
///
/// # Errors
/// As [`compare`]; the code `aborted` where the host cancels.
pub async fn compare_on<H: Host>(
    dataset: &Dataset,
    models: &[ChannelModel],
    learned: Learned,
    options: &ValidCompareOptions,
    host: &mut H,
) -> Result<Comparison, CompareError> {
    let comparison = match &dataset.journeys {
        None => of_rows(dataset, models, options.get(), host).await,
        Some(journeys) => over_journeys(journeys, dataset, models, learned, options, host).await,
    };
    let mut comparison = comparison?;
    comparison.find_lift(dataset, None, options);
    Ok(comparison)
}

impl Comparison {
    /// Looks for the randomised group that the options ask for: in the table that the data set was made of,
    /// whatever the type and part of the column, or without a table among the features.
    pub fn find_lift(
        &mut self,
        dataset: &Dataset,
        table: Option<&Table>,
        options: &ValidCompareOptions,
    ) {
        self.findings
            .retain(|finding| finding.code != "lift-is-not-credit");
        (self.lift, self.lift_refused) = match lift(dataset, table, options.get()) {
            Ok(lift) => (lift, None),
            Err(refused) => (None, Some(refused)),
        };
        self.findings.extend(self.lift.as_ref().map(lift_finding));
    }
}

async fn over_journeys<H: Host>(
    journeys: &Journeys,
    dataset: &Dataset,
    models: &[ChannelModel],
    learned: Learned,
    options: &ValidCompareOptions,
    host: &mut H,
) -> Result<Comparison, CompareError> {
    let subject = OverJourneys::new(journeys, dataset, options.get());
    let (paths, users) = subject.to_credit();
    let mut credited = attribute_on(paths, users, &options.get().credit_options(), host).await?;
    let confidence = options.get().confidence;
    if let Some(first) = credited.credit.first() {
        let names: Vec<String> = first.channels.iter().map(|one| one.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let among = |credit: MethodCredit| credit.among(&names, confidence);
        credited
            .credit
            .extend(learned.credit.into_iter().map(among));
    } else {
        credited.credit = learned.credit;
    }
    credited.findings = pair_findings(&credited.credit);
    let against = differences(&credited.credit, confidence);
    let first = subject.first_credit(host).await?;
    let replayed = subject.replay(learned.replayed, host).await;
    if host.breathe().await == Signal::Cancel {
        return Err(CompareError::Credit(AttributionError::Aborted));
    }
    let mut comparison = subject.comparison(
        credited,
        first,
        effects_of(models, options.get().confidence),
    );
    comparison.replay = replayed;
    comparison.differences = against;
    Ok(comparison)
}

impl Comparison {
    /// Nothing compared yet.
    pub(super) fn empty(confidence: f64) -> Self {
        Self {
            confidence,
            level: Level::Channel,
            resampled: None,
            seed: None,
            channels: Vec::new(),
            totals: None,
            effects: Vec::new(),
            findings: Vec::new(),
            credit: Vec::new(),
            differences: Vec::new(),
            markov: None,
            paths: None,
            advantages: Vec::new(),
            money: None,
            replay: None,
            lift: None,
            lift_refused: None,
            warnings: Vec::new(),
        }
    }
}

/// What to beware of, rows or journeys.
pub(super) fn warnings(dataset: &Dataset) -> Vec<Warning> {
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
            group: rate.group,
            subgroup: rate.subgroup,
            members: Vec::new(),
            rows: rate.rows,
            users: rate.users,
            conversions: rate.conversions,
            value: rate.value,
            rate: rate.rate,
            rate_interval: rate.interval,
            touches: None,
        }
    }
}
