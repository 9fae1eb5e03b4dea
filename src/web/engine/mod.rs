//! The one owner of what was loaded, prepared and trained.

mod compare;
mod controls;
mod costs;
mod join;
mod prepare;
mod read;
mod row_ids;
mod train;

use super::boundary::{SessionError, read_options, throw, write_value};
use crate::channels::Response;
use crate::simulate::{self, JourneyOptions, SampleOptions};
use prepare::Prepared;
use read::Loaded;
use serde::Deserialize;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use train::StoredRun;
use wasm_bindgen::prelude::*;

/// Holds the table, the data set and the runs of one session.
///
/// The state changes only when a step has succeeded: whatever fails or is cancelled leaves everything as
/// it was.
#[wasm_bindgen]
#[derive(Default)]
pub struct Engine {
    loaded: RefCell<Option<Rc<Loaded>>>,
    /// A second file that was looked at.
    second: RefCell<Option<Rc<Loaded>>>,
    prepared: RefCell<Option<Rc<Prepared>>>,
    runs: RefCell<Vec<Rc<StoredRun>>>,
    /// What the last comparison found of spend and outcome.
    responses: RefCell<Vec<Response>>,
    next_run: Cell<usize>,
    next_dataset: Cell<u32>,
    /// The numbers of the session's data sets, by what they hold.
    numbers: RefCell<HashMap<[u64; 2], u32>>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine that holds nothing.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sessions, or journeys of touches, with known channel effects: `{ name, csv: Uint8Array, truth }`.
    ///
    /// # Errors
    /// The codes of `simulate`.
    pub fn sample(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let kind: SampleKind = read_options(options.clone())?;
        let (name, csv, truth) = if kind.kind.as_deref() == Some("journeys") {
            let options: JourneyOptions = read_options(options)?;
            let made = simulate::journeys(&options).map_err(throw)?;
            ("sample-journeys.csv", made.csv(), write_value(&made.truth)?)
        } else {
            let options: SampleOptions = read_options(options)?;
            let made = simulate::sessions(&options).map_err(throw)?;
            ("sample-sessions.csv", made.csv(), write_value(&made.truth)?)
        };
        let object = js_sys::Object::new();
        let set = |name: &str, value: &JsValue| {
            js_sys::Reflect::set(&object, &JsValue::from_str(name), value).map(|_| ())
        };
        set("name", &JsValue::from_str(name))?;
        set("csv", &js_sys::Uint8Array::from(&csv[..]))?;
        set("truth", &truth)?;
        Ok(object.into())
    }
}

/// Which sample is asked for.
#[derive(Default, Deserialize)]
struct SampleKind {
    #[serde(default)]
    kind: Option<String>,
}

impl Engine {
    fn loaded(&self) -> Result<Rc<Loaded>, JsValue> {
        self.loaded
            .borrow()
            .clone()
            .ok_or_else(|| throw(SessionError::TooEarly("Load a file first.")))
    }

    fn prepared(&self) -> Result<Rc<Prepared>, JsValue> {
        self.prepared
            .borrow()
            .clone()
            .ok_or_else(|| throw(SessionError::TooEarly("Prepare the data first.")))
    }

    /// The runs of a data set, the newest first.
    fn runs_of(&self, dataset: u32) -> Vec<Rc<StoredRun>> {
        let runs = self.runs.borrow();
        let own = runs.iter().rev().filter(|run| run.dataset == dataset);
        own.cloned().collect()
    }

    fn next_run_id(&self) -> String {
        let number = self.next_run.get() + 1;
        self.next_run.set(number);
        format!("run-{number}")
    }

    fn run(&self, id: &str) -> Result<Rc<StoredRun>, JsValue> {
        self.runs
            .borrow()
            .iter()
            .find(|run| run.report.id == id)
            .cloned()
            .ok_or_else(|| throw(SessionError::UnknownRun))
    }
}
