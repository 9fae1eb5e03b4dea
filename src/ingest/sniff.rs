//! What the first lines of a text tell: the delimiter, where the table begins, whether it has a
//! header, and what the columns are called.

use super::error::IngestError;
use super::limits::{Limits, MAX_COLUMNS};
use super::number;
use super::options::ValidLoadOptions;
use super::records::{Dialect, Record, Records};
use super::time;
use super::words::is_missing;
use crate::error::Warning;
use std::collections::HashSet;

/// How much text is looked at before anything is decided.
pub(super) const SNIFF_BYTES: usize = 256 << 10;
/// How many records of it are.
pub(super) const SNIFF_RECORDS: usize = 500;
/// How many lines above the header may be skipped.
const MAX_PREAMBLE: usize = 20;
/// What separates cells in most files, and what seldom stands in texts; then what often does, so that
/// only regular records speak for it.
const DELIMITERS: [u8; 7] = *b",;\t|~^\x01";
const LIKELY_TEXT: [u8; 2] = *b": ";

/// How the text is to be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) dialect: Dialect,
    /// Bytes before the first record (the line `sep=;` that Excel writes).
    pub(super) skipped_bytes: usize,
    /// Records before the first data record, the header among them.
    pub(super) skipped_records: usize,
    pub(super) header: bool,
    /// Unique names.
    pub(super) names: Vec<String>,
    /// Which names were left empty in the header.
    pub(super) unnamed: Vec<bool>,
    pub(super) warnings: Vec<Warning>,
}

impl Plan {
    /// For records that say themselves what their columns are called.
    pub(super) fn open() -> Self {
        Self {
            dialect: Dialect::of(b','),
            skipped_bytes: 0,
            skipped_records: 0,
            header: true,
            names: Vec::new(),
            unnamed: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

type Cells = Vec<String>;

/// Looks at the first text of a file; `whole` says that it is all there is.
///
/// # Errors
/// `empty-file`, `too-many-columns`, and those of the records read.
pub(super) fn sniff(
    text: &[u8],
    whole: bool,
    options: &ValidLoadOptions,
) -> Result<Plan, IngestError> {
    let (declared, skipped) = separator_line(text);
    let (remarks, lines) = remarks(&text[skipped..]);
    let (quote, escaped) = match options.quote {
        Some(quote) => (quote, false),
        None => find_quote(&text[skipped + remarks..]),
    };
    let dialect = |delimiter| Dialect {
        delimiter,
        quote,
        escaped,
    };
    let below = &text[skipped + remarks..];
    let delimiter = match options.delimiter.or(declared) {
        Some(delimiter) => delimiter,
        None => find_delimiter(below, whole, dialect)?,
    };
    let dialect = dialect(delimiter);
    let rows = sample(below, whole, dialect)?;
    if let Some(last) = lines.last() {
        // The last of the remarks is perhaps the header: `# user,time,channel`.
        let line = last.strip_prefix(b"#").unwrap_or(last);
        let header = sample(line, true, dialect)?;
        let (usual, wide) = (usual_width(&rows), header.first().map_or(0, Vec::len));
        let can_name = usual > 1 && wide == usual && options.header != Some(false);
        if can_name && rows.first().is_some_and(|row| !is_header(row, &rows[1..])) {
            let start = last.as_ptr() as usize - text.as_ptr() as usize;
            let with_header: Vec<_> = header.into_iter().chain(rows).collect();
            let mut found = plan(&with_header, dialect, start + 1, Some(true))?;
            found.warn_of_remarks(lines.len() - 1);
            return Ok(found);
        }
    }
    let mut found = plan(&rows, dialect, skipped + remarks, options.header)?;
    found.warn_of_remarks(lines.len());
    Ok(found)
}

/// How long the lines above the table are that begin with `#`, and which these are. A header may begin
/// so as well, and cells of every row: nothing is skipped then.
fn remarks(text: &[u8]) -> (usize, Vec<&[u8]>) {
    let mut length = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive(|&byte| matches!(byte, b'\n' | b'\r')) {
        let filled = line.trim_ascii();
        match filled {
            [] => {}
            // A column called `#`.
            [b'#', next, ..] if !DELIMITERS.contains(next) => lines.push(filled),
            [b'#'] => lines.push(filled),
            _ => return (if lines.is_empty() { 0 } else { length }, lines),
        }
        length += line.len();
    }
    // Nothing else: these are the rows.
    (0, Vec::new())
}

/// The quote that stands around cells, and whether a backslash escapes it there. It is `"` unless no cell
/// begins with it and some are wholly between `'`.
fn find_quote(text: &[u8]) -> (Option<u8>, bool) {
    let is_edge = |byte: Option<&u8>| {
        byte.is_none_or(|byte| matches!(byte, b'\n' | b'\r') || DELIMITERS.contains(byte))
    };
    let count = |quote: u8| {
        let (mut opening, mut closing) = (0, 0);
        for (at, _) in text.iter().enumerate().filter(|(_, byte)| **byte == quote) {
            opening += usize::from(is_edge(at.checked_sub(1).map(|before| &text[before])));
            closing += usize::from(is_edge(text.get(at + 1)));
        }
        (opening, closing)
    };
    let (double, single) = (count(b'"'), count(b'\''));
    let is_single = double.0 == 0 && single.0 > 1 && single.0.abs_diff(single.1) <= 1;
    let quote = if is_single { b'\'' } else { b'"' };
    // `\"` in a cell, where `""` is not written for it.
    let pairs = |first: u8| {
        let inside =
            |window: &[u8]| window[0] == first && window[1] == quote && !is_edge(window.get(2));
        let pairs = text.windows(3).enumerate();
        let begins = |at: usize| is_edge(at.checked_sub(1).map(|before| &text[before]));
        pairs
            .filter(|&(at, window)| inside(window) && !begins(at))
            .count()
    };
    let escaped = (is_single || double.0 > 0) && pairs(b'\\') > 0 && pairs(quote) == 0;
    (Some(quote), escaped)
}

impl Plan {
    fn warn_of_remarks(&mut self, lines: usize) {
        if lines > 0 {
            let known = self
                .warnings
                .iter()
                .position(|warning| warning.code == "preamble-skipped");
            let titles = known.map(|at| self.warnings.remove(at));
            let titles = titles.and_then(|titles| titles.figures?.get("lines").copied());
            let lines = lines as f64 + titles.unwrap_or(0.0);
            self.warnings.insert(0, skipped(lines));
        }
    }
}

fn skipped(lines: f64) -> Warning {
    let message = format!("{lines} lines above the header were skipped.");
    Warning::new("preamble-skipped", message).figure("lines", lines)
}

/// The plan for a table that begins with these records. `header` says whether the first names the
/// columns, if that is known.
///
/// # Errors
/// `empty-file`, `too-many-columns`.
pub(super) fn plan(
    sample: &[Vec<String>],
    dialect: Dialect,
    skipped_bytes: usize,
    header: Option<bool>,
) -> Result<Plan, IngestError> {
    if sample.is_empty() {
        return Err(IngestError::EmptyFile);
    }
    let mut warnings = Vec::new();
    let usual = usual_width(sample);
    let preamble = preamble(sample, usual);
    if preamble > 0 {
        warnings.push(skipped(preamble as f64));
    }
    let (first, below) = sample[preamble..]
        .split_first()
        .ok_or(IngestError::EmptyFile)?;
    let header = header.unwrap_or_else(|| is_header(first, below));
    let cells = if header {
        fit_header(first, below, usual, &mut warnings)
    } else {
        vec![String::new(); usual.max(first.len())]
    };
    if cells.len() > MAX_COLUMNS {
        return Err(IngestError::TooManyColumns { count: cells.len() });
    }
    let unnamed = cells.iter().map(|cell| header && cell.is_empty()).collect();
    let names = unique_names(cells, &mut warnings);
    Ok(Plan {
        dialect,
        skipped_bytes,
        skipped_records: preamble + usize::from(header),
        header,
        names,
        unnamed,
        warnings,
    })
}

/// The delimiter of a first line `sep=;`, and how long that line is.
fn separator_line(text: &[u8]) -> (Option<u8>, usize) {
    let Some([delimiter, rest @ ..]) = text.strip_prefix(b"sep=") else {
        return (None, 0);
    };
    let line_end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => return (None, 0),
    };
    if super::options::can_delimit(*delimiter) {
        (Some(*delimiter), 5 + line_end)
    } else {
        (None, 0)
    }
}

/// The first records; the last is left out where the text was cut.
fn sample(text: &[u8], whole: bool, dialect: Dialect) -> Result<Vec<Cells>, IngestError> {
    let mut sample: Vec<Cells> = Vec::new();
    let mut records = Records::new(dialect, 0, &Limits::default());
    let mut wide = None;
    let mut keep = |record: &Record<'_>| {
        if sample.len() < SNIFF_RECORDS && !record.is_blank() {
            let text = |cell| String::from_utf8_lossy(cell).into_owned();
            sample.push(record.cells().map(text).collect());
            if record.count > MAX_COLUMNS && wide.is_none() {
                wide = Some(record.count);
            }
        }
        Ok(())
    };
    records.feed(text, &mut keep)?;
    // A header that fills the whole sample is worth having even if it is cut.
    if whole || records.completed() == 0 {
        records.end(&mut keep)?;
    }
    match wide {
        Some(count)
            if sample
                .first()
                .is_some_and(|first| first.len() > MAX_COLUMNS) =>
        {
            Err(IngestError::TooManyColumns { count })
        }
        _ => Ok(sample),
    }
}

/// The delimiter that gives the most lines the same number of cells, at least two; `,` where none does.
fn find_delimiter(
    text: &[u8],
    whole: bool,
    dialect: impl Fn(u8) -> Dialect,
) -> Result<u8, IngestError> {
    let mut best = (0.0, b',');
    let mut failure = None;
    for delimiter in DELIMITERS {
        let sample = match sample(text, whole, dialect(delimiter)) {
            Ok(sample) => sample,
            Err(error) => {
                failure = failure.or(Some(error));
                continue;
            }
        };
        let usual = usual_width(&sample);
        if usual < 2 {
            continue;
        }
        let alike = sample.iter().filter(|cells| cells.len() == usual).count();
        let share = alike as f64 / sample.len() as f64;
        let header = sample.first().is_some_and(|first| first.len() == usual);
        // Among equals more cells win: a decimal comma or a list in a cell makes few.
        let score = share * if header { 1.0 } else { 0.6 } + usual.min(50) as f64 * 1e-3;
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    if best.0 == 0.0 {
        let regular = |delimiter: &u8| {
            let sample = sample(text, whole, dialect(*delimiter));
            sample.is_ok_and(|sample| is_regular(&sample, char::from(*delimiter)))
        };
        if let Some(delimiter) = LIKELY_TEXT.into_iter().find(regular) {
            return Ok(delimiter);
        }
    }
    match failure {
        Some(error) if best.0 == 0.0 => Err(error),
        _ => Ok(best.1),
    }
}

/// Whether these are plainly the rows of a table: a header of words, below it a column of numbers at
/// least, and everywhere as many cells, none of them empty. Dates with a time of day are single cells.
fn is_regular(sample: &[Cells], delimiter: char) -> bool {
    let Some((first, below)) = sample.split_first() else {
        return false;
    };
    let alike = sample.iter().all(|cells| cells.len() == first.len());
    let filled = sample.iter().flatten().all(|cell| !cell.is_empty());
    let words = first.iter().all(|cell| !is_numeric(cell));
    let numbers = |column: usize| below.iter().all(|cells| is_numeric(&cells[column]));
    let one_cell = |cells: &Cells| is_numeric(&cells.join(&delimiter.to_string()));
    let sound = alike
        && !below.iter().any(one_cell)
        && filled
        && words
        && first.len() > 1
        && below.len() > 1;
    sound && (0..first.len()).any(numbers)
}

/// The number of cells that most records have (the larger where two are as frequent).
fn usual_width(sample: &[Cells]) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for cells in sample {
        *counts.entry(cells.len()).or_insert(0) += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|&(width, count)| (count, width));
    most.map_or(0, |(width, _)| width)
}

/// How many records stand above the table: titles and remarks of a single cell.
fn preamble(sample: &[Cells], usual: usize) -> usize {
    let above = sample
        .iter()
        .take_while(|cells| cells.len() != usual)
        .count();
    let only_remarks = sample[..above].iter().all(|cells| {
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        cells.len() < usual && filled <= 1
    });
    let rest = &sample[above..];
    let alike = rest.iter().filter(|cells| cells.len() == usual).count();
    let sure = usual > 1 && above <= MAX_PREAMBLE && alike * 5 >= rest.len() * 4 && alike > 1;
    if sure && only_remarks { above } else { 0 }
}

/// Whether the first record names the columns. It does unless something speaks against it: numbers
/// above numbers, or a cell that comes again below.
fn is_header(first: &Cells, below: &[Cells]) -> bool {
    let (mut names, mut values) = (0, 0);
    for (index, cell) in first.iter().enumerate() {
        // The header may come again, where files were put one behind the other.
        let others = || below.iter().filter(|cells| *cells != first);
        let column = || others().filter_map(|cells| cells.get(index));
        let comes_again = |cell: &String| below.iter().any(|cells| cells.get(index) == Some(cell));
        let filled = column().filter(|cell| !is_missing(cell.as_bytes())).count();
        let numbers = column().filter(|cell| is_numeric(cell)).count();
        if filled == 0 {
            continue;
        }
        if numbers * 5 >= filled * 4 {
            let is_time = |cell: &String| time::parse(cell.as_bytes()).is_some();
            if is_numeric(cell) {
                // Years, months and days above numbers are the names of a wide table's columns.
                let above_others = is_time(cell) && !column().any(is_time);
                values += usize::from(!is_year_like(cell) && !above_others);
            } else if !is_missing(cell.as_bytes()) {
                names += 1;
            }
        } else if !cell.is_empty() && comes_again(cell) {
            values += 1;
        }
    }
    names > 0 || values == 0
}

fn is_numeric(cell: &str) -> bool {
    number::parse(cell.as_bytes(), false).is_some() || time::parse(cell.as_bytes()).is_some()
}

/// Years, quarters of which are column names in wide tables.
fn is_year_like(cell: &str) -> bool {
    cell.len() == 4
        && cell
            .parse()
            .is_ok_and(|year: u32| (1900..=2100).contains(&year))
}

/// The header's cells, one for each column of the rows below.
fn fit_header(
    first: &Cells,
    below: &[Cells],
    usual: usize,
    warnings: &mut Vec<Warning>,
) -> Vec<String> {
    let mut cells = first.clone();
    while cells.len() > usual && !below.is_empty() && cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    let alike = below.iter().filter(|row| row.len() == usual).count();
    // One delimiter too many at each line's end is no column.
    let ends_empty = below
        .iter()
        .all(|row| row.get(usual - 1).is_none_or(String::is_empty));
    if cells.len() >= usual
        || alike * 10 < below.len() * 9
        || (ends_empty && cells.len() + 1 == usual)
    {
        return cells;
    }
    let missing = usual - cells.len();
    let ids: HashSet<_> = below.iter().filter_map(|row| row.first()).collect();
    // R leaves the column of row names out of the header.
    let row_names = missing == 1 && below.len() > 1 && ids.len() == below.len();
    let at = if row_names { 0 } else { cells.len() };
    cells.splice(at..at, vec![String::new(); missing]);
    warnings.push(
        Warning::new(
            "header-short",
            format!("The header names {missing} columns fewer than the rows have."),
        )
        .figure("missing", missing as f64),
    );
    cells
}

/// Names that are neither empty nor used twice.
fn unique_names(cells: Vec<String>, warnings: &mut Vec<Warning>) -> Vec<String> {
    let mut taken: HashSet<String> = cells.iter().cloned().collect();
    let mut seen = HashSet::new();
    let mut names = Vec::with_capacity(cells.len());
    let mut repeated = Vec::new();
    for (index, cell) in cells.into_iter().enumerate() {
        let base = if cell.is_empty() {
            format!("column_{}", index + 1)
        } else {
            cell.clone()
        };
        let mut name = base.clone();
        let mut number = 2;
        // A name of the header is for its first holder; a made-up one must not take it.
        while seen.contains(&name) || (name != cell && taken.contains(&name)) {
            name = format!("{base}_{number}");
            number += 1;
        }
        if name != cell && !cell.is_empty() {
            repeated.push(name.clone());
        }
        seen.insert(name.clone());
        taken.insert(name.clone());
        names.push(name);
    }
    if !repeated.is_empty() {
        let message = format!(
            "{} column names were used twice and got a number.",
            repeated.len()
        );
        warnings.push(
            Warning::new("duplicate-names", message)
                .figure("columns", repeated.len() as f64)
                .columns(repeated),
        );
    }
    names
}
