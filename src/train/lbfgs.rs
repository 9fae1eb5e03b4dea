//! L-BFGS, one iteration at a time, so that it can be watched, paused and stopped.
//!
//! Everything is in double precision: the objective is flat along columns that nearly repeat each
//! other (the levels of two categories each add up to the intercept), and single precision leaves the
//! coefficients there to chance. burn's own L-BFGS looks at single-precision scalars, so the
//! recursion and the line search are written out here; the model and its gradient are burn's.

use super::TrainError;
use super::fit::{Ended, EpochRecord, Outcome, Setup};
use super::line_search::{LineSearch, Verdict};
use super::objective::{self, doubles, logits, losses};
use super::quasi_newton::{Memory, add_scaled, dot};
use super::stopping::Stopper;
use super::watch::Watch;
use crate::job::Host;
use crate::model::Logistic;
use burn::tensor::DType;

/// How many steps are remembered, as in SciPy and scikit-learn.
const HISTORY: usize = 10;
/// The line search may look at so many points in an iteration, as in scikit-learn.
const MAX_EVALUATIONS: usize = 50;
/// Converged when no part of the gradient of the mean objective exceeds this: scikit-learn's `tol`.
const GRADIENT_TOLERANCE: f64 = 1e-4;
/// Converged, too, when the mean objective falls by no more than this: no more can be told.
const LOSS_TOLERANCE: f64 = 64.0 * f64::EPSILON;

/// The mean objective at one point.
#[derive(Debug, Clone)]
struct Evaluation {
    /// Weights, then the intercept.
    point: Vec<f64>,
    /// Mean log-loss.
    loss: f64,
    /// Mean log-loss plus penalty.
    objective: f64,
    /// The gradient of that.
    gradient: Vec<f64>,
}

impl Evaluation {
    /// Draws breath before each block. `None` where it was asked to end.
    async fn at<H: Host>(
        point: Vec<f64>,
        setup: &Setup<'_>,
        watch: &mut Watch<'_, H>,
    ) -> Result<Option<Self>, TrainError> {
        let model = model(&point, setup, DType::F64);
        let (weights, n) = (&point[..setup.width], setup.mass);
        let penalty = setup.options.l2 / n;
        let mut gradient: Vec<f64> = weights.iter().map(|w| penalty * w).collect();
        gradient.push(0.0);
        let mut loss = 0.0;
        for block in &setup.blocks {
            if watch.breathe().await? {
                return Ok(None);
            }
            let rows = &block.rows.double();
            let z = logits(&model, rows, setup.products);
            let (slopes, intercept) = objective::gradient(z.clone(), rows, setup.products);
            let read = doubles(vec![slopes, intercept, losses(z, rows).sum()]).await?;
            let slopes = read[0].iter().chain(&read[1]);
            for (sum, part) in gradient.iter_mut().zip(slopes) {
                *sum += part / n;
            }
            loss += read[2][0] / n;
        }
        let objective = loss + penalty / 2.0 * dot(weights, weights);
        if !objective.is_finite() {
            return Err(TrainError::Diverged);
        }
        Ok(Some(Self {
            point,
            loss,
            objective,
            gradient,
        }))
    }

    /// The largest part of the gradient.
    fn steepest(&self) -> f64 {
        self.gradient.iter().fold(0.0, |m: f64, g| m.max(g.abs()))
    }
}

fn model(point: &[f64], setup: &Setup<'_>, dtype: DType) -> Logistic {
    let (weights, intercept) = point.split_at(setup.width);
    Logistic::from_values(weights, intercept[0], dtype, &setup.device)
}

/// Minimises the objective by L-BFGS (Liu & Nocedal 1989, *Mathematical Programming* 45:503–528; the
/// details as in L-BFGS-B 3.0 without bounds, Morales & Nocedal 2011, *ACM TOMS* 38:7).
pub(super) async fn run<H: Host>(
    setup: &Setup<'_>,
    watch: &mut Watch<'_, H>,
) -> Result<Outcome, TrainError> {
    let options = setup.options;
    let zeros = vec![0.0; setup.width + 1];
    let Some(mut here) = Evaluation::at(zeros.clone(), setup, watch).await? else {
        return Ok(Outcome {
            model: model(&zeros, setup, DType::F32),
            epochs: Vec::new(),
            steps: 0,
            ended: Ended::Stopped,
            best_epoch: 0,
        });
    };
    let mut memory = Memory::new(HISTORY);
    let mut stopper = Stopper::new(setup.validation.as_ref().and(options.early_stopping));
    let mut epochs: Vec<EpochRecord> = Vec::new();
    let mut ended = Ended::Epochs;
    let (first, mut fraction) = (here.steepest(), 0.0_f64);
    for epoch in 1..=options.epochs {
        let before = here.objective;
        let moved = match iterate(&here, &mut memory, setup, watch).await? {
            Found::Better(next) => {
                remember(&mut memory, &here, &next);
                here = *next;
                true
            }
            Found::Nothing => false,
            Found::Stopped => {
                ended = Ended::Stopped;
                break;
            }
        };
        let record = record(epoch, &here, setup).await?;
        let patience_over = stopper.observe(&record, &here.point);
        let fall = (before - here.objective) / before.abs().max(here.objective.abs()).max(1.0);
        if here.steepest() <= GRADIENT_TOLERANCE || !moved || fall <= LOSS_TOLERANCE {
            ended = Ended::Converged;
        } else if patience_over {
            ended = Ended::EarlyStopping;
        }
        let last = ended != Ended::Epochs || epoch == options.epochs;
        fraction = fraction
            .max(epoch as f64 / options.epochs as f64)
            .max((first / here.steepest()).ln() / (first / GRADIENT_TOLERANCE).ln());
        watch.epoch(
            if last { 1.0 } else { fraction.min(1.0) },
            epoch,
            &record,
            last,
        );
        epochs.push(record);
        if last {
            break;
        }
    }
    let steps = epochs.len();
    let (best_epoch, point) = stopper.into_best().unwrap_or((steps, here.point));
    Ok(Outcome {
        model: model(&point, setup, DType::F32),
        epochs,
        steps,
        ended,
        best_epoch,
    })
}

/// What an iteration or a search along one direction has found.
enum Found {
    /// A better point.
    Better(Box<Evaluation>),
    /// None that is acceptable.
    Nothing,
    /// It was asked to end.
    Stopped,
}

/// One iteration. Without memory to forget, there is no better point.
async fn iterate<H: Host>(
    here: &Evaluation,
    memory: &mut Memory,
    setup: &Setup<'_>,
    watch: &mut Watch<'_, H>,
) -> Result<Found, TrainError> {
    loop {
        let direction = memory.direction(&here.gradient);
        let found = search(here, memory, &direction, setup, watch).await?;
        if !matches!(found, Found::Nothing) || memory.is_empty() {
            return Ok(found);
        }
        // The remembered curvature misleads: start afresh from the steepest descent.
        memory.clear();
    }
}

/// Remembers the step from one point to the next.
fn remember(memory: &mut Memory, here: &Evaluation, next: &Evaluation) {
    let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
    let step: Vec<f64> = difference(&next.point, &here.point);
    let drop = -dot(&step, &here.gradient);
    memory.remember(step, difference(&next.gradient, &here.gradient), drop);
}

/// Looks along a direction.
async fn search<H: Host>(
    here: &Evaluation,
    memory: &Memory,
    direction: &[f64],
    setup: &Setup<'_>,
    watch: &mut Watch<'_, H>,
) -> Result<Found, TrainError> {
    let slope = dot(&here.gradient, direction);
    if slope >= 0.0 {
        return Ok(Found::Nothing);
    }
    // Without memory the length of the direction means nothing: the first trial has length 1.
    let mut step = match memory.is_empty() {
        true => 1.0 / dot(direction, direction).sqrt(),
        false => 1.0,
    };
    let mut search = LineSearch::new(here.objective, slope, step);
    for _ in 0..MAX_EVALUATIONS {
        let mut point = here.point.clone();
        add_scaled(&mut point, step, direction);
        let Some(there) = Evaluation::at(point, setup, watch).await? else {
            return Ok(Found::Stopped);
        };
        watch.count(setup.rows);
        match search.judge(step, there.objective, dot(&there.gradient, direction)) {
            Verdict::Accept => return Ok(Found::Better(Box::new(there))),
            Verdict::Try(next) => step = next,
        }
    }
    Ok(Found::Nothing)
}

/// The figures after an iteration.
async fn record(
    epoch: usize,
    here: &Evaluation,
    setup: &Setup<'_>,
) -> Result<EpochRecord, TrainError> {
    let figures = match &setup.validation {
        Some(validation) => {
            let logits = validation.logits(&model(&here.point, setup, DType::F32));
            Some(validation.figures(objective::read(logits).await?))
        }
        None => None,
    };
    Ok(EpochRecord {
        epoch,
        train_loss: here.loss,
        validation_loss: figures.map(|(loss, _)| loss),
        validation_auc: figures.map(|(_, auc)| auc),
    })
}
