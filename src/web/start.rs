//! What happens once, when the module is loaded.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};
use wasm_bindgen::prelude::*;

static CONSTRUCTOR_RUNS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count_constructor_run() {
    CONSTRUCTOR_RUNS.fetch_add(1, Ordering::Relaxed);
}

// Counts how often the static constructors have run, so that a test can tell when they run again.
#[allow(unsafe_code)] // SAFETY: `.init_array` holds pointers to `extern "C" fn()`, which this is.
#[used]
#[unsafe(link_section = ".init_array")]
static COUNT_CONSTRUCTOR_RUN: extern "C" fn() = count_constructor_run;

// SAFETY: the linker makes this function; it takes nothing, returns nothing, and calling it once before
// anything else is what a WebAssembly module without a `_start` has to do.
#[allow(unsafe_code)]
unsafe extern "C" {
    safe fn __wasm_call_ctors();
}

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs the static constructors and remembers what a panic says.
///
/// Without the call to `__wasm_call_ctors`, the linker takes the module for a command whose every export
/// starts anew, and runs all constructors (cubecl registers its kernels in them) at each call.
#[wasm_bindgen(start)]
pub fn start() {
    __wasm_call_ctors();
    std::panic::set_hook(Box::new(|panic| {
        LAST_PANIC.set(Some(panic.to_string()));
    }));
}

/// How often the static constructors have run since the module was loaded: 1, whatever was called.
#[wasm_bindgen(js_name = constructorRuns)]
pub fn constructor_runs() -> u32 {
    CONSTRUCTOR_RUNS.load(Ordering::Relaxed)
}

/// What the last panic said and where; `undefined` where there was none. May hold user data.
#[wasm_bindgen(js_name = lastPanic)]
pub fn last_panic() -> Option<String> {
    LAST_PANIC.take()
}

/// The bytes of linear memory this module holds.
#[wasm_bindgen(js_name = memoryBytes)]
pub fn memory_bytes() -> f64 {
    (core::arch::wasm32::memory_size(0) * 65_536) as f64
}

/// Panics in the middle of an asynchronous call, so that a test can see what a page makes of it.
#[wasm_bindgen]
pub async fn crash() {
    gloo::timers::future::TimeoutFuture::new(0).await;
    panic!("asked to crash");
}
