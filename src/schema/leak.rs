//! How well a single column tells the outcome: too well is a sign that it was known only afterwards.

use crate::statistics::area_under_roc;
use crate::table::{Column, ColumnData, MISSING_CODE, MISSING_TIME};

/// At most so many rows of each outcome are looked at.
const SAMPLE: usize = 25_000;

/// The rows whose outcome is known, thinned out evenly within each outcome: that changes no AUC but by
/// chance. In ascending order.
pub(super) fn sample(outcomes: &[u8]) -> Vec<usize> {
    let mut rows = Vec::new();
    for class in 0..=1 {
        let of_class: Vec<usize> = (0..outcomes.len())
            .filter(|&row| outcomes[row] == class)
            .collect();
        let step = of_class.len().div_ceil(SAMPLE).max(1);
        rows.extend(of_class.into_iter().step_by(step));
    }
    rows.sort_unstable();
    rows
}

/// The area under the ROC curve of one column as a score for the outcome, turned so that it is at
/// least ½; `None` where one of the outcomes is not among the rows.
///
/// Missing numbers rank below all others. Words rank by the share of converted among the other half of
/// the rows, so that many rare words do not look telling by chance.
pub(super) fn single_column_auc(column: &Column, outcomes: &[u8], rows: &[usize]) -> Option<f64> {
    let scored: Vec<(f64, bool)> = match &column.data {
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            let scores = rates(&dictionary.codes, dictionary.levels.len(), outcomes, rows);
            let odd = rows.iter().skip(1).step_by(2);
            let score = |row: usize| match dictionary.codes[row] {
                MISSING_CODE => scores[dictionary.levels.len()],
                code => scores[code as usize],
            };
            odd.map(|&row| (score(row), outcomes[row] == 1)).collect()
        }
        data => {
            let score = |row: usize| match data {
                ColumnData::Number(cells) if !cells[row].is_nan() => cells[row],
                ColumnData::Boolean(cells) if cells[row] < 2 => f64::from(cells[row]),
                ColumnData::Time(cells) if cells[row] != MISSING_TIME => cells[row] as f64,
                _ => f64::NEG_INFINITY,
            };
            rows.iter()
                .map(|&row| (score(row), outcomes[row] == 1))
                .collect()
        }
    };
    auc(scored).map(|auc| auc.max(1.0 - auc))
}

/// The share of converted among the even sampled rows of each level, drawn to the mean by one row;
/// missing cells are a level of their own, the last.
fn rates(codes: &[u32], levels: usize, outcomes: &[u8], rows: &[usize]) -> Vec<f64> {
    let mut counts = vec![(0.0, 0.0); levels + 1];
    let (mut converted, mut all) = (0.0, 0.0);
    for &row in rows.iter().step_by(2) {
        let level = match codes[row] {
            MISSING_CODE => levels,
            code => code as usize,
        };
        let outcome = f64::from(outcomes[row]);
        counts[level].0 += outcome;
        counts[level].1 += 1.0;
        converted += outcome;
        all += 1.0;
    }
    let mean = converted / f64::max(all, 1.0);
    let rate = |(converted, all): (f64, f64)| (converted + mean) / (all + 1.0);
    counts.into_iter().map(rate).collect()
}

/// The area under the ROC curve of scores; `None` where one of the outcomes is missing.
fn auc(scored: Vec<(f64, bool)>) -> Option<f64> {
    let weight = |converted| if converted { (1.0, 0.0) } else { (0.0, 1.0) };
    let area = area_under_roc(
        scored
            .into_iter()
            .map(|(score, yes)| (score, weight(yes)))
            .collect(),
    );
    (!area.is_nan()).then_some(area)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Dictionary;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_area_is_the_share_of_ordered_pairs(
            rows in prop::collection::vec((0..6u8, any::<bool>()), 0..40),
        ) {
            let scored: Vec<_> = rows.iter().map(|&(score, yes)| (f64::from(score), yes)).collect();
            let (mut pairs, mut ordered) = (0.0, 0.0);
            for above in scored.iter().filter(|row| row.1) {
                for other in scored.iter().filter(|row| !row.1) {
                    pairs += 1.0;
                    ordered += if above.0 > other.0 { 1.0 } else if above.0 == other.0 { 0.5 } else { 0.0 };
                }
            }
            match auc(scored) {
                None => prop_assert_eq!(pairs, 0.0),
                Some(auc) => prop_assert!((auc - ordered / pairs).abs() < 1e-12),
            }
        }
    }

    #[test]
    fn rare_words_tell_nothing_by_chance_and_missing_cells_tell() {
        let outcomes: Vec<u8> = (0..2000).map(|row| u8::from(row % 7 < 3)).collect();
        let rows = sample(&outcomes);
        let column = |codes: Vec<u32>, levels: usize| Column {
            name: String::new(),
            data: ColumnData::Category(Dictionary {
                codes,
                levels: (0..levels).map(|level| level.to_string()).collect(),
            }),
        };
        let unique = column((0..2000).collect(), 2000);
        assert_eq!(single_column_auc(&unique, &outcomes, &rows), Some(0.5));
        let order = |&outcome: &u8| if outcome == 1 { 0 } else { MISSING_CODE };
        let filled_afterwards = column(outcomes.iter().map(order).collect(), 1);
        assert_eq!(
            single_column_auc(&filled_afterwards, &outcomes, &rows),
            Some(1.0)
        );
    }

    #[test]
    fn samples_keep_both_outcomes() {
        let outcomes: Vec<u8> = (0..200_000).map(|row| u8::from(row % 1000 == 0)).collect();
        let rows = sample(&outcomes);
        let converted = rows.iter().filter(|&&row| outcomes[row] == 1).count();
        assert_eq!((converted, rows.len()), (200, 25_175));
        assert!(rows.is_sorted());
    }
}
