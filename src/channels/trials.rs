//! Journeys with touches left out, ready to be scored.

use crate::prepare::{Dataset, Journeys, measure_touches};

/// Journeys with some of their touches, side by side, and their features.
#[derive(Debug)]
pub(super) struct Trials<'a> {
    source: &'a Journeys,
    dataset: &'a Dataset,
    trials: Journeys,
    /// The journey that each trial is of.
    of: Vec<u32>,
    x: Vec<f32>,
}

impl<'a> Trials<'a> {
    pub(super) fn new(source: &'a Journeys, dataset: &'a Dataset) -> Self {
        let trials = Journeys {
            channels: source.channels.clone(),
            events: source.events.clone(),
            offsets: vec![0],
            calendar: source.calendar,
            ..Journeys::default()
        };
        Self {
            source,
            dataset,
            trials,
            of: Vec::new(),
            x: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    pub(super) fn clear(&mut self) {
        self.of.clear();
        self.trials.offsets.truncate(1);
        self.trials.touch_channels.clear();
        self.trials.touch_events.clear();
        self.trials.gap_hours.clear();
        self.trials.days_before_end.clear();
        self.trials.ends.clear();
    }

    /// Adds a journey with those of its touches, numbered from 0, that are kept. What lay between two of
    /// them becomes their gap.
    pub(super) fn push(&mut self, journey: usize, keep: impl Fn(usize) -> bool) {
        let range = self.source.range(journey);
        let (mut gap, mut first) = (0.0, true);
        for (place, touch) in range.enumerate() {
            if let Some(hours) = self.source.gap_hours.get(touch) {
                gap += hours;
            }
            if !keep(place) {
                continue;
            }
            self.trials
                .touch_channels
                .push(self.source.touch_channels[touch]);
            if let Some(&event) = self.source.touch_events.get(touch) {
                self.trials.touch_events.push(event);
            }
            if !self.source.gap_hours.is_empty() {
                self.trials.gap_hours.push(if first { 0.0 } else { gap });
            }
            if let Some(&days) = self.source.days_before_end.get(touch) {
                self.trials.days_before_end.push(days);
            }
            (gap, first) = (0.0, false);
        }
        if let Some(&end) = self.source.ends.get(journey) {
            self.trials.ends.push(end);
        }
        self.trials
            .offsets
            .push(self.trials.touch_channels.len() as u32);
        self.of.push(journey as u32);
    }

    /// The journeys, and their features: those of the whole journey, with what is counted from touches
    /// counted anew.
    pub(super) fn both(&mut self) -> (&Journeys, &[f32]) {
        let width = self.dataset.width();
        self.x.clear();
        for &journey in &self.of {
            let start = journey as usize * width;
            self.x
                .extend_from_slice(&self.dataset.x[start..start + width]);
        }
        measure_touches(&self.trials, &self.dataset.features, &mut self.x);
        (&self.trials, &self.x)
    }
}
