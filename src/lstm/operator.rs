//! What a backend has to offer, and how gradients pass through it.

#[cfg(feature = "webgpu")]
use burn::backend::Cube;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};

/// The operation as burn's dispatch knows it. `extras` is `[rows, 1 + hidden]`: the length and the mask of each
/// row; `initial` `[rows, 2 × hidden]`: `h₀` and `c₀`.
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex, Autodiff)]
pub trait LstmBackend: Backend {
    /// All hidden states, `[steps, rows, hidden]`.
    fn lstm_states(
        gates: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        extras: FloatTensor<Self>,
        initial: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// The kernels of a backend.
pub trait LstmKernels: Backend {
    /// The hidden states `[steps, rows, hidden]`, and what the way back needs of the way there, as the
    /// backend likes it: the gates after their activation, and the cells.
    fn forward(
        gates: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        extras: FloatTensor<Self>,
        initial: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// The gradients of `gates`, `weights` and `initial`, for that of the states.
    fn backward(
        gradient: FloatTensor<Self>,
        kept: Kept<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// What the way back needs.
#[derive(Debug)]
pub struct Kept<B: Backend> {
    /// The recurrent weights.
    pub weights: FloatTensor<B>,
    /// Lengths and masks.
    pub extras: FloatTensor<B>,
    /// The first states and cells.
    pub initial: FloatTensor<B>,
    /// The hidden states.
    pub states: FloatTensor<B>,
    /// Gates and cells.
    pub trace: FloatTensor<B>,
}

impl<B: Backend> Clone for Kept<B> {
    fn clone(&self) -> Self {
        Self {
            weights: self.weights.clone(),
            extras: self.extras.clone(),
            initial: self.initial.clone(),
            states: self.states.clone(),
            trace: self.trace.clone(),
        }
    }
}

macro_rules! without_gradients {
    ($backend:ty) => {
        impl LstmBackend for $backend {
            fn lstm_states(
                gates: FloatTensor<Self>,
                weights: FloatTensor<Self>,
                extras: FloatTensor<Self>,
                initial: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                <$backend as LstmKernels>::forward(gates, weights, extras, initial).0
            }
        }
    };
}
without_gradients!(Flex);
#[cfg(feature = "webgpu")]
without_gradients!(Cube);

#[derive(Debug)]
struct Recurrence;

impl<B: LstmKernels> Backward<B, 3> for Recurrence {
    type State = Kept<B>;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [gates, weights, initial] = ops.parents;
        let gradient = gradients.consume::<B>(&ops.node);
        let (d_gates, d_weights, d_initial) = B::backward(gradient, ops.state);
        for (parent, gradient) in [(gates, d_gates), (weights, d_weights), (initial, d_initial)] {
            if let Some(node) = parent {
                gradients.register::<B>(node.id, gradient);
            }
        }
    }
}

impl<B: LstmBackend + LstmKernels, C: CheckpointStrategy> LstmBackend for Autodiff<B, C> {
    fn lstm_states(
        gates: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        extras: FloatTensor<Self>,
        initial: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let (gates, of_gates) = gates.into_parts();
        let (weights, of_weights) = weights.into_parts();
        let (initial, of_initial) = initial.into_parts();
        let (extras, _) = extras.into_parts();
        let prepared = Recurrence
            .prepare::<C>([of_gates, of_weights, of_initial])
            .compute_bound()
            .stateful();
        let (states, trace) =
            <B as LstmKernels>::forward(gates, weights.clone(), extras.clone(), initial.clone());
        match prepared {
            OpsKind::Tracked(prepared) => {
                let kept = Kept {
                    weights,
                    extras,
                    initial,
                    states: states.clone(),
                    trace,
                };
                prepared.finish(kept, states)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(states),
        }
    }
}
