//! What of a data set could be made coarser, so that what was found of it no longer holds.

use super::{Dataset, Encoding, MISSING_LEVEL, OTHER_LEVEL};
use std::collections::BTreeMap;

/// Thresholds of rows below which levels are pooled, as they are tried.
const POOLED_BELOW: [u32; 10] = [10, 20, 30, 50, 100, 200, 300, 500, 1_000, 2_000];

/// What brings the inputs down to a number: levels pooled below so many rows, or columns left out.
pub(super) enum Coarser {
    PoolBelow(u32),
    Ignore(Vec<String>),
}

/// The mildest way to at most so many inputs; `None` where there is none but for more rows.
pub(super) fn to_inputs(dataset: &Dataset, most: usize) -> Option<Coarser> {
    let channel = dataset.channels.as_ref().map(|channels| &channels.column);
    let width = dataset.width();
    // Inputs by column, and the training rows of each level; the channel's own stay.
    let mut inputs: BTreeMap<&str, usize> = BTreeMap::new();
    let mut levels: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (place, feature) in dataset.features.iter().enumerate() {
        let own = Some(&feature.column) == channel;
        if own || !feature.is_static() {
            continue;
        }
        *inputs.entry(&feature.column).or_default() += 1;
        if let Encoding::OneHot { level } = &feature.encoding
            && level != MISSING_LEVEL
            && level != OTHER_LEVEL
        {
            let rows = dataset.split.train.iter();
            let hot = rows.filter(|&&row| dataset.x[row as usize * width + place] > 0.0);
            let count = hot.count() as u32;
            levels.entry(&feature.column).or_default().push(count);
        }
    }
    for below in POOLED_BELOW {
        let saved = levels.values().map(|counts| {
            let rare = counts.iter().filter(|&&count| count < below).count();
            // Levels that are all rare leave no input at all: the column is then left out.
            if rare == counts.len() {
                0
            } else {
                rare.saturating_sub(1)
            }
        });
        if width - saved.sum::<usize>() <= most {
            return Some(Coarser::PoolBelow(below));
        }
    }
    let mut widest: Vec<(&str, usize)> = inputs.into_iter().collect();
    crate::order::sort_by(&mut widest, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let (mut left, mut ignored) = (width, Vec::new());
    for (column, count) in widest {
        if left <= most {
            break;
        }
        left -= count;
        ignored.push(column.to_owned());
    }
    (left <= most && left > 0).then_some(Coarser::Ignore(ignored))
}

/// Channels that have both outcomes once they are one: these, and the smallest other with both outcomes
/// where these are all of one kind. `counts` are rows that did not convert and that did, by channel.
pub(super) fn to_both_outcomes(
    names: &[String],
    counts: &[[f64; 2]],
    one_sided: &[usize],
) -> Option<Vec<String>> {
    let of = |side: usize| {
        one_sided
            .iter()
            .map(|&place| counts[place][side])
            .sum::<f64>()
    };
    let mut pooled: Vec<String> = one_sided
        .iter()
        .map(|&place| names[place].clone())
        .collect();
    if of(0) > 0.0 && of(1) > 0.0 {
        return Some(pooled);
    }
    let both = counts.iter().enumerate();
    let both = both.filter(|(_, [no, yes])| *no > 0.0 && *yes > 0.0);
    let smallest = both.min_by(|a, b| (a.1[0] + a.1[1]).total_cmp(&(b.1[0] + b.1[1])));
    let (place, _) = smallest?;
    pooled.push(names[place].clone());
    // At least two channels have to be left to compare.
    (names.len() > pooled.len()).then_some(pooled)
}
