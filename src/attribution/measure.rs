//! All methods applied to one set of counts: the observed ones, or a resample's.

use super::chain::{Chain, Flow};
use super::journeys::{Ends, Journeys};
use super::options::{Method, Settings};
use super::removal::{Removal, Solver};
use super::rows::{Rows, Unit};
use crate::prepare::paths::Paths;

/// The credit of one method.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Credit {
    /// Per channel, its part of all conversions; adds up to 1.
    pub(crate) shares: Vec<f64>,
    /// Per channel, what its conversions were worth; empty where nothing is known.
    pub(crate) values: Vec<f64>,
}

/// The credit of every method for one set of counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) conversions: f64,
    pub(crate) value: f64,
    /// In the order of the methods; `None` where a method was left out.
    pub(crate) credits: Vec<Option<Credit>>,
    pub(crate) removal: Option<Removal>,
}

/// Holds whatever does not change from resample to resample.
#[derive(Debug)]
pub(crate) struct Measurer {
    pub(crate) journeys: Journeys,
    pub(crate) methods: Vec<Method>,
    rows: Vec<Option<Rows>>,
    solver: Option<Solver>,
    valued: bool,
    pub(crate) ends: Ends,
    pub(crate) flow: Flow,
    /// Conversions per cell and what they are worth, for methods that go by cell.
    cell_conversions: Vec<f64>,
    cell_values: Vec<f64>,
}

impl Measurer {
    /// Works out the rows of every method, and the chain of that order if Markov is among them.
    pub(crate) fn new(
        paths: &Paths,
        journeys: Journeys,
        settings: &Settings,
        order: usize,
    ) -> Self {
        let rows = |&method: &Method| Rows::new(method, &journeys, paths, settings);
        let rows = settings.methods.iter().map(rows).collect();
        let markov = settings.methods.contains(&Method::Markov);
        let solver = || Solver::new(Chain::new(&journeys, order), journeys.channels());
        Self {
            rows,
            solver: markov.then(solver),
            methods: settings.methods.clone(),
            valued: journeys.observed.values.iter().any(|&value| value != 0.0),
            ends: Ends::none(journeys.len()),
            flow: Flow::default(),
            cell_conversions: Vec::new(),
            cell_values: Vec::new(),
            journeys,
        }
    }

    /// Whether anything is known about what conversions are worth.
    pub(crate) fn valued(&self) -> bool {
        self.valued
    }

    /// The Markov chain.
    pub(crate) fn chain(&self) -> Option<&Chain> {
        self.solver.as_ref().map(|solver| &solver.chain)
    }

    /// Additions and products per measurement, the solution of the chain aside.
    pub(crate) fn cost(&self) -> u64 {
        let rows: usize = self.rows.iter().flatten().map(Rows::entries).sum();
        let chain = self.chain().map_or(0, Chain::entries);
        (rows + chain + 8 * self.journeys.cells.len()) as u64
    }

    /// The credit for the observed counts, Markov's to an error of at most `tolerance`.
    pub(crate) fn observed(&mut self, tolerance: f64) -> Measured {
        self.ends = self.journeys.observed.clone();
        let cells = &self.journeys.cells;
        self.cell_conversions = cells.iter().map(|cell| cell.count).collect();
        self.measure(tolerance, true)
    }

    /// The credit for drawn cell counts.
    pub(crate) fn drawn(&mut self, drawn: &[f64], tolerance: f64, markov: bool) -> Measured {
        self.journeys.gather(drawn, &mut self.ends);
        self.cell_conversions.clear();
        self.cell_conversions.extend_from_slice(drawn);
        self.measure(tolerance, markov)
    }

    fn measure(&mut self, tolerance: f64, markov: bool) -> Measured {
        self.cell_values.clear();
        let counts = self.cell_conversions.iter().zip(&self.journeys.cells);
        self.cell_values
            .extend(counts.map(|(count, cell)| count * cell.worth));
        let mut measured = Measured {
            conversions: self.ends.conversions.iter().sum(),
            value: self.ends.values.iter().sum(),
            ..Measured::default()
        };
        let removal = if markov && measured.conversions > 0.0 {
            self.removal(tolerance)
        } else {
            None
        };
        for rows in &self.rows {
            let credit = match rows {
                Some(rows) => Some(self.by_rows(rows, &measured)),
                None => removal
                    .as_ref()
                    .map(|removal| self.by_removal(removal, &measured)),
            };
            measured.credits.push(credit);
        }
        measured.removal = removal;
        measured
    }

    fn removal(&mut self, tolerance: f64) -> Option<Removal> {
        let solver = self.solver.as_mut()?;
        solver.chain.count(&self.ends, &mut self.flow);
        Some(solver.solve(&self.flow, &self.flow.conversions, tolerance))
    }

    /// The removal effects on the value of the observed journeys. Call it after [`Self::observed`].
    pub(crate) fn value_removal(&self, tolerance: f64) -> Option<Removal> {
        let chain = self.chain()?.clone();
        let mut solver = Solver::new(chain, self.journeys.channels());
        Some(solver.solve(&self.flow, &self.flow.values, tolerance))
    }

    fn by_rows(&self, rows: &Rows, measured: &Measured) -> Credit {
        let (conversions, values) = match rows.unit {
            Unit::Sequence => (&self.ends.conversions, &self.ends.values),
            Unit::Cell => (&self.cell_conversions, &self.cell_values),
        };
        let mut credit = Credit {
            shares: vec![0.0; self.journeys.channels()],
            values: Vec::new(),
        };
        rows.add(conversions, &mut credit.shares);
        for share in &mut credit.shares {
            *share /= measured.conversions;
        }
        if self.valued {
            credit.values.resize(self.journeys.channels(), 0.0);
            rows.add(values, &mut credit.values);
        }
        credit
    }

    fn by_removal(&self, removal: &Removal, measured: &Measured) -> Credit {
        let total: f64 = removal.effects.iter().sum();
        let shares: Vec<f64> = removal
            .effects
            .iter()
            .map(|effect| effect / total)
            .collect();
        let value = |share: &f64| share * measured.value;
        Credit {
            values: if self.valued {
                shares.iter().map(value).collect()
            } else {
                Vec::new()
            },
            shares,
        }
    }
}
