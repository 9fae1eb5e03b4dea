//! What the tests of reading files share: files in, tables as text out.

#![allow(dead_code, clippy::unwrap_used)]

use channelwise::ingest::{Ingest, IngestError, LoadOptions, Loaded};
use channelwise::table::{Column, ColumnData, MISSING_CODE, MISSING_TIME};
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub fn load_chunks(chunks: &[&[u8]], options: LoadOptions) -> Result<Loaded, IngestError> {
    let mut ingest = Ingest::new(options.check()?);
    for chunk in chunks {
        ingest.push(chunk)?;
    }
    ingest.finish()
}

pub fn load(bytes: impl AsRef<[u8]>) -> Result<Loaded, IngestError> {
    load_chunks(&[bytes.as_ref()], LoadOptions::default())
}

/// A cell as text: what a person would see in the typed table.
pub fn text(column: &Column, row: usize) -> String {
    match &column.data {
        ColumnData::Number(cells) if cells[row].is_nan() => "∅".into(),
        ColumnData::Number(cells) => cells[row].to_string(),
        ColumnData::Time(cells) if cells[row] == MISSING_TIME => "∅".into(),
        ColumnData::Time(cells) => format!("t{}", cells[row]),
        ColumnData::Boolean(cells) => ["no", "yes", "∅"][usize::from(cells[row])].into(),
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            match dictionary.codes[row] {
                MISSING_CODE => "∅".into(),
                code => dictionary.levels[code as usize].clone(),
            }
        }
    }
}

/// The table as lines of `name:type` and of cells, between bars.
pub fn show(loaded: &Loaded) -> Vec<String> {
    let columns = &loaded.table.columns;
    let kind = |column: &Column| format!("{:?}", column.data.column_type()).to_lowercase();
    let header = columns
        .iter()
        .map(|column| format!("{}:{}", column.name, kind(column)));
    let mut lines = vec![header.collect::<Vec<_>>().join("|")];
    for row in 0..loaded.table.rows {
        let cells = columns.iter().map(|column| text(column, row));
        lines.push(cells.collect::<Vec<_>>().join("|"));
    }
    lines
}

pub fn warnings(loaded: &Loaded) -> Vec<&str> {
    let warnings = loaded.summary.warnings.iter();
    warnings.map(|warning| warning.code.as_str()).collect()
}

/// Options as the public API has them.
pub fn options(json: &str) -> LoadOptions {
    serde_json::from_str(json).unwrap()
}

pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// An archive of files; a name that ends with `/` is a folder.
pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, bytes) in files {
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook of sheets, each the XML of its rows. Style 1 is a day, 2 a point in time, 3 per cent.
pub fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    const SPREADSHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let (mut listed, mut related, mut files) = (String::new(), String::new(), Vec::new());
    for (index, (name, rows)) in sheets.iter().enumerate() {
        let id = index + 1;
        listed += &format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>");
        related += &format!(
            "<Relationship Id=\"rId{id}\" Type=\"{DOCUMENT}/worksheet\" Target=\"worksheets/sheet{id}.xml\"/>"
        );
        let xml =
            format!("<worksheet xmlns=\"{SPREADSHEET}\"><sheetData>{rows}</sheetData></worksheet>");
        files.push((format!("xl/worksheets/sheet{id}.xml"), xml));
    }
    let styles = format!(
        "<styleSheet xmlns=\"{SPREADSHEET}\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" \
         formatCode=\"yyyy-mm-dd hh:mm:ss\"/></numFmts><cellXfs count=\"4\"><xf numFmtId=\"0\"/>\
         <xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"9\"/></cellXfs></styleSheet>"
    );
    files.extend([
        (
            "[Content_Types].xml".to_owned(),
            format!("<Types xmlns=\"{PACKAGE}/content-types\"/>"),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
                 Type=\"{DOCUMENT}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns=\"{SPREADSHEET}\" xmlns:r=\"{DOCUMENT}\"><sheets>{listed}</sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\">{related}</Relationships>"
            ),
        ),
        ("xl/styles.xml".to_owned(), styles),
    ]);
    let files: Vec<_> = files
        .iter()
        .map(|(name, xml)| (name.as_str(), xml.as_bytes()))
        .collect();
    zipped(&files)
}

/// Rows of a sheet from cells between bars: numbers, `=` and a cached value, `d` and a day's serial
/// number, `t` likewise with a time, `!` and an error, `'` and digits that are words, else words.
pub fn sheet(lines: &[&str]) -> String {
    let mut xml = String::new();
    for (row, line) in lines.iter().enumerate() {
        xml += &format!("<row r=\"{}\">", row + 1);
        for (column, cell) in line.split('|').enumerate() {
            let letter = char::from(b'A' + column as u8);
            let place = format!("r=\"{letter}{}\"", row + 1);
            let number = |text: &str| text.parse::<f64>().is_ok();
            xml += &match cell.split_at(cell.len().min(1)) {
                ("", _) => continue,
                ("d", serial) if number(serial) => {
                    format!("<c {place} s=\"1\"><v>{serial}</v></c>")
                }
                ("t", serial) if number(serial) => {
                    format!("<c {place} s=\"2\"><v>{serial}</v></c>")
                }
                ("%", share) if number(share) => format!("<c {place} s=\"3\"><v>{share}</v></c>"),
                ("'", text) => format!("<c {place} t=\"inlineStr\"><is><t>{text}</t></is></c>"),
                ("=", value) => format!("<c {place}><f>A1</f><v>{value}</v></c>"),
                ("!", error) => format!("<c {place} t=\"e\"><v>{error}</v></c>"),
                _ if matches!(cell, "TRUE" | "FALSE") => {
                    format!("<c {place} t=\"b\"><v>{}</v></c>", u8::from(cell == "TRUE"))
                }
                _ if number(cell) => format!("<c {place}><v>{cell}</v></c>"),
                _ => format!("<c {place} t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
            };
        }
        xml += "</row>";
    }
    xml
}
