//! How a file is to be read: as asked for, and as checked.

use super::error::IngestError;
use super::limits::Limits;
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

/// Whether the day or the month stands first where both readings are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DateOrder {
    /// `31/12/2026`.
    DayFirst,
    /// `12/31/2026`.
    MonthFirst,
}

/// What stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecimalMark {
    /// `1,5`; points separate thousands.
    #[serde(rename = ",")]
    Comma,
    /// `1.5`; commas separate thousands.
    #[serde(rename = ".")]
    Point,
}

/// How the numbers and dates of a file are written, as far as it was asked for or the file says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writing {
    /// How `03/04/2026` is read.
    pub dates: Option<DateOrder>,
    /// How `1,234` is read.
    pub decimal: Option<DecimalMark>,
    /// Cells are separated by `;`, as where commas are decimal.
    pub semicolons: bool,
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
    /// One ASCII character, or nothing where quotes are letters like others. Defaults to `"`, or `'`
    /// where the first lines say so.
    pub quote: Option<String>,
    /// Whether the first row names the columns. Defaults to what it looks like.
    pub header: Option<bool>,
    /// How `03/04/2026` is read, and what else fits then. Defaults to what each column's cells say.
    pub dates: Option<DateOrder>,
    /// How `1,234` is read, and what else fits then. Defaults to what each column's cells say.
    pub decimal: Option<DecimalMark>,
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
    /// Roles; of them only `ignore` matters here: the cells of an ignored column are not kept.
    pub roles: RoleOptions,
}

/// Options that can be relied on.
#[derive(Debug, Clone)]
pub struct ValidLoadOptions {
    pub(super) encoding: Option<&'static Encoding>,
    pub(super) delimiter: Option<u8>,
    pub(super) quote: Option<Option<u8>>,
    pub(super) header: Option<bool>,
    pub(super) dates: Option<DateOrder>,
    pub(super) decimal: Option<DecimalMark>,
    pub(super) limits: Limits,
    pub(super) types: BTreeMap<String, ColumnType>,
    pub(super) ignore: Vec<String>,
    pub(super) sheet: Option<String>,
    pub(super) member: Option<String>,
}

impl LoadOptions {
    /// The same options, checked.
    ///
    /// # Errors
    /// `unknown-encoding`, `bad-delimiter` and `bad-quote`.
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
        let quote = match self.quote {
            None => None,
            Some(quote) => Some(check_quote(&quote)?),
        };
        Ok(ValidLoadOptions {
            encoding,
            delimiter,
            quote,
            header: self.header,
            dates: self.dates,
            decimal: self.decimal,
            limits: Limits::default(),
            types: self.types,
            ignore: self.roles.ignore.unwrap_or_default(),
            sheet: self.sheet,
            member: self.member,
        })
    }
}

impl ValidLoadOptions {
    /// The same under other limits, for tests of them.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

fn check_quote(quote: &str) -> Result<Option<u8>, IngestError> {
    match *quote.as_bytes() {
        [] => Ok(None),
        [byte] if byte == b'"' || (can_delimit(byte) && byte > b' ') => Ok(Some(byte)),
        _ => Err(IngestError::BadQuote {
            quote: quote.to_owned(),
        }),
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
    let is_end = matches!(byte, b'\n' | b'\r' | 0 | 0x7f);
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b'"' && !is_end
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
        for good in [",", ";", "\t", "|", ":", " ", "^", "\u{1}"] {
            assert_eq!(code(delimiter(good)), Ok(()), "{good:?}");
        }
        for bad in ["", ",,", "\"", "\n", "a", "7", "，", "\r"] {
            assert_eq!(code(delimiter(bad)), Err("bad-delimiter"), "{bad:?}");
        }
        let quote = |text: &str| LoadOptions {
            quote: Some(text.into()),
            ..LoadOptions::default()
        };
        for good in ["\"", "'", ""] {
            assert_eq!(code(quote(good)), Ok(()), "{good:?}");
        }
        for bad in ["\"\"", "a", "\n", "”"] {
            assert_eq!(code(quote(bad)), Err("bad-quote"), "{bad:?}");
        }
        let events = serde_json::from_str::<LoadOptions>(r#"{"layout":"events"}"#).unwrap();
        assert_eq!(code(events), Ok(()));
    }

    #[test]
    fn options_come_from_the_api_in_camel_case() {
        let options: LoadOptions = serde_json::from_str(
            r#"{"delimiter":";","dates":"dayFirst","decimal":",","header":false,"types":{"zip":"category"},"roles":{"label":"y","ignore":["id"]}}"#,
        )
        .unwrap();
        assert_eq!(options.types["zip"], ColumnType::Category);
        assert_eq!(options.roles.label.as_deref(), Some("y"));
        assert_eq!(options.layout, Layout::Auto);
        assert_eq!(options.dates, Some(DateOrder::DayFirst));
        assert_eq!(options.decimal, Some(DecimalMark::Comma));
        assert_eq!(options.header, Some(false));
    }
}
