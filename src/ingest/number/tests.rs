use super::*;
use proptest::prelude::*;

/// What a column of these cells reads as.
fn column(cells: &[&str], comma_country: bool) -> Option<Vec<f64>> {
    let numbers: Option<Vec<_>> = cells
        .iter()
        .map(|cell| parse(cell.as_bytes(), false))
        .collect();
    let numbers = numbers?;
    let mut evidence = Evidence::default();
    for number in &numbers {
        evidence.add(number.value, number.form, 1);
    }
    let reading = evidence.settle(comma_country, None).ok()?;
    let value = |number: &Number| reading.value(number.value, number.form);
    numbers.iter().map(value).collect()
}

#[test]
fn columns_agree_on_what_their_marks_mean() {
    let cases: &[(&[&str], &[f64])] = &[
        (&["1", "-2", "+3", "0"], &[1.0, -2.0, 3.0, 0.0]),
        (&["1.50", ".5", "-0.25"], &[1.5, 0.5, -0.25]),
        (&["1e3", "2.5E-3", "-1e+2"], &[1e3, 2.5e-3, -100.0]),
        (&["1,5", "2,25", "0,125"], &[1.5, 2.25, 0.125]),
        (&["1,234", "5"], &[1234.0, 5.0]),
        (&["1,234", "0,5"], &[1.234, 0.5]),
        (&["1,234", "1,234,567", "0.5"], &[1234.0, 1_234_567.0, 0.5]),
        (&["1.234", "0,5"], &[1234.0, 0.5]),
        (
            &["1.234", "999", "1.234.567"],
            &[1234.0, 999.0, 1_234_567.0],
        ),
        (&["1.234", "0.5"], &[1.234, 0.5]),
        (&["1.234,5", "2.000"], &[1234.5, 2000.0]),
        (&["1,234.5", "2,000"], &[1234.5, 2000.0]),
        (&["12 345", "1 234 567,8"], &[12_345.0, 1_234_567.8]),
        (&["1'234.5"], &[1234.5]),
        (&["$5", "-$1,234.50", "$-3"], &[5.0, -1234.5, -3.0]),
        (&["12,5 €", "1.000 €"], &[12.5, 1000.0]),
        (&["5%", "12.5 %"], &[5.0, 12.5]),
        (&["￥88", "￥1,288.00"], &[88.0, 1288.0]),
        (&["(1,234.50)", "12.00"], &[-1234.5, 12.0]),
        (&["($5.50)", "$12.00"], &[-5.5, 12.0]),
        (&["12\u{202f}345,5", "1\u{2009}234"], &[12_345.5, 1234.0]),
        (&["1\u{2019}234.50"], &[1234.5]),
        (&["R$ 1.234,50", "R$ 5,00"], &[1234.5, 5.0]),
        (&["5 kr", "1 250 kr"], &[5.0, 1250.0]),
        (&["CHF 5.00", "CHF 1'250.00"], &[5.0, 1250.0]),
        (&["5％"], &[5.0]),
        (&["0.30000000000000004"], &[0.300_000_000_000_000_04]),
        (&["\u{2212}4"], &[-4.0]),
        (&["$12.50", "0", "5"], &[12.5, 0.0, 5.0]),
        (&["12 €", "€3", "7"], &[12.0, 3.0, 7.0]),
        (&["¥5", "￥6"], &[5.0, 6.0]),
        (&["5%", "0"], &[5.0, 0.0]),
        (&["1,23,456", "12,34,567.50"], &[123_456.0, 1_234_567.5]),
        (&["1.2万", "3亿", "7"], &[12_000.0, 3e8, 7.0]),
        (&["3.4K", "2M", "950"], &[3400.0, 2e6, 950.0]),
        (&["$3K", "$12K"], &[3000.0, 12_000.0]),
    ];
    for (cells, expected) in cases {
        assert_eq!(
            column(cells, false).as_deref(),
            Some(*expected),
            "{cells:?}"
        );
    }
    assert_eq!(column(&["1,234", "5,678"], true), Some(vec![1.234, 5.678]));
    assert_eq!(column(&["1.234", "5.678"], true), Some(vec![1.234, 5.678]));
}

#[test]
fn what_contradicts_itself_or_is_a_name_is_no_number() {
    for cells in [
        &["1,5", "1.5"][..],
        &["1,234,567", "0,5"],
        &["1.234.567", "0.5"],
        &["$5", "€5"],
        &["5%", "5"],
        &["007"],
        &["02139", "94103"],
        &["12345678901234567"],
        &["1234567890.1234567890"],
        &["1,23,45"],
        &["1,23,4567"],
        &["123,45,678"],
        &["1,23,456", "0,5"],
        &["5%", "0.5"],
        &["3M", "12M"],
        &["5K run", "3K"],
        &["$5%", "$6"],
        &["K"],
        &["1.23.456"],
        &["5."],
        &["12-34"],
        &["inf"],
        &["1e999"],
        &["0x1f"],
        &["1,2,3"],
        &["1.2.3"],
        &["--5"],
        &["(-5)"],
        &["(5"],
        &["()"],
        &["5 km"],
        &["$"],
        &["%"],
        &["."],
        &["1 2"],
        &["e5"],
        &["1e"],
        &["１２"],
    ] {
        assert_eq!(column(cells, false), None, "{cells:?}");
    }
    assert_eq!(parse(b"007", true).map(|number| number.value), Some(7.0));
}

proptest! {
    #[test]
    fn plain_numbers_are_the_nearest_double_and_render_back(
        text in "-?(0|[1-9][0-9]{0,7})(\\.[0-9]{1,7})?",
    ) {
        let (value, decimals) = parse_plain(text.as_bytes()).unwrap();
        prop_assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits());
        prop_assert_eq!(render(value, NumberForm::plain(decimals)), text);
    }

    #[test]
    fn any_double_survives_its_own_printing(value in prop::num::f64::NORMAL) {
        for text in [format!("{value}"), format!("{value:e}")] {
            if let Some(number) = parse(text.as_bytes(), false) {
                let near = (number.value - value).abs() <= value.abs() * 1e-15;
                prop_assert!(near, "{} {}", text, number.value);
            }
        }
        let scientific = format!("{value:e}");
        prop_assert!(parse(scientific.as_bytes(), false).is_some());
    }

    #[test]
    fn exact_forms_render_back(text in "[-+]?[$€]?[0-9]{1,4}([,. '][0-9]{1,3}){0,3}[%€]?") {
        if let Some(number) = parse(text.as_bytes(), true) && number.exact {
            prop_assert_eq!(render(number.value, number.form), text);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-+$€%0-9eE., '\u{a0}x]{0,12}", lenient: bool) {
        if let Some(number) = parse(text.as_bytes(), lenient) {
            prop_assert!(number.value.is_finite());
        }
    }
}

#[test]
fn contradictions_are_told_with_their_counts() {
    let settle = |cells: &[&str]| {
        let mut evidence = Evidence::default();
        for cell in cells {
            let number = parse(cell.as_bytes(), false).unwrap();
            evidence.add(number.value, number.form, 1);
        }
        evidence.settle(false, None).map(|_| ())
    };
    let signs = |usual, others| Err(NumberConflict::Signs { usual, others });
    assert_eq!(settle(&["$5", "$6", "€5", "7"]), signs(2, 1));
    assert_eq!(settle(&["5%", "0.5", "0"]), signs(1, 1));
    assert_eq!(
        settle(&["1,5", "2.5", "3.5", "7"]),
        Err(NumberConflict::Marks { point: 2, comma: 1 })
    );
    assert_eq!(settle(&["3M", "6M"]), Err(NumberConflict::Codes));
}

#[test]
fn what_was_asked_for_decides_and_leaves_out_what_does_not_fit() {
    let read = |cell: &str, european| {
        let reading = Evidence::default().settle(false, Some(european)).unwrap();
        let number = parse(cell.as_bytes(), false).unwrap();
        reading.value(number.value, number.form)
    };
    assert_eq!(read("1,234", true), Some(1.234));
    assert_eq!(read("1,234", false), Some(1234.0));
    assert_eq!(read("1.5", true), None);
    assert_eq!(read("1.500", true), Some(1500.0));
    assert_eq!(read("1,5", false), None);
}
