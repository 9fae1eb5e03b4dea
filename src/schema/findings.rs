//! What a person should look at before training.

use super::leak::{sample, single_column_auc};
use super::names::{Name, leaks_by_name};
use super::possible::{outside, possible_range};
use super::profile::Profile;
use super::{ColumnSchema, Role, Schema};
use crate::error::Warning;
use crate::ingest::Layout;
use crate::ingest::words::truth;
use crate::table::{Column, ColumnData, Table};

/// A single column that tells the outcome this well was probably known only afterwards.
const LEAK_AUC: f64 = 0.9;
/// Fewer conversions than this say little about anything.
const FEW_CONVERSIONS: usize = 30;
/// Rows of each outcome that have to be there before a column can be said to tell it.
const MIN_OF_CLASS: usize = 10;
/// A column with a larger share of missing cells is worth a word.
const MANY_MISSING: f64 = 0.5;
/// Whole numbers with so many different values, none of them zero, may be codes.
const CODE_LEVELS: std::ops::RangeInclusive<usize> = 3..=20;

/// Findings about a table and its roles: `no-outcome`, `outcome-not-binary`, `one-class-label`,
/// `few-conversions`, `sorted-by-label`, `no-channel`, `possible-leak`, `constant-column`,
/// `many-missing`, `code-like-number`, `identifier-feature`, `impossible-values`. Columns that are left out are not looked at.
pub fn warnings(table: &Table, schema: &Schema) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if schema.layout == Layout::Paths {
        if schema.name_of(Role::Label).is_none() {
            warnings.push(no_outcome());
        }
        return warnings;
    }
    let outcome = look_at_outcome(table, schema, &mut warnings);
    if schema.name_of(Role::Channel).is_none() {
        let message = "No column looks like a channel. Choose one to compare channels.";
        warnings.push(Warning::new("no-channel", message));
    }
    if let Some(outcome) = outcome {
        look_for_leaks(table, schema, &outcome, &mut warnings);
    }
    look_at_features(table, schema, &mut warnings);
    warnings
}

/// Empty cells of the outcome that were taken to say that nothing was converted.
pub(crate) fn blank_outcome(column: &str, blank: usize, rows: usize) -> Warning {
    let share = blank as f64 / rows.max(1) as f64;
    let message = format!(
        "{blank} empty cells of the outcome `{column}` ({:.1} %) count as not converted, since all filled ones say converted.",
        share * 100.0
    );
    let warning = Warning::new("blank-outcome", message).columns([column]);
    let warning = warning.figure("rows", blank as f64).figure("share", share);
    warning.remedy("blankOutcome", "unknown")
}

fn no_outcome() -> Warning {
    let message = "No column looks like an outcome. Choose the one that says who converted.";
    Warning::new("no-outcome", message)
}

/// Findings about the label; the outcome of every row where there are both outcomes.
fn look_at_outcome(table: &Table, schema: &Schema, warnings: &mut Vec<Warning>) -> Option<Vec<u8>> {
    let label = schema
        .columns
        .iter()
        .find(|column| column.role == Role::Label);
    let Some((label, column)) = label.and_then(|label| Some((label, table.column(&label.name)?)))
    else {
        let told_by_event = schema.layout == Layout::Events && schema.positive.is_some();
        if !told_by_event {
            warnings.push(no_outcome());
        }
        return None;
    };
    let name = &label.name;
    if label.distinct > 2 && schema.positive.is_none() {
        let message = format!(
            "The outcome `{name}` has {} different values. Choose which of them counts as converted.",
            label.distinct
        );
        let warning = Warning::new("outcome-not-binary", message).columns([name]);
        let warning = warning.figure("distinct", label.distinct as f64);
        let likely = label.levels.iter().filter_map(|level| {
            let said = (truth(&level.value) == Some(true)).then_some(0);
            let rank = said.or_else(|| Name::new(&level.value).conversion_event())?;
            Some((rank, std::cmp::Reverse(level.count), &level.value))
        });
        warnings.push(match likely.min() {
            Some((_, _, value)) => warning.remedy("positive", value.clone()),
            None => warning,
        });
    }
    let outcome = schema.outcomes_of(column).map(|(outcome, blank)| {
        if blank > 0 {
            warnings.push(blank_outcome(name, blank, table.rows));
        }
        outcome
    });
    let count = |value: u8| {
        let outcomes = outcome.iter().flatten();
        outcomes.filter(|&&outcome| outcome == value).count()
    };
    let (positives, negatives) = (count(1), count(0));
    let few_values = label.distinct <= 2 || !schema.also_positive.is_empty();
    if few_values && (positives == 0 || negatives == 0) {
        let message =
            format!("All rows have the same outcome in `{name}`: there is nothing to learn.");
        let warning = Warning::new("one-class-label", message).columns([name]);
        warnings.push(warning.figure("rows", (positives + negatives) as f64));
        return None;
    }
    let outcome = outcome?;
    if schema.layout == Layout::Events {
        // The outcome is that of journeys, which are not made yet.
        return None;
    }
    if positives < FEW_CONVERSIONS {
        let message = format!(
            "Only {positives} rows converted: expect wide intervals. Only more conversions help: a longer time, or an earlier step as the outcome."
        );
        let warning = Warning::new("few-conversions", message).columns([name]);
        warnings.push(warning.figure("conversions", positives as f64));
    }
    if is_sorted(&outcome, positives, negatives) {
        let warning = sorted_by_outcome("sorted-by-label", "rows", &outcome, positives, negatives);
        warnings.push(warning.columns([name]));
    }
    Some(outcome)
}

/// What is said of rows or journeys that come sorted by their outcome.
pub(crate) fn sorted_by_outcome(
    code: &str,
    what: &str,
    outcome: &[u8],
    positives: usize,
    negatives: usize,
) -> Warning {
    let (changes, expected) = changes(outcome, positives, negatives);
    let message = format!(
        "The {what} are sorted by their outcome: it changes {changes} times from one to the next, where {expected:.0} would be expected by chance. They are shuffled before the split, so nothing has to be done."
    );
    let warning = Warning::new(code, message);
    warning
        .figure("changes", changes as f64)
        .figure("expected", expected.round())
}

/// How often the outcome changes from row to row, and how often it would by chance.
fn changes(outcome: &[u8], positives: usize, negatives: usize) -> (usize, f64) {
    let known = || outcome.iter().filter(|&&outcome| outcome < 2);
    let changes = known().zip(known().skip(1)).filter(|(a, b)| a != b).count();
    let (positives, negatives) = (positives as f64, negatives as f64);
    let expected = 2.0 * positives * negatives / (positives + negatives).max(1.0);
    (changes, expected)
}

/// Whether the outcome changes from row to row far less often than it would by chance.
pub(crate) fn is_sorted(outcome: &[u8], positives: usize, negatives: usize) -> bool {
    let (changes, expected) = changes(outcome, positives, negatives);
    positives.min(negatives) >= 10 && (changes as f64) <= f64::max(1.0, 0.05 * expected)
}

fn look_for_leaks(table: &Table, schema: &Schema, outcome: &[u8], warnings: &mut Vec<Warning>) {
    let rows = sample(outcome);
    let of_class = |class: u8| outcome.iter().filter(|&&outcome| outcome == class).count();
    if of_class(0).min(of_class(1)) < MIN_OF_CLASS {
        return;
    }
    for (column_schema, column) in features(table, schema) {
        let name = &column_schema.name;
        let Some(auc) = single_column_auc(column, outcome, &rows) else {
            continue;
        };
        if auc >= LEAK_AUC || leaks_by_name(name) {
            warnings.push(possible_leak(name, auc));
        }
    }
}

/// What is said of a column that tells the outcome by itself, or has the name of one that would.
pub(crate) fn possible_leak(name: &str, auc: f64) -> Warning {
    let message = if auc >= LEAK_AUC {
        format!(
            "`{name}` alone predicts the outcome with AUC {auc:.2}: it may be known only afterwards."
        )
    } else {
        format!(
            "`{name}` has the name of something known only with the outcome; alone it predicts it with AUC {auc:.2}."
        )
    };
    let warning = Warning::new("possible-leak", message).columns([name]);
    warning.figure("auc", auc).remedy("ignore", name)
}

fn look_at_features(table: &Table, schema: &Schema, warnings: &mut Vec<Warning>) {
    let constant: Vec<&ColumnSchema> = schema
        .columns
        .iter()
        .filter(|column| matches!(column.reason.code, "constant" | "empty"))
        .collect();
    if !constant.is_empty() {
        let count = constant.len();
        let message = format!("{count} columns hold one value or none and are left out.");
        let warning = Warning::new("constant-column", message);
        let names = constant.into_iter().map(|column| column.name.clone());
        warnings.push(warning.columns(names).figure("columns", count as f64));
    }
    for (column_schema, column) in features(table, schema) {
        let name = &column_schema.name;
        let share = column_schema.missing as f64 / table.rows.max(1) as f64;
        if share > MANY_MISSING {
            let message = format!(
                "{:.0} % of the cells of `{name}` are missing.",
                share * 100.0
            );
            let warning = Warning::new("many-missing", message).columns([name]);
            warnings.push(
                warning
                    .figure("share", share)
                    .remedy("ignore", name.clone()),
            );
        }
        let is_quantity = Name::new(name).is_quantity();
        if column_schema.role == Role::Feature
            && !is_quantity
            && looks_like_code(column, column_schema)
        {
            let distinct = column_schema.distinct;
            let message = format!(
                "`{name}` holds {distinct} whole numbers that may be codes; if so, make it a category."
            );
            let warning = Warning::new("code-like-number", message).columns([name]);
            let warning = warning.figure("distinct", distinct as f64);
            warnings.push(warning.remedy(format!("types.{name}"), "category"));
        }
        if column_schema.role == Role::Feature && is_identifier(column, column_schema, table.rows) {
            let distinct = column_schema.distinct;
            let message = format!(
                "`{name}` has {distinct} different values in {} rows: it names single things, and a model learns nothing from names.",
                table.rows
            );
            let warning = Warning::new("identifier-feature", message).columns([name]);
            let warning = warning
                .figure("distinct", distinct as f64)
                .figure("rows", table.rows as f64);
            warnings.push(warning.remedy("ignore", name.clone()));
        }
        if let Some((low, high)) = possible_range(column).filter(|_| !schema.impossible_blanked) {
            let cells = outside(column, low, high);
            if cells > 0 {
                let message = format!("{cells} cells of `{name}` hold what can't be.");
                let warning = Warning::new("impossible-values", message).columns([name]);
                let warning = warning.figure("cells", cells as f64);
                warnings.push(warning.remedy("impossible", "missing"));
            }
        }
    }
}

/// Words that nearly all differ, or whole numbers under the name of an identifier that do.
fn is_identifier(column: &Column, schema: &ColumnSchema, rows: usize) -> bool {
    let differ = rows >= 20 && schema.distinct * 20 >= (rows - schema.missing) * 19;
    match &column.data {
        ColumnData::Category(_) | ColumnData::Text(_) => differ,
        ColumnData::Number(_) => differ && Name::new(&column.name).is_id(),
        ColumnData::Time(_) | ColumnData::Boolean(_) => false,
    }
}

/// Whole numbers from one up, few of them, each coming again: counts begin at zero, codes seldom do.
fn looks_like_code(column: &Column, schema: &ColumnSchema) -> bool {
    if !matches!(column.data, ColumnData::Number(_)) || !CODE_LEVELS.contains(&schema.distinct) {
        return false;
    }
    let profile = Profile::new(column);
    profile.whole && profile.least >= 1.0 && profile.filled >= 5 * profile.distinct
}

/// The inputs of the model, with their cells.
fn features<'a>(
    table: &'a Table,
    schema: &'a Schema,
) -> impl Iterator<Item = (&'a ColumnSchema, &'a Column)> {
    let inputs = schema.columns.iter();
    inputs
        .filter(|column| matches!(column.role, Role::Feature | Role::Channel))
        .filter_map(|column| Some((column, table.column(&column.name)?)))
}
