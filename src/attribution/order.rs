//! How many touches the chain should remember: the order that forecasts journeys it has not seen.

use super::chain::{Chain, Flow};
use super::journeys::{Ends, Journeys};
use super::options::MAX_ORDER;
use super::sample::{Bits, chance};
use serde::Serialize;

/// The share of the journeys that is held out.
const HELD_OUT: f64 = 0.2;
/// The stream of random bits for the split, far from those of the resamples.
const STREAM: u64 = u64::MAX;
/// How many imagined steps the next shorter history contributes to each forecast.
const PRIOR: f64 = 1.0;

/// How well a chain of one order forecasts held-out journeys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderScore {
    /// How many touches the chain remembers.
    pub order: usize,
    /// States seen in the fitted journeys, the start among them.
    pub states: usize,
    /// Free transition probabilities of the fitted journeys.
    pub parameters: usize,
    /// Mean log-likelihood of a held-out journey, natural logarithm.
    pub log_likelihood: f64,
    /// What is taken off per journey for the parameters: parameters · ln(n) / 2n, for n fitted ones.
    pub penalty: f64,
    /// `log_likelihood − penalty`: the highest is chosen.
    pub score: f64,
}

/// Scores the orders 1 to [`MAX_ORDER`]; the first of the highest score is the one to take.
///
/// Every journey is held out with a chance of one in five, by seed. A forecast after history `s` is
/// (n(s, x) + p′(x)) / (n(s) + 1), with p′ the forecast after the history that is shorter by a touch
/// (MacKay and Peto 1995), down to the frequencies of all steps and then to equal chances: so what was
/// never seen has a likelihood too. The penalty is Schwarz's (1978).
pub(crate) fn scores(journeys: &Journeys, seed: u64) -> Vec<OrderScore> {
    let (fitted, held_out) = split(journeys, seed);
    let mut scores = Vec::new();
    let mut shorter: Option<Forecast> = None;
    for order in 1..=MAX_ORDER {
        let chain = Chain::new(journeys, order);
        let (mut seen, mut unseen) = (Flow::default(), Flow::default());
        chain.count(&fitted, &mut seen);
        chain.count(&held_out, &mut unseen);
        let forecast = Forecast::new(chain, seen, shorter.as_ref(), journeys.channels());
        scores.push(forecast.score(&unseen));
        shorter = Some(forecast);
    }
    scores
}

/// The order of the highest score.
pub(crate) fn best(scores: &[OrderScore]) -> usize {
    let mut best = &scores[0];
    for score in scores {
        if score.score > best.score {
            best = score;
        }
    }
    best.order
}

/// Fitted and held-out journeys.
fn split(journeys: &Journeys, seed: u64) -> (Ends, Ends) {
    let mut bits = Bits::new(seed, STREAM);
    let (mut kept, mut taken) = (Vec::new(), Vec::new());
    for cell in &journeys.cells {
        let count = cell.count.round().min(f64::from(u32::MAX)) as u32;
        let out = bits.binomial(count, chance(HELD_OUT));
        kept.push(f64::from(count - out));
        taken.push(f64::from(out));
    }
    let ends = |counts: &[f64]| {
        let mut ends = Ends::none(journeys.len());
        journeys.gather(counts, &mut ends);
        ends
    };
    (ends(&kept), ends(&taken))
}

/// The smoothed probabilities of a chain.
struct Forecast {
    chain: Chain,
    seen: Flow,
    edges: Vec<f64>,
    conversions: Vec<f64>,
    nulls: Vec<f64>,
}

impl Forecast {
    fn new(chain: Chain, seen: Flow, shorter: Option<&Self>, channels: usize) -> Self {
        let base = Frequencies::new(&chain, &seen, channels);
        let smooth = |state: usize, count: f64, prior: f64| {
            (count + PRIOR * prior) / (seen.visits[state] + PRIOR)
        };
        let states = chain.states();
        let mut edges = vec![0.0; chain.to.len()];
        let (mut conversions, mut nulls) = (vec![0.0; states], vec![0.0; states]);
        for state in 0..states {
            let below = shorter.and_then(|forecast| {
                let history = forecast.chain.shorten(chain.histories[state]);
                Some((forecast, forecast.chain.state_of(&history)?))
            });
            for edge in chain.edges[state]..chain.edges[state + 1] {
                let to = chain.to[edge] as usize;
                let prior = below.and_then(|(forecast, from)| {
                    let history = forecast.chain.shorten(chain.histories[to]);
                    let to = forecast.chain.state_of(&history)?;
                    Some(forecast.edges[forecast.chain.edge(from, to)?])
                });
                let prior = prior.unwrap_or(base.channels[chain.newest[to] as usize]);
                edges[edge] = smooth(state, seen.edges[edge], prior);
            }
            let prior = below.map_or(base.conversion, |(forecast, from)| {
                forecast.conversions[from]
            });
            conversions[state] = smooth(state, seen.conversions[state], prior);
            let prior = below.map_or(base.null, |(forecast, from)| forecast.nulls[from]);
            nulls[state] = smooth(state, seen.nulls[state], prior);
        }
        Self {
            chain,
            seen,
            edges,
            conversions,
            nulls,
        }
    }

    fn score(&self, unseen: &Flow) -> OrderScore {
        let pairs = |counts: &[f64], chances: &[f64]| -> f64 {
            let taken = counts
                .iter()
                .zip(chances)
                .filter(|(count, _)| **count > 0.0);
            taken.map(|(count, chance)| count * chance.ln()).sum()
        };
        let likelihood = pairs(&unseen.edges, &self.edges)
            + pairs(&unseen.conversions, &self.conversions)
            + pairs(&unseen.nulls, &self.nulls);
        let positive = |counts: &[f64]| counts.iter().filter(|count| **count > 0.0).count();
        let seen = &self.seen;
        let states = positive(&seen.visits);
        let ways = positive(&seen.edges) + positive(&seen.conversions) + positive(&seen.nulls);
        let parameters = ways - states;
        let (fitted, held_out) = (seen.journeys().max(1.0), unseen.journeys().max(1.0));
        let (log_likelihood, penalty) = (
            likelihood / held_out,
            parameters as f64 * fitted.ln() / (2.0 * fitted),
        );
        OrderScore {
            order: self.chain.order,
            states,
            parameters,
            log_likelihood,
            penalty,
            score: log_likelihood - penalty,
        }
    }
}

/// How often each channel and each end comes next, whatever came before.
struct Frequencies {
    channels: Vec<f64>,
    conversion: f64,
    null: f64,
}

impl Frequencies {
    fn new(chain: &Chain, seen: &Flow, channels: usize) -> Self {
        let equal = 1.0 / (channels + 2) as f64;
        let steps: f64 = seen.visits.iter().sum();
        let smooth = |count: f64| (count + PRIOR * equal) / (steps + PRIOR);
        let mut touches = vec![0.0; channels];
        for (&to, &count) in chain.to.iter().zip(&seen.edges) {
            touches[chain.newest[to as usize] as usize] += count;
        }
        Self {
            channels: touches.into_iter().map(smooth).collect(),
            conversion: smooth(seen.conversions.iter().sum()),
            null: smooth(seen.nulls.iter().sum()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::paths::Paths;

    /// The worked example of docs/METHODS.md: a converts three times in four, and once in what is held out.
    #[test]
    fn the_score_by_hand() {
        let paths = Paths {
            channels: vec!["a".to_owned()],
            offsets: vec![0, 1],
            touches: vec![0],
            days: None,
            conversions: vec![3.0],
            values: vec![0.0],
            nulls: vec![1.0],
        };
        let (journeys, _) = Journeys::new(&paths);
        let chain = Chain::new(&journeys, 1);
        let (mut seen, mut unseen) = (Flow::default(), Flow::default());
        chain.count(&journeys.observed, &mut seen);
        let mut held_out = Ends::none(1);
        held_out.conversions[0] = 1.0;
        chain.count(&held_out, &mut unseen);
        let score = Forecast::new(chain, seen, None, 1).score(&unseen);
        // Of eight steps four lead to a, three to a conversion, one to null; each way is a third beforehand.
        // After the start: (4 + 13/27)/5; after a: (3 + 10/27)/5.
        let likelihood = (121.0_f64 / 135.0).ln() + (91.0_f64 / 135.0).ln();
        assert!((score.log_likelihood - likelihood).abs() < 1e-12);
        // Three ways from two states: one of them is free.
        assert_eq!((score.states, score.parameters), (2, 1));
        let penalty = 4.0_f64.ln() / 8.0;
        assert!((score.penalty - penalty).abs() < 1e-12);
        assert!((score.score - (likelihood - penalty)).abs() < 1e-12);
        assert!((score.score + 0.677_19).abs() < 1e-5);
    }
}
