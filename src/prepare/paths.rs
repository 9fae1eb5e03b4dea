//! Journeys as paths: which channels were touched, in which order, and how often that ended in a
//! conversion. All credit methods read this one structure.

use super::path_columns::{Counts, PathColumns};
use crate::error::{Coded, Warning};
use crate::schema::Schema;
use crate::table::{ColumnData, Dictionary, MISSING_CODE, Table};
use std::cmp::Ordering;

/// The most channels that credit is worked out for.
pub const MAX_CHANNELS: usize = 2_000;
/// The most touches one path may have.
pub const MAX_TOUCHES: usize = 10_000;
/// The marks between the touches of a path, the likeliest first.
const SEPARATORS: [char; 5] = ['>', '→', '»', '|', ','];

/// Journeys: sequences of channels, and how many users went each of them to which end.
///
/// Path `i` is `touches[offsets[i]..offsets[i + 1]]`, the first touch first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paths {
    /// Channel names by code, each once.
    pub channels: Vec<String>,
    /// Where each path starts in `touches`; one more than there are paths.
    pub offsets: Vec<usize>,
    /// Channel codes of all paths, one after the other.
    pub touches: Vec<u32>,
    /// For each touch, how many days before the end of its journey it was.
    pub days: Option<Vec<f64>>,
    /// Per path, how many of its journeys converted.
    pub conversions: Vec<f64>,
    /// Per path, what its conversions were worth together; all 0 where nothing is known.
    pub values: Vec<f64>,
    /// Per path, how many of its journeys did not convert.
    pub nulls: Vec<f64>,
}

/// Why a table can't be read as paths.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PathsError {
    /// No column holds paths.
    #[error("No column holds whole paths. Give a column the role of the path.")]
    NoPathColumn,
    /// The path column holds numbers or times.
    #[error("The column `{column}` holds no text, so it can't hold paths.")]
    PathNotText {
        /// The column's name.
        column: String,
    },
    /// Nothing says how many journeys of a path converted.
    #[error("No column says how many journeys of each path converted. Choose the outcome column.")]
    NoConversions,
    /// A count or value is not a number.
    #[error("The column `{column}` holds a cell that is not a number.")]
    NotANumber {
        /// The column's name.
        column: String,
        /// The cell.
        cell: String,
    },
    /// A count is negative.
    #[error("The column `{column}` holds a negative count.")]
    NegativeCount {
        /// The column's name, or the field's.
        column: String,
    },
    /// There is no path with a touch and a count.
    #[error("No row holds both a path and a count.")]
    NoPaths,
    /// More channels than [`MAX_CHANNELS`].
    #[error("The paths hold {found} different channels; at most {MAX_CHANNELS} can be compared.")]
    TooManyChannels {
        /// How many there are.
        found: usize,
    },
    /// A path has more touches than [`MAX_TOUCHES`].
    #[error("A path has {found} touches; at most {MAX_TOUCHES} can be used.")]
    PathTooLong {
        /// How many it has.
        found: usize,
    },
    /// The parts of a [`Paths`] do not fit together.
    #[error("The paths are malformed: {what}.")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
}

impl Coded for PathsError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoPathColumn => "paths-no-path-column",
            Self::PathNotText { .. } => "paths-path-not-text",
            Self::NoConversions => "paths-no-conversions-column",
            Self::NotANumber { .. } => "paths-not-a-number",
            Self::NegativeCount { .. } => "paths-negative-count",
            Self::NoPaths => "paths-none",
            Self::TooManyChannels { .. } => "paths-too-many-channels",
            Self::PathTooLong { .. } => "paths-path-too-long",
            Self::Malformed { .. } => "paths-malformed",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::NotANumber { cell, .. } => Some(cell.clone()),
            _ => None,
        }
    }
}

impl Paths {
    /// Reads a table of the `paths` layout: one path per row, with counts of how its journeys ended.
    ///
    /// As [`Paths::read`], without the findings.
    ///
    /// # Errors
    /// As [`Paths::read`].
    pub fn from_table(table: &Table, schema: &Schema) -> Result<Self, PathsError> {
        Self::read(table, schema).map(|(paths, _)| paths)
    }

    /// Reads a table of the `paths` layout, and says what was noticed on the way.
    ///
    /// The columns come from the roles path, label (the conversions, or one journey's outcome) and
    /// value where they are set, and from the usual header names otherwise (`total_conversions`,
    /// `Conversion Value`, `total_null`, `转化次数`, …). The touches are parted by the first of
    /// `>`, `→`, `»`, `|` and `,` that stands in at least one in twenty of the cells that hold any of
    /// them. Identical paths are merged; the result is in the order of [`Paths::merged`]. Empty
    /// counts are 0, rows without a path or without a count are left out and counted in a warning.
    ///
    /// # Errors
    /// [`PathsError`], where a column is missing or holds what it should not, or a limit is passed.
    pub fn read(table: &Table, schema: &Schema) -> Result<(Self, Vec<Warning>), PathsError> {
        let columns = PathColumns::find(table, schema)?;
        let (ColumnData::Category(cells) | ColumnData::Text(cells)) = &columns.path.data else {
            return Err(PathsError::PathNotText {
                column: columns.path.name.clone(),
            });
        };
        let counts = columns.counts(table.rows)?;
        let mut warnings = Vec::new();
        let paths = assemble(cells, &counts, &columns.path.name, &mut warnings)?;
        columns.warn(&paths, &mut warnings);
        Ok((paths, warnings))
    }

    /// How many paths there are.
    pub fn len(&self) -> usize {
        self.conversions.len()
    }

    /// Whether there is no path.
    pub fn is_empty(&self) -> bool {
        self.conversions.is_empty()
    }

    /// The channel codes of a path, the first touch first.
    pub fn path(&self, index: usize) -> &[u32] {
        &self.touches[self.offsets[index]..self.offsets[index + 1]]
    }

    /// The days before the end of each touch of a path, where times are known.
    pub fn days_of(&self, index: usize) -> Option<&[f64]> {
        let days = self.days.as_ref()?;
        Some(&days[self.offsets[index]..self.offsets[index + 1]])
    }

    /// Whether anything is known about the worth of the conversions.
    pub fn has_values(&self) -> bool {
        self.values.iter().any(|&value| value != 0.0)
    }

    /// Checks that the parts fit together and are within the limits.
    ///
    /// # Errors
    /// [`PathsError::Malformed`], [`PathsError::NegativeCount`], [`PathsError::TooManyChannels`],
    /// [`PathsError::PathTooLong`].
    pub fn check(&self) -> Result<(), PathsError> {
        let malformed = |what| Err(PathsError::Malformed { what });
        if self.channels.len() > MAX_CHANNELS {
            return Err(PathsError::TooManyChannels {
                found: self.channels.len(),
            });
        }
        let mut names: Vec<&str> = self.channels.iter().map(String::as_str).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return malformed("a channel is named twice");
        }
        let paths = self.len();
        if self.offsets.len() != paths + 1
            || self.values.len() != paths
            || self.nulls.len() != paths
            || self.offsets.first() != Some(&0)
            || self.offsets.last() != Some(&self.touches.len())
        {
            return malformed("the lengths of its parts differ");
        }
        for ends in self.offsets.windows(2) {
            match ends[1].checked_sub(ends[0]) {
                None | Some(0) => return malformed("a path has no touch"),
                Some(found) if found > MAX_TOUCHES => {
                    return Err(PathsError::PathTooLong { found });
                }
                Some(_) => {}
            }
        }
        let channels = self.channels.len() as u32;
        if self.touches.iter().any(|&touch| touch >= channels) {
            return malformed("a touch names no channel");
        }
        if let Some(days) = &self.days
            && (days.len() != self.touches.len() || days.iter().any(|day| !day.is_finite()))
        {
            return malformed("the days do not fit the touches");
        }
        for (name, counts) in [("conversions", &self.conversions), ("nulls", &self.nulls)] {
            if counts.iter().any(|count| !count.is_finite()) {
                return malformed("a count is not a number");
            }
            if counts.iter().any(|&count| count < 0.0) {
                return Err(PathsError::NegativeCount {
                    column: name.to_owned(),
                });
            }
        }
        if self.values.iter().any(|value| !value.is_finite()) {
            return malformed("a value is not a number");
        }
        Ok(())
    }

    /// The same journeys in an order that depends on nothing but their content: channels by name,
    /// paths by their channels (and days), identical ones merged.
    ///
    /// The parts must fit together, see [`Paths::check`].
    pub fn merged(&self) -> Self {
        let (channels, touches) = self.by_name();
        let path =
            |index: u32| &touches[self.offsets[index as usize]..self.offsets[index as usize + 1]];
        let same_journey = |a: u32, b: u32| {
            path(a)
                .cmp(path(b))
                .then_with(|| compare_days(self.days_of(a as usize), self.days_of(b as usize)))
        };
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| {
            let (i, j) = (a as usize, b as usize);
            same_journey(a, b)
                .then_with(|| self.conversions[i].total_cmp(&self.conversions[j]))
                .then_with(|| self.values[i].total_cmp(&self.values[j]))
                .then_with(|| self.nulls[i].total_cmp(&self.nulls[j]))
        });
        let mut merged = Self {
            channels,
            offsets: vec![0],
            days: self.days.as_ref().map(|_| Vec::new()),
            ..Self::default()
        };
        for group in order.chunk_by(|&a, &b| same_journey(a, b) == Ordering::Equal) {
            let sum = |counts: &[f64]| group.iter().map(|&row| counts[row as usize]).sum();
            merged.touches.extend_from_slice(path(group[0]));
            merged.offsets.push(merged.touches.len());
            if let (Some(days), Some(own)) = (&mut merged.days, self.days_of(group[0] as usize)) {
                days.extend_from_slice(own);
            }
            merged.conversions.push(sum(&self.conversions));
            merged.values.push(sum(&self.values));
            merged.nulls.push(sum(&self.nulls));
        }
        merged
    }

    /// The channel names in order, and all touches in codes of that order.
    pub(crate) fn by_name(&self) -> (Vec<String>, Vec<u32>) {
        let mut order: Vec<usize> = (0..self.channels.len()).collect();
        order.sort_unstable_by(|&a, &b| self.channels[a].cmp(&self.channels[b]));
        let mut codes = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            codes[old] = new as u32;
        }
        let names = order
            .iter()
            .map(|&old| self.channels[old].clone())
            .collect();
        let touches = self.touches.iter().map(|&old| codes[old as usize]);
        (names, touches.collect())
    }
}

/// The order of two journeys by the days of their touches.
pub(crate) fn compare_days(a: Option<&[f64]>, b: Option<&[f64]>) -> Ordering {
    let (a, b) = (a.unwrap_or(&[]), b.unwrap_or(&[]));
    let differ = a.iter().zip(b).map(|(x, y)| x.total_cmp(y));
    differ
        .into_iter()
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// Parts the cells into touches and gathers the counts of each.
fn assemble(
    cells: &Dictionary,
    counts: &Counts,
    column: &str,
    warnings: &mut Vec<Warning>,
) -> Result<Paths, PathsError> {
    let separator = separator(&cells.levels);
    let mut sums = vec![[0.0; 3]; cells.levels.len()];
    let mut pathless = 0_usize;
    for (row, &code) in cells.codes.iter().enumerate() {
        if code == MISSING_CODE {
            pathless += 1;
            continue;
        }
        let sum = &mut sums[code as usize];
        sum[0] += counts.conversions[row];
        sum[1] += counts.values[row];
        sum[2] += counts.nulls[row];
    }
    let mut codes = std::collections::HashMap::new();
    let mut paths = Paths {
        offsets: vec![0],
        ..Paths::default()
    };
    for (level, sum) in cells.levels.iter().zip(&sums) {
        let before = paths.touches.len();
        if *sum == [0.0; 3] {
            continue;
        }
        for name in level
            .split(separator)
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let next = codes.len() as u32;
            paths.touches.push(*codes.entry(name).or_insert(next));
        }
        match paths.touches.len() - before {
            0 => {
                pathless += 1;
                continue;
            }
            found if found > MAX_TOUCHES => return Err(PathsError::PathTooLong { found }),
            _ => {}
        }
        paths.offsets.push(paths.touches.len());
        paths.conversions.push(sum[0]);
        paths.values.push(sum[1]);
        paths.nulls.push(sum[2]);
    }
    if codes.len() > MAX_CHANNELS {
        return Err(PathsError::TooManyChannels { found: codes.len() });
    }
    if paths.is_empty() {
        return Err(PathsError::NoPaths);
    }
    paths.channels = vec![String::new(); codes.len()];
    for (name, code) in codes {
        paths.channels[code as usize] = name.to_owned();
    }
    if pathless > 0 {
        let message = format!("{pathless} rows without a path are left out.");
        let warning = Warning::new("paths-rows-without-path", message);
        warnings.push(warning.columns([column]).figure("rows", pathless as f64));
    }
    Ok(paths.merged())
}

/// The mark between touches: see [`Paths::read`].
fn separator(cells: &[String]) -> char {
    let marked = |cell: &&String| cell.contains(SEPARATORS);
    let any = cells.iter().filter(marked).count();
    let holds = |mark: char| cells.iter().filter(|cell| cell.contains(mark)).count();
    let common = |&&mark: &&char| any > 0 && holds(mark) * 20 >= any;
    *SEPARATORS.iter().find(common).unwrap_or(&SEPARATORS[0])
}
