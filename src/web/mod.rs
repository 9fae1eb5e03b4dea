//! The browser's side of the boundary: the only place that names it.
//!
//! A worker makes one [`Engine`](engine::Engine), which owns the table, the data set and every run. Where
//! a GPU trains, a second worker makes a [`Trainer`](trainer::Trainer), which is handed bare arrays and
//! hands a fitted model back; all that is decided or reported about the model stays with the engine.
//!
//! Whatever crosses is a plain JavaScript value: options and results by serde, large arrays as typed
//! arrays. Errors cross as `{ code, message, detail }`.

mod boundary;
mod engine;
#[cfg(feature = "webgpu")]
mod gpu;
mod job;
#[cfg(feature = "webgpu")]
mod lstm_check;
mod start;
#[cfg(feature = "webgpu")]
mod trainer;
mod workbooks;
