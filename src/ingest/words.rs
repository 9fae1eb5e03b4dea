//! Words that stand for something else than themselves: missing cells, yes and no.

/// Whether a trimmed cell says that there is no value. `unknown` and `none` are values. What begins with
/// `#` are the errors of spreadsheets.
#[inline]
pub(crate) fn is_missing(cell: &[u8]) -> bool {
    cell.len() <= 7
        && matches!(
            cell,
            b"" | b"NA"
                | b"N/A"
                | b"n/a"
                | b"n.a."
                | b"N.A."
                | b"<NA>"
                | b"null"
                | b"NULL"
                | b"Null"
                | b"\\N"
                | b"NaN"
                | b"nan"
                | b"NaT"
                | b"None"
                | b"-"
                | b"--"
                | b"?"
                | b"#N/A"
                | b"#NA"
                | b"#DIV/0!"
                | b"#VALUE!"
                | b"#REF!"
                | b"#NAME?"
                | b"#NUM!"
                | b"#NULL!"
        )
}

/// Pairs of words for no and yes. All yes-or-no cells of a column must be of one pair.
const PAIRS: [[&str; 2]; 6] = [
    ["0", "1"],
    ["false", "true"],
    ["no", "yes"],
    ["n", "y"],
    ["f", "t"],
    ["否", "是"],
];

/// The pair a word belongs to and whether it is its yes, whatever its case.
pub(crate) fn boolean(cell: &str) -> Option<(usize, bool)> {
    // None of the words is longer than `false`.
    if cell.len() > 5 {
        return None;
    }
    PAIRS.iter().enumerate().find_map(|(pair, words)| {
        let side = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(cell))?;
        Some((pair, side == 1))
    })
}

/// Words that mean yes where one value of two is told from the other, beside those of [`PAIRS`].
const YES: [&str; 37] = [
    "on",
    "ja",
    "oui",
    "si",
    "sí",
    "converted",
    "conversion",
    "purchase",
    "purchased",
    "bought",
    "buyer",
    "success",
    "won",
    "positive",
    "subscribed",
    "churned",
    "responded",
    "response",
    "signup",
    "registered",
    "paid",
    "clicked",
    "opened",
    "visited",
    "真",
    "转化",
    "已转化",
    "成交",
    "已成交",
    "下单",
    "已下单",
    "购买",
    "已购买",
    "已注册",
    "已订阅",
    "已支付",
    "成功",
];
/// Likewise for no.
const NO: [&str; 24] = [
    "off",
    "nein",
    "non",
    "not converted",
    "no conversion",
    "none",
    "no purchase",
    "not purchased",
    "not subscribed",
    "lost",
    "failure",
    "failed",
    "negative",
    "-1",
    "假",
    "不是",
    "未转化",
    "未成交",
    "未下单",
    "未购买",
    "未注册",
    "未订阅",
    "未支付",
    "失败",
];

/// Whether a text plainly says yes or no, in any case and whatever is around it; `None` where it says
/// neither. It knows every word of [`boolean`], and words that say so only of outcomes.
pub(crate) fn truth(text: &str) -> Option<bool> {
    let text = text.trim().to_lowercase();
    let said = boolean(&text).map(|(_, yes)| yes);
    said.or_else(|| YES.contains(&text.as_str()).then_some(true))
        .or_else(|| NO.contains(&text.as_str()).then_some(false))
}

/// How a yes or no is written where its own spelling is gone: `true`, `false`.
pub(crate) fn boolean_text(value: bool) -> &'static str {
    PAIRS[1][usize::from(value)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_and_values_are_told_apart() {
        for missing in [
            "", "NA", "N/A", "null", "NULL", "NaN", "None", "-", "?", "\\N", "<NA>", "NaT", "n.a.",
            "#DIV/0!", "#VALUE!", "#REF!",
        ] {
            assert!(is_missing(missing.as_bytes()), "{missing}");
        }
        for value in ["unknown", "none", "0", "na ", "??", "nil"] {
            assert!(!is_missing(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn outcomes_say_yes_and_no_in_many_words() {
        for yes in [
            "Yes ",
            "1",
            "purchase",
            "Subscribed",
            "成交",
            "SÍ",
            "on",
            "是",
        ] {
            assert_eq!(truth(yes), Some(true), "{yes}");
        }
        for no in [
            "No",
            "0",
            "Not converted",
            " none",
            "-1",
            "未成交",
            "nein",
            "否",
        ] {
            assert_eq!(truth(no), Some(false), "{no}");
        }
        assert_eq!(truth("maybe"), None);
        assert_eq!(truth(""), None);
        assert!(!YES.iter().any(|word| NO.contains(word)));
    }

    #[test]
    fn yes_and_no_in_their_pairs() {
        assert_eq!(boolean("TRUE"), Some((1, true)));
        assert_eq!(boolean("No"), Some((2, false)));
        assert_eq!(boolean("是"), Some((5, true)));
        assert_eq!(boolean("1.0"), None);
        assert_eq!(boolean("maybe"), None);
    }
}
