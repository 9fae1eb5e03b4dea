//! What the outcome beside touches speaks of, what its empty cells say, and when journeys converted.

use crate::criteo::load;
use channelwise::error::Warning;
use channelwise::ingest::Layout;
use channelwise::prepare::{
    Dataset, DatasetSummary, JoinOptions, PrepareError, PrepareOptions, join, prepare,
};
use channelwise::schema::{self, Role, RoleOptions, Schema};
use channelwise::table::Table;

fn prepared(
    table: &Table,
    schema: &Schema,
    json: &str,
) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let options: PrepareOptions = serde_json::from_str(json).unwrap();
    prepare(table, schema, &options.check().unwrap())
}

fn run(csv: &str, json: &str) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let loaded = load(csv.as_bytes());
    let schema = schema::infer_as(&loaded.table, &RoleOptions::default(), Layout::Events).unwrap();
    prepared(&loaded.table, &schema, json)
}

fn warning<'a>(summary: &'a DatasetSummary, code: &str) -> Option<&'a Warning> {
    summary.warnings.iter().find(|found| found.code == code)
}

fn figure(warning: &Warning, name: &str) -> f64 {
    warning.figures.as_ref().unwrap()[name]
}

/// Its remedy as options.
fn remedy(warning: &Warning) -> String {
    serde_json::to_string(warning.remedy.as_ref().unwrap()).unwrap()
}

fn step(summary: &DatasetSummary, code: &str, name: &str) -> Option<f64> {
    let step = summary.report.iter().find(|step| step.code == code);
    step.map(|step| step.figures[name])
}

/// `touches | outcome` of every journey.
fn told(dataset: &Dataset) -> Vec<(usize, f32)> {
    let journeys = dataset.journeys.as_ref().unwrap();
    let lengths = (0..journeys.len()).map(|journey| journeys.range(journey).len());
    lengths.zip(dataset.y.iter().copied()).collect()
}

/// Three touches for each of 60 users, every third of whom converted; the flag of each touch is given by
/// user, touch, and whether the user converted.
fn users(flag: impl Fn(usize, usize, bool) -> &'static str) -> String {
    let mut csv = "user_id,time,channel,converted\n".to_owned();
    for user in 0..60 {
        for touch in 0..3 {
            let channel = ["mail", "ads", "search"][(user + touch * touch) % 3];
            let flag = flag(user, touch, user % 3 == 0);
            csv += &format!("u{user},2024-02-0{} 10:00,{channel},{flag}\n", touch + 1);
        }
    }
    csv
}

#[test]
fn one_user_who_contradicts_does_not_change_how_all_others_are_read() {
    // The outcome of whole users, but one converter's first touch says no, and one other's says yes.
    let csv = users(|user, touch, yes| match (user, touch) {
        (0, 0) => "0",
        (1, 0) => "1",
        _ if yes => "1",
        _ => "0",
    });
    let (dataset, summary) = run(&csv, "{}").unwrap();
    // By most of their touches: 20 of 60 users converted, with three touches each.
    assert_eq!(dataset.rows(), 60);
    assert!(told(&dataset).iter().all(|journey| journey.0 == 3));
    let converted: Vec<usize> = (0..60).filter(|&user| dataset.y[user] > 0.5).collect();
    assert_eq!(converted, (0..60).step_by(3).collect::<Vec<_>>());
    assert_eq!(step(&summary, "outcome-of-journeys", "against"), Some(2.0));
    assert_eq!(step(&summary, "outcome-of-journeys", "telling"), Some(21.0));
    let found = warning(&summary, "outcome-differs-within-journeys").unwrap();
    assert_eq!(figure(found, "journeys"), 2.0);
    assert!((figure(found, "share") - 2.0 / 21.0).abs() < 1e-12);
    assert_eq!(remedy(found), r#"{"outcomeOf":"touch"}"#);
    let (dataset, summary) = run(&csv, &remedy(found)).unwrap();
    assert!(warning(&summary, "outcome-differs-within-journeys").is_none());
    // Each of 19 converters' three touches is then a conversion of its own.
    assert_eq!(
        dataset.y.iter().filter(|&&y| y > 0.5).count(),
        19 * 3 + 2 + 1
    );
}

#[test]
fn flags_of_touches_stay_flags_of_touches_and_the_reading_can_be_chosen() {
    // The last touch converts; two users converted with every touch.
    let csv = users(|user, touch, yes| {
        let always = user == 0 || user == 3;
        if yes && (touch == 2 || always) {
            "1"
        } else {
            "0"
        }
    });
    let (dataset, summary) = run(&csv, "{}").unwrap();
    assert_eq!(dataset.rows(), 60 + 2 * 2);
    assert_eq!(step(&summary, "outcome-of-touches", "against"), Some(2.0));
    let found = warning(&summary, "outcome-same-within-journeys").unwrap();
    assert_eq!(
        (figure(found, "journeys"), figure(found, "share")),
        (2.0, 0.1)
    );
    let (dataset, summary) = run(&csv, &remedy(found)).unwrap();
    assert_eq!(dataset.rows(), 60);
    assert!(warning(&summary, "outcome-same-within-journeys").is_none());
    // Where no user converted with every touch there is nothing to say.
    let csv = users(|_, touch, yes| if yes && touch == 2 { "1" } else { "0" });
    let (_, summary) = run(&csv, "{}").unwrap();
    assert!(warning(&summary, "outcome-same-within-journeys").is_none());
}

#[test]
fn a_flag_that_is_set_or_empty_reads_as_yes_and_no() {
    for (yes, no) in [("1", ""), ("x", ""), ("yes", "")] {
        let csv = users(|_, touch, converts| if converts && touch == 2 { yes } else { no });
        let (dataset, summary) = run(&csv, "{}").unwrap();
        assert_eq!(dataset.rows(), 60, "{yes}");
        assert_eq!(dataset.y.iter().filter(|&&y| y > 0.5).count(), 20);
        let found = warning(&summary, "blank-outcome").unwrap();
        assert_eq!(figure(found, "rows"), 160.0);
        assert_eq!(remedy(found), r#"{"blankOutcome":"unknown"}"#);
    }
    // Rows of their own: who has no flag did not convert.
    let mut csv = "channel,age,converted\n".to_owned();
    for row in 0..90 {
        let flag = if row % 3 == 0 { "1" } else { "" };
        csv += &format!("{},{},{flag}\n", ["mail", "ads"][row % 2], row % 31);
    }
    let loaded = load(csv.as_bytes());
    let schema = schema::infer(&loaded.table, &RoleOptions::default()).unwrap();
    assert_eq!(schema.name_of(Role::Label), Some("converted"));
    let codes: Vec<_> = schema::warnings(&loaded.table, &schema);
    let codes: Vec<&str> = codes.iter().map(|found| found.code.as_str()).collect();
    assert!(codes.contains(&"blank-outcome") && !codes.contains(&"one-class-label"));
    let (dataset, summary) = prepared(&loaded.table, &schema, "{}").unwrap();
    assert_eq!((dataset.rows(), summary.dropped.len()), (90, 0));
    assert_eq!(summary.base_rate, 1.0 / 3.0);
    let undone = remedy(warning(&summary, "blank-outcome").unwrap());
    let error = prepared(&loaded.table, &schema, &undone).unwrap_err();
    assert_eq!(channelwise::error::Coded::code(&error), "one-class");
}

/// Touches of 60 users on five days, and what became of each user: on the third day at 12:00, or not.
fn events_and_outcomes(at: &str) -> (Table, Schema) {
    let mut touches = "user_id,touch_time,channel\n".to_owned();
    let mut outcomes = "user_id,converted,converted_at\n".to_owned();
    for user in 0..60 {
        let yes = user % 3 == 0;
        for day in 1..=5 {
            // Only who has converted comes by mail afterwards: a model that saw this would know.
            let channel = if yes && day > 3 {
                "thanks"
            } else {
                ["mail", "ads"][(user + day) % 2]
            };
            touches += &format!("u{user},2024-03-0{day} 09:00,{channel}\n");
        }
        let when = if yes { at } else { "" };
        outcomes += &format!("u{user},{},{when}\n", u8::from(yes));
    }
    let (touches, outcomes) = (load(touches.as_bytes()), load(outcomes.as_bytes()));
    let (table, _) = join(&touches.table, &outcomes.table, &JoinOptions::default()).unwrap();
    let schema = schema::infer(&table, &RoleOptions::default()).unwrap();
    (table, schema)
}

#[test]
fn joined_outcomes_cut_journeys_at_the_time_of_their_conversion() {
    let (table, schema) = events_and_outcomes("2024-03-03 12:00");
    assert_eq!(schema.layout, Layout::Events);
    assert_eq!(schema.name_of(Role::Time), Some("touch_time"));
    assert_eq!(schema.name_of(Role::ConversionTime), Some("converted_at"));
    let (dataset, summary) = prepared(&table, &schema, "{}").unwrap();
    for (user, journey) in told(&dataset).into_iter().enumerate() {
        let expected = if user % 3 == 0 { (3, 1.0) } else { (5, 0.0) };
        assert_eq!(journey, expected);
    }
    let counts = summary.touches.unwrap();
    assert_eq!(
        (counts.after_outcome, counts.used),
        (20 * 2, 20 * 3 + 40 * 5)
    );
    assert_eq!(step(&summary, "after-outcome", "rows"), Some(40.0));
    let found = warning(&summary, "touches-after-conversion").unwrap();
    assert_eq!(figure(found, "touches"), 40.0);
    assert!(warning(&summary, "journeys-after-conversion").is_none());
    // The time to the end of the journey is that to the conversion.
    let journeys = dataset.journeys.as_ref().unwrap();
    assert!((journeys.days_before_end[2] - 0.125).abs() < 1e-6);
    // Nothing of what came later is an input.
    let inputs = summary.features.join(" ");
    assert!(
        !inputs.contains("thanks") && !inputs.contains("converted"),
        "{inputs}"
    );
    assert_eq!(
        summary.roles.conversion_time.as_deref(),
        Some("converted_at")
    );
}

#[test]
fn a_conversion_that_only_has_a_day_keeps_the_touches_of_that_day() {
    let (table, schema) = events_and_outcomes("2024-03-03");
    let (dataset, summary) = prepared(&table, &schema, "{}").unwrap();
    assert_eq!(told(&dataset)[0], (3, 1.0));
    assert!(step(&summary, "cut-at-conversion-day", "rows").is_some());
    // To the hour, 09:00 of that day lies before it as well, but midnight does not.
    let (table, schema) = events_and_outcomes("2024-03-03 08:59");
    let (dataset, _) = prepared(&table, &schema, "{}").unwrap();
    assert_eq!(told(&dataset)[0], (2, 1.0));
}

#[test]
fn a_journey_whose_touches_all_came_later_is_left_out_and_counted() {
    let (table, schema) = events_and_outcomes("2024-03-01 08:00");
    let error = prepared(&table, &schema, "{}").unwrap_err();
    assert_eq!(channelwise::error::Coded::code(&error), "one-class");
}

#[test]
fn a_column_that_has_nothing_to_do_with_the_outcome_is_no_conversion_time() {
    let csv = {
        let mut csv = "user_id,touch_time,channel,converted,signup_date\n".to_owned();
        for user in 0..60 {
            for day in 1..=3 {
                let flag = u8::from(user % 3 == 0);
                csv += &format!(
                    "u{user},2024-03-0{day} 09:00,{},{flag},2023-01-0{}\n",
                    ["mail", "ads"][(user + day) % 2],
                    1 + user % 9
                );
            }
        }
        csv
    };
    let loaded = load(csv.as_bytes());
    let schema = schema::infer(&loaded.table, &RoleOptions::default()).unwrap();
    assert_eq!(schema.name_of(Role::ConversionTime), None);
    assert_eq!(schema.name_of(Role::Time), Some("touch_time"));
}

#[test]
fn several_kinds_of_touches_may_be_conversions_and_all_values_can_be_offered() {
    let mut csv = "user_id,time,channel,status\n".to_owned();
    for user in 0..60 {
        let status = match user % 6 {
            0 => "purchase",
            1 => "signup",
            rest => ["view", "click", "bounce", "call"][rest - 2],
        };
        csv += &format!("u{user},2024-02-01,{},view\n", ["mail", "ads"][user % 2]);
        csv += &format!(
            "u{user},2024-02-02,{},{status}\n",
            ["mail", "ads"][user / 2 % 2]
        );
    }
    let loaded = load(csv.as_bytes());
    let roles: RoleOptions = serde_json::from_str(r#"{"label": "status"}"#).unwrap();
    let schema = schema::infer_as(&loaded.table, &roles, Layout::Events).unwrap();
    let label = schema
        .columns
        .iter()
        .find(|column| column.role == Role::Label)
        .unwrap();
    let levels: Vec<_> = label
        .levels
        .iter()
        .map(|level| (level.value.as_str(), level.count))
        .collect();
    let rest = [
        ("bounce", 10),
        ("call", 10),
        ("click", 10),
        ("purchase", 10),
        ("signup", 10),
    ];
    assert_eq!(levels[0], ("view", 70));
    assert_eq!(levels[1..], rest);
    let found = schema::warnings(&loaded.table, &schema);
    let found = found
        .iter()
        .find(|found| found.code == "outcome-not-binary")
        .unwrap();
    assert_eq!(
        (figure(found, "distinct"), remedy(found).as_str()),
        (6.0, r#"{"positive":"purchase"}"#)
    );
    let rate = |json: &str| {
        let (dataset, summary) = prepared(&loaded.table, &schema, json).unwrap();
        (
            dataset.y.iter().filter(|&&y| y > 0.5).count(),
            summary.positives.join("+"),
        )
    };
    assert_eq!(
        rate(r#"{"positive": "purchase"}"#),
        (10, "purchase".to_owned())
    );
    assert_eq!(
        rate(r#"{"positive": ["purchase", "signup"]}"#),
        (20, "purchase+signup".to_owned())
    );
    for json in [
        r#"{"positive": []}"#,
        r#"{"positive": ["purchase", "gone"]}"#,
    ] {
        let options: PrepareOptions = serde_json::from_str(json).unwrap();
        let refused = options
            .check()
            .and_then(|options| prepare(&loaded.table, &schema, &options));
        assert!(refused.is_err(), "{json}");
    }
}
