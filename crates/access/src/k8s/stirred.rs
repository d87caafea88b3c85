//! What a changed object of Kubernetes may have altered of answers.

use super::cluster::{Cluster, One};
use super::{Estate, id_of_cluster, who};

impl Estate {
    pub(super) fn cluster_mut(&mut self, id: &str) -> Option<&mut Cluster> {
        self.clusters.get_mut(id_of_cluster(id)?)
    }

    /// What is known of an object.
    pub(super) fn one(&self, id: &str) -> One {
        let cluster = id_of_cluster(id).and_then(|it| self.clusters.get(it));
        cluster.map_or_else(One::default, |it| it.one(id))
    }

    /// Says what is other than it was.
    pub(super) fn touch(&mut self, id: &str, before: &One) {
        let after = self.one(id);
        // roles are taken together, and identities of AWS come by a map
        if before.role != after.role || before.mapped != after.mapped {
            return self.touched.everything();
        }
        if before.actor != after.actor {
            self.touched.identity(id);
        }
        let cluster = id_of_cluster(id).unwrap_or_default().to_owned();
        if before.pod != after.pod {
            for pod in [&before.pod, &after.pod].into_iter().flatten() {
                self.touched.actor(&format!("{cluster}//node//{}", pod.node));
            }
        }
        if before.binding == after.binding {
            return;
        }
        let is_mapped = self.clusters.get(&cluster).is_some_and(|it| !it.mapped.is_empty());
        let all = [&before.binding, &after.binding];
        let mut subjects = all.into_iter().flatten().flat_map(|it| &it.subjects);
        let is_wide = subjects.any(|it| {
            !it.starts_with("u:") || it.starts_with("u:system:") && !it.contains("serviceaccount")
        });
        if is_mapped || is_wide || before.has_bindings != after.has_bindings {
            return self.touched.everything();
        }
        for subject in all.into_iter().flatten().flat_map(|it| &it.subjects) {
            match who::id_of(&cluster, subject) {
                Some(actor) => self.touched.actor(&actor),
                None => self.touched.everything(),
            }
        }
    }
}
