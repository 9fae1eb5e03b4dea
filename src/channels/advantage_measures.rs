//! The measures behind the four strengths, one function each.

use super::advantages::{Facts, Figures, Lack, Missing};
use super::options::normal_quantile;
use super::people::{Person, Seen, each_channel};
use super::periods::{DAY, period_of, span, touched_at};
use super::reach::weight_of;
use crate::prepare::Encoding;
use crate::statistics::wilson;
use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

/// A segment of fewer users says nothing about who reaches it first.
const SEGMENT: f64 = 20.0;
/// A trend needs so many whole periods.
const PERIODS: usize = 4;
/// Who comes back is looked for after so many days, the longest that the data cover three times.
const WINDOWS: [f64; 2] = [28.0, 7.0];

/// The channel that reached each person first.
fn opener(facts: &Facts, person: &Person) -> Option<usize> {
    let first = facts.journeys.touches(person.first).first();
    first.map(|&channel| channel as usize)
}

/// Shares k / n with Wilson's intervals.
fn shares(facts: &Facts, counts: Vec<(f64, f64)>) -> Vec<(Option<f64>, Option<[f64; 2]>, f64)> {
    let z = normal_quantile(facts.options.confidence);
    let share = |(k, n): (f64, f64)| ((n > 0.0).then(|| k / n), Some(wilson(k, n, z)), n);
    counts.into_iter().map(share).collect()
}

fn overall(counts: &[(f64, f64)]) -> Option<f64> {
    let sums = counts
        .iter()
        .fold((0.0, 0.0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    (sums.1 > 0.0).then(|| sums.0 / sums.1)
}

/// Of all users, the part that the channel reached first.
pub(super) fn new_user_share(facts: &Facts) -> Result<Figures, Missing> {
    let people = facts.people()?;
    let mut counts = vec![(0.0, people.len() as f64); facts.channels()];
    for channel in people.iter().filter_map(|person| opener(facts, person)) {
        counts[channel].0 += 1.0;
    }
    Ok(Figures {
        channels: shares(facts, counts),
        overall: None,
        days: None,
    })
}

/// Of the users that the channel ever touched, the part that it reached first.
pub(super) fn new_user_rate(facts: &Facts) -> Result<Figures, Missing> {
    let people = facts.people()?;
    let users = facts.dataset.users.as_deref().unwrap_or_default();
    let mut met = std::collections::HashSet::new();
    let mut counts = vec![(0.0, 0.0); facts.channels()];
    let mut seen = Seen::new(facts.channels());
    for (journey, &user) in users.iter().enumerate() {
        each_channel(facts.journeys, journey, &mut seen, |channel| {
            let named = user != crate::table::MISSING_CODE;
            counts[channel].1 += f64::from(u8::from(named && met.insert((channel, user))));
        });
    }
    for channel in people.iter().filter_map(|person| opener(facts, person)) {
        counts[channel].0 += 1.0;
    }
    Ok(Figures {
        overall: overall(&counts),
        channels: shares(facts, counts),
        days: None,
    })
}

/// Of the segments (levels of the categories among the features), the part in which the channel reached
/// more users first than any other did.
pub(super) fn segment_lead(facts: &Facts) -> Result<Figures, Missing> {
    let people = facts.people()?;
    let (dataset, width) = (facts.dataset, facts.dataset.width());
    let own = dataset
        .channels
        .as_ref()
        .map(|channels| channels.column.as_str());
    let segments: Vec<usize> = (0..width)
        .filter(|&place| {
            let feature = &dataset.features[place];
            matches!(feature.encoding, Encoding::OneHot { .. })
                && Some(feature.column.as_str()) != own
        })
        .collect();
    let mut leads = vec![0.0; facts.channels()];
    let mut led = 0.0;
    for place in segments {
        let mut counts = vec![0.0; facts.channels()];
        let inside = |person: &&Person| dataset.x[person.first * width + place] > 0.5;
        for channel in people
            .iter()
            .filter(inside)
            .filter_map(|person| opener(facts, person))
        {
            counts[channel] += 1.0;
        }
        let most = counts.iter().copied().fold(0.0, f64::max);
        if counts.iter().sum::<f64>() >= SEGMENT {
            let leaders: Vec<usize> = (0..counts.len()).filter(|&at| counts[at] == most).collect();
            led += 1.0;
            for &leader in &leaders {
                leads[leader] += 1.0 / leaders.len() as f64;
            }
        }
    }
    if led == 0.0 {
        return Err(Lack::Segments.into());
    }
    // The segments are all there are, not a sample of any: no interval.
    Ok(Figures {
        channels: leads
            .into_iter()
            .map(|lead| (Some(lead / led), None, led))
            .collect(),
        overall: None,
        days: None,
    })
}

/// Per channel, of the converting journeys of more than one channel: all of them, those in which it
/// stands before the last touch, those that it opens, those that it closes, those in which it stands
/// before the last touch and closes.
fn mixed(facts: &Facts) -> Result<(f64, Vec<[f64; 4]>), Missing> {
    let (mut all, mut counts) = (0.0, vec![[0.0; 4]; facts.channels()]);
    let mut last_before = vec![usize::MAX; facts.channels()];
    for journey in (0..facts.journeys.len()).filter(|&journey| facts.dataset.y[journey] > 0.5) {
        let weight = weight_of(facts.dataset, journey);
        let touches = facts.journeys.touches(journey);
        let Some((&last, before)) = touches.split_last() else {
            continue;
        };
        if before.iter().all(|&touch| touch == last) {
            continue;
        }
        all += weight;
        counts[before[0] as usize][1] += weight;
        counts[last as usize][2] += weight;
        for &touch in before {
            if std::mem::replace(&mut last_before[touch as usize], journey) != journey {
                counts[touch as usize][0] += weight;
                if touch == last {
                    counts[touch as usize][3] += weight;
                }
            }
        }
    }
    if all > 0.0 {
        Ok((all, counts))
    } else {
        Err(Lack::MixedJourneys.into())
    }
}

/// Of the converting journeys of more than one channel, the part in which it opens or assists.
pub(super) fn awareness(facts: &Facts) -> Result<Figures, Missing> {
    let (all, counts) = mixed(facts)?;
    Ok(Figures {
        channels: shares(facts, counts.iter().map(|count| (count[0], all)).collect()),
        overall: None,
        days: None,
    })
}

/// Of the converting journeys of more than one channel, the part that it opens.
pub(super) fn opener_share(facts: &Facts) -> Result<Figures, Missing> {
    let (all, counts) = mixed(facts)?;
    Ok(Figures {
        channels: shares(facts, counts.iter().map(|count| (count[1], all)).collect()),
        overall: None,
        days: None,
    })
}

/// Converting journeys of more than one channel that it opens or assists, per one that it closes. The
/// interval is that of the logarithm of a ratio of two counts of the same journeys, of variance 1/a + 1/c
/// − 2b/(ac) with b journeys in both (delta method; Katz et al. 1978 where b is 0).
pub(super) fn assist_ratio(facts: &Facts) -> Result<Figures, Missing> {
    let (_, counts) = mixed(facts)?;
    let z = normal_quantile(facts.options.confidence);
    let ratio = |&[assists, _, closes, both]: &[f64; 4]| {
        let ratio = assists / closes;
        let variance = 1.0 / assists + 1.0 / closes - 2.0 * both / (assists * closes);
        let half = (z * variance.max(0.0).sqrt()).exp();
        (
            (closes > 0.0).then_some(ratio),
            (assists > 0.0 && closes > 0.0).then(|| [ratio / half, ratio * half]),
            closes,
        )
    };
    Ok(Figures {
        channels: counts.iter().map(ratio).collect(),
        overall: None,
        days: None,
    })
}

/// Per channel and whole period, users who converted for the first time, by a journey that contains it;
/// and the same over all channels.
fn converters_by_period(facts: &Facts) -> Result<(Vec<Vec<f64>>, Vec<f64>), Missing> {
    let people = facts.people()?;
    facts.calendar()?;
    let whole = span(facts.journeys).ok_or(Lack::Longer)?;
    let period = period_of(facts.options.period, whole);
    // Periods that the data cover only in part would bend the trend.
    let told = period.whole(whole);
    let (first, length) = (
        told.start,
        usize::try_from(told.end - told.start).unwrap_or(0),
    );
    if length < PERIODS {
        return Err(Lack::Longer.into());
    }
    let mut counts = vec![vec![0.0; length]; facts.channels()];
    let mut all = vec![0.0; length];
    let mut seen = Seen::new(facts.channels());
    for journey in people.iter().filter_map(|person| person.first_converted) {
        let place = usize::try_from(period.of(facts.journeys.ends[journey]) - first);
        let Some(place) = place.ok().filter(|&place| place < length) else {
            continue;
        };
        all[place] += 1.0;
        each_channel(facts.journeys, journey, &mut seen, |channel| {
            counts[channel][place] += 1.0;
        });
    }
    Ok((counts, all))
}

/// The least-squares slope of counts over periods as a part of their mean, and Student's interval.
fn trend(counts: &[f64], confidence: f64) -> (Option<f64>, Option<[f64; 2]>, f64) {
    let n = counts.len() as f64;
    let (middle, mean) = ((n - 1.0) / 2.0, counts.iter().sum::<f64>() / n);
    if mean <= 0.0 {
        return (None, None, n);
    }
    let points = || {
        counts
            .iter()
            .enumerate()
            .map(|(at, count)| (at as f64 - middle, count - mean))
    };
    let spread: f64 = points().map(|(x, _)| x * x).sum();
    let slope = points().map(|(x, y)| x * y).sum::<f64>() / spread;
    let rest: f64 = points().map(|(x, y)| (y - slope * x).powi(2)).sum();
    let error = (rest / (n - 2.0) / spread).sqrt();
    let half = StudentsT::new(0.0, 1.0, n - 2.0).map_or(f64::INFINITY, |t| {
        t.inverse_cdf(0.5 + confidence / 2.0) * error
    });
    let interval = [(slope - half) / mean, (slope + half) / mean];
    (Some(slope / mean), Some(interval), n)
}

/// By how much of their mean the new converters grow per period.
pub(super) fn growth(facts: &Facts) -> Result<Figures, Missing> {
    let (counts, all) = converters_by_period(facts)?;
    let confidence = facts.options.confidence;
    Ok(Figures {
        channels: counts
            .iter()
            .map(|counts| trend(counts, confidence))
            .collect(),
        overall: trend(&all, confidence).0,
        days: None,
    })
}

/// New converters per period, with Garwood's (1936) interval of a Poisson mean.
pub(super) fn new_converters(facts: &Facts) -> Result<Figures, Missing> {
    let (counts, all) = converters_by_period(facts)?;
    let tail = (1.0 - facts.options.confidence) / 2.0;
    let bound = |half_degrees: f64, at: f64| {
        let law = ChiSquared::new(2.0 * half_degrees);
        law.map_or(0.0, |law| law.inverse_cdf(at) / 2.0)
    };
    let mean = |counts: &Vec<f64>| {
        let (k, n) = (counts.iter().sum::<f64>(), counts.len() as f64);
        let low = if k > 0.0 { bound(k, tail) } else { 0.0 };
        (
            Some(k / n),
            Some([low / n, bound(k + 1.0, 1.0 - tail) / n]),
            k,
        )
    };
    Ok(Figures {
        channels: counts.iter().map(mean).collect(),
        overall: Some(all.iter().sum::<f64>() / all.len() as f64),
        days: None,
    })
}

/// Per channel, the converters whose first conversion it was part of, as a sum over them.
fn over_converters<T: Clone>(
    facts: &Facts,
    start: T,
    mut add: impl FnMut(&mut T, &Person),
) -> Result<Vec<T>, Missing> {
    let people = facts.people()?;
    let mut sums = vec![start; facts.channels()];
    let mut seen = Seen::new(facts.channels());
    for person in people {
        if let Some(journey) = person.first_converted {
            each_channel(facts.journeys, journey, &mut seen, |channel| {
                add(&mut sums[channel], person)
            });
        }
    }
    Ok(sums)
}

/// Of the converters whose first conversion it was part of, those who converted again.
pub(super) fn repeat_rate(facts: &Facts) -> Result<Figures, Missing> {
    let counts = over_converters(facts, (0.0, 0.0), |count: &mut (f64, f64), person| {
        count.0 += f64::from(u8::from(person.conversions > 1));
        count.1 += 1.0;
    })?;
    let converters = || {
        facts
            .people
            .iter()
            .flatten()
            .filter(|person| person.conversions > 0)
    };
    let again = converters().filter(|person| person.conversions > 1).count() as f64;
    let all = converters().count() as f64;
    Ok(Figures {
        channels: shares(facts, counts),
        overall: (all > 0.0).then(|| again / all),
        days: None,
    })
}

/// Of the users whom it reached first, and who are known for long enough, those who were seen again so
/// many days later or more.
pub(super) fn retention(facts: &Facts) -> Result<Figures, Missing> {
    let people = facts.people()?;
    facts.calendar()?;
    let whole = span(facts.journeys).ok_or(Lack::Longer)?;
    let days = (whole.1 - whole.0) as f64 / DAY;
    let window = WINDOWS
        .into_iter()
        .find(|window| 3.0 * window <= days)
        .ok_or(Lack::Longer)?;
    let later = |moment: i64| moment + (window * DAY) as i64;
    let mut counts = vec![(0.0, 0.0); facts.channels()];
    for person in people {
        let first = facts.journeys.range(person.first).start;
        let Some(channel) = opener(facts, person) else {
            continue;
        };
        let Some(start) = touched_at(facts.journeys, person.first, first) else {
            continue;
        };
        if later(start) > whole.1 {
            continue;
        }
        let back = facts.journeys.ends[person.last] >= later(start);
        counts[channel].0 += f64::from(u8::from(back));
        counts[channel].1 += 1.0;
    }
    Ok(Figures {
        overall: overall(&counts),
        channels: shares(facts, counts),
        days: Some(window),
    })
}

/// What converters whose first conversion it was part of were worth in all, on average, with the normal
/// interval of a mean.
pub(super) fn value_per_converter(facts: &Facts) -> Result<Figures, Missing> {
    facts.people()?;
    facts.valued()?;
    let sums = over_converters(facts, [0.0; 3], |sum: &mut [f64; 3], person| {
        sum[0] += 1.0;
        sum[1] += person.value;
        sum[2] += person.value * person.value;
    })?;
    let z = normal_quantile(facts.options.confidence);
    let mean = |[n, sum, squares]: [f64; 3]| {
        let mean = sum / n;
        let variance = ((squares - n * mean * mean) / (n - 1.0)).max(0.0);
        let half = z * (variance / n).sqrt();
        let interval = (n > 1.0).then_some([mean - half, mean + half]);
        ((n > 0.0).then_some(mean), interval, n)
    };
    let converters = || {
        facts
            .people
            .iter()
            .flatten()
            .filter(|person| person.conversions > 0)
    };
    let (all, worth) = (
        converters().count() as f64,
        converters().map(|person| person.value).sum::<f64>(),
    );
    Ok(Figures {
        channels: sums.into_iter().map(mean).collect(),
        overall: (all > 0.0).then(|| worth / all),
        days: None,
    })
}
