//! What can be said of the channels, and how surely.

use super::comparison::ChannelModel;
use super::effects::{ChannelEffect, Verdict};
use super::rates::ChannelRate;
use super::view::{View, adjusted_view, raw_view};
use serde::Serialize;
use std::collections::BTreeMap;

/// A channel with fewer rows that converted, or fewer that didn't, is not judged: below about ten
/// events the Wald intervals of a logistic model can't be relied on (Peduzzi et al. 1996, "A simulation
/// study of the number of events per variable in logistic regression analysis").
pub const MIN_EVENTS: f64 = 10.0;

/// Something that can be said of some channels. The page words it from `code`, `channels` and
/// `figures`; `message` is English.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// A stable kebab-case name. `-adjusted` means by the model, `-raw` by the plain rates.
    pub code: &'static str,
    /// The channels it is about; the first is its subject.
    pub channels: Vec<String>,
    /// The methods it is about, where it is about credit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<&'static str>,
    /// The figures of the message by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<&'static str, f64>,
    /// Plain English.
    pub message: String,
}

/// What can be said: the answer (which channel converts best) first; then where plain rates mislead;
/// then who stands above and below the mean channel; who can't be told apart; who is too small.
///
/// By the model where there is one, else by the plain rates. Whether two channels differ is tested for
/// all pairs of judged channels at once ([`super::pairwise`]).
pub(super) fn findings(
    rates: &[ChannelRate],
    model: Option<&ChannelModel>,
    confidence: f64,
) -> Vec<Finding> {
    let judged: Vec<&ChannelRate> = rates
        .iter()
        .filter(|rate| rate.conversions.min(rate.rows - rate.conversions) >= MIN_EVENTS)
        .filter(|rate| model.is_none_or(|model| model.names.contains(&rate.name)))
        .collect();
    let mut found = Vec::new();
    let plain = raw_view(rates, &judged, model, confidence);
    let view = match model {
        Some(model) => adjusted_view(model, &judged, confidence),
        None => raw_view(rates, &judged, None, confidence),
    };
    let leaders = answer(&view, &mut found);
    if view.adjusted {
        let flattered = reversed(&plain, &view, &mut found);
        moved(&plain, &view, &flattered, &mut found);
        sides(&view, &mut found);
    }
    alike(&view, &leaders, &mut found);
    too_few(rates, &mut found);
    found
}

/// Which channel converts best, or which ones may; returns those that may.
fn answer(view: &View, found: &mut Vec<Finding>) -> Vec<usize> {
    let ranking = view.ranking();
    let Some((&best, others)) = ranking
        .split_first()
        .filter(|(_, others)| !others.is_empty())
    else {
        return Vec::new();
    };
    let after = if view.adjusted {
        " after allowing for everything else"
    } else {
        ""
    };
    let rivals: Vec<usize> = others
        .iter()
        .copied()
        .filter(|&other| !view.differ(best, other))
        .collect();
    let mut figures = view.figures(best);
    if rivals.is_empty() {
        let p = others
            .iter()
            .filter_map(|&other| view.pair(best, other))
            .map(|pair| pair.adjusted_p);
        figures.insert("p", p.fold(0.0, f64::max));
        found.push(Finding {
            methods: Vec::new(),
            code: view.code("best-adjusted", "best-raw"),
            channels: vec![view.name(best)],
            figures,
            message: format!("{} converts best{after}.", view.name(best)),
        });
        return vec![best];
    }
    let mut leaders = vec![best];
    leaders.extend(&rivals);
    let (code, message) = if rivals.len() == others.len() {
        (
            view.code("no-clear-best-adjusted", "no-clear-best-raw"),
            format!(
                "No channel is surely the best{after}: the highest is {}.",
                view.name(best)
            ),
        )
    } else {
        (
            view.code("leading-adjusted", "leading-raw"),
            format!(
                "{} convert best{after}; which of them leads can't be told.",
                join(&view.list(&leaders))
            ),
        )
    };
    found.push(Finding {
        methods: Vec::new(),
        code,
        channels: view.list(&leaders),
        figures,
        message,
    });
    leaders
}

/// Channels whose plain rate surely beats that of others which, by the model, surely beat them. Returns
/// the flattered ones.
fn reversed(plain: &View, view: &View, found: &mut Vec<Finding>) -> Vec<usize> {
    let mut flattered = Vec::new();
    for channel in plain.ranking() {
        let better: Vec<usize> = view
            .ranking()
            .into_iter()
            .filter(|&other| plain.beats(channel, other) && view.beats(other, channel))
            .collect();
        if better.is_empty() {
            continue;
        }
        let mut channels = vec![view.name(channel)];
        channels.extend(view.list(&better));
        let verb = if better.len() == 1 {
            "converts"
        } else {
            "convert"
        };
        found.push(Finding {
            methods: Vec::new(),
            code: "order-reversed",
            message: format!(
                "{} has a higher rate than {}, but after allowing for everything else {} {verb} better.",
                channels[0],
                join(&channels[1..]),
                join(&channels[1..]),
            ),
            channels,
            figures: both(plain, view, channel),
        });
        flattered.push(channel);
    }
    flattered
}

/// Channels whose plain and adjusted intervals don't overlap, and lead to different verdicts.
fn moved(plain: &View, view: &View, told: &[usize], found: &mut Vec<Finding>) {
    for at in view.ranking() {
        let (raw, adjusted) = (&plain.effects[at], &view.effects[at]);
        if raw.verdict == adjusted.verdict {
            continue;
        }
        if raw.interval[0] > adjusted.interval[1] && !told.contains(&at) {
            found.push(Finding {
                methods: Vec::new(),
                code: "rate-flatters",
                channels: vec![view.name(at)],
                figures: both(plain, view, at),
                message: format!(
                    "The plain rate flatters {}: much of it is explained by everything else.",
                    view.name(at)
                ),
            });
        } else if raw.interval[1] < adjusted.interval[0] {
            found.push(Finding {
                methods: Vec::new(),
                code: "rate-understates",
                channels: vec![view.name(at)],
                figures: both(plain, view, at),
                message: format!(
                    "The plain rate understates {}: everything else held equal, it converts better than that.",
                    view.name(at)
                ),
            });
        }
    }
}

fn both(plain: &View, view: &View, at: usize) -> BTreeMap<&'static str, f64> {
    BTreeMap::from([
        ("rawOddsRatio", plain.effects[at].odds_ratio),
        ("oddsRatio", view.effects[at].odds_ratio),
    ])
}

/// Channels above and below the mean channel, surest first.
fn sides(view: &View, found: &mut Vec<Finding>) {
    for (verdict, code, side) in [
        (Verdict::Above, "above-mean", "above"),
        (Verdict::Below, "below-mean", "below"),
    ] {
        let mut there: Vec<&ChannelEffect> = view
            .effects
            .iter()
            .filter(|effect| effect.verdict == verdict)
            .collect();
        let certainty = |effect: &ChannelEffect| effect.log_odds.abs() / effect.standard_error;
        crate::order::sort_by(&mut there, |a, b| certainty(b).total_cmp(&certainty(a)));
        let channels: Vec<String> = there.iter().map(|effect| effect.name.clone()).collect();
        if !channels.is_empty() {
            let message = format!("{} {side} the mean channel.", stand(&channels));
            found.push(Finding {
                methods: Vec::new(),
                code,
                channels,
                figures: BTreeMap::new(),
                message,
            });
        }
    }
}

pub(super) fn stand(channels: &[String]) -> String {
    format!(
        "{} {}",
        join(channels),
        if channels.len() == 1 { "is" } else { "are" }
    )
}

/// The longest runs of the ranking in which no two channels differ, but for those that only repeat
/// what was said of the leaders.
fn alike(view: &View, leaders: &[usize], found: &mut Vec<Finding>) {
    let ranking = view.ranking();
    let mut reached = 0;
    for start in 0..ranking.len() {
        let mut end = start + 1;
        while end < ranking.len()
            && ranking[start..end]
                .iter()
                .all(|&a| !view.differ(a, ranking[end]))
        {
            end += 1;
        }
        let run = &ranking[start..end];
        let said = run.iter().all(|at| leaders.contains(at));
        if end > reached && run.len() > 1 && !said {
            let channels = view.list(run);
            let message = format!("{} can't be told apart with this data.", join(&channels));
            let code = view.code("alike-adjusted", "alike-raw");
            found.push(Finding {
                methods: Vec::new(),
                code,
                channels,
                figures: BTreeMap::new(),
                message,
            });
        }
        reached = reached.max(end);
    }
}

fn too_few(rates: &[ChannelRate], found: &mut Vec<Finding>) {
    let few = |rate: &&ChannelRate| rate.conversions.min(rate.rows - rate.conversions) < MIN_EVENTS;
    let channels: Vec<String> = rates
        .iter()
        .filter(few)
        .map(|rate| rate.name.clone())
        .collect();
    if !channels.is_empty() {
        found.push(Finding {
            methods: Vec::new(),
            code: "too-few-conversions",
            message: format!(
                "{} too small to judge: fewer than {MIN_EVENTS} rows converted, or fewer did not.",
                stand(&channels)
            ),
            channels,
            figures: BTreeMap::from([("minimum", MIN_EVENTS)]),
        });
    }
}

/// `A`, `A and B`, `A, B and C`.
fn join(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
