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
mod options;
mod over_journeys;
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
mod sensitivity;
mod trials;
mod units;
mod view;

pub use crate::statistics::wilson;
pub use advantages::{Advantage, Measure, Measured, Missing};
pub use cohorts::{Age, CohortChannel, CohortRow, Cohorts};
pub use comparison::{
    ChannelModel, ComparedChannel, Comparison, RunEffects, Totals, compare, compare_on,
};
pub use effects::{ChannelEffect, Verdict, effects};
pub use findings::{Finding, MIN_EVENTS};
pub use funnel::{Funnel, FunnelChannel, Stage};
pub use groups::{ChannelGroup, Group, group_named, group_of};
pub use lift::{Difference, Lift, LiftEffect, LiftGroup};
pub use model_credit::{CreditedModel, Scorer, model_credit};
pub use money::{Money, MoneyChannel, MoneyMethod, MoneyPeriods, PeriodChannel};
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
pub use replay::{Replay, ReplayedMethod};
pub use response::{CurvePoint, Fit, MIN_PERIODS, Response, ResponsePoint};
