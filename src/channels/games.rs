//! What a model is asked about one journey, and what each channel's part of the answers is.

use super::options::CreditRule;
use super::people::{Seen, each_channel};
use super::trials::Trials;
use crate::prepare::Journeys;
use crate::prepare::random::Random;

/// Journeys with more different channels are credited by drawn orders of them.
const EXACT: usize = 4;
/// So many orders, each with its reverse.
const ORDERS: usize = 4;

/// What is to be asked of the model about one journey. Each channel's part is a sum of answers with factors.
#[derive(Debug)]
pub(super) struct Game {
    /// The different units of the journey.
    channels: Vec<u32>,
    /// The trial with all touches, and that without any.
    whole: usize,
    none: usize,
    terms: Vec<Term>,
}

/// What one answer adds to one channel's part.
#[derive(Debug, Clone, Copy)]
struct Term {
    /// Which of the journey's channels.
    place: usize,
    trial: usize,
    factor: f64,
}

/// What the model says of one journey.
#[derive(Debug)]
pub(super) struct Settled {
    /// Its chance with all touches, and without any.
    pub(super) whole: f64,
    pub(super) none: f64,
    /// By channel, its part of the chance.
    pub(super) parts: Vec<(u32, f64)>,
}

/// Makes the games of journeys.
#[derive(Debug)]
pub(super) struct Games<'a> {
    /// The journeys with units in the place of channels.
    relabelled: &'a Journeys,
    rule: CreditRule,
    seen: Seen,
    random: Random,
    /// Of every unit, its place among those of the journey at hand.
    places: Vec<usize>,
}

impl<'a> Games<'a> {
    pub(super) fn new(relabelled: &'a Journeys, rule: CreditRule, random: Random) -> Self {
        let units = relabelled.channels.len();
        Self {
            relabelled,
            rule,
            seen: Seen::new(units),
            random,
            places: vec![0; units],
        }
    }

    /// Puts to the trials what is asked about a journey.
    pub(super) fn game(&mut self, journey: usize, trials: &mut Trials) -> Game {
        let mut channels = Vec::new();
        let places = &mut self.places;
        each_channel(self.relabelled, journey, &mut self.seen, |channel| {
            places[channel] = channels.len();
            channels.push(channel as u32);
        });
        let own = self.relabelled.touches(journey);
        let place = |touch: usize| places[own[touch] as usize];
        let mut asking = Asking {
            journey,
            trials,
            place: &place,
            terms: Vec::new(),
        };
        let (whole, none) = match self.rule {
            CreditRule::SampledShapley if channels.len() <= EXACT => {
                asking.all_sets(channels.len())
            }
            CreditRule::SampledShapley => asking.orders(channels.len(), &mut self.random),
            CreditRule::LeaveOneOut => asking.each_touch(own.len()),
            CreditRule::LeaveOneChannelOut => asking.each_channel(channels.len()),
        };
        Game {
            terms: asking.terms,
            channels,
            whole,
            none,
        }
    }
}

/// One journey's trials while they are put together.
struct Asking<'t, 'a, P: Fn(usize) -> usize> {
    journey: usize,
    trials: &'t mut Trials<'a>,
    /// Which of the journey's channels each touch is of.
    place: &'t P,
    terms: Vec<Term>,
}

impl<P: Fn(usize) -> usize> Asking<'_, '_, P> {
    /// With the touches of some of the journey's channels.
    fn among(&mut self, kept: impl Fn(usize) -> bool) -> usize {
        let place = self.place;
        self.touches(|touch| kept(place(touch)))
    }

    fn touches(&mut self, kept: impl Fn(usize) -> bool) -> usize {
        self.trials.push(self.journey, kept);
        self.trials.len() - 1
    }

    /// What a channel gains from one trial to another, times a factor.
    fn gain(&mut self, place: usize, before: usize, after: usize, factor: f64) {
        let term = |trial, factor| Term {
            place,
            trial,
            factor,
        };
        self.terms
            .extend([term(after, factor), term(before, -factor)]);
    }

    /// The Shapley value over all sets of so many channels.
    fn all_sets(&mut self, count: usize) -> (usize, usize) {
        let sets = 1_usize << count;
        let first = self.trials.len();
        for set in 0..sets {
            self.among(|place| set >> place & 1 == 1);
        }
        let weights = set_weights(count);
        for place in 0..count {
            for set in (0..sets).filter(|set| set >> place & 1 == 0) {
                let weight = weights[set.count_ones() as usize];
                self.gain(place, first + set, first + (set | 1 << place), weight);
            }
        }
        (first + sets - 1, first)
    }

    /// The Shapley value over drawn orders and their reverses.
    fn orders(&mut self, count: usize, random: &mut Random) -> (usize, usize) {
        let (whole, none) = self.ends();
        let share = 1.0 / (2 * ORDERS) as f64;
        for _ in 0..ORDERS {
            let mut order: Vec<usize> = (0..count).collect();
            random.shuffle(&mut order);
            for reversed in [false, true] {
                if reversed {
                    order.reverse();
                }
                let mut kept = vec![false; count];
                let mut before = none;
                for (step, &place) in order.iter().enumerate() {
                    kept[place] = true;
                    let last = step + 1 == count;
                    let after = if last {
                        whole
                    } else {
                        self.among(|at| kept[at])
                    };
                    self.gain(place, before, after, share);
                    before = after;
                }
            }
        }
        (whole, none)
    }

    /// What is lost with each touch.
    fn each_touch(&mut self, touches: usize) -> (usize, usize) {
        let (whole, none) = self.ends();
        for left_out in 0..touches {
            let without = self.touches(|touch| touch != left_out);
            let place = (self.place)(left_out);
            self.gain(place, without, whole, 1.0);
        }
        (whole, none)
    }

    /// What is lost with all touches of each channel.
    fn each_channel(&mut self, count: usize) -> (usize, usize) {
        let (whole, none) = self.ends();
        for left_out in 0..count {
            let without = match count {
                1 => none,
                _ => self.among(|place| place != left_out),
            };
            self.gain(left_out, without, whole, 1.0);
        }
        (whole, none)
    }

    fn ends(&mut self) -> (usize, usize) {
        (self.touches(|_| true), self.touches(|_| false))
    }
}

impl Game {
    /// What the answers to all trials come to.
    pub(super) fn settle(&self, chances: &[f64]) -> Settled {
        let mut parts = vec![0.0; self.channels.len()];
        for term in &self.terms {
            parts[term.place] += term.factor * chances[term.trial];
        }
        Settled {
            whole: chances[self.whole],
            none: chances[self.none],
            parts: self.channels.iter().copied().zip(parts).collect(),
        }
    }

    /// The trial with all touches.
    pub(super) fn whole(&self) -> usize {
        self.whole
    }

    /// Which unit's part each answer goes into: unit, trial and factor.
    pub(super) fn terms(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        self.terms
            .iter()
            .map(|term| (self.channels[term.place] as usize, term.trial, term.factor))
    }
}

/// Of `count` players, the weight of a set of so many others: s! (n − s − 1)! / n!.
fn set_weights(count: usize) -> Vec<f64> {
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    (0..count)
        .map(|size| factorial(size) * factorial(count - size - 1) / factorial(count))
        .collect()
}
