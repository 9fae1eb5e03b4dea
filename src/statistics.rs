//! Statistics that more than one room needs.

/// The 97.5 % quantile of the normal distribution: 95 % intervals reach so many standard errors.
pub(crate) const Z95: f64 = 1.959_963_984_540_054;

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

/// The area under the ROC curve of rows, each with its score and the weights `(converted, not
/// converted)` it stands for: the chance that a converted one scores above another, ties counting half
/// (Mann–Whitney with midranks; Hanley & McNeil 1982, *Radiology* 143:29–36). `NaN` where a class has
/// no weight.
///
/// Scores are put in order by `total_cmp`, which has a place for each `NaN`; 0 and −0 are tied. Takes
/// O(n log n).
pub(crate) fn area_under_roc(mut rows: Vec<(f64, (f64, f64))>) -> f64 {
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let tied = rows.chunk_by(|a, b| a.0 == b.0 || a.0.total_cmp(&b.0).is_eq());
    area_of_groups(tied.map(|rows| {
        rows.iter().fold((0.0, 0.0), |sums, (_, masses)| {
            (sums.0 + masses.0, sums.1 + masses.1)
        })
    }))
}

/// The same of groups of rows with equal scores, lowest score first: each with its weights `(converted,
/// not converted)`.
pub(crate) fn area_of_groups(groups: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut positives, mut negatives, mut wins) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (tied_positives, tied_negatives) in groups {
        wins += tied_positives * (negatives + tied_negatives / 2.0);
        positives += tied_positives;
        negatives += tied_negatives;
    }
    wins / (positives * negatives)
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
