//! Channels that were asked to be taken for one.

use super::OTHER_LEVEL;
use super::cells::Levels;
use super::report::Step;
use crate::schema::{Role, Schema};
use crate::table::{ColumnData, Dictionary, MISSING_CODE, Table};
use std::borrow::Cow;

/// The table with these channels called `(other)`, and what was done; for tables of rows and of touches.
pub(super) fn pooled<'a>(
    table: Cow<'a, Table>,
    schema: &Schema,
    channels: &[String],
) -> (Cow<'a, Table>, Option<Step>) {
    let place = schema
        .name_of(Role::Channel)
        .and_then(|name| table.columns.iter().position(|column| column.name == name));
    let Some(place) = place.filter(|_| !channels.is_empty()) else {
        return (table, None);
    };
    let levels = Levels::of(&table.columns[place].data);
    let is_pooled: Vec<bool> = levels
        .names
        .iter()
        .map(|name| channels.contains(name))
        .collect();
    let found = is_pooled.iter().filter(|&&pooled| pooled).count();
    if found == 0 {
        return (table, None);
    }
    let mut names = levels.names.to_vec();
    let other = names.iter().position(|name| name == OTHER_LEVEL);
    let other = other.unwrap_or_else(|| {
        names.push(OTHER_LEVEL.to_owned());
        names.len() - 1
    });
    let mut rows = 0;
    let code = |&code: &u32| {
        if code != MISSING_CODE && is_pooled.get(code as usize).copied().unwrap_or(false) {
            rows += 1;
            return other as u32;
        }
        code
    };
    let codes = levels.codes.iter().map(code).collect();
    let mut table = table.into_owned();
    table.columns[place].data = ColumnData::Category(Dictionary {
        codes,
        levels: names,
    });
    let message = format!("{found} channels with {rows} rows count as one, `{OTHER_LEVEL}`.");
    let figures = [("channels", found as f64), ("rows", f64::from(rows))];
    let step = Step::new("channels-pooled", message, &figures);
    (Cow::Owned(table), Some(step.columns(channels.to_vec())))
}
