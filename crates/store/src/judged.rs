//! Storing verdicts: the packed row of each resource, and rows of the unhealthy and unknown ones.
//!
//! INVARIANT: at every moment a check has at most one row of a resource, and only what changed begins a
//! new one.

use hashbrown::HashMap;
use model::Verdict;

use crate::bulk;
use crate::change::Change;
use crate::codec::{Standing, verdict, verdict_number};
use crate::commit::Work;
use crate::db::{Result, Tx, Value, args};
use crate::error::StoreError;
use crate::names::Word;

/// Resources that are looked at together.
const SHARE: usize = 4096;

/// Stores the verdicts of a change.
pub(crate) async fn store(tx: &mut Tx, work: &Work<'_>, change: &Change<'_>) -> Result<()> {
    let gone: Vec<i64> = change.gone.iter().map(|id| work.number(id)).collect::<Result<_>>()?;
    for table in ["verdicts", "assessment"] {
        let sql = format!(
            "UPDATE {table} SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL AND resource IN {{}}"
        );
        bulk::run_in(tx, &sql, before(work), &gone).await?;
    }
    if !change.verdicts.is_empty() {
        // A resource may move to another scope without a new verdict, so the scope is asked for.
        let fresh = scopes_of_puts(work, change);
        for share in change.verdicts.chunks(SHARE) {
            let mut new: Vec<New<'_>> = Vec::with_capacity(share.len());
            for it in share {
                let (resource, open) = (work.number(it.resource)?, settle(work, &it.open)?);
                new.push(New { resource, packed: it.packed, open });
            }
            verdicts(tx, work, &new, &fresh).await?;
        }
    }
    Ok(())
}

/// The new verdicts of a resource, by its number.
struct New<'a> {
    resource: i64,
    packed: &'a [u8],
    open: Vec<Standing>,
}

fn before(work: &Work<'_>) -> Vec<Value> {
    args![work.seq, work.access.row()]
}

fn scopes_of_puts(work: &Work<'_>, change: &Change<'_>) -> HashMap<i64, u32> {
    let scope = |put: &crate::change::Put<'_>| {
        let number = work.numbers.get(put.resource.id.as_str()).copied()?;
        Some((number, work.words.intern(&put.resource.scope).0))
    };
    change.puts.iter().filter_map(scope).collect()
}

/// Puts the number of this commit where 0 stands for it, and refuses numbers of later ones.
fn settle(work: &Work<'_>, standings: &[Standing]) -> Result<Vec<Standing>> {
    let here = |seq: u64| if seq == 0 { work.seq } else { seq };
    let settled: Vec<Standing> = standings
        .iter()
        .map(|it| Standing { since: here(it.since), first_seen: here(it.first_seen), ..*it })
        .collect();
    if settled.iter().any(|it| it.since > work.seq || it.first_seen > work.seq) {
        return Err(StoreError::Invalid("a verdict is since a commit to come".to_owned()));
    }
    if settled.iter().any(|it| !is_listed(it)) {
        return Err(StoreError::Invalid("a verdict is listed that is not open".to_owned()));
    }
    if settled.iter().any(|it| !work.knows(it.check) || !work.knows(it.why)) {
        return Err(StoreError::Invalid("a verdict names a word that there is not".to_owned()));
    }
    let mut checks: Vec<u32> = settled.iter().map(|it| it.check.0).collect();
    checks.sort_unstable();
    if checks.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Err(StoreError::Invalid("a resource has two verdicts of one check".to_owned()));
    }
    Ok(settled)
}

fn is_listed(standing: &Standing) -> bool {
    matches!(standing.verdict, Verdict::Unhealthy | Verdict::Unknown)
}

/// Ends and begins rows of a share of resources.
async fn verdicts(
    tx: &mut Tx,
    work: &Work<'_>,
    new: &[New<'_>],
    fresh: &HashMap<i64, u32>,
) -> Result<()> {
    let tenant = work.access.row();
    let numbers: Vec<i64> = new.iter().map(|it| it.resource).collect();
    let mut old: HashMap<i64, Vec<Standing>> = HashMap::new();
    if work.seq > 1 {
        let sql = "SELECT resource, check_no, verdict, why, since, first_seen, reopened \
                   FROM assessment WHERE tenant = $1 AND to_seq IS NULL AND resource IN {}";
        for row in bulk::rows_in(tx, sql, args![tenant], &numbers).await? {
            old.entry(row.int(0)?).or_default().push(Standing {
                check: Word(row.small(1)?),
                verdict: verdict(row.int(2)?)?,
                why: Word(row.small(3)?),
                since: row.count(4)?,
                first_seen: row.count(5)?,
                reopened: row.small(6)?,
            });
        }
    }
    let scopes = scopes(tx, work, &numbers, fresh).await?;
    let mut ended: Vec<(i64, i64)> = Vec::new();
    let mut begun: Vec<Vec<Value>> = Vec::new();
    let nothing = Vec::new();
    for New { resource, open, .. } in new {
        let scope = scopes.get(resource).copied();
        let scope = scope.ok_or_else(|| {
            StoreError::NotFound("resource of a verdict: it is gone or never was".to_owned())
        })?;
        let before = old.get(resource).unwrap_or(&nothing);
        for it in before.iter().filter(|it| !open.contains(it)) {
            ended.push((i64::from(it.check.0), *resource));
        }
        for it in open.iter().filter(|it| !before.contains(it)) {
            begun.push(args![
                tenant,
                it.check.0,
                *resource,
                work.seq,
                scope,
                u32::from(verdict_number(it.verdict)),
                it.why.0,
                it.since,
                it.first_seen,
                it.reopened,
            ]);
        }
    }
    let sql = "UPDATE assessment SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL \
               AND check_no = $3 AND resource IN {}";
    bulk::run_in_pairs(tx, sql, before(work), &ended).await?;
    let into = "assessment (tenant, check_no, resource, from_seq, scope, verdict, why, since, \
                first_seen, reopened)";
    bulk::insert(tx, into, 10, "", begun).await?;
    if work.seq > 1 {
        let sql = "UPDATE verdicts SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL \
                   AND resource IN {}";
        bulk::run_in(tx, sql, before(work), &numbers).await?;
    }
    let rows = new
        .iter()
        .filter(|it| !it.packed.is_empty())
        .map(|it| args![tenant, it.resource, work.seq, it.packed]);
    bulk::insert(tx, "verdicts (tenant, resource, from_seq, packed)", 4, "", rows).await?;
    Ok(())
}

/// The scopes of resources that are there, by number.
async fn scopes(
    tx: &mut Tx,
    work: &Work<'_>,
    numbers: &[i64],
    fresh: &HashMap<i64, u32>,
) -> Result<HashMap<i64, u32>> {
    let mut scopes: HashMap<i64, u32> = HashMap::with_capacity(numbers.len());
    let mut asked: Vec<i64> = Vec::new();
    for number in numbers {
        match fresh.get(number) {
            Some(scope) => {
                scopes.insert(*number, *scope);
            }
            None => asked.push(*number),
        }
    }
    let sql = "SELECT resource, scope FROM version \
               WHERE tenant = $1 AND to_seq IS NULL AND resource IN {}";
    for row in bulk::rows_in(tx, sql, args![work.access.row()], &asked).await? {
        scopes.insert(row.int(0)?, row.small(1)?);
    }
    Ok(scopes)
}
