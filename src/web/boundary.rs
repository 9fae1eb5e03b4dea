//! Values and errors on their way across.

use crate::error::Coded;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

/// What goes wrong at the boundary itself.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// An option has the wrong shape.
    #[error("An option has the wrong type or an unknown value: {0}")]
    BadOptions(String),
    /// A step was asked for before the one it needs.
    #[error("{0}")]
    TooEarly(&'static str),
    /// The data set has changed under a training.
    #[error("Other data was prepared while the model was being trained. Train it again.")]
    OtherData,
    /// No run of that name.
    #[error("There is no run with that id.")]
    UnknownRun,
    /// The browser could not read the file.
    #[error(
        "The browser could not read the file. If it was changed or moved since you chose it, choose it again."
    )]
    Unreadable(String),
    /// The job was given up.
    #[error("The job was cancelled.")]
    Aborted,
    /// The GPU could not be used, or failed.
    #[cfg(feature = "webgpu")]
    #[error("{0}")]
    Gpu(String),
    /// A result could not be handed over.
    #[error("A result could not be handed over.")]
    Handover(String),
}

impl Coded for SessionError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadOptions(_) => "invalid-option",
            Self::TooEarly(_) => "too-early",
            Self::OtherData => "other-data",
            Self::UnknownRun => "unknown-run",
            Self::Unreadable(_) => "unreadable",
            Self::Aborted => "aborted",
            #[cfg(feature = "webgpu")]
            Self::Gpu(_) => "webgpu-failed",
            Self::Handover(_) => "handover",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Unreadable(detail) | Self::Handover(detail) => Some(detail.clone()),
            _ => None,
        }
    }
}

#[derive(Serialize)]
struct Thrown {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    figures: BTreeMap<&'static str, f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// The error as the plain object that crosses.
pub fn thrown(error: &dyn Coded) -> JsValue {
    let value = Thrown {
        code: error.code(),
        message: error.to_string(),
        figures: error.figures().into_iter().collect(),
        columns: error.columns(),
        detail: error.detail(),
    };
    write_value(&value).unwrap_or(JsValue::NULL)
}

/// For `map_err`.
pub fn throw<E: Coded>(error: E) -> JsValue {
    thrown(&error)
}

/// Reads options; `undefined` and `null` are the defaults.
pub fn read_options<T: DeserializeOwned + Default>(value: JsValue) -> Result<T, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(T::default());
    }
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| throw(SessionError::BadOptions(error.to_string())))
}

/// Reads a value that has to be there.
pub fn read_value<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| throw(SessionError::Handover(error.to_string())))
}

/// Writes a result as [`write_value`] does, but a figure that is not there becomes `null`.
pub fn write_with_nulls<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_maps_as_objects(true)
        .serialize_missing_as_null(true);
    value
        .serialize(&serializer)
        .map_err(|error| throw(SessionError::Handover(error.to_string())))
}

/// Writes a result: maps become plain objects, absent fields are left out.
pub fn write_value<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value
        .serialize(&serializer)
        .map_err(|error| throw(SessionError::Handover(error.to_string())))
}
