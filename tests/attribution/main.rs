//! The credit methods against independent results, brute force, and what must hold of them.

mod bootstrap;
mod common;
mod heuristics;
mod host;
mod markov;
mod paths;
mod properties;
mod reference;
mod worked;
