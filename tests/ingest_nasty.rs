//! Nasty files: each to the table that a person would make of it, or to a code that says what is wrong.

#![allow(clippy::unwrap_used)]

mod ingest_support;

use channelwise::error::Coded;
use channelwise::ingest::LoadOptions;
use ingest_support::{gzip, load_chunks, sheet, show, warnings, workbook, zipped};

/// What a file comes to: its table and warnings, rejected rows told as `row:code`; or a code.
enum Outcome {
    Table(&'static [&'static str], &'static [&'static str]),
    Refused(&'static str),
}
use Outcome::{Refused, Table};

/// Name, bytes, outcome.
type Case = (&'static str, Vec<u8>, Outcome);

const AB: &[&str] = &["a:number|b:category", "1|x", "2|y"];

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

fn encoded(encoding: &'static encoding_rs::Encoding, text: &str) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

fn marks_line_ends_and_encodings() -> Vec<Case> {
    let odd = [
        utf16("\u{feff}a,b\n1,x\n2,y\n", u16::to_le_bytes),
        vec![b'!'],
    ]
    .concat();
    let chinese = "渠道,转化\n搜索引擎营销,是\n短信营销,否\n";
    vec![
        ("UTF-8 mark", "\u{feff}a,b\n1,x\n2,y\n".into(), Table(AB, &[])),
        ("two marks", "\u{feff}\u{feff}a,b\n1,x\n2,y\n".into(), Table(AB, &[])),
        ("mark before a quote", "\u{feff}\"a\",b\n1,x\n2,y\n".into(), Table(AB, &[])),
        ("UTF-16 LE with mark", utf16("\u{feff}a,b\n1,x\n2,y\n", u16::to_le_bytes), Table(AB, &[])),
        ("UTF-16 BE with mark", utf16("\u{feff}a,b\n1,x\n2,y\n", u16::to_be_bytes), Table(AB, &[])),
        ("UTF-16 LE without", utf16("a,b\n1,x\n2,y\n", u16::to_le_bytes), Table(AB, &[])),
        ("UTF-16 BE without", utf16("a,b\n1,x\n2,y\n", u16::to_be_bytes), Table(AB, &[])),
        ("UTF-16 of odd length", odd, Table(&["a:number|b:category", "1|x", "2|y"], &["2:too-few-fields", "undecodable-bytes"])),
        ("UTF-16 as Excel's Unicode text", utf16("\u{feff}a\tb\r\n1\tx\r\n2\ty\r\n", u16::to_le_bytes), Table(AB, &[])),
        ("GBK", encoded(encoding_rs::GBK, chinese), Table(&["渠道:category|转化:boolean", "搜索引擎营销|yes", "短信营销|no"], &[])),
        ("Windows-1252", encoded(encoding_rs::WINDOWS_1252, "Straße;Käufer\nMüllerstraße;ja\nKönigsweg;nein\n"), Table(&["Straße:category|Käufer:category", "Müllerstraße|ja", "Königsweg|nein"], &[])),
        ("UTF-8 with one broken byte", [b"a,b\n1,\xc3\xa9\xc3\xa8\xc3\xa0\xc3\xb9\xc3\xa7\xc3\xaa\xc3\xae\xc3\xb4\xc3\xbb\xc3\xab\n2,\xff\n".to_vec()].concat(), Table(&["a:number|b:category", "1|éèàùçêîôûë", "2|\u{fffd}"], &["undecodable-bytes"])),
        ("line ends of all kinds", "a,b\r\n1,x\r2,y\n".into(), Table(AB, &[])),
        ("CR alone", "a,b\r1,x\r2,y".into(), Table(AB, &[])),
        ("CR CR LF", "a,b\r\r\n1,x\r\r\n2,y\r\r\n".into(), Table(AB, &[])),
        ("NUL bytes", b"a,b\n1,x\n2,\0\n".to_vec(), Refused("not-a-table")),
        ("end of file mark of DOS", b"a,b\n1,x\n2,y\n\x1a".to_vec(), Table(AB, &["2:too-few-fields"])),
    ]
}

fn quotes_and_shapes() -> Vec<Case> {
    let long = format!("a,b\n1,{}\n2,y\n", "x".repeat(70_000));
    let wide = (0..10_000)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(",");
    vec![
        (
            "quotes in quotes",
            "a,b\n1,\"say \"\"x\"\"\"\n2,y\n".into(),
            Table(&["a:number|b:category", "1|say \"x\"", "2|y"], &[]),
        ),
        (
            "quotes inside a cell",
            "a,b\n1,5\" pipe\n2,y\n".into(),
            Table(&["a:number|b:category", "1|5\" pipe", "2|y"], &[]),
        ),
        (
            "text behind a quote",
            "a,b\n1,\"x\"z\n2,y\n".into(),
            Table(&["a:number|b:category", "1|xz", "2|y"], &[]),
        ),
        (
            "delimiters and line ends in quotes",
            "a,b\n1,\"x,\r\nz\"\n2,y\n".into(),
            Table(&["a:number|b:category", "1|x,\r\nz", "2|y"], &[]),
        ),
        (
            "unclosed quote",
            "a,b,c\n1,x,1\n2,y,1\n3,\"z,1\n4,w,1\n".into(),
            Table(
                &["a:number|b:category|c:boolean", "1|x|yes", "2|y|yes"],
                &["2:unclosed-quote"],
            ),
        ),
        (
            "ragged rows",
            "a,b\n1,x\n3\n4,5,6\n2,y\n".into(),
            Table(AB, &["1:too-few-fields", "2:too-many-fields"]),
        ),
        (
            "trailing delimiters",
            "a,b\n1,x,,\n2,y,,\n".into(),
            Table(AB, &["header-short"]),
        ),
        (
            "blank lines",
            "\n\na,b\n\n1,x\n\n\n2,y\n\n".into(),
            Table(AB, &[]),
        ),
        (
            "rows of delimiters",
            "a,b\n1,x\n,\n2,y\n,\n".into(),
            Table(AB, &["1:blank-row", "3:blank-row"]),
        ),
        (
            "one column",
            "b\nx\ny\nz\n".into(),
            Table(&["b:category", "x", "y", "z"], &[]),
        ),
        (
            "one row",
            "a,b\n1,x\n".into(),
            Table(&["a:boolean|b:category", "yes|x"], &[]),
        ),
        ("one cell", "a\n7\n".into(), Table(&["a:number", "7"], &[])),
        ("header only", "a,b\n".into(), Refused("no-rows")),
        (
            "no header",
            "1,x\n2,y\n".into(),
            Table(&["column_1:number|column_2:category", "1|x", "2|y"], &[]),
        ),
        (
            "empty names",
            "a,,b\n1,2,x\n2,3,y\n".into(),
            Table(
                &["a:number|column_2:number|b:category", "1|2|x", "2|3|y"],
                &["empty-names"],
            ),
        ),
        (
            "names twice",
            "a,a,b\n1,2,x\n2,3,y\n".into(),
            Table(
                &["a:number|a_2:number|b:category", "1|2|x", "2|3|y"],
                &["duplicate-names"],
            ),
        ),
        (
            "titles above",
            "Report\nfrom 1 May\n\na,b\n1,x\n2,y\n".into(),
            Table(AB, &["preamble-skipped"]),
        ),
        (
            "totals below",
            "b,a\nx,1\ny,2\nTotal,3\n".into(),
            Table(&["b:category|a:number", "x|1", "y|2"], &["2:totals-row"]),
        ),
        (
            "totals in Chinese",
            "渠道,数\nx,1\ny,2\n合计,3\n".into(),
            Table(
                &["渠道:category|数:number", "x|1", "y|2"],
                &["2:totals-row"],
            ),
        ),
        (
            "a channel called Total",
            "b,a\nTotal,5\nx,1\ny,2\n".into(),
            Table(&["b:category|a:number", "Total|5", "x|1", "y|2"], &[]),
        ),
        (
            "remarks below",
            "a,b\n1,x\n2,y\nSource: us\n".into(),
            Table(AB, &["2:too-few-fields"]),
        ),
        ("10,000 columns", wide.into(), Refused("too-many-columns")),
        ("an over-long cell", long.into(), Refused("cell-too-long")),
        ("an empty file", vec![], Refused("empty-file")),
        ("white space", b" \n \n".to_vec(), Refused("empty-file")),
        ("sep line", "sep=;\na;b\n1;x\n2;y\n".into(), Table(AB, &[])),
        ("tildes", "a|b\n1|x\n2|y\n".into(), Table(AB, &[])),
    ]
}

fn values() -> Vec<Case> {
    vec![
        (
            "units",
            "w\n5 kg\n6 kg\n".into(),
            Table(&["w:category", "5 kg", "6 kg"], &[]),
        ),
        (
            "scientific notation",
            "n\n1.5e3\n2E-2\n".into(),
            Table(&["n:number", "1500", "0.02"], &[]),
        ),
        (
            "leading zeros",
            "zip,n\n02139,3\n94103,4\n".into(),
            Table(&["zip:category|n:number", "02139|3", "94103|4"], &[]),
        ),
        (
            "huge integers",
            "id\n12345678901234567890\n12345678901234567891\n".into(),
            Table(
                &[
                    "id:category",
                    "12345678901234567890",
                    "12345678901234567891",
                ],
                &[],
            ),
        ),
        (
            "decimal commas",
            "n;m\n1,5;1.234,50\n2,25;3,00\n".into(),
            Table(&["n:number|m:number", "1.5|1234.5", "2.25|3"], &[]),
        ),
        (
            "narrow spaces",
            "n;b\n1\u{202f}234,5;x\n2\u{a0}000,0;y\n".into(),
            Table(&["n:number|b:category", "1234.5|x", "2000|y"], &[]),
        ),
        (
            "apostrophes",
            "n,b\n1'234.5,x\n2'000,y\n".into(),
            Table(&["n:number|b:category", "1234.5|x", "2000|y"], &[]),
        ),
        (
            "money",
            "n\n\"$1,234.50\"\n$3\n".into(),
            Table(&["n:number", "1234.5", "3"], &[]),
        ),
        (
            "brackets for negative",
            "n\n\"(1,234.50)\"\n3\n".into(),
            Table(&["n:number", "-1234.5", "3"], &[]),
        ),
        (
            "per cent",
            "n\n5%\n12.5%\n".into(),
            Table(&["n:number", "5", "12.5"], &[]),
        ),
        (
            "mixed currencies",
            "n\n$5\n€5\n".into(),
            Table(&["n:category", "$5", "€5"], &["mixed-currencies"]),
        ),
        (
            "either commas",
            "n\n\"1,234\"\n\"5,678\"\n".into(),
            Table(&["n:number", "1234", "5678"], &["ambiguous-numbers"]),
        ),
        (
            "yes and no",
            "a,b,c,d\nyes,是,TRUE,1\nno,否,false,0\n".into(),
            Table(
                &[
                    "a:boolean|b:boolean|c:boolean|d:boolean",
                    "yes|yes|yes|yes",
                    "no|no|no|no",
                ],
                &[],
            ),
        ),
        (
            "missing in many words",
            "a,b\n1,NA\n2,\n3,NULL\n4,#N/A\n5,q\n".into(),
            Table(
                &["a:number|b:category", "1|∅", "2|∅", "3|∅", "4|∅", "5|q"],
                &[],
            ),
        ),
        (
            "days first",
            "d\n13/01/2026\n02/01/2026\n".into(),
            Table(
                &["d:time", "t1768262400000", "t1767312000000"],
                &["dates-day-first"],
            ),
        ),
        (
            "months first",
            "d\n01/13/2026\n01/02/2026\n".into(),
            Table(
                &["d:time", "t1768262400000", "t1767312000000"],
                &["dates-month-first"],
            ),
        ),
        (
            "either first",
            "d\n01/02/2026\n03/04/2026\n".into(),
            Table(
                &["d:time", "t1767312000000", "t1772582400000"],
                &["ambiguous-dates"],
            ),
        ),
        (
            "both first",
            "d\n13/01/2026\n01/13/2026\n".into(),
            Table(
                &["d:category", "13/01/2026", "01/13/2026"],
                &["contradicting-dates"],
            ),
        ),
        (
            "days and words",
            "d\n2026-01-02\nsoon\n".into(),
            Table(&["d:category", "2026-01-02", "soon"], &[]),
        ),
        (
            "zones",
            "d\n2026-01-02T00:30:00+01:00\n2026-01-02T00:30:00Z\n".into(),
            Table(&["d:time", "t1767310200000", "t1767313800000"], &[]),
        ),
        (
            "Chinese days",
            "d\n2026年1月2日\n2026年11月24日 下午2:05\n".into(),
            Table(&["d:time", "t1767312000000", "t1795529100000"], &[]),
        ),
        (
            "twelve hours",
            "d\n1/13/2026 2:05 PM\n1/13/2026 12:05 AM\n".into(),
            Table(
                &["d:time", "t1768313100000", "t1768262700000"],
                &["dates-month-first"],
            ),
        ),
        (
            "month names",
            "d\n\"Jan 2, 2026\"\n\"Nov 24, 2026\"\n".into(),
            Table(&["d:time", "t1767312000000", "t1795478400000"], &[]),
        ),
        (
            "seconds since 1970",
            "ts,v\n1767312000,5\n1795529100,6\n".into(),
            Table(
                &["ts:time|v:number", "t1767312000000|5", "t1795529100000|6"],
                &["numbers-as-times"],
            ),
        ),
        (
            "milliseconds since 1970",
            "event_time\n1767312000123\n1795529100000\n".into(),
            Table(
                &["event_time:time", "t1767312000123", "t1795529100000"],
                &["numbers-as-times"],
            ),
        ),
        (
            "days as digits",
            "date\n20260102\n20261124\n".into(),
            Table(
                &["date:time", "t1767312000000", "t1795478400000"],
                &["numbers-as-times"],
            ),
        ),
        (
            "Excel's serial numbers",
            "date,n\n46024,46024\n46350,46350\n".into(),
            Table(
                &[
                    "date:time|n:number",
                    "t1767312000000|46024",
                    "t1795478400000|46350",
                ],
                &["numbers-as-times"],
            ),
        ),
        (
            "seconds since somewhere",
            "time_s\n2668193\n12\n".into(),
            Table(&["time_s:number", "2668193", "12"], &[]),
        ),
    ]
}

fn containers() -> Vec<Case> {
    let csv: &[u8] = b"a,b\n1,x\n2,y\n";
    let packed = gzip(csv);
    let cut = packed[..packed.len() - 9].to_vec();
    let archive = zipped(&[("a.csv", csv)]);
    let cut_archive = archive[..archive.len() / 2].to_vec();
    let numbers = zipped(&[
        ("Index/Document.iwa", b"x"),
        ("preview.jpg", b"\xff\xd8\xff"),
    ]);
    let merged = format!(
        "{}</sheetData><mergeCells><mergeCell ref=\"A1:B1\"/></mergeCells><sheetData>",
        sheet(&["Title", "a|b", "1|x", "2|y"])
    );
    vec![
        ("gzip", packed, Table(AB, &[])),
        ("gzip of nothing", gzip(b""), Refused("empty-file")),
        ("gzip that was cut", cut, Refused("broken-archive")),
        (
            "gzip's mark alone",
            b"\x1f\x8b".to_vec(),
            Refused("broken-archive"),
        ),
        (
            "gzip of a picture",
            gzip(b"\x89PNG\r\n\x1a\n"),
            Refused("unsupported-format"),
        ),
        ("zip", archive, Table(AB, &[])),
        ("zip that was cut", cut_archive, Refused("broken-archive")),
        (
            "zip of folders",
            zipped(&[("a/", b""), ("a/b/", b"")]),
            Refused("archive-without-table"),
        ),
        ("an empty zip", zipped(&[]), Refused("unsupported-format")),
        (
            "zip of nothing but macOS's remains",
            zipped(&[("__MACOSX/._a.csv", csv)]),
            Refused("archive-without-table"),
        ),
        (
            "zip in zip",
            zipped(&[("b.zip", &zipped(&[("a.csv", csv)]))]),
            Table(AB, &[]),
        ),
        (
            "zip in zip in zip",
            zipped(&[("c.zip", &zipped(&[("b.zip", &zipped(&[("a.csv", csv)]))]))]),
            Refused("unsupported-format"),
        ),
        (
            "a workbook in two archives",
            zipped(&[(
                "b.zip",
                &zipped(&[(
                    "a.xlsx",
                    &workbook(&[("S", &sheet(&["a|b", "1|x", "2|y"]))]),
                )]),
            )]),
            Table(AB, &[]),
        ),
        ("Apple Numbers", numbers, Refused("unsupported-format")),
        (
            "old Excel",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
            Refused("unsupported-format"),
        ),
        (
            "PDF",
            b"%PDF-1.7\n1 0 obj".to_vec(),
            Refused("unsupported-format"),
        ),
        (
            "a picture",
            b"\x89PNG\r\n\x1a\n\0\0".to_vec(),
            Refused("unsupported-format"),
        ),
        (
            "HTML saved as .xls",
            b"<html><table><tr><td>1".to_vec(),
            Refused("unsupported-format"),
        ),
        (
            "XML",
            b"<?xml version=\"1.0\"?>".to_vec(),
            Refused("unsupported-format"),
        ),
        (
            "Parquet",
            b"PAR1\x15\x04".to_vec(),
            Refused("unsupported-format"),
        ),
        (
            "a formula's value",
            workbook(&[("S", &sheet(&["a|b", "=1|x", "=2|y"]))]),
            Table(AB, &[]),
        ),
        (
            "merged cells above",
            workbook(&[("S", &merged)]),
            Table(AB, &["preamble-skipped"]),
        ),
        (
            "an empty first sheet",
            workbook(&[("E", ""), ("S", &sheet(&["a|b", "1|x", "2|y"]))]),
            Table(AB, &[]),
        ),
        (
            "a sheet that begins at C3",
            workbook(&[("S", &sheet(&["", "", "||a|b", "||1|x", "||2|y"]))]),
            Table(AB, &[]),
        ),
        (
            "totals and remarks in a sheet",
            workbook(&[(
                "S",
                &sheet(&["b|a|c", "x|1|5", "y|2|6", "Source: us", "Total|3|11"]),
            )]),
            Table(
                &["b:category|a:number|c:number", "x|1|5", "y|2|6"],
                &["2:too-few-fields", "3:totals-row"],
            ),
        ),
        (
            "days in a sheet",
            workbook(&[("S", &sheet(&["d|t", "d46024|t46024.25", "d46350|t46350.5"]))]),
            Table(
                &[
                    "d:time|t:time",
                    "t1767312000000|t1767333600000",
                    "t1795478400000|t1795521600000",
                ],
                &[],
            ),
        ),
        (
            "numbers as words in a sheet",
            workbook(&[("S", &sheet(&["a|b", "'1|x", "'2|y"]))]),
            Table(AB, &[]),
        ),
        (
            "a workbook without sheets",
            workbook(&[]),
            Refused("empty-file"),
        ),
        (
            "a workbook that was spoiled",
            zipped(&[
                ("xl/workbook.xml", b"<workbook"),
                ("[Content_Types].xml", b"<x"),
            ]),
            Refused("broken-workbook"),
        ),
    ]
}

/// What analytics tools and warehouses write around and into their tables.
fn exports() -> Vec<Case> {
    let analytics = "# ----------------------------------------\n\
        # Account: Acme, Inc.\n\
        # Traffic, sources, media\n\
        # 20261101-20261124\n\
        # ----------------------------------------\n\
        \n\
        Source / Medium,Sessions,Goal Conversion Rate,Revenue\n\
        google / organic,\"1,204\",2.41%,$310.00\n\
        (direct) / (none),877,1.03%,$0.00\n\
        ,\"2,081\",1.83%,$310.00\n\
        \n\
        Day Index,Sessions\n\
        11/1/26,85\n\
        11/2/26,92\n\
        ,177\n";
    let alike = "Source,Sessions\nemail,7\nsocial,9\n,16\n\nDay Index,Sessions\n11/1/26,85\n,85\n";
    vec![
        (
            "Google Analytics with its remarks, totals and second table",
            analytics.into(),
            Table(
                &[
                    "Source / Medium:category|Sessions:number|Goal Conversion Rate:number|Revenue:number",
                    "google / organic|1204|2.41|310",
                    "(direct) / (none)|877|1.03|0",
                ],
                &[
                    "2:totals-row",
                    "3:too-few-fields",
                    "4:too-few-fields",
                    "5:too-few-fields",
                    "6:too-few-fields",
                    "preamble-skipped",
                    "ambiguous-numbers",
                ],
            ),
        ),
        (
            "a second table as wide as the first",
            alike.into(),
            Table(
                &["Source:category|Sessions:number", "email|7", "social|9"],
                &["2:totals-row", "3:second-table", "4:second-table", "5:second-table"],
            ),
        ),
        (
            "a blank line and more rows",
            "a,b\n1,x\n\n2,y\n".into(),
            Table(AB, &[]),
        ),
        (
            "a blank line and a row of words",
            "a,b\nx,y\n\nz,w\n".into(),
            Table(&["a:category|b:category", "x|y", "z|w"], &[]),
        ),
        (
            "files one behind the other",
            "a,b\n1,x\n\na,b\n2,y\n".into(),
            Table(AB, &["1:repeated-header"]),
        ),
        (
            "a last row without its first cell",
            "b,a,c\nx,1,u\ny,2,v\n,3,w\n".into(),
            Table(
                &["b:category|a:number|c:category", "x|1|u", "y|2|v", "∅|3|w"],
                &[],
            ),
        ),
        (
            "rows without their first cell",
            "b,a\nx,1\n,2\ny,3\n,4\n".into(),
            Table(&["b:category|a:number", "x|1", "∅|2", "y|3", "∅|4"], &[]),
        ),
        (
            "a remark with commas",
            "# exported by Acme, Inc.\na,b\n1,x\n2,y\n".into(),
            Table(AB, &["preamble-skipped"]),
        ),
        (
            "a header behind a number sign",
            "# a,b\n1,x\n2,y\n".into(),
            Table(AB, &[]),
        ),
        (
            "a column called #",
            "#,b\n1,x\n2,y\n".into(),
            Table(&["#:number|b:category", "1|x", "2|y"], &[]),
        ),
        (
            "rows that begin with a number sign",
            "#1001,x\n#1002,x\n".into(),
            Table(
                &["column_1:category|column_2:category", "#1001|x", "#1002|x"],
                &[],
            ),
        ),
        ("tildes indeed", "a~b\n1~x\n2~y\n".into(), Table(AB, &[])),
        ("carets", "a^b\n1^x\n2^y\n".into(), Table(AB, &[])),
        ("Hive's own", "a\x01b\n1\x01x\n2\x01y\n".into(), Table(AB, &[])),
        ("colons", "a:b\n1:x\n2:y\n".into(), Table(AB, &[])),
        ("spaces", "a b\n1 x\n2 y\n".into(), Table(AB, &[])),
        (
            "times alone",
            "time\n12:30\n12:40\n".into(),
            Table(&["time:category", "12:30", "12:40"], &[]),
        ),
        (
            "points in time alone",
            "event time\n2026-01-02 00:30\n2026-01-02 00:40\n".into(),
            Table(
                &["event time:time", "t1767313800000", "t1767314400000"],
                &[],
            ),
        ),
        (
            "names of people",
            "full name\nJohn Smith\nJane Doe\n".into(),
            Table(&["full name:category", "John Smith", "Jane Doe"], &[]),
        ),
        (
            "single quotes",
            "'a','b'\n'1','x, z'\n'2','y'\n".into(),
            Table(&["a:number|b:category", "1|x, z", "2|y"], &[]),
        ),
        (
            "apostrophes in cells",
            "a,b\n1,O'Neil\n2,'tis\n".into(),
            Table(&["a:number|b:category", "1|O'Neil", "2|'tis"], &[]),
        ),
        (
            "backslashes before quotes",
            "a,b\n1,\"say \\\"x, z\\\"\"\n2,\"y\"\n".into(),
            Table(&["a:number|b:category", "1|say \"x, z\"", "2|y"], &[]),
        ),
        (
            "paths of Windows",
            "a,b\n1,\"C:\\x\\\"\n2,\"y\"\n".into(),
            Table(&["a:number|b:category", "1|C:\\x\\", "2|y"], &[]),
        ),
        (
            "money beside bare numbers",
            "n\n$12.50\n0\n5\n".into(),
            Table(&["n:number", "12.5", "0", "5"], &[]),
        ),
        (
            "shares beside other numbers",
            "n\n12.5%\n0.5\n".into(),
            Table(&["n:category", "12.5%", "0.5"], &["mixed-currencies"]),
        ),
        (
            "both decimal marks",
            "n;b\n1,5;x\n2.5;y\n".into(),
            Table(
                &["n:category|b:category", "1,5|x", "2.5|y"],
                &["contradicting-numbers"],
            ),
        ),
        (
            "lakhs, and large numbers in short",
            "a;b;c\n1,23,456;1.2万;3.4K\n12,34,567;3亿;2M\n".into(),
            Table(
                &["a:number|b:number|c:number", "123456|12000|3400", "1234567|300000000|2000000"],
                &[],
            ),
        ),
        (
            "terms in months",
            "t\n3M\n12M\n".into(),
            Table(&["t:category", "3M", "12M"], &[]),
        ),
        (
            "short dates with points",
            "d\n24.11.26\n01.12.26\n".into(),
            Table(
                &["d:time", "t1795478400000", "t1796083200000"],
                &["dates-day-first"],
            ),
        ),
        (
            "versions",
            "v\n10.11.12\n10.12.01\n".into(),
            Table(&["v:category", "10.11.12", "10.12.01"], &[]),
        ),
        (
            "months",
            "m,n\n2026-11,Nov 2026\n2026-12,Dec 2026\n".into(),
            Table(
                &["m:time|n:time", "t1793491200000|t1793491200000", "t1796083200000|t1796083200000"],
                &[],
            ),
        ),
        (
            "months above numbers",
            "land,2026-01,2026-02\nA,5,6\nB,7,8\n".into(),
            Table(
                &["land:category|2026-01:number|2026-02:number", "A|5|6", "B|7|8"],
                &[],
            ),
        ),
        (
            "basic ISO 8601",
            "t,b\n20261124T140506Z,x\n20260102T000000Z,y\n".into(),
            Table(
                &["t:time|b:category", "t1795529106000|x", "t1767312000000|y"],
                &[],
            ),
        ),
        (
            "months in other languages",
            "a;b;c\n24. März 2026;24 août 2026;24 de enero de 2026\n25. Dez. 2026;25 déc. 2026;25 dic 2026\n".into(),
            Table(
                &[
                    "a:time|b:time|c:time",
                    "t1774310400000|t1787529600000|t1769212800000",
                    "t1798156800000|t1798156800000|t1798156800000",
                ],
                &[],
            ),
        ),
        (
            "missing in the words of databases and spreadsheets",
            "a,b\n1,\\N\n2,<NA>\nNaT,n.a.\n#DIV/0!,#VALUE!\n#REF!,q\n".into(),
            Table(
                &["a:number|b:category", "1|∅", "2|∅", "∅|∅", "∅|∅", "∅|q"],
                &[],
            ),
        ),
    ]
}

fn json() -> Vec<Case> {
    vec![
        (
            "columns of pandas",
            br#"{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}"#.to_vec(),
            Table(AB, &[]),
        ),
        (
            "columns of pandas with gaps",
            br#"{"a":{"0":1,"2":2},"b":{"0":"x","1":"z","2":"y"}}"#.to_vec(),
            Table(&["a:number|b:category", "1|x", "2|y", "∅|z"], &[]),
        ),
        (
            "split by pandas",
            br#"{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}"#.to_vec(),
            Table(AB, &[]),
        ),
        (
            "lists for columns",
            br#"{"a":[1,2],"b":["x","y"]}"#.to_vec(),
            Table(AB, &[]),
        ),
        (
            "a record with lists of other lengths",
            br#"{"a":[1,2],"b":"x"}"#.to_vec(),
            Table(&["a:category|b:category", "1 > 2|x"], &[]),
        ),
        (
            "JSON",
            br#"[{"a":1,"b":"x"},{"a":2,"b":"y"}]"#.to_vec(),
            Table(AB, &[]),
        ),
        (
            "missing keys",
            br#"[{"a":1},{"b":"z"}]"#.to_vec(),
            Table(&["a:boolean|b:category", "yes|∅", "∅|z"], &[]),
        ),
        (
            "nested",
            br#"[{"u":{"a":1,"v":{"w":"x"}}},{"u":{"a":2}}]"#.to_vec(),
            Table(&["u.a:number|u.v.w:category", "1|x", "2|∅"], &[]),
        ),
        (
            "keys twice",
            br#"[{"a":9,"a":1,"b":"x"},{"a":2,"b":"y"}]"#.to_vec(),
            Table(AB, &[]),
        ),
        (
            "trailing commas",
            br#"[{"a":1,"b":"x",},{"a":2,"b":"y"},]"#.to_vec(),
            Table(AB, &[]),
        ),
        (
            "NaN",
            br#"[{"a":1,"b":"x"},{"a":NaN,"b":"NaN y"},{"a":2,"b":"z"}]"#.to_vec(),
            Table(&["a:number|b:category", "1|x", "∅|NaN y", "2|z"], &[]),
        ),
        (
            "a broken line",
            b"{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\n{\"a\":2,\"b\":\"y\"}\n".to_vec(),
            Table(AB, &["1:broken-record"]),
        ),
        (
            "an unclosed list",
            br#"[{"a":1,"b":"x"},{"a":2,"b":"y"},{"a":"#.to_vec(),
            Table(AB, &["2:broken-record", "json-unclosed"]),
        ),
        ("an empty list", b"[]".to_vec(), Refused("no-rows")),
        (
            "an empty object",
            b"{}".to_vec(),
            Refused("all-rows-rejected"),
        ),
        (
            "no list",
            br#"{"a": {"b": "#.to_vec(),
            Refused("no-records"),
        ),
        (
            "lists of scalars",
            br#"[{"p":["x","y"],"n":1},{"p":[],"n":2}]"#.to_vec(),
            Table(&["p:category|n:number", "x > y|1", "∅|2"], &[]),
        ),
        (
            "leading zeros in JSON",
            br#"[{"zip":"02139","id":12345678901234567},{"zip":"94103","id":1}]"#.to_vec(),
            Table(
                &[
                    "zip:category|id:category",
                    "02139|12345678901234567",
                    "94103|1",
                ],
                &[],
            ),
        ),
        (
            "escapes",
            br#"[{"b":"\u6e20\u9053 \"x\", \n"},{"b":"y"}]"#.to_vec(),
            Table(&["b:category", "渠道 \"x\",", "y"], &[]),
        ),
        (
            "a header that resembles JSON",
            b"{id},b\n5,x\n6,y\n".to_vec(),
            Table(&["{id}:number|b:category", "5|x", "6|y"], &[]),
        ),
    ]
}

#[test]
fn nasty_files_come_out_as_a_person_would_have_them() {
    let cases = [
        marks_line_ends_and_encodings(),
        quotes_and_shapes(),
        values(),
        exports(),
        containers(),
        json(),
    ]
    .concat_all();
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut wrong = Vec::new();
    for (name, bytes, outcome) in cases {
        for size in [usize::MAX, 7, 1] {
            // Single bytes of long files take long, and their text is cut in the same places by 7.
            if size == 1 && bytes.len() > 4096 {
                continue;
            }
            let chunks: Vec<_> = bytes.chunks(size.min(bytes.len().max(1))).collect();
            let found = load_chunks(&chunks, LoadOptions::default());
            let found = found.map_err(|error| error.code()).map(|loaded| {
                let examples = loaded.summary.rejected.examples.iter();
                let mut notes: Vec<_> = examples
                    .map(|row| format!("{}:{}", row.row, row.code))
                    .collect();
                notes.extend(warnings(&loaded).iter().map(|&code| code.to_owned()));
                (show(&loaded), notes)
            });
            let right = match (&found, &outcome) {
                (Ok((table, notes)), Table(lines, expected)) => table == lines && notes == expected,
                (Err(code), Refused(expected)) => code == expected,
                _ => false,
            };
            if !right {
                wrong.push(format!("{name} in chunks of {size}: {found:?}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

trait ConcatAll {
    fn concat_all(self) -> Vec<Case>;
}

impl<const N: usize> ConcatAll for [Vec<Case>; N] {
    fn concat_all(self) -> Vec<Case> {
        self.into_iter().flatten().collect()
    }
}
