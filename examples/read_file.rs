//! Reads a text table and says what was made of it: `cargo run --example read_file FILE`.

use channelwise::ingest::{Ingest, LoadOptions};
use channelwise::schema::{self, RoleOptions};
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("the name of a file is missing")?;
    let start = Instant::now();
    let mut file = File::open(path)?;
    let mut ingest = Ingest::new(LoadOptions::default().check()?);
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            length => ingest.push(&chunk[..length])?,
        }
    }
    let loaded = ingest.finish()?;
    let read = start.elapsed().as_secs_f64();
    let schema = schema::infer(&loaded.table, &RoleOptions::default())?;
    let findings = schema::warnings(&loaded.table, &schema);
    let summary = &loaded.summary;
    println!(
        "{} rows, {} rejected, {}, delimiter {:?}, read in {read:.2} s, looked at in {:.2} s",
        summary.rows,
        summary.rejected.count,
        summary.encoding,
        summary.delimiter,
        start.elapsed().as_secs_f64() - read,
    );
    for column in &schema.columns {
        println!(
            "{:24} {:9} {:8} {:>8} distinct {:>8} missing  {}",
            column.name,
            format!("{:?}", column.column_type).to_lowercase(),
            column.role.name(),
            column.distinct,
            column.missing,
            column.reason.message,
        );
    }
    println!("positive: {:?}", schema.positive);
    for warning in summary.warnings.iter().chain(&findings) {
        println!("{}: {}", warning.code, warning.message);
    }
    Ok(())
}
