//! The reader as a WebAssembly module, for one workbook: bytes in at [`room`], answers out at [`output`].
//!
//! It calls nothing but itself, whatever a file makes of it. An answer is the length
//! of what lies at [`output`], or the number of a [`Fault`] with a minus in front.

// SAFETY: `no_mangle` is unsafe where another symbol has the same name. These are all of the module's own, and
// none of them reads or writes through an address.
#![allow(unsafe_code)]

use crate::cells::{FORMAT, push_texts};
use crate::reader::{Book, Cells};
use crate::{Fault, Most, Sheet, Workbook};
use std::cell::RefCell;

struct State {
    input: Vec<u8>,
    output: Vec<u8>,
    book: Option<Book>,
    cells: Option<Cells<'static>>,
}

thread_local! {
    static STATE: RefCell<State> = const {
        RefCell::new(State {
            input: Vec::new(),
            output: Vec::new(),
            book: None,
            cells: None,
        })
    };
}

fn answer(work: impl FnOnce(&mut State) -> Result<(), Fault>) -> i32 {
    STATE.with_borrow_mut(|state| {
        state.output.clear();
        match work(state) {
            Ok(()) => state.output.len() as i32,
            Err(fault) => -i32::from(fault as u8),
        }
    })
}

/// In which form cells come out.
#[unsafe(no_mangle)]
extern "C" fn format() -> i32 {
    FORMAT
}

/// Makes room for bytes that come in, and says where; 0 where there is not enough.
#[unsafe(no_mangle)]
extern "C" fn room(length: usize) -> usize {
    STATE.with_borrow_mut(|state| {
        state.input = Vec::new();
        if state.input.try_reserve_exact(length).is_err() {
            return 0;
        }
        state.input.resize(length, 0);
        state.input.as_mut_ptr() as usize
    })
}

/// Where the last answer lies.
#[unsafe(no_mangle)]
extern "C" fn output() -> usize {
    STATE.with_borrow(|state| state.output.as_ptr() as usize)
}

/// Opens the workbook that came in; answers the names of its sheets.
#[unsafe(no_mangle)]
extern "C" fn open(most_bytes: f64, most_strings: f64) -> i32 {
    answer(|state| {
        let most = Most {
            bytes: most_bytes as u64,
            strings: most_strings as u64,
        };
        let book = Book::open(std::mem::take(&mut state.input), most)?;
        let sheets = book.sheets();
        push_texts(&mut state.output, sheets.iter().map(String::as_str));
        state.book = Some(book);
        Ok(())
    })
}

/// Begins to read a sheet: the one whose name came in where `named`; answers what is known of it.
#[unsafe(no_mangle)]
extern "C" fn choose(named: i32) -> i32 {
    answer(|state| {
        let wanted = String::from_utf8_lossy(&state.input).into_owned();
        // Never freed: the module goes as a whole.
        let book = Box::leak(Box::new(state.book.take().ok_or(Fault::Broken)?));
        let cells = book.begin((named != 0).then_some(wanted.as_str()))?;
        cells.about().push(&mut state.output);
        state.cells = Some(cells);
        Ok(())
    })
}

/// Answers the next cells of the sheet; nothing at its end.
#[unsafe(no_mangle)]
extern "C" fn next() -> i32 {
    answer(|state| {
        let cells = state.cells.as_mut().ok_or(Fault::Broken)?;
        cells.next(&mut state.output)?;
        Ok(())
    })
}
