//! What the tests of journey models share: journeys with a known truth, and the Criteo journeys.

#![allow(dead_code, clippy::unwrap_used)] // Each test file uses a part of it.

use channelwise::prepare::{Dataset, Encoding, Feature, Journeys, Split};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::io::Read;
use std::path::Path;

/// What decides whether a simulated journey converts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Truth {
    /// Whether `mail` comes right after `ads`, at any place.
    Order,
    /// How often `mail` occurs.
    Counts,
    /// Whether the last gap is below a day.
    Gaps,
    /// Whether `mail` comes within a day of the touch before it, at any place.
    Pair,
    /// Only a feature of the whole journey.
    Static,
}

/// Journeys of 1 to 8 touches of four channels, with the chance of conversion 0.85 where the truth holds
/// and 0.1 where it does not. The features are the counts of the channels and one of the whole journey.
pub fn simulated(count: usize, truth: Truth, seed: u64) -> Dataset {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let names = ["ads", "mail", "search", "social"];
    let mut journeys = Journeys {
        channels: names.map(String::from).to_vec(),
        offsets: vec![0],
        calendar: true,
        ..Journeys::default()
    };
    let mut data = Dataset {
        positive: "1".to_owned(),
        ..Dataset::default()
    };
    for row in 0..count as u32 {
        let length = random.random_range(1..=8);
        let touches: Vec<u32> = (0..length).map(|_| random.random_range(0..4)).collect();
        let gaps: Vec<f32> = (0..length)
            .map(|at| match at {
                0 => 0.0,
                _ => 10.0_f32.powf(random.random::<f32>() * 3.0),
            })
            .collect();
        let label: f32 = random.random_range(-1.0..1.0);
        let holds = match truth {
            Truth::Order => touches.windows(2).any(|pair| pair == [0, 1]),
            Truth::Counts => touches.iter().filter(|&&touch| touch == 1).count() >= 2,
            Truth::Gaps => length > 1 && gaps[length - 1] < 24.0,
            Truth::Pair => (1..length).any(|at| touches[at] == 1 && gaps[at] < 24.0),
            Truth::Static => random.random::<f32>() < 1.0 / (1.0 + (-9.0 * label).exp()),
        };
        let chance = if holds { 0.85 } else { 0.1 };
        data.y
            .push(f32::from(u8::from(random.random::<f64>() < chance)));
        let mut features = [0.0; 5];
        touches
            .iter()
            .for_each(|&touch| features[touch as usize] += 1.0);
        features[4] = label;
        data.x.extend(features);
        journeys.touch_channels.extend(touches);
        journeys.gap_hours.extend(gaps);
        journeys.offsets.push(journeys.touch_channels.len() as u32);
        match row % 10 {
            0 => data.split.validation.push(row),
            1 | 2 => data.split.test.push(row),
            _ => data.split.train.push(row),
        }
    }
    let feature = |name: &str| Feature {
        name: name.to_owned(),
        column: name.to_owned(),
        encoding: Encoding::Standardised {
            mean: 0.0,
            deviation: 1.0,
        },
    };
    data.features = names.map(feature).to_vec();
    data.features.push(feature("label"));
    data.table_rows = (0..count as u32).collect();
    data.journeys = Some(journeys);
    data
}

/// The first rows of the file.
pub struct CriteoRow {
    journey: u32,
    user: u32,
    seconds: f64,
    campaign: u32,
    converted: bool,
}

/// The Criteo journeys: the last 20 touches of each, the gaps as they were before the cut, the counts of the
/// campaigns as features; journeys of every fifth user test (`user % 5 == 4`), all others train.
pub fn criteo(folder: &Path) -> Option<Dataset> {
    const LONGEST: usize = 20;
    let file = std::fs::File::open(folder.join("data/criteo_journeys_train.csv.gz")).ok()?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let mut next = || cells.next().unwrap();
        CriteoRow {
            journey: next().parse().unwrap(),
            user: next().parse().unwrap(),
            seconds: next().parse().unwrap(),
            campaign: next().parse().unwrap(),
            converted: next() == "1",
        }
    });
    let rows: Vec<CriteoRow> = rows.collect();
    let campaigns = rows.iter().map(|row| row.campaign).max().unwrap() as usize + 1;
    let mut journeys = Journeys {
        channels: (0..campaigns).map(|at| format!("campaign {at}")).collect(),
        offsets: vec![0],
        ..Journeys::default()
    };
    let mut data = Dataset {
        positive: "1".to_owned(),
        ..Dataset::default()
    };
    let mut users = Vec::new();
    for touches in rows.chunk_by(|a, b| a.journey == b.journey) {
        let mut counts = vec![0.0; campaigns];
        touches
            .iter()
            .for_each(|touch| counts[touch.campaign as usize] += 1.0);
        data.x.extend(counts);
        for at in touches.len().saturating_sub(LONGEST)..touches.len() {
            let before = touches[at.saturating_sub(1)].seconds;
            journeys.touch_channels.push(touches[at].campaign);
            journeys
                .gap_hours
                .push(((touches[at].seconds - before) / 3600.0) as f32);
        }
        journeys.offsets.push(journeys.touch_channels.len() as u32);
        data.y.push(f32::from(u8::from(touches[0].converted)));
        users.push(touches[0].user);
    }
    let mut split = Split::default();
    for (row, &user) in (0_u32..).zip(&users) {
        if user % 5 == 4 {
            split.test.push(row);
        } else {
            split.train.push(row);
        }
    }
    data.features = (0..campaigns)
        .map(|at| Feature {
            name: format!("campaign {at}"),
            column: "campaign".to_owned(),
            encoding: Encoding::Standardised {
                mean: 0.0,
                deviation: 1.0,
            },
        })
        .collect();
    data.users = Some(users);
    data.table_rows = (0..data.y.len() as u32).collect();
    data.split = split;
    data.journeys = Some(journeys);
    Some(data)
}
