//! What can be said of the channels from the credit they get.

use super::findings::{Finding, MIN_EVENTS, stand};
use super::reach::Reach;
use crate::attribution::{Attribution, ChannelCredit, MethodCredit};
use std::collections::BTreeMap;

/// A lead is clear where it holds in so much of the resamples.
const CLEAR: f64 = 0.95;

/// The answer (who gets most) first; then where rankings depend on the method or on chance; then who is
/// too small to judge.
pub(super) fn credit_findings(credited: &Attribution, counts: &[Reach]) -> Vec<Finding> {
    let mut found: Vec<Finding> = leader(&credited.credit).into_iter().collect();
    found.extend(credited.findings.iter().map(|finding| Finding {
        code: finding.code,
        channels: finding.channels.clone(),
        methods: finding.methods.clone(),
        figures: finding.figures.clone(),
        message: finding.message.clone(),
    }));
    found.extend(too_few(counts));
    found
}

/// Which channel gets most credit: by all methods and surely, by all but not surely, or by some.
fn leader(credit: &[MethodCredit]) -> Option<Finding> {
    let most = |method: &MethodCredit| {
        let channels = method.channels.iter().enumerate();
        channels
            .max_by(|(i, a), (j, b)| a.share.total_cmp(&b.share).then(j.cmp(i)))
            .map(|(place, _)| place)
    };
    // Told apart by position, the Shapley value is the same method again.
    let credit: Vec<&MethodCredit> = credit
        .iter()
        .filter(|method| method.method != "shapleyOrdered")
        .collect();
    let firsts: Vec<usize> = credit.iter().filter_map(|&method| most(method)).collect();
    let mut tally: BTreeMap<usize, usize> = BTreeMap::new();
    for &first in &firsts {
        *tally.entry(first).or_default() += 1;
    }
    let mut leaders: Vec<(usize, usize)> = tally.into_iter().collect();
    crate::order::sort_by(&mut leaders, |a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let (&(best, agreeing), rest) = leaders.split_first()?;
    let of = |method: &MethodCredit| method.channels[best].clone();
    let name = of(credit[0]).name;
    if credit[0].channels.len() < 2 {
        return None;
    }
    let shares = || credit.iter().map(|&method| of(method).share);
    let mut figures = BTreeMap::from([
        ("low", shares().fold(f64::INFINITY, f64::min)),
        ("high", shares().fold(0.0, f64::max)),
        ("agreeing", agreeing as f64),
        ("methods", credit.len() as f64),
    ]);
    let agree = credit
        .iter()
        .zip(&firsts)
        .filter(|&(_, &first)| first == best);
    let methods = agree.map(|(method, _)| method.method).collect();
    if !rest.is_empty() {
        let mut channels = vec![name];
        channels.extend(
            rest.iter()
                .map(|&(other, _)| credit[0].channels[other].name.clone()),
        );
        let message = format!(
            "Which channel gets most credit depends on the method: {} by {agreeing} of {}.",
            channels[0],
            credit.len()
        );
        return Some(Finding {
            code: "credit-leader-depends",
            channels,
            methods,
            figures,
            message,
        });
    }
    let sure = credit.iter().filter_map(|&method| first_rank(&of(method)));
    let least = sure.fold(f64::INFINITY, f64::min);
    if least.is_finite() {
        figures.insert("surety", least);
    }
    let clear = least >= CLEAR && least.is_finite();
    Some(Finding {
        code: if clear {
            "credit-leader"
        } else {
            "credit-leader-unclear"
        },
        message: if clear {
            format!("{name} gets most credit, by every method.")
        } else {
            format!("{name} gets most credit by every method, but its lead may be chance.")
        },
        channels: vec![name],
        methods,
        figures,
    })
}

fn first_rank(channel: &ChannelCredit) -> Option<f64> {
    channel.rank_probability.as_ref()?.first().copied()
}

fn too_few(counts: &[Reach]) -> Option<Finding> {
    let few = |reach: &&Reach| reach.touches > 0.0 && reach.counts.conversions < MIN_EVENTS;
    let channels: Vec<String> = counts
        .iter()
        .filter(few)
        .map(|reach| reach.counts.name.clone())
        .collect();
    (!channels.is_empty()).then(|| Finding {
        code: "too-few-converting-journeys",
        message: format!(
            "{} too small to judge: part of fewer than {MIN_EVENTS} converting journeys.",
            stand(&channels)
        ),
        channels,
        methods: Vec::new(),
        figures: BTreeMap::from([("minimum", MIN_EVENTS)]),
    })
}
