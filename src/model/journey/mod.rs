//! The journey model: Embedding → LSTM → Dense(1), on the touches of each journey.
//!
//! With `cₜ` the channel of touch `t`, `eₜ` its event type and `gₜ` = ln(1 + hours since the touch
//! before), the input of step `t` is `xₜ = [E_c[cₜ], E_e[eₜ], gₜ]`; the LSTM (Hochreiter & Schmidhuber 1997;
//! with forget gates Gers, Schmidhuber & Cummins 2000) is that of [`crate::lstm`]; the log-odds are
//! `z = w·[h_last ⊙ dropout, s] + b` with `s` the features of the whole journey. Gates lie in the order
//! input, forget, candidate, output.
//!
//! [`Network`] is this or, as a stranger to compare with, a small Transformer encoder on the same inputs.
//! [`host`] is the network on the host, forward and backward, with gradients written out: what trains on
//! the CPU and what scores.

mod arithmetic;
mod attention;
mod dropout;
#[cfg(feature = "webgpu")]
pub mod gpu;
pub mod host;
mod inputs;
mod layers;
mod network;
mod shape;

pub use dropout::{Draws, Dropout};
pub use inputs::{Batch, Inputs, JourneyRows, MAX_VOCABULARY};
pub use network::Network;
pub use shape::{AttentionPlaces, JourneyShape, Layout, Place};
