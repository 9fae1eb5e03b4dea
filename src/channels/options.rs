//! What can be asked of the comparison.

use crate::error::Coded;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// The `costs` option: what a channel cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelCost {
    /// The channel's name.
    pub channel: String,
    /// In any currency.
    pub cost: f64,
}

/// The options of `compare`, unchecked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CompareOptions {
    /// Attribution methods by name. Defaults to none.
    pub methods: Vec<String>,
    /// Weights of the first and last touch. Journeys only.
    pub position_weights: Option<[f64; 3]>,
    /// Days in which a touch's weight halves. Journeys only.
    pub half_life: Option<f64>,
    /// How many touches back the Markov chain looks. Journeys only.
    pub markov_order: Option<u32>,
    /// Bootstrap resamples. Journeys only.
    pub resamples: Option<u32>,
    /// Of every interval and test. Defaults to `0.95`.
    pub confidence: f64,
    /// The runs whose view of the channels is asked for; without it, the caller chooses.
    pub run_ids: Option<Vec<String>>,
    /// What the channels cost.
    pub costs: Option<Vec<ChannelCost>>,
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
            run_ids: None,
            costs: None,
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
    /// No such method.
    #[error("There is no method of that name.")]
    UnknownMethod {
        /// The name that was asked for.
        method: String,
    },
    /// Something that isn't built yet.
    #[error("{what} can't be computed yet.")]
    NotImplemented {
        /// The name in the public API.
        what: &'static str,
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
            Self::UnknownMethod { .. } => "unknown-method",
            Self::NotImplemented { .. } => "not-implemented",
            Self::NoChannel => "no-channel",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::UnknownMethod { method } => Some(method.clone()),
            _ => None,
        }
    }
}

/// Methods that need journeys.
const JOURNEY_METHODS: [&str; 9] = [
    "first",
    "last",
    "lastNonDirect",
    "linear",
    "timeDecay",
    "position",
    "markov",
    "shapley",
    "journey",
];

impl CompareOptions {
    /// The options, once all of them can be met. The method `logistic` is the model's own view of the
    /// channels, which every comparison holds for the runs asked for.
    ///
    /// # Errors
    /// [`CompareError`] for a confidence out of range, a method that doesn't exist, and what needs
    /// journeys or costs.
    pub fn check(self) -> Result<ValidCompareOptions, CompareError> {
        if !(0.5..1.0).contains(&self.confidence) {
            return Err(CompareError::InvalidConfidence);
        }
        let unmet = self.methods.iter().find(|method| *method != "logistic");
        if let Some(method) = unmet {
            let known = JOURNEY_METHODS.iter().find(|known| *known == method);
            return Err(known.map_or_else(
                || CompareError::UnknownMethod {
                    method: method.clone(),
                },
                |what| CompareError::NotImplemented { what },
            ));
        }
        if self.costs.as_ref().is_some_and(|costs| !costs.is_empty()) {
            return Err(CompareError::NotImplemented { what: "costs" });
        }
        Ok(ValidCompareOptions(self))
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
        assert!(with(methods(&["logistic"])).is_ok());
        assert_eq!(
            with(methods(&["logistic", "markov"])),
            Err("not-implemented")
        );
        assert_eq!(with(methods(&["magic"])), Err("unknown-method"));
        let costs = Some(vec![ChannelCost {
            channel: "a".to_owned(),
            cost: 1.0,
        }]);
        assert_eq!(
            with(CompareOptions {
                costs,
                ..Default::default()
            }),
            Err("not-implemented")
        );
    }

    #[test]
    fn the_quantile_is_the_tables() {
        assert!((normal_quantile(0.95) - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((normal_quantile(0.99) - 2.575_829_303_548_900_4).abs() < 1e-9);
    }
}
