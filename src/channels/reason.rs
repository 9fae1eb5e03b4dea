//! Why something could not be worked out.

use serde::Serialize;
use std::collections::BTreeMap;

/// Why something could not be worked out. The page words it from `code` and `figures`; `message` is
/// English.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// A stable kebab-case name.
    pub code: &'static str,
    /// Plain English.
    pub message: &'static str,
    /// The figures by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<&'static str, f64>,
}

impl Reason {
    /// A reason without figures.
    pub(super) fn new(code: &'static str, message: &'static str) -> Self {
        Self {
            code,
            message,
            figures: BTreeMap::new(),
        }
    }

    /// The reason with one more figure.
    pub(super) fn figure(mut self, name: &'static str, value: f64) -> Self {
        self.figures.insert(name, value);
        self
    }
}
