//! A job as the browser sees it: progress to a callback, signals from a handle, breath by a timer.

use super::boundary::{SessionError, throw, write_value};
use crate::job::{Host, Progress, Signal};
use gloo::timers::future::TimeoutFuture;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// After this much work the worker's event loop gets a turn, so that a signal is heard within it.
const TURN_MS: f64 = 48.0;
/// While paused, how often the handle is looked at.
const PAUSED_MS: u32 = 40;

#[derive(Debug, Default)]
struct Signals {
    paused: Cell<bool>,
    stopped: Cell<bool>,
    cancelled: Cell<bool>,
}

/// The handle by which the worker steers a running job.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Job {
    signals: Rc<Signals>,
}

#[wasm_bindgen]
impl Job {
    /// A job that has been told nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds the job at its next breath.
    pub fn pause(&self) {
        self.signals.paused.set(true);
    }

    /// Lets a held job go on.
    pub fn resume(&self) {
        self.signals.paused.set(false);
    }

    /// Ends the job early, keeping its result so far.
    pub fn stop(&self) {
        self.signals.stopped.set(true);
    }

    /// Gives the job up.
    pub fn cancel(&self) {
        self.signals.cancelled.set(true);
    }
}

/// The [`Host`] of a job that runs in a worker.
pub struct BrowserHost {
    signals: Rc<Signals>,
    listener: Option<js_sys::Function>,
    last_turn: f64,
}

impl BrowserHost {
    /// A host for `job` whose reports go to `listener`, if that is a function.
    pub fn new(job: &Job, listener: &JsValue) -> Self {
        Self {
            signals: Rc::clone(&job.signals),
            listener: listener.dyn_ref::<js_sys::Function>().cloned(),
            last_turn: now(),
        }
    }
}

impl BrowserHost {
    /// Gives the event loop a turn, whatever time has passed: before a stretch of work that can't be
    /// interrupted, and after it, before its result is kept.
    ///
    /// # Errors
    /// `aborted` where the job was given up.
    pub async fn turn(&mut self) -> Result<(), JsValue> {
        TimeoutFuture::new(0).await;
        self.last_turn = now();
        match self.breathe().await {
            Signal::Cancel => Err(throw(SessionError::Aborted)),
            Signal::Continue | Signal::Stop => Ok(()),
        }
    }
}

/// Milliseconds since the worker began.
pub(super) fn now() -> f64 {
    js_sys::global()
        .dyn_into::<web_sys::WorkerGlobalScope>()
        .ok()
        .and_then(|scope| scope.performance())
        .map_or_else(js_sys::Date::now, |performance| performance.now())
}

impl Host for BrowserHost {
    fn now(&self) -> f64 {
        now()
    }

    fn report(&mut self, progress: Progress) {
        if let Some(listener) = &self.listener
            && let Ok(value) = write_value(&progress)
        {
            // A listener that throws must not end the job.
            let _ = listener.call1(&JsValue::NULL, &value);
        }
    }

    async fn breathe(&mut self) -> Signal {
        if now() - self.last_turn >= TURN_MS {
            TimeoutFuture::new(0).await;
            self.last_turn = now();
        }
        while self.signals.paused.get()
            && !self.signals.stopped.get()
            && !self.signals.cancelled.get()
        {
            TimeoutFuture::new(PAUSED_MS).await;
            self.last_turn = now();
        }
        if self.signals.cancelled.get() {
            Signal::Cancel
        } else if self.signals.stopped.get() {
            Signal::Stop
        } else {
            Signal::Continue
        }
    }
}
