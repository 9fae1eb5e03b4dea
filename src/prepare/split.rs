//! Dividing the rows into training, validation and test.

use super::random::Random;
use super::{PrepareError, Split, SplitBy, SplitOptions};
use crate::table::MISSING_CODE;

/// What the division looks at. All slices have one entry per dataset row.
pub(super) struct Rows<'a> {
    /// The outcome, 0 or 1.
    pub y: &'a [f32],
    /// Who it is about; [`MISSING_CODE`] stands for a user of its own. Needed to split by user.
    pub users: Option<&'a [u32]>,
    /// When it happened, in any unit. Needed to split by time.
    pub times: Option<&'a [f64]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Train,
    Validation,
    Test,
}

/// Divides the rows. `fixed_test` holds the dataset rows of the test part where they are given; the
/// rest is divided by the options. Every part is in shuffled order, and depends on the options and
/// the rows alone, on every platform.
///
/// # Errors
/// [`PrepareError::TooFewRows`] where the training part would lack one of the outcomes or another
/// part that was asked for would be empty.
pub(super) fn split(
    rows: &Rows<'_>,
    options: &SplitOptions,
    by: SplitBy,
    fixed_test: Option<&[u32]>,
) -> Result<Split, PrepareError> {
    let mut random = Random::new(options.seed);
    let mut order: Vec<u32> = (0..rows.y.len() as u32).collect();
    random.shuffle(&mut order);
    let mut parts = vec![Part::Train; rows.y.len()];
    match fixed_test {
        Some(test) => test
            .iter()
            .for_each(|&row| parts[row as usize] = Part::Test),
        None => take(rows, by, &order, &mut parts, options.test, Part::Test),
    }
    take(
        rows,
        by,
        &order,
        &mut parts,
        options.validation,
        Part::Validation,
    );
    let of = |part| {
        order
            .iter()
            .copied()
            .filter(|&row| parts[row as usize] == part)
            .collect()
    };
    let split = Split {
        train: of(Part::Train),
        validation: of(Part::Validation),
        test: of(Part::Test),
    };
    let converted = |part: &[u32]| {
        part.iter()
            .filter(|&&row| rows.y[row as usize] > 0.5)
            .count()
    };
    let in_training = converted(&split.train);
    let lacking = in_training == 0
        || in_training == split.train.len()
        || (options.validation > 0.0 && split.validation.is_empty())
        || (fixed_test.is_none() && options.test > 0.0 && split.test.is_empty());
    if lacking {
        let converted = converted(&order);
        return Err(PrepareError::TooFewRows {
            rows: order.len(),
            converted,
        });
    }
    Ok(split)
}

/// Moves a share of the rows still in the training part to another.
fn take(rows: &Rows<'_>, by: SplitBy, order: &[u32], parts: &mut [Part], share: f64, into: Part) {
    if share <= 0.0 {
        return;
    }
    let free: Vec<u32> = order
        .iter()
        .copied()
        .filter(|&row| parts[row as usize] == Part::Train)
        .collect();
    let taken = match (by, rows.users, rows.times) {
        (SplitBy::User, Some(users), _) => take_users(rows.y, users, &free, share),
        (SplitBy::Time, _, Some(times)) => take_last(times, free, share),
        _ => take_rows(rows.y, &free, share),
    };
    taken.into_iter().for_each(|row| parts[row as usize] = into);
}

/// How many of `counts` rows (by outcome) a share of all of them takes: ⌈n·share⌉ in all, as
/// scikit-learn's `train_test_split` does, allotted to the outcomes in proportion by largest
/// remainder (ties to the first), leaving at least one row of each.
pub(super) fn allot(counts: [u64; 2], share: f64) -> [u64; 2] {
    let all = counts[0] + counts[1];
    if all == 0 {
        return [0, 0];
    }
    let wanted = ((all as f64 * share).ceil() as u64).min(all);
    let mut taken = counts.map(|count| wanted * count / all);
    if taken[0] + taken[1] < wanted {
        let [first, second] = counts.map(|count| wanted * count % all);
        taken[usize::from(second > first)] += 1;
    }
    [0, 1].map(|class| taken[class].min(counts[class].saturating_sub(1)))
}

fn class_of(y: f32) -> usize {
    usize::from(y > 0.5)
}

fn take_rows(y: &[f32], free: &[u32], share: f64) -> Vec<u32> {
    let mut counts = [0, 0];
    free.iter()
        .for_each(|&row| counts[class_of(y[row as usize])] += 1);
    let mut left = allot(counts, share);
    free.iter()
        .copied()
        .filter(|&row| {
            let left = &mut left[class_of(y[row as usize])];
            let take = *left > 0;
            *left -= u64::from(take);
            take
        })
        .collect()
}

/// The last ⌈n·share⌉ rows by time; rows of one moment keep the order of the table.
fn take_last(times: &[f64], mut free: Vec<u32>, share: f64) -> Vec<u32> {
    crate::order::sort_rows(&mut free, &|a, b| {
        times[a as usize]
            .total_cmp(&times[b as usize])
            .then(a.cmp(&b))
    });
    let wanted = (free.len() as f64 * share).ceil() as usize;
    free.split_off(free.len().saturating_sub(wanted))
}

/// Whole users, as met in shuffled order, as long as each brings the part nearer to its share of the
/// rows; converters (users with any conversion) and others each for their own. At least one user is
/// taken, and at least one of each kind left, where there are two.
fn take_users(y: &[f32], users: &[u32], free: &[u32], share: f64) -> Vec<u32> {
    // Where a row has no user it is one of its own, numbered after the others.
    let known = known_users(users);
    let user_of = |row: u32| match users[row as usize] {
        MISSING_CODE => known + row as usize,
        user => user as usize,
    };
    let mut sizes = vec![0u64; known + users.len()];
    let mut converted = vec![false; sizes.len()];
    let mut met = Vec::new();
    for &row in free {
        let user = user_of(row);
        if sizes[user] == 0 {
            met.push(user);
        }
        sizes[user] += 1;
        converted[user] |= y[row as usize] > 0.5;
    }
    let stratum = |user: usize| usize::from(converted[user]);
    let (mut rows, mut left) = ([0, 0], [0u64, 0]);
    for &user in &met {
        rows[stratum(user)] += sizes[user];
        left[stratum(user)] += 1;
    }
    let wanted = allot(rows, share);
    let mut taken = [0, 0];
    let mut chosen = vec![false; sizes.len()];
    for &user in &met {
        let at = stratum(user);
        if left[at] > 1 && 2 * taken[at] + sizes[user] <= 2 * wanted[at] {
            taken[at] += sizes[user];
            left[at] -= 1;
            chosen[user] = true;
        }
    }
    if taken == [0, 0] {
        let smallest = met
            .into_iter()
            .filter(|&user| left[stratum(user)] > 1)
            .min_by_key(|&user| sizes[user]);
        smallest.into_iter().for_each(|user| chosen[user] = true);
    }
    free.iter()
        .copied()
        .filter(|&row| chosen[user_of(row)])
        .collect()
}

fn known_users(users: &[u32]) -> usize {
    let known = users.iter().filter(|&&user| user != MISSING_CODE);
    known.max().map_or(0, |&user| user as usize + 1)
}

/// How many users stand in more than one part.
pub(super) fn users_on_both_sides(split: &Split, users: &[u32]) -> usize {
    let mut seen = vec![0u8; known_users(users)];
    for (bit, part) in [(1, &split.train), (2, &split.validation), (4, &split.test)] {
        for &row in part {
            if let Some(seen) = seen.get_mut(users[row as usize] as usize) {
                *seen |= bit;
            }
        }
    }
    seen.iter().filter(|seen| seen.count_ones() > 1).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_sum_as_scikit_learns() {
        // online_shoppers: 12,330 rows, 1,908 converted; train_test_split gave 2,084 + 382.
        assert_eq!(allot([10_422, 1_908], 0.2), [2_084, 382]);
        // hillstrom (visit) and bank, from the same script.
        assert_eq!(allot([54_606, 9_394], 0.2), [10_921, 1_879]);
        assert_eq!(allot([36_548, 4_640], 0.2), [7_310, 928]);
        assert_eq!(allot([5, 5], 0.25), [2, 1]);
        assert_eq!(allot([1, 1], 0.2), [0, 0]);
        assert_eq!(allot([0, 0], 0.2), [0, 0]);
    }

    #[test]
    fn a_share_smaller_than_a_user_still_takes_one() {
        // Six users with three rows each; the last two converted. The share is less than a row.
        let users: Vec<u32> = (0..18).map(|row| row / 3).collect();
        let y: Vec<f32> = (0..18)
            .map(|row| if row >= 12 { 1.0 } else { 0.0 })
            .collect();
        let free: Vec<u32> = (0..18).collect();
        assert_eq!(take_users(&y, &users, &free, 0.05), [0, 1, 2]);
    }

    #[test]
    fn the_only_user_who_converted_stays_in_training() {
        let users = [0, 0, 0, 0, 1, 2, 3, 4];
        let y = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let free: Vec<u32> = (0..8).collect();
        assert_eq!(take_users(&y, &users, &free, 0.6), [4, 5, 6]);
    }
}
