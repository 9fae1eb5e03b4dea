//! The credit from start to end, in steps that leave room for others.

use super::bootstrap::Bootstrap;
use super::boxes::Boxes;
use super::findings::{findings, warnings};
use super::journeys::Journeys;
use super::measure::{Measured, Measurer};
use super::options::{AttributionError, AttributionOptions, MarkovOrder, Method, Settings};
use super::order::{self, OrderScore};
use super::removal::Removal;
use super::report::{Attribution, MarkovReport, Totals, markov_report, method_credit};
use crate::error::Warning;
use crate::job::{Host, Progress, Signal};
use crate::prepare::paths::Paths;

/// How far off the removal effects may be.
const TOLERANCE: f64 = 1e-12;
/// An error that a person should know about.
const INEXACT: f64 = 1e-6;
/// Additions and products that all resamples together may take: some ten seconds.
const BUDGET: u64 = 15_000_000_000;
/// The part of them that solving Markov chains may take.
const SOLVE_BUDGET: u64 = 6_000_000_000;
/// Numbers that all resamples together may keep.
const KEPT: usize = 1 << 24;
/// The part of the work after which there is something to report.
const REPORT: f64 = 0.01;
/// Fewer resamples than this tell nothing about an interval.
const LEAST: usize = 25;

/// The credit while it is worked out: the estimates are there at once, the resamples come by
/// [`Crediting::step`].
#[derive(Debug)]
pub struct Crediting {
    settings: Settings,
    measurer: Measurer,
    measured: Measured,
    markov: Option<MarkovReport>,
    value_removal: Option<Removal>,
    bootstrap: Bootstrap,
    by_user: bool,
    warnings: Vec<Warning>,
}

impl Crediting {
    /// Checks everything, works out every estimate and sets up the resampling.
    ///
    /// # Errors
    /// [`AttributionError`], where an option or the paths are wrong or nothing converted.
    pub fn new(paths: &Paths, options: &AttributionOptions) -> Result<Self, AttributionError> {
        Self::by_user(paths, None, options)
    }

    /// As [`Crediting::new`]; where `users` says whose each path is ([`MISSING_CODE`]: nobody else's), a
    /// resample draws users with all of their paths, instead of journeys one by one.
    ///
    /// # Errors
    /// As [`Crediting::new`].
    ///
    /// [`MISSING_CODE`]: crate::table::MISSING_CODE
    pub fn by_user(
        paths: &Paths,
        users: Option<&[u32]>,
        options: &AttributionOptions,
    ) -> Result<Self, AttributionError> {
        let settings = options.check()?;
        paths.check()?;
        let users = users.filter(|users| users.len() == paths.len());
        let (journeys, placed) = Journeys::new(paths);
        if journeys.observed.conversions.iter().sum::<f64>() <= 0.0 {
            return Err(AttributionError::NoConversions);
        }
        let mut warnings = warnings(&journeys, &settings.methods);
        let (order, orders) = choose(&journeys, &settings);
        let mut measurer = Measurer::new(paths, journeys, &settings, order);
        let measured = measurer.observed(TOLERANCE);
        let valued = measurer.valued();
        let value_removal = valued.then(|| measurer.value_removal(TOLERANCE)).flatten();
        let removal = measured.removal.as_ref();
        let markov = removal
            .and_then(|removal| markov_report(&measurer, removal, value_removal.as_ref(), orders));
        warnings.extend(
            markov
                .as_ref()
                .and_then(|markov| inexact(markov.error_bound)),
        );
        let kept = 2 * measurer.journeys.channels() * measurer.methods.len();
        let work = removal.map_or(0, |removal| removal.work.max(1));
        let boxes = match users {
            Some(users) => Boxes::of_users(paths, &placed, users),
            None => Boxes::of_journeys(&measurer.journeys),
        };
        let cost = measurer.cost() + boxes.cost();
        let (wanted, solved) = affordable(settings.resamples, cost, kept, work);
        warnings.extend(fewer(
            "fewer-resamples",
            "of all methods",
            wanted,
            settings.resamples,
        ));
        if removal.is_some() && solved < wanted {
            warnings.extend(fewer(
                "fewer-markov-resamples",
                "of the Markov chain",
                solved,
                wanted,
            ));
        }
        Ok(Self {
            bootstrap: Bootstrap::new(boxes, &measurer, settings.seed, wanted, solved),
            by_user: users.is_some(),
            settings,
            measurer,
            measured,
            markov,
            value_removal,
            warnings,
        })
    }

    /// Draws one more resample. Answers whether there are more to come.
    pub fn step(&mut self) -> bool {
        if self.bootstrap.done < self.bootstrap.wanted {
            self.bootstrap.step(&mut self.measurer);
        }
        self.bootstrap.done < self.bootstrap.wanted
    }

    /// How much of the resampling is done, 0 to 1.
    pub fn fraction(&self) -> f64 {
        self.bootstrap.done as f64 / self.bootstrap.wanted.max(1) as f64
    }

    /// The credit with intervals from the resamples drawn so far.
    pub fn finish(mut self) -> Attribution {
        let drawn = std::mem::take(&mut self.bootstrap.samples);
        let (journeys, measured) = (&self.measurer.journeys, &self.measured);
        let methods = self.measurer.methods.iter().zip(&measured.credits);
        let mut credit = Vec::new();
        for ((&method, own), samples) in methods.zip(drawn) {
            let Some(own) = own else { continue };
            let mut given = method_credit(
                &self.measurer,
                (method, own),
                Some(samples).filter(|samples| samples.len() > 0),
                self.settings.confidence,
            );
            if method == Method::Markov
                && let Some(removal) = &self.value_removal
            {
                let total: f64 = removal.effects.iter().sum();
                for (channel, effect) in given.channels.iter_mut().zip(&removal.effects) {
                    channel.value_by_removal =
                        (total != 0.0).then(|| effect / total * measured.value);
                }
            }
            credit.push(given);
        }
        Attribution {
            confidence: self.settings.confidence,
            seed: self.settings.seed,
            resampled: if self.by_user { "users" } else { "journeys" },
            totals: Totals {
                journeys: journeys.total(),
                conversions: measured.conversions,
                value: self.measurer.valued().then_some(measured.value),
                sequences: journeys.len(),
            },
            findings: findings(&credit),
            credit,
            markov: self.markov,
            warnings: self.warnings,
        }
    }
}

/// Gives credit for the conversions of the paths by every chosen method, with intervals.
///
/// The result depends neither on the order of the paths nor on that of the channels, and is the same
/// for the same seed on every machine (but for the last digit of time decay's powers of two).
///
/// # Errors
/// As [`Crediting::new`].
pub fn attribute(
    paths: &Paths,
    options: &AttributionOptions,
) -> Result<Attribution, AttributionError> {
    let mut crediting = Crediting::new(paths, options)?;
    while crediting.step() {}
    Ok(crediting.finish())
}

/// As [`Crediting::by_user`] to the end, reporting to a host and asking it how to go on between resamples.
/// Stopped, it answers with the resamples drawn so far.
///
/// # Errors
/// As [`Crediting::new`]; [`AttributionError::Aborted`] where the host cancels.
pub async fn attribute_on<H: Host>(
    paths: &Paths,
    users: Option<&[u32]>,
    options: &AttributionOptions,
    host: &mut H,
) -> Result<Attribution, AttributionError> {
    let mut crediting = Crediting::by_user(paths, users, options)?;
    let (start, mut told) = (host.now(), 0.0);
    loop {
        match host.breathe().await {
            Signal::Continue => {}
            Signal::Stop => break,
            Signal::Cancel => return Err(AttributionError::Aborted),
        }
        let more = crediting.step();
        let fraction = crediting.fraction();
        if fraction >= told + REPORT || !more {
            told = fraction;
            let spent = (host.now() - start) / 1e3;
            host.report(Progress {
                phase: "compare",
                fraction,
                eta_seconds: (fraction > 0.0).then(|| spent * (1.0 - fraction) / fraction),
                ..Progress::default()
            });
        }
        if !more {
            break;
        }
    }
    Ok(crediting.finish())
}

/// The order of the chain, and the scores where it was chosen.
fn choose(journeys: &Journeys, settings: &Settings) -> (usize, Option<Vec<OrderScore>>) {
    match settings.markov_order {
        MarkovOrder::Fixed(order) => (order, None),
        MarkovOrder::Auto if settings.methods.contains(&Method::Markov) => {
            let scores = order::scores(journeys, settings.seed);
            (order::best(&scores), Some(scores))
        }
        MarkovOrder::Auto => (1, None),
    }
}

/// How many of the resamples asked for can be drawn, and for how many of them the chain can be solved,
/// if each costs so much, keeps so many numbers and takes so much work to solve (0 for no chain).
fn affordable(asked: usize, cost: u64, kept: usize, work: u64) -> (usize, usize) {
    let enough = |count: u64| {
        let count = count.min(asked as u64) as usize;
        if count < LEAST.min(asked) { 0 } else { count }
    };
    let wanted = enough((BUDGET / cost.max(1)).min((KEPT / kept.max(1)) as u64));
    let solved = enough(SOLVE_BUDGET.checked_div(work).unwrap_or(0));
    (wanted, solved.min(wanted))
}

fn fewer(code: &str, whose: &str, drawn: usize, asked: usize) -> Option<Warning> {
    let message = match drawn {
        0 => format!("The data are too large for intervals {whose}."),
        _ => {
            format!("The intervals {whose} rest on {drawn} resamples instead of {asked}, for time.")
        }
    };
    let warning = Warning::new(code, message).figure("resamples", drawn as f64);
    (drawn < asked).then(|| warning.figure("asked", asked as f64))
}

fn inexact(bound: f64) -> Option<Warning> {
    let message =
        format!("The Markov chain mixes so slowly that removal effects may be off by {bound:.1e}.");
    (bound > INEXACT).then(|| Warning::new("markov-inexact", message).figure("bound", bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resamples_are_cut_to_what_can_be_afforded() {
        assert_eq!(affordable(500, 100_000, 200, 4_000), (500, 500));
        assert_eq!(affordable(500, 100_000, 200, 60_000_000), (500, 100));
        assert_eq!(affordable(500, 100_000, 200, 1_000_000_000), (500, 0));
        assert_eq!(affordable(500, 60_000_000, 200, 0), (250, 0));
        assert_eq!(affordable(20_000, 1, 32_000, 1).0, KEPT / 32_000);
        assert_eq!(affordable(0, 1, 1, 1), (0, 0));
        assert_eq!(affordable(10, 1, 1, 1), (10, 10));
        let codes =
            |drawn| fewer("few", "of all methods", drawn, 500).map(|warning| warning.message);
        assert_eq!(codes(500), None);
        assert!(codes(0).is_some_and(|text| text.contains("too large")));
        assert!(codes(99).is_some_and(|text| text.contains("99 resamples instead of 500")));
        assert!(inexact(1e-9).is_none() && inexact(1e-3).is_some());
    }
}
