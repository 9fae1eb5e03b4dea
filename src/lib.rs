//! Trains conversion models on a marketer's own behaviour data inside the browser tab, and compares
//! channels with them. Everything but [`web`] runs natively as well, and is tested there.
//!
//! The way of the data: [`ingest`] → [`schema`] → [`prepare`] → [`model`] and [`train`] →
//! [`evaluate`] → [`channels`]. A later room may import an earlier one, never the reverse; all may import
//! [`statistics`], [`table`], [`error`] and [`job`].

pub mod attribution;
pub mod channels;
pub mod error;
pub mod evaluate;
pub mod ingest;
pub mod job;
pub mod lstm;
pub mod model;
mod order;
pub mod prepare;
pub mod schema;
pub mod self_test;
pub mod simulate;
pub mod statistics;
pub mod table;
pub mod train;
#[cfg(target_arch = "wasm32")]
pub mod web;
