//! How sure a response is: what chance alone would show, and how the curve moves with the data.

use super::response_fit::{Fitted, Part, Series, Shape, linear};
use crate::prepare::random::Random;

/// Series without any response, for the test.
const NULL_DRAWS: usize = 499;
/// Series with the response that was found, for the bands.
const DRAWS: usize = 300;

/// Base, scale and shape of a response fitted to drawn periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    pub(super) base: f64,
    pub(super) scale: f64,
    pub(super) shape: Shape,
}

/// The grid's shapes and their responses, worked out once: drawn periods change the outcome only.
struct Shelf<'a> {
    part: Part<'a>,
    shapes: Vec<Shape>,
    rises: Vec<Vec<f64>>,
}

impl<'a> Shelf<'a> {
    fn new(series: &'a Series<'a>, extra: Option<Shape>) -> Self {
        let part = Part::new(series, (0..series.outcome.len()).collect());
        let mut shapes = part.grid();
        shapes.extend(extra);
        let rises = shapes.iter().map(|&shape| part.rise(shape)).collect();
        Self {
            part,
            shapes,
            rises,
        }
    }

    /// The best response to an outcome, and what it leaves.
    fn best(&self, outcome: &[f64]) -> (Drawn, f64) {
        let mut best = (
            Drawn {
                base: 0.0,
                scale: 0.0,
                shape: self.shapes[0],
            },
            f64::INFINITY,
        );
        for (rise, &shape) in self.rises.iter().zip(&self.shapes) {
            let (base, scale, rest) = linear(rise, outcome);
            if rest < best.1 {
                best = (Drawn { base, scale, shape }, rest);
            }
        }
        best
    }

    /// `fitted` with what is left drawn anew in blocks, by the stream of a draw.
    fn redrawn(&self, fitted: &[f64], left: &[f64], stream: u64) -> Vec<f64> {
        let n = left.len();
        let mut random = Random::new(stream);
        let length = block(n);
        let mut outcome = Vec::with_capacity(n);
        while outcome.len() < n {
            let start = random.below(n as u32) as usize;
            for step in 0..length.min(n - outcome.len()) {
                let value = fitted[outcome.len()] + left[(start + step) % n];
                outcome.push(value);
            }
        }
        self.part.without_controls(&mut outcome);
        outcome
    }
}

/// Periods that are drawn together: neighbours are alike (Künsch 1989; the length is of the order n^⅓, Hall,
/// Horowitz and Jing 1995).
fn block(n: usize) -> usize {
    (n as f64).cbrt().ceil().max(1.0) as usize
}

fn squares(outcome: &[f64]) -> f64 {
    let middle = outcome.iter().sum::<f64>() / outcome.len() as f64;
    outcome.iter().map(|value| (value - middle).powi(2)).sum()
}

/// How often periods without any response, drawn from what the controls leave, would show one that explains
/// as much: the search over shapes is repeated on each, so that it can't pass for evidence (a parametric
/// bootstrap test; Davison and Hinkley 1997, section 4.4; at least 1 in 500).
pub(super) fn chance(series: &Series, seed: u64) -> f64 {
    let shelf = Shelf::new(series, None);
    let whole = squares(&shelf.part.outcome);
    if whole <= 0.0 {
        return 1.0;
    }
    let explained = |rest: f64, all: f64| (all - rest) / rest.max(1e-9 * all);
    let seen = explained(shelf.best(&shelf.part.outcome).1, whole);
    let n = shelf.part.outcome.len();
    let middle = shelf.part.outcome.iter().sum::<f64>() / n as f64;
    let left: Vec<f64> = shelf
        .part
        .outcome
        .iter()
        .map(|value| value - middle)
        .collect();
    let flat = vec![middle; n];
    let as_much = (0..NULL_DRAWS).filter(|&draw| {
        let outcome = shelf.redrawn(&flat, &left, seed.wrapping_add(draw as u64));
        let all = squares(&outcome);
        all > 0.0 && explained(shelf.best(&outcome).1, all) >= seen
    });
    (1.0 + as_much.count() as f64) / (1.0 + NULL_DRAWS as f64)
}

/// Responses fitted to drawn periods: the response that was found, with its residuals drawn anew in blocks
/// and widened by what fitting took from them. Draw number so and so of every channel draws the same
/// periods, so that channels that share an outcome move together.
pub(super) fn draws(series: &Series, found: &Fitted, seed: u64) -> Vec<Drawn> {
    let shelf = Shelf::new(series, Some(found.shape));
    let rise = shelf.part.rise(found.shape);
    let fitted: Vec<f64> = rise
        .iter()
        .map(|rise| found.base + found.scale * rise)
        .collect();
    let mut left: Vec<f64> = shelf
        .part
        .outcome
        .iter()
        .zip(&fitted)
        .map(|(seen, fitted)| seen - fitted)
        .collect();
    let n = left.len() as f64;
    let middle = left.iter().sum::<f64>() / n;
    let taken = 5.0 + shelf.part.controls() as f64;
    let widen = (n / (n - taken).max(1.0)).sqrt();
    left.iter_mut()
        .for_each(|value| *value = (*value - middle) * widen);
    (0..DRAWS)
        .map(|draw| {
            let stream = seed.wrapping_add(0x9e37_79b9).wrapping_add(draw as u64);
            shelf.best(&shelf.redrawn(&fitted, &left, stream)).0
        })
        .collect()
}

/// Chances adjusted over all of them by Holm's (1979) step-down method.
pub(super) fn holm(chances: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut order: Vec<usize> = (0..chances.len())
        .filter(|&at| chances[at].is_some())
        .collect();
    let of = |at: usize| chances[at].unwrap_or(1.0);
    crate::order::sort_by(&mut order, |&a, &b| of(a).total_cmp(&of(b)));
    let mut adjusted = vec![None; chances.len()];
    let mut least = 0.0_f64;
    for (place, &at) in order.iter().enumerate() {
        least = least.max((order.len() - place) as f64 * of(at)).min(1.0);
        adjusted[at] = Some(least);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_adjusted_step_by_step() {
        let adjusted = holm(&[Some(0.02), None, Some(0.01), Some(0.5)]);
        assert_eq!(adjusted, [Some(0.04), None, Some(0.03), Some(0.5)]);
    }

    /// Of series in which nothing answers to the spend, about one in twenty seems to, and not more.
    #[test]
    fn chance_alone_is_told_as_such() {
        let (mut low, all) = (0, 120);
        for series in 0..all {
            let mut random = Random::new(1_000 + series);
            let mut normal = || (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0;
            let spend: Vec<f64> = (0..30)
                .map(|_| (100.0 + 40.0 * normal()).max(1.0))
                .collect();
            let mut before = 0.0;
            let outcome: Vec<f64> = (0..30)
                .map(|_| {
                    before = 0.3 * before + normal();
                    300.0 + 20.0 * before
                })
                .collect();
            let found = Series {
                spend: &spend,
                outcome: &outcome,
                controls: Vec::new(),
            };
            low += usize::from(chance(&found, 42) <= 0.05);
        }
        // Binomial with p = 0.05: more than 13 of 120 has a chance of 1 in 200.
        assert!(low <= 13, "{low} of {all}");
    }
}
