//! Rows at the level of kinds, and what customers of a channel cost and are worth, by hand.

use channelwise::channels::{
    ChannelCost, ChannelModel, CompareOptions, Comparison, CreditRule, Level, Period, compare,
};
use channelwise::prepare::{Channels, Dataset};
use nalgebra::DMatrix;

/// Ten rows of Facebook, 30 of Instagram, 20 of a store; 2, 6 and 5 converted.
fn rows() -> Dataset {
    let counts = [("Facebook", 10, 2), ("Instagram", 30, 6), ("Store", 20, 5)];
    let mut dataset = Dataset::default();
    let mut channels = Channels {
        column: "source".to_owned(),
        ..Channels::default()
    };
    for (code, (name, rows, converted)) in counts.into_iter().enumerate() {
        channels.names.push(name.to_owned());
        channels.codes.extend(vec![code as u32; rows]);
        let outcomes = (0..rows).map(|row| f32::from(u8::from(row < converted)));
        dataset.y.extend(outcomes);
    }
    dataset.channels = Some(channels);
    dataset
}

fn compared(dataset: &Dataset, models: &[ChannelModel], options: CompareOptions) -> Comparison {
    compare(dataset, models, &options.check().unwrap()).unwrap()
}

#[test]
fn kinds_have_rates_and_odds() {
    let model = ChannelModel {
        run_id: "run-1".to_owned(),
        names: ["Facebook", "Instagram", "Store"]
            .map(str::to_owned)
            .to_vec(),
        beta: vec![0.8, 0.4, -0.1],
        covariance: DMatrix::from_diagonal(&nalgebra::DVector::from_vec(vec![0.16, 0.04, 0.09])),
    };
    let options = CompareOptions {
        level: Level::Group,
        ..CompareOptions::default()
    };
    let found = compared(&rows(), &[model], options);
    assert_eq!(found.level, Level::Group);
    let social = &found.channels[0];
    assert_eq!(
        (social.name.as_str(), social.rows, social.conversions),
        ("social", 40.0, 8.0)
    );
    assert_eq!(social.members, ["Facebook", "Instagram"]);
    assert_eq!(
        (social.rate, social.subgroup.as_deref()),
        (0.2, Some("social"))
    );
    // A quarter of social is Facebook: 0.25 · 0.8 + 0.75 · 0.4 = 0.5, of variance 0.25² · 0.16 + 0.75² · 0.04.
    let effect = &found.effects[0].channels[0];
    assert!((effect.log_odds - (0.5 + 0.1) / 2.0).abs() < 1e-12);
    let variance = (0.0625 * 0.16 + 0.5625 * 0.04 + 0.09) / 4.0;
    assert!((effect.standard_error - f64::sqrt(variance)).abs() < 1e-12);
}

#[test]
fn customers_cost_and_come_back() {
    let mut dataset = rows();
    // Two rows a user: Facebook's two conversions are one customer's.
    dataset.users = Some((0..60).map(|row| row / 2).collect());
    dataset.values = Some(vec![10.0; 60]);
    let costs = [("Facebook", 12.0), ("Store", 30.0)].map(|(channel, cost)| ChannelCost {
        channel: channel.to_owned(),
        cost,
        date: None,
        days: None,
    });
    let options = CompareOptions {
        costs: Some(costs.to_vec()),
        resamples: Some(200),
        ..CompareOptions::default()
    };
    let found = compared(&dataset, &[], options);
    let money = found.money.unwrap();
    assert_eq!(money.methods[0].method, "observed");
    let facebook = &money.methods[0].channels[0];
    assert_eq!(facebook.name, "Facebook");
    assert_eq!((facebook.conversions, facebook.customers), (2.0, Some(1.0)));
    assert_eq!(
        (facebook.cost_per_conversion, facebook.cac),
        (Some(6.0), Some(12.0))
    );
    assert_eq!(
        (facebook.roas, facebook.profit),
        (Some(20.0 / 12.0), Some(8.0))
    );
    assert!(facebook.cost_per_conversion_interval.is_some());
    // Store: rows 40 to 44 convert: users 20, 21 and 22, of whom the first two twice.
    let store = money.methods[0]
        .channels
        .iter()
        .find(|one| one.name == "Store")
        .unwrap();
    assert_eq!((store.customers, store.cac), (Some(3.0), Some(10.0)));
    let loyalty = found
        .advantages
        .iter()
        .find(|one| one.key == "userLoyalty")
        .unwrap();
    let of = |key: &str| {
        let measure = loyalty.measures.iter().find(|one| one.key == key).unwrap();
        measure
            .channels
            .iter()
            .find(|one| one.name == "Store")
            .unwrap()
            .value
    };
    assert_eq!(of("repeatRate"), Some(2.0 / 3.0));
    assert_eq!(of("valuePerConverter"), Some(50.0 / 3.0));
    // Nobody knows users: what needs them says so.
    let bare = compared(&rows(), &[], CompareOptions::default());
    assert!(bare.money.is_none());
    let loyalty = bare
        .advantages
        .iter()
        .find(|one| one.key == "userLoyalty")
        .unwrap();
    assert_eq!(loyalty.missing.as_ref().unwrap().code, "needs-users");
}

#[test]
fn options_that_change_nothing_are_named() {
    let options = CompareOptions {
        period: Some(Period::Week),
        model_rule: CreditRule::LeaveOneOut,
        half_life: Some(3.0),
        ..CompareOptions::default()
    };
    let found = compared(&rows(), &[], options);
    let warning = found
        .warnings
        .iter()
        .find(|warning| warning.code == "options-need-journeys")
        .unwrap();
    assert_eq!(
        warning.columns.as_deref(),
        Some(&["halfLife", "period", "modelRule"].map(str::to_owned)[..])
    );
    let plain = compared(&rows(), &[], CompareOptions::default());
    assert!(plain.warnings.is_empty());
}
