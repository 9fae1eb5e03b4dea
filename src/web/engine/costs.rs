//! What channels cost, from a file of its own.

use super::Engine;
use crate::ingest::LoadOptions;
use crate::prepare::{SpendOptions, spend};
use crate::web::boundary::{read_options, throw, write_value};
use crate::web::job::{BrowserHost, Job};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

/// Which columns hold what, and how the file is read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    #[serde(flatten)]
    spend: SpendOptions,
    load: LoadOptions,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a table of spend per channel, and per day, week, month or quarter, beside the prepared data;
    /// answers a `Spend`, whose `costs` are an option of `compare`. Nothing is kept. Without a source: the
    /// file that was looked at.
    ///
    /// # Errors
    /// The codes of `ingest`; `spend-unknown-column`, `spend-no-channel`, `spend-no-cost`,
    /// `spend-nothing-matched`; `no-channel`; `too-early` before `prepare`; `aborted`.
    pub async fn costs(
        &self,
        source: Option<web_sys::Blob>,
        options: JsValue,
        job: &Job,
        listener: JsValue,
    ) -> Result<JsValue, JsValue> {
        let prepared = self.prepared()?;
        let mut host = BrowserHost::new(job, &listener);
        let options: Options = read_options(options)?;
        let second = self.second_file(source, options.load, &mut host).await?;
        let channels = prepared.dataset.channels.as_ref();
        let channels = channels.ok_or_else(|| throw(crate::channels::CompareError::NoChannel))?;
        let found = spend(&second.table, &channels.names, &options.spend).map_err(throw)?;
        host.turn().await?;
        write_value(&found)
    }
}
