//! What must hold for any table.

use crate::{mixed, run, with};
use channelwise::error::Coded;
use channelwise::prepare::{Dataset, Encoding, SplitBy, encode};
use channelwise::table::{ColumnData, MISSING_BOOLEAN};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Outcomes with at least eight of each kind.
fn outcomes() -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(prop::bool::weighted(0.3), 20..300).prop_map(|mut outcomes| {
        outcomes.extend([true, false].repeat(8));
        outcomes
    })
}

fn converted(dataset: &Dataset, part: &[u32]) -> usize {
    part.iter()
        .filter(|&&row| dataset.y[row as usize] > 0.5)
        .count()
}

fn parts(dataset: &Dataset) -> [&[u32]; 3] {
    [
        &dataset.split.train,
        &dataset.split.validation,
        &dataset.split.test,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn parts_are_disjoint_and_cover_all_rows(
        outcomes in outcomes(), by in 0..3usize, seed in any::<u64>(), test in 0.05..0.4f64, validation in 0.05..0.3f64,
    ) {
        let by = [SplitBy::Row, SplitBy::User, SplitBy::Time][by];
        let options = with(|options| {
            options.split.by = Some(by);
            options.split.seed = seed;
            options.split.test = test;
            options.split.validation = validation;
        });
        let (dataset, summary) = match run(&mixed(&outcomes), options.clone()) {
            Ok(found) => found,
            // The first rows of a small file may all have one outcome.
            Err(error) => {
                prop_assert_eq!((by, error.code()), (SplitBy::Time, "too-few-rows"));
                return Ok(());
            }
        };
        let mut all = parts(&dataset).concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..outcomes.len() as u32).collect::<Vec<_>>());
        prop_assert_eq!(summary.train + summary.validation + summary.test, summary.rows);
        // The same again.
        prop_assert_eq!(&run(&mixed(&outcomes), options).unwrap().0.split, &dataset.split);
    }

    #[test]
    fn rows_are_stratified_whatever_their_order(outcomes in outcomes(), seed in any::<u64>(), test in 0.05..0.4f64) {
        let options = with(|options| {
            options.split.seed = seed;
            options.split.test = test;
        });
        let (dataset, _) = run(&mixed(&outcomes), options.clone()).unwrap();
        let all = outcomes.iter().filter(|&&won| won).count();
        let expected = (outcomes.len() as f64 * test).ceil();
        prop_assert_eq!(dataset.split.test.len() as f64, expected);
        let mut rest = (outcomes.len(), all);
        for (part, share) in [(&dataset.split.test, test), (&dataset.split.validation, 0.1)] {
            prop_assert_eq!(part.len() as f64, (rest.0 as f64 * share).ceil());
            let fair = part.len() as f64 * rest.1 as f64 / rest.0 as f64;
            prop_assert!((converted(&dataset, part) as f64 - fair).abs() < 1.0);
            rest = (rest.0 - part.len(), rest.1 - converted(&dataset, part));
        }
        let mut sorted = outcomes;
        sorted.sort_unstable();
        let (again, _) = run(&mixed(&sorted), options).unwrap();
        for (one, other) in parts(&dataset).into_iter().zip(parts(&again)) {
            prop_assert_eq!(one.len(), other.len());
            prop_assert_eq!(converted(&dataset, one), converted(&again, other));
        }
    }

    #[test]
    fn columns_become_what_they_should(outcomes in outcomes(), seed in any::<u64>()) {
        let (table, schema) = mixed(&outcomes);
        let options = with(|options| options.split.seed = seed);
        let (dataset, _) = run(&(table.clone(), schema), options).unwrap();
        let cell = |row: u32, place: usize| f64::from(dataset.x[row as usize * dataset.width() + place]);
        let train = &dataset.split.train;
        let mut hot: BTreeMap<(u32, &str), f64> = BTreeMap::new();
        for (place, feature) in dataset.features.iter().enumerate() {
            match &feature.encoding {
                Encoding::Standardised { .. } => {
                    // Missing cells stand at 0, the mean; they don't take part in the deviation.
                    let Some(ColumnData::Number(_) | ColumnData::Boolean(_)) = table.column(&feature.column).map(|column| &column.data)
                    else { panic!("{} is no number", feature.column) };
                    let present: Vec<f64> = train
                        .iter()
                        .filter(|&&row| feature.column != "income" || row % 3 != 1)
                        .map(|&row| cell(row, place))
                        .collect();
                    let n = present.len() as f64;
                    let mean = present.iter().sum::<f64>() / n;
                    let variance = present.iter().map(|value| value * value).sum::<f64>() / n;
                    prop_assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-5, "{} {mean} {variance}", feature.name);
                }
                Encoding::OneHot { .. } => {
                    for row in 0..dataset.rows() as u32 {
                        *hot.entry((row, &feature.column)).or_default() += cell(row, place);
                    }
                }
                Encoding::Missing => {
                    prop_assert_eq!(feature.name.as_str(), "income is missing");
                    for row in 0..dataset.rows() as u32 {
                        prop_assert_eq!(cell(row, place), f64::from(u8::from(row % 3 == 1)));
                        prop_assert!(row % 3 != 1 || cell(row, place - 1) == 0.0);
                    }
                }
                Encoding::Measured { .. } | Encoding::Aggregated { .. } | Encoding::Winsorised { .. } => {
                    prop_assert!(false, "nobody asked for it")
                }
            }
        }
        prop_assert_eq!(hot.len(), 2 * dataset.rows());
        prop_assert!(hot.values().all(|&sum| sum == 1.0));
        let (x, warnings) = encode(&table, &dataset.features).unwrap();
        prop_assert_eq!(x, dataset.x);
        prop_assert_eq!(warnings, vec![]);
    }

    #[test]
    fn users_stay_together(outcomes in outcomes(), seed in any::<u64>()) {
        let options = with(|options| {
            options.split.by = Some(SplitBy::User);
            options.split.seed = seed;
        });
        let (dataset, _) = run(&mixed(&outcomes), options).unwrap();
        let users = dataset.users.as_ref().unwrap();
        let of = |part: &[u32]| part.iter().map(|&row| users[row as usize]).collect::<BTreeSet<_>>();
        let [train, validation, test] = parts(&dataset).map(of);
        prop_assert!(train.is_disjoint(&validation) && train.is_disjoint(&test) && validation.is_disjoint(&test));
        // Users have at most three rows: each of the two strata misses its share by at most 1.5 rows.
        let wanted = (outcomes.len() as f64 * 0.2).ceil();
        prop_assert!((dataset.split.test.len() as f64 - wanted).abs() <= 4.0);
    }

    #[test]
    fn the_last_are_held_out(outcomes in outcomes()) {
        let tables = mixed(&outcomes);
        let found = run(&tables, with(|options| options.split.by = Some(SplitBy::Time)));
        prop_assume!(found.as_ref().map_or_else(|error| error.code(), |_| "") != "too-few-rows");
        let (dataset, _) = found.unwrap();
        let Some(ColumnData::Time(times)) = tables.0.column("day").map(|column| &column.data) else { panic!() };
        let time = |row: &u32| times[*row as usize];
        let [train, validation, test] = parts(&dataset);
        prop_assert!(train.iter().map(time).max() <= validation.iter().map(time).min());
        prop_assert!(validation.iter().map(time).max() <= test.iter().map(time).min());
        prop_assert_eq!(test.len() as f64, (outcomes.len() as f64 * 0.2).ceil());
    }

    #[test]
    fn nothing_is_learned_from_other_rows(outcomes in outcomes(), seed in any::<u64>()) {
        let (mut table, schema) = mixed(&outcomes);
        let options = with(|options| options.split.seed = seed);
        let (before, _) = run(&(table.clone(), schema.clone()), options.clone()).unwrap();
        for &row in before.split.test.iter().chain(&before.split.validation) {
            for column in &mut table.columns[..5] {
                match &mut column.data {
                    ColumnData::Number(cells) => cells[row as usize] = -1e12,
                    ColumnData::Boolean(cells) => cells[row as usize] = MISSING_BOOLEAN,
                    ColumnData::Category(cells) => {
                        cells.levels.push(format!("new {row}"));
                        cells.codes[row as usize] = cells.levels.len() as u32 - 1;
                    }
                    _ => {}
                }
            }
        }
        let (after, _) = run(&(table, schema), options).unwrap();
        prop_assert_eq!(before.features, after.features);
        for &row in &before.split.train {
            let cells = row as usize * after.x.len() / after.y.len()..(row as usize + 1) * after.x.len() / after.y.len();
            prop_assert_eq!(&before.x[cells.clone()], &after.x[cells]);
        }
    }
}
