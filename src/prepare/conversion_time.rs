//! When journeys converted, where a column says so.

use super::cells::Numbers;
use super::outcome_of::Ends;
use super::report::Step;
use super::touch_order::Sorted;
use super::touches::{Built, Columns};
use crate::error::Warning;

const DAY: f64 = 86_400_000.0;

/// The times at which whole journeys converted.
pub(super) struct ConversionTimes<'a> {
    times: Numbers<'a>,
    /// Milliseconds per unit of the column.
    unit: f64,
    /// Added to each: where only days are told, a conversion may have come at any time of its day.
    later: f64,
}

impl<'a> ConversionTimes<'a> {
    /// The times of a column that has that role, where the outcome is that of whole journeys; elsewhere
    /// the conversion's own row says when it was. A column that can't be held against the times of the
    /// touches is named in a warning.
    pub fn of(
        columns: &Columns<'a>,
        sorted: &Sorted<'_>,
        ends: Ends,
        built: &mut Built,
    ) -> Option<Self> {
        let column = columns.conversion_time.filter(|_| ends == Ends::Journeys)?;
        let same = |(touches, _): &(&crate::table::Column, _)| {
            touches.data.column_type() == column.data.column_type()
        };
        if !columns.time.as_ref().is_some_and(same) {
            let message = format!(
                "`{}` can't be held against the times of the touches, so no touch is left out for coming after the conversion.",
                column.name
            );
            let warning = Warning::new("conversion-time-unused", message);
            let filled = sorted.rows.iter();
            let filled = filled.filter(|&&row| !column.data.is_missing(row as usize));
            built.warnings.push(
                warning
                    .columns([&column.name])
                    .figure("rows", filled.count() as f64)
                    .remedy("ignore", column.name.clone()),
            );
            return None;
        }
        let times = Numbers::of(&column.data);
        let whole = |time: f64| time.is_nan() || time % DAY == 0.0;
        let calendar = matches!(column.data, crate::table::ColumnData::Time(_));
        let mut rows = sorted.rows.iter();
        let days_only = calendar && rows.clone().all(|&row| whole(times.at(row as usize)));
        let finer = days_only && rows.any(|&row| !whole(sorted.time(row)));
        let later = if finer { DAY - 1.0 } else { 0.0 };
        let known = sorted
            .rows
            .iter()
            .filter(|&&row| !times.at(row as usize).is_nan());
        let message = format!(
            "`{}` says when journeys converted: what came later is left out.{}",
            column.name,
            if finer {
                " It holds days only, so touches of that day still count."
            } else {
                ""
            }
        );
        let code = if finer {
            "cut-at-conversion-day"
        } else {
            "cut-at-conversion-time"
        };
        let step = Step::new(code, message, &[("rows", known.count() as f64)]);
        built.steps.push(step.columns(vec![column.name.clone()]));
        Some(Self {
            times,
            unit: sorted.unit(),
            later,
        })
    }

    /// When the journey of these rows converted: the earliest time that any of them tells.
    pub fn of_rows(&self, rows: &[u32]) -> Option<f64> {
        let known = rows.iter().map(|&row| self.times.at(row as usize));
        let first = known.filter(|time| !time.is_nan()).reduce(f64::min)?;
        Some(first * self.unit + self.later)
    }
}
