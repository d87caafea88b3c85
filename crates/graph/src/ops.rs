//! The operators and functions of the language, as the compiler calls them.

pub(crate) use lang::ops::{WholeMatch, binary, has_labels, index, property, slice};

use lang::Host;
use lang::ast::UnaryOp;
use lang::error::EvalError;
use lang::value::{Text, Value};

/// `-a` and `+a`; the others are conditions.
pub(crate) fn unary<'g>(op: UnaryOp, value: &Value<'g>) -> Result<Value<'g>, EvalError> {
    match op {
        UnaryOp::Minus => lang::ops::negate(value),
        UnaryOp::Plus => lang::ops::plus(value),
        UnaryOp::Not => Ok((!lang::ops::truth(value)?).into()),
        UnaryOp::IsNull => Ok(Value::Bool(value.is_null())),
        UnaryOp::IsNotNull => Ok(Value::Bool(!value.is_null())),
    }
}

/// The entries of a map, a node or an edge.
pub(crate) fn entries<'g>(
    host: &dyn Host<'g>,
    value: &Value<'g>,
) -> Result<Vec<(Text<'g>, Value<'g>)>, EvalError> {
    let properties = match value {
        Value::Node(node) => host.node_properties(*node),
        Value::Edge(edge) => host.edge_properties(*edge),
        other => other.clone(),
    };
    match properties.as_map() {
        Some(map) => Ok(map.entries()),
        None => Err(EvalError::bad_type("a map projection", "a map", value.type_name())),
    }
}
