//! What touches add up to, what the report tells of columns and parts, and limits.

use crate::criteo::load;
use channelwise::error::Coded;
use channelwise::ingest::Layout;
use channelwise::prepare::{
    Dataset, DatasetSummary, Encoding, PrepareError, PrepareOptions, Step, encode, encode_journeys,
    prepare,
};
use channelwise::schema::{self, RoleOptions, Schema};
use channelwise::table::Table;
use proptest::prelude::*;

fn read(csv: &str, layout: Layout) -> (Table, Schema) {
    let table = load(csv.as_bytes()).table;
    let schema = schema::infer_as(&table, &RoleOptions::default(), layout).unwrap();
    (table, schema)
}

fn run(
    (table, schema): &(Table, Schema),
    json: &str,
) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let options: PrepareOptions = serde_json::from_str(json).unwrap();
    prepare(table, schema, &options.check().unwrap())
}

fn step<'a>(summary: &'a DatasetSummary, code: &str) -> Option<&'a Step> {
    summary.report.iter().find(|step| step.code == code)
}

/// An input of every journey, as it was before it was standardised.
fn input(dataset: &Dataset, name: &str) -> Option<Vec<f64>> {
    let place = dataset
        .features
        .iter()
        .position(|feature| feature.name == name)?;
    let Encoding::Aggregated {
        mean, deviation, ..
    } = dataset.features[place].encoding
    else {
        panic!("{name} is of another kind")
    };
    let cell = |row: usize| f64::from(dataset.x[row * dataset.width() + place]);
    let back = |row: usize| cell(row) * deviation + mean;
    Some((0..dataset.rows()).map(back).collect())
}

/// A touch: whether a page was viewed, what it cost, whether the price is known.
type Touch = (bool, u8, bool);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn behaviours_add_up_over_the_touches_before_the_last(
        users in prop::collection::vec((prop::collection::vec((any::<bool>(), 0..9u8, prop::bool::weighted(0.8)), 1..6), any::<bool>()), 40..60),
    ) {
        let users: Vec<(Vec<Touch>, bool)> = users;
        let mut csv = "user_id,time,channel,converted,view,price,basket\n".to_owned();
        for (user, (touches, yes)) in users.iter().enumerate() {
            for (at, (view, price, known)) in touches.iter().enumerate() {
                let last = at + 1 == touches.len();
                let flag = *yes && last;
                let price = if *known { price.to_string() } else { String::new() };
                // Only a converting touch fills the basket.
                csv += &format!("u{user},2024-01-0{},{},{},{},{price},{}\n", at + 1, ["a", "b"][(user + at) % 2], u8::from(flag), u8::from(*view), u8::from(flag));
            }
        }
        let read = read(&csv, Layout::Events);
        let converted = users.iter().filter(|user| user.1).count();
        prop_assume!((8..users.len() - 8).contains(&converted));
        let (dataset, summary) = run(&read, r#"{"split": {"by": "row"}, "outcomeOf": "touch"}"#).unwrap();
        prop_assert_eq!(dataset.rows(), users.len());
        prop_assert!(!summary.features.iter().any(|name| name.starts_with("basket")), "{:?}", summary.features);
        let each = |of: &dyn Fn(&[Touch]) -> f64| -> Vec<f64> {
            users.iter().map(|(touches, _)| of(&touches[..touches.len() - 1])).collect()
        };
        let near = |name: &str, expected: Vec<f64>| {
            let Some(found) = input(&dataset, name) else { return Ok(()) };
            for (found, expected) in found.iter().zip(&expected) {
                prop_assert!(expected.is_nan() || (found - expected).abs() < 1e-4, "{name}: {found} {expected}");
            }
            Ok(())
        };
        near("view (any)", each(&|touches| f64::from(u8::from(touches.iter().any(|touch| touch.0)))))?;
        near("view (sum)", each(&|touches| touches.iter().filter(|touch| touch.0).count() as f64))?;
        let known = |touches: &[Touch]| touches.iter().filter(|touch| touch.2).map(|touch| f64::from(touch.1)).collect::<Vec<_>>();
        near("price (sum)", each(&|touches| known(touches).iter().sum()))?;
        near("price (last)", each(&|touches| known(touches).last().copied().unwrap_or(f64::NAN)))?;
        // The same table again, as a new file.
        let options = serde_json::from_str::<PrepareOptions>(r#"{"outcomeOf": "touch"}"#).unwrap().check().unwrap();
        let again = encode_journeys(&read.0, &read.1, &options, &dataset.features).unwrap();
        prop_assert_eq!(again.x, dataset.x);
    }
}

/// Views of ninety users over three touches; the outcome is that of the whole user.
fn viewed() -> (Table, Schema) {
    let mut csv = "user_id,time,channel,view,seconds,word,converted\n".to_owned();
    for row in 0..270 {
        let (user, touch) = (row / 3, row % 3);
        csv += &format!(
            "u{user},2024-01-0{},{},{},{},{},{}\n",
            touch + 1,
            ["a", "b"][row % 2],
            u8::from((row * 7 % 11) < 2),
            row * 31 % 17,
            ["x", "y", "z"][row * 11 % 3],
            u8::from(user % 3 == 0)
        );
    }
    read(&csv, Layout::Events)
}

#[test]
fn what_becomes_of_columns_of_touches_is_told_and_can_be_chosen() {
    let table = viewed();
    let (dataset, summary) = run(&table, "{}").unwrap();
    let told = step(&summary, "touch-features").unwrap();
    assert_eq!(told.columns, ["view", "seconds"]);
    assert_eq!(
        (told.figures["columns"], told.figures["inputs"]),
        (2.0, 4.0)
    );
    // Of whole journeys the last touch counts as well: by hand for the first.
    let first: f64 = (0..3).map(|row| f64::from(row * 31 % 17)).sum();
    let sums = input(&dataset, "seconds (sum)").unwrap();
    assert!((sums[0] - first).abs() < 1e-4);
    let varies = |summary: &DatasetSummary| {
        let found = summary
            .warnings
            .iter()
            .find(|found| found.code == "varies-within-journeys");
        found
            .map(|found| found.columns.clone().unwrap_or_default())
            .unwrap_or_default()
    };
    assert_eq!(varies(&summary), ["word"]);
    let (_, summary) = run(&table, r#"{"touchFeatures": "off"}"#).unwrap();
    assert_eq!(varies(&summary), ["view", "seconds", "word"]);
    let (dataset, summary) = run(&table, r#"{"touchFeatures": {"seconds": ["last"]}}"#).unwrap();
    assert_eq!(varies(&summary), ["view", "word"]);
    assert!(
        input(&dataset, "seconds (last)").is_some() && input(&dataset, "seconds (sum)").is_none()
    );
    // A window leaves out what is before it.
    let (dataset, _) = run(&table, r#"{"lookbackDays": 1.5}"#).unwrap();
    let sums = input(&dataset, "seconds (sum)").unwrap();
    let last: f64 = (1..3).map(|row| f64::from(row * 31 % 17)).sum();
    assert!((sums[0] - last).abs() < 1e-4);
}

#[test]
fn the_report_names_what_was_filled_marked_and_left_out_and_how_parts_were_made() {
    let mut csv =
        "visit_id,channel,age,income,spent_before,country,converted,second_day,opened,day\n"
            .to_owned();
    for row in 0..300 {
        // Age and income miss the same rows, what was spent before others.
        let gap = row % 7 == 0;
        let age = if gap {
            String::new()
        } else {
            (20 + row % 40).to_string()
        };
        let income = if gap {
            String::new()
        } else {
            (row * 13 % 101).to_string()
        };
        let before = if row % 5 == 0 {
            String::new()
        } else {
            (row * 17 % 23).to_string()
        };
        csv += &format!(
            "v{row:05},{},{age},{income},{before},here,{},2024-02-01,{},2024-01-{:02}\n",
            ["mail", "ads"][row % 2],
            u8::from(row % 3 == 0),
            u8::from(row % 4 == 0),
            1 + row % 28
        );
    }
    let table = read(&csv, Layout::Rows);
    let (dataset, summary) = run(&table, "{}").unwrap();
    let columns = |code: &str| {
        step(&summary, code)
            .map(|step| step.columns.clone())
            .unwrap_or_default()
    };
    assert_eq!(columns("missing-filled"), ["age", "income", "spent_before"]);
    assert_eq!(columns("missing-marked"), ["age", "spent_before"]);
    assert_eq!(columns("missing-alike"), ["income"]);
    assert!(!summary.features.contains(&"income is missing".to_owned()));
    assert_eq!(columns("left-out-identifiers"), ["visit_id"]);
    assert!(columns("left-out-constant").contains(&"country".to_owned()));
    assert_eq!(columns("left-out-outcomes"), ["opened"]);
    // Said by somebody, the reasons are the same; only what nobody would have left out was chosen to be.
    let said = r#"{"ignore": ["visit_id", "country", "opened", "second_day", "age"]}"#;
    let schema = schema::infer(&table.0, &serde_json::from_str(said).unwrap()).unwrap();
    let (_, by_hand) = run(&(table.0.clone(), schema), "{}").unwrap();
    let told = |code: &str| {
        step(&by_hand, code)
            .map(|step| step.columns.clone())
            .unwrap_or_default()
    };
    assert_eq!(told("left-out-identifiers"), ["visit_id"]);
    assert_eq!(told("left-out-constant"), ["country", "second_day"]);
    assert_eq!(told("left-out-outcomes"), ["opened"]);
    assert_eq!(told("left-out-chosen"), ["age"]);
    let split = step(&summary, "split-by-row").unwrap();
    assert_eq!(
        (
            split.figures["testShare"],
            split.figures["validationShare"],
            split.figures["seed"]
        ),
        (0.2, 0.1, 42.0)
    );
    // Cells: of the training rows by hand.
    let cells = dataset
        .split
        .train
        .iter()
        .map(|&row| 2 * usize::from(row % 7 == 0) + usize::from(row % 5 == 0));
    assert_eq!(
        step(&summary, "missing-filled").unwrap().figures["cells"],
        cells.sum::<usize>() as f64
    );
    let (x, _) = encode(&table.0, &dataset.features).unwrap();
    assert_eq!(x, dataset.x);
    for (by, code) in [("time", "split-by-time"), ("row", "split-by-row")] {
        let (_, summary) = run(&table, &format!(r#"{{"split": {{"by": "{by}"}}}}"#)).unwrap();
        assert!(step(&summary, code).is_some(), "{by}");
    }
}

#[test]
fn too_many_channels_are_refused_when_the_data_are_prepared() {
    for (layout, head) in [
        (Layout::Events, "user_id,time,channel,converted"),
        (Layout::Rows, "k,pages,channel,converted"),
    ] {
        let made = |channels: usize| {
            let mut csv = head.to_owned() + "\n";
            for row in 0..4_004 {
                csv += &format!(
                    "u{},{},c{},{}\n",
                    row / 2,
                    1 + row % 2,
                    row % channels,
                    u8::from(row % 4 == 1)
                );
            }
            let table = load(csv.as_bytes()).table;
            let roles: RoleOptions = serde_json::from_str(r#"{"channel": "channel"}"#).unwrap();
            let schema = schema::infer_as(&table, &roles, layout).unwrap();
            (table, schema)
        };
        assert!(run(&made(2_000), "{}").is_ok(), "{layout:?}");
        let error = run(&made(2_001), "{}").unwrap_err();
        assert_eq!(error.code(), "too-many-channels");
        assert_eq!(error.figures(), [("found", 2_001.0), ("limit", 2_000.0)]);
        assert_eq!(error.columns(), ["channel"]);
        assert!(!error.to_string().contains('`'));
    }
}
