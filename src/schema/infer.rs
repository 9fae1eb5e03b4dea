//! Roles for all columns: those that were chosen, and guesses for the rest.

use super::label::{may_be_outcome, outcome_rank, outcomes, positive_level};
use super::names::Name;
use super::profile::Profile;
use super::{ColumnSchema, Reason, Role, RoleOptions, Schema, SchemaError};
use crate::table::{Column, ColumnData, ColumnType, Table};

/// A channel has at least two levels, and not more than this.
const MAX_CHANNELS: usize = 200;
/// From so many filled cells on, cells that all differ are taken for identifiers.
const MIN_IDENTIFIERS: usize = 20;
/// From this share of different values on a column is one of identifiers.
const IDENTIFIER_SHARE: f64 = 0.95;
/// From this share of its amounts on that stand in converted rows, a column holds the conversions' value.
const VALUE_SHARE: f64 = 0.99;
/// Numbers under a time's name beyond this (March 1973) are seconds or milliseconds since 1970.
const UNIX_TIME: f64 = 1e8;

/// Gives every column a role: as chosen in `roles`, else guessed from its name, its type and its
/// values, with the reason.
///
/// A table without an outcome is no error: its `positive` is `None`, and [`super::warnings`] says so.
///
/// # Errors
/// `unknown-column` and `role-conflict` for `roles` that cannot be. A channel may be a feature or
/// ignored as well (it then is no input of the model); it keeps the role of the channel.
pub fn infer(table: &Table, roles: &RoleOptions) -> Result<Schema, SchemaError> {
    let mut guesser = Guesser::new(table);
    guesser.choose(roles)?;
    guesser.guess_label(roles);
    guesser.guess_channel(roles);
    if roles.label.is_none() {
        guesser.guess_unnamed_label();
    }
    let positive = guesser.positive();
    guesser.guess_special(roles, positive.as_deref());
    guesser.guess_rest();
    guesser.keep_only(roles.features.is_some());
    Ok(guesser.into_schema(positive))
}

struct Guesser<'a> {
    table: &'a Table,
    names: Vec<Name>,
    profiles: Vec<Profile>,
    roles: Vec<Option<(Role, Reason)>>,
}

impl<'a> Guesser<'a> {
    fn new(table: &'a Table) -> Self {
        Self {
            names: table
                .columns
                .iter()
                .map(|column| Name::new(&column.name))
                .collect(),
            profiles: table.columns.iter().map(Profile::new).collect(),
            roles: vec![None; table.columns.len()],
            table,
        }
    }

    /// Columns that have no role yet.
    fn open(&self) -> impl Iterator<Item = (usize, &'a Column)> + '_ {
        let columns = self.table.columns.iter().enumerate();
        columns.filter(|(index, _)| self.roles[*index].is_none())
    }

    fn set(&mut self, index: usize, role: Role, reason: Reason) {
        self.roles[index] = Some((role, reason));
    }

    fn has(&self, role: Role) -> bool {
        self.roles.iter().flatten().any(|given| given.0 == role)
    }

    /// Takes over what was chosen.
    fn choose(&mut self, roles: &RoleOptions) -> Result<(), SchemaError> {
        let single = [
            (Role::Channel, &roles.channel),
            (Role::User, &roles.user),
            (Role::Time, &roles.time),
            (Role::Event, &roles.event),
            (Role::Label, &roles.label),
            (Role::Value, &roles.value),
            (Role::Cost, &roles.cost),
            (Role::Weight, &roles.weight),
            (Role::Path, &roles.path),
        ];
        for (role, name) in single {
            if let Some(name) = name {
                self.choose_one(name, role)?;
            }
        }
        for name in roles.features.iter().flatten() {
            self.choose_one(name, Role::Feature)?;
        }
        for name in roles.ignore.iter().flatten() {
            self.choose_one(name, Role::Ignore)?;
        }
        Ok(())
    }

    fn choose_one(&mut self, name: &str, role: Role) -> Result<(), SchemaError> {
        let mut columns = self.table.columns.iter();
        let Some(index) = columns.position(|column| column.name == name) else {
            let column = name.to_owned();
            return Err(SchemaError::UnknownColumn { column });
        };
        match self.roles[index].as_ref().map(|given| given.0) {
            Some(Role::Channel) if matches!(role, Role::Feature | Role::Ignore) => {}
            Some(first) if first != role => {
                return Err(SchemaError::RoleConflict {
                    column: name.to_owned(),
                    first,
                    second: role,
                });
            }
            _ => self.set(index, role, Reason::new("chosen", "This role was chosen.")),
        }
        Ok(())
    }

    /// The two-valued column whose name speaks most surely of an outcome; of equals the last.
    fn guess_label(&mut self, roles: &RoleOptions) {
        if roles.label.is_some() {
            return;
        }
        let ranked = self.open().filter_map(|(index, column)| {
            let rank = outcome_rank(column, &self.names[index], &self.profiles[index])?;
            Some((rank, std::cmp::Reverse(index)))
        });
        if let Some((_, std::cmp::Reverse(index))) = ranked.min() {
            let reason = Reason::new(
                "outcome-name",
                "It has two values and the name of an outcome.",
            );
            self.set_label(index, reason);
        }
    }

    /// For want of a telling name, the last two-valued column.
    fn guess_unnamed_label(&mut self) {
        if self.has(Role::Label) {
            return;
        }
        let fits = |(index, column): &(usize, &Column)| {
            may_be_outcome(column, &self.names[*index], &self.profiles[*index])
        };
        if let Some((index, _)) = self.open().filter(fits).last() {
            let message = "It is the last column with two values; no name speaks of an outcome.";
            self.set_label(index, Reason::new("last-two-valued", message));
        }
    }

    fn set_label(&mut self, index: usize, reason: Reason) {
        let profile = &self.profiles[index];
        let positive = positive_level(profile);
        let level = profile
            .levels
            .iter()
            .find(|level| Some(&level.0) == positive.as_ref());
        let count = level.map_or(0, |level| level.1);
        let share = count as f64 / profile.filled.max(1) as f64;
        let reason = reason
            .figure("positives", count as f64)
            .figure("share", share);
        self.set(index, Role::Label, reason);
    }

    fn positive(&self) -> Option<String> {
        let is_label = |given: &Option<(Role, Reason)>| {
            given.as_ref().is_some_and(|given| given.0 == Role::Label)
        };
        let index = self.roles.iter().position(is_label)?;
        positive_level(&self.profiles[index])
    }

    /// The column whose name speaks most surely of a channel, words before numbers.
    fn guess_channel(&mut self, roles: &RoleOptions) {
        if roles.channel.is_some() {
            return;
        }
        let ranked = self.open().filter_map(|(index, column)| {
            let (name, profile) = (&self.names[index], &self.profiles[index]);
            let number = match column.data {
                ColumnData::Category(_) | ColumnData::Text(_) => false,
                ColumnData::Number(_) if profile.whole && name.is_coded_channel() => true,
                _ => return None,
            };
            let rank = name.channel()?;
            (2..=MAX_CHANNELS)
                .contains(&profile.distinct)
                .then_some((rank, number, index))
        });
        if let Some((_, number, index)) = ranked.min() {
            let levels = self.profiles[index].distinct;
            let (code, kind) = if number {
                ("channel-code", "number codes")
            } else {
                ("channel-name", "levels")
            };
            let message = format!("It has the name of a channel and {levels} {kind}.");
            let reason = Reason::new(code, message).figure("levels", levels as f64);
            self.set(index, Role::Channel, reason);
        }
    }

    /// Columns of nothing, users, times, values, costs, weights, and outcomes beside the label.
    fn guess_special(&mut self, roles: &RoleOptions, positive: Option<&str>) {
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
        self.guess_time(roles.time.is_none());
        self.guess_values(roles.value.is_none(), outcome.as_deref());
        self.guess_named(Role::Cost, roles.cost.is_none());
        self.guess_named(Role::Weight, roles.weight.is_none());
        if !self.has(Role::Label) {
            return;
        }
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

    fn guess_constant(&mut self, index: usize) {
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
    fn guess_named(&mut self, role: Role, wanted: bool) {
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

    /// The first column of points in time whose name says so, else the first of all; the others are
    /// left out, since the model takes no points in time.
    fn guess_time(&mut self, wanted: bool) {
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
    fn guess_values(&mut self, wanted: bool, outcome: Option<&[u8]>) {
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

    /// Identifiers and texts are left out; what remains are features.
    fn guess_rest(&mut self) {
        let open: Vec<_> = self.open().collect();
        for (index, column) in open {
            let profile = &self.profiles[index];
            let (distinct, filled) = (profile.distinct as f64, profile.filled as f64);
            let (role, reason) = if self.is_identifier(index, column) {
                let message =
                    format!("{distinct} of {filled} cells differ: it names single things.");
                (Role::Ignore, Reason::new("identifier", message))
            } else if matches!(column.data, ColumnData::Text(_)) {
                let message = format!("It has {distinct} different texts, too many to learn from.");
                (Role::Ignore, Reason::new("too-many-levels", message))
            } else {
                (
                    Role::Feature,
                    Reason::new("feature", "It may say something about the outcome."),
                )
            };
            let reason = reason.figure("distinct", distinct).figure("filled", filled);
            self.set(index, role, reason);
        }
    }

    fn is_identifier(&self, index: usize, column: &Column) -> bool {
        let profile = &self.profiles[index];
        let differ = profile.distinct as f64 >= IDENTIFIER_SHARE * profile.filled as f64;
        let enough = profile.filled >= MIN_IDENTIFIERS;
        let id = self.names[index].is_id();
        let made_up = column.name == "column_1";
        match column.data {
            ColumnData::Category(_) | ColumnData::Text(_) => differ && enough,
            ColumnData::Number(_) => {
                let single = differ && enough && (profile.counts_up || id || made_up);
                profile.whole && (single || (id && profile.distinct > MAX_CHANNELS))
            }
            ColumnData::Time(_) | ColumnData::Boolean(_) => false,
        }
    }

    /// Where features were chosen, no other column is one.
    fn keep_only(&mut self, chosen: bool) {
        for (role, reason) in self.roles.iter_mut().flatten() {
            if chosen && *role == Role::Feature && reason.code != "chosen" {
                *role = Role::Ignore;
                *reason = Reason::new("not-chosen", "Other columns were chosen as features.");
            }
        }
    }

    fn into_schema(self, positive: Option<String>) -> Schema {
        let columns = self.table.columns.iter().zip(self.profiles).zip(self.roles);
        let columns = columns.filter_map(|((column, profile), given)| {
            let (role, reason) = given?;
            Some(ColumnSchema {
                name: column.name.clone(),
                column_type: column.data.column_type(),
                role,
                reason,
                missing: profile.missing,
                distinct: profile.distinct,
                examples: profile.examples,
            })
        });
        Schema {
            columns: columns.collect(),
            positive,
        }
    }
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
