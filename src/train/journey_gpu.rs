//! Updates of a journey model that a GPU carries out.

use super::adam::Adam;
use super::{TrainError, TrainingData};
use crate::model::journey::gpu::{GpuFault, GpuNetwork, Targets};
use crate::model::journey::host::Masks;
use crate::model::journey::{Batch, JourneyShape};
use burn::tensor::Device;

/// After so many updates the loss is waited for: in a browser a queue that nobody waits for grows without
/// bound.
const TOLD_EVERY: usize = 8;

/// A network on a GPU, and what it has not told yet.
pub(super) struct OnGpu {
    network: GpuNetwork,
    /// The weight of the rows whose loss was not told yet.
    untold: f64,
    /// Updates since the loss was told.
    updates: usize,
    outcomes: Vec<f32>,
    weights: Vec<f32>,
}

impl From<GpuFault> for TrainError {
    fn from(GpuFault(said): GpuFault) -> Self {
        Self::Device(said)
    }
}

impl OnGpu {
    /// Takes the parameters to the device.
    pub fn new(
        device: &Device,
        shape: &JourneyShape,
        parameters: &[f32],
        adam: &Adam,
    ) -> Result<Self, TrainError> {
        let (decay, decoupled) = adam.penalty();
        let network = GpuNetwork::new(device, shape, parameters, decay, decoupled);
        let unfit = || {
            TrainError::Device(
                "the GPU trains one LSTM of at most 256 units that reads forward".to_owned(),
            )
        };
        Ok(Self {
            network: network.ok_or_else(unfit)?,
            untold: 0.0,
            updates: 0,
            outcomes: Vec::new(),
            weights: Vec::new(),
        })
    }

    /// Puts one update on the queue.
    pub fn update(
        &mut self,
        data: &TrainingData<'_>,
        batch: &Batch,
        masks: &Masks,
        mass: f64,
        rate: f32,
    ) {
        let rows = || batch.order.iter().map(|&row| row as usize);
        self.outcomes.clear();
        self.outcomes.extend(rows().map(|row| data.y[row]));
        self.weights.clear();
        self.weights.extend(rows().map(|row| data.weight(row)));
        let targets = Targets {
            outcomes: &self.outcomes,
            weights: &self.weights,
            mass,
        };
        self.network.step(batch, masks, targets, rate);
        self.untold += mass;
        self.updates += 1;
    }

    /// Every few updates: the summed loss and the weight since it was told last. Else zeros.
    pub async fn tell_now_and_then(&mut self) -> Result<(f64, f64), TrainError> {
        if self.updates < TOLD_EVERY {
            return Ok((0.0, 0.0));
        }
        self.tell().await
    }

    /// Waits for the summed loss and the weight since it was told last, if there was anything since.
    pub async fn tell_rest(&mut self) -> Result<(f64, f64), TrainError> {
        if self.updates == 0 {
            return Ok((0.0, 0.0));
        }
        self.tell().await
    }

    async fn tell(&mut self) -> Result<(f64, f64), TrainError> {
        self.updates = 0;
        let loss = self.network.loss().await?;
        Ok((loss, std::mem::take(&mut self.untold)))
    }

    /// Waits for the queue, takes the parameters over, and tells what is left to tell.
    pub async fn catch_up(&mut self, parameters: &mut Vec<f32>) -> Result<(f64, f64), TrainError> {
        *parameters = self.network.parameters().await?;
        self.tell().await
    }
}
