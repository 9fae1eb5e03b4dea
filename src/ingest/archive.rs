//! Zip archives: which of the files inside is the table.

use super::error::IngestError;
use super::format;
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// Bytes of a file inside that are looked at before it is chosen.
const HEAD_BYTES: u64 = 512;
/// Files that are looked at before none is chosen.
const MAX_TRIED: usize = 16;
/// Names' ends of tables, and of what certainly is none.
const TABLES: [&str; 10] = [
    "csv", "tsv", "tab", "psv", "json", "jsonl", "ndjson", "geojson", "xlsx", "xlsm",
];
const OTHERS: [&str; 30] = [
    "pdf", "doc", "docx", "ppt", "pptx", "odt", "png", "jpg", "jpeg", "gif", "svg", "webp", "mp4",
    "html", "htm", "xml", "xsd", "rtf", "md", "yml", "yaml", "sql", "py", "r", "js", "css", "exe",
    "dll", "rhistory", "log",
];
/// Files by which other formats that are zip archives are told: its name, what it is the mark of.
const MARKS: [(&str, &str); 6] = [
    ("Index/Document.iwa", "an Apple Numbers or Pages document"),
    ("Index.zip", "an Apple Numbers or Pages document"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("content.xml", "an OpenDocument file (.ods)"),
];

/// A file inside an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) index: usize,
    pub(super) name: String,
    size: u64,
    rank: u8,
    encrypted: bool,
}

/// An archive, held in memory.
pub(super) struct Archive {
    zip: ZipArchive<Cursor<Vec<u8>>>,
}

impl Archive {
    /// Opens an archive.
    ///
    /// # Errors
    /// `broken-archive`.
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, IngestError> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(told)?;
        Ok(Self { zip })
    }

    /// Whether it is an Excel workbook.
    pub(super) fn is_workbook(&self) -> bool {
        self.has("xl/workbook.xml")
            || (self.has("[Content_Types].xml")
                && self
                    .zip
                    .file_names_raw()
                    .any(|name| name.starts_with(b"xl/worksheets/")))
    }

    fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// The bytes again.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.zip.into_inner().into_inner()
    }

    /// The files that can be tables, the likeliest first: by the ends of their names, then the largest.
    ///
    /// # Errors
    /// `unsupported-format` for other kinds of documents, `encrypted-archive`, `archive-without-table`,
    /// `unknown-member` where the one asked for is not there.
    pub(super) fn choose(&mut self, wanted: Option<&str>) -> Result<Vec<Member>, IngestError> {
        let members = self.members()?;
        if let Some(wanted) = wanted {
            let matches = |member: &&Member| {
                member.name == wanted || member.name.rsplit('/').next() == Some(wanted)
            };
            let Some(found) = members.iter().find(matches).cloned() else {
                let member = wanted.to_owned();
                return Err(IngestError::UnknownMember { member });
            };
            self.check(&found)?;
            let others = members
                .into_iter()
                .filter(|member| member.rank > 0 && *member != found);
            return Ok(std::iter::once(found.clone()).chain(others).collect());
        }
        if let Some((_, format)) = MARKS.iter().find(|(name, _)| self.has(name)) {
            return Err(format::unsupported(format));
        }
        let mut candidates: Vec<_> = members
            .into_iter()
            .filter(|member| member.rank > 0)
            .collect();
        crate::order::sort_by_key(&mut candidates, |member| {
            (std::cmp::Reverse((member.rank, member.size)), member.index)
        });
        let mut refused = None;
        for tried in 0..candidates.len().min(MAX_TRIED) {
            match self.check(&candidates[tried]) {
                Ok(()) => return Ok(candidates.split_off(tried)),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(match refused {
            Some(error @ (IngestError::EncryptedArchive | IngestError::BrokenArchive)) => error,
            _ => IngestError::ArchiveWithoutTable,
        })
    }

    /// All files but folders and what systems leave behind.
    fn members(&self) -> Result<Vec<Member>, IngestError> {
        let mut members = Vec::new();
        for index in 0..self.zip.len() {
            let entry = self.zip.by_index_data(index).map_err(told)?;
            let name = entry.name().map_err(told)?.into_owned();
            if entry.is_dir() || is_hidden(&name) {
                continue;
            }
            members.push(Member {
                index,
                size: entry.size(),
                rank: rank(&name),
                encrypted: entry.encrypted(),
                name,
            });
        }
        Ok(members)
    }

    /// Looks at the first bytes of a file inside.
    fn check(&mut self, member: &Member) -> Result<(), IngestError> {
        if member.encrypted {
            return Err(IngestError::EncryptedArchive);
        }
        let mut head = Vec::new();
        let file = self.zip.by_index(member.index).map_err(told)?;
        file.take(HEAD_BYTES)
            .read_to_end(&mut head)
            .map_err(|_| IngestError::BrokenArchive)?;
        match format::container(&head) {
            format::ContainerKind::Zip => Ok(()),
            _ => format::check_bytes(&head),
        }
    }

    /// A file's bytes as a stream, and how many there should be: at most `limit`.
    ///
    /// # Errors
    /// `broken-archive`, `inflated-too-large`.
    pub(super) fn file(
        &mut self,
        member: &Member,
        limit: u64,
    ) -> Result<(impl Read + '_, u64), IngestError> {
        if member.size > limit {
            return Err(IngestError::InflatedTooLarge);
        }
        let file = self.zip.by_index(member.index).map_err(told)?;
        Ok((file, member.size))
    }
}

/// What goes wrong in an archive.
fn told(error: ZipError) -> IngestError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            IngestError::EncryptedArchive
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            format::unsupported("a zip archive of a kind that is seldom used")
        }
        _ => IngestError::BrokenArchive,
    }
}

/// Folders of macOS, files of file managers.
fn is_hidden(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_left_behind = matches!(file, "Thumbs.db" | "desktop.ini" | "");
    name.starts_with("__MACOSX/") || file.starts_with('.') || is_left_behind
}

/// How likely a file is a table, by the end of its name: 2, 1 or not at all.
fn rank(name: &str) -> u8 {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let end = file
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase());
    match end.as_deref() {
        Some(end) if TABLES.contains(&end) => 2,
        Some(end) if OTHERS.contains(&end) => 0,
        _ => 1,
    }
}
