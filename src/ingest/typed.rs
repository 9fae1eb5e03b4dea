//! Values together with how they were written, so that their texts can be had back.

/// The form of a cell whose text its form does not give back.
const ODD: u8 = u8::MAX;

/// A cell kept as it was.
#[derive(Debug, Clone)]
struct Odd<F> {
    row: u32,
    form: F,
    text: Box<[u8]>,
}

/// One value per row, one byte that says how it was written, and the texts of the few cells that
/// cannot be had back from the two.
///
/// A column of numbers so takes nine bytes a row while it is read and can still become a column of
/// text, without loss, at its last cell.
#[derive(Debug, Clone)]
pub(super) struct Typed<V, F> {
    values: Vec<V>,
    /// Indices into `known`, or [`ODD`].
    forms: Vec<u8>,
    known: Vec<F>,
    odd: Vec<Odd<F>>,
}

impl<V: Copy, F: Copy + PartialEq> Typed<V, F> {
    /// No rows; the first forms, fewer than 255, are known by their place.
    pub(super) fn new(known: Vec<F>) -> Self {
        Self {
            values: Vec::new(),
            forms: Vec::new(),
            known,
            odd: Vec::new(),
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

    /// Adds a value in a form that is known by its place and gives the text back.
    #[inline]
    pub(super) fn push_known(&mut self, value: V, form: u8) {
        self.values.push(value);
        self.forms.push(form);
    }

    /// Adds a value; `exact` says that the form gives the text back.
    pub(super) fn push(&mut self, value: V, form: F, exact: bool, text: &[u8]) {
        let found = self.known.iter().position(|known| *known == form);
        let index = match found {
            Some(index) => Some(index),
            None if self.known.len() < usize::from(ODD) => {
                self.known.push(form);
                Some(self.known.len() - 1)
            }
            None => None,
        };
        match index {
            Some(index) if exact => self.forms.push(index as u8),
            _ => {
                let row = self.values.len() as u32;
                self.odd.push(Odd {
                    row,
                    form,
                    text: text.into(),
                });
                self.forms.push(ODD);
            }
        }
        self.values.push(value);
    }

    /// Calls with each row's value, form and, where the form does not give it back, text.
    pub(super) fn for_each(&self, mut each: impl FnMut(V, F, Option<&[u8]>)) {
        let mut odd = self.odd.iter();
        for (&value, &form) in self.values.iter().zip(&self.forms) {
            if form == ODD {
                if let Some(odd) = odd.next() {
                    each(value, odd.form, Some(&odd.text));
                }
            } else {
                each(value, self.known[usize::from(form)], None);
            }
        }
    }

    /// The values, each put through `convert` with its form, in no more memory than they need.
    pub(super) fn into_values(self, mut convert: impl FnMut(V, F) -> V) -> Vec<V> {
        let Self {
            mut values,
            forms,
            known,
            odd,
        } = self;
        for (value, &form) in values.iter_mut().zip(&forms) {
            if form != ODD {
                *value = convert(*value, known[usize::from(form)]);
            }
        }
        for odd in &odd {
            let value = &mut values[odd.row as usize];
            *value = convert(*value, odd.form);
        }
        // Growing has left up to as much again unused. The forms go first, to make room for the move.
        drop(forms);
        values.shrink_to_fit();
        values
    }
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
        let values = typed.into_values(|value, _| value);
        assert_eq!((values.len(), values.capacity()), (1_000, 1_000));
    }
}
