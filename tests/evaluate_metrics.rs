//! Metrics and curves against their definitions, worked out the slow way.

#![allow(clippy::unwrap_used)] // A test may panic.

use channelwise::evaluate::{Curves, Metrics, Ranking};
use channelwise::train;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Rows: probability (on a coarse grid, so that there are ties), outcome, weight.
type Rows = Vec<(f64, bool, u8)>;

fn rows(grid: u32) -> impl Strategy<Value = Rows> {
    let row = (1..grid, any::<bool>(), 0_u8..4);
    prop::collection::vec(row, 4..60).prop_map(move |rows| {
        rows.into_iter()
            .map(|(p, converted, weight)| (f64::from(p) / f64::from(grid), converted, weight))
            .collect()
    })
}

/// Each row as often as it counts.
fn repeated(rows: &Rows) -> Rows {
    rows.iter()
        .flat_map(|row| std::iter::repeat_n((row.0, row.1, 1), usize::from(row.2)))
        .collect()
}

fn ranking(rows: &Rows, weighted: bool) -> Ranking {
    let probabilities: Vec<f64> = rows.iter().map(|row| row.0).collect();
    let labels = rows.iter().map(|row| f32::from(u8::from(row.1)));
    let weights = weighted.then(|| rows.iter().map(|row| f32::from(row.2)));
    Ranking::new(&probabilities, labels, weights)
}

fn split(rows: &Rows) -> (Vec<f64>, Vec<f64>) {
    let pick = |class: bool| {
        rows.iter()
            .filter(move |row| row.1 == class)
            .map(|row| row.0)
    };
    (pick(true).collect(), pick(false).collect())
}

/// 1 for a win, ½ for a tie.
fn win(a: f64, b: f64) -> f64 {
    match a.total_cmp(&b) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// With n − 1 below.
fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|v| (v - centre).powi(2)).sum();
    squares / (values.len() as f64 - 1.0)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9 || (a.is_nan() && b.is_nan())
}

/// Precision, recall and F1 at a threshold, counted.
fn counted(rows: &Rows, threshold: f64) -> (f64, f64, f64) {
    let count = |called: bool, class: bool| {
        rows.iter()
            .filter(|row| (row.0 >= threshold) == called && row.1 == class)
            .count() as f64
    };
    let (tp, fp, missed) = (count(true, true), count(true, false), count(false, true));
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let (precision, recall) = (share(tp, tp + fp), share(tp, tp + missed));
    (
        precision,
        recall,
        share(2.0 * precision * recall, precision + recall),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn auc_and_its_variance_are_those_of_all_pairs(rows in rows(20)) {
        let (positives, negatives) = split(&rows);
        prop_assume!(positives.len() > 1 && negatives.len() > 1);
        let wins = |of: &[f64], against: &[f64], flip: bool| -> Vec<f64> {
            of.iter()
                .map(|&a| {
                    let wins: Vec<f64> = against
                        .iter()
                        .map(|&b| if flip { win(b, a) } else { win(a, b) })
                        .collect();
                    mean(&wins)
                })
                .collect()
        };
        // DeLong's structural components: each row's share of wins against the other class.
        let of_positives = wins(&positives, &negatives, false);
        let of_negatives = wins(&negatives, &positives, true);
        let spread = variance(&of_positives) / positives.len() as f64
            + variance(&of_negatives) / negatives.len() as f64;
        let (auc, found) = ranking(&rows, false).auc();
        prop_assert!(close(auc, mean(&of_positives)), "{auc}");
        prop_assert!(close(found, spread), "{found} {spread}");
        let scores: Vec<f32> = rows.iter().map(|row| row.0 as f32).collect();
        let labels: Vec<f32> = rows.iter().map(|row| f32::from(u8::from(row.1))).collect();
        prop_assert!(close(train::auc(&scores, &labels, None), auc));
    }

    #[test]
    fn the_figures_are_those_of_their_definitions(rows in rows(30)) {
        let (positives, negatives) = split(&rows);
        prop_assume!(!positives.is_empty() && !negatives.is_empty());
        let found = Metrics::new(&ranking(&rows, false));
        let each = |figure: fn(f64, f64) -> f64| {
            let values: Vec<f64> = rows
                .iter()
                .map(|row| figure(row.0, f64::from(u8::from(row.1))))
                .collect();
            mean(&values)
        };
        prop_assert!(close(found.loss, each(|p, y| -(y * p.ln() + (1.0 - y) * (1.0 - p).ln()))));
        prop_assert!(close(found.brier, each(|p, y| (p - y).powi(2))));
        prop_assert!(close(found.base_rate, each(|_, y| y)));
        prop_assert!(close(found.accuracy, each(|p, y| f64::from(u8::from((p >= 0.5) == (y == 1.0))))));
        let (precision, recall, f1) = counted(&rows, 0.5);
        prop_assert!(close(found.precision, precision) && close(found.recall, recall));
        prop_assert!(close(found.f1, f1));

        let mut thresholds: Vec<f64> = rows.iter().map(|row| row.0).collect();
        thresholds.sort_by(|a, b| b.total_cmp(a));
        thresholds.dedup();
        let (mut average, mut before, mut best) = (0.0, 0.0, (0.0, 1.0));
        for &threshold in &thresholds {
            let (precision, recall, f1) = counted(&rows, threshold);
            average += (recall - before) * precision;
            before = recall;
            if f1 > best.0 + 1e-12 || close(f1, best.0) {
                best = (f1, threshold);
            }
        }
        prop_assert!(close(found.pr_auc, average));
        prop_assert!(close(found.best.f1, best.0));
        prop_assert!(close(counted(&rows, found.best.threshold).2, best.0));

        let mut error = 0.0;
        for bin in 0..10 {
            let within: Vec<_> = rows.iter().filter(|row| (row.0 * 10.0) as usize == bin).collect();
            let p: f64 = within.iter().map(|row| row.0).sum();
            let y: f64 = within.iter().map(|row| f64::from(u8::from(row.1))).sum();
            error += (p - y).abs() / rows.len() as f64;
        }
        prop_assert!(close(found.ece, error), "{} {error}", found.ece);
        let [low, high] = found.auc_interval;
        let one_class = found.auc.is_nan();
        prop_assert!(low.is_nan() == one_class && high.is_nan() == one_class);
        prop_assert!(one_class || (0.0..=found.auc).contains(&low));
        prop_assert!(one_class || (found.auc..=1.0).contains(&high));
    }

    #[test]
    fn a_weight_counts_as_so_many_rows(rows in rows(15)) {
        let repeated = repeated(&rows);
        prop_assume!(!repeated.is_empty());
        let (weighted, plain) = (ranking(&rows, true), ranking(&repeated, false));
        let (a, b) = (Metrics::new(&weighted), Metrics::new(&plain));
        for (a, b) in [
            (a.n, b.n), (a.loss, b.loss), (a.auc, b.auc), (a.pr_auc, b.pr_auc),
            (a.auc_interval[0], b.auc_interval[0]), (a.ece, b.ece), (a.f1, b.f1),
            (a.best.f1, b.best.f1), (a.best.threshold, b.best.threshold),
            (a.confusion.tp, b.confusion.tp), (a.confusion.fn_, b.confusion.fn_),
        ] {
            prop_assert!(close(a, b), "{a} {b}");
        }
        let (a, b) = (Curves::new(&weighted), Curves::new(&plain));
        prop_assert_eq!(a.roc.len(), b.roc.len());
        prop_assert_eq!(a.calibration.len(), b.calibration.len());
    }

    #[test]
    fn curves_run_from_corner_to_corner_and_enclose_the_area(rows in rows(40)) {
        let (positives, negatives) = split(&rows);
        prop_assume!(!positives.is_empty() && !negatives.is_empty());
        let ranking = ranking(&rows, false);
        let curves = Curves::new(&ranking);
        let roc: Vec<(f64, f64)> = curves
            .roc
            .iter()
            .map(|point| (point.false_positive_rate, point.true_positive_rate))
            .collect();
        prop_assert_eq!(roc[0], (0.0, 0.0));
        prop_assert_eq!(roc[roc.len() - 1], (1.0, 1.0));
        let area: f64 = roc
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) * (pair[1].1 + pair[0].1) / 2.0)
            .sum();
        prop_assert!(close(area, ranking.auc().0));
        for point in &curves.precision_recall[1..] {
            let (precision, recall, _) = counted(&rows, point.threshold);
            prop_assert!(close(point.precision, precision) && close(point.recall, recall));
        }
        prop_assert_eq!(curves.thresholds.len(), 101);
        for row in &curves.thresholds {
            let (precision, recall, f1) = counted(&rows, row.threshold);
            prop_assert!(close(row.precision, precision) && close(row.recall, recall));
            prop_assert!(close(row.f1, f1));
            let flagged = rows.iter().filter(|other| other.0 >= row.threshold).count();
            prop_assert!(close(row.flagged, flagged as f64 / rows.len() as f64));
        }
        prop_assert_eq!(curves.thresholds[100].flagged, 0.0);
        prop_assert_eq!(curves.thresholds[0].flagged, 1.0);
        let binned: f64 = curves.calibration.iter().map(|bin| bin.n).sum();
        prop_assert_eq!(binned, rows.len() as f64);
        for bin in &curves.calibration {
            prop_assert!(bin.interval[0] <= bin.observed && bin.observed <= bin.interval[1]);
        }
        for pair in curves.gain.windows(2) {
            prop_assert!(pair[0].contacted <= pair[1].contacted && pair[0].found <= pair[1].found);
        }
    }
}

/// Many rows, all of different probability, which is the true one.
fn many(count: usize) -> Rows {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    (0..count)
        .map(|_| {
            let p = 0.5 * rng.random::<f64>().powi(2);
            (p, rng.random::<f64>() < p, 1)
        })
        .collect()
}

#[test]
fn long_curves_are_thinned_without_losing_their_shape() {
    let rows = many(50_000);
    let ranking = ranking(&rows, false);
    let curves = Curves::new(&ranking);
    for length in [
        curves.roc.len(),
        curves.precision_recall.len(),
        curves.gain.len(),
    ] {
        assert!((400..=512).contains(&length), "{length}");
    }
    let area: f64 = curves
        .roc
        .windows(2)
        .map(|pair| {
            (pair[1].false_positive_rate - pair[0].false_positive_rate)
                * (pair[1].true_positive_rate + pair[0].true_positive_rate)
                / 2.0
        })
        .sum();
    assert!((area - ranking.auc().0).abs() < 1e-4);
    for pair in curves.roc.windows(2) {
        let step = pair[1].false_positive_rate - pair[0].false_positive_rate
            + pair[1].true_positive_rate
            - pair[0].true_positive_rate;
        assert!(step < 0.01, "{pair:?}");
    }
    let ends = (curves.roc[0], curves.roc[curves.roc.len() - 1]);
    assert_eq!(
        (ends.0.true_positive_rate, ends.1.true_positive_rate),
        (0.0, 1.0)
    );
    // Ten bins of 5000 rows; the probabilities are true, so the intervals hold them nearly always.
    assert_eq!(curves.calibration.len(), 10);
    for bin in &curves.calibration {
        assert_eq!(bin.n, 5000.0);
    }
    let outside = curves
        .calibration
        .iter()
        .filter(|bin| !(bin.interval[0]..=bin.interval[1]).contains(&bin.predicted));
    assert!(outside.count() <= 1, "{:?}", curves.calibration);
}

#[test]
fn bins_keep_equal_probabilities_together() {
    // Eight of ten rows share a probability.
    let rows: Rows = (0..100)
        .map(|row| (if row < 80 { 0.3 } else { 0.6 }, row % 3 == 0, 1))
        .collect();
    let curves = Curves::new(&ranking(&rows, false));
    let sizes: Vec<f64> = curves.calibration.iter().map(|bin| bin.n).collect();
    assert_eq!(sizes, [80.0, 20.0]);
    assert!((curves.calibration[0].predicted - 0.3).abs() < 1e-12);
}

#[test]
fn the_interval_of_the_auc_holds_it_about_95_times_in_100() {
    // Positives normal around 1, negatives around 0: the true area is Φ(1/√2).
    let truth = 0.760_249_938_906_523_7;
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut uniform = || 1.0 - rng.random::<f64>();
    let mut held = 0;
    for _ in 0..1000 {
        let rows: Rows = (0..90)
            .map(|row| {
                let noise =
                    (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
                let score = if row < 30 { noise + 1.0 } else { noise };
                (1.0 / (1.0 + (-score).exp()), row < 30, 1)
            })
            .collect();
        let [low, high] = Metrics::new(&ranking(&rows, false)).auc_interval;
        held += usize::from((low..=high).contains(&truth));
    }
    assert!((930..=970).contains(&held), "{held} of 1000");
}

#[test]
fn the_thresholds_reach_as_far_as_the_probabilities_do() {
    for (highest, expected) in [
        (0.0003, 0.0005),
        (0.009, 0.01),
        (0.034, 0.05),
        (0.05, 0.1),
        (0.31, 0.5),
        (0.5, 1.0),
        (0.97, 1.0),
    ] {
        let rows: Rows = vec![(highest, true, 1), (highest / 2.0, false, 1)];
        let thresholds = Curves::new(&ranking(&rows, false)).thresholds;
        assert_eq!(thresholds.len(), 101);
        assert!(close(thresholds[100].threshold, expected), "{highest}");
        assert_eq!((thresholds[0].flagged, thresholds[100].flagged), (1.0, 0.0));
        let between = thresholds.iter().filter(|row| row.flagged == 0.5).count();
        assert!(
            between >= 20,
            "{between} steps tell the two apart at {highest}"
        );
    }
}

#[test]
fn parts_of_one_class_and_empty_parts_say_what_they_can() {
    let one: Rows = vec![(0.2, false, 1), (0.7, false, 1)];
    let metrics = Metrics::new(&ranking(&one, false));
    assert!(metrics.auc.is_nan() && metrics.pr_auc.is_nan() && metrics.auc_interval[0].is_nan());
    assert_eq!(
        (metrics.n, metrics.accuracy, metrics.recall),
        (2.0, 0.5, 0.0)
    );
    let curves = Curves::new(&ranking(&one, false));
    assert!(curves.roc.is_empty() && curves.gain.is_empty());
    assert_eq!(curves.thresholds.len(), 101);
    let empty = Metrics::new(&ranking(&Vec::new(), false));
    assert!(empty.n == 0.0 && empty.loss.is_nan() && empty.best.f1.is_nan());
    let curves = Curves::new(&ranking(&Vec::new(), false));
    assert!(curves.thresholds.is_empty() && curves.calibration.is_empty());
    // A single converted row has no spread to estimate from, and says next to nothing.
    let single: Rows = vec![(0.9, true, 1), (0.1, false, 1), (0.2, false, 1)];
    let metrics = Metrics::new(&ranking(&single, false));
    assert_eq!(metrics.auc, 1.0);
    assert_eq!(metrics.auc_interval, [0.025, 1.0]);
    let single: Rows = vec![(0.5, true, 1), (0.1, false, 1), (0.9, false, 1)];
    let metrics = Metrics::new(&ranking(&single, false));
    assert_eq!(metrics.auc_interval, [0.0125, 0.9875]);
}

#[test]
fn a_perfect_ranking_is_not_certain() {
    // Of m rows in the smaller class, 0.025^(1/m) bounds the area: 0.6915 for 10, by Clopper & Pearson.
    let perfect = |positives: u32, negatives: u32, right: bool| {
        let rows: Rows = (0..positives + negatives)
            .map(|row| (f64::from(row + 1) / 1e4, (row >= negatives) == right, 1))
            .collect();
        Metrics::new(&ranking(&rows, false)).auc_interval
    };
    for (positives, negatives) in [(10, 10), (10, 500), (500, 10)] {
        let [low, high] = perfect(positives, negatives, true);
        assert!((low - 0.691_502_9).abs() < 1e-6 && high == 1.0, "{low}");
    }
    let [low, high] = perfect(10, 10, false);
    assert!(low == 0.0 && (high - 0.308_497_1).abs() < 1e-6, "{high}");
    // Weights that add up with a rounding error make no difference.
    let rows = [
        (0.1, 0.0),
        (0.2, 0.0),
        (0.3, 0.0),
        (0.8, 1.0),
        (0.9, 1.0),
        (0.95, 1.0),
    ];
    let weights = [0.1_f32, 0.7, 1.3, 0.3, 1.1, 0.9];
    let ranking = Ranking::new(
        &rows.map(|row| row.0),
        rows.iter().map(|row| row.1),
        Some(weights.into_iter()),
    );
    let [low, high] = Metrics::new(&ranking).auc_interval;
    assert!(
        (low - 0.025_f64.powf(1.0 / 2.1)).abs() < 1e-6 && high == 1.0,
        "{low}"
    );
}
