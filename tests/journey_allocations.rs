//! Training a journey model on the CPU asks for no memory from step to step.

#![allow(clippy::unwrap_used, unsafe_code)] // A test may panic; an allocator is `unsafe` by its nature.

mod journey_support;
mod logistic_support;

use burn::tensor::Device;
use channelwise::job::{Host, Progress, Signal};
use channelwise::prepare::Dataset;
use channelwise::train::{self, TrainOptions, TrainingData};
use journey_support::{Truth, simulated};
use logistic_support::block_on;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts how often this thread asks for memory.
struct Counting;

// SAFETY: every call goes to the system's allocator as it came; counting in a thread-local cell with a constant
// start allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Notes at every breath, of which one comes before each update, how often memory was asked for so far.
struct Noting {
    noted: Vec<usize>,
}

impl Host for Noting {
    // Time stands still, so that nothing is reported between epochs.
    fn now(&self) -> f64 {
        0.0
    }

    fn report(&mut self, _: Progress) {}

    async fn breathe(&mut self) -> Signal {
        self.noted.push(ALLOCATIONS.with(Cell::get));
        Signal::Continue
    }
}

/// How often memory is asked for in each update of each epoch but the last, whose end no breath follows; of the
/// last update of an epoch nothing is known either.
fn asked(data: &Dataset, json: &str) -> Vec<Vec<usize>> {
    let mut options: TrainOptions = serde_json::from_str(json).unwrap();
    options.model = Some("journey".into());
    let options = options.check(data.split.train.len()).unwrap();
    let epochs = options.epochs;
    let mut host = Noting {
        noted: Vec::with_capacity(100_000),
    };
    let parts = TrainingData::from(data);
    let fit = block_on(train::fit(
        &parts,
        &options,
        &Device::flex(),
        "run-1",
        &mut host,
    ))
    .unwrap();
    let each = fit.steps / epochs;
    assert_eq!((host.noted.len(), each * epochs), (fit.steps, fit.steps));
    let epochs = host.noted.chunks(each);
    epochs
        .map(|epoch| epoch.windows(2).map(|pair| pair[1] - pair[0]).collect())
        .collect()
}

/// Journeys of one length.
fn even() -> Dataset {
    let mut data = simulated(1200, Truth::Counts, 3);
    let journeys = data.journeys.as_mut().unwrap();
    let rows = journeys.len();
    journeys.offsets = (0..=rows as u32).map(|row| 4 * row).collect();
    journeys.touch_channels = (0..4 * rows as u32).map(|touch| touch % 3).collect();
    journeys.gap_hours = vec![1.0; 4 * rows];
    data
}

/// Batch sizes divide the 840 training rows: a short batch that comes first makes room for itself only.
const VARIANTS: [&str; 4] = [
    r#"{"epochs":3,"batchSize":30,"earlyStopping":null}"#,
    r#"{"epochs":3,"batchSize":30,"dropout":0.2,"recurrentDropout":0.2,"hidden":128}"#,
    r#"{"epochs":3,"batchSize":30,"layers":2,"bidirectional":true}"#,
    r#"{"epochs":3,"batchSize":70,"timeGaps":false,"optimizer":{"kind":"adamw"}}"#,
];

#[test]
fn after_the_first_step_no_step_asks_for_memory() {
    let data = even();
    assert_eq!(data.split.train.len(), 840);
    for json in VARIANTS {
        let epochs = asked(&data, json);
        assert!(epochs[0][0] > 0, "the first step makes room: {json}");
        for epoch in &epochs {
            assert!(epoch.len() > 10);
            assert!(
                epoch[1..].iter().all(|&asked| asked == 0),
                "{json}: {epoch:?}"
            );
        }
    }
}

#[test]
fn where_lengths_differ_the_first_epoch_meets_them_all() {
    let data = simulated(2000, Truth::Order, 4);
    for json in VARIANTS {
        let epochs = asked(&data, json);
        for epoch in &epochs[1..] {
            // A batch may hold a few touches more than any before it.
            let asked = epoch.iter().filter(|&&asked| asked > 0).count();
            assert!(asked * 50 <= epoch.len(), "{json}: {epoch:?}");
        }
    }
}
