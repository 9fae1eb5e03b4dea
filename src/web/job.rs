//! A job as the browser sees it: progress to a callback, signals from a handle, breath by a message to oneself.

use super::boundary::{SessionError, throw, write_value};
use super::workbooks::FetchedReader;
use crate::job::{Host, Progress, Signal};
use gloo::timers::future::TimeoutFuture;
use js_sys::Reflect;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

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
    workbooks: Option<js_sys::Function>,
}

#[wasm_bindgen]
impl Job {
    /// A job that has been told nothing yet. `workbooks` is called when it meets a workbook (see `www/api/workbooks.js`).
    #[wasm_bindgen(constructor)]
    pub fn new(workbooks: Option<js_sys::Function>) -> Self {
        Self {
            workbooks,
            ..Self::default()
        }
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
    workbooks: Option<js_sys::Function>,
    /// By which the job writes to itself.
    channel: Option<Channel>,
    last_turn: f64,
}

impl BrowserHost {
    /// A host for `job` whose reports go to `listener`, if that is a function.
    pub fn new(job: &Job, listener: &JsValue) -> Self {
        Self {
            signals: Rc::clone(&job.signals),
            listener: listener.dyn_ref::<js_sys::Function>().cloned(),
            workbooks: job.workbooks.clone(),
            channel: Channel::open(),
            last_turn: now(),
        }
    }

    /// What opens the workbooks that this job meets.
    pub(super) fn workbooks(&self) -> FetchedReader {
        FetchedReader::new(self.workbooks.clone())
    }

    /// Lets the event loop do what is waiting. A message to oneself comes behind what is there already;
    /// a timer would too, but browsers hold those back for four milliseconds.
    async fn let_others(&self) {
        let came = self.channel.as_ref().and_then(Channel::write_to_oneself);
        match came {
            // It never fails.
            Some(came) => drop(JsFuture::from(came).await),
            None => TimeoutFuture::new(0).await,
        }
    }
    /// Gives the event loop a turn, whatever time has passed: before a stretch of work that can't be
    /// interrupted, and after it, before its result is kept.
    ///
    /// # Errors
    /// `aborted` where the job was given up.
    pub async fn turn(&mut self) -> Result<(), JsValue> {
        self.let_others().await;
        self.last_turn = now();
        match self.breathe().await {
            Signal::Cancel => Err(throw(SessionError::Aborted)),
            Signal::Continue | Signal::Stop => Ok(()),
        }
    }
}

/// The two ends of a message channel, by name: all of them that is needed.
struct Channel {
    near: JsValue,
    far: JsValue,
    post: js_sys::Function,
}

impl Channel {
    fn open() -> Option<Self> {
        let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
        let class: js_sys::Function = get(&js_sys::global(), "MessageChannel")?.dyn_into().ok()?;
        let channel = Reflect::construct(&class, &js_sys::Array::new()).ok()?;
        let (near, far) = (get(&channel, "port1")?, get(&channel, "port2")?);
        let post = get(&far, "postMessage")?.dyn_into().ok()?;
        Some(Self { near, far, post })
    }

    /// Sends a message; what comes back is kept once it has arrived.
    fn write_to_oneself(&self) -> Option<js_sys::Promise> {
        let came = js_sys::Promise::new(&mut |resolve, _| {
            let _ = Reflect::set(&self.near, &"onmessage".into(), &resolve);
        });
        self.post.call1(&self.far, &JsValue::NULL).ok()?;
        Some(came)
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        // An open port with a listener is never collected.
        if let Ok(close) = Reflect::get(&self.near, &"close".into())
            && let Some(close) = close.dyn_ref::<js_sys::Function>()
        {
            let _ = close.call0(&self.near);
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
            self.let_others().await;
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
