//! Reading the cells of a column as what they are needed for, whatever the column's own type.

use crate::ingest::words::boolean;
use crate::table::{ColumnData, MISSING_BOOLEAN, MISSING_CODE, MISSING_TIME};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Cells as numbers, `NaN` where missing or not a number.
pub(super) enum Numbers<'a> {
    /// As they are.
    Plain(&'a [f64]),
    /// 0, 1 or missing.
    Boolean(&'a [u8]),
    /// Milliseconds.
    Time(&'a [i64]),
    /// Names that were read as numbers, by code.
    Named(&'a [u32], Vec<f64>),
    /// Others, drawn in to a least and a most.
    Within(Box<Numbers<'a>>, f64, f64),
}

impl<'a> Numbers<'a> {
    /// The cells of a column; names are read as numbers, or as yes (1) and no (0).
    pub fn of(data: &'a ColumnData) -> Self {
        match data {
            ColumnData::Number(values) => Self::Plain(values),
            ColumnData::Boolean(values) => Self::Boolean(values),
            ColumnData::Time(values) => Self::Time(values),
            ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
                let number = |name: &String| {
                    let parsed = name
                        .trim()
                        .parse::<f64>()
                        .ok()
                        .filter(|value| value.is_finite());
                    let said = || boolean(name.trim()).map(|(_, yes)| f64::from(u8::from(yes)));
                    parsed.or_else(said).unwrap_or(f64::NAN)
                };
                Self::Named(
                    &dictionary.codes,
                    dictionary.levels.iter().map(number).collect(),
                )
            }
        }
    }

    /// The number in a row; infinities count as missing.
    #[inline]
    pub fn at(&self, row: usize) -> f64 {
        match self {
            Self::Plain(values) if values[row].is_finite() => values[row],
            Self::Plain(_) => f64::NAN,
            Self::Boolean(values) if values[row] == MISSING_BOOLEAN => f64::NAN,
            Self::Boolean(values) => f64::from(values[row]),
            Self::Time(values) if values[row] == MISSING_TIME => f64::NAN,
            Self::Time(values) => values[row] as f64,
            Self::Named(codes, values) => {
                values.get(codes[row] as usize).copied().unwrap_or(f64::NAN)
            }
            Self::Within(numbers, low, high) => numbers.at(row).clamp(*low, *high),
        }
    }
}

/// Cells as names: a code per row into the names, [`MISSING_CODE`] where missing.
pub(super) struct Levels<'a> {
    /// One per row.
    pub codes: Cow<'a, [u32]>,
    /// By code; some may occur in no row.
    pub names: Cow<'a, [String]>,
}

impl<'a> Levels<'a> {
    /// The cells of a column; numbers and times are written out, booleans as `true` and `false`.
    pub fn of(data: &'a ColumnData) -> Self {
        match data {
            ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => Self {
                codes: Cow::Borrowed(&dictionary.codes),
                names: Cow::Borrowed(&dictionary.levels),
            },
            ColumnData::Boolean(values) => Self {
                codes: values
                    .iter()
                    .map(|&value| {
                        if value == MISSING_BOOLEAN {
                            MISSING_CODE
                        } else {
                            value.into()
                        }
                    })
                    .collect(),
                names: Cow::Owned(vec!["false".to_owned(), "true".to_owned()]),
            },
            ColumnData::Number(values) => {
                // Adding 0 turns −0 into 0, so that both are one level.
                let cells = values
                    .iter()
                    .map(|&value| value.is_finite().then_some(value + 0.0));
                Self::written(
                    cells,
                    |value: f64| value.to_bits(),
                    |value| value.to_string(),
                )
            }
            ColumnData::Time(values) => {
                let cells = values
                    .iter()
                    .map(|&time| (time != MISSING_TIME).then_some(time));
                Self::written(cells, |time: i64| time as u64, |time| time.to_string())
            }
        }
    }

    fn written<T: Copy>(
        cells: impl Iterator<Item = Option<T>>,
        key: impl Fn(T) -> u64,
        write: impl Fn(T) -> String,
    ) -> Self {
        let mut names = Vec::new();
        let mut seen: HashMap<u64, u32> = HashMap::new();
        let mut code = |cell: Option<T>| {
            let Some(value) = cell else {
                return MISSING_CODE;
            };
            *seen.entry(key(value)).or_insert_with(|| {
                names.push(write(value));
                (names.len() - 1) as u32
            })
        };
        let codes = cells.map(&mut code).collect();
        Self {
            codes,
            names: Cow::Owned(names),
        }
    }
}

/// A code per row that is the same for equal cells only, [`MISSING_CODE`] where missing, and one more
/// than the largest: as [`Levels`], without writing out names.
pub(super) fn codes_of(data: &ColumnData) -> (Cow<'_, [u32]>, usize) {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let mut code = |key: Option<u64>| {
        key.map_or(MISSING_CODE, |key| {
            let next = seen.len() as u32;
            *seen.entry(key).or_insert(next)
        })
    };
    let codes: Vec<u32> = match data {
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            return (Cow::Borrowed(&dictionary.codes), dictionary.levels.len());
        }
        ColumnData::Number(values) => {
            if let Some((codes, count)) = dense(values) {
                return (Cow::Owned(codes), count);
            }
            let key = |&value: &f64| value.is_finite().then_some((value + 0.0).to_bits());
            values.iter().map(|value| code(key(value))).collect()
        }
        ColumnData::Time(values) => {
            let key = |&time: &i64| (time != MISSING_TIME).then_some(time as u64);
            values.iter().map(|time| code(key(time))).collect()
        }
        ColumnData::Boolean(values) => {
            let key = |&value: &u8| (value != MISSING_BOOLEAN).then_some(u64::from(value));
            values.iter().map(|value| code(key(value))).collect()
        }
    };
    let count = seen.len();
    (Cow::Owned(codes), count)
}

/// Codes of whole numbers that lie so close together that a place for each is less than a search;
/// `None` for others.
fn dense(values: &[f64]) -> Option<(Vec<u32>, usize)> {
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for &value in values.iter().filter(|value| value.is_finite()) {
        if value != value.trunc() {
            return None;
        }
        least = least.min(value);
        most = most.max(value);
    }
    if most - least > 4.0 * values.len() as f64 {
        return None;
    }
    let places = if most < least {
        0
    } else {
        (most - least) as usize + 1
    };
    let mut known = vec![MISSING_CODE; places];
    let mut count = 0;
    let codes = values.iter().map(|&value| {
        if !value.is_finite() {
            return MISSING_CODE;
        }
        let code = &mut known[(value - least) as usize];
        if *code == MISSING_CODE {
            *code = count;
            count += 1;
        }
        *code
    });
    let codes = codes.collect();
    Some((codes, count as usize))
}

/// The order in which levels are shown: by number where all of them are numbers, else by name.
pub(super) fn sort_levels(names: &mut [String]) {
    let number = |name: &String| {
        name.trim()
            .parse::<f64>()
            .ok()
            .filter(|value| value.is_finite())
    };
    if names.iter().all(|name| number(name).is_some()) {
        crate::order::sort_by(names, |a, b| {
            let order = number(a).partial_cmp(&number(b)).unwrap_or(Ordering::Equal);
            order.then_with(|| a.cmp(b))
        });
    } else {
        crate::order::sort_by(names, Ord::cmp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Dictionary;

    fn category(codes: &[u32], levels: &[&str]) -> ColumnData {
        ColumnData::Category(Dictionary {
            codes: codes.to_vec(),
            levels: levels.iter().map(|&level| level.to_owned()).collect(),
        })
    }

    #[test]
    fn any_column_reads_as_numbers() {
        let data = category(&[0, 1, 2, 3, MISSING_CODE], &[" 2.5", "yes", "No", "blue"]);
        let numbers = Numbers::of(&data);
        assert_eq!([0, 1, 2].map(|row| numbers.at(row)), [2.5, 1.0, 0.0]);
        assert!(numbers.at(3).is_nan() && numbers.at(4).is_nan());
        let data = ColumnData::Number(vec![f64::INFINITY, 1.0]);
        assert!(Numbers::of(&data).at(0).is_nan());
        let data = ColumnData::Boolean(vec![1, MISSING_BOOLEAN]);
        assert_eq!(Numbers::of(&data).at(0), 1.0);
        assert!(Numbers::of(&data).at(1).is_nan());
        let data = ColumnData::Time(vec![5, MISSING_TIME]);
        assert_eq!(Numbers::of(&data).at(0), 5.0);
        assert!(Numbers::of(&data).at(1).is_nan());
    }

    #[test]
    fn any_column_reads_as_names() {
        let data = ColumnData::Number(vec![2.0, -0.0, 0.0, f64::NAN, 0.5]);
        let levels = Levels::of(&data);
        assert_eq!(&*levels.names, ["2", "0", "0.5"]);
        assert_eq!(&*levels.codes, [0, 1, 1, MISSING_CODE, 2]);
        let data = ColumnData::Boolean(vec![1, 0, MISSING_BOOLEAN]);
        assert_eq!(&*Levels::of(&data).codes, [1, 0, MISSING_CODE]);
    }

    #[test]
    fn codes_are_of_equal_cells_only_however_they_are_found() {
        for far in [0.0, 1e9] {
            let data = ColumnData::Number(vec![7.0, f64::NAN, -3.0, 7.0, -0.0, 0.0, far]);
            let (codes, count) = codes_of(&data);
            let last = if far == 0.0 { 2 } else { 3 };
            assert_eq!(&*codes, [0, MISSING_CODE, 1, 0, 2, 2, last]);
            assert_eq!(count, last as usize + 1);
        }
        let empty = ColumnData::Number(vec![f64::NAN]);
        assert_eq!(codes_of(&empty).1, 0);
    }

    #[test]
    fn numbers_sort_as_numbers_and_names_as_names() {
        let mut names = ["10", "2", "1.5"].map(String::from);
        sort_levels(&mut names);
        assert_eq!(names, ["1.5", "2", "10"]);
        let mut names = ["10", "2", "b"].map(String::from);
        sort_levels(&mut names);
        assert_eq!(names, ["10", "2", "b"]);
    }
}
