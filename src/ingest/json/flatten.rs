//! One JSON record to cells: nested objects by their paths, arrays of scalars joined.

use super::super::number::push_shortest;
use super::super::records::Bounds;
use super::locate::Scan;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::HashMap;
use std::fmt;

/// Between the elements of an array of scalars: that of a journey, which is what most are.
const JOINT: &[u8] = b" > ";

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    Scalar,
}

/// The cells of a record, and the columns of all records so far.
#[derive(Debug, Default)]
pub(super) struct Flat {
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    /// The path to the value that is being read.
    path: String,
    /// Column, and where in `text` the cell stands.
    cells: Vec<(usize, usize, usize)>,
    text: Vec<u8>,
    /// Columns mostly come in the order of the record before.
    next: usize,
    /// The place of a value in a record that is an array.
    columns_by_place: bool,
}

impl Flat {
    /// Reads a record; `None` where it is no JSON.
    pub(super) fn read(&mut self, text: &[u8]) -> Option<Kind> {
        let known = self.names.len();
        if let Some(kind) = self.try_read(text) {
            return Some(kind);
        }
        // What broke off has perhaps left names of columns behind.
        self.forget(known);
        let mended = mend(text)?;
        let kind = self.try_read(&mended);
        if kind.is_none() {
            self.forget(known);
        }
        kind
    }

    fn try_read(&mut self, text: &[u8]) -> Option<Kind> {
        self.cells.clear();
        self.text.clear();
        self.path.clear();
        self.next = 0;
        let kind = match text.first()? {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            _ => Kind::Scalar,
        };
        self.columns_by_place = kind == Kind::Array;
        let mut input = serde_json::Deserializer::from_slice(text);
        Node(self).deserialize(&mut input).ok()?;
        input.end().ok()?;
        Some(kind)
    }

    /// Forgets all columns but the first `known`.
    pub(super) fn forget(&mut self, known: usize) {
        for name in self.names.drain(known.min(self.names.len())..) {
            self.by_name.remove(&name);
        }
    }

    /// How many columns were met so far.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, index: usize) -> String {
        self.names[index].clone()
    }

    /// Whether the record that was read can name columns: different words, no numbers.
    pub(super) fn are_names(&self) -> bool {
        let mut words: Vec<_> = self
            .cells
            .iter()
            .map(|&(_, from, to)| &self.text[from..to])
            .collect();
        let is_word =
            |word: &&[u8]| !word.is_empty() && super::super::number::parse(word, true).is_none();
        let count = words.len();
        crate::order::sort_by(&mut words, Ord::cmp);
        words.dedup();
        count > 0 && words.len() == count && words.iter().all(is_word)
    }

    /// Makes the record that was read the names of the columns.
    pub(super) fn take_names(&mut self) {
        let cells = self.cells.iter();
        let word = |&(_, from, to): &(usize, usize, usize)| {
            String::from_utf8_lossy(self.text[from..to].trim_ascii()).into_owned()
        };
        let names = cells.map(word).collect();
        self.set_names(names);
    }

    /// Names the columns of records that are arrays.
    pub(super) fn set_names(&mut self, names: Vec<String>) {
        self.names = names;
        self.by_name.clear();
    }

    /// The columns met so far.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The record's text, and in it the cells in the order of the columns.
    pub(super) fn spread(&self, bounds: &mut Vec<Bounds>) -> &[u8] {
        bounds.clear();
        bounds.resize(self.names.len(), (0, 0));
        // Of two values of one name the last stays.
        for &(column, from, to) in &self.cells {
            bounds[column] = (from as u32, to as u32);
        }
        &self.text
    }

    /// Adds a cell whose text begins at `start`.
    fn add(&mut self, start: usize) {
        let column = self.column();
        self.cells.push((column, start, self.text.len()));
        self.next = column + 1;
    }

    fn column(&mut self) -> usize {
        if self.columns_by_place {
            let place = self.cells.len();
            while self.names.len() <= place {
                self.names.push(format!("column_{}", self.names.len() + 1));
            }
            return place;
        }
        let name = match self.path.trim() {
            "" => "value",
            path => path,
        };
        if self.names.get(self.next).is_some_and(|next| next == name) {
            return self.next;
        }
        if let Some(&column) = self.by_name.get(name) {
            return column;
        }
        let column = self.names.len();
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), column);
        column
    }
}

/// JSON as some programs write it: `NaN` and `Infinity` (Python's own) are missing values, and commas
/// before a closing bracket are dropped. `None` where there is nothing of the kind.
fn mend(text: &[u8]) -> Option<Vec<u8>> {
    let mut mended = Vec::with_capacity(text.len());
    let mut scan = Scan::default();
    let (mut index, mut changed) = (0, false);
    while index < text.len() {
        let rest = &text[index..];
        let word = [&b"-Infinity"[..], b"Infinity", b"NaN"];
        let word = word.into_iter().find(|word| rest.starts_with(word));
        let closes = matches!(rest[1..].trim_ascii_start().first(), Some(b'}' | b']'));
        if let (Some(word), false) = (word, scan.in_string) {
            mended.extend_from_slice(b"null");
            (index, changed) = (index + word.len(), true);
            continue;
        }
        if rest[0] == b',' && closes && !scan.in_string {
            changed = true;
        } else {
            mended.push(rest[0]);
        }
        scan.step(rest[0]);
        index += 1;
    }
    changed.then_some(mended)
}

/// The place in a record where a value goes.
struct Node<'a>(&'a mut Flat);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl Node<'_> {
    fn write<E>(self, text: &[u8]) -> Result<(), E> {
        let start = self.0.text.len();
        self.0.text.extend_from_slice(text);
        self.0.add(start);
        Ok(())
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.write(if value { b"true" } else { b"false" })
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.write(value.to_string().as_bytes())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.write(value.to_string().as_bytes())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        let start = self.0.text.len();
        push_shortest(&mut self.0.text, value);
        self.0.add(start);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.write(value.as_bytes())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.write(b"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let length = self.0.path.len();
        while map.next_key_seed(Key(self.0))?.is_some() {
            map.next_value_seed(Node(self.0))?;
            self.0.path.truncate(length);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.0.columns_by_place && self.0.path.is_empty() {
            // The record itself: each element has a column.
            self.0.path.push('.');
            while seq.next_element_seed(Node(self.0))?.is_some() {}
            self.0.path.clear();
            return Ok(());
        }
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element::<serde_json::Value>()? {
            elements.push(element);
        }
        let start = self.0.text.len();
        if elements
            .iter()
            .any(|element| element.is_object() || element.is_array())
        {
            let text = serde_json::Value::Array(elements).to_string();
            self.0.text.extend_from_slice(text.as_bytes());
        } else {
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    self.0.text.extend_from_slice(JOINT);
                }
                match element {
                    serde_json::Value::String(text) => {
                        self.0.text.extend_from_slice(text.as_bytes())
                    }
                    serde_json::Value::Null => {}
                    other => self.0.text.extend_from_slice(other.to_string().as_bytes()),
                }
            }
        }
        self.0.add(start);
        Ok(())
    }
}

/// A key, on its way to the end of the path.
struct Key<'a>(&'a mut Flat);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        if !self.0.path.is_empty() && self.0.path != "." {
            self.0.path.push('.');
        }
        self.0.path.push_str(key.trim());
        Ok(())
    }
}
