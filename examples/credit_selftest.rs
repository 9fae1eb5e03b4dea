//! How far every way to give credit is from the truth, on journeys whose channel effects are known:
//! `cargo run --release --example credit_selftest [JOURNEYS] [--seeds N] [METHOD …]`.
//!
//! Methods are those of the public API; `journey` trains an LSTM for each scenario and seed and takes its
//! time. Each method is held against the truth that it claims: removal, or for models asked by Shapley's
//! rule the Shapley value. With several seeds, from 42 on, the mean over them and the worst are told.

use channelwise::job::Quiet;
use channelwise::self_test::{Estimand, SelfTestOptions, TestedScenario, self_test};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Nothing is waited for, so that polling goes on until it is done.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(done) = polled {
            return done;
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let mut seeds = 1;
    if let Some(at) = words.iter().position(|word| word == "--seeds") {
        seeds = words.get(at + 1).ok_or("how many seeds?")?.parse()?;
        words.drain(at..at + 2);
    }
    let journeys = words.first().map_or(Ok(20_000), |count| count.parse())?;
    let methods = words
        .get(1..)
        .filter(|rest| !rest.is_empty())
        .map(<[String]>::to_vec);
    let start = Instant::now();
    let mut tests = Vec::new();
    for seed in 42..42 + seeds {
        let options = SelfTestOptions {
            journeys,
            seed,
            methods: methods.clone(),
            ..SelfTestOptions::default()
        };
        tests.push(now(self_test(&options, &mut Quiet::default()))?);
    }
    for at in 0..tests[0].scenarios.len() {
        let all: Vec<&TestedScenario> = tests.iter().map(|test| &test.scenarios[at]).collect();
        tell(&all);
    }
    println!("\n{seeds} seed(s), {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// One kind of journeys: the shares of the first seed, and the errors over all seeds.
fn tell(seeds: &[&TestedScenario]) {
    let scenario = seeds[0];
    println!(
        "\n{:?}: {} journeys, {} conversions",
        scenario.scenario, scenario.journeys, scenario.conversions
    );
    print!(
        "{:<32}{:>8}{:>8}{:>8}{:>8}",
        "", "mean", "max", "removal", "Shapley"
    );
    for truth in &scenario.truth {
        print!("{:>12}", truth.channel);
    }
    print!("\n{:<64}", "truth by removal");
    for truth in &scenario.truth {
        print!("{:>12.3}", truth.share);
    }
    print!("\n{:<64}", "truth by Shapley");
    for truth in &scenario.truth {
        print!("{:>12.3}", truth.shapley_share);
    }
    println!();
    for method in &scenario.methods {
        let same = |seed: &&TestedScenario| {
            seed.methods
                .iter()
                .find(|one| (one.method, one.rule) == (method.method, method.rule))
                .cloned()
        };
        let found: Vec<_> = seeds.iter().filter_map(same).collect();
        let mean = |of: &dyn Fn(&_) -> f64| found.iter().map(of).sum::<f64>() / found.len() as f64;
        let errors = found.iter().map(|one| one.mean_absolute_error);
        let name = format!("{} {}", method.method, method.rule.unwrap_or(""));
        let claim = match method.estimand {
            Estimand::Removal => "R",
            Estimand::Shapley => "S",
        };
        print!(
            "{name:<31}{claim}{:>8.4}{:>8.4}{:>8.4}{:>8.4}",
            mean(&|one: &channelwise::self_test::TestedMethod| one.mean_absolute_error),
            errors.fold(0.0, f64::max),
            mean(&|one| one.removal_error),
            mean(&|one| one.shapley_error),
        );
        for share in &method.shares {
            print!("{:>12.3}", share.share);
        }
        println!();
    }
}
