//! What can be asked of the comparison.

use super::groups::{Group, group_named};
use super::periods::{Period, moment_of};
use super::response::ResponseOutcome;
use crate::attribution::{AttributionError, AttributionOptions, MarkovOrder};
use crate::error::Coded;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};
use std::collections::BTreeMap;

/// The `costs` option: what a channel cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelCost {
    /// The channel's name.
    pub channel: String,
    /// In any currency.
    pub cost: f64,
    /// The day it was spent on, as `2026-03-31`; without one, it counts for the whole.
    pub date: Option<String>,
    /// So many days, from that one on, it was spent evenly over. Defaults to 1.
    #[serde(default)]
    pub days: Option<u32>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Every channel.
    #[default]
    Channel,
    /// The narrower kinds: social, search, stores, ….
    Group,
    /// Direct, online, offline, other.
    Broad,
}

/// Which column holds a randomised group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Treatment {
    /// The column.
    pub column: String,
    /// The group that was left alone; guessed where left out.
    pub control: Option<String>,
}

/// Where a randomised group is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Grouping {
    /// In this column.
    Named(Treatment),
    /// Nowhere: `null`.
    Off,
    /// In a column that has the name of one.
    #[default]
    #[serde(skip)]
    Guess,
}

impl Grouping {
    fn is_guess(&self) -> bool {
        *self == Self::Guess
    }
}

/// How touches are left out for the credit of a trained model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CreditRule {
    /// Channel after channel, in many orders.
    #[default]
    SampledShapley,
    /// Each channel with all of its touches.
    LeaveOneChannelOut,
    /// Each touch on its own.
    LeaveOneOut,
}

impl CreditRule {
    /// The name in the public API.
    pub fn name(self) -> &'static str {
        match self {
            Self::SampledShapley => "sampledShapley",
            Self::LeaveOneChannelOut => "leaveOneChannelOut",
            Self::LeaveOneOut => "leaveOneOut",
        }
    }
}

/// Where the user puts a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Placing {
    /// A kind or broad group that we know, by its name.
    Named(String),
    /// A broad group, and any name in it.
    Free {
        /// The broad group.
        group: Group,
        /// The user's own name for the kind.
        subgroup: Option<String>,
    },
}

/// Methods that can credit the journeys of a period on their own.
const PERIOD_METHODS: [&str; 8] = [
    "first",
    "last",
    "lastNonDirect",
    "linear",
    "timeDecay",
    "position",
    "markov",
    "shapley",
];

/// The options of `compare`, unchecked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CompareOptions {
    /// Attribution methods by name. Defaults to all that need no model.
    pub methods: Vec<String>,
    /// Parts of the first, the middle and the last touches. Defaults to `[40, 20, 40]`.
    pub position_weights: Option<[f64; 3]>,
    /// Days (steps where no times are known) in which a touch's weight halves. Defaults to 7 days or 1 step.
    pub half_life: Option<f64>,
    /// How many touches back the Markov chain looks. Defaults to 1.
    pub markov_order: Option<MarkovOrder>,
    /// Bootstrap resamples of the credit. Defaults to 500.
    pub resamples: Option<usize>,
    /// Of every interval and test. Defaults to `0.95`.
    pub confidence: f64,
    /// Of all that is drawn. Defaults to 42.
    pub seed: Option<u64>,
    /// The runs whose view of the channels is asked for; without it, the caller chooses.
    pub run_ids: Option<Vec<String>>,
    /// Defaults to channels. Journeys only.
    pub level: Level,
    /// Channels that belong elsewhere than their name tells.
    pub groups: BTreeMap<String, Placing>,
    /// What the channels cost.
    pub costs: Option<Vec<ChannelCost>>,
    /// The periods of money, growth and cohorts; by the span of the data where left out.
    pub period: Option<Period>,
    /// The method that credits the conversions of single periods. Defaults to Shapley.
    pub period_method: Option<String>,
    /// What is held to answer to the spend. Defaults to all conversions.
    pub response_outcome: ResponseOutcome,
    /// How trained models give credit.
    pub model_rule: CreditRule,
    /// Guessed where left out.
    #[serde(skip_serializing_if = "Grouping::is_guess")]
    pub treatment: Grouping,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self {
            methods: Vec::new(),
            position_weights: None,
            half_life: None,
            markov_order: None,
            resamples: None,
            confidence: 0.95,
            seed: None,
            run_ids: None,
            level: Level::default(),
            groups: BTreeMap::new(),
            costs: None,
            period: None,
            period_method: None,
            response_outcome: ResponseOutcome::default(),
            model_rule: CreditRule::default(),
            treatment: Grouping::Guess,
        }
    }
}

/// Options that have been checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValidCompareOptions(CompareOptions);

/// Why channels can't be compared.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CompareError {
    /// Outside the range that makes sense.
    #[error("The option confidence must be at least 0.5 and less than 1.")]
    InvalidConfidence,
    /// No such group.
    #[error("There is no channel group of that name.")]
    UnknownGroup {
        /// The name that was given.
        group: String,
    },
    /// The rows are no journeys, so there is no credit to give.
    #[error("Credit needs journeys: a file of touches with user and time, or of whole paths.")]
    NeedsJourneys,
    /// The credit can't be worked out.
    #[error(transparent)]
    Credit(#[from] AttributionError),
    /// A cost that is none.
    #[error("A cost has to be a number of at least 0.")]
    InvalidCost {
        /// Whose.
        channel: String,
    },
    /// A date that is none.
    #[error("The date of a cost has to be written like 2026-03-31.")]
    InvalidDate {
        /// Whose cost.
        channel: String,
    },
    /// A stretch of days that is none.
    #[error("The days of a cost have to be a whole number from 1 to 366.")]
    InvalidDays {
        /// Whose cost.
        channel: String,
    },
    /// There is nothing to compare.
    #[error(
        "No column names the channel, so there are no channels to compare: choose the channel column."
    )]
    NoChannel,
}

impl Coded for CompareError {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidConfidence => "invalid-option",
            Self::UnknownGroup { .. } => "unknown-group",
            Self::NeedsJourneys => "needs-journeys",
            Self::Credit(error) => error.code(),
            Self::InvalidCost { .. } | Self::InvalidDate { .. } | Self::InvalidDays { .. } => {
                "bad-cost"
            }
            Self::NoChannel => "no-channel",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::UnknownGroup { group } => Some(group.clone()),
            Self::Credit(error) => error.detail(),
            Self::InvalidCost { channel }
            | Self::InvalidDate { channel }
            | Self::InvalidDays { channel } => Some(channel.clone()),
            _ => None,
        }
    }
}

impl CompareOptions {
    /// The options, once all of them can be met.
    ///
    /// # Errors
    /// [`CompareError`] for a confidence out of range, a method or group that doesn't exist, and whatever
    /// [`AttributionOptions::check`] refuses.
    pub fn check(self) -> Result<ValidCompareOptions, CompareError> {
        if !(0.5..1.0).contains(&self.confidence) {
            return Err(CompareError::InvalidConfidence);
        }
        self.credit_options().check()?;
        let alone = AttributionOptions {
            methods: self.period_method.as_ref().map(|one| vec![one.clone()]),
            ..AttributionOptions::default()
        };
        alone.check()?;
        for placing in self.groups.values() {
            if let Placing::Named(group) = placing
                && group_named(group).is_none()
            {
                return Err(CompareError::UnknownGroup {
                    group: group.clone(),
                });
            }
        }
        for cost in self.costs.iter().flatten() {
            if !(cost.cost >= 0.0 && cost.cost.is_finite()) {
                return Err(CompareError::InvalidCost {
                    channel: cost.channel.clone(),
                });
            }
            if cost
                .date
                .as_deref()
                .is_some_and(|date| moment_of(date).is_none())
            {
                return Err(CompareError::InvalidDate {
                    channel: cost.channel.clone(),
                });
            }
            if cost.days.is_some_and(|days| !(1..=366).contains(&days)) {
                return Err(CompareError::InvalidDays {
                    channel: cost.channel.clone(),
                });
            }
        }
        Ok(ValidCompareOptions(self))
    }

    /// What concerns the credit by rule, Markov and Shapley.
    pub(super) fn credit_options(&self) -> AttributionOptions {
        let plain = AttributionOptions::default();
        AttributionOptions {
            methods: (!self.methods.is_empty()).then(|| self.methods.clone()),
            position_weights: self.position_weights.unwrap_or(plain.position_weights),
            half_life: self.half_life,
            markov_order: self.markov_order.unwrap_or(plain.markov_order),
            resamples: self.resamples.unwrap_or(plain.resamples),
            confidence: self.confidence,
            seed: self.seed.unwrap_or(plain.seed),
        }
    }

    /// The method that credits the conversions of single periods: one that needs no model.
    pub(super) fn period_method(&self) -> &'static str {
        let asked = self.period_method.as_deref().unwrap_or("shapley");
        PERIOD_METHODS
            .into_iter()
            .find(|method| *method == asked)
            .unwrap_or("shapley")
    }

    /// Whether the credit of models of this kind is wanted: where it is named, or nothing is.
    pub fn wants_model(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|wanted| wanted == method)
    }

    /// Whether a method is named that journeys alone can serve.
    pub(super) fn asks_for_journeys(&self) -> bool {
        self.methods.iter().any(|method| method != "logistic")
    }
}

impl ValidCompareOptions {
    /// The checked options.
    pub fn get(&self) -> &CompareOptions {
        &self.0
    }
}

/// The standard normal quantile z with P(−z < Z < z) equal to the confidence.
pub(super) fn normal_quantile(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + confidence / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_checked_once() {
        let with = |options: CompareOptions| options.check().map_err(|error| error.code());
        assert!(with(CompareOptions::default()).is_ok());
        for confidence in [1.0, 0.3, f64::NAN] {
            assert_eq!(
                with(CompareOptions {
                    confidence,
                    ..Default::default()
                }),
                Err("invalid-option")
            );
        }
        let methods = |names: &[&str]| CompareOptions {
            methods: names.iter().map(|&name| name.to_owned()).collect(),
            ..Default::default()
        };
        assert!(with(methods(&["logistic", "markov"])).is_ok());
        assert_eq!(with(methods(&["magic"])), Err("unknown-method"));
        let read = |json: &str| serde_json::from_str::<CompareOptions>(json).expect("reads");
        let whole = r#"{"markovOrder":"auto","level":"broad","groups":{"a":"social","b":{"group":"online","subgroup":"Own"}}}"#;
        assert!(with(read(whole)).is_ok());
        assert_eq!(
            with(read(r#"{"groups":{"a":"sociable"}}"#)),
            Err("unknown-group")
        );
        assert_eq!(with(read(r#"{"markovOrder":7}"#)), Err("bad-markov-order"));
        assert_eq!(read("{}").treatment, Grouping::Guess);
        assert_eq!(read(r#"{"treatment":null}"#).treatment, Grouping::Off);
        let named = read(r#"{"treatment":{"column":"arm"}}"#).treatment;
        assert!(matches!(
            named,
            Grouping::Named(Treatment { control: None, .. })
        ));
        let costs = Some(vec![ChannelCost {
            channel: "a".to_owned(),
            cost: -1.0,
            date: None,
            days: None,
        }]);
        assert_eq!(
            with(CompareOptions {
                costs,
                ..Default::default()
            }),
            Err("bad-cost")
        );
    }

    #[test]
    fn the_quantile_is_the_tables() {
        assert!((normal_quantile(0.95) - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((normal_quantile(0.99) - 2.575_829_303_548_900_4).abs() < 1e-9);
    }
}
