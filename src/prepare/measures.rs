//! What a journey's touches are counted and measured as, for a model that does not see their order.

use super::journeys::Journeys;
use super::{Encoding, Feature};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What is taken of a journey's touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "camelCase")]
pub enum Measure {
    /// ln(1 + the number of touches of one channel): the tenth touch says less than the second.
    Channel {
        /// The channel's name.
        name: String,
    },
    /// The number of touches of one kind.
    Event {
        /// The event type.
        name: String,
    },
    /// 1 where there is a touch of one kind, else 0.
    EventSeen {
        /// The event type.
        name: String,
    },
    /// ln(1 + hours from the first touch to the last).
    Span,
    /// ln(1 + hours from the touch before the last to the last), 0 for one touch.
    LastGap,
    /// The mean of ln(1 + hours) over the gaps between touches, 0 for one touch.
    MeanGap,
}

/// The columns of the table that the parts of touches came from.
pub(super) struct TouchColumns {
    pub channel: String,
    pub event: String,
    pub time: String,
}

/// Sums over rows, for mean and deviation.
#[derive(Clone, Copy, Default)]
struct Sums {
    sum: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, value: f64, weight: f64) {
        self.sum += weight * value;
        self.squares += weight * value * value;
    }

    /// Mean and population standard deviation over rows of that weight in all; `None` where all are
    /// the same.
    fn moments(self, weight: f64) -> Option<(f64, f64)> {
        let mean = self.sum / weight;
        let variance = self.squares / weight - mean * mean;
        // Rounding leaves a trace of about 10⁻¹⁶ of the squares.
        let varies = variance > 1e-12 * (self.squares / weight);
        varies.then(|| (mean, variance.sqrt()))
    }
}

/// Counts by code for one journey after the other.
struct Tally {
    counts: Vec<f64>,
    touched: Vec<u32>,
}

impl Tally {
    fn new(codes: usize) -> Self {
        Self {
            counts: vec![0.0; codes],
            touched: Vec::new(),
        }
    }

    /// Counts codes, and hands every code that occurs and its count to `each`.
    fn count(&mut self, codes: &[u32], mut each: impl FnMut(u32, f64)) {
        for &code in codes {
            let count = &mut self.counts[code as usize];
            if *count == 0.0 {
                self.touched.push(code);
            }
            *count += 1.0;
        }
        for code in self.touched.drain(..) {
            each(code, std::mem::take(&mut self.counts[code as usize]));
        }
    }
}

/// Span, last gap and mean gap of a journey, as in [`Measure`].
fn times(journeys: &Journeys, journey: usize) -> [f64; 3] {
    let gaps = &journeys.gap_hours[journeys.range(journey)];
    let gaps = gaps.get(1..).unwrap_or(&[]);
    let hours = |gap: &f32| f64::from(*gap);
    let logs: f64 = gaps.iter().map(|gap| hours(gap).ln_1p()).sum();
    [
        gaps.iter().map(hours).sum::<f64>().ln_1p(),
        gaps.last().map_or(0.0, |gap| hours(gap).ln_1p()),
        logs / gaps.len().max(1) as f64,
    ]
}

/// The inputs that are counted from touches, standardised over the training journeys. What is the same
/// in all of them is left out.
pub(super) fn learn(
    journeys: &Journeys,
    columns: &TouchColumns,
    training: &[u32],
    weights: Option<&[f32]>,
) -> Vec<Feature> {
    let timed = !journeys.gap_hours.is_empty();
    let has_events = !journeys.touch_events.is_empty();
    let mut spans = [Sums::default(); 3];
    let mut channels = vec![Sums::default(); journeys.channels.len()];
    let mut events = vec![[Sums::default(); 2]; journeys.events.len()];
    let mut by_channel = Tally::new(channels.len());
    let mut by_event = Tally::new(events.len());
    let mut all = 0.0;
    for &journey in training {
        let journey = journey as usize;
        let weight = weights.map_or(1.0, |weights| f64::from(weights[journey]));
        let range = journeys.range(journey);
        all += weight;
        by_channel.count(&journeys.touch_channels[range.clone()], |code, count| {
            channels[code as usize].add(count.ln_1p(), weight);
        });
        if has_events {
            by_event.count(&journeys.touch_events[range], |code, count| {
                events[code as usize][0].add(count, weight);
                events[code as usize][1].add(1.0, weight);
            });
        }
        if timed {
            let values = times(journeys, journey);
            spans
                .iter_mut()
                .zip(values)
                .for_each(|(sums, value)| sums.add(value, weight));
        }
    }
    let mut features = Vec::new();
    let mut push = |name: String, column: &str, measure, sums: Sums| {
        if let Some((mean, deviation)) = sums.moments(all) {
            let encoding = Encoding::Measured {
                measure,
                mean,
                deviation,
            };
            features.push(Feature {
                name,
                column: column.to_owned(),
                encoding,
            });
        }
    };
    for (name, sums) in journeys.channels.iter().zip(channels) {
        let measure = Measure::Channel { name: name.clone() };
        push(
            format!("touches of {name} (log)"),
            &columns.channel,
            measure,
            sums,
        );
    }
    for (name, [counts, seen]) in journeys.events.iter().zip(events) {
        let measure = Measure::Event { name: name.clone() };
        push(
            format!("{}: number of {name}", columns.event),
            &columns.event,
            measure,
            counts,
        );
        let measure = Measure::EventSeen { name: name.clone() };
        push(
            format!("{}: has {name}", columns.event),
            &columns.event,
            measure,
            seen,
        );
    }
    let named = [
        ("hours from first to last touch (log)", Measure::Span),
        ("hours between the last two touches (log)", Measure::LastGap),
        ("mean of hours between touches (log)", Measure::MeanGap),
    ];
    for ((name, measure), sums) in named.into_iter().zip(spans) {
        push(name.to_owned(), &columns.time, measure, sums);
    }
    features
}

/// Where the inputs of one kind are in a row of the matrix: place, mean and deviation.
type Place = Option<(usize, f64, f64)>;

/// Writes the inputs that are counted from touches into a row-major matrix of `features.len()` columns.
pub fn fill(journeys: &Journeys, features: &[Feature], x: &mut [f32]) {
    let codes =
        |names: &[String]| -> HashMap<String, usize> { names.iter().cloned().zip(0..).collect() };
    let (channel_codes, event_codes) = (codes(&journeys.channels), codes(&journeys.events));
    let mut spans: [Place; 3] = [None; 3];
    let mut channels: Vec<Place> = vec![None; journeys.channels.len()];
    let mut events: Vec<[Place; 2]> = vec![[None; 2]; journeys.events.len()];
    // A row without any touch of a channel, so that counts only have to be added.
    let mut blank = vec![0.0f32; features.len()];
    for (at, feature) in features.iter().enumerate() {
        let Encoding::Measured {
            measure,
            mean,
            deviation,
        } = &feature.encoding
        else {
            continue;
        };
        let place = Some((at, *mean, *deviation));
        blank[at] = (-mean / deviation) as f32;
        match measure {
            Measure::Channel { name } => {
                if let Some(&code) = channel_codes.get(name) {
                    channels[code] = place;
                }
            }
            Measure::Event { name } | Measure::EventSeen { name } => {
                if let Some(&code) = event_codes.get(name) {
                    events[code][usize::from(matches!(measure, Measure::EventSeen { .. }))] = place;
                }
            }
            Measure::Span => spans[0] = place,
            Measure::LastGap => spans[1] = place,
            Measure::MeanGap => spans[2] = place,
        }
    }
    let mut by_channel = Tally::new(channels.len());
    let mut by_event = Tally::new(events.len());
    let timed = !journeys.gap_hours.is_empty();
    for (journey, row) in x.chunks_exact_mut(features.len().max(1)).enumerate() {
        let measured = features.iter().zip(row.iter_mut()).zip(&blank);
        for ((feature, cell), &value) in measured {
            if !feature.is_static() {
                *cell = value;
            }
        }
        let mut put = |place: Place, value: f64| {
            if let Some((at, mean, deviation)) = place {
                row[at] = ((value - mean) / deviation) as f32;
            }
        };
        let range = journeys.range(journey);
        by_channel.count(&journeys.touch_channels[range.clone()], |code, count| {
            put(channels[code as usize], count.ln_1p());
        });
        if !journeys.touch_events.is_empty() {
            by_event.count(&journeys.touch_events[range], |code, count| {
                put(events[code as usize][0], count);
                put(events[code as usize][1], 1.0);
            });
        }
        if timed {
            let values = times(journeys, journey);
            spans
                .iter()
                .zip(values)
                .for_each(|(&place, value)| put(place, value));
        }
    }
}
