//! Tables whose outcome is known.

use crate::{alternating, build, category, code, mixed, names, run, with};
use channelwise::error::Coded;
use channelwise::prepare::{Encoding, PositiveValues, PrepareOptions, SplitBy, encode};
use channelwise::schema::Role;
use channelwise::table::{ColumnData, MISSING_BOOLEAN, MISSING_TIME};

#[test]
fn features_are_named_and_ordered() {
    let (dataset, summary) = run(&mixed(&alternating(60)), PrepareOptions::default()).unwrap();
    let expected = [
        "age",
        "income",
        "income is missing",
        "member",
        "colour = blue",
        "colour = green",
        "colour = red",
        "colour = (missing)",
        "channel = 9",
        "channel = 10",
        "channel = 11",
    ];
    assert_eq!(summary.features, expected);
    assert_eq!(summary.channels, ["9", "10", "11"]);
    let channels = dataset.channels.as_ref().unwrap();
    assert_eq!(channels.codes[..4], [0, 1, 2, 0]);
    assert_eq!(
        dataset.channel_features(),
        [(8, "9"), (9, "10"), (10, "11")]
    );
    assert_eq!(
        (summary.base_rate, summary.positive.as_str()),
        (0.5, "true")
    );
    assert_eq!(summary.roles.label.as_deref(), Some("won"));
    assert_eq!(summary.roles.features.unwrap().len(), 4);
    let told: Vec<&str> = summary
        .warnings
        .iter()
        .map(|warning| warning.code.as_str())
        .collect();
    assert_eq!(told, ["users-on-both-sides", "few-conversions-per-input"]);
    let remedy = summary.warnings[0].remedy.as_ref().unwrap();
    assert_eq!(remedy["split.by"], "user");
}

#[test]
fn standardising_is_the_closed_form() {
    // 1, 2, 3 and 6 have mean 3 and population variance 3.5.
    let cells = ColumnData::Number(vec![1.0, 2.0, 3.0, 6.0]);
    let won = ColumnData::Boolean(vec![0, 1, 0, 1]);
    let table = build(vec![("a", Role::Feature, cells), ("won", Role::Label, won)]);
    let all = with(|options| (options.split.test, options.split.validation) = (0.0, 0.0));
    let (dataset, summary) = run(&table, all).unwrap();
    assert_eq!((summary.train, summary.validation, summary.test), (4, 0, 0));
    assert_eq!(
        dataset.features[0].encoding,
        Encoding::Standardised {
            mean: 3.0,
            deviation: 3.5f64.sqrt()
        }
    );
    let expected = [-2.0, -1.0, 0.0, 3.0].map(|value: f64| (value / 3.5f64.sqrt()) as f32);
    assert_eq!(dataset.x, expected);
}

#[test]
fn huge_and_tiny_numbers_standardise_as_any() {
    let column = |unit: f64| ColumnData::Number([1.0, 2.0, 3.0, 6.0].map(|v| v * unit).to_vec());
    let ends = ColumnData::Number(vec![f64::MAX, -f64::MAX, f64::MAX, -f64::MAX]);
    let table = build(vec![
        ("huge", Role::Feature, column(1e300)),
        ("tiny", Role::Feature, column(1e-300)),
        ("subnormal", Role::Feature, column(2.0_f64.powi(-1070))),
        ("ends", Role::Feature, ends),
        ("won", Role::Label, ColumnData::Boolean(vec![0, 1, 0, 1])),
    ]);
    let all = with(|options| (options.split.test, options.split.validation) = (0.0, 0.0));
    let (dataset, _) = run(&table, all).unwrap();
    let names: Vec<_> = dataset.features.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["huge", "tiny", "subnormal", "ends"]);
    let expected = [-2.0, -1.0, 0.0, 3.0].map(|value: f64| (value / 3.5f64.sqrt()) as f32);
    for (row, x) in dataset.x.chunks_exact(4).enumerate() {
        assert!((x[0] - expected[row]).abs() < 1e-6, "{x:?}");
        assert!((x[1] - expected[row]).abs() < 1e-6, "{x:?}");
        // Numbers this small have few digits left.
        assert!((x[2] - expected[row]).abs() < 0.1, "{x:?}");
        assert_eq!(x[3], if row % 2 == 0 { 1.0 } else { -1.0 });
    }
}

#[test]
fn rows_that_cannot_be_used_are_counted() {
    let mut won: Vec<u8> = alternating(40).into_iter().map(u8::from).collect();
    won[3] = MISSING_BOOLEAN;
    let mut weight = vec![2.0; 40];
    (weight[3], weight[4], weight[5], weight[6]) = (0.0, 0.0, -1.0, f64::NAN);
    let mut day: Vec<i64> = (0..40).collect();
    (day[6], day[7]) = (MISSING_TIME, MISSING_TIME);
    let table = build(vec![
        (
            "a",
            Role::Feature,
            ColumnData::Number((0..40).map(f64::from).collect()),
        ),
        ("weight", Role::Weight, ColumnData::Number(weight)),
        ("day", Role::Time, ColumnData::Time(day)),
        (
            "worth",
            Role::Value,
            ColumnData::Number((0..40).map(f64::from).collect()),
        ),
        ("won", Role::Label, ColumnData::Boolean(won)),
    ]);
    for (by, expected) in [
        (
            SplitBy::Row,
            vec![("missing-outcome", 1), ("bad-weight", 3)],
        ),
        (
            SplitBy::Time,
            vec![
                ("missing-outcome", 1),
                ("bad-weight", 3),
                ("missing-time", 1),
            ],
        ),
    ] {
        let (dataset, summary) = run(&table, with(|options| options.split.by = Some(by))).unwrap();
        let dropped: Vec<_> = summary
            .dropped
            .iter()
            .map(|dropped| (dropped.code, dropped.count))
            .collect();
        assert_eq!(dropped, expected);
        assert_eq!(
            summary.rows + dropped.iter().map(|dropped| dropped.1).sum::<usize>(),
            40
        );
        assert_eq!(
            dataset.table_rows[..4],
            [0, 1, 2, if by == SplitBy::Row { 7 } else { 8 }]
        );
        assert_eq!(dataset.weights.unwrap(), vec![2.0; summary.rows]);
        assert_eq!(dataset.values.unwrap()[3], f64::from(dataset.table_rows[3]));
    }
}

#[test]
fn given_test_rows_win() {
    let mut tables = mixed(&alternating(40));
    // Rows 10 and 20 of the file were rejected when read.
    tables.0.source_rows = Some((0..42).filter(|row| ![10, 20].contains(row)).collect());
    let asked = |rows: &[u32]| {
        let rows = rows.to_vec();
        run(
            &tables,
            with(|options| options.split.test_rows = Some(rows)),
        )
    };
    let (dataset, summary) = asked(&[0, 9, 11, 21, 41, 20]).unwrap();
    let mut test = dataset.split.test;
    test.sort_unstable();
    assert_eq!(test, [0, 9, 10, 19, 39]);
    assert_eq!((summary.validation, summary.train), (4, 31));
    let lost = summary
        .warnings
        .iter()
        .find(|warning| warning.code == "test-rows-dropped")
        .unwrap();
    assert_eq!(lost.figures.as_ref().unwrap()["rows"], 1.0);
    assert_eq!(code(asked(&[0, 42])), "test-row-out-of-range");
    assert_eq!(code(asked(&[0, 5, 5])), "test-row-repeated");
}

#[test]
fn what_cannot_be_prepared_is_refused_by_name() {
    let numbers = || ColumnData::Number((0..20).map(f64::from).collect());
    let label = |cells: Vec<u8>| ("won", Role::Label, ColumnData::Boolean(cells));
    let halves = || label(alternating(20).into_iter().map(u8::from).collect());
    let plain = |columns| run(&build(columns), PrepareOptions::default());
    assert_eq!(
        code(plain(vec![("a", Role::Feature, numbers())])),
        "no-outcome"
    );
    assert_eq!(
        code(plain(vec![
            ("a", Role::Feature, numbers()),
            label(vec![1; 20])
        ])),
        "one-class"
    );
    assert_eq!(
        code(plain(vec![
            ("a", Role::Feature, numbers()),
            label(vec![0; 20])
        ])),
        "one-class"
    );
    assert_eq!(
        code(plain(vec![("a", Role::Ignore, numbers()), halves()])),
        "no-features"
    );
    assert_eq!(
        code(plain(vec![
            ("a", Role::Feature, numbers()),
            ("b", Role::Label, numbers())
        ])),
        "outcome-not-binary"
    );
    let two = |n: usize| {
        let won = alternating(n).into_iter().map(u8::from).collect();
        plain(vec![
            (
                "a",
                Role::Feature,
                ColumnData::Number((0..n).map(|row| row as f64).collect()),
            ),
            label(won),
        ])
    };
    assert_eq!(code(two(2)), "too-few-rows");
    assert!(two(6).is_ok());
    let words = category(&["x"; 20]);
    let weighted = vec![
        ("a", Role::Feature, numbers()),
        ("w", Role::Weight, words.clone()),
        halves(),
    ];
    assert_eq!(code(plain(weighted)), "weight-not-number");
    let by = |by, columns| run(&build(columns), with(|options| options.split.by = Some(by)));
    assert_eq!(
        code(by(
            SplitBy::User,
            vec![("a", Role::Feature, numbers()), halves()]
        )),
        "no-user-column"
    );
    assert_eq!(
        code(by(
            SplitBy::Time,
            vec![("a", Role::Feature, numbers()), halves()]
        )),
        "no-time-column"
    );
    let timed = vec![
        ("a", Role::Feature, numbers()),
        ("t", Role::Time, words),
        halves(),
    ];
    assert_eq!(code(by(SplitBy::Time, timed)), "time-not-ordered");
    for change in [
        (|options: &mut PrepareOptions| options.split.test = 1.0) as fn(&mut PrepareOptions),
        |options| options.split.validation = -0.1,
        |options| options.split.test = f64::NAN,
        |options| options.max_length = Some(0),
        |options| options.lookback_days = Some(0.0),
    ] {
        assert_eq!(with(change).check().unwrap_err().code(), "invalid-option");
    }
}

#[test]
fn columns_that_say_nothing_are_left_out() {
    let n = 3_000;
    let many: Vec<String> = (0..n).map(|row| format!("v{row}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let table = build(vec![
        ("one", Role::Feature, ColumnData::Number(vec![0.1; n])),
        ("same", Role::Feature, category(&vec!["x"; n])),
        ("many", Role::Feature, category(&many)),
        ("words", Role::Feature, ColumnData::Text(names(&many))),
        (
            "a",
            Role::Feature,
            ColumnData::Number((0..n).map(|row| row as f64).collect()),
        ),
        (
            "won",
            Role::Label,
            ColumnData::Boolean(alternating(n).into_iter().map(u8::from).collect()),
        ),
    ]);
    let (_, summary) = run(&table, PrepareOptions::default()).unwrap();
    assert_eq!(summary.features, ["a"]);
    let told: Vec<(&str, Vec<String>)> = summary
        .warnings
        .iter()
        .map(|warning| {
            (
                warning.code.as_str(),
                warning.columns.clone().unwrap_or_default(),
            )
        })
        .collect();
    let columns = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told,
        [
            ("constant-column", columns(&["one", "same"])),
            ("too-many-levels", columns(&["many"])),
            ("not-a-feature", columns(&["words"])),
            ("no-channel", vec![]),
        ]
    );
}

#[test]
fn a_new_table_goes_through_the_same_features() {
    let (dataset, _) = run(&mixed(&alternating(60)), PrepareOptions::default()).unwrap();
    let (new, _) = build(vec![
        // The types have become others.
        ("channel", Role::Ignore, category(&["10", "12", ""])),
        ("member", Role::Ignore, category(&["yes", "no", "yes"])),
        ("colour", Role::Ignore, category(&["violet", "red", ""])),
        (
            "income",
            Role::Ignore,
            ColumnData::Number(vec![f64::NAN, 1e6, 1e6]),
        ),
        ("age", Role::Ignore, category(&["50", "x", "0"])),
    ]);
    let (x, warnings) = encode(&new, &dataset.features).unwrap();
    let width = dataset.width();
    let place = |name: &str| {
        dataset
            .features
            .iter()
            .position(|feature| feature.name == name)
            .unwrap()
    };
    let cell = |row: usize, name: &str| x[row * width + place(name)];
    assert_eq!(
        [0, 1, 2].map(|row| cell(row, "channel = 10")),
        [1.0, 0.0, 0.0]
    );
    assert_eq!(
        [0, 1, 2].map(|row| cell(row, "colour = red")),
        [0.0, 1.0, 0.0]
    );
    assert_eq!(
        [0, 1, 2].map(|row| cell(row, "colour = (missing)")),
        [0.0, 0.0, 1.0]
    );
    assert_eq!([0, 1].map(|row| cell(row, "income is missing")), [1.0, 0.0]);
    assert!(cell(0, "member") > 0.0 && cell(1, "member") < 0.0);
    let Encoding::Standardised { mean, deviation } = dataset.features[0].encoding else {
        panic!()
    };
    assert_eq!(cell(0, "age"), ((50.0 - mean) / deviation) as f32);
    assert_eq!(cell(1, "age"), 0.0);
    let told: Vec<_> = warnings
        .iter()
        .map(|warning| {
            (
                warning.code.as_str(),
                warning.columns.clone().unwrap(),
                warning.figures.clone().unwrap()["cells"],
            )
        })
        .collect();
    let unseen = |column: &str, cells| ("unseen-levels", vec![column.to_owned()], cells);
    assert_eq!(told, [unseen("colour", 1.0), unseen("channel", 2.0)]);
    let (short, _) = build(vec![("age", Role::Ignore, ColumnData::Number(vec![1.0]))]);
    let error = encode(&short, &dataset.features).unwrap_err();
    assert_eq!(error.code(), "missing-columns");
    // Names of columns are the user's own: they stand beside the message, not in it.
    assert_eq!(error.columns(), ["income", "member", "colour", "channel"]);
    assert!(!error.to_string().contains("income"), "{error}");
}

#[test]
fn a_matrix_that_would_not_fit_is_refused_in_figures() {
    let (dataset, _) = run(&mixed(&alternating(60)), PrepareOptions::default()).unwrap();
    let features: Vec<_> = dataset.features.into_iter().cycle().take(300_000).collect();
    let (table, _) = mixed(&alternating(1_000));
    let error = encode(&table, &features).unwrap_err();
    assert_eq!(error.code(), "too-large");
    assert!(
        error.to_string().contains("300000000") && error.to_string().contains("134217728"),
        "{error}"
    );
}

#[test]
fn options_read_as_the_public_api_writes_them() {
    let text = r#"{"split":{"by":"user","validation":0,"seed":7},"maxLength":20,"types":{"a":"category"},"roles":{"label":"won"}}"#;
    let options: PrepareOptions = serde_json::from_str(text).unwrap();
    assert_eq!(
        (options.split.by, options.split.test, options.split.seed),
        (Some(SplitBy::User), 0.2, 7)
    );
    assert_eq!(
        (options.split.validation, options.max_length),
        (0.0, Some(20))
    );
    assert_eq!(options.roles.unwrap().label.as_deref(), Some("won"));
    let (_, summary) = run(&mixed(&alternating(60)), PrepareOptions::default()).unwrap();
    let written = serde_json::to_value(&summary).unwrap();
    for key in [
        "rows",
        "dropped",
        "train",
        "validation",
        "test",
        "features",
        "channels",
        "baseRate",
        "positive",
        "roles",
        "warnings",
    ] {
        assert!(written.get(key).is_some(), "{key}");
    }
}

#[test]
fn outliers_are_drawn_in_and_rare_levels_pooled_on_request() {
    let cells: Vec<f64> = (0..100)
        .map(|row| if row == 99 { 1e6 } else { f64::from(row) })
        .collect();
    let colours: Vec<&str> = (0..100)
        .map(|row| match row {
            0..=2 => "mauve",
            3..=5 => "taupe",
            row if row % 2 == 0 => "red",
            _ => "blue",
        })
        .collect();
    let won = (0..100).map(|row| u8::from(row % 4 < 2)).collect();
    let table = build(vec![
        ("a", Role::Feature, ColumnData::Number(cells)),
        ("colour", Role::Feature, category(&colours)),
        ("won", Role::Label, ColumnData::Boolean(won)),
    ]);
    let all: PrepareOptions = serde_json::from_str(
        r#"{"split": {"test": 0, "validation": 0}, "winsorise": {"lower": 0.05, "upper": 0.95}, "poolBelow": 5}"#,
    )
    .unwrap();
    let (dataset, summary) = run(&table, all).unwrap();
    assert_eq!(
        summary.features,
        ["a", "colour = blue", "colour = red", "colour = (other)"]
    );
    let Encoding::Winsorised { low, high, .. } = dataset.features[0].encoding else {
        panic!("{:?}", dataset.features[0]);
    };
    // Ranks 0.05·99 and 0.95·99, rounded.
    assert_eq!((low, high), (5.0, 94.0));
    let of_a = |row: usize| dataset.x[row * 4];
    assert_eq!((of_a(99), of_a(0)), (of_a(94), of_a(5)));
    assert_eq!(dataset.x[3], 1.0);
    let steps: Vec<_> = summary.report.iter().map(|step| step.code).collect();
    assert_eq!(
        steps,
        [
            "table-rows",
            "rows-used",
            "winsorised",
            "levels-pooled",
            "split-by-row",
            "divided",
            "inputs"
        ]
    );
    assert_eq!(summary.report[2].figures["cells"], 10.0);
    assert_eq!(summary.report[3].figures["levels"], 2.0);
    // A level that no training row had is one of the others.
    let new = build(vec![
        ("a", Role::Feature, ColumnData::Number(vec![1e9])),
        ("colour", Role::Feature, category(&["beige"])),
    ]);
    let (x, warnings) = encode(&new.0, &dataset.features).unwrap();
    assert_eq!((x[0], x[3], warnings.len()), (of_a(94), 1.0, 0));
    let plain = with(|options| (options.split.test, options.split.validation) = (0.0, 0.0));
    assert_eq!(run(&table, plain).unwrap().1.features.len(), 5);
}

#[test]
fn repeated_rows_and_impossible_cells_are_found_and_taken_care_of_on_request() {
    let mut ages: Vec<f64> = (0..60).map(f64::from).collect();
    ages.extend([0.0, 1.0, 200.0]);
    let mut users: Vec<String> = (0..60).map(|row| format!("u{row}")).collect();
    users.extend(["u0", "u1", "u1"].map(str::to_owned));
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut won: Vec<u8> = (0..60).map(|row| u8::from(row % 2 == 0)).collect();
    won.extend([1, 1, 0]);
    let table = build(vec![
        ("user", Role::User, category(&users)),
        ("age", Role::Feature, ColumnData::Number(ages)),
        ("won", Role::Label, ColumnData::Boolean(won)),
    ]);
    let (_, summary) = run(&table, PrepareOptions::default()).unwrap();
    let found = summary
        .warnings
        .iter()
        .find(|warning| warning.code == "duplicate-rows")
        .unwrap();
    // Row 61 has another outcome than row 1.
    assert_eq!(found.figures.as_ref().unwrap()["rows"], 1.0);
    assert_eq!(found.remedy.as_ref().unwrap()["duplicates"], "drop");
    let asked = r#"{"duplicates": "drop", "impossible": "missing"}"#;
    let (dataset, summary) = run(&table, serde_json::from_str(asked).unwrap()).unwrap();
    assert_eq!((dataset.rows(), summary.dropped[0].code), (62, "duplicate"));
    assert_eq!(dataset.table_rows[60], 61);
    assert!(
        summary
            .report
            .iter()
            .any(|step| step.code == "impossible-blanked" && step.figures["cells"] == 1.0)
    );
    let found = channelwise::schema::warnings(&table.0, &table.1);
    assert!(
        found
            .iter()
            .any(|warning| warning.code == "impossible-values"),
        "{found:?}"
    );
}

#[test]
fn one_of_three_outcomes_counts_as_converted_where_it_is_said_which() {
    let cells: Vec<&str> = (0..90)
        .map(|row| ["lost", "won", "open"][row % 3])
        .collect();
    let table = build(vec![
        (
            "x",
            Role::Feature,
            ColumnData::Number((0..90).map(f64::from).collect()),
        ),
        ("state", Role::Label, category(&cells)),
    ]);
    assert_eq!(
        code(run(&table, PrepareOptions::default())),
        "outcome-not-binary"
    );
    let asked = with(|options| options.positive = Some(PositiveValues::One("won".to_owned())));
    let (_, summary) = run(&table, asked).unwrap();
    assert!((summary.base_rate - 1.0 / 3.0).abs() < 1e-12);
    let none = with(|options| options.positive = Some(PositiveValues::One("gone".to_owned())));
    assert_eq!(code(run(&table, none)), "positive-not-found");
}

#[test]
fn the_report_adds_up() {
    let (dataset, summary) = run(&mixed(&alternating(60)), PrepareOptions::default()).unwrap();
    let figure = |code: &str, name: &str| {
        let step = summary.report.iter().find(|step| step.code == code);
        step.map_or(0.0, |step| step.figures[name])
    };
    assert_eq!(figure("table-rows", "rows"), figure("rows-used", "rows"));
    let parts = ["train", "validation", "test", "inNone"].map(|part| figure("divided", part));
    assert_eq!(parts.iter().sum::<f64>(), dataset.rows() as f64);
    assert_eq!(figure("inputs", "inputs"), dataset.width() as f64);
}
