//! The area under the ROC curve, for use while training.

/// The weighted area under the ROC curve: the chance that a converted row scores above one that did
/// not convert, ties counting half (Mann–Whitney with midranks; Hanley & McNeil 1982, *Radiology*
/// 143:29–36). `NaN` where one of the classes has no weight.
///
/// `scores`, `labels` (0 or 1) and `weights` are of equal length. Takes O(n log n).
pub fn auc(scores: &[f32], labels: &[f32], weights: Option<&[f32]>) -> f64 {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]));
    let (mut positives, mut negatives, mut wins) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut start = 0;
    while start < order.len() {
        let score = scores[order[start] as usize];
        let (mut tied_positives, mut tied_negatives) = (0.0_f64, 0.0_f64);
        while start < order.len() && scores[order[start] as usize] == score {
            let row = order[start] as usize;
            let weight = weights.map_or(1.0, |weights| f64::from(weights[row]));
            if labels[row] > 0.5 {
                tied_positives += weight;
            } else {
                tied_negatives += weight;
            }
            start += 1;
        }
        wins += tied_positives * (negatives + tied_negatives / 2.0);
        positives += tied_positives;
        negatives += tied_negatives;
    }
    wins / (positives * negatives)
}
