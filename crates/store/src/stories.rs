//! Attack paths over time: which stories there were, from when to when.
//!
//! INVARIANT: of a story at most one period is open; one ends only by a newer state that was derived whole. What is told
//! again, and what is told of an older state, changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::Store;
use crate::access::Access;
use crate::bulk;
use crate::commit::clean;
use crate::db::{Result, Row, Tx, Value, args};
use crate::error::StoreError;
use crate::lease::{self, Lease};
use crate::store::{At, Moment, moment, no_tenant};
use crate::time::{instant, micros};

/// The likeliest way from one entry point to one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Where it begins, by canonical id.
    pub entry: String,
    /// Where it ends, by canonical id.
    pub target: String,
    /// How bad it is, in a word.
    pub risk: String,
    /// How likely it is, from 0 to 1; ordinal.
    pub likelihood: f64,
    /// Whether it rests on nothing that could not be judged.
    pub is_proven: bool,
    /// Its steps in order, by id.
    pub steps: Vec<String>,
    /// What people are told of its ends, in words that only the caller understands.
    pub body: Json,
}

/// All stories of one state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stories {
    /// The commit whose state it is.
    pub seq: u64,
    /// All of them; of several of one pair the first counts.
    pub stories: Vec<Story>,
    /// Whether everything was derived: else there may be others, and none ends.
    pub is_whole: bool,
    /// Ids of steps that could not look at everything that they would look at.
    pub unread_steps: BTreeSet<String>,
}

/// What [`Store::keep_stories`] changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoriesKept {
    /// Stories that were not open before.
    pub opened: u64,
    /// Stories that are gone.
    pub resolved: u64,
    /// Stories that are open now.
    pub open: u64,
}

/// The newest state whose stories are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoryHead {
    /// Its commit.
    pub moment: Moment,
    /// Whether everything of it was derived.
    pub is_whole: bool,
    /// Grows whenever a story changes.
    pub revision: u64,
}

/// A period of a story: from when it was found to when it was gone.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryRow {
    /// What it is, or was last.
    pub story: Story,
    /// As of when it was found.
    pub found: Moment,
    /// As of when it was gone; `None`: it is open.
    pub gone: Option<Moment>,
    /// As of when it was found last; `None`: in the newest state that was derived.
    pub last: Option<Moment>,
    /// Steps of it that could look at less when it was gone than when it was found last: it may be hidden, not mended.
    pub blind: Vec<String>,
}

/// How many stories were open, from one commit on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryTally {
    /// The commit that made it so.
    pub since: Moment,
    /// What is proven, by risk.
    pub counts: BTreeMap<String, u64>,
    /// What is not.
    pub unproven: u64,
}

type Pair = Vec<u8>;

/// An open period as it is stored.
#[derive(Debug, PartialEq)]
struct Open {
    from: i64,
    /// Whether the newest state that was derived did not have it.
    is_missing: bool,
    risk: String,
    likelihood: f64,
    is_proven: i64,
    steps: String,
    unread: String,
    body: String,
}

impl Open {
    fn of(story: &Story, seq: i64, unread_steps: &BTreeSet<String>) -> Self {
        let is_unread = |it: &&String| unread_steps.contains(*it);
        let unread: BTreeSet<&String> = story.steps.iter().filter(is_unread).collect();
        Self {
            from: seq,
            is_missing: false,
            risk: clean(&story.risk),
            likelihood: story.likelihood,
            is_proven: i64::from(story.is_proven),
            steps: words(story.steps.iter()),
            unread: words(unread.into_iter()),
            body: clean(&story.body.to_string()),
        }
    }

    fn read(row: &Row) -> Result<(Pair, Self)> {
        let open = Self {
            from: row.int(1)?,
            is_missing: row.int_or_null(2)?.is_some(),
            risk: row.text(3)?,
            likelihood: row.real(4)?,
            is_proven: row.int(5)?,
            steps: row.text(6)?,
            unread: row.text(7)?,
            body: row.text(8)?,
        };
        Ok((row.bytes(0)?, open))
    }

    /// Its steps that could look at everything when it was found last, and cannot any more.
    fn blind(&self, told: &Stories) -> String {
        let had = |it: &&str| !self.unread.split(' ').any(|unread| unread == *it);
        let looked_at_all = self.steps.split(' ').filter(had);
        let blind: BTreeSet<&str> =
            looked_at_all.filter(|it| told.unread_steps.contains(*it)).collect();
        blind.into_iter().collect::<Vec<&str>>().join(" ")
    }
}

fn words<'a>(ids: impl Iterator<Item = &'a String>) -> String {
    let all: Vec<String> = ids.map(|it| clean(it).replace(' ', "_")).collect();
    all.join(" ")
}

fn pair(story: &Story) -> Pair {
    let length = (story.entry.len() as u64).to_le_bytes();
    let hash = Sha256::new().chain_update(length);
    hash.chain_update(&story.entry).chain_update(&story.target).finalize().to_vec()
}

/// Where the stored stories are, and where those that are told are.
struct Place {
    tenant: i64,
    head: Option<StoryHead>,
    seq: i64,
    at: i64,
}

impl Store {
    /// Stores how the stories of a state differ from those that are stored. `lease` must be the current
    /// [`crate::WRITER`] lease at `now`. `None`: a newer state was told already, and nothing is changed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for a state that was not committed.
    pub async fn keep_stories(
        &self,
        access: &Access,
        lease: &Lease,
        now: Timestamp,
        told: &Stories,
    ) -> Result<Option<StoriesKept>> {
        let mut tx = self.write(access).await?;
        lease::hold(&mut tx, access, lease, now).await?;
        let sql = format!("SELECT seq FROM tenant WHERE no = $1{}", tx.lock(" FOR NO KEY UPDATE"));
        let last = tx.row(&sql, args![access.row()]).await?.ok_or_else(|| no_tenant(access))?;
        if told.seq > last.count(0)? {
            return Err(StoreError::Conflict(format!("there is no commit {} yet", told.seq)));
        }
        let head = head(&mut tx, access).await?;
        if head.is_some_and(|it| it.moment.seq > told.seq) {
            tx.rollback().await?;
            return Ok(None);
        }
        // A state that is derived again differs by time alone.
        let at = match head.filter(|it| it.moment.seq == told.seq) {
            Some(head) => micros(now).max(micros(head.moment.at)),
            None => micros(moment(&mut tx, access, At::Seq(told.seq)).await?.at),
        };
        let place = Place { tenant: access.row(), head, seq: told.seq.cast_signed(), at };
        let (kept, is_changed) = store(&mut tx, &place, told).await?;
        let has_head = head.is_some_and(|it| it.moment.seq == told.seq);
        if !is_changed && has_head && head.is_some_and(|it| it.is_whole == told.is_whole) {
            tx.rollback().await?;
            return Ok(Some(kept));
        }
        let revision = head.map_or(0, |it| it.revision) + u64::from(is_changed);
        let sql = "INSERT INTO story_head (tenant, seq, at, is_whole, revision) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant) DO UPDATE SET \
                   seq = excluded.seq, at = excluded.at, is_whole = excluded.is_whole, \
                   revision = excluded.revision";
        let is_whole = i64::from(told.is_whole);
        tx.run(sql, args![place.tenant, place.seq, place.at, is_whole, revision]).await?;
        tx.commit().await?;
        Ok(Some(kept))
    }

    /// The newest state whose stories are stored; `None` before the first.
    pub async fn story_head(&self, access: &Access) -> Result<Option<StoryHead>> {
        let mut tx = self.read(access).await?;
        head(&mut tx, access).await
    }

    /// Every period of every story that is still kept, by entry, target and time, with the state that they are as of.
    pub async fn stories(&self, access: &Access) -> Result<Option<(StoryHead, Vec<StoryRow>)>> {
        let mut tx = self.read(access).await?;
        let Some(head) = head(&mut tx, access).await? else { return Ok(None) };
        let sql = "SELECT entry, target, risk, likelihood, is_proven, steps, body, from_seq, found, \
                   to_seq, gone, last_seq, last_at, blind FROM story WHERE tenant = $1 \
                   ORDER BY pair, from_seq";
        let rows = tx.rows(sql, args![access.row()]).await?;
        let mut all: Vec<StoryRow> = rows.iter().map(period).collect::<Result<_>>()?;
        all.sort_by(|a, b| {
            let ends = a.story.entry.cmp(&b.story.entry);
            ends.then_with(|| a.story.target.cmp(&b.story.target))
        });
        Ok(Some((head, all)))
    }

    /// How many stories were open, each time that this changed and that is still kept, the oldest first.
    pub async fn story_trend(&self, access: &Access) -> Result<Vec<StoryTally>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT from_seq, at, counts, unproven FROM story_tally WHERE tenant = $1 \
                   ORDER BY from_seq";
        let rows = tx.rows(sql, args![access.row()]).await?;
        let damaged = |_| StoreError::Corrupt("the counts of attack paths".to_owned());
        rows.iter()
            .map(|row| {
                Ok(StoryTally {
                    since: Moment { seq: row.count(0)?, at: instant(row.int(1)?)? },
                    counts: serde_json::from_str(&row.text(2)?).map_err(damaged)?,
                    unproven: row.count(3)?,
                })
            })
            .collect()
    }
}

async fn head(tx: &mut Tx, access: &Access) -> Result<Option<StoryHead>> {
    let sql = "SELECT seq, at, is_whole, revision FROM story_head WHERE tenant = $1";
    let row = tx.row(sql, args![access.row()]).await?;
    row.map(|row| {
        Ok(StoryHead {
            moment: Moment { seq: row.count(0)?, at: instant(row.int(1)?)? },
            is_whole: row.int(2)? == 1,
            revision: row.count(3)?,
        })
    })
    .transpose()
}

/// What changed, and whether anything did.
async fn store(tx: &mut Tx, place: &Place, told: &Stories) -> Result<(StoriesKept, bool)> {
    let sql = "SELECT pair, from_seq, last_seq, risk, likelihood, is_proven, steps, unread, body \
               FROM story WHERE tenant = $1 AND to_seq IS NULL";
    let rows = tx.rows(sql, args![place.tenant]).await?;
    let mut before: BTreeMap<Pair, Open> = rows.iter().map(Open::read).collect::<Result<_>>()?;
    let mut now: BTreeMap<Pair, (&Story, Open)> = BTreeMap::new();
    for story in &told.stories {
        let open = || (story, Open::of(story, place.seq, &told.unread_steps));
        now.entry(pair(story)).or_insert_with(open);
    }
    let (mut fresh, mut changed, mut counted) = (Vec::new(), Vec::new(), Vec::new());
    for (pair, (story, mut open)) in now {
        counted.push((open.risk.clone(), open.is_proven));
        match before.remove(&pair) {
            None => fresh.push((pair, story, open)),
            Some(was) => {
                open.from = was.from;
                if was != open {
                    changed.push((pair, open));
                }
            }
        }
    }
    let (gone, stay): (Vec<_>, Vec<_>) = before.into_iter().partition(|_| told.is_whole);
    counted.extend(stay.iter().map(|it| (it.1.risk.clone(), it.1.is_proven)));
    let missing: Vec<Pair> =
        stay.into_iter().filter(|it| !it.1.is_missing).map(|it| it.0).collect();
    let blind = gone.iter().map(|it| (it.0.clone(), it.1.blind(told)));
    let blind: Vec<(Pair, String)> = blind.filter(|it| !it.1.is_empty()).collect();
    let gone: Vec<Pair> = gone.into_iter().map(|it| it.0).collect();
    let kept = StoriesKept {
        opened: fresh.len() as u64,
        resolved: gone.len() as u64,
        open: counted.len() as u64,
    };
    let is_changed = !(fresh.is_empty() && changed.is_empty() && gone.is_empty());
    let is_changed = is_changed || !missing.is_empty();
    begin(tx, place, fresh).await?;
    for (pair, open) in changed {
        change(tx, place, pair, open).await?;
    }
    for (pair, steps) in blind {
        let sql = "UPDATE story SET blind = $1 WHERE tenant = $2 AND pair = $3 AND to_seq IS NULL";
        tx.run(sql, args![steps, place.tenant, Value::Bytes(Some(pair))]).await?;
    }
    end(tx, place, &gone, &missing).await?;
    let is_counted = tally(tx, place, &counted).await?;
    Ok((kept, is_changed || is_counted))
}

async fn begin(tx: &mut Tx, place: &Place, fresh: Vec<(Pair, &Story, Open)>) -> Result<()> {
    let into = "story (tenant, pair, from_seq, entry, target, found, risk, likelihood, is_proven, \
                steps, unread, body)";
    // It was gone again as of the same commit: time alone took it away and gave it back.
    let again = "ON CONFLICT (tenant, pair, from_seq) DO UPDATE SET to_seq = NULL, gone = NULL, \
                 last_seq = NULL, last_at = NULL, blind = '', risk = excluded.risk, \
                 likelihood = excluded.likelihood, is_proven = excluded.is_proven, \
                 steps = excluded.steps, unread = excluded.unread, body = excluded.body";
    // Collected: a closure over borrowed stories that lives on while rows are stored is not known to be `Send`.
    let row = |(pair, story, open): (Pair, &Story, Open)| {
        args![
            place.tenant,
            Value::Bytes(Some(pair)),
            place.seq,
            clean(&story.entry),
            clean(&story.target),
            place.at,
            open.risk,
            Value::Real(open.likelihood),
            open.is_proven,
            open.steps,
            open.unread,
            open.body,
        ]
    };
    let rows: Vec<Vec<Value>> = fresh.into_iter().map(row).collect();
    bulk::insert(tx, into, 12, again, rows).await?;
    Ok(())
}

async fn change(tx: &mut Tx, place: &Place, pair: Pair, open: Open) -> Result<()> {
    let sql = "UPDATE story SET last_seq = NULL, last_at = NULL, risk = $1, likelihood = $2, \
               is_proven = $3, steps = $4, unread = $5, body = $6 \
               WHERE tenant = $7 AND pair = $8 AND from_seq = $9";
    let values = args![
        open.risk,
        Value::Real(open.likelihood),
        open.is_proven,
        open.steps,
        open.unread,
        open.body,
        place.tenant,
        Value::Bytes(Some(pair)),
        open.from,
    ];
    tx.run(sql, values).await.map(drop)
}

fn hashes(pairs: &[Pair]) -> Vec<[u8; 32]> {
    pairs.iter().filter_map(|it| it.as_slice().try_into().ok()).collect()
}

/// Ends what is gone, and remembers when it was seen last.
async fn end(tx: &mut Tx, place: &Place, gone: &[Pair], missing: &[Pair]) -> Result<()> {
    let Some(head) = place.head else { return Ok(()) };
    let (gone, missing) = (hashes(gone), hashes(missing));
    let last = args![head.moment.seq, micros(head.moment.at)];
    let sql = "UPDATE story SET last_seq = $1, last_at = $2 WHERE tenant = $3 \
               AND to_seq IS NULL AND last_seq IS NULL AND pair IN {}";
    let mut values = last;
    values.extend(args![place.tenant]);
    bulk::run_in(tx, sql, values.clone(), &missing).await?;
    bulk::run_in(tx, sql, values, &gone).await?;
    let sql = "UPDATE story SET to_seq = $1, gone = $2 WHERE tenant = $3 AND to_seq IS NULL \
               AND pair IN {}";
    let values = args![place.seq, place.at, place.tenant];
    bulk::run_in(tx, sql, values, &gone).await.map(drop)
}

/// Stores how many are open, where that is not what it was.
async fn tally(tx: &mut Tx, place: &Place, open: &[(String, i64)]) -> Result<bool> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (risk, _) in open.iter().filter(|it| it.1 == 1) {
        *counts.entry(risk).or_default() += 1;
    }
    let unproven = open.iter().filter(|it| it.1 != 1).count() as u64;
    let counts = json!(counts).to_string();
    let sql = "SELECT counts, unproven FROM story_tally WHERE tenant = $1 AND to_seq IS NULL";
    let row = tx.row(sql, args![place.tenant]).await?;
    if let Some(row) = &row
        && row.text(0)? == counts
        && row.count(1)? == unproven
    {
        return Ok(false);
    }
    let sql = "UPDATE story_tally SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL \
               AND from_seq < $3";
    tx.run(sql, args![place.seq, place.tenant, place.seq]).await?;
    let sql = "INSERT INTO story_tally (tenant, from_seq, at, counts, unproven) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, from_seq) DO UPDATE SET \
               counts = excluded.counts, unproven = excluded.unproven";
    tx.run(sql, args![place.tenant, place.seq, place.at, counts, unproven]).await?;
    Ok(true)
}

fn period(row: &Row) -> Result<StoryRow> {
    let body = row.text(6)?;
    let damaged = |_| StoreError::Corrupt("the ends of an attack path".to_owned());
    let ids = |text: String| -> Vec<String> {
        text.split(' ').filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let moment = |seq: Option<i64>, at: Option<i64>| {
        let both = seq.zip(at);
        let read = |(seq, at): (i64, i64)| {
            Ok::<_, StoreError>(Moment { seq: seq.cast_unsigned(), at: instant(at)? })
        };
        both.map(read).transpose()
    };
    Ok(StoryRow {
        story: Story {
            entry: row.text(0)?,
            target: row.text(1)?,
            risk: row.text(2)?,
            likelihood: row.real(3)?,
            is_proven: row.int(4)? == 1,
            steps: ids(row.text(5)?),
            body: serde_json::from_str(&body).map_err(damaged)?,
        },
        found: Moment { seq: row.count(7)?, at: instant(row.int(8)?)? },
        gone: moment(row.int_or_null(9)?, row.int_or_null(10)?)?,
        last: moment(row.int_or_null(11)?, row.int_or_null(12)?)?,
        blind: ids(row.text(13)?),
    })
}
