//! A channel's odds against the mean channel, everything else held equal.

use super::options::normal_quantile;
use nalgebra::DMatrix;
use serde::Serialize;

/// Where a channel's interval lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Wholly above the mean channel.
    Above,
    /// Wholly below it.
    Below,
    /// The interval holds 1.
    Unclear,
}

/// What a model says of one channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelEffect {
    /// The channel's name.
    pub name: String,
    /// Natural logarithm of the odds ratio against the mean channel.
    pub log_odds: f64,
    /// Of `log_odds`.
    pub standard_error: f64,
    /// `exp(log_odds)`.
    pub odds_ratio: f64,
    /// Wald interval of the odds ratio.
    pub interval: [f64; 2],
    /// Where the interval lies.
    pub verdict: Verdict,
}

/// Coefficients against their mean, β_c − Σ_k β_k / K, and their variances: the diagonal of C Σ Cᵀ with
/// C = I − 11ᵀ/K, which is Σ_cc − 2 · (mean of row c) + (mean of all of Σ).
///
/// One-hot columns of all K levels beside an intercept leave the level of β open (the penalty alone
/// settles it); these contrasts do not depend on it.
fn centred(beta: &[f64], covariance: &DMatrix<f64>) -> (Vec<f64>, Vec<f64>) {
    let k = beta.len() as f64;
    let mean = beta.iter().sum::<f64>() / k;
    let row_means: Vec<f64> = covariance
        .row_iter()
        .map(|row| row.iter().sum::<f64>() / k)
        .collect();
    let grand = row_means.iter().sum::<f64>() / k;
    let variance = row_means
        .iter()
        .enumerate()
        .map(|(c, row)| covariance[(c, c)] - 2.0 * row + grand);
    (
        beta.iter().map(|beta| beta - mean).collect(),
        variance.collect(),
    )
}

/// Every channel's odds ratio against the mean channel, in the order of `names`.
///
/// `beta` holds the coefficients (log-odds) of the one-hot channel columns and `covariance` their
/// K × K covariance. The mean channel is the equally weighted mean of the K log-odds (the geometric
/// mean of the odds), whatever the channels' sizes: effect (deviation) coding, Hosmer, Lemeshow &
/// Sturdivant (2013), "Applied Logistic Regression", 3rd ed., section 3.3; the standard error is the
/// contrast's quadratic form, the interval exp(estimate ± z·SE).
///
/// # Panics
/// Where the three don't have the same K.
pub fn effects(
    names: &[String],
    beta: &[f64],
    covariance: &DMatrix<f64>,
    confidence: f64,
) -> Vec<ChannelEffect> {
    assert_eq!(names.len(), beta.len(), "one coefficient per channel");
    assert_eq!(
        covariance.shape(),
        (beta.len(), beta.len()),
        "one row and column per channel"
    );
    let z = normal_quantile(confidence);
    let (estimate, variance) = centred(beta, covariance);
    let one = |(k, name): (usize, &String)| {
        let log_odds = estimate[k];
        let standard_error = variance[k].max(0.0).sqrt();
        let interval = [
            (log_odds - z * standard_error).exp(),
            (log_odds + z * standard_error).exp(),
        ];
        let verdict = match interval {
            [low, _] if low > 1.0 => Verdict::Above,
            [_, high] if high < 1.0 => Verdict::Below,
            _ => Verdict::Unclear,
        };
        ChannelEffect {
            name: name.clone(),
            log_odds,
            standard_error,
            odds_ratio: log_odds.exp(),
            interval,
            verdict,
        }
    };
    names.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(k: usize) -> Vec<String> {
        (0..k).map(|k| format!("channel {k}")).collect()
    }

    #[test]
    fn two_channels_have_a_closed_form() {
        // β₁ − (β₁ + β₂)/2 = (β₁ − β₂)/2, with variance (v₁ + v₂ − 2c)/4.
        let covariance = DMatrix::from_row_slice(2, 2, &[0.04, 0.01, 0.01, 0.09]);
        let found = effects(&names(2), &[1.0, -0.4], &covariance, 0.95);
        let expected = (0.04f64 + 0.09 - 0.02).sqrt() / 2.0;
        assert!((found[0].log_odds - 0.7).abs() < 1e-12 && (found[1].log_odds + 0.7).abs() < 1e-12);
        assert!((found[0].standard_error - expected).abs() < 1e-12);
        let low = (0.7 - 1.959_963_984_540_054 * expected).exp();
        assert!((found[0].interval[0] - low).abs() < 1e-9);
        assert_eq!(
            (found[0].verdict, found[1].verdict),
            (Verdict::Above, Verdict::Below)
        );
    }

    #[test]
    fn one_channel_is_the_mean_channel() {
        let found = effects(&names(1), &[3.0], &DMatrix::from_element(1, 1, 0.5), 0.95);
        assert_eq!(
            (found[0].odds_ratio, found[0].interval, found[0].verdict),
            (1.0, [1.0, 1.0], Verdict::Unclear)
        );
    }

    #[test]
    fn the_standard_error_is_the_contrasts_quadratic_form() {
        let root = DMatrix::from_fn(5, 5, |i, j| ((3 * i + 7 * j) % 5) as f64 - 1.5);
        let covariance = &root * root.transpose() * 0.01;
        let contrast = DMatrix::identity(5, 5) - DMatrix::from_element(5, 5, 0.2);
        let expected = &contrast * &covariance * contrast.transpose();
        for (c, effect) in effects(&names(5), &[0.0; 5], &covariance, 0.95)
            .iter()
            .enumerate()
        {
            assert!((effect.standard_error.powi(2) - expected[(c, c)]).abs() < 1e-12);
        }
    }

    proptest! {
        #[test]
        fn equal_coefficients_give_odds_ratios_of_1(k in 1usize..9, beta in -3.0..3.0f64) {
            for effect in effects(&names(k), &vec![beta; k], &(DMatrix::identity(k, k) * 0.1), 0.9) {
                prop_assert!((effect.odds_ratio - 1.0).abs() < 1e-9);
                prop_assert_eq!(effect.verdict, Verdict::Unclear);
            }
        }

        #[test]
        fn the_level_of_the_coefficients_does_not_matter(
            beta in prop::collection::vec(-3.0..3.0f64, 2..8), shift in -50.0..50.0f64, common in 0.0..100.0f64,
        ) {
            let k = beta.len();
            let own = DMatrix::from_fn(k, k, |i, j| if i == j { 0.05 * (i + 1) as f64 } else { 0.0 });
            let shifted: Vec<f64> = beta.iter().map(|beta| beta + shift).collect();
            // A direction that the data leave open adds the same to every variance and covariance.
            let open = own.add_scalar(common);
            let plain = effects(&names(k), &beta, &own, 0.95);
            for (a, b) in plain.iter().zip(effects(&names(k), &shifted, &open, 0.95)) {
                prop_assert!((a.log_odds - b.log_odds).abs() < 1e-9);
                prop_assert!((a.standard_error - b.standard_error).abs() < 1e-6);
            }
            prop_assert!(plain.iter().map(|effect| effect.log_odds).sum::<f64>().abs() < 1e-9);
        }
    }
}
