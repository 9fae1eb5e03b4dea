//! Roles and findings, on small tables and on the real files where they are at hand.

#![allow(clippy::unwrap_used)]

use channelwise::error::Coded;
use channelwise::ingest::{Ingest, Layout, LoadOptions, Loaded};
use channelwise::schema::{self, Role, RoleOptions, Schema};
use std::path::PathBuf;

fn load(bytes: &[u8]) -> Loaded {
    let mut ingest = Ingest::new(LoadOptions::default().check().unwrap());
    for chunk in bytes.chunks(1 << 16) {
        ingest.push(chunk).unwrap();
    }
    ingest.finish().unwrap()
}

fn roles(json: &str) -> RoleOptions {
    serde_json::from_str(json).unwrap()
}

fn infer(loaded: &Loaded) -> Schema {
    schema::infer(&loaded.table, &RoleOptions::default()).unwrap()
}

/// `name role reason` of every column.
fn show(schema: &Schema) -> Vec<String> {
    let columns = schema.columns.iter();
    let line = |column: &schema::ColumnSchema| {
        format!(
            "{} {} {}",
            column.name,
            column.role.name(),
            column.reason.code
        )
    };
    columns.map(line).collect()
}

/// `code column` of every finding.
fn findings(loaded: &Loaded, schema: &Schema) -> Vec<String> {
    let warnings = schema::warnings(&loaded.table, schema);
    let line = |warning: &channelwise::error::Warning| {
        let columns = warning.columns.as_ref().map(|columns| columns.join(","));
        format!("{} {}", warning.code, columns.unwrap_or_default())
            .trim_end()
            .to_owned()
    };
    warnings.iter().map(line).collect()
}

/// A small table of so many rows whose cells come from functions of the row.
fn table(rows: usize, columns: &[(&str, &dyn Fn(usize) -> String)]) -> Loaded {
    let names: Vec<_> = columns.iter().map(|column| column.0).collect();
    let mut csv = names.join(",") + "\n";
    for row in 0..rows {
        let cells: Vec<_> = columns.iter().map(|column| column.1(row)).collect();
        csv += &(cells.join(",") + "\n");
    }
    load(csv.as_bytes())
}

#[test]
fn every_role_is_guessed_with_its_reason() {
    let converted = |row: usize| row.is_multiple_of(7);
    let loaded = table(
        200,
        &[
            ("user_id", &|row| format!("u{}", row / 2)),
            ("session", &|row| format!("s{row:05}")),
            ("started_at", &|row| {
                format!("2024-03-{:02} 10:00", row % 28 + 1)
            }),
            ("updated_at", &|row| {
                format!("2024-04-{:02} 10:00", row % 28 + 1)
            }),
            ("utm_source", &|row| {
                ["google", "bing", "mail"][row % 3].into()
            }),
            ("campaign_cost", &|row| format!("{}.5", row % 9)),
            ("order_value", &|row| {
                if converted(row) {
                    format!("{}.9", row + 10)
                } else {
                    String::new()
                }
            }),
            ("revenue", &|row| {
                if converted(row) {
                    format!("{}.8", row + 8)
                } else {
                    "0".into()
                }
            }),
            ("pages", &|row| (row * 31 % 17).to_string()),
            ("country", &|_| "DE".into()),
            ("note", &|row| format!("some text {}", row % 120)),
            ("nothing", &|_| String::new()),
            ("visited", &|row| {
                if row % 5 == 0 {
                    "yes".into()
                } else {
                    "no".into()
                }
            }),
            ("is_converted", &|row| u8::from(converted(row)).to_string()),
        ],
    );
    let schema = infer(&loaded);
    assert_eq!(
        show(&schema),
        [
            "user_id user user-name",
            "session ignore identifier",
            "started_at time time-type",
            "updated_at ignore other-time",
            "utm_source channel channel-name",
            "campaign_cost cost cost-name",
            "order_value value value-name",
            "revenue ignore other-outcome",
            "pages feature feature",
            "country ignore constant",
            "note ignore too-many-levels",
            "nothing ignore empty",
            "visited ignore other-outcome",
            "is_converted label outcome-name",
        ]
    );
    assert_eq!(schema.positive.as_deref(), Some("true"));
    let label = &schema.columns[13];
    assert_eq!(label.reason.figures["positives"], 29.0);
    assert_eq!((label.distinct, label.missing), (2, 0));
    assert_eq!(schema.columns[4].examples, ["google", "bing", "mail"]);
    assert_eq!(
        findings(&loaded, &schema),
        [
            "few-conversions is_converted",
            "constant-column country,nothing"
        ]
    );
}

#[test]
fn choices_win_over_guesses() {
    let loaded = table(
        50,
        &[
            ("channel", &|row| ["a", "b"][row % 2].into()),
            ("x", &|row| row.to_string()),
            ("z", &|row| (row * 7 % 50).to_string()),
            ("converted", &|row| (row % 2).to_string()),
            ("other", &|row| ["u", "v"][row % 3 % 2].into()),
        ],
    );
    let with = |json: &str| schema::infer(&loaded.table, &roles(json));
    let role = |json: &str, name: &str| {
        let schema = with(json).unwrap();
        let column = schema
            .columns
            .into_iter()
            .find(|column| column.name == name)
            .unwrap();
        (column.role, column.reason.code)
    };
    assert_eq!(role("{}", "x"), (Role::Ignore, "identifier"));
    assert_eq!(
        role(r#"{"features":["x"]}"#, "x"),
        (Role::Feature, "chosen")
    );
    assert_eq!(
        role(r#"{"features":["x"]}"#, "z"),
        (Role::Ignore, "not-chosen")
    );
    assert_eq!(
        role(r#"{"features":["x"]}"#, "channel"),
        (Role::Channel, "channel-name")
    );
    assert_eq!(
        role(r#"{"ignore":["channel"]}"#, "channel"),
        (Role::Ignore, "chosen")
    );
    assert_eq!(
        role(r#"{"label":"other"}"#, "other"),
        (Role::Label, "chosen")
    );
    assert_eq!(
        role(r#"{"label":"other"}"#, "converted"),
        (Role::Ignore, "other-outcome")
    );
    assert_eq!(
        role(r#"{"channel":"other","features":["other","x"]}"#, "other"),
        (Role::Channel, "chosen")
    );
    assert_eq!(
        with(r#"{"label":"other"}"#).unwrap().positive.as_deref(),
        Some("v")
    );
    let code = |json: &str| with(json).unwrap_err().code();
    assert_eq!(code(r#"{"label":"nope"}"#), "unknown-column");
    assert_eq!(code(r#"{"ignore":["nope"]}"#), "unknown-column");
    assert_eq!(code(r#"{"label":"x","user":"x"}"#), "role-conflict");
    assert_eq!(code(r#"{"label":"x","ignore":["x"]}"#), "role-conflict");
    assert_eq!(
        code(r#"{"features":["x"],"ignore":["x"]}"#),
        "role-conflict"
    );
}

#[test]
fn outcomes_are_found_by_name_or_place_or_not_at_all() {
    let label = |header: &str, rows: &[&str]| {
        let loaded = load(format!("{header}\n{}\n", rows.join("\n")).as_bytes());
        let schema = infer(&loaded);
        let codes = findings(&loaded, &schema);
        let name = schema.name_of(Role::Label).map(str::to_owned);
        (
            name,
            schema.positive,
            codes.first().cloned().unwrap_or_default(),
        )
    };
    let found = |name: &str, positive: &str| (Some(name.to_owned()), Some(positive.to_owned()));
    let two = |(name, positive, _): (Option<String>, Option<String>, String)| (name, positive);
    assert_eq!(
        two(label("x,y", &["5,no", "7,yes", "9,no"])),
        found("y", "true")
    );
    assert_eq!(
        two(label("渠道,下单,a", &["s,是,u", "t,否,v"])),
        found("下单", "true")
    );
    assert_eq!(two(label("a,b", &["u,v", "s,w", "u,v"])), found("b", "w"));
    assert_eq!(
        two(label("status,n", &["won,5", "lost,6", "lost,7"])),
        found("status", "won")
    );
    assert_eq!(
        two(label("target,n", &["2,50", "1,60", "1,70"])),
        found("target", "2")
    );
    let none = label("a,b", &["1,2.5", "2,3.5", "3,4.5"]);
    assert_eq!(none, (None, None, "no-outcome".to_owned()));
    let traits = label("gender,n", &["m,5", "f,6", "f,7"]);
    assert_eq!(traits.0, None);
    let one = label("n,converted", &["5,0", "6,0", "7,0"]);
    assert_eq!(one.2, "one-class-label converted");
    assert_eq!(one.0.as_deref(), Some("converted"));
    let all = label("n,converted", &["5,yes", "6,yes"]);
    assert_eq!(all.2, "one-class-label converted");
}

#[test]
fn what_should_be_looked_at_is_found() {
    let converted = |row: usize| row >= 700;
    let loaded = table(
        1000,
        &[
            ("channel", &|row| ["a", "b", "c"][row % 3].into()),
            ("score_after", &|row| {
                format!(
                    "{}.5",
                    if converted(row) {
                        100 + row % 7
                    } else {
                        row % 90
                    }
                )
            }),
            ("region", &|row| (row * 31 % 9 + 1).to_string()),
            ("visits", &|row| (row * 31 % 9 + 1).to_string()),
            ("duration", &|row| format!("{}.5", row * 7919 % 1000)),
            ("rare", &|row| {
                if row % 3 == 0 {
                    "0.5".into()
                } else {
                    "".into()
                }
            }),
            ("converted", &|row| u8::from(converted(row)).to_string()),
        ],
    );
    let schema = infer(&loaded);
    assert_eq!(
        findings(&loaded, &schema),
        [
            "sorted-by-label converted",
            "possible-leak score_after",
            "possible-leak duration",
            "code-like-number region",
            "many-missing rare",
        ]
    );
    let warnings = schema::warnings(&loaded.table, &schema);
    assert_eq!(warnings[1].figures.as_ref().unwrap()["auc"], 1.0);
    let no_channel = schema::infer(&loaded.table, &roles(r#"{"ignore":["channel"]}"#)).unwrap();
    assert!(findings(&loaded, &no_channel).contains(&"no-channel".to_owned()));
    let many = schema::infer(&loaded.table, &roles(r#"{"label":"region"}"#)).unwrap();
    assert_eq!(
        (findings(&loaded, &many)[0].as_str(), many.positive),
        ("outcome-not-binary region", None)
    );
}

/// A file of the shared test data, `None` (said aloud) where it is not at hand.
fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("CHANNELWISE_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let bytes = std::fs::read(folder.join("data").join(name)).ok();
    if bytes.is_none() {
        // Past the test runner's capture, so that a test that tested nothing does not look like proof.
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("skipped: {name} is not at hand\n"),
        );
    }
    bytes
}

#[test]
fn online_shoppers() {
    let Some(bytes) = shared("online_shoppers_intention.csv") else {
        return;
    };
    let loaded = load(&bytes);
    assert_eq!(
        (loaded.table.rows, loaded.summary.rejected.count),
        (12_330, 0)
    );
    let schema = infer(&loaded);
    assert_eq!(schema.name_of(Role::Label), Some("Revenue"));
    assert_eq!(schema.positive.as_deref(), Some("true"));
    assert_eq!(schema.name_of(Role::Channel), Some("TrafficType"));
    let features = schema
        .columns
        .iter()
        .filter(|column| column.role == Role::Feature);
    assert_eq!(features.count(), 16);
    let label = schema
        .columns
        .iter()
        .find(|column| column.role == Role::Label)
        .unwrap();
    assert_eq!(label.reason.figures["positives"], 1908.0);
    assert_eq!(
        findings(&loaded, &schema),
        [
            "possible-leak PageValues",
            "code-like-number OperatingSystems",
            "code-like-number Browser",
            "code-like-number Region",
        ]
    );
}

#[test]
fn hillstrom() {
    let Some(bytes) = shared("hillstrom.csv") else {
        return;
    };
    let loaded = load(&bytes);
    assert_eq!(
        (loaded.table.rows, loaded.summary.rejected.count),
        (64_000, 0)
    );
    let schema = infer(&loaded);
    assert_eq!(
        show(&schema),
        [
            "recency feature feature",
            "history_segment feature feature",
            "history feature feature",
            "mens feature feature",
            "womens feature feature",
            "zip_code feature feature",
            "newbie feature feature",
            "channel channel channel-name",
            "segment feature feature",
            "visit ignore other-outcome",
            "conversion label outcome-name",
            "spend value value-name",
        ]
    );
    let visit = schema::infer(&loaded.table, &roles(r#"{"label":"visit"}"#)).unwrap();
    assert_eq!(
        show(&visit)[9..],
        [
            "visit label chosen",
            "conversion ignore other-outcome",
            "spend value value-name"
        ]
    );
    assert_eq!(findings(&loaded, &schema), Vec::<String>::new());
}

#[test]
fn paths_are_told_from_rows() {
    let Some(bytes) = shared("pathdata_channelattribution.csv") else {
        return;
    };
    let loaded = load(&bytes);
    assert_eq!(
        (loaded.table.rows, loaded.summary.rejected.count),
        (10_000, 0)
    );
    let schema = infer(&loaded);
    assert_eq!(schema.layout, Layout::Paths);
    assert_eq!(
        show(&schema),
        [
            "path path path-name",
            "total_conversions label conversions-name",
            "total_conversion_value value path-value-name",
            "total_null nulls nulls-name",
        ]
    );
    assert_eq!(findings(&loaded, &schema), Vec::<String>::new());
}

#[test]
fn two_rows_leak_nothing_and_identifiers_are_no_features() {
    let loaded = load(b"x,converted\n1,0\n2,1\n");
    let schema = infer(&loaded);
    assert!(
        !findings(&loaded, &schema)
            .iter()
            .any(|found| found.starts_with("possible-leak"))
    );
    let loaded = table(
        60,
        &[
            ("ticket_id", &|row| (row * 7919 % 6007).to_string()),
            ("age", &|row| {
                if row == 3 {
                    "-4".into()
                } else {
                    (20 + row % 30).to_string()
                }
            }),
            ("converted", &|row| u8::from(row % 3 == 0).to_string()),
        ],
    );
    let chosen =
        schema::infer(&loaded.table, &roles(r#"{"features":["ticket_id","age"]}"#)).unwrap();
    let warnings = schema::warnings(&loaded.table, &chosen);
    let found = |code: &str| {
        warnings
            .iter()
            .find(|warning| warning.code == code)
            .unwrap()
    };
    let identifier = found("identifier-feature");
    assert_eq!(identifier.remedy.as_ref().unwrap()["ignore"], "ticket_id");
    assert_eq!(identifier.figures.as_ref().unwrap()["distinct"], 60.0);
    let impossible = found("impossible-values");
    assert_eq!(impossible.figures.as_ref().unwrap()["cells"], 1.0);
    assert_eq!(impossible.remedy.as_ref().unwrap()["impossible"], "missing");
}

/// The bank file comes in an archive; this is its shape.
#[test]
fn bank_marketing() {
    let mut csv = "\"age\";\"job\";\"contact\";\"month\";\"duration\";\"campaign\";\"pdays\";\"emp.var.rate\";\"y\"\r\n".to_owned();
    for row in 0..400usize {
        let yes = row % 9 == 0;
        csv += &format!(
            "{};\"{}\";\"{}\";\"may\";{};{};999;{};\"{}\"\r\n",
            20 + row * 13 % 50,
            ["housemaid", "services", "unknown"][row % 3],
            ["telephone", "cellular"][row % 2],
            if yes { 500 + row } else { row },
            1 + row % 6,
            ["1.1", "-1.8"][row / 7 % 2],
            if yes { "yes" } else { "no" },
        );
    }
    let loaded = load(csv.as_bytes());
    assert_eq!(loaded.summary.delimiter.as_deref(), Some(";"));
    let schema = infer(&loaded);
    assert_eq!(schema.name_of(Role::Label), Some("y"));
    assert_eq!(schema.name_of(Role::Channel), Some("contact"));
    let found = findings(&loaded, &schema);
    assert!(
        found.contains(&"possible-leak duration".to_owned()),
        "{found:?}"
    );
}
