//! Expressions that go through a list: comprehensions, quantifiers, `reduce`.

use lang::ast::{ListComprehension, Quantifier, QuantifierKind, Reduce};
use lang::error::EvalError;
use lang::value::{GapId, Truth, Value};

use super::Compiler;
use crate::error::Error;
use crate::run::{Eval, Frame, Outcome, Test};

/// Bytes of a value's place in a list.
const PLACE: u64 = size_of::<Value<'_>>() as u64;

/// What going through a list gives when there is no list.
enum NoList<'g> {
    Value(Value<'g>),
}

/// Calls `each` with every element until it says stop. `Some` when there is no list.
fn walk<'g>(
    frame: &mut Frame<'g>,
    list: &Value<'g>,
    mut each: impl FnMut(&mut Frame<'g>, Value<'g>) -> Outcome<bool>,
) -> Outcome<Option<NoList<'g>>> {
    match list {
        Value::Null | Value::Unread(_) => return Ok(Some(NoList::Value(list.clone()))),
        Value::List(items) => {
            for item in items.iter() {
                frame.step(1)?;
                if !each(frame, item.clone())? {
                    break;
                }
            }
        }
        Value::DocList(items) => {
            for item in items.iter() {
                frame.step(1)?;
                if !each(frame, item)? {
                    break;
                }
            }
        }
        other => {
            return Err(
                EvalError::bad_type("going through a list", "a list", other.type_name()).into()
            );
        }
    }
    Ok(None)
}

impl<'g> Compiler<'g> {
    pub(super) fn list_comprehension(
        &mut self,
        it: &'g ListComprehension,
    ) -> Result<Eval<'g>, Error> {
        let list = self.eval(&it.list)?;
        let (slot, condition, projection) =
            self.with_variable(&it.variable.text, |this, slot| {
                let condition = it.condition.as_ref().map(|it| this.test(it)).transpose()?;
                let projection = it.projection.as_ref().map(|it| this.eval(it)).transpose()?;
                Ok::<_, Error>((slot, condition, projection))
            })?;
        Ok(Box::new(move |frame| {
            let list = list(frame)?;
            let mut gap = None;
            let mut found = Vec::new();
            let mut held = 0_u64;
            let no_list = walk(frame, &list, |frame, item| {
                frame.set(slot, item);
                match condition.as_ref().map_or(Ok(Truth::True), |it| it(frame))? {
                    Truth::True => found.push(match &projection {
                        Some(projection) => {
                            let value = projection(frame)?;
                            held = held.saturating_add(PLACE + frame.held(&value));
                            frame.must_have_room(held)?;
                            value
                        }
                        None => frame.get(slot).clone(),
                    }),
                    Truth::Unread(at) => gap = Some(at),
                    Truth::False | Truth::Null => {}
                }
                Ok(gap.is_none())
            })?;
            Ok(match (no_list, gap) {
                (Some(NoList::Value(value)), _) => value,
                (None, Some(gap)) => Value::Unread(gap),
                (None, None) => Value::list(found),
            })
        }))
    }

    pub(super) fn quantifier(&mut self, it: &'g Quantifier) -> Result<Test<'g>, Error> {
        let list = self.eval(&it.list)?;
        let (slot, condition) = self.with_variable(&it.variable.text, |this, slot| {
            Ok::<_, Error>((slot, this.test(&it.condition)?))
        })?;
        let kind = it.kind;
        Ok(Box::new(move |frame| {
            let list = list(frame)?;
            let mut tally = Tally::default();
            let no_list = walk(frame, &list, |frame, item| {
                frame.set(slot, item);
                tally.add(condition(frame)?);
                Ok(!tally.is_decided(kind))
            })?;
            Ok(match no_list {
                Some(NoList::Value(Value::Unread(gap))) => Truth::Unread(gap),
                Some(NoList::Value(_)) => Truth::Null,
                None => tally.truth(kind),
            })
        }))
    }

    pub(super) fn reduce(&mut self, it: &'g Reduce) -> Result<Eval<'g>, Error> {
        let init = self.eval(&it.init)?;
        let list = self.eval(&it.list)?;
        let (sum, item, body) = self.with_variable(&it.accumulator.text, |this, sum| {
            this.with_variable(&it.variable.text, |this, item| {
                Ok::<_, Error>((sum, item, this.eval(&it.body)?))
            })
        })?;
        Ok(Box::new(move |frame| {
            let first = init(frame)?;
            let list = list(frame)?;
            frame.set(sum, first);
            let mut held = 0_u64;
            let no_list = walk(frame, &list, |frame, value| {
                frame.set(item, value);
                let next = body(frame)?;
                // A list shares with the one before all elements but those that are new in it.
                if let Value::List(items) = &next {
                    let new = items.iter().map(|it| frame.held(it));
                    held = new.fold(held, u64::saturating_add);
                    frame.must_have_room(held)?;
                }
                frame.set(sum, next);
                Ok(true)
            })?;
            Ok(match no_list {
                Some(NoList::Value(value)) => value,
                None => frame.get(sum).clone(),
            })
        }))
    }
}

/// How many elements fulfil a condition.
#[derive(Default)]
struct Tally {
    n_true: u32,
    n_false: u32,
    has_null: bool,
    gap: Option<GapId>,
}

impl Tally {
    fn add(&mut self, truth: Truth) {
        match truth {
            Truth::True => self.n_true += 1,
            Truth::False => self.n_false += 1,
            Truth::Null => self.has_null = true,
            Truth::Unread(gap) => {
                self.gap.get_or_insert(gap);
            }
        }
    }

    /// Whether further elements cannot change the result.
    fn is_decided(&self, kind: QuantifierKind) -> bool {
        match kind {
            QuantifierKind::Any | QuantifierKind::None => self.n_true > 0,
            QuantifierKind::All => self.n_false > 0,
            QuantifierKind::Single => self.n_true > 1,
        }
    }

    fn truth(&self, kind: QuantifierKind) -> Truth {
        let open = match (self.gap, self.has_null) {
            (Some(gap), _) => Some(Truth::Unread(gap)),
            (None, true) => Some(Truth::Null),
            (None, false) => None,
        };
        match kind {
            QuantifierKind::Any if self.n_true > 0 => Truth::True,
            QuantifierKind::Any => open.unwrap_or(Truth::False),
            QuantifierKind::None if self.n_true > 0 => Truth::False,
            QuantifierKind::None => open.unwrap_or(Truth::True),
            QuantifierKind::All if self.n_false > 0 => Truth::False,
            QuantifierKind::All => open.unwrap_or(Truth::True),
            QuantifierKind::Single if self.n_true > 1 => Truth::False,
            QuantifierKind::Single => open.unwrap_or(Truth::from(self.n_true == 1)),
        }
    }
}
