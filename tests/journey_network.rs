//! The journey network on the host, against plain tensors with autodiff and against finite differences.

#![allow(clippy::unwrap_used)] // A test may panic.

use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Tensor, TensorData};
use channelwise::model::journey::host::{Masks, Network};
use channelwise::model::journey::{Batch, Inputs, JourneyRows, JourneyShape};
use channelwise::prepare::Journeys;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Journeys of the given lengths, drawn by seed.
fn journeys(lengths: &[u32], seed: u64) -> Journeys {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut offsets = vec![0];
    for &length in lengths {
        offsets.push(offsets.last().unwrap() + length);
    }
    let touches = *offsets.last().unwrap() as usize;
    Journeys {
        channels: ["ads", "mail", "search"].map(String::from).to_vec(),
        events: ["view", "click"].map(String::from).to_vec(),
        offsets,
        touch_channels: (0..touches).map(|_| random.random_range(0..3)).collect(),
        touch_events: (0..touches).map(|_| random.random_range(0..2)).collect(),
        gap_hours: (0..touches)
            .map(|_| random.random::<f32>() * 90.0)
            .collect(),
        ..Journeys::default()
    }
}

struct Case {
    shape: JourneyShape,
    parameters: Vec<f32>,
    batch: Batch,
    masks: Masks,
    d: Vec<f32>,
}

fn case(lengths: &[u32], shape: JourneyShape, dropout: bool, seed: u64) -> Case {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = |count: usize, reach: f32| -> Vec<f32> {
        (0..count)
            .map(|_| (2.0 * random.random::<f32>() - 1.0) * reach)
            .collect()
    };
    let journeys = journeys(lengths, seed);
    let all: Vec<u32> = (0..lengths.len() as u32).collect();
    let statics: Vec<u32> = (0..shape.statics as u32).collect();
    let mut inputs = Inputs::learn(&journeys, &all, shape.gaps, &statics);
    if shape.events == 0 {
        inputs.event_counts.clear();
    }
    // The vocabulary of the training journeys may be smaller than that of the file.
    let shape = JourneyShape {
        channels: inputs.channels.len() + 1,
        events: if shape.events > 0 {
            inputs.events.len() + 1
        } else {
            0
        },
        ..shape
    };
    let (rows, _) = inputs.encode(&journeys, draw(lengths.len() * shape.statics, 1.0));
    let mut batch = Batch::default();
    rows.fill(&all, &mut batch);
    let mask = |count: usize, values: Vec<f32>| -> Vec<f32> {
        values[..count]
            .iter()
            .map(|&v| if v > 0.4 { 0.0 } else { 1.4 })
            .collect()
    };
    let count = lengths.len() * shape.hidden;
    let masks = if dropout {
        Masks {
            recurrent: (0..shape.layers * shape.directions())
                .map(|_| mask(count, draw(count, 1.0)))
                .collect(),
            last: mask(
                count * shape.directions(),
                draw(count * shape.directions(), 1.0),
            ),
        }
    } else {
        Masks::default()
    };
    let parameters = draw(shape.layout().len(), 0.7);
    Case {
        d: draw(lengths.len(), 1.0),
        parameters,
        batch,
        masks,
        shape,
    }
}

fn shape() -> JourneyShape {
    JourneyShape {
        channels: 4,
        events: 3,
        gaps: true,
        statics: 2,
        embedding: 3,
        hidden: 4,
        layers: 1,
        bidirectional: false,
        heads: 0,
    }
}

/// The network written as plainly as can be, row by row and step by step, on burn tensors.
fn plain(case: &Case, parameters: &Tensor<1>) -> Tensor<1> {
    let Case {
        shape,
        batch,
        masks,
        ..
    } = case;
    let device = parameters.device();
    let layout = shape.layout();
    let at = |range: &std::ops::Range<usize>, rows: usize| {
        let columns = range.len() / rows.max(1);
        parameters
            .clone()
            .slice(range.clone())
            .reshape([rows, columns])
    };
    let line = |values: &[f32]| {
        let data = TensorData::new(values.to_vec(), [1, values.len()]);
        Tensor::<2>::from_data(data, &device)
    };
    let hidden = shape.hidden;
    let mut logits = Vec::new();
    for b in 0..batch.rows {
        let length = batch.lengths[b] as usize;
        let channels = at(&layout.channels, shape.channels);
        let mut sequence: Vec<Tensor<2>> = (0..length)
            .map(|t| {
                let place = t * batch.rows + b;
                let channel = usize::from(batch.channels[place]);
                let mut parts = vec![channels.clone().slice(channel..channel + 1)];
                if shape.events > 0 {
                    let event = usize::from(batch.events[place]);
                    parts.push(at(&layout.events, shape.events).slice(event..event + 1));
                }
                if shape.gaps {
                    parts.push(line(&[batch.gaps[place]]));
                }
                Tensor::cat(parts, 1)
            })
            .collect();
        let mut finals = Vec::new();
        for layer in 0..shape.layers {
            finals.clear();
            let mut outputs = Vec::new();
            for direction in 0..shape.directions() {
                let index = layer * shape.directions() + direction;
                let cell = &layout.cells[index];
                let mut h = Tensor::<2>::zeros([1, hidden], &device);
                let mut c = h.clone();
                let mut states = vec![h.clone(); length];
                let mask = masks.recurrent.get(index);
                let mask = mask.map(|mask| line(&mask[b * hidden..][..hidden]));
                for step in 0..length {
                    let t = if direction == 1 {
                        length - 1 - step
                    } else {
                        step
                    };
                    let before = match &mask {
                        Some(mask) => h.clone() * mask.clone(),
                        None => h.clone(),
                    };
                    let gates = sequence[t].clone().matmul(at(&cell.input, cell.inputs))
                        + before.matmul(at(&cell.hidden, hidden))
                        + at(&cell.bias, 1);
                    let gate = |n: usize| gates.clone().slice([0..1, n * hidden..(n + 1) * hidden]);
                    c = sigmoid(gate(1)) * c + sigmoid(gate(0)) * tanh(gate(2));
                    h = sigmoid(gate(3)) * tanh(c.clone());
                    states[t] = h.clone();
                }
                finals.push(h);
                outputs.push(states);
            }
            sequence = (0..length)
                .map(|t| Tensor::cat(outputs.iter().map(|states| states[t].clone()).collect(), 1))
                .collect();
        }
        let mut last = Tensor::cat(finals.clone(), 1);
        let wide = shape.directions() * hidden;
        if !masks.last.is_empty() {
            last = last * line(&masks.last[b * wide..][..wide]);
        }
        if shape.statics > 0 {
            let statics = &batch.statics[b * shape.statics..][..shape.statics];
            last = Tensor::cat(vec![last, line(statics)], 1);
        }
        let dense = at(&layout.dense, layout.dense.len());
        let z = last.matmul(dense) + at(&layout.bias, 1);
        logits.push(z.reshape([1]));
    }
    Tensor::cat(logits, 0)
}

fn agrees(case: &Case) {
    let device = Device::flex().autodiff();
    let data = TensorData::new(case.parameters.clone(), [case.parameters.len()]);
    let parameters = Tensor::<1>::from_data(data, &device).require_grad();
    let logits = plain(case, &parameters);
    let d = TensorData::new(case.d.clone(), [case.d.len()]);
    let total = (logits.clone() * Tensor::from_data(d, &device)).sum();
    let gradients = total.backward();
    let expected: Vec<f32> = logits.into_data().try_into_vec().unwrap();
    let slopes = parameters.grad(&gradients).unwrap();
    let slopes: Vec<f32> = slopes.into_data().try_into_vec().unwrap();

    let mut network = Network::new(&case.shape);
    // Twice: what the first batch left in memory must not matter.
    for _ in 0..2 {
        let found = network.forward(&case.parameters, &case.batch, &case.masks);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 2e-5, "{found} {expected}");
        }
        let mut gradient = vec![0.0; case.parameters.len()];
        network.backward(
            &case.parameters,
            &case.batch,
            &case.masks,
            &case.d,
            &mut gradient,
        );
        for place in &case.shape.layout().places {
            for at in place.range.clone() {
                let (found, expected) = (gradient[at], slopes[at]);
                let within = 1e-4 * (1.0 + expected.abs());
                assert!(
                    (found - expected).abs() < within,
                    "{}: {found} {expected}",
                    place.name
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn agrees_with_plain_tensors(
        lengths in prop::collection::vec(0u32..7, 1..7),
        events in any::<bool>(),
        gaps in any::<bool>(),
        statics in 0usize..3,
        embedding in 1usize..5,
        hidden in 1usize..10,
        layers in 1usize..4,
        bidirectional in any::<bool>(),
        dropout in any::<bool>(),
        seed in 0u64..1000,
    ) {
        let shape = JourneyShape {
            events: usize::from(events) * 3,
            gaps, statics, embedding, hidden, layers, bidirectional,
            ..shape()
        };
        agrees(&case(&lengths, shape, dropout, seed));
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let case = case(&[4, 1, 3], shape(), true, 5);
    let mut network = Network::new(&case.shape);
    let mut total = |parameters: &[f32]| -> f64 {
        let logits = network.forward(parameters, &case.batch, &case.masks);
        let terms = logits.iter().zip(&case.d);
        terms.map(|(&z, &d)| f64::from(z) * f64::from(d)).sum()
    };
    const STEP: f32 = 1e-2;
    let expected: Vec<f64> = (0..case.parameters.len())
        .map(|at| {
            let mut beside = |step: f32| {
                let mut parameters = case.parameters.clone();
                parameters[at] += step;
                total(&parameters)
            };
            // Of fourth order, so that the step may be large enough for single precision.
            (8.0 * (beside(STEP) - beside(-STEP)) - (beside(2.0 * STEP) - beside(-2.0 * STEP)))
                / (12.0 * f64::from(STEP))
        })
        .collect();
    let mut network = Network::new(&case.shape);
    network.forward(&case.parameters, &case.batch, &case.masks);
    let mut gradient = vec![0.0; case.parameters.len()];
    network.backward(
        &case.parameters,
        &case.batch,
        &case.masks,
        &case.d,
        &mut gradient,
    );
    for (at, (found, expected)) in gradient.iter().zip(&expected).enumerate() {
        assert!(
            (f64::from(*found) - expected).abs() < 1e-3,
            "{at}: {found} {expected}"
        );
    }
}

#[test]
fn padding_and_neighbours_change_nothing() {
    let lengths = [5, 1, 3, 3, 2];
    let case = case(&lengths, shape(), false, 9);
    let journeys = journeys(&lengths, 9);
    let all: Vec<u32> = (0..5).collect();
    let inputs = Inputs::learn(&journeys, &all, true, &[0, 1]);
    let (rows, unknown): (JourneyRows, usize) = inputs.encode(&journeys, vec![0.3; 10]);
    assert_eq!(unknown, 0);
    let mut network = Network::new(&case.shape);
    let mut score = |some: &[u32]| -> Vec<(u32, u32)> {
        let mut batch = Batch::default();
        rows.fill(some, &mut batch);
        let logits = network.forward(&case.parameters, &batch, &Masks::default());
        let bits = logits.iter().map(|z| z.to_bits());
        batch.order.iter().copied().zip(bits).collect()
    };
    let together = score(&all);
    for (row, bits) in together {
        assert_eq!(score(&[row]), [(row, bits)]);
    }
}
