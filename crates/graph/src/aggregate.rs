//! Aggregating functions: what they keep while rows pass, and what they give at the end.
//!
//! Null is left out; an unread value makes the result unread.

use hashbrown::HashSet;
use lang::ast::{BinaryOp, Expr, ExprKind};
use lang::error::{ErrorKind, EvalError};
use lang::ops::{add, binary};
use lang::value::compare::order;
use lang::value::{GapId, Key, Value};

use crate::compile::Compiler;
use crate::error::Error;
use crate::run::{Eval, Frame, Outcome};

/// Which function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    CountRows,
    Count,
    Sum,
    Avg,
    Min,
    Max,
    Collect,
    StDev,
    StDevP,
    PercentileDisc,
    PercentileCont,
}

/// An aggregating call, compiled.
pub(crate) struct Aggregate<'g> {
    kind: Kind,
    is_distinct: bool,
    arg: Option<Eval<'g>>,
    share: Option<Eval<'g>>,
}

impl<'g> Aggregate<'g> {
    /// Whether a row that comes a second time changes nothing.
    pub(crate) fn ignores_doubles(expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Call(call) => {
                let name = call.function.as_str().to_ascii_lowercase();
                call.distinct || name == "min" || name == "max"
            }
            _ => false,
        }
    }

    pub(crate) fn compile(compiler: &mut Compiler<'g>, expr: &'g Expr) -> Result<Self, Error> {
        let ExprKind::Call(call) = &expr.kind else {
            return Ok(Self { kind: Kind::CountRows, is_distinct: false, arg: None, share: None });
        };
        let name = call.function.as_str();
        let kind = match &*name.to_ascii_lowercase() {
            "count" => Kind::Count,
            "sum" => Kind::Sum,
            "avg" => Kind::Avg,
            "min" => Kind::Min,
            "max" => Kind::Max,
            "collect" => Kind::Collect,
            "stdev" => Kind::StDev,
            "stdevp" => Kind::StDevP,
            "percentiledisc" => Kind::PercentileDisc,
            "percentilecont" => Kind::PercentileCont,
            _ => return Err(Error::misplaced(ErrorKind::UnknownFunction, name)),
        };
        let mut args = call.args.iter();
        let Some(arg) = args.next() else {
            return Err(Error::misplaced(ErrorKind::InvalidNumberOfArguments, name));
        };
        let arg = Some(compiler.eval(arg)?);
        let share = args.next().map(|it| compiler.eval(it)).transpose()?;
        Ok(Self { kind, is_distinct: call.distinct, arg, share })
    }

    /// Nothing seen yet.
    pub(crate) fn start(&self) -> State<'g> {
        let distinct = self.is_distinct.then(HashSet::new);
        State { distinct, gap: None, n: 0, share: None, total: Total::None }
    }

    /// Takes the row at hand.
    pub(crate) fn add(&self, state: &mut State<'g>, frame: &mut Frame<'g>) -> Outcome<()> {
        let Some(arg) = &self.arg else {
            state.n += 1;
            return Ok(());
        };
        let value = arg(frame)?;
        match value {
            Value::Null => return Ok(()),
            Value::Unread(gap) => {
                state.gap.get_or_insert(gap);
                return Ok(());
            }
            _ => {}
        }
        if let Some(seen) = &mut state.distinct {
            if !seen.insert(Key(value.clone())) {
                return Ok(());
            }
            frame.keep(48)?;
        }
        if state.share.is_none()
            && let Some(share) = &self.share
        {
            state.share = Some(share_of(&share(frame)?)?);
        }
        state.n += 1;
        if matches!(self.kind, Kind::Collect | Kind::PercentileDisc | Kind::PercentileCont) {
            frame.keep(32)?;
        }
        self.take(state, value)
    }

    fn take(&self, state: &mut State<'g>, value: Value<'g>) -> Outcome<()> {
        match self.kind {
            Kind::CountRows | Kind::Count => {}
            Kind::Sum | Kind::Avg => {
                let sum = match std::mem::replace(&mut state.total, Total::None) {
                    Total::One(sum) => sum,
                    _ => Value::Int(0),
                };
                let is_number =
                    matches!(value, Value::Int(_) | Value::Float(_) | Value::Duration(_));
                if !is_number {
                    let found = value.type_name();
                    return Err(EvalError::bad_type("a sum", "numbers", found).into());
                }
                let sum = match (&sum, &value) {
                    (Value::Int(0), Value::Duration(_)) => value,
                    // an average does not overflow where a sum does
                    (Value::Int(a), Value::Int(b)) if self.kind == Kind::Avg => {
                        match a.checked_add(*b) {
                            Some(sum) => Value::Int(sum),
                            None => Value::Float(*a as f64 + *b as f64),
                        }
                    }
                    _ => add(&sum, &value)?,
                };
                state.total = Total::One(sum);
            }
            Kind::Min | Kind::Max => {
                let is_better = match &state.total {
                    Total::One(best) if self.kind == Kind::Min => order(&value, best).is_lt(),
                    Total::One(best) => order(&value, best).is_gt(),
                    _ => true,
                };
                if is_better {
                    state.total = Total::One(value);
                }
            }
            Kind::Collect => match &mut state.total {
                Total::Values(values) => values.push(value),
                _ => state.total = Total::Values(vec![value]),
            },
            Kind::StDev | Kind::StDevP | Kind::PercentileDisc | Kind::PercentileCont => {
                if value.as_number().is_none() {
                    let found = value.type_name();
                    return Err(EvalError::bad_type("a statistic", "numbers", found).into());
                }
                match &mut state.total {
                    Total::Values(values) => values.push(value),
                    _ => state.total = Total::Values(vec![value]),
                }
            }
        }
        Ok(())
    }

    /// The result.
    pub(crate) fn finish(&self, state: State<'g>) -> Outcome<Value<'g>> {
        if let Some(gap) = state.gap {
            return Ok(Value::Unread(gap));
        }
        let n = Value::Int(state.n);
        Ok(match (self.kind, state.total) {
            (Kind::CountRows | Kind::Count, _) => n,
            (Kind::Sum, Total::One(sum)) => sum,
            (Kind::Sum, _) => Value::Int(0),
            (Kind::Avg, Total::One(Value::Int(sum))) => Value::Float(sum as f64 / state.n as f64),
            (Kind::Avg, Total::One(sum)) => binary(BinaryOp::Div, &sum, &n)?,
            (Kind::Min | Kind::Max, Total::One(best)) => best,
            (Kind::Collect, Total::Values(values)) => Value::list(values),
            (Kind::Collect, _) => Value::list(Vec::new()),
            (Kind::StDev, Total::Values(values)) => Value::Float(deviation(&values, 1.0)),
            (Kind::StDevP, Total::Values(values)) => Value::Float(deviation(&values, 0.0)),
            (Kind::StDev | Kind::StDevP, _) => Value::Float(0.0),
            (Kind::PercentileDisc, Total::Values(mut values)) => {
                values.sort_by(order);
                let at = (state.share.unwrap_or(0.0) * values.len() as f64).ceil() as usize;
                values.into_iter().nth(at.saturating_sub(1)).unwrap_or(Value::Null)
            }
            (Kind::PercentileCont, Total::Values(mut values)) => {
                values.sort_by(order);
                between(&values, state.share.unwrap_or(0.0))
            }
            _ => Value::Null,
        })
    }
}

/// What one aggregate of one group has seen.
pub(crate) struct State<'g> {
    distinct: Option<HashSet<Key<'g>>>,
    gap: Option<GapId>,
    n: i64,
    share: Option<f64>,
    total: Total<'g>,
}

enum Total<'g> {
    None,
    One(Value<'g>),
    Values(Vec<Value<'g>>),
}

/// The share of a percentile.
fn share_of(value: &Value<'_>) -> Result<f64, EvalError> {
    match value.as_number() {
        Some(share) if (0.0..=1.0).contains(&share) => Ok(share),
        Some(share) => {
            let message = format!("a percentile lies between 0.0 and 1.0, not at `{share}`");
            Err(EvalError::new(ErrorKind::NumberOutOfRange, message))
        }
        None => Err(EvalError::bad_type("a percentile", "a number", value.type_name())),
    }
}

/// Standard deviation, with the number of values lessened by `lessened`.
fn deviation(values: &[Value<'_>], lessened: f64) -> f64 {
    let numbers = || values.iter().filter_map(Value::as_number);
    let n = values.len() as f64;
    if n <= lessened {
        return 0.0;
    }
    let mean = numbers().sum::<f64>() / n;
    let squares: f64 = numbers().map(|it| (it - mean) * (it - mean)).sum();
    (squares / (n - lessened)).sqrt()
}

/// The value at a share of the way through sorted numbers, between two neighbours where it falls.
fn between<'g>(values: &[Value<'g>], share: f64) -> Value<'g> {
    let at = share * (values.len() as f64 - 1.0);
    let number = |idx: f64| values.get(idx as usize).and_then(Value::as_number);
    match (number(at.floor()), number(at.ceil())) {
        (Some(low), Some(high)) => Value::Float(low + (high - low) * at.fract()),
        _ => Value::Null,
    }
}
