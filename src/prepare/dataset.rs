//! The numbers a model is trained on, and how they came from a table.

use super::Journeys;
use super::Measure;
use super::options::Aggregate;
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
    /// `(a − mean) / deviation` of what a column's cells add up to over the touches of a journey; a journey
    /// without any becomes 0, the mean.
    Aggregated {
        /// How they add up.
        aggregate: Aggregate,
        /// Mean over the training journeys.
        mean: f64,
        /// Population standard deviation over the training journeys.
        deviation: f64,
    },
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
    /// Whether it comes from cells of the table: what is known of a session, a customer, a user or what was
    /// done on the way, rather than counted from a journey's touches. The journey model joins these to its last layer.
    pub fn is_static(&self) -> bool {
        !matches!(self.encoding, Encoding::Measured { .. })
    }

    /// Whether it comes from one cell of the table.
    pub(super) fn is_of_cell(&self) -> bool {
        self.is_static() && !matches!(self.encoding, Encoding::Aggregated { .. })
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

    /// A number of 128 bits that is the same for data sets that hold the same, and as good as certainly
    /// another for others.
    pub fn fingerprint(&self) -> [u64; 2] {
        let mut mix = Mixer::default();
        for feature in &self.features {
            mix.text(&format!("{feature:?}"));
        }
        mix.texts(&self.positives);
        mix.floats(&self.x);
        mix.floats(&self.y);
        mix.floats(self.weights.as_deref().unwrap_or_default());
        let values = self.values.as_deref().unwrap_or_default();
        mix.all(values.iter().map(|value| value.to_bits()));
        mix.codes(self.users.as_deref().unwrap_or_default());
        mix.codes(&self.table_rows);
        if let Some(channels) = &self.channels {
            mix.texts(&channels.names);
            mix.codes(&channels.codes);
        }
        for part in [&self.split.train, &self.split.validation, &self.split.test] {
            mix.codes(part);
        }
        if let Some(journeys) = &self.journeys {
            mix.texts(&journeys.channels);
            mix.texts(&journeys.events);
            mix.codes(&journeys.offsets);
            mix.codes(&journeys.touch_channels);
            mix.codes(&journeys.touch_events);
            mix.floats(&journeys.gap_hours);
            mix.floats(&journeys.days_before_end);
            mix.floats(&journeys.touch_costs);
            mix.all(journeys.ends.iter().map(|&end| end as u64));
        }
        mix.state
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

/// Takes in numbers one after the other.
#[derive(Default)]
struct Mixer {
    state: [u64; 2],
}

impl Mixer {
    #[inline]
    fn add(&mut self, value: u64) {
        for (state, salt) in self
            .state
            .iter_mut()
            .zip([0x9e37_79b9_7f4a_7c15u64, 0xd1b5_4a32_d192_ed03])
        {
            // SplitMix64's finaliser (Steele, Lea & Flood 2014), without its second half.
            let mixed = (*state ^ value)
                .wrapping_add(salt)
                .wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *state = (mixed ^ (mixed >> 29)).rotate_left(23);
        }
    }

    /// The numbers and how many there are, so that lists next to each other can't be mistaken.
    fn all(&mut self, values: impl Iterator<Item = u64>) {
        let mut count = 0;
        for value in values {
            self.add(value);
            count += 1;
        }
        self.add(count);
    }

    fn codes(&mut self, codes: &[u32]) {
        self.all(codes.iter().map(|&code| u64::from(code)));
    }

    fn floats(&mut self, values: &[f32]) {
        self.all(values.iter().map(|value| u64::from(value.to_bits())));
    }

    fn text(&mut self, text: &str) {
        self.all(text.bytes().map(u64::from));
    }

    fn texts(&mut self, texts: &[String]) {
        texts.iter().for_each(|text| self.text(text));
        self.add(texts.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_sets_that_hold_the_same_have_one_fingerprint() {
        let data = || Dataset {
            x: vec![1.0, 2.0, 3.0, 4.0],
            y: vec![1.0, 0.0],
            table_rows: vec![0, 1],
            split: Split {
                train: vec![0],
                validation: Vec::new(),
                test: vec![1],
            },
            ..Dataset::default()
        };
        let own = data().fingerprint();
        assert_eq!(data().fingerprint(), own);
        let changes: [fn(&mut Dataset); 6] = [
            |data| data.x.swap(0, 1),
            |data| data.y[1] = 1.0,
            |data| data.split.validation = std::mem::take(&mut data.split.test),
            |data| data.table_rows.push(0),
            |data| data.weights = Some(vec![1.0, 1.0]),
            |data| data.positives.push("yes".into()),
        ];
        for change in changes {
            let mut other = data();
            change(&mut other);
            assert_ne!(other.fingerprint(), own);
        }
    }

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
