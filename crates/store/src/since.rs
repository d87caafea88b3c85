//! What was put and what went since a commit, for a process that knows the state after that one.

use crate::access::Access;
use crate::db::{Result, args};
use crate::error::StoreError;
use crate::resources::{COLUMNS, Shaper, StoredResource, TABLES};
use crate::retention::{Class, must_reach};
use crate::store::{At, Moment, Store};

/// The difference between the state after a commit and the state now.
#[derive(Debug, Clone)]
pub struct Since {
    /// Now.
    pub moment: Moment,
    /// Resources that were put since, as they are.
    pub resources: Vec<StoredResource>,
    /// Ids of resources that are there no more, in no order.
    pub gone: Vec<String>,
    /// Verdicts that were stored since, by the id of the resource, as they were packed; `None`: it has
    /// none any more.
    pub verdicts: Vec<(String, Option<Vec<u8>>)>,
}

impl Store {
    /// What was put and what went since the commit `after`. `None` when that cannot be told any more,
    /// because retention removed it; when the last commit is an earlier one; and when more than `most`
    /// resources or verdicts are concerned.
    pub async fn since(&self, access: &Access, after: u64, most: usize) -> Result<Option<Since>> {
        let (mut tx, moment) = self.at(access, At::Now, Class::Versions).await?;
        if after > moment.seq {
            return Ok(None);
        }
        for class in [Class::Versions, Class::Assessments] {
            match must_reach(&mut tx, access, class, after).await {
                Ok(()) => {}
                Err(StoreError::NotFound(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let before = || args![access.row(), after];
        let limited = || args![access.row(), after, most + 1];
        let gone = tx
            .rows(
                "SELECT DISTINCT r.id FROM version v JOIN resource r ON r.no = v.resource \
                 WHERE v.tenant = $1 AND v.to_seq IS NOT NULL AND v.to_seq > $2 AND NOT EXISTS \
                 (SELECT 1 FROM version n WHERE n.tenant = $1 AND n.resource = v.resource \
                 AND n.to_seq IS NULL) LIMIT $3",
                limited(),
            )
            .await?;
        let n_put = "SELECT count(*) FROM version WHERE tenant = $1 AND from_seq > $2";
        let n_put = tx.row(n_put, before()).await?.map_or(Ok(0), |it| it.count(0))?;
        let ended = "SELECT DISTINCT r.id FROM verdicts v JOIN resource r ON r.no = v.resource \
                     WHERE v.tenant = $1 AND v.to_seq IS NOT NULL AND v.to_seq > $2 LIMIT $3";
        let ended = tx.rows(ended, limited()).await?;
        // There is no index for this: it reads the verdicts of all once, a fraction of what they cost.
        let begun = "SELECT r.id, v.packed FROM verdicts v JOIN resource r ON r.no = v.resource \
                     WHERE v.tenant = $1 AND v.to_seq IS NULL AND v.from_seq > $2 LIMIT $3";
        let begun = tx.rows(begun, limited()).await?;
        let counts = [n_put as usize, gone.len(), ended.len(), begun.len()];
        if counts.iter().any(|it| *it > most) {
            return Ok(None);
        }
        let shaper = Shaper::new(self, &mut tx, access).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} \
             WHERE v.tenant = $1 AND v.from_seq > $2 AND v.to_seq IS NULL"
        );
        let resources = shaper.all(&tx.rows(&sql, before()).await?)?;
        let gone = gone.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
        let mut verdicts = Vec::with_capacity(ended.len() + begun.len());
        for row in &ended {
            verdicts.push((row.text(0)?, None));
        }
        for row in &begun {
            verdicts.push((row.text(0)?, Some(row.bytes(1)?)));
        }
        Ok(Some(Since { moment, resources, gone, verdicts }))
    }
}
