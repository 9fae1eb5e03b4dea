//! Channels side by side.

use super::Engine;
use crate::channels::{self, ChannelModel, CompareOptions, PlanOptions};
use crate::error::Warning;
use crate::job::{Host, Progress};
use crate::web::boundary::{read_options, throw, write_with_nulls};
use crate::web::job::{BrowserHost, Job};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Engine {
    /// Compares the channels; answers a `Comparison`. Where no runs are named, those of the data set at
    /// hand speak, the newest first.
    ///
    /// # Errors
    /// The codes of `channels` and `attribution`; `too-early` before `prepare`; `unknown-run`; `aborted`.
    pub async fn compare(
        &self,
        options: JsValue,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let mut host = BrowserHost::new(job, &listener);
        let prepared = self.prepared()?;
        let options = read_options::<CompareOptions>(options)?
            .check()
            .map_err(throw)?;
        let runs = match &options.get().run_ids {
            Some(ids) => ids
                .iter()
                .map(|id| self.run(id))
                .collect::<Result<Vec<_>, _>>()?,
            None => self.runs_of(prepared.number),
        };
        let models: Vec<ChannelModel> =
            runs.iter().filter_map(|run| run.channels.clone()).collect();
        host.report(Progress {
            phase: "compare",
            ..Progress::default()
        });
        host.turn().await?;
        let mut comparison = channels::compare_on(&prepared.dataset, &models, &options, &mut host)
            .await
            .map_err(throw)?;
        if runs.iter().any(|run| run.dataset != prepared.number) {
            comparison.warnings.push(Warning::new(
                "run-of-other-data",
                "A run that is compared was trained on another data set than the rates come from.",
            ));
        }
        let answer = write_with_nulls(&comparison)?;
        let money = comparison.money.map(|money| money.responses);
        self.responses.replace(money.unwrap_or_default());
        Ok(answer)
    }

    /// The best spend per channel under the responses of the last comparison; answers a `BudgetPlan`.
    ///
    /// # Errors
    /// The codes of `channels::PlanError`.
    pub fn plan(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let options: PlanOptions = read_options(options)?;
        write_with_nulls(&channels::plan(&self.responses.borrow(), &options).map_err(throw)?)
    }
}
