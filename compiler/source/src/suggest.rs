//! Nearest names, for "did you mean".

/// The candidates nearest to `name` by edit distance (insertion, deletion, substitution,
/// transposition), best first, at most three; none farther than a third of the name's length
/// (at least one edit). Ties go by the candidate's text. Case and `-`/`_` differences cost nothing.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let fold = |text: &str| -> Vec<char> {
        text.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
    };
    let wanted = fold(name);
    if wanted.len() > 256 {
        return Vec::new();
    }
    let limit = (name.chars().count() / 3).max(1);
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter(|candidate| *candidate != name && candidate.len() <= 1024)
        .filter_map(|candidate| {
            let distance = distance(&wanted, &fold(candidate));
            (distance <= limit).then_some((distance, candidate))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// Optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let substitution = last[j] + usize::from(x != y);
            let mut best = substitution.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["image", "imagePullPolicy", "ports", "replicas"];
        assert_eq!(nearest("imgae", known), ["image"]);
        assert_eq!(nearest("replica", known), ["replicas"]);
        assert_eq!(nearest("image_pull_policy", known), ["imagePullPolicy"]);
        assert!(nearest("command", known).is_empty());
    }
}
