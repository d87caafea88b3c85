//! Property: what is printed reads back as the same tree.

use std::sync::Arc;

use lang::ast::{
    BinaryOp, Call, Case, Clause, CompareOp, Direction, EdgePattern, Expr, ExprKind, LabelExpr,
    Length, ListComprehension, Literal, MapItem, MapProjection, Match, Name, NodePattern, PathKind,
    PathPattern, PatternComprehension, Projection, ProjectionItem, Quantifier, QuantifierKind,
    Query, Reduce, Return, SingleQuery, SortItem, Span, UnaryOp, Union, Unwind, With,
};
use lang::{parse_expression, parse_query};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn name() -> BoxedStrategy<Name> {
    let odd = select(vec!["a b", "match", "NULL", "`", "1a", "é", "in", "count", "x.y", "", "all"]);
    prop_oneof![3 => "[a-z][a-zA-Z0-9_]{0,3}".prop_map(|it| it), 1 => odd.prop_map(str::to_owned)]
        .prop_map(|text| Name::new(&text, Span::default()))
        .boxed()
}

fn function_name() -> BoxedStrategy<Name> {
    select(vec!["toLower", "duration.between", "count", "exists", "f"])
        .prop_map(|text| Name::new(text, Span::default()))
        .boxed()
}

fn literal() -> BoxedStrategy<Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        any::<f64>().prop_filter("finite", |it| it.is_finite()).prop_map(Literal::Float),
        any::<String>().prop_map(|it| Literal::Str(Arc::from(it))),
    ]
    .boxed()
}

fn expr_of(kind: ExprKind) -> Expr {
    Expr::new(kind, Span::default())
}

/// A minus before a number is the number's own, so the reader never makes this tree.
fn is_never_read(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Unary(UnaryOp::Minus, operand) => match &operand.kind {
            ExprKind::Literal(Literal::Int(number)) => *number == i64::MIN,
            _ => false,
        },
        _ => false,
    }
}

fn unary_op() -> impl Strategy<Value = UnaryOp> {
    select(vec![UnaryOp::Not, UnaryOp::Minus, UnaryOp::Plus, UnaryOp::IsNull, UnaryOp::IsNotNull])
}

fn binary_op() -> impl Strategy<Value = BinaryOp> {
    select(vec![
        BinaryOp::Or,
        BinaryOp::Xor,
        BinaryOp::And,
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Mod,
        BinaryOp::Pow,
        BinaryOp::In,
        BinaryOp::StartsWith,
        BinaryOp::EndsWith,
        BinaryOp::Contains,
        BinaryOp::Matches,
    ])
}

fn compare_op() -> impl Strategy<Value = CompareOp> {
    select(vec![
        CompareOp::Eq,
        CompareOp::Ne,
        CompareOp::Lt,
        CompareOp::Le,
        CompareOp::Gt,
        CompareOp::Ge,
    ])
}

fn quantifier_kind() -> impl Strategy<Value = QuantifierKind> {
    select(vec![
        QuantifierKind::All,
        QuantifierKind::Any,
        QuantifierKind::None,
        QuantifierKind::Single,
    ])
}

fn labels() -> BoxedStrategy<LabelExpr> {
    let leaf = name().prop_map(LabelExpr::Label);
    leaf.prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| LabelExpr::Not(Box::new(it))),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| LabelExpr::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| LabelExpr::Or(Box::new(a), Box::new(b))),
        ]
    })
    .boxed()
}

fn properties(value: BoxedStrategy<Expr>) -> BoxedStrategy<Option<Expr>> {
    let map = vec((name(), value), 0..2).prop_map(|it| expr_of(ExprKind::Map(it)));
    let parameter = name().prop_map(|it| expr_of(ExprKind::Parameter(it)));
    option::of(prop_oneof![map, parameter]).boxed()
}

fn node(value: BoxedStrategy<Expr>) -> BoxedStrategy<NodePattern> {
    (option::of(name()), option::of(labels()), properties(value))
        .prop_map(|(variable, labels, properties)| NodePattern {
            variable,
            labels,
            properties,
            span: Span::default(),
        })
        .boxed()
}

fn edge(value: BoxedStrategy<Expr>) -> BoxedStrategy<EdgePattern> {
    let direction = select(vec![Direction::Out, Direction::In, Direction::Either]);
    let bound = option::of(0_u32..4);
    let length = option::of((bound.clone(), bound).prop_map(|(min, max)| Length { min, max }));
    (option::of(name()), vec(name(), 0..3), direction, length, properties(value))
        .prop_map(|(variable, types, direction, length, properties)| EdgePattern {
            variable,
            types,
            direction,
            length,
            properties,
            span: Span::default(),
        })
        .boxed()
}

/// A pattern with at least `least` edges.
fn pattern(value: BoxedStrategy<Expr>, least: usize) -> BoxedStrategy<PathPattern> {
    let steps = vec((edge(value.clone()), node(value.clone())), least..=2);
    let kind = select(vec![PathKind::All, PathKind::Shortest, PathKind::AllShortest]);
    (node(value), steps, kind)
        .prop_map(|(start, steps, kind)| PathPattern {
            variable: None,
            kind: if steps.len() == 1 { kind } else { PathKind::All },
            start,
            steps,
            span: Span::default(),
        })
        .boxed()
}

fn plain_pattern(value: BoxedStrategy<Expr>) -> BoxedStrategy<PathPattern> {
    pattern(value, 1).prop_map(|it| PathPattern { kind: PathKind::All, ..it }).boxed()
}

fn collection(inner: &BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let boxed = inner.clone().prop_map(Box::new);
    let list = || inner.clone();
    prop_oneof![
        vec(list(), 0..3).prop_map(ExprKind::List),
        vec((name(), list()), 0..3).prop_map(ExprKind::Map),
        (boxed.clone(), name()).prop_map(|(of, key)| ExprKind::Property(of, key)),
        (boxed.clone(), boxed.clone()).prop_map(|(of, index)| ExprKind::Index(of, index)),
        (boxed.clone(), option::of(boxed.clone()), option::of(boxed.clone()))
            .prop_map(|(of, from, to)| ExprKind::Slice(of, from, to)),
        (boxed, labels()).prop_map(|(of, labels)| ExprKind::HasLabels(of, labels)),
        (function_name(), any::<bool>(), vec(list(), 0..3)).prop_map(
            |(function, distinct, args)| { ExprKind::Call(Call { function, distinct, args }) }
        ),
        (name(), list(), option::of(list()), option::of(list())).prop_map(
            |(variable, list, condition, projection)| {
                let it = ListComprehension { variable, list, condition, projection };
                ExprKind::ListComprehension(Box::new(it))
            }
        ),
        (quantifier_kind(), name(), list(), list()).prop_map(
            |(kind, variable, list, condition)| {
                ExprKind::Quantifier(Box::new(Quantifier { kind, variable, list, condition }))
            }
        ),
        (name(), list(), name(), list(), list()).prop_map(
            |(accumulator, init, variable, list, body)| {
                ExprKind::Reduce(Box::new(Reduce { accumulator, init, variable, list, body }))
            }
        ),
    ]
    .boxed()
}

fn map_projection(inner: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let item = prop_oneof![
        Just(MapItem::All(Span::default())),
        name().prop_map(MapItem::Property),
        (name(), inner).prop_map(|(key, value)| MapItem::Entry(key, value)),
        name().prop_map(MapItem::Variable),
    ];
    (name(), vec(item, 0..3))
        .prop_map(|(subject, items)| {
            ExprKind::MapProjection(Box::new(MapProjection { subject, items }))
        })
        .boxed()
}

fn with_graph(inner: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let comprehension = (
        option::of(name()),
        plain_pattern(inner.clone()),
        option::of(inner.clone()),
        inner.clone(),
    );
    prop_oneof![
        plain_pattern(inner.clone()).prop_map(|it| ExprKind::Pattern(Box::new(it))),
        comprehension.prop_map(|(variable, pattern, condition, projection)| {
            let pattern = PathPattern { variable, ..pattern };
            let it = PatternComprehension { pattern, condition, projection };
            ExprKind::PatternComprehension(Box::new(it))
        }),
        query_of(inner.clone()).prop_map(|it| ExprKind::Exists(Box::new(it))),
        query_of(inner).prop_map(|it| ExprKind::Count(Box::new(it))),
    ]
    .boxed()
}

fn operator(inner: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let boxed = inner.clone().prop_map(Box::new);
    let case = (
        option::of(inner.clone()),
        vec((inner.clone(), inner.clone()), 1..3),
        option::of(inner.clone()),
    );
    prop_oneof![
        (unary_op(), boxed.clone()).prop_map(|(op, it)| ExprKind::Unary(op, it)),
        (binary_op(), boxed.clone(), boxed.clone())
            .prop_map(|(op, a, b)| ExprKind::Binary(op, a, b)),
        (boxed, vec((compare_op(), inner), 1..3))
            .prop_map(|(first, rest)| ExprKind::Compare(first, rest)),
        case.prop_map(|(subject, branches, otherwise)| {
            ExprKind::Case(Box::new(Case { subject, branches, otherwise }))
        }),
    ]
    .boxed()
}

fn expr() -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        literal().prop_map(ExprKind::Literal),
        name().prop_map(ExprKind::Variable),
        name().prop_map(ExprKind::Parameter),
        Just(ExprKind::CountStar),
    ];
    leaf.prop_map(expr_of)
        .prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                4 => operator(inner.clone().boxed()),
                4 => collection(&inner.clone().boxed()),
                1 => map_projection(inner.clone().boxed()),
                1 => with_graph(inner.boxed()),
            ]
            .prop_map(expr_of)
            .prop_filter("never read", |it| !is_never_read(it))
        })
        .boxed()
}

fn projection(inner: BoxedStrategy<Expr>) -> BoxedStrategy<Projection> {
    let item = (inner.clone(), option::of(name()))
        .prop_map(|(expr, alias)| ProjectionItem { expr, alias });
    let sort =
        (inner.clone(), any::<bool>()).prop_map(|(expr, descending)| SortItem { expr, descending });
    (
        any::<[bool; 2]>(),
        vec(item, 1..3),
        vec(sort, 0..3),
        option::of(inner.clone()),
        option::of(inner),
    )
        .prop_map(|([distinct, star], items, order_by, skip, limit)| Projection {
            distinct,
            star,
            items,
            order_by,
            skip,
            limit,
            span: Span::default(),
        })
        .boxed()
}

fn clause(inner: BoxedStrategy<Expr>) -> BoxedStrategy<Clause> {
    let span = Span::default();
    let named = (option::of(name()), pattern(inner.clone(), 0))
        .prop_map(|(variable, pattern)| PathPattern { variable, ..pattern });
    prop_oneof![
        (any::<bool>(), vec(named, 1..3), option::of(inner.clone())).prop_map(
            move |(optional, patterns, condition)| {
                Clause::Match(Match { optional, patterns, condition, span })
            }
        ),
        (inner.clone(), name()).prop_map(move |(list, variable)| Clause::Unwind(Unwind {
            list,
            variable,
            span
        })),
        (projection(inner.clone()), option::of(inner.clone())).prop_map(
            move |(projection, condition)| { Clause::With(With { projection, condition, span }) }
        ),
        projection(inner).prop_map(move |projection| Clause::Return(Return { projection, span })),
    ]
    .boxed()
}

fn query_of(inner: BoxedStrategy<Expr>) -> BoxedStrategy<Query> {
    let span = Span::default();
    let single = vec(clause(inner), 1..3).prop_map(move |clauses| SingleQuery { clauses, span });
    let union =
        (any::<bool>(), single.clone()).prop_map(move |(all, query)| Union { all, query, span });
    (single, vec(union, 0..2))
        .prop_map(move |(first, unions)| Query { first, unions, span })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn an_expression_reads_back_as_it_was(expr in expr()) {
        let text = expr.to_string();
        prop_assert_eq!(parse_expression(&text), Ok(expr), "{}", text);
    }

    #[test]
    fn a_query_reads_back_as_it_was(query in query_of(expr())) {
        let text = query.to_string();
        prop_assert_eq!(parse_query(&text), Ok(query), "{}", text);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "[a-z(){}\\[\\]<>=.,:;|&!+*/%^$'`0-9 -]{0,60}") {
        if let Ok(query) = parse_query(&text) {
            prop_assert_eq!(parse_query(&query.to_string()), Ok(query));
        }
        if let Ok(expr) = parse_expression(&text) {
            prop_assert_eq!(parse_expression(&expr.to_string()), Ok(expr));
        }
    }
}

#[test]
fn what_is_as_deep_as_allowed_reads_back() {
    for signs in 1..200 {
        let text = format!("{}2", "- ".repeat(signs));
        if let Ok(expr) = parse_expression(&text) {
            assert_eq!(parse_expression(&expr.to_string()), Ok(expr), "{signs} signs");
        }
    }
}
