//! The figures of one part.

use super::{Ranking, Z95};
use serde::{Deserialize, Serialize};

/// How many bins the expected calibration error has.
const CALIBRATION_BINS: usize = 10;

/// What was called a converter, and what was one. With row weights these are sums of weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// Called a converter, and was one.
    pub tp: f64,
    /// Called a converter, but was none.
    pub fp: f64,
    /// Not called a converter, and was none.
    pub tn: f64,
    /// Not called a converter, but was one.
    #[serde(rename = "fn")]
    pub fn_: f64,
}

impl Confusion {
    /// Calls every row at or above `threshold` a converter.
    pub fn at(ranking: &Ranking, threshold: f64) -> Self {
        let (tp, fp) = ranking.flagged(threshold);
        Self::from_sums(ranking, tp, fp)
    }

    pub(super) fn from_sums(ranking: &Ranking, tp: f64, fp: f64) -> Self {
        Self {
            tp,
            fp,
            tn: ranking.negatives - fp,
            fn_: ranking.positives - tp,
        }
    }

    /// The share of rows that were called rightly.
    pub fn accuracy(&self) -> f64 {
        (self.tp + self.tn) / (self.tp + self.fp + self.tn + self.fn_)
    }

    /// The share of those called converters who were; 0 where nobody was called one.
    pub fn precision(&self) -> f64 {
        ratio(self.tp, self.tp + self.fp)
    }

    /// The share of converters who were called so; 0 where there are none.
    pub fn recall(&self) -> f64 {
        ratio(self.tp, self.tp + self.fn_)
    }

    /// The harmonic mean of precision and recall; 0 where both are.
    pub fn f1(&self) -> f64 {
        ratio(2.0 * self.tp, 2.0 * self.tp + self.fp + self.fn_)
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Where F1 is best.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BestF1 {
    /// The best F1.
    pub f1: f64,
    /// The lowest threshold that gives it.
    pub threshold: f64,
}

/// The figures of one part. What a part cannot tell is `NaN`, which JSON writes as `null`: all of an
/// empty part, and the AUC, its interval and `prAuc` where a class is missing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// Rows, or the sum of their weights.
    pub n: f64,
    /// The share that converted.
    pub base_rate: f64,
    /// Mean log-loss, natural logarithm.
    pub loss: f64,
    /// Area under the ROC curve.
    pub auc: f64,
    /// 95 % interval of `auc`: DeLong's variance on the logit scale; an exact bound where that knows
    /// none.
    pub auc_interval: [f64; 2],
    /// Average precision.
    pub pr_auc: f64,
    /// At `threshold`.
    pub accuracy: f64,
    /// At `threshold`.
    pub precision: f64,
    /// At `threshold`.
    pub recall: f64,
    /// At `threshold`.
    pub f1: f64,
    /// Mean squared distance of probability and outcome (Brier 1950).
    pub brier: f64,
    /// Expected calibration error over ten bins of equal width.
    pub ece: f64,
    /// 0.5: what the four figures above and `confusion` belong to.
    pub threshold: f64,
    /// Where F1 is best.
    pub best: BestF1,
    /// At `threshold`.
    pub confusion: Confusion,
}

impl Metrics {
    /// The figures at threshold 0.5.
    pub fn new(ranking: &Ranking) -> Self {
        let threshold = 0.5;
        let confusion = Confusion::at(ranking, threshold);
        let n = ranking.mass();
        let (auc, variance) = ranking.auc();
        let mean = |figure: fn(f64, f64) -> f64| {
            ranking
                .groups
                .iter()
                .map(|group| {
                    group.positives * figure(group.probability, 1.0)
                        + group.negatives * figure(group.probability, 0.0)
                })
                .sum::<f64>()
                / n
        };
        Self {
            n,
            base_rate: ranking.positives / n,
            loss: mean(|p, y| if y > 0.5 { -p.ln() } else { -(-p).ln_1p() }),
            auc,
            auc_interval: auc_interval(auc, variance, ranking.positives.min(ranking.negatives)),
            pr_auc: average_precision(ranking),
            accuracy: confusion.accuracy(),
            precision: confusion.precision(),
            recall: confusion.recall(),
            f1: confusion.f1(),
            brier: mean(|p, y| (p - y) * (p - y)),
            ece: calibration_error(ranking),
            threshold,
            best: best_f1(ranking),
            confusion,
        }
    }
}

/// The 95 % interval `σ(logit(A) ± z·√V/(A(1 − A)))`, which stays within 0 and 1 (Pepe 2003, *The
/// Statistical Evaluation of Medical Tests*, section 5.2.4; Qin & Hotilovac 2008 find it to keep its
/// level where the plain one does not). `smaller` is the weight of the smaller class, m.
///
/// Where the variance knows nothing, exact bounds take its place, which hold whatever the scores'
/// distribution, with α = 0.05:
/// - A perfect ranking orders m disjoint pairs rightly, which happens with probability at most `A^m`;
///   so the interval is `[(α/2)^(1/m), 1]`, as by Clopper & Pearson (1934, *Biometrika* 26:404–413) for
///   m hits in m trials; upside down for a ranking that is wrong throughout.
/// - With one row in a class all that is known is that the estimate has mean A, and by Markov's
///   inequality the interval is `[A·α/2, 1 − (1 − A)·α/2]`.
fn auc_interval(auc: f64, variance: f64, smaller: f64) -> [f64; 2] {
    const TAIL: f64 = 0.025;
    // Sums of weights leave a rounding error.
    const PERFECT: f64 = 1e-12;
    if auc.is_nan() {
        return [f64::NAN, f64::NAN];
    }
    if 1.0 - auc < PERFECT {
        return [TAIL.powf(1.0 / smaller), 1.0];
    }
    if auc < PERFECT {
        return [0.0, 1.0 - TAIL.powf(1.0 / smaller)];
    }
    if variance.is_nan() {
        return [TAIL * auc, 1.0 - TAIL * (1.0 - auc)];
    }
    // All rows have the same probability: that is ½, in any sample.
    if variance == 0.0 {
        return [auc, auc];
    }
    let logit = (auc / (1.0 - auc)).ln();
    let reach = Z95 * variance.sqrt() / (auc * (1.0 - auc));
    let back = |z: f64| super::probabilities::sigmoid(z);
    [back(logit - reach), back(logit + reach)]
}

/// `Σₖ (Rₖ − Rₖ₋₁)·Pₖ` over the distinct probabilities, highest first (average precision, as in
/// scikit-learn; no interpolation: Davis & Goadrich 2006 show that it flatters).
fn average_precision(ranking: &Ranking) -> f64 {
    if ranking.positives == 0.0 || ranking.negatives == 0.0 {
        return f64::NAN;
    }
    ranking
        .cumulative()
        .map(|(group, tp, fp)| group.positives / ranking.positives * (tp / (tp + fp)))
        .sum()
}

/// `Σ_b (n_b/n)·|mean outcome − mean probability|` over bins of equal width (Naeini, Cooper &
/// Hauskrecht 2015).
fn calibration_error(ranking: &Ranking) -> f64 {
    let mut bins = [(0.0, 0.0); CALIBRATION_BINS];
    for group in &ranking.groups {
        let bin = (group.probability * CALIBRATION_BINS as f64) as usize;
        let bin = &mut bins[bin.min(CALIBRATION_BINS - 1)];
        bin.0 += group.positives;
        bin.1 += group.mass() * group.probability;
    }
    bins.iter()
        .map(|(observed, predicted): &(f64, f64)| (observed - predicted).abs())
        .sum::<f64>()
        / ranking.mass()
}

/// The best F1 over all distinct probabilities as thresholds, and the lowest of those that give it.
fn best_f1(ranking: &Ranking) -> BestF1 {
    let mut best = BestF1 {
        f1: f64::NAN,
        threshold: f64::NAN,
    };
    for (group, tp, fp) in ranking.cumulative() {
        let f1 = Confusion::from_sums(ranking, tp, fp).f1();
        if best.f1.is_nan() || f1 >= best.f1 {
            best = BestF1 {
                f1,
                threshold: group.probability,
            };
        }
    }
    best
}
