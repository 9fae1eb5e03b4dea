//! What the cells of a time column measure.

use super::names::Name;
use crate::table::{Column, ColumnData};

/// Numbers under a time's name beyond this (March 1973) are seconds or milliseconds since 1970.
pub(super) const UNIX_TIME: f64 = 1e8;
/// Numbers from here on are milliseconds since 1970 rather than seconds (year 5138 in seconds).
pub(super) const UNIX_MILLISECONDS: f64 = 1e11;

/// How the cells of a time column are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Clock {
    /// Points in time: one unit is so many milliseconds, and 0 is 1970-01-01 UTC.
    Calendar {
        /// Milliseconds in one unit.
        unit: f64,
    },
    /// Times that count from a moment nobody knows: one unit is so many milliseconds.
    Relative {
        /// Milliseconds in one unit.
        unit: f64,
    },
    /// Numbers that only give an order.
    Steps,
}

/// How a column would be read as times; `None` where it holds words or yes and no.
///
/// Numbers under the name of a step (`step`, `touch_no`, `序号`) give an order only. Others are times:
/// since 1970 where all of them are beyond 10⁸, in milliseconds from 10¹¹ on, else in seconds; smaller
/// ones count from an unknown moment in the unit that their name says (`time_ms`, `hour`), else in
/// seconds.
pub fn clock(column: &Column) -> Option<Clock> {
    let cells = match &column.data {
        ColumnData::Time(_) => return Some(Clock::Calendar { unit: 1.0 }),
        ColumnData::Number(cells) => cells,
        _ => return None,
    };
    let name = Name::new(&column.name);
    if name.is_step() {
        return Some(Clock::Steps);
    }
    let least = cells.iter().copied().fold(f64::INFINITY, f64::min);
    let unit = name.time_unit().unwrap_or(1_000.0);
    Some(if least.is_finite() && least >= UNIX_MILLISECONDS {
        Clock::Calendar { unit: 1.0 }
    } else if least.is_finite() && least > UNIX_TIME && unit == 1_000.0 {
        Clock::Calendar { unit }
    } else {
        Clock::Relative { unit }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_name_and_size() {
        let read = |name: &str, cells: &[f64]| {
            clock(&Column {
                name: name.to_owned(),
                data: ColumnData::Number(cells.to_vec()),
            })
        };
        let seconds = Some(Clock::Calendar { unit: 1_000.0 });
        assert_eq!(read("ts", &[1.7e9, f64::NAN]), seconds);
        assert_eq!(read("ts", &[1.7e12]), Some(Clock::Calendar { unit: 1.0 }));
        let relative = |unit| Some(Clock::Relative { unit });
        assert_eq!(read("time_s", &[2.0, 41_449.0]), relative(1_000.0));
        assert_eq!(read("time_hours", &[2.5]), relative(3_600_000.0));
        assert_eq!(read("x", &[2.5]), relative(1_000.0));
        assert_eq!(read("touch_no", &[1.0, 2.0]), Some(Clock::Steps));
        let yes = ColumnData::Boolean(vec![1]);
        let name = "time".to_owned();
        assert_eq!(clock(&Column { name, data: yes }), None);
    }
}
