//! The Markov chain of the journeys: its states, its transitions and how often each was seen.

use super::journeys::{Ends, Journeys};
use super::options::MAX_ORDER;
use std::collections::HashMap;

/// No channel: fills up the histories of young journeys.
const NONE: u32 = u32::MAX;
/// The state in which every journey starts.
pub(crate) const START: usize = 0;

/// The last touches before a moment, the newest last.
pub(crate) type History = [u32; MAX_ORDER];

/// The structure of an absorbing chain of a given order: what stays the same in every resample.
///
/// A state is the last `order` touches (fewer where a journey has had fewer), so a journey moves along
/// one edge per touch and ends from the state it is in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    pub(crate) order: usize,
    pub(crate) histories: Vec<History>,
    /// The newest channel of each state; no channel for the start.
    pub(crate) newest: Vec<u32>,
    /// The edges out of state `s` are `edges[s]..edges[s + 1]`, by the state they lead to.
    pub(crate) edges: Vec<usize>,
    pub(crate) to: Vec<u32>,
    /// The edges of sequence `i`, with how often it takes each, are `steps[step_ends[i]..]`.
    step_ends: Vec<usize>,
    steps: Vec<(u32, u32)>,
    /// The state in which each sequence ends.
    ends: Vec<u32>,
    states: HashMap<History, u32>,
}

/// How often each edge and each end was taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Flow {
    pub(crate) edges: Vec<f64>,
    /// Per state, journeys that converted from it.
    pub(crate) conversions: Vec<f64>,
    /// Per state, what those were worth.
    pub(crate) values: Vec<f64>,
    /// Per state, journeys that ended from it without converting.
    pub(crate) nulls: Vec<f64>,
    /// Per state, how often it was left, by whatever way.
    pub(crate) visits: Vec<f64>,
}

impl Chain {
    /// The chain of that order (1 to [`MAX_ORDER`]) whose edges are those of the journeys.
    pub(crate) fn new(journeys: &Journeys, order: usize) -> Self {
        let mut chain = Self {
            order,
            step_ends: vec![0],
            ..Self::default()
        };
        chain.state([NONE; MAX_ORDER]);
        let mut pairs: HashMap<(u32, u32), u32> = HashMap::new();
        let mut taken: Vec<u32> = Vec::new();
        for touches in journeys.sequences() {
            let (mut state, mut history) = (START as u32, [NONE; MAX_ORDER]);
            taken.clear();
            for &touch in touches {
                history = chain.remember(history, touch);
                let next = chain.state(history);
                let new = pairs.len() as u32;
                taken.push(*pairs.entry((state, next)).or_insert(new));
                state = next;
            }
            chain.ends.push(state);
            taken.sort_unstable();
            let runs = taken.chunk_by(|a, b| a == b);
            chain
                .steps
                .extend(runs.map(|run| (run[0], run.len() as u32)));
            chain.step_ends.push(chain.steps.len());
        }
        chain.settle(&pairs);
        chain
    }

    /// Renumbers the edges by the states they part from and lead to.
    fn settle(&mut self, pairs: &HashMap<(u32, u32), u32>) {
        let mut sorted: Vec<((u32, u32), u32)> =
            pairs.iter().map(|(&pair, &edge)| (pair, edge)).collect();
        sorted.sort_unstable();
        let mut renamed = vec![0; sorted.len()];
        self.edges = vec![0; self.states() + 1];
        for (new, &((from, to), old)) in sorted.iter().enumerate() {
            renamed[old as usize] = new as u32;
            self.to.push(to);
            self.edges[from as usize + 1] = new + 1;
        }
        for state in 0..self.states() {
            self.edges[state + 1] = self.edges[state + 1].max(self.edges[state]);
        }
        for (edge, _) in &mut self.steps {
            *edge = renamed[*edge as usize];
        }
    }

    /// The history after one more touch.
    pub(crate) fn remember(&self, mut history: History, touch: u32) -> History {
        history.rotate_left(1);
        history[MAX_ORDER - 1] = touch;
        history[..MAX_ORDER - self.order].fill(NONE);
        history
    }

    /// A history without what a chain of this order does not remember.
    pub(crate) fn shorten(&self, mut history: History) -> History {
        history[..MAX_ORDER - self.order].fill(NONE);
        history
    }

    fn state(&mut self, history: History) -> u32 {
        let next = self.histories.len() as u32;
        let state = *self.states.entry(history).or_insert(next);
        if state == next {
            self.histories.push(history);
            self.newest.push(history[MAX_ORDER - 1]);
        }
        state
    }

    /// How many states there are, the start counted, the two ends not.
    pub(crate) fn states(&self) -> usize {
        self.histories.len()
    }

    /// The state of that history.
    pub(crate) fn state_of(&self, history: &History) -> Option<usize> {
        self.states.get(history).map(|&state| state as usize)
    }

    /// The edge between two states.
    pub(crate) fn edge(&self, from: usize, to: usize) -> Option<usize> {
        let span = self.edges[from]..self.edges[from + 1];
        let place = self.to[span.clone()].binary_search(&(to as u32)).ok()?;
        Some(span.start + place)
    }

    /// The channels that a state remembers, the newest last.
    pub(crate) fn channels(&self, state: usize) -> impl Iterator<Item = usize> {
        let touches = self.histories[state].into_iter();
        touches
            .filter(|&touch| touch != NONE)
            .map(|touch| touch as usize)
    }

    /// How many steps [`Chain::count`] goes through.
    pub(crate) fn entries(&self) -> usize {
        self.steps.len()
    }

    /// Counts how often each edge and end was taken, given how the journeys of each sequence ended.
    pub(crate) fn count(&self, ends: &Ends, flow: &mut Flow) {
        let states = self.states();
        let zero = |counts: &mut Vec<f64>, length: usize| {
            counts.clear();
            counts.resize(length, 0.0);
        };
        zero(&mut flow.edges, self.to.len());
        zero(&mut flow.conversions, states);
        zero(&mut flow.values, states);
        zero(&mut flow.nulls, states);
        zero(&mut flow.visits, states);
        for (sequence, &end) in self.ends.iter().enumerate() {
            let (converted, lost) = (ends.conversions[sequence], ends.nulls[sequence]);
            let journeys = converted + lost;
            if journeys == 0.0 {
                continue;
            }
            flow.conversions[end as usize] += converted;
            flow.values[end as usize] += ends.values[sequence];
            flow.nulls[end as usize] += lost;
            for &(edge, times) in
                &self.steps[self.step_ends[sequence]..self.step_ends[sequence + 1]]
            {
                flow.edges[edge as usize] += journeys * f64::from(times);
            }
        }
        for state in 0..states {
            let moved: f64 = flow.edges[self.edges[state]..self.edges[state + 1]]
                .iter()
                .sum();
            flow.visits[state] = moved + flow.conversions[state] + flow.nulls[state];
        }
    }
}

impl Flow {
    /// How many journeys started.
    pub(crate) fn journeys(&self) -> f64 {
        self.visits[START]
    }

    /// The share of the journeys that converted, which is also the chain's probability of converting:
    /// the observed counts flow in and out of every state in balance.
    pub(crate) fn conversion(&self) -> f64 {
        self.conversions.iter().sum::<f64>() / self.journeys()
    }
}
