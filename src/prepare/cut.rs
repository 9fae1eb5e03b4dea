//! Groups of touches cut into journeys: at conversions, to a window, to the last so many.

use super::cells::{Levels, Numbers, sort_levels};
use super::conversion_time::ConversionTimes;
use super::outcome_of::Ends;
use super::touch_order::Sorted;
use super::touches::{Built, Columns, DEFAULT_MAX_LENGTH, lookback_without_times};
use super::{Journeys, MISSING_LEVEL, PrepareOptions};
use crate::schema::Clock;
use crate::table::Column;
use std::borrow::Cow;

const DAY: f64 = 86_400_000.0;
const HOUR: f64 = 3_600_000.0;

/// Cuts groups into journeys, one after the other.
pub(super) struct Cutter<'a> {
    sorted: &'a Sorted<'a>,
    marks: &'a [u8],
    ends: Ends,
    channels: Coded<'a>,
    events: Option<Coded<'a>>,
    values: Option<Numbers<'a>>,
    costs: Option<Numbers<'a>>,
    weights: Option<Numbers<'a>>,
    conversion_times: Option<ConversionTimes<'a>>,
    /// Milliseconds.
    window: f64,
    most: usize,
    collapse: bool,
    timed: bool,
    /// Of the journey at hand: the rows that are kept.
    kept: Vec<u32>,
    pub built: Built,
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
    pub fn new(
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
                built.warnings.push(lookback_without_times());
                f64::INFINITY
            }
            None => f64::INFINITY,
        };
        let conversion_times = ConversionTimes::of(columns, sorted, ends, &mut built);
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
            conversion_times,
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

    pub fn group(&mut self, group: std::ops::Range<usize>) {
        if matches!(self.ends, Ends::Journeys) {
            self.whole(group);
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

    /// Adds a group that is one journey: as most of its touches say, up to its conversion where that is
    /// known to the hour, else up to its last touch.
    fn whole(&mut self, group: std::ops::Range<usize>) {
        let rows = &self.sorted.rows[group.clone()];
        let says = |mark: u8| {
            let rows = rows.iter();
            rows.filter(|&&row| self.marks[row as usize] == mark)
                .count()
        };
        let (yes, no) = (says(1), says(0));
        if yes + no == 0 {
            self.built.counts.without_outcome += group.len();
            return;
        }
        let converted = yes > 0 && yes >= no;
        let value = self.value_of_journey(group.clone());
        let mut end = self.sorted.time(rows[rows.len() - 1]);
        let times = self.conversion_times.as_ref().filter(|_| converted);
        let mut touches = group.clone();
        if let Some(conversion) = times.and_then(|times| times.of_rows(rows)) {
            let before = rows.partition_point(|&row| self.sorted.time(row) <= conversion);
            self.built.counts.after_outcome += rows.len() - before;
            touches.end = group.start + before;
            end = conversion;
        }
        if touches.is_empty() {
            self.built.counts.emptied += 1;
            return;
        }
        self.journey(touches, converted, end, value, 0);
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
        if let Some(known) = built.known.last_mut() {
            known.1 = known.0;
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
        // Of a journey that did not convert the last touch is left out as well, or its being there would
        // tell the outcome.
        let last = touches.end - usize::from(built.last_is_outcome);
        built
            .known
            .push(((touches.start + before) as u32, last as u32));
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

    pub fn finish(self) -> Built {
        let mut built = self.built;
        built.journeys.channels = self.channels.names;
        only_touched(&mut built.journeys);
        built.journeys.events = self.events.map_or_else(Vec::new, |events| events.names);
        built.hide_conversions();
        built
    }
}

/// Leaves out the channels that no touch is of, such as that of conversions that are no touches.
fn only_touched(journeys: &mut Journeys) {
    let mut touched = vec![false; journeys.channels.len()];
    for &channel in &journeys.touch_channels {
        touched[channel as usize] = true;
    }
    if journeys.touch_channels.is_empty() || touched.iter().all(|&touched| touched) {
        return;
    }
    let mut next = 0;
    let places: Vec<u32> = touched
        .iter()
        .map(|&touched| {
            let place = next;
            next += u32::from(touched);
            place
        })
        .collect();
    for channel in &mut journeys.touch_channels {
        *channel = places[*channel as usize];
    }
    let mut touched = touched.into_iter();
    journeys.channels.retain(|_| touched.next() == Some(true));
}
