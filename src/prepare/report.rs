//! What was done, step by step, in figures that add up.

use super::paths::Paths;
use super::{Dropped, SplitBy, SplitOptions, TouchCounts};
use crate::schema::{Role, Schema, left_out_for};
use crate::table::Table;
use serde::Serialize;
use std::collections::BTreeMap;

/// One step of the preparation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// A stable kebab-case name.
    pub code: &'static str,
    /// Plain English, with the figures.
    pub message: String,
    /// The figures by name.
    pub figures: BTreeMap<&'static str, f64>,
    /// The columns it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

impl Step {
    /// A step with its figures.
    pub fn new(
        code: &'static str,
        message: impl Into<String>,
        figures: &[(&'static str, f64)],
    ) -> Self {
        Self {
            code,
            message: message.into(),
            figures: figures.iter().copied().collect(),
            columns: Vec::new(),
        }
    }

    /// Names the columns it is about.
    #[must_use]
    pub fn columns(mut self, columns: Vec<String>) -> Self {
        self.columns = columns;
        self
    }
}

/// The rows of the table and those that were left out: `table-rows` is the sum of what was left out (each
/// step bears the code of its reason) and of `rows-used`.
pub(super) fn rows(all: usize, dropped: &[Dropped]) -> Vec<Step> {
    let mut steps = vec![Step::new(
        "table-rows",
        format!("The table has {all} rows."),
        &[("rows", all as f64)],
    )];
    let mut used = all;
    for left in dropped {
        used -= left.count;
        let message = format!("{} rows are left out. {}", left.count, left.message);
        steps.push(Step::new(
            left.code,
            message,
            &[("rows", left.count as f64)],
        ));
    }
    let message = format!("{used} rows can be used.");
    steps.push(Step::new("rows-used", message, &[("rows", used as f64)]));
    steps
}

/// Columns of the table that are left out by their role, by the reason for it. Of those that were chosen to
/// be, the reason is what would have been guessed: whoever says every role says that of an identifier too.
pub(super) fn columns_left_out(table: &Table, schema: &Schema) -> Vec<Step> {
    let kinds: [(&'static str, &[&str], &str); 6] = [
        (
            "left-out-identifiers",
            &["identifier"],
            "name single things",
        ),
        (
            "left-out-constant",
            &["constant", "empty"],
            "hold one value or none",
        ),
        (
            "left-out-chosen",
            &["chosen", "not-chosen"],
            "were chosen to be",
        ),
        (
            "left-out-outcomes",
            &["other-outcome"],
            "would give the outcome away",
        ),
        ("left-out-times", &["other-time"], "are points in time"),
        (
            "left-out-levels",
            &["too-many-levels"],
            "have too many different values",
        ),
    ];
    let left_out = schema.columns.iter();
    let left_out = left_out.filter(|about| about.role == Role::Ignore);
    let reasoned: Vec<(&str, &String)> = left_out
        .map(|about| {
            let chosen = matches!(about.reason.code, "chosen" | "not-chosen");
            let column = table.column(&about.name).filter(|_| chosen);
            let guessed = column.and_then(left_out_for);
            (guessed.unwrap_or(about.reason.code), &about.name)
        })
        .collect();
    let of = |reasons: &[&str]| -> Vec<String> {
        let columns = reasoned
            .iter()
            .filter(|(reason, _)| reasons.contains(reason));
        columns.map(|(_, name)| (*name).clone()).collect()
    };
    let found = kinds
        .into_iter()
        .map(|(code, reasons, why)| (code, of(reasons), why));
    found
        .filter(|(_, columns, _)| !columns.is_empty())
        .map(|(code, columns, why)| {
            let message = format!("{} columns are left out: they {why}.", columns.len());
            Step::new(code, message, &[("columns", columns.len() as f64)]).columns(columns)
        })
        .collect()
}

/// By what rule rows or journeys were divided.
pub(super) fn split(by: Option<SplitBy>, options: &SplitOptions) -> Step {
    let (code, how) = match (by, &options.test_rows) {
        (_, Some(_)) => (
            "split-given",
            "The test part is as given, the rest divided by chance",
        ),
        (None, _) => (
            "split-paths",
            "Journeys were drawn from each path by chance",
        ),
        (Some(SplitBy::Row), _) => (
            "split-by-row",
            "Divided by chance, with the same share of conversions in each part",
        ),
        (Some(SplitBy::User), _) => (
            "split-by-user",
            "Divided by chance, all rows of a user in one part",
        ),
        (Some(SplitBy::Time), _) => ("split-by-time", "Divided by time, the last held out"),
    };
    let (test, validation) = (options.test, options.validation);
    let message = format!(
        "{how}: {:.0} % for the test, {:.0} % of the rest for validation (seed {}).",
        test * 100.0,
        validation * 100.0,
        options.seed
    );
    let figures = [
        ("testShare", test),
        ("validationShare", validation),
        ("seed", options.seed as f64),
    ];
    Step::new(code, message, &figures)
}

/// What whole paths stand for: `rows-used` is the sum of the `paths` here and of the rows `merged` into them.
pub(super) fn paths(paths: &Paths, rows: usize, (converted, not): (f64, f64)) -> Step {
    let (found, journeys) = (paths.len(), converted + not);
    let figures = [
        ("paths", found as f64),
        ("merged", (rows - found) as f64),
        ("journeys", journeys),
        ("converted", converted),
    ];
    let message = format!(
        "{found} different paths stand for {journeys} journeys, of which {converted} converted."
    );
    Step::new("paths-read", message, &figures)
}

/// What became of touches: `rows-used` is the sum of those left out here and of `touches-used`.
pub(super) fn touches(counts: &TouchCounts, journeys: usize, converted: usize) -> Vec<Step> {
    let left_out = [
        (
            "touches-without-outcome",
            counts.without_outcome,
            "belong to journeys whose outcome is missing",
        ),
        (
            "conversion-rows",
            counts.conversions,
            "are conversions, which end a journey and are no touches",
        ),
        (
            "after-outcome",
            counts.after_outcome,
            "are touches later than the conversion of their journey",
        ),
        (
            "outside-window",
            counts.outside_window,
            "lie before the look-back window",
        ),
        (
            "collapsed",
            counts.collapsed,
            "repeat the channel of the next and are one with it",
        ),
        (
            "over-length",
            counts.over_length,
            "were cut off the start of long journeys",
        ),
    ];
    let some = left_out.into_iter().filter(|(_, count, _)| *count > 0);
    let mut steps: Vec<Step> = some
        .map(|(code, count, what)| {
            Step::new(
                code,
                format!("{count} rows {what}."),
                &[("rows", count as f64)],
            )
        })
        .collect();
    let message = format!("{} touches are part of journeys.", counts.used);
    steps.push(Step::new(
        "touches-used",
        message,
        &[("rows", counts.used as f64)],
    ));
    let figures = [
        ("journeys", journeys as f64),
        ("converted", converted as f64),
        ("afterConversion", counts.after_conversion as f64),
        ("emptied", counts.emptied as f64),
        ("merged", counts.merged as f64),
    ];
    let message = format!("They make {journeys} journeys, of which {converted} converted.");
    steps.push(Step::new("journeys-made", message, &figures));
    steps
}
