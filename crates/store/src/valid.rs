//! What is valid from one commit to another and hangs on no single resource: counts, scores,
//! states, exemptions, what was collected.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::access::Access;
use crate::bulk;
use crate::change::{Change, Collected, Exemption, Score, Tally};
use crate::codec::text_of;
use crate::commit::{Work, json_text};
use crate::db::{Result, Tx, Value, args};
use crate::names::{Word, Words};
use crate::retention::{Class, must_reach};
use crate::store::{At, Moment, Store, moment};
use crate::time::{instant, micros};

/// Rows of validity tables that hold at commit `$2`.
pub(crate) const HOLDS: &str = "tenant = $1 AND from_seq <= $2 AND (to_seq IS NULL OR to_seq > $2)";

/// A score that held from one commit on.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// The commit that made it so.
    pub seq: u64,
    /// Its instant.
    pub at: Timestamp,
    /// The figure.
    pub score: Score,
}

/// A kind that counts as collected completely.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CollectedRow {
    /// What was collected.
    pub what: Collected,
    /// The last commit that collected it, as far as is known now.
    pub last_seq: u64,
}

/// Stores these parts of a change.
pub(crate) async fn store(tx: &mut Tx, work: &Work<'_>, change: &Change<'_>) -> Result<()> {
    let (tenant, seq) = (work.access.row(), work.seq);
    let ends = args![seq, tenant];
    let pairs: Vec<(i64, i64)> =
        change.tallies.iter().map(|it| (i64::from(it.check.0), i64::from(it.scope.0))).collect();
    let sql = "UPDATE tally SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL \
               AND check_no = $3 AND scope IN {}";
    bulk::run_in_pairs(tx, sql, ends.clone(), &pairs).await?;
    let into =
        "tally (tenant, check_no, scope, from_seq, healthy, unhealthy, not_applicable, unknown)";
    let rows = change.tallies.iter().map(|it| {
        let (check, scope) = (it.check.0, it.scope.0);
        args![tenant, check, scope, seq, it.healthy, it.unhealthy, it.not_applicable, it.unknown]
    });
    bulk::insert(tx, into, 8, "", rows).await?;

    let pairs: Vec<(i64, i64)> =
        change.scores.iter().map(|it| (i64::from(it.measure.0), i64::from(it.scope.0))).collect();
    let sql = "UPDATE score SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL \
               AND measure = $3 AND scope IN {}";
    bulk::run_in_pairs(tx, sql, ends.clone(), &pairs).await?;
    let into = "score (tenant, measure, scope, from_seq, value, possible, assessed, detail)";
    let rows = change.scores.iter().map(|it| {
        let (measure, scope, detail) = (it.measure.0, it.scope.0, it.detail.to_string());
        args![tenant, measure, scope, seq, it.value, it.possible, it.assessed, detail]
    });
    bulk::insert(tx, into, 8, "", rows).await?;

    let names: Vec<&str> = change.states.iter().map(|it| it.0).collect();
    let sql = "UPDATE state SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL AND name IN {}";
    bulk::run_in(tx, sql, ends.clone(), &names).await?;
    let rows = change.states.iter().filter_map(|(name, content)| {
        content.as_ref().map(|content| args![tenant, *name, seq, &**content])
    });
    bulk::insert(tx, "state (tenant, name, from_seq, content)", 4, "", rows).await?;

    let ids: Vec<&str> = change.exemptions.iter().map(|it| it.0).collect();
    let sql = "UPDATE exemption SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL AND id IN {}";
    bulk::run_in(tx, sql, ends.clone(), &ids).await?;
    let rows = change.exemptions.iter().filter_map(|(id, exemption)| {
        let exemption = exemption.as_ref()?;
        let mut row = args![tenant, *id, seq, exemption.ends.map(micros)];
        row.push(json_text(&exemption.body));
        Some(row)
    });
    bulk::insert(tx, "exemption (tenant, id, from_seq, ends, body)", 5, "", rows).await?;
    collected(tx, work, change).await
}

type Place = (i64, i64, i64);

fn place(words: &Words, it: &Collected) -> Place {
    let number = |text: &str| i64::from(words.intern(text).0);
    (number(&it.scope), number(it.region.as_deref().unwrap_or_default()), number(&it.kind))
}

async fn collected(tx: &mut Tx, work: &Work<'_>, change: &Change<'_>) -> Result<()> {
    if change.collected.is_empty() && change.uncollected.is_empty() {
        return Ok(());
    }
    let (tenant, seq) = (work.access.row(), work.seq);
    let places = |all: &[Collected]| -> Vec<Place> {
        let mut places: Vec<Place> = all.iter().map(|it| place(work.words, it)).collect();
        places.sort_unstable();
        places.dedup();
        places
    };
    let over = places(&change.uncollected);
    let sql = "UPDATE collected SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL \
               AND (scope, region, kind) IN {}";
    bulk::run_in(tx, sql, args![seq, tenant], &over).await?;
    let sql = "SELECT scope, region, kind FROM collected WHERE tenant = $1 AND to_seq IS NULL";
    let mut open: Vec<Place> = Vec::new();
    for row in tx.rows(sql, args![tenant]).await? {
        open.push((row.int(0)?, row.int(1)?, row.int(2)?));
    }
    open.sort_unstable();
    let (again, fresh): (Vec<Place>, Vec<Place>) = places(&change.collected)
        .into_iter()
        .filter(|it| over.binary_search(it).is_err())
        .partition(|it| open.binary_search(it).is_ok());
    let sql = "UPDATE collected SET last_seq = $1 WHERE tenant = $2 AND to_seq IS NULL \
               AND (scope, region, kind) IN {}";
    bulk::run_in(tx, sql, args![seq, tenant], &again).await?;
    let into = "collected (tenant, scope, region, kind, from_seq, last_seq)";
    let rows = fresh.iter().map(|it| args![tenant, it.0, it.1, it.2, seq, seq]);
    bulk::insert(tx, into, 6, "", rows).await?;
    Ok(())
}

impl Store {
    /// The counts of each check in each scope.
    pub async fn tallies(&self, access: &Access, at: At) -> Result<Vec<Tally>> {
        let (mut tx, when) = self.at(access, at, Class::Scores).await?;
        let sql = format!(
            "SELECT check_no, scope, healthy, unhealthy, not_applicable, unknown FROM tally \
             WHERE {HOLDS} ORDER BY check_no, scope"
        );
        let rows = tx.rows(&sql, args![access.row(), when.seq]).await?;
        rows.iter()
            .map(|row| {
                Ok(Tally {
                    check: Word(row.small(0)?),
                    scope: Word(row.small(1)?),
                    healthy: row.count(2)?,
                    unhealthy: row.count(3)?,
                    not_applicable: row.count(4)?,
                    unknown: row.count(5)?,
                })
            })
            .collect()
    }

    /// All scores and standings at a moment.
    pub async fn scores(&self, access: &Access, at: At) -> Result<Vec<ScoreRow>> {
        let (mut tx, when) = self.at(access, at, Class::Scores).await?;
        let sql = format!(
            "SELECT s.from_seq, c.at, s.measure, s.scope, s.value, s.possible, s.assessed, s.detail \
             FROM (SELECT * FROM score WHERE {HOLDS}) s \
             JOIN change_log c ON c.tenant = s.tenant AND c.seq = s.from_seq \
             ORDER BY s.measure, s.scope"
        );
        score_rows(&mut tx, &sql, args![access.row(), when.seq]).await
    }

    /// How one score went: every value that it had from commit `from` to the last, oldest first. The one that
    /// held at `from` comes first.
    pub async fn score_history(
        &self,
        access: &Access,
        measure: Word,
        scope: Word,
        from: u64,
    ) -> Result<Vec<ScoreRow>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT s.from_seq, c.at, s.measure, s.scope, s.value, s.possible, s.assessed, \
                   s.detail FROM score s JOIN change_log c ON c.tenant = s.tenant \
                   AND c.seq = s.from_seq WHERE s.tenant = $1 AND s.measure = $2 AND s.scope = $3 \
                   AND (s.to_seq IS NULL OR s.to_seq > $4) ORDER BY s.from_seq";
        score_rows(&mut tx, sql, args![access.row(), measure.0, scope.0, from]).await
    }

    /// The content of a named state.
    pub async fn state(&self, access: &Access, name: &str, at: At) -> Result<Option<Vec<u8>>> {
        let (mut tx, when) = self.at(access, at, Class::Versions).await?;
        let sql = format!("SELECT content FROM state WHERE {HOLDS} AND name = $3");
        let row = tx.row(&sql, args![access.row(), when.seq, name]).await?;
        row.map(|row| row.bytes(0)).transpose()
    }

    /// The exemptions that were recorded and not withdrawn, by id. Whether one has ended by itself is for the
    /// caller to see, who knows what time it is.
    pub async fn exemptions(&self, access: &Access, at: At) -> Result<Vec<(String, Exemption)>> {
        let (mut tx, when) = self.at(access, at, Class::Versions).await?;
        let sql = format!("SELECT id, ends, body FROM exemption WHERE {HOLDS} ORDER BY id");
        let rows = tx.rows(&sql, args![access.row(), when.seq]).await?;
        rows.iter()
            .map(|row| {
                let ends = row.int_or_null(1)?.map(instant).transpose()?;
                Ok((row.text(0)?, Exemption { ends, body: json(&row.text(2)?) }))
            })
            .collect()
    }

    /// What counted as collected completely.
    pub async fn collected(&self, access: &Access, at: At) -> Result<Vec<CollectedRow>> {
        let words = self.words(access).await?.all();
        let (mut tx, when) = self.at(access, at, Class::Versions).await?;
        let sql = format!("SELECT scope, region, kind, last_seq FROM collected WHERE {HOLDS}");
        let rows = tx.rows(&sql, args![access.row(), when.seq]).await?;
        let text = |number: u32| text_of(&words, Word(number));
        let mut all: Vec<CollectedRow> = rows
            .iter()
            .map(|row| {
                let region = Some(text(row.small(1)?)?).filter(|it: &Arc<str>| !it.is_empty());
                let what =
                    Collected { scope: text(row.small(0)?)?, region, kind: text(row.small(2)?)? };
                Ok(CollectedRow { what, last_seq: row.count(3)? })
            })
            .collect::<Result<_>>()?;
        all.sort();
        Ok(all)
    }

    /// A transaction that sees one state, and which moment `at` is in it.
    pub(crate) async fn at(&self, access: &Access, at: At, class: Class) -> Result<(Tx, Moment)> {
        let mut tx = self.read(access).await?;
        let when = moment(&mut tx, access, at).await?;
        if at != At::Now {
            must_reach(&mut tx, access, class, when.seq).await?;
        }
        Ok((tx, when))
    }

    /// The same, with the condition for the rows of a table `v` that held then, and its values.
    pub(crate) async fn holding(
        &self,
        access: &Access,
        at: At,
        class: Class,
    ) -> Result<(Tx, Moment, (&'static str, Vec<Value>))> {
        let (mut tx, when) = self.at(access, at, class).await?;
        let is_last = at == At::Now || moment(&mut tx, access, At::Now).await?.seq == when.seq;
        // What holds now has an index of its own.
        let holds = if is_last {
            ("v.tenant = $1 AND v.to_seq IS NULL", args![access.row()])
        } else {
            let sql = "v.tenant = $1 AND v.from_seq <= $2 AND (v.to_seq IS NULL OR v.to_seq > $2)";
            (sql, args![access.row(), when.seq])
        };
        Ok((tx, when, holds))
    }
}

async fn score_rows(tx: &mut Tx, sql: &str, values: Vec<Value>) -> Result<Vec<ScoreRow>> {
    let rows = tx.rows(sql, values).await?;
    rows.iter()
        .map(|row| {
            let score = Score {
                measure: Word(row.small(2)?),
                scope: Word(row.small(3)?),
                value: row.real(4)?,
                possible: row.real(5)?,
                assessed: row.real(6)?,
                detail: json(&row.text(7)?),
            };
            Ok(ScoreRow { seq: row.count(0)?, at: instant(row.int(1)?)?, score })
        })
        .collect()
}

pub(crate) fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_default()
}
