//! The operator against Keras' LSTM, whose figures `keras_vector.py` made once.

use crate::common::{assert_close, values};
use burn::tensor::{Device, Tensor, TensorData};
use channelwise::lstm::{LstmInput, last, lstm};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    steps: usize,
    rows: usize,
    hidden: usize,
    lengths: Vec<f32>,
    projected: Vec<f32>,
    weights: Vec<f32>,
    state: Vec<f32>,
    cell: Vec<f32>,
    weighing: Vec<f32>,
    weighing_last: Vec<f32>,
    every: Vec<f32>,
    last: Vec<f32>,
    d_projected: Vec<f32>,
    d_weights: Vec<f32>,
    d_state: Vec<f32>,
    d_cell: Vec<f32>,
}

#[test]
fn states_and_gradients_are_those_of_keras() {
    let vector: Vector =
        serde_json::from_str(include_str!("keras_vector.json")).expect("the vector is JSON");
    let (steps, rows, hidden) = (vector.steps, vector.rows, vector.hidden);
    let device = Device::flex().autodiff();
    let matrix = |values: &[f32], shape: [usize; 2]| {
        Tensor::<2>::from_data(TensorData::new(values.to_vec(), shape), &device).require_grad()
    };
    let cube = |values: &[f32], width: usize| {
        let data = TensorData::new(values.to_vec(), [steps, rows, width]);
        Tensor::<3>::from_data(data, &device)
    };
    let projected = cube(&vector.projected, 4 * hidden).require_grad();
    let weights = matrix(&vector.weights, [hidden, 4 * hidden]);
    let state = matrix(&vector.state, [rows, hidden]);
    let cell = matrix(&vector.cell, [rows, hidden]);
    let lengths = TensorData::new(vector.lengths.clone(), [rows]);
    let states = lstm(LstmInput {
        gates: projected.clone(),
        weights: weights.clone(),
        lengths: Tensor::from_data(lengths, &device),
        mask: None,
        initial: Some((state.clone(), cell.clone())),
    });
    let ends = last(states.clone());
    assert_close("states", &values(states.clone()), &vector.every, 2e-6);
    assert_close("last", &values(ends.clone()), &vector.last, 2e-6);
    let weighing_last = matrix(&vector.weighing_last, [rows, hidden]);
    let loss = (states * cube(&vector.weighing, hidden)).sum() + (ends * weighing_last).sum();
    let gradients = loss.backward();
    let of = |tensor: &Tensor<2>| values(tensor.grad(&gradients).expect("a gradient"));
    let d_projected = values(projected.grad(&gradients).expect("a gradient"));
    assert_close("projected", &d_projected, &vector.d_projected, 1e-5);
    assert_close("weights", &of(&weights), &vector.d_weights, 1e-5);
    assert_close("state", &of(&state), &vector.d_state, 1e-5);
    assert_close("cell", &of(&cell), &vector.d_cell, 1e-5);
}
