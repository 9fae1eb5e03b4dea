//! A second file beside the first.

use super::Engine;
use super::read::{Loaded, answer, read};
use crate::ingest::LoadOptions;
use crate::job::Host;
use crate::prepare::{JoinOptions, join};
use crate::schema::{self, cell_text};
use crate::web::boundary::{read_options, throw};
use crate::web::job::{BrowserHost, Job};
use serde::Deserialize;
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

#[wasm_bindgen]
impl Engine {
    /// Adds the columns of a second file to the loaded table, by a key that stands in each of its rows
    /// once; answers the `TableSummary` of both, with `joined`. What was prepared is given up.
    ///
    /// # Errors
    /// The codes of `ingest` and `schema`; `join-no-key`, `join-unknown-key`, `join-repeated-key`,
    /// `join-nothing-matched`; `too-early` before `load`; `aborted`.
    pub async fn join(
        &self,
        source: web_sys::Blob,
        options: JsValue,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let first = self.loaded()?;
        let mut host = BrowserHost::new(job, &listener);
        let started = host.now();
        let options: Options = read_options(options)?;
        let blob = gloo::file::Blob::from(source);
        let (second, _) = read(&blob, options.load, &mut host).await?;
        let (table, joined) = join(&first.table, &second, &options.keys).map_err(throw)?;
        drop(second);
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
}
