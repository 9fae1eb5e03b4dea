//! What a person should know before a model learns from a data set.

use super::{Dataset, Encoding, Measure, TouchCounts};
use crate::error::Warning;
use crate::schema::{is_sorted, sorted_by_outcome};
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
/// journeys also `sorted-by-label`, `possible-leak`, `single-channel-converters` and
/// `touches-after-conversion`, which the table itself did not show.
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
    if journeys == 0 && touches == 0 {
        return;
    }
    let message = format!(
        "{touches} touches came after the conversion of their journey and are left out; {journeys} journeys began after an earlier conversion of the same user. No journey sees what came after its conversion."
    );
    let warning = Warning::new("touches-after-conversion", message);
    warnings.push(
        warning
            .figure("journeys", journeys as f64)
            .figure("touches", touches as f64),
    );
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
            "Only {conversions} journeys of the training part converted: expect wide intervals."
        );
        let warning = Warning::new("few-conversions", message);
        warnings.push(warning.figure("conversions", conversions));
        return;
    }
    let (rarer, inputs) = (conversions.min(of_training(false)), dataset.width());
    let per_input = rarer / inputs.max(1) as f64;
    if per_input < PER_INPUT {
        let message = format!(
            "{rarer} training rows of the rarer outcome for {inputs} inputs are {per_input:.1} for each: coefficients will be unsure. Leave out columns, or take more rows."
        );
        let warning = Warning::new("few-conversions-per-input", message);
        let warning = warning
            .figure("conversions", rarer)
            .figure("inputs", inputs as f64);
        warnings.push(warning.figure("perInput", per_input));
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
    let one_sided = counts
        .iter()
        .filter(|[no, yes]| (*no == 0.0 || *yes == 0.0) && no + yes >= MIN_OF_CHANNEL);
    let rows: f64 = one_sided.clone().map(|[no, yes]| no + yes).sum();
    let count = one_sided.count();
    if count > 0 {
        let message = format!(
            "{count} channels have one outcome only, in {rows} rows: their odds can't be given."
        );
        let warning =
            Warning::new("channels-with-one-class", message).columns([channels.column.clone()]);
        warnings.push(
            warning
                .figure("channels", count as f64)
                .figure("rows", rows),
        );
    }
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

/// Inputs of users, and kinds of touches, that tell the outcome of training journeys all but alone. How
/// many touches there were and when may do that honestly.
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
    let mut told: Vec<&str> = Vec::new();
    for (place, feature) in dataset.features.iter().enumerate() {
        let looked_at = match &feature.encoding {
            Encoding::Measured { measure, .. } => matches!(measure, Measure::EventSeen { .. }),
            _ => true,
        };
        if !looked_at || told.contains(&feature.column.as_str()) {
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
        let auc = auc.max(1.0 - auc);
        if auc >= LEAK_AUC {
            told.push(&feature.column);
            let name = &feature.column;
            let message = format!(
                "`{name}` alone predicts the outcome with AUC {auc:.2}: it may be known only afterwards."
            );
            let warning = Warning::new("possible-leak", message)
                .columns([name])
                .figure("auc", auc);
            warnings.push(warning.remedy("ignore", name.clone()));
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
            "{:.0} % of the converted journeys touched one channel only: all ways to give credit agree on them.",
            share * 100.0
        );
        let warning = Warning::new("single-channel-converters", message);
        warnings.push(warning.figure("share", share).figure("journeys", single));
    }
}
