//! Files by what they are, told by their content: archives, JSON, workbooks.

#![allow(clippy::unwrap_used)]

mod ingest_support;

use channelwise::error::Coded;
use channelwise::ingest::{Container, Format, Ingest, LoadOptions, Loaded};
use channelwise::job::{Host, Progress, Signal};
use ingest_support::{gzip, load, load_chunks, options, sheet, show, warnings, workbook, zipped};
use std::path::Path;

const CSV: &[u8] = b"a,b\n1,x\n2,y\n";

fn ab(loaded: &Loaded) {
    assert_eq!(show(loaded), ["a:number|b:category", "1|x", "2|y"]);
}

fn code(bytes: impl AsRef<[u8]>) -> &'static str {
    match load(bytes) {
        Ok(loaded) => panic!("{:?}", show(&loaded)),
        Err(error) => error.code(),
    }
}

#[test]
fn gzip_is_unpacked_as_it_comes() {
    let packed = gzip(CSV);
    for size in [1, 3, 7, 1000] {
        let chunks: Vec<_> = packed.chunks(size).collect();
        let loaded = load_chunks(&chunks, LoadOptions::default()).unwrap();
        ab(&loaded);
        let summary = loaded.summary;
        assert_eq!(summary.unwrapped.container, Some(Container::Gzip));
        assert_eq!(
            (summary.format, summary.bytes),
            (Format::Csv, packed.len() as u64)
        );
    }
    ab(&load([gzip(b"a,b\n1,x"), gzip(b"\n2,y\n")].concat()).unwrap());
    let (gbk, ..) = encoding_rs::GBK.encode("渠道,来源\n搜索引擎,百度推广\n短信营销,会员中心\n");
    assert_eq!(load(gzip(&gbk)).unwrap().summary.encoding, "GBK");
    assert_eq!(code(gzip(b"")), "empty-file");
    assert_eq!(code(&packed[..packed.len() / 2]), "broken-archive");
    assert_eq!(code(gzip(&gzip(CSV))), "unsupported-format");
    assert_eq!(
        load(gzip(br#"[{"a":1,"b":"x"}]"#)).unwrap().summary.format,
        Format::Json
    );
}

#[test]
fn the_likeliest_file_of_an_archive_is_read() {
    let big = b"c,d\n".repeat(500);
    let files: &[(&str, &[u8])] = &[
        ("data/", b""),
        ("__MACOSX/data/._small.csv", &big),
        ("data/.hidden.csv", &big),
        ("data/names.txt", &big),
        (
            "data/picture.csv",
            b"\x89PNG\r\n\x1a\n......................................",
        ),
        ("data/small.csv", CSV),
        ("data/smaller.csv", b"a,b\n5,z\n"),
        ("notes.pdf", &big),
    ];
    let loaded = load(zipped(files)).unwrap();
    ab(&loaded);
    assert_eq!(warnings(&loaded), ["several-members"]);
    let found = &loaded.summary.unwrapped;
    assert_eq!(found.container, Some(Container::Zip));
    assert_eq!(found.member.as_deref(), Some("data/small.csv"));
    assert_eq!(
        found.members,
        ["data/small.csv", "data/smaller.csv", "data/names.txt"]
    );

    let chosen = load_chunks(&[&zipped(files)], options(r#"{"member":"smaller.csv"}"#)).unwrap();
    assert_eq!(show(&chosen)[1..], ["5|z"]);
    assert_eq!(warnings(&chosen), Vec::<&str>::new());
    let missing = load_chunks(&[&zipped(files)], options(r#"{"member":"no.csv"}"#));
    assert_eq!(missing.unwrap_err().code(), "unknown-member");

    ab(&load(zipped(&[("README", CSV)])).unwrap());
    let inside = workbook(&[("S", &sheet(&["a|b", "1|x", "2|y"]))]);
    let loaded = load(zipped(&[("book.xlsx", &inside), ("notes.txt", b"...")])).unwrap();
    ab(&loaded);
    assert_eq!(loaded.summary.format, Format::Xlsx);
    assert_eq!(loaded.summary.unwrapped.container, Some(Container::Zip));
}

#[test]
fn archives_without_a_table_say_what_is_wrong() {
    assert_eq!(
        code(zipped(&[("a/", b""), ("b/", b"")])),
        "archive-without-table"
    );
    assert_eq!(
        code(zipped(&[("a.pdf", b"%PDF-1.4"), ("b.docx", b"x")])),
        "archive-without-table"
    );
    assert_eq!(
        code(zipped(&[("Index/Document.iwa", b"x")])),
        "unsupported-format"
    );
    assert_eq!(
        code(zipped(&[("content.xml", b"<x/>"), ("mimetype", b"x")])),
        "unsupported-format"
    );
    assert_eq!(code(b"PK\x05\x06\0\0\0\0"), "unsupported-format");
    let archive = zipped(&[("a.csv", CSV)]);
    assert_eq!(code(&archive[..archive.len() - 30]), "broken-archive");
    // The flag of encryption, in the file's own header and in the directory.
    let mut encrypted = archive.clone();
    encrypted[6] |= 1;
    let directory = encrypted
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    encrypted[directory + 8] |= 1;
    assert_eq!(code(encrypted), "encrypted-archive");
    let mut spoiled = archive;
    let at = spoiled
        .windows(5)
        .position(|bytes| bytes == b"a.csv")
        .unwrap()
        + 6;
    spoiled[at] ^= 0x55;
    assert_eq!(code(spoiled), "broken-archive");
}

#[test]
fn json_in_all_its_shapes() {
    let wrapped = r#"{"meta":{"tags":["x"]},"data":[{"a":1,"b":"x"},{"a":2,"b":"y"}],"next":null}"#;
    let cases = [
        (r#"[{"a":1,"b":"x"},{"a":2,"b":"y"}]"#, Format::Json),
        (
            r#" [ {"a":1,"b":"x"} , {"b":"y","a":2.0} , ] "#,
            Format::Json,
        ),
        (wrapped, Format::Json),
        (
            r#"{"result":{"rows":[{"a":1,"b":"x"},{"a":2,"b":"y"}]}}"#,
            Format::Json,
        ),
        (
            "{\"a\":1,\"b\":\"x\"}\n\n{\"a\":2,\"b\":\"y\"}\r\n",
            Format::Jsonl,
        ),
        (
            "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}",
            Format::Jsonl,
        ),
        (
            "{\n\"a\":1,\n\"b\":\"x\"}\n{\n\"a\":2,\"b\":\"y\"}",
            Format::Json,
        ),
        (r#"{"a":1,"b":"x"}{"a":2,"b":"y"}"#, Format::Json),
        (r#"[["a","b"],[1,"x"],[2,"y"]]"#, Format::Json),
        ("[\"a\",\"b\"]\n[1,\"x\"]\n[2,\"y\"]\n", Format::Jsonl),
    ];
    for (text, format) in cases {
        for size in [1, 5, 1000] {
            let chunks: Vec<_> = text.as_bytes().chunks(size).collect();
            let loaded = load_chunks(&chunks, LoadOptions::default())
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            ab(&loaded);
            assert_eq!(loaded.summary.format, format, "{text}");
            assert_eq!(warnings(&loaded), Vec::<&str>::new(), "{text}");
            assert_eq!(loaded.summary.delimiter, None);
            assert_eq!(
                loaded.summary.preview[1],
                ["2".to_owned(), "y".to_owned()].map(|s| s),
                "{text}"
            );
        }
    }
}

#[test]
fn nested_missing_and_odd_values_in_json() {
    let text = r#"[
        {"user":{"id":"007","age":31},"path":["search","email"],"t":"2024-01-31T10:00:00Z","ok":true},
        {"user":{"id":"010"},"path":[],"t":null,"ok":false,"late":12345678901234567},
        {"user":{"id":"011","age":2.5e1,"age":26},"path":[{"x":1}],"ok":true,"late":NaN},
        {},
        7,
        {"user":{"id":"012"
    "#;
    let loaded = load(text).unwrap();
    assert_eq!(
        show(&loaded),
        [
            "user.id:category|user.age:number|path:category|t:time|ok:boolean|late:category",
            "007|31|search > email|t1706695200000|yes|∅",
            "010|∅|∅|∅|no|12345678901234567",
            "011|26|[{\"x\":1}]|∅|yes|∅",
        ]
    );
    let rejected = loaded.summary.rejected.examples.iter();
    let rejected: Vec<_> = rejected.map(|row| (row.row, row.code)).collect();
    assert_eq!(
        rejected,
        [(3, "blank-row"), (4, "other-shape"), (5, "broken-record")]
    );
    assert_eq!(warnings(&loaded), ["json-unclosed"]);

    let lines = "{\"a\":1}\n{\"a\":\n{\"a\":3,}\nnull\n{\"a\":4}\n{\"a\"";
    let loaded = load(lines).unwrap();
    assert_eq!(show(&loaded)[1..], ["1", "3", "4"]);
    assert_eq!(loaded.summary.rejected.count, 3);
    assert_eq!(loaded.table.source_row(2), 4);
}

#[test]
fn workbooks_are_read_as_they_look() {
    let rows = sheet(&[
        "Report of 2024",
        "",
        "day|at|n|share|ok|name|empty|f",
        "d45322|t45322.5|1.5|%0.05|TRUE|'007||=3",
        "d45323|t45322.541666666664|1234567|%0.5|FALSE|x y||=4",
        "d45324||!#N/A|%1|TRUE|z||=5",
    ]);
    let book = workbook(&[
        ("Empty", ""),
        ("Sheet 2", &rows),
        ("Other", &sheet(&["a|b", "1|x", "2|y"])),
    ]);
    let loaded = load(&book).unwrap();
    assert_eq!(
        show(&loaded),
        [
            "day:time|at:time|n:number|share:number|ok:boolean|name:category|empty:category|f:number",
            "t1706659200000|t1706702400000|1.5|0.05|yes|007|∅|3",
            "t1706745600000|t1706706000000|1234567|0.5|no|x y|∅|4",
            "t1706832000000|∅|∅|1|yes|z|∅|5",
        ]
    );
    assert_eq!(warnings(&loaded), ["preamble-skipped", "formula-errors"]);
    let found = &loaded.summary.unwrapped;
    assert_eq!(found.sheets, ["Empty", "Sheet 2", "Other"]);
    assert_eq!(
        (found.sheet.as_deref(), found.container),
        (Some("Sheet 2"), None)
    );
    ab(&load_chunks(&[&book], options(r#"{"sheet":"Other"}"#)).unwrap());
    let missing = load_chunks(&[&book], options(r#"{"sheet":"other"}"#));
    assert_eq!(missing.unwrap_err().code(), "unknown-sheet");
    assert_eq!(code(workbook(&[("Empty", "")])), "empty-file");
    assert_eq!(code(workbook(&[("One", &sheet(&["a|b"]))])), "no-rows");
    assert_eq!(code(workbook(&[("Cut", "<row><c>")])), "broken-workbook");
}

/// Gives up at the third question.
struct Impatient(usize);

impl Host for Impatient {
    fn now(&self) -> f64 {
        0.0
    }

    fn report(&mut self, _: Progress) {}

    async fn breathe(&mut self) -> Signal {
        self.0 += 1;
        if self.0 < 3 {
            Signal::Continue
        } else {
            Signal::Cancel
        }
    }
}

#[test]
fn the_reading_of_an_archive_can_be_given_up() {
    let text = b"a,b\n".repeat(2 << 20);
    let rows: Vec<_> = (0..20_000).map(|row| format!("{row}|x")).collect();
    let lines: Vec<_> = std::iter::once("a|b")
        .chain(rows.iter().map(String::as_str))
        .collect();
    for bytes in [
        zipped(&[("a.csv", &text)]),
        workbook(&[("S", &sheet(&lines))]),
    ] {
        let mut ingest = Ingest::new(LoadOptions::default().check().unwrap());
        ingest.push(&bytes).unwrap();
        let mut host = Impatient(0);
        let mut work = std::pin::pin!(ingest.finish_on(&mut host));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(result) = work.as_mut().poll(&mut context) else {
            panic!("that host keeps nobody waiting");
        };
        assert_eq!(result.unwrap_err().code(), "aborted");
    }
}

#[test]
fn the_shared_files_load_straight_from_their_containers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let cases = [
        (
            "bank-additional.zip",
            Some("bank-additional/bank-additional-full.csv"),
            ";",
            41_188,
            21,
        ),
        ("criteo_journeys_train.csv.gz", None, ",", 643_987, 0),
    ];
    for (name, member, delimiter, rows, columns) in cases {
        let Ok(bytes) = std::fs::read(folder.join(name)) else {
            println!("skipped: no {name} in {}", folder.display());
            continue;
        };
        let loaded = load(bytes).unwrap();
        let summary = &loaded.summary;
        assert_eq!(summary.rows, rows, "{name}");
        assert_eq!(summary.unwrapped.member.as_deref(), member, "{name}");
        assert_eq!(summary.delimiter.as_deref(), Some(delimiter), "{name}");
        assert_eq!(summary.rejected.count, 0, "{name}");
        if columns > 0 {
            assert_eq!(loaded.table.columns.len(), columns, "{name}");
        }
    }
}
