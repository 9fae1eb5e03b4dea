//! Every guard: where it speaks, where it just does not, with which figure, and what its remedy makes of it.

use crate::criteo::load;
use channelwise::error::{Coded, Warning};
use channelwise::ingest::{Layout, Writing};
use channelwise::prepare::{Impossible, PrepareOptions, prepare};
use channelwise::schema::{self, Schema};
use serde_json::{Map, Value, json};

/// What is found of a table under some options, by whoever looks at it, and whether it can be prepared.
fn found(csv: &str, options: &Value) -> (Vec<Warning>, Result<(), &'static str>) {
    let options: PrepareOptions = serde_json::from_value(options.clone()).unwrap();
    let mut table = load(csv.as_bytes()).table;
    schema::retype(&mut table, &options.types, Writing::default()).unwrap();
    let roles = options.roles.clone().unwrap_or_default();
    let layout = options.layout.unwrap_or(Layout::Auto);
    let mut schema: Schema = schema::infer_as(&table, &roles, layout).unwrap();
    schema.blank_outcome = options.blank_outcome;
    schema.impossible_blanked = options.impossible == Impossible::Missing;
    if let Some(positive) = &options.positive {
        schema = schema.with_positive(positive.values());
    }
    let mut warnings = schema::warnings(&table, &schema);
    match prepare(&table, &schema, &options.check().unwrap()) {
        Ok((_, summary)) => {
            warnings.extend(summary.warnings);
            (warnings, Ok(()))
        }
        Err(error) => (warnings, Err(error.code())),
    }
}

/// Options with a remedy taken, as the page takes it.
fn with_remedy(options: &Value, warning: &Warning) -> Value {
    let mut options = options.clone();
    for (path, value) in warning.remedy.as_ref().unwrap() {
        if path == "ignore" {
            let columns = match value {
                Value::Array(columns) => columns.clone(),
                column => vec![column.clone()],
            };
            let roles = options.as_object_mut().unwrap();
            let roles = roles.entry("roles").or_insert_with(|| json!({}));
            if let Some(features) = roles.get_mut("features").and_then(Value::as_array_mut) {
                features.retain(|feature| !columns.contains(feature));
            }
            roles["ignore"] = Value::Array(columns);
            continue;
        }
        let mut place = &mut options;
        let mut parts: Vec<&str> = path.splitn(2, '.').collect();
        let last = parts.pop().unwrap();
        for part in parts {
            let object = place.as_object_mut().unwrap();
            place = object
                .entry(part)
                .or_insert_with(|| Value::Object(Map::new()));
        }
        place[last] = value.clone();
    }
    options
}

/// Numbers that look drawn by chance: the same for the same row and column.
fn drawn(row: usize, column: usize) -> usize {
    let mut value =
        (row as u64 * 1_000_003 + column as u64 * 7_919 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    value ^= value >> 29;
    value = value.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (value >> 33) as usize
}

fn csv(head: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{head}\n");
    (0..rows).for_each(|at| text += &(row(at) + "\n"));
    text
}

fn channel(row: usize) -> &'static str {
    ["mail", "ads", "search"][drawn(row, 1) % 3]
}

/// Rows of their own with one more column.
fn rows(
    name: &str,
    n: usize,
    yes: impl Fn(usize) -> bool,
    cell: impl Fn(usize) -> String,
) -> String {
    csv(&format!("channel,pages,{name},converted"), n, |row| {
        format!(
            "{},{},{},{}",
            channel(row),
            drawn(row, 2) % 30,
            cell(row),
            u8::from(yes(row))
        )
    })
}

fn third(row: usize) -> bool {
    row.is_multiple_of(3)
}

/// Three touches of each user, with one more column that stays the same.
fn touches(
    users: usize,
    yes: impl Fn(usize) -> bool,
    name: &str,
    cell: impl Fn(usize) -> String,
    of: impl Fn(usize, usize) -> String,
) -> String {
    csv(
        &format!("user_id,time,channel,{name},converted"),
        users * 3,
        |row| {
            let (user, touch) = (row / 3, row % 3);
            let flag = u8::from(yes(user) && touch == 2);
            format!(
                "u{user},2024-02-0{} 10:00,{},{},{flag}",
                touch + 1,
                of(user, touch),
                cell(user)
            )
        },
    )
}

fn any_channel(user: usize, touch: usize) -> String {
    channel(user * 3 + touch).to_owned()
}

struct Case {
    code: &'static str,
    fires: String,
    near: String,
    options: Value,
    /// A figure, and what it has to be.
    figure: (&'static str, f64),
    /// The options that the remedy names.
    remedy: &'static [&'static str],
}

fn case(
    code: &'static str,
    fires: String,
    near: String,
    figure: (&'static str, f64),
    remedy: &'static [&'static str],
) -> Case {
    Case {
        code,
        fires,
        near,
        options: json!({}),
        figure,
        remedy,
    }
}

fn with(options: Value, case: Case) -> Case {
    Case { options, ..case }
}

fn row_cases() -> Vec<Case> {
    let plain = |row: usize| (drawn(row, 3) % 50).to_string();
    let city = |levels: usize| {
        move |row: usize| {
            format!(
                "c{}",
                ((drawn(row, 4) % (levels * levels)) as f64).sqrt() as usize
            )
        }
    };
    let even = |levels: usize| move |row: usize| format!("c{}", row % levels);
    // As many columns of numbers, none of which can be pooled.
    let wide = |columns: usize| {
        let names: Vec<String> = (0..columns).map(|column| format!("x{column}")).collect();
        csv(
            &format!("channel,{},converted", names.join(",")),
            1_000,
            |row| {
                let cells = (0..columns).map(|column| (drawn(row, 10 + column) % 90).to_string());
                let cells: Vec<String> = cells.collect();
                format!(
                    "{},{},{}",
                    channel(row),
                    cells.join(","),
                    u8::from(third(row))
                )
            },
        )
    };
    let sided = |size: usize| {
        csv("channel,pages,converted", 400 + size, move |row| {
            let own = row >= 400;
            let channel = if own {
                "fair"
            } else {
                ["mail", "ads", "search", "shop"][row % 11 % 4]
            };
            format!(
                "{channel},{},{}",
                drawn(row, 2) % 30,
                u8::from(!own && third(row))
            )
        })
    };
    let users = |each: usize| {
        csv("customer_id,channel,pages,converted", 300, move |row| {
            format!(
                "k{},{},{},{}",
                row / each,
                channel(row),
                drawn(row, 2) % 30,
                u8::from(drawn(row, 5).is_multiple_of(3))
            )
        })
    };
    let dated = |row: usize| format!("2024-01-{:02}", 1 + row / 10);
    let late = |from: usize| {
        csv("day,channel,pages,converted", 300, move |row| {
            let yes = if row >= 240 {
                row >= from && row % 2 == 0
            } else {
                third(row)
            };
            format!(
                "{},{},{},{}",
                dated(row),
                channel(row),
                drawn(row, 2) % 30,
                u8::from(yes)
            )
        })
    };
    let status = |kinds: &'static [&'static str]| {
        csv("channel,pages,status", 300, move |row| {
            format!(
                "{},{},{}",
                channel(row),
                drawn(row, 2) % 30,
                kinds[drawn(row, 6) % kinds.len()]
            )
        })
    };
    let flag = |no: &'static str| {
        csv("channel,pages,converted", 300, move |row| {
            let flag = if third(row) {
                "yes"
            } else if row % 3 == 1 {
                no
            } else {
                ""
            };
            format!("{},{},{flag}", channel(row), drawn(row, 2) % 30)
        })
    };
    let twice = |differ: bool| {
        csv("customer_id,day,channel,pages,converted", 300, move |row| {
            // Row 299 repeats row 298, or all but.
            let at = if row == 299 { 298 } else { row };
            let pages = drawn(at, 2) % 30 + usize::from(differ && row == 299);
            format!(
                "k{at},{},{},{pages},{}",
                dated(at),
                channel(at),
                u8::from(third(at))
            )
        })
    };
    let leak = |wrong: usize| {
        rows("score", 300, third, move |row| {
            let yes = third(row) != (drawn(row, 7) % 100 < wrong);
            u8::from(yes).to_string()
        })
    };
    vec![
        case(
            "few-conversions",
            rows("x", 300, |row| row % 15 == 0, plain),
            rows("x", 300, |row| row % 10 == 0, plain),
            ("conversions", 20.0),
            &[],
        ),
        case(
            "few-conversions-per-input",
            rows("city", 1_000, third, city(40)),
            rows("city", 1_000, third, even(18)),
            ("inputs", f64::NAN),
            &["poolBelow"],
        ),
        case(
            "few-conversions-per-input",
            wide(30),
            wide(20),
            ("inputs", 33.0),
            &["ignore"],
        ),
        case(
            "channels-with-one-class",
            sided(30),
            sided(19),
            ("rows", 30.0),
            &["poolChannels"],
        ),
        case(
            "sorted-by-label",
            rows("x", 300, |row| row < 100, plain),
            rows("x", 300, third, plain),
            ("changes", 1.0),
            &[],
        ),
        case(
            "possible-leak",
            leak(0),
            leak(30),
            ("auc", 1.0),
            &["ignore"],
        ),
        case(
            "possible-leak",
            rows("call_duration_s", 300, third, plain),
            rows("visit_duration_s", 300, third, plain),
            ("auc", f64::NAN),
            &["ignore"],
        ),
        with(
            json!({"roles": {"label": "status"}}),
            case(
                "outcome-not-binary",
                status(&["open", "purchase", "lost"]),
                status(&["open", "purchase"]),
                ("distinct", 3.0),
                &["positive"],
            ),
        ),
        case(
            "blank-outcome",
            flag(""),
            flag("no"),
            ("rows", 200.0),
            &["blankOutcome"],
        ),
        with(
            json!({"split": {"by": "row"}}),
            case(
                "users-on-both-sides",
                users(2),
                users(1),
                ("users", f64::NAN),
                &["split.by"],
            ),
        ),
        with(
            json!({"split": {"by": "time"}, "roles": {"time": "day"}}),
            case(
                "part-with-one-class",
                late(300),
                late(240),
                ("rows", 60.0),
                &["split.by"],
            ),
        ),
        with(
            json!({"roles": {"features": ["ticket", "pages"]}}),
            case(
                "identifier-feature",
                rows("ticket", 300, third, |row| format!("t{row}")),
                rows("ticket", 300, third, |row| format!("t{}", row / 2)),
                ("distinct", 300.0),
                &["ignore"],
            ),
        ),
        case(
            "duplicate-rows",
            twice(false),
            twice(true),
            ("rows", 1.0),
            &["duplicates"],
        ),
        case(
            "impossible-values",
            rows("age", 300, third, |row| {
                (20 + row % 90 + 800 * usize::from(row == 7)).to_string()
            }),
            rows("age", 300, third, |row| (20 + row % 90).to_string()),
            ("cells", 1.0),
            &["impossible"],
        ),
        case(
            "many-missing",
            rows("x", 300, third, |row| {
                if row % 2 == 0 || row < 5 {
                    String::new()
                } else {
                    (row % 7).to_string()
                }
            }),
            rows("x", 300, third, |row| {
                if row % 2 == 0 {
                    String::new()
                } else {
                    (row % 7).to_string()
                }
            }),
            ("share", 152.0 / 300.0),
            &["ignore"],
        ),
        case(
            "code-like-number",
            rows("region", 300, third, |row| {
                (1 + drawn(row, 8) % 9).to_string()
            }),
            rows("region", 300, third, |row| (drawn(row, 8) % 9).to_string()),
            ("distinct", 9.0),
            &["types.region"],
        ),
        case(
            "constant-column",
            rows("x", 300, third, |_| "same".into()),
            rows("x", 300, third, |row| {
                if row % 2 == 0 {
                    "same".into()
                } else {
                    "other".into()
                }
            }),
            ("columns", 1.0),
            &[],
        ),
    ]
}

fn journey_cases() -> Vec<Case> {
    let age = |user: usize| (20 + user % 40).to_string();
    let single = |every: usize| {
        touches(90, third, "age", age, move |user, touch| {
            // Of the converters, all but each so manieth touch one channel.
            if third(user) && !(user / 3).is_multiple_of(every) {
                "mail".into()
            } else {
                ["mail", "ads", "search"][touch].into()
            }
        })
    };
    let flagged = |flags: &'static dyn Fn(usize, usize) -> bool| {
        csv("user_id,time,channel,age,converted", 180, move |row| {
            let (user, touch) = (row / 3, row % 3);
            format!(
                "u{user},2024-02-0{} 10:00,{},{},{}",
                touch + 1,
                any_channel(user, touch),
                20 + user % 40,
                u8::from(flags(user, touch))
            )
        })
    };
    let converted_at = |time: &'static str| {
        csv(
            "user_id,step,channel,age,converted,converted_at",
            180,
            move |row| {
                let (user, touch) = (row / 3, row % 3);
                let at = if third(user) { "2024-02-09 10:00" } else { "" };
                let when = if time == "step" {
                    touch.to_string()
                } else {
                    format!("2024-02-0{} 10:00", touch + 1)
                };
                format!(
                    "u{user},{when},{},{},{},{at}",
                    any_channel(user, touch),
                    20 + user % 40,
                    u8::from(third(user))
                )
            },
        )
    };
    let conflicting = |user_of: usize| {
        csv("user_id,time,channel,plan,converted", 180, move |row| {
            let (user, touch) = (row / 3, row % 3);
            let plan = if user == user_of && touch == 2 {
                "gold"
            } else {
                ["basic", "pro"][user % 2]
            };
            format!(
                "u{user},2024-02-0{} 10:00,{},{plan},{}",
                touch + 1,
                any_channel(user, touch),
                u8::from(third(user) && touch == 2)
            )
        })
    };
    vec![
        case(
            "few-conversions",
            touches(90, |user| user % 9 == 0, "age", age, any_channel),
            touches(180, third, "age", age, any_channel),
            ("conversions", f64::NAN),
            &[],
        ),
        case(
            "journeys-sorted-by-outcome",
            touches(90, |user| user < 30, "age", age, any_channel),
            touches(90, third, "age", age, any_channel),
            ("changes", 1.0),
            &[],
        ),
        case(
            "possible-leak",
            touches(
                90,
                third,
                "score",
                |user| u8::from(third(user)).to_string(),
                any_channel,
            ),
            touches(
                90,
                third,
                "score",
                |user| (user % 2).to_string(),
                any_channel,
            ),
            ("auc", 1.0),
            &["ignore"],
        ),
        case(
            "possible-leak",
            touches(90, third, "refund_total", age, any_channel),
            touches(90, third, "basket_total", age, any_channel),
            ("auc", f64::NAN),
            &["ignore"],
        ),
        case(
            "single-channel-converters",
            single(2),
            single(1),
            ("journeys", 15.0),
            &[],
        ),
        case(
            "journeys-after-conversion",
            flagged(&|user, touch| third(user) && touch == 1),
            flagged(&|user, touch| third(user) && touch == 2),
            ("journeys", 20.0),
            &[],
        ),
        with(
            json!({"split": {"by": "time"}}),
            case(
                "users-on-both-sides",
                flagged(&|user, touch| third(user) && touch == 1),
                flagged(&|user, touch| third(user) && touch == 2),
                ("users", f64::NAN),
                &["split.by"],
            ),
        ),
        case(
            "outcome-differs-within-journeys",
            flagged(&|user, touch| third(user) && (user > 0 || touch > 0)),
            flagged(&|user, _| third(user)),
            ("journeys", 1.0),
            &["outcomeOf"],
        ),
        case(
            "outcome-same-within-journeys",
            flagged(&|user, touch| third(user) && (user == 0 || touch == 2)),
            flagged(&|user, touch| third(user) && touch == 2),
            ("share", 0.05),
            &["outcomeOf"],
        ),
        case(
            "conversion-time-unused",
            converted_at("step"),
            converted_at("time"),
            ("rows", 60.0),
            &["ignore"],
        ),
        case(
            "conflicting-values",
            conflicting(5),
            conflicting(999),
            ("journeys", 1.0),
            &["ignore"],
        ),
    ]
}

/// What is wrong with a guard, if anything.
fn wrong(case: &Case) -> Result<(), String> {
    let code = case.code;
    let of = |csv: &str, options: &Value| {
        let (warnings, prepared) = found(csv, options);
        let one = warnings.into_iter().rfind(|warning| warning.code == code);
        (one, prepared)
    };
    let (warning, prepared) = of(&case.fires, &case.options);
    let warning = warning.ok_or_else(|| format!("is not said: {prepared:?}"))?;
    let (name, expected) = case.figure;
    let value = warning
        .figures
        .as_ref()
        .and_then(|figures| figures.get(name).copied())
        .ok_or_else(|| format!("has no {name}"))?;
    if !value.is_finite() || (value - expected).abs() >= 1e-9 {
        return Err(format!("{name} is {value}"));
    }
    let (nearly, prepared) = of(&case.near, &case.options);
    if nearly.is_some() || prepared.is_err() {
        return Err(format!("on a near miss: {nearly:?} {prepared:?}"));
    }
    let remedy = warning.remedy.iter().flatten();
    let named: Vec<&str> = remedy.map(|(path, _)| path.as_str()).collect();
    if named != case.remedy {
        return Err(format!("has the remedy {:?}", warning.remedy));
    }
    if named.is_empty() {
        return Ok(());
    }
    let (left, prepared) = of(&case.fires, &with_remedy(&case.options, &warning));
    // Without rows whose outcome is empty there may be none left that did not convert.
    let sound = prepared.is_ok() || code == "blank-outcome";
    if left.is_some() || !sound {
        return Err(format!("after its remedy: {left:?} {prepared:?}"));
    }
    Ok(())
}

#[test]
fn every_guard_speaks_where_it_should_and_its_remedy_mends_it() {
    let cases = row_cases().into_iter().chain(journey_cases());
    let wrong: Vec<String> = cases
        .filter_map(|case| {
            let what = wrong(&case).err()?;
            Some(format!("{} {what}", case.code))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn channels_are_named_and_pooled_with_one_that_has_both_outcomes() {
    let text = csv("channel,pages,converted", 430, |row| {
        let channel = if row >= 400 {
            "fair"
        } else {
            ["mail", "ads", "search", "shop"][row % 11 % 4]
        };
        format!(
            "{channel},{},{}",
            drawn(row, 2) % 30,
            u8::from(row < 400 && third(row))
        )
    });
    let (warnings, _) = found(&text, &json!({}));
    let warning = warnings
        .iter()
        .find(|warning| warning.code == "channels-with-one-class")
        .unwrap();
    assert_eq!(warning.columns.as_deref().unwrap(), ["fair"]);
    // `search` and `shop` have 2 and 2 of 11 rows each; the first of equally small ones is taken.
    let pooled = &warning.remedy.as_ref().unwrap()["poolChannels"];
    assert_eq!(pooled[0], "fair");
    let options: PrepareOptions = serde_json::from_value(json!({"poolChannels": pooled})).unwrap();
    let table = load(text.as_bytes()).table;
    let schema = schema::infer(&table, &schema::RoleOptions::default()).unwrap();
    let (_, summary) = prepare(&table, &schema, &options.check().unwrap()).unwrap();
    assert_eq!(summary.channels.len(), 4);
    assert!(summary.channels.contains(&"(other)".to_owned()));
    let step = summary
        .report
        .iter()
        .find(|step| step.code == "channels-pooled")
        .unwrap();
    assert_eq!(step.figures["channels"], 2.0);
}

#[test]
fn test_rows_that_part_users_are_told_and_letting_them_go_is_offered() {
    let text = csv("customer_id,channel,pages,converted", 300, |row| {
        format!(
            "k{},{},{},{}",
            row / 2,
            channel(row),
            drawn(row, 2) % 30,
            u8::from(drawn(row, 5).is_multiple_of(3))
        )
    });
    let table = load(text.as_bytes()).table;
    let schema = schema::infer(&table, &schema::RoleOptions::default()).unwrap();
    let mut options: PrepareOptions =
        serde_json::from_value(json!({"split": {"by": "user"}})).unwrap();
    options.split.test_rows = Some((0..60).map(|row| row * 4).collect());
    let (_, summary) = prepare(&table, &schema, &options.check().unwrap()).unwrap();
    let warning = summary
        .warnings
        .iter()
        .find(|warning| warning.code == "users-on-both-sides")
        .unwrap();
    assert_eq!(warning.figures.as_ref().unwrap()["users"], 60.0);
    let remedy = warning.remedy.as_ref().unwrap();
    assert_eq!(
        (&remedy["split.by"], &remedy["split.testRows"]),
        (&json!("user"), &Value::Null)
    );
}
