//! Whether the outcome that stands beside each touch is that of the touch or that of its journey.

use super::OutcomeOf;
use super::outcome::UNKNOWN;
use super::report::Step;
use super::touch_order::Sorted;
use super::touches::Built;
use crate::error::Warning;

/// From this share of the telling journeys on it is worth a word that they speak against single touches.
const AGAINST_TOUCHES: f64 = 0.05;

/// Where conversions stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// In the rows of converting touches.
    Touches,
    /// In all rows of a journey that converted.
    Journeys,
    /// In rows of their own kind, which are no touches.
    Events,
}

/// Groups of touches (of a journey or a user) by what their outcomes say.
#[derive(Default)]
struct Votes {
    groups: usize,
    /// Those of several touches of which some converted and some did not.
    mixed: usize,
    /// Those of several touches all of which say converted.
    alike: usize,
}

/// Reads the outcome as it was asked for, else as most groups of several touches that converted speak
/// for: all their touches say so, or only some do. What was decided becomes a step of the report, and
/// groups that speak against it a warning.
pub(super) fn reading(
    sorted: &Sorted<'_>,
    marks: &[u8],
    asked: OutcomeOf,
    built: &mut Built,
) -> Ends {
    let votes = count(sorted, marks);
    let ends = match asked {
        OutcomeOf::Touch => Ends::Touches,
        OutcomeOf::Journey => Ends::Journeys,
        OutcomeOf::Auto if votes.alike > votes.mixed => Ends::Journeys,
        OutcomeOf::Auto => Ends::Touches,
    };
    let telling = votes.alike + votes.mixed;
    let (code, what, against) = match ends {
        Ends::Journeys => ("outcome-of-journeys", "whole journeys", votes.mixed),
        _ => ("outcome-of-touches", "single touches", votes.alike),
    };
    let message = format!(
        "The outcome is read as that of {what}: of {telling} journeys or users with several touches and a conversion, {against} speak against it."
    );
    let figures = [
        ("groups", votes.groups as f64),
        ("telling", telling as f64),
        ("against", against as f64),
    ];
    built.steps.push(Step::new(code, message, &figures));
    if asked == OutcomeOf::Auto {
        built.warnings.extend(contradiction(ends, telling, against));
    }
    ends
}

fn count(sorted: &Sorted<'_>, marks: &[u8]) -> Votes {
    let mut votes = Votes::default();
    for group in sorted.groups() {
        votes.groups += 1;
        let (mut yes, mut no) = (0usize, 0usize);
        for &row in &sorted.rows[group] {
            match marks[row as usize] {
                UNKNOWN => {}
                0 => no += 1,
                _ => yes += 1,
            }
        }
        votes.mixed += usize::from(yes > 0 && no > 0);
        votes.alike += usize::from(yes > 1 && no == 0);
    }
    votes
}

fn contradiction(ends: Ends, telling: usize, against: usize) -> Option<Warning> {
    let share = against as f64 / telling.max(1) as f64;
    let warning = match ends {
        Ends::Journeys if against > 0 => {
            let message = format!(
                "In {against} of {telling} journeys with a conversion only some touches say converted. The outcome is taken for that of the whole journey, and these go by most of their touches."
            );
            Warning::new("outcome-differs-within-journeys", message).remedy("outcomeOf", "touch")
        }
        Ends::Touches if share >= AGAINST_TOUCHES => {
            let message = format!(
                "In {against} of {telling} journeys with a conversion every touch says converted. The outcome is taken for that of each touch, so each of these touches is a conversion of its own."
            );
            Warning::new("outcome-same-within-journeys", message).remedy("outcomeOf", "journey")
        }
        _ => return None,
    };
    let warning = warning.figure("journeys", against as f64);
    Some(
        warning
            .figure("telling", telling as f64)
            .figure("share", share),
    )
}
