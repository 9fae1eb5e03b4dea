//! What is told of the paths themselves, on journeys small enough to count by hand.

use crate::journeys::{compared, dataset};
use channelwise::channels::{CompareOptions, Comparison, Period};
use channelwise::prepare::Dataset;

const NAN: f64 = f64::NAN;
const DAY: i64 = 86_400_000;

/// Four journeys of three users with times and event types, from Monday 2026-03-02 on.
fn timed() -> Dataset {
    let mut data = dataset(&[
        (0, "ads > mail > shop", true, 30.0, 1.0),
        (0, "mail", true, 10.0, 1.0),
        (1, "ads > mail", false, NAN, 1.0),
        (2, "shop > ads > shop > mail > shop", true, 5.0, 1.0),
    ]);
    data.weights = None;
    let journeys = data.journeys.as_mut().unwrap();
    let monday = 20_514 * DAY;
    journeys.calendar = true;
    journeys.ends = vec![
        monday + 4 * DAY,
        monday + 9 * DAY,
        monday + DAY,
        monday + 15 * DAY,
    ];
    journeys.days_before_end = vec![4.0, 1.0, 0.0, 0.0, 0.5, 0.0, 1.5, 1.0, 0.5, 0.25, 0.0];
    journeys.events = ["click", "view product", "add to cart"]
        .map(str::to_owned)
        .to_vec();
    journeys.touch_events = vec![0, 1, 2, 0, 0, 2, 0, 0, 0, 0, 1];
    data
}

fn view(period: Option<Period>) -> Comparison {
    let options = CompareOptions {
        period,
        resamples: Some(0),
        ..CompareOptions::default()
    };
    compared(&timed(), options)
}

#[test]
fn roles_lengths_and_lags() {
    let paths = view(None).paths.unwrap();
    assert_eq!((paths.sequences, paths.top.len()), (4, 4));
    assert_eq!(paths.top[3].conversions, 0.0);
    let roles: Vec<(&str, [f64; 5])> = paths
        .roles
        .iter()
        .map(|role| {
            (
                role.name.as_str(),
                [
                    role.conversions,
                    role.alone,
                    role.opens,
                    role.assists,
                    role.closes,
                ],
            )
        })
        .collect();
    assert_eq!(
        roles,
        [
            ("ads", [2.0, 0.0, 1.0, 1.0, 0.0]),
            ("mail", [3.0, 1.0, 0.0, 2.0, 0.0]),
            ("shop", [2.0, 0.0, 1.0, 1.0, 2.0]),
        ]
    );
    let lengths: Vec<f64> = paths
        .lengths
        .iter()
        .map(|length| length.conversions)
        .collect();
    assert_eq!(lengths, [1.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!((paths.mean_length, paths.median_length), (3.0, 3.0));
    let lags = paths.lags.unwrap();
    let found: Vec<(f64, f64)> = lags
        .iter()
        .filter(|lag| lag.conversions > 0.0)
        .map(|lag| (lag.from, lag.conversions))
        .collect();
    assert_eq!(found, [(0.0, 1.0), (1.0, 1.0), (3.0, 1.0)]);
    assert_eq!(
        (paths.median_lag, lags.last().and_then(|lag| lag.to)),
        (Some(1.5), Some(7.0))
    );
}

#[test]
fn what_flows_in_flows_out() {
    let paths = view(None).paths.unwrap();
    let into = |position: usize, name: &str| -> f64 {
        let links = paths
            .flow
            .iter()
            .filter(|link| link.position + 1 == position && link.to == name);
        links.map(|link| link.count).sum()
    };
    for position in 2..=5 {
        for name in ["ads", "mail", "shop"] {
            let out: f64 = paths
                .flow
                .iter()
                .filter(|link| link.position == position && link.from == name)
                .map(|link| link.count)
                .sum();
            assert_eq!(into(position, name), out, "{name} at {position}");
        }
    }
    let ends = |name: &str| -> f64 {
        paths
            .flow
            .iter()
            .filter(|link| link.to == name)
            .map(|link| link.count)
            .sum()
    };
    assert_eq!(
        (ends("(conversion)"), ends("(null)"), ends("(more)")),
        (3.0, 1.0, 0.0)
    );
}

#[test]
fn stages_and_cohorts() {
    let paths = view(Some(Period::Week)).paths.unwrap();
    let funnel = paths.funnel.unwrap();
    assert_eq!(
        serde_json::to_value(&funnel.stages).unwrap(),
        serde_json::json!(["touch", "view", "cart", "order"])
    );
    assert_eq!(funnel.total, [4.0, 4.0, 4.0, 3.0]);
    assert_eq!(funnel.channels[2].counts, [2.0; 4]);
    let cohorts = paths.cohorts.unwrap();
    let rows: Vec<(&str, &str, usize, &[f64])> = cohorts
        .rows
        .iter()
        .map(|row| {
            (
                row.channel.as_str(),
                row.start.as_str(),
                row.users,
                row.conversions.as_slice(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("ads", "2026-03-02", 2, &[1.0, 1.0, 0.0][..]),
            ("shop", "2026-03-09", 1, &[0.0, 1.0][..]),
        ]
    );
    assert_eq!(cohorts.channels[0].ages[1].users, 2);
}
