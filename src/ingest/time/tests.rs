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
    times.iter().for_each(|time| evidence.add(time.form));
    let reading = evidence.settle()?;
    let millis = |time: &Time| reading.micros(time.micros, time.form).div_euclid(1000);
    Some(times.iter().map(millis).collect())
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
        "10.11.12",
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
        "May 2026",
        "march 5",
        "2026年13月1日",
        "2026年11月",
        "24 Nov 2026 25:00",
        "24 Nov 2026 soon",
        "10.11.12 soon",
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
        text in "(20[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]|[0-3]?[0-9][-/.][01]?[0-9][-/.](20)?[0-9]{2})\
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
