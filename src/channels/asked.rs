//! Which journeys a model is asked about, and how they are drawn anew.

use super::reach::weight_of;
use crate::attribution::{Bits, Multinomial};
use crate::prepare::Dataset;
use crate::prepare::random::Random;
use crate::table::MISSING_CODE;
use std::collections::HashMap;

/// A row of the data set that the model is asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) journey: u32,
    /// How often it was drawn; its weight where all are asked about.
    pub(super) copies: f64,
}

/// The rows that a model is asked about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) rows: Vec<Row>,
    /// How many journeys one copy stands for: 1 where all are asked about.
    pub(super) standing: f64,
}

impl Asked {
    /// All rows, or about `most` journeys drawn by weight: every so-manieth journey of the rows in random
    /// order (systematic sampling, Madow 1949), so that a row that stands for many journeys is drawn as
    /// often as they would be.
    pub(super) fn new(dataset: &Dataset, most: usize, random: &mut Random) -> Self {
        let weight = |journey: u32| weight_of(dataset, journey as usize);
        let mut all: Vec<u32> = (0..dataset.y.len() as u32)
            .filter(|&journey| weight(journey) > 0.0)
            .collect();
        if all.len() <= most {
            let row = |journey| Row {
                journey,
                copies: weight(journey),
            };
            return Self {
                rows: all.into_iter().map(row).collect(),
                standing: 1.0,
            };
        }
        random.shuffle(&mut all);
        let total: f64 = all.iter().map(|&journey| weight(journey)).sum();
        let standing = total / most as f64;
        let start = random.uniform();
        let mut passed = 0.0;
        let mut rows = Vec::with_capacity(most);
        for journey in all {
            // Marks stand at start, start + 1, … copies.
            let next = passed + weight(journey) / standing;
            let copies = (next - start).ceil() - (passed - start).ceil();
            if copies > 0.0 {
                rows.push(Row { journey, copies });
            }
            passed = next;
        }
        crate::order::sort_by_key(&mut rows, |row| row.journey);
        Self { rows, standing }
    }
}

/// Draws the asked journeys anew: users with all of theirs where they are known, else journeys one by one,
/// so many for each row as it has copies.
#[derive(Debug)]
pub(super) struct Redraw {
    boxes: Multinomial,
    counts: Vec<u32>,
    /// The box of each row, and how many of its journeys one draw of the box brings.
    of: Vec<(u32, f64)>,
}

impl Redraw {
    pub(super) fn new(dataset: &Dataset, rows: &[Row]) -> Self {
        let mut users: HashMap<u32, u32> = HashMap::new();
        let mut weights: Vec<f64> = Vec::new();
        let mut new = |weight: f64| {
            weights.push(weight);
            weights.len() as u32 - 1
        };
        let user = |row: &Row| {
            let user = dataset.users.as_ref()?[row.journey as usize];
            (user != MISSING_CODE).then_some(user)
        };
        let mut of: Vec<(u32, f64)> = Vec::with_capacity(rows.len());
        for row in rows {
            of.push(match user(row) {
                Some(user) => {
                    let place = *users.entry(user).or_insert_with(|| new(1.0));
                    (place, row.copies)
                }
                None => (new(row.copies), 1.0),
            });
        }
        let total: f64 = weights.iter().sum();
        let trials = total.round().clamp(1.0, f64::from(u32::MAX));
        // Where weights are no whole numbers, a trial stands for a little more or less than one.
        of.iter_mut().for_each(|(_, each)| *each *= total / trials);
        Self {
            boxes: Multinomial::new(&weights, trials as u32),
            counts: vec![0; weights.len()],
            of,
        }
    }

    /// How many copies of each row there are in the next resample.
    pub(super) fn draw(&mut self, bits: &mut Bits, copies: &mut Vec<f64>) {
        self.boxes.draw(bits, &mut self.counts);
        copies.clear();
        let counts = &self.counts;
        let drawn = |&(place, each): &(u32, f64)| f64::from(counts[place as usize]) * each;
        copies.extend(self.of.iter().map(drawn));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(weights: &[f32], users: Option<Vec<u32>>) -> Dataset {
        Dataset {
            y: vec![0.0; weights.len()],
            weights: Some(weights.to_vec()),
            users,
            ..Dataset::default()
        }
    }

    /// A row that stands for nine tenths of the journeys is nine tenths of what is drawn.
    #[test]
    fn rows_are_drawn_by_their_weight() {
        let mut weights = vec![1.0; 1_001];
        weights[17] = 9_000.0;
        let data = dataset(&weights, None);
        for seed in 0..20 {
            let asked = Asked::new(&data, 100, &mut Random::new(seed));
            assert_eq!(asked.standing, 100.0);
            let copies: f64 = asked.rows.iter().map(|row| row.copies).sum();
            assert!((copies - 100.0).abs() <= 1.0, "{copies}");
            let heavy = asked.rows.iter().find(|row| row.journey == 17);
            assert!((heavy.expect("drawn").copies - 90.0).abs() <= 1.0);
        }
        let equal = dataset(&[1.0; 500], None);
        let asked = Asked::new(&equal, 50, &mut Random::new(1));
        assert!(asked.rows.iter().all(|row| row.copies == 1.0));
        assert!((asked.rows.len() as f64 - 50.0).abs() <= 1.0);
    }

    #[test]
    fn resamples_go_by_weight_and_keep_users_whole() {
        let rows = |copies: &[f64]| -> Vec<Row> {
            let row = |(journey, &copies): (usize, &f64)| Row {
                journey: journey as u32,
                copies,
            };
            copies.iter().enumerate().map(row).collect()
        };
        // 100 journeys, 64 of them in one row: Binomial(100, 0.64) has a standard deviation of 4.8.
        let copies = [64.0, 16.0, 20.0];
        let mut redraw = Redraw::new(&dataset(&[64.0, 16.0, 20.0], None), &rows(&copies));
        let mut drawn = Vec::new();
        let counts: Vec<f64> = (0..4_000)
            .map(|draw| {
                redraw.draw(&mut Bits::new(7, draw), &mut drawn);
                assert_eq!(drawn.iter().sum::<f64>(), 100.0);
                drawn[0]
            })
            .collect();
        let mean = counts.iter().sum::<f64>() / 4_000.0;
        let variance = counts.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 4_000.0;
        assert!((mean - 64.0).abs() < 0.4, "{mean}");
        assert!((variance.sqrt() - 4.8).abs() < 0.3, "{variance}");

        let users = Some(vec![5, 5, MISSING_CODE]);
        let mut redraw = Redraw::new(&dataset(&[2.0, 3.0, 1.0], users), &rows(&[2.0, 3.0, 1.0]));
        for draw in 0..20 {
            redraw.draw(&mut Bits::new(7, draw), &mut drawn);
            assert_eq!(drawn[0] * 3.0, drawn[1] * 2.0);
            assert_eq!(drawn[0] / 2.0 + drawn[2], 2.0);
        }
    }
}
