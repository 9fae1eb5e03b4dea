//! JSON text, cut into records.

use super::super::error::IngestError;
use super::locate::{Scan, Shape};

/// Cuts text into records, whatever it is pushed in by.
pub(super) struct Cutter {
    shape: Shape,
    scan: Scan,
    /// The record that the last chunk cut.
    open: Vec<u8>,
    /// Behind the list.
    done: bool,
    records: usize,
    /// Bytes that a record may have.
    limit: usize,
}

impl Cutter {
    pub(super) fn new(shape: Shape, limit: usize) -> Self {
        Self {
            shape,
            scan: Scan::default(),
            open: Vec::new(),
            done: false,
            records: 0,
            limit,
        }
    }

    /// Takes more text and hands over each record that it completes.
    pub(super) fn feed(
        &mut self,
        text: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), IngestError>,
    ) -> Result<(), IngestError> {
        let mut start = 0;
        for (index, &byte) in text.iter().enumerate() {
            if self.done {
                return Ok(());
            }
            // The byte that ends a record, and whether it is part of it.
            let ends = match self.shape {
                Shape::Lines => (byte == b'\n').then_some(false),
                Shape::Values | Shape::Columns => {
                    let closes = self.scan.step(byte);
                    (closes && self.scan.depth == 0).then_some(true)
                }
                Shape::Array => {
                    let outside = self.scan.depth == 0 && !self.scan.in_string;
                    self.done = outside && byte == b']';
                    if !self.done {
                        self.scan.step(byte);
                    }
                    (self.done || (outside && byte == b',')).then_some(false)
                }
            };
            if let Some(inside) = ends {
                self.hand_over(&text[start..index + usize::from(inside)], &mut each)?;
                start = index + 1;
            }
        }
        if !self.done {
            self.open.extend_from_slice(&text[start..]);
            if self.open.len() > self.limit {
                return Err(IngestError::RowTooLong { row: self.records });
            }
        }
        Ok(())
    }

    fn hand_over(
        &mut self,
        rest: &[u8],
        each: &mut impl FnMut(&[u8]) -> Result<(), IngestError>,
    ) -> Result<(), IngestError> {
        let open = std::mem::take(&mut self.open);
        let whole;
        let record = if open.is_empty() {
            rest
        } else {
            whole = [open.as_slice(), rest].concat();
            &whole
        };
        let record = trim(record, self.shape);
        if record.len() > self.limit {
            return Err(IngestError::RowTooLong { row: self.records });
        }
        if record.is_empty() {
            return Ok(());
        }
        self.records += 1;
        each(record)
    }

    /// Hands over the last record; returns whether the text ended where it may.
    pub(super) fn end(
        &mut self,
        mut each: impl FnMut(&[u8]) -> Result<(), IngestError>,
    ) -> Result<bool, IngestError> {
        let rest_is_blank = trim(&self.open, self.shape).is_empty();
        self.hand_over(&[], &mut each)?;
        Ok(match self.shape {
            Shape::Lines => true,
            Shape::Values | Shape::Columns => rest_is_blank,
            Shape::Array => self.done,
        })
    }
}

/// A record without what stands between records.
fn trim(record: &[u8], shape: Shape) -> &[u8] {
    let mut record = record.trim_ascii();
    if shape != Shape::Array {
        // Lines taken out of an array keep its commas.
        record = record.strip_prefix(b",").unwrap_or(record);
        record = record.strip_suffix(b",").unwrap_or(record);
        record = record.trim_ascii();
    }
    // RFC 7464 puts a record separator in front of each.
    record.strip_prefix(b"\x1e").unwrap_or(record).trim_ascii()
}
