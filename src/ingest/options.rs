//! How a file is to be read: as asked for, and as checked.

use super::error::IngestError;
use crate::schema::RoleOptions;
use crate::table::ColumnType;
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a row of the file stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Found out from the file.
    #[default]
    Auto,
    /// A session or customer, with its outcome.
    Rows,
    /// A touch of a journey.
    Events,
    /// A whole journey, or many that are alike.
    Paths,
}

/// The `options` of `load`, unchecked, as the public API has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LoadOptions {
    /// What to call the table. Defaults to nothing.
    pub name: Option<String>,
    /// A label of the WHATWG Encoding Standard. Defaults to what the bytes look like; a byte order
    /// mark wins over it.
    pub encoding: Option<String>,
    /// One ASCII character. Defaults to what separates the cells of the first lines.
    pub delimiter: Option<String>,
    /// The sheet of a workbook. Defaults to the first that is shown and has two rows. Other files have
    /// none, and this is not looked at.
    pub sheet: Option<String>,
    /// The file inside an archive, by its whole name or its last part. Defaults to the largest that can
    /// be a table.
    pub member: Option<String>,
    /// Defaults to `auto`.
    pub layout: Layout,
    /// Types by column name, over what is inferred. Cells that don't fit become missing.
    pub types: BTreeMap<String, ColumnType>,
    /// Roles; of them only `ignore` matters here: an ignored column may be given up to save memory.
    pub roles: RoleOptions,
}

/// Options that can be relied on.
#[derive(Debug, Clone)]
pub struct ValidLoadOptions {
    pub(super) encoding: Option<&'static Encoding>,
    pub(super) delimiter: Option<u8>,
    pub(super) types: BTreeMap<String, ColumnType>,
    pub(super) ignore: Vec<String>,
    pub(super) sheet: Option<String>,
    pub(super) member: Option<String>,
}

impl LoadOptions {
    /// The same options, checked.
    ///
    /// # Errors
    /// `unknown-encoding` and `bad-delimiter`.
    pub fn check(self) -> Result<ValidLoadOptions, IngestError> {
        let encoding = match self.encoding {
            None => None,
            Some(label) => Some(
                Encoding::for_label(label.as_bytes())
                    .ok_or(IngestError::UnknownEncoding { label })?,
            ),
        };
        let delimiter = match self.delimiter {
            None => None,
            Some(delimiter) => Some(check_delimiter(&delimiter)?),
        };
        Ok(ValidLoadOptions {
            encoding,
            delimiter,
            types: self.types,
            ignore: self.roles.ignore.unwrap_or_default(),
            sheet: self.sheet,
            member: self.member,
        })
    }
}

fn check_delimiter(delimiter: &str) -> Result<u8, IngestError> {
    match *delimiter.as_bytes() {
        [byte] if can_delimit(byte) => Ok(byte),
        _ => Err(IngestError::BadDelimiter {
            delimiter: delimiter.to_owned(),
        }),
    }
}

/// Whether a byte can stand between cells.
pub(super) fn can_delimit(byte: u8) -> bool {
    byte == b'\t'
        || (byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte >= b' ' && byte != b'"')
            && byte != 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Coded;

    #[test]
    fn options_are_checked_once_and_named_when_wrong() {
        let code = |options: LoadOptions| options.check().map(|_| ()).map_err(|e| e.code());
        let encoding = |label: &str| LoadOptions {
            encoding: Some(label.into()),
            ..LoadOptions::default()
        };
        let delimiter = |text: &str| LoadOptions {
            delimiter: Some(text.into()),
            ..LoadOptions::default()
        };
        assert_eq!(code(LoadOptions::default()), Ok(()));
        assert_eq!(code(encoding("Latin1")), Ok(()));
        assert_eq!(code(encoding("klingon")), Err("unknown-encoding"));
        for good in [",", ";", "\t", "|", ":", " ", "^"] {
            assert_eq!(code(delimiter(good)), Ok(()), "{good:?}");
        }
        for bad in ["", ",,", "\"", "\n", "a", "7", "，", "\r"] {
            assert_eq!(code(delimiter(bad)), Err("bad-delimiter"), "{bad:?}");
        }
        let events = serde_json::from_str::<LoadOptions>(r#"{"layout":"events"}"#).unwrap();
        assert_eq!(code(events), Ok(()));
    }

    #[test]
    fn options_come_from_the_api_in_camel_case() {
        let options: LoadOptions = serde_json::from_str(
            r#"{"delimiter":";","types":{"zip":"category"},"roles":{"label":"y","ignore":["id"]}}"#,
        )
        .unwrap();
        assert_eq!(options.types["zip"], ColumnType::Category);
        assert_eq!(options.roles.label.as_deref(), Some("y"));
        assert_eq!(options.layout, Layout::Auto);
    }
}
