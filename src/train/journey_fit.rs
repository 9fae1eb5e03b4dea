//! Training a journey model.

use super::adam::Adam;
use super::journey_batches::Batches;
use super::stopping::Stopper;
use super::watch::Watch;
use super::without_touches::WithoutTouches;
use super::{
    EarlyStopping, Ended, EpochRecord, Fit, FittedJourney, OptimizerKind, Pace, Preset,
    StoppingMetric, TrainError, TrainingData, ValidJourneyOptions, ValidTrainOptions, auc,
};
use crate::job::Host;
use crate::model::journey::host::Masks;
use crate::model::journey::{Batch, Dropout, Inputs, JourneyRows, JourneyShape, Network};
use burn::tensor::Device;

/// Journeys that are scored at a time.
const SCORED: usize = 512;
/// What the step size is multiplied by where the validation part has not gained for half of the patience.
const EASING: f64 = 0.3;

/// Fits a journey model to the training rows by mini-batches of like length: the minimum of the weighted
/// mean log-loss plus `l2/(2n)·‖w‖²` (biases are free).
pub(super) async fn fit<H: Host>(
    data: &TrainingData<'_>,
    options: &ValidTrainOptions,
    sizes: &ValidJourneyOptions,
    device: &Device,
    run_id: &str,
    host: &mut H,
) -> Result<Fit, TrainError> {
    let mut watch = Watch::start(host, run_id);
    let (inputs, mut learner) = begin(data, options, sizes, device).await?;
    let ready = watch.elapsed();
    let outcome = learner.run(&mut watch).await?;
    let ran = watch.elapsed() - ready;
    let journeys = data.journeys.ok_or(TrainError::NoJourneys)?;
    let without_touches = WithoutTouches::learn(data, journeys, &inputs.statics);
    let shape = learner.shape;
    let layout = shape.layout();
    let mut parameters = outcome.parameters;
    settle_unknown(&inputs, &shape, &mut parameters);
    Ok(Fit {
        parameters: layout.named(&parameters),
        journey: Some(FittedJourney {
            inputs,
            shape,
            without_touches: Some(without_touches),
        }),
        epochs: outcome.epochs,
        seconds: watch.elapsed() / 1e3,
        step_ms: ran / outcome.steps.max(1) as f64,
        steps: outcome.steps,
        ended: outcome.ended,
        best_epoch: outcome.best_epoch,
        options: options.clone(),
    })
}

/// A model that is ready for its first update on the device, and what it takes in.
async fn begin<'a>(
    data: &'a TrainingData<'a>,
    options: &'a ValidTrainOptions,
    sizes: &'a ValidJourneyOptions,
    device: &Device,
) -> Result<(Inputs, Learner<'a>), TrainError> {
    let journeys = data.journeys.ok_or(TrainError::NoJourneys)?;
    data.check_rows()?;
    if journeys.len() != data.y.len() {
        return Err(TrainError::BadData("there are as many journeys as rows"));
    }
    let statics: &[u32] = if sizes.static_features {
        &data.statics
    } else {
        &[]
    };
    let inputs = Inputs::learn(journeys, data.train, sizes.time_gaps, statics);
    let (rows, _) = inputs.encode(journeys, inputs.pick_statics(data.x, data.width));
    let mut learner = Learner::new(data, options, sizes, shape(&inputs, sizes), rows);
    learner.settle_on(device).await?;
    Ok((inputs, learner))
}

/// Rows of the first batch that is timed: no more than a workgroup of a GPU minds.
const FEWEST_TIMED: usize = 8;
/// How many times the budget the first batch may take if a second is to be taken at any rate.
const PATIENCE: f64 = 2.0;
/// How many times another device's time a first whole batch may take and still be measured once more.
const CLOSE: f64 = 2.0;

/// How long a step takes: a first one of few rows, which compiles; then batches of ever more rows, as long as they fit in
/// the budget. Where the whole batch does not, its time is that of the last two on a straight line, unless that would
/// beat `rival`, the milliseconds of another device; else as many of the eight batches as fit are timed, at even
/// distances by length, with one wait for the loss.
pub(super) async fn pace<H: Host>(
    data: &TrainingData<'_>,
    options: &ValidTrainOptions,
    sizes: &ValidJourneyOptions,
    device: &Device,
    (budget, rival): (f64, f64),
    host: &mut H,
) -> Result<Pace, TrainError> {
    let mut watch = Watch::start(host, "trial");
    let (_, mut learner) = begin(data, options, sizes, device).await?;
    let rows = &learner.rows;
    let mut batches = learner.batches.epoch(|row| rows.length(row));
    let touches = |batch: &Vec<u32>| batch.iter().map(|&row| rows.length(row)).sum::<u32>();
    batches.sort_by_key(touches);
    let middle = batches.len() / 2;
    let whole = batches[middle].len();
    let mean = batches.iter().map(touches).sum::<u32>() as f64 / batches.len() as f64;
    let usual = mean / f64::from(touches(&batches[middle]).max(1));
    let mut count = whole.min(FEWEST_TIMED);
    learner.learn(&thinned(&batches[middle], count)).await?;
    learner.tell().await?;
    let mut ready_ms = watch.elapsed();
    let mut measured_ms = 0.0;
    let mut before = None;
    while count < whole {
        let batch = thinned(&batches[middle], count);
        let mut taken = f64::INFINITY;
        // Twice where there is time for it: the first of a size also finds room for its numbers.
        for _ in 0..2 {
            watch.breathe().await?;
            let started = watch.elapsed();
            learner.learn(&batch).await?;
            learner.tell().await?;
            let one = watch.elapsed() - started;
            measured_ms += one;
            taken = taken.min(one);
            if measured_ms + one > budget {
                break;
            }
        }
        let next = (4 * count).min(whole);
        if measured_ms + taken * next as f64 / count as f64 <= budget {
            before = Some((count, taken));
            count = next;
        } else if before.is_none() && taken < PATIENCE * budget {
            before = Some((count, taken));
            count = (2 * count).min(whole);
        } else {
            let mut step_ms = usual * on_a_line(before, (count, taken), whole);
            // A few rows don't make a device the faster one: if they are right, the whole batch takes but a moment.
            if step_ms < rival {
                let started = watch.elapsed();
                learner.learn(&batches[middle]).await?;
                learner.tell().await?;
                step_ms = watch.elapsed() - started;
                measured_ms += step_ms;
                if step_ms < CLOSE * rival {
                    break;
                }
            }
            return Ok(Pace {
                step_ms,
                measured_ms,
                ready_ms,
            });
        }
    }
    // The longest needs the most memory.
    let started = watch.elapsed();
    for at in [batches.len() - 1, middle] {
        watch.breathe().await?;
        learner.learn(&batches[at]).await?;
        learner.tell().await?;
    }
    ready_ms += watch.elapsed() - started;
    let started = watch.elapsed();
    learner.learn(&batches[middle]).await?;
    learner.tell().await?;
    let one = watch.elapsed() - started;
    let count = ((budget / one.max(1e-3)) as usize).min(batches.len());
    // Short steps are taken again, for the clock's sake; the fastest round counts, on either device.
    let mut step_ms = if count < 2 { one } else { f64::INFINITY };
    while step_ms.is_infinite() || (count >= 2 && watch.elapsed() - started < budget / 2.0) {
        watch.breathe().await?;
        let round = watch.elapsed();
        for at in 0..count {
            let batch = (2 * at + 1) * batches.len() / (2 * count);
            learner.learn(&batches[batch]).await?;
        }
        learner.tell().await?;
        step_ms = step_ms.min((watch.elapsed() - round) / count as f64);
    }
    Ok(Pace {
        step_ms,
        measured_ms: measured_ms + watch.elapsed() - started,
        ready_ms,
    })
}

/// So many rows of a batch, at even distances.
fn thinned(batch: &[u32], count: usize) -> Vec<u32> {
    (0..count)
        .map(|at| batch[at * batch.len() / count])
        .collect()
}

/// The time of a whole batch from those of smaller ones, rows and milliseconds each: on the straight line through both,
/// which does not fall; from one alone, in proportion.
fn on_a_line(before: Option<(usize, f64)>, last: (usize, f64), whole: usize) -> f64 {
    let (rows, ms) = last;
    let (fewer, less) = before.unwrap_or((0, 0.0));
    let slope = ((ms - less) / (rows - fewer) as f64).max(0.0);
    ms + slope * (whole - rows) as f64
}

fn shape(inputs: &Inputs, sizes: &ValidJourneyOptions) -> JourneyShape {
    JourneyShape {
        channels: inputs.channels.len() + 1,
        events: if inputs.has_events() {
            inputs.events.len() + 1
        } else {
            0
        },
        gaps: inputs.gaps,
        statics: inputs.statics.len(),
        embedding: sizes.embedding,
        hidden: sizes.hidden,
        layers: sizes.layers,
        bidirectional: sizes.bidirectional,
        heads: sizes.heads,
    }
}

/// The unknown channel (and event) becomes the mean training touch, unless it was trained itself.
fn settle_unknown(inputs: &Inputs, shape: &JourneyShape, parameters: &mut [f32]) {
    let layout = shape.layout();
    let vocabularies = [
        (&inputs.channel_counts, layout.channels),
        (&inputs.event_counts, layout.events),
    ];
    for (counts, range) in vocabularies {
        let all: f64 = counts.iter().map(|&count| f64::from(count)).sum();
        if counts.first() != Some(&0) || all == 0.0 {
            continue;
        }
        let (unknown, known) = parameters[range].split_at_mut(shape.embedding);
        for (at, unknown) in unknown.iter_mut().enumerate() {
            let entries = known.iter().skip(at).step_by(shape.embedding);
            let sum: f64 = entries
                .zip(&counts[1..])
                .map(|(&value, &count)| f64::from(value) * f64::from(count))
                .sum();
            *unknown = (sum / all) as f32;
        }
    }
}

struct Outcome {
    parameters: Vec<f32>,
    epochs: Vec<EpochRecord>,
    steps: usize,
    ended: Ended,
    best_epoch: usize,
}

/// A model on its way.
struct Learner<'a> {
    data: &'a TrainingData<'a>,
    options: &'a ValidTrainOptions,
    sizes: &'a ValidJourneyOptions,
    rows: JourneyRows,
    network: Network,
    parameters: Vec<f32>,
    gradient: Vec<f32>,
    adam: Adam,
    batches: Batches,
    shape: JourneyShape,
    dropout: Dropout,
    batch: Batch,
    masks: Masks,
    slopes: Vec<f32>,
    step: usize,
    /// What the step size has been multiplied by for want of progress.
    eased: f64,
    /// Where a GPU trains. Between epochs the host's parameters are brought up to date.
    #[cfg(feature = "webgpu")]
    on_gpu: Option<super::journey_gpu::OnGpu>,
}

impl<'a> Learner<'a> {
    fn new(
        data: &'a TrainingData<'a>,
        options: &'a ValidTrainOptions,
        sizes: &'a ValidJourneyOptions,
        shape: JourneyShape,
        rows: JourneyRows,
    ) -> Self {
        let mass = data.mass(data.train);
        let converted: f64 = data
            .train
            .iter()
            .filter(|&&row| data.y[row as usize] > 0.5)
            .map(|&row| f64::from(data.weight(row as usize)))
            .sum();
        let log_odds = (converted / (mass - converted)).ln() as f32;
        let network = Network::new(&shape);
        let parameters = shape.initial(options.seed, log_odds);
        let decoupled = options.optimizer.kind == OptimizerKind::Adamw;
        Self {
            adam: Adam::new(network.layout(), (options.l2 / mass) as f32, decoupled),
            gradient: vec![0.0; parameters.len()],
            parameters,
            network,
            batches: Batches::new(options.seed, data.train, options.batch_size),
            shape,
            dropout: Dropout {
                recurrent: sizes.recurrent_dropout,
                last: sizes.dropout,
                seed: options.seed ^ 0x5eed,
            },
            data,
            options,
            sizes,
            rows,
            batch: Batch::default(),
            masks: Masks::default(),
            slopes: Vec::new(),
            step: 0,
            eased: 1.0,
            #[cfg(feature = "webgpu")]
            on_gpu: None,
        }
    }

    async fn run<H: Host>(&mut self, watch: &mut Watch<'_, H>) -> Result<Outcome, TrainError> {
        // The best epoch is remembered even where nothing ends for want of progress: for a stop.
        let rule = self.options.early_stopping.unwrap_or(EarlyStopping {
            patience: usize::MAX,
            metric: StoppingMetric::Loss,
        });
        let watched = !self.data.validation.is_empty();
        let mut stopper = Stopper::new(watched.then_some(rule));
        let mut epochs: Vec<EpochRecord> = Vec::new();
        let mut ended = Ended::Epochs;
        let total = self.options.epochs;
        for epoch in 1..=total {
            let Some((train_loss, stopped)) = self.pass(epoch, watch).await? else {
                // Stopped before the first update of an epoch: nothing has changed.
                ended = Ended::Stopped;
                break;
            };
            let figures = match watched {
                true => Some(self.figures().await?),
                false => None,
            };
            let record = EpochRecord {
                epoch,
                train_loss,
                validation_loss: figures.map(|(loss, _)| loss),
                validation_auc: figures.map(|(_, auc)| auc),
            };
            let patience_over = stopper.observe(&record, &self.parameters);
            if self.sizes.preset == Preset::Fast && stopper.is_half_over(epoch) {
                self.eased *= EASING;
            }
            if stopped {
                ended = Ended::Stopped;
            } else if patience_over {
                ended = Ended::EarlyStopping;
            }
            let last = ended != Ended::Epochs || epoch == total;
            let fraction = if last { 1.0 } else { self.fraction() };
            watch.epoch(fraction, self.step, &record, last);
            epochs.push(record);
            if last {
                break;
            }
        }
        if self.parameters.iter().any(|value| !value.is_finite()) {
            return Err(TrainError::Diverged);
        }
        let keeps_best = self.options.early_stopping.is_some() || ended == Ended::Stopped;
        let best = stopper.into_best().filter(|_| keeps_best);
        let (best_epoch, parameters) =
            best.unwrap_or_else(|| (epochs.len(), std::mem::take(&mut self.parameters)));
        Ok(Outcome {
            parameters,
            epochs,
            steps: self.step,
            ended,
            best_epoch,
        })
    }

    fn fraction(&self) -> f64 {
        self.step as f64 / (self.options.epochs as f64 * self.batches.count() as f64)
    }

    /// The step size: constant as in the article, else falling to 0 along a half cosine (Loshchilov &
    /// Hutter 2017, "SGDR", equation 5, without restarts), and to 0.3 of that whenever half of the patience of early
    /// stopping went by without progress.
    fn rate(&self) -> f32 {
        let rate = self.options.optimizer.learning_rate.unwrap_or(0.001);
        let share = match self.sizes.preset {
            Preset::Article => 1.0,
            Preset::Fast => 0.5 * (1.0 + (std::f64::consts::PI * self.fraction()).cos()),
        };
        (rate * share * self.eased) as f32
    }

    /// One pass over the training journeys: the mean loss of the batches as they were met, and whether the
    /// host asked to end. `None` where it did before the first.
    async fn pass<H: Host>(
        &mut self,
        epoch: usize,
        watch: &mut Watch<'_, H>,
    ) -> Result<Option<(f64, bool)>, TrainError> {
        let rows = &self.rows;
        let batches = self.batches.epoch(|row| rows.length(row));
        let (mut loss, mut mass) = (0.0, 0.0);
        let mut recent = (0.0, 0.0);
        for batch in batches {
            if watch.breathe().await? {
                let (rest, rest_mass) = self.catch_up().await?;
                let mass = mass + rest_mass;
                return Ok((mass > 0.0).then_some(((loss + rest) / mass, true)));
            }
            let (batch_loss, batch_mass) = self.learn(&batch).await?;
            if !batch_loss.is_finite() {
                return Err(TrainError::Diverged);
            }
            watch.count(batch.len());
            loss += batch_loss;
            mass += batch_mass;
            recent = (recent.0 + batch_loss, recent.1 + batch_mass);
            if recent.1 > 0.0 && watch.due() {
                watch.step(self.fraction(), epoch, self.step, recent.0 / recent.1);
                recent = (0.0, 0.0);
            }
        }
        let (rest, rest_mass) = self.catch_up().await?;
        if !rest.is_finite() {
            return Err(TrainError::Diverged);
        }
        Ok(Some(((loss + rest) / (mass + rest_mass), false)))
    }

    /// Moves the training to the device, where that is a GPU.
    #[cfg(feature = "webgpu")]
    async fn settle_on(&mut self, device: &Device) -> Result<(), TrainError> {
        if self.options.device == super::DeviceKind::Webgpu {
            let on_gpu = super::journey_gpu::OnGpu::new(
                device,
                &self.shape,
                self.data,
                &self.rows,
                self.batches.most_rows(),
                &self.parameters,
                &self.adam,
            );
            self.on_gpu = Some(on_gpu.await?);
        }
        Ok(())
    }

    #[cfg(not(feature = "webgpu"))]
    async fn settle_on(&mut self, _device: &Device) -> Result<(), TrainError> {
        Ok(())
    }

    /// One update, and the summed loss and the weight of what was seen since the last one that told.
    #[cfg(feature = "webgpu")]
    async fn learn(&mut self, rows: &[u32]) -> Result<(f64, f64), TrainError> {
        let Some(mut on_gpu) = self.on_gpu.take() else {
            return Ok(self.update(rows));
        };
        let rate = self.rate();
        self.step += 1;
        self.rows.arrange(rows, &mut self.batch);
        let mass = self.data.mass(rows);
        if mass > 0.0 {
            on_gpu.update(&self.batch, &self.dropout, self.step as u32, mass, rate);
        }
        let told = on_gpu.tell_now_and_then().await;
        self.on_gpu = Some(on_gpu);
        told
    }

    #[cfg(not(feature = "webgpu"))]
    async fn learn(&mut self, rows: &[u32]) -> Result<(f64, f64), TrainError> {
        Ok(self.update(rows))
    }

    /// Waits for the device, and for what it has not told yet of the loss.
    #[cfg(feature = "webgpu")]
    async fn tell(&mut self) -> Result<(f64, f64), TrainError> {
        match &mut self.on_gpu {
            Some(on_gpu) => on_gpu.tell_rest().await,
            None => Ok((0.0, 0.0)),
        }
    }

    #[cfg(not(feature = "webgpu"))]
    async fn tell(&mut self) -> Result<(f64, f64), TrainError> {
        Ok((0.0, 0.0))
    }

    /// Waits for the device and takes its parameters over: the loss and weight that were not told yet.
    #[cfg(feature = "webgpu")]
    async fn catch_up(&mut self) -> Result<(f64, f64), TrainError> {
        match &mut self.on_gpu {
            Some(on_gpu) => on_gpu.catch_up(&mut self.parameters).await,
            None => Ok((0.0, 0.0)),
        }
    }

    #[cfg(not(feature = "webgpu"))]
    async fn catch_up(&mut self) -> Result<(f64, f64), TrainError> {
        Ok((0.0, 0.0))
    }

    /// One update. Gives the summed loss of the batch and its weight.
    fn update(&mut self, rows: &[u32]) -> (f64, f64) {
        let rate = self.rate();
        self.step += 1;
        self.rows.fill(rows, &mut self.batch);
        let mass = self.data.mass(rows);
        if mass <= 0.0 {
            return (0.0, 0.0);
        }
        self.draw_masks();
        let logits = self
            .network
            .forward(&self.parameters, &self.batch, &self.masks);
        self.slopes.clear();
        let mut loss = 0.0;
        for (&z, &row) in logits.iter().zip(&self.batch.order) {
            let weight = f64::from(self.data.weight(row as usize));
            let y = f64::from(self.data.y[row as usize]);
            let (value, slope) = log_loss(f64::from(z), y);
            loss += weight * value;
            self.slopes.push((weight * slope / mass) as f32);
        }
        self.network.backward(
            &self.parameters,
            &self.batch,
            &self.masks,
            &self.slopes,
            &mut self.gradient,
        );
        self.adam
            .step(&mut self.parameters, &mut self.gradient, rate);
        (loss, mass)
    }

    fn draw_masks(&mut self) {
        let update = self.step as u32;
        self.dropout
            .draw(update, &self.batch, &self.shape, &mut self.masks);
    }

    /// Mean log-loss and AUC of the validation part.
    async fn figures(&mut self) -> Result<(f64, f64), TrainError> {
        let part = self.data.validation;
        let logits = self.score(part).await?;
        let pick =
            |values: &[f32]| -> Vec<f32> { part.iter().map(|&row| values[row as usize]).collect() };
        let (labels, weights) = (pick(self.data.y), self.data.weights.map(pick));
        let (mut sum, mut mass) = (0.0, 0.0);
        for (at, (&z, &y)) in logits.iter().zip(&labels).enumerate() {
            let weight = weights.as_ref().map_or(1.0, |w| f64::from(w[at]));
            sum += weight * log_loss(f64::from(z), f64::from(y)).0;
            mass += weight;
        }
        Ok((sum / mass, auc(&logits, &labels, weights.as_deref())))
    }

    /// The log-odds of some of the journeys.
    #[cfg(feature = "webgpu")]
    async fn score(&mut self, rows: &[u32]) -> Result<Vec<f32>, TrainError> {
        match &mut self.on_gpu {
            Some(on_gpu) => on_gpu.score(rows, &self.rows).await,
            None => Ok(self.score_here(rows)),
        }
    }

    #[cfg(not(feature = "webgpu"))]
    async fn score(&mut self, rows: &[u32]) -> Result<Vec<f32>, TrainError> {
        Ok(self.score_here(rows))
    }

    fn score_here(&mut self, rows: &[u32]) -> Vec<f32> {
        score_journeys(
            &mut self.network,
            &self.parameters,
            &self.rows,
            rows,
            &mut self.batch,
        )
    }
}

/// `softplus(z) − y·z` and its slope `σ(z) − y`.
fn log_loss(z: f64, y: f64) -> (f64, f64) {
    let tail = (-z.abs()).exp();
    let probability = if z >= 0.0 {
        1.0 / (1.0 + tail)
    } else {
        tail / (1.0 + tail)
    };
    (z.max(0.0) - y * z + tail.ln_1p(), probability - y)
}

/// The log-odds of some journeys, in the order given. `batch` is memory to work in.
pub(crate) fn score_journeys(
    network: &mut Network,
    parameters: &[f32],
    journeys: &JourneyRows,
    rows: &[u32],
    batch: &mut Batch,
) -> Vec<f32> {
    let masks = Masks::default();
    // Journeys of like length lie side by side; ties keep their order, so that a score depends on the
    // journey and not on chance.
    let mut places: Vec<u32> = (0..rows.len() as u32).collect();
    places.sort_by_key(|&place| std::cmp::Reverse(journeys.length(rows[place as usize])));
    let mut out = vec![0.0; rows.len()];
    for places in places.chunks(SCORED) {
        let chunk: Vec<u32> = places.iter().map(|&place| rows[place as usize]).collect();
        journeys.fill(&chunk, batch);
        let logits = network.forward(parameters, batch, &masks);
        for (&place, &logit) in places.iter().zip(logits) {
            out[place as usize] = logit;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_whole_batch_is_told_from_smaller_ones() {
        // 2 ms a launch and ¼ ms a row.
        assert_eq!(on_a_line(Some((8, 4.0)), (32, 10.0), 256), 66.0);
        assert_eq!(on_a_line(None, (8, 4.0), 256), 128.0);
        // Rows that a device minds side by side cost no time.
        assert_eq!(on_a_line(Some((8, 4.0)), (16, 3.9), 1024), 3.9);
        assert_eq!(thinned(&[1, 2, 3, 4, 5, 6, 7], 3), [1, 3, 5]);
        assert_eq!(thinned(&[1, 2], 2), [1, 2]);
    }
}
