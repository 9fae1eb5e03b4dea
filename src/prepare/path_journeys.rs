//! Paths with counts into weighted journeys, divided into parts.

use super::assemble;
use super::journeys::Journeys;
use super::paths::Paths;
use super::random::Random;
use super::split::allot;
use super::touches::{Built, TouchCounts};
use super::{PrepareError, PrepareOptions, Split, SplitBy};

/// Up to so many journeys of a path are drawn one by one; of more, a normal approximation is drawn.
const DRAWN: u64 = 10_000;

/// Journeys from paths, and who trains, validates and tests.
///
/// Each path becomes at most six rows: its converted and its other journeys, in each of the three
/// parts, with their number as weight. Which journeys go to which part is drawn without replacement
/// (a hypergeometric draw per path), so that parts have the sizes asked for, and the same shares of
/// converted journeys. What is left of counts that are no whole numbers trains.
pub(super) fn build(
    paths: Paths,
    options: &PrepareOptions,
    most: usize,
) -> Result<(Built, Split), PrepareError> {
    match options.split.by {
        Some(SplitBy::User) => return Err(PrepareError::NoUserColumn),
        Some(SplitBy::Time) => return Err(PrepareError::NoTimeColumn),
        None | Some(SplitBy::Row) => {}
    }
    if options.split.test_rows.is_some() {
        return Err(PrepareError::InvalidOption {
            name: "split.testRows",
            range: "left out for a table of paths",
        });
    }
    let paths = if options.collapse_repeats == Some(true) {
        collapsed(&paths)
    } else {
        paths
    };
    let mut random = Random::new(options.split.seed);
    let shares = (options.split.test, options.split.validation);
    let classes = [&paths.nulls, &paths.conversions];
    let parts = draw(classes, shares, &mut random);
    let (mut built, mut split) = rows(&paths, &parts, most);
    random.shuffle(&mut split.train);
    random.shuffle(&mut split.validation);
    random.shuffle(&mut split.test);
    let split = match check(&built, &split, options) {
        Ok(()) => split,
        Err(error) => assemble::whole(error, &mut built)?,
    };
    built.journeys.source = Some(paths);
    Ok((built, split))
}

/// Each path as one journey.
pub(super) fn each(paths: &Paths, most: usize) -> Built {
    let mut journeys = Journeys {
        channels: paths.channels.clone(),
        offsets: vec![0],
        ..Journeys::default()
    };
    for path in 0..paths.len() {
        let touches = paths.path(path);
        let over = touches.len().saturating_sub(most);
        journeys.touch_channels.extend_from_slice(&touches[over..]);
        journeys.offsets.push(journeys.touch_channels.len() as u32);
    }
    Built {
        journeys,
        ..Built::default()
    }
}

/// Per outcome and path: how many journeys train, validate and test.
type Parts = [Vec<[f64; 3]>; 2];

fn draw(classes: [&Vec<f64>; 2], (test, validation): (f64, f64), random: &mut Random) -> Parts {
    let whole = classes.map(|counts| {
        counts
            .iter()
            .map(|count| count.floor() as u64)
            .collect::<Vec<_>>()
    });
    let sizes = |counts: &[Vec<u64>; 2]| [0, 1].map(|class| counts[class].iter().sum::<u64>());
    let all = sizes(&whole);
    let tested = if test > 0.0 { allot(all, test) } else { [0, 0] };
    let rest = [all[0] - tested[0], all[1] - tested[1]];
    let validated = if validation > 0.0 {
        allot(rest, validation)
    } else {
        [0, 0]
    };
    [0, 1].map(|class| {
        let mut left = all[class];
        let (mut to_test, mut to_validate) = (tested[class], validated[class]);
        let counts = whole[class].iter().zip(classes[class]);
        counts
            .map(|(&count, &exact)| {
                let test = hypergeometric(count, left, to_test, random);
                let others = left - to_test;
                let validation = hypergeometric(count - test, others, to_validate, random);
                left -= count;
                to_test -= test;
                to_validate -= validation;
                [
                    exact - (test + validation) as f64,
                    validation as f64,
                    test as f64,
                ]
            })
            .collect()
    })
}

/// How many of `count` journeys are among `taken` drawn without replacement from `all` of which they
/// are part.
fn hypergeometric(count: u64, all: u64, taken: u64, random: &mut Random) -> u64 {
    if count == 0 || taken == 0 || all == 0 {
        return 0;
    }
    let least = taken.saturating_sub(all - count);
    let most = count.min(taken);
    if count <= DRAWN {
        let (mut left, mut among) = (all, taken);
        for _ in 0..count {
            if random.uniform() * (left as f64) < among as f64 {
                among -= 1;
            }
            left -= 1;
        }
        return (taken - among).clamp(least, most);
    }
    let share = taken as f64 / all as f64;
    let mean = count as f64 * share;
    let finite = (all - count) as f64 / (all - 1).max(1) as f64;
    let deviation = (mean * (1.0 - share) * finite).sqrt();
    // Box and Muller 1958.
    let radius = (-2.0 * (1.0 - random.uniform()).ln()).sqrt();
    let normal = radius * (std::f64::consts::TAU * random.uniform()).cos();
    ((mean + deviation * normal).round().max(0.0) as u64).clamp(least, most)
}

fn rows(paths: &Paths, parts: &Parts, most: usize) -> (Built, Split) {
    let mut journeys = Journeys {
        channels: paths.channels.clone(),
        offsets: vec![0],
        ..Journeys::default()
    };
    let mut split = Split::default();
    let mut built = Built::default();
    let (mut weights, mut values) = (Vec::new(), Vec::new());
    let has_values = paths.values.iter().any(|&value| value != 0.0);
    let mut counts = TouchCounts::default();
    let [without, with] = parts;
    for (path, (without, with)) in without.iter().zip(with).enumerate() {
        let touches = paths.path(path);
        let over = touches.len().saturating_sub(most);
        for (counted, y) in [(without, 0.0), (with, 1.0)] {
            for (part, &count) in counted.iter().enumerate() {
                if count <= 0.0 {
                    continue;
                }
                let row = built.y.len() as u32;
                match part {
                    0 => split.train.push(row),
                    1 => split.validation.push(row),
                    _ => split.test.push(row),
                }
                journeys.touch_channels.extend_from_slice(&touches[over..]);
                journeys.offsets.push(journeys.touch_channels.len() as u32);
                if over > 0 {
                    journeys.cut_touches.resize(built.y.len(), 0);
                }
                if over > 0 || !journeys.cut_touches.is_empty() {
                    journeys.cut_touches.push(over as u32);
                }
                built.y.push(y);
                built.table_rows.push(path as u32);
                weights.push(count as f32);
                let value = if y > 0.5 {
                    paths.values[path] / paths.conversions[path]
                } else {
                    f64::NAN
                };
                values.push(value);
                let journeys = count.round() as usize;
                counts.usable += journeys * touches.len();
                counts.over_length += journeys * over;
                counts.used += journeys * (touches.len() - over);
            }
        }
    }
    built.journeys = journeys;
    built.weights = Some(weights);
    built.values = has_values.then_some(values);
    built.counts = counts;
    built.positive = vec!["converted".to_owned()];
    (built, split)
}

fn check(built: &Built, split: &Split, options: &PrepareOptions) -> Result<(), PrepareError> {
    let converted = |part: &[u32]| {
        part.iter()
            .filter(|&&row| built.y[row as usize] > 0.5)
            .count()
    };
    let of_training = converted(&split.train);
    let lacking = of_training == 0
        || of_training == split.train.len()
        || (options.split.validation > 0.0 && split.validation.is_empty())
        || (options.split.test > 0.0 && split.test.is_empty());
    if lacking {
        return Err(PrepareError::TooFewRows {
            rows: built.y.len(),
            converted: built.y.iter().filter(|&&y| y > 0.5).count(),
        });
    }
    Ok(())
}

/// The paths with touches of one channel in a row made one.
fn collapsed(paths: &Paths) -> Paths {
    let mut short = Paths {
        offsets: vec![0],
        touches: Vec::new(),
        days: None,
        ..paths.clone()
    };
    for path in 0..paths.len() {
        let mut touches = paths.path(path).to_vec();
        touches.dedup();
        short.touches.extend(touches);
        short.offsets.push(short.touches.len());
    }
    short.merged()
}
