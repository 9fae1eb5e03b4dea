//! How long logistic regression takes on 1,000,000 rows of 30 features (or `ROWS FEATURES`), natively
//! on one thread: `cargo run --release --example train_benchmark [ROWS FEATURES]`.

use burn::tensor::Device;
use channelwise::evaluate;
use channelwise::job::Quiet;
use channelwise::prepare::{Dataset, Encoding, Feature};
use channelwise::train::{self, OptimizerOptions, TrainOptions, TrainingData};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let rows = numbers.next().unwrap_or(1_000_000);
    let features = numbers.next().unwrap_or(30);
    let data = simulate(rows, features);
    println!(
        "{rows} rows x {features} features, base rate {:.3}",
        data.base_rate()
    );
    for kind in ["lbfgs", "gd", "momentum", "adam"] {
        let options = TrainOptions {
            optimizer: Some(OptimizerOptions {
                kind: kind.to_owned(),
                ..OptimizerOptions::default()
            }),
            epochs: (kind == "gd" || kind == "momentum").then_some(20.0),
            ..TrainOptions::default()
        };
        let options = options
            .check(data.split.train.len())
            .expect("valid options");
        let parts = TrainingData::from(&data);
        let mut host = Quiet::default();
        let device = Device::flex();
        let run = train::fit(&parts, &options, &device, "benchmark", &mut host);
        let fit = block_on(run).expect("a fit");
        let start = Instant::now();
        let report = evaluate::report(&data, &fit, "benchmark", "cpu", "");
        println!(
            "{kind:9} {:6.2} s, {:5} updates of {:8.3} ms, {:?}; loss {:.6}, AUC {:.5}; evaluated in {:.2} s",
            fit.seconds,
            fit.steps,
            fit.step_ms,
            fit.ended,
            report.metrics.train.loss,
            report.metrics.train.auc,
            start.elapsed().as_secs_f64()
        );
    }
}

/// Half of the features are numbers, half are the levels of two categories.
fn simulate(rows: usize, features: usize) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let numbers = features.div_ceil(2);
    let levels = features - numbers;
    let truth: Vec<f32> = (0..features).map(|_| rng.random::<f32>() - 0.5).collect();
    let mut data = Dataset {
        features: (0..features)
            .map(|at| Feature {
                name: format!("x{at}"),
                column: format!("x{at}"),
                encoding: Encoding::Missing,
            })
            .collect(),
        ..Dataset::default()
    };
    for row in 0..rows {
        let start = data.x.len();
        for _ in 0..numbers {
            data.x.push(spread(&mut rng));
        }
        let hot = [
            rng.random_range(0..levels.div_ceil(2).max(1)),
            levels.div_ceil(2) + rng.random_range(0..(levels / 2).max(1)),
        ];
        data.x
            .extend((0..levels).map(|level| f32::from(u8::from(hot.contains(&level)))));
        let z: f32 = data.x[start..].iter().zip(&truth).map(|(x, w)| x * w).sum();
        let p = 1.0 / (1.0 + (2.0 - z).exp());
        data.y.push(f32::from(u8::from(rng.random::<f32>() < p)));
        let part = match row % 10 {
            8 => &mut data.split.validation,
            9 => &mut data.split.test,
            _ => &mut data.split.train,
        };
        part.push(row as u32);
    }
    data
}

/// About normal: twelve uniform deviates less six.
fn spread(rng: &mut impl Rng) -> f32 {
    (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
