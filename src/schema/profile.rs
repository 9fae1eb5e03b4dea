//! What can be said of a column by counting.

use super::LevelCount;
use crate::ingest::{time::iso_text, words::boolean_text};
use crate::table::{Column, ColumnData, Dictionary, MISSING_CODE, MISSING_TIME};
use std::collections::HashMap;

/// How many values are shown as examples.
const EXAMPLES: usize = 5;
/// Up to so many different numbers are counted exactly.
const EXACT: usize = 1 << 16;
/// Registers of the estimate beyond: its standard error is 1.04 / √16384 = 0.8 %.
const REGISTER_BITS: u32 = 14;

/// A cell as text, `None` where it is missing: numbers as short as they can be written, points in time
/// as ISO 8601 in UTC, booleans as `true` and `false`.
pub fn cell_text(data: &ColumnData, row: usize) -> Option<String> {
    if data.is_missing(row) {
        return None;
    }
    Some(match data {
        ColumnData::Number(cells) => cells[row].to_string(),
        ColumnData::Time(cells) => iso_text(cells[row]),
        ColumnData::Boolean(cells) => boolean_text(cells[row] == 1).to_owned(),
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            dictionary.levels[dictionary.codes[row] as usize].clone()
        }
    })
}

/// The values of a column and how often each comes, the most frequent first (of equals, as they read);
/// at most so many. None for points in time.
pub(super) fn level_counts(column: &Column, most: usize) -> Vec<LevelCount> {
    let mut counted: Vec<LevelCount> = match &column.data {
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            let mut counts = vec![0usize; dictionary.levels.len()];
            for &code in &dictionary.codes {
                if let Some(count) = counts.get_mut(code as usize) {
                    *count += 1;
                }
            }
            let levels = dictionary.levels.iter().zip(counts);
            let used = levels.filter(|&(_, count)| count > 0);
            used.map(|(value, count)| LevelCount {
                value: value.clone(),
                count,
            })
            .collect()
        }
        ColumnData::Number(cells) => {
            let mut counts: HashMap<u64, usize> = HashMap::new();
            for &cell in cells.iter().filter(|cell| cell.is_finite()) {
                *counts.entry((cell + 0.0).to_bits()).or_default() += 1;
            }
            let counts = counts.into_iter();
            counts
                .map(|(bits, count)| LevelCount {
                    value: f64::from_bits(bits).to_string(),
                    count,
                })
                .collect()
        }
        ColumnData::Boolean(_) => {
            let levels = Profile::new(column).levels.into_iter();
            levels
                .map(|(value, count)| LevelCount { value, count })
                .collect()
        }
        ColumnData::Time(_) => Vec::new(),
    };
    crate::order::sort_by(&mut counted, |a, b| {
        b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value))
    });
    counted.truncate(most);
    counted
}

/// Counts over one column.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    /// Filled cells.
    pub(super) filled: usize,
    pub(super) missing: usize,
    /// Different values; estimated to about 1 % beyond 65,536 numbers or points in time.
    pub(super) distinct: usize,
    pub(super) examples: Vec<String>,
    /// Where there are one or two different values: each as text, with how often it comes, in
    /// ascending order for numbers and booleans and in order of appearance for words.
    pub(super) levels: Vec<(String, usize)>,
    /// Numbers only: all are whole; the smallest; each is one more than the one before.
    pub(super) whole: bool,
    pub(super) least: f64,
    pub(super) counts_up: bool,
}

impl Profile {
    pub(super) fn new(column: &Column) -> Self {
        match &column.data {
            ColumnData::Number(cells) => of_numbers(cells),
            ColumnData::Time(cells) => of_times(cells),
            ColumnData::Boolean(cells) => of_booleans(cells),
            ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => of_words(dictionary),
        }
    }
}

fn of_numbers(cells: &[f64]) -> Profile {
    let mut counter = Counter::new();
    let mut firsts: Vec<(f64, usize)> = Vec::new();
    let mut profile = Profile {
        whole: true,
        least: f64::INFINITY,
        counts_up: true,
        ..Profile::default()
    };
    let mut before = f64::NAN;
    for &cell in cells {
        if cell.is_nan() {
            profile.missing += 1;
            profile.counts_up = false;
            continue;
        }
        profile.whole &= cell == cell.trunc();
        profile.least = profile.least.min(cell);
        profile.counts_up &= before.is_nan() || cell == before + 1.0;
        before = cell;
        // Zero has two signs and is one value.
        counter.add((cell + 0.0).to_bits());
        match firsts.iter().position(|first| first.0 == cell) {
            Some(index) => firsts[index].1 += 1,
            None if firsts.len() < EXAMPLES => firsts.push((cell, 1)),
            None => {}
        }
    }
    profile.filled = cells.len() - profile.missing;
    profile.distinct = counter.count();
    profile.examples = firsts.iter().map(|first| first.0.to_string()).collect();
    if profile.distinct <= 2 {
        crate::order::sort_by(&mut firsts, |a, b| a.0.total_cmp(&b.0));
        profile.levels = firsts
            .iter()
            .map(|first| (first.0.to_string(), first.1))
            .collect();
    }
    profile
}

fn of_times(cells: &[i64]) -> Profile {
    let mut counter = Counter::new();
    let mut examples: Vec<String> = Vec::new();
    let mut missing = 0;
    for &cell in cells {
        if cell == MISSING_TIME {
            missing += 1;
            continue;
        }
        counter.add(cell as u64);
        if examples.len() < EXAMPLES {
            let text = iso_text(cell);
            if !examples.contains(&text) {
                examples.push(text);
            }
        }
    }
    Profile {
        filled: cells.len() - missing,
        missing,
        distinct: counter.count(),
        examples,
        ..Profile::default()
    }
}

fn of_booleans(cells: &[u8]) -> Profile {
    let count = |value: u8| cells.iter().filter(|&&cell| cell == value).count();
    let levels = [(false, count(0)), (true, count(1))];
    let levels: Vec<_> = levels
        .into_iter()
        .filter(|level| level.1 > 0)
        .map(|(value, count)| (boolean_text(value).to_owned(), count))
        .collect();
    let filled = levels.iter().map(|level| level.1).sum();
    Profile {
        filled,
        missing: cells.len() - filled,
        distinct: levels.len(),
        examples: levels.iter().map(|level| level.0.clone()).collect(),
        levels,
        ..Profile::default()
    }
}

fn of_words(dictionary: &Dictionary) -> Profile {
    let mut counts = vec![0usize; dictionary.levels.len()];
    let mut missing = 0;
    for &code in &dictionary.codes {
        match code {
            MISSING_CODE => missing += 1,
            code => counts[code as usize] += 1,
        }
    }
    let mut order: Vec<usize> = (0..counts.len()).filter(|&code| counts[code] > 0).collect();
    let distinct = order.len();
    let name = |code: usize| dictionary.levels[code].clone();
    let levels = match distinct {
        0..=2 => order
            .iter()
            .map(|&code| (name(code), counts[code]))
            .collect(),
        _ => Vec::new(),
    };
    let frequent_first = |&code: &usize| (std::cmp::Reverse(counts[code]), code);
    if distinct > EXAMPLES {
        order.select_nth_unstable_by_key(EXAMPLES, frequent_first);
        order.truncate(EXAMPLES);
    }
    crate::order::sort_by_key(&mut order, frequent_first);
    Profile {
        filled: dictionary.codes.len() - missing,
        missing,
        distinct,
        examples: order.into_iter().map(name).collect(),
        levels,
        ..Profile::default()
    }
}

/// Counts different values: exactly up to [`EXACT`], beyond after Flajolet, Fusy, Gandouet & Meunier,
/// "HyperLogLog" (2007), figure 3, without its corrections for small and huge counts.
struct Counter {
    slots: Vec<u64>,
    used: usize,
    zero: bool,
    registers: Vec<u8>,
}

impl Counter {
    fn new() -> Self {
        Self {
            slots: vec![0; 64],
            used: 0,
            zero: false,
            registers: Vec::new(),
        }
    }

    #[inline]
    fn add(&mut self, value: u64) {
        if !self.registers.is_empty() {
            self.register(value);
        } else if value == 0 {
            self.zero = true;
        } else if insert(&mut self.slots, value) {
            self.used += 1;
            if self.used > EXACT {
                self.registers = vec![0; 1 << REGISTER_BITS];
                for value in std::mem::take(&mut self.slots) {
                    if value != 0 {
                        self.register(value);
                    }
                }
            } else if self.used * 2 > self.slots.len() {
                let mut slots = vec![0; self.slots.len() * 4];
                for &value in self.slots.iter().filter(|&&value| value != 0) {
                    insert(&mut slots, value);
                }
                self.slots = slots;
            }
        }
    }

    fn register(&mut self, value: u64) {
        let hash = scatter(value);
        let register = &mut self.registers[(hash >> (64 - REGISTER_BITS)) as usize];
        let rank = ((hash << REGISTER_BITS).leading_zeros() + 1).min(64 - REGISTER_BITS) as u8;
        *register = (*register).max(rank);
    }

    fn count(&self) -> usize {
        if self.registers.is_empty() {
            return self.used + usize::from(self.zero);
        }
        let size = self.registers.len() as f64;
        let alpha = 0.7213 / (1.0 + 1.079 / size);
        let sum: f64 = self
            .registers
            .iter()
            .map(|&rank| (-f64::from(rank)).exp2())
            .sum();
        (alpha * size * size / sum).round() as usize
    }
}

/// Adds a value other than zero to a table of a power of two of slots; whether it is new.
#[inline]
fn insert(slots: &mut [u64], value: u64) -> bool {
    let mask = slots.len() - 1;
    let mut slot = (scatter(value) >> 20) as usize & mask;
    loop {
        if slots[slot] == value {
            return false;
        }
        if slots[slot] == 0 {
            slots[slot] = value;
            return true;
        }
        slot = (slot + 1) & mask;
    }
}

/// The finalizer of SplitMix64 (Steele, Lea & Flood 2014): every bit of the result depends on all.
#[inline]
fn scatter(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_counted_and_many_estimated() {
        for count in [0, 1, 2, 1000, EXACT, 200_000, 1_500_000] {
            let mut counter = Counter::new();
            for _ in 0..2 {
                for value in 0..count {
                    counter.add((value as f64 * 0.25).to_bits());
                }
            }
            let error = counter.count().abs_diff(count) as f64 / count.max(1) as f64;
            let allowed = if count <= EXACT { 0.0 } else { 0.03 };
            assert!(error <= allowed, "{count}: {}", counter.count());
        }
    }

    #[test]
    fn numbers_are_profiled() {
        let column = |cells: Vec<f64>| Column {
            name: String::new(),
            data: ColumnData::Number(cells),
        };
        let profile = Profile::new(&column(vec![2.0, 1.0, f64::NAN, 2.0]));
        assert_eq!(
            (profile.filled, profile.missing, profile.distinct),
            (3, 1, 2)
        );
        assert_eq!(profile.levels, [("1".to_owned(), 1), ("2".to_owned(), 2)]);
        assert_eq!(profile.examples, ["2", "1"]);
        assert!(profile.whole && !profile.counts_up);
        assert!(Profile::new(&column(vec![7.0, 8.0, 9.0])).counts_up);
        assert_eq!(Profile::new(&column(vec![0.0, -0.0])).distinct, 1);
    }
}
