//! How the work talks to whoever started it.

use crate::common::{paths, row};
use channelwise::attribution::{AttributionError, AttributionOptions, attribute, attribute_on};
use channelwise::job::{Host, Progress, Quiet, Signal};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return done;
        }
    }
}

/// Says the same to every question from the tenth on.
struct Bored {
    asked: usize,
    then: Signal,
}

impl Host for Bored {
    fn now(&self) -> f64 {
        0.0
    }

    fn report(&mut self, _: Progress) {}

    async fn breathe(&mut self) -> Signal {
        self.asked += 1;
        if self.asked < 10 {
            Signal::Continue
        } else {
            self.then
        }
    }
}

#[test]
fn progress_stop_and_cancel() {
    let paths = paths(&[row("a > b", 5.0, 0.0, 5.0), row("b", 3.0, 0.0, 9.0)]);
    let options = AttributionOptions {
        resamples: 50,
        ..AttributionOptions::default()
    };
    let mut quiet = Quiet::default();
    let heard = now(attribute_on(&paths, None, &options, &mut quiet)).expect("credited");
    assert_eq!(heard, attribute(&paths, &options).expect("credited"));
    assert_eq!(
        quiet.reports.last().map(|report| report.fraction),
        Some(1.0)
    );
    let bored = |then| {
        now(attribute_on(
            &paths,
            None,
            &options,
            &mut Bored { asked: 0, then },
        ))
    };
    assert_eq!(bored(Signal::Stop).expect("kept").credit[0].resamples, 9);
    assert_eq!(bored(Signal::Cancel), Err(AttributionError::Aborted));
}
