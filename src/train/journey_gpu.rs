//! Updates of a journey model that a GPU carries out.

use super::adam::Adam;
use super::{TrainError, TrainingData};
use crate::model::journey::gpu::{
    GpuFault, GpuLimit, GpuNetwork, HeldJourneys, LossesOnTheirWay, Penalty,
};
use crate::model::journey::{Batch, Dropout, JourneyRows, JourneyShape};
use burn::tensor::Device;

/// After so many updates the losses before them are waited for: in a browser a queue that nobody waits for grows
/// without bound.
const TOLD_EVERY: usize = 8;

/// Losses that were asked for, and the weight of their rows.
struct Asked {
    losses: LossesOnTheirWay,
    mass: f64,
}

impl Asked {
    async fn arrive(self) -> Result<(f64, f64), TrainError> {
        Ok((self.losses.arrive().await?, self.mass))
    }
}

/// A network on a GPU, and what it has not told yet.
pub(super) struct OnGpu {
    network: GpuNetwork,
    /// What was asked for, and is waited for when the next updates are on the queue.
    asked: Option<Asked>,
    /// The weight of the rows whose loss was not asked for yet.
    untold: f64,
    /// Updates since it was.
    updates: usize,
}

impl From<GpuFault> for TrainError {
    fn from(GpuFault(said): GpuFault) -> Self {
        Self::Device(said)
    }
}

impl From<GpuLimit> for TrainError {
    fn from(limit: GpuLimit) -> Self {
        match limit {
            GpuLimit::Shape => Self::Device(
                "the GPU trains one LSTM of at most 256 units that reads forward".to_owned(),
            ),
            GpuLimit::Memory => Self::Device(
                "the journeys, or what a batch of them leaves behind, are larger than one array on this GPU may be; a smaller batch size may do"
                    .to_owned(),
            ),
        }
    }
}

impl OnGpu {
    /// Takes parameters and journeys to the device, and compiles. Batches will have up to `most_rows` rows.
    pub async fn new(
        device: &Device,
        shape: &JourneyShape,
        data: &TrainingData<'_>,
        rows: &JourneyRows,
        most_rows: usize,
        parameters: &[f32],
        adam: &Adam,
    ) -> Result<Self, TrainError> {
        let (decay, decoupled) = adam.penalty();
        let journeys = HeldJourneys {
            rows,
            outcomes: data.y,
            weights: data.weights,
        };
        let penalty = Penalty { decay, decoupled };
        let mut network = GpuNetwork::new(device, shape, journeys, most_rows, parameters, penalty)?;
        network.warm(rows).await?;
        Ok(Self {
            network,
            asked: None,
            untold: 0.0,
            updates: 0,
        })
    }

    /// Puts one update on the queue.
    pub fn update(&mut self, batch: &Batch, dropout: &Dropout, update: u32, mass: f64, rate: f32) {
        self.network.step(batch, dropout, update, mass, rate);
        self.untold += mass;
        self.updates += 1;
    }

    /// Every few updates: the summed loss and the weight of those before the last few. Else zeros.
    pub async fn tell_now_and_then(&mut self) -> Result<(f64, f64), TrainError> {
        if self.updates < TOLD_EVERY {
            return Ok((0.0, 0.0));
        }
        let asked = self.ask();
        match self.asked.replace(asked) {
            Some(before) => before.arrive().await,
            None => Ok((0.0, 0.0)),
        }
    }

    fn ask(&mut self) -> Asked {
        self.updates = 0;
        Asked {
            losses: self.network.tell(),
            mass: std::mem::take(&mut self.untold),
        }
    }

    /// Waits for all losses that were not told yet, and their weight.
    pub async fn tell_rest(&mut self) -> Result<(f64, f64), TrainError> {
        let (mut loss, mut mass) = (0.0, 0.0);
        let asked = self.ask();
        for asked in self.asked.take().into_iter().chain([asked]) {
            let (more, of) = asked.arrive().await?;
            loss += more;
            mass += of;
        }
        Ok((loss, mass))
    }

    /// Waits for the queue, takes the parameters over, and tells what is left to tell.
    pub async fn catch_up(&mut self, parameters: &mut Vec<f32>) -> Result<(f64, f64), TrainError> {
        let told = self.tell_rest().await?;
        *parameters = self.network.parameters().await?;
        Ok(told)
    }

    /// The log-odds of some of the journeys, in the order given.
    pub async fn score(
        &mut self,
        rows: &[u32],
        journeys: &JourneyRows,
    ) -> Result<Vec<f32>, TrainError> {
        Ok(self.network.score(rows, journeys).await?)
    }
}
