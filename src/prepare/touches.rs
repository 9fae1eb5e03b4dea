//! Touches into journeys: sorted per user, cut at conversions, within a window, not too long.

use super::cells::{Levels, Numbers, codes_of, sort_levels};
use super::journeys::Journeys;
use super::outcome::{self, Positive, UNKNOWN};
use super::{Cleaned, Dropped, MISSING_LEVEL, PrepareError, PrepareOptions};
use crate::error::Warning;
use crate::schema::{Clock, Role, Schema, clock};
use crate::table::{Column, MISSING_CODE, Table};
use serde::Serialize;
use std::borrow::Cow;

/// The most touches of a journey that are kept unless something else is asked for.
pub const DEFAULT_MAX_LENGTH: u32 = 50;
const DAY: f64 = 86_400_000.0;
const HOUR: f64 = 3_600_000.0;

/// Journeys before anything is learned from them; one entry per journey unless said otherwise.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub journeys: Journeys,
    pub y: Vec<f32>,
    pub values: Option<Vec<f64>>,
    pub users: Option<Vec<u32>>,
    pub weights: Option<Vec<f32>>,
    /// The table row of the first touch that was not cut off.
    pub table_rows: Vec<u32>,
    /// All rows of touches, journey by journey in order of time, and where each journey's are: also
    /// those outside the window.
    pub rows: Vec<u32>,
    pub spans: Vec<(u32, u32)>,
    /// The number of the group that each is from.
    pub groups: Vec<u32>,
    /// Whether the only touch is the conversion itself, so that no model may learn from it; empty where
    /// that is so nowhere.
    pub conversion_only: Vec<bool>,
    /// Which value or event type counts as converted.
    pub positive: String,
    pub counts: TouchCounts,
    pub dropped: Vec<Dropped>,
    pub warnings: Vec<Warning>,
}

/// What became of the touches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TouchCounts {
    /// Rows that can be used.
    pub usable: usize,
    /// Touches of journeys whose outcome is missing.
    pub without_outcome: usize,
    /// Rows that are conversions and no touches.
    pub conversions: usize,
    /// Conversions at one moment that were taken for one.
    pub merged: usize,
    /// Touches outside the look-back window.
    pub outside_window: usize,
    /// Touches merged into the next of the same channel.
    pub collapsed: usize,
    /// Touches beyond the most allowed, cut off the start.
    pub over_length: usize,
    /// Touches that are part of a journey.
    pub used: usize,
    /// Journeys left without a touch by the window.
    pub emptied: usize,
    /// Journeys whose touches came after an earlier conversion of the same user.
    pub after_conversion: usize,
}

/// The columns of a table of touches.
struct Columns<'a> {
    unit: &'a Column,
    user: Option<&'a Column>,
    time: Option<(&'a Column, Clock)>,
    channel: Option<&'a Column>,
    event: Option<&'a Column>,
    label: Option<&'a Column>,
    value: Option<&'a Column>,
    cost: Option<&'a Column>,
    weight: Option<&'a Column>,
}

impl<'a> Columns<'a> {
    fn find(table: &'a Table, schema: &Schema) -> Result<Self, PrepareError> {
        let of = |role| schema.name_of(role).and_then(|name| table.column(name));
        let user = of(Role::User);
        let time = match of(Role::Time) {
            None => None,
            Some(column) => {
                let clock = clock(column).ok_or_else(|| PrepareError::TimeNotOrdered {
                    column: column.name.clone(),
                })?;
                Some((column, clock))
            }
        };
        Ok(Self {
            unit: of(Role::Journey)
                .or(user)
                .ok_or(PrepareError::NoJourneyColumn)?,
            user,
            time,
            channel: of(Role::Channel),
            event: of(Role::Event),
            label: of(Role::Label),
            value: of(Role::Value),
            cost: of(Role::Cost),
            weight: of(Role::Weight),
        })
    }
}

/// Where conversions stand.
enum Ends {
    /// In the rows of converting touches.
    Touches,
    /// In all rows of a journey that converted at its end.
    Journeys,
    /// In rows of their own kind, which are no touches.
    Events,
}

/// Whether journeys have to have outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcomes {
    /// For learning.
    Needed,
    /// For predicting.
    IfThere,
}

/// Touches in order, group by group.
struct Sorted<'a> {
    /// Table rows.
    rows: Vec<u32>,
    /// Where each group starts, with the end.
    starts: Vec<u32>,
    times: Option<Numbers<'a>>,
    unit: f64,
}

impl Sorted<'_> {
    /// The time of a table row in milliseconds; 0 where there are no times.
    fn time(&self, row: u32) -> f64 {
        self.times
            .as_ref()
            .map_or(0.0, |times| times.at(row as usize) * self.unit)
    }

    fn groups(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.starts
            .windows(2)
            .map(|ends| ends[0] as usize..ends[1] as usize)
    }
}

/// Journeys from a table of touches.
///
/// Rows are gathered by the column of the journey, or that of the user; groups come in the order in
/// which they first appear in the file, and within a group touches come by time, those of one moment in
/// the order of the file. A conversion ends a journey; what follows begins the next.
pub(super) fn read(
    table: &Table,
    schema: &Schema,
    options: &PrepareOptions,
    cleaned: &Cleaned,
    outcomes: Outcomes,
) -> Result<Built, PrepareError> {
    let columns = Columns::find(table, schema)?;
    let mut built = Built::default();
    let marks = match marks(&columns, schema, options, &mut built) {
        // Journeys whose outcome lies ahead.
        Err(_) if outcomes == Outcomes::IfThere => vec![0; table.rows],
        marks => marks?,
    };
    let sorted = sort(table, &columns, cleaned, &mut built)?;
    let ends = match columns.label {
        None => Ends::Events,
        Some(_) if of_journeys(&sorted, &marks) => Ends::Journeys,
        Some(_) => Ends::Touches,
    };
    let mut cutter = Cutter::new(&columns, &sorted, &marks, ends, options, built);
    for (index, group) in sorted.groups().enumerate() {
        cutter.group(group);
        let journeys = cutter.built.y.len();
        cutter.built.groups.resize(journeys, index as u32);
    }
    let mut built = cutter.finish();
    built.rows = sorted.rows;
    built.number_users(&columns);
    Ok(built)
}

/// Whether each row says converted: 1, 0 or unknown.
fn marks(
    columns: &Columns<'_>,
    schema: &Schema,
    options: &PrepareOptions,
    built: &mut Built,
) -> Result<Vec<u8>, PrepareError> {
    let column = columns
        .label
        .or(columns.event)
        .ok_or(PrepareError::NoOutcome)?;
    let positive = match (&options.positive, &schema.positive) {
        (Some(asked), _) => Positive::Asked(asked),
        (None, Some(guessed)) => Positive::Guessed(guessed),
        // A kind of touch that is a conversion has to be named.
        (None, None) if columns.label.is_none() => return Err(PrepareError::NoOutcome),
        (None, None) => Positive::Unsaid,
    };
    let outcome = outcome::read(column, positive)?;
    built.positive = outcome.positive;
    built.warnings.extend(outcome.warning);
    Ok(outcome.marks)
}

/// Gathers the usable rows by journey or user, and sorts each group by time.
fn sort<'a>(
    table: &Table,
    columns: &Columns<'a>,
    cleaned: &Cleaned,
    built: &mut Built,
) -> Result<Sorted<'a>, PrepareError> {
    let (codes, groups) = codes_of(&columns.unit.data);
    let (times, unit) = match columns.time {
        None => {
            let message = "No column says when touches happened: their order in the file counts.";
            built.warnings.push(Warning::new("order-of-file", message));
            (None, 1.0)
        }
        Some((column, clock)) => {
            let unit = match clock {
                Clock::Calendar { unit } | Clock::Relative { unit } => unit,
                Clock::Steps => 1.0,
            };
            (Some(Numbers::of(&column.data)), unit)
        }
    };
    let weights = columns.weight.map(super::weights).transpose()?;
    let reason = |row: usize| {
        let bad_weight = weights.as_ref().is_some_and(|weights| {
            let weight = weights.at(row) as f32;
            weight.is_nan() || weight <= 0.0
        });
        let no_time = times.as_ref().is_some_and(|times| times.at(row).is_nan());
        let repeated = cleaned.is_repeated(row);
        [repeated, codes[row] == MISSING_CODE, no_time, bad_weight]
            .iter()
            .position(|&applies| applies)
    };
    let mut ranks = vec![u32::MAX; groups];
    let mut sizes: Vec<u32> = Vec::new();
    let mut dropped = [0usize; 4];
    for row in 0..table.rows {
        match reason(row) {
            Some(reason) => dropped[reason] += 1,
            None => {
                let rank = &mut ranks[codes[row] as usize];
                if *rank == u32::MAX {
                    *rank = sizes.len() as u32;
                    sizes.push(0);
                }
                sizes[*rank as usize] += 1;
            }
        }
    }
    let mut starts = Vec::with_capacity(sizes.len() + 1);
    let mut end = 0u32;
    starts.push(0);
    for size in &mut sizes {
        // The size becomes the place of the group's next row.
        let start = end;
        end += *size;
        *size = start;
        starts.push(end);
    }
    let mut rows = vec![0u32; end as usize];
    for row in 0..table.rows {
        if reason(row).is_none() {
            let next = &mut sizes[ranks[codes[row] as usize] as usize];
            rows[*next as usize] = row as u32;
            *next += 1;
        }
    }
    if let Some(times) = &times {
        for ends in starts.windows(2) {
            let group = &mut rows[ends[0] as usize..ends[1] as usize];
            let time = |row: u32| times.at(row as usize);
            if !group.is_sorted_by(|&a, &b| time(a) <= time(b)) {
                group.sort_unstable_by(|&a, &b| time(a).total_cmp(&time(b)).then(a.cmp(&b)));
            }
        }
    }
    built.counts.usable = rows.len();
    let reasons = [
        ("duplicate", "It repeats an earlier row in every cell."),
        ("missing-user", "Nothing says whose touch it is."),
        ("missing-time", "The time is missing."),
        ("bad-weight", "The weight is missing or not above 0."),
    ];
    let told = reasons
        .into_iter()
        .zip(dropped)
        .filter(|(_, count)| *count > 0);
    built.dropped = told
        .map(|((code, message), count)| Dropped {
            code,
            message,
            count,
        })
        .collect();
    Ok(Sorted {
        rows,
        starts,
        times,
        unit,
    })
}

/// Whether the outcome is told once for all touches of a journey, and not by its converting touch: it
/// is the same throughout each group, and some group with several touches converted.
fn of_journeys(sorted: &Sorted<'_>, marks: &[u8]) -> bool {
    let mut several = false;
    for group in sorted.groups() {
        let mut known = sorted.rows[group.clone()]
            .iter()
            .map(|&row| marks[row as usize])
            .filter(|&mark| mark != UNKNOWN);
        let Some(first) = known.next() else {
            continue;
        };
        if known.any(|mark| mark != first) {
            return false;
        }
        several |= first == 1 && group.len() > 1;
    }
    several
}

/// Cuts groups into journeys, one after the other.
struct Cutter<'a> {
    sorted: &'a Sorted<'a>,
    marks: &'a [u8],
    ends: Ends,
    channels: Coded<'a>,
    events: Option<Coded<'a>>,
    values: Option<Numbers<'a>>,
    costs: Option<Numbers<'a>>,
    weights: Option<Numbers<'a>>,
    /// Milliseconds.
    window: f64,
    most: usize,
    collapse: bool,
    timed: bool,
    /// Of the journey at hand: the rows that are kept.
    kept: Vec<u32>,
    built: Built,
}

/// A column of names, with codes in the order in which the names are shown.
struct Coded<'a> {
    codes: Cow<'a, [u32]>,
    /// By the column's code, the shown one; the last is that of missing cells.
    shown: Vec<u32>,
    names: Vec<String>,
}

impl<'a> Coded<'a> {
    /// The names that occur in some rows; missing cells get one of their own, the last.
    fn new(column: Option<&'a Column>, rows: impl Iterator<Item = u32>) -> Self {
        let Some(column) = column else {
            return Self {
                codes: Cow::Borrowed(&[]),
                shown: vec![0],
                names: vec![MISSING_LEVEL.to_owned()],
            };
        };
        let Levels { codes, names } = Levels::of(&column.data);
        let mut used = vec![false; names.len() + 1];
        rows.for_each(|row| used[(codes[row as usize] as usize).min(names.len())] = true);
        let missing = used[names.len()];
        let of_use = names.iter().zip(&used).filter(|&(_, &used)| used);
        let mut sorted: Vec<String> = of_use.map(|(name, _)| name.clone()).collect();
        sort_levels(&mut sorted);
        if missing && !sorted.iter().any(|name| name == MISSING_LEVEL) {
            sorted.push(MISSING_LEVEL.to_owned());
        }
        let places: std::collections::HashMap<&str, u32> =
            sorted.iter().map(String::as_str).zip(0..).collect();
        let shown = names
            .iter()
            .map(String::as_str)
            .chain([MISSING_LEVEL])
            .map(|name| places.get(name).copied().unwrap_or(0))
            .collect();
        Self {
            codes,
            shown,
            names: sorted,
        }
    }

    fn at(&self, row: u32) -> u32 {
        let code = self
            .codes
            .get(row as usize)
            .map_or(usize::MAX, |&code| code as usize);
        self.shown[code.min(self.shown.len() - 1)]
    }
}

impl<'a> Cutter<'a> {
    fn new(
        columns: &Columns<'a>,
        sorted: &'a Sorted<'a>,
        marks: &'a [u8],
        ends: Ends,
        options: &PrepareOptions,
        mut built: Built,
    ) -> Self {
        let steps = matches!(columns.time, None | Some((_, Clock::Steps)));
        let window = match options.lookback_days {
            Some(days) if !steps => days * DAY,
            Some(_) => {
                let message = "Without times there is no look-back window: all touches count.";
                built
                    .warnings
                    .push(Warning::new("lookback-without-times", message));
                f64::INFINITY
            }
            None => f64::INFINITY,
        };
        let all = || sorted.rows.iter().copied();
        // Conversions that are no touches show as one only where nothing came before.
        let is_touch = |&row: &u32| !matches!(ends, Ends::Events) || marks[row as usize] != 1;
        let events = columns.event;
        built.journeys.calendar = matches!(columns.time, Some((_, Clock::Calendar { .. })));
        built.journeys.offsets.push(0);
        Self {
            channels: Coded::new(columns.channel, all()),
            events: events.map(|column| Coded::new(Some(column), all().filter(is_touch))),
            values: columns.value.map(|column| Numbers::of(&column.data)),
            costs: columns.cost.map(|column| Numbers::of(&column.data)),
            weights: columns.weight.map(|column| Numbers::of(&column.data)),
            sorted,
            marks,
            ends,
            window,
            most: options.max_length.unwrap_or(DEFAULT_MAX_LENGTH) as usize,
            collapse: options.collapse_repeats.unwrap_or(false),
            timed: !steps,
            kept: Vec::new(),
            built,
        }
    }

    fn converts(&self, at: usize) -> bool {
        self.marks[self.sorted.rows[at] as usize] == 1
    }

    fn group(&mut self, group: std::ops::Range<usize>) {
        if matches!(self.ends, Ends::Journeys) {
            let known = group
                .clone()
                .find(|&at| self.marks[self.sorted.rows[at] as usize] != UNKNOWN);
            let Some(known) = known else {
                self.built.counts.without_outcome += group.len();
                return;
            };
            let converted = self.converts(known);
            let end = self.sorted.time(self.sorted.rows[group.end - 1]);
            let value = self.value_of_journey(group.clone());
            self.journey(group, converted, end, value, 0);
            return;
        }
        let (mut start, mut ordinal) = (group.start, 0);
        let mut last_conversion = f64::NAN;
        for at in group.clone() {
            if !self.converts(at) {
                continue;
            }
            let row = self.sorted.rows[at];
            let (end, value) = (self.sorted.time(row), self.value(row));
            match self.ends {
                Ends::Events if at > start => {
                    self.built.counts.conversions += 1;
                    self.journey(start..at, true, end, value, ordinal);
                }
                Ends::Events if self.timed && end == last_conversion => {
                    self.built.counts.conversions += 1;
                    self.built.counts.merged += 1;
                    self.add_value(value);
                    start = at + 1;
                    continue;
                }
                Ends::Events => {
                    self.journey(at..at + 1, true, end, value, ordinal);
                    self.mark_conversion_only();
                }
                Ends::Touches | Ends::Journeys => {
                    self.journey(start..at + 1, true, end, value, ordinal);
                }
            }
            last_conversion = end;
            start = at + 1;
            ordinal += 1;
        }
        if start < group.end {
            let end = self.sorted.time(self.sorted.rows[group.end - 1]);
            self.journey(start..group.end, false, end, f64::NAN, ordinal);
        }
    }

    fn value(&self, row: u32) -> f64 {
        self.values
            .as_ref()
            .map_or(f64::NAN, |values| values.at(row as usize))
    }

    /// One value throughout counts once, different ones add up.
    fn value_of_journey(&self, group: std::ops::Range<usize>) -> f64 {
        let known = || {
            let rows = self.sorted.rows[group.clone()].iter();
            rows.map(|&row| self.value(row))
                .filter(|value| !value.is_nan())
        };
        let Some(first) = known().next() else {
            return f64::NAN;
        };
        if known().all(|value| value == first) {
            first
        } else {
            known().sum()
        }
    }

    fn add_value(&mut self, value: f64) {
        if let Some(last) = self
            .built
            .values
            .as_mut()
            .and_then(|values| values.last_mut())
            && !value.is_nan()
        {
            *last = if last.is_nan() { value } else { *last + value };
        }
    }

    fn mark_conversion_only(&mut self) {
        let built = &mut self.built;
        built.conversion_only.resize(built.y.len(), false);
        if let Some(last) = built.conversion_only.last_mut() {
            *last = true;
        }
    }

    /// Adds the journey of some touches, in order, that ended at `end`.
    fn journey(
        &mut self,
        touches: std::ops::Range<usize>,
        converted: bool,
        end: f64,
        value: f64,
        ordinal: u32,
    ) {
        let sorted = self.sorted;
        let all = &sorted.rows[touches.clone()];
        let before = all
            .iter()
            .take_while(|&&row| end - sorted.time(row) > self.window)
            .count();
        self.built.counts.outside_window += before;
        if before == all.len() {
            self.built.counts.emptied += 1;
            return;
        }
        self.kept.clear();
        for &row in &all[before..] {
            let repeats =
                self.collapse && self.kept.last().is_some_and(|&last| self.alike(last, row));
            if repeats {
                self.kept.pop();
                self.built.counts.collapsed += 1;
            }
            self.kept.push(row);
        }
        let over = self.kept.len().saturating_sub(self.most);
        self.built.counts.over_length += over;
        self.built.counts.after_conversion += usize::from(ordinal > 0);
        let kept = std::mem::take(&mut self.kept);
        self.push_touches(&kept[over..], end);
        self.kept = kept;
        let cut = (before + over) as u32;
        let first = all[0];
        let weight = self
            .weights
            .as_ref()
            .map(|weights| weights.at(first as usize) as f32);
        let built = &mut self.built;
        let journeys = &mut built.journeys;
        if cut > 0 {
            journeys.cut_touches.resize(built.y.len(), 0);
        }
        if cut > 0 || !journeys.cut_touches.is_empty() {
            journeys.cut_touches.push(cut);
        }
        journeys.ordinals.push(ordinal);
        built.y.push(f32::from(u8::from(converted)));
        built.table_rows.push(first);
        built.spans.push((touches.start as u32, touches.end as u32));
        if !built.conversion_only.is_empty() {
            built.conversion_only.push(false);
        }
        if self.values.is_some() {
            let value = if converted { value } else { f64::NAN };
            built.values.get_or_insert_default().push(value);
        }
        if let Some(weight) = weight {
            built.weights.get_or_insert_default().push(weight);
        }
    }

    fn alike(&self, a: u32, b: u32) -> bool {
        let same_event = || {
            self.events
                .as_ref()
                .is_none_or(|events| events.at(a) == events.at(b))
        };
        self.channels.at(a) == self.channels.at(b) && same_event()
    }

    fn push_touches(&mut self, rows: &[u32], end: f64) {
        let journeys = &mut self.built.journeys;
        let mut before = f64::NAN;
        for &row in rows {
            journeys.touch_channels.push(self.channels.at(row));
            if let Some(events) = &self.events {
                journeys.touch_events.push(events.at(row));
            }
            if self.timed {
                let time = self.sorted.time(row);
                let gap = if before.is_nan() {
                    0.0
                } else {
                    (time - before) / HOUR
                };
                journeys.gap_hours.push(gap as f32);
                journeys.days_before_end.push(((end - time) / DAY) as f32);
                before = time;
            }
            if let Some(costs) = &self.costs {
                let cost = costs.at(row as usize);
                journeys
                    .touch_costs
                    .push(if cost.is_nan() { 0.0 } else { cost as f32 });
            }
        }
        if self.timed {
            journeys.ends.push(end as i64);
        }
        self.built.counts.used += rows.len();
        journeys.offsets.push(journeys.touch_channels.len() as u32);
    }

    fn finish(self) -> Built {
        let mut built = self.built;
        built.journeys.channels = self.channels.names;
        built.journeys.events = self.events.map_or_else(Vec::new, |events| events.names);
        built.hide_conversions();
        built
    }
}

impl Built {
    /// A conversion that is the only touch of its journey is of no kind that a model could learn from.
    fn hide_conversions(&mut self) {
        let journeys = &mut self.journeys;
        if journeys.touch_events.is_empty() || self.conversion_only.is_empty() {
            return;
        }
        let known = journeys
            .events
            .iter()
            .position(|name| name == MISSING_LEVEL);
        let code = known.unwrap_or_else(|| {
            journeys.events.push(MISSING_LEVEL.to_owned());
            journeys.events.len() - 1
        });
        for (journey, &only) in self.conversion_only.iter().enumerate() {
            if only {
                journeys.touch_events[journeys.offsets[journey] as usize] = code as u32;
            }
        }
    }

    /// Says which user each journey is about, and which of the user's journeys it is.
    fn number_users(&mut self, columns: &Columns<'_>) {
        let Some(user) = columns.user else {
            self.journeys.ordinals.clear();
            return;
        };
        if std::ptr::eq(user, columns.unit) {
            self.users = Some(std::mem::take(&mut self.groups));
            return;
        }
        let (codes, _) = codes_of(&user.data);
        let users: Vec<u32> = self
            .table_rows
            .iter()
            .map(|&row| codes[row as usize])
            .collect();
        let end = |journey: u32| self.journeys.ends.get(journey as usize).copied();
        let mut order: Vec<u32> = (0..users.len() as u32).collect();
        order.sort_unstable_by_key(|&journey| (users[journey as usize], end(journey), journey));
        let mut ordinals = vec![0; users.len()];
        for pair in order.windows(2) {
            let (before, after) = (pair[0] as usize, pair[1] as usize);
            if users[before] == users[after] && users[after] != MISSING_CODE {
                ordinals[after] = ordinals[before] + 1;
            }
        }
        self.journeys.ordinals = ordinals;
        self.users = Some(users);
    }
}
