//! The recurrence of an LSTM as one operation, forward and backward, on the CPU and on the GPU.
//!
//! With `aₜ` the input projection of step `t` (`xₜ·W_ih + b`, made for all steps at once beforehand), `U` the
//! recurrent weights, `m` a mask and `h' = hₜ₋₁ ⊙ m`:
//!
//! ```text
//! i = σ(aⁱ + h'Uⁱ)   f = σ(aᶠ + h'Uᶠ)   g = tanh(aᵍ + h'Uᵍ)   o = σ(aᵒ + h'Uᵒ)
//! cₜ = f ⊙ cₜ₋₁ + i ⊙ g                  hₜ = o ⊙ tanh(cₜ)
//! ```
//!
//! (Hochreiter & Schmidhuber 1997; forget gates: Gers, Schmidhuber & Cummins 2000; one mask per sequence:
//! Gal & Ghahramani 2016.) The four gates lie side by side in the order i, f, g, o, which is PyTorch's;
//! Keras has i, f, c, o, the same under another name.
//!
//! A stock LSTM takes some thirty launches for each step of time. Here the whole recurrence is one launch
//! forward and one backward, whatever the length, with time looped over inside; the gradient of the
//! recurrent weights is one product over all steps. [`host`] is the CPU's part, on slices: it is what the operation
//! runs there, and the journey model's network too. `docs/LSTM.md` tells of its versions and their speed.

#[cfg(feature = "webgpu")]
mod cube;
mod flex;
#[cfg(feature = "webgpu")]
pub(crate) mod gpu_steps;
#[allow(unsafe_code)]
pub mod host;
mod operator;
#[allow(unsafe_code)]
mod products;
mod reference;
#[allow(unsafe_code)]
mod simd;

pub use operator::LstmBackend;
pub(crate) use products::{Panels, RowSums};
pub use reference::lstm_reference;

use burn::backend::Dispatch;
use burn::tensor::Tensor;

/// The most hidden units that the GPU's kernels take: one unit of the workgroup for each.
pub const MAX_GPU_HIDDEN: usize = 256;

/// What a recurrence starts from.
#[derive(Debug, Clone)]
pub struct LstmInput {
    /// The input projections, time first: `[steps, rows, 4 × hidden]`.
    pub gates: Tensor<3>,
    /// The recurrent weights `U`, `[hidden, 4 × hidden]`.
    pub weights: Tensor<2>,
    /// How many steps each row has, `[rows]`, as floats. Beyond its length a row keeps its state, and what
    /// stands in `gates` there is without effect.
    pub lengths: Tensor<1>,
    /// What `hₜ₋₁` is multiplied by before the recurrent product, `[rows, hidden]`: the same at every step.
    /// `None` for ones.
    pub mask: Option<Tensor<2>>,
    /// `h₀` and `c₀`, `[rows, hidden]` each; `None` for zeros.
    pub initial: Option<(Tensor<2>, Tensor<2>)>,
}

/// Runs the recurrence and returns all hidden states, `[steps, rows, hidden]`; see [`last`] for those at the
/// rows' ends. Gradients reach `gates`, `weights` and `initial`.
///
/// # Panics
/// Where shapes do not fit together, or `hidden` is above [`MAX_GPU_HIDDEN`] on a GPU.
pub fn lstm(input: LstmInput) -> Tensor<3> {
    let [_, rows, wide] = input.gates.dims();
    let hidden = wide / 4;
    let device = input.gates.device();
    let ones = || Tensor::ones([rows, hidden], &device);
    let mask = input.mask.unwrap_or_else(ones);
    let extras = Tensor::cat(vec![input.lengths.reshape([rows, 1]), mask], 1);
    let initial = match input.initial {
        Some((state, cell)) => Tensor::cat(vec![state, cell], 1),
        None => Tensor::zeros([rows, 2 * hidden], &device),
    };
    Tensor::from_dispatch(<Dispatch as LstmBackend>::lstm_states(
        input.gates.into_dispatch(),
        input.weights.into_dispatch(),
        extras.into_dispatch(),
        initial.into_dispatch(),
    ))
}

/// The state of each row at its end, `[rows, hidden]`: rows keep their state beyond their length.
pub fn last(states: Tensor<3>) -> Tensor<2> {
    let [steps, rows, hidden] = states.dims();
    states
        .slice([steps - 1..steps, 0..rows, 0..hidden])
        .reshape([rows, hidden])
}
