//! Numbers: rounding, logarithms, angles.

use super::{Function, Returns, arg, bad_argument};
use crate::error::{ErrorKind, EvalError};
use crate::ops::Outcome;
use crate::types::TypeSet;
use crate::value::Value;

const NUMBER: &[TypeSet] = &[TypeSet::NUMBER];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", NUMBER, Returns::First, |_, args| match arg(args, 0) {
        Value::Int(number) => number.checked_abs().map(Value::Int).ok_or_else(|| {
            EvalError::new(
                ErrorKind::IntegerOverflow,
                format!("`abs({number})` does not fit in 64 bits"),
            )
        }),
        other => float("abs", &other, f64::abs),
    }),
    Function::new("ceil", NUMBER, Returns::Float, |_, args| {
        float("ceil", &arg(args, 0), f64::ceil)
    }),
    Function::new("floor", NUMBER, Returns::Float, |_, args| {
        float("floor", &arg(args, 0), f64::floor)
    }),
    Function::new("round", &[TypeSet::NUMBER, TypeSet::INT], Returns::Float, |_, args| round(args))
        .optional(1),
    Function::new("sign", NUMBER, Returns::Int, |_, args| match arg(args, 0) {
        Value::Int(number) => Ok(Value::Int(number.signum())),
        other => {
            let number =
                other.as_number().ok_or_else(|| bad_argument("sign", "a number", &other))?;
            Ok(Value::Int(i64::from(number > 0.0) - i64::from(number < 0.0)))
        }
    }),
    Function::new("sqrt", NUMBER, Returns::Float, |_, args| {
        float("sqrt", &arg(args, 0), f64::sqrt)
    }),
    Function::new("exp", NUMBER, Returns::Float, |_, args| float("exp", &arg(args, 0), f64::exp)),
    Function::new("log", NUMBER, Returns::Float, |_, args| float("log", &arg(args, 0), f64::ln)),
    Function::new("log10", NUMBER, Returns::Float, |_, args| {
        float("log10", &arg(args, 0), f64::log10)
    }),
    Function::new("sin", NUMBER, Returns::Float, |_, args| float("sin", &arg(args, 0), f64::sin)),
    Function::new("cos", NUMBER, Returns::Float, |_, args| float("cos", &arg(args, 0), f64::cos)),
    Function::new("tan", NUMBER, Returns::Float, |_, args| float("tan", &arg(args, 0), f64::tan)),
    Function::new("cot", NUMBER, Returns::Float, |_, args| {
        float("cot", &arg(args, 0), |it| 1.0 / it.tan())
    }),
    Function::new("asin", NUMBER, Returns::Float, |_, args| {
        float("asin", &arg(args, 0), f64::asin)
    }),
    Function::new("acos", NUMBER, Returns::Float, |_, args| {
        float("acos", &arg(args, 0), f64::acos)
    }),
    Function::new("atan", NUMBER, Returns::Float, |_, args| {
        float("atan", &arg(args, 0), f64::atan)
    }),
    Function::new("atan2", &[TypeSet::NUMBER, TypeSet::NUMBER], Returns::Float, |_, args| {
        let x = arg(args, 1);
        let x = x.as_number().ok_or_else(|| bad_argument("atan2", "a number", &x))?;
        float("atan2", &arg(args, 0), |y| y.atan2(x))
    }),
    Function::new("degrees", NUMBER, Returns::Float, |_, args| {
        float("degrees", &arg(args, 0), f64::to_degrees)
    }),
    Function::new("radians", NUMBER, Returns::Float, |_, args| {
        float("radians", &arg(args, 0), f64::to_radians)
    }),
    Function::new("haversin", NUMBER, Returns::Float, |_, args| {
        float("haversin", &arg(args, 0), |it| (1.0 - it.cos()) / 2.0)
    }),
    Function::new("isNaN", NUMBER, Returns::Bool, |_, args| {
        let number = arg(args, 0);
        let number =
            number.as_number().ok_or_else(|| bad_argument("isNaN", "a number", &number))?;
        Ok(Value::Bool(number.is_nan()))
    }),
    Function::new("pi", &[], Returns::Float, |_, _| Ok(Value::Float(std::f64::consts::PI))),
    Function::new("e", &[], Returns::Float, |_, _| Ok(Value::Float(std::f64::consts::E))),
    Function::new("rand", &[], Returns::Float, |context, _| {
        Ok(Value::Float(context.random.next()))
    }),
];

/// A function from float to float.
fn float<'g>(function: &str, value: &Value<'g>, compute: impl Fn(f64) -> f64) -> Outcome<'g> {
    let number = value.as_number().ok_or_else(|| bad_argument(function, "a number", value))?;
    Ok(Value::Float(compute(number)))
}

/// Without a number of decimals: to the nearest whole number, halves up. With one: halves away from zero.
fn round<'g>(args: &[Value<'g>]) -> Outcome<'g> {
    if args.len() < 2 {
        return float("round", &arg(args, 0), |it| (it + 0.5).floor());
    }
    let decimals = super::int_arg("round", args, 1)?;
    let decimals =
        i32::try_from(decimals).ok().filter(|it| (0..=15).contains(it)).ok_or_else(|| {
            EvalError::new(ErrorKind::NumberOutOfRange, "`round` takes 0 to 15 decimals")
        })?;
    let scale = 10_f64.powi(decimals);
    float("round", &arg(args, 0), |it| (it * scale).round() / scale)
}

#[cfg(test)]
mod tests {
    use crate::functions::tests::check;

    #[test]
    fn rounding() {
        check("round(2.5)", "3.0");
        check("round(-2.5)", "-2.0");
        check("round(2.345, 1)", "2.3");
        check("floor(-1.5)", "-2.0");
        check("ceil(1.2)", "2.0");
        check("sign(-3)", "-1");
        check("sign(0.0)", "0");
    }

    #[test]
    fn out_of_range() {
        check("abs(-9223372036854775808)", "IntegerOverflow");
        check("sqrt(-1)", "NaN");
        check("log(0)", "-Infinity");
        check("abs('a')", "InvalidArgumentValue");
    }

    #[test]
    fn rand_is_below_one() {
        check("0 <= rand() < 1", "true");
    }
}
