//! The comparison over rows: rates and odds of channels, their kinds or groups; what customers of each are
//! worth; what they cost. Credit needs journeys.

use super::advantages::advantages;
use super::comparison::{ChannelModel, ComparedChannel, Comparison, RunEffects, warnings};
use super::costs::costs;
use super::effects::effects;
use super::findings::findings;
use super::money::{Credited, Money, money};
use super::money_periods::first_conversions;
use super::options::{CompareError, CompareOptions, CreditRule, Level};
use super::rates::{ChannelRate, channel_rates};
use super::response::ResponseOutcome;
use super::subset::{picked, subset};
use super::units::Units;
use crate::attribution::{AttributionOptions, MethodCredit, attribute_on};
use crate::error::Warning;
use crate::job::Host;
use crate::prepare::{Channels, Dataset, Journeys, MISSING_LEVEL};
use crate::table::MISSING_CODE;
use nalgebra::DMatrix;
use std::borrow::Cow;

/// How conversions of rows are counted: each belongs to the channel of its row.
const OBSERVED: &str = "observed";

/// The comparison of rows.
///
/// # Errors
/// [`CompareError::NeedsJourneys`] where credit is asked for; [`CompareError::NoChannel`] where there are
/// none; those of the counting, where the host cancels.
pub(super) async fn of_rows<H: Host>(
    dataset: &Dataset,
    models: &[ChannelModel],
    options: &CompareOptions,
    host: &mut H,
) -> Result<Comparison, CompareError> {
    if options.asks_for_journeys() {
        return Err(CompareError::NeedsJourneys);
    }
    let Some(channels) = dataset.channels.as_ref() else {
        return Err(CompareError::NoChannel);
    };
    let whole = with_missing(channels);
    let units = Units::new(&whole.names, options);
    let mut dataset = Cow::Borrowed(dataset);
    let mut models = Cow::Borrowed(models);
    if options.level != Level::Channel {
        let single = channel_rates(&dataset, options);
        models = Cow::Owned(
            models
                .iter()
                .map(|model| gathered(model, &single, &whole.names, &units))
                .collect(),
        );
        dataset.to_mut().channels = Some(Channels {
            column: whole.column.clone(),
            names: units.all.iter().map(|unit| unit.name.clone()).collect(),
            codes: whole.codes.iter().map(|&code| units.of(code)).collect(),
        });
    }
    let rates = channel_rates(&dataset, options);
    if rates.is_empty() {
        return Err(CompareError::NoChannel);
    }
    let journeys = single_touches(&with_missing(dataset.channels.as_ref().unwrap_or(channels)));
    let confidence = options.confidence;
    let told = findings(&rates, models.first(), confidence);
    let compared = rates.into_iter().map(|rate| {
        let unit = units.all.iter().find(|unit| unit.name == rate.name);
        let mut channel = ComparedChannel::from(rate);
        if let Some(unit) = unit.filter(|_| options.level != Level::Channel) {
            (channel.group, channel.subgroup) = (unit.group, unit.subgroup.clone());
            channel.members.clone_from(&unit.members);
        }
        channel
    });
    let channels = compared.collect();
    let costly = beside_costs(&journeys, &dataset, &units, options, host).await?;
    let mut all_warnings = warnings(&dataset);
    all_warnings.extend(unused(options));
    Ok(Comparison {
        level: options.level,
        effects: effects_of(&models, confidence),
        findings: told,
        channels,
        advantages: advantages(&journeys, &dataset, options),
        money: costly,
        warnings: all_warnings,
        ..Comparison::empty(confidence)
    })
}

pub(super) fn effects_of(models: &[ChannelModel], confidence: f64) -> Vec<RunEffects> {
    let of_run = |model: &ChannelModel| RunEffects {
        run_id: model.run_id.clone(),
        channels: effects(&model.names, &model.beta, &model.covariance, confidence),
    };
    models.iter().map(of_run).collect()
}

/// The channels, where rows without one have a channel of their own.
fn with_missing(channels: &Channels) -> Channels {
    let mut whole = channels.clone();
    if whole.codes.contains(&MISSING_CODE) {
        let known = whole.names.iter().position(|name| name == MISSING_LEVEL);
        let missing = known.unwrap_or_else(|| {
            whole.names.push(MISSING_LEVEL.to_owned());
            whole.names.len() - 1
        });
        let cells = whole.codes.iter_mut();
        cells
            .filter(|code| **code == MISSING_CODE)
            .for_each(|code| *code = missing as u32);
    }
    whole
}

/// Every row as a journey of one touch.
fn single_touches(channels: &Channels) -> Journeys {
    Journeys {
        channels: channels.names.clone(),
        offsets: (0..=channels.codes.len() as u32).collect(),
        touch_channels: channels.codes.clone(),
        ..Journeys::default()
    }
}

/// What a model says of units: the log-odds of a unit are the mean of its channels' weighted by their rows,
/// and their covariance that of the weighted sums.
fn gathered(
    model: &ChannelModel,
    rates: &[ChannelRate],
    names: &[String],
    units: &Units,
) -> ChannelModel {
    let rows = |name: &String| {
        let rate = rates.iter().find(|rate| rate.name == *name);
        rate.map_or(0.0, |rate| rate.rows)
    };
    let of: Vec<Option<u32>> = model
        .names
        .iter()
        .map(|name| {
            let code = names.iter().position(|known| known == name)?;
            Some(units.of(code as u32))
        })
        .collect();
    let there: Vec<usize> = (0..units.all.len())
        .filter(|&unit| of.contains(&Some(unit as u32)))
        .collect();
    let mut weights = DMatrix::zeros(there.len(), model.names.len());
    for (place, &unit) in there.iter().enumerate() {
        let members: Vec<usize> = (0..of.len())
            .filter(|&at| of[at] == Some(unit as u32))
            .collect();
        let all: f64 = members.iter().map(|&at| rows(&model.names[at])).sum();
        for &at in &members {
            weights[(place, at)] = if all > 0.0 {
                rows(&model.names[at]) / all
            } else {
                1.0 / members.len() as f64
            };
        }
    }
    let beta = &weights * nalgebra::DVector::from_vec(model.beta.clone());
    ChannelModel {
        run_id: model.run_id.clone(),
        names: there
            .iter()
            .map(|&unit| units.all[unit].name.clone())
            .collect(),
        beta: beta.iter().copied().collect(),
        covariance: &weights * &model.covariance * weights.transpose(),
    }
}

/// Costs beside what was counted, where the options tell any; intervals by drawing users or rows anew.
async fn beside_costs<H: Host>(
    journeys: &Journeys,
    dataset: &Dataset,
    units: &Units,
    options: &CompareOptions,
    host: &mut H,
) -> Result<Option<Money>, CompareError> {
    let Some(known) = costs(journeys, dataset, units, options) else {
        return Ok(None);
    };
    let asked = AttributionOptions {
        methods: Some(vec!["last".to_owned()]),
        ..options.credit_options()
    };
    let first = first_conversions(journeys, dataset);
    let every: Vec<u32> = (0..journeys.len() as u32).collect();
    let firsts: Vec<u32> = (0..journeys.len() as u32)
        .filter(|&row| first[row as usize])
        .collect();
    let mut counted: Vec<Vec<MethodCredit>> = Vec::new();
    for members in [&every, &firsts] {
        let paths = subset(journeys, dataset, members);
        let users = dataset.users.as_deref().map(|users| picked(users, members));
        let mut credited = attribute_on(&paths, users.as_deref(), &asked, host).await?;
        for method in &mut credited.credit {
            method.method = OBSERVED;
        }
        counted.push(credited.credit);
    }
    let beside = Credited {
        all: &counted[0],
        first: dataset.users.as_ref().map(|_| counted[1].as_slice()),
    };
    Ok(Some(money(journeys, dataset, &known, beside, options)))
}

/// What was asked for and means nothing without journeys.
fn unused(options: &CompareOptions) -> Option<Warning> {
    let dated = options
        .costs
        .iter()
        .flatten()
        .any(|cost| cost.date.is_some());
    let asked = [
        ("positionWeights", options.position_weights.is_some()),
        ("halfLife", options.half_life.is_some()),
        ("markovOrder", options.markov_order.is_some()),
        ("period", options.period.is_some()),
        ("periodMethod", options.period_method.is_some()),
        (
            "responseOutcome",
            options.response_outcome != ResponseOutcome::default(),
        ),
        ("modelRule", options.model_rule != CreditRule::default()),
        ("costs.date", dated),
    ];
    let names: Vec<&str> = asked
        .into_iter()
        .filter(|(_, asked)| *asked)
        .map(|(name, _)| name)
        .collect();
    (!names.is_empty()).then(|| {
        let message = "Some options concern journeys, and change nothing for rows.";
        Warning::new("options-need-journeys", message).columns(names)
    })
}
