//! What channels cost, beside what they are credited with.

use super::costs::Costs;
use super::money_periods::{MoneyPeriods, periods};
use super::options::CompareOptions;
use super::periods::Period;
use super::response::{Asked, Asking, Response, ResponseOutcome, responses};
use crate::attribution::{ChannelCredit, MethodCredit};
use crate::error::Warning;
use crate::prepare::{Dataset, Journeys};
use serde::Serialize;

/// What a channel's credit cost. Where a quotient has no meaning it is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyChannel {
    /// The channel.
    pub name: String,
    /// What it cost.
    pub cost: f64,
    /// Conversions credited.
    pub conversions: f64,
    /// What they were worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Cost per credited conversion.
    pub cost_per_conversion: Option<f64>,
    /// From the interval of the conversions; it ends at infinity where that holds 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_per_conversion_interval: Option<[f64; 2]>,
    /// First conversions of users credited: new customers. Where users are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customers: Option<f64>,
    /// Customer acquisition cost: cost per new customer.
    pub cac: Option<f64>,
    /// From the interval of the new customers; it ends at infinity where that holds 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cac_interval: Option<[f64; 2]>,
    /// Value per unit of cost.
    pub roas: Option<f64>,
    /// From the interval of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roas_interval: Option<[f64; 2]>,
    /// Value less cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profit: Option<f64>,
    /// From the interval of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profit_interval: Option<[f64; 2]>,
}

/// The same by one method.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MoneyMethod {
    /// The method's name.
    pub method: &'static str,
    /// Channels with a cost, or with credit.
    pub channels: Vec<MoneyChannel>,
}

/// Cost beside credit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// Where the costs come from: `column` or `option`.
    pub source: &'static str,
    /// All of it.
    pub cost: f64,
    /// What the periods are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// By method.
    pub methods: Vec<MoneyMethod>,
    /// How the periods' conversions are credited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_method: Option<&'static str>,
    /// Where costs have dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periods: Option<MoneyPeriods>,
    /// Where costs have dates: what spending more would bring, per channel with a cost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub responses: Vec<Response>,
    /// What to beware of.
    pub warnings: Vec<Warning>,
}

/// Credit of all conversions, and of users' first ones where users are known and some come again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Credited<'a> {
    pub(super) all: &'a [MethodCredit],
    pub(super) first: Option<&'a [MethodCredit]>,
}

/// Puts costs, by channel of `journeys`, beside the credit of every method.
pub(super) fn money(
    journeys: &Journeys,
    dataset: &Dataset,
    costs: &Costs,
    credited: Credited,
    options: &CompareOptions,
) -> Money {
    let cost_of = |name: &str| {
        let place = journeys.channels.iter().position(|channel| channel == name);
        place.map_or(0.0, |place| costs.whole[place])
    };
    let by_method = |method: &MethodCredit| {
        // Where nobody converts twice, every conversion is a first one.
        let first = match credited.first {
            None => dataset.users.as_ref().map(|_| method),
            Some(first) => first.iter().find(|one| one.method == method.method),
        };
        let channel = |channel: &ChannelCredit| {
            let first = first.and_then(|first| {
                let mut channels = first.channels.iter();
                channels.find(|one| one.name == channel.name)
            });
            of_channel(channel, first, cost_of(&channel.name))
        };
        MoneyMethod {
            method: method.method,
            channels: method.channels.iter().map(channel).collect(),
        }
    };
    let mut warnings = costs.warnings.clone();
    let periods = costs
        .by_period
        .as_ref()
        .map(|by_period| periods(journeys, dataset, by_period, options));
    let responses = periods.iter().flat_map(|periods| asked(periods, options));
    let responses: Vec<Response> = responses.collect();
    if responses.iter().any(|response| response.available) {
        let message = "Responses come from what was observed, not from an experiment: spending may have followed demand.";
        warnings.push(Warning::new("responses-observational", message));
        if options.response_outcome == ResponseOutcome::Credited {
            let message = "A channel's own credit rises with the touches that spend buys, even where they change nothing.";
            warnings.push(Warning::new("responses-of-credit", message));
        }
    }
    Money {
        source: costs.source,
        cost: costs.whole.iter().sum(),
        period: costs.by_period.as_ref().map(|by_period| by_period.period),
        methods: credited.all.iter().map(by_method).collect(),
        period_method: periods.as_ref().map(|_| options.period_method()),
        periods,
        responses,
        warnings,
    }
}

/// The responses over the periods that the data cover as a whole.
fn asked(periods: &MoneyPeriods, options: &CompareOptions) -> Vec<Response> {
    let whole = |figures: &[f64]| {
        let told = figures.iter().zip(&periods.partial);
        told.filter(|(_, partial)| !**partial)
            .map(|(figure, _)| *figure)
            .collect::<Vec<f64>>()
    };
    let of = options.response_outcome;
    let total = whole(periods.value.as_ref().unwrap_or(&periods.conversions));
    let figures: Vec<(&str, Vec<f64>, Vec<f64>)> = periods
        .channels
        .iter()
        .map(|channel| {
            let own = channel.shapley_value.as_ref().unwrap_or(&channel.shapley);
            let outcome = match of {
                ResponseOutcome::Total => total.clone(),
                ResponseOutcome::Credited => whole(own),
            };
            (channel.name.as_str(), whole(&channel.cost), outcome)
        })
        .collect();
    let channels: Vec<Asked> = figures
        .iter()
        .map(|(name, spend, outcome)| Asked {
            name,
            spend,
            outcome,
        })
        .collect();
    let asking = Asking {
        outcome: if periods.value.is_some() {
            "value"
        } else {
            "conversions"
        },
        of,
        confidence: options.confidence,
        seed: options.seed.unwrap_or(42),
    };
    responses(&channels, asking)
}

fn of_channel(credit: &ChannelCredit, first: Option<&ChannelCredit>, cost: f64) -> MoneyChannel {
    let per = |amount: f64| (amount > 0.0).then(|| cost / amount);
    let paid = |amount: f64| amount / cost;
    let costly = cost > 0.0;
    let ends = |credit: &ChannelCredit| {
        credit.conversions_interval.filter(|_| costly).map(|ends| {
            let [low, high] = ends.map(|amount| per(amount).unwrap_or(f64::INFINITY));
            [high, low]
        })
    };
    MoneyChannel {
        name: credit.name.clone(),
        cost,
        conversions: credit.conversions,
        value: credit.value,
        cost_per_conversion: per(credit.conversions).filter(|_| costly),
        cost_per_conversion_interval: ends(credit),
        customers: first.map(|first| first.conversions),
        cac: first
            .and_then(|first| per(first.conversions))
            .filter(|_| costly),
        cac_interval: first.and_then(ends),
        roas: credit.value.filter(|_| costly).map(paid),
        roas_interval: credit
            .value_interval
            .filter(|_| costly)
            .map(|ends| ends.map(paid)),
        profit: credit.value.map(|value| value - cost),
        profit_interval: credit
            .value_interval
            .map(|ends| ends.map(|value| value - cost)),
    }
}
