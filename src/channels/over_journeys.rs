//! The comparison over journeys: what is counted of each channel, and the credit it gets.

use super::advantages::advantages;
use super::comparison::{ComparedChannel, Comparison, RunEffects, Totals, warnings};
use super::costs::costs;
use super::credit_findings::credit_findings;
use super::money::{Credited, money};
use super::money_periods::first_conversions;
use super::options::{CompareOptions, Level, normal_quantile};
use super::paths_view::paths_view;
use super::reach::{Reach, reach};
use super::replay::{Replay, replay};
use super::subset::{picked, subset};
use super::units::Units;
use crate::attribution::{Attribution, AttributionError, MethodCredit, attribute_on};
use crate::job::Host;
use crate::prepare::paths::Paths;
use crate::prepare::{Dataset, Journeys};
use std::borrow::Cow;

/// Journeys made ready to be compared at the level that the options ask for.
pub(super) struct OverJourneys<'a> {
    dataset: &'a Dataset,
    options: &'a CompareOptions,
    units: Units,
    /// With units in the place of channels.
    journeys: Cow<'a, Journeys>,
    paths: Paths,
}

impl<'a> OverJourneys<'a> {
    pub(super) fn new(
        journeys: &'a Journeys,
        dataset: &'a Dataset,
        options: &'a CompareOptions,
    ) -> Self {
        let units = Units::new(&journeys.channels, options);
        let journeys = match options.level {
            Level::Channel => Cow::Borrowed(journeys),
            Level::Group | Level::Broad => Cow::Owned(units.relabelled(journeys)),
        };
        let paths = journeys.to_paths(
            &dataset.y,
            dataset.values.as_deref(),
            dataset.weights.as_deref(),
        );
        Self {
            dataset,
            options,
            units,
            journeys,
            paths,
        }
    }

    /// What to give credit for, and whose it is.
    pub(super) fn to_credit(&self) -> (&Paths, Option<&[u32]>) {
        (&self.paths, self.dataset.users.as_deref())
    }

    /// The methods' budgets on held-out journeys.
    pub(super) async fn replay<H: Host>(
        &self,
        trained: Vec<MethodCredit>,
        host: &mut H,
    ) -> Option<Replay> {
        let options = self.options.credit_options();
        replay(&self.journeys, self.dataset, &options, trained, host).await
    }

    /// The credit of users' first conversions, where costs ask for it, and where it differs from that of
    /// all: users are known and some convert again.
    pub(super) async fn first_credit<H: Host>(
        &self,
        host: &mut H,
    ) -> Result<Option<Vec<MethodCredit>>, AttributionError> {
        let costly = costs(&self.journeys, self.dataset, &self.units, self.options).is_some();
        if !costly || self.dataset.users.is_none() {
            return Ok(None);
        }
        let first = first_conversions(&self.journeys, self.dataset);
        let later = |journey: usize| !first[journey] && self.dataset.y[journey] > 0.5;
        if !(0..first.len()).any(later) {
            return Ok(None);
        }
        let members: Vec<u32> = (0..first.len() as u32)
            .filter(|&journey| first[journey as usize])
            .collect();
        let paths = subset(&self.journeys, self.dataset, &members);
        let users = self.dataset.users.as_deref();
        let users = users.map(|users| picked(users, &members));
        let options = self.options.credit_options();
        let credited = attribute_on(&paths, users.as_deref(), &options, host).await?;
        Ok(Some(credited.credit))
    }

    /// Everything together, once the credit is known; `first` is that of users' first conversions.
    pub(super) fn comparison(
        self,
        credited: Attribution,
        first: Option<Vec<MethodCredit>>,
        effects: Vec<RunEffects>,
    ) -> Comparison {
        let confidence = self.options.confidence;
        let z = normal_quantile(confidence);
        let (counts, observed) = reach(&self.journeys, self.dataset, &self.units.all, z);
        let findings = credit_findings(&credited, &counts);
        let totals = Totals {
            journeys: credited.totals.journeys,
            conversions: credited.totals.conversions,
            value: credited.totals.value,
            sequences: credited.totals.sequences,
            users: observed.users,
            touches: observed.touches,
        };
        let beside = Credited {
            all: &credited.credit,
            first: first.as_deref(),
        };
        let money = costs(&self.journeys, self.dataset, &self.units, self.options)
            .map(|costs| money(&self.journeys, self.dataset, &costs, beside, self.options));
        let mut all_warnings = warnings(self.dataset);
        all_warnings.extend(credited.warnings);
        Comparison {
            confidence,
            level: self.options.level,
            resampled: Some(credited.resampled),
            seed: Some(credited.seed),
            channels: self.channels(counts),
            totals: Some(totals),
            effects,
            findings,
            credit: credited.credit,
            differences: Vec::new(),
            markov: credited.markov,
            money,
            replay: None,
            lift: None,
            lift_refused: None,
            advantages: advantages(&self.journeys, self.dataset, self.options),
            paths: Some(paths_view(&self.journeys, self.dataset, self.options)),
            warnings: all_warnings,
        }
    }

    /// The channels that were touched at all.
    fn channels(&self, counts: Vec<Reach>) -> Vec<ComparedChannel> {
        let told = self.units.all.iter().zip(counts);
        told.filter(|(_, reach)| reach.touches > 0.0)
            .map(|(unit, reach)| ComparedChannel {
                members: match self.options.level {
                    Level::Channel => Vec::new(),
                    Level::Group | Level::Broad => unit.members.clone(),
                },
                touches: Some(reach.touches),
                ..ComparedChannel::from(reach.counts)
            })
            .collect()
    }
}
