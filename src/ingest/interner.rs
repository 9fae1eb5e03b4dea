//! Distinct texts, numbered in order of first appearance.

use super::limits::MAX_LEVELS;

const START_SLOTS: usize = 16;
/// Texts of up to so many bytes are their own keys.
const SHORT: usize = 15;
/// What stands in the upper byte of a longer text's key.
const LONG: u64 = 0xff << 56;

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
    /// The text looked up last, which often comes again.
    last: (Key, u32),
}

impl Interner {
    pub(super) fn new() -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            keys: Vec::new(),
            slots: vec![0; START_SLOTS],
            // No text has this key.
            last: (Key(0, LONG), 0),
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
        let key = Key::of(text);
        if self.last.0 == key && key.is_short() {
            return Some(self.last.1);
        }
        let code = self.look_up(key, text)?;
        self.last = (key, code);
        Some(code)
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
        if self.len() >= MAX_LEVELS {
            return None;
        }
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.keys.push(key);
        self.slots[index] = u64::from(key.hash()) << 32 | self.ends.len() as u64;
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

impl Key {
    #[inline]
    fn of(text: &[u8]) -> Self {
        let length = text.len();
        if length > SHORT {
            return Self(long_hash(text), LONG | length as u64);
        }
        let (low, high) = if let Some((first, rest)) = text.split_first_chunk::<8>() {
            // The last eight bytes without those that are among the first.
            let last = text.last_chunk::<8>().copied().unwrap_or_default();
            let last = u64::from_le_bytes(last);
            let high = if rest.is_empty() {
                0
            } else {
                last >> (8 * (16 - length))
            };
            (u64::from_le_bytes(*first), high)
        } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>())
        {
            let last = u64::from(u32::from_le_bytes(*last)) << (8 * (length - 4));
            (u64::from(u32::from_le_bytes(*first)) | last, 0)
        } else {
            let bytes = text.iter().rev();
            (bytes.fold(0, |word, &byte| word << 8 | u64::from(byte)), 0)
        };
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
