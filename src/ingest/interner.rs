//! Distinct texts, numbered in order of first appearance.

use super::limits::MAX_LEVELS;
use super::records::{Bounds, trimmed};

const START_SLOTS: usize = 16;
/// Texts of up to so many bytes are their own keys.
const SHORT: usize = 15;
/// What stands in the upper byte of a longer text's key.
const LONG: u64 = 0xff << 56;
/// No text has this key.
const NO_KEY: Key = Key(0, LONG);
/// How many texts are looked up together.
const BLOCK: usize = 256;
/// A table of up to so many slots is made larger until no two texts want the same one.
const ROOMY_SLOTS: usize = 1 << 12;

/// What a text is compared by: short ones by their bytes and length, longer ones by a hash first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key(u64, u64);

/// A hash table from texts to codes that keeps all texts in one stretch of memory.
#[derive(Debug, Clone)]
pub(super) struct Interner {
    bytes: Vec<u8>,
    /// Where each text ends in `bytes`.
    ends: Vec<usize>,
    /// The key of each text.
    keys: Vec<Key>,
    /// The hash in the upper half and code + 1 in the lower, or 0 where free. The length is a power of
    /// two, at least twice the texts. Hash and code lie together since every look-up in a large table
    /// waits for memory, not for the processor.
    slots: Vec<u64>,
    /// How many texts there may be.
    limit: usize,
}

impl Interner {
    pub(super) fn new() -> Self {
        Self::within(MAX_LEVELS)
    }

    /// A table of at most so many texts.
    pub(super) fn within(limit: usize) -> Self {
        Self {
            limit,
            bytes: Vec::new(),
            ends: Vec::new(),
            keys: Vec::new(),
            slots: vec![0; START_SLOTS],
        }
    }

    /// How many texts there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Frees what only looking up takes: from then on there are the texts, and no more come.
    pub(super) fn close(&mut self) {
        self.slots = Vec::new();
        self.keys = Vec::new();
    }

    /// How long all texts are together.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The text of a code.
    #[inline]
    pub(super) fn text(&self, code: usize) -> &[u8] {
        let start = if code == 0 { 0 } else { self.ends[code - 1] };
        &self.bytes[start..self.ends[code]]
    }

    /// All texts, by code.
    pub(super) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|code| self.text(code))
    }

    /// The code of a text, a new one where it was not seen before; `None` beyond the limit.
    #[inline]
    pub(super) fn intern(&mut self, text: &[u8]) -> Option<u32> {
        self.look_up(Key::of(text), text)
    }

    /// Appends the codes of cells of a text, trimmed; `None` beyond the limit.
    pub(super) fn intern_all(
        &mut self,
        text: &[u8],
        cells: &[Bounds],
        codes: &mut Vec<u32>,
    ) -> Option<()> {
        codes.reserve(cells.len());
        if self.slots.len() <= ROOMY_SLOTS {
            self.intern_in_cache(text, cells, codes)
        } else {
            self.intern_in_blocks(text, cells, codes)
        }
    }

    /// For a table that fits into the processor's cache, where nearly all known short texts stand in the first slot that
    /// is looked at.
    fn intern_in_cache(
        &mut self,
        text: &[u8],
        cells: &[Bounds],
        codes: &mut Vec<u32>,
    ) -> Option<()> {
        for &cell in cells {
            let key = Key::trimmed(text, cell);
            let slot = key.hash() as usize & (self.slots.len() - 1);
            let guess = (self.slots[slot] as u32).wrapping_sub(1);
            let known = self.keys.get(guess as usize) == Some(&key) && key.is_short();
            codes.push(if known {
                guess
            } else {
                self.look_up_cell(key, text, cell)?
            });
        }
        Some(())
    }

    /// For a large table. A block of cells is taken through each step before the next: their slots, and then
    /// their keys, are asked of memory all at once, and nothing is guessed wrong on the way.
    fn intern_in_blocks(
        &mut self,
        text: &[u8],
        cells: &[Bounds],
        codes: &mut Vec<u32>,
    ) -> Option<()> {
        let mut keys = [Key(0, 0); BLOCK];
        let mut guesses = [0u32; BLOCK];
        let mut found = [Key(0, 0); BLOCK];
        for cells in cells.chunks(BLOCK) {
            for (key, &cell) in keys.iter_mut().zip(cells) {
                *key = Key::trimmed(text, cell);
            }
            let keys = &keys[..cells.len()];
            let mask = self.slots.len() - 1;
            for (guess, key) in guesses.iter_mut().zip(keys) {
                *guess = (self.slots[key.hash() as usize & mask] as u32).wrapping_sub(1);
            }
            for (found, guess) in found.iter_mut().zip(&guesses[..keys.len()]) {
                let key = self.keys.get(*guess as usize);
                *found = key.copied().unwrap_or(NO_KEY);
            }
            for (((key, found), &guess), &cell) in keys.iter().zip(&found).zip(&guesses).zip(cells)
            {
                codes.push(if found == key && key.is_short() {
                    guess
                } else {
                    self.look_up_cell(*key, text, cell)?
                });
            }
        }
        Some(())
    }

    #[inline(never)]
    fn look_up_cell(&mut self, key: Key, text: &[u8], cell: Bounds) -> Option<u32> {
        let (start, end) = trimmed(text, cell);
        self.look_up(key, &text[start as usize..end as usize])
    }

    #[inline]
    fn look_up(&mut self, key: Key, text: &[u8]) -> Option<u32> {
        let hash = key.hash();
        let mask = self.slots.len() - 1;
        let mut index = hash as usize & mask;
        while self.slots[index] != 0 {
            let slot = self.slots[index];
            if (slot >> 32) as u32 == hash {
                let code = slot as u32 - 1;
                let same = self.keys[code as usize] == key;
                if same && (key.is_short() || self.text(code as usize) == text) {
                    return Some(code);
                }
            }
            index = (index + 1) & mask;
        }
        self.add(key, text, index)
    }

    #[cold]
    #[inline(never)]
    fn add(&mut self, key: Key, text: &[u8], index: usize) -> Option<u32> {
        if self.len() >= self.limit {
            return None;
        }
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.keys.push(key);
        self.slots[index] = u64::from(key.hash()) << 32 | self.ends.len() as u64;
        let shared = index != key.hash() as usize & (self.slots.len() - 1);
        let roomy = self.slots.len() >= ROOMY_SLOTS.min(64 * self.len());
        if self.ends.len() * 2 > self.slots.len() || (shared && !roomy) {
            self.grow();
        }
        Some(self.ends.len() as u32 - 1)
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        let mut slots = vec![0; mask + 1];
        for &slot in self.slots.iter().filter(|&&slot| slot != 0) {
            let mut index = (slot >> 32) as usize & mask;
            while slots[index] != 0 {
                index = (index + 1) & mask;
            }
            slots[index] = slot;
        }
        self.slots = slots;
    }
}

impl Key {
    /// The key of a part of a text without the white space around it. Short ones are read together with what follows
    /// them, and what is not theirs is masked away.
    #[inline(always)]
    fn trimmed(text: &[u8], (start, end): Bounds) -> Self {
        let length = (end - start) as usize;
        let around = text
            .get(start as usize..)
            .and_then(<[u8]>::first_chunk::<16>);
        if let Some(around) = around
            && length <= SHORT
        {
            let word = u128::from_le_bytes(*around);
            let (low, high) = (word as u64, (word >> 64) as u64);
            let (low, high) = (
                low & KEPT[length.min(8)],
                high & KEPT[length.saturating_sub(8)],
            );
            let last = if length > 8 {
                high >> (8 * (length - 9))
            } else {
                low >> (8 * length.saturating_sub(1))
            };
            if !is_space(low as u8) && !is_space(last as u8) {
                return Self(low, high | (length as u64) << 56);
            }
        }
        let (start, end) = trimmed(text, (start, end));
        Self::of(&text[start as usize..end as usize])
    }

    #[inline]
    fn of(text: &[u8]) -> Self {
        let length = text.len();
        if length > SHORT {
            return Self(long_hash(text), LONG | length as u64);
        }
        let mut padded = [0; 16];
        padded[..length].copy_from_slice(text);
        let [low, high] = [0, 8].map(|at| {
            let word = padded[at..].first_chunk::<8>();
            u64::from_le_bytes(word.copied().unwrap_or_default())
        });
        Self(low, high | (length as u64) << 56)
    }

    #[inline]
    fn is_short(self) -> bool {
        self.1 < LONG
    }

    #[inline]
    fn hash(self) -> u32 {
        let mixed = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ self.1.wrapping_mul(0xc2b2_ae3d_27d4_eb4f).rotate_left(32);
        ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32
    }
}

#[inline]
fn is_space(byte: u8) -> bool {
    byte == b' ' || byte.wrapping_sub(b'\t') < 5
}

/// What is left of a word of which so many bytes count.
const KEPT: [u64; 9] = [
    0,
    0xff,
    0xffff,
    0xff_ffff,
    0xffff_ffff,
    0xff_ffff_ffff,
    0xffff_ffff_ffff,
    0xff_ffff_ffff_ffff,
    u64::MAX,
];

/// FxHash over words of eight bytes.
fn long_hash(text: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x517c_c1b7_2722_0a95;
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(MULTIPLIER);
    let (words, rest) = text.as_chunks::<8>();
    let mut hash = text.len() as u64;
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    let tail = rest
        .iter()
        .fold(0, |tail, &byte| tail << 8 | u64::from(byte));
    mix(hash, tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn codes_are_those_of_a_plain_map(
            texts in prop::collection::vec(prop::collection::vec(0..4u8, 0..40), 0..300),
        ) {
            let mut interner = Interner::new();
            let mut map: HashMap<Vec<u8>, u32> = HashMap::new();
            for text in &texts {
                let next = map.len() as u32;
                let code = *map.entry(text.clone()).or_insert(next);
                prop_assert_eq!(interner.intern(text), Some(code));
            }
            prop_assert_eq!(interner.len(), map.len());
            for (text, code) in map {
                prop_assert_eq!(interner.text(code as usize), text);
            }
        }
    }

    proptest! {
        #[test]
        fn cells_taken_together_get_the_codes_they_get_alone(
            cells in prop::collection::vec("[ ab]{0,3}[a-c]{0,18}[ \t]{0,2}", 0..700),
        ) {
            let (mut text, mut places) = (String::new(), Vec::new());
            for cell in &cells {
                let start = text.len() as u32;
                text += cell;
                places.push((start, text.len() as u32));
            }
            let (mut alone, mut together) = (Interner::new(), Interner::new());
            let expected: Vec<_> = cells
                .iter()
                .map(|cell| alone.intern(cell.trim().as_bytes()).unwrap())
                .collect();
            let mut codes = Vec::new();
            let all = together.intern_all(text.as_bytes(), &places, &mut codes);
            prop_assert_eq!(all, Some(()));
            prop_assert_eq!(codes, expected);
            prop_assert!(alone.texts().eq(together.texts()));
        }
    }

    #[test]
    fn short_texts_have_keys_of_their_own() {
        // Every length, with zeros that must not pass for padding.
        let mut keys = Vec::new();
        for length in 0..=SHORT {
            for at in 0..=length {
                let mut text = vec![0; length];
                if let Some(byte) = text.get_mut(at) {
                    *byte = 7;
                }
                keys.push(Key::of(&text));
            }
        }
        for (index, key) in keys.iter().enumerate() {
            assert!(key.is_short() && !keys[..index].contains(key), "{index}");
        }
        assert!(!Key::of(&[0; SHORT + 1]).is_short());
    }

    #[test]
    fn the_limit_is_kept_and_known_texts_still_found() {
        let mut interner = Interner::new();
        for i in 0..MAX_LEVELS {
            assert_eq!(interner.intern(&i.to_le_bytes()), Some(i as u32));
        }
        assert_eq!(interner.intern(b"one more"), None);
        assert_eq!(interner.intern(&7usize.to_le_bytes()), Some(7));
    }
}
