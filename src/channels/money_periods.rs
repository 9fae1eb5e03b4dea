//! Cost beside credit, period by period.

use super::costs::ByPeriod;
use super::options::CompareOptions;
use super::people::{Seen, each_channel};
use super::reach::{weight_of, worth_of};
use super::subset::subset;
use crate::attribution::{AttributionOptions, attribute};
use crate::prepare::{Dataset, Journeys};
use serde::Serialize;

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
    /// Cost per credited conversion.
    pub cost_per_conversion: Vec<Option<f64>>,
    /// Cost per credited first conversion of a user, where users are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cac: Option<Vec<Option<f64>>>,
    /// Value per unit of cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roas: Option<Vec<Option<f64>>>,
    /// Value less cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profit: Option<Vec<f64>>,
    /// Change of cost per change of conversions since the period before; absent where the two did not
    /// move the same way, or the data cover one of the periods only in part.
    pub marginal_cac: Vec<Option<f64>>,
    /// Change of value per change of cost, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marginal_roas: Option<Vec<Option<f64>>>,
    /// Each conversion shared equally by the different channels of its journey.
    #[serde(skip)]
    pub(super) shapley: Vec<f64>,
    #[serde(skip)]
    pub(super) shapley_value: Option<Vec<f64>>,
}

/// All channels period by period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyPeriods {
    /// The first day of each.
    pub starts: Vec<String>,
    /// Which of them the data cover only in part: the first and the last, mostly.
    pub partial: Vec<bool>,
    /// Of all channels together, and of none.
    pub conversions: Vec<f64>,
    /// What they were worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Vec<f64>>,
    /// Channels with a cost.
    pub channels: Vec<PeriodChannel>,
}

/// Conversions by the period in which they happened, credited by the method of the options within the
/// period: each period is a comparison of its own.
pub(super) fn periods(
    journeys: &Journeys,
    dataset: &Dataset,
    costs: &ByPeriod,
    options: &CompareOptions,
) -> MoneyPeriods {
    let all = totals(journeys, dataset, costs);
    let shapley = shared(journeys, dataset, costs);
    let method = options.period_method();
    let credited = if method == "shapley" {
        shapley.clone()
    } else {
        by_method(journeys, dataset, costs, options, &|_| true)
    };
    let customers = dataset.users.as_ref().map(|_| {
        let first = first_conversions(journeys, dataset);
        by_method(journeys, dataset, costs, options, &|journey| first[journey])
    });
    let partial: Vec<bool> = (0..costs.length)
        .map(|place| !costs.whole.contains(&(costs.first + place as i64)))
        .collect();
    let valued = dataset.values.is_some();
    let told = (0..journeys.channels.len())
        .filter(|&channel| costs.costs[channel].iter().sum::<f64>() > 0.0);
    let channel = |channel: usize| {
        let cost = &costs.costs[channel];
        let conversions = credited.conversions[channel].clone();
        let value = valued.then(|| credited.values[channel].clone());
        PeriodChannel {
            name: journeys.channels[channel].clone(),
            cost_per_conversion: quotients(cost, &conversions),
            cac: customers
                .as_ref()
                .map(|customers| quotients(cost, &customers.conversions[channel])),
            roas: value.as_ref().map(|value| quotients(value, cost)),
            profit: value.as_ref().map(|value| {
                let pairs = value.iter().zip(cost);
                pairs.map(|(value, cost)| value - cost).collect()
            }),
            marginal_cac: marginal(cost, &conversions, &partial),
            marginal_roas: value.as_ref().map(|value| marginal(value, cost, &partial)),
            cost: cost.clone(),
            conversions,
            value,
            shapley: shapley.conversions[channel].clone(),
            shapley_value: valued.then(|| shapley.values[channel].clone()),
        }
    };
    let start = |place: usize| costs.period.start(costs.first + place as i64);
    MoneyPeriods {
        starts: (0..costs.length).map(start).collect(),
        conversions: all.0,
        value: valued.then_some(all.1),
        channels: told.map(channel).collect(),
        partial,
    }
}

/// By channel, then period.
#[derive(Clone)]
struct Table {
    conversions: Vec<Vec<f64>>,
    values: Vec<Vec<f64>>,
}

impl Table {
    fn new(channels: usize, periods: usize) -> Self {
        let zeros = vec![vec![0.0; periods]; channels];
        Self {
            conversions: zeros.clone(),
            values: zeros,
        }
    }
}

fn totals(journeys: &Journeys, dataset: &Dataset, costs: &ByPeriod) -> (Vec<f64>, Vec<f64>) {
    let mut conversions = vec![0.0; costs.length];
    let mut values = conversions.clone();
    for journey in (0..journeys.len()).filter(|&journey| dataset.y[journey] > 0.5) {
        if let Some(place) = costs.place(journeys.ends[journey]) {
            let weight = weight_of(dataset, journey);
            conversions[place] += weight;
            values[place] += weight * worth_of(dataset, journey);
        }
    }
    (conversions, values)
}

/// Each conversion shared equally by the different channels of its journey (the Shapley value of the sum
/// game).
fn shared(journeys: &Journeys, dataset: &Dataset, costs: &ByPeriod) -> Table {
    let channels = journeys.channels.len();
    let mut table = Table::new(channels, costs.length);
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
            table.conversions[channel][place] += part;
            table.values[channel][place] += part * worth_of(dataset, journey);
        }
    }
    table
}

/// The credit of each period's own journeys, those that are kept.
fn by_method(
    journeys: &Journeys,
    dataset: &Dataset,
    costs: &ByPeriod,
    options: &CompareOptions,
    kept: &dyn Fn(usize) -> bool,
) -> Table {
    let mut of_period: Vec<Vec<u32>> = vec![Vec::new(); costs.length];
    for journey in (0..journeys.len()).filter(|&journey| kept(journey)) {
        if let Some(place) = costs.place(journeys.ends[journey]) {
            of_period[place].push(journey as u32);
        }
    }
    let asked = AttributionOptions {
        methods: Some(vec![options.period_method().to_owned()]),
        resamples: 0,
        ..options.credit_options()
    };
    let mut table = Table::new(journeys.channels.len(), costs.length);
    for (place, members) in of_period.iter().enumerate() {
        let paths = subset(journeys, dataset, members);
        let Ok(credited) = attribute(&paths, &asked) else {
            continue;
        };
        for credit in credited.credit.iter().flat_map(|method| &method.channels) {
            let channel = journeys
                .channels
                .iter()
                .position(|name| *name == credit.name);
            if let Some(channel) = channel {
                table.conversions[channel][place] += credit.conversions;
                table.values[channel][place] += credit.value.unwrap_or(0.0);
            }
        }
    }
    table
}

/// Per journey, whether it is no later than its user's first conversion: what comes after wins no customer.
pub(super) fn first_conversions(journeys: &Journeys, dataset: &Dataset) -> Vec<bool> {
    let Some(people) = super::people::people(journeys, dataset) else {
        return vec![true; journeys.len()];
    };
    let users = dataset.users.as_deref().unwrap_or_default();
    let order = |journey: usize| {
        let ordinal = journeys.ordinals.get(journey).copied();
        (ordinal.unwrap_or(0), journey)
    };
    let first: std::collections::HashMap<u32, (u32, usize)> = people
        .iter()
        .filter_map(|person| {
            let converted = person.first_converted?;
            Some((users[converted], order(converted)))
        })
        .collect();
    (0..journeys.len())
        .map(|journey| {
            let first = users.get(journey).and_then(|user| first.get(user));
            first.is_none_or(|&first| order(journey) <= first)
        })
        .collect()
}

fn quotients(of: &[f64], per: &[f64]) -> Vec<Option<f64>> {
    of.iter()
        .zip(per)
        .map(|(of, per)| (*of > 0.0 && *per > 0.0).then(|| of / per))
        .collect()
}

/// The change of one per change of the other since the period before, where both rose or both fell.
fn marginal(of: &[f64], per: &[f64], partial: &[bool]) -> Vec<Option<f64>> {
    let mut marginal = vec![None];
    let changes = of.windows(2).zip(per.windows(2)).zip(partial.windows(2));
    marginal.extend(changes.map(|((of, per), partial)| {
        let (of, per) = (of[1] - of[0], per[1] - per[0]);
        (of * per > 0.0 && !partial[0] && !partial[1]).then(|| of / per)
    }));
    marginal.truncate(of.len());
    marginal
}
