//! Text to records, as a stream.
//!
//! Most records are plain: cells without quotes, or quoted as a whole with no quote inside. Those are
//! found by their delimiters alone and handed over as they stand in the text; where a stretch has no quote
//! at all, many rows together ([`super::plain`]). All others, and the one that a chunk cuts, go through
//! `csv-core`, whose rules all ways follow.

use super::error::IngestError;
use super::limits::{Limits, MAX_COLUMNS};
use super::plain::{PlainRows, Stretch};
use super::scan::Scanner;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// How many cell ends are kept; of the cells beyond only the last end is.
const MAX_ENDS: usize = MAX_COLUMNS + 2;
/// How many records are read one by one, at most, before rows are looked for many at a time again.
const MAX_LULL: usize = 1024;

/// Where a cell begins and ends.
pub(super) type Bounds = (u32, u32);

/// One record: its cells, unquoted.
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    bounds: &'a [Bounds],
    /// How many cells it has.
    pub(super) count: usize,
    /// A blank line stands above it.
    pub(super) after_blank: bool,
}

/// What stands between and around the cells of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    /// A backslash in a quoted cell takes its meaning from what follows.
    pub(super) escaped: bool,
}

impl Dialect {
    /// The usual quotes and this delimiter.
    pub(super) fn of(delimiter: u8) -> Self {
        Self {
            delimiter,
            quote: Some(b'"'),
            escaped: false,
        }
    }
}

impl<'a> Record<'a> {
    /// A record of cells in these bytes.
    pub(super) fn new(bytes: &'a [u8], bounds: &'a [Bounds]) -> Self {
        let count = bounds.len();
        Self {
            bytes,
            bounds,
            count,
            after_blank: false,
        }
    }

    /// The first cells, trimmed (at most about [`MAX_COLUMNS`]).
    #[inline]
    pub(super) fn cells(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let bytes = self.bytes;
        let cells = self.bounds.iter();
        cells.map(move |&(start, end)| trim(&bytes[start as usize..end as usize]))
    }

    /// Whether everything from the cell at `index` on is empty.
    pub(super) fn is_empty_from(&self, index: usize) -> bool {
        let rest = self.bounds.get(index..).unwrap_or_default();
        rest.iter().all(|(start, end)| start == end)
    }

    /// Whether there is nothing but white space.
    #[inline]
    pub(super) fn is_blank(&self) -> bool {
        self.cells().all(<[u8]>::is_empty)
    }

    /// Where the first cells are.
    #[inline]
    pub(super) fn bounds(&self) -> &'a [Bounds] {
        self.bounds
    }

    /// The text that the cells are in.
    #[inline]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether some cell holds a line end.
    pub(super) fn spans_lines(&self) -> bool {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        self.cells().any(|cell| cell.iter().any(is_end))
    }
}

#[inline]
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    match (cell.first(), cell.last()) {
        (Some(b' ' | b'\t'..=b'\r'), _) | (_, Some(b' ' | b'\t'..=b'\r')) => cell.trim_ascii(),
        _ => cell,
    }
}

/// Where a cell is without the white space around it.
#[inline]
pub(super) fn trimmed(text: &[u8], (start, end): Bounds) -> Bounds {
    let cell = &text[start as usize..end as usize];
    let rest = trim(cell);
    if rest.len() == cell.len() {
        return (start, end);
    }
    let skipped = cell.len() - cell.trim_ascii_start().len();
    (
        start + skipped as u32,
        start + (skipped + rest.len()) as u32,
    )
}

/// Where records go.
pub(super) trait Sink {
    /// Takes a record.
    ///
    /// # Errors
    /// The sink's own.
    fn take(&mut self, record: &Record<'_>) -> Result<(), IngestError>;

    /// Takes a record whose text stays where it is until [`Sink::flush`].
    ///
    /// # Errors
    /// The sink's own.
    #[inline]
    fn stage(&mut self, record: &Record<'_>) -> Result<(), IngestError> {
        self.take(record)
    }

    /// Says that the text of the records staged so far goes away.
    ///
    /// # Errors
    /// The sink's own.
    #[inline]
    fn flush(&mut self, _text: &[u8]) -> Result<(), IngestError> {
        Ok(())
    }

    /// How many cells a row has, where [`Sink::take_rows`] would be of use now.
    #[inline]
    fn width(&self) -> Option<usize> {
        None
    }

    /// Takes rows for which [`Sink::stage`] would do nothing out of the ordinary, and says how many of the first
    /// ones they were. The others were not looked at.
    ///
    /// # Errors
    /// The sink's own.
    fn take_rows(&mut self, _rows: &PlainRows<'_>) -> Result<usize, IngestError> {
        Ok(0)
    }
}

impl<F: FnMut(&Record<'_>) -> Result<(), IngestError>> Sink for F {
    #[inline]
    fn take(&mut self, record: &Record<'_>) -> Result<(), IngestError> {
        self(record)
    }
}

/// The tokenizer, with the record in progress.
pub(super) struct Records {
    reader: Reader,
    dialect: Dialect,
    cell_bytes: usize,
    record_bytes: usize,
    /// The byte that ended the last line, where a second one may still follow.
    line_end: u8,
    /// A blank line was passed since the last record.
    blank: bool,
    /// The reader is in the middle of a record.
    open: bool,
    /// The cells of the record that is handed over.
    bounds: Vec<Bounds>,
    output: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    /// Ends kept so far of the record in progress.
    kept: usize,
    /// Cells of the record in progress whose ends were not kept.
    dropped: usize,
    /// Records completed.
    index: usize,
    /// Records that are not data, for the numbers in errors.
    offset: usize,
    stretch: Stretch,
    /// How many records are read one by one yet, and how many it was last time.
    lull: (usize, usize),
}

impl Records {
    /// A tokenizer; the first `offset` records are not counted as data in errors.
    pub(super) fn new(dialect: Dialect, offset: usize, limits: &Limits) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(dialect.delimiter);
        builder.quoting(dialect.quote.is_some());
        builder.quote(dialect.quote.unwrap_or(b'"'));
        builder.escape(dialect.escaped.then_some(b'\\'));
        let mut reader = builder.build();
        // The reader drops a byte order mark from its first input, but only if that is long enough.
        // Marks are the decoder's business; an empty first input leaves none to the reader.
        let _ = reader.read_record(&[], &mut [0], &mut [0]);
        Self {
            reader,
            dialect,
            cell_bytes: limits.cell_bytes,
            record_bytes: limits.record_bytes,
            line_end: 0,
            blank: false,
            open: false,
            bounds: Vec::new(),
            output: vec![0; 4 << 10],
            written: 0,
            ends: vec![0; 64],
            kept: 0,
            dropped: 0,
            index: 0,
            offset,
            stretch: Stretch::new(),
            lull: (0, 0),
        }
    }

    /// Takes more text and hands over each record that it completes.
    ///
    /// # Errors
    /// `cell-too-long`, `row-too-long`, and those of the sink.
    pub(super) fn feed(
        &mut self,
        mut input: &[u8],
        sink: &mut impl Sink,
    ) -> Result<(), IngestError> {
        // To `csv-core` an empty input is the end.
        while !input.is_empty() {
            if !self.open {
                input = self.read_plain(input, sink)?;
                self.open = !input.is_empty();
            } else {
                input = &input[self.step(input, sink)?.0..];
            }
        }
        self.check_open_cell()
    }

    /// Hands over plain records while there are any; returns the text from the first other on.
    fn read_plain<'t>(
        &mut self,
        input: &'t [u8],
        sink: &mut impl Sink,
    ) -> Result<&'t [u8], IngestError> {
        let mut scanner = Scanner::new(input, self.dialect.delimiter);
        let mut start = 0;
        loop {
            // Blank lines are no records.
            while let Some(&end @ (b'\n' | b'\r')) = input.get(start) {
                let second = (self.line_end, end) == (b'\r', b'\n');
                self.blank |= !second;
                self.line_end = if second { 0 } else { end };
                start += 1;
            }
            if let Some(end) = self.read_rows(input, start, sink)? {
                start = end;
                continue;
            }
            scanner.seek(start);
            let Some(end) = self.find_plain(input, start, &mut scanner) else {
                sink.flush(input)?;
                return Ok(&input[start..]);
            };
            let mut record = Record::new(input, &self.bounds);
            record.after_blank = std::mem::take(&mut self.blank);
            sink.stage(&record)?;
            self.index += 1;
            self.line_end = input[end];
            start = end + 1;
        }
    }

    /// Hands over the rows from `start` on that have nothing out of the ordinary; returns where they end, if there are any.
    fn read_rows(
        &mut self,
        input: &[u8],
        start: usize,
        sink: &mut impl Sink,
    ) -> Result<Option<usize>, IngestError> {
        if self.lull.0 > 0 {
            self.lull.0 -= 1;
            return Ok(None);
        }
        let Some(width) = sink.width().filter(|_| !self.blank) else {
            return Ok(None);
        };
        self.stretch.gather(input, start, self.dialect);
        let mut rows = self.stretch.rows(input, width);
        // Long ones are looked at more closely elsewhere.
        if rows.end() - start > self.cell_bytes {
            let mut begin = start;
            let fits = |&(_, end): &(&[u8], usize)| {
                let length = end - std::mem::replace(&mut begin, end);
                length <= self.cell_bytes
            };
            let short = rows.firsts().take_while(fits).count();
            rows = rows.first(short);
        }
        let taken = sink.take_rows(&rows)?;
        let end = rows.first(taken).end();
        // Where few can be taken, looking for them is not worth while.
        let lull = if 2 * taken > self.stretch.lines() {
            0
        } else {
            (2 * self.lull.1 + 1).min(MAX_LULL)
        };
        self.lull = (lull, lull);
        if taken == 0 {
            return Ok(None);
        }
        self.index += taken;
        self.line_end = b'\n';
        Ok(Some(end))
    }

    /// Finds the cells of the plain record at `start`; returns where it ends, if it is one.
    #[inline]
    fn find_plain(
        &mut self,
        input: &[u8],
        start: usize,
        scanner: &mut Scanner<'_>,
    ) -> Option<usize> {
        self.bounds.clear();
        let mut cell = start;
        loop {
            if let Some(quote) = self.dialect.quote
                && input.get(cell) == Some(&quote)
            {
                let rest = &input[cell + 1..];
                let length = rest.iter().position(|&byte| byte == quote)?;
                if self.dialect.escaped && rest[..length].contains(&b'\\') {
                    return None;
                }
                let close = cell + 1 + length;
                scanner.seek(close);
                let end = scanner.next()?;
                if end != close + 1 {
                    return None;
                }
                self.bounds.push((cell as u32 + 1, close as u32));
                cell = end + 1;
            } else {
                let end = scanner.next()?;
                self.bounds.push((cell as u32, end as u32));
                cell = end + 1;
            }
            if input[cell - 1] != self.dialect.delimiter {
                // Long ones are looked at more closely elsewhere.
                return (cell - start <= self.cell_bytes).then_some(cell - 1);
            }
            if self.bounds.len() == MAX_ENDS {
                return None;
            }
        }
    }

    /// Hands over the last record, where the text does not end with a line end.
    ///
    /// # Errors
    /// As [`Records::feed`].
    pub(super) fn end(&mut self, sink: &mut impl Sink) -> Result<(), IngestError> {
        while !self.step(&[], sink)?.1 {}
        Ok(())
    }

    /// Reads up to one record; returns how much was read, and whether that was the end.
    #[inline]
    fn step(&mut self, input: &[u8], sink: &mut impl Sink) -> Result<(usize, bool), IngestError> {
        let (result, read, written, ended) = self.reader.read_record(
            input,
            &mut self.output[self.written..],
            &mut self.ends[self.kept..],
        );
        self.written += written;
        self.kept += ended;
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::End => return Ok((read, true)),
            ReadRecordResult::OutputFull => {
                self.check_open_cell()?;
                let longer = self.output.len() * 2;
                self.output.resize(longer, 0);
            }
            ReadRecordResult::OutputEndsFull if self.ends.len() < MAX_ENDS => {
                let longer = (self.ends.len() * 2).min(MAX_ENDS);
                self.ends.resize(longer, 0);
            }
            ReadRecordResult::OutputEndsFull => {
                self.kept -= 1;
                self.dropped += 1;
            }
            ReadRecordResult::Record => {
                let ends = &self.ends[..self.kept];
                if self.written > self.record_bytes {
                    return Err(IngestError::RowTooLong { row: self.row() });
                }
                if self.written > self.cell_bytes {
                    let starts = std::iter::once(&0).chain(ends);
                    if starts
                        .zip(ends)
                        .any(|(start, end)| end - start > self.cell_bytes)
                    {
                        return Err(IngestError::CellTooLong { row: self.row() });
                    }
                }
                self.bounds.clear();
                let mut start = 0;
                self.bounds.extend(ends.iter().map(|&end| {
                    let bounds = (start, end as u32);
                    start = end as u32;
                    bounds
                }));
                self.open = false;
                self.line_end = read.checked_sub(1).map_or(0, |last| input[last]);
                sink.take(&Record {
                    bytes: &self.output[..self.written],
                    bounds: &self.bounds,
                    count: self.kept + self.dropped,
                    after_blank: std::mem::take(&mut self.blank),
                })?;
                (self.written, self.kept, self.dropped) = (0, 0, 0);
                self.index += 1;
            }
        }
        Ok((read, false))
    }

    /// How many records were completed.
    pub(super) fn completed(&self) -> usize {
        self.index
    }

    fn row(&self) -> usize {
        self.index.saturating_sub(self.offset)
    }

    fn check_open_cell(&self) -> Result<(), IngestError> {
        let start = if self.kept > 0 {
            self.ends[self.kept - 1]
        } else {
            0
        };
        if self.written - start > self.cell_bytes {
            return Err(IngestError::CellTooLong { row: self.row() });
        }
        if self.written > self.record_bytes {
            return Err(IngestError::RowTooLong { row: self.row() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Coded;
    use crate::ingest::limits::MAX_CELL_BYTES;
    use proptest::prelude::*;

    fn read_as(
        dialect: Dialect,
        chunks: &[&[u8]],
    ) -> Result<Vec<(usize, Vec<String>)>, IngestError> {
        let mut rows = Vec::new();
        let mut records = Records::new(dialect, 0, &Limits::default());
        let mut each = |record: &Record<'_>| {
            let cells = record
                .cells()
                .map(|cell| String::from_utf8_lossy(cell).into_owned());
            rows.push((record.count, cells.collect()));
            Ok(())
        };
        for chunk in chunks {
            records.feed(chunk, &mut each)?;
        }
        records.end(&mut each)?;
        Ok(rows)
    }

    fn read(delimiter: u8, chunks: &[&[u8]]) -> Result<Vec<(usize, Vec<String>)>, IngestError> {
        read_as(Dialect::of(delimiter), chunks)
    }

    #[test]
    fn other_quotes_escapes_and_none() {
        let text = b"'a,1','b'\n'it\\'s','c\\\\'\n\"x\",y\n";
        let cells = |quote, escaped| {
            let dialect = Dialect {
                delimiter: b',',
                quote,
                escaped,
            };
            let rows = read_as(dialect, &[text]).unwrap();
            for size in 1..text.len() {
                let chunks: Vec<_> = text.chunks(size).collect();
                assert_eq!(read_as(dialect, &chunks).unwrap(), rows, "{size}");
            }
            rows.into_iter().map(|row| row.1).collect::<Vec<_>>()
        };
        let escaped = cells(Some(b'\''), true);
        assert_eq!(escaped, [["a,1", "b"], ["it's", "c\\"], ["\"x\"", "y"]]);
        assert_eq!(cells(None, false)[0], ["'a", "1'", "'b'"]);
    }

    #[test]
    fn blank_lines_are_told_however_the_text_is_cut() {
        let text = b"\na,b\r\n1,2\r\n\r\n3,\"4\"\"\"\n5,6\n\n\n\"7\"\"\",8\r9,10\r\r11,12";
        let told = |size: usize| {
            let mut told = Vec::new();
            let mut records = Records::new(Dialect::of(b','), 0, &Limits::default());
            let mut each = |record: &Record<'_>| {
                told.push(record.after_blank);
                Ok(())
            };
            for chunk in text.chunks(size) {
                records.feed(chunk, &mut each).unwrap();
            }
            records.end(&mut each).unwrap();
            told
        };
        let expected = [true, false, true, false, true, false, true];
        for size in 1..=text.len() {
            assert_eq!(told(size), expected, "{size}");
        }
    }

    #[test]
    fn quotes_line_ends_and_blank_lines() {
        let text = b"a,b\r\n\"1,\"\"x\"\"\ny\", 2 \r\r\n\n3,\n4,5";
        let cells: Vec<_> = read(b',', &[text])
            .unwrap()
            .into_iter()
            .map(|row| row.1)
            .collect();
        assert_eq!(
            cells,
            [["a", "b"], ["1,\"x\"\ny", "2"], ["3", ""], ["4", "5"]]
        );
        for size in 1..text.len() {
            let chunks: Vec<_> = text.chunks(size).collect();
            assert_eq!(read(b',', &chunks), read(b',', &[text]));
        }
    }

    proptest! {
        /// `csv-core` sees all of it where the text comes in single bytes.
        #[test]
        fn plain_records_are_those_of_the_slow_way(
            text in prop::collection::vec(
                prop::sample::select(b"ab \"\"\",,,\n\n\r;".to_vec()), 0..200),
            size in 2..100usize,
        ) {
            let single: Vec<_> = text.chunks(1).collect();
            let cut = text.chunks(size);
            let chunks: Vec<_> = cut.flat_map(|chunk| [chunk, &[]]).collect();
            prop_assert_eq!(read(b',', &chunks), read(b',', &single));
            prop_assert_eq!(read(b',', &[&text]), read(b',', &single));
        }
    }

    #[test]
    fn a_record_of_very_many_cells_is_counted_in_little_memory() {
        let mut text = vec![b','; 100_000];
        text.extend_from_slice(b"\n1,2\n");
        let rows = read(b',', &[&text]).unwrap();
        assert_eq!(rows[0].0, 100_001);
        assert_eq!(rows[0].1.len(), MAX_ENDS);
        assert_eq!(rows[1], (2, vec!["1".into(), "2".into()]));
    }

    #[test]
    fn an_endless_cell_is_an_error_wherever_it_is_cut() {
        let mut text = b"a,b\n1,\"".to_vec();
        text.resize(MAX_CELL_BYTES + 8, b'x');
        for size in [1000, 70_000, 1 << 20] {
            let chunks: Vec<_> = text.chunks(size).collect();
            assert_eq!(
                read(b',', &chunks).map_err(|e| e.code()),
                Err("cell-too-long")
            );
        }
        text.truncate(MAX_CELL_BYTES + 7);
        assert_eq!(read(b',', &[&text]).unwrap()[1].1[1].len(), MAX_CELL_BYTES);
    }
}
