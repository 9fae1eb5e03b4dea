//! Nasty files.
