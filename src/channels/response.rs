//! What spending brings: a saturating response with carry-over, fitted where spending varies.

use super::money::PeriodChannel;
use super::reason::Reason;
use serde::Serialize;

/// Fewer periods can't carry five parameters.
pub const MIN_PERIODS: usize = 16;
/// Spending that varies less, as a part of its mean, shows no response.
const MIN_VARIATION: f64 = 0.1;
/// The response has to beat a flat line by so much of the corrected Akaike criterion.
const CLEARLY: f64 = 2.0;
/// Parts that are held out in turn.
const FOLDS: usize = 4;
const DECAYS: [f64; 6] = [0.0, 0.15, 0.3, 0.5, 0.7, 0.85];
const SLOPES: [f64; 5] = [0.6, 1.0, 1.5, 2.2, 3.0];
/// Times the mean spend.
const HALVES: [f64; 9] = [0.1, 0.2, 0.35, 0.6, 1.0, 1.6, 2.7, 5.0, 10.0];
/// The best starts that are refined.
const STARTS: usize = 6;
/// Points of the curve.
const POINTS: usize = 60;

/// outcome = base + scale · x^slope / (x^slope + half^slope), where x is the adstock of the spend:
/// x(t) = (1 − decay) · spend(t) + decay · x(t − 1), from x = spend(0) on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fit {
    /// Without any spend, per period.
    pub base: f64,
    /// The most that spend can add.
    pub scale: f64,
    /// The steady spend that adds half of it.
    pub half: f64,
    /// Above 1, the response starts slowly.
    pub slope: f64,
    /// What is carried over to the next period.
    pub decay: f64,
    /// Of the periods fitted.
    pub r2: f64,
    /// Corrected Akaike criterion: lower is better.
    pub aicc: f64,
    /// That of a flat line.
    pub aicc_flat: f64,
    /// Of periods that were held out in turn.
    pub held_out_r2: f64,
    /// How many periods.
    pub periods: usize,
}

impl Fit {
    /// What a steady spend per period brings, above the base.
    pub fn lift(&self, spend: f64) -> f64 {
        self.scale * hill(spend, self.half, self.slope)
    }

    /// What one more unit of steady spend brings.
    pub fn marginal(&self, spend: f64) -> f64 {
        let spend = spend.max(self.half * 1e-6);
        let share = hill(spend, self.half, self.slope);
        self.scale * self.slope * share * (1.0 - share) / spend
    }

    /// From here on the response is concave: each unit brings less than the one before.
    pub fn turning_point(&self) -> f64 {
        if self.slope <= 1.0 {
            return 0.0;
        }
        self.half * ((self.slope - 1.0) / (self.slope + 1.0)).powf(1.0 / self.slope)
    }
}

/// One period, as seen and as fitted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponsePoint {
    /// What was spent.
    pub spend: f64,
    /// With what is carried over.
    pub adstock: f64,
    /// What was credited.
    pub outcome: f64,
    /// By the response.
    pub fitted: f64,
}

/// The response to a steady spend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Per period.
    pub spend: f64,
    /// Per period, base and all.
    pub outcome: f64,
    /// What one more unit brings.
    pub marginal: f64,
}

/// A channel's response, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The channel.
    pub name: String,
    /// Whether the data carry one.
    pub available: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// `value` where it is known, else `conversions`.
    pub outcome: &'static str,
    /// The parameters; also where they were refused, to be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The periods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<ResponsePoint>,
    /// Up to twice the highest spend seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<CurvePoint>,
    /// The least and the most that was spent in a period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solid: Option<[f64; 2]>,
    /// Spent per period on average.
    pub mean_spend: f64,
}

/// The response of a channel's credit to its spend, or a coded reason why there is none.
pub(super) fn response(channel: &PeriodChannel) -> Response {
    let (outcome, seen) = match &channel.value {
        Some(value) => ("value", value),
        None => ("conversions", &channel.conversions),
    };
    let spend = &channel.cost;
    let mean = spend.iter().sum::<f64>() / spend.len().max(1) as f64;
    let answer = |reason: Option<Reason>, fit: Option<Fit>| Response {
        name: channel.name.clone(),
        available: reason.is_none(),
        reason,
        outcome,
        points: fit
            .iter()
            .flat_map(|fit| points(fit, spend, seen))
            .collect(),
        curve: fit.iter().flat_map(|fit| curve(fit, spend)).collect(),
        solid: fit.map(|_| {
            let ends = spend.iter().fold((f64::INFINITY, 0.0_f64), |ends, &x| {
                (ends.0.min(x), ends.1.max(x))
            });
            [ends.0, ends.1]
        }),
        fit,
        mean_spend: mean,
    };
    if spend.len() < MIN_PERIODS {
        let message = "There are too few periods to fit a response.";
        let reason = Reason::new("response-too-few-periods", message);
        return answer(
            Some(
                reason
                    .figure("periods", spend.len() as f64)
                    .figure("minimum", MIN_PERIODS as f64),
            ),
            None,
        );
    }
    let variance = spend.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / spend.len() as f64;
    let variation = variance.sqrt() / mean;
    if !variation.is_finite() || variation < MIN_VARIATION {
        let reason = Reason::new(
            "response-no-variation",
            "The spend hardly varies, so its effect can't be seen.",
        );
        return answer(Some(reason.figure("variation", variation)), None);
    }
    let Some(fit) = fit(spend, seen) else {
        let reason = Reason::new(
            "response-not-rising",
            "More spend did not go with more credit in any way.",
        );
        return answer(Some(reason), None);
    };
    if fit.aicc > fit.aicc_flat - CLEARLY || fit.held_out_r2 <= 0.0 {
        let reason = Reason::new(
            "response-explains-nothing",
            "A response explains the periods no better than a flat line.",
        );
        return answer(
            Some(
                reason
                    .figure("r2", fit.r2)
                    .figure("heldOutR2", fit.held_out_r2),
            ),
            Some(fit),
        );
    }
    answer(None, Some(fit))
}

fn hill(x: f64, half: f64, slope: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    1.0 / (1.0 + (half / x).powf(slope))
}

fn adstock(spend: &[f64], decay: f64) -> Vec<f64> {
    let mut carried = spend.first().copied().unwrap_or(0.0);
    let step = |&x: &f64| {
        carried = (1.0 - decay) * x + decay * carried;
        carried
    };
    spend.iter().map(step).collect()
}

/// The parameters that are not linear: decay, half (logarithm), slope (logarithm).
type Shape = [f64; 3];

fn bounded([decay, half, slope]: Shape, mean: f64) -> Shape {
    [
        decay.clamp(0.0, 0.95),
        half.clamp((mean * 0.02).ln(), (mean * 50.0).ln()),
        slope.clamp(0.4_f64.ln(), 4.0_f64.ln()),
    ]
}

/// The best base and scale, both at least 0, for a shape, over the periods that are kept; and the sum of
/// squares that is left.
fn linear(
    spend: &[f64],
    outcome: &[f64],
    shape: Shape,
    kept: &dyn Fn(usize) -> bool,
) -> (f64, f64, f64) {
    let [decay, half, slope] = shape;
    let (half, slope) = (half.exp(), slope.exp());
    let x: Vec<f64> = adstock(spend, decay)
        .into_iter()
        .map(|x| hill(x, half, slope))
        .collect();
    let rows = || (0..x.len()).filter(|&row| kept(row));
    let n = rows().count() as f64;
    let (mean_x, mean_y) = (
        rows().map(|row| x[row]).sum::<f64>() / n,
        rows().map(|row| outcome[row]).sum::<f64>() / n,
    );
    let spread: f64 = rows().map(|row| (x[row] - mean_x).powi(2)).sum();
    let product: f64 = rows()
        .map(|row| (x[row] - mean_x) * (outcome[row] - mean_y))
        .sum();
    let mut scale = if spread > 0.0 {
        (product / spread).max(0.0)
    } else {
        0.0
    };
    let mut base = mean_y - scale * mean_x;
    if base < 0.0 {
        let squares: f64 = rows().map(|row| x[row] * x[row]).sum();
        base = 0.0;
        scale = (rows().map(|row| x[row] * outcome[row]).sum::<f64>() / squares).max(0.0);
    }
    let rest = rows()
        .map(|row| (outcome[row] - base - scale * x[row]).powi(2))
        .sum();
    (base, scale, rest)
}

/// Least squares from many starts: of every shape on a grid the best base and scale are known in closed
/// form (variable projection, Golub and Pereyra 1973); the best shapes are refined by Nelder and Mead's
/// (1965) simplex.
fn best_shape(spend: &[f64], outcome: &[f64], kept: &dyn Fn(usize) -> bool) -> Shape {
    let mean = spend.iter().sum::<f64>() / spend.len() as f64;
    let error = |shape: Shape| linear(spend, outcome, bounded(shape, mean), kept).2;
    let mut starts: Vec<(f64, Shape)> = Vec::new();
    for decay in DECAYS {
        for half in HALVES {
            for slope in SLOPES {
                let shape = [decay, (half * mean).ln(), f64::ln(slope)];
                starts.push((error(shape), shape));
            }
        }
    }
    starts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let refined = starts
        .iter()
        .take(STARTS)
        .map(|&(_, start)| simplex(&error, start));
    let best = refined.min_by(|a, b| a.0.total_cmp(&b.0));
    bounded(best.map_or(starts[0].1, |(_, shape)| shape), mean)
}

fn simplex(error: &dyn Fn(Shape) -> f64, start: Shape) -> (f64, Shape) {
    let mut corners: Vec<(f64, Shape)> = vec![(error(start), start)];
    for place in 0..3 {
        let mut corner = start;
        corner[place] += [0.1, 0.3, 0.2][place];
        corners.push((error(corner), corner));
    }
    for _ in 0..200 {
        corners.sort_by(|a, b| a.0.total_cmp(&b.0));
        if corners[3].0 - corners[0].0 <= 1e-12 * corners[0].0.abs() {
            break;
        }
        let worst = corners[3].1;
        let middle: Shape = std::array::from_fn(|at| {
            corners[..3].iter().map(|corner| corner.1[at]).sum::<f64>() / 3.0
        });
        let along = |step: f64| {
            let shape: Shape =
                std::array::from_fn(|at| middle[at] + step * (worst[at] - middle[at]));
            (error(shape), shape)
        };
        let reflected = along(-1.0);
        if reflected.0 < corners[0].0 {
            let expanded = along(-2.0);
            corners[3] = if expanded.0 < reflected.0 {
                expanded
            } else {
                reflected
            };
        } else if reflected.0 < corners[2].0 {
            corners[3] = reflected;
        } else {
            let contracted = along(if reflected.0 < corners[3].0 {
                -0.5
            } else {
                0.5
            });
            if contracted.0 < corners[3].0.min(reflected.0) {
                corners[3] = contracted;
            } else {
                let best = corners[0].1;
                for corner in &mut corners[1..] {
                    let shape = std::array::from_fn(|at| (corner.1[at] + best[at]) / 2.0);
                    *corner = (error(shape), shape);
                }
            }
        }
    }
    corners.sort_by(|a, b| a.0.total_cmp(&b.0));
    corners[0]
}

/// `None` where no response rises.
fn fit(spend: &[f64], outcome: &[f64]) -> Option<Fit> {
    let n = outcome.len();
    let all = |_: usize| true;
    let shape = best_shape(spend, outcome, &all);
    let (base, scale, rest) = linear(spend, outcome, shape, &all);
    let mean = outcome.iter().sum::<f64>() / n as f64;
    let total: f64 = outcome.iter().map(|y| (y - mean).powi(2)).sum();
    if scale <= 0.0 || total <= 0.0 {
        return None;
    }
    let (mut missed, mut missed_flat) = (0.0, 0.0);
    for fold in 0..FOLDS {
        // Neighbouring periods are alike, so they are held out together.
        let inside = |row: usize| row * FOLDS / n == fold;
        let kept = |row: usize| !inside(row);
        let shape = best_shape(spend, outcome, &kept);
        let (base, scale, _) = linear(spend, outcome, shape, &kept);
        let x = adstock(spend, shape[0]);
        let others: Vec<f64> = (0..n)
            .filter(|&row| kept(row))
            .map(|row| outcome[row])
            .collect();
        let flat = others.iter().sum::<f64>() / others.len() as f64;
        for row in (0..n).filter(|&row| inside(row)) {
            let forecast = base + scale * hill(x[row], shape[1].exp(), shape[2].exp());
            missed += (outcome[row] - forecast).powi(2);
            missed_flat += (outcome[row] - flat).powi(2);
        }
    }
    Some(Fit {
        base,
        scale,
        half: shape[1].exp(),
        slope: shape[2].exp(),
        decay: shape[0],
        r2: 1.0 - rest / total,
        aicc: aicc(rest, n as f64, 6.0),
        aicc_flat: aicc(total, n as f64, 2.0),
        held_out_r2: 1.0 - missed / missed_flat,
        periods: n,
    })
}

/// Akaike's criterion of least squares, corrected for few rows (Hurvich and Tsai 1989): `k` counts the
/// variance too.
fn aicc(rest: f64, n: f64, k: f64) -> f64 {
    n * (rest / n).max(f64::MIN_POSITIVE).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}

fn points(fit: &Fit, spend: &[f64], outcome: &[f64]) -> Vec<ResponsePoint> {
    let rows = adstock(spend, fit.decay)
        .into_iter()
        .zip(spend.iter().zip(outcome));
    rows.map(|(adstock, (&spend, &outcome))| ResponsePoint {
        spend,
        adstock,
        outcome,
        fitted: fit.base + fit.lift(adstock),
    })
    .collect()
}

fn curve(fit: &Fit, spend: &[f64]) -> Vec<CurvePoint> {
    let most = spend.iter().copied().fold(0.0, f64::max) * 2.0;
    let point = |step: usize| {
        let spend = most * step as f64 / POINTS as f64;
        CurvePoint {
            spend,
            outcome: fit.base + fit.lift(spend),
            marginal: fit.marginal(spend),
        }
    };
    (0..=POINTS).map(point).collect()
}
