//! Distinct texts, numbered in order of first appearance.

use super::limits::MAX_LEVELS;

const START_SLOTS: usize = 16;

/// A hash table from texts to codes that keeps all texts in one stretch of memory.
#[derive(Debug, Clone)]
pub(super) struct Interner {
    bytes: Vec<u8>,
    /// Where each text ends in `bytes`.
    ends: Vec<usize>,
    /// The hash in the upper half and code + 1 in the lower, or 0 where free. The length is a power of
    /// two, at least twice the texts. Hash and code lie together since every look-up in a large table
    /// waits for memory, not for the processor.
    slots: Vec<u64>,
}

impl Interner {
    pub(super) fn new() -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            slots: vec![0; START_SLOTS],
        }
    }

    /// How many texts there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
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

    /// The code of a text, a new one where it was not seen before; `None` beyond [`MAX_LEVELS`].
    #[inline]
    pub(super) fn intern(&mut self, text: &[u8]) -> Option<u32> {
        let hash = hash(text);
        let mask = self.slots.len() - 1;
        let mut index = hash as usize & mask;
        while self.slots[index] != 0 {
            let slot = self.slots[index];
            if (slot >> 32) as u32 == hash {
                let code = slot as u32 - 1;
                if self.text(code as usize) == text {
                    return Some(code);
                }
            }
            index = (index + 1) & mask;
        }
        if self.len() >= MAX_LEVELS {
            return None;
        }
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.slots[index] = u64::from(hash) << 32 | self.ends.len() as u64;
        if self.ends.len() * 2 > self.slots.len() {
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

/// FxHash over words of eight bytes, folded to 32 bits.
#[inline]
fn hash(text: &[u8]) -> u32 {
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
    hash = mix(hash, tail);
    (hash >> 32) as u32 ^ (hash as u32).rotate_left(16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn codes_are_those_of_a_plain_map(
            texts in prop::collection::vec(prop::collection::vec(0..4u8, 0..12), 0..300),
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
