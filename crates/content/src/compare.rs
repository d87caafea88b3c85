//! Two versions of a text, line by line.

/// Work beyond which the changed middle is shown as a whole: lines of one times lines of the other.
const MOST: usize = 4_000_000;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineChange {
    /// It is in both.
    Same,
    /// It is only in the first.
    Removed,
    /// It is only in the second.
    Added,
}

/// The lines of two texts in one order: as few as possible are removed and added.
pub fn compare_lines<'t>(before: &'t str, after: &'t str) -> Vec<(LineChange, &'t str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let n_first = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - n_first;
    let backwards = old.iter().rev().zip(new.iter().rev());
    let n_last = backwards.take(rest).take_while(|(a, b)| a == b).count();
    let middle = |lines: &[&'t str]| -> Vec<&'t str> {
        let n = lines.len() - n_first - n_last;
        lines.iter().skip(n_first).take(n).copied().collect()
    };
    let same =
        |lines: &[&'t str]| -> Vec<_> { lines.iter().map(|it| (LineChange::Same, *it)).collect() };
    let mut all = same(old.get(..n_first).unwrap_or_default());
    all.extend(middle_lines(&middle(&old), &middle(&new)));
    all.extend(same(old.get(old.len() - n_last..).unwrap_or_default()));
    all
}

/// By the longest common subsequence.
fn middle_lines<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(LineChange, &'t str)> {
    let removed = |it: &&'t str| (LineChange::Removed, *it);
    let added = |it: &&'t str| (LineChange::Added, *it);
    if old.len() * new.len() > MOST {
        return old.iter().map(removed).chain(new.iter().map(added)).collect();
    }
    let width = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    let at = |lengths: &[u32], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or(0);
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let length = if a == b {
                at(&lengths, i + 1, j + 1) + 1
            } else {
                at(&lengths, i + 1, j).max(at(&lengths, i, j + 1))
            };
            if let Some(place) = lengths.get_mut(i * width + j) {
                *place = length;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut all = Vec::new();
    loop {
        match (old.get(i), new.get(j)) {
            (None, None) => return all,
            (Some(a), Some(b)) if a == b => {
                all.push((LineChange::Same, *a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), b) if b.is_none() || at(&lengths, i + 1, j) >= at(&lengths, i, j + 1) => {
                all.push(removed(a));
                i += 1;
            }
            (_, Some(b)) => {
                all.push(added(b));
                j += 1;
            }
            (Some(_), None) => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LineChange, compare_lines};

    #[track_caller]
    fn check(before: &str, after: &str, want: &str) {
        let shown: Vec<String> = compare_lines(before, after)
            .into_iter()
            .map(|(change, line)| match change {
                LineChange::Same => format!(" {line}"),
                LineChange::Removed => format!("-{line}"),
                LineChange::Added => format!("+{line}"),
            })
            .collect();
        assert_eq!(shown.join("|"), want);
    }

    #[test]
    fn as_few_lines_as_possible_change() {
        check("a\nb\nc", "a\nb\nc", " a| b| c");
        check("a\nb\nc", "a\nx\nc", " a|-b|+x| c");
        check("", "a\nb", "+a|+b");
        check("a\nb", "", "-a|-b");
        check("a\nb\nc\nd", "b\nd\ne", "-a| b|-c| d|+e");
        check("a\na", "a\na\na", " a| a|+a");
    }
}
