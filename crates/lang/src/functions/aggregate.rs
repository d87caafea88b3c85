//! Functions over all rows of a group: `count`, `sum`, `avg`, `min`, `max`, `collect`, `stDev`, `stDevP`,
//! `percentileCont`, `percentileDisc`.
//!
//! Null is left out everywhere. Unread is not: one unread value makes the result unread, except where the
//! result does not depend on it (`collect` keeps it as an element).

use hashbrown::HashSet;

use crate::ast::BinaryOp;
use crate::ast::{Call, Expr, ExprKind};
use crate::error::{ErrorKind, EvalError};
use crate::ops::{self, Outcome};
use crate::types::Type;
use crate::value::{Key, Value, compare};

/// The names as documented.
pub const NAMES: [&str; 10] = [
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "collect",
    "stDev",
    "stDevP",
    "percentileCont",
    "percentileDisc",
];

/// Which function it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Number of values.
    Count,
    /// Sum of numbers or lengths of time; 0 for none.
    Sum,
    /// Mean of numbers; null for none.
    Avg,
    /// Least value in the order of `ORDER BY`; null for none.
    Min,
    /// Greatest value in the order of `ORDER BY`; null for none.
    Max,
    /// All values as a list.
    Collect,
    /// Standard deviation of a sample.
    StDev,
    /// Standard deviation of a whole.
    StDevP,
    /// Percentile, interpolated.
    PercentileCont,
    /// Percentile, the nearest value.
    PercentileDisc,
}

impl Aggregate {
    /// The aggregating function of a name, whatever its case.
    pub fn find(name: &str) -> Option<Self> {
        const ALL: [Aggregate; 10] = [
            Aggregate::Count,
            Aggregate::Sum,
            Aggregate::Avg,
            Aggregate::Min,
            Aggregate::Max,
            Aggregate::Collect,
            Aggregate::StDev,
            Aggregate::StDevP,
            Aggregate::PercentileCont,
            Aggregate::PercentileDisc,
        ];
        let idx = NAMES.iter().position(|it| it.eq_ignore_ascii_case(name))?;
        ALL.get(idx).copied()
    }

    /// How many arguments it takes.
    pub fn n_args(self) -> usize {
        match self {
            Self::PercentileCont | Self::PercentileDisc => 2,
            _ => 1,
        }
    }

    /// What it gives for an argument of such a type.
    pub fn result(self, arg: &Type) -> Type {
        match self {
            Self::Count => Type::Int,
            Self::Sum | Self::Min | Self::Max | Self::PercentileDisc => arg.clone(),
            Self::Collect => Type::list_of(arg.clone()),
            Self::Avg => Type::Any,
            Self::StDev | Self::StDevP | Self::PercentileCont => Type::Float,
        }
    }
}

/// Whether an expression is itself the call of an aggregating function.
pub fn is_aggregate(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::CountStar => true,
        ExprKind::Call(call) => Aggregate::find(call.function.as_str()).is_some(),
        _ => false,
    }
}

/// Whether an expression aggregates anywhere in it.
pub fn has_aggregate(expr: &Expr) -> bool {
    let mut found = is_aggregate(expr);
    expr.for_each_child(&mut |it| found = found || has_aggregate(it));
    found
}

/// The running state of one aggregating function over one group.
#[derive(Clone, Debug)]
pub struct Accumulator<'g> {
    function: Aggregate,
    /// Values seen, for `DISTINCT`.
    seen: Option<HashSet<Key<'g>>>,
    n_values: i64,
    /// The first unread value, when the result depends on it.
    unread: Option<Value<'g>>,
    /// The sum, the least or the greatest value so far.
    so_far: Value<'g>,
    /// All values, where all are needed.
    values: Vec<Value<'g>>,
    percentile: f64,
}

impl<'g> Accumulator<'g> {
    /// The state of a group without rows.
    pub fn new(function: Aggregate, distinct: bool) -> Self {
        Self {
            function,
            seen: distinct.then(HashSet::new),
            n_values: 0,
            unread: None,
            so_far: Value::Null,
            values: Vec::new(),
            percentile: 0.0,
        }
    }

    /// For a call in a tree; `None` when it does not aggregate.
    pub fn of_call(call: &Call) -> Option<Self> {
        Some(Self::new(Aggregate::find(call.function.as_str())?, call.distinct))
    }

    /// Adds the arguments of one row. For `count(*)`, any value that is not null.
    ///
    /// # Errors
    /// A value is of a type that does not fit.
    pub fn add(&mut self, args: &[Value<'g>]) -> Result<(), EvalError> {
        let Some(value) = args.first() else { return Ok(()) };
        if value.is_null() {
            return Ok(());
        }
        if let Some(percentile) = args.get(1) {
            self.set_percentile(percentile)?;
        }
        if value.gap().is_some() && self.function != Aggregate::Collect {
            self.unread.get_or_insert_with(|| value.clone());
            return Ok(());
        }
        if let Some(seen) = &mut self.seen
            && !seen.insert(Key(value.clone()))
        {
            return Ok(());
        }
        self.n_values += 1;
        self.take(value)
    }

    fn take(&mut self, value: &Value<'g>) -> Result<(), EvalError> {
        match self.function {
            Aggregate::Count => {}
            Aggregate::Sum | Aggregate::Avg => {
                if !matches!(value, Value::Int(_) | Value::Float(_) | Value::Duration(_)) {
                    return Err(EvalError::bad_type("the sum", "numbers", value.type_name()));
                }
                self.so_far = if self.so_far.is_null() {
                    value.clone()
                } else {
                    ops::add(&self.so_far, value)?
                };
            }
            Aggregate::Min => {
                if self.so_far.is_null() || compare::order(value, &self.so_far).is_lt() {
                    self.so_far = value.clone();
                }
            }
            Aggregate::Max => {
                if self.so_far.is_null() || compare::order(value, &self.so_far).is_gt() {
                    self.so_far = value.clone();
                }
            }
            Aggregate::Collect => self.values.push(value.clone()),
            Aggregate::StDev
            | Aggregate::StDevP
            | Aggregate::PercentileCont
            | Aggregate::PercentileDisc => {
                if value.as_number().is_none() {
                    return Err(EvalError::bad_type("a statistic", "numbers", value.type_name()));
                }
                self.values.push(value.clone());
            }
        }
        Ok(())
    }

    fn set_percentile(&mut self, value: &Value<'g>) -> Result<(), EvalError> {
        match value.as_number() {
            Some(percentile) if (0.0..=1.0).contains(&percentile) => {
                self.percentile = percentile;
                Ok(())
            }
            Some(_) => {
                let message = format!("a percentile lies between 0.0 and 1.0, not at {value}");
                Err(EvalError::new(ErrorKind::NumberOutOfRange, message))
            }
            None => Err(EvalError::bad_type("a percentile", "a number", value.type_name())),
        }
    }

    /// The result over all rows added.
    ///
    /// # Errors
    /// The result is out of range.
    pub fn finish(self) -> Outcome<'g> {
        if let Some(unread) = self.unread {
            return Ok(unread);
        }
        match self.function {
            Aggregate::Count => Ok(Value::Int(self.n_values)),
            Aggregate::Sum if self.n_values == 0 => Ok(Value::Int(0)),
            Aggregate::Sum | Aggregate::Min | Aggregate::Max => Ok(self.so_far),
            Aggregate::Avg => match self.so_far.as_number() {
                Some(sum) => Ok(Value::Float(sum / self.n_values as f64)),
                None if self.so_far.is_null() => Ok(Value::Null),
                None => ops::arithmetic(BinaryOp::Div, &self.so_far, &Value::Int(self.n_values)),
            },
            Aggregate::Collect => Ok(Value::list(self.values)),
            Aggregate::StDev => Ok(Value::Float(deviation(&self.values, 1))),
            Aggregate::StDevP => Ok(Value::Float(deviation(&self.values, 0))),
            Aggregate::PercentileCont => Ok(percentile_cont(self.values, self.percentile)),
            Aggregate::PercentileDisc => Ok(percentile_disc(self.values, self.percentile)),
        }
    }
}

/// Root of the mean square distance from the mean; 0 for fewer than two values.
fn deviation(values: &[Value<'_>], n_lost: usize) -> f64 {
    let numbers: Vec<f64> = values.iter().filter_map(Value::as_number).collect();
    if numbers.len() < 2 {
        return 0.0;
    }
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    let squares: f64 = numbers.iter().map(|it| (it - mean).powi(2)).sum();
    (squares / (numbers.len() - n_lost) as f64).sqrt()
}

fn percentile_cont(mut values: Vec<Value<'_>>, percentile: f64) -> Value<'_> {
    values.sort_by(compare::order);
    let Some(last) = values.len().checked_sub(1) else { return Value::Null };
    let position = percentile * last as f64;
    let at = |idx: f64| values.get(position_of(idx)).and_then(Value::as_number).unwrap_or(f64::NAN);
    let (below, above) = (at(position.floor()), at(position.ceil()));
    Value::Float(below + (above - below) * position.fract())
}

fn percentile_disc(mut values: Vec<Value<'_>>, percentile: f64) -> Value<'_> {
    values.sort_by(compare::order);
    let rank = (percentile * values.len() as f64).ceil() - 1.0;
    values.get(position_of(rank)).cloned().unwrap_or(Value::Null)
}

/// A whole number as a position; below 0 is 0.
#[expect(clippy::cast_sign_loss, reason = "negative numbers were raised to 0")]
fn position_of(number: f64) -> usize {
    number.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::{Accumulator, Aggregate};
    use crate::value::{GapId, Value};

    #[track_caller]
    fn check(name: &str, distinct: bool, values: &[Value<'_>], want: &str) {
        let mut accumulator = Accumulator::new(Aggregate::find(name).unwrap(), distinct);
        for value in values {
            let args = [value.clone(), Value::Float(0.5)];
            let n_args = Aggregate::find(name).unwrap().n_args();
            accumulator.add(&args[..n_args]).unwrap();
        }
        assert_eq!(accumulator.finish().unwrap().to_string(), want, "{name}");
    }

    #[test]
    fn null_is_left_out() {
        let values = [Value::Int(3), Value::Null, Value::Int(1), Value::Int(3)];
        check("count", false, &values, "3");
        check("count", true, &values, "2");
        check("sum", false, &values, "7");
        check("avg", true, &values, "2.0");
        check("min", false, &values, "1");
        check("max", false, &values, "3");
        check("collect", true, &values, "[3, 1]");
        check("percentileCont", false, &values, "3.0");
        check("percentileDisc", true, &values, "1");
    }

    #[test]
    fn without_rows() {
        check("count", false, &[], "0");
        check("sum", false, &[], "0");
        check("avg", false, &[], "null");
        check("min", false, &[], "null");
        check("collect", false, &[], "[]");
        check("stDev", false, &[], "0.0");
        check("percentileCont", false, &[], "null");
    }

    #[test]
    fn unread_makes_the_result_unread() {
        let values = [Value::Int(3), Value::Unread(GapId(2))];
        check("count", false, &values, "unread(2)");
        check("max", false, &values, "unread(2)");
        check("collect", false, &values, "[3, unread(2)]");
    }
}
