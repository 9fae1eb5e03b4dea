//! What spending brings: a saturating response with carry-over, fitted where spending varies.

use super::reason::Reason;
use super::response_draws::{Drawn, chance, draws, holm};
use super::response_fit::{Fitted, Series, adstock, fitted, hill};
use crate::attribution::percentile_interval;
use serde::{Deserialize, Serialize};

/// Fewer periods can't carry five parameters; each other channel whose spend moved asks for one more.
pub const MIN_PERIODS: usize = 16;
/// Spending that varies less, as a part of its mean, shows no response.
const MIN_VARIATION: f64 = 0.1;
/// The response has to beat a flat line by so much of the corrected Akaike criterion.
const CLEARLY: f64 = 2.0;
/// A response is told where chance alone would show as much at most so often.
const CHANCE: f64 = 0.05;
/// Points of the curve.
const POINTS: usize = 60;

/// What is held to answer to the spend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResponseOutcome {
    /// All conversions (or all their value) of the period, whoever is credited.
    #[default]
    Total,
    /// The channel's own credit. It rises with the touches that spend buys even where they change nothing.
    Credited,
}

/// outcome = base + scale · x^slope / (x^slope + half^slope), where x is the adstock of the spend:
/// x(t) = (1 − decay) · spend(t) + decay · x(t − 1), from x = spend(0) on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fit {
    /// Without any spend, per period, all else at its mean.
    pub base: f64,
    /// The most that spend can add.
    pub scale: f64,
    /// The steady spend that adds half of it.
    pub half: f64,
    /// Above 1, the response starts slowly.
    pub slope: f64,
    /// What is carried over to the next period.
    pub decay: f64,
    /// Of what the other channels' spend and the trend leave, the part that the response explains.
    pub r2: f64,
    /// Corrected Akaike criterion: lower is better.
    pub aicc: f64,
    /// That of a flat line (with the others' spend and the trend).
    pub aicc_flat: f64,
    /// The same part of periods that were held out in turn.
    pub held_out_r2: f64,
    /// How often chance alone would show as much, allowing for the search over shapes and for the number
    /// of channels.
    pub p: f64,
    /// Other channels whose spend is allowed for, and the trend.
    pub controls: usize,
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
    /// What was counted.
    pub outcome: f64,
    /// By the response, all else at its mean.
    pub fitted: f64,
}

/// The response to a steady spend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Per period.
    pub spend: f64,
    /// Per period, base and all.
    pub outcome: f64,
    /// By the drawn periods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
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
    /// Whose: of all channels together, or this one's credit.
    pub of: ResponseOutcome,
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
    /// What one more unit of steady spend brings at that mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marginal: Option<f64>,
    /// By the drawn periods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marginal_interval: Option<[f64; 2]>,
    /// Of the intervals.
    #[serde(skip)]
    pub(super) confidence: f64,
    /// The same fitted to drawn periods.
    #[serde(skip)]
    pub(super) draws: Vec<Drawn>,
}

/// What a channel spent and what is held to answer to it, over whole periods.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) name: &'a str,
    pub(super) spend: &'a [f64],
    pub(super) outcome: &'a [f64],
}

/// How all channels of a comparison are asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    /// `value` or `conversions`.
    pub(super) outcome: &'static str,
    pub(super) of: ResponseOutcome,
    pub(super) confidence: f64,
    pub(super) seed: u64,
}

/// The response of every channel's outcome to its spend, or a coded reason why there is none. Where all
/// channels answer for the same total, each one's fit allows for the spend of the others; all allow for a
/// linear trend.
pub(super) fn responses(channels: &[Asked], asking: Asking) -> Vec<Response> {
    let periods = channels.first().map_or(0, |channel| channel.spend.len());
    let trend: Vec<f64> = (0..periods).map(|period| period as f64).collect();
    let series = |place: usize| {
        let others = channels
            .iter()
            .enumerate()
            .filter(|&(other, _)| other != place && asking.of == ResponseOutcome::Total)
            .map(|(_, other)| other.spend)
            .filter(|spend| variation(spend) >= MIN_VARIATION);
        Series {
            spend: channels[place].spend,
            outcome: channels[place].outcome,
            controls: std::iter::once(trend.as_slice()).chain(others).collect(),
        }
    };
    let found: Vec<Result<Fitted, Reason>> = (0..channels.len())
        .map(|place| possible(&series(place)))
        .collect();
    let chances: Vec<Option<f64>> = found
        .iter()
        .enumerate()
        .map(|(place, found)| {
            let fitted = found.as_ref().ok()?;
            Some(chance(&series(place), asking.seed)).filter(|_| fitted.scale > 0.0)
        })
        .collect();
    let adjusted = holm(&chances);
    let told = channels.iter().zip(found).enumerate();
    told.map(|(place, (channel, found))| match found {
        Err(reason) => answer(channel, asking, Some(reason), None, Vec::new()),
        Ok(fitted) => {
            let series = series(place);
            let fit = fit_of(&series, &fitted, adjusted[place].unwrap_or(1.0));
            let reason = refusal(&fit);
            let drawn = draws(&series, &fitted, asking.seed);
            answer(channel, asking, reason, Some(fit), drawn)
        }
    })
    .collect()
}

/// A fit, or why none can be tried.
fn possible(series: &Series) -> Result<Fitted, Reason> {
    let (periods, minimum) = (
        series.spend.len(),
        MIN_PERIODS + series.controls.len().saturating_sub(1),
    );
    if periods < minimum {
        let message = "There are too few periods to fit a response.";
        let reason = Reason::new("response-too-few-periods", message);
        return Err(reason
            .figure("periods", periods as f64)
            .figure("minimum", minimum as f64));
    }
    let variation = variation(series.spend);
    if variation < MIN_VARIATION {
        let reason = Reason::new(
            "response-no-variation",
            "The spend hardly varies, so its effect can't be seen.",
        );
        return Err(reason.figure("variation", variation));
    }
    fitted(series).ok_or_else(|| {
        Reason::new(
            "response-not-rising",
            "More spend did not go with a higher outcome in any way.",
        )
    })
}

/// The standard deviation as a part of the mean.
fn variation(spend: &[f64]) -> f64 {
    let mean = spend.iter().sum::<f64>() / spend.len().max(1) as f64;
    let variance = spend.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / spend.len() as f64;
    let variation = variance.sqrt() / mean;
    if variation.is_finite() {
        variation
    } else {
        0.0
    }
}

fn refusal(fit: &Fit) -> Option<Reason> {
    if fit.aicc > fit.aicc_flat - CLEARLY || fit.held_out_r2 <= 0.0 {
        let reason = Reason::new(
            "response-explains-nothing",
            "A response explains the periods no better than a flat line.",
        );
        return Some(
            reason
                .figure("r2", fit.r2)
                .figure("heldOutR2", fit.held_out_r2),
        );
    }
    if fit.p > CHANCE {
        let message = "Spend that does nothing would show as much of a response too often.";
        let reason = Reason::new("response-may-be-chance", message);
        return Some(
            reason
                .figure("chanceShare", fit.p)
                .figure("heldOutR2", fit.held_out_r2),
        );
    }
    None
}

fn fit_of(series: &Series, fitted: &Fitted, p: f64) -> Fit {
    let (n, controls) = (series.spend.len(), series.controls.len());
    let parameters = controls as f64;
    Fit {
        base: fitted.base,
        scale: fitted.scale,
        half: fitted.shape[1].exp(),
        slope: fitted.shape[2].exp(),
        decay: fitted.shape[0],
        r2: 1.0 - fitted.rest / fitted.rest_without,
        aicc: aicc(fitted.rest, n as f64, 6.0 + parameters),
        aicc_flat: aicc(fitted.rest_without, n as f64, 2.0 + parameters),
        held_out_r2: fitted.held_out_r2,
        p,
        controls,
        periods: n,
    }
}

fn answer(
    channel: &Asked,
    asking: Asking,
    reason: Option<Reason>,
    fit: Option<Fit>,
    draws: Vec<Drawn>,
) -> Response {
    let spend = channel.spend;
    let mean = spend.iter().sum::<f64>() / spend.len().max(1) as f64;
    let interval = |figure: &dyn Fn(Fit) -> f64| {
        let values = draws.iter().map(|draw| figure(of_draw(draw)));
        percentile_interval(values.collect(), asking.confidence)
    };
    Response {
        name: channel.name.to_owned(),
        available: reason.is_none(),
        reason,
        outcome: asking.outcome,
        of: asking.of,
        points: fit
            .iter()
            .flat_map(|fit| points(fit, spend, channel.outcome))
            .collect(),
        curve: fit
            .iter()
            .flat_map(|fit| curve(fit, spend, &interval))
            .collect(),
        solid: fit.map(|_| {
            let ends = spend.iter().fold((f64::INFINITY, 0.0_f64), |ends, &x| {
                (ends.0.min(x), ends.1.max(x))
            });
            [ends.0, ends.1]
        }),
        marginal: fit.map(|fit| fit.marginal(mean)),
        marginal_interval: fit.and_then(|_| interval(&|fit| fit.marginal(mean))),
        fit,
        mean_spend: mean,
        confidence: asking.confidence,
        draws,
    }
}

/// A draw as a fit, of which only the curve means something.
fn of_draw(draw: &Drawn) -> Fit {
    Fit {
        base: draw.base,
        scale: draw.scale,
        half: draw.shape[1].exp(),
        slope: draw.shape[2].exp(),
        decay: draw.shape[0],
        r2: f64::NAN,
        aicc: f64::NAN,
        aicc_flat: f64::NAN,
        held_out_r2: f64::NAN,
        p: f64::NAN,
        controls: 0,
        periods: 0,
    }
}

impl Response {
    /// The curves of the drawn periods.
    pub(super) fn drawn(&self) -> impl Iterator<Item = Fit> + '_ {
        self.draws.iter().map(of_draw)
    }
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

/// The interval of a figure of the fit, over the fits that were drawn.
type IntervalOf<'a> = dyn Fn(&dyn Fn(Fit) -> f64) -> Option<[f64; 2]> + 'a;

fn curve(fit: &Fit, spend: &[f64], interval: &IntervalOf<'_>) -> Vec<CurvePoint> {
    let most = spend.iter().copied().fold(0.0, f64::max) * 2.0;
    let point = |step: usize| {
        let spend = most * step as f64 / POINTS as f64;
        CurvePoint {
            spend,
            outcome: fit.base + fit.lift(spend),
            interval: interval(&|fit| fit.base + fit.lift(spend)),
            marginal: fit.marginal(spend),
        }
    };
    (0..=POINTS).map(point).collect()
}
