//! Archives and workbooks, once they are whole.

use super::archive::{Archive, Member};
use super::error::IngestError;
use super::format::{self, ContainerKind};
use super::limits::Limits;
use super::options::{Layout, ValidLoadOptions};
use super::summary::{Container, Format, Loaded, ReadSummary, Unwrapped};
use super::text::TextTable;
use super::workbook::{self, OpenWorkbook};
use crate::error::Warning;
use crate::job::{Host, Progress, Signal};
use std::io::Read;

/// Bytes inflated at a time, and between two breaths.
const CHUNK: usize = 1 << 20;
/// How many names of files the summary gives.
const MAX_NAMED: usize = 100;

/// Reads the table in a zip archive, which may be a workbook, or hold one, or hold one archive more.
///
/// # Errors
/// Any [`IngestError`].
pub(super) async fn open(
    mut bytes: Vec<u8>,
    options: ValidLoadOptions,
    mut text: TextTable,
    length: u64,
    opener: &dyn OpenWorkbook,
    host: &mut impl Host,
) -> Result<Loaded, IngestError> {
    let mut unwrapped = Unwrapped::default();
    let mut warnings = Vec::new();
    for wanted in [options.member.as_deref(), None] {
        let mut archive = Archive::open(bytes)?;
        if archive.is_workbook() {
            let workbook = archive.into_bytes();
            let mut loaded =
                read_workbook(workbook, &options, length, unwrapped, opener, host).await?;
            loaded.summary.warnings.splice(..0, warnings);
            return Ok(loaded);
        }
        // What was asked for may be inside the inner archive alone.
        let outer = unwrapped.container.is_none();
        let members = archive.choose(wanted)?;
        let Some(chosen) = members.first().cloned() else {
            return Err(IngestError::ArchiveWithoutTable);
        };
        unwrapped.container = Some(Container::Zip);
        let within = |name: &str| match &unwrapped.member {
            None => name.to_owned(),
            Some(around) => format!("{around}/{name}"),
        };
        let names: Vec<_> = members.iter().map(|member| within(&member.name)).collect();
        unwrapped.member = names.first().cloned();
        if members.len() > 1 {
            let count = members.len();
            unwrapped.members = names.into_iter().take(MAX_NAMED).collect();
            if options.member.is_none() {
                let message = format!(
                    "The archive holds {count} files that can be tables; the likeliest was read."
                );
                let several = Warning::new("several-members", message);
                warnings.push(several.figure("members", count as f64));
            }
        }
        match inflate(&mut archive, &chosen, text, &options.limits, host).await? {
            Inflated::Text(text) => {
                let mut loaded = text.finish(length, unwrapped, host).await?;
                loaded.summary.warnings.splice(..0, warnings);
                return Ok(loaded);
            }
            Inflated::Archive(inner) if outer => (bytes, text) = inner,
            Inflated::Archive((inner, _)) => {
                let archive = Archive::open(inner)?;
                if !archive.is_workbook() {
                    break;
                }
                let workbook = archive.into_bytes();
                let mut loaded =
                    read_workbook(workbook, &options, length, unwrapped, opener, host).await?;
                loaded.summary.warnings.splice(..0, warnings);
                return Ok(loaded);
            }
        }
    }
    Err(format::nested())
}

enum Inflated {
    Text(TextTable),
    /// An archive or workbook, and the table that has seen nothing of it.
    Archive((Vec<u8>, TextTable)),
}

/// Unpacks a file into the table, or, where it is an archive again, into memory.
async fn inflate(
    archive: &mut Archive,
    member: &Member,
    mut text: TextTable,
    limits: &Limits,
    host: &mut impl Host,
) -> Result<Inflated, IngestError> {
    let (mut file, size) = archive.file(member, limits.inflated_bytes)?;
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
        if total > limits.inflated_bytes {
            return Err(IngestError::InflatedTooLarge);
        }
        match &mut gathered {
            None => text.push(chunk)?,
            Some(bytes) => {
                bytes.extend_from_slice(chunk);
                limits.check_archive(bytes.len() as u64)?;
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
        Some(bytes) => Inflated::Archive((bytes, text)),
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
    options: &ValidLoadOptions,
    length: u64,
    mut unwrapped: Unwrapped,
    opener: &dyn OpenWorkbook,
    host: &mut impl Host,
) -> Result<Loaded, IngestError> {
    let read = workbook::read(bytes, options, opener, host).await?;
    unwrapped.sheets = read.sheets;
    unwrapped.sheet = Some(read.sheet);
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
