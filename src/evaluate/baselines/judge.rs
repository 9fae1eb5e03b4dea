//! Holding two models against each other on the same rows.

use super::controls::Controls;
use crate::evaluate::{Metrics, Ranking};
use crate::job::Host;
use crate::prepare::Dataset;
use crate::table::MISSING_CODE;
use crate::train::TrainError;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::collections::HashMap;

/// How often the rows are drawn anew.
const RESAMPLES: usize = 1_000;
/// Differences below this share of the base rate's entropy are too small to matter: two trainings of one
/// network from different seeds differ by as much.
const MARGIN: f64 = 0.01;
/// The least and the largest probability in a log-loss, as everywhere in this room.
const EDGE: f64 = f64::EPSILON;

/// How good a model is on the part that is compared on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BaselineFigures {
    /// Mean log-loss.
    pub loss: f64,
    /// Area under the ROC curve.
    pub auc: f64,
    /// At threshold 0.5.
    pub accuracy: f64,
}

/// Whether something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The model is better with it, and by more than a trifle.
    Yes,
    /// At most by a trifle.
    No,
    /// The data can't tell.
    Unclear,
}

/// A comparison of the model with one that lacks something.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether what the other lacks matters.
    pub answer: Answer,
    /// The other's mean log-loss less the model's: above 0 the model is better.
    pub difference: f64,
    /// 95 % interval of it, by paired bootstrap over users (or rows where there are none).
    pub interval: [f64; 2],
    /// Differences below this are a trifle.
    pub margin: f64,
    /// Where several controls could be held against: which one this is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<&'static str>,
}

impl Verdict {
    /// The verdict with the name of the control it is of.
    pub(super) fn against(self, control: &'static str) -> Self {
        Self {
            against: Some(control),
            ..self
        }
    }

    /// How firmly it says yes.
    pub(super) fn firmness(&self) -> (u8, f64) {
        let answer = match self.answer {
            Answer::No => 0,
            Answer::Unclear => 1,
            Answer::Yes => 2,
        };
        (answer, self.difference)
    }
}

/// Judges models on the same rows.
pub(super) struct Judge<'a> {
    rows: &'a [u32],
    labels: Vec<f32>,
    weights: Vec<f32>,
    /// Which unit each row is drawn with: its user, or itself.
    units: Vec<usize>,
    unit_count: usize,
    margin: f64,
}

impl<'a> Judge<'a> {
    pub fn new(data: &'a Dataset, rows: &'a [u32]) -> Self {
        let labels: Vec<f32> = rows.iter().map(|&row| data.y[row as usize]).collect();
        let weights: Vec<f32> = match &data.weights {
            Some(weights) => rows.iter().map(|&row| weights[row as usize]).collect(),
            None => vec![1.0; rows.len()],
        };
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut unit_count = 0;
        let mut next = || {
            unit_count += 1;
            unit_count - 1
        };
        let units = rows
            .iter()
            .map(
                |&row| match data.users.as_ref().map(|users| users[row as usize]) {
                    Some(user) if user != MISSING_CODE => {
                        *places.entry(user).or_insert_with(&mut next)
                    }
                    _ => next(),
                },
            )
            .collect();
        let mass: f64 = weights.iter().map(|&w| f64::from(w)).sum();
        let converted: f64 = labels
            .iter()
            .zip(&weights)
            .map(|(&y, &w)| f64::from(y) * f64::from(w))
            .sum();
        let rate = (converted / mass).clamp(EDGE, 1.0 - EDGE);
        let entropy = -(rate * rate.ln() + (1.0 - rate) * (1.0 - rate).ln());
        Self {
            rows,
            labels,
            weights,
            units,
            unit_count,
            margin: MARGIN * entropy,
        }
    }

    /// The figures of a model that gives these probabilities to all rows of the data.
    pub fn figures(&self, probabilities: &[f64]) -> BaselineFigures {
        let own: Vec<f64> = self
            .rows
            .iter()
            .map(|&row| probabilities[row as usize])
            .collect();
        let labels = self.labels.iter().copied();
        let metrics = Metrics::new(&Ranking::new(
            &own,
            labels,
            Some(self.weights.iter().copied()),
        ));
        BaselineFigures {
            loss: metrics.loss,
            auc: metrics.auc,
            accuracy: metrics.accuracy,
        }
    }

    /// Compares two models by a paired bootstrap: units are drawn with all their rows, and the difference
    /// in mean log-loss is taken on what was drawn (Efron & Tibshirani 1993, *An Introduction to the
    /// Bootstrap*, section 13.3, percentile interval). `None` where the host asked to end.
    ///
    /// # Errors
    /// `aborted`.
    pub async fn verdict<H: Host>(
        &self,
        model: &[f64],
        other: &[f64],
        host: &mut Controls<'_, H>,
    ) -> Result<Option<Verdict>, TrainError> {
        let sums = self.sums(model, other);
        let mean = |drawn: (f64, f64)| drawn.0 / drawn.1;
        let add = |a: (f64, f64), b: (f64, f64)| (a.0 + b.0, a.1 + b.1);
        let difference = mean(sums.iter().copied().fold((0.0, 0.0), add));
        let mut random = ChaCha8Rng::seed_from_u64(42);
        let mut drawn: Vec<f64> = Vec::with_capacity(RESAMPLES);
        for _ in 0..RESAMPLES {
            if host.stopped().await? {
                return Ok(None);
            }
            let units =
                (0..sums.len()).map(|_| sums[random.random_range(0..sums.len() as u32) as usize]);
            let difference = mean(units.fold((0.0, 0.0), add));
            if difference.is_finite() {
                drawn.push(difference);
            }
        }
        drawn.sort_unstable_by(f64::total_cmp);
        let quantile = |share: f64| {
            let at = (share * drawn.len() as f64) as usize;
            drawn
                .get(at.min(drawn.len().saturating_sub(1)))
                .copied()
                .unwrap_or(f64::NAN)
        };
        let interval = [quantile(0.025), quantile(0.975)];
        let answer = if interval[0] > 0.0 && difference > self.margin {
            Answer::Yes
        } else if interval[1] < self.margin {
            Answer::No
        } else {
            Answer::Unclear
        };
        Ok(Some(Verdict {
            answer,
            difference,
            interval,
            margin: self.margin,
            against: None,
        }))
    }

    /// Of every unit, the other's summed log-loss less the model's, and its weight.
    fn sums(&self, model: &[f64], other: &[f64]) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0_f64, 0.0_f64); self.unit_count];
        for (at, &row) in self.rows.iter().enumerate() {
            let loss = |probabilities: &[f64]| {
                let p = probabilities[row as usize].clamp(EDGE, 1.0 - EDGE);
                if self.labels[at] > 0.5 {
                    -p.ln()
                } else {
                    -(1.0 - p).ln()
                }
            };
            let weight = f64::from(self.weights[at]);
            let sum = &mut sums[self.units[at]];
            sum.0 += weight * (loss(other) - loss(model));
            sum.1 += weight;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Progress, Quiet, Signal};
    use crate::prepare::Split;
    use std::task::{Context, Poll, Waker};

    /// Runs a future that never waits.
    fn ready<T>(future: impl Future<Output = T>) -> T {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => unreachable!("nothing here waits"),
        }
    }

    /// Rows of weight 1 to 3 in 600 users of 1 to 9 rows, all of outcome 1 but for one, and the probabilities of two
    /// models. What the second loses on a row is 0.02 + an effect of its user + noise.
    fn rows(seed: u64) -> (Dataset, Vec<f64>, Vec<f64>) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut data = Dataset::default();
        let (mut users, mut weights, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for user in 0..600 {
            let effect = random.random_range(-0.2..0.2);
            for _ in 0..random.random_range(1..10) {
                users.push(user);
                weights.push(random.random_range(1..4) as f32);
                let loss: f64 = 0.02 + effect + random.random_range(-0.1..0.1);
                other.push(0.5 * (-loss).exp());
            }
        }
        data.y = vec![1.0; users.len()];
        data.y[0] = 0.0;
        data.split = Split {
            test: (0..users.len() as u32).collect(),
            ..Split::default()
        };
        data.users = Some(users);
        data.weights = Some(weights);
        (data, vec![0.5; other.len()], other)
    }

    /// The standard error of a ratio of sums over units, by linearisation (Cochran 1977, *Sampling Techniques*, equation
    /// 6.13, without the correction for a finite population).
    fn standard_error(sums: &[(f64, f64)]) -> f64 {
        let count = sums.len() as f64;
        let (all, mass) = sums
            .iter()
            .fold((0.0, 0.0), |sum, unit| (sum.0 + unit.0, sum.1 + unit.1));
        let square = |&(sum, weight): &(f64, f64)| (sum - all / mass * weight).powi(2);
        (count / (count - 1.0) * sums.iter().map(square).sum::<f64>()).sqrt() / mass
    }

    fn verdict(data: &Dataset, model: &[f64], other: &[f64]) -> (Verdict, f64) {
        let judge = Judge::new(data, &data.split.test);
        let mut quiet = Quiet::default();
        let mut host = Controls::new(&mut quiet, "run");
        let verdict = ready(judge.verdict(model, other, &mut host));
        let verdict = verdict.expect("nobody cancels").expect("nobody stops");
        (verdict, standard_error(&judge.sums(model, other)))
    }

    #[test]
    fn an_interval_is_as_wide_as_the_standard_error_of_clustered_rows_says() {
        for seed in 1..6 {
            let (mut data, model, other) = rows(seed);
            let width = |verdict: &Verdict| verdict.interval[1] - verdict.interval[0];
            let (by_user, error) = verdict(&data, &model, &other);
            let expected = 2.0 * 1.959_964 * error;
            // The width from a thousand draws has itself a standard error of 3 %.
            let share = width(&by_user) / expected;
            assert!((share - 1.0).abs() < 0.1, "seed {seed}: {share}");
            let middle = (by_user.interval[0] + by_user.interval[1]) / 2.0;
            assert!((middle - by_user.difference).abs() < 0.2 * error);
            // Rows of one user are alike: who takes them for independent is too sure.
            data.users = None;
            let (by_row, error) = verdict(&data, &model, &other);
            let share = width(&by_row) / (2.0 * 1.959_964 * error);
            assert!((share - 1.0).abs() < 0.1, "seed {seed}, rows: {share}");
            assert!(width(&by_user) > 1.5 * width(&by_row), "seed {seed}");
        }
    }

    /// Says one thing from one breath on.
    struct Speaks {
        breaths: usize,
        from: usize,
        signal: Signal,
    }

    impl Host for Speaks {
        fn now(&self) -> f64 {
            0.0
        }

        fn report(&mut self, _: Progress) {}

        async fn breathe(&mut self) -> Signal {
            self.breaths += 1;
            if self.breaths >= self.from {
                self.signal
            } else {
                Signal::Continue
            }
        }
    }

    #[test]
    fn a_stop_and_a_cancel_are_heard_among_the_draws() {
        let (data, model, other) = rows(1);
        let judge = Judge::new(&data, &data.split.test);
        for signal in [Signal::Stop, Signal::Cancel] {
            let mut speaks = Speaks {
                breaths: 0,
                from: 40,
                signal,
            };
            let mut host = Controls::new(&mut speaks, "run");
            let found = ready(judge.verdict(&model, &other, &mut host));
            match signal {
                Signal::Stop => assert_eq!(found.ok(), Some(None)),
                _ => assert!(matches!(found, Err(TrainError::Aborted))),
            }
            assert_eq!(speaks.breaths, 40, "at once");
        }
    }

    #[test]
    fn of_two_verdicts_the_one_that_says_yes_less_firmly_is_known() {
        let verdict = |answer, difference| Verdict {
            answer,
            difference,
            interval: [0.0, 0.0],
            margin: 0.01,
            against: None,
        };
        let firm = [
            verdict(Answer::No, 0.02),
            verdict(Answer::Unclear, 0.015),
            verdict(Answer::Yes, 0.012),
            verdict(Answer::Yes, 0.03),
        ];
        assert!(
            firm.windows(2)
                .all(|pair| pair[0].firmness() < pair[1].firmness())
        );
    }
}
