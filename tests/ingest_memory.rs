//! How much memory reading takes, beside the table that comes of it.

// An allocator can't be written otherwise; this one counts and hands on.
#![allow(unsafe_code, clippy::unwrap_used)]

use channelwise::ingest::{Ingest, LoadOptions};
use channelwise::table::{ColumnData, Table};
use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn take(bytes: usize) {
    let held = HELD.fetch_add(bytes, Relaxed) + bytes;
    MOST.fetch_max(held, Relaxed);
}

// Sound as far as `System` is: every call goes there as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are held while one is copied to the other.
        take(size);
        let moved = unsafe { System.realloc(pointer, layout, size) };
        HELD.fetch_sub(layout.size(), Relaxed);
        moved
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the cells take.
fn bytes_of(table: &Table) -> usize {
    let of = |data: &ColumnData| match data {
        ColumnData::Number(cells) => cells.capacity() * 8,
        ColumnData::Time(cells) => cells.capacity() * 8,
        ColumnData::Boolean(cells) => cells.capacity(),
        ColumnData::Category(dictionary) | ColumnData::Text(dictionary) => {
            let texts = dictionary
                .levels
                .iter()
                .map(String::capacity)
                .sum::<usize>();
            dictionary.codes.capacity() * 4 + dictionary.levels.capacity() * 24 + texts
        }
    };
    table.columns.iter().map(|column| of(&column.data)).sum()
}

const ROWS: usize = 400_000;
/// What does not grow with the file: the first text, a piece of it, small dictionaries.
const CONSTANT: usize = 4 << 20;

fn file(header: &str, row: impl Fn(usize, &mut String)) -> String {
    let mut text = header.to_owned();
    for number in 0..ROWS {
        row(number, &mut text);
    }
    text
}

/// One test, so that nothing else is counted.
#[test]
fn reading_takes_at_most_twice_the_table() {
    let scattered = |row: usize| row.wrapping_mul(2_654_435_761) % 1_000_003;
    let shapes = [
        (
            "touches of users that come back",
            file("user,time,channel,event,value,converted\n", |row, text| {
                let (user, day) = (scattered(row) % (ROWS / 4), row % 28 + 1);
                let clock = format!("{:02}:{:02}:{:02}", row % 24, row % 60, scattered(row) % 60);
                let value = if row % 7 == 0 {
                    format!("{}.5", scattered(row))
                } else {
                    String::new()
                };
                writeln!(
                    text,
                    "u{user:08},2026-01-{day:02} {clock},channel {},event {},{value},{}",
                    row % 9,
                    row % 4,
                    row % 2
                )
                .unwrap();
            }),
        ),
        (
            "numbers",
            file("a,b,c,d,e\n", |row, text| {
                let number = scattered(row);
                writeln!(
                    text,
                    "{number},{number}.25,-{row},0.{number:06},{}",
                    number / 7
                )
                .unwrap();
            }),
        ),
        (
            "sessions, each with a name of its own",
            file(
                "session,pages,minutes,value,channel,converted\n",
                |row, text| {
                    let number = scattered(row);
                    writeln!(
                        text,
                        "{number:07}-{row:07},{number},{number}.5,{},channel {},{}",
                        number * 3,
                        row % 9,
                        row % 2
                    )
                    .unwrap();
                },
            ),
        ),
        (
            "dates with words and numbers with signs",
            file("when,change,share\n", |row, text| {
                let (day, number) = (row % 28 + 1, scattered(row));
                writeln!(
                    text,
                    "{day} Nov 2026 {:02}:{:02},+{number},.{}",
                    row % 24,
                    row % 60,
                    number % 1000
                )
                .unwrap();
            }),
        ),
        (
            "JSON lines",
            file("", |row, text| {
                let number = scattered(row);
                writeln!(
                    text,
                    "{{\"user\":\"u{}\",\"n\":{number},\"channel\":\"c{}\",\"ok\":{}}}",
                    number % (ROWS / 4),
                    row % 9,
                    row % 2 == 0
                )
                .unwrap();
            }),
        ),
    ];
    let mut wrong = Vec::new();
    for (name, text) in &shapes {
        let before = HELD.load(Relaxed);
        MOST.store(before, Relaxed);
        let options = LoadOptions::default().check().unwrap();
        let mut ingest = Ingest::new(options).expecting(text.len() as u64);
        for chunk in text.as_bytes().chunks(1 << 20) {
            ingest.push(chunk).unwrap();
        }
        let loaded = ingest.finish().unwrap();
        assert_eq!(loaded.table.rows, ROWS, "{name}");
        let (most, table) = (MOST.load(Relaxed) - before, bytes_of(&loaded.table));
        let ratio = most as f64 / table as f64;
        println!(
            "{name}: {} KiB at most, {} KiB of table: {ratio:.2}",
            most >> 10,
            table >> 10
        );
        if most > 2 * table + CONSTANT {
            wrong.push(format!("{name}: {ratio:.2}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
