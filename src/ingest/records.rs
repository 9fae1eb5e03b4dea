//! Text to records, as a stream, over `csv-core`.

use super::error::IngestError;
use super::limits::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_RECORD_BYTES};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// How many cell ends are kept; of the cells beyond only the last end is.
const MAX_ENDS: usize = MAX_COLUMNS + 2;

/// One record: its cells, unquoted, back to back.
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
    /// How many cells it has.
    pub(super) count: usize,
}

impl<'a> Record<'a> {
    /// A record of cells back to back that end at `ends`.
    pub(super) fn new(bytes: &'a [u8], ends: &'a [usize]) -> Self {
        let count = ends.len();
        Self { bytes, ends, count }
    }

    /// The first cells, trimmed (at most about [`MAX_COLUMNS`]).
    pub(super) fn cells(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (bytes, mut start) = (self.bytes, 0);
        self.ends.iter().map(move |&end| {
            let cell = trim(&bytes[start..end]);
            start = end;
            cell
        })
    }

    /// Whether everything from the cell at `index` on is empty.
    pub(super) fn is_empty_from(&self, index: usize) -> bool {
        index > 0 && self.ends.get(index - 1) == Some(&self.bytes.len())
    }

    /// Whether there is nothing but white space.
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    /// Whether some cell holds a line end.
    pub(super) fn spans_lines(&self) -> bool {
        self.bytes.contains(&b'\n') || self.bytes.contains(&b'\r')
    }
}

#[inline]
fn trim(cell: &[u8]) -> &[u8] {
    match (cell.first(), cell.last()) {
        (Some(b' ' | b'\t'..=b'\r'), _) | (_, Some(b' ' | b'\t'..=b'\r')) => cell.trim_ascii(),
        _ => cell,
    }
}

/// The tokenizer, with the record in progress.
pub(super) struct Records {
    reader: Reader,
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
}

impl Records {
    /// A tokenizer; the first `offset` records are not counted as data in errors.
    pub(super) fn new(delimiter: u8, offset: usize) -> Self {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
        // The reader drops a byte order mark from its first input, but only if that is long enough.
        // Marks are the decoder's business; an empty first input leaves none to the reader.
        let _ = reader.read_record(&[], &mut [0], &mut [0]);
        Self {
            reader,
            output: vec![0; 4 << 10],
            written: 0,
            ends: vec![0; 64],
            kept: 0,
            dropped: 0,
            index: 0,
            offset,
        }
    }

    /// Takes more text and hands over each record that it completes.
    ///
    /// # Errors
    /// `cell-too-long`, `row-too-long`, and those of `each`.
    pub(super) fn feed(
        &mut self,
        mut input: &[u8],
        mut each: impl FnMut(&Record<'_>) -> Result<(), IngestError>,
    ) -> Result<(), IngestError> {
        while !input.is_empty() {
            input = &input[self.step(input, &mut each)?.0..];
        }
        self.check_open_cell()
    }

    /// Hands over the last record, where the text does not end with a line end.
    ///
    /// # Errors
    /// As [`Records::feed`].
    pub(super) fn end(
        &mut self,
        mut each: impl FnMut(&Record<'_>) -> Result<(), IngestError>,
    ) -> Result<(), IngestError> {
        while !self.step(&[], &mut each)?.1 {}
        Ok(())
    }

    /// Reads up to one record; returns how much was read, and whether that was the end.
    #[inline]
    fn step(
        &mut self,
        input: &[u8],
        each: &mut impl FnMut(&Record<'_>) -> Result<(), IngestError>,
    ) -> Result<(usize, bool), IngestError> {
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
                if self.written > MAX_CELL_BYTES {
                    let starts = std::iter::once(&0).chain(ends);
                    if starts
                        .zip(ends)
                        .any(|(start, end)| end - start > MAX_CELL_BYTES)
                    {
                        return Err(IngestError::CellTooLong { row: self.row() });
                    }
                }
                each(&Record {
                    bytes: &self.output[..self.written],
                    ends,
                    count: self.kept + self.dropped,
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
        if self.written - start > MAX_CELL_BYTES {
            return Err(IngestError::CellTooLong { row: self.row() });
        }
        if self.written > MAX_RECORD_BYTES {
            return Err(IngestError::RowTooLong { row: self.row() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Coded;

    fn read(delimiter: u8, chunks: &[&[u8]]) -> Result<Vec<(usize, Vec<String>)>, IngestError> {
        let mut rows = Vec::new();
        let mut records = Records::new(delimiter, 0);
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
