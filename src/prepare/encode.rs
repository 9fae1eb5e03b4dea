//! Filling the design matrix.

use super::cells::{Levels, Numbers};
use super::{Encoding, Feature, MISSING_LEVEL, OTHER_LEVEL, PrepareError};
use crate::error::Warning;
use crate::ingest::words::truth;
use crate::table::{ColumnData, MISSING_CODE, Table};
use std::borrow::Cow;
use std::collections::HashMap;

/// The most cells a design matrix may have: 2²⁷, which is 512 MiB.
///
/// A browser's WebAssembly has 4 GiB in all. Beside the matrix (4 bytes a cell) there are the table it
/// is made from (about 8 bytes a cell) and the blocks that training copies it to (another 4): with 2²⁷
/// cells 2 GiB, with twice as many everything there is.
pub const MAX_CELLS: u64 = 1 << 27;

/// Standardised values stay within this, so that no later product overflows.
const MAX_MAGNITUDE: f64 = 1e18;
/// Rows filled at a time, so that they stay in the cache while one column after the other is written.
const BLOCK: usize = 1_024;
const NONE: u32 = u32::MAX;

/// The design matrix of a table, row-major, `table.rows × features.len()`, through the features of an
/// earlier preparation: for rows that the model has never seen.
///
/// Columns are found by name, whatever their type has become. Missing numbers become the training
/// mean; values of a category that the training rows did not have become zeros throughout, and are
/// counted in a warning `unseen-levels` per column.
///
/// # Errors
/// [`PrepareError::MissingColumns`] names the columns the table lacks; [`PrepareError::TooLarge`].
pub fn encode(
    table: &Table,
    features: &[Feature],
) -> Result<(Vec<f32>, Vec<Warning>), PrepareError> {
    let rows: Vec<u32> = (0..table.rows as u32).collect();
    fill(table, &rows, features)
}

/// The design matrix of some rows of a table.
pub(super) fn fill(
    table: &Table,
    table_rows: &[u32],
    features: &[Feature],
) -> Result<(Vec<f32>, Vec<Warning>), PrepareError> {
    let width = features.len();
    let mut x = matrix(table_rows.len(), width)?;
    let mut plans = plan(table, features)?;
    if width > 0 {
        for (rows, block) in table_rows.chunks(BLOCK).zip(x.chunks_mut(BLOCK * width)) {
            for plan in &mut plans {
                plan.fill(rows, block, width);
            }
        }
    }
    Ok((x, plans.iter().filter_map(Plan::warning).collect()))
}

/// A matrix of zeros.
pub(super) fn matrix(rows: usize, features: usize) -> Result<Vec<f32>, PrepareError> {
    let cells = rows as u64 * features as u64;
    if cells > MAX_CELLS {
        return Err(PrepareError::TooLarge {
            rows,
            features,
            cells,
            limit: MAX_CELLS,
        });
    }
    Ok(vec![0.0; cells as usize])
}

/// Fills the places of the features that come from cells, where each column has rows of its own:
/// `rows_of` answers the table row of every row of the matrix.
pub(super) fn fill_by_column(
    table: &Table,
    features: &[Feature],
    rows_of: impl Fn(&str) -> Vec<u32>,
    x: &mut [f32],
) -> Result<Vec<Warning>, PrepareError> {
    let width = features.len();
    let mut warnings = Vec::new();
    for (column, mut plan) in plan_named(table, features)? {
        let rows = rows_of(column);
        plan.fill(&rows, x, width);
        warnings.extend(plan.warning());
    }
    Ok(warnings)
}

/// How the cells of one table column reach their places in a row of the matrix.
enum Plan<'a> {
    Numbers {
        cells: Numbers<'a>,
        value: Option<(usize, f64, f64)>,
        ends: (f64, f64),
        missing: Option<usize>,
    },
    Levels {
        column: &'a str,
        codes: Cow<'a, [u32]>,
        places: Vec<u32>,
        missing: u32,
        unseen: usize,
    },
}

fn plan<'a>(table: &'a Table, features: &'a [Feature]) -> Result<Vec<Plan<'a>>, PrepareError> {
    let named = plan_named(table, features)?;
    Ok(named.into_iter().map(|(_, plan)| plan).collect())
}

/// The plans with the columns they are for.
fn plan_named<'a>(
    table: &'a Table,
    features: &'a [Feature],
) -> Result<Vec<(&'a str, Plan<'a>)>, PrepareError> {
    let mut columns: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let of_cells = features.iter().enumerate();
    for (place, feature) in of_cells.filter(|(_, feature)| feature.is_of_cell()) {
        let at = *known.entry(&feature.column).or_insert_with(|| {
            columns.push((&feature.column, Vec::new()));
            columns.len() - 1
        });
        columns[at].1.push(place);
    }
    let lacking: Vec<String> = columns
        .iter()
        .filter(|(name, _)| table.column(name).is_none())
        .map(|&(name, _)| name.to_owned())
        .collect();
    if !lacking.is_empty() {
        return Err(PrepareError::MissingColumns { columns: lacking });
    }
    let plans = columns.into_iter().filter_map(|(name, places)| {
        let data = &table.column(name)?.data;
        let one_hot = places
            .iter()
            .any(|&place| matches!(features[place].encoding, Encoding::OneHot { .. }));
        let plan = if one_hot {
            levels(name, data, features, &places)
        } else {
            numbers(data, features, &places)
        };
        Some((name, plan))
    });
    Ok(plans.collect())
}

fn numbers<'a>(data: &'a ColumnData, features: &[Feature], places: &[usize]) -> Plan<'a> {
    let (mut value, mut missing) = (None, None);
    let mut ends = (f64::NEG_INFINITY, f64::INFINITY);
    for &place in places {
        match features[place].encoding {
            Encoding::Standardised { mean, deviation } => value = Some((place, mean, deviation)),
            Encoding::Winsorised {
                low,
                high,
                mean,
                deviation,
            } => {
                value = Some((place, mean, deviation));
                ends = (low, high);
            }
            Encoding::Missing => missing = Some(place),
            Encoding::OneHot { .. } | Encoding::Measured { .. } | Encoding::Aggregated { .. } => {}
        }
    }
    Plan::Numbers {
        cells: Numbers::of(data),
        value,
        ends,
        missing,
    }
}

fn levels<'a>(
    column: &'a str,
    data: &'a ColumnData,
    features: &'a [Feature],
    places: &[usize],
) -> Plan<'a> {
    let mut place_of: HashMap<&str, u32> = HashMap::new();
    for &place in places {
        if let Encoding::OneHot { level } = &features[place].encoding {
            place_of.insert(level, place as u32);
        }
    }
    let Levels { codes, names } = Levels::of(data);
    // A file whose yes and no were names at training may be read as booleans now.
    let as_said = |name: &str| {
        let said = matches!(data, ColumnData::Boolean(_))
            .then(|| truth(name))
            .flatten()?;
        place_of
            .iter()
            .filter(|(level, _)| truth(level) == Some(said))
            .map(|(_, &place)| place)
            .min()
    };
    let place = |name: &String| {
        place_of
            .get(name.as_str())
            .copied()
            .or_else(|| as_said(name))
    };
    let other = place_of.get(OTHER_LEVEL).copied();
    let places = names
        .iter()
        .map(|name| place(name).or(other).unwrap_or(NONE))
        .collect();
    let missing = place_of.get(MISSING_LEVEL).copied().unwrap_or(NONE);
    Plan::Levels {
        column,
        codes,
        places,
        missing,
        unseen: 0,
    }
}

impl Plan<'_> {
    fn fill(&mut self, rows: &[u32], block: &mut [f32], width: usize) {
        match self {
            Self::Numbers {
                cells,
                value,
                ends,
                missing,
            } => {
                for (&row, out) in rows.iter().zip(block.chunks_exact_mut(width)) {
                    let cell = cells.at(row as usize);
                    if cell.is_nan() {
                        if let Some(place) = *missing {
                            out[place] = 1.0;
                        }
                    } else if let Some((place, mean, deviation)) = *value {
                        let cell = cell.clamp(ends.0, ends.1);
                        let distance = cell - mean;
                        let standard = if distance.is_finite() {
                            distance / deviation
                        } else {
                            // Two ends of what a number can hold.
                            cell / deviation - mean / deviation
                        };
                        out[place] = standard.clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE) as f32;
                    }
                }
            }
            Self::Levels {
                codes,
                places,
                missing,
                unseen,
                ..
            } => {
                for (&row, out) in rows.iter().zip(block.chunks_exact_mut(width)) {
                    let place = match codes[row as usize] {
                        MISSING_CODE => *missing,
                        code => places[code as usize],
                    };
                    match out.get_mut(place as usize) {
                        Some(cell) => *cell = 1.0,
                        None => *unseen += 1,
                    }
                }
            }
        }
    }

    fn warning(&self) -> Option<Warning> {
        match self {
            Self::Levels { column, unseen, .. } if *unseen > 0 => Some(
                Warning::new(
                    "unseen-levels",
                    format!(
                        "{unseen} cells of “{column}” hold a value that no training row had: the model ignores them."
                    ),
                )
                .columns([*column])
                .figure("cells", *unseen as f64),
            ),
            _ => None,
        }
    }
}
