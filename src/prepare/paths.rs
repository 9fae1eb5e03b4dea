//! Journeys as paths: which channels were touched, in which order, and how often that ended in a
//! conversion. All credit methods read this one structure.

use super::Dropped;
use super::path_columns::{Counts, PathColumns};
use super::report::Step;
use crate::error::{Coded, Warning};
use crate::schema::Schema;
use crate::table::{ColumnData, Dictionary, MISSING_CODE, Table};
use std::cmp::Ordering;

/// The most channels that credit is worked out for.
pub const MAX_CHANNELS: usize = 2_000;
/// The most touches one path may have.
pub const MAX_TOUCHES: usize = 10_000;
/// So many touches at most are made of one that is written as repeated (`Direct × 3`).
pub const MAX_REPEATS: usize = 100;
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
    #[error("The column of the paths holds no text.")]
    PathNotText {
        /// The column's name.
        column: String,
    },
    /// Nothing says how many journeys of a path converted.
    #[error("No column says how many journeys of each path converted. Choose the outcome column.")]
    NoConversions,
    /// A count or value is not a number.
    #[error("A column of counts or values holds a cell that is not a number.")]
    NotANumber {
        /// The column's name.
        column: String,
        /// The cell.
        cell: String,
    },
    /// A count is negative.
    #[error("A column of counts holds a negative one.")]
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

    fn figures(&self) -> Vec<(&'static str, f64)> {
        let limit = match self {
            Self::TooManyChannels { .. } => MAX_CHANNELS,
            Self::PathTooLong { .. } => MAX_TOUCHES,
            _ => return Vec::new(),
        };
        match self {
            Self::TooManyChannels { found } | Self::PathTooLong { found } => {
                vec![("found", *found as f64), ("limit", limit as f64)]
            }
            _ => Vec::new(),
        }
    }

    fn columns(&self) -> Vec<String> {
        match self {
            Self::PathNotText { column }
            | Self::NotANumber { column, .. }
            | Self::NegativeCount { column } => vec![column.clone()],
            _ => Vec::new(),
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
    /// them. A touch written as repeated, as web analytics exports do (`Direct × 3`, `Direct x 3`), is so
    /// many touches, at most [`MAX_REPEATS`]. Identical paths are merged; the result is in the order of
    /// [`Paths::merged`]. Empty counts are 0, rows without a path or without a count are left out.
    ///
    /// # Errors
    /// [`PathsError`], where a column is missing or holds what it should not, or a limit is passed.
    pub fn read(table: &Table, schema: &Schema) -> Result<(Self, Vec<Warning>), PathsError> {
        let read = read(table, schema)?;
        Ok((read.paths, read.warnings))
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
        crate::order::sort_by(&mut names, Ord::cmp);
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
        crate::order::sort_rows(&mut order, &|a, b| {
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

    /// The value that stands in paths without a conversion.
    fn orphaned_value(&self) -> f64 {
        let paths = self.conversions.iter().zip(&self.values);
        let without = paths.filter(|(count, _)| **count == 0.0);
        without.map(|(_, value)| value).sum()
    }

    /// The paths that stand for any journey, and the channels that these touch.
    fn with_journeys(&self) -> Self {
        let counts = |path: usize| self.conversions[path] + self.nulls[path] > 0.0;
        let kept: Vec<usize> = (0..self.len()).filter(|&path| counts(path)).collect();
        let mut used = vec![false; self.channels.len()];
        for &touch in kept.iter().flat_map(|&path| self.path(path)) {
            used[touch as usize] = true;
        }
        let (mut codes, mut channels) = (vec![0; used.len()], Vec::new());
        for (code, name) in self
            .channels
            .iter()
            .enumerate()
            .filter(|&(code, _)| used[code])
        {
            codes[code] = channels.len() as u32;
            channels.push(name.clone());
        }
        let pick = |counts: &[f64]| kept.iter().map(|&path| counts[path]).collect();
        let mut some = Self {
            channels,
            offsets: vec![0],
            conversions: pick(&self.conversions),
            values: pick(&self.values),
            nulls: pick(&self.nulls),
            ..Self::default()
        };
        for &path in &kept {
            let touches = self.path(path).iter().map(|&touch| codes[touch as usize]);
            some.touches.extend(touches);
            some.offsets.push(some.touches.len());
        }
        some
    }

    /// The channel names in order, and all touches in codes of that order.
    pub(crate) fn by_name(&self) -> (Vec<String>, Vec<u32>) {
        let mut order: Vec<usize> = (0..self.channels.len()).collect();
        crate::order::sort_by(&mut order, |&a, &b| self.channels[a].cmp(&self.channels[b]));
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

/// Paths, and what became of the rows they were read from.
pub(super) struct ReadPaths {
    pub paths: Paths,
    pub warnings: Vec<Warning>,
    /// Rows that stand for no journey, by reason.
    pub dropped: Vec<Dropped>,
    /// What was done to the touches.
    pub steps: Vec<Step>,
    /// The value that stands in paths without a conversion.
    orphaned: f64,
}

/// As [`Paths::read`], with what became of the rows.
pub(super) fn read(table: &Table, schema: &Schema) -> Result<ReadPaths, PathsError> {
    let columns = PathColumns::find(table, schema)?;
    let (ColumnData::Category(cells) | ColumnData::Text(cells)) = &columns.path.data else {
        return Err(PathsError::PathNotText {
            column: columns.path.name.clone(),
        });
    };
    let counts = columns.counts(table.rows)?;
    let mut read = assemble(cells, &counts, &columns.path.name)?;
    columns.warn(read.orphaned, &mut read.warnings);
    Ok(read)
}

/// Parts the cells into touches and gathers the counts of each.
fn assemble(cells: &Dictionary, counts: &Counts, column: &str) -> Result<ReadPaths, PathsError> {
    let separator = separator(&cells.levels);
    // Per different cell: rows, conversions, values, nulls.
    let mut sums = vec![(0_usize, [0.0; 3]); cells.levels.len()];
    let (mut without_path, mut without_count) = (0, 0);
    for (row, &code) in cells.codes.iter().enumerate() {
        if code == MISSING_CODE {
            without_path += 1;
            continue;
        }
        if counts.conversions[row] == 0.0 && counts.nulls[row] == 0.0 && counts.values[row] == 0.0 {
            // Another row may say the same path, and how often.
            let blank = touches_of(&cells.levels[code as usize], separator)
                .next()
                .is_none();
            *if blank {
                &mut without_path
            } else {
                &mut without_count
            } += 1;
            continue;
        }
        let (rows, sum) = &mut sums[code as usize];
        *rows += 1;
        sum[0] += counts.conversions[row];
        sum[1] += counts.values[row];
        sum[2] += counts.nulls[row];
    }
    let mut codes = std::collections::HashMap::new();
    let mut paths = Paths {
        offsets: vec![0],
        ..Paths::default()
    };
    let mut repeats = Repeats::default();
    for (level, (rows, sum)) in cells.levels.iter().zip(&sums) {
        let before = paths.touches.len();
        if *rows == 0 {
            continue;
        }
        let mut several = false;
        for (name, times) in touches_of(level, separator) {
            let next = codes.len() as u32;
            let code = *codes.entry(name).or_insert(next);
            let taken = times.min(MAX_REPEATS);
            paths.touches.extend(std::iter::repeat_n(code, taken));
            repeats.touches += taken - 1;
            repeats.beyond += times - taken;
            several |= times > 1;
        }
        match paths.touches.len() - before {
            0 => {
                without_path += rows;
                continue;
            }
            found if found > MAX_TOUCHES => return Err(PathsError::PathTooLong { found }),
            // A value alone is no journey; it may belong to the same path in other words.
            _ if sum[0] + sum[2] == 0.0 => without_count += rows,
            _ => {}
        }
        repeats.paths += usize::from(several);
        paths.offsets.push(paths.touches.len());
        paths.conversions.push(sum[0]);
        paths.values.push(sum[1]);
        paths.nulls.push(sum[2]);
    }
    paths.channels = vec![String::new(); codes.len()];
    for (name, code) in codes {
        paths.channels[code as usize] = name.to_owned();
    }
    let merged = paths.merged();
    let orphaned = merged.orphaned_value();
    let paths = merged.with_journeys();
    if paths.channels.len() > MAX_CHANNELS {
        let found = paths.channels.len();
        return Err(PathsError::TooManyChannels { found });
    }
    if paths.is_empty() {
        return Err(PathsError::NoPaths);
    }
    let mut warnings = Vec::new();
    if without_path > 0 {
        let message = format!("{without_path} rows without a path are left out.");
        let warning = Warning::new("paths-rows-without-path", message);
        warnings.push(
            warning
                .columns([column])
                .figure("rows", without_path as f64),
        );
    }
    repeats.warn(column, &mut warnings);
    let reasons = [
        ("no-path", "They hold no path.", without_path),
        (
            "no-count",
            "They count no journey, neither one that converted nor one that did not.",
            without_count,
        ),
    ];
    let dropped = reasons.into_iter().filter(|(_, _, count)| *count > 0);
    let dropped = dropped.map(|(code, message, count)| Dropped {
        code,
        message,
        count,
    });
    Ok(ReadPaths {
        paths,
        warnings,
        dropped: dropped.collect(),
        steps: repeats.steps(column),
        orphaned,
    })
}

/// Touches that were written as repeated.
#[derive(Default)]
struct Repeats {
    /// Different cells that hold any.
    paths: usize,
    /// Touches that were added.
    touches: usize,
    /// Touches beyond the most that one may become.
    beyond: usize,
}

impl Repeats {
    fn steps(&self, column: &str) -> Vec<Step> {
        if self.paths == 0 {
            return Vec::new();
        }
        let (paths, touches) = (self.paths as f64, self.touches as f64);
        let message = format!(
            "{paths} different cells of `{column}` hold touches written as repeated (`Direct × 3`), which became {touches} touches more."
        );
        let figures = [("paths", paths), ("touches", touches)];
        let step = Step::new("repeats-expanded", message, &figures);
        vec![step.columns(vec![column.to_owned()])]
    }

    fn warn(&self, column: &str, warnings: &mut Vec<Warning>) {
        if self.beyond == 0 {
            return;
        }
        let touches = self.beyond;
        let message = format!(
            "{touches} repeated touches beyond the {MAX_REPEATS} that one may stand for are left out."
        );
        let warning = Warning::new("repeats-capped", message).columns([column]);
        warnings.push(
            warning
                .figure("touches", touches as f64)
                .figure("limit", MAX_REPEATS as f64),
        );
    }
}

/// The touches of a cell: names, and how often each stands there in a row.
fn touches_of(cell: &str, separator: char) -> impl Iterator<Item = (&str, usize)> {
    let names = cell.split(separator).map(str::trim);
    names.filter(|name| !name.is_empty()).map(repeated)
}

/// A touch written as repeated, as `Direct × 3`, `Direct x 3` or `Direct (x3)`: its name, and how often.
/// An `x` has to stand apart from the name, or it may be part of it.
fn repeated(touch: &str) -> (&str, usize) {
    let once = (touch, 1);
    let inner = touch.strip_suffix(')').unwrap_or(touch);
    let head = inner.trim_end_matches(|mark: char| mark.is_ascii_digit());
    let Ok(times) = inner[head.len()..].parse::<usize>() else {
        return once;
    };
    let head = head.trim_end();
    let name = if let Some(name) = head.strip_suffix('×') {
        name
    } else if let Some(name) = head.strip_suffix(['x', 'X'])
        && name.ends_with(|mark: char| mark.is_whitespace() || mark == '(')
    {
        name
    } else {
        return once;
    };
    let name = match (inner.len() < touch.len(), name.strip_suffix('(')) {
        (true, Some(name)) => name,
        (false, None) => name,
        _ => return once,
    };
    let name = name.trim_end();
    if name.is_empty() || times == 0 {
        return once;
    }
    (name, times)
}

/// The mark between touches: see [`Paths::read`].
fn separator(cells: &[String]) -> char {
    let marked = |cell: &&String| cell.contains(SEPARATORS);
    let any = cells.iter().filter(marked).count();
    let holds = |mark: char| cells.iter().filter(|cell| cell.contains(mark)).count();
    let common = |&&mark: &&char| any > 0 && holds(mark) * 20 >= any;
    *SEPARATORS.iter().find(common).unwrap_or(&SEPARATORS[0])
}
