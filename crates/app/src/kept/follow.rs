//! Following what others commit: a tenant in memory that is brought up to the last commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::NodeId;
use posture::Row;
use store::At;
use view::Touched;

use super::{Kept, of_store};
use crate::tenant::Tenant;

/// Changes up to which a tenant is always followed.
const FEW: usize = 1000;
/// Share of the nodes beyond which loading anew is not much dearer.
const SHARE: usize = 4;

/// What was taken into a tenant of the commits of others.
#[derive(Debug)]
pub(super) struct TakenIn {
    /// The last of them: everything is as of that.
    pub(super) sequence: u64,
    /// The verdicts that changed, for the ledger. `None`: there are none any more.
    pub(super) verdicts: BTreeMap<NodeId, Option<Row>>,
    /// How many resources and verdicts changed.
    pub(super) n_changed: usize,
}

impl Kept {
    /// Takes what was committed after `after` into the inventory, the graph and the own checks of a tenant;
    /// its ledger is left. `None` when it must be loaded anew: too much has changed, or retention removed
    /// what would be needed.
    pub(super) async fn take_in(
        &self,
        tenant: &mut Tenant<'_>,
        after: u64,
    ) -> anyhow::Result<Option<TakenIn>> {
        let most = FEW.max(tenant.graph.n_nodes() / SHARE);
        let Some(since) = self.store.since(&self.access, after, most).await? else {
            return Ok(None);
        };
        let n_changed = since.resources.len() + since.gone.len() + since.verdicts.len();
        // What was read together is of one moment; everything else is asked for as of that.
        let sequence = since.moment.seq;
        let collected = self.store.collected(&self.access, At::Seq(sequence)).await?;
        let collected = collected.into_iter().map(|it| of_store(it.what)).collect();
        let gaps = self.store.gaps(&self.access).await?;
        let resources = since.resources.into_iter().map(|it| it.resource).collect();
        let gone: Vec<&str> = since.gone.iter().map(String::as_str).collect();
        tenant.catch_up(resources, &gone, (collected, gaps));
        self.judge_by_own(tenant, At::Seq(sequence)).await?;
        tenant.mark_by(self.choices(At::Seq(sequence)).await?);
        // Of two rows of one node the later one holds.
        let mut verdicts = BTreeMap::new();
        for (id, packed) in since.verdicts {
            let row = packed.map(|it| Row::from_bytes(&it)).transpose()?;
            verdicts.extend(tenant.graph.node_by_id(&id).map(|node| (node, row)));
        }
        Ok(Some(TakenIn { sequence, verdicts, n_changed }))
    }

    /// Brings a tenant up to the last commit. False when it must be loaded anew: too much has changed, or
    /// retention removed what would be needed. After an error or false it is not of one moment.
    ///
    /// Nothing is judged: whoever committed has stored the verdicts.
    pub(crate) async fn follow(&self, tenant: &mut Tenant<'_>) -> anyhow::Result<bool> {
        let after = tenant.sequence();
        if self.store.moment(&self.access, At::Now).await?.seq == after {
            return Ok(true);
        }
        let assessor = Arc::clone(&tenant.assessor);
        let Some(taken) = self.take_in(tenant, after).await? else { return Ok(false) };
        let (at, changed) = (At::Seq(taken.sequence), taken.verdicts);
        let nodes: Vec<NodeId> = changed.keys().copied().collect();
        let kept = tenant.ledger.rows().filter(|(node, _)| !changed.contains_key(node));
        let mut rows: Vec<(NodeId, Row)> = kept.map(|(node, row)| (node, row.clone())).collect();
        rows.extend(changed.into_iter().filter_map(|(node, row)| Some((node, row?))));
        let (before, then) = (tenant.ledger.exemptions().clone(), tenant.ledger.now());
        self.restore(tenant, rows, at).await?;
        let now = tenant.ledger.now();
        let has_flipped = then
            .and_then(|it| before.flips_after(it))
            .is_some_and(|flip| now.is_none_or(|now| flip <= now));
        let is_other = before != *tenant.ledger.exemptions()
            || has_flipped
            || !Arc::ptr_eq(&assessor, &tenant.assessor);
        if is_other {
            tenant.touch(&Touched::everything());
        } else {
            tenant.touch(&Touched::at(nodes.into_iter(), None));
        }
        tenant.compact_if_due();
        Ok(true)
    }
}
