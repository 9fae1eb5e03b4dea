//! Data sets into models, and models into probabilities.

use super::Engine;
use super::prepare::{JourneyReading, Prepared};
use super::read::read;
use super::row_ids;
use crate::channels::ChannelModel;
use crate::error::Warning;
use crate::evaluate::{self, RunReport};
use crate::ingest::LoadOptions;
use crate::job::{Host, Progress};
use crate::prepare::{self, Feature};
use crate::schema::RoleOptions;
use crate::table::Table;
use crate::train::{self, Fit, TrainOptions, TrainingData};
use crate::web::boundary::{SessionError, read_options, read_value, throw, write_value};
use crate::web::job::{BrowserHost, Job};
use burn::tensor::Device;
use serde::Serialize;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A trained model.
#[derive(Clone)]
pub(super) struct StoredRun {
    pub(super) report: RunReport,
    pub(super) fit: Fit,
    pub(super) features: Vec<Feature>,
    pub(super) positive: String,
    pub(super) channels: Option<ChannelModel>,
    /// The number of the data set it was trained on.
    pub(super) dataset: u32,
    pub(super) reading: LoadOptions,
    /// The column that says whom a row is about.
    pub(super) id_column: Option<String>,
    /// How to make journeys of another file, where it was trained on journeys.
    pub(super) journeys: Option<JourneyReading>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reserved {
    run_id: String,
    dataset: u32,
}

#[wasm_bindgen]
impl Engine {
    /// Trains on the CPU and answers the `Run`.
    ///
    /// # Errors
    /// The codes of `train`; `too-early` before `prepare`; `aborted`.
    pub async fn train(
        &self,
        options: JsValue,
        device_reason: String,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let prepared = self.prepared()?;
        let mut host = BrowserHost::new(job, &listener);
        let options = read_options::<TrainOptions>(options)?
            .check(prepared.dataset.split.train.len())
            .map_err(throw)?;
        let id = self.next_run_id();
        let data = TrainingData::from(&prepared.dataset);
        let fit = train::fit(&data, &options, &Device::flex(), &id, &mut host)
            .await
            .map_err(throw)?;
        self.store(&prepared, fit, id, "cpu", &device_reason, &mut host)
            .await
    }

    /// `{ runId, dataset }`: an id for a run that is trained elsewhere, and the number of the data set
    /// that it is to be trained on.
    ///
    /// # Errors
    /// `too-early` before `prepare`.
    #[wasm_bindgen(js_name = reserveRun)]
    pub fn reserve_run(&self) -> Result<JsValue, JsValue> {
        write_value(&Reserved {
            dataset: self.prepared()?.number,
            run_id: self.next_run_id(),
        })
    }

    /// Takes in a model that a `Trainer` fitted to data set number `dataset`, and answers the `Run`.
    ///
    /// # Errors
    /// `too-early` before `prepare`; `other-data` where another data set was prepared in the meantime;
    /// `handover` where it isn't a fitted model; `aborted`.
    #[allow(clippy::too_many_arguments)] // One per argument of the call in JavaScript.
    pub async fn adopt(
        &self,
        fit: JsValue,
        run_id: String,
        dataset: u32,
        device: String,
        device_reason: String,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let prepared = self.prepared()?;
        if prepared.number != dataset {
            return Err(throw(SessionError::OtherData));
        }
        let mut host = BrowserHost::new(job, &listener);
        let fit: Fit = read_value(fit)?;
        if !fit.suits(
            prepared.dataset.width(),
            prepared.dataset.journeys.is_some(),
        ) {
            return Err(throw(SessionError::Handover(format!(
                "{} parameters for {} features",
                fit.parameter_count(),
                prepared.dataset.width()
            ))));
        }
        self.store(&prepared, fit, run_id, &device, &device_reason, &mut host)
            .await
    }

    /// All runs so far, oldest first.
    ///
    /// # Errors
    /// `handover` only.
    pub fn runs(&self) -> Result<JsValue, JsValue> {
        let runs = self.runs.borrow();
        let reports: Vec<&RunReport> = runs.iter().map(|run| &run.report).collect();
        write_value(&reports)
    }

    /// Probabilities of a run for the loaded table (or another file of the same columns): answers
    /// `{ probability: Float32Array, rowIds, warnings }`, one value per row of the table, or per journey of it
    /// where the run was trained on journeys. Another file is read as the one that the run was trained on.
    /// `rowIds` says whom each is about, where a column does and there are no more than a million.
    ///
    /// # Errors
    /// `unknown-run`; the codes of `ingest` and `prepare`; `too-early`; `aborted`.
    pub async fn predict(
        &self,
        run_id: String,
        source: Option<web_sys::Blob>,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let run = self.run(&run_id)?;
        let mut host = BrowserHost::new(job, &listener);
        let (probability, ids, warnings) = match source {
            Some(blob) => {
                let blob = gloo::file::Blob::from(blob);
                let (table, _) = read(&blob, run.reading.clone(), &mut host).await?;
                predict(&run, &table)?
            }
            None => predict(&run, &self.loaded()?.table)?,
        };
        host.turn().await?;
        let object = js_sys::Object::new();
        let values = js_sys::Float32Array::from(&probability[..]);
        js_sys::Reflect::set(&object, &JsValue::from_str("probability"), &values)?;
        if let Some(ids) = ids {
            js_sys::Reflect::set(&object, &JsValue::from_str("rowIds"), &ids)?;
        }
        let warnings = write_value(&warnings)?;
        js_sys::Reflect::set(&object, &JsValue::from_str("warnings"), &warnings)?;
        Ok(object.into())
    }

    /// A run as `safetensors` or `json`, as bytes.
    ///
    /// # Errors
    /// `unknown-run`; `invalid-option` for another format.
    #[wasm_bindgen(js_name = exportRun)]
    pub fn export_run(&self, run_id: &str, format: &str) -> Result<js_sys::Uint8Array, JsValue> {
        let run = self.run(run_id)?;
        let bytes = match format {
            "json" => evaluate::to_json(&run.report, &run.fit, &run.features, &run.positive),
            "safetensors" => {
                evaluate::to_safetensors(&run.report, &run.fit, &run.features, &run.positive)
            }
            _ => {
                return Err(throw(SessionError::BadOptions(
                    "the format has to be 'safetensors' or 'json'".into(),
                )));
            }
        }
        .map_err(throw)?;
        Ok(js_sys::Uint8Array::from(&bytes[..]))
    }
}

impl Engine {
    async fn store(
        &self,
        prepared: &Prepared,
        fit: Fit,
        id: String,
        device: &str,
        device_reason: &str,
        host: &mut BrowserHost,
    ) -> Result<JsValue, JsValue> {
        host.report(Progress {
            phase: "evaluate",
            run_id: Some(id.clone()),
            ..Progress::default()
        });
        host.turn().await?;
        let dataset = &prepared.dataset;
        let report = evaluate::report(dataset, &fit, &id, device, device_reason);
        let answer = write_value(&report)?;
        let channels =
            evaluate::channel_coefficients(&report, dataset).map(|coefficients| ChannelModel {
                run_id: id,
                names: coefficients.names,
                beta: coefficients.log_odds,
                covariance: coefficients.covariance,
            });
        let mut reading = prepared.reading.clone();
        // Columns that the model does not need may be missing from another file.
        reading.roles = RoleOptions::default();
        let needed = |column: &str| {
            prepared.journeys.is_some() || dataset.features.iter().any(|f| f.column == column)
        };
        reading.types.retain(|column, _| needed(column));
        host.turn().await?;
        self.runs.borrow_mut().push(Rc::new(StoredRun {
            report,
            fit,
            features: dataset.features.clone(),
            positive: dataset.positive.clone(),
            channels,
            dataset: prepared.number,
            reading,
            id_column: prepared.id_column.clone(),
            journeys: prepared.journeys.clone(),
        }));
        Ok(answer)
    }
}

/// Probabilities, whom they are about, and what the model could not use.
type Predicted = (Vec<f32>, Option<js_sys::Array>, Vec<Warning>);

fn predict(run: &StoredRun, table: &Table) -> Result<Predicted, JsValue> {
    let named = |rows: &[u32]| {
        let column = run.id_column.as_ref()?;
        row_ids::of_column(table, column, rows)
    };
    let (x, journeys, ids, mut warnings) = match &run.journeys {
        Some(reading) => {
            let encoded = reading.encode(table, &run.features)?;
            let ids = if encoded.table_rows.is_empty() {
                row_ids::of_paths(&encoded.journeys)
            } else {
                named(&encoded.table_rows)
            };
            (encoded.x, Some(encoded.journeys), ids, encoded.warnings)
        }
        None => {
            let (x, warnings) = prepare::encode(table, &run.features).map_err(throw)?;
            let rows: Vec<u32> = (0..table.rows as u32).collect();
            (x, None, named(&rows), warnings)
        }
    };
    let (probabilities, unknown) =
        evaluate::predict(&run.fit, &x, run.features.len(), journeys.as_ref());
    if unknown > 0 {
        let message = format!(
            "{unknown} touches are of channels that no training journey had: the model takes them for the average touch."
        );
        warnings.push(Warning::new("unseen-channels", message).figure("touches", unknown as f64));
    }
    Ok((
        probabilities.into_iter().map(|p| p as f32).collect(),
        ids,
        warnings,
    ))
}
