//! Recurrences with numbers, and how they are run.

use burn::tensor::{Device, Tensor, TensorData};
use channelwise::lstm::{LstmInput, last};

/// One recurrence with numbers.
#[derive(Debug, Clone)]
pub struct Case {
    pub steps: usize,
    pub rows: usize,
    pub hidden: usize,
    pub lengths: Vec<f32>,
    pub projected: Vec<f32>,
    pub weights: Vec<f32>,
    pub initial: Option<(Vec<f32>, Vec<f32>)>,
    pub mask: Option<Vec<f32>>,
}

/// Numbers in ±`scale` that look random.
pub fn numbers(count: usize, seed: u32, scale: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as f32 / 8_388_608.0 - 1.0) * scale
        })
        .collect()
}

impl Case {
    pub fn new(sizes: [usize; 3], seed: u32, initial: bool, mask: bool) -> Self {
        let [steps, rows, hidden] = sizes;
        let lengths = numbers(rows, seed + 1, 1.0)
            .iter()
            .map(|x| ((x * 0.5 + 0.5) * (steps as f32 + 0.99)) as i32 as f32)
            .collect();
        let state = rows * hidden;
        Self {
            steps,
            rows,
            hidden,
            lengths,
            projected: numbers(steps * rows * 4 * hidden, seed + 2, 1.5),
            weights: numbers(4 * hidden * hidden, seed + 3, 0.8),
            initial: initial
                .then(|| (numbers(state, seed + 4, 0.9), numbers(state, seed + 5, 1.2))),
            mask: mask.then(|| {
                let kept = |x: f32| if x > -0.4 { 1.25 } else { 0.0 };
                numbers(state, seed + 6, 1.0)
                    .into_iter()
                    .map(kept)
                    .collect()
            }),
        }
    }
}

/// States, and the gradients of a sum that weighs them by numbers that look random.
#[derive(Debug, Clone)]
pub struct Figures {
    pub states: Vec<f32>,
    pub last: Vec<f32>,
    pub gradients: Vec<(&'static str, Vec<f32>)>,
}

pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("floats")
}

/// Runs a case by `operator`; the loss weighs every state.
pub fn figures(case: &Case, operator: fn(LstmInput) -> Tensor<3>) -> Figures {
    let device = Device::flex().autodiff();
    let (steps, rows, hidden) = (case.steps, case.rows, case.hidden);
    let matrix = |values: &[f32], shape: [usize; 2]| {
        Tensor::<2>::from_data(TensorData::new(values.to_vec(), shape), &device)
    };
    let cube = |values: Vec<f32>, width: usize| {
        Tensor::<3>::from_data(TensorData::new(values, [steps, rows, width]), &device)
    };
    let gates = cube(case.projected.clone(), 4 * hidden).require_grad();
    let weights = matrix(&case.weights, [hidden, 4 * hidden]).require_grad();
    let state = |values: &[f32]| matrix(values, [rows, hidden]).require_grad();
    let initial = case.initial.as_ref().map(|(h, c)| (state(h), state(c)));
    let lengths = TensorData::new(case.lengths.clone(), [rows]);
    let states = operator(LstmInput {
        gates: gates.clone(),
        weights: weights.clone(),
        lengths: Tensor::from_data(lengths, &device),
        initial: initial.clone(),
        mask: case.mask.as_ref().map(|m| matrix(m, [rows, hidden])),
    });
    let weighing = cube(numbers(steps * rows * hidden, 99, 1.0), hidden);
    let gradients = (states.clone() * weighing).sum().backward();
    let mut found = vec![
        ("gates", values(gates.grad(&gradients).expect("one"))),
        ("weights", values(weights.grad(&gradients).expect("one"))),
    ];
    if let Some((state, cell)) = &initial {
        found.push(("state", values(state.grad(&gradients).expect("one"))));
        found.push(("cell", values(cell.grad(&gradients).expect("one"))));
    }
    Figures {
        last: values(last(states.clone())),
        states: values(states),
        gradients: found,
    }
}

/// Fails where two lists of numbers are further apart than `tolerance` of the larger of 1 and the largest.
pub fn assert_close(name: &str, a: &[f32], b: &[f32], tolerance: f32) {
    assert_eq!(a.len(), b.len(), "{name}");
    let scale = b.iter().fold(1.0_f32, |most, x| most.max(x.abs()));
    for (at, (a, b)) in a.iter().zip(b).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * scale,
            "{name}[{at}]: {a} and {b}"
        );
    }
}
