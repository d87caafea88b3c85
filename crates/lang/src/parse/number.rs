//! Numbers: decimal, hexadecimal (`0x`), octal (`0o`), with fraction and exponent.

use super::{Parsed, Parser};
use crate::ast::Literal;
use crate::error::ErrorKind;

impl Parser<'_> {
    /// Reads a number token; `negative` when a minus stands before it, so that the least integer can be written.
    pub(super) fn number(&mut self, negative: bool) -> Parsed<Literal> {
        let span = self.here();
        let text = span.text(self.source);
        self.at += 1;
        let read = match text.get(..2) {
            Some("0x" | "0X") => integer(text.get(2..).unwrap_or_default(), 16, negative),
            Some("0o" | "0O") => integer(text.get(2..).unwrap_or_default(), 8, negative),
            _ if text.bytes().all(|it| it.is_ascii_digit()) => integer(text, 10, negative),
            _ => float(text, negative),
        };
        read.map_err(|kind| {
            let reason = match kind {
                ErrorKind::IntegerOverflow => "does not fit in 64 bits",
                ErrorKind::FloatingPointOverflow => "is too large",
                _ => "is not a number",
            };
            self.error(kind, span, format!("`{text}` {reason}"))
        })
    }
}

fn integer(digits: &str, radix: u32, negative: bool) -> Result<Literal, ErrorKind> {
    if digits.is_empty() || !digits.chars().all(|it| it.is_digit(radix)) {
        return Err(ErrorKind::InvalidNumberLiteral);
    }
    let magnitude = i128::from_str_radix(digits, radix).map_err(|_| ErrorKind::IntegerOverflow)?;
    let value = if negative { -magnitude } else { magnitude };
    i64::try_from(value).map(Literal::Int).map_err(|_| ErrorKind::IntegerOverflow)
}

fn float(text: &str, negative: bool) -> Result<Literal, ErrorKind> {
    let allowed = |it: u8| it.is_ascii_digit() || matches!(it, b'.' | b'e' | b'E' | b'+' | b'-');
    if !text.bytes().all(allowed) {
        return Err(ErrorKind::InvalidNumberLiteral);
    }
    let value: f64 = text.parse().map_err(|_| ErrorKind::InvalidNumberLiteral)?;
    if value.is_infinite() {
        return Err(ErrorKind::FloatingPointOverflow);
    }
    Ok(Literal::Float(if negative { -value } else { value }))
}

#[cfg(test)]
mod tests {
    use crate::ast::{ExprKind, Literal};
    use crate::error::ErrorKind;
    use crate::parse::parse_expression;

    #[track_caller]
    fn check(source: &str, want: &Literal) {
        let expr = parse_expression(source).unwrap();
        assert_eq!(expr.kind, ExprKind::Literal(want.clone()));
    }

    #[track_caller]
    fn check_error(source: &str, want: ErrorKind) {
        assert_eq!(parse_expression(source).unwrap_err().kind, want);
    }

    #[test]
    fn all_forms() {
        check("0", &Literal::Int(0));
        check("0x162CD4F6", &Literal::Int(372_036_854));
        check("-0o2613152366", &Literal::Int(-372_036_854));
        check("-9223372036854775808", &Literal::Int(i64::MIN));
        check("-0o1000000000000000000000", &Literal::Int(i64::MIN));
        check("1e9", &Literal::Float(1e9));
        check("-.1e-5", &Literal::Float(-0.1e-5));
        check("2.75", &Literal::Float(2.75));
    }

    #[test]
    fn out_of_range() {
        check_error("9223372036854775808", ErrorKind::IntegerOverflow);
        check_error("0o1000000000000000000000", ErrorKind::IntegerOverflow);
        check_error("0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", ErrorKind::IntegerOverflow);
        check_error("1.34E999", ErrorKind::FloatingPointOverflow);
    }

    #[test]
    fn not_a_number() {
        check_error("9223372h54775808", ErrorKind::InvalidNumberLiteral);
        check_error("0x1A2b3j4", ErrorKind::InvalidNumberLiteral);
        check_error("0x", ErrorKind::InvalidNumberLiteral);
        check_error("0o8", ErrorKind::InvalidNumberLiteral);
        check_error("1.2.3", ErrorKind::UnexpectedSyntax);
    }
}
