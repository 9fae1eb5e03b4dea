//! How long a step of a model takes on a device, found out in a moment.

use super::{DeviceKind, TrainError, TrainingData, ValidTrainOptions, fit, journey_fit};
use crate::job::Host;
use crate::prepare::Journeys;
use burn::tensor::Device;
use serde::Serialize;

/// Batches of a trial: after so many the loss is told, and so many are sorted by length together.
pub(super) const BATCHES: usize = 8;
/// Milliseconds that the steps of a trial may take on a device; one of a few rows is taken at any rate, and where it is
/// not far beyond, one of twice as many.
const BUDGET: f64 = 120.0;
/// Multiplications of a CPU step in a trial: about ten milliseconds. Larger batches are thinned, since the CPU's
/// time goes with the touches.
const CPU_WORK: f64 = 1e8;
/// Updates of a trial of a model that is not of journeys.
const UPDATES: usize = 16;

/// How fast a device is with a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// Milliseconds of a step.
    pub step_ms: f64,
    /// Milliseconds spent on measuring it.
    pub measured_ms: f64,
    /// Milliseconds spent beside that: data onto the device, compiling, first steps that are not timed.
    pub ready_ms: f64,
}

/// Takes a few real steps of a model on a device and tells how long one is. Every n-th training row takes part,
/// the same on every device, so that a file that is sorted (by length, by outcome) looks as it does as a whole.
///
/// `rival` are the milliseconds of a step on the device that this one has to beat, 0 where there is none: a device that
/// would by a few rows is asked for a whole batch.
///
/// What a run does once, or once in an epoch, is not in a step's time: uploading, compiling, reading the
/// parameters back. The loss is waited for as seldom as in a run.
///
/// # Errors
/// Those of [`fit`].
pub async fn trial(
    data: &TrainingData<'_>,
    options: &ValidTrainOptions,
    device: &Device,
    rival: f64,
    host: &mut impl Host,
) -> Result<Pace, TrainError> {
    let whole = match options.batch_size {
        0 => data.train.len(),
        size => size.min(data.train.len()),
    };
    let sample = Sample::every_nth(data, whole.saturating_mul(BATCHES));
    let mut options = options.clone();
    options.early_stopping = None;
    let Some(sizes) = options.journey.clone() else {
        return steps_of_fit(&sample.data(), &mut options, device, host).await;
    };
    // A thinner batch has journeys of the same lengths, since the rows of the sample are thinned alike.
    let batch = match options.device {
        DeviceKind::Webgpu => whole,
        DeviceKind::Cpu => thinned(&sample.data(), whole, sizes.hidden),
    };
    let thin = Sample::every_nth(&sample.data(), batch * BATCHES);
    options.batch_size = batch;
    let mut pace = journey_fit::pace(
        &thin.data(),
        &options,
        &sizes,
        device,
        (BUDGET, rival),
        host,
    )
    .await?;
    pace.step_ms *= whole as f64 / batch as f64;
    Ok(pace)
}

/// Rows of a batch that the CPU can be expected to be done with soon.
fn thinned(data: &TrainingData<'_>, batch: usize, hidden: usize) -> usize {
    let touches = data
        .journeys
        .map_or(0, |journeys| journeys.touch_channels.len());
    let rows = data.train.len().max(1);
    // An LSTM's recurrent products, forward once and backward twice.
    let work = 12.0 * (hidden * hidden) as f64 * touches as f64 / rows as f64;
    ((CPU_WORK / work.max(1.0)) as usize).clamp(16.min(batch), batch)
}

/// A model that is not of journeys: a first training, which compiles, then one that is timed.
async fn steps_of_fit(
    data: &TrainingData<'_>,
    options: &mut ValidTrainOptions,
    device: &Device,
    host: &mut impl Host,
) -> Result<Pace, TrainError> {
    let updates = data.train.len().div_ceil(options.batch_size.max(1));
    options.epochs = match options.batch_size {
        0 => UPDATES / 4,
        _ => UPDATES.div_ceil(updates),
    };
    let started = host.now();
    fit(data, options, device, "trial", host).await?;
    let ready = host.now();
    let step_ms = fit(data, options, device, "trial", host).await?.step_ms;
    Ok(Pace {
        step_ms,
        measured_ms: host.now() - ready,
        ready_ms: ready - started,
    })
}

/// Some rows of a data set, as one of their own.
struct Sample {
    x: Vec<f32>,
    width: usize,
    y: Vec<f32>,
    weights: Option<Vec<f32>>,
    train: Vec<u32>,
    journeys: Option<Journeys>,
    statics: Vec<u32>,
}

impl Sample {
    /// So many training rows at even distances, with one of the other class among them where they are all of one.
    fn every_nth(data: &TrainingData<'_>, count: usize) -> Self {
        let train = data.train;
        let count = count.clamp(1, train.len().max(1)).min(train.len());
        // The middle of each stretch.
        let mut rows: Vec<u32> = (0..count)
            .map(|at| train[(2 * at + 1) * train.len() / (2 * count)])
            .collect();
        let class = |row: u32| data.y[row as usize] > 0.5;
        if let Some(last) = rows.last().copied()
            && rows.iter().all(|&row| class(row) == class(last))
            && let Some(&other) = train.iter().find(|&&row| class(row) != class(last))
            && let Some(place) = rows.last_mut()
        {
            *place = other;
        }
        let pick = |values: &[f32]| rows.iter().map(|&row| values[row as usize]).collect();
        let line = |&row: &u32| {
            data.x[row as usize * data.width..][..data.width]
                .iter()
                .copied()
        };
        Self {
            x: rows.iter().flat_map(line).collect(),
            width: data.width,
            y: pick(data.y),
            weights: data.weights.map(pick),
            train: (0..rows.len() as u32).collect(),
            journeys: data.journeys.map(|journeys| picked(journeys, &rows)),
            statics: data.statics.clone(),
        }
    }

    fn data(&self) -> TrainingData<'_> {
        TrainingData {
            x: &self.x,
            width: self.width,
            y: &self.y,
            weights: self.weights.as_deref(),
            train: &self.train,
            validation: &[],
            journeys: self.journeys.as_ref(),
            statics: self.statics.clone(),
        }
    }
}

/// What a network sees of these journeys, in this order.
fn picked(journeys: &Journeys, rows: &[u32]) -> Journeys {
    let mut offsets = vec![0];
    let mut touches: Vec<usize> = Vec::new();
    for &row in rows {
        touches.extend(journeys.range(row as usize));
        offsets.push(touches.len() as u32);
    }
    let codes = |of: &[u32]| match of {
        [] => Vec::new(),
        of => touches.iter().map(|&touch| of[touch]).collect(),
    };
    Journeys {
        channels: journeys.channels.clone(),
        events: journeys.events.clone(),
        offsets,
        touch_channels: codes(&journeys.touch_channels),
        touch_events: codes(&journeys.touch_events),
        gap_hours: match &journeys.gap_hours[..] {
            [] => Vec::new(),
            gaps => touches.iter().map(|&touch| gaps[touch]).collect(),
        },
        calendar: journeys.calendar,
        ..Journeys::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Journeys sorted by length and by outcome, of 1 to 20 touches.
    fn sorted(rows: usize) -> (Vec<f32>, Vec<u32>, Journeys) {
        let mut journeys = Journeys {
            channels: vec!["a".into(), "b".into()],
            offsets: vec![0],
            ..Journeys::default()
        };
        for row in 0..rows {
            let length = 1 + row * 20 / rows;
            journeys
                .touch_channels
                .extend((0..length).map(|at| (at % 2) as u32));
            journeys.offsets.push(journeys.touch_channels.len() as u32);
        }
        let y = (0..rows)
            .map(|row| f32::from(u8::from(row >= rows / 2)))
            .collect();
        (y, (0..rows as u32).collect(), journeys)
    }

    fn data<'a>(y: &'a [f32], train: &'a [u32], journeys: &'a Journeys) -> TrainingData<'a> {
        TrainingData {
            x: &[],
            width: 0,
            y,
            weights: None,
            train,
            validation: &[],
            journeys: Some(journeys),
            statics: Vec::new(),
        }
    }

    #[test]
    fn a_sample_of_a_sorted_file_has_the_lengths_and_outcomes_of_the_whole() {
        let (y, train, journeys) = sorted(10_000);
        let whole = data(&y, &train, &journeys);
        let mean =
            |journeys: &Journeys| journeys.touch_channels.len() as f64 / journeys.len() as f64;
        for count in [40, 100, 800, 4096] {
            let sample = Sample::every_nth(&whole, count);
            let own = sample.journeys.as_ref().map(mean).unwrap_or_default();
            assert!((own - mean(&journeys)).abs() < 0.3, "{count}: {own}");
            let share = sample.y.iter().sum::<f32>() / sample.y.len() as f32;
            assert!((share - 0.5).abs() < 0.02, "{count}: {share}");
            assert_eq!(sample.train.len(), count);
            // Thinned once more, as for the CPU, it still has them.
            let thin = Sample::every_nth(&sample.data(), count / 5);
            let own = thin.journeys.as_ref().map(mean).unwrap_or_default();
            assert!(
                (own - mean(&journeys)).abs() < 1.4,
                "{count} thinned: {own}"
            );
        }
        assert_eq!(Sample::every_nth(&whole, 1_000_000).train.len(), 10_000);
    }

    #[test]
    fn both_classes_are_in_a_sample_wherever_there_are_both() {
        let (mut y, train, journeys) = sorted(1000);
        y.fill(0.0);
        y[999] = 1.0;
        let whole = data(&y, &train, &journeys);
        let sample = Sample::every_nth(&whole, 10);
        assert_eq!(sample.y.iter().sum::<f32>(), 1.0);
        let own = sample.journeys.unwrap_or_default();
        assert_eq!(own.touches(9).len(), journeys.touches(999).len());
        y[999] = 0.0;
        let whole = data(&y, &train, &journeys);
        assert_eq!(Sample::every_nth(&whole, 10).y.iter().sum::<f32>(), 0.0);
    }
}
