//! Where the delimiters and line ends are, 64 bytes at a time.

use super::records::Dialect;

/// Bytes looked at together.
pub(super) const BLOCK: usize = 64;

/// A bit for each byte of a block.
pub(super) struct Found {
    /// Delimiters and line feeds.
    pub(super) stops: u64,
    /// Line feeds.
    pub(super) line_ends: u64,
    /// All bytes before the first quote, or the first carriage return that no line feed follows.
    pub(super) plain: u64,
}

/// Looks at the block at `at`, which must lie in the text; behind the text nothing is found.
#[inline]
pub(super) fn look(text: &[u8], at: usize, dialect: Dialect) -> Found {
    let rest = &text[at..];
    let quote = dialect.quote.unwrap_or(dialect.delimiter);
    let wanted = [dialect.delimiter, b'\n', b'\r', quote];
    let [delimiters, line_ends, returns, quotes] = match rest.first_chunk::<BLOCK>() {
        Some(block) => places(block, wanted),
        None => places(&padded(rest), wanted),
    };
    let quotes = if dialect.quote.is_some() { quotes } else { 0 };
    let next = u64::from(rest.get(BLOCK) == Some(&b'\n')) << (BLOCK - 1);
    let lone = returns & !(line_ends >> 1 | next);
    let first = (quotes | lone).trailing_zeros();
    Found {
        stops: delimiters | line_ends,
        line_ends,
        plain: 1u64.checked_shl(first).unwrap_or(0).wrapping_sub(1),
    }
}

/// The last bytes of a text; no byte that is looked for is 0.
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// Walks over the delimiters and line ends of a text.
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    delimiter: u8,
    base: usize,
    /// A bit for each byte of the block at `base` that stops, behind the last one found.
    mask: u64,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a [u8], delimiter: u8) -> Self {
        let mut scanner = Self {
            text,
            delimiter,
            base: 0,
            mask: 0,
        };
        scanner.mask = scanner.look(0);
        scanner
    }

    /// The next place.
    #[inline]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.base += BLOCK;
            if self.base >= self.text.len() {
                return None;
            }
            self.mask = self.look(self.base);
        }
        let at = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }

    /// Goes on from `position`, which must not lie behind what was found.
    #[inline]
    pub(super) fn seek(&mut self, position: usize) {
        if position < self.base + BLOCK {
            self.mask &= u64::MAX << position.saturating_sub(self.base);
        } else {
            self.base = position;
            self.mask = if position < self.text.len() {
                self.look(position)
            } else {
                0
            };
        }
    }

    #[inline]
    fn look(&self, at: usize) -> u64 {
        let rest = &self.text[at..];
        match rest.first_chunk::<BLOCK>() {
            Some(block) => stops(block, self.delimiter),
            None => stops(&padded(rest), self.delimiter),
        }
    }
}

/// A bit for each byte that is the delimiter or ends a line.
#[inline]
fn stops(block: &[u8; BLOCK], delimiter: u8) -> u64 {
    let [delimiters, feeds, returns] = places(block, [delimiter, b'\n', b'\r']);
    delimiters | feeds | returns
}

/// A bit for each byte that is the first of those wanted, the second, and so on.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline]
fn places<const N: usize>(block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N] {
    use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2};
    let mut masks = [0; N];
    for (index, words) in block.as_chunks::<16>().0.iter().enumerate() {
        let [low, high] = [&words[..8], &words[8..]].map(word);
        let bytes = u64x2(low, high);
        for (mask, byte) in masks.iter_mut().zip(wanted) {
            let found = u8x16_bitmask(u8x16_eq(bytes, u8x16_splat(byte)));
            *mask |= u64::from(found) << (16 * index);
        }
    }
    masks
}

/// The same, eight bytes at a time.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline]
fn places<const N: usize>(block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N] {
    let wanted = wanted.map(|byte| u64::from(byte) * 0x0101_0101_0101_0101);
    let mut masks = [0; N];
    for (index, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
        let bytes = word(bytes);
        for (mask, byte) in masks.iter_mut().zip(wanted) {
            // Brings the upper bits of the eight bytes together.
            let bits = (zero_bytes(bytes ^ byte) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *mask |= bits << (8 * index);
        }
    }
    masks
}

#[inline]
fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default())
}

/// The upper bit of each byte that is zero, and nothing else ("Hacker's Delight", 6-1).
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline]
fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    !(((word & LOW) + LOW) | word | LOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_places_are_found_and_no_others(
            text in prop::collection::vec(prop_oneof![any::<u8>(), Just(b','), Just(b'\n')], 0..400),
            from in 0..400usize,
        ) {
            let stop = |byte: u8| matches!(byte, b',' | b'\n' | b'\r');
            let from = from.min(text.len());
            let expected: Vec<_> = (from..text.len()).filter(|&at| stop(text[at])).collect();
            let mut scanner = Scanner::new(&text, b',');
            scanner.seek(from);
            let found: Vec<_> = std::iter::from_fn(|| scanner.next()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
