//! The area under the ROC curve, for use while training.

use crate::statistics::area_under_roc;

/// The weighted area under the ROC curve of `scores`; see [`area_under_roc`]. `NaN` where one of the
/// classes has no weight. Scores that are not numbers rank as the others do by `total_cmp`.
///
/// `scores`, `labels` (0 or 1) and `weights` are of equal length. Takes O(n log n).
pub fn auc(scores: &[f32], labels: &[f32], weights: Option<&[f32]>) -> f64 {
    let row = |at: usize| {
        let weight = weights.map_or(1.0, |weights| f64::from(weights[at]));
        let masses = if labels[at] > 0.5 {
            (weight, 0.0)
        } else {
            (0.0, weight)
        };
        (f64::from(scores[at]), masses)
    };
    area_under_roc((0..scores.len()).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_are_not_numbers_end_too() {
        let nan = f32::NAN;
        let labels = [1.0, 0.0, 1.0, 0.0];
        assert_eq!(auc(&[nan; 4], &labels, None), 0.5);
        assert_eq!(auc(&[nan, 0.0, nan, 1.0], &labels, None), 1.0);
        assert_eq!(auc(&[nan, 0.0, -nan, 1.0], &labels, Some(&[1.0; 4])), 0.5);
    }
}
