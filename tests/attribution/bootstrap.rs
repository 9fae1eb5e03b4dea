//! The intervals: the same for the same seed, around the estimate, and as wide as they should be.

use crate::common::{Row, by_name, close, credit, only, path_data, paths, row};
use channelwise::attribution::{Attribution, AttributionOptions, Method, attribute};

fn resampled(resamples: usize, seed: u64) -> AttributionOptions {
    AttributionOptions {
        methods: None,
        resamples,
        seed,
        ..only(&[])
    }
}

fn rows() -> Vec<Row> {
    vec![
        row("search > mail > direct", 40.0, 400.0, 60.0),
        row("social > search", 25.0, 100.0, 100.0),
        row("mail", 30.0, 600.0, 20.0),
        row("search", 35.0, 350.0, 90.0),
        row("social > social > mail", 10.0, 30.0, 70.0),
        row("direct", 20.0, 200.0, 40.0),
    ]
}

#[test]
fn a_seed_is_a_seed() {
    let first = credit(&rows(), &resampled(200, 1));
    assert_eq!(first, credit(&rows(), &resampled(200, 1)));
    let other = credit(&rows(), &resampled(200, 2));
    assert_ne!(
        first.credit[0].channels[0].share_interval,
        other.credit[0].channels[0].share_interval
    );
    assert_eq!(
        first.credit[0].channels[0].share,
        other.credit[0].channels[0].share
    );
}

fn check(attribution: &Attribution) {
    for credit in &attribution.credit {
        let mut ranks = vec![0.0; credit.channels.len()];
        for (index, channel) in credit.channels.iter().enumerate() {
            let holds = |interval: Option<[f64; 2]>, estimate: f64| {
                let [low, high] = interval.expect("resampled");
                let slack = 1e-9 * estimate.abs();
                assert!(
                    low - slack <= estimate && estimate <= high + slack,
                    "{} {channel:?}",
                    credit.method
                );
            };
            holds(channel.share_interval, channel.share);
            holds(channel.conversions_interval, channel.conversions);
            if let Some(value) = channel.value {
                holds(channel.value_interval, value);
            }
            let own = channel.rank_probability.as_ref().expect("few channels");
            close(own.iter().sum(), 1.0, 1e-9, "ranks of a channel");
            own.iter()
                .zip(&mut ranks)
                .for_each(|(part, sum)| *sum += part);
            let above = credit.above.as_ref().expect("few channels");
            assert_eq!(above[index][index], 0.5);
            for (other, row) in above.iter().enumerate() {
                close(
                    row[index] + above[index][other],
                    1.0,
                    1e-12,
                    "one of two is above",
                );
            }
        }
        for rank in ranks {
            close(rank, 1.0, 1e-9, "channels of a rank");
        }
    }
}

#[test]
fn intervals_hold_the_estimate() {
    check(&credit(&rows(), &resampled(500, 42)));
    if let Some(rows) = path_data() {
        check(&credit(&rows, &resampled(300, 42)));
    }
}

/// The share by first touch is a binomial proportion, whose standard error is known.
#[test]
fn intervals_are_as_wide_as_the_formula_says() {
    let attribution = credit(&rows(), &resampled(4000, 7));
    let found = by_name(&attribution, "first");
    let n = attribution.totals.conversions;
    for (name, channel) in found {
        let [low, high] = channel.share_interval.expect("resampled");
        let error = (channel.share * (1.0 - channel.share) / n).sqrt();
        close((high - low) / (2.0 * 1.96 * error), 1.0, 0.06, name);
        close((low + high) / 2.0 - channel.share, 0.0, 0.25 * error, name);
        let [low, high] = channel.conversions_interval.expect("resampled");
        let journeys = attribution.totals.journeys;
        let rate = channel.conversions / journeys;
        let error = (journeys * rate * (1.0 - rate)).sqrt();
        close((high - low) / (2.0 * 1.96 * error), 1.0, 0.06, name);
    }
}

/// In 95 of 100 samples from the same users, the interval holds the truth.
#[test]
fn intervals_cover_the_truth_as_often_as_they_say() {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let (truth, users, samples) = (0.3, 400, 400);
    let mut covered = 0;
    for sample in 0..samples {
        let mut counts = [0.0, 0.0];
        for _ in 0..users {
            let a = f64::from(random.next_u32()) / f64::from(u32::MAX) < truth;
            counts[usize::from(!a)] += 1.0;
        }
        let rows = [
            row("a > c", counts[0], 0.0, 0.0),
            row("b > c", counts[1], 0.0, 0.0),
        ];
        let options = AttributionOptions {
            resamples: 300,
            seed: sample,
            ..only(&["first"])
        };
        let attribution = credit(&rows, &options);
        let [low, high] = by_name(&attribution, "first")["a"]
            .share_interval
            .expect("resampled");
        covered += usize::from(low <= truth && truth <= high);
    }
    // Binomial(400, 0.95) lies between 365 and 393 in all but one of 2,000 cases.
    assert!((365..=393).contains(&covered), "{covered} of {samples}");
}

/// A journey's value and times are drawn with it, also where its channels are those of others.
#[test]
fn values_vary_between_journeys_of_one_sequence() {
    let worth = [1.0, 9.0];
    let mut one = Vec::new();
    for _ in 0..50 {
        one.extend(worth.map(|value| row("a", 1.0, value, 0.0)));
    }
    let attribution = credit(&one, &resampled(2000, 3));
    let channel = by_name(&attribution, "linear")["a"];
    let [low, high] = channel.value_interval.expect("resampled");
    // The sum of 100 draws from {1, 9} has the standard deviation 4 · √100.
    close((high - low) / (2.0 * 1.96 * 40.0), 1.0, 0.08, "width");
    assert_eq!(channel.share_interval, Some([1.0, 1.0]));
    let mut timed = paths(&[row("a > b", 50.0, 0.0, 0.0), row("a > b", 50.0, 0.0, 0.0)]);
    timed.days = Some(vec![7.0, 0.0, 0.0, 0.0]);
    let options = AttributionOptions {
        resamples: 2000,
        ..only(&["timeDecay"])
    };
    let attribution = attribute(&timed, &options).expect("credited");
    let channel = by_name(&attribution, "timeDecay")["a"];
    close(channel.share, (1.0 / 3.0 + 1.0 / 2.0) / 2.0, 1e-12, "share");
    let [low, high] = channel.share_interval.expect("resampled");
    // Each of 100 journeys gives a third or a half: a standard deviation of (1/6)/2 per journey.
    close(
        (high - low) / (2.0 * 1.96 / 12.0 / 10.0),
        1.0,
        0.08,
        "width",
    );
}

#[test]
fn what_the_data_do_not_settle_is_said() {
    let close_call = [
        row("a > b", 50.0, 0.0, 0.0),
        row("b > a", 52.0, 0.0, 0.0),
        row("c > a", 5.0, 0.0, 0.0),
    ];
    let attribution = credit(&close_call, &resampled(400, 1));
    let found = |code: &str| {
        attribution
            .findings
            .iter()
            .find(|finding| finding.code == code)
    };
    let depends = found("rank-depends-on-method").expect("first and last disagree");
    assert_eq!(depends.channels, ["a", "b"]);
    assert!(depends.methods.contains(&"last") && !depends.methods.contains(&"first"));
    let unsettled = found("rank-not-separated").expect("52 to 50 is close");
    assert!(unsettled.methods.contains(&"first"));
    let above = unsettled.figures["above"];
    assert!((0.5..0.95).contains(&above));
    let text = serde_json::to_string(&attribution.warnings).expect("serialises");
    assert!(text.contains("no-null-paths"));
    let clear = credit(
        &[row("a > b", 900.0, 0.0, 50.0), row("a", 500.0, 0.0, 9.0)],
        &resampled(200, 1),
    );
    assert!(
        clear
            .findings
            .iter()
            .all(|finding| finding.code != "rank-not-separated"
                || !finding.methods.contains(&"first"))
    );
}

#[test]
fn all_methods_share_their_resamples() {
    let attribution = credit(&rows(), &resampled(100, 5));
    assert_eq!(attribution.credit.len(), Method::ALL.len() - 1);
    assert!(
        attribution
            .credit
            .iter()
            .all(|credit| credit.resamples == 100)
    );
    let none = credit(&rows(), &resampled(0, 5));
    assert!(
        none.credit
            .iter()
            .all(|credit| credit.resamples == 0 && credit.above.is_none())
    );
    assert!(none.credit[0].channels[0].share_interval.is_none());
}
