//! What each column is for: guessed with a reason, shown, and open to correction.
//!
//! [`infer`] gives every column a role, [`warnings`] says what a person should look at before
//! training, [`retype`] changes what the cells of a column are.

mod clock;
mod error;
mod findings;
mod infer;
mod label;
mod layout;
mod leak;
mod names;
mod possible;
mod profile;
mod retype;
mod special;
mod spend;
mod touches;
mod words;

pub use clock::{Clock, clock};
pub use error::SchemaError;
pub use findings::warnings;
pub(crate) use findings::{blank_outcome, is_sorted, possible_leak, sorted_by_outcome};
pub(crate) use infer::left_out_for;
pub use infer::{infer, infer_as};
pub(crate) use label::settle_blanks;
pub use label::{BlankOutcome, outcomes};
pub(crate) use names::leaks_by_name;
pub use possible::{blank_impossible, possible_range};
pub use profile::cell_text;
pub use retype::retype;
pub(crate) use spend::{SpendGuess, spend_columns};

use crate::ingest::Layout;
use crate::table::{Column, ColumnType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a column is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Who it is about.
    User,
    /// When it happened.
    Time,
    /// Through which channel.
    Channel,
    /// When it was converted, where the outcome is that of a whole journey.
    #[serde(rename = "conversionTime")]
    ConversionTime,
    /// What kind of touch it was.
    Event,
    /// The outcome: converted or not.
    Label,
    /// What the conversion was worth.
    Value,
    /// What the touch cost.
    Cost,
    /// How often the row counts.
    Weight,
    /// A whole path in one cell.
    Path,
    /// How many journeys of the path did not convert.
    Nulls,
    /// Which journey a touch belongs to.
    Journey,
    /// An input of the model.
    Feature,
    /// Left out.
    Ignore,
}

/// The `roles` option of `load` and `prepare`, as the public API has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleOptions {
    /// Column of the user identifier.
    pub user: Option<String>,
    /// Column of the time.
    pub time: Option<String>,
    /// Column of the time of the conversion.
    pub conversion_time: Option<String>,
    /// Column of the channel.
    pub channel: Option<String>,
    /// Column of the event type.
    pub event: Option<String>,
    /// Column of the outcome.
    pub label: Option<String>,
    /// Column of the conversion value.
    pub value: Option<String>,
    /// Column of the cost.
    pub cost: Option<String>,
    /// Column of the row weight.
    pub weight: Option<String>,
    /// Column of the path.
    pub path: Option<String>,
    /// Column of the number of a path's journeys that did not convert.
    pub nulls: Option<String>,
    /// Column that says which journey a touch belongs to.
    pub journey: Option<String>,
    /// Columns left out.
    pub ignore: Option<Vec<String>>,
    /// Exactly these columns are features (the channel column is a feature as well unless ignored).
    pub features: Option<Vec<String>>,
}

impl RoleOptions {
    /// These options, and those of `earlier` that they leave open: what `prepare` says wins over what
    /// `load` said, and a column that is named now loses the role it had then.
    #[must_use]
    pub fn over(&self, earlier: &Self) -> Self {
        let free = |column: &String| !self.names(column);
        let role = |now: &Option<String>, then: &Option<String>| {
            now.clone().or_else(|| then.clone().filter(free))
        };
        let list = |now: &Option<Vec<String>>, then: &Option<Vec<String>>| {
            now.clone().or_else(|| {
                let then = then.clone()?;
                Some(then.into_iter().filter(free).collect())
            })
        };
        Self {
            user: role(&self.user, &earlier.user),
            time: role(&self.time, &earlier.time),
            conversion_time: role(&self.conversion_time, &earlier.conversion_time),
            channel: role(&self.channel, &earlier.channel),
            event: role(&self.event, &earlier.event),
            label: role(&self.label, &earlier.label),
            value: role(&self.value, &earlier.value),
            cost: role(&self.cost, &earlier.cost),
            weight: role(&self.weight, &earlier.weight),
            path: role(&self.path, &earlier.path),
            nulls: role(&self.nulls, &earlier.nulls),
            journey: role(&self.journey, &earlier.journey),
            ignore: list(&self.ignore, &earlier.ignore),
            features: list(&self.features, &earlier.features),
        }
    }

    /// These options without the columns that are not there. What was left out or made a feature is not
    /// kept: another table may have other columns.
    #[must_use]
    pub fn only(&self, there: impl Fn(&String) -> bool) -> Self {
        let role = |name: &Option<String>| name.clone().filter(&there);
        Self {
            user: role(&self.user),
            time: role(&self.time),
            conversion_time: role(&self.conversion_time),
            channel: role(&self.channel),
            event: role(&self.event),
            label: role(&self.label),
            value: role(&self.value),
            cost: role(&self.cost),
            weight: role(&self.weight),
            path: role(&self.path),
            nulls: role(&self.nulls),
            journey: role(&self.journey),
            ignore: None,
            features: None,
        }
    }

    /// The roles that one column each can have, with the column that was asked for.
    fn single(&self) -> [(Role, &Option<String>); 12] {
        [
            (Role::Channel, &self.channel),
            (Role::User, &self.user),
            (Role::Time, &self.time),
            (Role::ConversionTime, &self.conversion_time),
            (Role::Event, &self.event),
            (Role::Label, &self.label),
            (Role::Value, &self.value),
            (Role::Cost, &self.cost),
            (Role::Weight, &self.weight),
            (Role::Path, &self.path),
            (Role::Nulls, &self.nulls),
            (Role::Journey, &self.journey),
        ]
    }

    /// Whether a column is named anywhere in these options.
    fn names(&self, column: &str) -> bool {
        let lists = [&self.ignore, &self.features];
        let mut single = self.single().into_iter();
        single.any(|(_, name)| name.as_deref() == Some(column))
            || lists
                .iter()
                .any(|list| list.iter().flatten().any(|name| name == column))
    }
}

/// Why a role or type was guessed. The page words it from `code` and `figures`; `message` is English.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// A stable kebab-case name.
    pub code: &'static str,
    /// Plain English, with figures, without cell values.
    pub message: String,
    /// The figures of the message by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<&'static str, f64>,
}

/// One column with what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnSchema {
    /// The column's name.
    pub name: String,
    /// What its cells are.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// What it is for.
    pub role: Role,
    /// Why this role was given.
    pub reason: Reason,
    /// How many cells are empty.
    pub missing: usize,
    /// How many different values it has (not counting missing).
    pub distinct: usize,
    /// A few values, as text, most frequent first for categories.
    pub examples: Vec<String>,
    /// Of the column that says who converted: its values and how often each comes, the most frequent
    /// first, up to 200.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<LevelCount>,
}

/// A value of a column, and how many cells hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LevelCount {
    /// As text.
    pub value: String,
    /// Cells.
    pub count: usize,
}

impl Reason {
    /// A reason without figures.
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            figures: BTreeMap::new(),
        }
    }

    /// Adds one of the figures that the message speaks of.
    fn figure(mut self, name: &'static str, value: f64) -> Self {
        self.figures.insert(name, value);
        self
    }
}

/// All columns with their roles.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// In the table's order.
    pub columns: Vec<ColumnSchema>,
    /// The level of the label column that counts as converted, as text (`1`, `yes`, `TRUE`, …). In a
    /// table of touches without a label: the event type that is a conversion.
    pub positive: Option<String>,
    /// Further values that count as converted, where several were asked for.
    pub also_positive: Vec<String>,
    /// What an empty cell of the label says.
    #[serde(skip)]
    pub blank_outcome: BlankOutcome,
    /// Whether cells that can't be are taken for missing, so that nothing has to be said of them.
    #[serde(skip)]
    pub impossible_blanked: bool,
    /// What a row stands for; `auto` counts as `rows`.
    pub layout: Layout,
    /// Why it is taken for that.
    pub layout_reason: Reason,
}

impl Schema {
    /// The same with these values counting as converted.
    #[must_use]
    pub fn with_positive(mut self, values: &[String]) -> Self {
        self.positive = values.first().cloned();
        self.also_positive = values.get(1..).unwrap_or_default().to_vec();
        self
    }

    /// The outcome of every row as [`outcomes`] has it, with all values that count as converted and with
    /// what empty cells say; and how many of these say that nothing was converted.
    pub(crate) fn outcomes_of(&self, column: &Column) -> Option<(Vec<u8>, usize)> {
        let mut marks = outcomes(column, self.positive.as_ref()?)?;
        for further in &self.also_positive {
            let also = outcomes(column, further)?;
            let marks = marks.iter_mut().zip(also);
            marks.for_each(|(mark, also)| *mark = (*mark).max(also));
        }
        let blank = settle_blanks(&mut marks, self.blank_outcome);
        Some((marks, blank))
    }

    /// The name of the first column with this role.
    pub fn name_of(&self, role: Role) -> Option<&str> {
        self.columns
            .iter()
            .find(|column| column.role == role)
            .map(|column| column.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::RoleOptions;

    fn named(name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    #[test]
    fn what_is_said_later_wins_and_the_rest_stays() {
        let earlier = RoleOptions {
            label: named("bought"),
            channel: named("source"),
            ignore: Some(vec!["id".into(), "visited".into()]),
            ..RoleOptions::default()
        };
        let later = RoleOptions {
            label: named("visited"),
            user: named("bought"),
            ..RoleOptions::default()
        };
        assert_eq!(
            later.over(&earlier),
            RoleOptions {
                label: named("visited"),
                user: named("bought"),
                channel: named("source"),
                ignore: Some(vec!["id".into()]),
                ..RoleOptions::default()
            }
        );
    }

    #[test]
    fn saying_nothing_changes_nothing() {
        let earlier = RoleOptions {
            label: named("bought"),
            features: Some(vec!["pages".into()]),
            ..RoleOptions::default()
        };
        assert_eq!(RoleOptions::default().over(&earlier), earlier);
    }
}
