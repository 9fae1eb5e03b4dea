//! A small Transformer encoder on the host, with gradients written out (Vaswani et al. 2017, "Attention is all
//! you need", NeurIPS; layer norms before the blocks as in Xiong et al. 2020, "On layer normalization in the
//! Transformer architecture", ICML).
//!
//! A touch is `E_c(c) + E_e(e) + gap·w + position`, with sines and cosines of how many touches before the end it
//! stands. Each layer adds `Attention(Norm(x))` and then `W₂·relu(W₁·Norm(x))`; the mean of the normed touches
//! takes the place of the LSTM's last state. Touches of a batch lie one after the other, journey by journey, so
//! nothing is padded.

use super::arithmetic::{add, add_scaled};
use super::host::Masks;
use super::{AttentionPlaces, Batch, JourneyShape, Layout};
use std::ops::Range;

/// Added to the variance before the root.
const EPSILON: f32 = 1e-5;

/// A network with the memory it works in.
#[derive(Debug, Clone)]
pub struct Attention {
    shape: JourneyShape,
    layout: Layout,
    /// Where the touches of each row lie.
    rows: Vec<Range<usize>>,
    /// For each touch its place in the batch.
    places: Vec<usize>,
    layers: Vec<Layer>,
    /// The norm of what the last layer leaves, and that of each layer.
    norm: Norm,
    x: Vec<f32>,
    pooled: Vec<f32>,
    logits: Vec<f32>,
}

/// What a layer leaves for the way back, one line per touch.
#[derive(Debug, Clone, Default)]
struct Layer {
    first: Norm,
    /// Queries, keys and values.
    parts: Vec<f32>,
    /// The shares of attention, row by row, head by head, `[touches, touches]` each.
    shares: Vec<f32>,
    context: Vec<f32>,
    second: Norm,
    inner: Vec<f32>,
}

/// A layer norm: its output, and what it was before scale and shift.
#[derive(Debug, Clone, Default)]
struct Norm {
    out: Vec<f32>,
    plain: Vec<f32>,
    inverse: Vec<f32>,
}

impl Attention {
    /// A network of the given sizes.
    pub fn new(shape: &JourneyShape) -> Self {
        let layout = shape.layout();
        Self {
            layers: vec![Layer::default(); shape.layers],
            shape: shape.clone(),
            layout,
            rows: Vec::new(),
            places: Vec::new(),
            norm: Norm::default(),
            x: Vec::new(),
            pooled: Vec::new(),
            logits: Vec::new(),
        }
    }

    /// Where the parameters lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The log-odds of each row of the batch.
    pub fn forward(&mut self, parameters: &[f32], batch: &Batch, masks: &Masks) -> &[f32] {
        let width = self.shape.hidden;
        self.lay_out(batch);
        self.embed(parameters, batch);
        for (layer, places) in self.layers.iter_mut().zip(&self.layout.attention) {
            layer
                .first
                .forward(&self.x, &parameters[places.norms[0].clone()], width);
            linear(
                &mut layer.parts,
                &layer.first.out,
                &parameters[places.parts.clone()],
                &parameters[places.parts_bias.clone()],
            );
            attend(layer, &self.rows, self.shape.heads, width);
            let mut added = Vec::new();
            linear(
                &mut added,
                &layer.context,
                &parameters[places.out.clone()],
                &parameters[places.out_bias.clone()],
            );
            add(&mut self.x, &added);
            layer
                .second
                .forward(&self.x, &parameters[places.norms[1].clone()], width);
            linear(
                &mut layer.inner,
                &layer.second.out,
                &parameters[places.inner.clone()],
                &parameters[places.inner_bias.clone()],
            );
            layer
                .inner
                .iter_mut()
                .for_each(|value| *value = value.max(0.0));
            linear(
                &mut added,
                &layer.inner,
                &parameters[places.outer.clone()],
                &parameters[places.outer_bias.clone()],
            );
            add(&mut self.x, &added);
        }
        self.norm
            .forward(&self.x, &parameters[self.layout.norm.clone()], width);
        self.pooled.clear();
        self.pooled.resize(batch.rows * width, 0.0);
        for (row, pooled) in self.rows.iter().zip(self.pooled.chunks_exact_mut(width)) {
            let share = 1.0 / row.len().max(1) as f32;
            for touch in row.clone() {
                add_scaled(pooled, share, &self.norm.out[touch * width..][..width]);
            }
        }
        for (state, mask) in self.pooled.iter_mut().zip(&masks.last) {
            *state *= mask;
        }
        let (of_states, of_statics) = parameters[self.layout.dense.clone()].split_at(width);
        let statics = self.shape.statics;
        let bias = parameters[self.layout.bias.start];
        self.logits.clear();
        self.logits.extend((0..batch.rows).map(|b| {
            bias + dot(&self.pooled[b * width..][..width], of_states)
                + dot(&batch.statics[b * statics..][..statics], of_statics)
        }));
        &self.logits
    }

    /// Adds the gradient of `Σ_b d[b] · logit[b]` to `gradient`. To be called after [`Attention::forward`] with
    /// the same parameters, batch and masks, and once only.
    pub fn backward(
        &mut self,
        parameters: &[f32],
        batch: &Batch,
        masks: &Masks,
        d: &[f32],
        gradient: &mut [f32],
    ) {
        let (width, statics) = (self.shape.hidden, self.shape.statics);
        let weights = &parameters[self.layout.dense.clone()][..width];
        let mut d_out = vec![0.0; self.places.len() * width];
        for (b, &d) in d.iter().enumerate() {
            let dense = &mut gradient[self.layout.dense.clone()];
            add_scaled(&mut dense[..width], d, &self.pooled[b * width..][..width]);
            add_scaled(
                &mut dense[width..],
                d,
                &batch.statics[b * statics..][..statics],
            );
            gradient[self.layout.bias.start] += d;
            let share = d / self.rows[b].len().max(1) as f32;
            let mask = masks.last.get(b * width..(b + 1) * width);
            for touch in self.rows[b].clone() {
                let line = &mut d_out[touch * width..][..width];
                for (at, (out, weight)) in line.iter_mut().zip(weights).enumerate() {
                    *out = share * weight * mask.map_or(1.0, |mask| mask[at]);
                }
            }
        }
        let norm = self.layout.norm.clone();
        let mut d_x = vec![0.0; d_out.len()];
        let scale = &parameters[norm.clone()];
        self.norm
            .backward(&d_out, scale, &mut gradient[norm], &mut d_x);
        for (layer, places) in self.layers.iter_mut().zip(&self.layout.attention).rev() {
            layer.backward(
                parameters,
                places,
                &self.rows,
                self.shape.heads,
                &mut d_x,
                gradient,
            );
        }
        self.embed_back(batch, &d_x, gradient);
    }

    /// Touches one after the other, journey by journey.
    fn lay_out(&mut self, batch: &Batch) {
        self.rows.clear();
        self.places.clear();
        for (b, &length) in batch.lengths.iter().enumerate() {
            let start = self.places.len();
            self.places
                .extend((0..length as usize).map(|t| t * batch.rows + b));
            self.rows.push(start..self.places.len());
        }
    }

    fn embed(&mut self, parameters: &[f32], batch: &Batch) {
        let width = self.shape.hidden;
        let entry = |range: &Range<usize>, entry: u16| {
            &parameters[range.clone()][usize::from(entry) * width..][..width]
        };
        self.x.clear();
        self.x.resize(self.places.len() * width, 0.0);
        for row in &self.rows {
            for touch in row.clone() {
                let (x, place) = (&mut self.x[touch * width..][..width], self.places[touch]);
                position(x, row.end - 1 - touch);
                add(x, entry(&self.layout.channels, batch.channels[place]));
                if let Some(&event) = batch.events.get(place) {
                    add(x, entry(&self.layout.events, event));
                }
                if let Some(&gap) = batch.gaps.get(place) {
                    add_scaled(x, gap, &parameters[self.layout.gap.clone()]);
                }
            }
        }
    }

    fn embed_back(&self, batch: &Batch, d_x: &[f32], gradient: &mut [f32]) {
        let width = self.shape.hidden;
        for (d, &place) in d_x.chunks_exact(width).zip(&self.places) {
            let channel = usize::from(batch.channels[place]) * width;
            add(
                &mut gradient[self.layout.channels.clone()][channel..][..width],
                d,
            );
            if let Some(&event) = batch.events.get(place) {
                let event = usize::from(event) * width;
                add(
                    &mut gradient[self.layout.events.clone()][event..][..width],
                    d,
                );
            }
            if let Some(&gap) = batch.gaps.get(place) {
                add_scaled(&mut gradient[self.layout.gap.clone()], gap, d);
            }
        }
    }
}

impl Layer {
    /// From the gradient of what the layer leaves to that of what it took in, in place.
    fn backward(
        &mut self,
        parameters: &[f32],
        places: &AttentionPlaces,
        rows: &[Range<usize>],
        heads: usize,
        d_x: &mut [f32],
        gradient: &mut [f32],
    ) {
        let mut back = |d: &[f32], input: &[f32], weights: &Range<usize>, bias: &Range<usize>| {
            let width = bias.len();
            for line in d.chunks_exact(width) {
                add(&mut gradient[bias.clone()], line);
            }
            linear_back(
                d,
                input,
                &parameters[weights.clone()],
                width,
                &mut gradient[weights.clone()],
            )
        };
        let mut d_inner = back(d_x, &self.inner, &places.outer, &places.outer_bias);
        for (d, value) in d_inner.iter_mut().zip(&self.inner) {
            if *value <= 0.0 {
                *d = 0.0;
            }
        }
        let d_second = back(
            &d_inner,
            &self.second.out,
            &places.inner,
            &places.inner_bias,
        );
        let [first, second] = places.norms.clone();
        let scale = &parameters[second.clone()];
        self.second
            .backward(&d_second, scale, &mut gradient[second], d_x);
        let mut back = |d: &[f32], input: &[f32], weights: &Range<usize>, bias: &Range<usize>| {
            let width = bias.len();
            for line in d.chunks_exact(width) {
                add(&mut gradient[bias.clone()], line);
            }
            linear_back(
                d,
                input,
                &parameters[weights.clone()],
                width,
                &mut gradient[weights.clone()],
            )
        };
        let d_context = back(d_x, &self.context, &places.out, &places.out_bias);
        let d_parts = attend_back(self, rows, heads, &d_context);
        let d_first = back(&d_parts, &self.first.out, &places.parts, &places.parts_bias);
        let scale = &parameters[first.clone()];
        self.first
            .backward(&d_first, scale, &mut gradient[first], d_x);
    }
}

impl Norm {
    /// Norms every line to mean 0 and variance 1, then scales and shifts; `scale` holds both.
    fn forward(&mut self, x: &[f32], scale: &[f32], width: usize) {
        let (scale, shift) = scale.split_at(width);
        self.plain.clear();
        self.inverse.clear();
        self.out.clear();
        for line in x.chunks_exact(width) {
            let mean = line.iter().sum::<f32>() / width as f32;
            let variance = line.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / width as f32;
            let inverse = 1.0 / (variance + EPSILON).sqrt();
            self.inverse.push(inverse);
            self.plain.extend(line.iter().map(|v| (v - mean) * inverse));
        }
        for line in self.plain.chunks_exact(width) {
            let terms = line.iter().zip(scale).zip(shift);
            self.out
                .extend(terms.map(|((plain, scale), shift)| plain * scale + shift));
        }
    }

    /// Adds the gradient of the input to `d_x`.
    fn backward(&self, d: &[f32], scale: &[f32], d_scale: &mut [f32], d_x: &mut [f32]) {
        let width = scale.len() / 2;
        let (d_scale, d_shift) = d_scale.split_at_mut(width);
        let lines = d.chunks_exact(width).zip(self.plain.chunks_exact(width));
        for (((d, plain), inverse), out) in
            lines.zip(&self.inverse).zip(d_x.chunks_exact_mut(width))
        {
            let (mut mean, mut along) = (0.0, 0.0);
            for at in 0..width {
                d_scale[at] += d[at] * plain[at];
                d_shift[at] += d[at];
                let d = d[at] * scale[at];
                mean += d;
                along += d * plain[at];
            }
            (mean, along) = (mean / width as f32, along / width as f32);
            for at in 0..width {
                out[at] += inverse * (d[at] * scale[at] - mean - plain[at] * along);
            }
        }
    }
}

/// Every touch looks at every touch of its journey.
fn attend(layer: &mut Layer, rows: &[Range<usize>], heads: usize, width: usize) {
    let size = width / heads;
    let factor = 1.0 / (size as f32).sqrt();
    layer.context.clear();
    layer.context.resize(layer.parts.len() / 3, 0.0);
    layer.shares.clear();
    for row in rows {
        for head in 0..heads {
            let part = |touch: usize, which: usize| {
                &layer.parts[touch * 3 * width + which * width + head * size..][..size]
            };
            for touch in row.clone() {
                let start = layer.shares.len();
                let scores = row
                    .clone()
                    .map(|other| dot(part(touch, 0), part(other, 1)) * factor);
                layer.shares.extend(scores);
                let shares = &mut layer.shares[start..];
                let highest = shares.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                shares
                    .iter_mut()
                    .for_each(|share| *share = (*share - highest).exp());
                let all: f32 = shares.iter().sum();
                shares.iter_mut().for_each(|share| *share /= all);
                let out = &mut layer.context[touch * width + head * size..][..size];
                for (other, &share) in row.clone().zip(shares.iter()) {
                    add_scaled(out, share, part(other, 2));
                }
            }
        }
    }
}

/// The gradient of queries, keys and values.
fn attend_back(layer: &Layer, rows: &[Range<usize>], heads: usize, d_context: &[f32]) -> Vec<f32> {
    let width = layer.context.len() / layer.first.inverse.len().max(1);
    let size = width / heads;
    let factor = 1.0 / (size as f32).sqrt();
    let mut out = vec![0.0; layer.parts.len()];
    let mut d_shares: Vec<f32> = Vec::new();
    let mut shares = &layer.shares[..];
    for row in rows {
        for head in 0..heads {
            let place =
                |touch: usize, which: usize| touch * 3 * width + which * width + head * size;
            for touch in row.clone() {
                let (own, rest) = shares.split_at(row.len());
                shares = rest;
                let d = &d_context[touch * width + head * size..][..size];
                d_shares.clear();
                for (other, &share) in row.clone().zip(own) {
                    d_shares.push(dot(d, &layer.parts[place(other, 2)..][..size]));
                    add_scaled(&mut out[place(other, 2)..][..size], share, d);
                }
                let mean = dot(&d_shares, own);
                for ((other, &share), d) in row.clone().zip(own).zip(&d_shares) {
                    let d_score = share * (d - mean) * factor;
                    let key = &layer.parts[place(other, 1)..][..size];
                    add_scaled(&mut out[place(touch, 0)..][..size], d_score, key);
                    let query = &layer.parts[place(touch, 0)..][..size];
                    add_scaled(&mut out[place(other, 1)..][..size], d_score, query);
                }
            }
        }
    }
    out
}

/// Sines and cosines of how many touches before the end a touch stands (Vaswani et al. 2017, section 3.5).
fn position(out: &mut [f32], from_end: usize) {
    let width = out.len();
    for (at, value) in out.iter_mut().enumerate() {
        let pair = (at / 2 * 2) as f32 / width as f32;
        let angle = from_end as f32 / 10_000_f32.powf(pair);
        *value = 0.1
            * if at % 2 == 0 {
                angle.sin()
            } else {
                angle.cos()
            };
    }
}

/// `out = x · weights + bias`, line by line.
fn linear(out: &mut Vec<f32>, x: &[f32], weights: &[f32], bias: &[f32]) {
    let (columns, inner) = (bias.len(), weights.len() / bias.len());
    out.clear();
    for x in x.chunks_exact(inner) {
        let start = out.len();
        out.extend_from_slice(bias);
        for (x, line) in x.iter().zip(weights.chunks_exact(columns)) {
            add_scaled(&mut out[start..], *x, line);
        }
    }
}

/// The gradient of `x`; that of the weights is added to `d_weights`.
fn linear_back(
    d: &[f32],
    x: &[f32],
    weights: &[f32],
    columns: usize,
    d_weights: &mut [f32],
) -> Vec<f32> {
    let inner = weights.len() / columns;
    let mut out = Vec::with_capacity(x.len());
    for (d, x) in d.chunks_exact(columns).zip(x.chunks_exact(inner)) {
        for (x, line) in x.iter().zip(d_weights.chunks_exact_mut(columns)) {
            add_scaled(line, *x, d);
        }
        out.extend(weights.chunks_exact(columns).map(|line| dot(line, d)));
    }
    out
}

/// In eight sums side by side, so that it is computed several numbers at once.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (a_tiles, b_tiles) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_tiles.remainder().iter().zip(b_tiles.remainder());
    let rest: f32 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in a_tiles.zip(b_tiles) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}
