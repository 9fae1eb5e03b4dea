//! Numbers as people and programs write them.
//!
//! A parsed cell is a value and a [`NumberForm`]: how it was written, precisely enough that
//! [`render`] gives the cell's text back. What a lone comma or point means is decided over the whole
//! column ([`Evidence::settle`]), since `1,234` alone can be either.

/// Currency signs and the per-cent sign; the number in front of or behind the digits is its index + 1.
const AFFIXES: [&str; 29] = [
    "US$", "$", "€", "£", "¥", "￥", "₹", "₽", "₩", "元", "USD", "EUR", "GBP", "CNY", "RMB", "%",
    "R$", "A$", "C$", "HK$", "CHF", "JPY", "AUD", "CAD", "kr", "zł", "₺", "₫", "％",
];
/// Which of [`AFFIXES`] are no currency.
const PER_CENT: [&str; 2] = ["%", "％"];
/// Signs that are the same in two widths.
const ALIKE: [(&str, &str); 2] = [("￥", "¥"), ("％", "%")];
/// What stands for a power of ten behind the digits, by [`NumberForm::magnitude`] - 1.
const MAGNITUDES: [(&str, u8); 7] = [
    ("万", 4),
    ("萬", 4),
    ("亿", 8),
    ("億", 8),
    ("K", 3),
    ("k", 3),
    ("M", 6),
];
/// How many of them are letters, which say less: the last ones.
const LETTERS: usize = 3;
/// What separates groups of three digits, by [`NumberForm::group`].
const GROUPS: [&str; 9] = [
    "", ",", ".", " ", "\u{a0}", "\u{202f}", "'", "\u{2019}", "\u{2009}",
];
const COMMA_GROUP: u8 = 1;
const POINT_GROUP: u8 = 2;
/// Significant digits that a double holds whatever they are.
const SAFE_DIGITS: usize = 15;
const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// How a number is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct NumberForm {
    /// Digits after the decimal mark.
    decimals: u8,
    /// The decimal mark is a comma.
    comma: bool,
    /// Index into [`GROUPS`].
    group: u8,
    /// There is more than one group mark, so it cannot be a decimal mark.
    groups: bool,
    /// What stands in front (index into [`AFFIXES`] + 1) and behind.
    prefix: u8,
    suffix: u8,
    /// A space stands between the digits and their affixes.
    spaced: bool,
    /// As short as a double can be written, or with an exponent.
    float: bool,
    /// Index into [`MAGNITUDES`] + 1.
    magnitude: u8,
}

impl NumberForm {
    /// A decimal point and so many digits behind it.
    pub(crate) fn plain(decimals: u8) -> Self {
        Self {
            decimals,
            ..Self::default()
        }
    }

    /// `1,234`: thousands or a decimal comma.
    fn is_ambiguous(self) -> bool {
        self.group == COMMA_GROUP && !self.groups && self.decimals == 0
    }
}

/// A number and how it is written; `exact` says that [`render`] gives the same text again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) form: NumberForm,
    pub(crate) exact: bool,
}

/// The value and the number of decimals of a cell such as `-12.50`: at most 15 digits, a point, no
/// leading zeros. The value is the nearest double, as both operands of the division are exact.
#[inline]
pub(crate) fn parse_plain(cell: &[u8]) -> Option<(f64, u8)> {
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, cell),
    };
    if digits.is_empty() || digits.len() > SAFE_DIGITS + 1 {
        return None;
    }
    let mut mantissa = 0u64;
    let mut point = digits.len();
    for (index, &byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            mantissa = mantissa * 10 + u64::from(digit);
        } else if byte == b'.' && point == digits.len() && index > 0 {
            point = index;
        } else {
            return None;
        }
    }
    let decimals = digits.len().saturating_sub(point + 1);
    let lone_point = point + 1 == digits.len();
    let too_many = point == digits.len() && digits.len() > SAFE_DIGITS;
    if lone_point || too_many || (digits[0] == b'0' && point > 1) {
        return None;
    }
    let value = mantissa as f64 / POWERS[decimals];
    Some((if negative { -value } else { value }, decimals as u8))
}

/// Any number. Leading zeros and integers of more than 15 digits are names, not numbers, unless
/// `lenient`.
pub(crate) fn parse(cell: &[u8], lenient: bool) -> Option<Number> {
    if let Some((value, decimals)) = parse_plain(cell) {
        let form = NumberForm::plain(decimals);
        return Some(Number {
            value,
            form,
            exact: true,
        });
    }
    // The longest digits a double can print, with an affix and groups, stay well below this.
    if cell.len() > 400 || !cell.iter().any(u8::is_ascii_digit) {
        return None;
    }
    // Of the letters only those of currencies can begin a number.
    if cell[0].is_ascii_alphabetic()
        && !matches!(
            cell[0],
            b'U' | b'E' | b'G' | b'C' | b'R' | b'A' | b'H' | b'J' | b'k' | b'z'
        )
    {
        return None;
    }
    let text = std::str::from_utf8(cell).ok()?;
    let mut form = NumberForm::default();
    // Accountants write what is negative between brackets.
    let bracketed = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let (signed, core) = strip_affixes(bracketed.unwrap_or(text), &mut form);
    if signed && bracketed.is_some() {
        return None;
    }
    let negative = signed || bracketed.is_some();
    let core = strip_magnitude(core, &mut form);
    let mut written = if core.bytes().any(|byte| byte | 0x20 == b'e') {
        form.float = true;
        check_exponent(core)?.to_owned()
    } else {
        split_digits(core, &mut form, lenient)?
    };
    if form.magnitude > 0 {
        if form.float {
            return None;
        }
        written += &format!("e{}", MAGNITUDES[usize::from(form.magnitude) - 1].1);
    }
    let value: f64 = written
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())?;
    let value = if negative { -value } else { value };
    let exact = form.magnitude == 0 && render(value, form) == text;
    Some(Number { value, form, exact })
}

/// Takes signs, currency and per-cent signs off; returns whether it is negative, and the rest.
fn strip_affixes<'a>(text: &'a str, form: &mut NumberForm) -> (bool, &'a str) {
    let mut negative = false;
    let mut core = text;
    let mut signed = false;
    for _ in 0..2 {
        if let (false, Some(rest)) = (signed, core.strip_prefix(['-', '+', '\u{2212}'])) {
            (signed, negative) = (true, !core.starts_with('+'));
            core = rest;
        }
        if form.prefix == 0
            && let Some((index, rest)) = find_affix(|affix| core.strip_prefix(affix))
        {
            form.prefix = index;
            form.spaced |= rest.starts_with(' ');
            core = rest.trim_start();
        }
    }
    if let Some((index, rest)) = find_affix(|affix| core.strip_suffix(affix)) {
        form.suffix = index;
        form.spaced |= rest.ends_with(' ');
        core = rest.trim_end();
    }
    (negative, core)
}

fn find_affix<'a>(strip: impl Fn(&'static str) -> Option<&'a str>) -> Option<(u8, &'a str)> {
    let found = AFFIXES.iter().enumerate();
    found
        .filter_map(|(index, affix)| Some((index as u8 + 1, strip(affix)?)))
        .next()
}

/// Takes off what stands for a power of ten.
fn strip_magnitude<'a>(core: &'a str, form: &mut NumberForm) -> &'a str {
    let mut found = MAGNITUDES.iter().enumerate();
    let stripped = found.find_map(|(index, (sign, _))| Some((index, core.strip_suffix(sign)?)));
    match stripped {
        Some((index, rest)) if rest.ends_with(|last: char| last.is_ascii_digit()) => {
            form.magnitude = index as u8 + 1;
            rest
        }
        _ => core,
    }
}

/// `1.5e-7`, and nothing that merely parses, such as `inf`.
fn check_exponent(core: &str) -> Option<&str> {
    let (mantissa, exponent) = core.split_once(['e', 'E'])?;
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = digits(whole) && digits(fraction) && digits(exponent) && exponent.len() <= 3;
    (fits && !(whole.len() > 1 && whole.starts_with('0'))).then_some(core)
}

/// Finds group and decimal marks; returns the digits with a decimal point.
fn split_digits(core: &str, form: &mut NumberForm, lenient: bool) -> Option<String> {
    let last = core.rfind([',', '.']);
    let count = |mark: &str| core.matches(mark).count();
    let (whole, fraction) = match last {
        Some(at) if is_decimal_mark(core, at, count(&core[at..=at])) => {
            form.comma = core.as_bytes()[at] == b',';
            (&core[..at], &core[at + 1..])
        }
        _ => (core, ""),
    };
    if last == Some(whole.len()) && fraction.is_empty() {
        return None; // `5.`: a sentence, not a number.
    }
    form.decimals = u8::try_from(fraction.len()).ok()?;
    let digits = strip_groups(whole, form)?;
    let sound = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !sound(&digits) || !sound(fraction) || (digits.is_empty() && fraction.is_empty()) {
        return None;
    }
    let significant = digits.trim_start_matches('0').len() + fraction.len();
    // 1234567890.1234567890 is a visitor's name in disguise.
    let name_like = significant > 17 && digits.len() >= 9 && fraction.len() >= 8;
    let too_long = fraction.is_empty() && significant > SAFE_DIGITS;
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    if !lenient && (name_like || too_long || leading_zero) {
        return None;
    }
    form.float |= significant > SAFE_DIGITS;
    let whole = if digits.is_empty() { "0" } else { &digits };
    Some(format!("{whole}.{fraction}0"))
}

/// Whether the last comma or point of a number is its decimal mark.
fn is_decimal_mark(core: &str, at: usize, count: usize) -> bool {
    let mark = core.as_bytes()[at];
    let whole = &core[..at];
    if count > 1 {
        return false;
    }
    let groupable = core.len() - at == 4 && (1..=3).contains(&at) && !whole.starts_with('0');
    // With another mark in front this one is decimal; alone, a comma before three digits is left
    // to the whole column, and held to separate thousands until then.
    mark == b'.'
        || !groupable
        || whole.contains([
            '.', ',', ' ', '\'', '\u{a0}', '\u{202f}', '\u{2019}', '\u{2009}',
        ])
}

fn strip_groups(whole: &str, form: &mut NumberForm) -> Option<String> {
    let Some(index) = GROUPS[1..].iter().position(|mark| whole.contains(mark)) else {
        return Some(whole.to_owned());
    };
    form.group = index as u8 + 1;
    let parts: Vec<&str> = whole.split(GROUPS[index + 1]).collect();
    let (first, rest) = parts.split_first()?;
    let (last, middle) = rest.split_last()?;
    let all_of = |length| middle.iter().all(|part| part.len() == length);
    let thousands = (1..=3).contains(&first.len()) && all_of(3);
    // `12,34,567`, as in India.
    let by_commas = form.group == COMMA_GROUP && !middle.is_empty();
    let lakhs = by_commas && (1..=2).contains(&first.len()) && all_of(2);
    if last.len() != 3 || !(thousands || lakhs) {
        return None;
    }
    form.groups = rest.len() > 1;
    let same_mark = form.decimals > 0 && form.comma == (form.group == COMMA_GROUP);
    let clash = same_mark && form.group <= POINT_GROUP;
    (!clash).then(|| whole.replace(GROUPS[index + 1], ""))
}

/// The text of a number in a form.
pub(crate) fn render(value: f64, form: NumberForm) -> String {
    let magnitude = value.abs();
    let digits = if form.float {
        format!("{magnitude}")
    } else {
        format!("{magnitude:.*}", usize::from(form.decimals))
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = String::with_capacity(digits.len() + 8);
    let affix = |number: u8| AFFIXES[usize::from(number) - 1];
    if value.is_sign_negative() {
        text.push('-');
    }
    if form.prefix > 0 {
        text.push_str(affix(form.prefix));
        text.push_str(if form.spaced { " " } else { "" });
    }
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push_str(GROUPS[usize::from(form.group)]);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(if form.comma { ',' } else { '.' });
        text.push_str(fraction);
    }
    if form.suffix > 0 {
        text.push_str(if form.spaced { " " } else { "" });
        text.push_str(affix(form.suffix));
    }
    text
}

/// Writes a double as short as it can be read back, in a form that is a number whatever its size.
pub(crate) fn push_shortest(out: &mut Vec<u8>, value: f64) {
    let magnitude = value.abs();
    let text = if magnitude == 0.0 || (1e-5..1e15).contains(&magnitude) {
        format!("{value}")
    } else if magnitude.is_finite() {
        format!("{value:e}")
    } else {
        return;
    };
    out.extend_from_slice(text.as_bytes());
}

/// What the cells of a column say about how its numbers are written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    /// How many cells have each sign, by its place in [`AFFIXES`] + 1.
    signs: [usize; AFFIXES.len() + 1],
    /// How many cells without a sign are not zero.
    bare: usize,
    /// A sign stands in front of some numbers and behind others, or on both sides.
    both_sides: bool,
    /// How many cells can only be read with a decimal point, and how many only with a decimal comma.
    english: usize,
    european: usize,
    /// There are points, commas that can be either.
    any_point: bool,
    either_comma: bool,
    /// Letters that stand for powers of ten, by their place, and whether some cell plainly is a quantity.
    letters: [bool; LETTERS],
    quantity: bool,
}

/// How the numbers of a column are to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct NumberReading {
    /// Commas are decimal marks and points separate thousands.
    pub(crate) european: bool,
    /// Both readings fit every cell.
    pub(crate) ambiguous: bool,
    /// Each cell is read by its own marks, since they contradict each other.
    pub(crate) each: bool,
}

/// Why cells that are all numbers make no column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberConflict {
    /// Different currencies, or shares beside other numbers: how many cells have the commonest sign, and
    /// how many another or none.
    Signs { usual: usize, others: usize },
    /// How many cells can only be read with a decimal point, and how many only with a decimal comma.
    Marks { point: usize, comma: usize },
    /// Sizes or terms such as `3M`, which are no millions.
    Codes,
}

/// Which marks a number can be read with: a decimal point, a decimal comma.
fn readings(value: f64, form: NumberForm) -> (bool, bool) {
    let (mut english, mut european) = (true, true);
    match form.group {
        COMMA_GROUP if !form.is_ambiguous() => european = false,
        POINT_GROUP => english = false,
        _ => {}
    }
    if form.decimals > 0 || form.float {
        if form.comma {
            english = false;
        } else {
            let groupable = form.decimals == 3 && (1.0..1000.0).contains(&value.abs());
            let grouped = groupable && form.magnitude == 0 && form.group == 0 && !form.float;
            european &= grouped;
        }
    }
    (english, european)
}

impl Evidence {
    /// Takes cells of one value and form into account.
    #[inline]
    pub(crate) fn add(&mut self, value: f64, form: NumberForm, cells: usize) {
        let sign = form.prefix.max(form.suffix);
        self.signs[usize::from(same_sign(sign))] += cells;
        if sign == 0 && value != 0.0 {
            self.bare += cells;
        }
        self.both_sides |= form.prefix > 0 && form.suffix > 0;
        let (english, european) = readings(value, form);
        self.english += if european { 0 } else { cells };
        self.european += if english { 0 } else { cells };
        self.either_comma |= form.is_ambiguous();
        self.any_point |= (form.decimals > 0 || form.float) && !form.comma;
        let letter = usize::from(form.magnitude).checked_sub(MAGNITUDES.len() - LETTERS + 1);
        if let Some(letter) = letter {
            self.letters[letter] = true;
            self.quantity |= form.decimals > 0 || sign > 0;
        }
    }

    /// One reading for the whole column, or why there is none. `comma_country` says that the file comes
    /// from where commas are decimal (its delimiter is `;`); `decimal_comma` is what was asked for.
    pub(crate) fn settle(
        &self,
        comma_country: bool,
        decimal_comma: Option<bool>,
    ) -> Result<NumberReading, NumberConflict> {
        self.check_signs()?;
        let letters = self.letters.iter().filter(|&&letter| letter).count();
        if letters == 1 && !self.quantity {
            return Err(NumberConflict::Codes);
        }
        if let Some(european) = decimal_comma {
            return Ok(NumberReading {
                european,
                ..NumberReading::default()
            });
        }
        let prefers_comma = comma_country && self.either_comma && !self.any_point;
        match (self.european == 0, self.english == 0) {
            (true, true) => Ok(NumberReading {
                european: prefers_comma,
                ambiguous: self.either_comma,
                each: false,
            }),
            (true, false) => Ok(NumberReading::default()),
            (false, true) => Ok(NumberReading {
                european: true,
                ..NumberReading::default()
            }),
            (false, false) => Err(NumberConflict::Marks {
                point: self.english,
                comma: self.european,
            }),
        }
    }

    /// All signs must be the same. Beside a currency numbers may stand without one; beside shares only
    /// zeros may.
    fn check_signs(&self) -> Result<(), NumberConflict> {
        let signed = self.signs[1..].iter().sum::<usize>();
        let (most, usual) = (self.signs.iter().enumerate().skip(1))
            .max_by_key(|&(_, cells)| *cells)
            .map_or((0, 0), |(sign, &cells)| (sign, cells));
        // Where there is no sign at all, none is the commonest.
        let is_share = usual > 0 && PER_CENT.contains(&AFFIXES[most - 1]);
        if usual == signed && !self.both_sides && !(is_share && self.bare > 0) {
            return Ok(());
        }
        let others = signed - usual + if is_share { self.bare } else { 0 };
        Err(NumberConflict::Signs { usual, others })
    }
}

/// The sign that is meant, by its number.
fn same_sign(sign: u8) -> u8 {
    let place = |sign: &str| AFFIXES.iter().position(|affix| *affix == sign);
    let Some(text) = usize::from(sign).checked_sub(1).map(|at| AFFIXES[at]) else {
        return 0;
    };
    let alike = ALIKE.iter().find(|(wide, _)| *wide == text);
    alike
        .and_then(|(_, plain)| place(plain))
        .map_or(sign, |at| at as u8 + 1)
}

/// What of a number, beside how it is written, says how it is to be read: zeros can go without a sign, and
/// `1.234` can be a thousand.
pub(crate) fn kind(value: f64) -> Option<usize> {
    if value.is_nan() {
        None
    } else if value == 0.0 {
        Some(0)
    } else {
        Some(if (1.0..1000.0).contains(&value.abs()) {
            1
        } else {
            2
        })
    }
}

/// A number of each [`kind`].
pub(crate) const OF_KIND: [f64; 3] = [0.0, 1.0, 1000.0];

impl NumberReading {
    /// Whether all numbers of this form are what they seem to be at first.
    pub(crate) fn keeps(self, form: NumberForm) -> bool {
        let english = form.group != POINT_GROUP && !form.comma;
        self.each || (!self.european && english)
    }

    /// For cells that contradict each other and have to be numbers nevertheless.
    pub(crate) fn each() -> Self {
        Self {
            each: true,
            ..Self::default()
        }
    }

    /// The value of a cell once the column's reading is known; `None` where it can't be read so.
    pub(crate) fn value(self, value: f64, form: NumberForm) -> Option<f64> {
        if self.each {
            return Some(value);
        }
        let (english, european) = readings(value, form);
        let point = form.decimals == 3 && !form.comma && form.group == 0 && !form.float;
        match self.european {
            true if !european => None,
            false if !english => None,
            true if form.is_ambiguous() => Some(value / 1000.0),
            true if point => Some((value * 1000.0).round()),
            _ => Some(value),
        }
    }
}

#[cfg(test)]
mod tests;
