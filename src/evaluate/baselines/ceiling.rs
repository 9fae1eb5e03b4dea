//! What can be known from the sequence of channels alone.

use super::compared;
use crate::prepare::Dataset;
use serde::Serialize;
use std::collections::HashMap;

/// What can be known from the sequence alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ceiling {
    /// The part that was counted: `test`, else `validation`, else `train`.
    pub part: &'static str,
    /// The share of rows that would be called rightly by who knew the majority outcome of each distinct
    /// sequence: no model that sees nothing but the sequence can do better on these rows.
    pub accuracy: f64,
    /// The share that is called rightly by calling all rows alike.
    pub floor: f64,
    /// How many different sequences there are.
    pub sequences: usize,
    /// The share of rows whose sequence nobody else has: on these the ceiling says nothing.
    pub unique: f64,
}

/// The channels of a journey, and its event types.
type Sequence<'a> = (&'a [u32], &'a [u32]);

/// Counts them on the rows that no model has seen, where there are any; `None` where there are no journeys.
pub fn ceiling(data: &Dataset) -> Option<Ceiling> {
    let journeys = data.journeys.as_ref()?;
    let (part, rows) = compared(data);
    let weight = |row: u32| {
        data.weights
            .as_ref()
            .map_or(1.0, |weights| f64::from(weights[row as usize]))
    };
    let mut groups: HashMap<Sequence<'_>, ([f64; 2], usize)> = HashMap::new();
    for &row in rows {
        let range = journeys.range(row as usize);
        let events = journeys.touch_events.get(range.clone()).unwrap_or(&[]);
        let (masses, count) = groups
            .entry((&journeys.touch_channels[range], events))
            .or_default();
        masses[usize::from(data.y[row as usize] > 0.5)] += weight(row);
        *count += 1;
    }
    let mut sums = [0.0_f64; 2];
    let (mut right, mut alone) = (0.0, 0);
    for (masses, count) in groups.values() {
        right += masses[0].max(masses[1]);
        alone += usize::from(*count == 1);
        sums = [sums[0] + masses[0], sums[1] + masses[1]];
    }
    let all = sums[0] + sums[1];
    Some(Ceiling {
        part,
        accuracy: right / all,
        floor: sums[0].max(sums[1]) / all,
        sequences: groups.len(),
        unique: alone as f64 / rows.len().max(1) as f64,
    })
}
