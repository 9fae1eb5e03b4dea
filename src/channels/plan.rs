//! Where the next budget does most, if the fitted responses hold.

use super::reason::Reason;
use super::response::{Fit, Response, ResponseOutcome};
use crate::attribution::percentile_interval;
use crate::error::{Coded, Warning};
use serde::{Deserialize, Serialize};

/// Without bounds, a channel's spend may move so far from its mean.
const REACH: [f64; 2] = [0.5, 1.5];
/// Steps of the budget in the search over responses that are not concave.
const STEPS: usize = 400;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// The most for a fixed spend per period.
    Budget,
    /// Every unit of money that still brings so much.
    Return,
}

/// How little and how much a channel may get per period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bound {
    /// The channel.
    pub channel: String,
    /// At least; half of the mean spend where left out.
    pub min: Option<f64>,
    /// At most; one and a half of the mean spend where left out.
    pub max: Option<f64>,
}

/// The options of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanOptions {
    /// What is looked for.
    pub goal: Goal,
    /// Spend per period over all channels with a response; what is spent now where left out.
    pub budget: Option<f64>,
    /// What the last unit of money has to bring; 1 where left out.
    pub target_return: Option<f64>,
    /// Where the channels may move.
    #[serde(default)]
    pub bounds: Vec<Bound>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            goal: Goal::Budget,
            budget: None,
            target_return: None,
            bounds: Vec::new(),
        }
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// No channel has a response.
    #[error("No channel has a response to its spend, so there is nothing to plan with.")]
    NoResponse,
    /// A number is out of its range.
    #[error("The option {0} has to be a number of at least 0.")]
    OutOfRange(&'static str),
    /// A lower bound is above the upper one.
    #[error("A lower bound is above the upper one.")]
    Bounds {
        /// Whose.
        channel: String,
    },
}

impl Coded for PlanError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoResponse => "plan-no-response",
            Self::OutOfRange(_) => "invalid-option",
            Self::Bounds { .. } => "plan-bad-bounds",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Bounds { channel } => Some(channel.clone()),
            _ => None,
        }
    }
}

/// A channel's place in the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedChannel {
    /// The channel.
    pub name: String,
    /// Spent per period so far, on average.
    pub now: f64,
    /// To be spent per period.
    pub spend: f64,
    /// At least.
    pub min: f64,
    /// At most.
    pub max: f64,
    /// Whether a bound holds it: `min` or `max`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_bound: Option<&'static str>,
    /// What the present spend brings, steadily; above no spend, where all channels answer for one total.
    pub outcome_now: f64,
    /// What the planned spend would bring.
    pub outcome: f64,
    /// By how much that is more, by the drawn periods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_interval: Option<[f64; 2]>,
    /// What one more unit of money would bring.
    pub marginal: f64,
    /// Whether the plan leaves the range of spend that was seen.
    pub beyond_seen: bool,
}

/// The best steady spend per period under the fitted responses.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BudgetPlan {
    /// What was looked for.
    pub goal: Goal,
    /// What is counted: `conversions` or `value`.
    pub outcome: &'static str,
    /// Whether the bounds leave room for it.
    pub feasible: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What the last unit of money brings.
    pub marginal: f64,
    /// Those with a response.
    pub channels: Vec<PlannedChannel>,
    /// Spent per period so far, by these channels.
    pub spend_now: f64,
    /// To be spent.
    pub spend: f64,
    /// What is brought so far.
    pub outcome_now: f64,
    /// What would be.
    pub outcome_planned: f64,
    /// By how much that is more, by the drawn periods: of this plan, not of the best one of each draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_interval: Option<[f64; 2]>,
    /// What to beware of.
    pub warnings: Vec<Warning>,
}

/// A channel that takes part.
struct Player<'a> {
    response: &'a Response,
    fit: Fit,
    low: f64,
    high: f64,
}

impl Player<'_> {
    /// The spend within bounds at which the lift less `price` times the spend is highest: the highest
    /// point of the concave part, or the lower bound.
    fn best_at(&self, price: f64) -> f64 {
        let gain = |spend: f64| self.fit.lift(spend) - price * spend;
        let start = self.fit.turning_point().clamp(self.low, self.high);
        let (mut low, mut high) = (start, self.high);
        for _ in 0..80 {
            let middle = (low + high) / 2.0;
            if self.fit.marginal(middle) > price {
                low = middle;
            } else {
                high = middle;
            }
        }
        let top = (low + high) / 2.0;
        let candidates = [top, self.high, self.low];
        candidates
            .into_iter()
            .max_by(|a, b| gain(*a).total_cmp(&gain(*b)))
            .unwrap_or(top)
    }

    fn concave(&self) -> bool {
        self.low >= self.fit.turning_point()
    }
}

/// The best plan under the responses of a comparison.
///
/// For a fixed budget the marginal returns of all channels that no bound holds are equal (Lagrange); the
/// common return is found by bisection. Where a response is not concave within its bounds, the budget is
/// shared out in [`STEPS`] steps by dynamic programming, which is best whatever the shape, and refined.
///
/// # Errors
/// [`PlanError`].
pub fn plan(responses: &[Response], options: &PlanOptions) -> Result<BudgetPlan, PlanError> {
    let players = players(responses, options)?;
    let now: f64 = players
        .iter()
        .map(|player| player.response.mean_spend)
        .sum();
    let number = |value: Option<f64>, name, default: f64| match value {
        Some(value) if !value.is_finite() || value < 0.0 => Err(PlanError::OutOfRange(name)),
        value => Ok(value.unwrap_or(default)),
    };
    let budget = number(options.budget, "budget", now)?;
    let price = number(options.target_return, "targetReturn", 1.0)?;
    let (least, most) = players.iter().fold((0.0, 0.0), |sum, player| {
        (sum.0 + player.low, sum.1 + player.high)
    });
    let slack = 1e-9 * most.max(1.0);
    let (spends, reason) = match options.goal {
        Goal::Return => (
            players.iter().map(|player| player.best_at(price)).collect(),
            None,
        ),
        Goal::Budget if budget < least - slack || budget > most + slack => {
            let message = "The bounds don't leave room for this budget.";
            let reason = Reason::new("plan-out-of-bounds", message);
            let reason = reason
                .figure("budget", budget)
                .figure("least", least)
                .figure("most", most);
            let end = |player: &Player| {
                if budget < least {
                    player.low
                } else {
                    player.high
                }
            };
            (players.iter().map(end).collect::<Vec<f64>>(), Some(reason))
        }
        Goal::Budget => (share_out(&players, budget), None),
    };
    Ok(tell(options.goal, &players, &spends, reason, responses))
}

fn players<'a>(
    responses: &'a [Response],
    options: &PlanOptions,
) -> Result<Vec<Player<'a>>, PlanError> {
    let mut players = Vec::new();
    for response in responses.iter().filter(|response| response.available) {
        let Some(fit) = response.fit else { continue };
        let bound = options
            .bounds
            .iter()
            .find(|bound| bound.channel == response.name);
        let end = |given: Option<f64>, reach: f64| given.unwrap_or(reach * response.mean_spend);
        let (low, high) = (
            end(bound.and_then(|bound| bound.min), REACH[0]),
            end(bound.and_then(|bound| bound.max), REACH[1]),
        );
        if !(low >= 0.0 && high.is_finite()) {
            return Err(PlanError::OutOfRange("bounds"));
        }
        if low > high {
            return Err(PlanError::Bounds {
                channel: response.name.clone(),
            });
        }
        players.push(Player {
            response,
            fit,
            low,
            high,
        });
    }
    if players.is_empty() {
        Err(PlanError::NoResponse)
    } else {
        Ok(players)
    }
}

fn share_out(players: &[Player], budget: f64) -> Vec<f64> {
    if players.iter().all(Player::concave) {
        return equalise(players, budget);
    }
    let mut spends = by_steps(players, budget);
    refine(players, &mut spends);
    spends
}

/// Bisection on the common marginal return.
fn equalise(players: &[Player], budget: f64) -> Vec<f64> {
    let at = |price: f64| {
        players
            .iter()
            .map(|player| player.best_at(price))
            .collect::<Vec<f64>>()
    };
    let steepest = players
        .iter()
        .map(|player| player.fit.marginal(player.low.max(1e-9 * player.high)));
    let (mut cheap, mut dear) = (0.0, steepest.fold(0.0, f64::max) * 2.0 + 1e-12);
    for _ in 0..200 {
        let price = (cheap + dear) / 2.0;
        if at(price).iter().sum::<f64>() > budget {
            cheap = price;
        } else {
            dear = price;
        }
    }
    let mut spends = at(dear);
    // What rounding left over goes to whoever is free to take it.
    let mut rest = budget - spends.iter().sum::<f64>();
    for (spend, player) in spends.iter_mut().zip(players) {
        let step = rest.clamp(player.low - *spend, player.high - *spend);
        *spend += step;
        rest -= step;
    }
    spends
}

/// Dynamic programming: the best lift of the first channels for every number of steps of budget.
fn by_steps(players: &[Player], budget: f64) -> Vec<f64> {
    let least: f64 = players.iter().map(|player| player.low).sum();
    let step = (budget - least) / STEPS as f64;
    let taken = |player: &Player, steps: usize| (player.low + steps as f64 * step).min(player.high);
    let mut best = vec![f64::NEG_INFINITY; STEPS + 1];
    best[0] = 0.0;
    let mut choices: Vec<Vec<usize>> = Vec::new();
    for player in players {
        let lifts: Vec<f64> = (0..=STEPS)
            .map(|steps| player.fit.lift(taken(player, steps)))
            .collect();
        let room = if step > 0.0 {
            ((player.high - player.low) / step).ceil() as usize
        } else {
            0
        };
        let mut next = vec![f64::NEG_INFINITY; STEPS + 1];
        let mut choice = vec![0; STEPS + 1];
        for all in 0..=STEPS {
            for own in 0..=room.min(all) {
                let lift = best[all - own] + lifts[own];
                if lift > next[all] {
                    (next[all], choice[all]) = (lift, own);
                }
            }
        }
        best = next;
        choices.push(choice);
    }
    // Rounding up the room may strand part of the last step; as many steps as could be placed are used.
    let mut left = (0..=STEPS)
        .rev()
        .find(|&all| best[all].is_finite())
        .unwrap_or(0);
    let mut spends: Vec<f64> = players.iter().map(|player| player.low).collect();
    for (place, player) in players.iter().enumerate().rev() {
        let own = choices[place][left];
        spends[place] = taken(player, own);
        left -= own;
    }
    let mut rest = budget - spends.iter().sum::<f64>();
    for (spend, player) in spends.iter_mut().zip(players) {
        let step = rest.clamp(player.low - *spend, player.high - *spend);
        *spend += step;
        rest -= step;
    }
    spends
}

/// Moves money between pairs of channels while that helps, by ever smaller amounts.
fn refine(players: &[Player], spends: &mut [f64]) {
    let mut amount = spends.iter().sum::<f64>() / STEPS as f64;
    for _ in 0..40 {
        let mut moved = false;
        for from in 0..players.len() {
            for to in 0..players.len() {
                let most = (spends[from] - players[from].low).min(players[to].high - spends[to]);
                let step = amount.min(most);
                if from == to || step <= 0.0 {
                    continue;
                }
                let gain =
                    players[to].fit.lift(spends[to] + step) - players[to].fit.lift(spends[to]);
                let loss = players[from].fit.lift(spends[from])
                    - players[from].fit.lift(spends[from] - step);
                if gain > loss {
                    spends[from] -= step;
                    spends[to] += step;
                    moved = true;
                }
            }
        }
        if !moved {
            amount /= 2.0;
        }
    }
}

/// What moving a channel from its present spend to another changes, draw by draw.
fn changes(player: &Player, spend: f64) -> Vec<f64> {
    let now = player.response.mean_spend;
    let drawn = player.response.drawn();
    drawn.map(|fit| fit.lift(spend) - fit.lift(now)).collect()
}

/// The same of all channels, which share their draws.
fn together(players: &[Player], spends: &[f64]) -> Vec<f64> {
    let mut all: Vec<f64> = Vec::new();
    for (place, (player, &spend)) in players.iter().zip(spends).enumerate() {
        let own = changes(player, spend);
        if place == 0 {
            all = own;
        } else {
            all.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        }
    }
    all
}

fn tell(
    goal: Goal,
    players: &[Player],
    spends: &[f64],
    reason: Option<Reason>,
    responses: &[Response],
) -> BudgetPlan {
    let confidence = players
        .first()
        .map_or(0.95, |player| player.response.confidence);
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * (1.0 + b.abs());
    let channel = |(player, &spend): (&Player, &f64)| {
        let seen = player.response.solid.unwrap_or([0.0, 0.0]);
        let base = match player.response.of {
            ResponseOutcome::Total => 0.0,
            ResponseOutcome::Credited => player.fit.base,
        };
        let steady = |spend: f64| base + player.fit.lift(spend);
        PlannedChannel {
            name: player.response.name.clone(),
            now: player.response.mean_spend,
            spend,
            min: player.low,
            max: player.high,
            at_bound: match () {
                () if near(spend, player.low) => Some("min"),
                () if near(spend, player.high) => Some("max"),
                () => None,
            },
            outcome_now: steady(player.response.mean_spend),
            outcome: steady(spend),
            change_interval: percentile_interval(
                changes(player, spend),
                player.response.confidence,
            ),
            marginal: player.fit.marginal(spend),
            beyond_seen: spend < seen[0] - 1e-9 || spend > seen[1] + 1e-9,
        }
    };
    let channels: Vec<PlannedChannel> = players.iter().zip(spends).map(channel).collect();
    let sum = |figure: fn(&PlannedChannel) -> f64| channels.iter().map(figure).sum::<f64>();
    let free: Vec<f64> = channels
        .iter()
        .filter(|channel| channel.at_bound.is_none())
        .map(|channel| channel.marginal)
        .collect();
    let marginal = match free.len() {
        0 => channels
            .iter()
            .map(|channel| channel.marginal)
            .fold(0.0, f64::max),
        n => free.iter().sum::<f64>() / n as f64,
    };
    let mut warnings = Vec::new();
    let beyond = channels
        .iter()
        .filter(|channel| channel.beyond_seen)
        .count();
    if beyond > 0 {
        let message =
            "The plan leaves the range of spend that was seen: there the response is a guess.";
        warnings.push(Warning::new("plan-beyond-seen", message).figure("channels", beyond as f64));
    }
    let silent = responses
        .iter()
        .filter(|response| !response.available)
        .count();
    if silent > 0 {
        let message =
            "Channels without a response stay out of the plan; their spend is left as it is.";
        warnings.push(Warning::new("plan-left-out", message).figure("channels", silent as f64));
    }
    BudgetPlan {
        goal,
        outcome: players
            .first()
            .map_or("conversions", |player| player.response.outcome),
        feasible: reason.is_none(),
        reason,
        marginal,
        spend_now: sum(|channel| channel.now),
        spend: sum(|channel| channel.spend),
        outcome_now: sum(|channel| channel.outcome_now),
        outcome_planned: sum(|channel| channel.outcome),
        change_interval: percentile_interval(together(players, spends), confidence),
        channels,
        warnings,
    }
}
