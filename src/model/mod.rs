//! The networks.

mod logistic;

pub use logistic::{Logistic, Products};
