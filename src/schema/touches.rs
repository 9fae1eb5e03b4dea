//! Roles in a table of touches, and in a table of whole paths.

use super::infer::Guesser;
use super::label::{may_be_outcome, outcomes, positive_level};
use super::layout::varies;
use super::names::Name;
use super::{Reason, Role, RoleOptions};
use crate::table::ColumnData;

/// A label whose name is at least so sure wins over kinds of touches that are conversions.
const SURE_OUTCOME: usize = 2;

impl Guesser<'_> {
    /// The roles of a table of touches; the level of the label, or of the event type where there is no
    /// label, that is a conversion.
    pub(super) fn guess_touches(&mut self, roles: &RoleOptions) -> Option<String> {
        self.guess_units(roles);
        self.guess_order(roles);
        self.guess_kinds(roles);
        let conversion = self.conversion_event();
        if roles.label.is_none() {
            self.guess_touch_label(conversion.is_some());
        }
        for index in 0..self.table.columns.len() {
            if self.roles[index].is_none() && self.profiles[index].distinct <= 1 {
                self.guess_constant(index);
            }
        }
        let outcome = self.touch_outcomes(conversion.as_deref());
        self.guess_conversion_time(roles.conversion_time.is_none(), outcome.as_deref());
        self.guess_touch_amounts(roles, outcome.as_deref());
        self.guess_named(Role::Weight, roles.weight.is_none());
        self.guess_time(false);
        if self.has(Role::Label) {
            self.leave_out_outcomes();
        }
        self.guess_rest();
        self.positive().or(if self.has(Role::Label) {
            None
        } else {
            conversion
        })
    }

    /// Users and journeys.
    fn guess_units(&mut self, roles: &RoleOptions) {
        if let Some(index) = self.journey_column().filter(|_| roles.journey.is_none()) {
            let distinct = self.profiles[index].distinct as f64;
            let message = "It has the name of what keeps the touches of a journey together.";
            let reason = Reason::new("journey-name", message).figure("distinct", distinct);
            self.set(index, Role::Journey, reason);
        }
        if let Some(index) = self.user_column().filter(|_| roles.user.is_none()) {
            let distinct = self.profiles[index].distinct as f64;
            let reason = Reason::new("user-name", "It has the name of a user's identifier.");
            self.set(index, Role::User, reason.figure("distinct", distinct));
        }
    }

    /// What puts the touches of a user in order.
    fn guess_order(&mut self, roles: &RoleOptions) {
        let Some(index) = self.touch_time_column().filter(|_| roles.time.is_none()) else {
            return;
        };
        let reason = match (&self.table.columns[index].data, self.names[index].is_step()) {
            (ColumnData::Time(_), _) => Reason::new("time-type", "Its cells are points in time."),
            (_, true) => {
                let message = "It has the name of numbers that put touches in order.";
                Reason::new("order-number", message)
            }
            _ => Reason::new(
                "time-number",
                "It has the name of a time, and holds numbers.",
            ),
        };
        self.set(index, Role::Time, reason);
    }

    /// Channels and event types.
    fn guess_kinds(&mut self, roles: &RoleOptions) {
        if let Some(index) = self
            .touch_channel_column()
            .filter(|_| roles.channel.is_none())
        {
            let levels = self.profiles[index].distinct;
            let number = matches!(self.table.columns[index].data, ColumnData::Number(_));
            let (code, kind) = if number {
                ("channel-code", "number codes")
            } else {
                ("channel-name", "levels")
            };
            let message = format!("It has the name of a channel and {levels} {kind}.");
            let reason = Reason::new(code, message).figure("levels", levels as f64);
            self.set(index, Role::Channel, reason);
        }
        if let Some(index) = self.event_column().filter(|_| roles.event.is_none()) {
            let levels = self.profiles[index].distinct;
            let message = format!("It has the name of a kind of touch and {levels} levels.");
            let reason = Reason::new("event-name", message).figure("levels", levels as f64);
            self.set(index, Role::Event, reason);
        }
    }

    /// The event type that is a conversion by its name; of equally sure ones the more frequent.
    fn conversion_event(&self) -> Option<String> {
        let index = self.place_of(Role::Event)?;
        let (ColumnData::Category(cells) | ColumnData::Text(cells)) =
            &self.table.columns[index].data
        else {
            return None;
        };
        let mut counts = vec![0usize; cells.levels.len()];
        for &code in &cells.codes {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
        let ranked = cells
            .levels
            .iter()
            .zip(&counts)
            .filter_map(|(level, &count)| {
                let rank = Name::new(level).conversion_event()?;
                (count > 0).then_some((rank, std::cmp::Reverse(count), level))
            });
        ranked.min().map(|(_, _, level)| level.clone())
    }

    /// The outcome that stands in each row.
    fn touch_outcomes(&self, conversion: Option<&str>) -> Option<Vec<u8>> {
        let (role, level) = match self.place_of(Role::Label) {
            Some(_) => (Role::Label, self.positive()?),
            None => (Role::Event, conversion?.to_owned()),
        };
        outcomes(&self.table.columns[self.place_of(role)?], &level)
    }

    /// The outcome of touches; a conversion that is a kind of touch wins over a column that only tells
    /// of clicks and visits.
    fn guess_touch_label(&mut self, has_conversions: bool) {
        self.guess_label(&RoleOptions::default());
        if !has_conversions {
            self.guess_unnamed_flag();
            return;
        }
        let Some(index) = self.place_of(Role::Label) else {
            return;
        };
        let rank = self.names[index].outcome();
        if rank.is_none_or(|rank| rank > SURE_OUTCOME) {
            self.roles[index] = None;
        }
    }

    /// For want of a telling name, the last column of yes and no. One of two words is rather something
    /// about the user.
    fn guess_unnamed_flag(&mut self) {
        if self.has(Role::Label) {
            return;
        }
        let flags = self.open().filter(|(index, column)| {
            let words = matches!(column.data, ColumnData::Category(_));
            !words && may_be_outcome(column, &self.names[*index], &self.profiles[*index])
        });
        if let Some((index, _)) = flags.last() {
            let message = "It is the last column with two values; no name speaks of an outcome.";
            self.set_label(index, Reason::new("last-two-valued", message));
        }
    }

    /// What touches cost, and what conversions were worth. Amounts that stay the same within users, or
    /// that stand where nothing was converted, are something else.
    fn guess_touch_amounts(&mut self, roles: &RoleOptions, outcome: Option<&[u8]>) {
        let unit = self.unit_column();
        let cost = self.open().find(|(index, column)| {
            let number = matches!(column.data, ColumnData::Number(_));
            // `spend` may be what a user is worth as well.
            let name = &self.names[*index];
            let varies = || unit.is_none_or(|unit| varies(self.table, unit, *index));
            let fits = name.is_cost() && (!name.is_value() || varies());
            fits && number && self.profiles[*index].least >= 0.0
        });
        if let Some((index, _)) = cost.filter(|_| roles.cost.is_none()) {
            let distinct = self.profiles[index].distinct as f64;
            let reason = Reason::new("cost-name", "It has the name of a cost.");
            self.set(index, Role::Cost, reason.figure("distinct", distinct));
        }
        self.guess_values(roles.value.is_none(), outcome);
    }

    /// The roles of a table of whole paths; the positive level of the label, where it holds outcomes
    /// and not counts.
    pub(super) fn guess_paths(&mut self, roles: &RoleOptions) -> Option<String> {
        if let Some(index) = self.path_column().filter(|_| roles.path.is_none()) {
            let message = "It holds whole paths.";
            self.set(index, Role::Path, Reason::new("path-name", message));
        }
        if let Some(index) = self.count_column().filter(|_| roles.label.is_none()) {
            let message = "It has the name of a count of conversions.";
            self.set(index, Role::Label, Reason::new("conversions-name", message));
        }
        if roles.label.is_none() && !self.has(Role::Label) {
            self.guess_label(roles);
        }
        let further = [
            (
                Role::Value,
                roles.value.is_none(),
                "path-value-name",
                "It has the name of a value.",
            ),
            (
                Role::Nulls,
                roles.nulls.is_none(),
                "nulls-name",
                "It has the name of a count of journeys without a conversion.",
            ),
        ];
        for (role, wanted, code, message) in further {
            let ranked = self.open().filter_map(|(index, _)| {
                let name = &self.names[index];
                let rank = if role == Role::Value {
                    name.path_value()
                } else {
                    name.nulls()
                };
                Some((rank?, index))
            });
            if let Some((_, index)) = ranked.min().filter(|_| wanted) {
                self.set(index, role, Reason::new(code, message));
            }
        }
        self.guess_named(Role::Weight, roles.weight.is_none());
        let open: Vec<usize> = self.open().map(|(index, _)| index).collect();
        for index in open {
            let message = "A table of paths has no use for it.";
            self.set(
                index,
                Role::Ignore,
                Reason::new("no-use-for-paths", message),
            );
        }
        let label = self.place_of(Role::Label)?;
        if self.has(Role::Nulls) {
            return None;
        }
        positive_level(&self.profiles[label])
    }
}
