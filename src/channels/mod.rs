//! How the channels compare.
