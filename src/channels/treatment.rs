//! Who was put in which group: from a column of the table, whatever its type or part, or of the data set.

use super::options::{Grouping, Treatment};
use super::reason::Reason;
use crate::prepare::{Dataset, Encoding};
use crate::table::{Column, ColumnData, MISSING_BOOLEAN, MISSING_CODE, MISSING_TIME, Table};
use std::collections::{BTreeMap, HashMap};

/// Names of columns that say which group someone was put in.
const COLUMNS: [&str; 15] = [
    "segment",
    "group",
    "variant",
    "treatment",
    "treated",
    "arm",
    "test",
    "experiment",
    "holdout",
    "bucket",
    "实验",
    "分组",
    "组别",
    "对照",
    "试验",
];
/// Names of the group that was left alone.
const CONTROLS: [&str; 10] = [
    "control",
    "holdout",
    "placebo",
    "no treatment",
    "untreated",
    "no e mail",
    "no email",
    "no contact",
    "对照",
    "空白",
];
/// Of two groups, the one that is called so was left alone.
const NO: [&str; 9] = ["0", "no", "false", "n", "f", "off", "none", "否", "无"];
/// A column of more different values holds no groups.
const MOST: usize = 20;

/// The groups of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Groups {
    pub(super) column: String,
    /// In the order of their names.
    pub(super) levels: Vec<String>,
    /// Per row of the data set, or [`MISSING_CODE`].
    pub(super) of: Vec<u32>,
    /// The place of the group that was left alone.
    pub(super) control: usize,
    /// Whether we guessed both.
    pub(super) guessed: bool,
}

/// Why the groups of a column can't be compared.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LiftRefused {
    /// The column that was asked for.
    pub column: String,
    /// Why not.
    pub reason: Reason,
    /// Its groups, where one of them only has to be named as the one that was left alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
}

/// The groups that the options name, or those of a column that has the name of one and a group with the
/// name of a control. `Ok(None)` where none is asked for and none is found.
pub(super) fn groups(
    dataset: &Dataset,
    table: Option<&Table>,
    asked: &Grouping,
) -> Result<Option<Groups>, LiftRefused> {
    match asked {
        Grouping::Off => Ok(None),
        Grouping::Named(asked) => named(dataset, table, asked).map(Some),
        Grouping::Guess => Ok(guess(dataset, table)),
    }
}

fn named(
    dataset: &Dataset,
    table: Option<&Table>,
    asked: &Treatment,
) -> Result<Groups, LiftRefused> {
    let refused = |reason: Reason, levels: &[String]| LiftRefused {
        column: asked.column.clone(),
        reason,
        levels: levels.to_vec(),
    };
    if let Some(reason) = no_rows(dataset) {
        return Err(refused(reason, &[]));
    }
    let (levels, of) =
        levels_of(dataset, table, &asked.column).map_err(|reason| refused(reason, &[]))?;
    if let Some(reason) = useless(dataset, &levels, &of) {
        return Err(refused(reason, &[]));
    }
    let control = match &asked.control {
        Some(name) => levels.iter().position(|level| level == name),
        None => control_of(&levels),
    };
    let Some(control) = control else {
        let message = "Which of the groups was left alone has to be said.";
        return Err(refused(Reason::new("lift-no-control", message), &levels));
    };
    Ok(Groups {
        column: asked.column.clone(),
        levels,
        of,
        control,
        guessed: false,
    })
}

fn guess(dataset: &Dataset, table: Option<&Table>) -> Option<Groups> {
    if no_rows(dataset).is_some() {
        return None;
    }
    let mut names: Vec<&str> = match table {
        Some(table) => table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect(),
        None => dataset
            .features
            .iter()
            .map(|feature| feature.column.as_str())
            .collect(),
    };
    crate::order::sort_by(&mut names, Ord::cmp);
    names.dedup();
    let channel = dataset
        .channels
        .as_ref()
        .map(|channels| channels.column.as_str());
    let named = names
        .into_iter()
        .filter(|name| speaks(name, &COLUMNS) && Some(*name) != channel);
    named.into_iter().find_map(|name| {
        let (levels, of) = levels_of(dataset, table, name).ok()?;
        let control = control_of(&levels)?;
        if useless(dataset, &levels, &of).is_some() {
            return None;
        }
        Some(Groups {
            column: name.to_owned(),
            levels,
            of,
            control,
            guessed: true,
        })
    })
}

/// A file of paths counts journeys; nobody in it was put in a group.
fn no_rows(dataset: &Dataset) -> Option<Reason> {
    let paths = dataset
        .journeys
        .as_ref()
        .is_some_and(|journeys| journeys.source.is_some());
    let message = "A file of paths has no rows of single people, so nobody can be in a group.";
    paths.then(|| Reason::new("lift-needs-people", message))
}

fn useless(dataset: &Dataset, levels: &[String], of: &[u32]) -> Option<Reason> {
    if levels.len() < 2 {
        let message = "The column has one value only, so there is no second group.";
        return Some(Reason::new("lift-one-group", message));
    }
    let mut seen = vec![[false; 2]; levels.len()];
    for (row, &level) in of.iter().enumerate() {
        if let Some(seen) = seen.get_mut(level as usize) {
            seen[usize::from(dataset.y[row] > 0.5)] = true;
        }
    }
    let mut ways: Vec<[bool; 2]> = seen;
    ways.retain(|seen| *seen != [false; 2]);
    let settled = ways.iter().all(|seen| *seen != [true; 2]);
    let differ = ways.windows(2).any(|two| two[0] != two[1]);
    (settled && differ).then(|| {
        let message = "The column says itself who converted, so it is no group of an experiment.";
        Reason::new("lift-is-outcome", message)
    })
}

/// The one that is called a control, or of two the one that says no.
fn control_of(levels: &[String]) -> Option<usize> {
    let named = levels.iter().position(|level| speaks(level, &CONTROLS));
    named.or_else(|| {
        let no = |level: &String| NO.contains(&level.trim().to_lowercase().as_str());
        levels.iter().position(no).filter(|_| levels.len() == 2)
    })
}

/// The different values of a column by name, and that of every row of the data set.
fn levels_of(
    dataset: &Dataset,
    table: Option<&Table>,
    name: &str,
) -> Result<(Vec<String>, Vec<u32>), Reason> {
    let column = table.and_then(|table| table.column(name));
    if let Some(column) = column
        && dataset.table_rows.len() == dataset.rows()
    {
        return of_table(column, &dataset.table_rows);
    }
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, feature) in dataset.features.iter().enumerate() {
        if let Encoding::OneHot { level } = &feature.encoding
            && feature.column == name
        {
            levels.insert(level, place);
        }
    }
    if levels.is_empty() {
        let message = "There is no such column.";
        return Err(Reason::new("lift-no-column", message));
    }
    let width = dataset.width();
    let of = (0..dataset.rows()).map(|row| {
        let on = |place: &usize| dataset.x[row * width + place] > 0.5;
        let level = levels.values().position(on);
        level.map_or(MISSING_CODE, |level| level as u32)
    });
    let of = of.collect();
    Ok((levels.into_keys().map(str::to_owned).collect(), of))
}

fn of_table(column: &Column, rows: &[u32]) -> Result<(Vec<String>, Vec<u32>), Reason> {
    let mut codes: HashMap<u64, u32> = HashMap::new();
    let mut keys: Vec<u64> = Vec::new();
    let mut of = Vec::with_capacity(rows.len());
    for &row in rows {
        let Some(key) = key_of(&column.data, row as usize) else {
            of.push(MISSING_CODE);
            continue;
        };
        let code = *codes.entry(key).or_insert_with(|| {
            keys.push(key);
            keys.len() as u32 - 1
        });
        if keys.len() > MOST {
            let message = "The column has too many different values to be the groups of a test.";
            let reason = Reason::new("lift-too-many-groups", message);
            return Err(reason.figure("maximum", MOST as f64));
        }
        of.push(code);
    }
    let names: Vec<String> = keys.iter().map(|&key| name_of(&column.data, key)).collect();
    let mut order: Vec<usize> = (0..names.len()).collect();
    crate::order::sort_by(&mut order, |&a, &b| names[a].cmp(&names[b]));
    let mut place = vec![0_u32; names.len()];
    for (at, &code) in order.iter().enumerate() {
        place[code] = at as u32;
    }
    for code in of.iter_mut().filter(|code| **code != MISSING_CODE) {
        *code = place[*code as usize];
    }
    let levels = order.iter().map(|&code| names[code].clone()).collect();
    Ok((levels, of))
}

fn key_of(data: &ColumnData, row: usize) -> Option<u64> {
    match data {
        // Zero is zero, whatever its sign.
        ColumnData::Number(cells) => {
            Some(cells[row] + 0.0).and_then(|cell| (!cell.is_nan()).then(|| cell.to_bits()))
        }
        ColumnData::Time(cells) => (cells[row] != MISSING_TIME).then(|| cells[row] as u64),
        ColumnData::Boolean(cells) => (cells[row] < MISSING_BOOLEAN).then(|| u64::from(cells[row])),
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            let code = dictionary.codes[row];
            (code != MISSING_CODE).then(|| u64::from(code))
        }
    }
}

fn name_of(data: &ColumnData, key: u64) -> String {
    match data {
        ColumnData::Number(_) => f64::from_bits(key).to_string(),
        ColumnData::Time(_) => (key as i64).to_string(),
        ColumnData::Boolean(_) => if key == 1 { "true" } else { "false" }.to_owned(),
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            dictionary.levels[key as usize].clone()
        }
    }
}

/// Whether a name holds one of the words, Latin ones as whole words.
fn speaks(name: &str, words: &[&str]) -> bool {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                ' '
            }
        })
        .collect();
    let spaced = format!(
        " {} ",
        plain.split_whitespace().collect::<Vec<&str>>().join(" ")
    );
    words.iter().any(|word| {
        if word.is_ascii() {
            spaced.contains(&format!(" {word} "))
        } else {
            spaced.contains(word)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_their_columns_are_known_by_name() {
        for name in ["segment", "AB-Test", "test_group", "Treatment", "实验分组"] {
            assert!(speaks(name, &COLUMNS), "{name}");
        }
        for name in ["latest", "armchair", "region"] {
            assert!(!speaks(name, &COLUMNS), "{name}");
        }
        for level in ["No E-Mail", "control", "Holdout 5", "对照组"] {
            assert!(speaks(level, &CONTROLS), "{level}");
        }
        assert!(!speaks("Mens E-Mail", &CONTROLS));
    }

    #[test]
    fn of_two_groups_the_one_that_says_no_was_left_alone() {
        let control = |levels: &[&str]| {
            let owned: Vec<String> = levels.iter().map(|&level| level.to_owned()).collect();
            control_of(&owned)
        };
        assert_eq!(control(&["0", "1"]), Some(0));
        assert_eq!(control(&["no", "yes"]), Some(0));
        assert_eq!(control(&["false", "true"]), Some(0));
        assert_eq!(control(&["否", "是"]), Some(0));
        assert_eq!(control(&["0", "1", "2"]), None);
        assert_eq!(control(&["a", "b"]), None);
    }
}
