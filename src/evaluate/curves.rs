//! The curves of one part, ready to be drawn.

use super::metrics::Confusion;
use super::{Ranking, Z95};
use crate::statistics::wilson;
use serde::Serialize;

/// The most points a curve has.
const MAX_POINTS: usize = 512;
/// Calibration bins hold about the same number of rows each.
const CALIBRATION_BINS: usize = 10;
/// Steps of the threshold slider.
const THRESHOLD_STEPS: usize = 100;

/// A point of the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RocPoint {
    /// Share of those not converted at or above the threshold.
    pub false_positive_rate: f64,
    /// Share of the converted at or above the threshold.
    pub true_positive_rate: f64,
    /// Everyone at or above it is called a converter; 1 at the start, where nobody is.
    pub threshold: f64,
}

/// A point of the precision-recall curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PrecisionRecallPoint {
    /// Share of the converted at or above the threshold.
    pub recall: f64,
    /// Share of those at or above the threshold that converted; 1 at the start by convention.
    pub precision: f64,
    /// Everyone at or above it is called a converter; 1 at the start, where nobody is.
    pub threshold: f64,
}

/// A point of the gain curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GainPoint {
    /// Share of rows contacted, best first.
    pub contacted: f64,
    /// Share of the converted among them.
    pub found: f64,
}

/// Rows of similar probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Their mean probability.
    pub predicted: f64,
    /// The share that converted.
    pub observed: f64,
    /// 95 % Wilson interval of `observed`.
    pub interval: [f64; 2],
    /// Rows, or the sum of their weights.
    pub n: f64,
}

/// What a part looks like when everyone at or above `threshold` is called a converter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ThresholdRow {
    /// The threshold.
    pub threshold: f64,
    /// Called a converter, and was one.
    pub tp: f64,
    /// Called a converter, but was none.
    pub fp: f64,
    /// Not called a converter, and was none.
    pub tn: f64,
    /// Not called a converter, but was one.
    #[serde(rename = "fn")]
    pub fn_: f64,
    /// Share called rightly.
    pub accuracy: f64,
    /// Share of those called converters who were.
    pub precision: f64,
    /// Share of converters who were called so.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Share of all rows called converters.
    pub flagged: f64,
}

/// The curves of one part. Curves that need both classes are empty where one is missing; all are
/// where the part is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Curves {
    /// From (0, 0) to (1, 1).
    pub roc: Vec<RocPoint>,
    /// From recall 0 to recall 1.
    pub precision_recall: Vec<PrecisionRecallPoint>,
    /// From (0, 0) to (1, 1).
    pub gain: Vec<GainPoint>,
    /// Ten bins of about equal size, lowest probability first; fewer where probabilities repeat.
    pub calibration: Vec<CalibrationBin>,
    /// At 101 even steps from 0 to where nobody is called a converter: to 1, or where all probabilities
    /// are small to 0.5, 0.2, 0.1, 0.05, ….
    pub thresholds: Vec<ThresholdRow>,
}

impl Curves {
    /// Reads the curves from a ranking. Where there are more than 512 distinct probabilities, points
    /// are kept at even distances along the ROC curve, the ends included: what is dropped lies within
    /// 1/250 of what is drawn.
    pub fn new(ranking: &Ranking) -> Self {
        let mut curves = Self {
            calibration: calibration(ranking),
            ..Self::default()
        };
        if ranking.groups.is_empty() {
            return curves;
        }
        curves.thresholds = thresholds(ranking);
        if ranking.positives == 0.0 || ranking.negatives == 0.0 {
            return curves;
        }
        let kept = ranking.spread(MAX_POINTS - 1);
        curves.roc.push(RocPoint {
            false_positive_rate: 0.0,
            true_positive_rate: 0.0,
            threshold: 1.0,
        });
        curves.precision_recall.push(PrecisionRecallPoint {
            recall: 0.0,
            precision: 1.0,
            threshold: 1.0,
        });
        curves.gain.push(GainPoint {
            contacted: 0.0,
            found: 0.0,
        });
        let mut kept = kept.into_iter().peekable();
        for (at, (group, tp, fp)) in ranking.cumulative().enumerate() {
            if kept.next_if_eq(&at).is_none() {
                continue;
            }
            let (threshold, recall) = (group.probability, tp / ranking.positives);
            curves.roc.push(RocPoint {
                false_positive_rate: fp / ranking.negatives,
                true_positive_rate: recall,
                threshold,
            });
            curves.precision_recall.push(PrecisionRecallPoint {
                recall,
                precision: tp / (tp + fp),
                threshold,
            });
            curves.gain.push(GainPoint {
                contacted: (tp + fp) / ranking.mass(),
                found: recall,
            });
        }
        curves
    }
}

/// The least of 1, 0.5, 0.2, 0.1, 0.05, … 0.0001 above all probabilities: where conversions are rare,
/// steps of 0.01 would leave next to nothing to choose from.
fn highest_threshold(ranking: &Ranking) -> f64 {
    let highest = ranking
        .groups
        .first()
        .map_or(1.0, |group| group.probability);
    let scales = (0..=4).rev().flat_map(|power| {
        let unit = 10f64.powi(power);
        [1.0 / unit, 2.0 / unit, 5.0 / unit]
    });
    scales
        .take_while(|&scale| scale < 1.0)
        .find(|&scale| scale > highest)
        .unwrap_or(1.0)
}

/// One row per threshold, lowest first, from one walk over the groups.
fn thresholds(ranking: &Ranking) -> Vec<ThresholdRow> {
    let highest = highest_threshold(ranking);
    let mut groups = ranking.groups.iter().peekable();
    let (mut tp, mut fp) = (0.0, 0.0);
    let mut rows: Vec<ThresholdRow> = (0..=THRESHOLD_STEPS)
        .rev()
        .map(|step| {
            let threshold = highest * step as f64 / THRESHOLD_STEPS as f64;
            while let Some(group) = groups.next_if(|group| group.probability >= threshold) {
                tp += group.positives;
                fp += group.negatives;
            }
            let confusion = Confusion::from_sums(ranking, tp, fp);
            ThresholdRow {
                threshold,
                tp,
                fp,
                tn: confusion.tn,
                fn_: confusion.fn_,
                accuracy: confusion.accuracy(),
                precision: confusion.precision(),
                recall: confusion.recall(),
                f1: confusion.f1(),
                flagged: (tp + fp) / ranking.mass(),
            }
        })
        .collect();
    rows.reverse();
    rows
}

/// Bins that each end where a further tenth of the rows has been passed; equal probabilities stay
/// together.
fn calibration(ranking: &Ranking) -> Vec<CalibrationBin> {
    let total = ranking.mass();
    let (mut bins, mut passed, mut tenths) = (Vec::new(), 0.0, 1.0);
    let (mut positives, mut predicted, mut n) = (0.0, 0.0, 0.0);
    for group in ranking.groups.iter().rev() {
        positives += group.positives;
        predicted += group.mass() * group.probability;
        n += group.mass();
        passed += group.mass();
        // The slack takes care of sums that fall a rounding error short.
        let position = passed / total * CALIBRATION_BINS as f64 + 1e-9;
        if position >= tenths {
            bins.push(CalibrationBin {
                predicted: predicted / n,
                observed: positives / n,
                interval: wilson(positives, n, Z95),
                n,
            });
            (positives, predicted, n) = (0.0, 0.0, 0.0);
            tenths = position.floor() + 1.0;
        }
    }
    bins
}
