//! Costs beside credit, responses to spend, plans and replays, against sums by hand, known parameters and
//! brute force.

use crate::journeys::{compared, dataset};
use channelwise::channels::{
    Bound, ChannelCost, CompareOptions, Comparison, Goal, Level, Money, Period, PlanOptions,
    Response, plan,
};
use channelwise::error::Coded;
use channelwise::prepare::Dataset;
use proptest::prelude::*;

const NAN: f64 = f64::NAN;
const DAY: i64 = 86_400_000;
const MONDAY: i64 = 20_514 * DAY;

fn plain() -> CompareOptions {
    CompareOptions {
        resamples: Some(200),
        ..CompareOptions::default()
    }
}

fn costly() -> Dataset {
    let mut data = dataset(&[
        (0, "ads > mail", true, 30.0, 1.0),
        (1, "ads", true, 10.0, 1.0),
        (2, "mail", false, NAN, 1.0),
        (3, "ads > shop", false, NAN, 1.0),
    ]);
    let journeys = data.journeys.as_mut().unwrap();
    journeys.calendar = true;
    journeys.touch_costs = vec![2.0, 0.5, 3.0, 0.5, 4.0, 0.0];
    journeys.ends = vec![
        MONDAY + 8 * DAY,
        MONDAY + DAY,
        MONDAY + 2 * DAY,
        MONDAY + 9 * DAY,
    ];
    journeys.days_before_end = vec![8.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    data
}

fn of<'a>(
    money: &'a Money,
    method: &str,
    channel: &str,
) -> &'a channelwise::channels::MoneyChannel {
    let method = money
        .methods
        .iter()
        .find(|one| one.method == method)
        .unwrap();
    method
        .channels
        .iter()
        .find(|one| one.name == channel)
        .unwrap()
}

#[test]
fn a_cost_over_several_days_is_spread_over_them() {
    let cost = |cost, date: &str, days| ChannelCost {
        channel: "ads".to_owned(),
        cost,
        date: Some(date.to_owned()),
        days: Some(days),
    };
    // The journeys begin on Monday 2 March and end ten days later. Seven units for Wednesday to Tuesday,
    // five of them in the first week; 31 for all of March, of which 1 before, 14 in the two weeks.
    let costs = vec![cost(7.0, "2026-03-04", 7), cost(31.0, "2026-03-01", 31)];
    let money = |period| {
        let options = CompareOptions {
            period,
            costs: Some(costs.clone()),
            ..plain()
        };
        compared(&costly(), options).money.unwrap()
    };
    let weekly = money(Some(Period::Week));
    assert_eq!(weekly.cost, 38.0);
    let cost = &weekly.periods.as_ref().unwrap().channels[0].cost;
    for (found, expected) in cost.iter().zip([5.0 + 7.0, 2.0 + 7.0]) {
        assert!((found - expected).abs() < 1e-12, "{cost:?}");
    }
    let outside = weekly
        .warnings
        .iter()
        .find(|one| one.code == "costs-outside")
        .unwrap();
    assert!((outside.figures.as_ref().unwrap()["cost"] - 17.0).abs() < 1e-12);
    // Ten days would be told by day; costs by the month are told by month.
    let own = money(None);
    assert_eq!(own.period, Some(Period::Month));
    let cost = &own.periods.unwrap().channels[0].cost;
    assert!((cost[0] - 38.0).abs() < 1e-12, "{cost:?}");
}

#[test]
fn cost_beside_credit_by_hand() {
    let money = compared(
        &costly(),
        CompareOptions {
            period: Some(Period::Week),
            ..plain()
        },
    )
    .money
    .unwrap();
    assert_eq!((money.source, money.cost), ("column", 10.0));
    let ads = of(&money, "linear", "ads");
    assert_eq!(
        (ads.cost, ads.conversions, ads.value),
        (9.0, 1.5, Some(25.0))
    );
    assert_eq!(
        (ads.cac, ads.roas, ads.profit),
        (Some(6.0), Some(25.0 / 9.0), Some(16.0))
    );
    let [low, high] = ads.cac_interval.unwrap();
    assert!(low <= 6.0 && high >= 6.0);
    let shop = of(&money, "linear", "shop");
    assert_eq!((shop.cost, shop.cac, shop.roas), (0.0, None, None));
    let periods = money.periods.unwrap();
    assert_eq!(periods.starts, ["2026-03-02", "2026-03-09"]);
    let ads = &periods.channels[0];
    assert_eq!(ads.cost, [5.0, 4.0]);
    assert_eq!(
        (ads.conversions.as_slice(), ads.value.as_deref()),
        (&[1.0, 0.5][..], Some(&[10.0, 15.0][..]))
    );
    assert_eq!(ads.cost_per_conversion, [Some(5.0), Some(8.0)]);
    assert_eq!(ads.cac, Some(vec![Some(5.0), Some(8.0)]));
    assert_eq!(ads.roas, Some(vec![Some(2.0), Some(15.0 / 4.0)]));
    assert_eq!(ads.profit, Some(vec![5.0, 11.0]));
    // The second week ends on its Wednesday, so what changed since the first tells nothing.
    assert_eq!(periods.partial, [false, true]);
    assert_eq!(ads.marginal_cac, [None, None]);
    assert!(
        money
            .responses
            .iter()
            .all(|response| response.reason.as_ref().unwrap().code == "response-too-few-periods")
    );
}

/// Cost fell by 1 from one whole week to the next, conversions by a half; value rose while cost fell.
#[test]
fn marginal_figures_by_hand() {
    let mut data = costly();
    let journeys = data.journeys.as_mut().unwrap();
    journeys.ends[3] = MONDAY + 13 * DAY;
    let money = compared(
        &data,
        CompareOptions {
            period: Some(Period::Week),
            ..plain()
        },
    );
    let periods = money.money.unwrap().periods.unwrap();
    assert_eq!(periods.partial, [false, false]);
    let ads = &periods.channels[0];
    assert_eq!(ads.marginal_cac, [None, Some(2.0)]);
    assert_eq!(ads.marginal_roas.as_deref(), Some(&[None, None][..]));
}

/// A customer is won once: what the second conversion of a user cost is no acquisition.
#[test]
fn acquisition_counts_first_conversions() {
    let mut data = dataset(&[
        (0, "ads", true, 30.0, 1.0),
        (0, "mail", true, 10.0, 1.0),
        (1, "mail", true, 10.0, 1.0),
        (1, "ads", false, NAN, 1.0),
    ]);
    let journeys = data.journeys.as_mut().unwrap();
    journeys.calendar = true;
    journeys.touch_costs = vec![6.0, 2.0, 2.0, 6.0];
    journeys.ends = [0, 8, 1, 9].map(|day| MONDAY + day * DAY).to_vec();
    journeys.days_before_end = vec![0.0; 4];
    journeys.ordinals = vec![0, 1, 0, 1];
    let options = |method: &str| CompareOptions {
        period: Some(Period::Week),
        period_method: Some(method.to_owned()),
        ..plain()
    };
    for method in ["shapley", "last", "markov"] {
        let money = compared(&data, options(method)).money.unwrap();
        let mail = of(&money, "linear", "mail");
        assert_eq!((mail.conversions, mail.customers), (2.0, Some(1.0)));
        assert_eq!((mail.cost_per_conversion, mail.cac), (Some(2.0), Some(4.0)));
        assert_eq!(money.period_method, Some(method));
        let periods = money.periods.unwrap();
        let mail = periods
            .channels
            .iter()
            .find(|one| one.name == "mail")
            .unwrap();
        assert_eq!(mail.cost_per_conversion, [Some(2.0), Some(2.0)]);
        assert_eq!(mail.cac, Some(vec![Some(2.0), None]));
        assert_eq!(periods.conversions, [2.0, 1.0]);
    }
    data.users = None;
    let money = compared(&data, plain()).money.unwrap();
    let mail = of(&money, "linear", "mail");
    assert_eq!((mail.cac, mail.cost_per_conversion), (None, Some(2.0)));
    assert!(options("magic").check().is_err());
}

#[test]
fn costs_can_be_given() {
    let cost = |channel: &str, cost, date: Option<&str>| ChannelCost {
        channel: channel.to_owned(),
        cost,
        date: date.map(str::to_owned),
        days: None,
    };
    let with = |costs| CompareOptions {
        costs: Some(costs),
        period: Some(Period::Week),
        level: Level::Group,
        ..plain()
    };
    let dated = vec![
        cost("mail", 4.0, Some("2026-03-03")),
        cost("mail", 2.0, Some("2026-03-15")),
        cost("radio", 9.0, None),
    ];
    let money = compared(&costly(), with(dated)).money.unwrap();
    assert_eq!((money.source, money.cost), ("option", 6.0));
    assert_eq!(money.warnings[0].code, "costs-unknown-channels");
    // At the level of groups: `mail` is of no known kind, as `ads` is of none but online.
    assert!(
        money
            .periods
            .is_some_and(|periods| periods.channels[0].cost == [4.0, 2.0])
    );
    let undated = compared(&costly(), with(vec![cost("mail", 4.0, None)]))
        .money
        .unwrap();
    assert!(undated.periods.is_none());
    for wrong in [cost("mail", NAN, None), cost("mail", 1.0, Some("March"))] {
        assert_eq!(with(vec![wrong]).check().unwrap_err().code(), "bad-cost");
    }
}

/// Forty weeks in which two channels are paid for as `spend` says, and converting journeys of one touch
/// follow `outcome` of what is carried over.
fn series(outcome: impl Fn(f64) -> f64, decay: f64, spend: impl Fn(usize) -> f64) -> Comparison {
    let mut rows = Vec::new();
    let (mut ends, mut costs) = (Vec::new(), Vec::new());
    let mut carried = spend(0);
    for week in 0..40 {
        carried = (1.0 - decay) * spend(week) + decay * carried;
        rows.push((week as u32, "ads", true, NAN, outcome(carried) as f32));
        ends.push(MONDAY + week as i64 * 7 * DAY);
        costs.push((spend(week) / outcome(carried)) as f32);
        rows.push((100, "shop", false, NAN, 5.0));
        ends.push(MONDAY + week as i64 * 7 * DAY);
        costs.push(1.0);
    }
    let mut data = dataset(&rows);
    data.values = None;
    let journeys = data.journeys.as_mut().unwrap();
    (journeys.calendar, journeys.ends, journeys.touch_costs) = (true, ends, costs);
    journeys.days_before_end = vec![0.0; rows.len()];
    compared(
        &data,
        CompareOptions {
            period: Some(Period::Week),
            resamples: Some(0),
            ..CompareOptions::default()
        },
    )
}

/// Spends that look random, between 50 and 250.
fn varied(week: usize) -> f64 {
    50.0 + 200.0 * ((week * 37 + 11) % 41) as f64 / 41.0
}

fn only(found: &Comparison, name: &str) -> Response {
    let money = found.money.as_ref().unwrap();
    money
        .responses
        .iter()
        .find(|response| response.name == name)
        .unwrap()
        .clone()
}

#[test]
fn a_response_that_was_put_in_is_found() {
    let (base, scale, half, slope, decay) = (20.0, 300.0, 120.0, 1.8, 0.4);
    let truth = |x: f64| base + scale * x.powf(slope) / (x.powf(slope) + f64::powf(half, slope));
    let found = only(&series(truth, decay, varied), "ads");
    assert!(found.available, "{:?}", found.reason);
    let fit = found.fit.unwrap();
    assert!(fit.r2 > 0.999 && fit.held_out_r2 > 0.99, "{fit:?}");
    assert!((fit.decay - decay).abs() < 0.03, "{fit:?}");
    for spend in [80.0, 120.0, 200.0] {
        let told = fit.base + fit.lift(spend);
        assert!(
            (told / truth(spend) - 1.0).abs() < 0.02,
            "{told} {}",
            truth(spend)
        );
        let slope = (fit.lift(spend + 1e-3) - fit.lift(spend - 1e-3)) / 2e-3;
        assert!((slope / fit.marginal(spend) - 1.0).abs() < 1e-5);
    }
    // The last of the forty weeks is seen on its Monday only.
    assert_eq!(found.points.len(), 39);
    let [low, high] = found.solid.unwrap();
    assert!(low >= 50.0 - 1e-3 && high <= 250.0 + 1e-3);
}

#[test]
fn what_the_data_cannot_carry_is_refused() {
    let found = series(|_| 100.0, 0.0, |_| 100.0);
    let code = |response: Response| response.reason.unwrap().code;
    assert_eq!(code(only(&found, "ads")), "response-no-variation");
    // Conversions that have nothing to do with the spend, for a few of their orders.
    let refused = (0..20_usize).filter(|&order| {
        let noise = move |week: usize| 100.0 + ((week * 7919 + order * 104_729) % 97) as f64;
        let mut data_spend = (0..40).map(varied).collect::<Vec<f64>>();
        data_spend.rotate_left(order);
        let outcomes: Vec<f64> = (0..40).map(noise).collect();
        let week = std::cell::Cell::new(0);
        let outcome = |_: f64| outcomes[week.get() / 2 % 40];
        let counted = |x: f64| {
            let told = outcome(x);
            week.set(week.get() + 1);
            told
        };
        let response = only(&series(counted, 0.0, |week| data_spend[week]), "ads");
        !response.available
    });
    assert!(refused.count() >= 17);
}

/// Weeks that the data cover in part look like weeks of little spend and few conversions: a response could
/// be made of those two points alone.
#[test]
fn partial_periods_stay_out_of_the_fit() {
    let mut rows = Vec::new();
    let (mut ends, mut costs) = (Vec::new(), Vec::new());
    // From a Sunday to a Monday, with the same conversions every day and spend that means nothing.
    for day in -1..7 * 20 + 1 {
        let week = (day + 7) / 7;
        let spend = [90.0, 120.0, 100.0, 80.0, 110.0][week as usize * 7919 % 5];
        rows.push((
            day as u32,
            "ads",
            true,
            NAN,
            10.0 + (day * 31 % 7) as f32 / 10.0,
        ));
        ends.push(MONDAY + day * DAY);
        costs.push(spend / 10.0);
    }
    let mut data = dataset(&rows);
    data.values = None;
    let journeys = data.journeys.as_mut().unwrap();
    (journeys.calendar, journeys.ends, journeys.touch_costs) = (true, ends, costs);
    journeys.days_before_end = vec![0.0; rows.len()];
    let found = compared(
        &data,
        CompareOptions {
            period: Some(Period::Week),
            ..plain()
        },
    );
    let periods = found.money.as_ref().unwrap().periods.as_ref().unwrap();
    assert_eq!(periods.starts.len(), 22);
    let partial = periods.partial.iter().filter(|partial| **partial).count();
    assert!(partial == 2 && periods.partial[0] && periods.partial[21]);
    let response = only(&found, "ads");
    assert!(!response.available, "{:?}", response.fit);
    assert!(response.fit.is_none_or(|fit| fit.periods == 20));
}

/// Responses with these parameters.
fn responses(parameters: &[(f64, f64, f64, f64)]) -> Vec<Response> {
    let found = only(&series(|x| 10.0 + x, 0.0, varied), "ads");
    let shape = found.clone();
    parameters
        .iter()
        .enumerate()
        .map(|(place, &(scale, half, slope, mean))| {
            let mut response = shape.clone();
            let mut fit = found.fit.unwrap();
            (fit.base, fit.scale, fit.half, fit.slope) = (1.0, scale, half, slope);
            (response.name, response.fit, response.available) =
                (format!("c{place}"), Some(fit), true);
            (response.reason, response.mean_spend) = (None, mean);
            response
        })
        .collect()
}

fn lift_of(responses: &[Response], spends: &[f64]) -> f64 {
    responses
        .iter()
        .zip(spends)
        .map(|(response, &spend)| response.fit.unwrap().lift(spend))
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// No split of the budget on a fine grid within the bounds brings more than the plan.
    #[test]
    fn no_other_split_brings_more(
        parameters in prop::collection::vec((10.0..500.0f64, 20.0..300.0f64, 0.5..3.5f64, 20.0..200.0f64), 3),
        part in 0.0..1.0f64,
    ) {
        let responses = responses(&parameters);
        let bounds: Vec<(f64, f64)> = parameters.iter().map(|one| (0.3 * one.3, 2.0 * one.3)).collect();
        let (least, most) = bounds.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let budget = least + part * (most - least);
        let options = PlanOptions {
            budget: Some(budget),
            bounds: bounds.iter().enumerate().map(|(place, &(min, max))| Bound {
                channel: format!("c{place}"), min: Some(min), max: Some(max),
            }).collect(),
            ..PlanOptions::default()
        };
        let planned = plan(&responses, &options).unwrap();
        let spends: Vec<f64> = planned.channels.iter().map(|channel| channel.spend).collect();
        prop_assert!(planned.feasible && (planned.spend - budget).abs() < 1e-6 * budget);
        for (spend, (low, high)) in spends.iter().zip(&bounds) {
            prop_assert!(*spend >= low - 1e-6 && *spend <= high + 1e-6);
        }
        let own = lift_of(&responses, &spends);
        let mut best = 0.0_f64;
        for i in 0..=120 {
            for j in 0..=120 {
                let first = bounds[0].0 + (bounds[0].1 - bounds[0].0) * f64::from(i) / 120.0;
                let second = bounds[1].0 + (bounds[1].1 - bounds[1].0) * f64::from(j) / 120.0;
                let third = budget - first - second;
                if third >= bounds[2].0 && third <= bounds[2].1 {
                    best = best.max(lift_of(&responses, &[first, second, third]));
                }
            }
        }
        prop_assert!(own >= best - 2e-4 * best, "{} {}", own, best);
    }

    /// For a target return, no channel gains by any other spend within its bounds.
    #[test]
    fn a_target_return_is_met(parameters in prop::collection::vec((10.0..500.0f64, 20.0..300.0f64, 0.5..3.5f64, 20.0..200.0f64), 2), target in 0.05..3.0f64) {
        let responses = responses(&parameters);
        let options = PlanOptions { goal: Goal::Return, target_return: Some(target), ..PlanOptions::default() };
        for (channel, response) in plan(&responses, &options).unwrap().channels.iter().zip(&responses) {
            let gain = |spend: f64| response.fit.unwrap().lift(spend) - target * spend;
            for step in 0..=200 {
                let other = channel.min + (channel.max - channel.min) * f64::from(step) / 200.0;
                prop_assert!(gain(channel.spend) >= gain(other) - 1e-6 * (1.0 + gain(other).abs()));
            }
        }
    }
}

/// The worked example of docs/METHODS.md: equal slopes, 5000/(x + 50)² = 1600/(110 − x)².
#[test]
fn a_plan_by_hand() {
    let responses = responses(&[(100.0, 50.0, 1.0, 60.0), (80.0, 20.0, 1.0, 30.0)]);
    let planned = plan(&responses, &PlanOptions::default()).unwrap();
    let ratio = f64::sqrt(5000.0 / 1600.0);
    let first = (ratio * 110.0 - 50.0) / (1.0 + ratio);
    assert!(
        (planned.channels[0].spend - first).abs() < 1e-6,
        "{planned:?}"
    );
    assert!((planned.channels[1].spend - (90.0 - first)).abs() < 1e-6);
    assert!((planned.marginal - 5000.0 / (first + 50.0).powi(2)).abs() < 1e-6);
    // One total answers for both, so what they bring is told above no spend.
    let lifts = 100.0 * 60.0 / 110.0 + 80.0 * 30.0 / 50.0;
    assert!((planned.outcome_now - lifts).abs() < 1e-9);
    let [low, high] = planned.change_interval.unwrap();
    assert!(low <= high);
}

#[test]
fn a_plan_says_what_is_in_its_way() {
    let responses = responses(&[(100.0, 50.0, 1.0, 60.0), (80.0, 90.0, 2.0, 40.0)]);
    let too_little = PlanOptions {
        budget: Some(10.0),
        ..PlanOptions::default()
    };
    let planned = plan(&responses, &too_little).unwrap();
    assert!(!planned.feasible && planned.reason.unwrap().code == "plan-out-of-bounds");
    assert_eq!(planned.spend, 50.0);
    assert_eq!(
        plan(&[], &too_little).unwrap_err().code(),
        "plan-no-response"
    );
    let crossed = Bound {
        channel: "c0".to_owned(),
        min: Some(9.0),
        max: Some(3.0),
    };
    let options = PlanOptions {
        bounds: vec![crossed],
        ..PlanOptions::default()
    };
    assert_eq!(
        plan(&responses, &options).unwrap_err().code(),
        "plan-bad-bounds"
    );
}

/// The rule of the replay, gone through by hand on one budget.
#[test]
fn a_replay_keeps_what_the_budget_pays_for() {
    let mut rows = Vec::new();
    for user in 0..40 {
        rows.push((user, "ads", true, NAN, 1.0));
        rows.push((user, "mail", false, NAN, 1.0));
    }
    let mut data = dataset(&rows);
    data.values = None;
    data.split.test = (40..80).collect();
    data.split.train = (0..40).collect();
    let journeys = data.journeys.as_mut().unwrap();
    journeys.calendar = true;
    journeys.touch_costs = vec![1.0; 80];
    journeys.days_before_end = vec![0.0; 80];
    journeys.ends = (0..80).map(|at| MONDAY + at * DAY).collect();
    let replay = compared(&data, plain()).replay.unwrap();
    assert!(replay.available, "{:?}", replay.reason);
    assert_eq!((replay.journeys, replay.budgets[0]), (Some(40.0), 0.5));
    // Mail earned nothing in training, so ads get all of half of 40: 20 touches, 20 conversions.
    let first = &replay.methods[0];
    assert_eq!(
        (first.conversions[0], first.cost[0], first.cac[0]),
        (20.0, 20.0, Some(1.0))
    );
    assert_eq!((first.conversions[1], first.rate[0]), (10.0, 1.0));
    let mut few = data.clone();
    few.split.test.truncate(10);
    assert_eq!(
        compared(&few, plain()).replay.unwrap().reason.unwrap().code,
        "replay-too-few"
    );
}

/// Ren et al. 2018, section 4.3, by hand: what a budget can't pay ends the journey there and then. Its
/// conversion is lost, and its later touches cost nothing; what was paid before stays spent.
#[test]
fn an_unpaid_touch_ends_its_journey() {
    let mut rows = vec![(0, "mail", true, NAN, 1.0), (1, "ads", false, NAN, 1.0)];
    rows.extend((0..10).map(|user| (100 + user, "ads > mail > mail", true, NAN, 1.0)));
    rows.extend((0..10).map(|user| (200 + user, "mail > ads", true, NAN, 1.0)));
    rows.extend((0..30).map(|user| (300 + user, "mail", true, NAN, 1.0)));
    let mut data = dataset(&rows);
    data.values = None;
    data.split.train = vec![0, 1];
    data.split.test = (2..52).collect();
    let journeys = data.journeys.as_mut().unwrap();
    journeys.calendar = true;
    journeys.touch_costs = vec![1.0; 2 + 30 + 20 + 30];
    journeys.ends = (0..52).map(|at| MONDAY + at * DAY).collect();
    journeys.days_before_end = journeys
        .offsets
        .windows(2)
        .flat_map(|ends| (ends[0]..ends[1]).map(move |at| (ends[1] - at - 1) as f32 / 10.0))
        .collect();
    let replay = compared(&data, plain()).replay.unwrap();
    assert!(replay.available, "{:?}", replay.reason);
    // Ads earned nothing in training, so mail gets all: a half of 80, a quarter, an eighth.
    let first = &replay.methods[0];
    // Ten journeys end before they cost anything, ten after their mail was paid, thirty are paid for.
    assert_eq!(
        (first.cost[0], first.conversions[0], first.rate[0]),
        (40.0, 30.0, 1.0)
    );
    assert_eq!(first.cac[0], Some(40.0 / 30.0));
    assert_eq!((first.cost[1], first.conversions[1]), (20.0, 10.0));
    assert_eq!(
        (first.cost[2], first.conversions[2], first.cac[2]),
        (10.0, 0.0, None)
    );
    assert_eq!((replay.resampled, replay.resamples), (Some("users"), 200));
    let [low, high] = first.conversions_interval[0].unwrap();
    assert!(low < 30.0 && high > 30.0 && high <= 52.0, "{low} {high}");
    assert_eq!(first.cac_interval[2].unwrap()[1], f64::INFINITY);
}
