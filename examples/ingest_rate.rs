//! How fast files are read natively: `cargo run --release --example ingest_rate [MiB]`.

use channelwise::ingest::{Ingest, LoadOptions};
use std::error::Error;
use std::fmt::Write;
use std::time::Instant;

/// What a browser's file reader hands over at a time.
const CHUNK: usize = 1 << 20;

/// Numbers without a pattern, after Marsaglia, "Xorshift RNGs".
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Thirty columns of decimals.
fn numbers(bytes: usize) -> Result<String, Box<dyn Error>> {
    let mut random = Random(42);
    let names: Vec<_> = (0..30).map(|column| format!("x{column}")).collect();
    let mut csv = names.join(",") + "\n";
    while csv.len() < bytes {
        for column in 0..30 {
            let separator = if column == 29 { "\n" } else { "," };
            let (whole, fraction) = (random.below(100), random.below(10_000));
            write!(csv, "{whole}.{fraction:04}{separator}")?;
        }
    }
    Ok(csv)
}

/// What an export of sessions looks like: identifiers, times, channels, numbers, an outcome.
fn sessions(bytes: usize) -> Result<String, Box<dyn Error>> {
    let mut random = Random(43);
    let channels = [
        "search",
        "social",
        "e-mail",
        "display",
        "direct",
        "\"referral, other\"",
    ];
    let mut csv = "user_id,started_at,channel,region,pages,seconds,value,converted\n".to_owned();
    while csv.len() < bytes {
        writeln!(
            csv,
            "u{:08x},2024-{:02}-{:02} {:02}:{:02}:00,{},r{},{},{}.{},{},{}",
            random.below(1 << 20),
            random.below(12) + 1,
            random.below(28) + 1,
            random.below(24),
            random.below(60),
            channels[random.below(6) as usize],
            random.below(40),
            random.below(30),
            random.below(3000),
            random.below(1000),
            random.below(20) * 5,
            u8::from(random.below(20) == 0),
        )?;
    }
    Ok(csv)
}

fn measure(name: &str, csv: &str) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut ingest = Ingest::new(LoadOptions::default().check()?);
    for chunk in csv.as_bytes().chunks(CHUNK) {
        ingest.push(chunk)?;
    }
    let loaded = ingest.finish()?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{name}: {} rows × {} columns, {:.0} MB in {seconds:.2} s: {:.0} MB/s, {:.0} rows/s",
        loaded.table.rows,
        loaded.table.columns.len(),
        csv.len() as f64 / 1e6,
        csv.len() as f64 / 1e6 / seconds,
        loaded.table.rows as f64 / seconds,
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mebibytes: usize = std::env::args()
        .nth(1)
        .map_or(Ok(200), |text| text.parse())?;
    measure("numbers", &numbers(mebibytes << 20)?)?;
    measure("sessions", &sessions(mebibytes << 20)?)?;
    Ok(())
}
