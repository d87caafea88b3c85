//! Where things stand against standards, over time: the state of each requirement, in words that only
//! whoever judges understands.
//!
//! INVARIANT: at every moment a requirement has at most one row, and only another state begins a new one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::access::Access;
use crate::bulk;
use crate::change::{Change, RequirementState};
use crate::codec::text_of;
use crate::commit::Work;
use crate::db::{Result, Tx, Value, args};
use crate::error::StoreError;
use crate::names::Word;
use crate::retention::Class;
use crate::store::{At, Moment, Store};
use crate::time::instant;
use crate::valid::HOLDS;

/// The state of a requirement, from one commit on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementRow {
    /// The standard.
    pub standard: Arc<str>,
    /// The requirement, by the publisher's number.
    pub requirement: Arc<str>,
    /// Its state.
    pub state: Arc<str>,
    /// The commit that made it so.
    pub since: Moment,
    /// The commit that made it otherwise; `None`: it still holds.
    pub until: Option<Moment>,
}

type Pair = (i64, i64);

fn pair(it: &RequirementState) -> Pair {
    (i64::from(it.standard.0), i64::from(it.requirement.0))
}

/// Stores the states of a change.
pub(crate) async fn store(tx: &mut Tx, work: &Work<'_>, change: &Change<'_>) -> Result<()> {
    let after: BTreeMap<Pair, i64> =
        change.requirements.iter().map(|it| (pair(it), i64::from(it.state.0))).collect();
    if after.is_empty() && !change.all_requirements {
        return Ok(());
    }
    let (tenant, seq) = (work.access.row(), work.seq);
    let before = open(tx, tenant, &after, change.all_requirements).await?;
    let none = i64::from(Word::NONE.0);
    let is_over = |it: &(&Pair, &i64)| after.get(it.0) != Some(it.1);
    let over: Vec<Pair> = before.iter().filter(is_over).map(|it| *it.0).collect();
    let sql = "UPDATE standing SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL \
               AND standard = $3 AND requirement IN {}";
    bulk::run_in_pairs(tx, sql, args![seq, tenant], &over).await?;
    let fresh = after.iter().filter(|it| *it.1 != none && before.get(it.0) != Some(it.1));
    let rows = fresh.map(|((standard, requirement), state)| {
        args![tenant, *standard, *requirement, seq, *state]
    });
    let into = "standing (tenant, standard, requirement, from_seq, state)";
    bulk::insert(tx, into, 5, "", rows).await?;
    Ok(())
}

/// The states that hold: of those requirements, or of all.
async fn open(
    tx: &mut Tx,
    tenant: i64,
    of: &BTreeMap<Pair, i64>,
    is_all: bool,
) -> Result<BTreeMap<Pair, i64>> {
    let sql = "SELECT standard, requirement, state FROM standing \
               WHERE tenant = $1 AND to_seq IS NULL";
    let mut rows = Vec::new();
    if is_all {
        rows = tx.rows(sql, args![tenant]).await?;
    } else {
        let mut by_standard: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (standard, requirement) in of.keys() {
            by_standard.entry(*standard).or_default().push(*requirement);
        }
        let sql = format!("{sql} AND standard = $2 AND requirement IN {{}}");
        for (standard, own) in by_standard {
            rows.extend(bulk::rows_in(tx, &sql, args![tenant, standard], &own).await?);
        }
    }
    rows.iter().map(|row| Ok(((row.int(0)?, row.int(1)?), row.int(2)?))).collect()
}

impl Store {
    /// Whether the states of requirements are kept: not, while nothing was committed since the
    /// schema can hold them. Then a commit says [all of them](Change::all_requirements).
    pub async fn has_standings(&self, access: &Access) -> Result<bool> {
        let tenant = self.tenant(access);
        if tenant.has_standings.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let mut tx = self.read(access).await?;
        let sql = "SELECT 1 FROM standing WHERE tenant = $1 LIMIT 1";
        let found = tx.row(sql, args![access.row()]).await?.is_some();
        tenant.has_standings.store(found, Ordering::Relaxed);
        Ok(found)
    }

    /// The states that held at a moment, by standard and requirement. A requirement that is not
    /// among them had found nothing to judge.
    pub async fn standings(&self, access: &Access, at: At) -> Result<Vec<RequirementRow>> {
        let (mut tx, when) = self.at(access, at, Class::Scores).await?;
        let holds = format!("(SELECT * FROM standing WHERE {HOLDS})");
        self.requirement_rows(&mut tx, access, &holds, args![access.row(), when.seq]).await
    }

    /// Every state that requirements of a standard had and that is still kept, by requirement and
    /// then by time.
    pub async fn standing_history(
        &self,
        access: &Access,
        standard: &str,
    ) -> Result<Vec<RequirementRow>> {
        let mut tx = self.read(access).await?;
        self.pulled_words(&mut tx, access).await?;
        let words = &self.tenant(access).names.words;
        let Some(standard) = words.find(standard) else { return Ok(Vec::new()) };
        let of = "(SELECT * FROM standing WHERE tenant = $1 AND standard = $2)";
        self.requirement_rows(&mut tx, access, of, args![access.row(), standard.0]).await
    }

    async fn requirement_rows(
        &self,
        tx: &mut Tx,
        access: &Access,
        source: &str,
        values: Vec<Value>,
    ) -> Result<Vec<RequirementRow>> {
        let words = self.pulled_words(tx, access).await?;
        let text = |number: u32| text_of(&words, Word(number));
        let sql = format!(
            "SELECT s.standard, s.requirement, s.state, s.from_seq, c.at, s.to_seq, e.at \
             FROM {source} s JOIN change_log c ON c.tenant = s.tenant AND c.seq = s.from_seq \
             LEFT JOIN change_log e ON e.tenant = s.tenant AND e.seq = s.to_seq"
        );
        let mut all: Vec<RequirementRow> = tx
            .rows(&sql, values)
            .await?
            .iter()
            .map(|row| {
                let until = row.int_or_null(5)?.zip(row.int_or_null(6)?);
                let until = until.map(|(seq, at)| {
                    Ok::<_, StoreError>(Moment { seq: seq.cast_unsigned(), at: instant(at)? })
                });
                Ok(RequirementRow {
                    standard: text(row.small(0)?)?,
                    requirement: text(row.small(1)?)?,
                    state: text(row.small(2)?)?,
                    since: Moment { seq: row.count(3)?, at: instant(row.int(4)?)? },
                    until: until.transpose()?,
                })
            })
            .collect::<Result<_>>()?;
        // Words have the order in which they came; people expect that of the texts.
        all.sort_by(|a, b| {
            let names = a.standard.cmp(&b.standard).then_with(|| a.requirement.cmp(&b.requirement));
            names.then_with(|| a.since.seq.cmp(&b.since.seq))
        });
        Ok(all)
    }
}
