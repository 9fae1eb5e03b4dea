//! What the touches of a journey add up to: behaviours, prices, seconds, as numbers of the journey.

use super::cells::Numbers;
use super::moments::Moments;
use super::report::Step;
use super::touches::Built;
use super::{
    Aggregate, Encoding, Feature, PrepareError, PrepareOptions, TouchFeatures, TouchFeaturesWord,
};
use crate::table::{Column, ColumnData, Table};

impl Aggregate {
    /// Of a column, as the page and the model's files have it.
    fn named(self, column: &str) -> String {
        match self {
            Self::Sum => format!("{column} (sum)"),
            Self::Any => format!("{column} (any)"),
            Self::Last => format!("{column} (last)"),
        }
    }

    /// Of the cells of some rows, in order of time; `NaN` where there is none.
    fn of(self, cells: &Numbers<'_>, rows: &[u32]) -> f64 {
        let filled = rows.iter().map(|&row| cells.at(row as usize));
        let mut filled = filled.filter(|cell| !cell.is_nan());
        match self {
            Self::Sum => filled.sum(),
            Self::Any => f64::from(u8::from(filled.any(|cell| cell > 0.0))),
            Self::Last => filled.next_back().unwrap_or(f64::NAN),
        }
    }
}

/// What of a column that changes from touch to touch becomes inputs; nothing where it can't.
pub(super) fn wanted(column: &Column, options: &PrepareOptions) -> Vec<Aggregate> {
    let flag = match &column.data {
        ColumnData::Boolean(_) => true,
        ColumnData::Number(cells) => {
            let mut known = cells.iter().filter(|cell| !cell.is_nan());
            known.all(|&cell| cell == 0.0 || cell == 1.0)
        }
        _ => return Vec::new(),
    };
    match &options.touch_features {
        TouchFeatures::Word(TouchFeaturesWord::Off) => Vec::new(),
        TouchFeatures::Columns(columns) => columns.get(&column.name).cloned().unwrap_or_default(),
        _ if flag => vec![Aggregate::Any, Aggregate::Sum],
        _ => vec![Aggregate::Sum, Aggregate::Last],
    }
}

/// The inputs of the columns that `wanted` speaks of, standardised over the training journeys, and what
/// was done. What is the same in all of these is left out.
pub(super) fn learn(
    columns: &[&Column],
    built: &Built,
    train: &[u32],
    options: &PrepareOptions,
) -> (Vec<Feature>, Option<Step>) {
    let mut features = Vec::new();
    let mut names = Vec::new();
    for column in columns {
        let cells = Numbers::of(&column.data);
        let before = features.len();
        for aggregate in wanted(column, options) {
            let values: Vec<f64> = train
                .iter()
                .map(|&journey| aggregate.of(&cells, built.seen(journey)))
                .collect();
            let moments = Moments::of(&Numbers::Plain(&values), || 0..values.len());
            if moments.lowest < moments.highest
                && moments.deviation.is_finite()
                && moments.deviation > 0.0
            {
                features.push(Feature {
                    name: aggregate.named(&column.name),
                    column: column.name.clone(),
                    encoding: Encoding::Aggregated {
                        aggregate,
                        mean: moments.mean,
                        deviation: moments.deviation,
                    },
                });
            }
        }
        if features.len() > before {
            names.push(column.name.clone());
        }
    }
    if names.is_empty() {
        return (features, None);
    }
    let message = format!(
        "{} columns that change from touch to touch became {} inputs of the whole journey{}.",
        names.len(),
        features.len(),
        if built.last_is_outcome {
            ", without its last touch"
        } else {
            ""
        }
    );
    let code = if built.last_is_outcome {
        "touch-features-before-last"
    } else {
        "touch-features"
    };
    let figures = [
        ("columns", names.len() as f64),
        ("inputs", features.len() as f64),
    ];
    (
        features,
        Some(Step::new(code, message, &figures).columns(names)),
    )
}

/// Writes the inputs that touches add up to into a row-major matrix.
///
/// # Errors
/// [`PrepareError::MissingColumns`] names the columns that the table lacks.
pub(super) fn fill(
    table: &Table,
    features: &[Feature],
    built: &Built,
    x: &mut [f32],
) -> Result<(), PrepareError> {
    let width = features.len();
    let mut lacking: Vec<String> = Vec::new();
    for (place, feature) in features.iter().enumerate() {
        let Encoding::Aggregated {
            aggregate,
            mean,
            deviation,
        } = feature.encoding
        else {
            continue;
        };
        let Some(column) = table.column(&feature.column) else {
            if !lacking.contains(&feature.column) {
                lacking.push(feature.column.clone());
            }
            continue;
        };
        let cells = Numbers::of(&column.data);
        for (journey, row) in x.chunks_exact_mut(width).enumerate() {
            let value = aggregate.of(&cells, built.seen(journey as u32));
            row[place] = if value.is_nan() {
                0.0
            } else {
                ((value - mean) / deviation) as f32
            };
        }
    }
    if lacking.is_empty() {
        Ok(())
    } else {
        Err(PrepareError::MissingColumns { columns: lacking })
    }
}
