//! Rows in the order of their probability: what all metrics and curves are read from.

use crate::statistics::area_of_groups;

/// Probabilities are kept this far from 0 and 1, as in scikit-learn's `log_loss`.
const EDGE: f64 = f64::EPSILON;

/// Rows of equal probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// Their probability.
    pub probability: f64,
    /// The weight of those that converted.
    pub positives: f64,
    /// The weight of those that did not.
    pub negatives: f64,
}

impl Group {
    /// The weight of all its rows.
    pub fn mass(&self) -> f64 {
        self.positives + self.negatives
    }
}

/// The rows of a part, grouped by probability, highest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Highest probability first; rows of weight 0 are left out.
    pub groups: Vec<Group>,
    /// The weight of all rows that converted.
    pub positives: f64,
    /// The weight of all rows that did not.
    pub negatives: f64,
}

impl Ranking {
    /// Sorts rows by probability. `labels` are 0 or 1; `weights` say how often a row counts. All of
    /// equal length. Probabilities are kept within `[2⁻⁵², 1 − 2⁻⁵²]`. Takes O(n log n).
    pub fn new(
        probabilities: &[f64],
        labels: impl Iterator<Item = f32>,
        weights: Option<impl Iterator<Item = f32>>,
    ) -> Self {
        let mut rows: Vec<Group> = probabilities
            .iter()
            .zip(labels)
            .map(|(&p, label)| {
                let positives = if label > 0.5 { 1.0 } else { 0.0 };
                Group {
                    probability: p.clamp(EDGE, 1.0 - EDGE),
                    positives,
                    negatives: 1.0 - positives,
                }
            })
            .collect();
        if let Some(weights) = weights {
            for (row, weight) in rows.iter_mut().zip(weights) {
                row.positives *= f64::from(weight);
                row.negatives *= f64::from(weight);
            }
            rows.retain(|row| row.mass() > 0.0);
        }
        rows.sort_unstable_by(|a, b| b.probability.total_cmp(&a.probability));
        rows.dedup_by(|next, kept| {
            let same = next.probability == kept.probability;
            if same {
                kept.positives += next.positives;
                kept.negatives += next.negatives;
            }
            same
        });
        Self {
            positives: rows.iter().map(|row| row.positives).sum(),
            negatives: rows.iter().map(|row| row.negatives).sum(),
            groups: rows,
        }
    }

    /// The weight of all rows.
    pub fn mass(&self) -> f64 {
        self.positives + self.negatives
    }

    /// The weight of those converted and not converted at or above `threshold`.
    pub fn flagged(&self, threshold: f64) -> (f64, f64) {
        let end = self
            .groups
            .partition_point(|group| group.probability >= threshold);
        self.groups[..end].iter().fold((0.0, 0.0), |sums, group| {
            (sums.0 + group.positives, sums.1 + group.negatives)
        })
    }

    /// The sums of the groups down to each: `(group, positives, negatives)`.
    pub fn cumulative(&self) -> impl Iterator<Item = (&Group, f64, f64)> {
        self.groups.iter().scan((0.0, 0.0), |sums, group| {
            sums.0 += group.positives;
            sums.1 += group.negatives;
            Some((group, sums.0, sums.1))
        })
    }

    /// The area under the ROC curve and its variance.
    ///
    /// The area is the share of pairs of a converted and another row in which the converted one has
    /// the higher probability, ties counting half. The variance is that of DeLong, DeLong &
    /// Clarke-Pearson 1988 (*Biometrics* 44:837–845, equations 4 to 6), with the placements read from
    /// midranks as in Sun & Xu 2014 (*IEEE Signal Processing Letters* 21:1389–1393): one pass over
    /// the sorted groups in place of all pairs. `NaN` where a class is missing; the variance is `NaN`
    /// where a class has but one row.
    pub fn auc(&self) -> (f64, f64) {
        let lowest_first = self.groups.iter().rev();
        let auc = area_of_groups(lowest_first.map(|group| (group.positives, group.negatives)));
        let (mut squares_p, mut squares_n) = (0.0, 0.0);
        for (group, positives, negatives) in self.cumulative() {
            // Share of the other class that a member of the group wins against.
            let below = (self.negatives - negatives + group.negatives / 2.0) / self.negatives;
            let above = (positives - group.positives / 2.0) / self.positives;
            squares_p += group.positives * below * below;
            squares_n += group.negatives * above * above;
        }
        let spread = |squares: f64, mass: f64| {
            // Σw(V − A)² = Σw·V² − W·A², and the sample variance divides by W − 1.
            (squares - mass * auc * auc).max(0.0) / (mass - 1.0) / mass
        };
        if self.positives <= 1.0 || self.negatives <= 1.0 {
            return (auc, f64::NAN);
        }
        let variance = spread(squares_p, self.positives) + spread(squares_n, self.negatives);
        (auc, variance)
    }

    /// At most `count` positions in `groups`, the last included, spread evenly over the length of the
    /// ROC curve (each step right and each step up counts its size).
    pub fn spread(&self, count: usize) -> Vec<usize> {
        let last = self.groups.len().saturating_sub(1);
        if self.groups.len() <= count {
            return (0..self.groups.len()).collect();
        }
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let mut kept = Vec::with_capacity(count);
        for (at, (_, positives, negatives)) in self.cumulative().enumerate() {
            let along = share(positives, self.positives) + share(negatives, self.negatives);
            // The k-th point is the first that has come k steps along; one is left for the end.
            if along * (count - 1) as f64 / 2.0 >= kept.len() as f64 && kept.len() + 1 < count {
                kept.push(at);
            }
        }
        if kept.last() != Some(&last) {
            kept.push(last);
        }
        kept
    }
}
