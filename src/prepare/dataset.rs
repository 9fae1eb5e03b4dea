//! The numbers a model is trained on, and how they came from a table.

use super::Journeys;
use super::Measure;
use crate::error::Warning;
use serde::{Deserialize, Serialize};

/// How one column of the design matrix came from a table column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Encoding {
    /// `(x − mean) / deviation`, both of the training rows; missing becomes 0, the mean.
    Standardised {
        /// Mean over the training rows.
        mean: f64,
        /// Population standard deviation over the training rows (1 where it would be 0).
        deviation: f64,
    },
    /// As [`Encoding::Standardised`], of the cell drawn in to two quantiles of the training rows; mean and
    /// deviation are those of the drawn-in cells.
    Winsorised {
        /// The least that a cell counts as.
        low: f64,
        /// The most that a cell counts as.
        high: f64,
        /// Mean over the training rows.
        mean: f64,
        /// Population standard deviation over the training rows.
        deviation: f64,
    },
    /// 1 where the cell is this level, else 0. Where [`super::OTHER_LEVEL`] is one of the levels of a
    /// column, it stands for all those that have no column of their own.
    OneHot {
        /// The level's name.
        level: String,
    },
    /// 1 where the cell is missing, else 0 (not standardised).
    Missing,
    /// `(m − mean) / deviation` of what is counted or measured of a journey's touches.
    Measured {
        /// What is counted or measured.
        measure: Measure,
        /// Mean over the training journeys.
        mean: f64,
        /// Population standard deviation over the training journeys.
        deviation: f64,
    },
}

/// One column of the design matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feature {
    /// Shown name: the column's own, `column = level`, or `column is missing`.
    pub name: String,
    /// The table column it came from.
    pub column: String,
    /// How it came from it.
    #[serde(flatten)]
    pub encoding: Encoding,
}

impl Feature {
    /// Whether it comes from a cell of the table: what is known of a session, a customer or a user,
    /// rather than counted from a journey's touches. The journey model joins these to its last layer.
    pub fn is_static(&self) -> bool {
        !matches!(self.encoding, Encoding::Measured { .. })
    }
}

/// Which part of the data a row belongs to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Split {
    /// Dataset rows to fit on, in shuffled order.
    pub train: Vec<u32>,
    /// Dataset rows to stop and choose the threshold on, in shuffled order.
    pub validation: Vec<u32>,
    /// Dataset rows held out to the end, in shuffled order.
    pub test: Vec<u32>,
}

/// The channel of every dataset row; of a journey, that of its last touch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channels {
    /// The table column they come from.
    pub column: String,
    /// Names by code.
    pub names: Vec<String>,
    /// One code per dataset row; [`crate::table::MISSING_CODE`] where the cell was empty.
    pub codes: Vec<u32>,
}

/// A table turned into numbers, split into parts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dataset {
    /// The columns of the design matrix.
    pub features: Vec<Feature>,
    /// The design matrix, row-major: `rows × features`.
    pub x: Vec<f32>,
    /// The outcome of each row, 0 or 1.
    pub y: Vec<f32>,
    /// How often each row counts; `None` means once each.
    pub weights: Option<Vec<f32>>,
    /// What the conversion of each row was worth; `NaN` where missing.
    pub values: Option<Vec<f64>>,
    /// A code per row that says which user it is about.
    pub users: Option<Vec<u32>>,
    /// For each dataset row, the row of the table it came from; for journeys from touches, that of the
    /// first touch; for journeys from paths, the place of the path among the different ones.
    pub table_rows: Vec<u32>,
    /// The channel of each row.
    pub channels: Option<Channels>,
    /// The journeys that the rows stand for, where the file holds events or paths; one per row.
    pub journeys: Option<Journeys>,
    /// Who trains, who validates, who tests.
    pub split: Split,
    /// Which level of the label column counts as converted, as text; several are parted by commas.
    pub positive: String,
    /// The same, one by one.
    pub positives: Vec<String>,
    /// Findings made on the way.
    pub warnings: Vec<Warning>,
}

impl Dataset {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.y.len()
    }

    /// How many columns the design matrix has.
    pub fn width(&self) -> usize {
        self.features.len()
    }

    /// The places in [`Dataset::features`] of the one-hot channel columns, and their levels. Empty where
    /// there is no channel column, or only one channel.
    pub fn channel_features(&self) -> Vec<(usize, &str)> {
        let column = self
            .channels
            .as_ref()
            .map(|channels| channels.column.as_str());
        let features = self.features.iter().enumerate();
        features
            .filter(|(_, feature)| Some(feature.column.as_str()) == column)
            .filter_map(|(place, feature)| match &feature.encoding {
                Encoding::OneHot { level } => Some((place, level.as_str())),
                _ => None,
            })
            .collect()
    }

    /// The share that converted: of the rows, or of their weights.
    pub fn base_rate(&self) -> f64 {
        let weight = |row: usize| match &self.weights {
            Some(weights) => f64::from(weights[row]),
            None => 1.0,
        };
        let rows = self.y.iter().enumerate();
        let (converted, all) = rows.fold((0.0, 0.0), |(converted, all), (row, &y)| {
            (converted + weight(row) * f64::from(y), all + weight(row))
        });
        if all > 0.0 { converted / all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_rate_counts_each_row_as_often_as_its_weight_says() {
        let mut data = Dataset {
            y: vec![1.0, 0.0, 0.0, 0.0],
            ..Dataset::default()
        };
        assert_eq!(data.base_rate(), 0.25);
        data.weights = Some(vec![3.0, 1.0, 1.0, 1.0]);
        assert_eq!(data.base_rate(), 0.5);
        assert_eq!(Dataset::default().base_rate(), 0.0);
    }
}
