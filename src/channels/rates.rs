//! How often each channel's rows converted.

use super::groups::Group;
use super::options::{CompareOptions, normal_quantile};
use super::units::placed;
use crate::prepare::{Dataset, MISSING_LEVEL};
use crate::statistics::wilson;
use crate::table::MISSING_CODE;
use std::collections::HashSet;

/// What is counted of one channel over all rows of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelRate {
    /// The channel's name.
    pub name: String,
    /// What kind of channel it is, broadly.
    pub group: Group,
    /// What kind of channel it is, narrowly.
    pub subgroup: Option<String>,
    /// Rows; with weights, the sum of their weights.
    pub rows: f64,
    /// Rows that converted; with weights, the sum of their weights.
    pub conversions: f64,
    /// Different users, where users are known.
    pub users: Option<usize>,
    /// What the conversions were worth, where that is known.
    pub value: Option<f64>,
    /// `conversions / rows`.
    pub rate: f64,
    /// The Wilson interval of the rate.
    pub interval: [f64; 2],
}

/// What is counted of every channel, in the data set's order of channels; rows without a channel come
/// last, under [`MISSING_LEVEL`]. Weights count as frequencies. Empty where the data set has no channels.
pub fn channel_rates(dataset: &Dataset, options: &CompareOptions) -> Vec<ChannelRate> {
    let Some(channels) = &dataset.channels else {
        return Vec::new();
    };
    let mut names = channels.names.clone();
    let missing = names
        .iter()
        .position(|name| name == MISSING_LEVEL)
        .unwrap_or_else(|| {
            names.push(MISSING_LEVEL.to_owned());
            names.len() - 1
        });
    let mut tallies = vec![Tally::default(); names.len()];
    let mut seen: HashSet<(u32, u32)> = HashSet::new();
    for (row, &code) in channels.codes.iter().enumerate() {
        let at = if code == MISSING_CODE {
            missing
        } else {
            code as usize
        };
        let tally = &mut tallies[at];
        let weight = dataset
            .weights
            .as_ref()
            .map_or(1.0, |weights| f64::from(weights[row]));
        let converted = dataset.y[row] > 0.5;
        tally.seen = true;
        tally.rows += weight;
        if converted {
            tally.conversions += weight;
            let value = dataset.values.as_ref().map_or(0.0, |values| values[row]);
            tally.value += if value.is_finite() {
                weight * value
            } else {
                0.0
            };
        }
        if let Some(users) = &dataset.users {
            // A row without a user may be about anyone: it counts as one of its own.
            let user = users[row];
            tally.users += usize::from(user == MISSING_CODE || seen.insert((at as u32, user)));
        }
    }
    let z = normal_quantile(options.confidence);
    let told = names
        .into_iter()
        .zip(tallies)
        .filter(|(_, tally)| tally.seen);
    told.map(|(name, tally)| {
        let (group, subgroup) = placed(&name, options);
        ChannelRate {
            group,
            subgroup,
            name,
            rows: tally.rows,
            conversions: tally.conversions,
            users: dataset.users.as_ref().map(|_| tally.users),
            value: dataset.values.as_ref().map(|_| tally.value),
            rate: tally.conversions / tally.rows,
            interval: wilson(tally.conversions, tally.rows, z),
        }
    })
    .collect()
}

#[derive(Clone, Default)]
struct Tally {
    seen: bool,
    rows: f64,
    conversions: f64,
    value: f64,
    users: usize,
}
