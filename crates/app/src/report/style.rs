//! How text looks on a terminal: colours, widths, bars.

use model::Severity;

/// What the terminal can do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Colours are wanted: a terminal, and `NO_COLOR` is not set.
    pub(crate) has_colour: bool,
    /// Columns to fill, at least 60.
    pub(crate) width: usize,
}

impl Style {
    /// `text` in an ANSI style such as `1;31`, when colours are wanted.
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        if self.has_colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// `text` in bold.
    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// `text` dimmed.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
}

/// ANSI style of a severity.
pub(crate) fn severity_colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "1;35",
        Severity::High => "1;31",
        Severity::Medium => "33",
        Severity::Low => "36",
    }
}

/// A number with its noun, which takes an `s` unless the number is 1.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// A bar of `width` cells for a percentage.
pub(crate) fn bar(percent: f64, width: usize) -> String {
    let filled =
        (0..width).filter(|cell| percent * width as f64 >= (*cell as f64 + 0.5) * 100.0).count();
    format!("{}{}", "█".repeat(filled), "░".repeat(width - filled))
}

/// `text` cut to `width` characters, with an ellipsis in the middle when it is longer.
pub(crate) fn fit(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= width {
        return text.to_owned();
    }
    let head = width.saturating_sub(1) / 2;
    let tail = width.saturating_sub(1) - head;
    let first: String = chars.iter().take(head).collect();
    let last: String = chars.iter().skip(chars.len() - tail).collect();
    format!("{first}…{last}")
}

/// `text` cut to `width` characters, with an ellipsis at the end when it is longer.
pub(crate) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// `text` cut and padded to exactly `width` characters.
pub(crate) fn cell(text: &str, width: usize) -> String {
    let text = fit(text, width);
    let padding = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(padding))
}

/// A scope id as people say it: the subscription, account, project or cluster alone.
pub(crate) fn short_scope(scope: &str) -> &str {
    scope.rsplit('/').next().filter(|it| !it.is_empty()).unwrap_or(scope)
}

/// Text without line breaks and control characters: foreign names must not steer a terminal.
pub(crate) fn single_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{bar, cell, clip, fit, single_line};

    #[test]
    fn a_cell_has_exactly_its_width() {
        for text in ["", "short", "a text that is far too long"] {
            assert_eq!(cell(text, 10).chars().count(), 10);
        }
        assert_eq!(fit("abcdefghij", 5), "ab…ij");
        assert_eq!(clip("abcdefghij", 5), "abcd…");
    }

    #[test]
    fn a_bar_never_leaves_its_width() {
        for percent in [-5.0, 0.0, 50.0, 100.0, 700.0] {
            assert_eq!(bar(percent, 8).chars().count(), 8);
        }
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(single_line("a\u{1b}[31m\nb"), "a [31m b");
    }
}
