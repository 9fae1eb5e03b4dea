//! Paths with counts become weighted journeys.

use crate::criteo::{load, say, shared};
use channelwise::ingest::Layout;
use channelwise::prepare::paths::Paths;
use channelwise::prepare::{Dataset, PrepareOptions, prepare};
use channelwise::schema::{self, RoleOptions};

fn weight(dataset: &Dataset, part: &[u32], converted: bool) -> f64 {
    let weights = dataset.weights.as_ref().unwrap();
    let of = part
        .iter()
        .filter(|&&row| (dataset.y[row as usize] > 0.5) == converted);
    of.map(|&row| f64::from(weights[row as usize])).sum()
}

#[test]
fn path_counts_are_split_in_proportion_and_stay_whole() {
    let Some(path) = shared("pathdata_channelattribution.csv") else {
        say("skipped: pathdata_channelattribution.csv is not at hand");
        return;
    };
    let loaded = load(&std::fs::read(path).unwrap());
    let schema = schema::infer(&loaded.table, &RoleOptions::default()).unwrap();
    assert_eq!(schema.layout, Layout::Paths);
    let options = PrepareOptions::default().check().unwrap();
    let (dataset, summary) = prepare(&loaded.table, &schema, &options).unwrap();
    let paths = Paths::from_table(&loaded.table, &schema).unwrap();
    let conversions: f64 = paths.conversions.iter().sum();
    let nulls: f64 = paths.nulls.iter().sum();
    assert_eq!(summary.journeys, Some(conversions + nulls));
    let journeys = dataset.journeys.as_ref().unwrap();
    assert_eq!(journeys.to_paths(&dataset.y, None, None), paths);
    let split = &dataset.split;
    for (converted, all) in [(true, conversions), (false, nulls)] {
        let parts = [&split.train, &split.validation, &split.test]
            .map(|part| weight(&dataset, part, converted));
        assert_eq!(parts.iter().sum::<f64>(), all);
        assert!((parts[2] / all - 0.2).abs() < 1e-3, "{parts:?} of {all}");
        assert!(
            (parts[1] / (all - parts[2]) - 0.1).abs() < 1e-3,
            "{parts:?} of {all}"
        );
        assert!(parts.iter().all(|count| count.fract() == 0.0));
    }
    // Weights of a path's rows add up to its counts, whatever part they are in.
    let mut counts = vec![[0.0; 2]; paths.len()];
    for (row, &path) in dataset.table_rows.iter().enumerate() {
        let class = usize::from(dataset.y[row] > 0.5);
        counts[path as usize][class] += f64::from(dataset.weights.as_ref().unwrap()[row]);
        let whole = paths.path(path as usize);
        assert_eq!(
            journeys.touches(row),
            &whole[whole.len().saturating_sub(50)..]
        );
    }
    for (path, count) in counts.iter().enumerate() {
        assert_eq!(*count, [paths.nulls[path], paths.conversions[path]]);
    }
    // The value of conversions is theirs.
    let worth = |row: usize| {
        f64::from(dataset.weights.as_ref().unwrap()[row]) * dataset.values.as_ref().unwrap()[row]
    };
    let total: f64 = (0..dataset.rows())
        .filter(|&row| dataset.y[row] > 0.5)
        .map(worth)
        .sum();
    let expected: f64 = paths.values.iter().sum();
    let orphaned: f64 = (0..paths.len())
        .filter(|&path| paths.conversions[path] == 0.0)
        .map(|path| paths.values[path])
        .sum();
    assert!(
        (total - (expected - orphaned)).abs() < 1e-6 * expected,
        "{total} {expected}"
    );
}
