//! The report as `JUnit` XML: each check is a suite; each unhealthy resource a failure, each unknown
//! one an error, so that a pipeline shows what it could not judge.

use std::io::{self, Write};

use super::Report;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let all = report.posture.recommendations();
    let sum = |count: fn(&posture::VerdictCounts) -> u64| {
        all.iter().map(|it| count(&it.counts)).sum::<u64>()
    };
    let n_tests = sum(|it| it.healthy + it.unhealthy + it.unknown);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="merlon" tests="{n_tests}" failures="{}" errors="{}">"#,
        sum(|it| it.unhealthy),
        sum(|it| it.unknown)
    )?;
    for item in all {
        let check = item.check;
        let counts = item.counts;
        writeln!(
            out,
            r#"  <testsuite name="{}" tests="{}" failures="{}" errors="{}">"#,
            escape(&check.id),
            counts.healthy + counts.unhealthy + counts.unknown,
            counts.unhealthy,
            counts.unknown
        )?;
        for node in item.unhealthy {
            let proof: Vec<String> = report
                .posture
                .evidence(check, *node)
                .iter()
                .map(|it| format!("{} = {}", it.path, it.value))
                .collect();
            let text =
                format!("{}\n{}\n{}", proof.join("\n"), check.why, check.fix.steps.join("\n"));
            test_case(
                &mut out,
                check,
                report.posture.resource(*node).id,
                "failure",
                &check.title,
                &text,
            )?;
        }
        let reasons = report.posture.reasons(check, &report.facts.gaps);
        for (node, why) in item.unknown {
            let why = reasons.describe(*node, *why);
            test_case(
                &mut out,
                check,
                report.posture.resource(*node).id,
                "error",
                "could not be judged",
                &why,
            )?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")?;
    out.flush()
}

fn test_case(
    out: &mut dyn Write,
    check: &content::Check,
    resource: &str,
    element: &str,
    message: &str,
    text: &str,
) -> io::Result<()> {
    writeln!(
        out,
        r#"    <testcase classname="{}" name="{}"><{element} message="{}" type="{}">{}</{element}></testcase>"#,
        escape(&check.id),
        escape(resource),
        escape(message),
        check.severity.name(),
        escape(text)
    )
}

/// Text that is safe in XML content and attributes; control characters that XML 1.0 forbids vanish.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_and_forbidden_characters_are_made_safe() {
        assert_eq!(escape("<a b=\"c\">&\u{0}'"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
    }
}
