//! Channels side by side.

use super::Engine;
use super::train::StoredRun;
use crate::channels::{self, ChannelModel, CompareOptions, CreditedModel, Learned, PlanOptions};
use crate::error::Warning;
use crate::evaluate;
use crate::job::{Host, Progress};
use crate::prepare::{Dataset, Journeys};
use crate::self_test::{self, SelfTestOptions};
use crate::train::ModelKind;
use crate::web::boundary::{read_options, throw, write_with_nulls};
use crate::web::job::{BrowserHost, Job};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Journeys that a logistic regression is asked about for credit, and those that a network is: some seconds.
const LOGISTIC_JOURNEYS: usize = 20_000;
const NETWORK_JOURNEYS: usize = 4_000;

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
        let mut options: CompareOptions = read_options(options)?;
        let of_column = prepared.row_costs().filter(|_| options.costs.is_none());
        let own_costs = of_column.is_some();
        options.costs = options.costs.or(of_column);
        let options = options.check().map_err(throw)?;
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
        let dataset = &prepared.dataset;
        let table = prepared.table();
        let learned = learned(dataset, prepared.number, &runs, options.get(), &mut host).await;
        let by_network = learned
            .credit
            .iter()
            .any(|credit| credit.method != "logistic");
        let mut comparison = channels::compare_on(dataset, &models, learned, &options, &mut host)
            .await
            .map_err(throw)?;
        if let Some(money) = comparison.money.as_mut().filter(|_| own_costs) {
            money.source = "column";
        }
        comparison.find_lift(dataset, Some(table), &options);
        if runs.iter().any(|run| run.dataset != prepared.number) {
            comparison.warnings.push(Warning::new(
                "run-of-other-data",
                "A run that is compared was trained on another data set than the rates come from.",
            ));
        }
        if by_network {
            comparison.warnings.push(Warning::new(
                "journey-credit-extrapolates",
                "No journey without touches was ever seen, so what would have converted without any is not in the data. For credit, journey models borrow it from a logistic regression on the same journeys.",
            ));
        }
        let answer = write_with_nulls(&comparison)?;
        let money = comparison.money.map(|money| money.responses);
        self.responses.replace(money.unwrap_or_default());
        Ok(answer)
    }

    /// How far every way to give credit is from the truth of simulated journeys; answers a `SelfTest`.
    ///
    /// # Errors
    /// The codes of `self_test`; `aborted`.
    #[wasm_bindgen(js_name = selfTest)]
    pub async fn self_test(
        &self,
        options: JsValue,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let mut host = BrowserHost::new(job, &listener);
        let options: SelfTestOptions = read_options(options)?;
        host.turn().await?;
        let tested = self_test::self_test(&options, &mut host)
            .await
            .map_err(throw)?;
        write_with_nulls(&tested)
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

/// The credit by the runs that were trained on this data set, where it is wanted: by all that are named,
/// else by the newest of each kind.
async fn learned(
    dataset: &Dataset,
    number: u32,
    runs: &[Rc<StoredRun>],
    options: &CompareOptions,
    host: &mut BrowserHost,
) -> Learned {
    let mut learned = Learned::default();
    for run in runs.iter().filter(|run| run.dataset == number) {
        let (method, most) = match run.fit.options.model {
            ModelKind::Logistic => ("logistic", LOGISTIC_JOURNEYS),
            ModelKind::Journey => ("journey", NETWORK_JOURNEYS),
            ModelKind::Transformer => ("transformer", NETWORK_JOURNEYS),
        };
        let told =
            options.run_ids.is_none() && learned.credit.iter().any(|one| one.method == method);
        if told || !options.wants_model(method) {
            continue;
        }
        let mut scorer = |journeys: &Journeys, x: &[f32]| {
            evaluate::predict(&run.fit, x, dataset.width(), Some(journeys)).0
        };
        let model = CreditedModel {
            method,
            run_id: run.report.id.clone(),
            most,
            covariance: run
                .report
                .covariance
                .as_ref()
                .map(|covariance| &covariance.0),
        };
        let credit = channels::model_credit(dataset, &mut scorer, &model, options, host).await;
        learned.credit.extend(credit);
        let seed = options.seed.unwrap_or_default();
        if let Some(part) = channels::replay_part(dataset, most, seed) {
            let quick = CompareOptions {
                resamples: Some(0),
                ..options.clone()
            };
            let credit = channels::model_credit(&part, &mut scorer, &model, &quick, host).await;
            learned.replayed.extend(credit);
        }
    }
    learned
}
