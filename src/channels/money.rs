//! What channels cost, beside what they are credited with.

use super::costs::{ByPeriod, Costs};
use super::people::{Seen, each_channel};
use super::periods::Period;
use super::reach::{weight_of, worth_of};
use super::response::{Response, response};
use crate::attribution::{ChannelCredit, MethodCredit};
use crate::error::Warning;
use crate::prepare::{Dataset, Journeys};
use serde::Serialize;

/// The rule by which conversions are credited period by period.
const PERIOD_METHOD: &str = "shapley";

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
    /// Cost per conversion.
    pub cac: Option<f64>,
    /// From the interval of the conversions; it ends at infinity where that holds 0.
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

/// A channel period by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PeriodChannel {
    /// The channel.
    pub name: String,
    /// By when the touch was.
    pub cost: Vec<f64>,
    /// Credited, by when they happened.
    pub conversions: Vec<f64>,
    /// What they were worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Vec<f64>>,
    /// Change of cost per change of conversions since the period before; absent where the two did not
    /// move the same way.
    pub marginal_cac: Vec<Option<f64>>,
    /// Change of value per change of cost, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marginal_roas: Option<Vec<Option<f64>>>,
}

/// All channels period by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyPeriods {
    /// The first day of each.
    pub starts: Vec<String>,
    /// Channels with a cost.
    pub channels: Vec<PeriodChannel>,
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

/// Puts costs, by channel of `journeys`, beside the credit of every method.
pub(super) fn money(
    journeys: &Journeys,
    dataset: &Dataset,
    costs: &Costs,
    credit: &[MethodCredit],
) -> Money {
    let cost_of = |name: &str| {
        let place = journeys.channels.iter().position(|channel| channel == name);
        place.map_or(0.0, |place| costs.whole[place])
    };
    let by_method = |method: &MethodCredit| MoneyMethod {
        method: method.method,
        channels: method
            .channels
            .iter()
            .map(|channel| of_channel(channel, cost_of(&channel.name)))
            .collect(),
    };
    let mut warnings = costs.warnings.clone();
    let periods = costs
        .by_period
        .as_ref()
        .map(|by_period| periods(journeys, dataset, by_period));
    let responses: Vec<Response> = periods
        .iter()
        .flat_map(|periods| &periods.channels)
        .map(response)
        .collect();
    if responses.iter().any(|response| response.available) {
        let message = "Responses come from what was observed, not from an experiment: spending may have followed demand.";
        warnings.push(Warning::new("responses-observational", message));
    }
    Money {
        source: costs.source,
        cost: costs.whole.iter().sum(),
        period: costs.by_period.as_ref().map(|by_period| by_period.period),
        methods: credit.iter().map(by_method).collect(),
        period_method: periods.as_ref().map(|_| PERIOD_METHOD),
        periods,
        responses,
        warnings,
    }
}

fn of_channel(credit: &ChannelCredit, cost: f64) -> MoneyChannel {
    let per = |amount: f64| (amount > 0.0).then(|| cost / amount);
    let paid = |amount: f64| amount / cost;
    let costly = cost > 0.0;
    MoneyChannel {
        name: credit.name.clone(),
        cost,
        conversions: credit.conversions,
        value: credit.value,
        cac: per(credit.conversions).filter(|_| costly),
        cac_interval: credit.conversions_interval.filter(|_| costly).map(|ends| {
            let [low, high] = ends.map(|amount| per(amount).unwrap_or(f64::INFINITY));
            [high, low]
        }),
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

/// Conversions by the period in which they happened, each shared equally by the different channels of its
/// journey (the Shapley value of the sum game).
fn periods(journeys: &Journeys, dataset: &Dataset, costs: &ByPeriod) -> MoneyPeriods {
    let channels = journeys.channels.len();
    let mut conversions = vec![vec![0.0; costs.length]; channels];
    let mut values = conversions.clone();
    let mut seen = Seen::new(channels);
    for journey in (0..journeys.len()).filter(|&journey| dataset.y[journey] > 0.5) {
        let Some(place) = costs.place(journeys.ends[journey]) else {
            continue;
        };
        let mut different = Vec::new();
        each_channel(journeys, journey, &mut seen, |channel| {
            different.push(channel)
        });
        let part = weight_of(dataset, journey) / different.len() as f64;
        for channel in different {
            conversions[channel][place] += part;
            values[channel][place] += part * worth_of(dataset, journey);
        }
    }
    let valued = dataset.values.is_some();
    let told = (0..channels).filter(|&channel| costs.costs[channel].iter().sum::<f64>() > 0.0);
    let channel = |channel: usize| {
        let cost = &costs.costs[channel];
        let value = valued.then(|| values[channel].clone());
        PeriodChannel {
            name: journeys.channels[channel].clone(),
            marginal_cac: marginal(cost, &conversions[channel]),
            marginal_roas: value.as_ref().map(|value| marginal(value, cost)),
            cost: cost.clone(),
            conversions: conversions[channel].clone(),
            value,
        }
    };
    let start = |place: usize| costs.period.start(costs.first + place as i64);
    MoneyPeriods {
        starts: (0..costs.length).map(start).collect(),
        channels: told.map(channel).collect(),
    }
}

/// The change of one per change of the other since the period before, where both rose or both fell.
fn marginal(of: &[f64], per: &[f64]) -> Vec<Option<f64>> {
    let mut marginal = vec![None];
    let changes = of.windows(2).zip(per.windows(2));
    marginal.extend(changes.map(|(of, per)| {
        let (of, per) = (of[1] - of[0], per[1] - per[0]);
        (of * per > 0.0).then(|| of / per)
    }));
    marginal.truncate(of.len());
    marginal
}
