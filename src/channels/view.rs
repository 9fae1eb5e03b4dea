//! Estimates of the judged channels, made ready to draw findings from.

use super::comparison::ChannelModel;
use super::effects::{ChannelEffect, effects};
use super::pairs::{Pair, pairwise};
use super::rates::ChannelRate;
use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// Estimates of some channels, the pairs among them, and what each is against the mean channel.
pub(super) struct View {
    pub adjusted: bool,
    pub names: Vec<String>,
    beta: Vec<f64>,
    pub effects: Vec<ChannelEffect>,
    pairs: Vec<Pair>,
    /// Where in `pairs` two channels stand, for each K × K.
    place_of: Vec<usize>,
    /// One less the confidence: pairs with a smaller adjusted p differ.
    level: f64,
}

pub(super) fn adjusted_view(
    model: &ChannelModel,
    judged: &[&ChannelRate],
    confidence: f64,
) -> View {
    let all = effects(&model.names, &model.beta, &model.covariance, confidence);
    let place = |rate: &&ChannelRate| model.names.iter().position(|name| *name == rate.name);
    let places: Vec<usize> = judged.iter().filter_map(place).collect();
    View::new(
        true,
        &places,
        all,
        &model.beta,
        &model.covariance,
        confidence,
    )
}

/// The plain rates as if a model had been given the channel alone: log-odds of the counts with half an
/// event added to each side, whose variance is the sum of the reciprocals (Haldane 1956; Agresti 2013,
/// "Categorical Data Analysis", 3rd ed., section 3.1).
pub(super) fn raw_view(
    rates: &[ChannelRate],
    judged: &[&ChannelRate],
    model: Option<&ChannelModel>,
    confidence: f64,
) -> View {
    // Against the mean of the same channels that the model knows.
    let known: Vec<&ChannelRate> = rates
        .iter()
        .filter(|rate| model.is_none_or(|model| model.names.contains(&rate.name)))
        .collect();
    let names: Vec<String> = known.iter().map(|rate| rate.name.clone()).collect();
    let counts = known
        .iter()
        .map(|rate| (rate.conversions + 0.5, rate.rows - rate.conversions + 0.5));
    let (beta, variance): (Vec<f64>, Vec<f64>) = counts
        .map(|(yes, no)| ((yes / no).ln(), 1.0 / yes + 1.0 / no))
        .unzip();
    let covariance = DMatrix::from_diagonal(&variance.into());
    let all = effects(&names, &beta, &covariance, confidence);
    let place = |rate: &&ChannelRate| names.iter().position(|name| *name == rate.name);
    let places: Vec<usize> = judged.iter().filter_map(place).collect();
    View::new(false, &places, all, &beta, &covariance, confidence)
}

impl View {
    fn new(
        adjusted: bool,
        places: &[usize],
        all: Vec<ChannelEffect>,
        beta: &[f64],
        covariance: &DMatrix<f64>,
        confidence: f64,
    ) -> Self {
        let effects: Vec<ChannelEffect> = places.iter().map(|&place| all[place].clone()).collect();
        let beta: Vec<f64> = places.iter().map(|&place| beta[place]).collect();
        let covariance = DMatrix::from_fn(places.len(), places.len(), |i, j| {
            covariance[(places[i], places[j])]
        });
        let pairs = pairwise(&beta, &covariance);
        let count = beta.len();
        let mut place_of = vec![usize::MAX; count * count];
        for (place, pair) in pairs.iter().enumerate() {
            place_of[pair.higher * count + pair.lower] = place;
            place_of[pair.lower * count + pair.higher] = place;
        }
        Self {
            adjusted,
            names: effects.iter().map(|effect| effect.name.clone()).collect(),
            pairs,
            place_of,
            beta,
            effects,
            level: 1.0 - confidence,
        }
    }

    /// Positions, best first.
    pub fn ranking(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.beta.len()).collect();
        crate::order::sort_by(&mut order, |&a, &b| {
            self.beta[b].total_cmp(&self.beta[a]).then(a.cmp(&b))
        });
        order
    }

    pub fn pair(&self, a: usize, b: usize) -> Option<&Pair> {
        self.pairs.get(self.place_of[a * self.beta.len() + b])
    }

    pub fn differ(&self, a: usize, b: usize) -> bool {
        self.pair(a, b)
            .is_some_and(|pair| pair.adjusted_p < self.level)
    }

    /// Whether the first is surely higher than the second.
    pub fn beats(&self, a: usize, b: usize) -> bool {
        self.pair(a, b)
            .is_some_and(|pair| pair.higher == a && pair.adjusted_p < self.level)
    }

    pub fn name(&self, at: usize) -> String {
        self.names[at].clone()
    }

    pub fn list(&self, of: &[usize]) -> Vec<String> {
        of.iter().map(|&at| self.name(at)).collect()
    }

    pub fn code(&self, adjusted: &'static str, raw: &'static str) -> &'static str {
        if self.adjusted { adjusted } else { raw }
    }

    /// The figures of a channel's effect.
    pub fn figures(&self, at: usize) -> BTreeMap<&'static str, f64> {
        let effect = &self.effects[at];
        BTreeMap::from([
            ("oddsRatio", effect.odds_ratio),
            ("low", effect.interval[0]),
            ("high", effect.interval[1]),
        ])
    }
}
