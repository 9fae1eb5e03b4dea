//! A step size for gradient descent that suits the data.

use super::TrainingData;

/// How many rows are looked at. They stand in shuffled order, so the first are a random sample.
const SAMPLE: usize = 16_384;
/// How many cells are looked at, which is less than that where the matrix is wide.
const CELLS: usize = 4 << 20;
/// The power iteration ends when the figure moves by less than this share.
const TOLERANCE: f64 = 1e-3;
/// It also ends after so many rounds.
const ROUNDS: usize = 100;

/// `1/L` for `L = λmax(XᵀSX)/(4·ΣS) + l2/n`, the Lipschitz constant of the gradient of the penalised
/// mean log-loss, where X has a column of ones for the intercept and S holds the row weights
/// (Nesterov, *Introductory Lectures on Convex Optimization*, 2004, section 1.2.3; the largest
/// curvature of the log-loss is ¼). λmax comes from a power iteration on a sample of the training
/// rows, in f64 on the host, so it is the same on every device.
pub(super) fn step_size(data: &TrainingData<'_>, l2: f64, mass: f64) -> f64 {
    let sample = (CELLS / data.width).clamp(1, SAMPLE);
    let rows = &data.train[..data.train.len().min(sample)];
    let sample_mass: f64 = rows
        .iter()
        .map(|&row| f64::from(data.weight(row as usize)))
        .sum();
    let mut direction = vec![1.0_f64; data.width + 1];
    let mut largest = 0.0;
    for _ in 0..ROUNDS {
        let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
        direction.iter_mut().for_each(|v| *v /= length);
        let image = multiply(data, rows, &direction);
        let estimate = image
            .iter()
            .zip(&direction)
            .map(|(a, b)| a * b)
            .sum::<f64>();
        let settled = (estimate - largest).abs() <= TOLERANCE * estimate;
        largest = estimate;
        direction = image;
        if settled {
            break;
        }
    }
    // With no weight in the sample there is nothing to go by; any step will do.
    let curvature = largest / (4.0 * sample_mass.max(f64::MIN_POSITIVE));
    1.0 / (curvature + l2 / mass).max(1e-12)
}

/// `XᵀSX·v`, where the last entry of `v` belongs to the intercept.
fn multiply(data: &TrainingData<'_>, rows: &[u32], v: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; v.len()];
    let (intercept, weights) = v.split_last().expect("there is always an intercept");
    for &row in rows {
        let features = data.row(row as usize);
        let product = features
            .iter()
            .zip(weights)
            .map(|(&x, &v)| f64::from(x) * v)
            .sum::<f64>()
            + intercept;
        let product = product * f64::from(data.weight(row as usize));
        for (sum, &x) in out.iter_mut().zip(features) {
            *sum += f64::from(x) * product;
        }
        out[v.len() - 1] += product;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagonal_matrix_gives_its_largest_curvature() {
        // Rows ±(3, 0) and ±(0, 1): XᵀX = diag(18, 2, 4) with the intercept, over 4 rows.
        let x = [3.0, 0.0, -3.0, 0.0, 0.0, 1.0, 0.0, -1.0];
        let data = TrainingData {
            x: &x,
            width: 2,
            y: &[0.0, 1.0, 0.0, 1.0],
            weights: None,
            train: &[0, 1, 2, 3],
            validation: &[],
            journeys: None,
            statics: Vec::new(),
        };
        let expected = 1.0 / (18.0 / 16.0 + 2.0 / 4.0);
        let found = step_size(&data, 2.0, 4.0);
        assert!((found / expected - 1.0).abs() < 0.01, "{found} {expected}");
    }
}
