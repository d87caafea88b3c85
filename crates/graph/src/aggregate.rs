//! Aggregating calls, compiled: what they read of a row, and the running state of a group.

use lang::ast::{Expr, ExprKind};
use lang::error::ErrorKind;
use lang::functions::aggregate::{Accumulator, Aggregate as Function};
use lang::value::Value;

use crate::compile::Compiler;
use crate::error::Error;
use crate::run::{Eval, Frame, Outcome};

/// An aggregating call.
pub(crate) enum Aggregate<'g> {
    /// `count(*)`.
    Rows,
    /// A function of values.
    Values { function: Function, is_distinct: bool, arg: Eval<'g>, share: Option<Eval<'g>> },
}

/// What one aggregate of one group has seen.
pub(crate) enum State<'g> {
    Rows(i64),
    Values(Box<Accumulator<'g>>),
}

impl<'g> Aggregate<'g> {
    /// Whether a row that comes a second time changes nothing.
    pub(crate) fn ignores_doubles(expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Call(call) => {
                let function = Function::find(call.function.as_str());
                call.distinct || matches!(function, Some(Function::Min | Function::Max))
            }
            _ => false,
        }
    }

    pub(crate) fn compile(compiler: &mut Compiler<'g>, expr: &'g Expr) -> Result<Self, Error> {
        let ExprKind::Call(call) = &expr.kind else { return Ok(Self::Rows) };
        let name = call.function.as_str();
        let Some(function) = Function::find(name) else {
            return Err(Error::misplaced(ErrorKind::UnknownFunction, name));
        };
        let mut args = call.args.iter();
        let Some(arg) = args.next() else {
            return Err(Error::misplaced(ErrorKind::InvalidNumberOfArguments, name));
        };
        let arg = compiler.eval(arg)?;
        let share = args.next().map(|it| compiler.eval(it)).transpose()?;
        Ok(Self::Values { function, is_distinct: call.distinct, arg, share })
    }

    /// Nothing seen yet.
    pub(crate) fn start(&self) -> State<'g> {
        match self {
            Self::Rows => State::Rows(0),
            Self::Values { function, is_distinct, .. } => {
                State::Values(Box::new(Accumulator::new(*function, *is_distinct)))
            }
        }
    }

    /// Takes the row at hand.
    pub(crate) fn add(&self, state: &mut State<'g>, frame: &mut Frame<'g>) -> Outcome<()> {
        match (self, state) {
            (Self::Values { function, is_distinct, arg, share }, State::Values(state)) => {
                let value = arg(frame)?;
                let keeps_it = *is_distinct
                    || !matches!(
                        function,
                        Function::Count
                            | Function::Sum
                            | Function::Avg
                            | Function::Min
                            | Function::Max
                    );
                if keeps_it && !value.is_null() {
                    frame.keep(40)?;
                    frame.hold(&value)?;
                }
                match share {
                    None => state.add(&[value])?,
                    Some(share) => {
                        let share = share(frame)?;
                        state.add(&[value, share])?;
                    }
                }
            }
            (_, State::Rows(n_rows)) => *n_rows += 1,
            (Self::Rows, State::Values(_)) => {}
        }
        Ok(())
    }
}

impl<'g> State<'g> {
    /// The result.
    pub(crate) fn finish(self) -> Outcome<Value<'g>> {
        Ok(match self {
            Self::Rows(n_rows) => Value::Int(n_rows),
            Self::Values(state) => state.finish()?,
        })
    }
}
