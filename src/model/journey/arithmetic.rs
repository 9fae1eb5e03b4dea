//! Small matrix products on slices, row-major, in tiles that stay in registers.

const ROWS: usize = 4;
const COLUMNS: usize = 8;

/// `out += a · b` for `out` `[m, n]`, `a` `[m, k]`, `b` `[k, n]`.
///
/// Every entry is summed in the same order whatever rows lie beside it, so that what a model says of a
/// journey does not depend on the others of its batch.
pub(super) fn product(out: &mut [f32], a: &[f32], b: &[f32], k: usize, n: usize) {
    if k == 0 || n == 0 {
        return;
    }
    let tiled = a.len() / k / ROWS * ROWS;
    let (a_tiled, a_rest) = a.split_at(tiled * k);
    let (out_tiled, out_rest) = out.split_at_mut(tiled * n);
    strips::<ROWS>(out_tiled, a_tiled, b, k, n);
    strips::<1>(out_rest, a_rest, b, k, n);
}

/// A product of `R` rows at a time; there are a multiple of `R`.
fn strips<const R: usize>(out: &mut [f32], a: &[f32], b: &[f32], k: usize, n: usize) {
    let full = n - n % COLUMNS;
    for (a, out) in a.chunks_exact(R * k).zip(out.chunks_exact_mut(R * n)) {
        for column in (0..full).step_by(COLUMNS) {
            let mut sums = [[0.0_f32; COLUMNS]; R];
            for (at, line) in b.chunks_exact(n).enumerate() {
                let line: &[f32; COLUMNS] = tile(&line[column..]);
                for (row, sums) in sums.iter_mut().enumerate() {
                    let factor = a[row * k + at];
                    for (sum, value) in sums.iter_mut().zip(line) {
                        *sum += factor * value;
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                add(&mut out[row * n + column..][..COLUMNS], sums);
            }
        }
        for (a, out) in a.chunks_exact(k).zip(out.chunks_exact_mut(n)) {
            for (column, out) in out.iter_mut().enumerate().skip(full) {
                let line = b.iter().skip(column).step_by(n);
                *out += a.iter().zip(line).map(|(a, b)| a * b).sum::<f32>();
            }
        }
    }
}

/// `out += aᵀ · b` for `out` `[k, n]`, `a` `[m, k]`, `b` `[m, n]`.
pub(super) fn transposed_product(out: &mut [f32], a: &[f32], b: &[f32], k: usize, n: usize) {
    if k == 0 || n == 0 {
        return;
    }
    let full = n - n % COLUMNS;
    let tiled = k - k % ROWS;
    for line in (0..tiled).step_by(ROWS) {
        for column in (0..full).step_by(COLUMNS) {
            let mut sums = [[0.0_f32; COLUMNS]; ROWS];
            for (a, b) in a.chunks_exact(k).zip(b.chunks_exact(n)) {
                let factors: &[f32; ROWS] = tile(&a[line..]);
                let values: &[f32; COLUMNS] = tile(&b[column..]);
                for (sums, factor) in sums.iter_mut().zip(factors) {
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum += factor * value;
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                let out = &mut out[(line + row) * n + column..][..COLUMNS];
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out += sum;
                }
            }
        }
    }
    for (a, b) in a.chunks_exact(k).zip(b.chunks_exact(n)) {
        for (at, factor) in a.iter().enumerate() {
            let from = if at < tiled { full } else { 0 };
            let out = &mut out[at * n..][from..n];
            for (out, value) in out.iter_mut().zip(&b[from..]) {
                *out += factor * value;
            }
        }
    }
}

/// The first values as an array, so that the compiler keeps them in registers.
fn tile<const N: usize>(values: &[f32]) -> &[f32; N] {
    values
        .first_chunk()
        .expect("the caller leaves room for a tile")
}

/// `a` `[rows, columns]` turned into `out` `[columns, rows]`.
pub(super) fn transpose(out: &mut [f32], a: &[f32], columns: usize) {
    let rows = a.len() / columns.max(1);
    for (row, line) in a.chunks_exact(columns.max(1)).enumerate() {
        for (column, &value) in line.iter().enumerate() {
            out[column * rows + row] = value;
        }
    }
}

/// `out += values`, entry by entry.
pub(super) fn add(out: &mut [f32], values: &[f32]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out += value;
    }
}

/// `out += factor · values`, entry by entry.
pub(super) fn add_scaled(out: &mut [f32], factor: f32, values: &[f32]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out += factor * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + seed * 11) % 23) as f32 / 11.0 - 1.0)
            .collect()
    }

    proptest! {
        #[test]
        fn products_agree_with_the_definition(m in 0usize..11, k in 1usize..12, n in 1usize..21) {
            let (a, b, g) = (numbers(m * k, 1), numbers(k * n, 2), numbers(m * n, 3));
            let mut out = vec![0.5; m * n];
            product(&mut out, &a, &b, k, n);
            for i in 0..m {
                for j in 0..n {
                    let sum: f32 = (0..k).map(|l| a[i * k + l] * b[l * n + j]).sum();
                    prop_assert!((out[i * n + j] - 0.5 - sum).abs() < 1e-4);
                }
            }
            let mut out = vec![-0.5; k * n];
            transposed_product(&mut out, &a, &g, k, n);
            for i in 0..k {
                for j in 0..n {
                    let sum: f32 = (0..m).map(|l| a[l * k + i] * g[l * n + j]).sum();
                    prop_assert!((out[i * n + j] + 0.5 - sum).abs() < 1e-4);
                }
            }
        }
    }
}
