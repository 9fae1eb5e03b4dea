//! What a person should know before a model learns from a data set.

use super::remedies::{Coarser, to_both_outcomes, to_inputs};
use super::{Dataset, Encoding, Measure, TouchCounts};
use crate::error::Warning;
use crate::schema::{is_sorted, leaks_by_name, possible_leak, sorted_by_outcome};
use crate::statistics::area_under_roc;
use crate::table::MISSING_CODE;

/// Fewer conversions than this say little about anything.
const FEW_CONVERSIONS: f64 = 30.0;
/// Conversions per input below which coefficients are unreliable (Peduzzi et al. 1996).
const PER_INPUT: f64 = 10.0;
/// A single input that tells the outcome this well was probably known only afterwards.
const LEAK_AUC: f64 = 0.9;
/// Rows of each outcome that have to be there before an input can be said to tell it.
const MIN_OF_CLASS: usize = 10;
/// At most so many rows of each outcome are looked at.
const SAMPLE: usize = 25_000;
/// From this share on it is worth a word that converters touched one channel only.
const SINGLE_CHANNEL: f64 = 0.5;
/// A channel with fewer rows than this may have one outcome by chance.
const MIN_OF_CHANNEL: f64 = 20.0;

/// `few-conversions`, `few-conversions-per-input` and `channels-with-one-class` of any data set; of
/// journeys also `sorted-by-label`, `possible-leak`, `single-channel-converters`,
/// `touches-after-conversion` and `journeys-after-conversion`, which the table itself did not show.
pub(super) fn warnings(dataset: &Dataset, counts: TouchCounts) -> Vec<Warning> {
    let mut warnings = Vec::new();
    few_conversions(dataset, &mut warnings);
    channels_with_one_class(dataset, &mut warnings);
    if dataset.journeys.is_some() {
        sorted(dataset, &mut warnings);
        leaks(dataset, &mut warnings);
        single_channel(dataset, &mut warnings);
        after_conversion(counts, &mut warnings);
    }
    warnings
}

/// Touches that came after a conversion: they begin the user's next journey, or are left out where each
/// user has one outcome.
fn after_conversion(counts: TouchCounts, warnings: &mut Vec<Warning>) {
    let (journeys, touches) = (counts.after_conversion, counts.after_outcome);
    if touches > 0 {
        let message = format!(
            "{touches} touches came after the conversion of their journey and are left out, so that no journey sees what came after its conversion."
        );
        let warning = Warning::new("touches-after-conversion", message);
        warnings.push(warning.figure("touches", touches as f64));
    }
    if journeys > 0 {
        let message = format!(
            "{journeys} journeys began after an earlier conversion of the same user. No journey sees what came after its conversion."
        );
        let warning = Warning::new("journeys-after-conversion", message);
        warnings.push(warning.figure("journeys", journeys as f64));
    }
}

fn weight(dataset: &Dataset, row: usize) -> f64 {
    let weights = dataset.weights.as_ref();
    weights.map_or(1.0, |weights| f64::from(weights[row]))
}

fn few_conversions(dataset: &Dataset, warnings: &mut Vec<Warning>) {
    let of_training = |converted: bool| -> f64 {
        let rows = dataset.split.train.iter().map(|&row| row as usize);
        rows.filter(|&row| (dataset.y[row] > 0.5) == converted)
            .map(|row| weight(dataset, row))
            .sum()
    };
    let conversions = of_training(true);
    if dataset.journeys.is_some() && conversions < FEW_CONVERSIONS {
        let message = format!(
            "Only {conversions} journeys of the training part converted: expect wide intervals. Only more conversions help: a longer time, or an earlier step as the outcome."
        );
        let warning = Warning::new("few-conversions", message);
        warnings.push(warning.figure("conversions", conversions));
        return;
    }
    let (rarer, inputs) = (conversions.min(of_training(false)), dataset.width());
    let per_input = rarer / inputs.max(1) as f64;
    if per_input < PER_INPUT {
        let message = format!(
            "{rarer} training rows of the rarer outcome for {inputs} inputs are {per_input:.1} for each: coefficients will be unsure. Pool rare values, leave out columns, raise the L2 penalty, or take more rows."
        );
        let warning = Warning::new("few-conversions-per-input", message);
        let warning = warning
            .figure("conversions", rarer)
            .figure("inputs", inputs as f64);
        let warning = warning.figure("perInput", per_input);
        let most = (rarer / PER_INPUT).floor() as usize;
        warnings.push(match to_inputs(dataset, most) {
            Some(Coarser::PoolBelow(below)) => warning.remedy("poolBelow", below),
            Some(Coarser::Ignore(columns)) => warning.remedy("ignore", columns),
            None => warning,
        });
    }
}

/// Channels with enough rows of which all or none converted: an unpenalised model has no finite
/// coefficient for them.
fn channels_with_one_class(dataset: &Dataset, warnings: &mut Vec<Warning>) {
    let Some(channels) = &dataset.channels else {
        return;
    };
    let mut counts = vec![[0.0; 2]; channels.names.len()];
    for (row, &code) in channels.codes.iter().enumerate() {
        if code != MISSING_CODE {
            counts[code as usize][usize::from(dataset.y[row] > 0.5)] += weight(dataset, row);
        }
    }
    let is_one_sided = |&place: &usize| {
        let [no, yes] = counts[place];
        (no == 0.0 || yes == 0.0) && no + yes >= MIN_OF_CHANNEL
    };
    let one_sided: Vec<usize> = (0..counts.len()).filter(is_one_sided).collect();
    if one_sided.is_empty() {
        return;
    }
    let rows = one_sided
        .iter()
        .map(|&place| counts[place][0] + counts[place][1]);
    let rows: f64 = rows.sum();
    let count = one_sided.len();
    let message = format!(
        "{count} channels have one outcome only, in {rows} rows: their odds can't be given. Pooled with a small channel that has both, they can."
    );
    let warning = Warning::new("channels-with-one-class", message);
    let warning = warning
        .columns(one_sided.iter().map(|&place| channels.names[place].clone()))
        .figure("channels", count as f64)
        .figure("rows", rows);
    let from_paths = dataset.journeys.as_ref();
    let from_paths = from_paths.is_some_and(|journeys| journeys.source.is_some());
    let pooled = to_both_outcomes(&channels.names, &counts, &one_sided);
    warnings.push(match pooled.filter(|_| !from_paths) {
        Some(channels) => warning.remedy("poolChannels", channels),
        None => warning,
    });
}

fn sorted(dataset: &Dataset, warnings: &mut Vec<Warning>) {
    let from_paths = dataset
        .journeys
        .as_ref()
        .is_some_and(|journeys| journeys.source.is_some());
    let outcomes: Vec<u8> = dataset.y.iter().map(|&y| u8::from(y > 0.5)).collect();
    let positives = outcomes.iter().filter(|&&outcome| outcome == 1).count();
    if !from_paths && is_sorted(&outcomes, positives, outcomes.len() - positives) {
        let code = "journeys-sorted-by-outcome";
        let negatives = outcomes.len() - positives;
        warnings.push(sorted_by_outcome(
            code, "journeys", &outcomes, positives, negatives,
        ));
    }
}

/// Inputs of users, and kinds of touches, that tell the outcome of training journeys all but alone, or have
/// the name of something that does. How many touches there were and when may do that honestly.
fn leaks(dataset: &Dataset, warnings: &mut Vec<Warning>) {
    let mut rows = Vec::new();
    for class in [false, true] {
        let of_class = || {
            let training = dataset.split.train.iter().copied();
            training.filter(|&row| (dataset.y[row as usize] > 0.5) == class)
        };
        let count = of_class().count();
        if count < MIN_OF_CLASS {
            return;
        }
        rows.extend(of_class().step_by(count.div_ceil(SAMPLE).max(1)));
    }
    let width = dataset.width();
    let mut found: Vec<(&str, f64)> = Vec::new();
    for (place, feature) in dataset.features.iter().enumerate() {
        let looked_at = match &feature.encoding {
            Encoding::Measured { measure, .. } => matches!(measure, Measure::EventSeen { .. }),
            _ => true,
        };
        if !looked_at {
            continue;
        }
        let scores = rows.iter().map(|&row| {
            let row = row as usize;
            let weight = weight(dataset, row);
            let weights = if dataset.y[row] > 0.5 {
                (weight, 0.0)
            } else {
                (0.0, weight)
            };
            (f64::from(dataset.x[row * width + place]), weights)
        });
        let auc = area_under_roc(scores.collect());
        let (name, auc) = (&feature.column, auc.max(1.0 - auc));
        match found.iter_mut().find(|found| found.0 == name) {
            Some(found) => found.1 = found.1.max(auc),
            None => found.push((name, auc)),
        }
    }
    for (name, auc) in found {
        if auc >= LEAK_AUC || leaks_by_name(name) {
            warnings.push(possible_leak(name, auc));
        }
    }
}

/// How many converted journeys touched one channel only: for them all methods of credit agree.
fn single_channel(dataset: &Dataset, warnings: &mut Vec<Warning>) {
    let Some(journeys) = &dataset.journeys else {
        return;
    };
    let (mut single, mut all) = (0.0, 0.0);
    for journey in (0..journeys.len()).filter(|&journey| dataset.y[journey] > 0.5) {
        let touches = journeys.touches(journey);
        let weight = weight(dataset, journey);
        all += weight;
        if touches.windows(2).all(|pair| pair[0] == pair[1]) {
            single += weight;
        }
    }
    let share = single / f64::max(all, 1.0);
    if share >= SINGLE_CHANNEL {
        let message = format!(
            "{:.0} % of the converted journeys touched one channel only: all ways to give credit agree on them. Differences between methods rest on the other {:.0} journeys.",
            share * 100.0,
            all - single
        );
        let warning = Warning::new("single-channel-converters", message);
        let warning = warning.figure("share", share).figure("journeys", single);
        warnings.push(warning.figure("others", all - single));
    }
}
