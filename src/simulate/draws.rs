//! Random draws by operations that round alike on every platform.

use crate::prepare::random::Random;

/// The place that a uniform draw falls on when places have these shares.
pub(super) fn draw(random: &mut Random, shares: impl IntoIterator<Item = f64>) -> usize {
    let mut left = random.uniform();
    let mut last = 0;
    for (place, share) in shares.into_iter().enumerate() {
        last = place;
        if left < share {
            break;
        }
        left -= share;
    }
    last
}

/// How often in a row something of this probability happens, at most 60 times.
pub(super) fn geometric(random: &mut Random, probability: f64) -> f64 {
    let mut count = 0.0;
    while count < 60.0 && random.uniform() < probability {
        count += 1.0;
    }
    count
}

/// Near enough to a standard normal number: mean 0, variance 1, within ±3.5 (four uniform ones added).
pub(super) fn normal(random: &mut Random) -> f64 {
    let sum: f64 = (0..4).map(|_| random.uniform()).sum();
    (sum - 2.0) * 3.0_f64.sqrt()
}

/// eˣ to about 1e-13, by operations that round alike everywhere (the library's differ in the last bit).
pub(super) fn exp(x: f64) -> f64 {
    let small = x / 256.0;
    let series = (1..=12)
        .rev()
        .fold(1.0, |sum, k| 1.0 + small / f64::from(k) * sum);
    (0..8).fold(series, |power, _| power * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_exponential_is_the_exponential() {
        for tenth in -200..=200 {
            let x = f64::from(tenth) / 10.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn the_near_normal_numbers_have_mean_0_and_variance_1() {
        let mut random = Random::new(7);
        let values: Vec<f64> = (0..100_000).map(|_| normal(&mut random)).collect();
        let mean = values.iter().sum::<f64>() / 1e5;
        let variance = values.iter().map(|value| value * value).sum::<f64>() / 1e5 - mean * mean;
        assert!(
            mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03,
            "{mean} {variance}"
        );
    }
}
