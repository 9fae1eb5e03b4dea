//! How large a journey model is, and where its numbers lie.

use crate::model::Parameter;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The sizes of a journey model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JourneyShape {
    /// Entries of the channel vocabulary, the unknown channel included.
    pub channels: usize,
    /// Entries of the event vocabulary, the unknown event included; 0 where there are no events.
    pub events: usize,
    /// Whether the time since the touch before is an input.
    pub gaps: bool,
    /// Features of the whole journey.
    pub statics: usize,
    /// Numbers per vocabulary entry.
    pub embedding: usize,
    /// Hidden units of each direction.
    pub hidden: usize,
    /// LSTMs on top of each other.
    pub layers: usize,
    /// Whether each of them also reads from the end.
    pub bidirectional: bool,
    /// Heads of attention of a Transformer encoder, whose width is `hidden`, as is the embedding; 0 for LSTMs.
    #[serde(default)]
    pub heads: usize,
}

/// Where one array lies in the parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its name in files.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Where its values are.
    pub range: Range<usize>,
    /// Whether the penalty shrinks it (biases are left alone).
    pub penalised: bool,
}

/// Where the arrays of one LSTM lie.
#[derive(Debug, Clone, PartialEq)]
pub struct CellPlaces {
    /// How many numbers a step takes in.
    pub inputs: usize,
    /// `[inputs, 4 × hidden]`
    pub input: Range<usize>,
    /// `[hidden, 4 × hidden]`
    pub hidden: Range<usize>,
    /// `[4 × hidden]`
    pub bias: Range<usize>,
}

/// Where the arrays of one layer of a Transformer lie.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionPlaces {
    /// Scale and shift of the norms before attention and before the inner layer, `[2, width]` each.
    pub norms: [Range<usize>; 2],
    /// Queries, keys and values, `[width, 3 × width]`
    pub parts: Range<usize>,
    /// `[3 × width]`
    pub parts_bias: Range<usize>,
    /// `[width, width]`
    pub out: Range<usize>,
    /// `[width]`
    pub out_bias: Range<usize>,
    /// `[width, 2 × width]`
    pub inner: Range<usize>,
    /// `[2 × width]`
    pub inner_bias: Range<usize>,
    /// `[2 × width, width]`
    pub outer: Range<usize>,
    /// `[width]`
    pub outer_bias: Range<usize>,
}

/// Where everything lies in one flat array of parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// All arrays, in order.
    pub places: Vec<Place>,
    /// `[channels, embedding]`
    pub channels: Range<usize>,
    /// `[events, embedding]`
    pub events: Range<usize>,
    /// Layer by layer; with two directions the forward one first.
    pub cells: Vec<CellPlaces>,
    /// Of a Transformer: layer by layer.
    pub attention: Vec<AttentionPlaces>,
    /// Of a Transformer: what a gap is multiplied by, `[width]`.
    pub gap: Range<usize>,
    /// Of a Transformer: scale and shift of the last norm, `[2, width]`.
    pub norm: Range<usize>,
    /// `[directions × hidden + statics]`
    pub dense: Range<usize>,
    /// `[1]`
    pub bias: Range<usize>,
}

impl Layout {
    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.bias.end
    }

    /// Whether there are none, which is never.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn place(&mut self, name: &str, shape: &[usize], penalised: bool) -> Range<usize> {
        let start = self.places.last().map_or(0, |place| place.range.end);
        let range = start..start + shape.iter().product::<usize>();
        self.places.push(Place {
            name: name.to_owned(),
            shape: shape.to_vec(),
            range: range.clone(),
            penalised,
        });
        range
    }

    /// The parameters as named arrays.
    pub fn named(&self, parameters: &[f32]) -> Vec<Parameter> {
        let named = |place: &Place| Parameter {
            name: place.name.clone(),
            shape: place.shape.clone(),
            values: parameters[place.range.clone()].to_vec(),
        };
        self.places.iter().map(named).collect()
    }

    /// The flat array of named arrays; `None` where they are not those of this layout.
    pub fn flat(&self, named: &[Parameter]) -> Option<Vec<f32>> {
        let mut flat = Vec::with_capacity(self.len());
        for place in &self.places {
            let found = named.iter().find(|array| array.name == place.name)?;
            if found.values.len() != place.range.len() {
                return None;
            }
            flat.extend_from_slice(&found.values);
        }
        Some(flat)
    }
}

impl JourneyShape {
    /// How many LSTMs lie side by side: 1, or 2 where one reads from the end.
    pub fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }

    /// The inputs of a step of the first layer.
    pub fn inputs(&self) -> usize {
        let embedded = if self.events > 0 { 2 } else { 1 };
        embedded * self.embedding + usize::from(self.gaps)
    }

    /// Where everything lies.
    pub fn layout(&self) -> Layout {
        let none = 0..0;
        let mut layout = Layout {
            places: Vec::new(),
            channels: none.clone(),
            events: none.clone(),
            cells: Vec::new(),
            attention: Vec::new(),
            gap: none.clone(),
            norm: none.clone(),
            dense: none.clone(),
            bias: none,
        };
        layout.channels = layout.place("embedding.channel", &[self.channels, self.embedding], true);
        if self.events > 0 {
            layout.events = layout.place("embedding.event", &[self.events, self.embedding], true);
        }
        if self.heads > 0 {
            self.place_attention(&mut layout);
        } else {
            self.place_cells(&mut layout);
        }
        let wide = self.directions() * self.hidden + self.statics;
        layout.dense = layout.place("dense.weight", &[wide], true);
        layout.bias = layout.place("dense.bias", &[1], false);
        layout
    }

    fn place_attention(&self, layout: &mut Layout) {
        let width = self.hidden;
        if self.gaps {
            layout.gap = layout.place("embedding.gap", &[width], true);
        }
        for layer in 0..self.layers {
            let mut place = |part: &str, shape: &[usize], penalised: bool| {
                layout.place(&format!("encoder.{layer}.{part}"), shape, penalised)
            };
            let places = AttentionPlaces {
                norms: [
                    place("norm_attention", &[2, width], false),
                    place("norm_inner", &[2, width], false),
                ],
                parts: place("query_key_value.weight", &[width, 3 * width], true),
                parts_bias: place("query_key_value.bias", &[3 * width], false),
                out: place("attention_out.weight", &[width, width], true),
                out_bias: place("attention_out.bias", &[width], false),
                inner: place("inner.weight", &[width, 2 * width], true),
                inner_bias: place("inner.bias", &[2 * width], false),
                outer: place("outer.weight", &[2 * width, width], true),
                outer_bias: place("outer.bias", &[width], false),
            };
            layout.attention.push(places);
        }
        layout.norm = layout.place("norm", &[2, width], false);
    }

    fn place_cells(&self, layout: &mut Layout) {
        let gates = 4 * self.hidden;
        for layer in 0..self.layers {
            for direction in ["forward", "backward"].iter().take(self.directions()) {
                let inputs = match layer {
                    0 => self.inputs(),
                    _ => self.directions() * self.hidden,
                };
                let name = |part: &str| format!("lstm.{layer}.{direction}.{part}");
                let cell = CellPlaces {
                    inputs,
                    input: layout.place(&name("weight_input"), &[inputs, gates], true),
                    hidden: layout.place(&name("weight_hidden"), &[self.hidden, gates], true),
                    bias: layout.place(&name("bias"), &[gates], false),
                };
                layout.cells.push(cell);
            }
        }
    }

    /// First parameters, as Keras draws them: embeddings uniform within ±0.05, input and dense weights
    /// uniform within ±√(6/(fan in + fan out)) (Glorot & Bengio 2010), hidden weights with orthonormal
    /// rows (Saxe, McClelland & Ganguli 2014), biases 0 but 1 for the forget gates (Jozefowicz et al.
    /// 2015). Weights of journey features start at 0, the last bias at `log_odds`.
    pub fn initial(&self, seed: u64, log_odds: f32) -> Vec<f32> {
        let layout = self.layout();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut uniform = |values: &mut [f32], limit: f32| {
            for value in values {
                *value = (2.0 * random.random::<f32>() - 1.0) * limit;
            }
        };
        let mut parameters = vec![0.0; layout.len()];
        let gates = 4 * self.hidden;
        let glorot = |a: usize, b: usize| (6.0 / (a + b) as f32).sqrt();
        uniform(&mut parameters[layout.channels.clone()], 0.05);
        uniform(&mut parameters[layout.events.clone()], 0.05);
        for cell in &layout.cells {
            uniform(
                &mut parameters[cell.input.clone()],
                glorot(cell.inputs, gates),
            );
            let hidden = &mut parameters[cell.hidden.clone()];
            uniform(hidden, 1.0);
            orthonormal(hidden, gates);
            let bias = &mut parameters[cell.bias.clone()];
            bias[self.hidden..2 * self.hidden].fill(1.0);
        }
        for places in &layout.attention {
            for range in [&places.parts, &places.out, &places.inner, &places.outer] {
                // Shapes are [width, columns] or [2 × width, width]; the sum of the sides is what counts.
                let width = self.hidden;
                let sides = width + range.len() / width;
                uniform(&mut parameters[range.clone()], (6.0 / sides as f32).sqrt());
            }
            for norm in &places.norms {
                parameters[norm.clone()][..self.hidden].fill(1.0);
            }
        }
        if self.heads > 0 {
            uniform(&mut parameters[layout.gap.clone()], 0.1);
            parameters[layout.norm.clone()][..self.hidden].fill(1.0);
        }
        let states = self.directions() * self.hidden;
        let dense = &mut parameters[layout.dense.clone()][..states];
        uniform(dense, glorot(states, 1));
        parameters[layout.bias.start] = log_odds;
        parameters
    }
}

/// Makes rows of `width` numbers orthonormal, one after the other (modified Gram–Schmidt).
fn orthonormal(rows: &mut [f32], width: usize) {
    for at in 0..rows.len() / width {
        let (before, row) = rows.split_at_mut(at * width);
        let row = &mut row[..width];
        for other in before.chunks_exact(width) {
            let along: f32 = row.iter().zip(other).map(|(a, b)| a * b).sum();
            for (value, other) in row.iter_mut().zip(other) {
                *value -= along * other;
            }
        }
        let length = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
        row.iter_mut().for_each(|value| *value /= length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_start_orthonormal_and_arrays_keep_their_names() {
        let shape = JourneyShape {
            channels: 5,
            events: 3,
            gaps: true,
            statics: 2,
            embedding: 4,
            hidden: 6,
            layers: 2,
            bidirectional: true,
            heads: 0,
        };
        let layout = shape.layout();
        let parameters = shape.initial(7, -1.0);
        assert_eq!(parameters.len(), layout.len());
        let named = layout.named(&parameters);
        assert_eq!(layout.flat(&named), Some(parameters.clone()));
        assert_eq!(layout.flat(&named[1..]), None);
        let rows: Vec<&[f32]> = parameters[layout.cells[3].hidden.clone()]
            .chunks(24)
            .collect();
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                let product: f32 = a.iter().zip(*b).map(|(a, b)| a * b).sum();
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((product - expected).abs() < 1e-5);
            }
        }
        assert_eq!(layout.cells[2].inputs, 12);
        assert_eq!(
            named.last().map(|array| array.values.clone()),
            Some(vec![-1.0])
        );
    }
}
