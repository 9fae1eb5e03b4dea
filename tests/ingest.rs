//! Files as they come from the world, whole and in pieces.

#![allow(clippy::unwrap_used)]

mod ingest_support;

use channelwise::error::Coded;
use channelwise::ingest::LoadOptions;
use channelwise::table::{ColumnData, ColumnType};
use ingest_support::{load, load_chunks, options, show, text, warnings};
use proptest::prelude::*;

/// Bytes, delimiter, the table, the warnings.
type Case<'a> = (&'a str, Vec<u8>, &'a str, &'a [&'a str], &'a [&'a str]);

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

fn cases() -> Vec<Case<'static>> {
    let ab = ["a:number|b:category", "1|x", "2|y"];
    let ab: &'static [&'static str] = Box::leak(Box::new(ab));
    vec![
        ("plain", "a,b\n1,x\n2,y\n".into(), ",", ab, &[]),
        (
            "byte order mark",
            "\u{feff}a,b\n1,x\n2,y\n".into(),
            ",",
            ab,
            &[],
        ),
        ("semicolons", "a;b\n1;x\n2;y\n".into(), ";", ab, &[]),
        ("tabs", "a\tb\n1\tx\n2\ty\n".into(), "\t", ab, &[]),
        ("bars", "a|b\n1|x\n2|y\n".into(), "|", ab, &[]),
        (
            "CRLF, no final line end",
            "a,b\r\n1,x\r\n2,y".into(),
            ",",
            ab,
            &[],
        ),
        ("CR only", "a,b\r1,x\r2,y\r".into(), ",", ab, &[]),
        (
            "blank lines",
            "\n\na,b\n\n1,x\n\r\n2,y\n\n\n".into(),
            ",",
            ab,
            &[],
        ),
        (
            "everything quoted",
            "\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\"y\"\n".into(),
            ",",
            ab,
            &[],
        ),
        (
            "spaces around cells",
            "a, b \n 1, x\n 2 ,y \n".into(),
            ",",
            ab,
            &[],
        ),
        (
            "delimiter declared",
            "sep=;\r\na;b\r\n1;x\r\n2;y\r\n".into(),
            ";",
            ab,
            &[],
        ),
        (
            "trailing delimiters",
            "a,b\n1,x,\n2,y,\n".into(),
            ",",
            ab,
            &[],
        ),
        (
            "trailing delimiters everywhere",
            "a,b,\n1,x,\n2,y,\n".into(),
            ",",
            ab,
            &[],
        ),
        (
            "trailing delimiter in the header",
            "a,b,\n1,x\n2,y\n".into(),
            ",",
            ab,
            &[],
        ),
        (
            "titles above",
            "Report\n\na,b\n1,x\n2,y\n".into(),
            ",",
            ab,
            &["preamble-skipped"],
        ),
        ("UTF-16", utf16("a,b\n1,x\n2,y\n"), ",", ab, &[]),
        (
            "quotes, delimiters and line ends in cells",
            "a,b\n1,\"x, \"\"y\"\"\nz\"\n2,\n".into(),
            ",",
            &["a:number|b:category", "1|x, \"y\"\nz", "2|∅"],
            &[],
        ),
        (
            "no header",
            "1,x\n2,y\n3,z\n".into(),
            ",",
            &["column_1:number|column_2:category", "1|x", "2|y", "3|z"],
            &[],
        ),
        (
            "no header and no numbers",
            "yes,red\nno,blue\nyes,red\n".into(),
            ",",
            &[
                "column_1:boolean|column_2:category",
                "yes|red",
                "no|blue",
                "yes|red",
            ],
            &[],
        ),
        (
            "years as names",
            "land,2019,2020\nA,5,6\nB,7,8\n".into(),
            ",",
            &["land:category|2019:number|2020:number", "A|5|6", "B|7|8"],
            &[],
        ),
        (
            "names empty or twice",
            "a,,a,a_2\n1,2,3,4\n5,6,7,8\n".into(),
            ",",
            &[
                "a:number|column_2:number|a_3:number|a_2:number",
                "1|2|3|4",
                "5|6|7|8",
            ],
            &["duplicate-names", "empty-names"],
        ),
        (
            "row names of R",
            "\"a\",\"b\"\n\"1\",5,\"x\"\n\"2\",6,\"y\"\n".into(),
            ",",
            &["column_1:number|a:number|b:category", "1|5|x", "2|6|y"],
            &["header-short", "empty-names"],
        ),
        (
            "decimal commas",
            "a;b\n1,5;1.234,50\n2,25;0,5\n".into(),
            ";",
            &["a:number|b:number", "1.5|1234.5", "2.25|0.5"],
            &[],
        ),
        (
            "money, shares and thousands",
            "m,s,n\n$5,10%,\"1,000\"\n\"$1,250.50\",2.5%,\"2,500,000\"\n".into(),
            ",",
            &[
                "m:number|s:number|n:number",
                "5|10|1000",
                "1250.5|2.5|2500000",
            ],
            &[],
        ),
        (
            "yes and no",
            "a,b,c,d,e\nTrue,Y,0,是,t\nfalse,n,1,否,\nTRUE,y,NA,是,f\n".into(),
            ",",
            &[
                "a:boolean|b:boolean|c:boolean|d:boolean|e:boolean",
                "yes|yes|no|yes|yes",
                "no|no|yes|no|∅",
                "yes|yes|∅|yes|no",
            ],
            &[],
        ),
        (
            "missing cells, and a level called unknown",
            "a,b\nNA,unknown\n5,-\n,?\nnull,None\n".into(),
            ",",
            &["a:number|b:category", "∅|unknown", "5|∅", "∅|∅", "∅|∅"],
            &[],
        ),
        (
            "codes with leading zeros",
            "zip,n\n02139,1\n94103,2\n".into(),
            ",",
            &["zip:category|n:number", "02139|1", "94103|2"],
            &[],
        ),
        (
            "days",
            "d,e,f\n2024-01-31,31/01/2024,01/31/2024\n2024-02-01,01/02/2024,02/01/2024\n".into(),
            ",",
            &[
                "d:time|e:time|f:time",
                "t1706659200000|t1706659200000|t1706659200000",
                "t1706745600000|t1706745600000|t1706745600000",
            ],
            &["dates-day-first", "dates-month-first"],
        ),
        (
            "days that can be read in two ways",
            "d\n01/02/2024\n03/04/2024\n".into(),
            ",",
            &["d:time", "t1704153600000", "t1709510400000"],
            &["ambiguous-dates"],
        ),
        (
            "a single column",
            "name\nx\n\"\"\ny\n".into(),
            ",",
            &["name:category", "x", "∅", "y"],
            &[],
        ),
        (
            "two rows",
            "a,y\n1,0\n2,1\n".into(),
            ",",
            &["a:number|y:boolean", "1|no", "2|yes"],
            &[],
        ),
        (
            "a column of nothing",
            "a,b\n1,\n2,\n".into(),
            ",",
            &["a:number|b:category", "1|∅", "2|∅"],
            &[],
        ),
        (
            "names in Chinese",
            "渠道,下单\n搜索,是\n短信,否\n".into(),
            ",",
            &["渠道:category|下单:boolean", "搜索|yes", "短信|no"],
            &[],
        ),
    ]
}

#[test]
fn files_of_all_kinds_are_read() {
    for (name, bytes, delimiter, expected, expected_warnings) in cases() {
        let loaded = load(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(show(&loaded), expected, "{name}");
        assert_eq!(
            loaded.summary.delimiter.as_deref(),
            Some(delimiter),
            "{name}"
        );
        assert_eq!(warnings(&loaded), expected_warnings, "{name}");
        assert_eq!(loaded.summary.bytes, bytes.len() as u64, "{name}");
        assert_eq!(loaded.summary.rejected.count, 0, "{name}");
        assert_eq!(loaded.table.source_rows, None, "{name}");
        for size in [1, 2, 3, 7] {
            let chunks: Vec<_> = bytes.chunks(size).collect();
            let again = load_chunks(&chunks, LoadOptions::default()).unwrap();
            assert_eq!(show(&again), expected, "{name} in chunks of {size}");
            assert_eq!(again.summary, loaded.summary, "{name} in chunks of {size}");
        }
    }
}

#[test]
fn what_is_no_table_is_told_apart() {
    let long = format!("a,b\n1,\"{}\n", "x".repeat(70_000));
    let wide = vec!["x"; 2_001].join(",") + "\n";
    let cases: &[(&str, &[u8], &str)] = &[
        ("nothing", b"", "empty-file"),
        ("blank lines", b"\n\r\n  \n", "empty-file"),
        ("a mark alone", "\u{feff}".as_bytes(), "empty-file"),
        ("a header alone", b"a,b\n", "no-rows"),
        ("a header without a line end", b"a,b", "no-rows"),
        (
            "rows that never fit",
            b"a,b,c,d\n1,2\n3,4\n",
            "all-rows-rejected",
        ),
        (
            "a workbook",
            b"PK\x03\x04....[Content_Types].xml",
            "broken-archive",
        ),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0", "broken-archive"),
        ("Parquet", b"PAR1\x15\0\x15", "unsupported-format"),
        ("JSON that is no list", b"{\"a\": [1, 2", "no-records"),
        ("markup", b"<html><body>", "unsupported-format"),
        ("binary", b"a,b\n1,\0\0\0\x01\x02\n", "not-a-table"),
        ("an open quote", long.as_bytes(), "cell-too-long"),
        ("too many columns", wide.as_bytes(), "too-many-columns"),
    ];
    for (name, bytes, code) in cases {
        for size in [1, 5, 1 << 20] {
            let chunks: Vec<_> = bytes.chunks(size).collect();
            let result = load_chunks(&chunks, LoadOptions::default());
            let found = result
                .map(|loaded| show(&loaded))
                .map_err(|error| error.code());
            assert_eq!(found, Err(*code), "{name} in chunks of {size}");
        }
    }
}

#[test]
fn ragged_rows_are_counted_and_numbered() {
    let loaded = load("a,b,c\n1,2,3\n4,5\n6,7,8,9\n,,\n1,2,3,,\n5,6,7\n8,\"9\n10,11,12\n").unwrap();
    assert_eq!(show(&loaded)[1..], ["1|2|3", "1|2|3", "5|6|7"]);
    let rejected = &loaded.summary.rejected;
    let examples: Vec<_> = rejected
        .examples
        .iter()
        .map(|row| (row.row, row.code))
        .collect();
    assert_eq!(
        examples,
        [
            (1, "too-few-fields"),
            (2, "too-many-fields"),
            (3, "blank-row"),
            (6, "unclosed-quote")
        ]
    );
    assert_eq!(rejected.count, 4);
    assert_eq!(loaded.table.source_rows, Some(vec![0, 4, 5]));
    assert_eq!(loaded.table.source_row(2), 5);
    assert_eq!(loaded.summary.preview[1], ["1", "2", "3"]);

    let many = format!("a,b\n1,2\n{}", "1\n".repeat(50));
    let rejected = load(many).unwrap().summary.rejected;
    assert_eq!((rejected.count, rejected.examples.len()), (50, 20));
}

#[test]
fn encodings_are_guessed_or_taken_from_the_options() {
    let chinese = "渠道,来源,是否下单\n搜索引擎,百度推广,是\n短信营销,会员中心,否\n";
    let german = "Kanal;Straße;Käufer\nGroßhändler;Müllerstraße;ja\nBörse;Königsweg;nein\n";
    for (text, encoding) in [
        (chinese, encoding_rs::GBK),
        (german, encoding_rs::WINDOWS_1252),
        (chinese, encoding_rs::UTF_8),
    ] {
        let (bytes, ..) = encoding.encode(text);
        let loaded = load(&bytes).unwrap();
        assert_eq!(loaded.summary.encoding, encoding.name());
        let header = text.lines().next().unwrap();
        let names: Vec<_> = loaded
            .table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(names, header.split([',', ';']).collect::<Vec<_>>());
        let options = LoadOptions {
            encoding: Some(encoding.name().to_lowercase()),
            ..LoadOptions::default()
        };
        assert_eq!(load_chunks(&[&bytes], options).unwrap().table, loaded.table);
    }
    let broken = load(b"a,b\n1,\xe6\xb8\xa0\xe9\x81\x93\xe6\xb8\xa0\xe9\x81\x93\xe6\xb8\xa0\xe9\x81\x93\xe6\xb8\xa0\xe9\x81\x93\xe6\xb8\xa0\xe9\x81\x93\xff\n").unwrap();
    assert_eq!(
        (broken.summary.encoding, warnings(&broken)),
        ("UTF-8", vec!["undecodable-bytes"])
    );
}

#[test]
fn asked_for_types_win_and_misfits_are_counted() {
    let csv = "id,zip,n,when,flag\n1,007,5,2024-01-01,1\n2,100,x,soon,0\n3,200,7,2024-01-03,2\n";
    let options: LoadOptions = serde_json::from_str(
        r#"{"types":{"id":"category","zip":"number","n":"number","when":"time","flag":"boolean"}}"#,
    )
    .unwrap();
    let loaded = load_chunks(&[csv.as_bytes()], options).unwrap();
    assert_eq!(
        show(&loaded),
        [
            "id:category|zip:number|n:number|when:time|flag:boolean",
            "1|7|5|t1704067200000|yes",
            "2|100|∅|∅|no",
            "3|200|7|t1704240000000|∅",
        ]
    );
    let unfit = loaded
        .summary
        .warnings
        .iter()
        .filter(|warning| warning.code == "cells-unfit");
    let unfit: Vec<_> = unfit
        .map(|warning| warning.columns.clone().unwrap()[0].clone())
        .collect();
    assert_eq!(unfit, ["n", "when", "flag"]);

    let options: LoadOptions = serde_json::from_str(r#"{"types":{"nope":"number"}}"#).unwrap();
    let error = load_chunks(&[csv.as_bytes()], options).unwrap_err();
    assert_eq!(error.code(), "unknown-column");
}

#[test]
fn a_column_of_numbers_but_for_a_few_cells_is_told() {
    let mut csv = "a,id\n".to_owned();
    for i in 0..3000 {
        let cell = if i == 2999 {
            "(not set)".to_owned()
        } else {
            format!("{i}.50")
        };
        csv += &format!("{cell},u{i}\n");
    }
    let loaded = load(&csv).unwrap();
    assert_eq!(warnings(&loaded), ["almost-number"]);
    let types: Vec<_> = loaded
        .table
        .columns
        .iter()
        .map(|column| column.data.column_type())
        .collect();
    assert_eq!(types, [ColumnType::Text, ColumnType::Text]);
    // The texts are those of the file, though the column was one of numbers until the last cell.
    assert_eq!(text(&loaded.table.columns[0], 7), "7.50");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_table_or_an_error_however_they_are_cut(
        bytes in prop::collection::vec(
            prop_oneof![
                4 => prop::sample::select(b"ab01.,;\t\"\n\r -/$%e=sep".to_vec()),
                1 => any::<u8>(),
            ],
            0..400,
        ),
        cuts in prop::collection::vec(0..400usize, 0..5),
    ) {
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<_> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        // `NaN` is not equal to itself, hence the comparison as text.
        let cut = load_chunks(&chunks, LoadOptions::default());
        let whole = load(&bytes);
        prop_assert_eq!(format!("{cut:?}"), format!("{whole:?}"));
        match whole {
            Err(error) => prop_assert!(!error.code().is_empty()),
            Ok(loaded) => {
                for column in &loaded.table.columns {
                    let length = match &column.data {
                        ColumnData::Number(cells) => cells.len(),
                        ColumnData::Time(cells) => cells.len(),
                        ColumnData::Boolean(cells) => cells.len(),
                        ColumnData::Category(cells) | ColumnData::Text(cells) => cells.codes.len(),
                    };
                    prop_assert_eq!(length, loaded.table.rows);
                }
                let shown = loaded.summary.preview.iter().all(|row| row.len() == loaded.table.columns.len());
                prop_assert!(shown);
                let kept = loaded.table.source_rows.as_ref().map_or(loaded.table.rows, Vec::len);
                prop_assert_eq!(kept, loaded.table.rows);
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again(
        rows in prop::collection::vec(
            prop::collection::vec("[a-zä渠\"',;\n\r|\t 0-9-]{1,8}", 4), 1..30,
        ),
        delimiter in prop::sample::select(vec![",", ";", "\t", "|"]),
        line_end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        // A letter in front keeps cells from being numbers, missing, or trimmed.
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| row.into_iter().map(|cell| format!("c{}", cell.trim())).collect())
            .collect();
        let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |cells: &Vec<String>| cells.iter().map(quote).collect::<Vec<_>>().join(delimiter);
        let header = ["w", "x", "y", "z"].map(String::from).to_vec();
        let lines: Vec<_> = std::iter::once(&header).chain(&rows).map(line).collect();
        let options = LoadOptions {
            delimiter: Some(delimiter.into()),
            ..LoadOptions::default()
        };
        let loaded = load_chunks(&[lines.join(line_end).as_bytes()], options).unwrap();
        let read: Vec<Vec<String>> = (0..loaded.table.rows)
            .map(|row| loaded.table.columns.iter().map(|column| text(column, row)).collect())
            .collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn rejected_rows_are_told_in_the_order_of_the_file_and_the_others_keep_their_numbers(
        kinds in prop::collection::vec(0..6usize, 1..60),
        size in 1..64usize,
    ) {
        // Of six rows three fit.
        let line = |(row, kind): (usize, &usize)| match kind {
            0 => format!("{row}\n"),
            1 => format!("{row},w{row},z\n"),
            2 => ",\n".to_owned(),
            _ => format!("{row}.5,w{row}\n"),
        };
        let csv = "a,b\n".to_owned() + &kinds.iter().enumerate().map(line).collect::<String>();
        let options = options(r#"{"delimiter":",","header":true}"#);
        let chunks: Vec<_> = csv.as_bytes().chunks(size).collect();
        let rows = |fits: fn(&usize) -> bool| {
            let kinds = kinds.iter().enumerate();
            kinds.filter(|(_, kind)| fits(kind)).map(|(row, _)| row).collect::<Vec<_>>()
        };
        let (good, bad) = (rows(|&kind| kind > 2), rows(|&kind| kind < 3));
        match load_chunks(&chunks, options) {
            Err(error) => {
                prop_assert_eq!((error.code(), good.len()), ("all-rows-rejected", 0));
            }
            Ok(loaded) => {
                prop_assume!(loaded.table.columns.len() == 2);
                let source: Vec<_> = (0..good.len()).map(|row| loaded.table.source_row(row) as usize).collect();
                prop_assert_eq!(&source, &good);
                let told = loaded.summary.rejected.examples.iter();
                let told: Vec<_> = told.map(|rejected| rejected.row).collect();
                prop_assert_eq!(loaded.summary.rejected.count, bad.len());
                prop_assert_eq!(&told[..], &bad[..bad.len().min(20)]);
                for (row, number) in good.iter().enumerate() {
                    prop_assert_eq!(text(&loaded.table.columns[1], row), format!("w{number}"));
                }
            }
        }
    }

    #[test]
    fn numbers_are_read_to_the_last_bit(
        numbers in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 1..40),
        json: bool,
    ) {
        let file = if json {
            let record = |value: &f64| serde_json::json!({ "x": value, "w": "c" });
            serde_json::Value::from(numbers.iter().map(record).collect::<Vec<_>>()).to_string()
        } else {
            let line = |value: &f64| format!("{value:e},c\n");
            "x,w\n".to_owned() + &numbers.iter().map(line).collect::<String>()
        };
        let loaded = load(&file).unwrap();
        let column = loaded.table.columns.iter().find(|column| column.name == "x").unwrap();
        let expected: Vec<_> = numbers.iter().map(|value| (value + 0.0).to_bits()).collect();
        match &column.data {
            ColumnData::Number(cells) => {
                let cells = cells.iter().map(|value| (value + 0.0).to_bits());
                // What reads JSON rounds up to three times: digits, power of ten, quotient.
                let near = |(cell, wanted): (u64, &u64)| cell.abs_diff(*wanted) <= 3 * u64::from(json);
                prop_assert_eq!(cells.len(), expected.len());
                prop_assert!(cells.zip(&expected).all(near));
            }
            // Zeros alone are a no.
            ColumnData::Boolean(_) => prop_assert!(numbers.iter().all(|value| *value == 0.0 || *value == 1.0)),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn points_in_time_are_read_to_the_millisecond(
        millis in prop::collection::vec(-30_000_000_000_000i64..7_000_000_000_000, 1..40),
        json: bool,
    ) {
        let shown = |millis: &i64| jiff::Timestamp::from_millisecond(*millis).unwrap().to_string();
        let file = if json {
            let record = |millis: &i64| serde_json::json!({ "t": shown(millis) });
            millis.iter().map(|millis| record(millis).to_string() + "\n").collect::<String>()
        } else {
            "t\n".to_owned() + &millis.iter().map(|millis| shown(millis) + "\n").collect::<String>()
        };
        let loaded = load(&file).unwrap();
        prop_assert_eq!(&loaded.table.columns[0].data, &ColumnData::Time(millis));
    }

    #[test]
    fn json_words_are_read_as_they_were(
        words in prop::collection::vec("[a-zä渠\"'\\\\,{}\\[\\]:\n\t 0-9-]{0,8}", 2..30),
        lines: bool,
        size in 1..64usize,
    ) {
        let words: Vec<String> = words.into_iter().map(|word| format!("c{}", word.trim())).collect();
        let records = words.iter().map(|word| serde_json::json!({ "n": 7, "w": word }).to_string());
        let records: Vec<_> = records.collect();
        let file = if lines { records.join("\n") } else { format!("[{}]", records.join(",")) };
        let chunks: Vec<_> = file.as_bytes().chunks(size).collect();
        let loaded = load_chunks(&chunks, LoadOptions::default()).unwrap();
        let column = loaded.table.columns.iter().find(|column| column.name == "w").unwrap();
        let read: Vec<_> = (0..loaded.table.rows).map(|row| text(column, row)).collect();
        prop_assert_eq!(read, words);
    }
}

#[test]
fn what_was_asked_for_decides_how_numbers_dates_and_the_first_row_are_read() {
    let read = |csv: &str, json: &str| {
        let loaded = load_chunks(&[csv.as_bytes()], options(json)).unwrap();
        let codes: Vec<_> = warnings(&loaded).into_iter().map(str::to_owned).collect();
        (show(&loaded), codes)
    };
    let dates = "d;b\n03/04/2024;x\n31/12/2024;y\n";
    let (shown, codes) = read(dates, r#"{"dates":"monthFirst"}"#);
    assert_eq!(shown, ["d:time|b:category", "t1709510400000|x", "∅|y"]);
    assert_eq!(codes, ["cells-unfit"]);
    let (shown, codes) = read(dates, r#"{"dates":"dayFirst"}"#);
    assert_eq!(shown[1..], ["t1712102400000|x", "t1735603200000|y"]);
    assert!(codes.is_empty(), "{codes:?}");

    let numbers = "n;b\n1,234;x\n2,5;y\n1.234,5;z\n";
    let (shown, codes) = read(numbers, r#"{"decimal":"."}"#);
    assert_eq!(shown, ["n:number|b:category", "1234|x", "∅|y", "∅|z"]);
    assert_eq!(codes, ["cells-unfit"]);
    let (shown, codes) = read("n;b\n1,234;x\n5,678;y\n", r#"{"decimal":","}"#);
    assert_eq!(shown[1..], ["1.234|x", "5.678|y"]);
    assert!(codes.is_empty(), "{codes:?}");

    assert_eq!(read("a,b\nc,d\n", r#"{"header":false}"#).0[1], "a|b");
    assert_eq!(
        read("1,x\n2,z\n", r#"{"header":true}"#).0,
        ["1:number|x:category", "2|z"]
    );
    let quoted = read("a,b\n|1,5|,x\n|2|,y\n", r#"{"quote":"|","delimiter":","}"#).0;
    assert_eq!(quoted, ["a:number|b:category", "1.5|x", "2|y"]);
    let bare = read("a,b\n\"1,x\n2\",y\n", r#"{"quote":""}"#).0;
    assert_eq!(bare[1..], ["\"1|x", "2\"|y"]);
}

#[test]
fn warnings_of_two_readings_name_the_option_that_takes_the_other() {
    let remedy = |csv: &str| {
        let loaded = load(csv).unwrap();
        let warning = loaded.summary.warnings[0].clone();
        let remedy = warning.remedy.unwrap().into_iter().next().unwrap();
        (
            warning.code,
            remedy.0,
            remedy.1.as_str().unwrap().to_owned(),
        )
    };
    for (csv, code, option, value) in [
        (
            "d\n01/02/2024\n03/04/2024\n",
            "ambiguous-dates",
            "load.dates",
            "dayFirst",
        ),
        (
            "d\n01.02.2024\n03.04.2024\n",
            "ambiguous-dates",
            "load.dates",
            "monthFirst",
        ),
        (
            "d\n31/12/2024\n03/04/2024\n",
            "dates-day-first",
            "load.dates",
            "monthFirst",
        ),
        (
            "d\n12/31/2024\n03/04/2024\n",
            "dates-month-first",
            "load.dates",
            "dayFirst",
        ),
        (
            "d\n12/31/2024\n31/12/2024\n30/12/2024\n",
            "contradicting-dates",
            "load.dates",
            "dayFirst",
        ),
        (
            "n\n\"1,234\"\n\"5,678\"\n",
            "ambiguous-numbers",
            "load.decimal",
            ",",
        ),
        (
            "n;b\n1,234;x\n5,678;y\n",
            "ambiguous-numbers",
            "load.decimal",
            ".",
        ),
        (
            "n;b\n1,5;x\n2,5;y\n0.5;z\n",
            "contradicting-numbers",
            "load.decimal",
            ",",
        ),
        ("n\n$5\n€5\n", "mixed-currencies", "types.n", "number"),
    ] {
        let expected = (code.to_owned(), option.to_owned(), value.to_owned());
        assert_eq!(remedy(csv), expected, "{csv:?}");
    }
}
