//! What channels cost, as a whole and by period.

use super::options::{ChannelCost, CompareOptions};
use super::periods::{DAY, Period, moment_of, period_of, span, touched_at};
use super::reach::weight_of;
use super::units::Units;
use crate::error::Warning;
use crate::prepare::{Dataset, Journeys};
use crate::table::{ColumnData, Table};
use std::ops::Range;

/// Periods beyond this many are not told: the chart could not show them either.
const MOST: usize = 1_500;

/// What every unit cost.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Costs {
    /// `column` or `option`.
    pub(super) source: &'static str,
    /// By unit.
    pub(super) whole: Vec<f64>,
    /// Where costs have dates.
    pub(super) by_period: Option<ByPeriod>,
    pub(super) warnings: Vec<Warning>,
}

/// Costs by period.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ByPeriod {
    pub(super) period: Period,
    /// The number of the first period.
    pub(super) first: i64,
    /// How many there are.
    pub(super) length: usize,
    /// The numbers of those that the data cover from the first day to the last.
    pub(super) whole: Range<i64>,
    /// By unit, then period.
    pub(super) costs: Vec<Vec<f64>>,
}

impl ByPeriod {
    /// Where a moment falls.
    pub(super) fn place(&self, moment: i64) -> Option<usize> {
        let place = usize::try_from(self.period.of(moment) - self.first).ok()?;
        (place < self.length).then_some(place)
    }
}

/// What the rows of a data set cost by channel, where a column of their table says so.
pub fn costs_of_rows(dataset: &Dataset, table: &Table, column: &str) -> Option<Vec<ChannelCost>> {
    let channels = dataset.channels.as_ref()?;
    let ColumnData::Number(cells) = &table.column(column)?.data else {
        return None;
    };
    let mut sums = vec![0.0; channels.names.len()];
    for (row, &code) in channels.codes.iter().enumerate() {
        let cost = *cells.get(*dataset.table_rows.get(row)? as usize)?;
        if let Some(sum) = sums.get_mut(code as usize).filter(|_| cost > 0.0) {
            *sum += cost * weight_of(dataset, row);
        }
    }
    let told = channels.names.iter().zip(sums);
    let costs = told.map(|(name, cost)| ChannelCost {
        channel: name.clone(),
        cost,
        date: None,
        days: None,
    });
    Some(costs.filter(|cost| cost.cost > 0.0).collect())
}

/// The costs that the options name, else those of the touches; `None` where neither knows any.
pub(super) fn costs(
    journeys: &Journeys,
    dataset: &Dataset,
    units: &Units,
    options: &CompareOptions,
) -> Option<Costs> {
    let periods = span(journeys).map(|whole| (period_of(options.period, whole), whole));
    match options.costs.as_deref() {
        Some(given) if !given.is_empty() => {
            // Costs by the month tell nothing of days, unless these were asked for.
            let days = given.iter().filter_map(|cost| cost.days).max();
            let least = days.map_or(Period::Day, Period::holding);
            let coarse = |(period, whole): (Period, _)| match options.period {
                Some(_) => (period, whole),
                None => (period.max(least), whole),
            };
            Some(from_options(given, units, periods.map(coarse)))
        }
        _ => from_touches(journeys, dataset, units, periods),
    }
}

type Periods = Option<(Period, (i64, i64))>;

fn frame(periods: Periods, units: usize) -> Option<ByPeriod> {
    let (period, (start, end)) = periods?;
    let first = period.of(start);
    let length = usize::try_from(period.of(end) - first + 1)
        .ok()
        .filter(|&length| length <= MOST)?;
    Some(ByPeriod {
        period,
        first,
        length,
        whole: period.whole((start, end)),
        costs: vec![vec![0.0; length]; units],
    })
}

fn from_touches(
    journeys: &Journeys,
    dataset: &Dataset,
    units: &Units,
    periods: Periods,
) -> Option<Costs> {
    if journeys.touch_costs.len() != journeys.touch_channels.len() || journeys.is_empty() {
        return None;
    }
    let mut whole = vec![0.0; units.all.len()];
    let mut by_period = frame(periods, units.all.len());
    for journey in 0..journeys.len() {
        let weight = weight_of(dataset, journey);
        for touch in journeys.range(journey) {
            let cost = f64::from(journeys.touch_costs[touch]) * weight;
            let unit = journeys.touch_channels[touch] as usize;
            whole[unit] += cost;
            if let Some(by_period) = &mut by_period
                && let Some(place) =
                    touched_at(journeys, journey, touch).and_then(|at| by_period.place(at))
            {
                by_period.costs[unit][place] += cost;
            }
        }
    }
    (whole.iter().sum::<f64>() > 0.0).then_some(Costs {
        source: "column",
        whole,
        by_period,
        warnings: Vec::new(),
    })
}

fn from_options(given: &[ChannelCost], units: &Units, periods: Periods) -> Costs {
    let mut whole = vec![0.0; units.all.len()];
    let mut by_period = frame(periods, units.all.len());
    let (mut dated, mut unknown, mut outside) = (true, Vec::new(), 0.0);
    for cost in given {
        let Some(unit) = units.position(&cost.channel) else {
            unknown.push(cost.channel.clone());
            continue;
        };
        whole[unit] += cost.cost;
        let Some(moment) = cost.date.as_deref().and_then(moment_of) else {
            dated = false;
            continue;
        };
        let days = cost.days.unwrap_or(1).max(1);
        let daily = cost.cost / f64::from(days);
        for day in 0..i64::from(days) {
            let Some(by_period) = &mut by_period else {
                break;
            };
            match by_period.place(moment + day * DAY as i64) {
                Some(place) => by_period.costs[unit][place] += daily,
                None => outside += daily,
            }
        }
    }
    let mut warnings = Vec::new();
    if !unknown.is_empty() {
        let message = "Some costs are of channels that no journey contains; they are left out.";
        let warning = Warning::new("costs-unknown-channels", message);
        warnings.push(warning.figure("channels", unknown.len() as f64));
    }
    if by_period.is_some() && outside > 0.0 {
        let message =
            "Some costs are dated outside the time of the journeys; they count for the whole only.";
        warnings.push(Warning::new("costs-outside", message).figure("cost", outside));
    }
    Costs {
        source: "option",
        whole,
        by_period: by_period.filter(|_| dated),
        warnings,
    }
}
