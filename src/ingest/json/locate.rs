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
