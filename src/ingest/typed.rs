//! Values together with how they were written, so that their texts can be had back.

use super::interner::Interner;

/// How many forms a column can have.
const MAX_FORMS: usize = u8::MAX as usize + 1;
/// How many items are gone through in one call.
const PART: usize = 1 << 14;
/// Bytes of texts beyond which a column no longer remembers them.
const MAX_ODD_BYTES: usize = 1 << 20;

/// One value per row, one byte that says how it was written, and the texts of the cells that cannot be
/// had back from the two.
///
/// A column of numbers so takes nine bytes a row while it is read and can still become a column of
/// text, without loss, at its last cell. Texts that are kept are kept once each. Where they get too many
/// they are forgotten, and the column stays what it is.
#[derive(Debug, Clone)]
pub(super) struct Typed<V, F> {
    values: Vec<V>,
    /// Indices into `known`.
    forms: Vec<u8>,
    /// Forms, and whether they give the text back.
    known: Vec<(F, bool)>,
    /// The texts of the cells whose forms don't, and a code for each of these cells.
    texts: Interner,
    odd: Vec<u32>,
    forgotten: bool,
}

impl<V: Copy, F: Copy + PartialEq> Typed<V, F> {
    /// No rows; the first forms are known by their place.
    pub(super) fn new(known: Vec<F>) -> Self {
        Self {
            values: Vec::new(),
            forms: Vec::new(),
            known: known.into_iter().map(|form| (form, true)).collect(),
            texts: Interner::new(),
            odd: Vec::new(),
            forgotten: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Makes room for so many rows in all, if it is to be had.
    pub(super) fn reserve(&mut self, rows: usize) {
        reserve(&mut self.values, rows);
        reserve(&mut self.forms, rows);
    }

    /// Whether the texts can no longer be had back.
    pub(super) fn has_forgotten(&self) -> bool {
        self.forgotten
    }

    /// Adds a value in a form that is known by its place and gives the text back.
    #[inline]
    pub(super) fn push_known(&mut self, value: V, form: u8) {
        self.values.push(value);
        self.forms.push(form);
    }

    /// Adds what `read` makes of the first items, up to one of which it makes nothing; returns how many it added.
    #[inline]
    pub(super) fn push_while<I>(
        &mut self,
        items: &[I],
        mut read: impl FnMut(&I) -> Option<(V, u8)>,
    ) -> usize {
        let before = self.values.len();
        for item in items {
            let Some((value, form)) = read(item) else {
                break;
            };
            self.push_known(value, form);
        }
        self.values.len() - before
    }

    /// Adds a value, unless there are too many forms; `exact` says that the form gives the text back.
    pub(super) fn push(&mut self, value: V, form: F, exact: bool, text: &[u8]) -> bool {
        let form = (form, exact);
        let found = self.known.iter().position(|known| *known == form);
        let index = found.unwrap_or(self.known.len());
        if index == MAX_FORMS {
            return false;
        }
        if found.is_none() {
            self.known.push(form);
        }
        if !exact && !self.forgotten {
            match self.texts.intern(text) {
                Some(code) => self.odd.push(code),
                None => self.forget(),
            }
            if self.texts.bytes() > MAX_ODD_BYTES {
                self.forget();
            }
        }
        self.push_known(value, index as u8);
        true
    }

    fn forget(&mut self) {
        self.forgotten = true;
        self.texts = Interner::new();
        self.odd = Vec::new();
    }

    /// Calls with each row's value, form and, where the form does not give it back, text.
    pub(super) fn for_each(&self, mut each: impl FnMut(V, F, Option<&[u8]>)) {
        let mut odd = self.odd.iter();
        in_parts(self.values.iter().zip(&self.forms), |(&value, &index)| {
            let (form, exact) = self.known[usize::from(index)];
            let code = if exact { None } else { odd.next() };
            each(
                value,
                form,
                code.map(|&code| self.texts.text(code as usize)),
            );
        });
    }

    /// How many values of each kind are written in each form; values of no kind are not counted.
    pub(super) fn tally<const KINDS: usize>(
        &self,
        kind: impl Fn(V) -> Option<usize>,
    ) -> Vec<(F, [usize; KINDS])> {
        let mut counts = [[0; KINDS]; MAX_FORMS];
        in_parts(self.values.iter().zip(&self.forms), |(&value, &form)| {
            if let Some(kind) = kind(value) {
                counts[usize::from(form)][kind] += 1;
            }
        });
        let known = self.known.iter().zip(counts);
        known.map(|(&(form, _), counts)| (form, counts)).collect()
    }

    /// The values, each put through `convert` with its form, in no more memory than they need. Nothing is converted where
    /// values in every form are `kept`.
    pub(super) fn into_values(
        self,
        kept: impl Fn(F) -> bool,
        mut convert: impl FnMut(V, F) -> V,
    ) -> Vec<V> {
        let Self {
            mut values,
            forms,
            known,
            texts,
            odd,
            ..
        } = self;
        drop((texts, odd));
        if !known.iter().all(|&(form, _)| kept(form)) {
            in_parts(values.iter_mut().zip(&forms), |(value, &index)| {
                *value = convert(*value, known[usize::from(index)].0);
            });
        }
        // Growing has left up to as much again unused. The forms go first, to make room for the move.
        drop(forms);
        values.shrink_to_fit();
        values
    }
}

/// As [`Iterator::for_each`], in calls of so many items: a browser begins with a quickly compiled version of a function
/// and puts the better one in its place from the next call on, so that one call for a whole column would never see it.
pub(super) fn in_parts<I: Iterator>(mut items: I, mut each: impl FnMut(I::Item)) {
    while !part(&mut items, &mut each) {}
}

/// Whether that was the last of them.
#[inline(never)]
fn part<I: Iterator>(items: &mut I, each: &mut impl FnMut(I::Item)) -> bool {
    let mut count = 0;
    for item in items.take(PART) {
        each(item);
        count += 1;
    }
    count < PART
}

/// Makes room for so many elements in all, and a few more, if it is to be had.
pub(super) fn reserve<T>(elements: &mut Vec<T>, count: usize) {
    if elements.capacity() < count {
        let more = count + count / 32 - elements.len();
        // Where it is not, growing may still do.
        let _ = elements.try_reserve_exact(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_no_room_to_grow() {
        let mut typed: Typed<f64, u8> = Typed::new(vec![0]);
        for row in 0..1_000 {
            typed.push_known(f64::from(row), 0);
        }
        let values = typed.into_values(|_| false, |value, _| value);
        assert_eq!((values.len(), values.capacity()), (1_000, 1_000));
    }

    #[test]
    fn texts_are_kept_once_each_and_not_without_end() {
        let mut typed: Typed<f64, u8> = Typed::new(vec![0]);
        for row in 0..1_000 {
            let text = if row % 2 == 0 { "+5" } else { ".5" };
            assert!(typed.push(0.0, 0, false, text.as_bytes()));
        }
        assert_eq!(typed.texts.len(), 2);
        let mut texts = Vec::new();
        typed.for_each(|_, _, text| texts.push(text.unwrap().to_vec()));
        assert_eq!((texts.len(), &texts[3][..]), (1_000, &b".5"[..]));

        let long = vec![b'5'; 1 << 20];
        for row in 0..40u8 {
            assert!(typed.push(0.0, 0, false, &[&[row], &long[..]].concat()));
        }
        assert!(typed.has_forgotten());
        assert_eq!((typed.len(), typed.texts.bytes()), (1_040, 0));
        typed.for_each(|_, _, text| assert_eq!(text, None));
    }

    #[test]
    fn there_are_so_many_forms_and_no_more() {
        let mut typed: Typed<f64, u16> = Typed::new(vec![]);
        for form in 0..256 {
            assert!(typed.push(0.0, form, true, b""));
        }
        assert!(!typed.push(0.0, 256, true, b""));
        assert!(typed.push(0.0, 255, true, b""));
        assert_eq!(typed.len(), 257);
    }
}
