//! What the cells of a column can be, by its name: nobody is −3 or 900 years old.

use super::names::Name;
use crate::table::{Column, ColumnData, MISSING_TIME};

/// 1970-01-01 and 2100-01-01 in milliseconds.
const TIMES: (f64, f64) = (0.0, 4_102_444_800_000.0);
/// Counts and prices are negative by mistake; where more than this share are, they mean something else.
const MISTAKES: f64 = 0.05;

/// The least and the most that a cell can be, where the name or the type of the column says so: ages from
/// 0 to 120 years, points in time from 1970 to 2099, counts, prices and costs from 0 (unless more than one
/// in twenty are below, which then has a meaning).
pub fn possible_range(column: &Column) -> Option<(f64, f64)> {
    let name = Name::new(&column.name);
    match &column.data {
        ColumnData::Time(_) => Some(TIMES),
        ColumnData::Number(cells) => {
            if name.is_age() {
                return Some((0.0, 120.0));
            }
            if !(name.is_quantity() || name.is_cost()) {
                return None;
            }
            let below = cells.iter().filter(|&&cell| cell < 0.0).count();
            let few = below as f64 <= MISTAKES * cells.len() as f64;
            few.then_some((0.0, f64::INFINITY))
        }
        _ => None,
    }
}

/// How many cells lie outside.
pub(super) fn outside(column: &Column, low: f64, high: f64) -> usize {
    match &column.data {
        ColumnData::Number(cells) => cells
            .iter()
            .filter(|&&cell| cell < low || cell > high)
            .count(),
        ColumnData::Time(cells) => cells
            .iter()
            .filter(|&&time| time != MISSING_TIME && ((time as f64) < low || time as f64 > high))
            .count(),
        _ => 0,
    }
}

/// Makes the cells that lie outside missing; how many there were.
pub fn blank_impossible(column: &mut Column) -> usize {
    let Some((low, high)) = possible_range(column) else {
        return 0;
    };
    let count = outside(column, low, high);
    match &mut column.data {
        ColumnData::Number(cells) if count > 0 => {
            let impossible = |cell: &&mut f64| **cell < low || **cell > high;
            cells
                .iter_mut()
                .filter(impossible)
                .for_each(|cell| *cell = f64::NAN);
        }
        ColumnData::Time(cells) if count > 0 => {
            let impossible = |time: &&mut i64| (**time as f64) < low || **time as f64 > high;
            cells
                .iter_mut()
                .filter(impossible)
                .for_each(|time| *time = MISSING_TIME);
        }
        _ => {}
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_found_and_blanked() {
        let column = |name: &str, cells: Vec<f64>| Column {
            name: name.to_owned(),
            data: ColumnData::Number(cells),
        };
        let mut ages = column("age", vec![33.0, -1.0, 121.0, f64::NAN]);
        assert_eq!(blank_impossible(&mut ages), 2);
        assert_eq!(blank_impossible(&mut ages), 0);
        let mut cells = vec![1.0; 99];
        cells.push(-1.0);
        assert_eq!(
            blank_impossible(&mut column("page_count", cells.clone())),
            1
        );
        assert_eq!(blank_impossible(&mut column("temperature", cells)), 0);
        assert_eq!(
            blank_impossible(&mut column("page_count", vec![-1.0, 2.0])),
            0
        );
        let mut times = Column {
            name: "day".to_owned(),
            data: ColumnData::Time(vec![MISSING_TIME, 0, -1, 4_200_000_000_000]),
        };
        assert_eq!(blank_impossible(&mut times), 2);
        assert_eq!(
            times.data,
            ColumnData::Time(vec![MISSING_TIME, 0, MISSING_TIME, MISSING_TIME])
        );
    }
}
