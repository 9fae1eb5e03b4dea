//! How the channels compare: conversion rates with intervals, odds after allowing for everything else,
//! and what can be said from them.

mod comparison;
mod effects;
mod findings;
mod groups;
mod options;
mod pairs;
mod rates;
mod view;

pub use crate::statistics::wilson;
pub use comparison::{ChannelModel, ComparedChannel, Comparison, RunEffects, compare};
pub use effects::{ChannelEffect, Verdict, effects};
pub use findings::{Finding, MIN_EVENTS};
pub use groups::{ChannelGroup, Group, group_of};
pub use options::{CompareError, CompareOptions, ValidCompareOptions};
pub use pairs::{Pair, pairwise};
pub use rates::{ChannelRate, channel_rates};
