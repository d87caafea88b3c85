//! Pieces of HTML that every report has.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{About, STYLE};
use view::View;

/// HTML that is written piece by piece. What comes from outside goes through [`text`].
#[derive(Debug, Default)]
pub(super) struct Html(pub(super) String);

/// Text as HTML shows it.
pub(super) fn text(raw: &str) -> String {
    let mut shown = String::with_capacity(raw.len());
    for it in raw.chars() {
        match it {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            // Direction marks would let a name show as another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            it if it.is_control() && it != '\n' => shown.push('\u{fffd}'),
            it => shown.push(it),
        }
    }
    shown
}

/// An instant to the second, in UTC.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

impl Html {
    pub(super) fn add(&mut self, html: &str) {
        self.0.push_str(html);
    }

    /// The beginning of a report, to the end of its title block.
    pub(super) fn begin(
        &mut self,
        (title, sub): (&str, &str),
        about: &About<'_>,
        view: &View,
        digest: &str,
    ) {
        let (title, sub) = (text(title), text(sub));
        let scope = match about.scope {
            Some(id) if view.library().kind(id).is_none() => text(id),
            _ => "everything that the reader may see".to_owned(),
        };
        let of = view.at().map(instant).unwrap_or_default();
        let organisation = match about.organisation {
            "" => String::new(),
            name => format!("<dt>Organisation</dt><dd>{}</dd>", text(name)),
        };
        let (by, now) = (text(about.by), instant(about.now));
        let sequence = view.sequence();
        write!(
            self.0,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head><body>\
             <header><p class=\"brand\">Merlon report</p><h1>{title}</h1><p class=\"sub\">{sub}</p>\
             <dl class=\"facts\">{organisation}<dt>Scope</dt><dd>{scope}</dd>\
             <dt>State</dt><dd>commit {sequence}, judged as of {of}</dd>\
             <dt>Made</dt><dd>{now}, for {by}</dd>\
             <dt>SHA-256 of the data</dt><dd><code>{digest}</code></dd></dl></header>\n"
        )
        .unwrap_or_default();
    }

    /// Figures side by side.
    pub(super) fn sums(&mut self, sums: &[(String, &str)]) {
        self.add("<div class=\"sums\">");
        for (value, name) in sums {
            write!(self.0, "<div><b>{}</b><span>{}</span></div>", text(value), text(name))
                .unwrap_or_default();
        }
        self.add("</div>\n");
    }

    /// Shares of a whole as one bar.
    pub(super) fn bar(&mut self, shares: &[(u64, &str)]) {
        let total: u64 = shares.iter().map(|it| it.0).sum();
        self.add("<svg class=\"bar\" viewBox=\"0 0 1000 20\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"shares\">");
        let mut from = 0.0;
        for (n, colour) in shares.iter().filter(|it| it.0 > 0) {
            let width = *n as f64 * 1000.0 / total.max(1) as f64;
            write!(
                self.0,
                "<rect x=\"{from:.1}\" y=\"0\" width=\"{width:.1}\" height=\"20\" fill=\"{colour}\"/>"
            )
            .unwrap_or_default();
            from += width;
        }
        self.add("</svg>\n");
    }

    /// The end of a report.
    pub(super) fn end(mut self, with_signatures: bool) -> String {
        if with_signatures {
            self.add(
                "<div class=\"sign\"><div>Prepared by, date</div><div>Reviewed by, date</div></div>",
            );
        }
        self.add(
            "<footer>What could not be read counts neither as passed nor as failed: it is named as unknown, \
             with the reason. The data of this report in its CSV form have the SHA-256 that stands above; the \
             same report of the same state has the same one.</footer></body></html>\n",
        );
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn foreign_text_is_no_markup() {
        assert_eq!(text("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
        assert_eq!(text("a\u{202e}b\u{7}"), "ab\u{fffd}");
    }
}
