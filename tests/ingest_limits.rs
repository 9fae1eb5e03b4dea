//! Every limit is reached, each with its own code; what lies just below it is read.

#![allow(clippy::unwrap_used)]

mod ingest_support;

use channelwise::error::Coded;
use channelwise::ingest::limits::Limits;
use channelwise::ingest::{Ingest, IngestError, LoadOptions, Loaded};
use channelwise::table::ColumnType;
use ingest_support::{gzip, load, sheet, show, warnings, workbook, zipped};

fn within(bytes: &[u8], limits: Limits) -> Result<Loaded, IngestError> {
    let mut ingest = Ingest::new(LoadOptions::default().check()?.within(limits));
    for chunk in bytes.chunks(100) {
        ingest.push(chunk)?;
    }
    ingest.finish()
}

#[test]
fn every_limit_has_its_code_and_what_is_below_is_read() {
    let csv: &[u8] = b"user,note\nu1,first\nu2,second\nu3,third\n";
    let json = br#"[{"user":"u1","note":"first"},{"user":"u2","note":"second"}]"#;
    let columns = br#"{"a":[1,2],"b":["x","y"]}"#;
    let book = workbook(&[("S", &sheet(&["user|note", "u1|first", "u2|second"]))]);
    let (packed, archive) = (gzip(csv), zipped(&[("a.csv", csv)]));
    let limits = Limits::default;
    let cases: Vec<(&str, &[u8], Limits, Limits)> = vec![
        (
            "too-many-bytes",
            csv,
            Limits {
                bytes: csv.len() as u64 - 1,
                ..limits()
            },
            Limits {
                bytes: csv.len() as u64,
                ..limits()
            },
        ),
        (
            "inflated-too-large",
            &packed,
            Limits {
                inflated_bytes: csv.len() as u64 - 1,
                ..limits()
            },
            Limits {
                inflated_bytes: csv.len() as u64,
                ..limits()
            },
        ),
        (
            "inflated-too-large",
            &archive,
            Limits {
                inflated_bytes: csv.len() as u64 - 1,
                ..limits()
            },
            Limits {
                inflated_bytes: csv.len() as u64,
                ..limits()
            },
        ),
        (
            "archive-too-large",
            &archive,
            Limits {
                archive_bytes: archive.len() as u64 - 1,
                ..limits()
            },
            Limits {
                archive_bytes: archive.len() as u64,
                ..limits()
            },
        ),
        (
            "archive-too-large",
            &book,
            Limits {
                archive_bytes: 100,
                ..limits()
            },
            limits(),
        ),
        (
            "workbook-too-large",
            &book,
            Limits {
                workbook_bytes: 100,
                ..limits()
            },
            Limits {
                strings_bytes: 0,
                ..limits()
            },
        ),
        (
            "too-many-rows",
            csv,
            Limits {
                rows: 2,
                ..limits()
            },
            Limits {
                rows: 3,
                ..limits()
            },
        ),
        (
            "too-many-rows",
            json,
            Limits {
                rows: 1,
                ..limits()
            },
            Limits {
                rows: 2,
                ..limits()
            },
        ),
        (
            "cell-too-long",
            csv,
            Limits {
                cell_bytes: 5,
                ..limits()
            },
            Limits {
                cell_bytes: 6,
                ..limits()
            },
        ),
        (
            "cell-too-long",
            json,
            Limits {
                cell_bytes: 5,
                ..limits()
            },
            Limits {
                cell_bytes: 6,
                ..limits()
            },
        ),
        (
            "cell-too-long",
            &book,
            Limits {
                cell_bytes: 5,
                ..limits()
            },
            Limits {
                cell_bytes: 6,
                ..limits()
            },
        ),
        (
            "row-too-long",
            csv,
            Limits {
                record_bytes: 7,
                cell_bytes: 6,
                ..limits()
            },
            Limits {
                record_bytes: 8,
                cell_bytes: 6,
                ..limits()
            },
        ),
        (
            "row-too-long",
            json,
            Limits {
                record_bytes: 28,
                ..limits()
            },
            Limits {
                record_bytes: 29,
                ..limits()
            },
        ),
        (
            "row-too-long",
            columns,
            Limits {
                columns_json_bytes: columns.len() - 1,
                ..limits()
            },
            Limits {
                columns_json_bytes: columns.len(),
                ..limits()
            },
        ),
        (
            "too-many-levels",
            csv,
            Limits {
                levels: 2,
                ..limits()
            },
            Limits {
                levels: 3,
                ..limits()
            },
        ),
        (
            "too-much-text",
            csv,
            Limits {
                column_text_bytes: 15,
                ..limits()
            },
            Limits {
                column_text_bytes: 16,
                ..limits()
            },
        ),
        (
            "too-much-text",
            csv,
            Limits {
                table_text_bytes: 21,
                ..limits()
            },
            Limits {
                table_text_bytes: 22,
                ..limits()
            },
        ),
    ];
    for (code, bytes, low, high) in cases {
        let found = within(bytes, low).map(|_| ()).map_err(|error| error.code());
        assert_eq!(found, Err(code), "{low:?}");
        assert!(
            within(bytes, high).is_ok(),
            "{code}: {:?}",
            within(bytes, high)
        );
    }
}

#[test]
fn shared_strings_have_a_limit_of_their_own() {
    let strings = "<sst><si><t>some text</t></si></sst>";
    let book = zipped(&[
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", strings.as_bytes()),
    ]);
    let limits = Limits {
        strings_bytes: strings.len() as u64 - 1,
        ..Limits::default()
    };
    let found = within(&book, limits).map_err(|error| error.code());
    assert_eq!(found.map(|_| ()), Err("workbook-too-large"));
}

#[test]
fn cells_of_every_format_are_measured() {
    let long = "x".repeat(70_000);
    let json = format!("[{{\"a\":1,\"b\":\"{long}\"}}]");
    let book = workbook(&[("S", &sheet(&["a|b", &format!("1|{long}")]))]);
    for bytes in [json.into_bytes(), book] {
        assert_eq!(load(bytes).unwrap_err().code(), "cell-too-long");
    }
}

#[test]
fn a_column_of_notes_is_given_up_and_the_others_are_read() {
    let mut lines = String::new();
    for row in 0..200 {
        let note = format!("note {row} ").repeat(20);
        lines += &format!("{{\"user\":\"u{row}\",\"note\":\"{note}\",\"n\":{row}}}\n");
    }
    for limits in [
        Limits {
            column_text_bytes: 10_000,
            ..Limits::default()
        },
        Limits {
            table_text_bytes: 12_000,
            ..Limits::default()
        },
    ] {
        let loaded = within(lines.as_bytes(), limits).unwrap();
        assert_eq!(warnings(&loaded), ["column-given-up"]);
        let warning = &loaded.summary.warnings[0];
        assert_eq!(warning.columns, Some(vec!["note".to_owned()]));
        assert!(warning.figures.as_ref().unwrap()["megabytes"] < 1.0);
        let shown = show(&loaded);
        assert_eq!(shown[0], "user:text|note:text|n:number");
        assert_eq!(shown[200], "u199|∅|199");
        // The preview shows what is in the file.
        assert!(loaded.summary.preview[0][1].starts_with("note 0"));
    }
}

#[test]
fn cells_of_ignored_columns_are_not_kept() {
    let csv = "id,n\na,5\nb,6\nc,5\n";
    let options = serde_json::from_str::<LoadOptions>(r#"{"roles":{"ignore":["id"]}}"#).unwrap();
    let limits = Limits {
        levels: 2,
        ..Limits::default()
    };
    let mut ingest = Ingest::new(options.check().unwrap().within(limits));
    ingest.push(csv.as_bytes()).unwrap();
    let loaded = ingest.finish().unwrap();
    assert_eq!(show(&loaded), ["id:text|n:number", "∅|5", "∅|6", "∅|5"]);
    assert_eq!(loaded.table.columns[0].data.column_type(), ColumnType::Text);
    assert_eq!(loaded.summary.preview[1], ["b", "6"]);
    assert!(loaded.summary.warnings.is_empty());
}
