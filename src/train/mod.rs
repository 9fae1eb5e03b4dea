//! Fitting a model: the loop, the optimisers, early stopping.
