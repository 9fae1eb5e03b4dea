//! Who converted: the outcome column read as yes and no.

use super::{PrepareError, PrepareOptions};
use crate::error::Warning;
use crate::ingest::words::truth;
use crate::schema::{BlankOutcome, Schema, blank_outcome, settle_blanks};
use crate::table::{Column, ColumnData, Dictionary, MISSING_BOOLEAN, MISSING_CODE};

/// The mark of a row whose outcome is unknown.
pub(super) const UNKNOWN: u8 = 2;

/// The outcome of every row of a table.
#[derive(Debug)]
pub(super) struct Outcome {
    /// 1 converted, 0 did not, [`UNKNOWN`].
    pub marks: Vec<u8>,
    /// The values that count as converted, as text.
    pub positive: Vec<String>,
    /// Where the value, or what empty cells say, had to be guessed.
    pub warnings: Vec<Warning>,
}

/// Which values count as converted, and on whose word.
#[derive(Clone, Copy)]
pub(super) enum Positive<'a> {
    /// The user's: each must occur.
    Asked(&'a [String]),
    /// Inferred: something else will do.
    Guessed(&'a str),
    /// Nobody's.
    Unsaid,
}

impl<'a> Positive<'a> {
    /// What `options` ask for, else what `schema` guesses.
    pub fn of(options: &'a PrepareOptions, schema: &'a Schema) -> Self {
        match (&options.positive, &schema.positive) {
            (Some(asked), _) => Self::Asked(asked.values()),
            (None, Some(guessed)) => Self::Guessed(guessed),
            (None, None) => Self::Unsaid,
        }
    }

    /// The values that are found among those of the column by `find`.
    ///
    /// # Errors
    /// Where one that was asked for is not.
    fn find<T>(
        self,
        column: &Column,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, PrepareError> {
        match self {
            Self::Asked(values) => {
                let found = values.iter().map(|value| {
                    find(value).ok_or_else(|| PrepareError::PositiveNotFound {
                        column: column.name.clone(),
                        positive: value.clone(),
                    })
                });
                found.collect()
            }
            Self::Guessed(value) => Ok(find(value).into_iter().collect()),
            Self::Unsaid => Ok(Vec::new()),
        }
    }
}

/// Reads the outcome column; `blank` is what an empty cell says.
///
/// # Errors
/// Where it is empty, has more than two values and nobody says which of them counts as converted, or
/// lacks a value asked for.
pub(super) fn read(
    column: &Column,
    positive: Positive<'_>,
    blank: BlankOutcome,
) -> Result<Outcome, PrepareError> {
    let mut outcome = match &column.data {
        ColumnData::Boolean(cells) => from_booleans(column, cells, positive),
        ColumnData::Number(cells) => from_numbers(column, cells, positive),
        ColumnData::Category(cells) | ColumnData::Text(cells) => {
            from_names(column, cells, positive)
        }
        ColumnData::Time(_) => Err(not_binary(column, "times")),
    }?;
    let settled = settle_blanks(&mut outcome.marks, blank);
    if settled > 0 {
        let rows = outcome.marks.len();
        outcome
            .warnings
            .push(blank_outcome(&column.name, settled, rows));
    }
    Ok(outcome)
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
    let said = positive.find(column, truth)?;
    let said = if said.is_empty() { vec![true] } else { said };
    let mark = |&cell: &u8| match cell {
        MISSING_BOOLEAN.. => UNKNOWN,
        cell => u8::from(said.contains(&(cell == 1))),
    };
    let asked = match positive {
        Positive::Asked(values) => values.to_vec(),
        Positive::Guessed(value) if truth(value).is_some() => vec![value.to_owned()],
        _ => vec!["true".to_owned()],
    };
    Ok(Outcome {
        marks: cells.iter().map(mark).collect(),
        positive: asked,
        warnings: Vec::new(),
    })
}

fn from_numbers(
    column: &Column,
    cells: &[f64],
    positive: Positive<'_>,
) -> Result<Outcome, PrepareError> {
    // Whether there are no more than two is all that has to be known of the values.
    let mut values: Vec<f64> = Vec::with_capacity(3);
    for &cell in cells.iter().filter(|cell| cell.is_finite()) {
        if !values.contains(&cell) {
            values.push(cell);
            if values.len() > 2 {
                break;
            }
        }
    }
    let Some(largest) = values.iter().copied().reduce(f64::max) else {
        return Err(empty(column));
    };
    let many = values.len() > 2;
    let find = |text: &str| {
        let said = || truth(text).map(|yes| f64::from(u8::from(yes)));
        let number = text.trim().parse().ok();
        let number = if many { number } else { number.or_else(said) };
        number.filter(|value| cells.contains(value))
    };
    let mut yes = positive.find(column, find)?;
    if yes.is_empty() {
        if many {
            return Err(not_binary(column, "3 or more"));
        }
        // A column of zeros holds one class; taking 0 for “converted” would hide that.
        let only_zero = largest == 0.0 && values.len() == 1;
        yes.push(if only_zero { 1.0 } else { largest });
    }
    let mark = |&cell: &f64| match cell {
        cell if cell.is_finite() => u8::from(yes.contains(&cell)),
        _ => UNKNOWN,
    };
    Ok(Outcome {
        marks: cells.iter().map(mark).collect(),
        positive: yes.iter().map(f64::to_string).collect(),
        warnings: Vec::new(),
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
    let mut yes = positive.find(column, |text| {
        find(&|level| level == text)
            .or_else(|| find(&|level| level.trim().to_lowercase() == text.trim().to_lowercase()))
    })?;
    let mut warnings = Vec::new();
    if yes.is_empty() {
        if used.len() > 2 {
            return Err(not_binary(column, used.len().to_string()));
        }
        let plain = find(&|level| truth(level) == Some(true)).or_else(|| {
            let no = find(&|level| truth(level) == Some(false))?;
            used.iter().copied().find(|&code| code != no)
        });
        let rarest = used
            .iter()
            .copied()
            .min_by_key(|&code| (counts[code], code))
            .ok_or_else(|| empty(column))?;
        if plain.is_none() && used.len() > 1 {
            let (rows, share) = (counts[rarest], share_of(counts[rarest], &counts));
            let message = "Neither value of the outcome column plainly means converted; the rarer one was taken.";
            let warning = Warning::new("positive-guessed", message).columns([column.name.clone()]);
            let warning = warning
                .figure("rows", f64::from(rows))
                .figure("share", share);
            let other = used.iter().find(|&&code| code != rarest);
            warnings.push(match other {
                Some(&other) => warning.remedy("positive", cells.levels[other].clone()),
                None => warning,
            });
        }
        // A column that only ever says no holds one class; that must not be hidden.
        let only_no = used.len() == 1 && truth(&cells.levels[rarest]) == Some(false);
        yes.extend((!only_no).then_some(plain.unwrap_or(rarest)));
    }
    let mark = |&code: &u32| match code {
        MISSING_CODE => UNKNOWN,
        code => u8::from(yes.contains(&(code as usize))),
    };
    Ok(Outcome {
        marks: cells.codes.iter().map(mark).collect(),
        positive: yes.iter().map(|&code| cells.levels[code].clone()).collect(),
        warnings,
    })
}

fn share_of(count: u32, counts: &[u32]) -> f64 {
    let all: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    f64::from(count) / all.max(1) as f64
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::Coded;

    fn read(column: &Column, positive: Positive<'_>) -> Result<Outcome, PrepareError> {
        super::read(column, positive, BlankOutcome::Auto)
    }

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
        assert_eq!(outcome.positive, ["yes"]);
        for yes in ["purchase", "subscribed", "成交"] {
            let outcome = read(&names(&["other", yes, "other", yes, yes]), Positive::Unsaid);
            let outcome = outcome.unwrap();
            assert_eq!(
                (outcome.positive, outcome.warnings),
                (vec![yes.to_owned()], vec![])
            );
        }
        let outcome = read(&names(&["pending", "won"]), Positive::Unsaid).unwrap();
        assert_eq!(outcome.marks, [0, 1]);
        let outcome = read(&names(&["customer", "no"]), Positive::Unsaid).unwrap();
        assert_eq!(outcome.marks, [1, 0]);
        assert_eq!(outcome.warnings, []);
    }

    #[test]
    fn a_guess_is_told_and_an_order_obeyed() {
        let cells = names(&["a", "b", "b"]);
        let outcome = read(&cells, Positive::Unsaid).unwrap();
        assert_eq!(outcome.marks, [1, 0, 0]);
        let warning = &outcome.warnings[0];
        assert_eq!(warning.code, "positive-guessed");
        assert_eq!(warning.remedy.as_ref().unwrap()["positive"], "b");
        let outcome = read(&cells, Positive::Asked(&["B ".into()])).unwrap();
        assert_eq!(
            (outcome.marks, outcome.positive),
            (vec![0, 1, 1], vec!["b".to_owned()])
        );
        let error = read(&cells, Positive::Asked(&["b".into(), "c".into()])).unwrap_err();
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
            read(&numbers, Positive::Asked(&["1".into()]))
                .unwrap()
                .marks,
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
            read(&booleans, Positive::Asked(&["no".into()]))
                .unwrap()
                .marks,
            [0, 1, UNKNOWN]
        );
        assert!(read(&booleans, Positive::Asked(&["maybe".into()])).is_err());
    }

    #[test]
    fn several_values_may_count_as_converted() {
        let both = ["signup".to_owned(), "Purchase".to_owned()];
        let cells = names(&["view", "purchase", "signup", "", "view"]);
        let outcome = read(&cells, Positive::Asked(&both)).unwrap();
        assert_eq!(outcome.marks, [0, 1, 1, UNKNOWN, 0]);
        assert_eq!(outcome.positive, ["signup", "purchase"]);
        let numbers = column(ColumnData::Number(vec![1.0, 2.0, 3.0, f64::NAN]));
        let outcome = read(&numbers, Positive::Asked(&["3".into(), "1".into()])).unwrap();
        assert_eq!(outcome.marks, [1, 0, 1, UNKNOWN]);
    }

    #[test]
    fn an_empty_cell_beside_yes_alone_says_no_unless_it_is_said_to_be_unknown() {
        let flags = column(ColumnData::Number(vec![1.0, f64::NAN, f64::NAN, 1.0]));
        let crosses = names(&["x", "", "", "x"]);
        let booleans = column(ColumnData::Boolean(vec![
            1,
            MISSING_BOOLEAN,
            MISSING_BOOLEAN,
            1,
        ]));
        for cells in [&flags, &crosses, &booleans] {
            let outcome = read(cells, Positive::Unsaid).unwrap();
            assert_eq!(outcome.marks, [1, 0, 0, 1]);
            let warning = outcome.warnings.last().unwrap();
            assert_eq!(
                (warning.code.as_str(), outcome.warnings.len()),
                ("blank-outcome", 1)
            );
            let figures = warning.figures.as_ref().unwrap();
            assert_eq!((figures["rows"], figures["share"]), (2.0, 0.5));
            let remedy = warning.remedy.as_ref().unwrap()["blankOutcome"].clone();
            let undone = serde_json::from_value(remedy).unwrap();
            let outcome = super::read(cells, Positive::Unsaid, undone).unwrap();
            assert_eq!(
                (outcome.marks, outcome.warnings),
                (vec![1, 2, 2, 1], vec![])
            );
        }
        // Beside yes and no, or no alone, an empty cell says nothing.
        for cells in [names(&["yes", "no", ""]), names(&["no", "no", ""])] {
            assert_eq!(read(&cells, Positive::Unsaid).unwrap().marks[2], UNKNOWN);
        }
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
