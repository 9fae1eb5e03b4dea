//! An object with a member for each column, turned into records.

use super::super::error::IngestError;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

/// The cells of a column, by their place or by their key.
enum Cells {
    List(Vec<Value>),
    Keyed(Vec<(String, Value)>),
}

/// The members of an object, in its order.
struct Members<T>(Vec<(String, T)>);

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Members<T> {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);
        impl<'de, T: serde::Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Members<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<T>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        input.deserialize_map(InOrder(PhantomData))
    }
}

impl<'de> serde::Deserialize<'de> for Cells {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Cells;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list or an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cells, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Cells::Keyed(members))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Cells, A::Error> {
                let mut cells = Vec::new();
                while let Some(cell) = list.next_element()? {
                    cells.push(cell);
                }
                Ok(Cells::List(cells))
            }
        }
        input.deserialize_any(Either)
    }
}

/// Hands over a record for each row of an object of columns; answers whether it is one: whether every
/// member is a list, all of one length, or every one an object.
///
/// # Errors
/// Those of `each`.
pub(super) fn turn(
    text: &[u8],
    mut each: impl FnMut(&[u8]) -> Result<(), IngestError>,
) -> Result<bool, IngestError> {
    let Some(columns) = read(text) else {
        return Ok(false);
    };
    let (mut rows, mut keys) = (Vec::new(), HashMap::new());
    for (column, (_, cells)) in columns.iter().enumerate() {
        let mut place = |row: usize, value| {
            if row == rows.len() {
                rows.push(vec![None; columns.len()]);
            }
            rows[row][column] = Some(value);
        };
        match cells {
            Cells::List(list) => {
                for (row, value) in list.iter().enumerate() {
                    place(row, value);
                }
            }
            Cells::Keyed(members) => {
                for (key, value) in members {
                    let next = keys.len();
                    place(*keys.entry(key).or_insert(next), value);
                }
            }
        }
    }
    let names = columns.iter();
    let names: Vec<_> = names
        .map(|(name, _)| Value::from(name.as_str()).to_string())
        .collect();
    let mut record = String::new();
    for row in rows {
        record.clear();
        for (name, value) in names.iter().zip(row) {
            let first = record.is_empty();
            record += if first { "{" } else { "," };
            record += name;
            record += ":";
            record += &value.unwrap_or(&Value::Null).to_string();
        }
        record += "}";
        each(record.as_bytes())?;
    }
    Ok(true)
}

fn read(text: &[u8]) -> Option<Vec<(String, Cells)>> {
    let Members(columns) = serde_json::from_slice::<Members<Cells>>(text).ok()?;
    let length = |cells: &Cells| match cells {
        Cells::List(list) => Some(list.len()),
        Cells::Keyed(_) => None,
    };
    let first = length(&columns.first()?.1);
    let alike = columns.iter().all(|(_, cells)| length(cells) == first);
    alike.then_some(columns)
}
