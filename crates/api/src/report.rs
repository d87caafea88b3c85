//! Reports for people who must show them to others: HTML for print, and the same figures as CSV.
//!
//! A report is of one state. Its CSV form holds nothing but what follows from that state, so that its SHA-256,
//! which the HTML form prints, says whether two reports say the same.

mod html;
mod posture;
mod standard;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use store::AttestationRow;
use view::{Sight, View};

pub use self::posture::posture_report;
pub use self::standard::standard_report;
use crate::tag::hex;

/// The style sheet of reports.
pub(crate) const STYLE: &str = include_str!("report/report.css");

/// What a report says of itself.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// The name of the organisation; may be empty.
    pub organisation: &'a str,
    /// When the report is made.
    pub now: Timestamp,
    /// For whom.
    pub by: &'a str,
    /// The id of the scope that it is about; `None`: all that `by` may see.
    pub scope: Option<&'a str>,
}

/// A report in its two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// For print: one page of HTML with its style, without scripts.
    pub html: String,
    /// The same figures.
    pub csv: String,
}

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The state.
    pub view: &'a View,
    /// Which part of it.
    pub sight: &'a Sight,
    /// What people attested about the standard, the oldest first.
    pub attestations: &'a [AttestationRow],
}

/// The policy with which a report is answered: it loads nothing and runs nothing.
pub(crate) fn policy() -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()), 32)
}

/// A line of CSV (RFC 4180); what a spreadsheet would take for a formula is disarmed.
fn csv_line(out: &mut String, cells: &[&str]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let armed = if is_formula { format!("'{cell}") } else { (*cell).to_owned() };
        if armed.contains([',', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&armed.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&armed);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::csv_line;

    #[test]
    fn cells_are_quoted_and_disarmed() {
        let mut out = String::new();
        csv_line(&mut out, &["a", "b,c", "say \"x\"", "=1+1"]);
        assert_eq!(out, "a,\"b,c\",\"say \"\"x\"\"\",'=1+1\r\n");
    }
}
