//! What every kernel knows: the network's sizes, and what is told of a batch.

/// Where the batch's numbers lie: how many rows,
pub(super) const ROW_COUNT: usize = 0;
/// how many journeys are held on the device,
pub(super) const JOURNEYS: usize = 1;
/// how many touches they have,
pub(super) const TOUCHES: usize = 2;
/// which update this is, as the masks count,
pub(super) const STEP: usize = 3;
/// and for the masks of the recurrent product and of the last state, what they are drawn from and from which
/// number on something is kept.
pub(super) const RECURRENT_SEED: usize = 4;
/// See [`RECURRENT_SEED`].
pub(super) const LAST_SEED: usize = 5;
/// See [`RECURRENT_SEED`].
pub(super) const RECURRENT_LEAST: usize = 6;
/// See [`RECURRENT_SEED`].
pub(super) const LAST_LEAST: usize = 7;
/// After them comes which journey each row is, and then where each step's lines start, one more than there are
/// steps.
pub(super) const HEADER: usize = 8;

/// How large the network is, and where its arrays lie in the parameters; fixed when a kernel is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sizes {
    pub hidden: usize,
    pub embedding: usize,
    pub channels: usize,
    pub events: usize,
    pub statics: usize,
    pub gaps: bool,
    pub at_events: usize,
    pub at_input: usize,
    pub at_hidden: usize,
    pub at_bias: usize,
    pub at_dense: usize,
}

impl Sizes {
    /// Entries of both vocabularies.
    pub fn entries(self) -> usize {
        self.channels + self.events
    }

    /// What has a gradient of its own in the table: the entries, and the time.
    pub fn lines_of_table(self) -> usize {
        self.entries() + usize::from(self.gaps)
    }

    /// Numbers that a step takes in, the time apart.
    pub fn embedded(self) -> usize {
        if self.events > 0 {
            2 * self.embedding
        } else {
            self.embedding
        }
    }

    /// Where the weights of the time lie.
    pub fn at_gap(self) -> usize {
        self.at_input + self.embedded() * 4 * self.hidden
    }

    /// How many parameters there are.
    pub fn parameters(self) -> usize {
        self.at_dense + self.hidden + self.statics + 1
    }
}
