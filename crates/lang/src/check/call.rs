//! Calls of functions, aggregating ones included.

use super::{Aggregation, Checker};
use crate::ast::{Call, Expr, ExprKind};
use crate::error::{ErrorKind, QueryError};
use crate::functions::aggregate::Aggregate;
use crate::functions::{self, Function};
use crate::types::Type;

impl Checker<'_> {
    pub(super) fn call(&mut self, expr: &Expr, call: &Call) -> Result<Type, QueryError> {
        let name = call.function.as_str();
        if let Some(function) = Aggregate::find(name) {
            if call.args.len() != function.n_args() {
                let (wanted, found) = (function.n_args(), call.args.len());
                let message = format!("`{name}` takes {wanted} arguments, not {found}");
                return Err(self.error(ErrorKind::InvalidNumberOfArguments, expr.span, message));
            }
            return self.aggregate(expr, |checker| {
                let mut types = Vec::new();
                for arg in &call.args {
                    types.push(checker.expr(arg)?);
                }
                Ok(function.result(types.first().unwrap_or(&Type::Any)))
            });
        }
        let Some(function) = functions::find(name) else {
            let message = format!("there is no function `{name}`");
            let error = self.error(ErrorKind::UnknownFunction, call.function.span, message);
            return Err(error.suggest(functions::nearest(name).map(str::to_owned)));
        };
        if call.distinct {
            let message =
                format!("`DISTINCT` cannot be used in `{name}`, which does not aggregate");
            return Err(self.error(ErrorKind::InvalidArgumentPassingMode, expr.span, message));
        }
        if !function.takes(call.args.len()) {
            let message = function.wrong_number(call.args.len());
            return Err(self.error(ErrorKind::InvalidNumberOfArguments, expr.span, message));
        }
        self.args(expr, call, function)
    }

    /// The arguments of a function that does not aggregate.
    fn args(&mut self, expr: &Expr, call: &Call, function: &Function) -> Result<Type, QueryError> {
        if function.name == "rand" && self.aggregation == Aggregation::Inside {
            let message = "`rand` cannot be used in an aggregating function";
            return Err(self.error(ErrorKind::NonConstantExpression, expr.span, message));
        }
        let mut types = Vec::new();
        for (idx, arg) in call.args.iter().enumerate() {
            if let (ExprKind::Pattern(pattern), "exists") = (&arg.kind, function.name) {
                self.pattern_condition(pattern)?;
                types.push(Type::Bool);
                continue;
            }
            let ty = self.expr(arg)?;
            let wanted = function.arg(idx);
            if !ty.mask().meets(wanted) {
                let what = format!("`{}`", function.name);
                return Err(self.bad_type(arg, &what, &wanted.names(), &ty));
            }
            types.push(ty);
        }
        Ok(function.result(&types))
    }

    /// Something that aggregates, whose arguments `inner` checks.
    pub(super) fn aggregate(
        &mut self,
        expr: &Expr,
        inner: impl FnOnce(&mut Self) -> Result<Type, QueryError>,
    ) -> Result<Type, QueryError> {
        let (kind, message) = match self.aggregation {
            Aggregation::Allowed => return self.aggregating(Aggregation::Inside, inner),
            Aggregation::Inside => {
                (ErrorKind::NestedAggregation, "aggregating functions cannot be nested")
            }
            Aggregation::Forbidden => (
                ErrorKind::InvalidAggregation,
                "an aggregating function can only be used in `WITH` and `RETURN`",
            ),
        };
        Err(self.error(kind, expr.span, message))
    }
}
