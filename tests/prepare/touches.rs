//! Journeys from touches made by hand, and against a slow and plain way of making them.

use crate::criteo::load;
use channelwise::ingest::Layout;
use channelwise::prepare::{
    Dataset, DatasetSummary, PrepareError, PrepareOptions, SplitBy, encode_journeys, prepare,
};
use channelwise::schema::{self, Role, RoleOptions};
use proptest::prelude::*;

fn options(json: &str) -> PrepareOptions {
    serde_json::from_str(json).unwrap()
}

fn run(csv: &str, json: &str) -> Result<(Dataset, DatasetSummary), PrepareError> {
    let loaded = load(csv.as_bytes());
    let roles: RoleOptions = RoleOptions::default();
    let schema = schema::infer_as(&loaded.table, &roles, Layout::Events).unwrap();
    prepare(&loaded.table, &schema, &options(json).check().unwrap())
}

/// `channel channel … | outcome` of every journey; events after a slash.
fn told(dataset: &Dataset) -> Vec<String> {
    let journeys = dataset.journeys.as_ref().unwrap();
    let touch = |at: usize| {
        let channel = &journeys.channels[journeys.touch_channels[at] as usize];
        match journeys.touch_events.get(at) {
            Some(&event) => format!("{channel}/{}", journeys.events[event as usize]),
            None => channel.clone(),
        }
    };
    (0..journeys.len())
        .map(|journey| {
            let touches: Vec<String> = journeys.range(journey).map(touch).collect();
            format!("{} | {}", touches.join(" "), dataset.y[journey])
        })
        .collect()
}

fn other_channel(user: usize) -> &'static str {
    ["mail", "social", "mail"][user % 3]
}

/// Enough users around the ones that a test is about, so that the data can be divided.
fn with_others(head: &str, rows: &[&str], other: impl Fn(usize, usize, bool) -> String) -> String {
    let mut csv = format!("{head}\n{}\n", rows.join("\n"));
    for user in 0..40 {
        for touch in 0..3 {
            csv += &(other(user, touch, user % 3 == 0 && touch == 2) + "\n");
        }
    }
    csv
}

#[test]
fn a_flag_ends_a_journey_and_later_touches_begin_the_next() {
    let csv = with_others(
        "user_id,time,channel,converted,revenue,age",
        &[
            // Not in order of time; two touches at one moment keep the order of the file.
            "a,2024-01-03 10:00,mail,1,20,33",
            "a,2024-01-01 10:00,search,0,,33",
            "a,2024-01-02 10:00,social,0,,33",
            "a,2024-01-02 10:00,mail,0,,33",
            "a,2024-01-05 10:00,search,0,,33",
            "a,2024-01-05 22:00,social,0,,33",
        ],
        |user, touch, yes| {
            let value = if yes { "5" } else { "" };
            format!(
                "u{user},2024-02-0{} 10:00,{},{},{value},{}",
                touch + 1,
                other_channel(user),
                u8::from(yes),
                20 + user
            )
        },
    );
    let (dataset, summary) = run(&csv, "{}").unwrap();
    assert_eq!(
        told(&dataset)[..3],
        [
            "search social mail mail | 1",
            "search social | 0",
            "mail mail mail | 1"
        ]
    );
    let journeys = dataset.journeys.as_ref().unwrap();
    assert_eq!(journeys.gap_hours[..6], [0.0, 24.0, 0.0, 24.0, 0.0, 12.0]);
    assert_eq!(
        journeys.days_before_end[..6],
        [2.0, 1.0, 1.0, 0.0, 0.5, 0.0]
    );
    assert_eq!(journeys.ordinals[..3], [0, 1, 0]);
    assert_eq!(dataset.values.as_ref().unwrap()[0], 20.0);
    assert!(dataset.values.as_ref().unwrap()[1].is_nan());
    assert!(journeys.calendar);
    assert_eq!(summary.journeys, Some(42.0));
    assert_eq!(summary.touches.unwrap().after_conversion, 1);
    assert_eq!(summary.split_by, Some(SplitBy::User));
    // The two journeys of a user stand on one side.
    let side = |journey: u32| dataset.split.test.contains(&journey);
    assert_eq!(side(0), side(1));
    let age = dataset
        .features
        .iter()
        .find(|feature| feature.name == "age")
        .unwrap();
    assert!(age.is_static());
    assert!(
        dataset
            .features
            .iter()
            .any(|feature| feature.name == "touches of social (log)" && !feature.is_static())
    );
}

#[test]
fn a_conversion_of_its_own_kind_is_no_touch() {
    let csv = with_others(
        "user,timestamp,channel,event_type",
        &[
            "a,2024-01-01 10:00,search,view",
            "a,2024-01-02 10:00,mail,add to cart",
            "a,2024-01-02 11:00,mail,purchase",
            "a,2024-01-02 11:00,mail,purchase",
            "b,2024-01-01 10:00,social,purchase",
            "b,2024-01-02 10:00,social,view",
        ],
        |user, touch, yes| {
            let event = if yes { "purchase" } else { "view" };
            format!("u{user},2024-02-0{} 10:00,mail,{event}", touch + 1)
        },
    );
    let (dataset, summary) = run(&csv, "{}").unwrap();
    assert_eq!(summary.positive, "purchase");
    assert_eq!(
        told(&dataset)[..3],
        [
            "search/view mail/add to cart | 1",
            "social/(missing) | 1",
            "social/view | 0"
        ]
    );
    let journeys = dataset.journeys.as_ref().unwrap();
    // An hour lies between the last touch and the conversion.
    assert!((journeys.days_before_end[1] - 1.0 / 24.0).abs() < 1e-6);
    let touches = summary.touches.unwrap();
    assert_eq!((touches.conversions, touches.merged), (2 + 14, 1));
    // Whoever has nothing but a purchase gets credit for it, but teaches no model.
    let parts = [
        &dataset.split.train,
        &dataset.split.validation,
        &dataset.split.test,
    ];
    assert!(parts.iter().all(|part| !part.contains(&1)));
    assert_eq!(
        summary.train + summary.validation + summary.test,
        dataset.rows() - 1
    );
    assert!(
        !summary
            .features
            .iter()
            .any(|name| name.contains("purchase"))
    );
}

#[test]
fn an_outcome_of_the_whole_journey_is_not_one_of_each_touch() {
    let csv = with_others(
        "journey_id,user_id,step,channel,converted",
        &[
            "j1,a,2,mail,1",
            "j1,a,1,search,1",
            "j2,a,1,social,0",
            "j2,a,2,social,0",
        ],
        |user, touch, _| {
            let channel = other_channel(user);
            format!(
                "k{user},u{user},{touch},{channel},{}",
                u8::from(user % 3 == 0)
            )
        },
    );
    let (dataset, _) = run(&csv, "{}").unwrap();
    assert_eq!(
        told(&dataset)[..2],
        ["search mail | 1", "social social | 0"]
    );
    let journeys = dataset.journeys.as_ref().unwrap();
    assert!(journeys.gap_hours.is_empty() && journeys.ends.is_empty());
    assert_eq!(journeys.ordinals[..3], [0, 1, 0]);
}

#[test]
fn windows_repeats_and_lengths_are_asked_for_and_counted() {
    let csv = with_others(
        "user_id,time,channel,converted,cost",
        &[
            "a,2024-01-01,search,0,1",
            "a,2024-01-08,mail,0,2",
            "a,2024-01-09,mail,0,3",
            "a,2024-01-10,social,0,4",
            "a,2024-01-11,mail,1,5",
        ],
        |user, touch, yes| {
            let channel = other_channel(user);
            format!(
                "u{user},2024-02-0{},{channel},{},1",
                touch + 1,
                u8::from(yes)
            )
        },
    );
    let first = |json: &str| {
        let (dataset, summary) = run(&csv, json).unwrap();
        let cut = dataset
            .journeys
            .as_ref()
            .unwrap()
            .cut_touches
            .first()
            .copied();
        (told(&dataset)[0].clone(), summary.touches.unwrap(), cut)
    };
    let (journey, counts, cut) = first(r#"{"lookbackDays": 3}"#);
    assert_eq!(
        (journey.as_str(), cut),
        ("mail mail social mail | 1", Some(1))
    );
    assert_eq!(counts.outside_window, 1);
    let (journey, counts, _) = first(r#"{"collapseRepeats": true}"#);
    assert_eq!(journey, "search mail social mail | 1");
    assert_eq!(counts.collapsed, 1 + 40 * 2);
    let (journey, counts, cut) = first(r#"{"maxLength": 2}"#);
    assert_eq!((journey.as_str(), cut), ("social mail | 1", Some(3)));
    assert_eq!(counts.over_length, 3 + 40);
    let (dataset, _) = run(&csv, "{}").unwrap();
    assert_eq!(
        dataset.journeys.unwrap().touch_costs[..5],
        [1.0, 2.0, 3.0, 4.0, 5.0]
    );
}

#[test]
fn rows_that_say_too_little_are_left_out_by_reason() {
    let csv = with_others(
        "user_id,time,channel,converted",
        &[
            ",2024-01-01,search,0",
            "a,,mail,1",
            "a,2024-01-02,,0",
            "a,2024-01-03,mail,1",
        ],
        |user, touch, yes| {
            let channel = other_channel(user);
            format!("u{user},2024-02-0{},{channel},{}", touch + 1, u8::from(yes))
        },
    );
    let (dataset, summary) = run(&csv, "{}").unwrap();
    let dropped: Vec<_> = summary
        .dropped
        .iter()
        .map(|left| (left.code, left.count))
        .collect();
    assert_eq!(dropped, [("missing-user", 1), ("missing-time", 1)]);
    assert_eq!(told(&dataset)[0], "(missing) mail | 1");
}

#[test]
fn test_rows_are_journeys_in_the_order_of_the_data_set() {
    let csv = with_others(
        "user_id,time,channel,converted",
        &["z,2024-01-01,mail,0"],
        |user, touch, yes| {
            format!(
                "u{user},2024-02-0{},mail{},{}",
                touch + 1,
                user % 2,
                u8::from(yes)
            )
        },
    );
    let wanted = |rows: &[u32]| {
        let loaded = load(csv.as_bytes());
        let schema =
            schema::infer_as(&loaded.table, &RoleOptions::default(), Layout::Events).unwrap();
        let mut options = PrepareOptions::default();
        options.split.test_rows = Some(rows.to_vec());
        prepare(&loaded.table, &schema, &options.check().unwrap())
    };
    let (dataset, _) = wanted(&[0, 5, 7]).unwrap();
    let mut test = dataset.split.test.clone();
    test.sort_unstable();
    assert_eq!(test, [0, 5, 7]);
    assert!(wanted(&[41]).is_err() && wanted(&[3, 3]).is_err());
}

#[test]
fn a_new_file_becomes_journeys_of_the_same_features() {
    let csv = with_others(
        "user_id,time,channel,converted,plan",
        &["z,2024-01-01,mail,0,a"],
        |user, touch, yes| {
            let (channel, plan) = (["mail", "ads"][(user + touch) % 2], ["a", "b"][user % 2]);
            format!(
                "u{user},2024-02-0{} 0{touch}:00,{channel},{},{plan}",
                touch + 1,
                u8::from(yes)
            )
        },
    );
    let (dataset, _) = run(&csv, "{}").unwrap();
    let again = load(csv.as_bytes());
    let options = PrepareOptions::default().check().unwrap();
    let schema = schema::infer_as(&again.table, &RoleOptions::default(), Layout::Events).unwrap();
    let encoded = encode_journeys(&again.table, &schema, &options, &dataset.features).unwrap();
    assert_eq!(encoded.x, dataset.x);
    // Without outcomes each user is one journey, and an unknown channel is none of those known.
    let new = load("user_id,time,channel,plan\nn,2024-05-01 10:00,radio,b\nn,2024-05-02 10:00,mail,b\nm,2024-05-01 10:00,ads,a\n".as_bytes());
    let schema = schema::infer_as(&new.table, &RoleOptions::default(), Layout::Events).unwrap();
    assert_eq!(schema.name_of(Role::Label), None);
    let encoded = encode_journeys(&new.table, &schema, &options, &dataset.features).unwrap();
    assert_eq!(encoded.journeys.len(), 2);
    let place = dataset
        .features
        .iter()
        .position(|feature| feature.name == "plan = b")
        .unwrap();
    let width = dataset.width();
    assert_eq!([encoded.x[place], encoded.x[width + place]], [1.0, 0.0]);
}

/// A touch of the plain way: user, minute, channel, converts.
type Touch = (u8, u16, u8, bool);

/// Journeys the slow way: `(channels, converted)` by user in order of appearance.
fn plainly(
    touches: &[Touch],
    window: Option<f64>,
    collapse: bool,
    most: usize,
) -> Vec<(Vec<u8>, bool)> {
    let mut users: Vec<u8> = Vec::new();
    for touch in touches {
        if !users.contains(&touch.0) {
            users.push(touch.0);
        }
    }
    let mut journeys = Vec::new();
    for user in users {
        let mut own: Vec<&Touch> = touches.iter().filter(|touch| touch.0 == user).collect();
        own.sort_by_key(|touch| touch.1);
        let mut rest = &own[..];
        while !rest.is_empty() {
            let end = rest
                .iter()
                .position(|touch| touch.3)
                .unwrap_or(rest.len() - 1);
            let (journey, after) = rest.split_at(end + 1);
            rest = after;
            let last = journey[end];
            let within = |touch: &&&Touch| {
                window.is_none_or(|days| f64::from(last.1 - touch.1) <= days * 1_440.0)
            };
            let mut channels: Vec<u8> =
                journey.iter().filter(within).map(|touch| touch.2).collect();
            if collapse {
                channels.dedup();
            }
            let channels = channels.split_off(channels.len().saturating_sub(most));
            journeys.push((channels, last.3));
        }
    }
    journeys
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn journeys_are_what_the_plain_way_makes_and_counts_add_up(
        touches in prop::collection::vec((0..9u8, 0..4_000u16, 0..4u8, prop::bool::weighted(0.2)), 30..200),
        window in prop::option::of(0.01..2.0f64), collapse in any::<bool>(), most in 1..6usize,
    ) {
        let mut touches = touches;
        // Flags must not look like outcomes of whole users, and there must be a few of each.
        touches.extend((0..30u8).flat_map(|user| [(100 + user, 0, 0, false), (100 + user, 10, 1, user % 2 == 0)]));
        let mut csv = "user_id,time_minutes,channel,converted\n".to_owned();
        for (user, minute, channel, yes) in &touches {
            csv += &format!("u{user},{minute},c{channel},{}\n", u8::from(*yes));
        }
        let mut options = PrepareOptions { lookback_days: window, collapse_repeats: Some(collapse), max_length: Some(most as u32), ..PrepareOptions::default() };
        options.split.by = Some(SplitBy::Row);
        let loaded = load(csv.as_bytes());
        let schema = schema::infer_as(&loaded.table, &RoleOptions::default(), Layout::Events).unwrap();
        let (dataset, summary) = prepare(&loaded.table, &schema, &options.check().unwrap()).unwrap();
        let expected: Vec<String> = plainly(&touches, window, collapse, most)
            .into_iter()
            .map(|(channels, yes)| {
                let channels: Vec<String> = channels.iter().map(|channel| format!("c{channel}")).collect();
                format!("{} | {}", channels.join(" "), u8::from(yes))
            })
            .collect();
        prop_assert_eq!(told(&dataset), expected);
        let counts = summary.touches.unwrap();
        let dropped: usize = summary.dropped.iter().map(|dropped| dropped.count).sum();
        prop_assert_eq!(loaded.table.rows, counts.usable + dropped);
        let parts = counts.without_outcome + counts.conversions + counts.outside_window + counts.collapsed + counts.over_length + counts.used;
        prop_assert_eq!(counts.usable, parts);
        prop_assert_eq!(counts.used, dataset.journeys.as_ref().unwrap().touch_channels.len());
        prop_assert_eq!(summary.train + summary.validation + summary.test, dataset.rows());
        let figure = |code: &str, name: &str| {
            summary.report.iter().find(|step| step.code == code).map_or(0.0, |step| step.figures[name])
        };
        let left_out = ["touches-without-outcome", "conversion-rows", "outside-window", "collapsed", "over-length"];
        let left_out: f64 = left_out.iter().map(|code| figure(code, "rows")).sum();
        prop_assert_eq!(figure("rows-used", "rows"), left_out + figure("touches-used", "rows"));
        prop_assert_eq!(figure("table-rows", "rows"), figure("rows-used", "rows") + dropped as f64);
        prop_assert_eq!(figure("journeys-made", "journeys"), dataset.rows() as f64);
    }
}

#[test]
fn guards_speak_with_their_figures_and_remedies() {
    // `paid` stands on converted users only; all converters touch one channel; the file is sorted.
    let mut csv = "user_id,time,channel,converted,paid\n".to_owned();
    for user in 0..60 {
        let yes = user >= 40;
        for touch in 0..3 {
            let channel = if yes {
                "mail"
            } else {
                ["ads", "mail", "search"][(user + touch) % 3]
            };
            let flag = u8::from(yes && touch == 2);
            csv += &format!(
                "u{user},2024-02-0{},{channel},{flag},{}\n",
                touch + 1,
                if yes { "yes" } else { "no" }
            );
        }
    }
    let (_, summary) = run(&csv, r#"{"split": {"by": "row"}}"#).unwrap();
    let found = |code: &str| summary.warnings.iter().find(|warning| warning.code == code);
    let figure = |code: &str, name: &str| found(code).unwrap().figures.as_ref().unwrap()[name];
    assert_eq!(figure("possible-leak", "auc"), 1.0);
    let leak = found("possible-leak").unwrap();
    assert_eq!(leak.remedy.as_ref().unwrap()["ignore"], "paid");
    assert_eq!(figure("single-channel-converters", "share"), 1.0);
    assert!(found("journeys-sorted-by-outcome").is_some());
    assert!(figure("few-conversions", "conversions") < 30.0);
}

#[test]
fn a_channel_of_no_touch_is_no_channel() {
    // The order itself has no channel, or one that nobody came by: neither is something to compare.
    for of_order in ["", "checkout"] {
        let csv = with_others(
            "user_id,time,channel,event",
            &["a,2024-01-01 10:00,search,view"],
            |user, touch, yes| {
                let (channel, event) = if yes {
                    (of_order, "order")
                } else {
                    (other_channel(user), "view")
                };
                format!("u{user},2024-02-0{} 10:00,{channel},{event}", touch + 1)
            },
        );
        let (dataset, summary) = run(&csv, "{}").unwrap();
        let journeys = dataset.journeys.as_ref().unwrap();
        assert_eq!(journeys.channels, ["mail", "search", "social"]);
        assert_eq!(summary.channels, ["mail", "search", "social"]);
        assert_eq!(told(&dataset)[0], "search/view | 0");
        assert_eq!(told(&dataset)[1], "mail/view mail/view | 1");
    }
}
