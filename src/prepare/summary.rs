//! What the preparation has made of a table, in figures.

use super::{Dataset, PrepareOptions, SplitBy, Step, TouchCounts, report};
use crate::error::Warning;
use crate::ingest::Layout;
use crate::schema::{Role, RoleOptions, Schema};
use crate::table::Table;
use serde::Serialize;

/// Rows of the table that are left out of the data set for one reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dropped {
    /// `duplicate`, `missing-outcome`, `missing-user`, `missing-time`, `bad-weight`, `no-path` or `no-count`.
    pub code: &'static str,
    /// The reason in plain English.
    pub message: &'static str,
    /// How many rows.
    pub count: usize,
}

/// The data set in figures, as the public API has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetSummary {
    /// Rows of the data set.
    pub rows: usize,
    /// Rows left out; `rows` plus their counts is the table's number of rows.
    pub dropped: Vec<Dropped>,
    /// Journeys, where rows are journeys; those of a table of paths by their counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journeys: Option<f64>,
    /// What became of the touches, where rows are journeys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub touches: Option<TouchCounts>,
    /// What a row of the table stands for.
    pub layout: Layout,
    /// What stayed together when the rows were divided; nothing for paths, whose journeys are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_by: Option<SplitBy>,
    /// Rows of the training part.
    pub train: usize,
    /// Rows of the validation part.
    pub validation: usize,
    /// Rows of the test part.
    pub test: usize,
    /// Names of the columns of the design matrix.
    pub features: Vec<String>,
    /// Names of the channels.
    pub channels: Vec<String>,
    /// The share of rows that converted.
    pub base_rate: f64,
    /// Which value of the outcome column counts as converted; several are parted by commas.
    pub positive: String,
    /// The same, one by one.
    pub positives: Vec<String>,
    /// The roles that were used.
    pub roles: RoleOptions,
    /// Findings made on the way.
    pub warnings: Vec<Warning>,
    /// What was done, step by step, in figures that add up.
    pub report: Vec<Step>,
}

impl DatasetSummary {
    /// The figures of a data set that was made with this schema.
    pub(super) fn new(dataset: &Dataset, dropped: Vec<Dropped>, schema: &Schema) -> Self {
        Self {
            rows: dataset.rows(),
            dropped,
            journeys: dataset.journeys.as_ref().map(|journeys| {
                let weights = dataset.weights.as_ref();
                weights.map_or(journeys.len() as f64, |weights| {
                    weights.iter().map(|&weight| f64::from(weight)).sum()
                })
            }),
            touches: None,
            layout: schema.layout,
            split_by: None,
            train: dataset.split.train.len(),
            validation: dataset.split.validation.len(),
            test: dataset.split.test.len(),
            features: dataset
                .features
                .iter()
                .map(|feature| feature.name.clone())
                .collect(),
            channels: dataset
                .channels
                .as_ref()
                .map_or_else(Vec::new, |channels| channels.names.clone()),
            base_rate: dataset.base_rate(),
            positive: dataset.positive.clone(),
            positives: dataset.positives.clone(),
            roles: roles(schema),
            warnings: dataset.warnings.clone(),
            report: Vec::new(),
        }
    }

    /// Adds steps to the report, and closes it with the division into parts and the inputs.
    pub(super) fn tell(
        &mut self,
        steps: Vec<Step>,
        (table, schema): (&Table, &Schema),
        options: &PrepareOptions,
    ) {
        self.report.extend(steps);
        // Tables of paths have no use for other columns.
        if schema.layout != Layout::Paths {
            self.report.extend(report::columns_left_out(table, schema));
        }
        self.report
            .push(report::split(self.split_by, &options.split));
        let in_parts = self.train + self.validation + self.test;
        let figures = [
            ("train", self.train as f64),
            ("validation", self.validation as f64),
            ("test", self.test as f64),
            ("inNone", (self.rows - in_parts) as f64),
        ];
        let message = format!(
            "{} train, {} validate and {} test the model.",
            self.train, self.validation, self.test
        );
        self.report.push(Step::new("divided", message, &figures));
        let inputs = self.features.len();
        let message = format!("The model has {inputs} inputs.");
        self.report
            .push(Step::new("inputs", message, &[("inputs", inputs as f64)]));
    }
}

fn roles(schema: &Schema) -> RoleOptions {
    let one = |role| schema.name_of(role).map(str::to_owned);
    let all = |role| {
        let names = schema.columns.iter().filter(|column| column.role == role);
        Some(names.map(|column| column.name.clone()).collect())
    };
    RoleOptions {
        user: one(Role::User),
        time: one(Role::Time),
        conversion_time: one(Role::ConversionTime),
        channel: one(Role::Channel),
        event: one(Role::Event),
        label: one(Role::Label),
        value: one(Role::Value),
        cost: one(Role::Cost),
        weight: one(Role::Weight),
        path: one(Role::Path),
        nulls: one(Role::Nulls),
        journey: one(Role::Journey),
        ignore: all(Role::Ignore),
        features: all(Role::Feature),
    }
}
