//! Roles for all columns: those that were chosen, and guesses for the rest.

use super::label::{may_be_outcome, outcome_rank, positive_level};
use super::names::Name;
use super::profile::{Profile, level_counts};
use super::{ColumnSchema, Reason, Role, RoleOptions, Schema, SchemaError, layout};
use crate::ingest::Layout;
use crate::table::{Column, ColumnData, Table};

/// A channel has at least two levels, and not more than this.
pub(super) const MAX_CHANNELS: usize = 200;
/// So many values of the outcome are counted one by one.
const MAX_LEVELS: usize = 200;
/// A column with more different values than this is no outcome, and not worth the memory.
const COUNTED: usize = 100_000;
/// From so many filled cells on, cells that all differ are taken for identifiers.
const MIN_IDENTIFIERS: usize = 20;
/// From this share of different values on a column is one of identifiers.
const IDENTIFIER_SHARE: f64 = 0.95;

/// Gives every column a role: as chosen in `roles`, else guessed from its name, its type and its
/// values, with the reason.
///
/// A table without an outcome is no error: its `positive` is `None`, and [`super::warnings`] says so.
///
/// # Errors
/// `unknown-column` and `role-conflict` for `roles` that cannot be. A channel may be a feature or
/// ignored as well (it then is no input of the model); it keeps the role of the channel.
pub fn infer(table: &Table, roles: &RoleOptions) -> Result<Schema, SchemaError> {
    infer_as(table, roles, Layout::Auto)
}

/// As [`infer`], for a table whose rows are said to stand for something; `auto` finds that out.
///
/// # Errors
/// As [`infer`].
pub fn infer_as(table: &Table, roles: &RoleOptions, layout: Layout) -> Result<Schema, SchemaError> {
    let mut guesser = Guesser::new(table);
    guesser.choose(roles)?;
    let (layout, reason) = match layout {
        Layout::Auto => layout::guess(&guesser),
        chosen => (chosen, Reason::new("chosen", "This layout was chosen.")),
    };
    let positive = match layout {
        Layout::Events => guesser.guess_touches(roles),
        Layout::Paths => guesser.guess_paths(roles),
        Layout::Rows | Layout::Auto => guesser.guess_rows(roles),
    };
    guesser.keep_only(roles.features.is_some());
    let mut schema = Schema {
        layout,
        layout_reason: reason,
        ..guesser.into_schema(positive)
    };
    count_outcomes(table, &mut schema);
    Ok(schema)
}

/// Counts the values of the column that says who converted: the label, else the kind of a touch.
fn count_outcomes(table: &Table, schema: &mut Schema) {
    let labelled = schema.name_of(Role::Label).is_some();
    let role = if labelled { Role::Label } else { Role::Event };
    let about = schema.columns.iter_mut().find(|about| about.role == role);
    if let Some(about) = about.filter(|about| about.distinct <= COUNTED)
        && let Some(column) = table.column(&about.name)
    {
        about.levels = level_counts(column, MAX_LEVELS);
    }
}

/// Whether the cells of a column name single things.
fn identifies(column: &Column, name: &Name, profile: &Profile) -> bool {
    let differ = profile.distinct as f64 >= IDENTIFIER_SHARE * profile.filled as f64;
    let enough = profile.filled >= MIN_IDENTIFIERS;
    let id = name.is_id();
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

/// Why a column would be left out if nobody had said so, as the code of a reason; `None` where it would
/// not be.
pub(crate) fn left_out_for(column: &Column) -> Option<&'static str> {
    let (name, profile) = (Name::new(&column.name), Profile::new(column));
    match column.data {
        _ if profile.distinct == 0 => Some("empty"),
        _ if profile.distinct == 1 && profile.missing == 0 => Some("constant"),
        ColumnData::Time(_) => Some("other-time"),
        _ if outcome_rank(column, &name, &profile).is_some() => Some("other-outcome"),
        _ if identifies(column, &name, &profile) => Some("identifier"),
        ColumnData::Text(_) => Some("too-many-levels"),
        _ => None,
    }
}

impl Guesser<'_> {
    /// The roles of a table of sessions or customers; the positive level of its label.
    fn guess_rows(&mut self, roles: &RoleOptions) -> Option<String> {
        self.guess_label(roles);
        self.guess_channel(roles);
        if roles.label.is_none() {
            self.guess_unnamed_label();
        }
        let positive = self.positive();
        self.guess_special(roles, positive.as_deref());
        self.guess_rest();
        positive
    }
}

/// What is known of a table while its columns are given roles.
pub(super) struct Guesser<'a> {
    pub(super) table: &'a Table,
    pub(super) names: Vec<Name>,
    pub(super) profiles: Vec<Profile>,
    pub(super) roles: Vec<Option<(Role, Reason)>>,
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
    pub(super) fn open(&self) -> impl Iterator<Item = (usize, &'a Column)> + '_ {
        let columns = self.table.columns.iter().enumerate();
        columns.filter(|(index, _)| self.roles[*index].is_none())
    }

    pub(super) fn set(&mut self, index: usize, role: Role, reason: Reason) {
        self.roles[index] = Some((role, reason));
    }

    pub(super) fn has(&self, role: Role) -> bool {
        self.place_of(role).is_some()
    }

    /// The first column that has a role.
    pub(super) fn place_of(&self, role: Role) -> Option<usize> {
        let mut roles = self.roles.iter();
        roles.position(|given| given.as_ref().is_some_and(|given| given.0 == role))
    }

    /// Takes over what was chosen.
    fn choose(&mut self, roles: &RoleOptions) -> Result<(), SchemaError> {
        for (role, name) in roles.single() {
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
    pub(super) fn guess_label(&mut self, roles: &RoleOptions) {
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
    pub(super) fn guess_unnamed_label(&mut self) {
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

    pub(super) fn set_label(&mut self, index: usize, reason: Reason) {
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

    pub(super) fn positive(&self) -> Option<String> {
        let index = self.place_of(Role::Label)?;
        positive_level(&self.profiles[index])
    }

    /// The column whose name speaks most surely of a channel, words before numbers.
    pub(super) fn guess_channel(&mut self, roles: &RoleOptions) {
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

    /// Identifiers and texts are left out; what remains are features.
    pub(super) fn guess_rest(&mut self) {
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

    pub(super) fn is_identifier(&self, index: usize, column: &Column) -> bool {
        identifies(column, &self.names[index], &self.profiles[index])
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
                levels: Vec::new(),
            })
        });
        Schema {
            columns: columns.collect(),
            positive,
            ..Schema::default()
        }
    }
}
