//! The randomised e-mail test of Hillstrom against effects computed independently.

use channelwise::channels::{CompareOptions, Grouping, Lift, Treatment, compare};
use channelwise::prepare::{Channels, Dataset, Encoding, Feature};
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
