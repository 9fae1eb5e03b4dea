//! What is known of every user over all of their journeys.

use super::reach::{weight_of, worth_of};
use crate::prepare::{Dataset, Journeys};
use crate::table::MISSING_CODE;
use std::collections::HashMap;

/// A user, known by name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Person {
    /// The earliest journey.
    pub(super) first: usize,
    /// The earliest journey that converted.
    pub(super) first_converted: Option<usize>,
    /// How many journeys converted, whatever their weight.
    pub(super) conversions: usize,
    /// What they were worth together.
    pub(super) value: f64,
    /// The latest journey.
    pub(super) last: usize,
}

/// All users with a name, in the order in which the journeys first tell of them. Which journey is earlier
/// goes by [`Journeys::ordinals`], else by row.
pub(super) fn people(journeys: &Journeys, dataset: &Dataset) -> Option<Vec<Person>> {
    let users = dataset.users.as_ref()?;
    let order = |journey: usize| {
        let ordinal = journeys.ordinals.get(journey).copied();
        (ordinal.unwrap_or(0), journey)
    };
    let mut places: HashMap<u32, usize> = HashMap::new();
    let mut people: Vec<Person> = Vec::new();
    for (journey, &user) in users.iter().enumerate() {
        if user == MISSING_CODE || weight_of(dataset, journey) <= 0.0 {
            continue;
        }
        let place = *places.entry(user).or_insert(people.len());
        if place == people.len() {
            people.push(Person {
                first: journey,
                first_converted: None,
                conversions: 0,
                value: 0.0,
                last: journey,
            });
        }
        let person = &mut people[place];
        if order(journey) < order(person.first) {
            person.first = journey;
        }
        if order(journey) > order(person.last) {
            person.last = journey;
        }
        if dataset.y[journey] > 0.5 {
            let known = person.first_converted;
            if known.is_none_or(|known| order(journey) < order(known)) {
                person.first_converted = Some(journey);
            }
            person.conversions += 1;
            person.value += worth_of(dataset, journey);
        }
    }
    Some(people)
}

/// Calls back once for every different channel of a journey.
pub(super) fn each_channel(
    journeys: &Journeys,
    journey: usize,
    seen: &mut Seen,
    mut tell: impl FnMut(usize),
) {
    seen.round += 1;
    for &channel in journeys.touches(journey) {
        let last = &mut seen.last[channel as usize];
        if *last != seen.round {
            *last = seen.round;
            tell(channel as usize);
        }
    }
}

/// In which round each channel was last met.
#[derive(Debug)]
pub(super) struct Seen {
    last: Vec<usize>,
    round: usize,
}

impl Seen {
    pub(super) fn new(channels: usize) -> Self {
        Self {
            last: vec![0; channels],
            round: 0,
        }
    }
}
