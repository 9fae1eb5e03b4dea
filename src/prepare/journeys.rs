//! Journeys: each user's touches in order, up to a conversion or to the end of what was seen.

use super::paths::Paths;

/// Journeys with their touches. Journey `i` is row `i` of the [`super::Dataset`] that holds it: its
/// outcome, value, user, weight, features and part are there.
///
/// The touches of journey `i` are `offsets[i]..offsets[i + 1]`, in order of time; none of them comes
/// after the journey's conversion.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journeys {
    /// Channel names by code, each once, in the order in which they are shown.
    pub channels: Vec<String>,
    /// Names of the event types by code; empty where the file has none.
    pub events: Vec<String>,
    /// Where the touches of each journey start; one more than there are journeys.
    pub offsets: Vec<u32>,
    /// The channel code of each touch.
    pub touch_channels: Vec<u32>,
    /// The event code of each touch; empty where the file has no event types.
    pub touch_events: Vec<u32>,
    /// Hours since the touch before, 0 for the first of a journey; empty where no times are known.
    pub gap_hours: Vec<f32>,
    /// Days from each touch to the end of its journey (its conversion, else its last touch), at least 0;
    /// empty where no times are known.
    pub days_before_end: Vec<f32>,
    /// What each touch cost, 0 where unknown; empty where the file has no costs.
    pub touch_costs: Vec<f32>,
    /// When each journey ended (its conversion, else its last touch), in milliseconds since 1970-01-01
    /// UTC; empty where no times are known.
    pub ends: Vec<i64>,
    /// Whether the file's times are real times. Where they are mere numbers that give an order, hours
    /// and days count those numbers' units as seconds.
    pub calendar: bool,
    /// Which of its user's journeys each is, from 0, in order of time; empty where there are no users.
    pub ordinals: Vec<u32>,
    /// Per journey, how many touches were cut off its start by the most allowed or by the look-back
    /// window; empty where none were.
    pub cut_touches: Vec<u32>,
    /// Where the journeys came from a table of paths: those paths, with their exact counts and values.
    /// One path is up to six journeys here, one for each outcome in each part of the data, with its
    /// count as weight.
    pub source: Option<Paths>,
}

impl Journeys {
    /// How many journeys there are.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there is no journey.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the touches of a journey are.
    pub fn range(&self, journey: usize) -> std::ops::Range<usize> {
        self.offsets[journey] as usize..self.offsets[journey + 1] as usize
    }

    /// The channel codes of a journey, the first touch first.
    pub fn touches(&self, journey: usize) -> &[u32] {
        &self.touch_channels[self.range(journey)]
    }

    /// The longest journey's number of touches.
    pub fn longest(&self) -> usize {
        let lengths = self.offsets.windows(2).map(|ends| ends[1] - ends[0]);
        lengths.max().unwrap_or(0) as usize
    }

    /// The same as [`Paths`], one per journey (or, from a table of paths, that table's own), for giving
    /// credit. `converted`, `values` (`NaN` where
    /// unknown) and `weights` are the data set's, one per journey.
    pub fn to_paths(
        &self,
        converted: &[f32],
        values: Option<&[f64]>,
        weights: Option<&[f32]>,
    ) -> Paths {
        if let Some(source) = &self.source {
            return source.clone();
        }
        let weight = |journey: usize| weights.map_or(1.0, |weights| f64::from(weights[journey]));
        let counted = |wanted: bool| {
            let journeys = converted.iter().enumerate();
            journeys
                .map(|(journey, &y)| {
                    if (y > 0.5) == wanted {
                        weight(journey)
                    } else {
                        0.0
                    }
                })
                .collect::<Vec<f64>>()
        };
        let conversions = counted(true);
        let worth = |journey: usize| {
            let value = values.map_or(f64::NAN, |values| values[journey]);
            if value.is_finite() {
                value * conversions[journey]
            } else {
                0.0
            }
        };
        Paths {
            channels: self.channels.clone(),
            offsets: self.offsets.iter().map(|&offset| offset as usize).collect(),
            touches: self.touch_channels.clone(),
            days: (!self.days_before_end.is_empty()).then(|| {
                self.days_before_end
                    .iter()
                    .map(|&days| f64::from(days))
                    .collect()
            }),
            values: (0..converted.len()).map(worth).collect(),
            nulls: counted(false),
            conversions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journeys_become_paths_with_their_ends() {
        let journeys = Journeys {
            channels: vec!["ads".into(), "mail".into()],
            offsets: vec![0, 2, 3],
            touch_channels: vec![0, 1, 1],
            days_before_end: vec![1.5, 0.0, 0.0],
            ..Journeys::default()
        };
        let paths = journeys.to_paths(&[1.0, 0.0], Some(&[20.0, f64::NAN]), Some(&[2.0, 3.0]));
        paths.check().expect("fits together");
        assert_eq!(paths.conversions, [2.0, 0.0]);
        assert_eq!(paths.nulls, [0.0, 3.0]);
        assert_eq!(paths.values, [40.0, 0.0]);
        assert_eq!(paths.path(0), [0, 1]);
        assert_eq!(journeys.longest(), 2);
    }
}
