//! What journeys look like: the most frequent paths, who opens, stands between and closes, the flow from
//! touch to touch, and how long it takes.

use super::options::normal_quantile;
use super::reach::{weight_of, worth_of};
use crate::prepare::{Dataset, Journeys};
use crate::statistics::wilson;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// So many of the paths are told.
const TOP: usize = 50;
/// So many channels, the most touched ones, are told apart in the flow.
pub(super) const TOLD_APART: usize = 12;
/// The flow is followed to this touch.
const POSITIONS: usize = 5;
/// Journeys of so many touches or more are one length.
const LONGEST: usize = 20;
/// Where the bins of days from first touch to conversion end.
const LAGS: [f64; 9] = [1.0 / 24.0, 1.0, 2.0, 3.0, 7.0, 14.0, 30.0, 60.0, 90.0];
/// Stands for all channels that are not told apart.
pub(super) const OTHER: &str = "(other)";

/// A sequence of channels that journeys took.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TopPath {
    /// The first touch first.
    pub channels: Vec<String>,
    /// How many journeys took it.
    pub journeys: f64,
    /// How many of them converted.
    pub conversions: f64,
    /// What that was worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Its part of all conversions.
    pub share: f64,
    /// `conversions / journeys`.
    pub rate: f64,
    /// Wilson's interval of the rate.
    pub rate_interval: [f64; 2],
}

/// The parts that a channel plays in converting journeys. One that plays several in a journey is counted
/// under each.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Roles {
    /// The channel.
    pub name: String,
    /// Converting journeys that contain it.
    pub conversions: f64,
    /// Of these, those that no other channel touched.
    pub alone: f64,
    /// Others of these that it touched first.
    pub opens: f64,
    /// Others of these that it touched neither first nor last.
    pub assists: f64,
    /// Others of these that it touched last.
    pub closes: f64,
}

/// Journeys that went from one channel to another at a position.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Which touch `from` is, from 1.
    pub position: usize,
    /// A channel, or `(other)`.
    pub from: String,
    /// The channel of the next touch, `(other)`, `(conversion)`, `(null)`, or `(more)` touches.
    pub to: String,
    /// How many journeys.
    pub count: f64,
}

/// Converting journeys of so many touches.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Length {
    /// How many touches.
    pub touches: usize,
    /// Or more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// How many journeys.
    pub conversions: f64,
    /// Their part of all that converted.
    pub share: f64,
    /// Wilson's interval of the share.
    pub interval: [f64; 2],
}

/// Converting journeys that took so many days.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lag {
    /// At least so many days from first touch to conversion.
    pub from: f64,
    /// Less than so many; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// How many journeys.
    pub conversions: f64,
    /// Their part of all that converted.
    pub share: f64,
    /// Wilson's interval of the share.
    pub interval: [f64; 2],
}

/// What the journeys look like.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PathsView {
    /// How many different sequences there are.
    pub sequences: usize,
    /// Those with most conversions, then journeys.
    pub top: Vec<TopPath>,
    /// In the order of the channels.
    pub roles: Vec<Roles>,
    /// By position.
    pub flow: Vec<Link>,
    /// By number of touches.
    pub lengths: Vec<Length>,
    /// Touches of a converting journey.
    pub mean_length: f64,
    /// The normal interval of the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_length_interval: Option<[f64; 2]>,
    /// Touches of the converting journey in the middle.
    pub median_length: f64,
    /// Where times are of the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lags: Option<Vec<Lag>>,
    /// Days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_lag: Option<f64>,
    /// The normal interval of the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_lag_interval: Option<[f64; 2]>,
    /// Days of the converting journey in the middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_lag: Option<f64>,
    /// Where the file tells views or carts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funnel: Option<super::Funnel>,
    /// Where users and times are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohorts: Option<super::Cohorts>,
}

/// Looks at journeys whose outcome, value and weight are the data set's.
pub(super) fn paths_view(
    journeys: &Journeys,
    dataset: &Dataset,
    options: &super::CompareOptions,
) -> PathsView {
    let z = normal_quantile(options.confidence);
    let (sequences, top) = top(journeys, dataset, z);
    let lengths = converting(journeys, dataset, |journey| {
        Some(journeys.touches(journey).len() as f64)
    });
    let lags = converting(journeys, dataset, |journey| {
        let first = journeys.days_before_end.get(journeys.range(journey).start);
        first.map(|&days| f64::from(days))
    });
    let lags = Some(lags).filter(|lags| journeys.calendar && !lags.is_empty());
    PathsView {
        sequences,
        top,
        roles: roles(journeys, dataset),
        flow: flow(journeys, dataset),
        mean_length: mean(&lengths),
        median_length: median(&lengths),
        mean_length_interval: around(&lengths, z),
        lengths: length_bins(&lengths, z),
        mean_lag: lags.as_deref().map(mean),
        mean_lag_interval: lags.as_deref().and_then(|lags| around(lags, z)),
        median_lag: lags.as_deref().map(median),
        lags: lags.as_deref().map(|lags| lag_bins(lags, z)),
        funnel: super::funnel::funnel(journeys, dataset, z),
        cohorts: super::cohorts::cohorts(journeys, dataset, options.period),
    }
}

#[derive(Default)]
struct Tally {
    journeys: f64,
    conversions: f64,
    value: f64,
}

fn top(journeys: &Journeys, dataset: &Dataset, z: f64) -> (usize, Vec<TopPath>) {
    let mut tallies: HashMap<&[u32], Tally> = HashMap::new();
    let mut all = 0.0;
    for journey in 0..journeys.len() {
        let weight = weight_of(dataset, journey);
        let tally = tallies.entry(journeys.touches(journey)).or_default();
        tally.journeys += weight;
        if dataset.y[journey] > 0.5 {
            all += weight;
            tally.conversions += weight;
            tally.value += weight * worth_of(dataset, journey);
        }
    }
    let sequences = tallies.len();
    let mut told: Vec<(&[u32], Tally)> = tallies.into_iter().collect();
    crate::order::sort_by(&mut told, |(path_a, a), (path_b, b)| {
        let most = b.conversions.total_cmp(&a.conversions);
        most.then(b.journeys.total_cmp(&a.journeys))
            .then(path_a.cmp(path_b))
    });
    told.truncate(TOP);
    let path = |(path, tally): (&[u32], Tally)| TopPath {
        channels: path
            .iter()
            .map(|&code| journeys.channels[code as usize].clone())
            .collect(),
        journeys: tally.journeys,
        conversions: tally.conversions,
        value: dataset.values.as_ref().map(|_| tally.value),
        share: if all > 0.0 {
            tally.conversions / all
        } else {
            0.0
        },
        rate: tally.conversions / tally.journeys,
        rate_interval: wilson(tally.conversions, tally.journeys, z),
    };
    (sequences, told.into_iter().map(path).collect())
}

fn roles(journeys: &Journeys, dataset: &Dataset) -> Vec<Roles> {
    let named = |name: &String| Roles {
        name: name.clone(),
        ..Roles::default()
    };
    let mut roles: Vec<Roles> = journeys.channels.iter().map(named).collect();
    // The last converting journey that was counted for each channel as a whole, and as standing between.
    let mut seen = vec![[usize::MAX; 2]; roles.len()];
    for journey in (0..journeys.len()).filter(|&journey| dataset.y[journey] > 0.5) {
        let weight = weight_of(dataset, journey);
        let touches = journeys.touches(journey);
        let (Some(&first), Some(&last)) = (touches.first(), touches.last()) else {
            continue;
        };
        if touches.iter().all(|&touch| touch == first) {
            let role = &mut roles[first as usize];
            role.conversions += weight;
            role.alone += weight;
            continue;
        }
        roles[first as usize].opens += weight;
        roles[last as usize].closes += weight;
        for (place, &touch) in touches.iter().enumerate() {
            let (role, seen) = (&mut roles[touch as usize], &mut seen[touch as usize]);
            if seen[0] != journey {
                seen[0] = journey;
                role.conversions += weight;
            }
            if place > 0 && place + 1 < touches.len() && seen[1] != journey {
                seen[1] = journey;
                role.assists += weight;
            }
        }
    }
    roles
}

/// Per channel, what it is called where only the most touched are told apart: its own code, or one past
/// the last for all others. A touch counts as often as its journey.
pub(super) fn told_apart(journeys: &Journeys, dataset: &Dataset) -> (Vec<u32>, Vec<String>) {
    let mut touches = vec![0.0; journeys.channels.len()];
    for journey in 0..journeys.len() {
        let weight = weight_of(dataset, journey);
        for &code in journeys.touches(journey) {
            touches[code as usize] += weight;
        }
    }
    let mut order: Vec<usize> = (0..touches.len()).collect();
    crate::order::sort_by(&mut order, |&a, &b| {
        touches[b].total_cmp(&touches[a]).then(a.cmp(&b))
    });
    let mut names = journeys.channels.clone();
    let other = names.len() as u32;
    names.push(OTHER.to_owned());
    let mut of: Vec<u32> = (0..other).collect();
    for &channel in order.iter().skip(TOLD_APART) {
        of[channel] = other;
    }
    (of, names)
}

fn flow(journeys: &Journeys, dataset: &Dataset) -> Vec<Link> {
    let (of, mut names) = told_apart(journeys, dataset);
    let first_end = names.len() as u32;
    names.extend(["(conversion)", "(null)", "(more)"].map(str::to_owned));
    let mut links: BTreeMap<(usize, u32, u32), f64> = BTreeMap::new();
    for journey in 0..journeys.len() {
        let weight = weight_of(dataset, journey);
        let touches = journeys.touches(journey);
        let end = first_end + u32::from(dataset.y[journey] <= 0.5);
        for (place, &touch) in touches.iter().take(POSITIONS).enumerate() {
            let to = match touches.get(place + 1) {
                None => end,
                Some(_) if place + 1 == POSITIONS => first_end + 2,
                Some(&next) => of[next as usize],
            };
            *links
                .entry((place + 1, of[touch as usize], to))
                .or_default() += weight;
        }
    }
    let link = |((position, from, to), count): ((usize, u32, u32), f64)| Link {
        position,
        from: names[from as usize].clone(),
        to: names[to as usize].clone(),
        count,
    };
    links.into_iter().map(link).collect()
}

/// A figure of every converting journey and its weight, the smallest first.
fn converting(
    journeys: &Journeys,
    dataset: &Dataset,
    figure: impl Fn(usize) -> Option<f64>,
) -> Vec<(f64, f64)> {
    let those = (0..journeys.len()).filter(|&journey| dataset.y[journey] > 0.5);
    let mut figures: Vec<(f64, f64)> = those
        .filter_map(|journey| Some((figure(journey)?, weight_of(dataset, journey))))
        .collect();
    figures.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    figures
}

fn total(figures: &[(f64, f64)]) -> f64 {
    figures.iter().map(|(_, weight)| weight).sum()
}

fn mean(figures: &[(f64, f64)]) -> f64 {
    let sum: f64 = figures.iter().map(|(figure, weight)| figure * weight).sum();
    if figures.is_empty() {
        0.0
    } else {
        sum / total(figures)
    }
}

/// The normal interval of the mean, weights as frequencies.
fn around(figures: &[(f64, f64)], z: f64) -> Option<[f64; 2]> {
    let (n, middle) = (total(figures), mean(figures));
    let squares = figures
        .iter()
        .map(|(figure, weight)| weight * (figure - middle).powi(2));
    let error = (squares.sum::<f64>() / (n - 1.0) / n).sqrt();
    (n > 1.0).then_some([middle - z * error, middle + z * error])
}

/// The smallest figure that at least half of the weight does not exceed.
fn median(figures: &[(f64, f64)]) -> f64 {
    let half = total(figures) / 2.0;
    let mut below = 0.0;
    for &(figure, weight) in figures {
        below += weight;
        if below >= half {
            return figure;
        }
    }
    0.0
}

fn length_bins(figures: &[(f64, f64)], z: f64) -> Vec<Length> {
    let all = total(figures);
    let most = figures
        .last()
        .map_or(0, |(figure, _)| *figure as usize)
        .min(LONGEST);
    let mut bins: Vec<Length> = (1..=most)
        .map(|touches| Length {
            touches,
            more: false,
            conversions: 0.0,
            share: 0.0,
            interval: [0.0; 2],
        })
        .collect();
    for &(figure, weight) in figures {
        let bin = &mut bins[(figure as usize).clamp(1, LONGEST) - 1];
        bin.more |= figure as usize > LONGEST;
        bin.conversions += weight;
    }
    for bin in &mut bins {
        bin.share = bin.conversions / all;
        bin.interval = wilson(bin.conversions, all, z);
    }
    bins
}

fn lag_bins(figures: &[(f64, f64)], z: f64) -> Vec<Lag> {
    let all = total(figures);
    let edges = |at: usize| LAGS.get(at).copied();
    let mut bins: Vec<Lag> = (0..=LAGS.len())
        .map(|at| Lag {
            from: at.checked_sub(1).and_then(edges).unwrap_or(0.0),
            to: edges(at),
            conversions: 0.0,
            share: 0.0,
            interval: [0.0; 2],
        })
        .collect();
    for &(figure, weight) in figures {
        bins[LAGS.partition_point(|&edge| edge <= figure)].conversions += weight;
    }
    while bins.len() > 1 && bins.last().is_some_and(|bin| bin.conversions == 0.0) {
        bins.pop();
    }
    for bin in &mut bins {
        bin.share = bin.conversions / all;
        bin.interval = wilson(bin.conversions, all, z);
    }
    bins
}
