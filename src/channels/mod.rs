//! How the channels compare: conversion rates with intervals, odds after allowing for everything else,
//! and what can be said from them.

mod advantage_measures;
mod advantages;
mod asked;
mod cohorts;
mod comparison;
mod costs;
mod credit_findings;
mod effects;
mod findings;
mod funnel;
mod games;
mod groups;
mod lift;
mod model_credit;
mod money;
mod money_periods;
mod options;
mod over_journeys;
mod over_rows;
mod pairs;
mod paths_view;
mod people;
mod periods;
mod plan;
mod rates;
mod reach;
mod reason;
mod replay;
mod response;
mod response_draws;
mod response_fit;
mod sensitivity;
mod subset;
mod treatment;
mod trials;
mod units;
mod view;

pub use crate::statistics::wilson;
pub use advantages::{Advantage, Measure, Measured, Missing};
pub use cohorts::{Age, CohortChannel, CohortRow, Cohorts};
pub use comparison::{
    ChannelModel, ComparedChannel, Comparison, Learned, RunEffects, Totals, compare, compare_on,
};
pub use costs::costs_of_rows;
pub use effects::{ChannelEffect, Verdict, effects};
pub use findings::{Finding, MIN_EVENTS};
pub use funnel::{Funnel, FunnelChannel, Passage, Stage};
pub use groups::{ChannelGroup, Group, group_named, group_of};
pub use lift::{Difference, Lift, LiftEffect, LiftGroup};
pub use model_credit::{CreditedModel, Scorer, model_credit};
pub use money::{Money, MoneyChannel, MoneyMethod};
pub use money_periods::{MoneyPeriods, PeriodChannel};
pub use options::{
    ChannelCost, CompareError, CompareOptions, CreditRule, Grouping, Level, Placing, Treatment,
    ValidCompareOptions,
};
pub use pairs::{Pair, pairwise};
pub use paths_view::{Lag, Length, Link, PathsView, Roles, TopPath};
pub use periods::Period;
pub use plan::{Bound, BudgetPlan, Goal, PlanError, PlanOptions, PlannedChannel, plan};
pub use rates::{ChannelRate, channel_rates};
pub use reason::Reason;
pub use replay::{Replay, ReplayedMethod, replay_part};
pub use response::{CurvePoint, Fit, MIN_PERIODS, Response, ResponseOutcome, ResponsePoint};
pub use response_draws::Drawn;
pub use treatment::LiftRefused;
