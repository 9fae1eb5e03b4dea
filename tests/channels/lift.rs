//! The randomised e-mail test of Hillstrom against effects computed independently.

use channelwise::channels::{CompareOptions, Comparison, Grouping, Lift, Treatment, compare};
use channelwise::ingest::{Ingest, LoadOptions};
use channelwise::prepare::{Channels, Dataset, Encoding, Feature, PrepareOptions, prepare};
use channelwise::schema::{RoleOptions, infer};
use std::path::PathBuf;

fn shared(name: &str) -> Option<String> {
    let folder = std::env::var_os("CHANNELWISE_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(folder.join(name)).ok();
    if text.is_none() {
        eprintln!("skipped: {name} is not here");
    }
    text
}

/// The file with `visit` or `conversion` as the outcome, `spend` as the value, and the segment one-hot.
fn hillstrom(text: &str, outcome: &str) -> Dataset {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    // A name of an earlier column holds a comma, so columns are counted from the end.
    let at = |name: &str| {
        header
            .iter()
            .rev()
            .position(|column| *column == name)
            .unwrap()
    };
    let rows: Vec<Vec<&str>> = lines
        .map(|line| line.trim_end().rsplit(',').collect())
        .collect();
    let levels = ["Mens E-Mail", "No E-Mail", "Womens E-Mail"];
    let names = ["Multichannel", "Phone", "Web"];
    let feature = |level: &str| Feature {
        name: format!("segment = {level}"),
        column: "segment".to_owned(),
        encoding: Encoding::OneHot {
            level: level.to_owned(),
        },
    };
    let code = |row: &Vec<&str>| {
        names
            .iter()
            .position(|name| *name == row[at("channel")])
            .unwrap() as u32
    };
    Dataset {
        features: levels.map(feature).to_vec(),
        x: rows
            .iter()
            .flat_map(|row| levels.map(|level| f32::from(u8::from(row[at("segment")] == level))))
            .collect(),
        y: rows
            .iter()
            .map(|row| row[at(outcome)].parse().unwrap())
            .collect(),
        values: Some(
            rows.iter()
                .map(|row| row[at("spend")].parse().unwrap())
                .collect(),
        ),
        channels: Some(Channels {
            column: "channel".to_owned(),
            names: names.map(str::to_owned).to_vec(),
            codes: rows.iter().map(code).collect(),
        }),
        ..Dataset::default()
    }
}

fn lift(data: &Dataset, treatment: Grouping) -> Option<Lift> {
    let options = CompareOptions {
        treatment,
        ..CompareOptions::default()
    };
    compare(data, &[], &options.check().unwrap()).unwrap().lift
}

#[test]
fn the_effects_of_the_e_mails_are_the_references() {
    let (Some(text), Some(json)) = (
        shared("data/hillstrom.csv"),
        shared("reference/hillstrom_effects.json"),
    ) else {
        return;
    };
    let reference: serde_json::Value = serde_json::from_str(&json).unwrap();
    for outcome in ["visit", "conversion"] {
        let data = hillstrom(&text, outcome);
        let found = lift(&data, Grouping::Guess).unwrap();
        assert_eq!(
            (found.column.as_str(), found.control.as_str(), found.guessed),
            ("segment", "No E-Mail", true)
        );
        assert_eq!(found.effects.len(), 8);
        for effect in &found.effects {
            let part = effect.channel.as_deref().unwrap_or("ALL");
            let wanted =
                |outcome: &str| reference[format!("{outcome}|{part}|{}", effect.level)].clone();
            let near = |found: f64, wanted: &serde_json::Value, within: f64| {
                let wanted = wanted.as_f64().unwrap();
                assert!(
                    (found - wanted).abs() < within,
                    "{outcome} {part} {found} {wanted}"
                );
            };
            near(effect.treated, &wanted(outcome)["treated"], 1e-9);
            near(effect.control, &wanted(outcome)["control"], 1e-9);
            near(effect.difference.difference, &wanted(outcome)["ate"], 1e-9);
            near(
                effect.difference.interval[0],
                &wanted(outcome)["ci"][0],
                2e-6,
            );
            near(
                effect.difference.interval[1],
                &wanted(outcome)["ci"][1],
                2e-6,
            );
            // Who spends has visited and converted, so the spend is the same by either outcome.
            let value = effect.value.as_ref().unwrap();
            near(value.difference, &wanted("spend")["ate"], 1e-9);
            near(value.interval[0], &wanted("spend")["ci"][0], 2e-4);
        }
        assert!(found.effects[0].p < 1e-6);
    }
    let data = hillstrom(&text, "visit");
    let other = Treatment {
        column: "segment".to_owned(),
        control: Some("Mens E-Mail".to_owned()),
    };
    assert_eq!(
        lift(&data, Grouping::Named(other)).unwrap().groups[0].level,
        "Mens E-Mail"
    );
    assert!(lift(&data, Grouping::Off).is_none());
    let comparison = compare(&data, &[], &CompareOptions::default().check().unwrap()).unwrap();
    assert!(
        comparison
            .findings
            .iter()
            .any(|finding| finding.code == "lift-is-not-credit")
    );
}

/// A file as a user gives it, through every step to the comparison.
fn whole_way(text: &str, roles: &str, treatment: Grouping) -> Comparison {
    let mut ingest = Ingest::new(LoadOptions::default().check().unwrap());
    ingest.push(text.as_bytes()).unwrap();
    let table = ingest.finish().unwrap().table;
    let roles: RoleOptions = serde_json::from_str(roles).unwrap();
    let schema = infer(&table, &roles).unwrap();
    let preparing = PrepareOptions::default().check().unwrap();
    let (dataset, _) = prepare(&table, &schema, &preparing).unwrap();
    let options = CompareOptions {
        treatment,
        ..CompareOptions::default()
    }
    .check()
    .unwrap();
    let mut comparison = compare(&dataset, &[], &options).unwrap();
    comparison.find_lift(&dataset, Some(&table), &options);
    comparison
}

fn named(column: &str) -> Grouping {
    Grouping::Named(Treatment {
        column: column.to_owned(),
        control: None,
    })
}

/// No data set built by hand: the file itself, with the segment as it comes and left out of the features.
#[test]
fn hillstroms_file_gives_the_references_effects() {
    let (Some(text), Some(json)) = (
        shared("data/hillstrom.csv"),
        shared("reference/hillstrom_effects.json"),
    ) else {
        return;
    };
    let reference: serde_json::Value = serde_json::from_str(&json).unwrap();
    for ignored in ["", r#""ignore":["segment"],"#] {
        let roles = format!(r#"{{{ignored}"label":"visit","channel":"channel","value":"spend"}}"#);
        let lift = whole_way(&text, &roles, Grouping::Guess).lift.unwrap();
        assert_eq!(
            (lift.column.as_str(), lift.control.as_str(), lift.unit),
            ("segment", "No E-Mail", "rows")
        );
        assert_eq!(lift.effects.len(), 8);
        for effect in &lift.effects {
            let part = effect.channel.as_deref().unwrap_or("ALL");
            let wanted = &reference[format!("visit|{part}|{}", effect.level)];
            let near = |found: f64, wanted: &serde_json::Value, within: f64| {
                assert!(
                    (found - wanted.as_f64().unwrap()).abs() < within,
                    "{found} {wanted}"
                );
            };
            near(effect.difference.difference, &wanted["ate"], 1e-9);
            near(effect.difference.interval[0], &wanted["ci"][0], 2e-6);
            near(effect.difference.interval[1], &wanted["ci"][1], 2e-6);
        }
    }
}

/// 400 rows, half of them treated; 40 of the treated convert and 20 of the others.
fn trial(yes: &str, no: &str, user: impl Fn(usize) -> String) -> String {
    let mut text = String::from("customer,source,got_mail,bought\n");
    for row in 0..400 {
        let treated = row % 2 == 0;
        let converted = row / 2 % 10 < if treated { 2 } else { 1 };
        let source = ["web", "store", "phone"][row % 3];
        let group = if treated { yes } else { no };
        text += &format!("{},{source},{group},{}\n", user(row), u8::from(converted));
    }
    text
}

#[test]
fn a_group_is_read_whatever_its_type_or_part() {
    for (yes, no) in [("1", "0"), ("yes", "no"), ("true", "false"), ("是", "否")] {
        for part in ["", r#""ignore":["got_mail"],"#] {
            let text = trial(yes, no, |row| format!("c{row}"));
            let roles = format!(r#"{{{part}"label":"bought","channel":"source"}}"#);
            let found = whole_way(&text, &roles, named("got_mail"));
            let lift = found
                .lift
                .unwrap_or_else(|| panic!("{yes}: {:?}", found.lift_refused));
            let all = &lift.effects[0];
            assert_eq!(
                (all.treated, all.control, all.n),
                (0.2, 0.1, 200.0),
                "{yes} {part}"
            );
            assert!(found.lift_refused.is_none());
        }
    }
}

/// Every user has two rows, and converts in one of them: users are compared, not rows.
#[test]
fn returning_users_are_compared_as_users() {
    let mut text = String::from("customer,source,got_mail,bought,amount\n");
    for user in 0..200 {
        let treated = user % 2 == 0;
        let converted = user / 2 % 10 < if treated { 4 } else { 2 };
        for visit in 0..2 {
            let bought = u8::from(converted && visit == 1);
            let amount = if bought == 1 { "10" } else { "" };
            text += &format!(
                "c{user},{},{},{bought},{amount}\n",
                ["web", "store"][visit],
                u8::from(treated)
            );
        }
    }
    let roles = r#"{"label":"bought","channel":"source","user":"customer","value":"amount"}"#;
    let lift = whole_way(&text, roles, named("got_mail")).lift.unwrap();
    let all = &lift.effects[0];
    assert_eq!((lift.unit, all.n, all.n_control), ("users", 100.0, 100.0));
    assert_eq!((all.treated, all.control), (0.4, 0.2));
    assert!((all.value.as_ref().unwrap().difference - 2.0).abs() < 1e-12);
}

#[test]
fn what_is_no_group_says_so() {
    let text = trial("1", "0", |row| format!("c{row}"));
    let roles = r#"{"label":"bought","channel":"source"}"#;
    let code = |text: &str, column: &str| {
        let found = whole_way(text, roles, named(column));
        assert!(found.lift.is_none());
        let refused = found.lift_refused.unwrap();
        (refused.reason.code, refused.levels)
    };
    assert_eq!(code(&text, "nowhere").0, "lift-no-column");
    assert_eq!(code(&text, "customer").0, "lift-too-many-groups");
    assert_eq!(code(&text, "bought").0, "lift-is-outcome");
    assert_eq!(
        code(&text, "source"),
        (
            "lift-no-control",
            ["phone", "store", "web"].map(str::to_owned).to_vec()
        )
    );
    // Users who stand in both groups were not put in either.
    let mixed = trial("1", "0", |row| format!("c{}", row / 2));
    let roles = r#"{"label":"bought","channel":"source","user":"customer"}"#;
    let found = whole_way(&mixed, roles, named("got_mail"));
    let reason = found.lift_refused.unwrap().reason;
    assert_eq!(
        (reason.code, reason.figures["users"]),
        ("lift-users-mixed", 200.0)
    );
}
