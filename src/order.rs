//! Sorting by code that is there once.
//!
//! Every call of `[T]::sort_by` brings a copy of the standard library's sort for its own type and comparison, 2 to 4 kB
//! of the download each. For a handful of channels, columns or findings that buys nothing: here positions are sorted,
//! by a comparison that is called through a pointer, and then the items put in their places. Rows, of which there may
//! be millions, have one copy for those comparisons that wait for memory anyway; others keep a copy of their own.

use std::cmp::Ordering;

/// Sorts as `[T]::sort_by` does; equal items keep their order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places: Vec<usize> = (0..items.len()).collect();
    sort_places(&mut places, &|a, b| compare(&items[a], &items[b]));
    // Each cycle of the permutation is walked once; a place that is done names itself.
    for start in 0..items.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut places[at], at);
            if from == at || from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// Sorts as `[T]::sort_by_key` does.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts rows, of which there may be millions, by a comparison that waits for memory longer than the call of it takes.
#[inline(never)]
pub(crate) fn sort_rows(rows: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    rows.sort_unstable_by(|&a, &b| compare(a, b));
}

#[inline(never)]
fn sort_places(places: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_by(|&a, &b| compare(a, b));
}

#[cfg(test)]
mod tests {
    use super::{sort_by, sort_by_key};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_order_of_the_standard_library(items in prop::collection::vec((0_u8..20, any::<u16>()), 0..300)) {
            let mut expected = items.clone();
            expected.sort_by_key(|&(key, _)| std::cmp::Reverse(key));
            let mut found: Vec<_> = items.iter().map(|&(key, rest)| (key, rest.to_string())).collect();
            sort_by(&mut found, |a, b| b.0.cmp(&a.0));
            let told: Vec<_> = expected.iter().map(|&(key, rest)| (key, rest.to_string())).collect();
            prop_assert_eq!(found, told);
            expected.sort_by_key(|&(key, _)| key % 7);
            let mut found = items.clone();
            sort_by(&mut found, |a, b| b.0.cmp(&a.0));
            sort_by_key(&mut found, |&(key, _)| key % 7);
            prop_assert_eq!(found, expected);
        }
    }
}
