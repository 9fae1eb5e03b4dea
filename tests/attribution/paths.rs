//! Reading tables of paths.

use crate::common::{by_name, path_data, plain, row};
use channelwise::attribution::attribute;
use channelwise::error::Coded;
use channelwise::prepare::paths::Paths;
use channelwise::schema::{ColumnSchema, Reason, Role, Schema};
use channelwise::table::{Column, ColumnData, Dictionary, MISSING_CODE, Table};
use std::collections::BTreeMap;

fn text(name: &str, cells: &[&str]) -> Column {
    let mut dictionary = Dictionary::default();
    for &cell in cells {
        let known = dictionary.levels.iter().position(|level| level == cell);
        let code = known.unwrap_or_else(|| {
            dictionary.levels.push(cell.to_owned());
            dictionary.levels.len() - 1
        });
        dictionary.codes.push(if cell.is_empty() {
            MISSING_CODE
        } else {
            code as u32
        });
    }
    Column {
        name: name.to_owned(),
        data: ColumnData::Text(dictionary),
    }
}

fn number(name: &str, cells: &[f64]) -> Column {
    Column {
        name: name.to_owned(),
        data: ColumnData::Number(cells.to_vec()),
    }
}

/// An error's code and detail.
type Refusal = (&'static str, Option<String>);

/// Reads columns with these roles; all others are features.
fn read(
    columns: Vec<Column>,
    roles: &[(&str, Role)],
    positive: Option<&str>,
) -> Result<(Paths, Vec<String>), Refusal> {
    let role = |name: &str| {
        roles
            .iter()
            .find(|(column, _)| *column == name)
            .map_or(Role::Feature, |pair| pair.1)
    };
    let describe = |column: &Column| ColumnSchema {
        name: column.name.clone(),
        column_type: column.data.column_type(),
        role: role(&column.name),
        reason: Reason {
            code: "told",
            message: String::new(),
            figures: BTreeMap::new(),
        },
        missing: 0,
        distinct: 0,
        examples: Vec::new(),
        levels: Vec::new(),
    };
    let schema = Schema {
        columns: columns.iter().map(describe).collect(),
        positive: positive.map(str::to_owned),
        ..Schema::default()
    };
    let rows = columns.first().map_or(0, |column| match &column.data {
        ColumnData::Text(cells) | ColumnData::Category(cells) => cells.codes.len(),
        ColumnData::Number(cells) => cells.len(),
        ColumnData::Boolean(cells) => cells.len(),
        ColumnData::Time(cells) => cells.len(),
    });
    let table = Table {
        columns,
        rows,
        source_rows: None,
    };
    match Paths::read(&table, &schema) {
        Ok((paths, warnings)) => {
            assert_eq!(paths.check(), Ok(()));
            assert_eq!(Paths::from_table(&table, &schema), Ok(paths.clone()));
            Ok((
                paths,
                warnings.into_iter().map(|warning| warning.code).collect(),
            ))
        }
        Err(error) => Err((error.code(), error.detail())),
    }
}

fn shown(paths: &Paths) -> Vec<(String, f64, f64, f64)> {
    let name = |&code: &u32| paths.channels[code as usize].as_str();
    let path = |index: usize| {
        paths
            .path(index)
            .iter()
            .map(name)
            .collect::<Vec<_>>()
            .join(">")
    };
    let row = |index: usize| {
        (
            path(index),
            paths.conversions[index],
            paths.values[index],
            paths.nulls[index],
        )
    };
    (0..paths.len()).map(row).collect()
}

#[test]
fn counts_by_header_and_identical_paths_merged() {
    let columns = vec![
        text("path", &["b > a", "a", "b>a", "", "a > b"]),
        number("total_conversions", &[1.0, 2.0, 3.0, 9.0, 0.0]),
        number("total_conversion_value", &[10.0, f64::NAN, 5.0, 1.0, 0.0]),
        number("total_null", &[4.0, 0.0, 1.0, 1.0, 6.0]),
    ];
    let (paths, warnings) = read(columns, &[], None).expect("reads");
    assert_eq!(paths.channels, ["a", "b"]);
    let expected = [
        ("a", 2.0, 0.0, 0.0),
        ("a>b", 0.0, 0.0, 6.0),
        ("b>a", 4.0, 15.0, 5.0),
    ];
    let expected = expected.map(|(path, c, v, n)| (path.to_owned(), c, v, n));
    assert_eq!(shown(&paths), expected);
    assert_eq!(warnings, ["paths-rows-without-path"]);
}

#[test]
fn the_export_of_google_analytics() {
    let columns = vec![
        text(
            "MCF Channel Grouping Path",
            &["Direct > Paid Search", "Direct", "Display, video > Direct"],
        ),
        text("Conversions", &["1,234", "17", "3"]),
        number("Conversion Value", &[2468.0, 3.5, 0.0]),
    ];
    let (paths, _) = read(columns, &[], None).expect("reads");
    assert_eq!(paths.channels, ["Direct", "Display, video", "Paid Search"]);
    assert_eq!(paths.conversions.iter().sum::<f64>(), 1254.0);
    assert_eq!(paths.nulls, [0.0; 3]);
    let columns = vec![
        text("转化路径", &["门店→抖音", "微信"]),
        number("转化次数", &[2.0, 5.0]),
    ];
    let (paths, _) = read(columns, &[], None).expect("reads");
    assert_eq!(shown(&paths).len(), 2);
    assert_eq!(paths.touches.len(), 3);
}

#[test]
fn every_separator() {
    for mark in [">", " → ", "»", " | ", ","] {
        let cell = ["mail", "search", "mail"].join(mark);
        let columns = vec![
            text("path", &[&cell, "mail"]),
            number("conversions", &[1.0, 1.0]),
        ];
        let (paths, _) = read(columns, &[], None).expect("reads");
        assert_eq!(paths.path(1).len() + paths.path(0).len(), 4, "{mark}");
    }
    let columns = vec![
        text("path", &["a >> b >", " > "]),
        number("conversions", &[1.0, 1.0]),
    ];
    let (paths, warnings) = read(columns, &[], None).expect("reads");
    assert_eq!(shown(&paths), [("a>b".to_owned(), 1.0, 0.0, 0.0)]);
    assert_eq!(warnings, ["paths-rows-without-path"]);
}

#[test]
fn one_journey_per_row_with_its_outcome() {
    let journeys = text("touches", &["a>b", "a>b", "b", "b"]);
    let roles = [
        ("touches", Role::Path),
        ("bought", Role::Label),
        ("worth", Role::Value),
        ("users", Role::Weight),
    ];
    let expected =
        [("a>b", 1.0, 7.0, 2.0), ("b", 3.0, 15.0, 4.0)].map(|(p, c, v, n)| (p.to_owned(), c, v, n));
    let with = |bought: Column, positive: Option<&str>| {
        let columns = vec![
            journeys.clone(),
            bought,
            number("worth", &[7.0, 100.0, 5.0, 0.0]),
            number("users", &[1.0, 2.0, 3.0, 4.0]),
        ];
        shown(&read(columns, &roles, positive).expect("reads").0)
    };
    assert_eq!(
        with(text("bought", &["yes", "no", "yes", "no"]), Some("yes")),
        expected
    );
    assert_eq!(
        with(number("bought", &[1.0, 0.0, 1.0, 0.0]), Some("1")),
        expected
    );
    let flags = |cells: [u8; 4]| Column {
        name: "bought".to_owned(),
        data: ColumnData::Boolean(cells.to_vec()),
    };
    assert_eq!(with(flags([1, 0, 1, 0]), Some("true")), expected);
    assert_eq!(with(flags([0, 1, 0, 1]), Some("no")), expected);
}

#[test]
fn what_is_wrong_is_named() {
    let path = || text("path", &["a > b"]);
    let count = |cell: f64| number("conversions", &[cell]);
    let code =
        |columns: Vec<Column>| read(columns, &[], None).map_or_else(|error| error.0, |_| "fine");
    assert_eq!(code(vec![path(), count(1.0)]), "fine");
    assert_eq!(code(vec![path()]), "paths-no-conversions-column");
    assert_eq!(code(vec![count(1.0)]), "paths-no-path-column");
    assert_eq!(
        code(vec![number("path", &[1.0]), count(1.0)]),
        "paths-path-not-text"
    );
    assert_eq!(code(vec![path(), count(-1.0)]), "paths-negative-count");
    assert_eq!(
        code(vec![path(), count(f64::INFINITY)]),
        "paths-not-a-number"
    );
    assert_eq!(
        code(vec![path(), count(0.0), number("total_null", &[0.0])]),
        "paths-none"
    );
    assert_eq!(code(vec![text("path", &[""]), count(1.0)]), "paths-none");
    let (found, detail) =
        read(vec![path(), text("conversions", &["many"])], &[], None).expect_err("words");
    assert_eq!(
        (found, detail.as_deref()),
        ("paths-not-a-number", Some("many"))
    );
    let long = vec!["a"; 10_001].join(">");
    assert_eq!(
        code(vec![text("path", &[&long]), count(1.0)]),
        "paths-path-too-long"
    );
    let many: Vec<String> = (0..2_001).map(|channel| format!("c{channel}")).collect();
    assert_eq!(
        code(vec![text("path", &[&many.join(">")]), count(1.0)]),
        "paths-too-many-channels"
    );
    let ignored = [("path", Role::Ignore)];
    let found = read(vec![path(), count(1.0)], &ignored, None).expect_err("nothing left");
    assert_eq!(found.0, "paths-no-path-column");
}

#[test]
fn parts_that_do_not_fit_are_malformed() {
    let fine = crate::common::paths(&[row("a > b", 1.0, 0.0, 0.0)]);
    let broken = |change: fn(&mut Paths)| {
        let mut paths = fine.clone();
        change(&mut paths);
        paths.check().map_or_else(|error| error.code(), |()| "fine")
    };
    assert_eq!(broken(|_| ()), "fine");
    assert_eq!(broken(|paths| paths.touches[0] = 2), "paths-malformed");
    assert_eq!(
        broken(|paths| paths.offsets = vec![0, 3]),
        "paths-malformed"
    );
    assert_eq!(broken(|paths| paths.offsets = vec![]), "paths-malformed");
    assert_eq!(
        broken(|paths| paths.channels[1] = "a".to_owned()),
        "paths-malformed"
    );
    assert_eq!(
        broken(|paths| paths.days = Some(vec![1.0])),
        "paths-malformed"
    );
    assert_eq!(
        broken(|paths| paths.values[0] = f64::NAN),
        "paths-malformed"
    );
    assert_eq!(
        broken(|paths| paths.nulls[0] = -1.0),
        "paths-negative-count"
    );
}

#[test]
fn value_without_a_conversion_is_told_and_left_out() {
    let columns = vec![
        text("path", &["a", "b"]),
        number("conversions", &[2.0, 0.0]),
        number("value", &[6.0, 5.0]),
        number("null", &[1.0, 1.0]),
    ];
    let (paths, warnings) = read(columns, &[], None).expect("reads");
    assert_eq!(warnings, ["paths-value-without-conversions"]);
    let attribution = attribute(&paths, &plain()).expect("credited");
    assert_eq!(attribution.totals.value, Some(6.0));
    assert_eq!(by_name(&attribution, "linear")["b"].value, Some(0.0));
}

#[test]
fn the_sample_reads_as_it_stands() {
    let Some(rows) = path_data() else { return };
    let joined: Vec<String> = rows.iter().map(|row| row.0.join(" > ")).collect();
    let cells: Vec<&str> = joined.iter().map(String::as_str).collect();
    let column = |name: &str, pick: fn(&crate::common::Row) -> f64| {
        number(name, &rows.iter().map(pick).collect::<Vec<_>>())
    };
    let columns = vec![
        text("path", &cells),
        column("total_conversions", |row| row.1),
        column("total_conversion_value", |row| row.2),
        column("total_null", |row| row.3),
    ];
    let (paths, warnings) = read(columns, &[], None).expect("reads");
    assert_eq!((paths.len(), paths.channels.len()), (5408, 12));
    assert!(warnings.is_empty());
    let attribution = attribute(&paths, &plain()).expect("credited");
    assert_eq!(by_name(&attribution, "first")["alpha"].conversions, 6308.0);
}
