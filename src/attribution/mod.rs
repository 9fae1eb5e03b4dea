//! Which channels get the credit for the conversions: heuristics, an absorbing Markov chain and the
//! Shapley value, each with what chance does to it.
//!
//! Every method gives all observed conversions away, no more and no less. None of it is lift: credit
//! says who was there, not who would be missed. The formulas with their sources are in
//! `docs/METHODS.md`.
//!
//! [`attribute`] does it all at once; [`Crediting`] resample by resample; [`attribute_on`] for a host
//! that wants to hear about it.

mod bootstrap;
mod boxes;
mod chain;
mod crediting;
mod differences;
mod direct;
mod findings;
mod journeys;
mod measure;
mod options;
mod order;
mod removal;
mod report;
mod rows;
mod sample;

pub(crate) use bootstrap::{Samples, interval as percentile_interval};
pub use crediting::{Crediting, attribute, attribute_on};
pub(crate) use differences::differences;
pub use differences::{ChannelDifference, MethodDifference};
pub use direct::is_direct;
pub(crate) use findings::findings;
pub use options::{
    AttributionError, AttributionOptions, MAX_ORDER, MAX_RESAMPLES, MarkovOrder, Method, Settings,
};
pub use order::OrderScore;
pub use report::{
    Attribution, ChannelCredit, Finding, MAX_RANKED, MarkovReport, MethodCredit, StateTransition,
    Totals, Transition,
};
pub(crate) use sample::{Bits, Multinomial};
