//! Workbooks in a browser: read by a WebAssembly module of their own, which the worker fetches when the first one
//! comes (`www/api/workbooks.js`). Every workbook has an instance to itself; its memory goes when that is dropped.

use crate::ingest::workbook::told;
use crate::ingest::{IngestError, OpenWorkbook, Opening};
use channelwise_workbook::{About, Fault, Most, Sheet, Workbook, cells};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// An instance of the module. What it answers are the numbers of `src/workbook/exports.rs`; whatever it throws
    /// is a file that made it trap.
    type Instance;

    /// In which form it hands out cells.
    #[wasm_bindgen(method)]
    fn format(this: &Instance) -> i32;

    /// Takes in the workbook, or the name of a sheet; 0, or a fault.
    #[wasm_bindgen(method, catch)]
    fn put(this: &Instance, bytes: &[u8]) -> Result<i32, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn open(this: &Instance, most_bytes: f64, most_strings: f64) -> Result<i32, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn choose(this: &Instance, wanted: Option<String>) -> Result<i32, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn next(this: &Instance) -> Result<i32, JsValue>;

    /// The last answer.
    #[wasm_bindgen(method)]
    fn output(this: &Instance) -> Vec<u8>;
}

impl Instance {
    /// What was answered, unless that is a fault.
    fn answer(&self, answered: Result<i32, JsValue>) -> Result<Vec<u8>, Fault> {
        match answered {
            Ok(0) => Ok(Vec::new()),
            Ok(length) if length > 0 => Ok(self.output()),
            Ok(fault) => Err(Fault::of(fault.unsigned_abs() as u8)),
            Err(_) => Err(Fault::Broken),
        }
    }
}

/// Opens workbooks in instances of the module that `make` answers.
pub(super) struct FetchedReader {
    make: Option<js_sys::Function>,
}

impl FetchedReader {
    pub(super) fn new(make: Option<js_sys::Function>) -> Self {
        Self { make }
    }

    async fn instance(&self) -> Result<Instance, JsValue> {
        let make = self.make.as_ref().ok_or(JsValue::UNDEFINED)?;
        let coming: js_sys::Promise = make.call0(&JsValue::UNDEFINED)?.dyn_into()?;
        Ok(JsFuture::from(coming).await?.unchecked_into())
    }
}

impl OpenWorkbook for FetchedReader {
    fn open(&self, bytes: Vec<u8>, most: Most) -> Opening<'_> {
        Box::pin(async move {
            let instance = self.instance().await.map_err(|error| {
                let detail = format!("{error:?}");
                IngestError::ReaderNotLoaded { detail }
            })?;
            if instance.format() != cells::FORMAT {
                let detail = "it is of another build: load the page again".to_owned();
                return Err(IngestError::ReaderNotLoaded { detail });
            }
            let answer = |answered| instance.answer(answered).map_err(|fault| told(fault, None));
            answer(instance.put(&bytes))?;
            // Only one of the two holds it while it is unpacked.
            drop(bytes);
            let sheets = answer(instance.open(most.bytes as f64, most.strings as f64))?;
            Ok(Box::new(Book {
                instance,
                sheets: cells::texts(&sheets),
            }) as Box<dyn Workbook>)
        })
    }
}

struct Book {
    instance: Instance,
    sheets: Vec<String>,
}

impl Workbook for Book {
    fn sheets(&self) -> Vec<String> {
        self.sheets.clone()
    }

    fn sheet(&mut self, wanted: Option<&str>) -> Result<Box<dyn Sheet + '_>, Fault> {
        let answered = self.instance.choose(wanted.map(str::to_owned));
        Ok(Box::new(Cells {
            about: About::of(&self.instance.answer(answered)?),
            instance: &self.instance,
        }))
    }
}

struct Cells<'a> {
    instance: &'a Instance,
    about: About,
}

impl Sheet for Cells<'_> {
    fn about(&self) -> &About {
        &self.about
    }

    fn next(&mut self, batch: &mut Vec<u8>) -> Result<bool, Fault> {
        let more = self.instance.answer(self.instance.next())?;
        batch.extend_from_slice(&more);
        Ok(!more.is_empty())
    }
}
