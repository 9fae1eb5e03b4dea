//! The Transformer encoder on the host against plain tensors with autodiff, and as a model that is trained.

#![allow(clippy::unwrap_used)] // A test may panic.

mod journey_support;
mod logistic_support;

use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use channelwise::evaluate;
use channelwise::job::Quiet;
use channelwise::model::journey::host::Masks;
use channelwise::model::journey::{Batch, JourneyRows, JourneyShape, Network};
use channelwise::train::{self, TrainError, TrainOptions, TrainingData, ValidTrainOptions};
use journey_support::{Truth, simulated};
use logistic_support::block_on;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

struct Case {
    shape: JourneyShape,
    parameters: Vec<f32>,
    batch: Batch,
    masks: Masks,
    d: Vec<f32>,
}

fn case(lengths: &[u32], shape: JourneyShape, dropout: bool, seed: u64) -> Case {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let touches: u32 = lengths.iter().sum();
    let mut offsets = vec![0];
    for &length in lengths {
        offsets.push(offsets.last().unwrap() + length);
    }
    let mut entries = |size: usize| -> Vec<u16> {
        (0..if size > 0 { touches } else { 0 })
            .map(|_| random.random_range(0..size as u32) as u16)
            .collect()
    };
    let (channels, events) = (entries(shape.channels), entries(shape.events));
    let mut draw = |count: usize, reach: f32| -> Vec<f32> {
        (0..count)
            .map(|_| (2.0 * random.random::<f32>() - 1.0) * reach)
            .collect()
    };
    let gaps = draw(if shape.gaps { touches as usize } else { 0 }, 2.0);
    let rows = JourneyRows {
        offsets,
        channels,
        events,
        gaps,
        statics: draw(lengths.len() * shape.statics, 1.0),
        width: shape.statics,
    };
    let mut batch = Batch::default();
    let all: Vec<u32> = (0..lengths.len() as u32).collect();
    rows.fill(&all, &mut batch);
    let mask = draw(lengths.len() * shape.hidden, 1.0);
    Case {
        parameters: draw(shape.layout().len(), 0.8),
        d: draw(lengths.len(), 1.0),
        masks: Masks {
            recurrent: Vec::new(),
            last: match dropout {
                true => mask
                    .iter()
                    .map(|&v| if v > 0.4 { 0.0 } else { 1.4 })
                    .collect(),
                false => Vec::new(),
            },
        },
        batch,
        shape,
    }
}

fn norm(x: Tensor<2>, scale: &Tensor<2>) -> Tensor<2> {
    let width = x.dims()[1];
    let centred = x.clone() - x.mean_dim(1);
    let variance = (centred.clone() * centred.clone()).mean_dim(1);
    let line = |at: usize| scale.clone().slice([at..at + 1, 0..width]);
    centred / (variance + 1e-5).sqrt() * line(0) + line(1)
}

/// Journey by journey, head by head.
fn plain(case: &Case, parameters: &Tensor<1>) -> Tensor<1> {
    let Case { shape, batch, .. } = case;
    let device = parameters.device();
    let (layout, width) = (shape.layout(), shape.hidden);
    let at = |range: &Range<usize>, columns: usize| {
        let lines = range.len() / columns;
        parameters
            .clone()
            .slice([range.clone()])
            .reshape([lines, columns])
    };
    let line = |values: &[f32]| {
        Tensor::<2>::from_data(TensorData::new(values.to_vec(), [1, values.len()]), &device)
    };
    let mut logits = Vec::new();
    for b in 0..batch.rows {
        let length = batch.lengths[b] as usize;
        let touches: Vec<Tensor<2>> = (0..length)
            .map(|t| {
                let place = t * batch.rows + b;
                let entry = |range: &Range<usize>, entry: u16| {
                    at(range, width).slice([usize::from(entry)..usize::from(entry) + 1, 0..width])
                };
                let position: Vec<f32> = (0..width)
                    .map(|k| {
                        let angle = (length - 1 - t) as f32
                            / 10_000_f32.powf((k / 2 * 2) as f32 / width as f32);
                        0.1 * if k % 2 == 0 { angle.sin() } else { angle.cos() }
                    })
                    .collect();
                let mut x = entry(&layout.channels, batch.channels[place]) + line(&position);
                if shape.events > 0 {
                    x = x + entry(&layout.events, batch.events[place]);
                }
                if shape.gaps {
                    x = x + at(&layout.gap, width) * batch.gaps[place];
                }
                x
            })
            .collect();
        let mut pooled = Tensor::<2>::zeros([1, width], &device);
        if length > 0 {
            let mut x = Tensor::cat(touches, 0);
            for places in &layout.attention {
                let parts = norm(x.clone(), &at(&places.norms[0], width))
                    .matmul(at(&places.parts, 3 * width))
                    + at(&places.parts_bias, 3 * width);
                let size = width / shape.heads;
                let heads = (0..shape.heads)
                    .map(|head| {
                        let part = |which: usize| {
                            let start = which * width + head * size;
                            parts.clone().slice([0..length, start..start + size])
                        };
                        let scores = part(0).matmul(part(1).transpose()) / (size as f32).sqrt();
                        softmax(scores, 1).matmul(part(2))
                    })
                    .collect();
                x = x
                    + Tensor::cat(heads, 1).matmul(at(&places.out, width))
                    + at(&places.out_bias, width);
                let inner = norm(x.clone(), &at(&places.norms[1], width))
                    .matmul(at(&places.inner, 2 * width))
                    + at(&places.inner_bias, 2 * width);
                x = x
                    + relu(inner).matmul(at(&places.outer, width))
                    + at(&places.outer_bias, width);
            }
            pooled = norm(x, &at(&layout.norm, width)).mean_dim(0);
        }
        if !case.masks.last.is_empty() {
            pooled = pooled * line(&case.masks.last[b * width..][..width]);
        }
        if shape.statics > 0 {
            let own = &batch.statics[b * shape.statics..][..shape.statics];
            pooled = Tensor::cat(vec![pooled, line(own)], 1);
        }
        let z = pooled.matmul(at(&layout.dense, 1)) + at(&layout.bias, 1);
        logits.push(z.reshape([1]));
    }
    Tensor::cat(logits, 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn agrees_with_plain_tensors(
        lengths in prop::collection::vec(0u32..7, 1..7),
        events in any::<bool>(),
        gaps in any::<bool>(),
        statics in 0usize..3,
        (heads, size) in (1usize..4, 1usize..5),
        layers in 1usize..3,
        dropout in any::<bool>(),
        seed in 0u64..1000,
    ) {
        let shape = JourneyShape {
            channels: 4,
            events: usize::from(events) * 3,
            gaps,
            statics,
            embedding: heads * size.max(2),
            hidden: heads * size.max(2),
            layers,
            bidirectional: false,
            heads,
        };
        let case = case(&lengths, shape, dropout, seed);
        let device = Device::flex().autodiff();
        let data = TensorData::new(case.parameters.clone(), [case.parameters.len()]);
        let parameters = Tensor::<1>::from_data(data, &device).require_grad();
        let logits = plain(&case, &parameters);
        let d = Tensor::from_data(TensorData::new(case.d.clone(), [case.d.len()]), &device);
        let slopes = parameters.grad(&(logits.clone() * d).sum().backward()).unwrap();
        let slopes: Vec<f32> = slopes.into_data().try_into_vec().unwrap();
        let expected: Vec<f32> = logits.into_data().try_into_vec().unwrap();
        let mut network = Network::new(&case.shape);
        for _ in 0..2 {
            let found = network.forward(&case.parameters, &case.batch, &case.masks);
            for (found, expected) in found.iter().zip(&expected) {
                prop_assert!((found - expected).abs() < 1e-4, "{} {}", found, expected);
            }
            let mut gradient = vec![0.0; case.parameters.len()];
            network.backward(&case.parameters, &case.batch, &case.masks, &case.d, &mut gradient);
            for place in &case.shape.layout().places {
                // With two units a norm's slope changes fast, and single precision shows.
                let largest = place.range.clone().map(|at| slopes[at].abs()).fold(1.0, f32::max);
                for at in place.range.clone() {
                    let (found, expected) = (gradient[at], slopes[at]);
                    prop_assert!((found - expected).abs() < 1e-3 * largest, "{}: {} {}", place.name, found, expected);
                }
            }
        }
    }
}

fn options(json: &str, rows: usize) -> Result<ValidTrainOptions, TrainError> {
    let mut options: TrainOptions = serde_json::from_str(json).unwrap();
    options.model = Some("transformer".into());
    options.check(rows)
}

#[test]
fn it_learns_order_like_the_lstm_and_is_exported_by_name() {
    let data = simulated(4000, Truth::Order, 3);
    let mut parts = TrainingData::from(&data);
    parts.statics = vec![4];
    let options = options(r#"{"epochs":40}"#, parts.train.len()).unwrap();
    let host = &mut Quiet::default();
    let fit = block_on(train::fit(&parts, &options, &Device::flex(), "run-1", host)).unwrap();
    let run = evaluate::report(&data, &fit, "run-1", "cpu", "");
    let auc = run.metrics.test.as_ref().unwrap().auc;
    assert!(auc > 0.8, "{auc}");
    assert_eq!(run.model, "transformer");
    let json = evaluate::to_json(&run, &fit, &data.features, &data.positive).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["format"], "channelwise-transformer");
    assert_eq!(json["journey"]["shape"]["heads"], 4);
    assert!(fit.suits(5, true));
}

#[test]
fn its_options_are_checked() {
    let plain = options("{}", 1000).unwrap().journey.unwrap();
    assert_eq!((plain.hidden, plain.embedding, plain.heads), (32, 32, 4));
    assert_eq!(
        options(r#"{"hidden":30}"#, 1000)
            .unwrap()
            .journey
            .unwrap()
            .heads,
        3
    );
    assert!(options(r#"{"heads":5}"#, 1000).is_err());
    assert!(options(r#"{"device":"webgpu"}"#, 1000).is_err());
    assert_eq!(
        options(r#"{"recurrentDropout":0.5}"#, 9)
            .unwrap()
            .journey
            .unwrap()
            .recurrent_dropout,
        0.0
    );
}
