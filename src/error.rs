//! What can go wrong, and how it is told.
//!
//! Every room has an enum of its own; each variant has a stable `code` that programs may rely on, a
//! message in plain words that never holds the user's data, the figures of that message by name, and,
//! where it helps, names of columns and a `detail`, which may hold it and are therefore never logged.

/// An error that can be shown to a person and matched by a program.
pub trait Coded: std::error::Error {
    /// The stable, kebab-case name of what happened.
    fn code(&self) -> &'static str;

    /// The figures of the message by name, so that a page can word it in another language.
    fn figures(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }

    /// The names of the columns it is about, which the message leaves out: they are the user's own. Show
    /// them, never log them.
    fn columns(&self) -> Vec<String> {
        Vec::new()
    }

    /// What the user's own data had to do with it. May hold user data: show it, never log it.
    fn detail(&self) -> Option<String> {
        None
    }
}

/// A finding that does not stop the work but that a person should see.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// The stable, kebab-case name of the finding.
    pub code: String,
    /// The finding in plain English, with its figure. May name columns, never cell values.
    pub message: String,
    /// The columns it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// The figures of the message by name, so that a page can word it in another language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<std::collections::BTreeMap<String, f64>>,
    /// What would mend it: options of `prepare` by their path (`split.by`), with the value to take;
    /// `ignore` names columns to leave out, and `types.` before a column's name its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<std::collections::BTreeMap<String, serde_json::Value>>,
}

impl Warning {
    /// A warning with a code and a message, about no column in particular.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            columns: None,
            figures: None,
            remedy: None,
        }
    }

    /// Names the columns the warning is about.
    #[must_use]
    pub fn columns<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Adds one of the figures that the message speaks of.
    #[must_use]
    pub fn figure(mut self, name: &str, value: f64) -> Self {
        self.figures
            .get_or_insert_with(Default::default)
            .insert(name.to_owned(), value);
        self
    }

    /// Adds an option of `prepare` that would mend it.
    #[must_use]
    pub fn remedy(
        mut self,
        option: impl Into<String>,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        self.remedy
            .get_or_insert_with(Default::default)
            .insert(option.into(), value.into());
        self
    }
}
