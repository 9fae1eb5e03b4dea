//! What a fitted model of any kind says of rows and of journeys.

use super::probabilities;
use super::probabilities::sigmoid;
use crate::model::journey::{Batch, Inputs, Network};
use crate::prepare::Journeys;
use crate::train::{Fit, WithoutTouches, score_journeys};

/// The chance of conversion of every row of a design matrix (row-major, `width` columns) or of its
/// journeys, in their order, and how many touches are of channels that the model does not know.
///
/// # Panics
/// Where the model is not one for such data; see [`Fit::suits`].
pub fn predict(
    fit: &Fit,
    x: &[f32],
    width: usize,
    journeys: Option<&Journeys>,
) -> (Vec<f64>, usize) {
    match (JourneyScorer::new(fit), journeys) {
        (Some(mut scorer), Some(journeys)) => {
            let statics = scorer.pick_statics(x, width);
            scorer.probabilities(journeys, statics)
        }
        _ => {
            let rows: Vec<u32> = (0..(x.len() / width.max(1)) as u32).collect();
            (probabilities(x, width, &rows, fit), 0)
        }
    }
}

/// A fitted journey model, ready to score any journeys: those of its data set, those of another file, or
/// journeys with touches removed, for credit.
#[derive(Debug, Clone)]
pub struct JourneyScorer {
    inputs: Inputs,
    network: Network,
    parameters: Vec<f32>,
    batch: Batch,
    without_touches: Option<WithoutTouches>,
}

impl JourneyScorer {
    /// The scorer of a fit; `None` where it is not a journey model.
    pub fn new(fit: &Fit) -> Option<Self> {
        let journey = fit.journey.as_ref()?;
        let network = Network::new(&journey.shape);
        let parameters = network.layout().flat(&fit.parameters)?;
        Some(Self {
            inputs: journey.inputs.clone(),
            network,
            parameters,
            batch: Batch::default(),
            without_touches: journey.without_touches.clone(),
        })
    }

    /// How many features of a whole journey join before the last layer.
    pub fn static_width(&self) -> usize {
        self.inputs.statics.len()
    }

    /// Those features of every row of a design matrix, `[rows, static_width]`.
    pub fn pick_statics(&self, x: &[f32], width: usize) -> Vec<f32> {
        self.inputs.pick_statics(x, width)
    }

    /// The chance of conversion of each journey, in their order. `statics` is `[journeys, static_width]`.
    ///
    /// Channels are matched by name. A journey without touches, which no training journey was, is scored by
    /// its features alone as a logistic regression has it ([`WithoutTouches`]). Who removes touches has to
    /// add the gap of a removed touch to that of the next.
    pub fn score(&mut self, journeys: &Journeys, statics: Vec<f32>) -> Vec<f32> {
        let (probabilities, _) = self.probabilities(journeys, statics);
        probabilities.into_iter().map(|p| p as f32).collect()
    }

    /// Probabilities in f64, and touches of unknown channels.
    fn probabilities(&mut self, journeys: &Journeys, statics: Vec<f32>) -> (Vec<f64>, usize) {
        let (rows, unknown) = self.inputs.encode(journeys, statics);
        let all: Vec<u32> = (0..rows.len() as u32).collect();
        let logits = score_journeys(
            &mut self.network,
            &self.parameters,
            &rows,
            &all,
            &mut self.batch,
        );
        let log_odds = |(row, &z): (&u32, &f32)| match &self.without_touches {
            Some(without) if rows.length(*row) == 0 => {
                let start = *row as usize * rows.width;
                without.log_odds(&rows.statics[start..start + rows.width])
            }
            _ => f64::from(z),
        };
        let log_odds = all.iter().zip(&logits).map(log_odds);
        (log_odds.map(sigmoid).collect(), unknown)
    }
}
