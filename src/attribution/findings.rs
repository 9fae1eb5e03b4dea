//! What the figures say about each other: where a ranking hangs on the method or on chance.

use super::bootstrap::Samples;
use super::direct::is_direct;
use super::journeys::Journeys;
use super::options::Method;
use super::report::{Finding, MethodCredit};
use crate::error::Warning;
use std::collections::BTreeMap;

/// Channels whose share is smaller by every method are not worth a word.
const NOTABLE: f64 = 0.01;
/// A ranking is separated where it holds in so much of the resamples.
const SEPARATED: f64 = 0.95;
/// The most findings of a kind.
const MOST: usize = 20;
/// Journeys of one channel in so large a part leave the methods little to differ on.
const MOSTLY: f64 = 0.8;
/// Fewer conversions than this are said to be few.
const FEW: f64 = 100.0;

/// What one method says.
struct View<'a> {
    method: &'static str,
    shares: Vec<f64>,
    samples: Option<&'a Samples>,
}

/// Pairs of channels whose order depends on the method, then pairs whose order the data do not settle.
/// Methods that give the very same credit (last non-direct without a direct channel, ordered Shapley)
/// count once. All methods have the same channels in the same order.
pub(crate) fn findings(credit: &[MethodCredit]) -> Vec<Finding> {
    let Some(first) = credit.first() else {
        return Vec::new();
    };
    let names: Vec<String> = first.channels.iter().map(|one| one.name.clone()).collect();
    let names = names.as_slice();
    let mut views: Vec<View> = Vec::new();
    for one in credit {
        let shares: Vec<f64> = one.channels.iter().map(|channel| channel.share).collect();
        if !views.iter().any(|view| view.shares == shares) {
            views.push(View {
                method: one.method,
                shares,
                samples: one.samples.as_ref(),
            });
        }
    }
    let views = views.as_slice();
    let most = |channel: usize| {
        let shares = views.iter().map(|view| view.shares[channel]);
        shares.fold(0.0, f64::max)
    };
    let mut notable: Vec<usize> = (0..names.len())
        .filter(|&channel| most(channel) >= NOTABLE)
        .collect();
    crate::order::sort_by(&mut notable, |&a, &b| {
        most(b).total_cmp(&most(a)).then(a.cmp(&b))
    });
    let mut findings = disagreements(names, views, &notable);
    findings.extend(unsettled(names, views, &notable));
    findings
}

/// Pairs that some methods rank one way and some the other, the largest channels first.
fn disagreements(names: &[String], views: &[View], notable: &[usize]) -> Vec<Finding> {
    let mut findings: Vec<(f64, Finding)> = Vec::new();
    for (place, &a) in notable.iter().enumerate() {
        for &b in &notable[place + 1..] {
            let lead = |view: &View| view.shares[a] - view.shares[b];
            let ahead: Vec<&View> = views.iter().filter(|view| lead(view) > 1e-9).collect();
            let behind: Vec<&View> = views.iter().filter(|view| lead(view) < -1e-9).collect();
            if ahead.is_empty() || behind.is_empty() {
                continue;
            }
            let turn = behind.len() > ahead.len();
            let (a, b) = if turn { (b, a) } else { (a, b) };
            let (ahead, behind) = if turn {
                (behind, ahead)
            } else {
                (ahead, behind)
            };
            let clear = |views: &[&View], a: usize, b: usize| {
                let sure = |view: &&&View| {
                    view.samples
                        .is_some_and(|samples| samples.above(a, b) >= SEPARATED)
                };
                views.iter().filter(sure).count() as f64
            };
            let figures = [
                ("ahead", ahead.len() as f64),
                ("behind", behind.len() as f64),
                ("clearlyAhead", clear(&ahead, a, b)),
                ("clearlyBehind", clear(&behind, b, a)),
            ];
            let message = format!(
                "Which of the two gets more credit depends on the method: {} put the first ahead, {} the second.",
                methods(ahead.len()),
                behind.len()
            );
            let weight: f64 = views
                .iter()
                .map(|view| view.shares[a].min(view.shares[b]))
                .sum();
            let finding = Finding {
                code: "rank-depends-on-method",
                channels: vec![names[a].clone(), names[b].clone()],
                methods: ahead.iter().map(|view| view.method).collect(),
                figures: BTreeMap::from(figures),
                message,
            };
            findings.push((weight, finding));
        }
    }
    crate::order::sort_by(&mut findings, |(a, _), (b, _)| b.total_cmp(a));
    findings.truncate(MOST);
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// Neighbours in a method's ranking whose order holds in less than 95 % of the resamples. A pair that
/// is unsettled by several methods is told once.
fn unsettled(names: &[String], views: &[View], notable: &[usize]) -> Vec<Finding> {
    let mut pairs: BTreeMap<(usize, usize), Vec<(&'static str, f64)>> = BTreeMap::new();
    for view in views {
        let Some(samples) = view.samples.filter(|samples| samples.len() > 0) else {
            continue;
        };
        let shares = &view.shares;
        let mut order = notable.to_vec();
        crate::order::sort_by(&mut order, |&a, &b| {
            shares[b].total_cmp(&shares[a]).then(a.cmp(&b))
        });
        for pair in order.windows(2) {
            let above = samples.above(pair[0], pair[1]);
            if above > 1.0 - SEPARATED && above < SEPARATED {
                let known = (pair[0].min(pair[1]), pair[0].max(pair[1]));
                let first = if known.0 == pair[0] {
                    above
                } else {
                    1.0 - above
                };
                pairs.entry(known).or_default().push((view.method, first));
            }
        }
    }
    let mut findings: Vec<(f64, Finding)> = Vec::new();
    for ((a, b), seen) in pairs {
        let mean = seen.iter().map(|(_, above)| above).sum::<f64>() / seen.len() as f64;
        let (a, b, mean) = if mean < 0.5 {
            (b, a, 1.0 - mean)
        } else {
            (a, b, mean)
        };
        let message = format!(
            "The data do not settle which of the two gets more credit by {}: the first is ahead in {:.0} % of the resamples.",
            methods(seen.len()),
            100.0 * mean
        );
        let weight: f64 = views
            .iter()
            .map(|view| view.shares[a].min(view.shares[b]))
            .sum();
        let finding = Finding {
            code: "rank-not-separated",
            channels: vec![names[a].clone(), names[b].clone()],
            methods: seen.iter().map(|(method, _)| *method).collect(),
            figures: BTreeMap::from([("above", mean), ("methods", seen.len() as f64)]),
            message,
        };
        findings.push((weight, finding));
    }
    crate::order::sort_by(&mut findings, |(a, _), (b, _)| b.total_cmp(a));
    findings.truncate(MOST);
    findings.into_iter().map(|(_, finding)| finding).collect()
}

fn methods(count: usize) -> String {
    if count == 1 {
        "1 method".to_owned()
    } else {
        format!("{count} methods")
    }
}

/// What a person should know about the journeys before reading any credit.
pub(crate) fn warnings(journeys: &Journeys, methods: &[Method]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let total: f64 = journeys.observed.conversions.iter().sum();
    let alone = |touches: &[u32]| touches.iter().all(|touch| *touch == touches[0]);
    let single: f64 = journeys
        .sequences()
        .zip(&journeys.observed.conversions)
        .filter(|(touches, _)| alone(touches))
        .map(|(_, count)| count)
        .sum();
    let share = single / total;
    if journeys.sequences().all(alone) {
        let message = "Every journey has one channel only, so all methods give the same credit.";
        warnings.push(Warning::new("one-channel-paths", message));
    } else if share >= MOSTLY {
        let message = format!(
            "{:.0} % of the conversions come from journeys of one channel, on which all methods agree.",
            100.0 * share
        );
        warnings.push(Warning::new("mostly-one-channel-paths", message).figure("share", share));
    }
    let nulls: f64 = journeys.observed.nulls.iter().sum();
    if nulls == 0.0 && methods.contains(&Method::Markov) {
        let message = "No journey without a conversion is known. Markov then goes by how often a channel is part of a journey, not by whether journeys through it convert.";
        warnings.push(Warning::new("no-null-paths", message));
    }
    if total < FEW {
        let message = format!(
            "Only {total:.0} conversions: the credit is uncertain, and intervals from so few are rough."
        );
        warnings
            .push(Warning::new("few-converting-journeys", message).figure("conversions", total));
    }
    if methods.contains(&Method::LastNonDirect)
        && !journeys.names.iter().any(|name| is_direct(name))
    {
        let message = "No channel is a direct visit, so last non-direct equals last.";
        warnings.push(Warning::new("no-direct-channel", message));
    }
    warnings
}
