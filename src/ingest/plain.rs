//! Rows without quotes, many at a time.
//!
//! Where a stretch of text has no quote, every delimiter and every line end is one: its cells are then known
//! from the places of those alone. This is the way that most rows take; [`super::records`] takes the others.

use super::records::{Bounds, Dialect};
use super::scan;

/// How many cells a stretch has, or a few more.
const MANY_CELLS: usize = 4096;
/// Cells that end in one block at most.
const BLOCK: usize = scan::BLOCK;

/// A stretch of whole lines without quotes.
pub(super) struct Stretch {
    /// Where each cell begins, and behind the last one where the next line does.
    begins: Vec<u32>,
    /// How many of `begins` are in use.
    count: usize,
    /// How many cells there are up to the end of each line.
    lines: Vec<u32>,
}

/// The first rows of a stretch, all of the same width.
pub(super) struct PlainRows<'a> {
    pub(super) text: &'a [u8],
    begins: &'a [u32],
    pub(super) width: usize,
}

impl Stretch {
    pub(super) fn new() -> Self {
        Self {
            begins: Vec::new(),
            count: 0,
            lines: Vec::new(),
        }
    }

    /// Looks for line ends from `start` on, up to the first quote, or the first carriage return without a line feed.
    pub(super) fn gather(&mut self, text: &[u8], start: usize, dialect: Dialect) {
        self.begins.resize(MANY_CELLS + BLOCK + 1, 0);
        self.lines.clear();
        self.begins[0] = start as u32;
        let mut count = 1;
        let mut base = start;
        while count <= MANY_CELLS && base < text.len() {
            let found = scan::look(text, base, dialect);
            // What comes behind a byte that is not plain is not looked at.
            let mut stops = found.stops & found.plain;
            let mut ends = found.line_ends & found.plain;
            while ends != 0 {
                let upto = ends ^ (ends - 1);
                self.lines
                    .push((count - 1) as u32 + (stops & upto).count_ones());
                ends &= ends - 1;
            }
            let here = &mut self.begins[count..count + BLOCK];
            count += stops.count_ones() as usize;
            for begin in here {
                if stops == 0 {
                    break;
                }
                *begin = base as u32 + stops.trailing_zeros() + 1;
                stops &= stops - 1;
            }
            if found.plain != u64::MAX {
                break;
            }
            base += BLOCK;
        }
        self.count = count;
    }

    /// How many lines it has.
    pub(super) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// Its first lines that have so many cells each.
    pub(super) fn rows<'a>(&'a self, text: &'a [u8], width: usize) -> PlainRows<'a> {
        let fits = |(line, cells): &(usize, &u32)| **cells as usize == (line + 1) * width;
        let rows = self.lines.iter().enumerate().take_while(fits).count();
        PlainRows {
            text,
            begins: &self.begins[..=rows * width],
            width,
        }
    }
}

impl PlainRows<'_> {
    pub(super) fn count(&self) -> usize {
        (self.begins.len() - 1) / self.width
    }

    /// The first cells of each row, with where the row ends.
    pub(super) fn firsts(&self) -> impl Iterator<Item = (&[u8], usize)> {
        let behind = self.begins.iter().skip(self.width).step_by(self.width);
        let first = self.column(0);
        first.zip(behind).map(|((start, end), &behind)| {
            (&self.text[start as usize..end as usize], behind as usize)
        })
    }

    /// Where the cells of a column are, each with the white space around it.
    pub(super) fn column(&self, index: usize) -> impl Iterator<Item = Bounds> {
        let rows = self.begins[index..].chunks(self.width).take(self.count());
        rows.map_while(|row| match *row {
            [start, next, ..] => Some((start, next - 1)),
            _ => None,
        })
    }

    /// Where the cells of a row are.
    pub(super) fn row(&self, index: usize) -> Vec<Bounds> {
        let begins = &self.begins[index * self.width..];
        let cells = begins.windows(2).take(self.width);
        cells.map(|pair| (pair[0], pair[1] - 1)).collect()
    }

    /// Only the first rows.
    pub(super) fn first(&self, count: usize) -> Self {
        Self {
            text: self.text,
            begins: &self.begins[..=count * self.width],
            width: self.width,
        }
    }

    /// Where the next line begins.
    pub(super) fn end(&self) -> usize {
        self.begins.last().map_or(0, |&end| end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::IngestError;
    use super::super::limits::Limits;
    use super::super::options::LoadOptions;
    use super::super::records::{Record, Records, Sink};
    use super::super::rows::Rows;
    use super::super::sniff;
    use super::*;
    use crate::error::Coded;
    use crate::job::Quiet;
    use proptest::prelude::*;
    use std::task::{Context, Poll, Waker};

    const HEADER: &str = "user,when,channel,value";

    /// What a text comes to where it is read so many bytes at a time: a line that is cut goes another way.
    fn read(text: &str, size: usize, limits: Limits) -> String {
        let options = LoadOptions::default().check().unwrap().within(limits);
        let plan = sniff::sniff(text.as_bytes(), true, &options).unwrap();
        let mut records = Records::new(plan.dialect, plan.skipped_records, &limits);
        let mut rows = Rows::new(&plan, &options).unwrap();
        let body = &text.as_bytes()[plan.skipped_bytes..];
        let all = body
            .chunks(size)
            .map(|chunk| records.feed(chunk, &mut rows));
        let read = all.collect::<Result<(), _>>();
        if let Err(error) = read.and_then(|()| records.end(&mut rows)) {
            return error.code().to_owned();
        }
        let mut host = Quiet::default();
        let work = std::pin::pin!(rows.finish(&mut host));
        match work.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(collected)) => format!(
                "{} {:?} {:?} {:?} {:?}",
                records.completed(),
                collected.table,
                collected.rejected,
                collected.preview,
                collected.warnings
            ),
            Poll::Ready(Err(error)) => error.code().to_owned(),
            Poll::Pending => unreachable!("that host keeps nobody waiting"),
        }
    }

    /// A line, or lines, with what ends them.
    fn lines() -> impl Strategy<Value = String> {
        let usual = (0..2000u32, 1..29u32, 1..40usize).prop_map(|(user, day, times)| {
            let line = |nth| format!("u{},2026-01-{day:02},search,{}.5\n", user + nth, nth % 7);
            (0..times as u32).map(line).collect()
        });
        let odd = [
            " u1 ,2026-01-01, e-mail\t,3\n",
            "u2,2026-01-02,social,4\r\n",
            "u3,2026-01-02,social,4\r",
            ",2026-01-03,social,4\n",
            ",,,5\n",
            "  ,,,5\n",
            ",,,\n",
            "Total,,,9\n",
            "totals u4,2026-01-04,search,1\n",
            "user,when,channel,value\n",
            "\n",
            "\r\n",
            "\"u5\",2026-01-05,\"a, b\",6\n",
            "u6,2026-01-06,5\" screen,6\n",
            "u7,\"2026-\n01-07\",search,7\n",
            "u8,2026-01-08,search\n",
            "u9,2026-01-09,search,8,,\n",
            "u9,2026-01-09,search,8,9\n",
            "u10,2026-01-10,a channel whose name is long,x\n",
        ];
        let odd = (0..odd.len()).prop_map(move |index| odd[index].to_owned());
        prop_oneof![2 => usual, 3 => odd]
    }

    proptest! {
        #[test]
        fn rows_taken_together_are_those_taken_alone(
            lines in prop::collection::vec(lines(), 0..30),
            size in 1..200usize,
            most in prop_oneof![Just(usize::MAX), 10..200usize],
            cell in prop_oneof![Just(64 << 10), 20..40usize],
        ) {
            let text = format!("{HEADER}\nu0,2026-01-01,search,1\nu1,2026-01-01,social,2\n{}", lines.concat());
            let limits = Limits { rows: most, cell_bytes: cell, ..Limits::default() };
            let alone = read(&text, 1, limits);
            prop_assert_eq!(&read(&text, text.len(), limits), &alone);
            prop_assert_eq!(&read(&text, size, limits), &alone);
        }
    }

    /// Counts the rows that come together, and all others.
    #[derive(Default)]
    struct Counts(usize, usize);

    impl Sink for Counts {
        fn take(&mut self, _: &Record<'_>) -> Result<(), IngestError> {
            self.1 += 1;
            Ok(())
        }

        fn width(&self) -> Option<usize> {
            Some(3)
        }

        fn take_rows(&mut self, rows: &PlainRows<'_>) -> Result<usize, IngestError> {
            for (row, (first, _)) in rows.firsts().enumerate() {
                let bounds = rows.row(row);
                assert_eq!(
                    Record::new(rows.text, &bounds).cells().next(),
                    Some(first.trim_ascii())
                );
                for (column, cell) in bounds.iter().enumerate() {
                    assert_eq!(rows.column(column).nth(row), Some(*cell));
                }
            }
            self.0 += rows.count();
            Ok(rows.count())
        }
    }

    #[test]
    fn most_rows_come_together_however_lines_end() {
        let count = |text: &str| {
            let mut counts = Counts::default();
            let mut records = Records::new(Dialect::of(b','), 0, &Limits::default());
            records.feed(text.as_bytes(), &mut counts).unwrap();
            assert_eq!(records.completed(), counts.0 + counts.1);
            (counts.0, counts.1)
        };
        for end in ["\n", "\r\n"] {
            assert_eq!(
                count(&format!("a,bc,d{end}").repeat(5000)),
                (5000, 0),
                "{end:?}"
            );
        }
        let (together, alone) = count(&("a,b,c\n".repeat(20) + "\"a\",b,c\n").repeat(200));
        assert_eq!(together + alone, 21 * 200);
        assert!(together > 18 * 200, "{together}");
        // Every other row is quoted: they are read one by one, and seldom looked at twice.
        let (together, alone) = count(&"a,b,c\n\"a\",b,c\n".repeat(1000));
        assert_eq!(together + alone, 2000);
        assert_eq!(count(&"a,b,c\r".repeat(1000)), (0, 1000));
    }
}
