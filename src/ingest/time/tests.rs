use super::*;
use proptest::prelude::*;

/// Milliseconds by an independent library.
fn expected(iso: &str) -> i64 {
    iso.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn column(cells: &[&str]) -> Option<Vec<i64>> {
    let times: Option<Vec<_>> = cells.iter().map(|cell| parse(cell.as_bytes())).collect();
    let times = times?;
    let mut evidence = TimeEvidence::default();
    times.iter().for_each(|time| evidence.add(time.form, 1));
    let reading = evidence.settle(None).ok()?;
    let millis = |time: &Time| Some(reading.micros(time.micros, time.form)?.div_euclid(1000));
    times.iter().map(millis).collect()
}

#[test]
fn shapes_are_read() {
    for (cell, iso) in [
        ("2024-02-29", "2024-02-29T00:00:00Z"),
        ("2024/2/9", "2024-02-09T00:00:00Z"),
        ("2024.02.09", "2024-02-09T00:00:00Z"),
        ("2024-02-29 13:45", "2024-02-29T13:45:00Z"),
        ("2024-02-29T13:45:06", "2024-02-29T13:45:06Z"),
        ("2024-02-29T13:45:06.123Z", "2024-02-29T13:45:06.123Z"),
        (
            "2024-02-29T13:45:06.123456+08:00",
            "2024-02-29T05:45:06.123Z",
        ),
        ("2024-02-29 13:45:06 -0530", "2024-02-29T19:15:06Z"),
        ("2024-02-29 13:45:06+02", "2024-02-29T11:45:06Z"),
        ("2024-02-29 13:45:06 UTC", "2024-02-29T13:45:06Z"),
        ("31.12.1969 23:59:59", "1969-12-31T23:59:59Z"),
        ("12/31/2023 1:05 PM", "2023-12-31T13:05:00Z"),
        ("12/31/2023 12:05 AM", "2023-12-31T00:05:00Z"),
        ("12/13/10 8:26", "2010-12-13T08:26:00Z"),
        ("13/12/99", "1999-12-13T00:00:00Z"),
        ("2026年11月24日", "2026-11-24T00:00:00Z"),
        ("2026年1月4日 14:05:06", "2026-01-04T14:05:06Z"),
        ("2026年11月24日14时05分", "2026-11-24T14:05:00Z"),
        ("2026年11月24日 下午2时05分06秒", "2026-11-24T14:05:06Z"),
        ("2026/11/24 下午 2:05:06", "2026-11-24T14:05:06Z"),
        ("2026/11/24 上午12:05", "2026-11-24T00:05:00Z"),
        ("24 Nov 2026", "2026-11-24T00:00:00Z"),
        ("24-Nov-26", "2026-11-24T00:00:00Z"),
        ("Nov 24, 2026", "2026-11-24T00:00:00Z"),
        ("November 4, 2026 2:05 PM", "2026-11-04T14:05:00Z"),
        ("Sept 4, 2026, 2:05:06 p.m.", "2026-09-04T14:05:06Z"),
        ("Tue, 24 Nov 2026 14:05:06 GMT", "2026-11-24T14:05:06Z"),
        ("Tuesday, November 24, 2026", "2026-11-24T00:00:00Z"),
        ("24 Nov 2026 14:05:06 +0200", "2026-11-24T12:05:06Z"),
        ("24.11.26", "2026-11-24T00:00:00Z"),
        ("24.11.26 14:05", "2026-11-24T14:05:00Z"),
        ("2026-11", "2026-11-01T00:00:00Z"),
        ("2026/11", "2026-11-01T00:00:00Z"),
        ("2026年11月", "2026-11-01T00:00:00Z"),
        ("Nov 2026", "2026-11-01T00:00:00Z"),
        ("November 2026", "2026-11-01T00:00:00Z"),
        ("20261124T140506Z", "2026-11-24T14:05:06Z"),
        ("20261124T140506+0200", "2026-11-24T12:05:06Z"),
        ("24. November 2026", "2026-11-24T00:00:00Z"),
        ("3. März 2026", "2026-03-03T00:00:00Z"),
        ("24. Dez. 2026 14:05", "2026-12-24T14:05:00Z"),
        ("Dienstag, 24. Nov 2026", "2026-11-24T00:00:00Z"),
        ("24 août 2026", "2026-08-24T00:00:00Z"),
        ("24 févr. 2026", "2026-02-24T00:00:00Z"),
        ("24 de noviembre de 2026", "2026-11-24T00:00:00Z"),
        ("24 ene 2026", "2026-01-24T00:00:00Z"),
    ] {
        assert_eq!(column(&[cell]), Some(vec![expected(iso)]), "{cell}");
    }
}

#[test]
fn the_column_decides_between_day_and_month() {
    let march_fourth = expected("2024-03-04T00:00:00Z");
    let april_third = expected("2024-04-03T00:00:00Z");
    assert_eq!(
        column(&["03/04/2024", "12/31/2024"]).unwrap()[0],
        march_fourth
    );
    assert_eq!(
        column(&["03/04/2024", "31/12/2024"]).unwrap()[0],
        april_third
    );
    assert_eq!(column(&["03/04/2024"]).unwrap()[0], march_fourth);
    assert_eq!(column(&["03.04.2024"]).unwrap()[0], april_third);
    assert_eq!(column(&["31/12/2024", "12/31/2024"]), None);
    // Nothing says that these are no versions.
    assert_eq!(column(&["10.11.12", "01.02.03"]), None);
    let short = column(&["10.11.26", "24.11.26"]).unwrap();
    assert_eq!(short[0], expected("2026-11-10T00:00:00Z"));
    let east = column(&["03/04/2024 00:30 +01:00", "31/12/2024 00:00 +01:00"]).unwrap();
    assert_eq!(east[0], expected("2024-04-02T23:30:00Z"));
}

#[test]
fn what_is_no_time() {
    for cell in [
        "2023-02-29",
        "2024-13-01",
        "2024-1",
        "2024-01-01T",
        "2024-01-01 24:00",
        "1.2.3",
        "2024-01/01",
        "1.10.12",
        "0999-01-01",
        "2024-01-01 10:61",
        "2024-01-01 13:00 PM",
        "2024-01-01 10:00 +99:00",
        "12345678",
        "1/2/3",
        "2024-001-01",
        "2024-01-011",
        "2024-01-01 10:00:00.",
        "2024-01-01x",
        "10:30:00",
        "31/31/2024",
        "30 Feb 2026",
        "24 Nob 2026",
        "Novemb 24, 2026",
        "May 26",
        "2026-13",
        "1204-05",
        "24. Zember 2026",
        "20261324T140506Z",
        "20261124T240506",
        "20261124T140506x",
        "march 5",
        "2026年13月1日",
        "2026年13月",
        "24 Nov 2026 25:00",
        "24 Nov 2026 soon",
        "24.11.26 soon",
    ] {
        assert_eq!(parse(cell.as_bytes()), None, "{cell}");
    }
}

proptest! {
    #[test]
    fn days_are_those_of_the_calendar(days in -354_000..2_932_000i64) {
        let (year, month, day) = civil_from_days(days);
        prop_assert!(is_date(year, month, day));
        prop_assert_eq!(days_from_civil(year, month, day), days);
        let date = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days);
        prop_assert_eq!((year, month, day), (date.year().into(), date.month().into(), date.day().into()));
    }

    #[test]
    fn exact_forms_render_back(
        text in "(20[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]|20[0-9]{2}[01][0-9][0-3][0-9]T[0-2][0-9][0-5][0-9][0-5][0-9]|[0-3]?[0-9][-/.][01]?[0-9][-/.](20)?[0-9]{2})\
            ([T ][0-2]?[0-9]:[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?( ?[AP]M)?(Z| UTC| ?[+-][01][0-9](:?[03]0)?)?)?",
    ) {
        if let Some(time) = parse(text.as_bytes()) && time.exact {
            prop_assert_eq!(render(time.micros, time.form), text);
        }
    }

    #[test]
    fn the_quick_reader_reads_as_the_thorough_one(
        texts in prop::collection::vec(
            "(0[0-9]{3}|20[0-9]{2}|[0-9a-c]{4})-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{3})?Z?)?[ 0Z]?",
            1..20,
        ),
    ) {
        let mut reader = IsoReader::default();
        for text in texts {
            let quick = reader.parse(text.as_bytes());
            let thorough = parse(text.as_bytes());
            if let Some((micros, form)) = quick {
                let form = forms()[usize::from(form)];
                prop_assert_eq!(thorough, Some(Time { micros, form, exact: true }), "{}", text);
            } else if let Some(time) = thorough {
                prop_assert!(!forms().contains(&time.form), "{} is read slowly", text);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(
        text in "[0-9]{1,4}[-/. :TZ+APM0-9]{0,30}",
        words in "(Nov|[0-9年月日]{1,3}|[, ]){0,3}[0-9年月日时分秒上下午:. APMGTNov,]{0,20}",
    ) {
        parse(text.as_bytes());
        parse(words.as_bytes());
    }
}

#[test]
fn an_order_that_was_asked_for_decides_and_leaves_out_what_does_not_fit() {
    let read = |cell: &str, day_first| {
        let reading = TimeEvidence::default().settle(Some(day_first)).unwrap();
        let time = parse(cell.as_bytes()).unwrap();
        reading
            .micros(time.micros, time.form)
            .map(|micros| micros / 1000)
    };
    let april_third = Some(expected("2024-04-03T00:00:00Z"));
    assert_eq!(read("03/04/2024", true), april_third);
    assert_eq!(read("04/03/2024", false), april_third);
    assert_eq!(read("31/12/2024", false), None);
    assert_eq!(read("12/31/2024", true), None);
}

proptest! {
    /// Written by us and read again, whatever the zone.
    #[test]
    fn points_in_time_are_read_as_another_library_writes_them(
        seconds in -30_000_000_000i64..200_000_000_000,
        millis in 0..1000i64,
        offset in -15 * 60..=15 * 60i32,
    ) {
        let instant = jiff::Timestamp::from_millisecond(seconds * 1000 + millis).unwrap();
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(offset * 60).unwrap());
        let zoned = instant.to_zoned_datetime(zone);
        prop_assume!((1000..=9999).contains(&zoned.year()));
        let formats = ["%Y-%m-%dT%H:%M:%S%.3f%:z", "%Y%m%dT%H%M%S%z", "%d %b %Y %H:%M:%S %z"];
        for (index, format) in formats.iter().enumerate() {
            let text = zoned.strftime(format).to_string();
            let expected = if index == 0 { seconds * 1000 + millis } else { seconds * 1000 };
            prop_assert_eq!(column(&[text.as_str()]), Some(vec![expected]), "{}", text);
        }
    }
}

#[test]
fn before_any_day_was_read_ten_zero_bytes_are_none() {
    let mut reader = IsoReader::default();
    assert_eq!(reader.parse(&[0; 10]), None);
    assert_eq!(
        reader.parse(b"1970-01-01").map(|(micros, _)| micros),
        Some(0)
    );
    assert_eq!(reader.parse(b"1970-01-02"), Some((86_400_000_000, 0)));
}
