//! A second file beside the first.

use super::Engine;
use super::read::{Loaded, answer, read};
use crate::ingest::{Layout, LoadOptions};
use crate::job::Host;
use crate::prepare::{JoinOptions, KeyPair, join, key_pair, likely_keys, unjoin};
use crate::schema::{self, Role, Schema, cell_text};
use crate::web::boundary::{SessionError, read_options, throw, write_value};
use crate::web::job::{BrowserHost, Job};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Which columns have to agree, and how the second file is read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    #[serde(flatten)]
    keys: JoinOptions,
    load: LoadOptions,
}

/// What a second file is for.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Use {
    /// Its columns belong beside those of the first.
    Columns,
    /// It says what channels cost.
    Costs,
}

/// What `look` answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    purpose: Option<Use>,
    /// The likeliest keys, the likeliest first.
    pairs: Vec<KeyPair>,
    /// The keys that were asked for, else the likeliest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<KeyPair>,
    /// Whether it has a column of costs and one of channels.
    costs: bool,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a second file and says what it could be for, without changing anything: `{ table: its
    /// TableSummary, use, pairs, pair, costs }`. It is kept for `join`. Without a source: the one that was
    /// looked at before, under other keys.
    ///
    /// # Errors
    /// The codes of `ingest` and `schema`; `join-unknown-key`; `too-early` before `load`; `aborted`.
    pub async fn look(
        &self,
        source: Option<web_sys::Blob>,
        options: JsValue,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let first = self.loaded()?;
        let mut host = BrowserHost::new(job, &listener);
        let started = host.now();
        let options: Options = read_options(options)?;
        let load = options.load.clone();
        let second = self.second_file(source, load, &mut host).await?;
        let roles = &options.load.roles;
        let schema = schema::infer_as(&second.table, roles, Layout::Rows).map_err(throw)?;
        let seconds = (host.now() - started) / 1e3;
        let table = answer(&second, &second.table, &schema, Vec::new(), seconds)?;
        let seen = seen(&first, &second, &options, &schema)?;
        let told = write_value(&seen)?;
        js_sys::Reflect::set(&told, &JsValue::from_str("table"), &table)?;
        host.turn().await?;
        self.second.replace(Some(second));
        Ok(told)
    }

    /// Adds the columns of a second file to the loaded table, by a key that stands in each of its rows
    /// once; answers the `TableSummary` of both, with `joined`. What was prepared is given up. Without a
    /// source: the file that was looked at.
    ///
    /// # Errors
    /// The codes of `ingest` and `schema`; `join-no-key`, `join-unknown-key`, `join-repeated-key`,
    /// `join-nothing-matched`; `too-early` before `load`; `aborted`.
    pub async fn join(
        &self,
        source: Option<web_sys::Blob>,
        options: JsValue,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let first = self.loaded()?;
        let mut host = BrowserHost::new(job, &listener);
        let started = host.now();
        let options: Options = read_options(options)?;
        let second = self.second_file(source, options.load, &mut host).await?;
        let (table, joined) = join(&first.table, &second.table, &options.keys).map_err(throw)?;
        let schema =
            schema::infer_as(&table, &first.options.roles, first.options.layout).map_err(throw)?;
        let mut summary = first.summary.clone();
        for (row, cells) in summary.preview.iter_mut().enumerate() {
            let added = &table.columns[first.table.columns.len()..];
            let text = |data| (row < table.rows).then(|| cell_text(data, row)).flatten();
            cells.extend(
                added
                    .iter()
                    .map(|column| text(&column.data).unwrap_or_default()),
            );
        }
        summary.layout = schema.layout;
        let loaded = Loaded {
            table,
            summary,
            options: first.options.clone(),
            joined: Some(joined),
        };
        let seconds = (host.now() - started) / 1e3;
        let told = answer(&loaded, &loaded.table, &schema, Vec::new(), seconds)?;
        // What was asked for in the meantime is heard before anything changes.
        host.turn().await?;
        self.loaded.replace(Some(Rc::new(loaded)));
        self.prepared.replace(None);
        Ok(told)
    }

    /// Takes the columns of the second file away again; answers the `TableSummary` of the first. What was
    /// prepared is given up; the second file is kept for another `join`.
    ///
    /// # Errors
    /// `too-early` where nothing was joined.
    pub fn unjoin(&self) -> Result<JsValue, JsValue> {
        let both = self.loaded()?;
        let Some(joined) = &both.joined else {
            return Err(throw(SessionError::TooEarly("No second file was added.")));
        };
        let table = unjoin(&both.table, joined);
        let schema =
            schema::infer_as(&table, &both.options.roles, both.options.layout).map_err(throw)?;
        let mut summary = both.summary.clone();
        for cells in &mut summary.preview {
            cells.truncate(table.columns.len());
        }
        summary.layout = schema.layout;
        let loaded = Loaded {
            table,
            summary,
            options: both.options.clone(),
            joined: None,
        };
        let told = answer(&loaded, &loaded.table, &schema, Vec::new(), 0.0)?;
        self.loaded.replace(Some(Rc::new(loaded)));
        self.prepared.replace(None);
        Ok(told)
    }
}

impl Engine {
    /// A second file, read now; without a source the one that was looked at.
    pub(super) async fn second_file(
        &self,
        source: Option<web_sys::Blob>,
        options: LoadOptions,
        host: &mut BrowserHost,
    ) -> Result<Rc<Loaded>, JsValue> {
        let Some(source) = source else {
            let second = self.second.borrow().clone();
            let early = || throw(SessionError::TooEarly("Look at a second file first."));
            return second.ok_or_else(early);
        };
        let blob = gloo::file::Blob::from(source);
        let (table, summary) = read(&blob, options.clone(), host).await?;
        Ok(Rc::new(Loaded {
            table,
            summary,
            options,
            joined: None,
        }))
    }
}

/// What a second file could be for: costs of channels, unless it holds what else only users or leads have.
fn seen(
    first: &Loaded,
    second: &Loaded,
    options: &Options,
    schema: &Schema,
) -> Result<Seen, JsValue> {
    let pairs = likely_keys(&first.table, &second.table);
    let JoinOptions {
        on,
        left_key,
        right_key,
        ..
    } = &options.keys;
    let asked = left_key.as_ref().or(on.as_ref());
    let asked = asked.zip(right_key.as_ref().or(on.as_ref()));
    let pair = match asked {
        Some((left, right)) => {
            Some(key_pair(&first.table, &second.table, left, right).map_err(throw)?)
        }
        None => pairs.first().cloned(),
    };
    let with = |role: Role| schema.columns.iter().find(|column| column.role == role);
    let channel = with(Role::Cost).and(with(Role::Channel));
    let joins = |pair: &&KeyPair| pair.repeated == 0 && pair.matched > 0;
    let is_of_channels = channel.is_some_and(|channel| {
        let best = pairs.iter().find(joins);
        best.is_none_or(|pair| pair.right == channel.name)
    });
    let purpose = if is_of_channels && asked.is_none() {
        Some(Use::Costs)
    } else {
        pair.is_some().then_some(Use::Columns)
    };
    Ok(Seen {
        purpose,
        pairs,
        pair,
        costs: channel.is_some(),
    })
}
