//! Removal effects: what share of the conversions an absorbing chain loses when a channel leads
//! nowhere.
//!
//! With `h(s)` the probability of converting from state `s`, and `d(s)` that of converting from `s`
//! *through* channel `c`, the effect of removing `c` is `d(start) / h(start)`: sending everyone who
//! enters `c` to the null end loses exactly those conversions that pass through it. `d` obeys the
//! chain's own equations, with `d = h` in the states whose newest touch is `c`. Nothing is subtracted
//! from anything of its own size, so small effects keep their digits.

use super::chain::{Chain, Flow, START};

/// Up to so many channels, a chain of order 1 is inverted densely.
const DENSE: usize = 256;
/// Channels that are solved for at once.
const LANES: usize = 16;
/// Sweeps between two looks at the residual.
const LOOK: usize = 8;
/// Solutions of so many states and blocks of channels are kept as the start of the next one.
const KEPT: usize = 1 << 19;
/// Multiply-adds after which the iteration gives up.
const PATIENCE: u64 = 6_000_000_000;

/// The effect of removing each channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Removal {
    /// Per channel, the share of what is earned that is lost; 0 to 1.
    pub(crate) effects: Vec<f64>,
    /// What every effect is off by at most, besides rounding; 0 for a direct solution.
    pub(crate) bound: f64,
    /// Multiply-adds that it took.
    pub(crate) work: u64,
}

/// Solves one chain again and again for different counts.
#[derive(Debug)]
pub(crate) struct Solver {
    pub(crate) chain: Chain,
    channels: usize,
    dense: bool,
    /// States so that where an edge leads mostly comes before where it parts from.
    order: Vec<u32>,
    /// Transition probabilities by edge.
    move_to: Vec<f64>,
    reach: Vec<[f64; 1]>,
    through: Vec<[f64; LANES]>,
    matrix: Vec<f64>,
    pivot: Vec<f64>,
}

impl Solver {
    /// A solver for the chain over so many channels.
    pub(crate) fn new(chain: Chain, channels: usize) -> Self {
        let dense = chain.order == 1 && channels <= DENSE;
        Self {
            order: if dense { Vec::new() } else { postorder(&chain) },
            chain,
            channels,
            dense,
            move_to: Vec::new(),
            reach: Vec::new(),
            through: Vec::new(),
            matrix: Vec::new(),
            pivot: Vec::new(),
        }
    }

    /// The removal effects on what each state earns when journeys convert from it: the flow's
    /// conversions, or their values. Effects are off by at most `tolerance`.
    pub(crate) fn solve(&mut self, flow: &Flow, earned: &[f64], tolerance: f64) -> Removal {
        let total: f64 = earned.iter().sum();
        if total == 0.0 {
            return Removal {
                effects: vec![0.0; self.channels],
                ..Removal::default()
            };
        }
        if self.dense {
            self.invert(flow, earned, total)
        } else {
            self.iterate(flow, earned, total, tolerance)
        }
    }

    /// Order 1 from one inverse. The start is visited once per journey and channel `c` is entered
    /// for the first time with probability N(start, c) / N(c, c), where N = (I − Q)⁻¹ (Kemeny and
    /// Snell 1976, chapter III); N(start, c) is the observed number of visits per journey.
    fn invert(&mut self, flow: &Flow, earned: &[f64], total: f64) -> Removal {
        let (chain, states) = (&self.chain, self.chain.states() - 1);
        self.matrix.clear();
        self.matrix.resize(states * states, 0.0);
        for state in 0..states {
            let row = &mut self.matrix[state * states..][..states];
            row[state] = 1.0;
            let visits = flow.visits[state + 1];
            if visits > 0.0 {
                for edge in chain.edges[state + 1]..chain.edges[state + 2] {
                    row[chain.to[edge] as usize - 1] -= flow.edges[edge] / visits;
                }
            }
        }
        self.pivot.resize(states, 0.0);
        invert(&mut self.matrix, &mut self.pivot, states);
        let mut effects = vec![0.0; self.channels];
        for state in 0..states {
            let row = &self.matrix[state * states..][..states];
            let mut earns = 0.0;
            for (other, &times) in row.iter().enumerate() {
                let visits = flow.visits[other + 1];
                if visits > 0.0 {
                    earns += times * earned[other + 1] / visits;
                }
            }
            let effect = flow.visits[state + 1] / row[state] * earns / total;
            effects[chain.newest[state + 1] as usize] = effect;
        }
        Removal {
            effects,
            bound: 0.0,
            work: 2 * (states as u64).pow(3),
        }
    }

    /// Any order by Gauss–Seidel sweeps, from where the last solution ended.
    fn iterate(&mut self, flow: &Flow, earned: &[f64], total: f64, tolerance: f64) -> Removal {
        let (chain, states) = (&self.chain, self.chain.states());
        self.move_to.clear();
        self.move_to.resize(chain.to.len(), 0.0);
        let mut rewards = vec![0.0; states];
        for state in 0..states {
            let visits = flow.visits[state];
            if visits > 0.0 {
                rewards[state] = earned[state] / visits;
                for edge in chain.edges[state]..chain.edges[state + 1] {
                    self.move_to[edge] = flow.edges[edge] / visits;
                }
            }
        }
        let system = System {
            chain,
            order: &self.order,
            move_to: &self.move_to,
            visits: &flow.visits,
            // Half of the allowed error each for the two systems, in units of what is earned.
            allowed: tolerance * total.abs() / 2.0,
        };
        self.reach.resize(states, [0.0]);
        let mut done = system.solve(&mut self.reach, &Kind::Reach(&rewards));
        let blocks = self.channels.div_ceil(LANES);
        let keep = blocks * states <= KEPT;
        self.through
            .resize(if keep { blocks * states } else { states }, [0.0; LANES]);
        let mut effects = Vec::with_capacity(self.channels);
        let mut worst = 0.0_f64;
        for block in 0..blocks {
            let first = (block * LANES) as u32;
            let from = if keep { block * states } else { 0 };
            let through = &mut self.through[from..][..states];
            if !keep {
                through.fill([0.0; LANES]);
            }
            let part = system.solve(through, &Kind::Through(first, &self.reach));
            worst = worst.max(part.error);
            done.work += part.work;
            let lanes = LANES.min(self.channels - block * LANES);
            let start = &through[START][..lanes];
            effects.extend(start.iter().map(|earns| earns * flow.journeys() / total));
        }
        Removal {
            effects,
            bound: (done.error + worst) / total.abs(),
            work: done.work,
        }
    }
}

/// What is solved for.
enum Kind<'a> {
    /// What is earned from each state on, given what it earns itself.
    Reach(&'a [f64]),
    /// What is earned through each of the channels from the first one on.
    Through(u32, &'a [[f64; 1]]),
}

/// How well a system was solved.
struct Solved {
    /// The most that the start's solution is off by, times the number of journeys.
    error: f64,
    work: u64,
}

/// `(I − Q) x = b`, for several right-hand sides and sets of pinned states.
struct System<'a> {
    chain: &'a Chain,
    order: &'a [u32],
    move_to: &'a [f64],
    visits: &'a [f64],
    allowed: f64,
}

impl System<'_> {
    /// Sweeps until the error at the start is small enough. The error is bounded rigorously: by
    /// `Σ N(start, s) |residual(s)|`, where the expected visits N(start, s) of the chain are the
    /// observed ones, and those of a chain with pinned states are not more.
    fn solve<const L: usize>(&self, x: &mut [[f64; L]], kind: &Kind) -> Solved {
        let cost = ((self.move_to.len() + x.len()) * L) as u64;
        let (mut work, mut last) = (0, f64::INFINITY);
        loop {
            for _ in 0..LOOK {
                for &state in self.order {
                    let (right, own) = self.right(state as usize, x, kind);
                    let scale = 1.0 / (1.0 - own);
                    x[state as usize] = right.map(|sum| sum * scale);
                    self.pin(state as usize, x, kind);
                }
            }
            let mut off = [0.0; L];
            for state in 0..x.len() {
                let (right, own) = self.right(state, x, kind);
                let pinned = self.pinned(state, kind);
                for lane in 0..L {
                    let residual = right[lane] - (1.0 - own) * x[state][lane];
                    if pinned != Some(lane) {
                        off[lane] += self.visits[state] * residual.abs();
                    }
                }
            }
            work += cost * (LOOK as u64 + 1);
            let error = off.into_iter().fold(0.0, f64::max);
            // The weighted sum never grows but for rounding: then there is nothing more to be had.
            if error <= self.allowed || error >= last || work > PATIENCE {
                return Solved { error, work };
            }
            last = error;
        }
    }

    /// What a state's equation says without its loop, and the probability of the loop.
    #[inline]
    fn right<const L: usize>(&self, state: usize, x: &[[f64; L]], kind: &Kind) -> ([f64; L], f64) {
        let mut sum = match kind {
            Kind::Reach(rewards) => [rewards[state]; L],
            Kind::Through(..) => [0.0; L],
        };
        let mut own = 0.0;
        let span = self.chain.edges[state]..self.chain.edges[state + 1];
        for (&to, &probability) in self.chain.to[span.clone()].iter().zip(&self.move_to[span]) {
            if to as usize == state {
                own = probability;
                continue;
            }
            for (sum, next) in sum.iter_mut().zip(&x[to as usize]) {
                *sum += probability * next;
            }
        }
        (sum, own)
    }

    fn pinned(&self, state: usize, kind: &Kind) -> Option<usize> {
        match kind {
            Kind::Reach(_) => None,
            Kind::Through(first, _) => Some(self.chain.newest[state].wrapping_sub(*first) as usize),
        }
    }

    #[inline]
    fn pin<const L: usize>(&self, state: usize, x: &mut [[f64; L]], kind: &Kind) {
        if let Kind::Through(first, reach) = kind {
            let lane = self.chain.newest[state].wrapping_sub(*first) as usize;
            if lane < L {
                x[state][lane] = reach[state][0];
            }
        }
    }
}

/// The states in the order in which a depth-first walk from the start leaves them.
fn postorder(chain: &Chain) -> Vec<u32> {
    let mut order = Vec::with_capacity(chain.states());
    let mut next: Vec<usize> = chain.edges.clone();
    let mut seen = vec![false; chain.states()];
    let mut walk = vec![START];
    seen[START] = true;
    while let Some(&state) = walk.last() {
        if next[state] == chain.edges[state + 1] {
            order.push(state as u32);
            walk.pop();
            continue;
        }
        let to = chain.to[next[state]] as usize;
        next[state] += 1;
        if !seen[to] {
            seen[to] = true;
            walk.push(to);
        }
    }
    order
}

/// Inverts a matrix in place by Gauss–Jordan elimination without pivoting, which is stable for the
/// diagonally dominant I − Q. Plain additions and products in a fixed order: the same bits everywhere.
fn invert(matrix: &mut [f64], pivot: &mut [f64], size: usize) {
    for step in 0..size {
        let row = &mut matrix[step * size..][..size];
        let scale = 1.0 / row[step];
        row[step] = 1.0;
        for (copy, cell) in pivot.iter_mut().zip(row) {
            *cell *= scale;
            *copy = *cell;
        }
        for other in (0..size).filter(|&other| other != step) {
            let row = &mut matrix[other * size..][..size];
            let factor = row[step];
            if factor == 0.0 {
                continue;
            }
            row[step] = 0.0;
            for (cell, copy) in row.iter_mut().zip(pivot.iter()) {
                *cell -= factor * copy;
            }
        }
    }
}
