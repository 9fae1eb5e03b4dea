//! What is compared: channels, their kinds, or the broad groups of kinds.

use super::groups::{Group, group_named, group_of};
use super::options::{CompareOptions, Level, Placing};
use crate::prepare::Journeys;
use crate::prepare::paths::Paths;

/// Something that is compared, and the channels it stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) group: Group,
    pub(super) subgroup: Option<String>,
    pub(super) members: Vec<String>,
}

/// The units at a level, and which of them each channel belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Units {
    pub(super) all: Vec<Unit>,
    /// By channel code.
    of: Vec<u32>,
}

/// The group of a channel: as the options place it, else as its name tells.
pub(super) fn placed(name: &str, options: &CompareOptions) -> (Group, Option<String>) {
    let named = |kind: super::ChannelGroup| (kind.group, kind.subgroup.map(str::to_owned));
    match options.groups.get(name) {
        Some(Placing::Named(kind)) => named(group_named(kind).unwrap_or_else(|| group_of(name))),
        Some(Placing::Free { group, subgroup }) => (*group, subgroup.clone()),
        None => named(group_of(name)),
    }
}

impl Units {
    /// The units of these channels at the level that the options ask for. Those of a coarser level come in
    /// the order in which their first channel does.
    pub(super) fn new(channels: &[String], options: &CompareOptions) -> Self {
        let mut units = Self {
            all: Vec::new(),
            of: Vec::new(),
        };
        for channel in channels {
            let (group, subgroup) = placed(channel, options);
            let (name, subgroup) = match options.level {
                Level::Channel => (channel.clone(), subgroup),
                Level::Group => (
                    subgroup.clone().unwrap_or_else(|| group.name().to_owned()),
                    subgroup,
                ),
                Level::Broad => (group.name().to_owned(), None),
            };
            let known = units.all.iter().position(|unit| unit.name == name);
            let place = known.unwrap_or_else(|| {
                units.all.push(Unit {
                    name,
                    group,
                    subgroup,
                    members: Vec::new(),
                });
                units.all.len() - 1
            });
            units.all[place].members.push(channel.clone());
            units.of.push(place as u32);
        }
        units
    }

    /// The unit of this name, or of the channel of this name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let own = self.all.iter().position(|unit| unit.name == name);
        own.or_else(|| {
            self.all
                .iter()
                .position(|unit| unit.members.iter().any(|member| member == name))
        })
    }

    /// The unit of a channel.
    pub(super) fn of(&self, channel: u32) -> u32 {
        self.of.get(channel as usize).copied().unwrap_or(channel)
    }

    /// The same journeys with units in the place of channels.
    pub(super) fn relabelled(&self, journeys: &Journeys) -> Journeys {
        let unit = |&channel: &u32| self.of[channel as usize];
        let channels: Vec<String> = self.all.iter().map(|unit| unit.name.clone()).collect();
        let source = journeys.source.as_ref().map(|paths| Paths {
            channels: channels.clone(),
            touches: paths.touches.iter().map(unit).collect(),
            ..paths.clone()
        });
        Journeys {
            channels,
            touch_channels: journeys.touch_channels.iter().map(unit).collect(),
            source,
            ..journeys.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(level: Level, options: &CompareOptions) -> Vec<(String, usize)> {
        let channels = ["Facebook", "微信", "门店", "Direct", "Newsletter"].map(str::to_owned);
        let options = CompareOptions {
            level,
            ..options.clone()
        };
        let units = Units::new(&channels, &options);
        let all = units.all.iter();
        all.map(|unit| (unit.name.clone(), unit.members.len()))
            .collect()
    }

    #[test]
    fn channels_gather_into_kinds_and_groups() {
        let plain = CompareOptions::default();
        let told = |pairs: &[(&str, usize)]| {
            let owned = pairs.iter().map(|&(name, count)| (name.to_owned(), count));
            owned.collect::<Vec<_>>()
        };
        assert_eq!(names(Level::Channel, &plain).len(), 5);
        let kinds = [("social", 2), ("stores", 1), ("direct", 1), ("email", 1)];
        assert_eq!(names(Level::Group, &plain), told(&kinds));
        let broad = [("online", 3), ("offline", 1), ("direct", 1)];
        assert_eq!(names(Level::Broad, &plain), told(&broad));
        let free = Placing::Free {
            group: Group::Online,
            subgroup: Some("Own media".to_owned()),
        };
        let moved = CompareOptions {
            groups: [
                ("微信".to_owned(), Placing::Named("messaging".to_owned())),
                ("Newsletter".to_owned(), free),
            ]
            .into(),
            ..CompareOptions::default()
        };
        let kinds = [
            ("social", 1),
            ("messaging", 1),
            ("stores", 1),
            ("direct", 1),
            ("Own media", 1),
        ];
        assert_eq!(names(Level::Group, &moved), told(&kinds));
    }
}
