//! Files into tables.

use super::Engine;
use crate::error::Warning;
use crate::ingest::limits::Limits;
use crate::ingest::{Ingest, LoadOptions, ReadSummary, Writing};
use crate::job::{Host, Progress, Signal};
use crate::prepare::{Impossible, Joined, PrepareOptions};
use crate::schema::{self, ColumnSchema, Reason, Schema};
use crate::table::Table;
use crate::web::boundary::{SessionError, read_options, throw, write_value};
use crate::web::job::{BrowserHost, Job};
use serde::Serialize;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Bytes taken apart between two breaths.
const CHUNK: u64 = 4 << 20;
/// Bytes that the browser is asked for at a time: large parts come quicker than many small ones.
const PART: u64 = 16 << 20;
/// How many such parts it reads ahead of the one that is taken apart.
const AHEAD: usize = 2;

/// A file that was read.
pub(super) struct Loaded {
    pub(super) table: Table,
    pub(super) summary: ReadSummary,
    pub(super) options: LoadOptions,
    /// What a second file added.
    pub(super) joined: Option<Joined>,
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
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    also_positive: &'a [String],
    layout_reason: &'a Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined: Option<&'a Joined>,
    seconds: f64,
    warnings: Vec<Warning>,
}

#[wasm_bindgen]
impl Engine {
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
        let (table, mut summary) = read(&blob, options.clone(), &mut host).await?;
        let schema = schema::infer_as(&table, &options.roles, options.layout).map_err(throw)?;
        summary.layout = schema.layout;
        let loaded = Loaded {
            table,
            summary,
            options,
            joined: None,
        };
        let seconds = (host.now() - started) / 1e3;
        let told = answer(&loaded, &loaded.table, &schema, Vec::new(), seconds)?;
        self.loaded.replace(Some(Rc::new(loaded)));
        self.second.replace(None);
        self.prepared.replace(None);
        Ok(told)
    }

    /// Looks at the loaded table again under other roles and types, without preparing: answers a
    /// `TableSummary`.
    ///
    /// # Errors
    /// The codes of `schema`; `too-early` before `load`.
    pub fn describe(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let loaded = self.loaded()?;
        let options: PrepareOptions = read_options(options)?;
        let (table, schema, warnings) = typed(&loaded, &options)?;
        let table = table.as_ref().unwrap_or(&loaded.table);
        answer(&loaded, table, &schema, warnings, 0.0)
    }
}

/// The `TableSummary` of what was loaded, under a schema; `warnings` come first.
pub(super) fn answer(
    loaded: &Loaded,
    table: &Table,
    schema: &Schema,
    mut warnings: Vec<Warning>,
    seconds: f64,
) -> Result<JsValue, JsValue> {
    warnings.extend(loaded.summary.warnings.iter().cloned());
    if let Some(joined) = loaded.joined.as_ref().filter(|joined| joined.unmatched > 0) {
        let (count, share) = (
            joined.unmatched,
            joined.unmatched as f64 / table.rows as f64,
        );
        let message = format!("{count} rows found no row of the second file.");
        let warning = Warning::new("join-unmatched", message).figure("rows", count as f64);
        warnings.push(warning.figure("share", share));
    }
    if let Some(joined) = loaded.joined.as_ref().filter(|joined| joined.repeated > 0) {
        let count = joined.repeated as f64;
        let message = format!(
            "{count} rows of the second file had the key of another and were made one with it."
        );
        warnings.push(Warning::new("join-repeated", message).figure("rows", count));
    }
    warnings.extend(schema::warnings(table, schema));
    let read = ReadSummary {
        layout: schema.layout,
        ..loaded.summary.clone()
    };
    write_value(&TableSummary {
        read: &read,
        columns: &schema.columns,
        positive: schema.positive.as_deref(),
        also_positive: &schema.also_positive,
        layout_reason: &schema.layout_reason,
        joined: loaded.joined.as_ref(),
        seconds,
        warnings,
    })
}

pub(super) async fn read(
    blob: &gloo::file::Blob,
    options: LoadOptions,
    host: &mut BrowserHost,
) -> Result<(Table, ReadSummary), JsValue> {
    let started = host.now();
    let size = blob.size();
    Limits::default().check_bytes(size).map_err(throw)?;
    let mut ingest = Ingest::new(options.check().map_err(throw)?)
        .expecting(size)
        .opening_workbooks_by(Box::new(host.workbooks()));
    let mut buffer = vec![0; CHUNK.min(size) as usize];
    let mut offset = 0;
    // The browser reads the next parts while this one is taken apart. The first is small, so that there is one soon.
    let mut asked = 0;
    let mut coming = VecDeque::with_capacity(AHEAD + 1);
    let mut part = js_sys::Uint8Array::new_with_length(0);
    let mut taken = 0;
    while offset < size {
        while coming.len() < AHEAD && asked < size {
            let length = if asked == 0 { CHUNK } else { PART };
            let end = (asked + length).min(size);
            coming.push_back((begin_part(blob, asked, end), end - asked));
            asked = end;
        }
        if taken == part.length()
            && let Some((here, length)) = coming.pop_front()
        {
            part = arrived(here, length).await?;
            taken = 0;
        }
        let upto = part.length().min(taken + CHUNK as u32);
        let bytes = &mut buffer[..(upto - taken) as usize];
        part.subarray(taken, upto).copy_to(bytes);
        ingest.push(bytes).map_err(throw)?;
        offset += u64::from(upto - taken);
        taken = upto;
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
    drop(buffer);
    let loaded = ingest.finish_on(host).await.map_err(throw)?;
    host.report(Progress {
        phase: "infer",
        fraction: 1.0,
        ..Progress::default()
    });
    host.turn().await?;
    Ok((loaded.table, loaded.summary))
}

/// Asks the browser for a part of a file.
fn begin_part(blob: &gloo::file::Blob, offset: u64, end: u64) -> js_sys::Promise {
    let slice = blob.slice(offset, end);
    let slice: &web_sys::Blob = slice.as_ref();
    slice.array_buffer()
}

/// Waits for a part of a file, which must be of this length.
async fn arrived(coming: js_sys::Promise, length: u64) -> Result<js_sys::Uint8Array, JsValue> {
    let unreadable = |error: String| throw(SessionError::Unreadable(error));
    let bytes = JsFuture::from(coming)
        .await
        .map_err(|error| unreadable(format!("{error:?}")))?;
    let bytes = js_sys::Uint8Array::new(&bytes);
    if u64::from(bytes.length()) == length {
        Ok(bytes)
    } else {
        Err(unreadable("The file is shorter than it was.".to_owned()))
    }
}

/// The table with the asked-for types (`None` where they are as loaded) and the roles that follow.
pub(super) fn typed(
    loaded: &Loaded,
    options: &PrepareOptions,
) -> Result<(Option<Table>, Schema, Vec<Warning>), JsValue> {
    let roles = options.roles.as_ref().map_or_else(
        || loaded.options.roles.clone(),
        |roles| roles.over(&loaded.options.roles),
    );
    let layout = options.layout.unwrap_or(loaded.options.layout);
    let (table, warnings) = if options.types.is_empty() {
        (None, Vec::new())
    } else {
        let mut table = loaded.table.clone();
        let writing = Writing {
            dates: loaded.options.dates,
            decimal: loaded.options.decimal,
            semicolons: loaded.summary.delimiter.as_deref() == Some(";"),
        };
        // What was said of the first file need not hold for the columns of a second.
        let added = loaded.joined.as_ref().map(|joined| &joined.columns);
        let is_added = |name: &String| added.is_some_and(|added| added.contains(name));
        let types = options.types.clone().into_iter();
        let (second, first) = types.partition(|(name, _)| is_added(name));
        let mut warnings = schema::retype(&mut table, &first, writing).map_err(throw)?;
        warnings.extend(schema::retype(&mut table, &second, Writing::default()).map_err(throw)?);
        (Some(table), warnings)
    };
    let at_hand = table.as_ref().unwrap_or(&loaded.table);
    let mut schema = schema::infer_as(at_hand, &roles, layout).map_err(throw)?;
    schema.blank_outcome = options.blank_outcome;
    schema.impossible_blanked = options.impossible == Impossible::Missing;
    if let Some(positive) = &options.positive {
        schema = schema.with_positive(positive.values());
    }
    Ok((table, schema, warnings))
}
