//! What a randomised group did: the one figure here that is cause and not credit.

use super::findings::Finding;
use super::options::{CompareOptions, normal_quantile};
use super::reach::{weight_of, worth_of};
use super::reason::Reason;
use super::treatment::{Groups, LiftRefused, groups};
use crate::prepare::Dataset;
use crate::statistics::wilson;
use crate::table::{MISSING_CODE, Table};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};
use std::collections::{BTreeMap, HashMap};

/// A part of fewer rows, on either side, is not told.
const LEAST: f64 = 30.0;
/// Where more users than this part stand in several groups, the column is no group that users were put in.
const MIXED: f64 = 0.01;

/// A group as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LiftGroup {
    /// Its name.
    pub level: String,
    /// Rows.
    pub n: f64,
    /// Rows that converted.
    pub conversions: f64,
    /// `conversions / n`.
    pub rate: f64,
    /// Wilson's.
    pub rate_interval: [f64; 2],
    /// What a row was worth, those that did not convert as 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_per_row: Option<f64>,
}

/// A difference of means.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Treated less control.
    pub difference: f64,
    /// Normal, with each side's own variance.
    pub interval: [f64; 2],
}

/// What a treatment did, in all rows or those of one channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LiftEffect {
    /// The treated group.
    pub level: String,
    /// Where it is about one channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Treated rows.
    pub n: f64,
    /// Rows of the control.
    pub n_control: f64,
    /// Rate of the treated.
    pub treated: f64,
    /// Rate of the control.
    pub control: f64,
    /// Treated less control.
    #[serde(flatten)]
    pub difference: Difference,
    /// Two-sided, of no difference.
    pub p: f64,
    /// The difference as a part of the control's rate.
    pub relative: Option<f64>,
    /// The same of what rows were worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Difference>,
}

/// What the groups of a column did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lift {
    /// The column.
    pub column: String,
    /// The group that was left alone.
    pub control: String,
    /// Whether we guessed both.
    pub guessed: bool,
    /// What is counted: `rows`, `journeys`, or `users` where some come again.
    pub unit: &'static str,
    /// Users who stood in several groups, and were left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// The control first.
    pub groups: Vec<LiftGroup>,
    /// By treated group; in all rows first, then by channel.
    pub effects: Vec<LiftEffect>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    conversions: f64,
    value: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, weight: f64, converted: bool, worth: f64) {
        self.n += weight;
        if converted {
            self.conversions += weight;
            self.value += weight * worth;
            self.squares += weight * worth * worth;
        }
    }

    fn rate(&self) -> f64 {
        self.conversions / self.n
    }

    fn mean(&self) -> f64 {
        self.value / self.n
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Someone (or something) that was put in a group, and what became of it.
struct Unit {
    level: u32,
    weight: f64,
    converted: bool,
    worth: f64,
    channel: u32,
}

/// The lift of the groups of the column that the options name, or of one that has the name of such a
/// column and a level with the name of a control; `Ok(None)` where none is asked for and none is found.
/// Where users come again, users are compared: with the group and the channel of their first row, converted
/// where any of their rows is.
///
/// # Errors
/// Why the column that the options name can't be used.
pub(super) fn lift(
    dataset: &Dataset,
    table: Option<&Table>,
    options: &CompareOptions,
) -> Result<Option<Lift>, LiftRefused> {
    let Some(groups) = groups(dataset, table, &options.treatment)? else {
        return Ok(None);
    };
    let (units, name, mixed) = units(dataset, &groups);
    let guessed = groups.guessed;
    let refused = |code: &'static str, message: &'static str, users: usize| LiftRefused {
        column: groups.column.clone(),
        reason: Reason::new(code, message).figure("users", users as f64),
        levels: Vec::new(),
    };
    if mixed as f64 > MIXED * (units.len() + mixed) as f64 {
        let message = "Many users stand in several of the groups, so users were not put in them.";
        let refused = refused("lift-users-mixed", message, mixed);
        return if guessed { Ok(None) } else { Err(refused) };
    }
    let lift = told(dataset, options, &groups, &units, (name, mixed));
    if lift.effects.is_empty() {
        let message = "The groups are too small to be compared.";
        let refused = LiftRefused {
            reason: Reason::new("lift-too-few", message).figure("minimum", LEAST),
            ..refused("lift-too-few", message, 0)
        };
        return if guessed { Ok(None) } else { Err(refused) };
    }
    Ok(Some(lift))
}

/// Rows or journeys; where users come again, users, and how many of them stood in several groups.
fn units(dataset: &Dataset, groups: &Groups) -> (Vec<Unit>, &'static str, usize) {
    let channel = |row: usize| {
        let channels = dataset.channels.as_ref();
        let code = channels.and_then(|channels| channels.codes.get(row));
        code.copied().unwrap_or(MISSING_CODE)
    };
    let row = |row: usize| Unit {
        level: groups.of[row],
        weight: weight_of(dataset, row),
        converted: dataset.y[row] > 0.5,
        worth: worth_of(dataset, row),
        channel: channel(row),
    };
    let rows = (0..dataset.rows()).filter(|&row| groups.of[row] != MISSING_CODE);
    let kind = if dataset.journeys.is_some() {
        "journeys"
    } else {
        "rows"
    };
    let Some(users) = dataset.users.as_ref() else {
        return (rows.map(row).collect(), kind, 0);
    };
    let mut places: HashMap<u32, usize> = HashMap::new();
    // With the order of the first row, and whether another group was met.
    let mut people: Vec<(Unit, (u32, usize), bool)> = Vec::new();
    let mut again = false;
    let ordinals = dataset
        .journeys
        .as_ref()
        .map(|journeys| journeys.ordinals.as_slice());
    for at in rows.clone() {
        let mut unit = row(at);
        unit.worth = if unit.converted { unit.worth } else { 0.0 };
        let ordinal = ordinals.and_then(|ordinals| ordinals.get(at)).copied();
        let order = (ordinal.unwrap_or(0), at);
        let new = people.len();
        let place = match users[at] {
            MISSING_CODE => new,
            user => *places.entry(user).or_insert(new),
        };
        if place == new {
            people.push((unit, order, false));
            continue;
        }
        again = true;
        let (known, first, mixed) = &mut people[place];
        *mixed |= known.level != unit.level;
        if order < *first {
            (known.channel, *first) = (unit.channel, order);
        }
        known.converted |= unit.converted;
        known.worth += unit.worth;
    }
    if !again {
        return (rows.map(row).collect(), kind, 0);
    }
    let mixed = people.iter().filter(|(.., mixed)| *mixed).count();
    let units = people.into_iter().filter(|(.., mixed)| !mixed);
    (units.map(|(unit, ..)| unit).collect(), "users", mixed)
}

fn told(
    dataset: &Dataset,
    options: &CompareOptions,
    groups: &Groups,
    units: &[Unit],
    (unit, left_out): (&'static str, usize),
) -> Lift {
    let (levels, control) = (&groups.levels, groups.control);
    let channels = dataset
        .channels
        .as_ref()
        .filter(|channels| channels.column != groups.column);
    let names: &[String] = channels.map_or(&[], |channels| &channels.names);
    // By level; the whole, then by channel.
    let mut sums = vec![vec![Sums::default(); names.len() + 1]; levels.len()];
    for one in units {
        let own = &mut sums[one.level as usize];
        own[0].add(one.weight, one.converted, one.worth);
        if one.channel != MISSING_CODE
            && let Some(sums) = own.get_mut(one.channel as usize + 1)
        {
            sums.add(one.weight, one.converted, one.worth);
        }
    }
    let valued = dataset.values.is_some();
    let z = normal_quantile(options.confidence);
    let mut order: Vec<usize> = (0..levels.len())
        .filter(|&level| level != control)
        .collect();
    let mut effects = Vec::new();
    for (place, &other) in sums[control].iter().enumerate() {
        for &level in &order {
            let treated = sums[level][place];
            if treated.n >= LEAST && other.n >= LEAST {
                let channel = place.checked_sub(1).map(|code| names[code].clone());
                effects.push(effect(&levels[level], channel, treated, other, z, valued));
            }
        }
    }
    order.insert(0, control);
    let group = |&level: &usize| {
        let whole = sums[level][0];
        LiftGroup {
            level: levels[level].clone(),
            n: whole.n,
            conversions: whole.conversions,
            rate: whole.rate(),
            rate_interval: wilson(whole.conversions, whole.n, z),
            value_per_row: valued.then(|| whole.mean()),
        }
    };
    Lift {
        column: groups.column.clone(),
        control: levels[control].clone(),
        guessed: groups.guessed,
        unit,
        left_out,
        groups: order
            .iter()
            .filter(|&&level| sums[level][0].n > 0.0)
            .map(group)
            .collect(),
        effects,
    }
}

/// The difference of two means and its interval by the normal approximation, with the unbiased variance of
/// each side (Neyman 1923; Imbens & Rubin 2015, "Causal inference for statistics, social, and biomedical
/// sciences", section 6.5).
fn effect(
    level: &str,
    channel: Option<String>,
    treated: Sums,
    control: Sums,
    z: f64,
    valued: bool,
) -> LiftEffect {
    let (p, q) = (treated.rate(), control.rate());
    let error = (p * (1.0 - p) / (treated.n - 1.0) + q * (1.0 - q) / (control.n - 1.0)).sqrt();
    let difference = p - q;
    let around = |difference: f64, error: f64| Difference {
        difference,
        interval: [difference - z * error, difference + z * error],
    };
    let tail = |distance: f64| 2.0 * Normal::standard().cdf(-distance.abs());
    let variance =
        |sums: Sums| (sums.squares / sums.n - sums.mean().powi(2)).max(0.0) / (sums.n - 1.0);
    LiftEffect {
        level: level.to_owned(),
        channel,
        n: treated.n,
        n_control: control.n,
        treated: p,
        control: q,
        difference: around(difference, error),
        p: if error > 0.0 {
            tail(difference / error)
        } else {
            1.0
        },
        relative: (q > 0.0).then(|| difference / q),
        value: valued.then(|| {
            around(
                treated.mean() - control.mean(),
                (variance(treated) + variance(control)).sqrt(),
            )
        }),
    }
}

/// That lift is one thing and credit another.
pub(super) fn finding(lift: &Lift) -> Finding {
    Finding {
        code: "lift-is-not-credit",
        channels: Vec::new(),
        methods: Vec::new(),
        figures: BTreeMap::from([("groups", lift.groups.len() as f64)]),
        message: "If the groups were drawn by chance, the differences between them are what the treatment caused. Rates and credit of channels are not: they say who was there.".to_owned(),
    }
}
