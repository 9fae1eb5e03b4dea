//! The networks.

pub mod journey;
mod logistic;

pub use logistic::{Logistic, Products};

use serde::{Deserialize, Serialize};

/// Learned numbers under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// What they are, such as `dense.weight`.
    pub name: String,
    /// Their shape; the product is how many there are.
    pub shape: Vec<usize>,
    /// Row-major.
    pub values: Vec<f32>,
}
