//! From a typed table to the numbers a model is trained on.

mod dataset;
mod path_columns;
pub mod paths;

pub use dataset::{Channels, Dataset, Encoding, Feature, Split};
