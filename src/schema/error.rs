//! What can be wrong with roles and types that were asked for.

use super::Role;
use crate::error::Coded;

/// Why the columns cannot be used as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// An option names a column that is not there.
    #[error("The options name a column that the table does not have.")]
    UnknownColumn {
        /// The name in the options.
        column: String,
    },
    /// An option gives a column a second role.
    #[error("A column was given two roles: {} and {}.", first.name(), second.name())]
    RoleConflict {
        /// The column's name.
        column: String,
        /// One of its roles.
        first: Role,
        /// The other.
        second: Role,
    },
    /// A column of numbers has too many different ones to become names.
    #[error("A column has too many different values to become a category or text.")]
    TooManyLevels {
        /// The column's name.
        column: String,
    },
}

impl Coded for SchemaError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownColumn { .. } => "unknown-column",
            Self::RoleConflict { .. } => "role-conflict",
            Self::TooManyLevels { .. } => "too-many-levels",
        }
    }

    fn columns(&self) -> Vec<String> {
        match self {
            Self::UnknownColumn { column }
            | Self::RoleConflict { column, .. }
            | Self::TooManyLevels { column } => vec![column.clone()],
        }
    }
}

impl Role {
    /// The role's name in the public API.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Time => "time",
            Self::ConversionTime => "conversionTime",
            Self::Channel => "channel",
            Self::Event => "event",
            Self::Label => "label",
            Self::Value => "value",
            Self::Cost => "cost",
            Self::Weight => "weight",
            Self::Path => "path",
            Self::Nulls => "nulls",
            Self::Journey => "journey",
            Self::Feature => "feature",
            Self::Ignore => "ignore",
        }
    }
}
