//! What became of users by the channel that reached them first.

use super::paths_view::told_apart;
use super::periods::{Period, period_of, span, touched_at};
use super::reach::weight_of;
use crate::prepare::{Dataset, Journeys};
use crate::table::MISSING_CODE;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Cohorts are followed for at most so many periods.
const AGES: usize = 36;

/// Users whom a channel reached first, in one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CohortRow {
    /// The channel of the first touch.
    pub channel: String,
    /// The first day of the period of the first touch.
    pub start: String,
    /// How many users.
    pub users: usize,
    /// Their conversions in that period, in the next, …, to the last that the data cover as a whole.
    pub conversions: Vec<f64>,
}

/// What users of an age did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Age {
    /// Users who are known for so long.
    pub users: usize,
    /// Their conversions at that age.
    pub conversions: f64,
}

/// Users whom a channel reached first, by how long ago that is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CohortChannel {
    /// The channel of the first touch.
    pub channel: String,
    /// How many users.
    pub users: usize,
    /// By periods since the first touch.
    pub ages: Vec<Age>,
}

/// Users by first channel and period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cohorts {
    /// What the periods are.
    pub period: Period,
    /// By channel, then period.
    pub rows: Vec<CohortRow>,
    /// By channel.
    pub channels: Vec<CohortChannel>,
}

/// `None` where users or times are not known.
pub(super) fn cohorts(
    journeys: &Journeys,
    dataset: &Dataset,
    asked: Option<Period>,
) -> Option<Cohorts> {
    let users = dataset.users.as_ref()?;
    let whole = span(journeys)?;
    let period = period_of(asked, whole);
    // A period that the data end in would make the last age of every cohort look poor.
    let last = period.whole(whole).end - 1;
    let (of, names) = told_apart(journeys, dataset);
    let firsts = first_touches(journeys, users);
    let mut rows: BTreeMap<(u32, i64), (usize, Vec<f64>)> = BTreeMap::new();
    let length = |start: i64| usize::try_from(last - start + 1).unwrap_or(0).min(AGES);
    let place = |&(moment, channel): &(i64, u32)| (of[channel as usize], period.of(moment));
    for first in firsts.values() {
        let (channel, start) = place(first);
        if length(start) == 0 {
            continue;
        }
        let row = rows
            .entry((channel, start))
            .or_insert_with(|| (0, vec![0.0; length(start)]));
        row.0 += 1;
    }
    for journey in (0..journeys.len()).filter(|&journey| dataset.y[journey] > 0.5) {
        let Some(first) = firsts.get(&users[journey]) else {
            continue;
        };
        let key = place(first);
        let age = (period.of(journeys.ends[journey]) - key.1).max(0) as usize;
        if let Some(count) = rows.get_mut(&key).and_then(|row| row.1.get_mut(age)) {
            *count += weight_of(dataset, journey);
        }
    }
    let mut channels: BTreeMap<u32, CohortChannel> = BTreeMap::new();
    for (&(channel, _), (users, conversions)) in &rows {
        let all = channels.entry(channel).or_insert_with(|| CohortChannel {
            channel: names[channel as usize].clone(),
            users: 0,
            ages: Vec::new(),
        });
        all.users += users;
        if all.ages.len() < conversions.len() {
            all.ages.resize(conversions.len(), Age::default());
        }
        for (age, count) in all.ages.iter_mut().zip(conversions) {
            age.users += users;
            age.conversions += count;
        }
    }
    let row =
        |((channel, start), (users, conversions)): ((u32, i64), (usize, Vec<f64>))| CohortRow {
            channel: names[channel as usize].clone(),
            start: period.start(start),
            users,
            conversions,
        };
    Some(Cohorts {
        period,
        rows: rows.into_iter().map(row).collect(),
        channels: channels.into_values().collect(),
    })
}

/// When each known user was touched first, and by which channel.
pub(super) fn first_touches(journeys: &Journeys, users: &[u32]) -> HashMap<u32, (i64, u32)> {
    let mut firsts: HashMap<u32, (i64, u32)> = HashMap::new();
    for (journey, &user) in users.iter().enumerate() {
        let start = journeys.range(journey).start;
        let (Some(moment), Some(&channel)) = (
            touched_at(journeys, journey, start),
            journeys.touches(journey).first(),
        ) else {
            continue;
        };
        if user == MISSING_CODE {
            continue;
        }
        let first = firsts.entry(user).or_insert((moment, channel));
        if moment < first.0 {
            *first = (moment, channel);
        }
    }
    firsts
}
