//! Words that stand for something else than themselves: missing cells, yes and no.

/// Whether a trimmed cell says that there is no value. `unknown` and `none` are values.
#[inline]
pub(crate) fn is_missing(cell: &[u8]) -> bool {
    cell.len() <= 4
        && matches!(
            cell,
            b"" | b"NA"
                | b"N/A"
                | b"n/a"
                | b"#N/A"
                | b"null"
                | b"NULL"
                | b"Null"
                | b"NaN"
                | b"nan"
                | b"None"
                | b"-"
                | b"--"
                | b"?"
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
    PAIRS.iter().enumerate().find_map(|(pair, words)| {
        let side = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(cell))?;
        Some((pair, side == 1))
    })
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
        for missing in ["", "NA", "N/A", "null", "NULL", "NaN", "None", "-", "?"] {
            assert!(is_missing(missing.as_bytes()), "{missing}");
        }
        for value in ["unknown", "none", "0", "na ", "??", "nil"] {
            assert!(!is_missing(value.as_bytes()), "{value}");
        }
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
