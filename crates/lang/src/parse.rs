//! The text of a query or an expression into its tree.
//!
//! A recursive descent over tokens, one function for each thing of the grammar, operators by precedence. It
//! stops at the first error. It never goes back: where a bracket may begin a pattern or an expression, the
//! brackets are matched beforehand and what follows the closing one decides.
//!
//! INVARIANT: the time is linear in the length of the text, and neither the text nor the depth of what is in
//! it is unbounded, so a hostile query costs one clear message.
//!
//! Not here: whether names exist and types fit (`check`).

mod atom;
mod clause;
mod expr;
mod number;
mod pattern;
mod token;

use self::token::{Token, TokenKind, tokens};
use crate::ast::{Expr, Name, Query, Span};
use crate::error::{ErrorKind, QueryError};

/// How deep brackets and sub-queries may be nested.
pub const MAX_DEPTH: u32 = 100;

/// What a level of brackets weighs, in operators: both take stack.
const BRACKET: u32 = 3;

/// How high the tree of one expression may be; a chain of operators counts one for each.
pub const MAX_HEIGHT: u32 = 400;

/// How long a text may be, in bytes.
pub const MAX_BYTES: usize = 200_000;

/// Words that cannot name a variable unless written in back-ticks.
pub(crate) const RESERVED: [&str; 42] = [
    "and",
    "as",
    "asc",
    "ascending",
    "by",
    "call",
    "case",
    "contains",
    "create",
    "delete",
    "desc",
    "descending",
    "detach",
    "distinct",
    "else",
    "end",
    "ends",
    "false",
    "in",
    "is",
    "limit",
    "match",
    "merge",
    "not",
    "null",
    "on",
    "optional",
    "or",
    "order",
    "remove",
    "return",
    "set",
    "skip",
    "starts",
    "then",
    "true",
    "union",
    "unwind",
    "when",
    "where",
    "with",
    "xor",
];

/// Reads a whole query.
///
/// # Errors
/// The first place where the text is not a query, or where it is too long or too deep.
pub fn parse_query(source: &str) -> Result<Query, QueryError> {
    let read = |mut parser: Parser<'_>| {
        let query = parser.query()?;
        parser.eat_symbol(";");
        parser.expect_end()?;
        Ok(query)
    };
    Parser::new(source).and_then(read).map_err(|it: Fail| *it.0)
}

/// Reads a single expression, such as the predicate of a check.
///
/// # Errors
/// The first place where the text is not an expression, or where it is too long or too deep.
pub fn parse_expression(source: &str) -> Result<Expr, QueryError> {
    let read = |mut parser: Parser<'_>| {
        let expr = parser.expr()?;
        parser.expect_end()?;
        Ok(expr)
    };
    Parser::new(source).and_then(read).map_err(|it: Fail| *it.0)
}

/// Whether a word has to be put in back-ticks to name a variable.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|it| it.eq_ignore_ascii_case(word))
}

/// An error on its way out. Boxed, because the stack holds one for each level of the descent.
struct Fail(Box<QueryError>);

impl Fail {
    /// The same with what was probably meant.
    fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.0.suggestion = suggestion;
        self
    }
}

/// What a function of the descent gives.
type Parsed<T> = Result<T, Fail>;

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    /// For each token that opens a bracket, the token that closes it; `usize::MAX` without one.
    closing: Vec<usize>,
    at: usize,
    depth: u32,
    /// Height of the expression read last.
    height: u32,
    /// Height of the highest expression read since the enclosing atom began.
    tallest: u32,
    /// A `|` here ends the condition of a comprehension and is no "or" of labels.
    bar_closes: bool,
    /// Inside `EXISTS { }` or `COUNT { }`.
    in_subquery: bool,
}

impl<'a> Parser<'a> {
    fn new(source: &'a str) -> Parsed<Self> {
        if source.len() > MAX_BYTES {
            let message = format!("the query is longer than {MAX_BYTES} bytes");
            let error = QueryError::new(source, ErrorKind::LimitExceeded, Span::default(), message);
            return Err(Fail(Box::new(error)));
        }
        let tokens = tokens(source).map_err(|it| Fail(Box::new(it)))?;
        let closing = match_brackets(&tokens);
        Ok(Self {
            source,
            tokens,
            closing,
            at: 0,
            depth: 0,
            height: 0,
            tallest: 0,
            bar_closes: false,
            in_subquery: false,
        })
    }

    // -- looking

    fn kind_at(&self, idx: usize) -> &TokenKind {
        self.tokens.get(idx).map_or(&TokenKind::End, |it| &it.kind)
    }

    fn span_at(&self, idx: usize) -> Span {
        let last = self.tokens.len().saturating_sub(1);
        self.tokens.get(idx.min(last)).map(|it| it.span).unwrap_or_default()
    }

    /// The span of the token to be read next.
    fn here(&self) -> Span {
        self.span_at(self.at)
    }

    /// From `start` to the token read last.
    fn since(&self, start: Span) -> Span {
        start.to(self.span_at(self.at.saturating_sub(1)))
    }

    fn is_symbol_at(&self, idx: usize, symbol: &str) -> bool {
        matches!(self.kind_at(idx), TokenKind::Symbol(it) if *it == symbol)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        self.is_symbol_at(self.at, symbol)
    }

    fn is_word_at(&self, idx: usize, word: &str) -> bool {
        *self.kind_at(idx) == TokenKind::Word
            && self.span_at(idx).text(self.source).eq_ignore_ascii_case(word)
    }

    fn is_word(&self, word: &str) -> bool {
        self.is_word_at(self.at, word)
    }

    fn is_name_at(&self, idx: usize) -> bool {
        matches!(self.kind_at(idx), TokenKind::Word | TokenKind::Quoted(_))
    }

    /// The word to be read next as written; empty when it is no word.
    fn word(&self) -> &'a str {
        match self.kind_at(self.at) {
            TokenKind::Word => self.here().text(self.source),
            _ => "",
        }
    }

    // -- reading

    fn eat_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// Reads two words in a row, or none.
    fn eat_words(&mut self, first: &str, second: &str) -> bool {
        let found = self.is_word(first) && self.is_word_at(self.at + 1, second);
        self.at += if found { 2 } else { 0 };
        found
    }

    fn expect_symbol(&mut self, symbol: &str) -> Parsed<()> {
        if self.eat_symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn expect_end(&mut self) -> Parsed<()> {
        if *self.kind_at(self.at) == TokenKind::End {
            return Ok(());
        }
        Err(self.unexpected("the end of the text"))
    }

    /// Any name, keywords included: of a label, an edge type, a key.
    fn name(&mut self, what: &str) -> Parsed<Name> {
        let span = self.here();
        let name = match self.kind_at(self.at) {
            TokenKind::Word => Name::new(span.text(self.source), span),
            TokenKind::Quoted(text) => Name::new(text, span),
            _ => return Err(self.unexpected(what)),
        };
        self.at += 1;
        Ok(name)
    }

    /// The name of a variable, which is no keyword.
    fn variable(&mut self) -> Parsed<Name> {
        if is_reserved(self.word()) {
            return Err(self.unexpected("a variable"));
        }
        self.name("a variable")
    }

    /// The name of a variable, when one comes next.
    fn eat_variable(&mut self) -> Option<Name> {
        if self.is_name_at(self.at) && !is_reserved(self.word()) {
            self.variable().ok()
        } else {
            None
        }
    }

    // -- errors and limits

    fn error(&self, kind: ErrorKind, span: Span, message: impl Into<String>) -> Fail {
        Fail(Box::new(QueryError::new(self.source, kind, span, message)))
    }

    /// The next token is not what is `expected`.
    fn unexpected(&self, expected: &str) -> Fail {
        let span = self.here();
        let message = match self.kind_at(self.at) {
            TokenKind::End => format!("expected {expected}, found the end of the text"),
            _ => format!("expected {expected}, found `{}`", span.text(self.source)),
        };
        let meant = match self.kind_at(self.at) {
            TokenKind::Symbol("!=") => Some("<>".to_owned()),
            TokenKind::Symbol("==") => Some("=".to_owned()),
            _ => None,
        };
        self.error(ErrorKind::UnexpectedSyntax, span, message).suggest(meant)
    }

    /// Goes one level of brackets down; each success must be paired with [`Self::leave`].
    fn enter(&mut self) -> Parsed<()> {
        self.enter_by(BRACKET)
    }

    /// Takes a share of the stack.
    fn enter_by(&mut self, weight: u32) -> Parsed<()> {
        self.depth += weight;
        if self.depth > MAX_DEPTH * BRACKET {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(self.error(ErrorKind::LimitExceeded, self.here(), message));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= BRACKET;
    }

    /// Sets the height of the expression just read.
    fn grow(&mut self, height: u32) -> Parsed<()> {
        self.height = height;
        if height > MAX_HEIGHT {
            let message = format!("more than {MAX_HEIGHT} operators build on each other");
            return Err(self.error(ErrorKind::LimitExceeded, self.here(), message));
        }
        Ok(())
    }
}

/// For each token that opens a bracket, the index of the one that closes it.
fn match_brackets(tokens: &[Token]) -> Vec<usize> {
    let mut closing = vec![usize::MAX; tokens.len()];
    let mut open: Vec<(usize, &str)> = Vec::new();
    for (idx, token) in tokens.iter().enumerate() {
        let TokenKind::Symbol(symbol) = token.kind else { continue };
        match symbol {
            "(" => open.push((idx, ")")),
            "[" => open.push((idx, "]")),
            "{" => open.push((idx, "}")),
            ")" | "]" | "}" => {
                if let Some((start, _)) = open.pop_if(|it| it.1 == symbol)
                    && let Some(slot) = closing.get_mut(start)
                {
                    *slot = idx;
                }
            }
            _ => {}
        }
    }
    closing
}

#[cfg(test)]
mod tests {
    use super::{parse_expression, parse_query};
    use crate::error::ErrorKind;

    #[track_caller]
    fn check_error(source: &str, kind: ErrorKind, shown: &str) {
        let error = parse_query(source).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert_eq!(error.to_string(), shown);
    }

    #[test]
    fn errors_say_where_and_what() {
        check_error(
            "MATCH (n)\nRETURN {1: 2}",
            ErrorKind::UnexpectedSyntax,
            "line 2, column 9: expected a key, found `1`",
        );
        check_error(
            "MATCH (n) SET n.x = 1",
            ErrorKind::UnsupportedClause,
            "line 1, column 11: `SET` changes the graph, and queries only read",
        );
        check_error(
            "RETURN 1 == 1",
            ErrorKind::UnexpectedSyntax,
            "line 1, column 10: expected a clause or the end of the text, found `==` (did you mean `=`?)",
        );
        check_error(
            "MACH (n) RETURN n",
            ErrorKind::UnexpectedSyntax,
            "line 1, column 1: expected a clause or the end of the text, found `MACH` (did you mean `MATCH`?)",
        );
    }

    #[test]
    fn depth_is_bounded() {
        for open in [
            "(",
            "[",
            "-",
            "NOT ",
            "{a: ",
            "EXISTS { MATCH (n {x: ",
            "[x IN ",
            "1 OR 1 = 1 IN 1 + 1 * 1 ^ size(",
        ] {
            let error = parse_expression(&open.repeat(5_000)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::LimitExceeded, "{open}");
        }
        let fine = format!("{}1{}", "(".repeat(90), ")".repeat(90));
        assert!(parse_expression(&fine).is_ok());
    }

    #[test]
    fn chains_are_bounded() {
        for link in [" + 1", " OR 1", ".a", "[0]", " IS NULL", " ^ 1"] {
            let error = parse_expression(&format!("x{}", link.repeat(5_000))).unwrap_err();
            assert_eq!(error.kind, ErrorKind::LimitExceeded, "{link}");
        }
        assert!(parse_expression(&format!("x{}", " OR y = 1".repeat(390))).is_ok());
    }

    #[test]
    fn length_is_bounded() {
        let error = parse_query(&"x".repeat(300_000)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::LimitExceeded);
    }
}
