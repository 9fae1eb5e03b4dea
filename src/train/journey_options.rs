//! What the caller may choose of journey models, checked once.

use super::options::{
    check_device, check_epochs, check_l2, check_seed, chosen_stopping, invalid, whole,
};
use super::{
    DeviceKind, EarlyStopping, ModelKind, OptimizerKind, StoppingMetric, TrainError, TrainOptions,
    ValidOptimizer, ValidTrainOptions,
};
use serde::{Deserialize, Serialize};

/// The most numbers an embedding may have, and the most hidden units.
const MAX_UNITS: f64 = 512.0;
/// The most LSTMs that may lie on top of each other.
const MAX_LAYERS: f64 = 4.0;
/// The most training journeys that the networks beside the model are trained on.
pub const CONTROLLED: usize = 400_000;

/// A named set of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Small and quick.
    Fast,
    /// As in the article: Embedding → LSTM with 128 units → Dense.
    Article,
}

/// Checked options of journey models. The defaults:
///
/// | | `fast` | `article` |
/// |---|---|---|
/// | embedding | 8 | 16 |
/// | hidden units | 32 | 128 |
/// | layers, bidirectional | 1, no | 1, no |
/// | dropout of the last state, recurrent dropout | 0, 0 | 0.2, 0.2 |
/// | journeys per update | `rows/100`, rounded up to a power of two within 32 and 512 | 32 |
/// | epochs | 3000 updates' worth within 12 and 40 | 10 |
/// | optimiser, learning rate | Adam, 0.02·√(batch/512) within 0.01 and 0.02, falling along half a cosine and where nothing is gained | Adam, 0.001 |
/// | the same of a Transformer | Adam, 0.003 falling along half a cosine | Adam, 0.001 |
/// | early stopping | 4 epochs on the loss | off |
/// | time gaps, static features | yes | yes |
///
/// Rates of adaptive methods grow as the root of the batch (Malladi et al. 2022, "On the SDEs and scaling rules for
/// adaptive gradient algorithms").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidJourneyOptions {
    /// Where the defaults come from.
    pub preset: Preset,
    /// Numbers that stand for a channel, and for an event type.
    pub embedding: usize,
    /// Hidden units, of each direction.
    pub hidden: usize,
    /// How many LSTMs lie on top of each other.
    pub layers: usize,
    /// Whether a second LSTM reads each journey from its end.
    pub bidirectional: bool,
    /// Share of the last hidden state that is left out of each update.
    pub dropout: f64,
    /// Share of the hidden state that never reaches the next step.
    pub recurrent_dropout: f64,
    /// Heads of attention of a Transformer encoder; 0 for LSTMs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub heads: usize,
    /// Whether time gaps are an input where times are known.
    pub time_gaps: bool,
    /// Whether the features of the whole journey join before the last layer.
    pub static_features: bool,
    /// Whether simpler models and a control are trained for comparison.
    pub controls: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl TrainOptions {
    /// [`TrainOptions::check`] for a training part of `rows` journeys.
    pub(super) fn check_journey(
        self,
        rows: usize,
        model: ModelKind,
    ) -> Result<ValidTrainOptions, TrainError> {
        let device = check_device(self.device.as_deref())?;
        let preset = match self.preset.as_deref() {
            None | Some("fast") => Preset::Fast,
            Some("article") => Preset::Article,
            Some(_) => return Err(invalid("preset", "fast or article")),
        };
        let article = preset == Preset::Article;
        let batch_size = match self.batch_size {
            Some(size) => whole("batchSize", "a whole number from 0", size, 0.0)? as usize,
            None if article => 32,
            None => rows.div_ceil(100).next_power_of_two().clamp(32, 512),
        };
        // A batch that holds everything is the full batch.
        let batch_size = if batch_size >= rows { 0 } else { batch_size };
        let updated = if batch_size == 0 {
            rows.max(1)
        } else {
            batch_size
        };
        let updates = rows.div_ceil(updated);
        let epochs = match check_epochs(self.epochs)? {
            Some(epochs) => epochs,
            None if article => 10,
            None => 3000_usize.div_ceil(updates.max(1)).clamp(12, 40),
        };
        let early_stopping = match self.early_stopping.clone() {
            Some(options) => chosen_stopping(options)?,
            None => (!article).then_some(EarlyStopping {
                patience: 4,
                metric: StoppingMetric::Loss,
            }),
        };
        Ok(ValidTrainOptions {
            model,
            device,
            epochs,
            batch_size,
            seed: check_seed(self.seed)?,
            l2: check_l2(self.l2)?.unwrap_or(0.0),
            optimizer: self.adam(preset, model, updated)?,
            early_stopping,
            journey: Some(self.sizes(model, device, preset)?),
        })
    }

    /// The optimiser, for updates of so many journeys.
    fn adam(
        &self,
        preset: Preset,
        model: ModelKind,
        batch: usize,
    ) -> Result<ValidOptimizer, TrainError> {
        let kind = match self.optimizer.as_ref().map(|chosen| chosen.kind.as_str()) {
            None | Some("adam") => OptimizerKind::Adam,
            Some("adamw") => OptimizerKind::Adamw,
            Some(_) => return Err(invalid("optimizer.kind", "adam or adamw for journeys")),
        };
        let rate = self
            .optimizer
            .as_ref()
            .and_then(|chosen| chosen.learning_rate);
        if rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            return Err(invalid("optimizer.learningRate", "a number above 0"));
        }
        let usual = match (preset, model) {
            (Preset::Article, _) => 0.001,
            (Preset::Fast, ModelKind::Transformer) => 0.003,
            (Preset::Fast, _) => (0.02 * (batch as f64 / 512.0).sqrt()).clamp(0.01, 0.02),
        };
        Ok(ValidOptimizer {
            kind,
            learning_rate: Some(rate.unwrap_or(usual)),
            momentum: None,
        })
    }

    fn sizes(
        &self,
        model: ModelKind,
        device: DeviceKind,
        preset: Preset,
    ) -> Result<ValidJourneyOptions, TrainError> {
        let article = preset == Preset::Article;
        let pick = |fast: f64, of_article: f64| if article { of_article } else { fast };
        let size = |name, value: Option<f64>, usual: f64| match value {
            Some(value) if value <= MAX_UNITS => {
                whole(name, "a whole number from 1 to 512", value, 1.0).map(|value| value as usize)
            }
            Some(_) => Err(invalid(name, "a whole number from 1 to 512")),
            None => Ok(usual as usize),
        };
        let share = |name, value: Option<f64>, usual: f64| match value {
            Some(value) if (0.0..1.0).contains(&value) => Ok(value),
            Some(_) => Err(invalid(name, "a number from 0 to below 1")),
            None => Ok(usual),
        };
        let layers = match self.layers {
            Some(layers) if layers <= MAX_LAYERS => {
                whole("layers", "a whole number from 1 to 4", layers, 1.0)? as usize
            }
            Some(_) => return Err(invalid("layers", "a whole number from 1 to 4")),
            None => 1,
        };
        let transformer = model == ModelKind::Transformer;
        if transformer && device == DeviceKind::Webgpu {
            return Err(invalid("device", "cpu or auto for the Transformer"));
        }
        let hidden = size("hidden", self.hidden, pick(32.0, 128.0))?;
        let heads = match (transformer, self.heads) {
            (false, _) => 0,
            (true, None) => (1..=4).rev().find(|heads| hidden % heads == 0).unwrap_or(1),
            (true, Some(heads)) => {
                let heads =
                    whole("heads", "a whole number that divides hidden", heads, 1.0)? as usize;
                if hidden % heads != 0 {
                    return Err(invalid("heads", "a whole number that divides hidden"));
                }
                heads
            }
        };
        Ok(ValidJourneyOptions {
            preset,
            // The Transformer adds embeddings up, so they are as wide as it is.
            embedding: match size("embedding", self.embedding, pick(8.0, 16.0))? {
                _ if transformer => hidden,
                embedding => embedding,
            },
            hidden,
            layers,
            bidirectional: self.bidirectional.unwrap_or(false) && !transformer,
            heads,
            dropout: share("dropout", self.dropout, pick(0.0, 0.2))?,
            recurrent_dropout: match share(
                "recurrentDropout",
                self.recurrent_dropout,
                pick(0.0, 0.2),
            )? {
                _ if transformer => 0.0,
                share => share,
            },
            time_gaps: self.time_gaps.unwrap_or(true),
            static_features: self.static_features.unwrap_or(true),
            controls: self.controls.unwrap_or(true),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_rate_grows_with_the_root_of_the_batch() {
        let rate = |rows: usize, batch: Option<f64>, preset: &str| {
            let options = TrainOptions {
                preset: Some(preset.to_owned()),
                batch_size: batch,
                ..TrainOptions::default()
            };
            let checked = options.check_journey(rows, ModelKind::Journey).unwrap();
            checked.optimizer.learning_rate.unwrap()
        };
        assert_eq!(rate(100_000, None, "fast"), 0.02);
        assert!((rate(100_000, Some(256.0), "fast") - 0.02 / 2.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(rate(100_000, Some(32.0), "fast"), 0.01);
        // All at once.
        assert_eq!(rate(600, Some(0.0), "fast"), 0.02);
        assert_eq!(rate(100_000, None, "article"), 0.001);
    }
}
