//! Gradient descent, momentum, Adam and AdamW, with the full batch or mini-batches.

use super::blocks::{Block, Rows};
use super::fit::{Ended, EpochRecord, Outcome, Setup};
use super::objective::{gradient, logits, losses, read};
use super::shuffle::Shuffler;
use super::stopping::Stopper;
use super::watch::Watch;
use super::{OptimizerKind, TrainError};
use crate::job::Host;
use crate::model::Logistic;
use burn::module::ParamGroup;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Int, Tensor, TensorData};

/// The full batch has converged when no part of the gradient of the mean loss exceeds this.
const GRADIENT_TOLERANCE: f32 = 1e-5;
/// The loss is read back every so many updates, which also keeps a browser's queue short.
const READ_EVERY: usize = 16;
/// As in Kingma & Ba 2015; burn's own 1e-5 would hold back the coefficients of rare levels.
const EPSILON: f32 = 1e-8;

/// The gradient over all training rows.
struct FullGradient {
    weights: Tensor<1>,
    intercept: Tensor<1>,
    /// The summed log-loss of each block.
    loss_sums: Vec<Tensor<1>>,
}

/// A model on its way.
struct Learner<'a> {
    setup: &'a Setup<'a>,
    model: Logistic,
    optimizer: ModuleOptimizer,
    rate: f64,
    /// `l2/n` where the penalty is part of the gradient.
    penalty: f64,
}

impl<'a> Learner<'a> {
    fn new(setup: &'a Setup<'a>) -> Self {
        let chosen = setup.options.optimizer;
        let decay = setup.options.l2 / setup.mass;
        let optimizer = match chosen.kind {
            OptimizerKind::Momentum => {
                let momentum = MomentumConfig::new()
                    .with_momentum(chosen.momentum.unwrap_or(0.0))
                    .with_dampening(0.0);
                SgdConfig::new().with_momentum(Some(momentum)).init()
            }
            OptimizerKind::Adam => AdamConfig::new().with_epsilon(EPSILON).init(),
            OptimizerKind::Adamw => {
                let config = AdamWConfig::new().with_epsilon(EPSILON);
                let free = config.clone().with_weight_decay(0.0).build();
                let shrunk = config.with_weight_decay(decay as f32).build();
                ModuleOptimizer::from(free).with_group(
                    ParamGroup::from_path("weights"),
                    shrunk,
                    None,
                )
            }
            OptimizerKind::Gd | OptimizerKind::Lbfgs => SgdConfig::new().init(),
        };
        let penalty = match chosen.kind {
            OptimizerKind::Adamw => 0.0,
            _ => decay,
        };
        Self {
            setup,
            model: Logistic::zeros(setup.width, &setup.device),
            optimizer,
            rate: chosen.learning_rate.unwrap_or(0.01),
            penalty,
        }
    }

    fn logits(&self, rows: &Rows) -> Tensor<2> {
        logits(&self.model, rows, self.setup.products)
    }

    /// Turns summed gradients over rows of weight `mass` into those of the objective.
    fn objective(&self, sums: (Tensor<1>, Tensor<1>), mass: f64) -> (Tensor<1>, Tensor<1>) {
        let mut weights = sums.0.div_scalar(mass);
        if self.penalty > 0.0 {
            weights = weights + self.model.weights.val().inner().mul_scalar(self.penalty);
        }
        (weights, sums.1.div_scalar(mass))
    }

    fn update(&mut self, gradients: (Tensor<1>, Tensor<1>), rate: f64) {
        let mut parameters = GradientsParams::new();
        parameters.register(self.model.weights.id, gradients.0);
        parameters.register(self.model.intercept.id, gradients.1);
        self.model = self.optimizer.step(rate, self.model.clone(), parameters);
    }

    /// The gradient of the objective over all rows. Draws breath before each block; `None` where it was
    /// asked to end.
    async fn full_gradient<H: Host>(
        &self,
        watch: &mut Watch<'_, H>,
    ) -> Result<Option<FullGradient>, TrainError> {
        let mut sums: Option<(Tensor<1>, Tensor<1>)> = None;
        let mut loss_sums = Vec::with_capacity(self.setup.blocks.len());
        for Block { rows, .. } in &self.setup.blocks {
            if watch.breathe().await? {
                return Ok(None);
            }
            let z = self.logits(rows);
            loss_sums.push(losses(z.clone(), rows).sum());
            let part = gradient(z, rows, self.setup.products);
            sums = Some(match sums {
                Some(sums) => (sums.0 + part.0, sums.1 + part.1),
                None => part,
            });
        }
        let sums = sums.expect("the training part has rows, so there is a block");
        let (weights, intercept) = self.objective(sums, self.setup.mass);
        Ok(Some(FullGradient {
            weights,
            intercept,
            loss_sums,
        }))
    }

    /// The figures after an epoch, from the summed losses of the training blocks.
    async fn figures(
        &self,
        epoch: usize,
        loss_sums: Vec<Tensor<1>>,
        extra: Option<Tensor<1>>,
    ) -> Result<(EpochRecord, f32), TrainError> {
        let mut tensors = vec![Tensor::cat(loss_sums, 0)];
        let has_extra = extra.is_some();
        tensors.extend(extra);
        if let Some(validation) = &self.setup.validation {
            let logits = validation.logits(&self.model).into_iter();
            tensors.extend(logits.map(|block| block.flatten::<1>(0, 1)));
        }
        let mut read = read(tensors).await?.into_iter();
        let sums = read.next().unwrap_or_default();
        let train_loss = sums.iter().map(|&l| f64::from(l)).sum::<f64>() / self.setup.mass;
        if !train_loss.is_finite() {
            return Err(TrainError::Diverged);
        }
        let largest = if has_extra {
            let values = read.next().unwrap_or_default();
            values.iter().fold(0.0, |m: f32, g| m.max(g.abs()))
        } else {
            f32::INFINITY
        };
        let figures = self
            .setup
            .validation
            .as_ref()
            .map(|validation| validation.figures(read.collect()));
        let record = EpochRecord {
            epoch,
            train_loss,
            validation_loss: figures.map(|(loss, _)| loss),
            validation_auc: figures.map(|(_, auc)| auc),
        };
        Ok((record, largest))
    }

    fn outcome(
        self,
        epochs: Vec<EpochRecord>,
        steps: usize,
        ended: Ended,
        stopper: Stopper<Logistic>,
    ) -> Outcome {
        let last = epochs.len();
        let (best_epoch, model) = stopper.into_best().unwrap_or((last, self.model));
        Outcome {
            model,
            epochs,
            steps,
            ended,
            best_epoch,
        }
    }
}

fn stopper(setup: &Setup<'_>) -> Stopper<Logistic> {
    Stopper::new(setup.validation.as_ref().and(setup.options.early_stopping))
}

/// One update per epoch, on the gradient over all rows.
pub(super) async fn full_batch<H: Host>(
    setup: &Setup<'_>,
    watch: &mut Watch<'_, H>,
) -> Result<Outcome, TrainError> {
    let mut learner = Learner::new(setup);
    let mut stopper = stopper(setup);
    let mut epochs = Vec::new();
    let mut ended = Ended::Epochs;
    let total = setup.options.epochs;
    // Decoupled decay is no part of the gradient, so a zero gradient says nothing there.
    let can_converge = setup.options.optimizer.kind != OptimizerKind::Adamw;
    let Some(mut slopes) = learner.full_gradient(watch).await? else {
        return Ok(learner.outcome(epochs, 0, Ended::Stopped, stopper));
    };
    for epoch in 1..=total {
        let before = learner.model.clone();
        learner.update((slopes.weights, slopes.intercept), learner.rate);
        let Some(next) = learner.full_gradient(watch).await? else {
            // An update whose loss is not known is no epoch.
            learner.model = before;
            ended = Ended::Stopped;
            break;
        };
        slopes = next;
        watch.count(setup.rows);
        let steepest = vec![slopes.weights.clone().abs().max(), slopes.intercept.clone()];
        let steepest = Tensor::cat(steepest, 0);
        let loss_sums = std::mem::take(&mut slopes.loss_sums);
        let (record, slope) = learner.figures(epoch, loss_sums, Some(steepest)).await?;
        if can_converge && slope <= GRADIENT_TOLERANCE {
            ended = Ended::Converged;
        } else if stopper.observe(&record, &learner.model) {
            ended = Ended::EarlyStopping;
        }
        let last = ended != Ended::Epochs || epoch == total;
        let fraction = if last {
            1.0
        } else {
            epoch as f64 / total as f64
        };
        watch.epoch(fraction, epoch, &record, last);
        epochs.push(record);
        if last {
            break;
        }
    }
    let steps = epochs.len();
    Ok(learner.outcome(epochs, steps, ended, stopper))
}

/// Many updates per epoch, each on the gradient over a few rows. The step size falls to 0 along a
/// half cosine over all epochs (Loshchilov & Hutter 2017, "SGDR", equation 5, without restarts), so
/// that the noise of the batches does not stay in the coefficients.
pub(super) async fn mini_batch<H: Host>(
    setup: &Setup<'_>,
    watch: &mut Watch<'_, H>,
) -> Result<Outcome, TrainError> {
    let mut learner = Learner::new(setup);
    let mut stopper = stopper(setup);
    let sizes = setup.blocks.iter().map(|block| block.len).collect();
    let mut shuffler = Shuffler::new(setup.options.seed, sizes, setup.options.batch_size);
    let mut pace = Pace {
        step: 0,
        total: setup.options.epochs as f64 * shuffler.batches() as f64,
        epoch: 0,
    };
    let mut epochs = Vec::new();
    let mut ended = Ended::Epochs;
    for epoch in 1..=setup.options.epochs {
        pace.epoch = epoch;
        let mut stopped = pass(&mut learner, &mut shuffler, &mut pace, watch).await?;
        let mut loss_sums = Vec::with_capacity(setup.blocks.len());
        for Block { rows, .. } in &setup.blocks {
            // The epoch is done: a stop that is heard now still gets its figures.
            stopped = stopped || watch.breathe().await?;
            loss_sums.push(losses(learner.logits(rows), rows).sum());
        }
        let (record, _) = learner.figures(epoch, loss_sums, None).await?;
        let patience_over = stopper.observe(&record, &learner.model);
        if stopped {
            ended = Ended::Stopped;
        } else if patience_over {
            ended = Ended::EarlyStopping;
        }
        let last = ended != Ended::Epochs || epoch == setup.options.epochs;
        watch.epoch(
            if last { 1.0 } else { pace.fraction() },
            pace.step,
            &record,
            last,
        );
        epochs.push(record);
        if last {
            break;
        }
    }
    Ok(learner.outcome(epochs, pace.step, ended, stopper))
}

/// Where the mini-batches stand.
struct Pace {
    step: usize,
    /// Of all epochs; more than a 32-bit number may hold.
    total: f64,
    epoch: usize,
}

impl Pace {
    fn fraction(&self) -> f64 {
        self.step as f64 / self.total
    }
}

/// One pass over the training rows. Says whether the host asked to end.
async fn pass<H: Host>(
    learner: &mut Learner<'_>,
    shuffler: &mut Shuffler,
    pace: &mut Pace,
    watch: &mut Watch<'_, H>,
) -> Result<bool, TrainError> {
    let setup = learner.setup;
    let (mut loss_sum, mut loss_mass) = (0.0, 0.0);
    for order in shuffler.epoch() {
        let block = &setup.blocks[order.block];
        let positions: Vec<i32> = order.rows.iter().map(|&row| row as i32).collect();
        let positions = Tensor::<1, Int>::from_data(
            TensorData::new(positions, [block.len]),
            &setup.device.clone().inner(),
        );
        let mut start = 0;
        for end in order.ends {
            if watch.breathe().await? {
                return Ok(true);
            }
            let rows = block.rows.select(positions.clone().slice(start..end));
            let mass = block.mass(&order.rows[start..end]);
            watch.count(end - start);
            start = end;
            pace.step += 1;
            if mass <= 0.0 {
                continue;
            }
            let z = learner.logits(&rows);
            let loss = pace
                .step
                .is_multiple_of(READ_EVERY)
                .then(|| losses(z.clone(), &rows).sum());
            let sums = gradient(z, &rows, setup.products);
            let gradients = learner.objective(sums, mass);
            let done = (pace.step - 1) as f64 / pace.total;
            let rate = learner.rate * 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
            learner.update(gradients, rate);
            if let Some(loss) = loss {
                loss_sum += f64::from(read(vec![loss]).await?[0][0]);
                loss_mass += mass;
                if !loss_sum.is_finite() {
                    return Err(TrainError::Diverged);
                }
                if watch.due() {
                    watch.step(pace.fraction(), pace.epoch, pace.step, loss_sum / loss_mass);
                    (loss_sum, loss_mass) = (0.0, 0.0);
                }
            }
        }
    }
    Ok(false)
}
