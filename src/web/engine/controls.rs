//! What stands beside a journey model.

use super::Engine;
use super::train::StoredRun;
use crate::evaluate;
use crate::web::boundary::{SessionError, throw, write_value};
use crate::web::job::{BrowserHost, Job};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Engine {
    /// Trains simpler models and controls beside a journey model and answers its `Run` with `baselines`.
    /// The run stays as it was where this is cancelled or fails; a stop leaves out what is not done yet.
    ///
    /// # Errors
    /// `unknown-run`; `other-data` where another data set is at hand than the run was trained on; the codes
    /// of `train`; `too-early`; `aborted`.
    pub async fn controls(
        &self,
        run_id: String,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let prepared = self.prepared()?;
        let run = self.run(&run_id)?;
        if run.dataset != prepared.number {
            return Err(throw(SessionError::OtherData));
        }
        let mut host = BrowserHost::new(job, &listener);
        let found = evaluate::baselines(&prepared.dataset, &run.fit, &run_id, &mut host)
            .await
            .map_err(throw)?;
        let mut run: StoredRun = (*run).clone();
        run.report.baselines = Some(found);
        let answer = write_value(&run.report)?;
        let mut runs = self.runs.borrow_mut();
        if let Some(stored) = runs.iter_mut().find(|stored| stored.report.id == run_id) {
            *stored = Rc::new(run);
        }
        Ok(answer)
    }

    /// Two runs on the same data, held against each other; answers a `Contrast`.
    ///
    /// # Errors
    /// `unknown-run`; `other-data` where another data set is at hand than one of them was trained on; `aborted`,
    /// also where it is stopped.
    pub async fn contrast(
        &self,
        run_id: String,
        other_id: String,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let prepared = self.prepared()?;
        let (run, other) = (self.run(&run_id)?, self.run(&other_id)?);
        if run.dataset != prepared.number || other.dataset != prepared.number {
            return Err(throw(SessionError::OtherData));
        }
        let mut host = BrowserHost::new(job, &listener);
        let found = evaluate::contrast(&prepared.dataset, &run.fit, &other.fit, &mut host)
            .await
            .map_err(throw)?;
        write_value(&found.ok_or_else(|| throw(SessionError::Aborted))?)
    }
}
