//! How far every way to give credit is from the truth, on journeys whose channel effects are known:
//! `cargo run --release --example credit_selftest [JOURNEYS] [METHOD …]`.
//!
//! Methods are those of the public API; `journey` trains an LSTM for each scenario and takes its time.

use channelwise::channels::CreditRule;
use channelwise::job::Quiet;
use channelwise::self_test::{SelfTestOptions, self_test};
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
    let one_out = words.iter().any(|word| word == "--leave-one-out");
    words.retain(|word| !word.starts_with("--"));
    let journeys = words.first().map_or(Ok(20_000), |count| count.parse())?;
    let methods = words
        .get(1..)
        .filter(|rest| !rest.is_empty())
        .map(<[String]>::to_vec);
    let options = SelfTestOptions {
        journeys,
        methods,
        model_rule: if one_out {
            CreditRule::LeaveOneOut
        } else {
            CreditRule::SampledShapley
        },
        ..SelfTestOptions::default()
    };
    let start = Instant::now();
    let test = now(self_test(&options, &mut Quiet::default()))?;
    for scenario in &test.scenarios {
        println!(
            "\n{:?}: {} journeys, {} conversions",
            scenario.scenario, scenario.journeys, scenario.conversions
        );
        print!("{:<14} {:>6} ", "", "error");
        for truth in &scenario.truth {
            print!("{:>12}", truth.channel);
        }
        print!("\n{:<14} {:>6} ", "truth", "");
        for truth in &scenario.truth {
            print!("{:>12.3}", truth.share);
        }
        println!();
        for method in &scenario.methods {
            print!("{:<14} {:>6.4} ", method.method, method.mean_absolute_error);
            for share in &method.shares {
                print!("{:>12.3}", share.share);
            }
            println!();
        }
    }
    println!("\n{:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
