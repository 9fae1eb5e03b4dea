//! The four strengths that a channel can have, as measures: it expands the market, makes the brand known,
//! makes the number of customers grow, keeps them loyal.

use super::advantage_measures::{
    assist_ratio, awareness, growth, new_converters, new_user_rate, new_user_share, opener_share,
    repeat_rate, retention, segment_lead, value_per_converter,
};
use super::options::CompareOptions;
use super::people::{Person, people};
use crate::prepare::{Dataset, Journeys};
use serde::Serialize;

/// Why a measure can't be worked out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// A stable name.
    pub code: &'static str,
    /// Plain English.
    pub message: &'static str,
    /// The roles of columns that would light it.
    pub roles: &'static [&'static str],
}

const NEEDS_USERS: Missing = Missing {
    code: "needs-users",
    message: "This needs a column that names the user.",
    roles: &["user"],
};
const NEEDS_TIMES: Missing = Missing {
    code: "needs-times",
    message: "This needs a column that says when each touch was, by the calendar.",
    roles: &["time"],
};
const NEEDS_VALUES: Missing = Missing {
    code: "needs-values",
    message: "This needs a column that says what each conversion was worth.",
    roles: &["value"],
};
const NEEDS_SEGMENTS: Missing = Missing {
    code: "needs-segments",
    message: "This needs a feature that parts users into kinds, such as their region or device.",
    roles: &[],
};
const NEEDS_MORE_CHANNELS: Missing = Missing {
    code: "needs-mixed-journeys",
    message: "No converting journey has more than one channel, so none leads to another.",
    roles: &[],
};
const NEEDS_LONGER: Missing = Missing {
    code: "needs-longer",
    message: "The data cover too short a time for this.",
    roles: &[],
};

/// A channel's figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// The channel.
    pub name: String,
    /// `None` where nothing can be told of this channel.
    pub value: Option<f64>,
    /// Of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    /// How many users, journeys or periods it rests on.
    pub n: f64,
}

/// A figure of every channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measure {
    /// Its name.
    pub key: &'static str,
    /// Where its wording stands.
    pub definition: String,
    /// What its figures are: `share`, `count`, `perPeriod`, `value` or `ratio`.
    pub unit: &'static str,
    /// Whether it could be worked out.
    pub available: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// A figure that its wording needs: the days of a window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
    /// The same over all channels together, where that means something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overall: Option<f64>,
    /// In the order of the channels.
    pub channels: Vec<Measured>,
}

/// A strength by all its measures; the first is the index itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Advantage {
    /// `marketExpansion`, `brandAwareness`, `userGrowth` or `userLoyalty`.
    pub key: &'static str,
    /// Whether the index could be worked out.
    pub available: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// At least one.
    pub measures: Vec<Measure>,
}

/// What the measures are worked out from.
pub(super) struct Facts<'a> {
    pub(super) journeys: &'a Journeys,
    pub(super) dataset: &'a Dataset,
    pub(super) options: &'a CompareOptions,
    /// Where users are known.
    pub(super) people: Option<Vec<Person>>,
}

impl Facts<'_> {
    pub(super) fn people(&self) -> Result<&[Person], Missing> {
        self.people
            .as_deref()
            .filter(|people| !people.is_empty())
            .ok_or(NEEDS_USERS)
    }

    pub(super) fn calendar(&self) -> Result<(), Missing> {
        let known = self.journeys.calendar && self.journeys.ends.len() == self.journeys.len();
        known.then_some(()).ok_or(NEEDS_TIMES)
    }

    pub(super) fn valued(&self) -> Result<(), Missing> {
        self.dataset.values.as_ref().map(|_| ()).ok_or(NEEDS_VALUES)
    }

    pub(super) fn channels(&self) -> usize {
        self.journeys.channels.len()
    }
}

/// Figures before they are named: value, interval and n per channel; what all have together; days.
pub(super) struct Figures {
    pub(super) channels: Vec<(Option<f64>, Option<[f64; 2]>, f64)>,
    pub(super) overall: Option<f64>,
    pub(super) days: Option<f64>,
}

/// Reasons that the measures give by name.
pub(super) enum Lack {
    Segments,
    MixedJourneys,
    Longer,
}

impl From<Lack> for Missing {
    fn from(lack: Lack) -> Self {
        match lack {
            Lack::Segments => NEEDS_SEGMENTS,
            Lack::MixedJourneys => NEEDS_MORE_CHANNELS,
            Lack::Longer => NEEDS_LONGER,
        }
    }
}

type Worker = fn(&Facts) -> Result<Figures, Missing>;

/// A measure: its key, its unit, and what works it out.
type Asked = (&'static str, &'static str, Worker);

const ADVANTAGES: [(&str, &[Asked]); 4] = [
    (
        "marketExpansion",
        &[
            ("newUserShare", "share", new_user_share),
            ("newUserRate", "share", new_user_rate),
            ("segmentLead", "share", segment_lead),
        ],
    ),
    (
        "brandAwareness",
        &[
            ("awarenessShare", "share", awareness),
            ("openerShare", "share", opener_share),
            ("assistRatio", "ratio", assist_ratio),
        ],
    ),
    (
        "userGrowth",
        &[
            ("growthTrend", "perPeriod", growth),
            ("newConverters", "perPeriod", new_converters),
        ],
    ),
    (
        "userLoyalty",
        &[
            ("repeatRate", "share", repeat_rate),
            ("retention", "share", retention),
            ("valuePerConverter", "value", value_per_converter),
        ],
    ),
];

/// The four strengths of every channel. The formulas are in docs/METHODS.md.
pub(super) fn advantages(
    journeys: &Journeys,
    dataset: &Dataset,
    options: &CompareOptions,
) -> Vec<Advantage> {
    let facts = Facts {
        journeys,
        dataset,
        options,
        people: people(journeys, dataset),
    };
    let advantage = |(key, measures): (&'static str, &[(&'static str, &'static str, Worker)])| {
        let told = measures
            .iter()
            .map(|&(key, unit, worker)| measure(&facts, key, unit, worker));
        let measures: Vec<Measure> = told.collect();
        Advantage {
            key,
            available: measures[0].available,
            missing: measures[0].missing.clone(),
            measures,
        }
    };
    ADVANTAGES.into_iter().map(advantage).collect()
}

fn measure(facts: &Facts, key: &'static str, unit: &'static str, worker: Worker) -> Measure {
    let definition = format!("definition.{key}");
    match worker(facts) {
        Ok(figures) => Measure {
            key,
            definition,
            unit,
            available: true,
            missing: None,
            days: figures.days,
            overall: figures.overall,
            channels: facts
                .journeys
                .channels
                .iter()
                .zip(figures.channels)
                .map(|(name, (value, interval, n))| Measured {
                    name: name.clone(),
                    value,
                    interval: interval.filter(|_| value.is_some()),
                    n,
                })
                .collect(),
        },
        Err(missing) => Measure {
            key,
            definition,
            unit,
            available: false,
            missing: Some(missing),
            days: None,
            overall: None,
            channels: Vec::new(),
        },
    }
}
