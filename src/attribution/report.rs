//! What the credit comes to, as the public API has it.

use super::bootstrap::{Samples, interval};
use super::chain::{Chain, START};
use super::measure::{Credit, Measurer};
use super::options::Method;
use super::order::OrderScore;
use super::removal::Removal;
use super::rows::by_position;
use crate::error::Warning;
use serde::Serialize;
use std::collections::BTreeMap;

/// Up to so many channels, the probabilities of ranks and of pairs are told.
pub const MAX_RANKED: usize = 64;
/// Up to so many positions of touch are told apart.
const POSITIONS: usize = 20;
/// So many transitions of a higher order are told.
const TRANSITIONS: usize = 1_000;

/// The credit of every method, what is known of the Markov chain, and what to say about them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribution {
    /// The confidence of all intervals.
    pub confidence: f64,
    /// The seed of the bootstrap.
    pub seed: u64,
    /// What a resample draws anew: `users` or `journeys`.
    pub resampled: &'static str,
    /// What was observed in all.
    pub totals: Totals,
    /// By method, in the order of [`Method::ALL`].
    pub credit: Vec<MethodCredit>,
    /// Where Markov is among the methods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markov: Option<MarkovReport>,
    /// What can be said about pairs of channels, the weightiest first.
    pub findings: Vec<Finding>,
    /// What a person should know about the data and the computation.
    pub warnings: Vec<Warning>,
}

/// What was observed in all.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Journeys, converting or not.
    pub journeys: f64,
    /// Converting journeys.
    pub conversions: f64,
    /// What they were worth, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Different sequences of channels.
    pub sequences: usize,
}

/// The credit of one method.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodCredit {
    /// The method's name in the public API.
    pub method: &'static str,
    /// How many resamples its intervals rest on.
    pub resamples: usize,
    /// By channel, in the order of their names.
    pub channels: Vec<ChannelCredit>,
    /// `above[i][j]`: in what part of the resamples channel `i` gets more than channel `j`. Left out
    /// above [`MAX_RANKED`] channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<Vec<Vec<f64>>>,
    /// Model credit only: the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// Model credit only: how touches were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// Model credit only: the conversions that the model expects without any touch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// Model credit only: those that it expects above that with all touches in their places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incremental: Option<f64>,
    /// Model credit only: whether its intervals allow for what another sample would have made of the
    /// model (`model-drawn`) or leave the model as it is (`model-fixed`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intervals: Option<&'static str>,
    /// Its credit in every resample.
    #[serde(skip)]
    pub(crate) samples: Option<Samples>,
}

/// The credit of one channel by one method.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelCredit {
    /// The channel.
    pub name: String,
    /// Conversions credited to it; those of all channels add up to the observed ones.
    pub conversions: f64,
    /// Its part of all conversions, 0 to 1.
    pub share: f64,
    /// What is credited to it of the conversions' worth; adds up to the observed value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Percentile interval of the share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_interval: Option<[f64; 2]>,
    /// Percentile interval of the conversions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversions_interval: Option<[f64; 2]>,
    /// Percentile interval of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_interval: Option<[f64; 2]>,
    /// In what part of the resamples it has rank 1, 2, …. Left out above [`MAX_RANKED`] channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_probability: Option<Vec<f64>>,
    /// Ordered Shapley only: its conversions by the position of the touch that earned them; the
    /// twentieth stands for all later ones too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_position: Option<Vec<f64>>,
    /// Markov only: the value credited if it is shared out by the removal effects on the value
    /// instead of those on the conversions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_by_removal: Option<f64>,
    /// Model credit only: the conversions that the model would expect less without its touches, before
    /// they are made to add up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incremental: Option<f64>,
}

/// What is known of the Markov chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkovReport {
    /// How many touches it remembers.
    pub order: usize,
    /// How many states it has, the start among them, the two ends not.
    pub states: usize,
    /// The probability that a journey converts.
    pub conversion_probability: f64,
    /// Per channel, the part of the conversions that is lost when it leads nowhere.
    pub removal_effect: BTreeMap<String, f64>,
    /// Per channel, the part of the value that is lost when it leads nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_removal_effect: Option<BTreeMap<String, f64>>,
    /// What the removal effects are off by at most, besides rounding.
    pub error_bound: f64,
    /// The transition matrix between channels (order 1, whatever the order of the chain), with
    /// `(start)`, `(conversion)` and `(null)`; only what was seen.
    pub transitions: Vec<Transition>,
    /// For a higher order, the most frequent transitions between its states.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state_transitions: Vec<StateTransition>,
    /// Where the order was chosen: how well each forecast journeys that were held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<Vec<OrderScore>>,
}

/// A step from one channel to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// The channel it parts from, or `(start)`.
    pub from: String,
    /// The channel it leads to, or `(conversion)` or `(null)`.
    pub to: String,
    /// How probable it is among all steps from there.
    pub probability: f64,
    /// How often it was seen.
    pub count: f64,
}

/// A step in a chain that remembers several touches.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StateTransition {
    /// The channels before it, the newest last; none at the start.
    pub from: Vec<String>,
    /// The channel it leads to, or `(conversion)` or `(null)`.
    pub to: String,
    /// How probable it is among all steps from there.
    pub probability: f64,
    /// How often it was seen.
    pub count: f64,
}

/// What can be said about some channels, for the page to word.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The stable, kebab-case name of the finding.
    pub code: &'static str,
    /// The channels it is about, the one ahead first.
    pub channels: Vec<String>,
    /// The methods it is about; for a ranking that depends on the method, those by which the first
    /// channel is ahead.
    pub methods: Vec<&'static str>,
    /// The figures of the message by name.
    pub figures: BTreeMap<&'static str, f64>,
    /// In plain English, without the channels' names.
    pub message: String,
}

/// The credit of a method with its intervals.
pub(crate) fn method_credit(
    measurer: &Measurer,
    (method, credit): (Method, &Credit),
    samples: Option<Samples>,
    confidence: f64,
) -> MethodCredit {
    let journeys = &measurer.journeys;
    let total: f64 = journeys.observed.conversions.iter().sum();
    let ordered = method == Method::ShapleyOrdered;
    let mut positions = ordered.then(|| by_position(journeys, POSITIONS));
    let channel = |(index, name): (usize, &String)| ChannelCredit {
        name: name.clone(),
        conversions: credit.shares[index] * total,
        share: credit.shares[index],
        value: credit.values.get(index).copied(),
        by_position: positions
            .as_mut()
            .map(|parts| std::mem::take(&mut parts[index])),
        ..ChannelCredit::default()
    };
    let given = MethodCredit {
        method: method.name(),
        channels: journeys.names.iter().enumerate().map(channel).collect(),
        ..MethodCredit::default()
    };
    given.with_samples(samples, confidence)
}

impl MethodCredit {
    /// The same for channels of these names, in their order. Those that it does not know get nothing.
    pub(crate) fn among(mut self, names: &[&str], confidence: f64) -> Self {
        if self
            .channels
            .iter()
            .map(|one| one.name.as_str())
            .eq(names.iter().copied())
        {
            return self;
        }
        let place = |name: &&str| self.channels.iter().position(|one| one.name == *name);
        let places: Vec<Option<usize>> = names.iter().map(place).collect();
        let samples = self.samples.take().map(|samples| samples.picked(&places));
        let channel = |(name, place): (&&str, &Option<usize>)| match place {
            Some(place) => self.channels[*place].clone(),
            None => ChannelCredit {
                name: (*name).to_owned(),
                ..ChannelCredit::default()
            },
        };
        self.channels = names.iter().zip(&places).map(channel).collect();
        self.with_samples(samples, confidence)
    }

    /// With the intervals and ranks that the resamples tell of; their channels are in the same order.
    pub(crate) fn with_samples(mut self, samples: Option<Samples>, confidence: f64) -> Self {
        let Some(samples) = samples.filter(|samples| samples.len() > 0) else {
            return self;
        };
        let ranked = self.channels.len() <= MAX_RANKED;
        let mut ranks = ranked.then(|| samples.ranks());
        for (index, channel) in self.channels.iter_mut().enumerate() {
            channel.share_interval = interval(samples.shares(index), confidence);
            channel.conversions_interval = interval(samples.conversions(index), confidence);
            channel.value_interval = interval(samples.values(index), confidence);
            channel.rank_probability = ranks
                .as_mut()
                .map(|ranks| std::mem::take(&mut ranks[index]));
        }
        let all = 0..self.channels.len();
        self.above = ranked.then(|| {
            let row = |a: usize| all.clone().map(|b| samples.above(a, b)).collect();
            all.clone().map(row).collect()
        });
        self.resamples = samples.len();
        self.samples = Some(samples);
        self
    }
}

/// What is known of the chain, from the observed counts.
pub(crate) fn markov_report(
    measurer: &Measurer,
    removal: &Removal,
    value_removal: Option<&Removal>,
    orders: Option<Vec<OrderScore>>,
) -> Option<MarkovReport> {
    let (chain, flow) = (measurer.chain()?, &measurer.flow);
    let names = &measurer.journeys.names;
    let by_name = |removal: &Removal| {
        let effects = removal.effects.iter().copied();
        names.iter().cloned().zip(effects).collect()
    };
    let mut first = None;
    if chain.order > 1 {
        let chain = Chain::new(&measurer.journeys, 1);
        let mut flow = super::chain::Flow::default();
        chain.count(&measurer.journeys.observed, &mut flow);
        first = Some(state_transitions(&chain, &flow, names));
    }
    let mut own = state_transitions(chain, flow, names);
    let plain = first.unwrap_or_else(|| std::mem::take(&mut own));
    crate::order::sort_by(&mut own, |a, b| b.count.total_cmp(&a.count));
    own.truncate(TRANSITIONS);
    let flat = |step: StateTransition| Transition {
        from: step
            .from
            .into_iter()
            .next()
            .unwrap_or_else(|| "(start)".to_owned()),
        to: step.to,
        probability: step.probability,
        count: step.count,
    };
    Some(MarkovReport {
        order: chain.order,
        states: chain.states(),
        conversion_probability: flow.conversion(),
        removal_effect: by_name(removal),
        value_removal_effect: value_removal.map(by_name),
        error_bound: value_removal
            .map_or(0.0, |removal| removal.bound)
            .max(removal.bound),
        transitions: plain.into_iter().map(flat).collect(),
        state_transitions: own,
        orders,
    })
}

/// All transitions that were seen, from the start on by state, the ends last.
fn state_transitions(
    chain: &Chain,
    flow: &super::chain::Flow,
    names: &[String],
) -> Vec<StateTransition> {
    let mut states: Vec<usize> = (0..chain.states()).collect();
    // The start remembers nothing, so it comes first.
    crate::order::sort_by_key(&mut states, |&state| {
        (state != START, chain.channels(state).collect::<Vec<_>>())
    });
    let mut steps = Vec::new();
    for state in states {
        let from: Vec<String> = chain
            .channels(state)
            .map(|channel| names[channel].clone())
            .collect();
        let mut ways: Vec<(&str, f64)> = (chain.edges[state]..chain.edges[state + 1])
            .map(|edge| (chain.to[edge] as usize, flow.edges[edge]))
            .map(|(to, count)| (names[chain.newest[to] as usize].as_str(), count))
            .collect();
        crate::order::sort_by_key(&mut ways, |&(name, _)| name);
        ways.push(("(conversion)", flow.conversions[state]));
        ways.push(("(null)", flow.nulls[state]));
        for (to, count) in ways.into_iter().filter(|&(_, count)| count > 0.0) {
            steps.push(StateTransition {
                from: from.clone(),
                to: to.to_owned(),
                probability: count / flow.visits[state],
                count,
            });
        }
    }
    steps
}
