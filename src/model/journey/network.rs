//! A network on the host, of either kind.

use super::attention::Attention;
use super::host::{self, Masks};
use super::{Batch, JourneyShape, Layout};

/// LSTM or Transformer, by its shape.
#[derive(Debug, Clone)]
pub enum Network {
    /// An LSTM.
    Lstm(Box<host::Network>),
    /// A Transformer encoder.
    Attention(Box<Attention>),
}

impl Network {
    /// A network of the given sizes.
    pub fn new(shape: &JourneyShape) -> Self {
        match shape.heads {
            0 => Self::Lstm(Box::new(host::Network::new(shape))),
            _ => Self::Attention(Box::new(Attention::new(shape))),
        }
    }

    /// Where the parameters lie.
    pub fn layout(&self) -> &Layout {
        match self {
            Self::Lstm(network) => network.layout(),
            Self::Attention(network) => network.layout(),
        }
    }

    /// The log-odds of each row of the batch.
    pub fn forward(&mut self, parameters: &[f32], batch: &Batch, masks: &Masks) -> &[f32] {
        match self {
            Self::Lstm(network) => network.forward(parameters, batch, masks),
            Self::Attention(network) => network.forward(parameters, batch, masks),
        }
    }

    /// Adds the gradient of `Σ_b d[b] · logit[b]` to `gradient`; see [`host::Network::backward`].
    pub fn backward(
        &mut self,
        parameters: &[f32],
        batch: &Batch,
        masks: &Masks,
        d: &[f32],
        gradient: &mut [f32],
    ) {
        match self {
            Self::Lstm(network) => network.backward(parameters, batch, masks, d, gradient),
            Self::Attention(network) => network.backward(parameters, batch, masks, d, gradient),
        }
    }
}
