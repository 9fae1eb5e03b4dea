//! Roles beside outcome and channel: users, times, values, costs, weights.

use super::clock::UNIX_TIME;
use super::infer::Guesser;
use super::label::{outcome_rank, outcomes};
use super::profile::Profile;
use super::{Reason, Role, RoleOptions};
use crate::table::{Column, ColumnData, ColumnType, MISSING_TIME};

/// From this share of its amounts on that stand in converted rows, a column holds the conversions' value.
const VALUE_SHARE: f64 = 0.99;
/// The same of the points in time of a column with the name of a conversion's time.
const CONVERSION_TIME_SHARE: f64 = 0.99;
/// Rows of each outcome that have to be there before a column without such a name is taken for that.
const ENOUGH_ROWS: usize = 10;

impl Guesser<'_> {
    /// Columns of nothing, users, times, values, costs, weights, and outcomes beside the label.
    pub(super) fn guess_special(&mut self, roles: &RoleOptions, positive: Option<&str>) {
        let is_label = |given: &&Option<(Role, Reason)>| {
            given.as_ref().is_some_and(|given| given.0 == Role::Label)
        };
        let label = self
            .roles
            .iter()
            .zip(&self.table.columns)
            .find(|(given, _)| is_label(given));
        let outcome = label
            .zip(positive)
            .and_then(|((_, column), level)| outcomes(column, level));
        for index in 0..self.table.columns.len() {
            if self.roles[index].is_none() && self.profiles[index].distinct <= 1 {
                self.guess_constant(index);
            }
        }
        self.guess_named(Role::User, roles.user.is_none());
        self.guess_conversion_time(roles.conversion_time.is_none(), outcome.as_deref());
        self.guess_time(roles.time.is_none());
        self.guess_values(roles.value.is_none(), outcome.as_deref());
        self.guess_named(Role::Cost, roles.cost.is_none());
        self.guess_named(Role::Weight, roles.weight.is_none());
        if self.has(Role::Label) {
            self.leave_out_outcomes();
        }
    }

    /// Outcomes beside the label would give it away.
    pub(super) fn leave_out_outcomes(&mut self) {
        for index in 0..self.table.columns.len() {
            let (column, name) = (&self.table.columns[index], &self.names[index]);
            let is_outcome = outcome_rank(column, name, &self.profiles[index]).is_some();
            if self.roles[index].is_none() && is_outcome {
                let message =
                    "It has the name of another outcome, which would give the label away.";
                self.set(index, Role::Ignore, Reason::new("other-outcome", message));
            }
        }
    }

    pub(super) fn guess_constant(&mut self, index: usize) {
        let Profile {
            missing, distinct, ..
        } = self.profiles[index];
        if distinct == 0 {
            let reason = Reason::new("empty", "It has no values.");
            self.set(index, Role::Ignore, reason);
        } else if missing == 0 {
            let reason = Reason::new("constant", "All its cells are the same.");
            self.set(index, Role::Ignore, reason);
        }
    }

    /// The first open column that has the name and the values of a user, cost or weight.
    pub(super) fn guess_named(&mut self, role: Role, wanted: bool) {
        if !wanted {
            return;
        }
        let fits = |(index, column): &(usize, &Column)| {
            let (name, profile) = (&self.names[*index], &self.profiles[*index]);
            let number = matches!(column.data, ColumnData::Number(_));
            let words = matches!(column.data, ColumnData::Category(_) | ColumnData::Text(_));
            match role {
                Role::User => {
                    let many = name.is_id() || profile.distinct * 10 >= profile.filled;
                    name.is_user() && (words || (number && profile.whole)) && many
                }
                Role::Cost => name.is_cost() && number && profile.least >= 0.0,
                _ => name.is_weight() && number && profile.least >= 0.0,
            }
        };
        let Some((index, _)) = self.open().find(fits) else {
            return;
        };
        let distinct = self.profiles[index].distinct as f64;
        let reason = match role {
            Role::User => Reason::new("user-name", "It has the name of a user's identifier."),
            Role::Cost => Reason::new("cost-name", "It has the name of a cost."),
            _ => Reason::new("weight-name", "It has the name of a weight."),
        };
        self.set(index, role, reason.figure("distinct", distinct));
    }

    /// The points in time that stand in converted rows only: under the name of a conversion's time, or in
    /// all of these rows and no other.
    pub(super) fn guess_conversion_time(&mut self, wanted: bool, outcome: Option<&[u8]>) {
        let Some(outcome) = outcome.filter(|_| wanted) else {
            return;
        };
        let candidates = self.open().filter_map(|(index, column)| {
            let fit = filled_where_converted(&column.data, outcome)?;
            let named = self.names[index].is_conversion_time();
            let fits = if named {
                fit.of_filled >= CONVERSION_TIME_SHARE
            } else {
                fit.is_exact
            };
            fits.then_some((!named, index, fit))
        });
        let Some((unnamed, index, fit)) = candidates.min_by_key(|found| (found.0, found.1)) else {
            return;
        };
        let share = fit.of_filled;
        let percent = share * 100.0;
        let reason = if unnamed {
            let message = "Its points in time stand in all converted rows and in no other.";
            Reason::new("conversion-time-fit", message)
        } else {
            let message = format!(
                "It has the name of a conversion’s time, and {percent:.1} % of its cells stand in converted rows."
            );
            Reason::new("conversion-time-name", message)
        };
        self.set(index, Role::ConversionTime, reason.figure("share", share));
    }

    /// The first column of points in time whose name says so, else the first of all; the others are
    /// left out, since the model takes no points in time.
    pub(super) fn guess_time(&mut self, wanted: bool) {
        let is_time = |column: &Column| column.data.column_type() == ColumnType::Time;
        if wanted {
            let times = || self.open().filter(|(_, column)| is_time(column));
            let named = times().find(|(index, _)| self.names[*index].is_time());
            let unix = self.open().find(|(index, column)| {
                let profile = &self.profiles[*index];
                matches!(column.data, ColumnData::Number(_))
                    && self.names[*index].is_unix_time()
                    && profile.whole
                    && profile.least > UNIX_TIME
            });
            let reason = match (named.or_else(|| times().next()), unix) {
                (Some((index, _)), _) => Some((
                    index,
                    Reason::new("time-type", "Its cells are points in time."),
                )),
                (None, Some((index, _))) => {
                    let message = "It has the name of a time and numbers since 1970.";
                    Some((index, Reason::new("time-name", message)))
                }
                (None, None) => None,
            };
            if let Some((index, reason)) = reason {
                self.set(index, Role::Time, reason);
            }
        }
        let others: Vec<_> = self.open().filter(|(_, column)| is_time(column)).collect();
        for (index, _) in others {
            let reason = Reason::new(
                "other-time",
                "Its cells are points in time, and one column is enough.",
            );
            self.set(index, Role::Ignore, reason);
        }
    }

    /// The number whose name speaks of value and that is there for converted rows only. More such
    /// columns are outcomes as well, and left out.
    pub(super) fn guess_values(&mut self, wanted: bool, outcome: Option<&[u8]>) {
        let mut taken = !wanted;
        let candidates: Vec<(usize, f64)> = self
            .open()
            .filter(|(index, _)| self.names[*index].is_value())
            .filter_map(|(index, column)| Some((index, converted_share(column, outcome?)?)))
            .filter(|(_, share)| *share >= VALUE_SHARE)
            .collect();
        for (index, share) in candidates {
            let percent = share * 100.0;
            if taken {
                let message = format!(
                    "{percent:.1} % of its amounts stand in converted rows: it tells the outcome."
                );
                let reason = Reason::new("other-outcome", message).figure("share", share);
                self.set(index, Role::Ignore, reason);
            } else {
                let message = format!(
                    "It has the name of a value, and {percent:.1} % of its amounts stand in converted rows."
                );
                let reason = Reason::new("value-name", message).figure("share", share);
                self.set(index, Role::Value, reason);
                taken = true;
            }
        }
    }
}

/// How well the filled cells of a column of points in time are those of converted rows.
struct Fit {
    /// The share of the filled cells that stand in converted rows.
    of_filled: f64,
    /// All converted rows are filled and no other is, and there are some of both.
    is_exact: bool,
}

/// `None` where the column holds no points in time, or none at all.
fn filled_where_converted(data: &ColumnData, outcome: &[u8]) -> Option<Fit> {
    let ColumnData::Time(cells) = data else {
        return None;
    };
    // Filled and not, by whether the row converted.
    let mut counts = [[0usize; 2]; 2];
    for (cell, outcome) in cells.iter().zip(outcome) {
        counts[usize::from(*outcome == 1)][usize::from(*cell != MISSING_TIME)] += 1;
    }
    let [[blank, wrong], [missed, right]] = counts;
    let filled = right + wrong;
    (filled > 0).then(|| Fit {
        of_filled: right as f64 / filled as f64,
        is_exact: wrong == 0 && missed == 0 && right.min(blank) >= ENOUGH_ROWS,
    })
}

/// The share of a column's amounts other than zero that stand in converted rows; `None` where it has
/// none, or is no column of numbers.
fn converted_share(column: &Column, outcome: &[u8]) -> Option<f64> {
    let ColumnData::Number(cells) = &column.data else {
        return None;
    };
    let (mut all, mut converted) = (0usize, 0usize);
    for (cell, outcome) in cells.iter().zip(outcome) {
        if !cell.is_nan() && *cell != 0.0 {
            all += 1;
            converted += usize::from(*outcome == 1);
        }
    }
    (all > 0).then(|| converted as f64 / all as f64)
}
