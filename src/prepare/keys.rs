//! Which columns of two tables could say which rows belong together.

use super::join::{JoinError, texts_of};
use crate::table::{Column, ColumnData, MISSING_CODE, Table};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::HashSet;

/// So many pairs are told, the likeliest first.
const TOLD: usize = 6;

/// Two columns, and what joining by them would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyPair {
    /// The column of the table at hand.
    pub left: String,
    /// The column of the other.
    pub right: String,
    /// Rows of the table at hand whose key stands in the other.
    pub matched: usize,
    /// Rows of it whose key does not, or is missing.
    pub unmatched: usize,
    /// Rows of the other table that no row asks for.
    pub unused: usize,
    /// Rows of the other table whose key an earlier row has: while there are any, they can't be joined.
    pub repeated: usize,
}

/// What joining by two columns would do.
///
/// # Errors
/// `join-unknown-key`.
pub fn key_pair(
    left: &Table,
    right: &Table,
    left_key: &str,
    right_key: &str,
) -> Result<KeyPair, JoinError> {
    let column = |table: &'_ Table, name: &str| {
        let position = table.columns.iter().position(|column| column.name == name);
        position.ok_or_else(|| JoinError::UnknownKey {
            column: name.to_owned(),
        })
    };
    let left = &left.columns[column(left, left_key)?];
    let right = &right.columns[column(right, right_key)?];
    Ok(Keyed::new(right).with(left, &Asked::new(left)))
}

/// The pairs that could hold two tables together, the likeliest first: those that join before those
/// that can't, columns of one name before others, then by the rows that find theirs. Points in time, yes
/// and no and broken numbers are no keys; columns of different names have to share most of their values.
pub fn likely_keys(left: &Table, right: &Table) -> Vec<KeyPair> {
    let could = |column: &&Column| could_be_key(&column.data);
    let keyed: Vec<Keyed> = right
        .columns
        .iter()
        .filter(could)
        .map(Keyed::new)
        .filter(|keyed| !keyed.keys.is_empty())
        .collect();
    let mut found = Vec::new();
    for column in left.columns.iter().filter(could) {
        let asked = Asked::new(column);
        for other in &keyed {
            let same_name = plain(&column.name) == plain(&other.column.name);
            if same_name || other.shares_most(&asked, column) {
                found.push((same_name, other.with(column, &asked)));
            }
        }
    }
    crate::order::sort_by_key(&mut found, |(same_name, pair)| {
        let joins = pair.matched > 0 && pair.repeated == 0;
        (!joins, !same_name, Reverse(pair.matched))
    });
    found.into_iter().take(TOLD).map(|(_, pair)| pair).collect()
}

fn could_be_key(data: &ColumnData) -> bool {
    match data {
        ColumnData::Category(_) | ColumnData::Text(_) => true,
        ColumnData::Number(cells) => cells
            .iter()
            .all(|cell| cell.is_nan() || *cell == cell.trunc()),
        ColumnData::Time(_) | ColumnData::Boolean(_) => false,
    }
}

/// `User ID` and `user_id` are one name.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The keys that a column of the table at hand asks for.
struct Asked {
    texts: Vec<String>,
    /// Rows by key.
    rows: Vec<usize>,
    missing: usize,
}

impl Asked {
    fn new(column: &Column) -> Self {
        let (codes, texts) = texts_of(column);
        let mut rows = vec![0; texts.len()];
        let mut missing = 0;
        for &code in codes.iter() {
            match rows.get_mut(code as usize) {
                Some(count) if code != MISSING_CODE => *count += 1,
                _ => missing += 1,
            }
        }
        Self {
            texts,
            rows,
            missing,
        }
    }
}

/// A column of the other table as a key.
struct Keyed<'a> {
    column: &'a Column,
    keys: HashSet<String>,
    repeated: usize,
}

impl<'a> Keyed<'a> {
    fn new(column: &'a Column) -> Self {
        let (codes, texts) = texts_of(column);
        let mut keys = HashSet::with_capacity(texts.len());
        let mut repeated = 0;
        for &code in codes.iter() {
            if let Some(text) = texts.get(code as usize) {
                repeated += usize::from(!keys.insert(text.trim().to_owned()));
            }
        }
        Self {
            column,
            keys,
            repeated,
        }
    }

    /// Whether a column of another name asks for keys of this one, and for hardly any others. Small
    /// numbers agree by chance, so that of numbers most of both have to.
    fn shares_most(&self, asked: &Asked, column: &Column) -> bool {
        let known = |text: &&String| self.keys.contains(text.trim());
        let hits = asked.texts.iter().filter(known).count();
        let numbers = matches!(column.data, ColumnData::Number(_));
        let (own, other) = (asked.texts.len(), self.keys.len());
        let enough = if numbers {
            own.max(other)
        } else {
            own.min(other)
        };
        hits > 1 && hits * 2 >= enough && self.repeated == 0
    }

    fn with(&self, left: &Column, asked: &Asked) -> KeyPair {
        let mut matched = 0;
        let mut unmatched = asked.missing;
        let mut found = HashSet::new();
        for (text, &rows) in asked.texts.iter().zip(&asked.rows) {
            match self.keys.get(text.trim()) {
                Some(key) if rows > 0 => {
                    matched += rows;
                    found.insert(key);
                }
                _ => unmatched += rows,
            }
        }
        KeyPair {
            left: left.name.clone(),
            right: self.column.name.clone(),
            matched,
            unmatched,
            unused: self.column.data.len() - found.len(),
            repeated: self.repeated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::{JoinOptions, join};
    use crate::table::Dictionary;

    fn words(name: &str, cells: &[&str]) -> Column {
        let mut dictionary = Dictionary::default();
        for cell in cells {
            let place = dictionary.levels.iter().position(|level| level == cell);
            dictionary.codes.push(match (*cell, place) {
                ("", _) => MISSING_CODE,
                (_, Some(place)) => place as u32,
                (_, None) => {
                    dictionary.levels.push((*cell).to_owned());
                    (dictionary.levels.len() - 1) as u32
                }
            });
        }
        let data = ColumnData::Category(dictionary);
        Column {
            name: name.to_owned(),
            data,
        }
    }

    fn numbers(name: &str, cells: &[f64]) -> Column {
        let data = ColumnData::Number(cells.to_vec());
        Column {
            name: name.to_owned(),
            data,
        }
    }

    fn table(columns: Vec<Column>) -> Table {
        Table {
            rows: columns[0].data.len(),
            columns,
            source_rows: None,
        }
    }

    #[test]
    fn the_figures_told_before_are_those_of_the_join() {
        let left = table(vec![
            words("user", &["a", "b", "a", "", "x"]),
            numbers("visits", &[1.0, 2.0, 3.0, 1.0, 2.0]),
        ]);
        let right = table(vec![
            words("User", &["a", "b", "c", "d"]),
            numbers("age", &[30.0, 40.0, 50.0, 30.0]),
        ]);
        let [pair] = &likely_keys(&left, &right)[..] else {
            panic!("one pair could hold them together");
        };
        assert_eq!((&*pair.left, &*pair.right), ("user", "User"));
        assert_eq!((pair.matched, pair.unmatched, pair.unused), (3, 2, 2));
        let options = JoinOptions {
            left_key: Some(pair.left.clone()),
            right_key: Some(pair.right.clone()),
            ..JoinOptions::default()
        };
        let (_, joined) = join(&left, &right, &options).unwrap();
        assert_eq!(
            (joined.matched, joined.unmatched, joined.unused),
            (pair.matched, pair.unmatched, pair.unused)
        );
        assert_eq!(key_pair(&left, &right, "user", "User").unwrap(), *pair);
        assert!(key_pair(&left, &right, "user", "no such column").is_err());
    }

    #[test]
    fn a_key_that_joins_comes_before_one_that_stands_there_twice() {
        let left = table(vec![
            words("channel", &["Search", "Social", "Search"]),
            words("lead", &["l1", "l2", "l3"]),
        ]);
        let right = table(vec![
            words("channel", &["Search", "Search", "Social"]),
            words("Lead No.", &["l3", "l2", "l9"]),
        ]);
        let pairs = likely_keys(&left, &right);
        assert_eq!(pairs.len(), 2);
        assert_eq!((&*pairs[0].left, pairs[0].repeated), ("lead", 0));
        assert_eq!((&*pairs[1].left, pairs[1].repeated), ("channel", 1));
    }

    #[test]
    fn small_numbers_that_agree_by_chance_are_no_keys() {
        let left = table(vec![numbers("pages", &[1.0, 2.0, 3.0, 2.0])]);
        let ids: Vec<f64> = (1..=50).map(f64::from).collect();
        let right = table(vec![numbers("order", &ids)]);
        assert_eq!(likely_keys(&left, &right), []);
        let left = table(vec![numbers("order id", &ids[..40])]);
        assert_eq!(likely_keys(&left, &right)[0].matched, 40);
        let broken = table(vec![numbers("order", &[0.5, 1.0])]);
        assert_eq!(likely_keys(&broken, &right), []);
    }
}
