//! Some of the journeys, to be credited on their own.

use crate::prepare::paths::Paths;
use crate::prepare::{Dataset, Journeys, Split};

/// The paths of some journeys, with their outcomes, values and weights.
pub(super) fn subset(journeys: &Journeys, dataset: &Dataset, members: &[u32]) -> Paths {
    let mut part = Journeys {
        channels: journeys.channels.clone(),
        offsets: vec![0],
        ..Journeys::default()
    };
    for &journey in members {
        let range = journeys.range(journey as usize);
        part.touch_channels
            .extend_from_slice(&journeys.touch_channels[range.clone()]);
        if let Some(days) = journeys.days_before_end.get(range) {
            part.days_before_end.extend_from_slice(days);
        }
        part.offsets.push(part.touch_channels.len() as u32);
    }
    let values = dataset
        .values
        .as_ref()
        .map(|values| picked(values, members));
    let weights = dataset
        .weights
        .as_ref()
        .map(|weights| picked(weights, members));
    part.to_paths(
        &picked(&dataset.y, members),
        values.as_deref(),
        weights.as_deref(),
    )
}

/// A data set of some of the journeys, with their features; all of them for training.
pub(super) fn part(dataset: &Dataset, journeys: &Journeys, members: &[u32]) -> Dataset {
    let mut own = Journeys {
        channels: journeys.channels.clone(),
        events: journeys.events.clone(),
        offsets: vec![0],
        calendar: journeys.calendar,
        ..Journeys::default()
    };
    let width = dataset.width();
    let mut x = Vec::with_capacity(members.len() * width);
    for &journey in members {
        let range = journeys.range(journey as usize);
        fn copy<T: Copy>(into: &mut Vec<T>, from: &[T], range: std::ops::Range<usize>) {
            into.extend_from_slice(from.get(range).unwrap_or_default());
        }
        copy(
            &mut own.touch_channels,
            &journeys.touch_channels,
            range.clone(),
        );
        copy(&mut own.touch_events, &journeys.touch_events, range.clone());
        copy(&mut own.gap_hours, &journeys.gap_hours, range.clone());
        copy(
            &mut own.days_before_end,
            &journeys.days_before_end,
            range.clone(),
        );
        copy(&mut own.touch_costs, &journeys.touch_costs, range);
        own.offsets.push(own.touch_channels.len() as u32);
        let start = journey as usize * width;
        x.extend_from_slice(dataset.x.get(start..start + width).unwrap_or_default());
    }
    for (from, into) in [
        (&journeys.ordinals, &mut own.ordinals),
        (&journeys.cut_touches, &mut own.cut_touches),
    ] {
        if !from.is_empty() {
            *into = picked(from, members);
        }
    }
    if !journeys.ends.is_empty() {
        own.ends = picked(&journeys.ends, members);
    }
    Dataset {
        features: dataset.features.clone(),
        x,
        y: picked(&dataset.y, members),
        weights: dataset.weights.as_ref().map(|all| picked(all, members)),
        values: dataset.values.as_ref().map(|all| picked(all, members)),
        users: dataset.users.as_ref().map(|all| picked(all, members)),
        journeys: Some(own),
        split: Split {
            train: (0..members.len() as u32).collect(),
            ..Split::default()
        },
        ..Dataset::default()
    }
}

/// What belongs to some of the journeys.
pub(super) fn picked<T: Copy>(values: &[T], members: &[u32]) -> Vec<T> {
    members
        .iter()
        .map(|&journey| values[journey as usize])
        .collect()
}
