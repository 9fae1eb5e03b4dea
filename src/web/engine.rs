//! The one owner of what was loaded, prepared and trained.

use super::boundary::{SessionError, read_options, read_value, throw, write_value};
use super::job::{BrowserHost, Job};
use crate::channels::{self, ChannelModel, CompareOptions};
use crate::error::Warning;
use crate::evaluate::{self, RunReport};
use crate::ingest::{self, Ingest, LoadOptions, ReadSummary};
use crate::job::{Host, Progress, Signal};
use crate::prepare::{self, Dataset, DatasetSummary, Feature, PrepareOptions};
use crate::schema::{self, ColumnSchema, RoleOptions, Schema};
use crate::simulate::{self, SampleOptions};
use crate::table::Table;
use crate::train::{self, Fit, TrainOptions, TrainingData};
use burn::tensor::Device;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Bytes taken from the Blob at a time.
const CHUNK: u64 = 4 << 20;

struct Loaded {
    table: Table,
    summary: ReadSummary,
    options: LoadOptions,
}

struct Prepared {
    dataset: Dataset,
    /// Which of the session's data sets it is, from 1.
    number: u32,
    /// How to read another file so that it becomes a table of the same kind.
    reading: LoadOptions,
}

struct StoredRun {
    report: RunReport,
    fit: Fit,
    features: Vec<Feature>,
    positive: String,
    channels: Option<ChannelModel>,
    /// The number of the data set it was trained on.
    dataset: u32,
    reading: LoadOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reserved {
    run_id: String,
    dataset: u32,
}

/// What `load` answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TableSummary<'a> {
    #[serde(flatten)]
    read: &'a ReadSummary,
    columns: &'a [ColumnSchema],
    #[serde(skip_serializing_if = "Option::is_none")]
    positive: Option<&'a str>,
    seconds: f64,
    warnings: Vec<Warning>,
}

/// Holds the table, the data set and the runs of one session.
///
/// The state changes only when a step has succeeded: whatever fails or is cancelled leaves everything as
/// it was.
#[wasm_bindgen]
#[derive(Default)]
pub struct Engine {
    loaded: RefCell<Option<Rc<Loaded>>>,
    prepared: RefCell<Option<Rc<Prepared>>>,
    runs: RefCell<Vec<Rc<StoredRun>>>,
    next_run: Cell<usize>,
    next_dataset: Cell<u32>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine that holds nothing.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file into typed columns and guesses their roles; answers a `TableSummary`.
    ///
    /// # Errors
    /// The codes of `ingest` and `schema`; `unreadable` where the browser fails; `aborted`.
    pub async fn load(
        &self,
        source: web_sys::Blob,
        options: JsValue,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let mut host = BrowserHost::new(job, &listener);
        let started = host.now();
        let options: LoadOptions = read_options(options)?;
        let blob = gloo::file::Blob::from(source);
        let (table, summary) = read(&blob, options.clone(), &mut host).await?;
        let schema = schema::infer(&table, &options.roles).map_err(throw)?;
        let mut warnings = summary.warnings.clone();
        warnings.extend(schema::warnings(&table, &schema));
        let answer = write_value(&TableSummary {
            read: &summary,
            columns: &schema.columns,
            positive: schema.positive.as_deref(),
            seconds: (host.now() - started) / 1e3,
            warnings,
        })?;
        self.loaded.replace(Some(Rc::new(Loaded {
            table,
            summary,
            options,
        })));
        self.prepared.replace(None);
        Ok(answer)
    }

    /// Looks at the loaded table again under other roles and types, without preparing: answers a
    /// `TableSummary`.
    ///
    /// # Errors
    /// The codes of `schema`; `too-early` before `load`.
    pub fn describe(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let loaded = self.loaded()?;
        let options: PrepareOptions = read_options(options)?;
        let (table, schema, mut warnings) = typed(&loaded, &options)?;
        let table = table.as_ref().unwrap_or(&loaded.table);
        warnings.extend(loaded.summary.warnings.iter().cloned());
        warnings.extend(schema::warnings(table, &schema));
        write_value(&TableSummary {
            read: &loaded.summary,
            columns: &schema.columns,
            positive: schema.positive.as_deref(),
            seconds: 0.0,
            warnings,
        })
    }

    /// Turns the table into a data set; answers a `DatasetSummary`. `test_rows` wins over `split.test`.
    ///
    /// # Errors
    /// The codes of `schema` and `prepare`; `too-early` before `load`; `aborted`.
    pub async fn prepare(
        &self,
        options: JsValue,
        test_rows: Option<Vec<u32>>,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let loaded = self.loaded()?;
        let mut options: PrepareOptions = read_options(options)?;
        options.split.test_rows = test_rows;
        let mut host = BrowserHost::new(job, &listener);
        host.report(Progress {
            phase: "prepare",
            ..Progress::default()
        });
        host.turn().await?;
        let mut reading = loaded.options.clone();
        reading.types.extend(options.types.clone());
        let (dataset, summary) = prepare_table(&loaded, options)?;
        let answer = write_value(&summary)?;
        // What was asked for in the meantime is heard before anything changes.
        host.turn().await?;
        self.next_dataset.set(self.next_dataset.get() + 1);
        self.prepared.replace(Some(Rc::new(Prepared {
            dataset,
            number: self.next_dataset.get(),
            reading,
        })));
        Ok(answer)
    }

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

    /// Hands the training data over, for another worker's `Trainer`: `{ dataset, x, width, y, weights,
    /// train, validation }`, where `dataset` is its number.
    ///
    /// # Errors
    /// `too-early` before `prepare`.
    #[wasm_bindgen(js_name = trainingData)]
    pub fn training_data(&self) -> Result<JsValue, JsValue> {
        let prepared = self.prepared()?;
        let dataset = &prepared.dataset;
        let object = js_sys::Object::new();
        let set = |name: &str, value: &JsValue| {
            js_sys::Reflect::set(&object, &JsValue::from_str(name), value).map(|_| ())
        };
        set("dataset", &JsValue::from(prepared.number))?;
        set("x", &js_sys::Float32Array::from(&dataset.x[..]))?;
        set("width", &JsValue::from(dataset.width() as u32))?;
        set("y", &js_sys::Float32Array::from(&dataset.y[..]))?;
        if let Some(weights) = &dataset.weights {
            set("weights", &js_sys::Float32Array::from(&weights[..]))?;
        }
        set(
            "train",
            &js_sys::Uint32Array::from(&dataset.split.train[..]),
        )?;
        set(
            "validation",
            &js_sys::Uint32Array::from(&dataset.split.validation[..]),
        )?;
        Ok(object.into())
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
        if fit.weights.len() != prepared.dataset.width() {
            return Err(throw(SessionError::Handover(format!(
                "{} weights for {} features",
                fit.weights.len(),
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

    /// Compares the channels; answers a `Comparison`. Where no runs are named, those of the data set at
    /// hand speak, the newest first.
    ///
    /// # Errors
    /// The codes of `channels`; `too-early` before `prepare`; `unknown-run`.
    pub fn compare(&self, options: JsValue) -> Result<JsValue, JsValue> {
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
        let mut comparison =
            channels::compare(&prepared.dataset, &models, &options).map_err(throw)?;
        if runs.iter().any(|run| run.dataset != prepared.number) {
            comparison.warnings.push(Warning::new(
                "run-of-other-data",
                "A run that is compared was trained on another data set than the rates come from.",
            ));
        }
        write_value(&comparison)
    }

    /// Probabilities of a run for the loaded table (or another file of the same columns): answers
    /// `{ probability: Float32Array, warnings }`, one value per row of the table. Another file is read as
    /// the one that the run was trained on.
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
        let (probability, warnings) = match source {
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
            "json" => evaluate::to_json(&run.report, &run.features, &run.positive),
            "safetensors" => evaluate::to_safetensors(&run.report, &run.features, &run.positive),
            _ => {
                return Err(throw(SessionError::BadOptions(
                    "the format has to be 'safetensors' or 'json'".into(),
                )));
            }
        }
        .map_err(throw)?;
        Ok(js_sys::Uint8Array::from(&bytes[..]))
    }

    /// Sessions with known channel effects: `{ name, csv: Uint8Array, truth }`.
    ///
    /// # Errors
    /// The codes of `simulate`.
    pub fn sample(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let options: SampleOptions = read_options(options)?;
        let simulated = simulate::sessions(&options).map_err(throw)?;
        let object = js_sys::Object::new();
        let set = |name: &str, value: &JsValue| {
            js_sys::Reflect::set(&object, &JsValue::from_str(name), value).map(|_| ())
        };
        set("name", &JsValue::from_str("sample-sessions.csv"))?;
        set("csv", &js_sys::Uint8Array::from(&simulated.csv()[..]))?;
        set("truth", &write_value(&simulated.truth)?)?;
        Ok(object.into())
    }
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
        let needed = |column: &str| dataset.features.iter().any(|f| f.column == column);
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
        }));
        Ok(answer)
    }
}

async fn read(
    blob: &gloo::file::Blob,
    options: LoadOptions,
    host: &mut BrowserHost,
) -> Result<(Table, ReadSummary), JsValue> {
    let started = host.now();
    let size = blob.size();
    ingest::limits::check_bytes(size).map_err(throw)?;
    let mut ingest = Ingest::new(options.check().map_err(throw)?);
    let mut offset = 0;
    while offset < size {
        let end = (offset + CHUNK).min(size);
        let bytes = gloo::file::futures::read_as_bytes(&blob.slice(offset, end))
            .await
            .map_err(|error| throw(SessionError::Unreadable(error.to_string())))?;
        ingest.push(&bytes).map_err(throw)?;
        offset = end;
        if host.breathe().await == Signal::Cancel {
            return Err(throw(SessionError::Aborted));
        }
        let seconds = (host.now() - started) / 1e3;
        let fraction = offset as f64 / size as f64;
        host.report(Progress {
            phase: "read",
            fraction,
            eta_seconds: Some(seconds * (1.0 - fraction) / fraction),
            rows_per_second: Some(ingest.rows() as f64 / seconds.max(1e-3)),
            ..Progress::default()
        });
    }
    host.report(Progress {
        phase: "infer",
        ..Progress::default()
    });
    let loaded = ingest.finish().map_err(throw)?;
    host.turn().await?;
    Ok((loaded.table, loaded.summary))
}

/// The table with the asked-for types (`None` where they are as loaded) and the roles that follow.
fn typed(
    loaded: &Loaded,
    options: &PrepareOptions,
) -> Result<(Option<Table>, Schema, Vec<Warning>), JsValue> {
    let roles = options.roles.as_ref().map_or_else(
        || loaded.options.roles.clone(),
        |roles| roles.over(&loaded.options.roles),
    );
    if options.types.is_empty() {
        let schema = schema::infer(&loaded.table, &roles).map_err(throw)?;
        return Ok((None, schema, Vec::new()));
    }
    let mut table = loaded.table.clone();
    let warnings = schema::retype(&mut table, &options.types).map_err(throw)?;
    let schema = schema::infer(&table, &roles).map_err(throw)?;
    Ok((Some(table), schema, warnings))
}

fn prepare_table(
    loaded: &Loaded,
    options: PrepareOptions,
) -> Result<(Dataset, DatasetSummary), JsValue> {
    let (table, schema, warnings) = typed(loaded, &options)?;
    let table = table.as_ref().unwrap_or(&loaded.table);
    let options = options.check().map_err(throw)?;
    let (dataset, mut summary) = prepare::prepare(table, &schema, &options).map_err(throw)?;
    summary.warnings.splice(0..0, warnings);
    Ok((dataset, summary))
}

fn predict(run: &StoredRun, table: &Table) -> Result<(Vec<f32>, Vec<Warning>), JsValue> {
    let (x, warnings) = prepare::encode(table, &run.features).map_err(throw)?;
    let rows: Vec<u32> = (0..table.rows as u32).collect();
    let probabilities = evaluate::probabilities(&x, run.features.len(), &rows, &run.fit);
    Ok((
        probabilities.into_iter().map(|p| p as f32).collect(),
        warnings,
    ))
}
