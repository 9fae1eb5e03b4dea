//! Files as people have them: layout and roles with no options given.

#![allow(clippy::unwrap_used, missing_docs)]

use channelwise::ingest::{Ingest, Layout, LoadOptions, Loaded};
use channelwise::prepare::{PrepareOptions, prepare};
use channelwise::schema::{self, Role, RoleOptions, Schema};
use std::io::Read;
use std::path::PathBuf;

fn load(bytes: &[u8]) -> Loaded {
    let mut ingest = Ingest::new(LoadOptions::default().check().unwrap());
    for chunk in bytes.chunks(1 << 20) {
        ingest.push(chunk).unwrap();
    }
    ingest.finish().unwrap()
}

/// `role column` of every column that has a part, in the order of the roles; features and what is left
/// out are only counted.
fn told(schema: &Schema) -> String {
    let parts = [
        Role::Path,
        Role::Journey,
        Role::User,
        Role::Time,
        Role::Channel,
        Role::Event,
        Role::Label,
        Role::Value,
        Role::Nulls,
        Role::Cost,
        Role::Weight,
    ];
    let named = parts.iter().filter_map(|&role| {
        let name = schema.name_of(role)?;
        Some(format!("{}={name}", role.name()))
    });
    let count = |role| {
        schema
            .columns
            .iter()
            .filter(|column| column.role == role)
            .count()
    };
    let layout = format!("{:?}", schema.layout).to_lowercase();
    let named: Vec<String> = named.collect();
    format!(
        "{layout}: {} +{} -{}",
        named.join(" "),
        count(Role::Feature),
        count(Role::Ignore)
    )
}

/// A file of the shared test data, unpacked; `None` (said aloud) where it is not at hand.
fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("CHANNELWISE_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let (file, member) = name.split_once('!').unwrap_or((name, ""));
    let Ok(bytes) = std::fs::read(folder.join("data").join(file)) else {
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("skipped: {file} is not at hand\n"),
        );
        return None;
    };
    let mut plain = Vec::new();
    if file.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(&bytes[..])
            .read_to_end(&mut plain)
            .unwrap();
    } else if file.ends_with(".zip") {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        archive
            .by_name(member)
            .unwrap()
            .read_to_end(&mut plain)
            .unwrap();
    } else {
        plain = bytes;
    }
    Some(plain)
}

#[test]
fn shared_files_are_what_a_person_would_take_them_for() {
    let expected = [
        (
            "online_shoppers_intention.csv",
            "rows: channel=TrafficType label=Revenue +16 -0",
        ),
        (
            "hillstrom.csv",
            "rows: channel=channel label=conversion value=spend +8 -1",
        ),
        (
            "bank-additional.zip!bank-additional/bank-additional-full.csv",
            "rows: channel=contact label=y +19 -0",
        ),
        (
            "pathdata_channelattribution.csv",
            "paths: path=path label=total_conversions value=total_conversion_value nulls=total_null +0 -0",
        ),
        (
            "criteo_journeys_train.csv.gz",
            "events: journey=journey_id user=user_id time=time_s channel=campaign label=converted +0 -0",
        ),
    ];
    for (name, layout) in expected {
        let Some(bytes) = shared(name) else {
            continue;
        };
        let loaded = load(&bytes);
        let schema = schema::infer(&loaded.table, &RoleOptions::default()).unwrap();
        assert_eq!(told(&schema), layout, "{name}");
        // And nothing more has to be said to prepare it.
        let options = PrepareOptions::default().check().unwrap();
        let (_, summary) = prepare(&loaded.table, &schema, &options).unwrap();
        assert!(summary.rows > 1_000 && !summary.report.is_empty(), "{name}");
    }
}

/// Rows of a made-up file: a header and so many rows made of their number.
fn made(header: &str, rows: usize, row: impl Fn(usize) -> String) -> Vec<u8> {
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n")).into_bytes()
}

#[test]
fn exports_are_told_apart() {
    let channel = |at: usize| ["google", "facebook", "mail"][at % 3];
    let files: [(&str, Vec<u8>, &str); 11] = [
        (
            "Google Analytics, top conversion paths",
            made(
                "Default Channel Group Path,Conversions,Conversion Value",
                40,
                |row| {
                    format!(
                        "\"Direct × 2 > {} > Mail {row}\",{},\"${}.50\"",
                        channel(row),
                        row % 7,
                        row
                    )
                },
            ),
            "paths: path=Default Channel Group Path label=Conversions value=Conversion Value +0 -0",
        ),
        (
            "arrows and Chinese headers",
            made("路径,转化次数,未转化次数", 40, |row| {
                format!("微信→{}→{row},{},{}", channel(row), row % 5, row % 3)
            }),
            "paths: path=路径 label=转化次数 nulls=未转化次数 +0 -0",
        ),
        (
            "commas between touches",
            made("journey;conversions", 40, |row| {
                format!("{},{},x{row};{}", channel(row), channel(row + 1), row % 4)
            }),
            "paths: path=journey label=conversions +0 -0",
        ),
        (
            "clicks with a flag",
            made(
                "cookie,time,interaction,conversion,conversion_value,channel",
                120,
                |row| {
                    let yes = row % 6 == 5;
                    let value = if yes { "9.5" } else { "0" };
                    let kind = if yes { "conversion" } else { "impression" };
                    format!(
                        "c{},2018-07-{:02}T0{}:00:00Z,{kind},{},{value},{}",
                        row / 3,
                        row % 28 + 1,
                        row % 10,
                        u8::from(yes),
                        channel(row)
                    )
                },
            ),
            "events: user=cookie time=time channel=channel event=interaction label=conversion value=conversion_value +0 -0",
        ),
        (
            "behaviour of a shop",
            made(
                "user_id,item_id,behavior_type,timestamp,渠道",
                200,
                |row| {
                    let kind = ["pv", "cart", "fav", "buy"][(row / 7 + row) % 4];
                    format!(
                        "{},{},{kind},{},{}",
                        row / 4,
                        row * 37 % 91,
                        1_511_544_070 + row * 600,
                        channel(row / 2)
                    )
                },
            ),
            "events: user=user_id time=timestamp channel=渠道 event=behavior_type +1 -0",
        ),
        (
            "order numbers of touches",
            made(
                "customer_id,touch_no,utm_source,converted,age,gender",
                120,
                |row| {
                    format!(
                        "k{},{},{},{},{},{}",
                        row / 3,
                        row % 3 + 1,
                        channel(row),
                        u8::from(row % 3 == 2 && row % 2 == 0),
                        20 + row / 3,
                        ["f", "m"][row / 3 % 2]
                    )
                },
            ),
            "events: user=customer_id time=touch_no channel=utm_source label=converted +2 -0",
        ),
        (
            "sessions of users that come again",
            made(
                "session_id,user_id,started_at,source,pages,duration,scroll,converted",
                120,
                |row| {
                    format!(
                        "s{row},u{},2024-03-{:02} 10:{:02},{},{},{},{},{}",
                        row / 3,
                        row % 28 + 1,
                        row % 60,
                        channel(row),
                        row % 17,
                        row * 31 % 501,
                        row * 7 % 100,
                        u8::from(row % 9 == 0)
                    )
                },
            ),
            "rows: user=user_id time=started_at channel=source label=converted +3 -1",
        ),
        (
            "customers, one a row",
            made("customer_id,signup_date,source,age,churned", 90, |row| {
                format!(
                    "c{row},2024-03-{:02},{},{},{}",
                    row % 28 + 1,
                    channel(row),
                    20 + row % 40,
                    u8::from(row % 4 == 0)
                )
            }),
            "rows: user=customer_id time=signup_date channel=source label=churned +1 -0",
        ),
        (
            "pages are no paths",
            made("page_path,source,visits,converted", 60, |row| {
                format!(
                    "\"/shop/{row}|a,b\",{},{},{}",
                    channel(row),
                    row % 7,
                    u8::from(row % 5 == 0)
                )
            }),
            "rows: channel=source label=converted +1 -1",
        ),
        (
            "leads with a cost",
            made("lead_id,event_time,channel,event_name,cost", 120, |row| {
                let kind = ["view", "form", "purchase"][row % 3];
                format!(
                    "L{},2024-05-{:02} 08:{:02},{},{kind},{}.25",
                    row / 3,
                    row % 28 + 1,
                    row % 60,
                    channel(row),
                    row % 5
                )
            }),
            "events: user=lead_id time=event_time channel=channel event=event_name cost=cost +0 -0",
        ),
        (
            "hours since the start",
            made("journey_id,hour,touchpoint,converted", 120, |row| {
                format!(
                    "{},{},{},{}",
                    row / 4,
                    row % 4 * 5,
                    channel(row),
                    u8::from(row / 4 % 3 == 0)
                )
            }),
            "events: journey=journey_id time=hour channel=touchpoint label=converted +0 -0",
        ),
    ];
    for (name, bytes, expected) in files {
        let loaded = load(&bytes);
        let schema = schema::infer(&loaded.table, &RoleOptions::default()).unwrap();
        assert_eq!(
            told(&schema),
            expected,
            "{name}: {:?}",
            schema.layout_reason
        );
    }
}

#[test]
fn a_layout_that_is_chosen_wins() {
    let bytes = made("user,time,channel,converted", 60, |row| {
        format!(
            "u{},2024-01-{:02},c{},{}",
            row / 3,
            row % 28 + 1,
            row % 2,
            u8::from(row % 5 == 0)
        )
    });
    let loaded = load(&bytes);
    let as_layout =
        |layout| schema::infer_as(&loaded.table, &RoleOptions::default(), layout).unwrap();
    assert_eq!(as_layout(Layout::Auto).layout, Layout::Events);
    let rows = as_layout(Layout::Rows);
    assert_eq!(
        (rows.layout, rows.layout_reason.code),
        (Layout::Rows, "chosen")
    );
}
