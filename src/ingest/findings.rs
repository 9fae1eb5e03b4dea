//! What a person should know about how a column was read, and what would read it otherwise.

use super::infer::{Conflict, Settled};
use super::number::NumberConflict;
use super::time::TimeConflict;
use crate::error::Warning;
use crate::table::ColumnData;

/// The findings of a column of so many rows.
pub(super) fn of(name: &str, settled: &Settled, rows: usize) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let warn = |code: &str, message: String| Warning::new(code, message).columns([name]);
    if settled.misfits > 0 {
        let count = settled.misfits;
        let message = format!("{count} cells of `{name}` don't fit its type and count as missing.");
        warnings.push(warn("cells-unfit", message).figure("cells", count as f64));
    }
    if let Some(reading) = settled.reading {
        let order = |day_first| if day_first { "dayFirst" } else { "monthFirst" };
        let found = match &settled.data {
            ColumnData::Time(_) => {
                let (code, message) = if settled.ambiguous {
                    let message =
                        format!("Day and month of `{name}` can be read either way round.");
                    ("ambiguous-dates", message)
                } else {
                    let first = if reading { "day" } else { "month" };
                    let message = format!("The dates of `{name}` are read with the {first} first.");
                    let code = if reading {
                        "dates-day-first"
                    } else {
                        "dates-month-first"
                    };
                    (code, message)
                };
                warn(code, message).remedy("load.dates", order(!reading))
            }
            _ => {
                let message =
                    format!("The commas of `{name}` can be decimal or separate thousands.");
                let other = if reading { "." } else { "," };
                warn("ambiguous-numbers", message).remedy("load.decimal", other)
            }
        };
        warnings.push(found.figure("rows", rows as f64));
    }
    if let Some(share) = settled.almost_number {
        let message = format!(
            "{:.1} % of the cells of `{name}` are numbers, but not all; it is read as text. \
             Make it a number to count the others as missing.",
            share * 100.0
        );
        warnings.push(warn("almost-number", message).figure("share", share));
    }
    warnings.extend(settled.conflict.and_then(|conflict| told(name, conflict)));
    warnings
}

/// A column of nothing but numbers, or dates, that was not read as one.
fn told(name: &str, conflict: Conflict) -> Option<Warning> {
    let warn = |code: &str, message: String| Warning::new(code, message).columns([name]);
    Some(match conflict {
        Conflict::Numbers(NumberConflict::Signs { usual, others }) => {
            let message = format!(
                "{usual} cells of `{name}` have one sign, such as a currency's, and {others} another or \
                 none that is needed; it is read as text. Make it a number to take no notice of signs."
            );
            warn("mixed-currencies", message)
                .figure("usual", usual as f64)
                .figure("others", others as f64)
                .remedy(format!("types.{name}"), "number")
        }
        Conflict::Numbers(NumberConflict::Marks { point, comma }) => {
            let message = format!(
                "{point} cells of `{name}` have a decimal point and {comma} a decimal comma; it is read \
                 as text."
            );
            warn("contradicting-numbers", message)
                .figure("point", point as f64)
                .figure("comma", comma as f64)
                .remedy("load.decimal", if comma > point { "," } else { "." })
        }
        Conflict::Dates(TimeConflict {
            day_first,
            month_first,
        }) if day_first > 0 && month_first > 0 => {
            let message = format!(
                "{day_first} dates of `{name}` only fit with the day first and {month_first} only with \
                 the month first; it is read as text."
            );
            let order = if day_first > month_first {
                "dayFirst"
            } else {
                "monthFirst"
            };
            warn("contradicting-dates", message)
                .figure("dayFirst", day_first as f64)
                .figure("monthFirst", month_first as f64)
                .remedy("load.dates", order)
        }
        Conflict::Numbers(NumberConflict::Codes) | Conflict::Dates(_) => return None,
    })
}

/// A column whose texts took too much room.
pub(super) fn given_up(name: &str, bytes: usize) -> Warning {
    let megabytes = (bytes as f64 / 1e6).round();
    let message = format!(
        "`{name}` held {megabytes} MB of long texts when there was no more room; its cells were left out."
    );
    Warning::new("column-given-up", message)
        .columns([name])
        .figure("megabytes", megabytes)
        .remedy("ignore", vec![name.to_owned()])
}
