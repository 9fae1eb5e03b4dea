//! Adam over one flat array of parameters, on the host.

use crate::model::journey::Layout;

const FIRST: f32 = 0.9;
const SECOND: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Adam (Kingma & Ba 2015, algorithm 1), with the penalty in the gradient or decoupled from it (AdamW:
/// Loshchilov & Hutter 2019, algorithm 2).
#[derive(Debug, Clone)]
pub(super) struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
    /// `l2/n`
    decay: f32,
    decoupled: bool,
    penalised: Vec<std::ops::Range<usize>>,
}

impl Adam {
    /// For parameters laid out so; `decay` is the strength of the penalty per row.
    pub fn new(layout: &Layout, decay: f32, decoupled: bool) -> Self {
        let places = layout.places.iter().filter(|place| place.penalised);
        Self {
            first: vec![0.0; layout.len()],
            second: vec![0.0; layout.len()],
            steps: 0,
            decay,
            decoupled,
            penalised: places.map(|place| place.range.clone()).collect(),
        }
    }

    /// The strength of the penalty per row, and whether it is decoupled.
    #[cfg(feature = "webgpu")]
    pub fn penalty(&self) -> (f32, bool) {
        (self.decay, self.decoupled)
    }

    /// Moves the parameters by one step, and clears the gradient.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &mut [f32], rate: f32) {
        self.steps += 1;
        if self.decay > 0.0 {
            let shrink = 1.0 - rate * self.decay;
            for range in self.penalised.clone() {
                for at in range {
                    if self.decoupled {
                        parameters[at] *= shrink;
                    } else {
                        gradient[at] += self.decay * parameters[at];
                    }
                }
            }
        }
        let first_share = 1.0 / (1.0 - FIRST.powi(self.steps));
        let second_share = 1.0 / (1.0 - SECOND.powi(self.steps));
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, slope), (first, second)) in
            parameters.iter_mut().zip(gradient).zip(moments)
        {
            *first = FIRST * *first + (1.0 - FIRST) * *slope;
            *second = SECOND * *second + (1.0 - SECOND) * *slope * *slope;
            *parameter -=
                rate * (*first * first_share) / ((*second * second_share).sqrt() + EPSILON);
            *slope = 0.0;
        }
    }
}
