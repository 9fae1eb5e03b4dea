//! Archives and workbooks, once they are whole.

use super::archive::{Archive, Member};
use super::error::IngestError;
use super::format::{self, ContainerKind};
use super::limits::{MAX_ARCHIVE_BYTES, MAX_INFLATED_BYTES};
use super::options::{Layout, ValidLoadOptions};
use super::summary::{Container, Format, Loaded, ReadSummary, Unwrapped};
use super::text::TextTable;
use super::workbook::Workbook;
use crate::error::Warning;
use crate::job::{Host, Progress, Signal};
use std::io::Read;

/// Bytes inflated at a time, and between two breaths.
const CHUNK: usize = 1 << 20;
/// How many names of files the summary gives.
const MAX_NAMED: usize = 100;

/// Reads the table in a zip archive, which may be a workbook, or hold one.
///
/// # Errors
/// Any [`IngestError`].
pub(super) async fn open(
    bytes: Vec<u8>,
    options: ValidLoadOptions,
    text: TextTable,
    length: u64,
    host: &mut impl Host,
) -> Result<Loaded, IngestError> {
    let mut archive = Archive::open(bytes)?;
    if archive.is_workbook() {
        let unwrapped = Unwrapped::default();
        return read_workbook(archive.into_bytes(), options, length, unwrapped, host).await;
    }
    let members = archive.choose(options.member.as_deref())?;
    let Some(chosen) = members.first().cloned() else {
        return Err(IngestError::ArchiveWithoutTable);
    };
    let mut unwrapped = Unwrapped {
        container: Some(Container::Zip),
        member: Some(chosen.name.clone()),
        ..Unwrapped::default()
    };
    let mut warning = None;
    if members.len() > 1 {
        let names = members.iter().take(MAX_NAMED);
        unwrapped.members = names.map(|member| member.name.clone()).collect();
        if options.member.is_none() {
            let count = members.len();
            let message = format!(
                "The archive holds {count} files that can be tables; the likeliest was read."
            );
            let several = Warning::new("several-members", message);
            warning = Some(several.figure("members", count as f64));
        }
    }
    let mut loaded = match inflate(&mut archive, &chosen, text, host).await? {
        Inflated::Text(text) => text.finish(length, unwrapped)?,
        Inflated::Workbook(bytes) => {
            drop(archive);
            read_workbook(bytes, options, length, unwrapped, host).await?
        }
    };
    loaded.summary.warnings.splice(..0, warning);
    Ok(loaded)
}

enum Inflated {
    Text(TextTable),
    Workbook(Vec<u8>),
}

/// Unpacks a file into the table, or, where it is an archive again, into memory.
async fn inflate(
    archive: &mut Archive,
    member: &Member,
    mut text: TextTable,
    host: &mut impl Host,
) -> Result<Inflated, IngestError> {
    let (mut file, size) = archive.file(member)?;
    let mut buffer = vec![0; CHUNK];
    let mut gathered = None;
    let mut total = 0u64;
    loop {
        let filled = fill(&mut file, &mut buffer)?;
        let chunk = &buffer[..filled];
        if total == 0 && format::container(chunk) == ContainerKind::Zip {
            gathered = Some(Vec::new());
        }
        total += filled as u64;
        if total > MAX_INFLATED_BYTES {
            return Err(IngestError::InflatedTooLarge);
        }
        match &mut gathered {
            None => text.push(chunk)?,
            Some(bytes) => {
                bytes.extend_from_slice(chunk);
                if bytes.len() as u64 > MAX_ARCHIVE_BYTES {
                    return Err(IngestError::ArchiveTooLarge);
                }
            }
        }
        if filled < buffer.len() {
            break;
        }
        host.report(Progress {
            phase: "read",
            fraction: (total as f64 / size.max(1) as f64).min(1.0),
            ..Progress::default()
        });
        if host.breathe().await == Signal::Cancel {
            return Err(IngestError::Aborted);
        }
    }
    Ok(match gathered {
        None => Inflated::Text(text),
        Some(bytes) => Inflated::Workbook(bytes),
    })
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> Result<usize, IngestError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(_) => return Err(IngestError::BrokenArchive),
        }
    }
    Ok(filled)
}

async fn read_workbook(
    bytes: Vec<u8>,
    options: ValidLoadOptions,
    length: u64,
    mut unwrapped: Unwrapped,
    host: &mut impl Host,
) -> Result<Loaded, IngestError> {
    let mut workbook = Workbook::open(bytes)?;
    let sheet = workbook.choose(options.sheet.as_deref())?;
    let read = workbook.read(&sheet, &options, host).await?;
    unwrapped.sheets = workbook.sheets;
    unwrapped.sheet = Some(sheet);
    let mut warnings = read.warnings;
    warnings.extend(read.collected.warnings);
    Ok(Loaded {
        summary: ReadSummary {
            rows: read.collected.table.rows,
            rejected: read.collected.rejected,
            layout: Layout::Rows,
            format: Format::Xlsx,
            unwrapped,
            encoding: "UTF-8",
            delimiter: None,
            bytes: length,
            header: read.header,
            preview: read.collected.preview,
            warnings,
        },
        table: read.collected.table,
    })
}
