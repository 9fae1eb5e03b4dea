//! The sample shows what its truth says.

use crate::{comparison, finding, fit};
use channelwise::channels::ChannelModel;
use channelwise::prepare::{PrepareOptions, prepare};
use channelwise::simulate::{SampleOptions, sessions};
use nalgebra::DMatrix;

#[test]
fn the_sample_tells_its_story() {
    let sample = sessions(&SampleOptions::default()).unwrap();
    let options = PrepareOptions::default().check().unwrap();
    let (dataset, summary) = prepare(&sample.table, &sample.schema(), &options).unwrap();
    assert!(
        (0.08..0.15).contains(&summary.base_rate),
        "{}",
        summary.base_rate
    );
    let (beta, inverse) = fit(&dataset);
    let places: Vec<usize> = dataset
        .channel_features()
        .iter()
        .map(|feature| feature.0)
        .collect();
    let model = ChannelModel {
        run_id: "run-1".to_owned(),
        names: dataset
            .channel_features()
            .iter()
            .map(|feature| feature.1.to_owned())
            .collect(),
        beta: places.iter().map(|&place| beta[place]).collect(),
        covariance: DMatrix::from_fn(places.len(), places.len(), |i, j| {
            inverse[(places[i], places[j])]
        }),
    };
    let found = comparison(&dataset, &[model]);
    for channel in &found.channels {
        println!(
            "{:15} {:6} {:5} {:.3} {:.3?}",
            channel.name, channel.rows, channel.conversions, channel.rate, channel.rate_interval
        );
    }
    for effect in &found.effects[0].channels {
        let truth = sample
            .truth
            .iter()
            .find(|truth| truth.channel == effect.name)
            .unwrap();
        println!(
            "{:15} {:.2} ± {:.2} (truth {:.2})",
            effect.name, effect.log_odds, effect.standard_error, truth.log_odds
        );
        let miss = (effect.log_odds - truth.log_odds).abs();
        assert!(
            miss < 4.0 * effect.standard_error,
            "{}: {miss}",
            effect.name
        );
    }
    for finding in &found.findings {
        println!("{}: {}", finding.code, finding.message);
    }
    assert_eq!(finding(&found, "best-adjusted").channels, ["Paid search"]);
    let reversed = finding(&found, "order-reversed");
    assert_eq!(reversed.channels[..2], ["E-mail", "Paid search"]);
    let below = finding(&found, "below-mean");
    assert!(
        ["E-mail", "Social"]
            .iter()
            .all(|name| below.channels.iter().any(|below| below == name))
    );
    let alike = |a: &str, b: &str| {
        let mut runs = found
            .findings
            .iter()
            .filter(|finding| finding.code == "alike-adjusted");
        runs.any(|run| {
            [a, b]
                .iter()
                .all(|name| run.channels.iter().any(|channel| channel == name))
        })
    };
    assert!(alike("E-mail", "Social"));
    assert_eq!(
        finding(&found, "too-few-conversions").channels,
        ["Exhibition"]
    );
}
