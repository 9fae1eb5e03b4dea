//! What a randomised group did: the one figure here that is cause and not credit.

use super::findings::Finding;
use super::options::{CompareOptions, Grouping, normal_quantile};
use super::reach::{weight_of, worth_of};
use crate::prepare::{Dataset, Encoding};
use crate::statistics::wilson;
use crate::table::MISSING_CODE;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};
use std::collections::BTreeMap;

/// Names of columns that say which group someone was put in.
const COLUMNS: [&str; 14] = [
    "segment",
    "group",
    "variant",
    "treatment",
    "arm",
    "test",
    "experiment",
    "holdout",
    "bucket",
    "实验",
    "分组",
    "组别",
    "对照",
    "试验",
];
/// Names of the group that was left alone.
const CONTROLS: [&str; 10] = [
    "control",
    "holdout",
    "placebo",
    "no treatment",
    "untreated",
    "no e mail",
    "no email",
    "no contact",
    "对照",
    "空白",
];
/// A part of fewer rows, on either side, is not told.
const LEAST: f64 = 30.0;

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

/// The lift of the groups of the column that the options name, or of one that has the name of such a
/// column and a level with the name of a control. `None` where there is none, or where users come again,
/// so that rows are not what was drawn for.
pub(super) fn lift(dataset: &Dataset, options: &CompareOptions) -> Option<Lift> {
    let again = |ordinals: &[u32]| ordinals.iter().any(|&ordinal| ordinal > 0);
    if dataset
        .journeys
        .as_ref()
        .is_some_and(|journeys| again(&journeys.ordinals))
    {
        return None;
    }
    let mut columns: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (place, feature) in dataset.features.iter().enumerate() {
        if let Encoding::OneHot { level } = &feature.encoding {
            columns
                .entry(&feature.column)
                .or_default()
                .push((place, level));
        }
    }
    let asked = match &options.treatment {
        Grouping::Named(asked) => Some(asked),
        Grouping::Off => return None,
        Grouping::Guess => None,
    };
    let (column, levels) = match asked {
        Some(asked) => columns.get_key_value(asked.column.as_str())?,
        None => columns.iter().find(|(column, levels)| {
            speaks(column, &COLUMNS) && levels.iter().any(|(_, level)| speaks(level, &CONTROLS))
        })?,
    };
    let named = asked.and_then(|asked| asked.control.as_deref());
    let control = match named {
        Some(control) => levels.iter().position(|(_, level)| *level == control)?,
        None => levels
            .iter()
            .position(|(_, level)| speaks(level, &CONTROLS))?,
    };
    Some(told(
        dataset,
        options,
        column,
        levels,
        control,
        asked.is_none(),
    ))
}

/// Whether a name holds one of the words, Latin ones as whole words.
fn speaks(name: &str, words: &[&str]) -> bool {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                ' '
            }
        })
        .collect();
    let spaced = format!(
        " {} ",
        plain.split_whitespace().collect::<Vec<&str>>().join(" ")
    );
    words.iter().any(|word| {
        if word.is_ascii() {
            spaced.contains(&format!(" {word} "))
        } else {
            spaced.contains(word)
        }
    })
}

fn told(
    dataset: &Dataset,
    options: &CompareOptions,
    column: &str,
    levels: &[(usize, &str)],
    control: usize,
    guessed: bool,
) -> Lift {
    let width = dataset.width();
    let channels = dataset
        .channels
        .as_ref()
        .filter(|channels| channels.column != column);
    let names: &[String] = channels.map_or(&[], |channels| &channels.names);
    // By level; the whole, then by channel.
    let mut sums = vec![vec![Sums::default(); names.len() + 1]; levels.len()];
    for row in 0..dataset.rows() {
        let cells = &dataset.x[row * width..(row + 1) * width];
        let Some(level) = levels.iter().position(|&(place, _)| cells[place] > 0.5) else {
            continue;
        };
        let (weight, converted) = (weight_of(dataset, row), dataset.y[row] > 0.5);
        let worth = worth_of(dataset, row);
        sums[level][0].add(weight, converted, worth);
        if let Some(&code) = channels
            .and_then(|channels| channels.codes.get(row))
            .filter(|&&code| code != MISSING_CODE)
        {
            sums[level][code as usize + 1].add(weight, converted, worth);
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
                effects.push(effect(levels[level].1, channel, treated, other, z, valued));
            }
        }
    }
    order.insert(0, control);
    let group = |&level: &usize| {
        let whole = sums[level][0];
        LiftGroup {
            level: levels[level].1.to_owned(),
            n: whole.n,
            conversions: whole.conversions,
            rate: whole.rate(),
            rate_interval: wilson(whole.conversions, whole.n, z),
            value_per_row: valued.then(|| whole.mean()),
        }
    };
    Lift {
        column: column.to_owned(),
        control: levels[control].1.to_owned(),
        guessed,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_their_columns_are_known_by_name() {
        for name in ["segment", "AB-Test", "test_group", "Treatment", "实验分组"] {
            assert!(speaks(name, &COLUMNS), "{name}");
        }
        for name in ["latest", "armchair", "region"] {
            assert!(!speaks(name, &COLUMNS), "{name}");
        }
        for level in ["No E-Mail", "control", "Holdout 5", "对照组"] {
            assert!(speaks(level, &CONTROLS), "{level}");
        }
        assert!(!speaks("Mens E-Mail", &CONTROLS));
    }
}
