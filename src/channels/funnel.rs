//! From touch to view to cart to order, per channel.

use super::reach::weight_of;
use crate::prepare::{Dataset, Journeys};
use crate::statistics::wilson;
use serde::Serialize;

/// Words of event types by stage, in lower case without marks between; the later stage is looked for first.
const WORDS: [(Stage, &[&str]); 2] = [
    (
        Stage::Cart,
        &[
            "cart",
            "basket",
            "checkout",
            "wishlist",
            "favorite",
            "favourite",
            "加购",
            "购物车",
            "收藏",
            "结算",
        ],
    ),
    (
        Stage::View,
        &[
            "view", "visit", "product", "page", "session", "browse", "detail", "浏览", "查看",
            "访问", "详情", "商品",
        ],
    ),
];

/// How far a journey got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It touched the channel.
    Touch,
    /// It looked at something.
    View,
    /// It put something aside to buy.
    Cart,
    /// It converted.
    Order,
}

/// Of the journeys that got to a stage, the part that got to the next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Passage {
    /// Absent where none got to the stage.
    pub share: Option<f64>,
    /// Wilson's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
}

/// Journeys of a channel by stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunnelChannel {
    /// The channel.
    pub name: String,
    /// Journeys that contain it and got at least so far, by stage.
    pub counts: Vec<f64>,
    /// From each stage to the next: one fewer than there are stages.
    pub passages: Vec<Passage>,
}

/// How far journeys got.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Funnel {
    /// Those that the file can tell, in order.
    pub stages: Vec<Stage>,
    /// In the order of the channels.
    pub channels: Vec<FunnelChannel>,
    /// All journeys by stage.
    pub total: Vec<f64>,
    /// Of all journeys, from each stage to the next.
    pub passages: Vec<Passage>,
}

fn passages(counts: &[f64], z: f64) -> Vec<Passage> {
    let passage = |pair: &[f64]| Passage {
        share: (pair[0] > 0.0).then(|| pair[1] / pair[0]),
        interval: (pair[0] > 0.0).then(|| wilson(pair[1], pair[0], z)),
    };
    counts.windows(2).map(passage).collect()
}

/// `None` where no event type speaks of a view or a cart.
pub(super) fn funnel(journeys: &Journeys, dataset: &Dataset, z: f64) -> Option<Funnel> {
    let of_event: Vec<Stage> = journeys.events.iter().map(|event| stage(event)).collect();
    if journeys.touch_events.len() != journeys.touch_channels.len() {
        return None;
    }
    let mut stages = vec![Stage::Touch];
    stages.extend(
        [Stage::View, Stage::Cart]
            .into_iter()
            .filter(|stage| of_event.contains(stage)),
    );
    stages.push(Stage::Order);
    if stages.len() < 3 {
        return None;
    }
    let mut total = vec![0.0; stages.len()];
    let mut counts = vec![vec![0.0; stages.len()]; journeys.channels.len()];
    let mut seen = vec![usize::MAX; journeys.channels.len()];
    for journey in 0..journeys.len() {
        let weight = weight_of(dataset, journey);
        let events = &journeys.touch_events[journeys.range(journey)];
        let met = events
            .iter()
            .filter_map(|&event| of_event.get(event as usize).copied());
        let furthest = if dataset.y[journey] > 0.5 {
            Stage::Order
        } else {
            met.max().unwrap_or(Stage::Touch)
        };
        let reached = stages.iter().filter(|stage| **stage <= furthest).count();
        let add = |counts: &mut [f64]| {
            counts[..reached]
                .iter_mut()
                .for_each(|count| *count += weight)
        };
        add(&mut total);
        for &channel in journeys.touches(journey) {
            if std::mem::replace(&mut seen[channel as usize], journey) != journey {
                add(&mut counts[channel as usize]);
            }
        }
    }
    let named = journeys.channels.iter().zip(counts);
    Some(Funnel {
        stages,
        channels: named
            .map(|(name, counts)| FunnelChannel {
                name: name.clone(),
                passages: passages(&counts, z),
                counts,
            })
            .collect(),
        passages: passages(&total, z),
        total,
    })
}

fn stage(event: &str) -> Stage {
    let plain: String = event
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    let speaks = |(_, words): &&(Stage, &[&str])| words.iter().any(|word| plain.contains(word));
    WORDS
        .iter()
        .find(speaks)
        .map_or(Stage::Touch, |(stage, _)| *stage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_types_speak_of_stages() {
        for (event, wanted) in [
            ("click", Stage::Touch),
            ("page_view", Stage::View),
            ("View Cart", Stage::Cart),
            ("add-to-cart", Stage::Cart),
            ("加入购物车", Stage::Cart),
            ("商品详情", Stage::View),
            ("impression", Stage::Touch),
        ] {
            assert_eq!(stage(event), wanted, "{event}");
        }
    }
}
