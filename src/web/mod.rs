//! The browser's side of the boundary: the only place that names it.

use wasm_bindgen::prelude::*;

/// Probe.
#[wasm_bindgen]
pub fn probe(x: f32) -> f32 {
    use burn::tensor::{Device, Tensor};
    let d = Device::flex();
    let t = Tensor::<2>::from_data([[x, x], [1.0, 2.0]], &d);
    t.clone().matmul(t).sum().into_scalar::<f32>()
}
