//! Cells as bytes: how they cross from the module that reads them to the one that asked.
//!
//! A row begins with [`Kind::Row`] and its number. A cell is its kind, its column and its value: eight bytes for
//! a number, a length and UTF-8 for a text. All numbers are little-endian.

use crate::{About, Fault};

/// Which form this is: the two modules may come from different builds, and then have to say so.
pub const FORMAT: i32 = 1;

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Empty,
    /// An error instead of a value.
    Error,
    /// A text, UTF-8.
    Text(&'a [u8]),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A point in time, in days by the workbook's calendar.
    Moment(f64),
}

/// What a batch is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item<'a> {
    /// The cells after it belong to another row, with this number from 0.
    Row(u32),
    /// A cell: its column from 0, and what stands in it.
    Cell(u32, Value<'a>),
}

/// The first byte of each item.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Kind {
    Row = 0,
    Empty = 1,
    Error = 2,
    Text = 3,
    False = 4,
    True = 5,
    Number = 6,
    Moment = 7,
}

fn begin(out: &mut Vec<u8>, kind: Kind, number: u32) {
    out.push(kind as u8);
    out.extend_from_slice(&number.to_le_bytes());
}

/// Begins a row.
pub fn push_row(out: &mut Vec<u8>, row: u32) {
    begin(out, Kind::Row, row);
}

/// Adds a cell.
pub fn push_cell(out: &mut Vec<u8>, column: u32, value: Value<'_>) {
    match value {
        Value::Empty => begin(out, Kind::Empty, column),
        Value::Error => begin(out, Kind::Error, column),
        Value::Bool(false) => begin(out, Kind::False, column),
        Value::Bool(true) => begin(out, Kind::True, column),
        Value::Text(text) => {
            begin(out, Kind::Text, column);
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        }
        Value::Number(number) => {
            begin(out, Kind::Number, column);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Moment(days) => {
            begin(out, Kind::Moment, column);
            out.extend_from_slice(&days.to_le_bytes());
        }
    }
}

/// The rows and cells of a batch, in order; a fault, and then nothing, where the bytes are none.
pub fn items(batch: &[u8]) -> impl Iterator<Item = Result<Item<'_>, Fault>> {
    let mut rest = batch;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let item = next(&mut rest);
        if item.is_none() {
            rest = &[];
        }
        Some(item.ok_or(Fault::Broken))
    })
}

fn next<'a>(rest: &mut &'a [u8]) -> Option<Item<'a>> {
    let [kind] = take(rest)?;
    let number = u32::from_le_bytes(take(rest)?);
    let value = match kind {
        kind if kind == Kind::Row as u8 => return Some(Item::Row(number)),
        kind if kind == Kind::Empty as u8 => Value::Empty,
        kind if kind == Kind::Error as u8 => Value::Error,
        kind if kind == Kind::False as u8 => Value::Bool(false),
        kind if kind == Kind::True as u8 => Value::Bool(true),
        kind if kind == Kind::Number as u8 => Value::Number(f64::from_le_bytes(take(rest)?)),
        kind if kind == Kind::Moment as u8 => Value::Moment(f64::from_le_bytes(take(rest)?)),
        kind if kind == Kind::Text as u8 => {
            let length = u32::from_le_bytes(take(rest)?) as usize;
            let (text, after) = rest.split_at_checked(length)?;
            *rest = after;
            Value::Text(text)
        }
        _ => return None,
    };
    Some(Item::Cell(number, value))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*taken)
}

/// Adds texts, in order.
pub fn push_texts<'a>(out: &mut Vec<u8>, texts: impl IntoIterator<Item = &'a str>) {
    for (index, text) in texts.into_iter().enumerate() {
        push_cell(out, index as u32, Value::Text(text.as_bytes()));
    }
}

/// The texts that [`push_texts`] added.
pub fn texts(batch: &[u8]) -> Vec<String> {
    let text = |item| match item {
        Item::Cell(_, Value::Text(text)) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    };
    items(batch).flatten().filter_map(text).collect()
}

impl About {
    /// Adds what is known of a sheet.
    pub fn push(&self, out: &mut Vec<u8>) {
        push_row(out, self.rows);
        push_cell(out, 0, Value::Bool(self.from_1904));
        push_texts(out, [self.name.as_str()]);
    }

    /// What [`About::push`] added.
    pub fn of(batch: &[u8]) -> Self {
        let mut about = Self {
            name: texts(batch).pop().unwrap_or_default(),
            ..Self::default()
        };
        for item in items(batch).flatten() {
            match item {
                Item::Row(rows) => about.rows = rows,
                Item::Cell(_, value) => about.from_1904 |= value == Value::Bool(true),
            }
        }
        about
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_comes_out_again() {
        let sent = [
            Item::Row(0),
            Item::Cell(0, Value::Text("渠道".as_bytes())),
            Item::Cell(2, Value::Text(b"")),
            Item::Row(7),
            Item::Cell(0, Value::Empty),
            Item::Cell(1, Value::Error),
            Item::Cell(2, Value::Bool(true)),
            Item::Cell(3, Value::Bool(false)),
            Item::Cell(4, Value::Number(-0.1)),
            Item::Cell(u32::MAX, Value::Moment(46_024.5)),
        ];
        let mut batch = Vec::new();
        for item in sent {
            match item {
                Item::Row(row) => push_row(&mut batch, row),
                Item::Cell(column, value) => push_cell(&mut batch, column, value),
            }
        }
        let whole: Result<Vec<_>, _> = items(&batch).collect();
        assert_eq!(whole, Ok(sent.to_vec()));
        // Wherever it is cut off, what is whole comes out, and then that something is missing.
        for end in 0..batch.len() {
            let found: Vec<_> = items(&batch[..end]).collect();
            let items: Vec<_> = found.iter().flatten().copied().collect();
            let faults = found.len() - items.len();
            assert_eq!(items, sent[..items.len()]);
            let mut again = Vec::new();
            for item in &items {
                match *item {
                    Item::Row(row) => push_row(&mut again, row),
                    Item::Cell(column, value) => push_cell(&mut again, column, value),
                }
            }
            assert_eq!(faults, usize::from(again.len() < end), "cut at {end}");
        }
        assert_eq!(items(&[9; 40]).collect::<Vec<_>>(), [Err(Fault::Broken)]);
    }

    #[test]
    fn what_is_known_of_a_sheet_crosses() {
        for from_1904 in [false, true] {
            let about = About {
                name: "Sheet 1".to_owned(),
                from_1904,
                rows: 70_000,
            };
            let mut batch = Vec::new();
            about.push(&mut batch);
            assert_eq!(About::of(&batch), about);
        }
        let mut batch = Vec::new();
        push_texts(&mut batch, ["a", "", "b"]);
        assert_eq!(texts(&batch), ["a", "", "b"]);
    }

    #[test]
    fn faults_are_known_by_their_numbers() {
        for fault in [
            Fault::TooLarge,
            Fault::BrokenArchive,
            Fault::Encrypted,
            Fault::Broken,
            Fault::UnknownSheet,
            Fault::Empty,
        ] {
            assert_eq!(Fault::of(fault as u8), fault);
        }
        assert_eq!(Fault::of(99), Fault::Broken);
    }
}
