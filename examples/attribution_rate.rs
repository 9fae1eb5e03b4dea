//! How long the credit for a file of paths takes: `cargo run --release --example attribution_rate [FILE]`.
//!
//! The file has the columns path, conversions, value and journeys without conversion, parted by
//! commas; without one, journeys are made up.

use channelwise::attribution::{AttributionOptions, MarkovOrder, attribute};
use channelwise::prepare::paths::Paths;
use std::time::Instant;

/// Reads the rows as they stand.
fn parse(text: &str) -> Option<Paths> {
    let mut paths = Paths {
        offsets: vec![0],
        ..Paths::default()
    };
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        for name in cells.next()?.split('>').map(str::trim) {
            let known = paths.channels.iter().position(|channel| channel == name);
            let code = known.unwrap_or(paths.channels.len());
            if code == paths.channels.len() {
                paths.channels.push(name.to_owned());
            }
            paths.touches.push(code as u32);
        }
        let mut number = || cells.next()?.trim().parse().ok();
        paths.offsets.push(paths.touches.len());
        paths.conversions.push(number()?);
        paths.values.push(number()?);
        paths.nulls.push(number()?);
    }
    Some(paths)
}

/// 10,000 paths over 12 channels, a few of them frequent.
fn made_up() -> Paths {
    let mut state = 1_u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut paths = Paths {
        channels: (0..12)
            .map(|channel| format!("channel {channel}"))
            .collect(),
        offsets: vec![0],
        ..Paths::default()
    };
    for _ in 0..10_000 {
        for _ in 0..1 + random(8) {
            let touch = random(12).min(random(12));
            paths.touches.push(touch as u32);
        }
        paths.offsets.push(paths.touches.len());
        let conversions = random(4) as f64;
        paths.conversions.push(conversions);
        paths.values.push(conversions * 4.0);
        paths.nulls.push(random(12) as f64);
    }
    paths
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths = match std::env::args().nth(1) {
        Some(file) => parse(&std::fs::read_to_string(file)?)
            .ok_or("a row is not path,conversions,value,nulls")?,
        None => made_up(),
    };
    println!(
        "{} rows, {} touches, {} channels",
        paths.len(),
        paths.touches.len(),
        paths.channels.len()
    );
    let time =
        |what: &str, methods: Option<&[&str]>, markov_order: MarkovOrder, resamples: usize| {
            let options = AttributionOptions {
                methods: methods.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
                markov_order,
                resamples,
                ..AttributionOptions::default()
            };
            let mut best = f64::INFINITY;
            let mut drawn = 0;
            for _ in 0..3 {
                let start = Instant::now();
                let attribution = attribute(&paths, &options);
                best = best.min(start.elapsed().as_secs_f64());
                drawn = attribution.map_or(0, |credit| {
                    credit
                        .credit
                        .iter()
                        .map(|method| method.resamples)
                        .min()
                        .unwrap_or(0)
                });
            }
            println!("{what:<44} {drawn:>4} resamples {:>9.1} ms", best * 1e3);
        };
    let both = ["markov", "shapley"];
    let first = MarkovOrder::Fixed(1);
    time("Markov and Shapley, no intervals", Some(&both), first, 0);
    time("Markov and Shapley", Some(&both), first, 500);
    time("Shapley alone", Some(&["shapley"]), first, 500);
    time("all eight methods", None, first, 500);
    for order in 2..=4 {
        let fixed = MarkovOrder::Fixed(order);
        time(
            &format!("Markov of order {order}, no intervals"),
            Some(&["markov"]),
            fixed,
            0,
        );
        time(
            &format!("Markov of order {order}"),
            Some(&["markov"]),
            fixed,
            500,
        );
    }
    time(
        "Markov, order chosen, no intervals",
        Some(&["markov"]),
        MarkovOrder::Auto,
        0,
    );
    Ok(())
}
