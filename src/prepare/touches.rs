//! Touches into journeys: sorted per user, cut at conversions, within a window, not too long.

use super::cells::codes_of;
use super::clean::Cleaned;
use super::cut::Cutter;
use super::journeys::Journeys;
use super::outcome::{self, Positive};
use super::outcome_of::{Ends, reading};
use super::report::Step;
use super::touch_order::sort;
use super::{Dropped, MISSING_LEVEL, PrepareError, PrepareOptions};
use crate::error::Warning;
use crate::schema::{BlankOutcome, Clock, Role, Schema, clock};
use crate::table::{Column, MISSING_CODE, Table};
use serde::Serialize;

/// The most touches of a journey that are kept unless something else is asked for.
pub const DEFAULT_MAX_LENGTH: u32 = 50;

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
    /// Where the touches are that a model may know of each journey: within the window, and without the
    /// last where that may be the conversion.
    pub known: Vec<(u32, u32)>,
    /// Whether the last touch of a journey may be its conversion.
    pub last_is_outcome: bool,
    /// The number of the group that each is from.
    pub groups: Vec<u32>,
    /// Whether the only touch is the conversion itself, so that no model may learn from it; empty where
    /// that is so nowhere.
    pub conversion_only: Vec<bool>,
    /// Which values or event types count as converted.
    pub positive: Vec<String>,
    pub counts: TouchCounts,
    pub dropped: Vec<Dropped>,
    pub warnings: Vec<Warning>,
    /// What was found out and done on the way.
    pub steps: Vec<Step>,
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
    /// Touches later than the conversion of their journey.
    pub after_outcome: usize,
    /// Touches outside the look-back window.
    pub outside_window: usize,
    /// Touches merged into the next of the same channel.
    pub collapsed: usize,
    /// Touches beyond the most allowed, cut off the start.
    pub over_length: usize,
    /// Touches that are part of a journey.
    pub used: usize,
    /// Journeys left without a touch by the window, or because all came after the conversion.
    pub emptied: usize,
    /// Journeys whose touches came after an earlier conversion of the same user.
    pub after_conversion: usize,
}

/// The columns of a table of touches.
pub(super) struct Columns<'a> {
    pub unit: &'a Column,
    pub user: Option<&'a Column>,
    pub time: Option<(&'a Column, Clock)>,
    pub conversion_time: Option<&'a Column>,
    pub channel: Option<&'a Column>,
    pub event: Option<&'a Column>,
    pub label: Option<&'a Column>,
    pub value: Option<&'a Column>,
    pub cost: Option<&'a Column>,
    pub weight: Option<&'a Column>,
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
            conversion_time: of(Role::ConversionTime),
            channel: of(Role::Channel),
            event: of(Role::Event),
            label: of(Role::Label),
            value: of(Role::Value),
            cost: of(Role::Cost),
            weight: of(Role::Weight),
        })
    }
}

/// Whether journeys have to have outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcomes {
    /// For learning.
    Needed,
    /// For predicting.
    IfThere,
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
        Some(_) => reading(&sorted, &marks, options.outcome_of, &mut built),
    };
    built.last_is_outcome = ends == Ends::Touches;
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
    let positive = Positive::of(options, schema);
    // An empty cell of the label may say no; an empty kind of touch is no conversion anyway.
    let blank = match (columns.label, positive) {
        (Some(_), _) => options.blank_outcome,
        // A kind of touch that is a conversion has to be named.
        (None, Positive::Unsaid) => return Err(PrepareError::NoOutcome),
        (None, _) => BlankOutcome::Unknown,
    };
    let outcome = outcome::read(column, positive, blank)?;
    built.positive = outcome.positive;
    built.warnings.extend(outcome.warnings);
    Ok(outcome.marks)
}

/// What is said where a look-back window was asked for and nothing says when touches happened.
pub(super) fn lookback_without_times() -> Warning {
    let message = "Without times there is no look-back window: all touches count.";
    Warning::new("lookback-without-times", message)
}

impl Built {
    /// The table rows of the touches that a model may know of a journey.
    pub(super) fn seen(&self, journey: u32) -> &[u32] {
        let (start, end) = self.known[journey as usize];
        &self.rows[start as usize..end as usize]
    }

    /// A conversion that is the only touch of its journey is of no kind that a model could learn from.
    pub(super) fn hide_conversions(&mut self) {
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
        let place = |journey: u32| (users[journey as usize], end(journey), journey);
        crate::order::sort_rows(&mut order, &|a, b| place(a).cmp(&place(b)));
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
