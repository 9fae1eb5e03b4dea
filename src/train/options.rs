//! What the caller may choose, checked once.

use super::TrainError;
use super::journey_options::ValidJourneyOptions;
use serde::{Deserialize, Deserializer, Serialize};

/// The largest whole number that a JavaScript number holds exactly.
const MAX_INTEGER: f64 = 9_007_199_254_740_991.0;
/// The most epochs that may be asked for: far more than any optimiser here needs.
const MAX_EPOCHS: f64 = 1e6;

/// Choices as they come from the caller: unchecked, all of them optional. Options that only other
/// models know are accepted and left alone.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrainOptions {
    /// `logistic` (default), `journey` or `transformer`.
    pub model: Option<String>,
    /// `fast` (default) or `article`; see [`super::ValidJourneyOptions`]. For journey models only.
    pub preset: Option<String>,
    /// `webgpu` or `cpu`. `auto` must be settled by the caller; unsettled it counts as `cpu`.
    pub device: Option<String>,
    /// At most so many passes over the training rows (L-BFGS: iterations), up to 1,000,000. For the defaults see
    /// [`TrainOptions::check`].
    pub epochs: Option<f64>,
    /// At most so many rows per parameter update; 0 means all of them.
    pub batch_size: Option<f64>,
    /// Decides the order of the rows. Defaults to 42.
    pub seed: Option<f64>,
    /// Strength of the penalty `l2/(2n)·‖w‖²`. Defaults to 1, scikit-learn's `C = 1`.
    pub l2: Option<f64>,
    /// Defaults to L-BFGS on the CPU and Adam on WebGPU.
    pub optimizer: Option<OptimizerOptions>,
    /// Absent: on for all optimisers but L-BFGS where there is a validation part. `Some(None)`: off.
    #[serde(deserialize_with = "present")]
    pub early_stopping: Option<Option<EarlyStoppingOptions>>,
    /// Numbers that stand for a channel, and for an event type. Journey models only, like all that follow.
    pub embedding: Option<f64>,
    /// Hidden units of the LSTM, of each direction.
    pub hidden: Option<f64>,
    /// How many LSTMs lie on top of each other.
    pub layers: Option<f64>,
    /// Whether a second LSTM reads each journey from its end.
    pub bidirectional: Option<bool>,
    /// Heads of attention, for `transformer`.
    pub heads: Option<f64>,
    /// Share of the last hidden state that is left out of each update.
    pub dropout: Option<f64>,
    /// Share of the hidden state that never reaches the next step, chosen once per journey and update.
    pub recurrent_dropout: Option<f64>,
    /// Whether the time since the touch before is an input, where times are known.
    pub time_gaps: Option<bool>,
    /// Whether the features of the whole journey (see [`crate::prepare::Dataset`]) join before the last
    /// layer.
    pub static_features: Option<bool>,
    /// Whether simpler models and a control with shuffled touches are trained for comparison.
    pub controls: Option<bool>,
}

/// Tells `null` from an absent field.
fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<EarlyStoppingOptions>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The optimiser as it comes from the caller.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OptimizerOptions {
    /// `lbfgs`, `gd`, `momentum`, `adam` or `adamw`.
    pub kind: String,
    /// Step size. L-BFGS finds its own and leaves this alone.
    pub learning_rate: Option<f64>,
    /// Share of the last step that is kept, for `momentum`. Defaults to 0.9.
    pub momentum: Option<f64>,
}

/// Early stopping as it comes from the caller.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EarlyStoppingOptions {
    /// Epochs without a better figure after which training ends.
    pub patience: f64,
    /// `loss` (default) or `auc`.
    pub metric: Option<String>,
}

/// Where a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// The graphics processor, through WebGPU.
    Webgpu,
    /// The processor.
    Cpu,
}

/// How the parameters are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerKind {
    /// Limited-memory BFGS with a strong Wolfe line search.
    Lbfgs,
    /// Gradient descent.
    Gd,
    /// Gradient descent with classical (heavy-ball) momentum.
    Momentum,
    /// Adam.
    Adam,
    /// Adam with decoupled weight decay.
    Adamw,
}

/// Which validation figure early stopping watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoppingMetric {
    /// Mean log-loss, the lower the better.
    Loss,
    /// Area under the ROC curve, the higher the better.
    Auc,
}

/// When to end for want of progress on the validation part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EarlyStopping {
    /// Epochs without a better figure after which training ends.
    pub patience: usize,
    /// The figure.
    pub metric: StoppingMetric,
}

/// A checked optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidOptimizer {
    /// Which one.
    pub kind: OptimizerKind,
    /// Step size; `None` where it is worked out from the data (`gd`, `momentum`) or searched for at
    /// every step (`lbfgs`). [`super::Fit::options`] has the figure that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Share of the last step that is kept; for `momentum` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
}

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelKind {
    /// Logistic regression on the design matrix.
    Logistic,
    /// Embedding → LSTM → dense, on the touches of each journey.
    Journey,
    /// A small Transformer encoder in the place of the LSTM.
    Transformer,
}

impl ModelKind {
    /// The name in the public API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logistic => "logistic",
            Self::Journey => "journey",
            Self::Transformer => "transformer",
        }
    }
}

/// Checked options with every default filled in. What takes it need not check again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidTrainOptions {
    /// What is trained.
    pub model: ModelKind,
    /// Where it trains.
    pub device: DeviceKind,
    /// At most so many epochs.
    pub epochs: usize,
    /// At most so many rows per update; 0 for all.
    pub batch_size: usize,
    /// Decides the order of the rows.
    pub seed: u64,
    /// Strength of the penalty.
    pub l2: f64,
    /// How the parameters are moved.
    pub optimizer: ValidOptimizer,
    /// `None` is off. It has no effect where there is no validation part.
    pub early_stopping: Option<EarlyStopping>,
    /// What journey models know beside; `None` for others.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<ValidJourneyOptions>,
}

impl TrainOptions {
    /// Checks the options and fills in the defaults for a training part of `rows` rows:
    ///
    /// | | `lbfgs` | `gd`, `momentum` | `adam`, `adamw` |
    /// |---|---|---|---|
    /// | rows per update | all | all | `rows/100`, rounded up to a power of two within 32 to 1024 |
    /// | epochs | 300 | 1000 | 5000 updates' worth within 10 and 60; 500 with the full batch |
    /// | learning rate | line search | 1/L of the data | 0.02; 0.05 with the full batch |
    /// | early stopping | off | 50 epochs on the loss | 10 epochs on the loss, 50 with the full batch |
    ///
    /// For the defaults of journey models see [`ValidJourneyOptions`].
    ///
    /// # Errors
    /// [`TrainError::InvalidOption`] for figures out of range and unknown names,
    /// [`TrainError::LbfgsNeedsCpu`] and [`TrainError::LbfgsNeedsFullBatch`].
    pub fn check(self, rows: usize) -> Result<ValidTrainOptions, TrainError> {
        match self.model.as_deref() {
            None | Some("logistic") => self.check_logistic(rows),
            Some("journey") => self.check_journey(rows, ModelKind::Journey),
            Some("transformer") => self.check_journey(rows, ModelKind::Transformer),
            Some(_) => Err(invalid("model", "logistic, journey or transformer")),
        }
    }

    fn check_logistic(self, rows: usize) -> Result<ValidTrainOptions, TrainError> {
        let device = check_device(self.device.as_deref())?;
        let mut optimizer = check_optimizer(self.optimizer, device)?;
        let batch_size = match self.batch_size {
            Some(size) => whole("batchSize", "a whole number from 0", size, 0.0)? as usize,
            None => default_batch(optimizer.kind, rows),
        };
        // A batch that holds everything is the full batch.
        let batch_size = if batch_size >= rows { 0 } else { batch_size };
        if optimizer.kind == OptimizerKind::Lbfgs && batch_size != 0 {
            return Err(TrainError::LbfgsNeedsFullBatch);
        }
        if matches!(optimizer.kind, OptimizerKind::Adam | OptimizerKind::Adamw) {
            let default = if batch_size == 0 { 0.05 } else { 0.02 };
            optimizer.learning_rate.get_or_insert(default);
        }
        let epochs = check_epochs(self.epochs)?
            .unwrap_or_else(|| default_epochs(optimizer.kind, rows, batch_size));
        let seed = check_seed(self.seed)?;
        let l2 = check_l2(self.l2)?.unwrap_or(1.0);
        let early_stopping = check_stopping(self.early_stopping, optimizer.kind, batch_size)?;
        Ok(ValidTrainOptions {
            model: ModelKind::Logistic,
            device,
            epochs,
            batch_size,
            seed,
            l2,
            optimizer,
            early_stopping,
            journey: None,
        })
    }
}

pub(super) fn check_device(name: Option<&str>) -> Result<DeviceKind, TrainError> {
    match name {
        None | Some("auto" | "cpu") => Ok(DeviceKind::Cpu),
        Some("webgpu") => Ok(DeviceKind::Webgpu),
        Some(_) => Err(invalid("device", "auto, webgpu or cpu")),
    }
}

pub(super) fn check_epochs(epochs: Option<f64>) -> Result<Option<usize>, TrainError> {
    match epochs {
        Some(epochs) if epochs > MAX_EPOCHS => Err(invalid("epochs", "at most 1,000,000")),
        Some(epochs) => whole("epochs", "a whole number from 1", epochs, 1.0)
            .map(|epochs| Some(epochs as usize)),
        None => Ok(None),
    }
}

pub(super) fn check_seed(seed: Option<f64>) -> Result<u64, TrainError> {
    match seed {
        Some(seed) => Ok(whole("seed", "a whole number from 0", seed, 0.0)? as u64),
        None => Ok(42),
    }
}

pub(super) fn check_l2(l2: Option<f64>) -> Result<Option<f64>, TrainError> {
    match l2 {
        Some(l2) if !l2.is_finite() || l2 < 0.0 => Err(invalid("l2", "a number from 0")),
        l2 => Ok(l2),
    }
}

pub(super) fn invalid(name: &'static str, expected: &'static str) -> TrainError {
    TrainError::InvalidOption { name, expected }
}

pub(super) fn whole(
    name: &'static str,
    expected: &'static str,
    value: f64,
    least: f64,
) -> Result<f64, TrainError> {
    if value.fract() == 0.0 && (least..=MAX_INTEGER).contains(&value) {
        Ok(value)
    } else {
        Err(invalid(name, expected))
    }
}

fn check_optimizer(
    options: Option<OptimizerOptions>,
    device: DeviceKind,
) -> Result<ValidOptimizer, TrainError> {
    let options = options.unwrap_or_else(|| OptimizerOptions {
        kind: match device {
            DeviceKind::Cpu => "lbfgs".to_owned(),
            DeviceKind::Webgpu => "adam".to_owned(),
        },
        ..OptimizerOptions::default()
    });
    let kind = match options.kind.as_str() {
        "lbfgs" => OptimizerKind::Lbfgs,
        "gd" => OptimizerKind::Gd,
        "momentum" => OptimizerKind::Momentum,
        "adam" => OptimizerKind::Adam,
        "adamw" => OptimizerKind::Adamw,
        _ => {
            return Err(invalid(
                "optimizer.kind",
                "lbfgs, gd, momentum, adam or adamw",
            ));
        }
    };
    if kind == OptimizerKind::Lbfgs && device == DeviceKind::Webgpu {
        return Err(TrainError::LbfgsNeedsCpu);
    }
    if options
        .learning_rate
        .is_some_and(|rate| !rate.is_finite() || rate <= 0.0)
    {
        return Err(invalid("optimizer.learningRate", "a number above 0"));
    }
    if options
        .momentum
        .is_some_and(|momentum| !(0.0..1.0).contains(&momentum))
    {
        return Err(invalid("optimizer.momentum", "a number from 0 to below 1"));
    }
    Ok(ValidOptimizer {
        kind,
        learning_rate: options
            .learning_rate
            .filter(|_| kind != OptimizerKind::Lbfgs),
        momentum: (kind == OptimizerKind::Momentum).then(|| options.momentum.unwrap_or(0.9)),
    })
}

fn check_stopping(
    options: Option<Option<EarlyStoppingOptions>>,
    kind: OptimizerKind,
    batch_size: usize,
) -> Result<Option<EarlyStopping>, TrainError> {
    match options {
        Some(options) => chosen_stopping(options),
        None => Ok((kind != OptimizerKind::Lbfgs).then_some(EarlyStopping {
            patience: if batch_size == 0 { 50 } else { 10 },
            metric: StoppingMetric::Loss,
        })),
    }
}

/// What the caller chose; `None` turns it off.
pub(super) fn chosen_stopping(
    options: Option<EarlyStoppingOptions>,
) -> Result<Option<EarlyStopping>, TrainError> {
    let Some(options) = options else {
        return Ok(None);
    };
    let patience = whole(
        "earlyStopping.patience",
        "a whole number from 1",
        options.patience,
        1.0,
    )?;
    let metric = match options.metric.as_deref() {
        None | Some("loss") => StoppingMetric::Loss,
        Some("auc") => StoppingMetric::Auc,
        Some(_) => return Err(invalid("earlyStopping.metric", "loss or auc")),
    };
    Ok(Some(EarlyStopping {
        patience: patience as usize,
        metric,
    }))
}

fn default_batch(kind: OptimizerKind, rows: usize) -> usize {
    match kind {
        OptimizerKind::Lbfgs | OptimizerKind::Gd | OptimizerKind::Momentum => 0,
        OptimizerKind::Adam | OptimizerKind::Adamw => {
            rows.div_ceil(100).next_power_of_two().clamp(32, 1024)
        }
    }
}

fn default_epochs(kind: OptimizerKind, rows: usize, batch_size: usize) -> usize {
    match kind {
        OptimizerKind::Lbfgs => 300,
        OptimizerKind::Gd | OptimizerKind::Momentum => 1000,
        OptimizerKind::Adam | OptimizerKind::Adamw if batch_size == 0 => 500,
        OptimizerKind::Adam | OptimizerKind::Adamw => {
            let updates = rows.div_ceil(batch_size);
            5000_usize.div_ceil(updates).clamp(10, 60)
        }
    }
}
