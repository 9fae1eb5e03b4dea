//! Files that are not text tables, told by their first bytes.

use super::error::IngestError;

const EXPORT: &str = "Open it where it came from and export it as CSV.";
const RESAVE: &str = "Open it in Excel and save it as .xlsx, without a password, or as CSV.";
const UNPACK: &str = "Unpack it and choose the CSV file inside.";

/// First bytes, what they are the mark of, and what to do about it.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"PK\x05\x06", "an empty zip archive", UNPACK),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook (.xls) or one with a password",
        RESAVE,
    ),
    (b"PK\x03\x04", "an archive inside another", UNPACK),
    (b"\x1f\x8b", "an archive inside another", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"PAR1", "a Parquet file", EXPORT),
    (b"ARROW1", "an Arrow file", EXPORT),
    (b"Obj\x01", "an Avro file", EXPORT),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"%PDF-", "a PDF document", EXPORT),
    (b"\x89PNG\r\n", "a picture", EXPORT),
    (b"\xff\xd8\xff", "a picture", EXPORT),
    (b"GIF8", "a picture", EXPORT),
    (b"{\\rtf", "a text document (RTF)", EXPORT),
];

/// Checks the first bytes of a file, before any decoding.
///
/// # Errors
/// `unsupported-format` where they are the mark of another format.
pub(super) fn check_bytes(head: &[u8]) -> Result<(), IngestError> {
    // `BZh` alone could begin a header; the block's own mark follows the level digit.
    if head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY") {
        return Err(told("a bzip2 archive", UNPACK));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Err(told("a tar archive", UNPACK));
    }
    match MAGIC.iter().find(|(magic, ..)| head.starts_with(magic)) {
        Some((_, format, remedy)) => Err(told(format, remedy)),
        None => Ok(()),
    }
}

/// What the bytes of a file are, by its first ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContainerKind {
    /// Nothing around the text.
    Bare,
    Gzip,
    /// A zip archive, as workbooks are as well.
    Zip,
}

/// How many first bytes tell a container.
pub(super) const CONTAINER_BYTES: usize = 4;

/// Tells a container by its first [`CONTAINER_BYTES`].
pub(super) fn container(head: &[u8]) -> ContainerKind {
    match head {
        [0x1f, 0x8b, ..] => ContainerKind::Gzip,
        [b'P', b'K', 3, 4, ..] => ContainerKind::Zip,
        _ => ContainerKind::Bare,
    }
}

/// What a text is, by its first part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    Delimited,
    Json,
}

/// Looks at the first decoded text of a file.
///
/// # Errors
/// `unsupported-format` for markup, `not-a-table` for text full of control characters.
pub(super) fn check_text(text: &[u8]) -> Result<TextKind, IngestError> {
    let text = text.trim_ascii_start();
    let after_first = text.get(1..).unwrap_or_default().trim_ascii_start().first();
    match (text.first(), after_first) {
        (Some(b'{'), Some(b'"' | b'}'))
        | (Some(b'['), Some(b'{' | b'[' | b']' | b'"' | b'0'..=b'9' | b'-')) => {
            return Ok(TextKind::Json);
        }
        (Some(b'<'), Some(b'?' | b'!' | b'a'..=b'z' | b'A'..=b'Z')) => {
            return Err(unsupported("HTML or XML"));
        }
        _ => {}
    }
    let head = &text[..text.len().min(4096)];
    let controls = head
        .iter()
        .filter(|&&byte| {
            byte < b' ' && !matches!(byte, 1 | b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x1f)
        })
        .count();
    if controls * 10 > head.len() {
        return Err(IngestError::NotATable);
    }
    Ok(TextKind::Delimited)
}

/// An archive inside an archive inside another.
pub(super) fn nested() -> IngestError {
    told("an archive inside another", UNPACK)
}

/// A format that is known, and that is to be exported from where it came from.
pub(super) fn unsupported(format: &'static str) -> IngestError {
    told(format, EXPORT)
}

fn told(format: &'static str, remedy: &'static str) -> IngestError {
    IngestError::UnsupportedFormat { format, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Coded;

    #[test]
    fn other_formats_are_named() {
        let message = |result: Result<(), IngestError>| result.unwrap_err().to_string();
        assert!(message(check_bytes(b"PK\x03\x04data.csv")).contains("archive"));
        assert!(message(check_bytes(b"PAR1\x15\x04")).contains("Parquet"));
        assert!(message(check_bytes(b"BZh91AY&SY")).contains("bzip2"));
        for json in [&b"{\"a\": 1}"[..], b" [ {\"a\":1}]", b"[1,2]", b"[[1]]"] {
            assert_eq!(check_text(json), Ok(TextKind::Json), "{json:?}");
        }
        assert!(message(check_text(b"<!DOCTYPE html>").map(|_| ())).contains("HTML"));
        assert_eq!(
            check_text(b"\x05\x02\x03\x04abc").map_err(|e| e.code()),
            Err("not-a-table")
        );
    }

    #[test]
    fn headers_that_only_resemble_are_let_through() {
        assert_eq!(check_bytes(b"PK,name\n1,2"), Ok(()));
        assert_eq!(check_bytes(b"BZh,name\n1,2"), Ok(()));
        assert_eq!(check_text(b"[id],name\n1,2"), Ok(TextKind::Delimited));
        assert_eq!(check_text(b"{id},name\n1,2"), Ok(TextKind::Delimited));
        assert_eq!(check_text(b"<5,>=5\n1,2"), Ok(TextKind::Delimited));
        assert_eq!(check_text(b""), Ok(TextKind::Delimited));
    }
}
