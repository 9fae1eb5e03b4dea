//! Who converted: the outcome column read as yes and no.

use super::PrepareError;
use crate::error::Warning;
use crate::ingest::words::truth;
use crate::table::{Column, ColumnData, Dictionary, MISSING_BOOLEAN, MISSING_CODE};

/// The mark of a row whose outcome is unknown.
pub(super) const UNKNOWN: u8 = 2;

/// The outcome of every row of a table.
#[derive(Debug)]
pub(super) struct Outcome {
    /// 1 converted, 0 did not, [`UNKNOWN`].
    pub marks: Vec<u8>,
    /// The value that counts as converted, as text.
    pub positive: String,
    /// Where the value had to be guessed.
    pub warning: Option<Warning>,
}

/// Which value counts as converted, and on whose word.
#[derive(Clone, Copy)]
pub(super) enum Positive<'a> {
    /// The user's: it must occur.
    Asked(&'a str),
    /// Inferred: something else will do.
    Guessed(&'a str),
    /// Nobody's.
    Unsaid,
}

impl<'a> Positive<'a> {
    fn text(self) -> Option<&'a str> {
        match self {
            Self::Asked(text) | Self::Guessed(text) => Some(text),
            Self::Unsaid => None,
        }
    }

    fn not_found(self, column: &Column) -> Result<(), PrepareError> {
        match self {
            Self::Asked(positive) => Err(PrepareError::PositiveNotFound {
                column: column.name.clone(),
                positive: positive.to_owned(),
            }),
            Self::Guessed(_) | Self::Unsaid => Ok(()),
        }
    }
}

/// Reads the outcome column.
///
/// # Errors
/// Where it is empty, has more than two values and nobody says which of them counts as converted, or
/// lacks the value asked for.
pub(super) fn read(column: &Column, positive: Positive<'_>) -> Result<Outcome, PrepareError> {
    match &column.data {
        ColumnData::Boolean(cells) => from_booleans(column, cells, positive),
        ColumnData::Number(cells) => from_numbers(column, cells, positive),
        ColumnData::Category(cells) | ColumnData::Text(cells) => {
            from_names(column, cells, positive)
        }
        ColumnData::Time(_) => Err(not_binary(column, "times")),
    }
}

fn not_binary(column: &Column, found: impl Into<String>) -> PrepareError {
    PrepareError::OutcomeNotBinary {
        column: column.name.clone(),
        found: found.into(),
    }
}

fn empty(column: &Column) -> PrepareError {
    PrepareError::OutcomeEmpty {
        column: column.name.clone(),
    }
}

fn from_booleans(
    column: &Column,
    cells: &[u8],
    positive: Positive<'_>,
) -> Result<Outcome, PrepareError> {
    if cells.iter().all(|&cell| cell == MISSING_BOOLEAN) {
        return Err(empty(column));
    }
    let said = positive.text().and_then(truth);
    if said.is_none() {
        positive.not_found(column)?;
    }
    let yes = u8::from(said.unwrap_or(true));
    let mark = |&cell: &u8| {
        if cell == MISSING_BOOLEAN {
            UNKNOWN
        } else {
            u8::from(cell == yes)
        }
    };
    Ok(Outcome {
        marks: cells.iter().map(mark).collect(),
        positive: positive.text().unwrap_or("true").to_owned(),
        warning: None,
    })
}

fn from_numbers(
    column: &Column,
    cells: &[f64],
    positive: Positive<'_>,
) -> Result<Outcome, PrepareError> {
    let mut values: Vec<f64> = Vec::with_capacity(2);
    for &cell in cells.iter().filter(|cell| cell.is_finite()) {
        if !values.contains(&cell) {
            if values.len() == 2 {
                return one_of_many(column, cells, positive);
            }
            values.push(cell);
        }
    }
    let Some(largest) = values.iter().copied().reduce(f64::max) else {
        return Err(empty(column));
    };
    let asked = positive.text().and_then(|text| {
        let said = || truth(text).map(|yes| f64::from(u8::from(yes)));
        text.trim().parse::<f64>().ok().or_else(said)
    });
    let asked = asked.filter(|value| values.contains(value));
    if asked.is_none() {
        positive.not_found(column)?;
    }
    // A column of zeros holds one class; taking 0 for “converted” would hide that.
    let fallback = if largest == 0.0 && values.len() == 1 {
        1.0
    } else {
        largest
    };
    let yes = asked.unwrap_or(fallback);
    let mark = |&cell: &f64| {
        if cell.is_finite() {
            u8::from(cell == yes)
        } else {
            UNKNOWN
        }
    };
    Ok(Outcome {
        marks: cells.iter().map(mark).collect(),
        positive: yes.to_string(),
        warning: None,
    })
}

/// One number of three or more counts as converted, and all others do not.
fn one_of_many(
    column: &Column,
    cells: &[f64],
    positive: Positive<'_>,
) -> Result<Outcome, PrepareError> {
    let Some(text) = positive.text() else {
        return Err(not_binary(column, "3 or more"));
    };
    let asked = text.trim().parse::<f64>().ok();
    let Some(yes) = asked.filter(|value| cells.contains(value)) else {
        positive.not_found(column)?;
        return Err(not_binary(column, "3 or more"));
    };
    let mark = |&cell: &f64| match cell {
        cell if cell.is_finite() => u8::from(cell == yes),
        _ => UNKNOWN,
    };
    Ok(Outcome {
        marks: cells.iter().map(mark).collect(),
        positive: yes.to_string(),
        warning: None,
    })
}

fn from_names(
    column: &Column,
    cells: &Dictionary,
    positive: Positive<'_>,
) -> Result<Outcome, PrepareError> {
    let mut counts = vec![0u32; cells.levels.len()];
    for &code in cells.codes.iter().filter(|&&code| code != MISSING_CODE) {
        counts[code as usize] += 1;
    }
    let used: Vec<usize> = (0..counts.len()).filter(|&code| counts[code] > 0).collect();
    if used.is_empty() {
        return Err(empty(column));
    }
    let find = |matches: &dyn Fn(&str) -> bool| {
        used.iter()
            .copied()
            .find(|&code| matches(&cells.levels[code]))
    };
    let asked = positive.text().and_then(|text| {
        find(&|level| level == text)
            .or_else(|| find(&|level| level.trim().to_lowercase() == text.trim().to_lowercase()))
    });
    if asked.is_none() {
        positive.not_found(column)?;
        if used.len() > 2 {
            return Err(not_binary(column, used.len().to_string()));
        }
    }
    let plain = asked
        .or_else(|| find(&|level| truth(level) == Some(true)))
        .or_else(|| {
            let no = find(&|level| truth(level) == Some(false))?;
            used.iter().copied().find(|&code| code != no)
        });
    let rarest = used
        .iter()
        .copied()
        .min_by_key(|&code| (counts[code], code))
        .ok_or_else(|| empty(column))?;
    let yes = plain.unwrap_or(rarest);
    let warning = plain.is_none().then(|| {
        Warning::new(
            "positive-guessed",
            "Neither value of the outcome column plainly means converted; the rarer one was taken.",
        )
        .columns([column.name.clone()])
    });
    let mark = |&code: &u32| {
        if code == MISSING_CODE {
            UNKNOWN
        } else {
            u8::from(code as usize == yes)
        }
    };
    Ok(Outcome {
        marks: cells.codes.iter().map(mark).collect(),
        positive: cells.levels[yes].clone(),
        warning,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::Coded;

    fn column(data: ColumnData) -> Column {
        Column {
            name: "outcome".to_owned(),
            data,
        }
    }

    fn names(cells: &[&str]) -> Column {
        let mut dictionary = Dictionary::default();
        for &cell in cells {
            let known = dictionary.levels.iter().position(|level| level == cell);
            let code = known.unwrap_or_else(|| {
                dictionary.levels.push(cell.to_owned());
                dictionary.levels.len() - 1
            });
            dictionary.codes.push(if cell.is_empty() {
                MISSING_CODE
            } else {
                code as u32
            });
        }
        column(ColumnData::Category(dictionary))
    }

    #[test]
    fn plain_words_are_understood() {
        let outcome = read(&names(&["no", "yes", "", "no"]), Positive::Unsaid).unwrap();
        assert_eq!(outcome.marks, [0, 1, UNKNOWN, 0]);
        assert_eq!(outcome.positive, "yes");
        for yes in ["purchase", "subscribed", "成交"] {
            let outcome = read(&names(&["other", yes, "other", yes, yes]), Positive::Unsaid);
            let outcome = outcome.unwrap();
            assert_eq!((outcome.positive.as_str(), outcome.warning), (yes, None));
        }
        let outcome = read(&names(&["pending", "won"]), Positive::Unsaid).unwrap();
        assert_eq!(outcome.marks, [0, 1]);
        let outcome = read(&names(&["customer", "no"]), Positive::Unsaid).unwrap();
        assert_eq!(outcome.marks, [1, 0]);
        assert_eq!(outcome.warning, None);
    }

    #[test]
    fn a_guess_is_told_and_an_order_obeyed() {
        let cells = names(&["a", "b", "b"]);
        let outcome = read(&cells, Positive::Unsaid).unwrap();
        assert_eq!(outcome.marks, [1, 0, 0]);
        assert_eq!(outcome.warning.unwrap().code, "positive-guessed");
        let outcome = read(&cells, Positive::Asked("B ")).unwrap();
        assert_eq!(
            (outcome.marks, outcome.positive.as_str()),
            (vec![0, 1, 1], "b")
        );
        let error = read(&cells, Positive::Asked("c")).unwrap_err();
        assert_eq!(
            (error.code(), error.detail().as_deref()),
            ("positive-not-found", Some("c"))
        );
        assert!(!error.to_string().contains(" c "));
        assert!(read(&cells, Positive::Guessed("c")).is_ok());
    }

    #[test]
    fn numbers_and_booleans_have_their_ways() {
        let numbers = column(ColumnData::Number(vec![1.0, 2.0, f64::NAN]));
        assert_eq!(
            read(&numbers, Positive::Unsaid).unwrap().marks,
            [0, 1, UNKNOWN]
        );
        assert_eq!(
            read(&numbers, Positive::Asked("1")).unwrap().marks,
            [1, 0, UNKNOWN]
        );
        let zeros = column(ColumnData::Number(vec![0.0, 0.0]));
        assert_eq!(read(&zeros, Positive::Unsaid).unwrap().marks, [0, 0]);
        let booleans = column(ColumnData::Boolean(vec![1, 0, MISSING_BOOLEAN]));
        assert_eq!(
            read(&booleans, Positive::Guessed("TRUE")).unwrap().marks,
            [1, 0, UNKNOWN]
        );
        assert_eq!(
            read(&booleans, Positive::Asked("no")).unwrap().marks,
            [0, 1, UNKNOWN]
        );
        assert!(read(&booleans, Positive::Asked("maybe")).is_err());
    }

    #[test]
    fn what_is_not_yes_or_no_is_refused() {
        let code = |column: &Column| read(column, Positive::Unsaid).unwrap_err().code();
        assert_eq!(code(&names(&["a", "b", "c"])), "outcome-not-binary");
        assert_eq!(
            code(&column(ColumnData::Number(vec![1.0, 2.0, 3.0]))),
            "outcome-not-binary"
        );
        assert_eq!(
            code(&column(ColumnData::Time(vec![1]))),
            "outcome-not-binary"
        );
        assert_eq!(
            code(&column(ColumnData::Number(vec![f64::NAN]))),
            "outcome-empty"
        );
        assert_eq!(
            code(&column(ColumnData::Boolean(vec![MISSING_BOOLEAN]))),
            "outcome-empty"
        );
        assert_eq!(code(&names(&["", ""])), "outcome-empty");
    }
}
