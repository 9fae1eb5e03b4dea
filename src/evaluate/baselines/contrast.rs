//! Two trained models, held against each other.

use super::compared;
use super::controls::Controls;
use super::judge::{BaselineFigures, Judge, Verdict};
use crate::evaluate::predict;
use crate::job::Host;
use crate::prepare::Dataset;
use crate::train::{Fit, TrainError};
use serde::Serialize;

/// Which of two models is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// The first, by more than a trifle.
    Model,
    /// The other, by more than a trifle.
    Other,
    /// They differ by a trifle at most.
    Same,
    /// The data can't tell.
    Unclear,
}

/// Two models on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contrast {
    /// The part that is compared on: `test`, else `validation`, else `train`.
    pub part: &'static str,
    /// The first model.
    pub model: BaselineFigures,
    /// The other.
    pub other: BaselineFigures,
    /// Which is better.
    pub better: Better,
    /// The other's mean log-loss less the first's.
    pub difference: f64,
    /// 95 % interval of it, by paired bootstrap over users (or rows where there are none).
    pub interval: [f64; 2],
    /// Differences below this are a trifle.
    pub margin: f64,
}

/// Holds two models of the same data against each other; `None` where the host asked to end.
///
/// # Errors
/// `aborted`.
pub async fn contrast(
    data: &Dataset,
    model: &Fit,
    other: &Fit,
    host: &mut impl Host,
) -> Result<Option<Contrast>, TrainError> {
    let (part, rows) = compared(data);
    let judge = Judge::new(data, rows);
    let mut host = Controls::new(host, "");
    let score = |fit: &Fit| predict(fit, &data.x, data.width(), data.journeys.as_ref()).0;
    let own = score(model);
    if host.stopped().await? {
        return Ok(None);
    }
    let others = score(other);
    let Some(verdict) = judge.verdict(&own, &others, &mut host).await? else {
        return Ok(None);
    };
    let better = better(&verdict);
    let Verdict {
        difference,
        interval,
        margin,
        ..
    } = verdict;
    Ok(Some(Contrast {
        part,
        model: judge.figures(&own),
        other: judge.figures(&others),
        better,
        difference,
        interval,
        margin,
    }))
}

fn better(verdict: &Verdict) -> Better {
    let Verdict {
        difference,
        interval: [low, high],
        margin,
        ..
    } = *verdict;
    if low > 0.0 && difference > margin {
        Better::Model
    } else if high < 0.0 && difference < -margin {
        Better::Other
    } else if -margin < low && high < margin {
        Better::Same
    } else {
        Better::Unclear
    }
}
