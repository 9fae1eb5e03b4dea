//! The network on the GPU held against the one on the host, on journeys drawn from a seed: for tests.

use super::super::host::{Masks, Network};
use super::super::{Batch, Dropout, JourneyRows, JourneyShape};
use super::{GpuFault, GpuNetwork, HeldJourneys, Penalty};
use burn::tensor::Device;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// A network and a batch for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Trial {
    /// What everything is drawn from.
    pub seed: u64,
    /// Journeys of the batch, and half as many that are not in it.
    pub rows: usize,
    /// The most touches of a journey; the fewest are 0.
    pub steps: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Numbers per vocabulary entry.
    pub embedding: usize,
    /// Entries of the channel vocabulary, the unknown among them.
    pub channels: usize,
    /// Entries of the event vocabulary; 0 for none.
    pub events: usize,
    /// Whether times are an input.
    pub gaps: bool,
    /// Features of a journey.
    pub statics: usize,
    /// Whether journeys count differently, some not at all.
    pub weighted: bool,
    /// The share of the last states left out.
    pub dropout: f64,
    /// The share of the states before the recurrent product left out.
    pub recurrent_dropout: f64,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            seed: 1,
            rows: 16,
            steps: 5,
            hidden: 8,
            embedding: 4,
            channels: 5,
            events: 0,
            gaps: false,
            statics: 0,
            weighted: false,
            dropout: 0.0,
            recurrent_dropout: 0.0,
        }
    }
}

/// How far the GPU is from the host.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Of what: an array's gradient by the array's name, `loss`, or `score` for log-odds without dropout.
    pub name: String,
    /// The largest difference of a number; infinite where one is no number.
    pub gap: f64,
    /// The largest number on the host.
    pub size: f64,
}

/// What was drawn.
struct Drawn {
    journeys: JourneyRows,
    outcomes: Vec<f32>,
    weights: Vec<f32>,
    parameters: Vec<f32>,
    rows: Vec<u32>,
}

impl Trial {
    fn shape(&self) -> JourneyShape {
        JourneyShape {
            channels: self.channels,
            events: self.events,
            gaps: self.gaps,
            statics: self.statics,
            embedding: self.embedding,
            hidden: self.hidden,
            layers: 1,
            bidirectional: false,
            heads: 0,
        }
    }

    fn draw(&self) -> Drawn {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let count = self.rows + self.rows.div_ceil(2);
        let mut offsets = vec![0];
        for _ in 0..count {
            let length = random.random_range(0..=self.steps as u32);
            offsets.push(offsets[offsets.len() - 1] + length);
        }
        let touches = offsets[count] as usize;
        let mut below = |most: usize, count: usize| -> Vec<u16> {
            let count = if most == 0 { 0 } else { count };
            (0..count)
                .map(|_| random.random_range(0..most as u16))
                .collect()
        };
        let (channels, events) = (below(self.channels, touches), below(self.events, touches));
        let mut around = |size: f32, count: usize| -> Vec<f32> {
            (0..count)
                .map(|_| (2.0 * random.random::<f32>() - 1.0) * size)
                .collect()
        };
        let gaps = around(3.0, if self.gaps { touches } else { 0 });
        let statics = around(1.5, count * self.statics);
        // Larger than a network starts with, so that no gate is in its linear part.
        let parameters = around(
            1.5 / (self.hidden as f32).sqrt().max(1.0),
            self.shape().layout().len(),
        );
        let outcomes = around(1.0, count)
            .iter()
            .map(|&x| f32::from(u8::from(x > 0.2)))
            .collect();
        let weights = around(2.0, count).iter().map(|x| x.max(0.0)).collect();
        let mut rows: Vec<u32> = (0..count as u32).collect();
        rows.shuffle(&mut random);
        rows.truncate(self.rows);
        Drawn {
            journeys: JourneyRows {
                offsets,
                channels,
                events,
                gaps,
                statics,
                width: self.statics,
            },
            outcomes,
            weights: if self.weighted {
                weights
            } else {
                vec![1.0; count]
            },
            parameters,
            rows,
        }
    }

    /// The differences of every gradient, of the loss and of the scores, for one batch.
    ///
    /// # Errors
    /// [`GpuFault`] where the device does not take the network or can't be read.
    pub async fn run(&self, device: &Device) -> Result<Vec<Difference>, GpuFault> {
        let (shape, drawn) = (self.shape(), self.draw());
        let journeys = HeldJourneys {
            rows: &drawn.journeys,
            outcomes: &drawn.outcomes,
            weights: self.weighted.then_some(&drawn.weights[..]),
        };
        let penalty = Penalty {
            decay: 0.0,
            decoupled: false,
        };
        let most = self.rows;
        let gpu = GpuNetwork::new(device, &shape, journeys, most, &drawn.parameters, penalty);
        let mut gpu = gpu.map_err(|limit| GpuFault(format!("{limit:?}")))?;
        gpu.warm(&drawn.journeys).await?;
        let dropout = Dropout {
            recurrent: self.recurrent_dropout,
            last: self.dropout,
            seed: self.seed ^ 0x5eed,
        };
        const UPDATE: u32 = 3;
        let mut batch = Batch::default();
        drawn.journeys.fill(&drawn.rows, &mut batch);
        let weight = |&row: &u32| f64::from(drawn.weights[row as usize]);
        let mass: f64 = drawn.rows.iter().map(weight).sum::<f64>().max(1e-3);
        gpu.step(&batch, &dropout, UPDATE, mass, 0.0);
        let loss = gpu.tell().arrive().await?;
        let gradient = gpu.gradient().await?;
        let scores = gpu.score(&drawn.rows, &drawn.journeys).await?;

        let mut masks = Masks::default();
        dropout.draw(UPDATE, &batch, &shape, &mut masks);
        let mut host = Network::new(&shape);
        let logits = host.forward(&drawn.parameters, &batch, &masks);
        let (mut expected_loss, mut slopes) = (0.0, Vec::new());
        for (&z, row) in logits.iter().zip(&batch.order) {
            let (z, y) = (f64::from(z), f64::from(drawn.outcomes[*row as usize]));
            // ln(1 + eᶻ) − y·z, whose slope is σ(z) − y; z is far from overflow here.
            expected_loss += weight(row) * (z.exp().ln_1p() - y * z);
            slopes.push((weight(row) * (1.0 / (1.0 + (-z).exp()) - y) / mass) as f32);
        }
        let mut expected = vec![0.0; drawn.parameters.len()];
        host.backward(&drawn.parameters, &batch, &masks, &slopes, &mut expected);
        let mut differences: Vec<Difference> = shape
            .layout()
            .places
            .iter()
            .map(|place| {
                let range = place.range.clone();
                difference(&place.name, &gradient[range.clone()], &expected[range])
            })
            .collect();
        differences.push(difference("loss", &[loss as f32], &[expected_loss as f32]));
        let logits = host.forward(&drawn.parameters, &batch, &Masks::default());
        let mut expected = vec![0.0; drawn.journeys.len()];
        for (&z, &row) in logits.iter().zip(&batch.order) {
            expected[row as usize] = z;
        }
        let expected: Vec<f32> = drawn
            .rows
            .iter()
            .map(|&row| expected[row as usize])
            .collect();
        differences.push(difference("score", &scores, &expected));
        Ok(differences)
    }
}

fn difference(name: &str, gpu: &[f32], host: &[f32]) -> Difference {
    let mut gap = if gpu.len() == host.len() {
        0.0
    } else {
        f64::INFINITY
    };
    let mut size: f64 = 0.0;
    for (gpu, host) in gpu.iter().zip(host) {
        let apart = f64::from((gpu - host).abs());
        gap = if apart.is_nan() {
            f64::INFINITY
        } else {
            apart.max(gap)
        };
        size = size.max(f64::from(host.abs()));
    }
    Difference {
        name: name.to_owned(),
        gap,
        size,
    }
}
