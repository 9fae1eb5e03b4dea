//! Tables into data sets.

use super::Engine;
use super::read::{Loaded, typed};
use super::row_ids;
use crate::channels::{ChannelCost, costs_of_rows};
use crate::ingest::{Layout, LoadOptions};
use crate::job::{Host, Progress};
use crate::prepare::{
    self, Dataset, DatasetSummary, EncodedJourneys, Feature, PrepareOptions, ValidPrepareOptions,
};
use crate::schema::{self, Role, RoleOptions};
use crate::table::Table;
use crate::train::TrainingData;
use crate::web::boundary::{read_options, throw, write_value};
use crate::web::job::{BrowserHost, Job};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The data set at hand.
pub(super) struct Prepared {
    pub(super) dataset: Dataset,
    /// Which of the session's data sets it is, from 1.
    pub(super) number: u32,
    /// The column that says whom a row is about.
    pub(super) id_column: Option<String>,
    /// How to read another file so that it becomes a table of the same kind.
    pub(super) reading: LoadOptions,
    /// How to make journeys of it, where rows are journeys.
    pub(super) journeys: Option<JourneyReading>,
    /// What it was made from, and what it looks like.
    source: Rc<Loaded>,
    options: PrepareOptions,
    summary: DatasetSummary,
}

impl Prepared {
    /// What the file was read as.
    pub(super) fn table(&self) -> &Table {
        &self.source.table
    }

    /// What the channels cost by a column, where rows are compared; journeys know it of every touch.
    pub(super) fn row_costs(&self) -> Option<Vec<ChannelCost>> {
        let column = self.summary.roles.cost.as_ref()?;
        let rows = self.dataset.journeys.is_none();
        rows.then(|| costs_of_rows(&self.dataset, self.table(), column))?
    }
}

/// How a table became journeys.
#[derive(Clone)]
pub(super) struct JourneyReading {
    layout: Layout,
    roles: RoleOptions,
    options: ValidPrepareOptions,
}

impl JourneyReading {
    /// Journeys of another table as inputs of a model. Columns that the table lacks are guessed anew.
    pub(super) fn encode(
        &self,
        table: &Table,
        features: &[Feature],
    ) -> Result<EncodedJourneys, JsValue> {
        let there = |name: &String| table.column(name).is_some();
        let roles = self.roles.only(there);
        let mut schema = schema::infer_as(table, &roles, self.layout).map_err(throw)?;
        if roles.label.is_none() {
            // Outcomes lie ahead, and nothing else may be taken for them.
            let mut columns = schema.columns.iter_mut();
            if let Some(guessed) = columns.find(|column| column.role == Role::Label) {
                guessed.role = Role::Feature;
                schema.positive = None;
            }
        }
        prepare::encode_journeys(table, &schema, &self.options, features).map_err(throw)
    }
}

#[wasm_bindgen]
impl Engine {
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
        if let Some(answer) = self.same_again(&loaded, &options)? {
            return Ok(answer);
        }
        let mut reading = loaded.options.clone();
        reading.types.extend(options.types.clone());
        let (dataset, summary, id_column) = prepare_table(&loaded, options.clone())?;
        let journeys = match summary.layout {
            Layout::Rows | Layout::Auto => None,
            layout => Some(JourneyReading {
                layout,
                roles: summary.roles.clone(),
                options: options.clone().check().map_err(throw)?,
            }),
        };
        let answer = write_value(&summary)?;
        // What was asked for in the meantime is heard before anything changes.
        host.turn().await?;
        let number = self.number_of(&dataset);
        self.prepared.replace(Some(Rc::new(Prepared {
            dataset,
            number,
            id_column,
            reading,
            journeys,
            source: loaded,
            options,
            summary,
        })));
        Ok(answer)
    }

    /// Hands the training data over, for another worker's `Trainer`: `{ dataset, x, width, y, weights,
    /// train, validation }`, where `dataset` is its number; where the rows are journeys also `{ statics,
    /// channels, events, offsets, touchChannels, touchEvents, gapHours }`.
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
        if let Some(journeys) = &dataset.journeys {
            let statics = TrainingData::from(dataset).statics;
            set("statics", &js_sys::Uint32Array::from(&statics[..]))?;
            set("channels", &write_value(&journeys.channels)?)?;
            set("events", &write_value(&journeys.events)?)?;
            for (name, values) in [
                ("offsets", &journeys.offsets),
                ("touchChannels", &journeys.touch_channels),
                ("touchEvents", &journeys.touch_events),
            ] {
                set(name, &js_sys::Uint32Array::from(&values[..]))?;
            }
            set(
                "gapHours",
                &js_sys::Float32Array::from(&journeys.gap_hours[..]),
            )?;
        }
        Ok(object.into())
    }
}

impl Engine {
    /// The number of a data set: that of an earlier one which holds the same, else the next.
    fn number_of(&self, dataset: &Dataset) -> u32 {
        let mut numbers = self.numbers.borrow_mut();
        *numbers.entry(dataset.fingerprint()).or_insert_with(|| {
            self.next_dataset.set(self.next_dataset.get() + 1);
            self.next_dataset.get()
        })
    }

    /// The answer for what is at hand already, which keeps its number: the same file, the same options.
    fn same_again(
        &self,
        loaded: &Rc<Loaded>,
        options: &PrepareOptions,
    ) -> Result<Option<JsValue>, JsValue> {
        let prepared = self.prepared.borrow();
        let same = prepared.as_ref().filter(|prepared| {
            Rc::ptr_eq(&prepared.source, loaded) && prepared.options == *options
        });
        same.map(|prepared| write_value(&prepared.summary))
            .transpose()
    }
}

fn prepare_table(
    loaded: &Loaded,
    options: PrepareOptions,
) -> Result<(Dataset, DatasetSummary, Option<String>), JsValue> {
    let (table, schema, warnings) = typed(loaded, &options)?;
    let table = table.as_ref().unwrap_or(&loaded.table);
    let options = options.check().map_err(throw)?;
    let (dataset, mut summary) = prepare::prepare(table, &schema, &options).map_err(throw)?;
    summary.warnings.splice(0..0, warnings);
    if let Some(joined) = &loaded.joined {
        let message = format!(
            "{} rows found their row of the second file, {} did not.",
            joined.matched, joined.unmatched
        );
        let figures = [
            ("matched", joined.matched as f64),
            ("unmatched", joined.unmatched as f64),
        ];
        let step = prepare::Step::new("joined", message, &figures);
        summary
            .report
            .insert(0, step.columns(joined.columns.clone()));
    }
    let rejected = loaded.summary.rejected.count;
    if rejected > 0 {
        let records = loaded.summary.rows + rejected;
        let message =
            format!("The file holds {records} rows, of which {rejected} could not be read.");
        let figures = [("records", records as f64), ("rejected", rejected as f64)];
        let step = prepare::Step::new("file-rows", message, &figures);
        summary.report.insert(0, step);
    }
    let id_column = row_ids::id_column(&summary.roles, &schema);
    Ok((dataset, summary, id_column))
}
