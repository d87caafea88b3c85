//! Statements over many rows: few shapes, so that each is prepared once.

use std::collections::BTreeMap;

use crate::db::{Dialect, Result, Row, Tx, Value};

/// How many parameters one statement takes at most; both databases allow over 30,000, more than
/// this gains nothing.
const MOST_VALUES: usize = 2000;
/// Sizes of lists of numbers in a condition; a shorter list is filled up with its last number.
const LIST_SIZES: [usize; 4] = [1, 8, 64, MOST_ITEMS];
const MOST_ITEMS: usize = 512;

/// `INSERT INTO {into} VALUES ..., {tail}` for all `rows`, each with `width` values, in statements of
/// many rows. The number of rows that were stored.
pub(crate) async fn insert(
    tx: &mut Tx,
    into: &str,
    width: usize,
    tail: &str,
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> Result<u64> {
    let most = (MOST_VALUES / width.max(1)).max(1);
    let mut stored = 0;
    let mut pending: Vec<Value> = Vec::new();
    let mut full: Option<String> = None;
    for row in rows {
        pending.extend(row);
        if pending.len() >= most * width {
            let dialect = tx.dialect();
            let sql = full.get_or_insert_with(|| text(dialect, into, width, most, tail));
            stored += tx.run(sql, std::mem::take(&mut pending)).await?;
        }
    }
    // The rest in powers of two, so that no more than a dozen shapes exist.
    let mut rest = pending.into_iter();
    let mut left = rest.len() / width.max(1);
    while left > 0 {
        let size = 1_usize << left.ilog2();
        let sql = text(tx.dialect(), into, width, size, tail);
        stored += tx.run(&sql, rest.by_ref().take(size * width).collect()).await?;
        left -= size;
    }
    Ok(stored)
}

fn text(dialect: Dialect, into: &str, width: usize, n_rows: usize, tail: &str) -> String {
    let mut sql = format!("INSERT INTO {into} VALUES ");
    let mut number = 0;
    for row in 0..n_rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            number += 1;
            if column > 0 {
                sql.push(',');
            }
            place(&mut sql, dialect, number);
        }
        sql.push(')');
    }
    sql.push(' ');
    sql.push_str(tail);
    sql
}

/// A parameter. SQLite looks names up one by one, and `$1` is a name to it: with hundreds of them
/// the place is what counts.
fn place(sql: &mut String, dialect: Dialect, number: usize) {
    match dialect {
        Dialect::Sqlite => sql.push('?'),
        Dialect::Postgres => {
            sql.push('$');
            sql.push_str(&number.to_string());
        }
    }
}

/// Runs `sql` for all `items`, many at a time: `{}` in its text becomes a list to stand behind `IN`.
/// Its other parameters are `before`, in the order in which they stand, all in front of the list.
/// How many rows were changed.
pub(crate) async fn run_in<T: Item>(
    tx: &mut Tx,
    sql: &str,
    before: Vec<Value>,
    items: &[T],
) -> Result<u64> {
    let mut changed = 0;
    for chunk in items.chunks(MOST_ITEMS) {
        let (text, values) = listed(tx.dialect(), sql, &before, chunk);
        changed += tx.run(&text, values).await?;
    }
    Ok(changed)
}

/// [`run_in`] for pairs, by their first number: `before` is followed by it, and the list holds the second ones.
/// An index over both is used this way, which `SQLite` does not do for a list of pairs.
pub(crate) async fn run_in_pairs(
    tx: &mut Tx,
    sql: &str,
    before: Vec<Value>,
    pairs: &[(i64, i64)],
) -> Result<()> {
    let mut groups: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (first, second) in pairs {
        groups.entry(*first).or_default().push(*second);
    }
    for (first, seconds) in groups {
        let mut values = before.clone();
        values.push(Value::from(first));
        run_in(tx, sql, values, &seconds).await?;
    }
    Ok(())
}

/// The rows of a query for all `items`: see [`run_in`].
pub(crate) async fn rows_in<T: Item>(
    tx: &mut Tx,
    sql: &str,
    before: Vec<Value>,
    items: &[T],
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for chunk in items.chunks(MOST_ITEMS) {
        let (text, values) = listed(tx.dialect(), sql, &before, chunk);
        rows.extend(tx.rows(&text, values).await?);
    }
    Ok(rows)
}

/// What may stand in a list.
pub(crate) trait Item {
    /// How many values it is.
    const WIDTH: usize = 1;
    fn values(&self, into: &mut Vec<Value>);
}

impl Item for i64 {
    fn values(&self, into: &mut Vec<Value>) {
        into.push(Value::from(*self));
    }
}

impl Item for &str {
    fn values(&self, into: &mut Vec<Value>) {
        into.push(Value::from(*self));
    }
}

impl Item for [u8; 32] {
    fn values(&self, into: &mut Vec<Value>) {
        into.push(Value::from(self.as_slice()));
    }
}

impl Item for (i64, i64, i64) {
    const WIDTH: usize = 3;
    fn values(&self, into: &mut Vec<Value>) {
        into.extend([Value::from(self.0), Value::from(self.1), Value::from(self.2)]);
    }
}

fn listed<T: Item>(
    dialect: Dialect,
    sql: &str,
    before: &[Value],
    items: &[T],
) -> (String, Vec<Value>) {
    let size = LIST_SIZES.into_iter().find(|it| *it >= items.len()).unwrap_or(items.len());
    // PostgreSQL joins rows of values by an index; a long list in parentheses it compares one by one with
    // every row, where it knows too little of a table that has just been filled.
    let is_rows = T::WIDTH > 1 || (dialect == Dialect::Postgres && size > 1);
    let mut list = String::from(if is_rows { "(VALUES " } else { "(" });
    let mut number = before.len();
    for index in 0..size {
        list.push_str(match (index, is_rows) {
            (0, false) => "",
            (0, true) => "(",
            (_, false) => ",",
            (_, true) => ",(",
        });
        for column in 0..T::WIDTH {
            if column > 0 {
                list.push(',');
            }
            number += 1;
            place(&mut list, dialect, number);
        }
        if is_rows {
            list.push(')');
        }
    }
    list.push(')');
    let mut text = sql.replace("{}", &list);
    if dialect == Dialect::Sqlite {
        // Names and places do not mix.
        for number in 1..=before.len() {
            text = text.replace(&format!("${number}"), "?");
        }
    }
    let mut values = before.to_vec();
    let filler = items.last().into_iter().cycle();
    for item in items.iter().chain(filler).take(size) {
        item.values(&mut values);
    }
    (text, values)
}
