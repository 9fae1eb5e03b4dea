//! How much more one method gives a channel than another, and whether chance alone could do that.

use super::bootstrap::{Samples, interval};
use super::report::{ChannelCredit, MAX_RANKED, MethodCredit};
use serde::Serialize;

/// One method held against another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodDifference {
    /// The method.
    pub method: &'static str,
    /// Its run, for model credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// What it is held against.
    pub baseline: &'static str,
    /// The run of that, for model credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_run_id: Option<String>,
    /// Whether both are worked out on the same draws. Else their draws are independent, and the intervals
    /// wider than they need be.
    pub paired: bool,
    /// How many pairs of resamples the intervals rest on; 0 for none.
    pub resamples: usize,
    /// By channel, in the order of their names.
    pub channels: Vec<ChannelDifference>,
}

/// How much more one method gives a channel than another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelDifference {
    /// The channel.
    pub name: String,
    /// In shares, −1 to 1.
    pub share: f64,
    /// Percentile interval of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_interval: Option<[f64; 2]>,
    /// In conversions.
    pub conversions: f64,
    /// Percentile interval of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversions_interval: Option<[f64; 2]>,
    /// In value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Percentile interval of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_interval: Option<[f64; 2]>,
    /// Whether the interval of the shares leaves 0 out.
    pub clear: bool,
}

/// Every method against every other. None above [`MAX_RANKED`] channels. All methods have the same channels
/// in the same order.
pub(crate) fn differences(credit: &[MethodCredit], confidence: f64) -> Vec<MethodDifference> {
    let mut all = Vec::new();
    if credit
        .iter()
        .any(|method| method.channels.len() > MAX_RANKED)
    {
        return all;
    }
    for (place, baseline) in credit.iter().enumerate() {
        for method in &credit[place + 1..] {
            let one = difference(method, baseline, confidence);
            all.push(one.turned());
            all.push(one);
        }
    }
    crate::order::sort_by_key(&mut all, |one| {
        place_of(credit, one.method, one.run_id.as_ref())
    });
    all
}

fn place_of(credit: &[MethodCredit], method: &str, run: Option<&String>) -> Option<usize> {
    credit
        .iter()
        .position(|one| one.method == method && one.run_id.as_ref() == run)
}

fn difference(method: &MethodCredit, baseline: &MethodCredit, confidence: f64) -> MethodDifference {
    let samples = method.samples.as_ref().zip(baseline.samples.as_ref());
    let pairs = samples.map_or_else(Vec::new, |(own, other)| own.together(other));
    let drawn = |index: usize, figures: fn(&Samples, usize) -> Vec<f64>| {
        let (own, other) = samples?;
        let (own, other) = (figures(own, index), figures(other, index));
        let less = |&(a, b): &(usize, usize)| Some(own.get(a)? - other.get(b)?);
        interval(pairs.iter().filter_map(less).collect(), confidence)
    };
    let channel = |(index, (own, other)): (usize, (&ChannelCredit, &ChannelCredit))| {
        let share_interval = drawn(index, Samples::shares);
        ChannelDifference {
            name: own.name.clone(),
            share: own.share - other.share,
            share_interval,
            conversions: own.conversions - other.conversions,
            conversions_interval: drawn(index, Samples::conversions),
            value: own.value.zip(other.value).map(|(own, other)| own - other),
            value_interval: drawn(index, Samples::values),
            clear: share_interval.is_some_and(|[low, high]| low > 0.0 || high < 0.0),
        }
    };
    let both = method.channels.iter().zip(&baseline.channels);
    MethodDifference {
        method: method.method,
        run_id: method.run_id.clone(),
        baseline: baseline.method,
        baseline_run_id: baseline.run_id.clone(),
        paired: samples.is_none_or(|(own, other)| own.paired(other)),
        resamples: pairs.len(),
        channels: both.enumerate().map(channel).collect(),
    }
}

impl MethodDifference {
    /// The same with the two methods in each other's place.
    fn turned(&self) -> Self {
        let turned = |[low, high]: [f64; 2]| [-high, -low];
        let channels = self.channels.iter().map(|channel| ChannelDifference {
            name: channel.name.clone(),
            share: -channel.share,
            share_interval: channel.share_interval.map(turned),
            conversions: -channel.conversions,
            conversions_interval: channel.conversions_interval.map(turned),
            value: channel.value.map(|value| -value),
            value_interval: channel.value_interval.map(turned),
            clear: channel.clear,
        });
        Self {
            method: self.baseline,
            run_id: self.baseline_run_id.clone(),
            baseline: self.method,
            baseline_run_id: self.run_id.clone(),
            channels: channels.collect(),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credited(method: &'static str, share: f64, draws: &[f64]) -> MethodCredit {
        let mut samples = Samples::default();
        for (draw, &share) in draws.iter().enumerate() {
            samples.push(draw as u32, &[share, 1.0 - share], &[], 10.0);
        }
        let channel = |name: &str, share: f64| ChannelCredit {
            name: name.to_owned(),
            share,
            conversions: 10.0 * share,
            ..ChannelCredit::default()
        };
        let given = MethodCredit {
            method,
            channels: vec![channel("a", share), channel("b", 1.0 - share)],
            ..MethodCredit::default()
        };
        given.with_samples(Some(samples), 0.5)
    }

    /// The draws swing far, but both methods swing alike: what they differ by is the same in each.
    #[test]
    fn what_two_methods_share_is_no_uncertainty() {
        let swings = [0.3, 0.5, 0.7, 0.4, 0.6];
        let lower: Vec<f64> = swings.iter().map(|share| share - 0.1).collect();
        let credit = [
            credited("first", 0.5, &swings),
            credited("last", 0.4, &lower),
        ];
        let all = differences(&credit, 0.5);
        assert_eq!(all.len(), 2);
        let (first, last) = (&all[0], &all[1]);
        assert_eq!((first.method, first.baseline), ("first", "last"));
        assert!(first.paired && first.resamples == 5);
        let [low, high] = first.channels[0].share_interval.expect("drawn");
        assert!((low - 0.1).abs() < 1e-12 && (high - 0.1).abs() < 1e-12);
        assert!((first.channels[0].conversions - 1.0).abs() < 1e-12);
        assert!(first.channels[0].clear && last.channels[0].clear);
        assert!((last.channels[0].share + 0.1).abs() < 1e-12);

        // Drawn apart, the same figures tell nothing.
        let mut apart = credited("logistic", 0.4, &[0.6, 0.2, 0.3, 0.5, 0.4]);
        let mut own = Samples::own();
        for (draw, share) in [0.6, 0.2, 0.3, 0.5, 0.4].into_iter().enumerate() {
            own.push(draw as u32, &[share, 1.0 - share], &[], 10.0);
        }
        apart.samples = Some(own);
        let all = differences(&[credited("first", 0.5, &swings), apart], 0.8);
        assert!(!all[0].paired && !all[0].channels[0].clear);
    }
}
