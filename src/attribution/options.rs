//! What can be chosen about the credit, checked once.

use crate::error::Coded;
use crate::prepare::paths::PathsError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most bootstrap resamples that may be asked for.
pub const MAX_RESAMPLES: usize = 20_000;
/// The highest order of the Markov chain.
pub const MAX_ORDER: usize = 4;

/// A way to give credit. Each is defined in docs/METHODS.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// All to the first touch.
    First,
    /// All to the last touch.
    Last,
    /// All to the last touch that is not direct.
    LastNonDirect,
    /// The same to every touch.
    Linear,
    /// The more the nearer the touch is to the end.
    TimeDecay,
    /// Fixed parts to the first, the middle and the last touches.
    Position,
    /// By removal effect in an absorbing Markov chain.
    Markov,
    /// The Shapley value of the sum game.
    Shapley,
    /// The Shapley value, also told apart by the touch at which it was earned.
    ShapleyOrdered,
}

impl Method {
    /// All methods, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::First,
        Self::Last,
        Self::LastNonDirect,
        Self::Linear,
        Self::TimeDecay,
        Self::Position,
        Self::Markov,
        Self::Shapley,
        Self::ShapleyOrdered,
    ];

    /// The name in the public API.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::LastNonDirect => "lastNonDirect",
            Self::Linear => "linear",
            Self::TimeDecay => "timeDecay",
            Self::Position => "position",
            Self::Markov => "markov",
            Self::Shapley => "shapley",
            Self::ShapleyOrdered => "shapleyOrdered",
        }
    }

    /// The method of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// How many touches the Markov chain remembers: a number from 1 to 4, or `"auto"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkovOrder {
    /// The order that forecasts held-out journeys best.
    Auto,
    /// So many touches.
    Fixed(usize),
}

impl Serialize for MarkovOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Fixed(order) => serializer.serialize_u64(*order as u64),
        }
    }
}

impl<'de> Deserialize<'de> for MarkovOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            Number(f64),
            Word(String),
        }
        match Given::deserialize(deserializer)? {
            Given::Word(word) if word == "auto" => Ok(Self::Auto),
            Given::Number(order) if order.fract() == 0.0 && (0.0..=1e3).contains(&order) => {
                Ok(Self::Fixed(order as usize))
            }
            _ => Err(serde::de::Error::custom(
                "neither a whole number nor `auto`",
            )),
        }
    }
}

/// The options of the credit, as the public API has them. [`AttributionOptions::check`] makes
/// [`Settings`] of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributionOptions {
    /// Which methods, by name. `logistic`, `journey` and `transformer` are passed over: trained
    /// models give their credit elsewhere. Defaults to all but `shapleyOrdered`.
    pub methods: Option<Vec<String>>,
    /// The parts of the first, the middle and the last touches. Defaults to `[40, 20, 40]`.
    pub position_weights: [f64; 3],
    /// After how many days (steps where no times are known) a touch counts half. Defaults to 7 days
    /// or 1 step.
    pub half_life: Option<f64>,
    /// How many touches the Markov chain remembers. Defaults to 1.
    pub markov_order: MarkovOrder,
    /// Bootstrap resamples; 0 for no intervals. Defaults to 500.
    pub resamples: usize,
    /// The confidence of the intervals. Defaults to 0.95.
    pub confidence: f64,
    /// The seed of all that is drawn. Defaults to 42.
    pub seed: u64,
}

impl Default for AttributionOptions {
    fn default() -> Self {
        Self {
            methods: None,
            position_weights: [40.0, 20.0, 40.0],
            half_life: None,
            markov_order: MarkovOrder::Fixed(1),
            resamples: 500,
            confidence: 0.95,
            seed: 42,
        }
    }
}

/// Checked options.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub(crate) methods: Vec<Method>,
    pub(crate) position_weights: [f64; 3],
    pub(crate) half_life: Option<f64>,
    pub(crate) markov_order: MarkovOrder,
    pub(crate) resamples: usize,
    pub(crate) confidence: f64,
    pub(crate) seed: u64,
}

impl AttributionOptions {
    /// Checks every option; the methods come out in the order of [`Method::ALL`], each once.
    ///
    /// # Errors
    /// The variant of [`AttributionError`] that names the option.
    pub fn check(&self) -> Result<Settings, AttributionError> {
        let weights = self.position_weights;
        if weights
            .iter()
            .any(|weight| !weight.is_finite() || *weight < 0.0)
            || weights.iter().sum::<f64>() <= 0.0
        {
            return Err(AttributionError::PositionWeights);
        }
        if self
            .half_life
            .is_some_and(|half| !half.is_finite() || half <= 0.0)
        {
            return Err(AttributionError::HalfLife);
        }
        if let MarkovOrder::Fixed(order) = self.markov_order
            && !(1..=MAX_ORDER).contains(&order)
        {
            return Err(AttributionError::Order);
        }
        if self.resamples > MAX_RESAMPLES {
            return Err(AttributionError::Resamples);
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(AttributionError::Confidence);
        }
        Ok(Settings {
            methods: self.chosen()?,
            position_weights: weights,
            half_life: self.half_life,
            markov_order: self.markov_order,
            resamples: self.resamples,
            confidence: self.confidence,
            seed: self.seed,
        })
    }

    fn chosen(&self) -> Result<Vec<Method>, AttributionError> {
        let Some(names) = &self.methods else {
            let default = |method: &Method| *method != Method::ShapleyOrdered;
            return Ok(Method::ALL.into_iter().filter(default).collect());
        };
        let mut methods = Vec::new();
        for name in names {
            if matches!(name.as_str(), "logistic" | "journey" | "transformer") {
                continue;
            }
            let unknown = || AttributionError::UnknownMethod(name.clone());
            methods.push(Method::named(name).ok_or_else(unknown)?);
        }
        crate::order::sort_by(&mut methods, Ord::cmp);
        methods.dedup();
        Ok(methods)
    }
}

/// Why no credit can be given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AttributionError {
    /// A method that does not exist.
    #[error("There is no credit method of that name.")]
    UnknownMethod(String),
    /// The position weights are negative, not numbers, or all 0.
    #[error("The position weights must be three numbers of at least 0, not all of them 0.")]
    PositionWeights,
    /// The half-life is not positive.
    #[error("The half-life must be a positive number.")]
    HalfLife,
    /// The order of the Markov chain is out of range.
    #[error("The Markov order must be 1, 2, 3, 4 or `auto`.")]
    Order,
    /// Too many resamples.
    #[error("At most {MAX_RESAMPLES} resamples can be drawn.")]
    Resamples,
    /// The confidence is not between 0 and 1.
    #[error("The confidence must lie between 0 and 1.")]
    Confidence,
    /// No journey converted, so there is nothing to credit.
    #[error("No journey converted, so there is no conversion to give credit for.")]
    NoConversions,
    /// The paths themselves are at fault.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The job was cancelled.
    #[error("The comparison was cancelled.")]
    Aborted,
}

impl Coded for AttributionError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownMethod(_) => "unknown-method",
            Self::PositionWeights => "bad-position-weights",
            Self::HalfLife => "bad-half-life",
            Self::Order => "bad-markov-order",
            Self::Resamples => "bad-resamples",
            Self::Confidence => "bad-confidence",
            Self::NoConversions => "no-conversions",
            Self::Paths(error) => error.code(),
            Self::Aborted => "aborted",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::UnknownMethod(name) => Some(name.clone()),
            Self::Paths(error) => error.detail(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(options: &AttributionOptions) -> &'static str {
        options
            .check()
            .map_or_else(|error| error.code(), |_| "fine")
    }

    #[test]
    fn options_are_read_and_checked() {
        let read = |json: &str| serde_json::from_str::<AttributionOptions>(json);
        let auto = read(
            r#"{"markovOrder":"auto","methods":["shapley","journey","first","first"],"runIds":["a"]}"#,
        );
        let settings = auto.expect("reads").check().expect("checks");
        assert_eq!(settings.methods, [Method::First, Method::Shapley]);
        assert_eq!(settings.markov_order, MarkovOrder::Auto);
        assert_eq!((settings.resamples, settings.seed), (500, 42));
        assert!(read(r#"{"markovOrder":1.5}"#).is_err());
        assert!(read(r#"{"markovOrder":"best"}"#).is_err());
        let all = AttributionOptions::default()
            .check()
            .expect("defaults")
            .methods;
        assert_eq!(all, Method::ALL[..8]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let with = |change: fn(&mut AttributionOptions)| {
            let mut options = AttributionOptions::default();
            change(&mut options);
            code(&options)
        };
        assert_eq!(with(|_| ()), "fine");
        assert_eq!(
            with(|o| o.methods = Some(vec!["frist".to_owned()])),
            "unknown-method"
        );
        assert_eq!(
            with(|o| o.position_weights = [0.0; 3]),
            "bad-position-weights"
        );
        assert_eq!(
            with(|o| o.position_weights[1] = -1.0),
            "bad-position-weights"
        );
        assert_eq!(with(|o| o.position_weights = [0.0, 0.0, 1.0]), "fine");
        assert_eq!(with(|o| o.half_life = Some(0.0)), "bad-half-life");
        assert_eq!(with(|o| o.half_life = Some(f64::NAN)), "bad-half-life");
        assert_eq!(
            with(|o| o.markov_order = MarkovOrder::Fixed(5)),
            "bad-markov-order"
        );
        assert_eq!(with(|o| o.resamples = 1_000_000), "bad-resamples");
        assert_eq!(with(|o| o.confidence = 1.0), "bad-confidence");
    }
}
