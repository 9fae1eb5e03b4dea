//! Which channels differ from which.

use nalgebra::DMatrix;
use statrs::distribution::{ContinuousCDF, Normal};

/// Two channels and the evidence that they differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The one with the higher log-odds (by position).
    pub higher: usize,
    /// The other.
    pub lower: usize,
    /// By how much the log-odds differ; not negative.
    pub difference: f64,
    /// Of the difference.
    pub standard_error: f64,
    /// Two-sided, of this pair alone.
    pub p: f64,
    /// Allowing for all pairs.
    pub adjusted_p: f64,
}

/// All pairs of coefficients, most certain first, with Wald tests of β_i − β_j and p-values adjusted
/// over all pairs by Holm's step-down method, which holds whatever the estimates' dependence.
///
/// Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
/// Statistics 6, 65–70.
pub fn pairwise(beta: &[f64], covariance: &DMatrix<f64>) -> Vec<Pair> {
    let normal = Normal::standard();
    let mut pairs = Vec::new();
    for i in 0..beta.len() {
        for j in i + 1..beta.len() {
            let (higher, lower) = if beta[i] >= beta[j] { (i, j) } else { (j, i) };
            let difference = beta[higher] - beta[lower];
            let variance = covariance[(i, i)] + covariance[(j, j)] - 2.0 * covariance[(i, j)];
            let standard_error = variance.max(0.0).sqrt();
            let p = if difference == 0.0 {
                1.0
            } else {
                2.0 * normal.sf(difference / standard_error)
            };
            pairs.push(Pair {
                higher,
                lower,
                difference,
                standard_error,
                p,
                adjusted_p: 1.0,
            });
        }
    }
    crate::order::sort_by(&mut pairs, |a, b| {
        a.p.total_cmp(&b.p)
            .then(b.difference.total_cmp(&a.difference))
            .then((a.higher, a.lower).cmp(&(b.higher, b.lower)))
    });
    let count = pairs.len();
    let mut least = 0.0_f64;
    for (place, pair) in pairs.iter_mut().enumerate() {
        least = least.max((count - place) as f64 * pair.p).min(1.0);
        pair.adjusted_p = least;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_channels_need_no_correction() {
        let covariance = DMatrix::from_row_slice(2, 2, &[0.04, 0.01, 0.01, 0.09]);
        let pairs = pairwise(&[0.0, 0.65], &covariance);
        let z = 0.65 / 0.11_f64.sqrt();
        assert_eq!((pairs[0].higher, pairs[0].lower), (1, 0));
        assert!((pairs[0].difference / pairs[0].standard_error - z).abs() < 1e-12);
        // 2·(1 − Φ(1.95983…)) is 0.0500 to four digits.
        assert!((pairs[0].p - 0.050_016).abs() < 1e-4, "{}", pairs[0].p);
        assert_eq!(pairs[0].p, pairs[0].adjusted_p);
    }

    #[test]
    fn holm_multiplies_by_what_is_left_and_never_falls() {
        let pairs = pairwise(&[0.0, 1.0, 1.1, 3.0], &(DMatrix::identity(4, 4) * 0.125));
        assert_eq!(pairs.len(), 6);
        // Variances of differences are 1/4: z is twice the difference.
        let mut least = 0.0_f64;
        for (place, pair) in pairs.iter().enumerate() {
            least = least.max((6 - place) as f64 * pair.p).min(1.0);
            assert!((pair.difference / pair.standard_error - 2.0 * pair.difference).abs() < 1e-12);
            assert_eq!(pair.adjusted_p, least);
        }
        assert_eq!((pairs[0].higher, pairs[0].lower), (3, 0));
        assert!(
            pairs
                .windows(2)
                .all(|two| two[0].adjusted_p <= two[1].adjusted_p)
        );
    }
}
