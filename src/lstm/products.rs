//! The products of a recurrence, with operands laid out so that they are read in order.
//!
//! A matrix `[k, n]` read by columns of eight from rows of 2 KB falls into two sets of a first-level cache.
//! [`Panels`] copies it once into blocks of eight columns; what is then read lies side by side.

use super::simd::{F4, LANES};

/// Columns of a block: two registers.
pub(super) const WIDE: usize = 2 * LANES;
/// Rows of a tile: with two registers of columns eight sums are on their way at once.
const TILE: usize = 4;
/// Rows whose products are made before the next block of columns is fetched.
const STRIP: usize = 32;
/// Rows that a sum over rows takes at a time.
const SUMMED: usize = 128;

/// A matrix `[inner, columns]` in blocks of [`WIDE`] columns, the last filled up with zeros.
#[derive(Debug, Default, Clone)]
pub(crate) struct Panels {
    values: Vec<f32>,
    inner: usize,
    columns: usize,
}

impl Panels {
    /// Takes over a matrix `[inner, columns]`.
    pub(crate) fn fill(&mut self, matrix: &[f32], inner: usize, columns: usize) {
        assert_eq!(matrix.len(), inner * columns);
        self.start(inner, columns);
        for (row, line) in matrix.chunks_exact(columns.max(1)).enumerate() {
            for (block, line) in line.chunks(WIDE).enumerate() {
                let at = (block * inner + row) * WIDE;
                self.values[at..at + line.len()].copy_from_slice(line);
            }
        }
    }

    /// Takes over the transpose of a matrix `[columns, inner]`.
    pub(crate) fn fill_transposed(&mut self, matrix: &[f32], inner: usize, columns: usize) {
        assert_eq!(matrix.len(), inner * columns);
        self.start(inner, columns);
        for (column, line) in matrix.chunks_exact(inner.max(1)).enumerate() {
            let block = &mut self.values[column / WIDE * inner * WIDE..][..inner * WIDE];
            for (out, &value) in block.chunks_exact_mut(WIDE).zip(line) {
                out[column % WIDE] = value;
            }
        }
    }

    fn start(&mut self, inner: usize, columns: usize) {
        (self.inner, self.columns) = (inner, columns);
        self.values.clear();
        self.values
            .resize(columns.div_ceil(WIDE) * inner * WIDE, 0.0);
    }

    /// `out += a · self` for `out` `[rows, columns]` and `a` `[rows, inner]`.
    ///
    /// Every entry is summed in the same order whatever rows lie beside it, so that what a model says of a
    /// journey does not depend on the others of its batch.
    pub(crate) fn multiply(&self, out: &mut [f32], a: &[f32]) {
        let (inner, columns) = (self.inner, self.columns);
        if inner == 0 || columns == 0 {
            return;
        }
        assert_eq!(a.len() / inner * columns, out.len());
        let strips = a.chunks(STRIP * inner).zip(out.chunks_mut(STRIP * columns));
        for (a, out) in strips {
            for (block, panel) in self.values.chunks_exact(inner * WIDE).enumerate() {
                let at = block * WIDE;
                for (a, out) in a.chunks(TILE * inner).zip(out.chunks_mut(TILE * columns)) {
                    let tile = Tile { a, panel, inner };
                    let kept = (columns - at).min(WIDE);
                    match a.len() / inner {
                        4 => tile.add_to::<4>(&mut out[at..], columns, kept),
                        3 => tile.add_to::<3>(&mut out[at..], columns, kept),
                        2 => tile.add_to::<2>(&mut out[at..], columns, kept),
                        _ => tile.add_to::<1>(&mut out[at..], columns, kept),
                    }
                }
            }
        }
    }
}

/// Some rows against one block of columns.
struct Tile<'a> {
    /// `[rows, inner]`
    a: &'a [f32],
    /// `[inner, WIDE]`
    panel: &'a [f32],
    inner: usize,
}

impl Tile<'_> {
    #[inline(always)]
    fn add_to<const R: usize>(&self, out: &mut [f32], stride: usize, kept: usize) {
        let inner = self.inner;
        assert!(self.a.len() >= R * inner && self.panel.len() >= inner * WIDE);
        assert!(out.len() >= (R - 1) * stride + kept);
        let mut sums = [[F4::splat(0.0); 2]; R];
        let (a, panel) = (self.a.as_ptr(), self.panel.as_ptr());
        for at in 0..inner {
            // SAFETY: `at < inner` and `row < R`; the lengths were asserted above.
            unsafe {
                let b = [
                    F4::load(panel.add(at * WIDE)),
                    F4::load(panel.add(at * WIDE + LANES)),
                ];
                for (row, sums) in sums.iter_mut().enumerate() {
                    let factor = F4::load_splat(a.add(row * inner + at));
                    sums[0] = sums[0].add_product(factor, b[0]);
                    sums[1] = sums[1].add_product(factor, b[1]);
                }
            }
        }
        add_sums(&sums, out, stride, kept);
    }
}

/// Adds a tile of sums to `out`, whose rows are `stride` apart; of each row `kept` columns count.
#[inline(always)]
fn add_sums<const R: usize>(sums: &[[F4; 2]; R], out: &mut [f32], stride: usize, kept: usize) {
    if kept == WIDE {
        assert!(out.len() >= (R - 1) * stride + WIDE);
        let out = out.as_mut_ptr();
        for (row, sums) in sums.iter().enumerate() {
            // SAFETY: `row < R`; the length was asserted above.
            unsafe {
                let out = out.add(row * stride);
                F4::load(out).add(sums[0]).store(out);
                let out = out.add(LANES);
                F4::load(out).add(sums[1]).store(out);
            }
        }
        return;
    }
    for (row, sums) in sums.iter().enumerate() {
        let mut line = [0.0; WIDE];
        // SAFETY: the array holds eight numbers.
        unsafe {
            sums[0].store(line.as_mut_ptr());
            sums[1].store(line.as_mut_ptr().add(LANES));
        }
        for (out, value) in out[row * stride..][..kept].iter_mut().zip(line) {
            *out += value;
        }
    }
}

/// Sums products over rows: `Σ aᵀ·d`, some rows at a time. Rows are gathered until there are enough of
/// them, wherever they come from: short steps cost no more than long ones.
#[derive(Debug, Default, Clone)]
pub(crate) struct RowSums {
    /// `[lines / TILE, SUMMED, TILE]`
    a: Vec<f32>,
    /// `[columns / WIDE, SUMMED, WIDE]`
    d: Vec<f32>,
    lines: usize,
    columns: usize,
    held: usize,
}

impl RowSums {
    /// Starts sums for a result `[lines, columns]`.
    pub(crate) fn start(&mut self, lines: usize, columns: usize) {
        (self.lines, self.columns, self.held) = (lines, columns, 0);
        self.a.clear();
        self.a.resize(lines.div_ceil(TILE) * SUMMED * TILE, 0.0);
        self.d.clear();
        self.d.resize(columns.div_ceil(WIDE) * SUMMED * WIDE, 0.0);
    }

    /// Takes in rows `a` `[rows, lines]` (times `mask`, of the same shape) and `d` `[rows, columns]`; what is
    /// full is added to `out`.
    pub(crate) fn take(&mut self, out: &mut [f32], a: &[f32], mask: Option<&[f32]>, d: &[f32]) {
        let (lines, columns) = (self.lines, self.columns);
        if lines == 0 || columns == 0 {
            return;
        }
        let rows = a.chunks_exact(lines).zip(d.chunks_exact(columns));
        for (row, (a, d)) in rows.enumerate() {
            let mask = mask.map(|mask| &mask[row * lines..][..lines]);
            self.hold(a, mask, d);
            if self.held == SUMMED {
                self.finish(out);
            }
        }
    }

    #[inline]
    fn hold(&mut self, a: &[f32], mask: Option<&[f32]>, d: &[f32]) {
        let at = self.held;
        for (block, values) in a.chunks(TILE).enumerate() {
            let out = &mut self.a[(block * SUMMED + at) * TILE..][..values.len()];
            out.copy_from_slice(values);
            if let Some(mask) = mask {
                for (out, mask) in out.iter_mut().zip(&mask[block * TILE..]) {
                    *out *= mask;
                }
            }
        }
        for (block, values) in d.chunks(WIDE).enumerate() {
            let out = &mut self.d[(block * SUMMED + at) * WIDE..];
            match values.first_chunk::<WIDE>() {
                Some(values) => out[..WIDE].copy_from_slice(values),
                None => out[..values.len()].copy_from_slice(values),
            }
        }
        self.held += 1;
    }

    /// Adds what is held to `out` `[lines, columns]`.
    pub(crate) fn finish(&mut self, out: &mut [f32]) {
        let held = std::mem::take(&mut self.held);
        let (lines, columns) = (self.lines, self.columns);
        if held == 0 {
            return;
        }
        assert_eq!(out.len(), lines * columns);
        for (block, d) in self.d.chunks_exact(SUMMED * WIDE).enumerate() {
            let column = block * WIDE;
            let kept = (columns - column).min(WIDE);
            for (line, a) in self.a.chunks_exact(SUMMED * TILE).enumerate() {
                let out = &mut out[line * TILE * columns + column..];
                let sums = row_sums(a, d, held);
                match lines - line * TILE {
                    1 => add_sums::<1>(&[sums[0]], out, columns, kept),
                    2 => add_sums::<2>(&[sums[0], sums[1]], out, columns, kept),
                    3 => add_sums::<3>(&[sums[0], sums[1], sums[2]], out, columns, kept),
                    _ => add_sums::<4>(&sums, out, columns, kept),
                }
            }
        }
    }
}

#[inline(always)]
fn row_sums(a: &[f32], d: &[f32], held: usize) -> [[F4; 2]; TILE] {
    assert!(a.len() >= held * TILE && d.len() >= held * WIDE);
    let (a, d) = (a.as_ptr(), d.as_ptr());
    let mut sums = [[F4::splat(0.0); 2]; TILE];
    for row in 0..held {
        // SAFETY: `row < held` and `line < TILE`; the lengths were asserted above.
        unsafe {
            let b = [
                F4::load(d.add(row * WIDE)),
                F4::load(d.add(row * WIDE + LANES)),
            ];
            for (line, sums) in sums.iter_mut().enumerate() {
                let factor = F4::load_splat(a.add(row * TILE + line));
                sums[0] = sums[0].add_product(factor, b[0]);
                sums[1] = sums[1].add_product(factor, b[1]);
            }
        }
    }
    sums
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
        fn products_agree_with_the_definition(m in 0usize..150, k in 1usize..12, n in 1usize..21) {
            let (a, b, g) = (numbers(m * k, 1), numbers(k * n, 2), numbers(m * n, 3));
            let mut panels = Panels::default();
            let mut out = vec![0.5; m * n];
            panels.fill(&b, k, n);
            panels.multiply(&mut out, &a);
            let mut turned = vec![0.0; k * n];
            for i in 0..k {
                for j in 0..n {
                    turned[j * k + i] = b[i * n + j];
                }
            }
            let mut again = vec![0.5; m * n];
            panels.fill_transposed(&turned, k, n);
            panels.multiply(&mut again, &a);
            for i in 0..m {
                for j in 0..n {
                    let sum: f32 = (0..k).map(|l| a[i * k + l] * b[l * n + j]).sum();
                    prop_assert!((out[i * n + j] - 0.5 - sum).abs() < 1e-4);
                }
            }
            prop_assert_eq!(out, again);
            let mask = numbers(m * k, 4);
            let mut out = vec![-0.5; k * n];
            let mut sums = RowSums::default();
            sums.start(k, n);
            sums.take(&mut out, &a, Some(&mask), &g);
            sums.finish(&mut out);
            for i in 0..k {
                for j in 0..n {
                    let sum: f32 = (0..m).map(|l| a[l * k + i] * mask[l * k + i] * g[l * n + j]).sum();
                    prop_assert!((out[i * n + j] + 0.5 - sum).abs() < 1e-3);
                }
            }
        }
    }
}
