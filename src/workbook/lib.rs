//! Excel workbooks: which sheet, and its cells in batches.
//!
//! The reader is most of a megabyte of code that most visitors never need. So it is a crate of its own: native
//! callers use [`reader`] as a library; for browsers the same is built as a WebAssembly module (`exports`) that is
//! fetched when the first workbook comes, and thrown away, memory and all, when that is read. Both hand out cells
//! in the form of [`cells`]; what they mean (days, numbers, headers) is decided by whoever asked.

pub mod cells;
#[cfg(all(target_arch = "wasm32", feature = "reader"))]
mod exports;
#[cfg(feature = "reader")]
pub mod reader;

/// Why a workbook could not be read. The numbers cross from one module to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[repr(u8)]
pub enum Fault {
    /// It unpacks to more than [`Most`] allows.
    #[error("it unpacks to more than can be read")]
    TooLarge = 1,
    /// The archive around it is damaged.
    #[error("the archive is damaged")]
    BrokenArchive = 2,
    /// It has a password.
    #[error("it has a password")]
    Encrypted = 3,
    /// It is not as Excel writes them.
    #[error("it is damaged")]
    Broken = 4,
    /// It has no sheet of the name that was asked for.
    #[error("it has no sheet of that name")]
    UnknownSheet = 5,
    /// It has no sheet.
    #[error("it has no sheet")]
    Empty = 6,
}

impl Fault {
    /// The fault of a number; one that none has is taken for a damaged workbook.
    pub fn of(number: u8) -> Self {
        use Fault::{BrokenArchive, Empty, Encrypted, TooLarge, UnknownSheet};
        [TooLarge, BrokenArchive, Encrypted, UnknownSheet, Empty]
            .into_iter()
            .find(|fault| *fault as u8 == number)
            .unwrap_or(Self::Broken)
    }
}

/// What a workbook may unpack to, in bytes: a small file can hold more than a tab can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// All of its parts.
    pub bytes: u64,
    /// Its shared texts alone.
    pub strings: u64,
}

/// A workbook that was opened, wherever that is.
pub trait Workbook {
    /// The sheets with cells, in the workbook's order.
    fn sheets(&self) -> Vec<String>;

    /// Begins to read the sheet asked for, or the first that is shown and has at least two rows; else the first.
    ///
    /// # Errors
    /// [`Fault::UnknownSheet`], [`Fault::Empty`], [`Fault::Broken`].
    fn sheet(&mut self, wanted: Option<&str>) -> Result<Box<dyn Sheet + '_>, Fault>;
}

/// A sheet that is being read.
pub trait Sheet {
    /// What is known before the first cell.
    fn about(&self) -> &About;

    /// Puts the next cells behind those that `batch` holds, as [`cells`] has them; `false` where there are none.
    ///
    /// # Errors
    /// [`Fault::Broken`].
    fn next(&mut self, batch: &mut Vec<u8>) -> Result<bool, Fault>;
}

/// What is known of a sheet before its first cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Whether its days count from 1904.
    pub from_1904: bool,
    /// How many rows it says it has; 0 where it says nothing.
    pub rows: u32,
}
