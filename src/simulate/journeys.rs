//! Journeys with known channel effects: the sample of touches, and the truth that methods are held
//! against.

use super::SimulateError;
use super::draws::{draw, exp, geometric};
use crate::ingest::Layout;
use crate::prepare::random::Random;
use crate::schema::{ColumnSchema, Reason, Role, Schema};
use crate::table::{Column, ColumnData, Dictionary, MISSING_CODE, Table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many journeys can be asked for.
pub const MAX_JOURNEYS: usize = 1_000_000;
const FIRST_DAY: i64 = 1_735_689_600_000;
const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
/// The weeks over which journeys begin.
const WEEKS: u32 = 30;
/// The most touches of a journey.
const LONGEST: usize = 12;
/// The log-odds of a conversion without any touch that has an effect.
const BASE: f64 = -3.1;
/// What a high intent adds to them.
const INTENT: f64 = 1.8;
/// A touch beyond this many of its channel adds nothing.
const SATURATED: usize = 3;

/// What the effects of the channels are like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scenario {
    /// Each touch adds to the log-odds.
    #[default]
    Additive,
    /// Some pairs of channels also add together.
    Interacting,
    /// Most of a touch's effect comes only after a channel that opens.
    Ordered,
    /// Users who would buy anyway meet some channels more often.
    Confounded,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Additive,
        Self::Interacting,
        Self::Ordered,
        Self::Confounded,
    ];
}

/// What kind of journeys to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JourneyOptions {
    /// Defaults to `8000`.
    pub journeys: usize,
    /// Defaults to confounded.
    pub scenario: Scenario,
    /// Defaults to `42`.
    pub seed: u64,
}

impl Default for JourneyOptions {
    fn default() -> Self {
        Self {
            journeys: 8_000,
            scenario: Scenario::Confounded,
            seed: 42,
        }
    }
}

/// What a channel did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JourneyTruth {
    /// The channel's name.
    pub channel: String,
    /// The expected conversions that would be missing if its touches had no effect, everything else as it
    /// was: Σ over journeys of p − p without the channel.
    pub conversions: f64,
    /// Its part of the sum over channels.
    pub share: f64,
    /// The Shapley value of the expected conversions among each journey's different channels, exact, over
    /// all sets of them whose touches have an effect.
    pub shapley: f64,
    /// Its part of the sum over channels.
    pub shapley_share: f64,
}

/// Simulated journeys, and the truth behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedJourneys {
    /// A row for each touch: user, time, channel, event type, whether the user is returning, value, cost.
    /// A conversion is a row of its own, of the event type `order`.
    pub table: Table,
    /// In the order of the channels.
    pub truth: Vec<JourneyTruth>,
    /// How many journeys converted.
    pub conversions: usize,
    /// The expected conversions.
    pub expected: f64,
    /// The expected conversions had no touch had any effect.
    pub baseline: f64,
}

struct Kind {
    name: &'static str,
    opens: f64,
    follows: f64,
    effect: f64,
    /// How much more often a user of high intent meets it, where intent confounds.
    sought: f64,
    cost: f64,
}

const fn kind(
    name: &'static str,
    opens: f64,
    follows: f64,
    effect: f64,
    sought: f64,
    cost: f64,
) -> Kind {
    Kind {
        name,
        opens,
        follows,
        effect,
        sought,
        cost,
    }
}

const KINDS: [Kind; 8] = [
    kind("Paid search", 0.16, 0.18, 0.40, 1.5, 0.90),
    kind("Social", 0.26, 0.16, 0.15, 1.0, 0.35),
    kind("E-mail", 0.04, 0.20, 0.20, 3.0, 0.02),
    kind("Display", 0.28, 0.16, 0.05, 1.0, 0.20),
    kind("Video", 0.12, 0.06, 0.85, 1.0, 0.60),
    kind("Affiliate", 0.04, 0.06, 0.60, 1.0, 0.80),
    kind("Store", 0.03, 0.04, 1.10, 1.0, 2.50),
    kind("Direct", 0.07, 0.14, 0.0, 4.0, 0.0),
];
const EMAIL: usize = 2;
/// Channels that open the way for others, where order matters.
const OPENERS: [usize; 2] = [1, 4];
/// Pairs that add together, where channels interact.
const PAIRS: [(usize, usize, f64); 3] = [(0, 4, 1.0), (1, EMAIL, 0.8), (3, 5, 0.9)];
const EVENTS: [&str; 4] = ["click", "view product", "add to cart", "order"];

/// Channels whose touches have an effect, one bit each.
type Working = u32;
const ALL_WORK: Working = (1 << KINDS.len()) - 1;

/// The log-odds of conversion after touches of these channels, of which only those of `working` have an
/// effect.
fn log_odds(scenario: Scenario, touches: &[usize], intent: bool, working: Working) -> f64 {
    let mut counts = [0_usize; KINDS.len()];
    let mut opened = false;
    let mut sum = BASE + if intent { INTENT } else { 0.0 };
    for &touch in touches.iter().filter(|&&touch| working >> touch & 1 == 1) {
        counts[touch] += 1;
        if counts[touch] <= SATURATED {
            let part = if scenario == Scenario::Ordered && !opened && !OPENERS.contains(&touch) {
                0.15
            } else {
                1.0
            };
            sum += part * KINDS[touch].effect;
        }
        opened |= OPENERS.contains(&touch);
    }
    if scenario == Scenario::Interacting {
        let both = PAIRS
            .iter()
            .filter(|(a, b, _)| counts[*a] > 0 && counts[*b] > 0);
        sum += both.map(|(_, _, effect)| effect).sum::<f64>();
    }
    sum
}

fn probability(scenario: Scenario, touches: &[usize], intent: bool, working: Working) -> f64 {
    1.0 / (1.0 + exp(-log_odds(scenario, touches, intent, working)))
}

/// Adds the Shapley value of a journey's chance among its different channels: by the definition, over all
/// sets (Shapley 1953). `chance` tells it where only a set of channels works.
fn add_shapley(touches: &[usize], chance: impl Fn(Working) -> f64, sums: &mut [f64]) {
    let present = touches.iter().fold(0, |set, &touch| set | 1_u32 << touch);
    let count = present.count_ones() as usize;
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    let weight = |set: u32| {
        let size = set.count_ones() as usize;
        factorial(size) * factorial(count - size - 1) / factorial(count)
    };
    // All sets of present channels, from all of them down to none.
    let mut set = present;
    loop {
        let with = chance(set);
        for (channel, sum) in sums.iter_mut().enumerate() {
            let bit = 1 << channel;
            if present & bit == 0 {
                continue;
            }
            *sum += match set & bit {
                0 => -weight(set) * with,
                _ => weight(set & !bit) * with,
            };
        }
        if set == 0 {
            break;
        }
        set = (set - 1) & present;
    }
}

/// Journeys of users who come again after a conversion now and then. About one in six converts.
///
/// The truth is counterfactual: it follows from the same journeys and the same users with the effect of
/// one channel taken away, in expectation, without any drawing.
///
/// # Errors
/// [`SimulateError::Journeys`] where too few or too many are asked for.
pub fn journeys(options: &JourneyOptions) -> Result<SimulatedJourneys, SimulateError> {
    if !(1..=MAX_JOURNEYS).contains(&options.journeys) {
        return Err(SimulateError::Journeys);
    }
    let mut maker = Maker::new(options);
    while maker.made < options.journeys {
        maker.user(options.journeys);
    }
    Ok(maker.done())
}

struct Maker {
    scenario: Scenario,
    random: Random,
    made: usize,
    users: u32,
    conversions: usize,
    lost: [f64; KINDS.len()],
    shapley: [f64; KINDS.len()],
    expected: f64,
    baseline: f64,
    rows: Rows,
}

#[derive(Default)]
struct Rows {
    user: Vec<u32>,
    time: Vec<i64>,
    channel: Vec<u32>,
    event: Vec<u32>,
    returning: Vec<u8>,
    value: Vec<f64>,
    cost: Vec<f64>,
}

impl Maker {
    fn new(options: &JourneyOptions) -> Self {
        Self {
            scenario: options.scenario,
            random: Random::new(options.seed),
            made: 0,
            users: 0,
            conversions: 0,
            lost: [0.0; KINDS.len()],
            shapley: [0.0; KINDS.len()],
            expected: 0.0,
            baseline: 0.0,
            rows: Rows::default(),
        }
    }

    /// All journeys of one more user.
    fn user(&mut self, most: usize) {
        let user = self.users;
        self.users += 1;
        let intent = self.random.uniform() < 0.3;
        let mut moment = FIRST_DAY
            + i64::from(self.random.below(WEEKS * 7)) * DAY
            + i64::from(self.random.below(24 * 60)) * 60_000;
        while self.made < most {
            let (end, converted) = self.journey(user, intent, moment);
            if !converted || self.random.uniform() > 0.35 {
                break;
            }
            moment = end + DAY + i64::from(self.random.below(40)) * DAY;
        }
    }

    fn journey(&mut self, user: u32, intent: bool, start: i64) -> (i64, bool) {
        self.made += 1;
        let count = (1 + geometric(&mut self.random, 0.66) as usize).min(LONGEST);
        let mut touches = Vec::with_capacity(count);
        let mut moment = start;
        for place in 0..count {
            if place > 0 {
                moment += HOUR * (1 + i64::from(self.random.below(12)));
                if self.random.uniform() < 0.5 {
                    moment += DAY * i64::from(self.random.below(6));
                }
            }
            let touch = self.touch(place, intent, moment);
            touches.push(touch);
            let event = draw(&mut self.random, [0.55, 0.35, 0.10]) as u32;
            let cost = KINDS[touch].cost * (0.5 + self.random.uniform());
            self.row(
                user,
                moment,
                touch as u32,
                event,
                intent,
                f64::NAN,
                (cost * 100.0).round() / 100.0,
            );
        }
        let scenario = self.scenario;
        let of = |working: Working| probability(scenario, &touches, intent, working);
        let chance = of(ALL_WORK);
        for (channel, lost) in self.lost.iter_mut().enumerate() {
            if touches.contains(&channel) {
                *lost += chance - of(ALL_WORK & !(1 << channel));
            }
        }
        add_shapley(&touches, of, &mut self.shapley);
        self.expected += chance;
        self.baseline += of(0);
        let converted = self.random.uniform() < chance;
        if converted {
            self.conversions += 1;
            moment += 60_000 * (1 + i64::from(self.random.below(50)));
            let value = (20.0 + 160.0 * self.random.uniform() * self.random.uniform()).round();
            self.row(user, moment, MISSING_CODE, 3, intent, value, f64::NAN);
        }
        (moment, converted)
    }

    /// Which channel a touch is of: openers and followers differ, spending goes up and down by week, and
    /// intent seeks some out where it confounds.
    fn touch(&mut self, place: usize, intent: bool, moment: i64) -> usize {
        let week = (moment - FIRST_DAY) / (7 * DAY);
        let sought = self.scenario == Scenario::Confounded && intent;
        let shares = KINDS.iter().enumerate().map(|(at, kind)| {
            let share = if place == 0 { kind.opens } else { kind.follows };
            let swing = 1.0
                + 0.6
                    * (((week + 3 * at as i64) * (2 + at as i64)).rem_euclid(7) as f64 / 3.0 - 1.0);
            share
                * if sought { kind.sought } else { 1.0 }
                * if kind.cost > 0.1 { swing } else { 1.0 }
        });
        let shares: Vec<f64> = shares.collect();
        let sum: f64 = shares.iter().sum();
        draw(
            &mut self.random,
            shares.into_iter().map(|share| share / sum),
        )
    }

    #[allow(clippy::too_many_arguments)] // One per column.
    fn row(
        &mut self,
        user: u32,
        moment: i64,
        channel: u32,
        event: u32,
        returning: bool,
        value: f64,
        cost: f64,
    ) {
        self.rows.user.push(user);
        self.rows.time.push(moment);
        self.rows.channel.push(channel);
        self.rows.event.push(event);
        self.rows.returning.push(u8::from(returning));
        self.rows.value.push(value);
        self.rows.cost.push(cost);
    }

    fn done(self) -> SimulatedJourneys {
        let all: f64 = self.lost.iter().sum();
        let all_shapley: f64 = self.shapley.iter().sum();
        let truth = KINDS.iter().zip(self.lost).zip(self.shapley);
        let truth = truth.map(|((kind, lost), shapley)| JourneyTruth {
            channel: kind.name.to_owned(),
            conversions: lost,
            share: lost / all,
            shapley,
            shapley_share: shapley / all_shapley,
        });
        let rows = self.rows;
        let count = rows.user.len();
        let levels = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<String>>();
        let category = |codes: Vec<u32>, levels: Vec<String>| {
            ColumnData::Category(Dictionary { codes, levels })
        };
        let users = levels(&mut (1..=self.users).map(|user| format!("U{user:07}")));
        let columns = [
            (
                "user_id",
                ColumnData::Text(Dictionary {
                    codes: rows.user,
                    levels: users,
                }),
            ),
            ("time", ColumnData::Time(rows.time)),
            (
                "channel",
                category(
                    rows.channel,
                    levels(&mut KINDS.iter().map(|kind| kind.name.to_owned())),
                ),
            ),
            (
                "event",
                category(
                    rows.event,
                    levels(&mut EVENTS.iter().map(|&name| name.to_owned())),
                ),
            ),
            ("returning", ColumnData::Boolean(rows.returning)),
            ("value", ColumnData::Number(rows.value)),
            ("cost", ColumnData::Number(rows.cost)),
        ];
        let columns = columns.into_iter().map(|(name, data)| Column {
            name: name.to_owned(),
            data,
        });
        SimulatedJourneys {
            table: Table {
                columns: columns.collect(),
                source_rows: None,
                rows: count,
            },
            truth: truth.collect(),
            conversions: self.conversions,
            expected: self.expected,
            baseline: self.baseline,
        }
    }
}

impl SimulatedJourneys {
    /// The touches as a CSV file, in the order in which they happened to each user.
    pub fn csv(&self) -> Vec<u8> {
        super::csv::of_table(&self.table)
    }

    /// The table with one kind of touch: what a touch led to (a view, a cart) is an effect of its channel,
    /// and a model that is given it credits that instead of the channel.
    pub fn touches_alone(&self) -> Table {
        let mut table = self.table.clone();
        for column in table
            .columns
            .iter_mut()
            .filter(|column| column.name == "event")
        {
            if let ColumnData::Category(events) = &mut column.data {
                let last = events.levels.len() as u32 - 1;
                events
                    .codes
                    .iter_mut()
                    .filter(|code| **code != last)
                    .for_each(|code| *code = 0);
            }
        }
        table
    }

    /// The roles that fit the columns, for callers that leave the reading of a file out.
    pub fn schema(&self) -> Schema {
        let reason = || Reason {
            code: "simulated",
            message: "Made so by the simulator.".to_owned(),
            figures: BTreeMap::new(),
        };
        let about = |column: &Column| ColumnSchema {
            name: column.name.clone(),
            column_type: column.data.column_type(),
            role: match column.name.as_str() {
                "user_id" => Role::User,
                "time" => Role::Time,
                "channel" => Role::Channel,
                "event" => Role::Event,
                "value" => Role::Value,
                "cost" => Role::Cost,
                _ => Role::Feature,
            },
            reason: reason(),
            missing: 0,
            distinct: 0,
            examples: Vec::new(),
            levels: Vec::new(),
        };
        Schema {
            columns: self.table.columns.iter().map(about).collect(),
            positive: Some("order".to_owned()),
            layout: Layout::Events,
            layout_reason: reason(),
            ..Schema::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_truth_is_what_the_simulator_does() {
        for scenario in Scenario::ALL {
            let made = journeys(&JourneyOptions {
                journeys: 20_000,
                scenario,
                seed: 3,
            })
            .expect("makes");
            let share = made.conversions as f64 / 20_000.0;
            assert!((0.05..0.35).contains(&share), "{scenario:?} {share}");
            let shares: f64 = made.truth.iter().map(|truth| truth.share).sum();
            assert!((shares - 1.0).abs() < 1e-12);
            // Direct never has an effect, and nothing harms.
            assert!(made.truth.iter().all(|truth| truth.conversions >= 0.0));
            assert_eq!(made.truth[7].conversions, 0.0);
            assert!(made.baseline < made.conversions as f64);
            // The Shapley values share out what all touches together bring (the axiom of efficiency);
            // removing channels one by one does not, but where they hardly meet.
            let expected: f64 = made.truth.iter().map(|truth| truth.shapley).sum();
            let brought = made.expected - made.baseline;
            assert!(
                (expected - brought).abs() < 1e-6 * brought,
                "{expected} {brought}"
            );
            assert!(made.truth[7].shapley.abs() < 1e-9);
            let shares: f64 = made.truth.iter().map(|truth| truth.shapley_share).sum();
            assert!((shares - 1.0).abs() < 1e-12);
        }
    }

    /// Against the other definition: the mean gain over all orders of three channels.
    #[test]
    fn the_shapley_value_is_the_mean_over_orders() {
        let touches = [0, 4, 2, 0];
        let of = |set: Working| probability(Scenario::Interacting, &touches, true, set);
        let mut sums = [0.0; KINDS.len()];
        add_shapley(&touches, of, &mut sums);
        let mut wanted = [0.0; KINDS.len()];
        let orders = [
            [0, 4, 2],
            [0, 2, 4],
            [4, 0, 2],
            [4, 2, 0],
            [2, 0, 4],
            [2, 4, 0],
        ];
        for order in orders {
            let mut set = 0;
            for channel in order {
                wanted[channel] += (of(set | 1 << channel) - of(set)) / 6.0;
                set |= 1 << channel;
            }
        }
        for (found, wanted) in sums.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-12, "{sums:?} {wanted:?}");
        }
    }

    #[test]
    fn taking_a_channel_away_takes_its_effect() {
        let p = |touches: &[usize], working| {
            probability(Scenario::Interacting, touches, false, working)
        };
        let without = ALL_WORK & !(1 << 4);
        assert_eq!(p(&[0, 4], without), p(&[0], ALL_WORK));
        let both = p(&[0, 4], ALL_WORK);
        assert!(both > p(&[0], ALL_WORK) + p(&[4], ALL_WORK) - p(&[], ALL_WORK));
        let ordered = |touches: &[usize]| log_odds(Scenario::Ordered, touches, false, ALL_WORK);
        assert!(ordered(&[4, 0]) > ordered(&[0, 4]));
        let once = probability(Scenario::Additive, &[6], false, ALL_WORK);
        assert!((once - 1.0 / (1.0 + f64::exp(3.1 - 1.1))).abs() < 1e-12);
    }
}
