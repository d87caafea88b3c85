//! Text into tokens.
//!
//! Keywords are not told from names here: `match` is a word, and the parser knows where it is a keyword. Arrows
//! of patterns are single characters (`-`, `>`, `<`), because `a<-b` is also a comparison.

use crate::ast::Span;
use crate::error::{ErrorKind, QueryError};

/// One token and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// The kinds of tokens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A name or a keyword.
    Word,
    /// A name in back-ticks.
    Quoted(String),
    /// `1`, `0x1F`, `1.5e3`; read by the parser, which knows the sign before it.
    Number,
    /// Text in quotes, escapes resolved.
    Str(String),
    /// `$name`.
    Parameter(String),
    /// One of [`SYMBOLS`].
    Symbol(&'static str),
    /// Behind the last token.
    End,
}

/// Longest first, so that the first that fits is the right one.
const SYMBOLS: [&str; 30] = [
    "<=", ">=", "<>", "=~", "..", "+=", "!=", "==", "(", ")", "[", "]", "{", "}", ",", ".", ":",
    ";", "|", "&", "!", "+", "-", "*", "/", "%", "^", "=", "<", ">",
];

/// All tokens of a text, with one `End` behind the last.
pub(crate) fn tokens(source: &str) -> Result<Vec<Token>, QueryError> {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new() };
    while lexer.skip_blank()? {
        let start = lexer.at;
        let kind = lexer.next_kind()?;
        lexer.tokens.push(Token { kind, span: Span::new(start, lexer.at) });
    }
    let end = Span::new(source.len(), source.len());
    lexer.tokens.push(Token { kind: TokenKind::End, span: end });
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
}

fn starts_word(char: char) -> bool {
    char.is_alphabetic() || char == '_'
}

fn continues_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error(&self, kind: ErrorKind, start: usize, message: impl Into<String>) -> QueryError {
        let end = self.at.max(start + 1).min(self.source.len());
        QueryError::new(self.source, kind, Span::new(start, end), message)
    }

    /// Moves to the next token; false at the end of the text.
    fn skip_blank(&mut self) -> Result<bool, QueryError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    let message = "the comment is not closed by `*/`";
                    return Err(self.error(ErrorKind::UnexpectedSyntax, self.at, message));
                };
                self.at += length + 4;
            } else {
                return Ok(!trimmed.is_empty());
            }
        }
    }

    fn next_kind(&mut self) -> Result<TokenKind, QueryError> {
        let start = self.at;
        let Some(char) = self.peek() else { return Ok(TokenKind::End) };
        let next = self.rest().chars().nth(1);
        match char {
            '\'' | '"' => self.string(char).map(TokenKind::Str),
            '`' => self.quoted().map(TokenKind::Quoted),
            '$' => self.parameter(),
            '0'..='9' => Ok(self.number()),
            '.' if next.is_some_and(|it| it.is_ascii_digit()) => Ok(self.number()),
            _ if starts_word(char) => {
                self.skip_while(continues_word);
                Ok(TokenKind::Word)
            }
            _ => {
                let rest = self.rest();
                if let Some(symbol) = SYMBOLS.iter().find(|it| rest.starts_with(**it)) {
                    self.at += symbol.len();
                    return Ok(TokenKind::Symbol(symbol));
                }
                self.at += char.len_utf8();
                let kind = if char.is_ascii() {
                    ErrorKind::UnexpectedSyntax
                } else {
                    ErrorKind::InvalidUnicodeCharacter
                };
                Err(self.error(kind, start, format!("unexpected character `{char}`")))
            }
        }
    }

    fn skip_while(&mut self, belongs: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|it| !belongs(it)).unwrap_or(rest.len());
    }

    /// Everything that looks like one number, letters directly behind it included, so that `12ab` is one
    /// bad number and not a number and a name.
    fn number(&mut self) -> TokenKind {
        let hex = self.rest().starts_with("0x") || self.rest().starts_with("0X");
        self.skip_while(continues_word);
        let mut rest = self.rest().chars();
        if rest.next() == Some('.') && rest.next().is_some_and(|it| it.is_ascii_digit()) {
            self.at += 1;
            self.skip_while(continues_word);
        }
        let so_far = self.source.get(..self.at).unwrap_or_default();
        let signed = self.rest().starts_with(['+', '-']);
        if !hex && signed && so_far.ends_with(['e', 'E']) {
            self.at += 1;
            self.skip_while(continues_word);
        }
        TokenKind::Number
    }

    fn parameter(&mut self) -> Result<TokenKind, QueryError> {
        let start = self.at;
        self.at += 1;
        if self.peek() == Some('`') {
            return self.quoted().map(TokenKind::Parameter);
        }
        self.skip_while(continues_word);
        match self.source.get(start + 1..self.at) {
            Some(name) if !name.is_empty() => Ok(TokenKind::Parameter(name.to_owned())),
            _ => {
                let message = "`$` is not followed by the name of a parameter";
                Err(self.error(ErrorKind::UnexpectedSyntax, start, message))
            }
        }
    }

    /// A name in back-ticks; two back-ticks stand for one.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        self.at += 1;
        let mut name = String::new();
        while let Some(char) = self.peek() {
            self.at += char.len_utf8();
            if char != '`' {
                name.push(char);
            } else if self.peek() == Some('`') {
                self.at += 1;
                name.push('`');
            } else {
                return Ok(name);
            }
        }
        Err(self.error(ErrorKind::UnexpectedSyntax, start, "the name is not closed by a back-tick"))
    }

    fn string(&mut self, quote: char) -> Result<String, QueryError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(char) = self.peek() {
            self.at += char.len_utf8();
            if char == quote {
                return Ok(text);
            }
            text.push(if char == '\\' { self.escape()? } else { char });
        }
        let message = format!("the text is not closed by {quote}");
        Err(self.error(ErrorKind::UnexpectedSyntax, start, message))
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<char, QueryError> {
        let start = self.at - 1;
        let char = self.peek().unwrap_or_default();
        self.at += char.len_utf8().min(self.rest().len());
        match char {
            '\\' | '\'' | '"' | '`' => Ok(char),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'b' => Ok('\u{8}'),
            'f' => Ok('\u{c}'),
            'u' => self.unicode(start, 4),
            'U' => self.unicode(start, 8),
            _ => {
                let message = format!("unknown escape `\\{char}`; a backslash is written `\\\\`");
                Err(self.error(ErrorKind::UnexpectedSyntax, start, message))
            }
        }
    }

    /// The hexadecimal digits of `\u` (also of a pair of surrogates) or `\U`.
    fn unicode(&mut self, start: usize, n_digits: usize) -> Result<char, QueryError> {
        let first = self.hex_digits(n_digits);
        let code = match first {
            Some(high @ 0xD800..=0xDBFF) if self.rest().starts_with("\\u") => {
                self.at += 2;
                let low = self.hex_digits(4).filter(|it| (0xDC00..=0xDFFF).contains(it));
                low.map(|low| 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
            }
            code => code,
        };
        code.and_then(char::from_u32).ok_or_else(|| {
            let message = format!("a character escape needs {n_digits} hexadecimal digits");
            self.error(ErrorKind::InvalidUnicodeLiteral, start, message)
        })
    }

    fn hex_digits(&mut self, n_digits: usize) -> Option<u32> {
        let digits = self.rest().get(..n_digits)?;
        let all_hex = digits.bytes().all(|it| it.is_ascii_hexdigit());
        self.at += if all_hex { n_digits } else { 0 };
        u32::from_str_radix(digits, 16).ok().filter(|_| all_hex)
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, tokens};
    use crate::error::ErrorKind;

    #[track_caller]
    fn check(source: &str, want: &str) {
        let shown: Vec<String> = tokens(source)
            .unwrap()
            .into_iter()
            .map(|it| match it.kind {
                TokenKind::Word => format!("w:{}", it.span.text(source)),
                TokenKind::Quoted(name) => format!("q:{name}"),
                TokenKind::Number => format!("n:{}", it.span.text(source)),
                TokenKind::Str(text) => format!("s:{text}"),
                TokenKind::Parameter(name) => format!("p:{name}"),
                TokenKind::Symbol(symbol) => symbol.to_owned(),
                TokenKind::End => "end".to_owned(),
            })
            .collect();
        assert_eq!(shown.join(" "), want);
    }

    #[test]
    fn numbers_and_ranges() {
        check("1..3 *..5 .5 1.5e-3 0x1F", "n:1 .. n:3 * .. n:5 n:.5 n:1.5e-3 n:0x1F end");
        check("12ab 0xE-1 a.b", "n:12ab n:0xE - n:1 w:a . w:b end");
    }

    #[test]
    fn names_texts_parameters() {
        check("`a``b` 'it\\'s' \"q\" $p $`a b`", "q:a`b s:it's s:q p:p p:a b end");
        check("'\\u00e9 \\uD83D\\uDE00'", "s:é 😀 end");
    }

    #[test]
    fn comments_are_blank() {
        check("a // b\nc /* d */ e", "w:a w:c w:e end");
    }

    #[test]
    fn arrows_are_single_characters() {
        check("-->", "- - > end");
        check("<-[r]-", "< - [ w:r ] - end");
    }

    #[test]
    fn what_is_no_token() {
        for (source, kind) in [
            ("42 — 41", ErrorKind::InvalidUnicodeCharacter),
            ("a # b", ErrorKind::UnexpectedSyntax),
            ("'open", ErrorKind::UnexpectedSyntax),
            ("'\\uH'", ErrorKind::InvalidUnicodeLiteral),
            ("/* open", ErrorKind::UnexpectedSyntax),
            ("'\\d'", ErrorKind::UnexpectedSyntax),
        ] {
            assert_eq!(tokens(source).unwrap_err().kind, kind, "{source}");
        }
    }
}
