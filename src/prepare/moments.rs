//! Mean and standard deviation of numbers of any size.

use super::cells::Numbers;

/// Mean and population standard deviation, in two passes over the rows.
pub(super) struct Moments {
    pub mean: f64,
    pub deviation: f64,
    pub lowest: f64,
    pub highest: f64,
    pub present: usize,
    pub missing: usize,
}

impl Moments {
    /// Of numbers whose sizes are so far from 1 that their squares or their sum can't be held, a power
    /// of two is taken out first, which costs no digit.
    pub fn of<I: Iterator<Item = usize>>(numbers: &Numbers<'_>, rows: impl Fn() -> I) -> Self {
        const LARGE: f64 = 1e100;
        const SMALL: f64 = 1e-100;
        let (mut sum, mut present, mut missing) = (0.0, 0usize, 0usize);
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in rows().map(|row| numbers.at(row)) {
            if value.is_nan() {
                missing += 1;
                continue;
            }
            sum += value;
            present += 1;
            lowest = lowest.min(value);
            highest = highest.max(value);
        }
        let n = present.max(1) as f64;
        let size = f64::max(lowest.abs(), highest.abs());
        let unit = if present == 0 || size == 0.0 || (SMALL..=LARGE).contains(&size) {
            1.0
        } else {
            // Its reciprocal is a number, too.
            size.log2().floor().clamp(-1_000.0, 1_000.0).exp2()
        };
        let values = || {
            rows()
                .map(|row| numbers.at(row) / unit)
                .filter(|value| !value.is_nan())
        };
        if unit != 1.0 {
            sum = values().sum();
        }
        let mean = sum / n;
        let (mut squares, mut rest) = (0.0, 0.0);
        for deviation in values().map(|value| value - mean) {
            squares += deviation * deviation;
            rest += deviation;
        }
        // The second term takes back what rounding did to the mean (Chan, Golub & LeVeque 1983, eq. 1.7).
        let deviation = ((squares - rest * rest / n) / n).sqrt();
        Self {
            mean: mean * unit,
            deviation: deviation * unit,
            lowest,
            highest,
            present,
            missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ColumnData;

    #[test]
    fn numbers_far_from_one_have_their_moments() {
        let plain = [3.0, -1.0, f64::NAN, 0.5, 7.25, -2.0];
        let of = |values: &[f64]| {
            let data = ColumnData::Number(values.to_vec());
            Moments::of(&Numbers::of(&data), || 0..values.len())
        };
        let expected = of(&plain);
        for power in [-1_020, -900, -330, 330, 900, 1_020] {
            let unit = f64::from(power).exp2();
            let found = of(&plain.map(|value| value * unit));
            // A power of two costs no digit.
            assert_eq!(found.mean, expected.mean * unit, "2^{power}");
            assert_eq!(found.deviation, expected.deviation * unit, "2^{power}");
            assert_eq!((found.present, found.missing), (5, 1));
        }
        let ends = of(&[f64::MAX, -f64::MAX, f64::MAX, -f64::MAX]);
        assert_eq!((ends.mean, ends.deviation), (0.0, f64::MAX));
        let empty = of(&[f64::NAN]);
        assert_eq!((empty.mean, empty.deviation, empty.present), (0.0, 0.0, 0));
        assert_eq!(of(&[0.0, 0.0]).deviation, 0.0);
    }
}
