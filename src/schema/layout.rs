//! What a row of a table stands for: a session or customer, a touch, or a whole path.

use super::infer::Guesser;
use super::{Reason, Role};
use crate::ingest::Layout;
use crate::table::{ColumnData, Table};
use std::collections::HashMap;

/// The most channels that touches may have.
pub(super) const MAX_TOUCH_CHANNELS: usize = 2_000;
/// Touches come so often per user at least.
const TOUCHES_PER_USER: f64 = 1.2;
/// More numbers than this that change from row to row are measures of sessions.
const MEASURES: usize = 2;
/// A path's column holds several touches in this share of its cells, where its name does not say so.
const PATH_SHARE: f64 = 0.2;
/// The same where its name does.
const NAMED_PATH_SHARE: f64 = 0.02;
/// So many rows and levels are looked at.
const LOOKED_AT: usize = 50_000;
/// Marks between the touches of a path that hardly stand for anything else.
const PLAIN_MARKS: [char; 3] = ['>', '→', '»'];
/// Further marks that may.
const OTHER_MARKS: [char; 2] = ['|', ','];

/// The layout of a table in which some roles may have been chosen, and why.
pub(super) fn guess(guesser: &Guesser<'_>) -> (Layout, Reason) {
    if let Some(reason) = paths(guesser) {
        return (Layout::Paths, reason);
    }
    match touches(guesser) {
        Some(Ok(reason)) => (Layout::Events, reason),
        Some(Err(reason)) => (Layout::Rows, reason),
        None => {
            let message =
                "No users come again with times and channels: each row stands for itself.";
            (Layout::Rows, Reason::new("layout-rows", message))
        }
    }
}

fn paths(guesser: &Guesser<'_>) -> Option<Reason> {
    let index = guesser.path_column()?;
    let counted = guesser.has(Role::Label) || guesser.count_column().is_some();
    if !counted {
        return None;
    }
    let share = path_share(&guesser.table.columns[index].data, true);
    let message = format!(
        "A column holds whole paths ({:.0} % of them with several touches), and another counts conversions.",
        share * 100.0
    );
    Some(Reason::new("layout-paths", message).figure("share", share))
}

impl Guesser<'_> {
    /// The column of whole paths: the one that was chosen, else one of words that has the name and a
    /// few marks between touches, else one that is full of them.
    pub(super) fn path_column(&self) -> Option<usize> {
        let chosen = self.place_of(Role::Path);
        let named = || {
            self.open().find(|(index, column)| {
                self.names[*index].is_path() && path_share(&column.data, true) >= NAMED_PATH_SHARE
            })
        };
        let full = || {
            let mut open = self.open();
            open.find(|(_, column)| path_share(&column.data, false) >= PATH_SHARE)
        };
        chosen.or_else(|| named().or_else(full).map(|(index, _)| index))
    }

    /// The open column that counts conversions, by its name.
    pub(super) fn count_column(&self) -> Option<usize> {
        let ranked = self.open().filter_map(|(index, column)| {
            let countable = !matches!(column.data, ColumnData::Time(_));
            let rank = self.names[index].conversion_count()?;
            countable.then_some((rank, index))
        });
        ranked.min().map(|(_, index)| index)
    }

    /// What keeps touches together: the journey's column, else the user's.
    pub(super) fn unit_column(&self) -> Option<usize> {
        let chosen = self
            .place_of(Role::Journey)
            .or_else(|| self.journey_column());
        chosen.or_else(|| self.place_of(Role::User).or_else(|| self.user_column()))
    }

    /// The open column of journeys, by its name.
    pub(super) fn journey_column(&self) -> Option<usize> {
        let mut open = self.open();
        open.find(|(index, column)| {
            self.names[*index].is_journey() && self.names_things(*index, &column.data)
        })
        .map(|(index, _)| index)
    }

    /// The open column of users, by its name.
    pub(super) fn user_column(&self) -> Option<usize> {
        let mut open = self.open();
        open.find(|(index, column)| {
            self.names[*index].is_user() && self.names_things(*index, &column.data)
        })
        .map(|(index, _)| index)
    }

    fn names_things(&self, index: usize, data: &ColumnData) -> bool {
        let profile = &self.profiles[index];
        let fits = match data {
            ColumnData::Category(_) | ColumnData::Text(_) => true,
            ColumnData::Number(_) => profile.whole,
            ColumnData::Time(_) | ColumnData::Boolean(_) => false,
        };
        fits && profile.distinct > 1
    }

    /// The open column of the kind of a touch, by its name.
    pub(super) fn event_column(&self) -> Option<usize> {
        let mut open = self.open();
        let found = open.find(|(index, column)| {
            let levels = self.profiles[*index].distinct;
            let fits = match column.data {
                ColumnData::Category(_) | ColumnData::Text(_) => true,
                ColumnData::Number(_) => self.profiles[*index].whole,
                ColumnData::Time(_) | ColumnData::Boolean(_) => false,
            };
            fits && self.names[*index].is_event()
                && (2..=super::infer::MAX_CHANNELS).contains(&levels)
        });
        found.map(|(index, _)| index)
    }

    /// The open column of the channels of touches, by its name: words, or the numbers of channels.
    pub(super) fn touch_channel_column(&self) -> Option<usize> {
        let ranked = self.open().filter_map(|(index, column)| {
            let (name, profile) = (&self.names[index], &self.profiles[index]);
            let number = match column.data {
                ColumnData::Category(_) | ColumnData::Text(_) => false,
                ColumnData::Number(_) if profile.whole && profile.least >= 0.0 => true,
                _ => return None,
            };
            let rank = name.channel()?;
            (2..=MAX_TOUCH_CHANNELS)
                .contains(&profile.distinct)
                .then_some((rank, number, index))
        });
        ranked.min().map(|(_, _, index)| index)
    }

    /// The open column that puts touches in order: points in time whose name says so, other points in
    /// time, numbers with the name of a time, numbers with the name of a step, the time of a conversion.
    pub(super) fn touch_time_column(&self) -> Option<usize> {
        let ranked = self.open().filter_map(|(index, column)| {
            let name = &self.names[index];
            let rank = match &column.data {
                // What is rather the time of the conversion is taken only for want of another.
                ColumnData::Time(_) if name.is_conversion_time() => 4,
                ColumnData::Time(_) if name.is_time() => 0,
                ColumnData::Time(_) => 1,
                ColumnData::Number(_) if name.time_unit().is_some() => 2,
                ColumnData::Number(_) if name.is_step() => 3,
                _ => return None,
            };
            (self.profiles[index].distinct > 1).then_some((rank, index))
        });
        ranked.min().map(|(_, index)| index)
    }
}

/// Why the rows are touches, or, though they look like it, are not; `None` where nothing speaks for it.
fn touches(guesser: &Guesser<'_>) -> Option<Result<Reason, Reason>> {
    let unit = guesser.unit_column()?;
    let event = guesser
        .place_of(Role::Event)
        .or_else(|| guesser.event_column());
    let time = guesser
        .place_of(Role::Time)
        .or_else(|| guesser.touch_time_column())?;
    let channel = guesser
        .place_of(Role::Channel)
        .or_else(|| guesser.touch_channel_column());
    channel.or(event)?;
    let profile = &guesser.profiles[unit];
    let (rows, users) = (profile.filled as f64, profile.distinct.max(1) as f64);
    let each = rows / users;
    if each < TOUCHES_PER_USER {
        return None;
    }
    let about = |reason: Reason| {
        let reason = reason.figure("rows", rows).figure("users", users);
        reason.figure("perUser", (each * 10.0).round() / 10.0)
    };
    let is_journey = guesser.names[unit].is_journey() || guesser.place_of(Role::Journey).is_some();
    if event.is_none() && !is_journey {
        let named = [Some(unit), Some(time), channel];
        let measures = measures(guesser, unit, &named);
        if has_sessions(guesser) || measures > MEASURES {
            let message = format!(
                "Users come again ({each:.1} rows each), but the rows have identifiers or measures of their own: each is a session."
            );
            let reason =
                Reason::new("layout-sessions", message).figure("measures", measures as f64);
            return Some(Err(about(reason)));
        }
    }
    let message = format!(
        "Users or journeys come again ({each:.1} rows each), with times and channels: each row is a touch."
    );
    Some(Ok(about(Reason::new("layout-events", message))))
}

/// Whether every row has the identifier of a session of its own.
fn has_sessions(guesser: &Guesser<'_>) -> bool {
    let mut open = guesser.open();
    open.any(|(index, _)| {
        let profile = &guesser.profiles[index];
        guesser.names[index].is_session() && profile.distinct * 20 >= profile.filled * 19
    })
}

/// How many columns of numbers, beside those that have a part, change from row to row of a user.
fn measures(guesser: &Guesser<'_>, unit: usize, named: &[Option<usize>]) -> usize {
    let open = guesser.open().filter(|(index, column)| {
        let name = &guesser.names[*index];
        let spoken_for = named.contains(&Some(*index))
            || name.is_cost()
            || name.is_value()
            || name.is_id()
            || name.is_event()
            || name.outcome().is_some();
        matches!(column.data, ColumnData::Number(_)) && !spoken_for
    });
    open.filter(|(index, _)| {
        guesser.profiles[*index].distinct > 2 && varies(guesser.table, unit, *index)
    })
    .count()
}

/// Whether a column has different values within at least one in twenty of the users that come again.
pub(super) fn varies(table: &Table, unit: usize, column: usize) -> bool {
    let (unit, column) = (&table.columns[unit].data, &table.columns[column].data);
    let mut seen: HashMap<u64, (u64, u8)> = HashMap::new();
    for row in 0..table.rows.min(LOOKED_AT) {
        let (Some(user), Some(value)) = (cell_key(unit, row), cell_key(column, row)) else {
            continue;
        };
        let known = seen.entry(user).or_insert((value, 0));
        known.1 |= if known.0 == value { 1 } else { 2 };
    }
    let again = seen.values().filter(|seen| seen.1 > 0).count();
    let differ = seen.values().filter(|seen| seen.1 & 2 > 0).count();
    differ * 20 > again
}

/// A number that is the same for equal cells of a column only; `None` where the cell is missing.
fn cell_key(data: &ColumnData, row: usize) -> Option<u64> {
    if data.is_missing(row) {
        return None;
    }
    Some(match data {
        ColumnData::Number(cells) => (cells[row] + 0.0).to_bits(),
        ColumnData::Time(cells) => cells[row] as u64,
        ColumnData::Boolean(cells) => u64::from(cells[row]),
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            u64::from(dictionary.codes[row])
        }
    })
}

/// The share of different cells that hold several touches; 0 for addresses of pages, and for columns
/// that hold no words.
fn path_share(data: &ColumnData, all_marks: bool) -> f64 {
    let (ColumnData::Category(dictionary) | ColumnData::Text(dictionary)) = data else {
        return 0.0;
    };
    let parted = |cell: &str, mark: char| {
        let mut parts = cell.split(mark).filter(|part| !part.trim().is_empty());
        parts.next().is_some() && parts.next().is_some()
    };
    let (mut several, mut addresses, mut all) = (0usize, 0usize, 0usize);
    for cell in dictionary.levels.iter().take(LOOKED_AT) {
        all += 1;
        addresses += usize::from(cell.starts_with('/') || cell.contains("://"));
        let plain = PLAIN_MARKS.iter().any(|&mark| parted(cell, mark));
        let other = || all_marks && OTHER_MARKS.iter().any(|&mark| parted(cell, mark));
        several += usize::from(plain || other());
    }
    if addresses * 2 > all {
        return 0.0;
    }
    several as f64 / all.max(1) as f64
}
