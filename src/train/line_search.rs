//! The line search of Moré and Thuente.

/// Armijo: the loss must fall by this share of what the slope promises.
const DECREASE: f64 = 1e-3;
/// Curvature: the slope must fall to this share of the first.
const CURVATURE: f64 = 0.9;
/// The search ends when the interval that holds the minimum is this small against its upper end.
const INTERVAL: f64 = 0.1;
/// Longer steps are not tried.
const LONGEST: f64 = 1e10;

/// A step along the direction and what was found there.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Trial {
    step: f64,
    value: f64,
    slope: f64,
}

impl Trial {
    /// The same on the function less its Armijo line, of slope `test`.
    fn less(self, test: f64) -> Self {
        Self {
            step: self.step,
            value: self.value - self.step * test,
            slope: self.slope - test,
        }
    }
}

/// What to do after a step was tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// Take the step.
    Accept,
    /// Try this one.
    Try(f64),
}

/// Finds a step with a sufficient decrease and a slope that has flattened (the strong Wolfe
/// conditions): Moré & Thuente 1994, "Line search algorithms with guaranteed sufficient decrease",
/// *ACM TOMS* 20:286–307, as `dcsrch` and `dcstep` of MINPACK-2, with the figures that L-BFGS-B 3.0
/// and so SciPy and scikit-learn use.
#[derive(Debug)]
pub(super) struct LineSearch {
    start: Trial,
    /// The best step so far.
    best: Trial,
    /// The other end of the interval that holds the minimum.
    other: Trial,
    bracketed: bool,
    /// Whether a step with a lower value than the Armijo line and a rising slope has been seen.
    lowered: bool,
    least: f64,
    most: f64,
    width: f64,
    width_before: f64,
}

impl LineSearch {
    /// A search from `value`, where the slope along the direction is `slope` (below 0), whose first
    /// trial is `step`.
    pub fn new(value: f64, slope: f64, step: f64) -> Self {
        let start = Trial {
            step: 0.0,
            value,
            slope,
        };
        Self {
            start,
            best: start,
            other: start,
            bracketed: false,
            lowered: false,
            least: 0.0,
            most: 5.0 * step,
            width: LONGEST,
            width_before: 2.0 * LONGEST,
        }
    }

    /// Takes in the value and slope at the step last asked for.
    pub fn judge(&mut self, step: f64, value: f64, slope: f64) -> Verdict {
        let trial = Trial { step, value, slope };
        let test = DECREASE * self.start.slope;
        let line = self.start.value + step * test;
        if value <= line && slope >= 0.0 {
            self.lowered = true;
        }
        let wolfe = value <= line && slope.abs() <= CURVATURE * -self.start.slope;
        let exhausted = self.bracketed
            && (step <= self.least
                || step >= self.most
                || self.most - self.least <= INTERVAL * self.most);
        let longest = step == LONGEST && value <= line && slope <= test;
        if wolfe || exhausted || longest {
            return Verdict::Accept;
        }
        // Until then the search is for a minimum of the function less its Armijo line.
        let next = if !self.lowered && value <= self.best.value && value > line {
            self.advance(trial, test)
        } else {
            self.advance(trial, 0.0)
        };
        Verdict::Try(self.confine(next))
    }

    /// Moves the interval, looking at the function less a line of slope `test`, and gives the next
    /// step.
    fn advance(&mut self, trial: Trial, test: f64) -> f64 {
        let (best, other) = (self.best.less(test), self.other.less(test));
        let seen = trial.less(test);
        let (next, brackets) = next_step(best, other, seen, self.bracketed, self.least, self.most);
        if seen.value > best.value {
            self.other = trial;
        } else {
            if seen.slope * best.slope.signum() < 0.0 {
                self.other = self.best;
            }
            self.best = trial;
        }
        self.bracketed |= brackets;
        next
    }

    /// Keeps the next step inside the interval and makes sure that the interval shrinks.
    fn confine(&mut self, mut next: f64) -> f64 {
        let (best, other) = (self.best.step, self.other.step);
        if self.bracketed {
            if (other - best).abs() >= 0.66 * self.width_before {
                next = best + 0.5 * (other - best);
            }
            self.width_before = self.width;
            self.width = (other - best).abs();
            self.least = best.min(other);
            self.most = best.max(other);
        } else {
            self.least = next + 1.1 * (next - best);
            self.most = next + 4.0 * (next - best);
        }
        next = next.clamp(0.0, LONGEST);
        let exhausted = next <= self.least
            || next >= self.most
            || self.most - self.least <= INTERVAL * self.most;
        if self.bracketed && exhausted {
            next = best;
        }
        next
    }
}

/// Where the cubic through two trials has its minimum, as a share of the way from `to` to `from`.
/// Returns the share and γ, which is 0 where the cubic has none.
fn cubic(from: Trial, to: Trial) -> (f64, f64) {
    let theta = 3.0 * (from.value - to.value) / (to.step - from.step) + from.slope + to.slope;
    let scale = theta.abs().max(from.slope.abs()).max(to.slope.abs());
    let square = (theta / scale).powi(2) - (from.slope / scale) * (to.slope / scale);
    let mut gamma = scale * square.max(0.0).sqrt();
    if to.step > from.step {
        gamma = -gamma;
    }
    let share = ((gamma - to.slope) + theta) / (((gamma - to.slope) + gamma) + from.slope);
    (share, gamma)
}

/// The next step, safeguarded, and whether the minimum is now known to lie between two trials
/// (`dcstep`).
fn next_step(
    best: Trial,
    other: Trial,
    trial: Trial,
    bracketed: bool,
    least: f64,
    most: f64,
) -> (f64, bool) {
    let ahead = trial.step > best.step;
    let secant =
        || trial.step + trial.slope / (trial.slope - best.slope) * (best.step - trial.step);
    let nearer = |a: f64, b: f64, to: f64| {
        if (a - to).abs() < (b - to).abs() {
            a
        } else {
            b
        }
    };
    let farther = |a: f64, b: f64, to: f64| {
        if (a - to).abs() > (b - to).abs() {
            a
        } else {
            b
        }
    };
    if trial.value > best.value {
        // Higher: the minimum lies between. Cubic, or halfway to the quadratic.
        let (share, _) = cubic(trial, best);
        let by_cubic = best.step + share * (trial.step - best.step);
        let drop = (best.value - trial.value) / (trial.step - best.step) + best.slope;
        let by_quadratic = best.step + best.slope / drop / 2.0 * (trial.step - best.step);
        let halfway = by_cubic + (by_quadratic - by_cubic) / 2.0;
        let cubic_is_nearer = (by_cubic - best.step).abs() < (by_quadratic - best.step).abs();
        return (if cubic_is_nearer { by_cubic } else { halfway }, true);
    }
    if trial.slope * best.slope.signum() < 0.0 {
        // Lower, and the slope has turned: between as well.
        let (share, _) = cubic(best, trial);
        let by_cubic = trial.step + share * (best.step - trial.step);
        return (farther(by_cubic, secant(), trial.step), true);
    }
    if trial.slope.abs() < best.slope.abs() {
        // Lower and flatter: go on, but not too far.
        let (share, gamma) = cubic(best, trial);
        let by_cubic = if share < 0.0 && gamma != 0.0 {
            trial.step + share * (best.step - trial.step)
        } else if ahead {
            most
        } else {
            least
        };
        if !bracketed {
            let next = farther(by_cubic, secant(), trial.step);
            return (next.clamp(least.min(most), most.max(least)), false);
        }
        let next = nearer(by_cubic, secant(), trial.step);
        let limit = trial.step + 0.66 * (other.step - trial.step);
        return (
            if ahead {
                next.min(limit)
            } else {
                next.max(limit)
            },
            false,
        );
    }
    // Lower and no flatter.
    let next = if bracketed {
        let (share, _) = cubic(other, trial);
        trial.step + share * (other.step - trial.step)
    } else if ahead {
        most
    } else {
        least
    };
    (next, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the search on a function and its slope; returns the step and how many were tried.
    fn search(f: impl Fn(f64) -> (f64, f64), first: f64) -> (f64, usize) {
        let (value, slope) = f(0.0);
        let mut search = LineSearch::new(value, slope, first);
        let mut step = first;
        for tried in 1..50 {
            let (value, slope) = f(step);
            match search.judge(step, value, slope) {
                Verdict::Accept => return (step, tried),
                Verdict::Try(next) => step = next,
            }
        }
        panic!("no step found");
    }

    fn holds(f: &impl Fn(f64) -> (f64, f64), step: f64) {
        let ((start, slope), (value, end)) = (f(0.0), f(step));
        assert!(
            value <= start + DECREASE * step * slope,
            "decrease at {step}"
        );
        assert!(end.abs() <= CURVATURE * slope.abs(), "curvature at {step}");
    }

    #[test]
    fn finds_wolfe_steps_from_far_too_short_to_far_too_long() {
        // The first test function of the paper, φ(a) = −a/(a² + 2), its minimum at √2.
        let f = |a: f64| {
            let below = a * a + 2.0;
            (-a / below, (a * a - 2.0) / (below * below))
        };
        // A steep valley.
        let g = |a: f64| ((a - 3.0).powi(4), 4.0 * (a - 3.0).powi(3));
        for first in [1e-3, 1e-1, 1.0, 10.0, 1e3] {
            let (step, tried) = search(f, first);
            holds(&f, step);
            assert!(tried <= 12, "{tried} steps from {first}");
            let (step, _) = search(g, first);
            holds(&g, step);
        }
    }

    #[test]
    fn takes_a_good_first_step_at_once() {
        let f = |a: f64| ((a - 1.0).powi(2), 2.0 * (a - 1.0));
        assert_eq!(search(f, 1.0), (1.0, 1));
    }
}
