//! What the columns of a table of spend are for.

use super::names::Name;
use crate::table::{Column, ColumnData, Table};

/// Column names, where one fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SpendGuess {
    pub channel: Option<String>,
    pub period: Option<String>,
    pub cost: Option<String>,
}

/// Guesses what is not chosen yet. `is_channel` knows the names of channels, `holds_periods` columns of
/// periods as text.
pub(crate) fn spend_columns(
    table: &Table,
    chosen: SpendGuess,
    is_channel: impl Fn(&str) -> bool,
    holds_periods: impl Fn(&Column) -> bool,
) -> SpendGuess {
    let SpendGuess {
        mut channel,
        mut period,
        mut cost,
    } = chosen;
    let taken = |name: &String, others: [&Option<String>; 2]| {
        others.iter().any(|other| other.as_ref() == Some(name))
    };
    if channel.is_none() {
        let ranked = table
            .columns
            .iter()
            .enumerate()
            .filter_map(|(place, column)| {
                let known = match &column.data {
                    ColumnData::Category(cells) | ColumnData::Text(cells) => cells
                        .levels
                        .iter()
                        .filter(|level| is_channel(level))
                        .count(),
                    ColumnData::Number(cells) => {
                        let known = |cell: &&f64| is_channel(&cell.to_string());
                        cells.iter().take(LOOKED_AT).filter(known).count()
                    }
                    ColumnData::Time(_) | ColumnData::Boolean(_) => 0,
                };
                let words = matches!(column.data, ColumnData::Category(_) | ColumnData::Text(_));
                let rank = Name::new(&column.name).channel();
                let open = !taken(&column.name, [&period, &cost]);
                // Numbers are channels only under the name of one: a spend of 3 may read like channel 3.
                let fits = if words {
                    known > 0 || rank.is_some()
                } else {
                    known > 0 && rank.is_some()
                };
                let order = (
                    known == 0,
                    rank.unwrap_or(usize::MAX),
                    std::cmp::Reverse(known),
                    place,
                );
                (open && fits).then(|| (order, column.name.clone()))
            });
        channel = ranked.min().map(|(_, name)| name);
    }
    if period.is_none() {
        let ranked = table
            .columns
            .iter()
            .enumerate()
            .filter_map(|(place, column)| {
                let open = !taken(&column.name, [&channel, &cost]);
                let kind = match &column.data {
                    ColumnData::Time(_) => 0,
                    _ if Name::new(&column.name).is_period() && holds_periods(column) => 1,
                    ColumnData::Category(_) | ColumnData::Text(_) if holds_periods(column) => 2,
                    _ => return None,
                };
                let named = Name::new(&column.name).is_period();
                open.then(|| ((kind, !named, place), column.name.clone()))
            });
        period = ranked.min().map(|(_, name)| name);
    }
    if cost.is_none() {
        let ranked = table
            .columns
            .iter()
            .enumerate()
            .filter_map(|(place, column)| {
                let open = !taken(&column.name, [&channel, &period]);
                if !matches!(column.data, ColumnData::Number(_)) || !open {
                    return None;
                }
                let name = Name::new(&column.name);
                // A cost per something is no spend.
                let rank = match (name.is_rate_of_cost(), name.is_cost(), name.is_value()) {
                    (true, _, _) => 3,
                    (_, true, _) => 0,
                    (_, _, true) => 1,
                    _ => 2,
                };
                Some(((rank, place), column.name.clone()))
            });
        cost = ranked.min().map(|(_, name)| name);
    }
    SpendGuess {
        channel,
        period,
        cost,
    }
}

/// So many numbers are looked at.
const LOOKED_AT: usize = 1_000;
