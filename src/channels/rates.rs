//! How often each channel's rows converted.

use super::groups::group_of;
use super::{ChannelGroup, options::normal_quantile};
use crate::prepare::{Dataset, MISSING_LEVEL};
use crate::table::MISSING_CODE;
use std::collections::HashSet;

/// What is counted of one channel over all rows of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelRate {
    /// The channel's name.
    pub name: String,
    /// What kind of channel it is.
    pub group: ChannelGroup,
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

/// The interval of a proportion of `successes` among `trials`, by Wilson's score method, with `z` the
/// standard normal quantile of the confidence asked for. `[0, 1]` where there are no trials.
///
/// Wilson (1927), "Probable inference, the law of succession, and statistical inference", eq. 13;
/// Brown, Cai & DasGupta (2001), "Interval estimation for a binomial proportion", eq. 4.
pub fn wilson(successes: f64, trials: f64, z: f64) -> [f64; 2] {
    if trials <= 0.0 {
        return [0.0, 1.0];
    }
    let share = successes / trials;
    let square = z * z;
    let scale = 1.0 + square / trials;
    let centre = (share + square / (2.0 * trials)) / scale;
    let spread = share * (1.0 - share) / trials + square / (4.0 * trials * trials);
    let half = z * spread.sqrt() / scale;
    // Where nobody (or everybody) converted the bound is 0 (or 1) exactly, but for rounding.
    let low = if successes <= 0.0 {
        0.0
    } else {
        (centre - half).max(0.0)
    };
    let high = if successes >= trials {
        1.0
    } else {
        (centre + half).min(1.0)
    };
    [low, high]
}

/// What is counted of every channel, in the data set's order of channels; rows without a channel come
/// last, under [`MISSING_LEVEL`]. Weights count as frequencies. Empty where the data set has no channels.
pub fn channel_rates(dataset: &Dataset, confidence: f64) -> Vec<ChannelRate> {
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
    let z = normal_quantile(confidence);
    let told = names
        .into_iter()
        .zip(tallies)
        .filter(|(_, tally)| tally.seen);
    told.map(|(name, tally)| ChannelRate {
        group: group_of(&name),
        name,
        rows: tally.rows,
        conversions: tally.conversions,
        users: dataset.users.as_ref().map(|_| tally.users),
        value: dataset.values.as_ref().map(|_| tally.value),
        rate: tally.conversions / tally.rows,
        interval: wilson(tally.conversions, tally.rows, z),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wilson_agrees_with_published_and_closed_forms() {
        // scikit-learn reference run, online shoppers, channels 1, 12 and 15 (z = 1.959964).
        for ((k, n), expected) in [
            (
                (262.0, 2451.0),
                [0.095_272_140_952_213_16, 0.119_748_449_062_524_65],
            ),
            ((0.0, 1.0), [0.0, 0.793_450_688_208_197_3]),
            ((0.0, 38.0), [0.0, 0.091_809_869_540_978_46]),
        ] {
            let found = wilson(k, n, 1.959_964);
            assert!(
                (found[0] - expected[0]).abs() < 1e-12 && (found[1] - expected[1]).abs() < 1e-12,
                "{found:?}"
            );
        }
        // At p = 1/2 the bounds are (1 ± z/√(n + z²))/2.
        let (z, n) = (2.0_f64, 96.0_f64);
        let half = z / (n + z * z).sqrt() / 2.0;
        let found = wilson(48.0, n, z);
        assert!((found[0] - (0.5 - half)).abs() < 1e-12 && (found[1] - (0.5 + half)).abs() < 1e-12);
        assert_eq!(wilson(5.0, 5.0, 1.96)[1], 1.0);
        assert_eq!(wilson(0.0, 0.0, 1.96), [0.0, 1.0]);
    }

    proptest! {
        #[test]
        fn wilson_solves_its_equation(n in 1u32..10_000, share in 0.0..=1.0f64, z in 0.5..4.0f64) {
            let k = (f64::from(n) * share).floor();
            let n = f64::from(n);
            let [low, high] = wilson(k, n, z);
            prop_assert!(0.0 <= low && low <= k / n && k / n <= high && high <= 1.0);
            for bound in [low, high].into_iter().filter(|bound| (1e-9..1.0 - 1e-9).contains(bound)) {
                // Each bound is the rate from which the seen one lies exactly z standard errors away.
                let score = (k / n - bound).powi(2) * n / (bound * (1.0 - bound));
                prop_assert!((score - z * z).abs() < 1e-6 * z * z, "{score} {z}");
            }
        }
    }
}
