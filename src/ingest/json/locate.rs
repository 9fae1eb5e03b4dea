//! Where in a JSON text the records are.

use super::super::error::IngestError;

/// How many brackets deep a list of records may lie.
const MAX_DEPTH: usize = 4;
/// How many lines decide whether each is a record.
const LINES: usize = 50;

/// How records follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One on each line.
    Lines,
    /// One after the other, however they are laid out.
    Values,
    /// Elements of an array.
    Array,
    /// An object with a member for each column: a list, or an object, of its cells.
    Columns,
}

/// The shape of a text that begins with `{` or `[`, and where in it the records begin.
///
/// # Errors
/// `no-records`.
pub(super) fn locate(text: &[u8], whole: bool) -> Result<(Shape, usize), IngestError> {
    let start = text.len() - text.trim_ascii_start().len();
    let (lines, records) = count_lines(text, whole);
    if lines > 1 && records * 2 >= lines {
        return Ok((Shape::Lines, start));
    }
    if text.get(start) == Some(&b'[') {
        return Ok((Shape::Array, start + 1));
    }
    let end = value_end(&text[start..]).map(|length| start + length);
    let follows = |end: usize| text[end..].trim_ascii_start().first() == Some(&b'{');
    if (end.is_some() || !whole) && holds_columns(&text[start..], end.is_some()) {
        return Ok((Shape::Columns, start));
    }
    match (end, list_of_records(&text[start..])) {
        (Some(end), _) if follows(end) => Ok((Shape::Values, start)),
        (_, Some(list)) => Ok((Shape::Array, start + list)),
        // A single record.
        (Some(_), None) => Ok((Shape::Values, start)),
        (None, None) if lines == 1 && records == 1 => Ok((Shape::Lines, start)),
        (None, None) => Err(IngestError::NoRecords),
    }
}

/// How many lines there are among the first, and how many of them are a record each. A last line that
/// the text was cut in is not counted.
fn count_lines(text: &[u8], whole: bool) -> (usize, usize) {
    let mut lines: Vec<_> = text.split(|&byte| byte == b'\n').collect();
    if !whole && lines.len() > 1 {
        lines.pop();
    }
    let filled = lines.into_iter().map(<[u8]>::trim_ascii);
    let filled: Vec<_> = filled.filter(|line| !line.is_empty()).take(LINES).collect();
    let is_record = |line: &&&[u8]| {
        matches!(line.first(), Some(b'{' | b'[')) && value_end(line) == Some(line.len())
    };
    (filled.len(), filled.iter().filter(is_record).count())
}

/// The length of the bracketed value that a text begins with, if it ends.
pub(super) fn value_end(text: &[u8]) -> Option<usize> {
    let mut scan = Scan::default();
    let mut bytes = text.iter().enumerate();
    bytes.find_map(|(index, &byte)| (scan.step(byte) && scan.depth == 0).then_some(index + 1))
}

/// Whether an object begins as one of columns does: `{"a": [1,` or, as pandas writes it, `{"a": {"0":`.
/// Whether all its members are such is known at its end.
fn holds_columns(text: &[u8], whole: bool) -> bool {
    let Some(rest) = after(text, b'{').and_then(after_key) else {
        return false;
    };
    let scalar = |byte: &u8| matches!(byte, b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n');
    if let Some(list) = after(rest, b'[') {
        // A record with one list is a record, unless others follow.
        return list.trim_ascii_start().first().is_some_and(scalar) && (!whole || has_lists(text));
    }
    let Some(inner) = after(rest, b'{') else {
        return false;
    };
    let cell = inner.trim_ascii_start().strip_prefix(b"\"0\"");
    cell.and_then(|cell| after(cell, b':'))
        .is_some_and(|cell| cell.trim_ascii_start().first().is_some_and(scalar))
}

/// Whether every member of an object is a list of as many scalars, at least two.
fn has_lists(text: &[u8]) -> bool {
    let object: Option<serde_json::Map<String, serde_json::Value>> =
        value_end(text).and_then(|end| serde_json::from_slice(&text[..end]).ok());
    let scalars = |value: &serde_json::Value| {
        let list = value.as_array()?;
        let flat = list
            .iter()
            .all(|cell| !cell.is_array() && !cell.is_object());
        flat.then_some(list.len())
    };
    let lengths: Option<Vec<_>> = object.map(|object| object.values().map(scalars).collect());
    let lengths: Option<Vec<usize>> = lengths.and_then(|lengths| lengths.into_iter().collect());
    lengths
        .is_some_and(|lengths| lengths[0] > 1 && lengths.iter().all(|&length| length == lengths[0]))
}

fn after(text: &[u8], byte: u8) -> Option<&[u8]> {
    let (first, rest) = text.trim_ascii_start().split_first()?;
    (*first == byte).then_some(rest)
}

/// What follows the key that a text begins with.
fn after_key(text: &[u8]) -> Option<&[u8]> {
    let rest = after(text, b'"')?;
    let mut escaped = false;
    let end = rest.iter().position(|&byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    after(&rest[end + 1..], b':')
}

/// The names in a member `columns` of the object around a list of records, as pandas writes it with
/// `orient="split"`.
pub(super) fn split_names(before: &[u8]) -> Option<Vec<String>> {
    let mut scan = Scan::default();
    for (index, &byte) in before.iter().enumerate() {
        let key = !scan.in_string && scan.depth == 1 && before[index..].starts_with(b"\"columns\"");
        if key && let Some(list) = after(&before[index + 9..], b':') {
            let list = list.trim_ascii_start();
            let end = value_end(list).filter(|_| list.first() == Some(&b'['))?;
            return serde_json::from_slice(&list[..end]).ok();
        }
        scan.step(byte);
    }
    None
}

/// Brackets and strings.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Scan {
    pub(super) depth: usize,
    pub(super) in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Takes a byte; says whether it is a bracket that closes.
    #[inline]
    pub(super) fn step(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return true;
            }
            _ => {}
        }
        false
    }
}

/// Where the elements of the first array of objects or arrays begin, if one is found not too deep.
fn list_of_records(text: &[u8]) -> Option<usize> {
    let mut scan = Scan::default();
    for (index, &byte) in text.iter().enumerate() {
        let opens = byte == b'[' && !scan.in_string && scan.depth < MAX_DEPTH;
        if opens
            && matches!(
                text[index + 1..].trim_ascii_start().first(),
                Some(b'{' | b'[')
            )
        {
            return Some(index + 1);
        }
        scan.step(byte);
    }
    None
}
