//! Early stopping, and the memory of the best epoch.

use super::{EarlyStopping, EpochRecord, StoppingMetric};

/// Watches the validation part (Prechelt 1998, "Early stopping, but when?", in *Neural Networks:
/// Tricks of the Trade*, criterion UP with `patience` strips of one epoch).
#[derive(Debug)]
pub(super) struct Stopper<T> {
    rule: Option<EarlyStopping>,
    best: Option<Best<T>>,
}

/// The best epoch so far.
#[derive(Debug)]
struct Best<T> {
    figure: f64,
    epoch: usize,
    model: T,
}

impl<T: Clone> Stopper<T> {
    /// `rule` is `None` where nothing is watched.
    pub fn new(rule: Option<EarlyStopping>) -> Self {
        Self { rule, best: None }
    }

    /// Takes in the figures after an epoch, and says whether it is time to end.
    pub fn observe(&mut self, record: &EpochRecord, model: &T) -> bool {
        let Some(rule) = self.rule else {
            return false;
        };
        let epoch = record.epoch;
        let figure = match rule.metric {
            StoppingMetric::Loss => record.validation_loss.map(|loss| -loss),
            StoppingMetric::Auc => record.validation_auc,
        }
        .unwrap_or(f64::NAN);
        match &self.best {
            Some(best) if figure.is_nan() || figure <= best.figure => {
                epoch - best.epoch >= rule.patience
            }
            _ => {
                self.best = Some(Best {
                    figure,
                    epoch,
                    model: model.clone(),
                });
                false
            }
        }
    }

    /// Whether just half of the patience has gone by without progress.
    pub fn is_half_over(&self, epoch: usize) -> bool {
        let best = self.rule.zip(self.best.as_ref());
        best.is_some_and(|(rule, best)| epoch - best.epoch == (rule.patience / 2).max(1))
    }

    /// The best epoch and its model; `None` where nothing was watched.
    pub fn into_best(self) -> Option<(usize, T)> {
        self.best.map(|best| (best.epoch, best.model))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(epoch: usize, loss: f64, auc: f64) -> EpochRecord {
        EpochRecord {
            epoch,
            train_loss: 0.5,
            validation_loss: Some(loss),
            validation_auc: Some(auc),
        }
    }

    #[test]
    fn ends_after_patience_and_remembers_the_best() {
        let rule = EarlyStopping {
            patience: 2,
            metric: StoppingMetric::Loss,
        };
        let mut stopper = Stopper::new(Some(rule));
        let losses = [0.6, 0.5, 0.55, 0.49, 0.5, 0.49];
        let ended: Vec<bool> = losses
            .iter()
            .enumerate()
            .map(|(i, &loss)| stopper.observe(&record(i + 1, loss, 0.5), &i))
            .collect();
        assert_eq!(ended, [false, false, false, false, false, true]);
        assert_eq!(stopper.into_best(), Some((4, 3)));
    }

    #[test]
    fn half_of_the_patience_is_over_once_for_every_stretch_without_progress() {
        let over = |patience: usize, losses: &[f64]| -> Vec<usize> {
            let rule = EarlyStopping {
                patience,
                metric: StoppingMetric::Loss,
            };
            let mut stopper = Stopper::new(Some(rule));
            let mut halves = Vec::new();
            for (at, &loss) in losses.iter().enumerate() {
                stopper.observe(&record(at + 1, loss, 0.5), &());
                halves.extend(stopper.is_half_over(at + 1).then_some(at + 1));
            }
            halves
        };
        assert_eq!(over(4, &[0.6, 0.7, 0.7, 0.7, 0.5, 0.5, 0.5]), [3, 7]);
        assert_eq!(over(1, &[0.6, 0.5, 0.5]), [3]);
        assert_eq!(over(usize::MAX, &[0.5; 9]), [0; 0]);
    }

    #[test]
    fn auc_counts_upwards_and_without_a_rule_nothing_ends() {
        let rule = EarlyStopping {
            patience: 1,
            metric: StoppingMetric::Auc,
        };
        let mut stopper = Stopper::new(Some(rule));
        assert!(!stopper.observe(&record(1, 1.0, 0.6), &()));
        assert!(!stopper.observe(&record(2, 2.0, 0.7), &()));
        assert!(stopper.observe(&record(3, 0.1, 0.65), &()));
        let mut off = Stopper::new(None);
        assert!(!off.observe(&record(1, 1.0, 0.6), &()));
        assert!(!off.is_half_over(1));
        assert_eq!(off.into_best(), None);
    }
}
