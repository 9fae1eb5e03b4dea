//! What is fuzzed: the readers of files, each through the way its bytes take in a file.
//!
//! Any bytes have to give a table or a coded error; beyond that each target holds the reader to a
//! property that is true of all inputs.

#![allow(dead_code, unused_imports, clippy::unwrap_used)]

#[path = "../../src/error.rs"]
pub mod error;
#[path = "../../src/ingest/mod.rs"]
pub mod ingest;
#[path = "../../src/job.rs"]
pub mod job;
#[path = "../../src/order.rs"]
pub mod order;
#[path = "../../src/prepare/mod.rs"]
pub mod prepare;
#[path = "../../src/schema/mod.rs"]
pub mod schema;
#[path = "../../src/statistics.rs"]
pub mod statistics;
#[path = "../../src/table.rs"]
pub mod table;

use error::Coded;
use ingest::{Ingest, IngestError, Layout, LoadOptions, Loaded};
use prepare::PrepareOptions;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Up to this length a file is read a second time, in pieces.
const MAX_CUT: usize = 2048;

fn load(chunks: &[&[u8]], options: LoadOptions) -> Result<Loaded, IngestError> {
    let mut ingest = Ingest::new(options.check()?);
    for chunk in chunks {
        ingest.push(chunk)?;
    }
    ingest.finish()
}

/// Reads a file whole and in pieces; both must come to the same, and the table must be sound.
fn read(bytes: &[u8], options: &LoadOptions) -> Option<Loaded> {
    let whole = load(&[bytes], options.clone());
    if bytes.len() <= MAX_CUT {
        let size = 1 + usize::from(bytes.first().copied().unwrap_or(0)) % 61;
        let pieces: Vec<_> = bytes.chunks(size).collect();
        let cut = load(&pieces, options.clone());
        // `NaN` is not equal to itself, hence the comparison as text.
        assert_eq!(
            format!("{cut:?}"),
            format!("{whole:?}"),
            "in pieces of {size}"
        );
    }
    match whole {
        Err(error) => {
            assert!(!error.code().is_empty() && !error.to_string().is_empty());
            None
        }
        Ok(loaded) => {
            let rows = loaded.table.rows;
            let columns = &loaded.table.columns;
            assert!(columns.iter().all(|column| column.data.len() == rows));
            assert_eq!(loaded.summary.rows, rows);
            if let Some(source) = &loaded.table.source_rows {
                assert_eq!(source.len(), rows);
                assert!(
                    source.is_sorted_by(|before, after| before < after),
                    "rows out of order"
                );
                let records = rows + loaded.summary.rejected.count;
                assert!(source.last().is_none_or(|&last| (last as usize) < records));
            }
            Some(loaded)
        }
    }
}

/// Delimited text, and what the roles of its columns are taken for.
pub fn text(bytes: &[u8]) {
    let Some(loaded) = read(bytes, &LoadOptions::default()) else {
        return;
    };
    for layout in [Layout::Auto, Layout::Events] {
        let inferred = schema::infer_as(&loaded.table, &schema::RoleOptions::default(), layout);
        let Ok(schema) = inferred else { continue };
        let options = PrepareOptions::default().check().unwrap();
        if let Ok((_, summary)) = prepare::prepare(&loaded.table, &schema, &options) {
            assert!(summary.rows <= loaded.table.rows);
        }
    }
}

/// JSON, JSON lines.
pub fn json(bytes: &[u8]) {
    if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
        read(bytes, &LoadOptions::default());
    }
}

/// Gzip: the bytes as they are, and text that they are the packed form of.
pub fn gzip(bytes: &[u8]) {
    read(bytes, &LoadOptions::default());
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    let packed = encoder.finish().unwrap();
    let [unpacked, read] = [bytes, &packed].map(|bytes| load(&[bytes], LoadOptions::default()));
    // What is packed once more is no text.
    if let Ok(unpacked) = unpacked
        && unpacked.summary.unwrapped.container.is_none()
        && unpacked.summary.format != ingest::Format::Xlsx
    {
        let read = read.expect("what is read as it is can be read packed");
        assert_eq!(format!("{:?}", read.table), format!("{:?}", unpacked.table));
    }
}

/// Zip archives.
pub fn zip(bytes: &[u8]) {
    read(bytes, &LoadOptions::default());
}

/// The XML of a sheet, in a workbook that is sound otherwise.
pub fn workbook(bytes: &[u8]) {
    const XMLNS: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let relationship = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" \
             Type=\"{DOCUMENT}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let book = format!(
        "<workbook xmlns=\"{XMLNS}\" xmlns:r=\"{DOCUMENT}\"><sheets><sheet name=\"S\" sheetId=\"1\" \
         r:id=\"r1\"/></sheets></workbook>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{XMLNS}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
         </cellXfs></styleSheet>"
    );
    let head = format!("<worksheet xmlns=\"{XMLNS}\"><sheetData>");
    let sheet = [head.as_bytes(), bytes, b"</sheetData></worksheet>"].concat();
    let files: [(&str, &[u8]); 6] = [
        ("[Content_Types].xml", b"<Types/>"),
        (
            "_rels/.rels",
            &relationship("officeDocument", "xl/workbook.xml").into_bytes(),
        ),
        ("xl/workbook.xml", book.as_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            &relationship("worksheet", "worksheets/sheet1.xml").into_bytes(),
        ),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Stored);
    for (name, content) in files {
        writer.start_file(name, stored).unwrap();
        writer.write_all(content).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    if let Err(error) = load(&[&bytes], LoadOptions::default()) {
        assert!(!error.code().is_empty());
    }
}

/// Text in an encoding that is named by the first byte, or guessed.
pub fn encodings(bytes: &[u8]) {
    const LABELS: [&str; 12] = [
        "utf-8",
        "utf-16le",
        "utf-16be",
        "gbk",
        "gb18030",
        "big5",
        "shift_jis",
        "euc-jp",
        "euc-kr",
        "windows-1252",
        "windows-1251",
        "iso-8859-2",
    ];
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let encoding = LABELS.get(usize::from(*first) % (LABELS.len() + 1));
    let options = LoadOptions {
        encoding: encoding.map(|&label| label.to_owned()),
        ..LoadOptions::default()
    };
    read(rest, &options);
}

/// A number: read strictly it is the same as read leniently, and an exact form gives the text back.
pub fn number(bytes: &[u8]) {
    let lenient = ingest::number::parse(bytes, true);
    if let Some(number) = ingest::number::parse(bytes, false) {
        assert_eq!(lenient.map(|lenient| lenient.value), Some(number.value));
    }
    if let Some(number) = lenient {
        assert!(number.value.is_finite());
        if number.exact {
            let text = ingest::number::render(number.value, number.form);
            assert_eq!(text.as_bytes(), bytes);
        }
    }
    if let Some((value, decimals)) = ingest::number::parse_plain(bytes) {
        let text = std::str::from_utf8(bytes).unwrap();
        assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
        let form = ingest::number::NumberForm::plain(decimals);
        assert_eq!(ingest::number::render(value, form), text);
    }
}

/// A point in time: an exact form gives the text back, and the quick reader reads as the thorough one.
pub fn time(bytes: &[u8]) {
    let thorough = ingest::time::parse(bytes);
    if let Some(time) = thorough
        && time.exact
    {
        let text = ingest::time::render(time.micros, time.form);
        assert_eq!(text.as_bytes(), bytes);
    }
    let mut reader = ingest::time::IsoReader::default();
    if let Some((micros, _)) = reader.parse(bytes) {
        assert_eq!(thorough.map(|time| time.micros), Some(micros));
    }
}

/// Paths with their counts, a line each, to journeys.
pub fn paths(bytes: &[u8]) {
    let file = [b"path;total_conversions;total_null\n", bytes].concat();
    let Ok(loaded) = load(&[&file], LoadOptions::default()) else {
        return;
    };
    let roles = schema::RoleOptions::default();
    let Ok(schema) = schema::infer_as(&loaded.table, &roles, Layout::Paths) else {
        return;
    };
    if let Ok((paths, _)) = prepare::paths::Paths::read(&loaded.table, &schema) {
        paths.check().expect("what was read is sound");
        let merged = paths.merged();
        assert!(merged.len() <= paths.len());
    }
}
