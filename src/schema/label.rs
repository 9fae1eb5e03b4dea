//! The outcome: which column it is, and which of its levels counts as converted.

use super::names::Name;
use super::profile::Profile;
use crate::ingest::words::truth;
use crate::table::{Column, ColumnData, MISSING_CODE};
use serde::{Deserialize, Serialize};

/// The level of a label column that counts as converted: the one that says so, else the one whose
/// opposite says no, else the rarer one; for one level alone, that one unless it says no.
pub(super) fn positive_level(profile: &Profile) -> Option<String> {
    // 1 means yes beside 0 only, and then 0 says so: 1 and 2 can be either way round.
    let yes = |level: &str| level != "1" && truth(level) == Some(true);
    let no = |level: &str| truth(level) == Some(false);
    match profile.levels.as_slice() {
        [(only, _)] => (!no(only)).then(|| only.clone()),
        [(first, count_first), (second, count_second)] => {
            let first_is_it = match (yes(first) || no(second), yes(second) || no(first)) {
                (true, false) => true,
                (false, true) => false,
                _ => count_first < count_second,
            };
            Some(if first_is_it { first } else { second }.clone())
        }
        _ => None,
    }
}

/// The outcome of every row: 1 where the cell is the positive level, 0 where it is another, 2 where it
/// is missing. `positive` is compared as text; numbers by value; for booleans any word for yes or no
/// will do. `None` where that level cannot be in the column.
pub fn outcomes(column: &Column, positive: &str) -> Option<Vec<u8>> {
    match &column.data {
        ColumnData::Boolean(cells) => {
            let yes = truth(positive)?;
            let outcome = |&cell: &u8| {
                if cell > 1 {
                    2
                } else {
                    u8::from((cell == 1) == yes)
                }
            };
            Some(cells.iter().map(outcome).collect())
        }
        ColumnData::Number(cells) => {
            let positive: f64 = positive.trim().parse().ok()?;
            let outcome = |&cell: &f64| {
                if cell.is_nan() {
                    2
                } else {
                    u8::from(cell == positive)
                }
            };
            Some(cells.iter().map(outcome).collect())
        }
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            let code = dictionary
                .levels
                .iter()
                .position(|level| level == positive)? as u32;
            let outcome = |&cell: &u32| match cell {
                MISSING_CODE => 2,
                cell => u8::from(cell == code),
            };
            Some(dictionary.codes.iter().map(outcome).collect())
        }
        ColumnData::Time(_) => None,
    }
}

/// What an empty cell of the outcome says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlankOutcome {
    /// That nothing was converted, where all filled cells say converted; else nothing.
    #[default]
    Auto,
    /// That nothing was converted.
    No,
    /// Nothing: its row is left out.
    Unknown,
}

/// Makes unknown outcomes (2) ones that did not convert (0), where empty cells say so; how many.
pub(crate) fn settle_blanks(marks: &mut [u8], blank: BlankOutcome) -> usize {
    let says_no = match blank {
        BlankOutcome::Unknown => false,
        BlankOutcome::No => true,
        BlankOutcome::Auto => !marks.contains(&0) && marks.contains(&1),
    };
    let mut settled = 0;
    for mark in marks.iter_mut().filter(|mark| says_no && **mark > 1) {
        *mark = 0;
        settled += 1;
    }
    settled
}

/// How well a column does for an outcome: the smaller the better; `None` where it cannot be one.
pub(super) fn outcome_rank(column: &Column, name: &Name, profile: &Profile) -> Option<usize> {
    let rank = name.outcome()?;
    // When it converted is not whether.
    if matches!(column.data, ColumnData::Time(_)) || name.is_conversion_time() {
        return None;
    }
    // A flag that is set or empty says as much as one of yes and no.
    let one_sided = profile.distinct == 1
        && (matches!(column.data, ColumnData::Boolean(_))
            || profile.missing > 0
            || positive_level(profile).is_none());
    (profile.distinct == 2 || one_sided).then_some(rank)
}

/// Whether a column without a telling name may be the outcome: it has two values, of which numbers
/// must be 0 and 1.
pub(super) fn may_be_outcome(column: &Column, name: &Name, profile: &Profile) -> bool {
    let zero_one = || {
        profile
            .levels
            .iter()
            .map(|level| level.0.as_str())
            .eq(["0", "1"])
    };
    let fits = match column.data {
        ColumnData::Boolean(_) | ColumnData::Category(_) => true,
        ColumnData::Number(_) => zero_one(),
        ColumnData::Time(_) | ColumnData::Text(_) => false,
    };
    profile.distinct == 2 && fits && !name.is_trait()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Dictionary;

    fn words(cells: &[&str]) -> Column {
        let mut dictionary = Dictionary::default();
        for cell in cells {
            let known = dictionary.levels.iter().position(|level| level == cell);
            let code = known.unwrap_or_else(|| {
                dictionary.levels.push((*cell).to_owned());
                dictionary.levels.len() - 1
            });
            dictionary.codes.push(code as u32);
        }
        Column {
            name: String::new(),
            data: ColumnData::Category(dictionary),
        }
    }

    #[test]
    fn the_positive_level_is_the_one_that_says_so_or_the_rarer() {
        for (cells, positive) in [
            (&["no", "yes", "yes"][..], Some("yes")),
            (&["未下单", "下单"], Some("下单")),
            (&["lost", "kept", "kept"], Some("kept")),
            (&["oui", "non", "oui"], Some("oui")),
            (&["A", "B", "B"], Some("A")),
            (&["A", "A", "B"], Some("B")),
            (&["0", "1", "1"], Some("1")),
            (&["1", "1", "2"], Some("2")),
            (&["converted"], Some("converted")),
            (&["no"], None),
            (&["a", "b", "c"], None),
        ] {
            let column = words(cells);
            let found = positive_level(&Profile::new(&column));
            assert_eq!(found.as_deref(), positive, "{cells:?}");
        }
    }

    #[test]
    fn outcomes_compare_by_meaning() {
        let column = |data| Column {
            name: String::new(),
            data,
        };
        let booleans = column(ColumnData::Boolean(vec![0, 1, 2]));
        for yes in ["1", "TRUE", "yes", "是"] {
            assert_eq!(outcomes(&booleans, yes), Some(vec![0, 1, 2]));
        }
        assert_eq!(outcomes(&booleans, "false"), Some(vec![1, 0, 2]));
        assert_eq!(outcomes(&booleans, "maybe"), None);
        let numbers = column(ColumnData::Number(vec![1.0, 2.0, f64::NAN]));
        assert_eq!(outcomes(&numbers, "2.0"), Some(vec![0, 1, 2]));
        assert_eq!(outcomes(&words(&["a", "b"]), "b"), Some(vec![0, 1]));
        assert_eq!(outcomes(&words(&["a", "b"]), "c"), None);
    }
}
