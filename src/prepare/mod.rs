//! From a typed table to the numbers a model is trained on.

mod dataset;

pub use dataset::{Channels, Dataset, Encoding, Feature, Split};
