#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| channelwise_fuzz::workbook(bytes));
