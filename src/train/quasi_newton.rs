//! L-BFGS itself: the memory of curvature and the direction it gives.

use std::collections::VecDeque;

/// The last steps and what they did to the gradient.
#[derive(Debug)]
pub(super) struct Memory {
    pairs: VecDeque<Pair>,
    limit: usize,
}

#[derive(Debug)]
struct Pair {
    /// The step.
    s: Vec<f64>,
    /// The change of the gradient.
    y: Vec<f64>,
    /// `s·y`.
    sy: f64,
}

impl Memory {
    /// Remembers up to `limit` steps.
    pub fn new(limit: usize) -> Self {
        Self {
            pairs: VecDeque::with_capacity(limit),
            limit,
        }
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.pairs.clear();
    }

    /// Remembers a step `s` that changed the gradient by `y`, unless the curvature along it is not
    /// clearly positive: `s·y ≤ ε·drop`, where `drop` is what the slope promised for the step.
    pub fn remember(&mut self, s: Vec<f64>, y: Vec<f64>, drop: f64) {
        let sy = dot(&s, &y);
        if sy <= f64::EPSILON * drop {
            return;
        }
        if self.pairs.len() == self.limit {
            self.pairs.pop_front();
        }
        self.pairs.push_back(Pair { s, y, sy });
    }

    /// `−H·gradient` by the two-loop recursion, where H starts as `(s·y)/(y·y)` of the last step times
    /// the identity (Nocedal & Wright, *Numerical Optimization*, 2nd ed. 2006, algorithm 7.4 and
    /// equation 7.20).
    pub fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let share = dot(&pair.s, &direction) / pair.sy;
            add_scaled(&mut direction, -share, &pair.y);
            shares.push(share);
        }
        if let Some(last) = self.pairs.back() {
            let scale = last.sy / dot(&last.y, &last.y);
            direction.iter_mut().for_each(|d| *d *= scale);
        }
        for (pair, share) in self.pairs.iter().zip(shares.into_iter().rev()) {
            let back = dot(&pair.y, &direction) / pair.sy;
            add_scaled(&mut direction, share - back, &pair.s);
        }
        direction
    }
}

/// The inner product.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `to + scale·by`, in place.
pub(super) fn add_scaled(to: &mut [f64], scale: f64, by: &[f64]) {
    for (to, by) in to.iter_mut().zip(by) {
        *to += scale * by;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_quadratic_after_as_many_steps_as_it_has_dimensions() {
        // f = ½·xᵀ·diag(1, 10, 100)·x: with conjugate steps remembered, H is the inverse Hessian.
        let curvature = [1.0, 10.0, 100.0];
        let mut memory = Memory::new(10);
        for axis in 0..3 {
            let mut s = vec![0.0; 3];
            s[axis] = 0.5;
            let y: Vec<f64> = s.iter().zip(curvature).map(|(s, c)| s * c).collect();
            memory.remember(s, y, 1.0);
        }
        let direction = memory.direction(&[2.0, 30.0, -400.0]);
        for (found, expected) in direction.iter().zip([-2.0, -3.0, 4.0]) {
            assert!((found - expected).abs() < 1e-12, "{direction:?}");
        }
    }

    #[test]
    fn forgets_the_oldest_and_refuses_negative_curvature() {
        let mut memory = Memory::new(2);
        memory.remember(vec![1.0], vec![-1.0], 1.0);
        assert!(memory.is_empty());
        for curvature in [1.0, 2.0, 4.0] {
            memory.remember(vec![1.0], vec![curvature], 1.0);
        }
        assert_eq!(memory.pairs.len(), 2);
        assert_eq!(memory.direction(&[4.0]), [-1.0]);
        memory.clear();
        assert_eq!(memory.direction(&[4.0]), [-4.0]);
    }
}
