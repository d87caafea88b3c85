//! The slow oracle: it looks at one resource after the other, and asks the world, not the view.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use lang::NodeId;
use model::{Criticality, Severity, Verdict};
use posture::risk::{Insights, OpenByRisk, Width, risk, risk_score};
use posture::{Judged, MetaKeys, VerdictCounts, total_score};

use super::world::{Dice, Node, World};
use crate::{
    AssessmentFilter, AssessmentSort, CursorValue, Facet, Known, Page, RecommendationFilter,
    RecommendationSort, ResourceFilter, ResourceSort, ResourceState, Sight, TagFilter, View,
};

/// What a caller should be told about a world.
pub(super) struct Oracle<'w> {
    world: &'w World,
    sight: &'w Sight,
}

/// A resource with its assessments.
struct Seen<'w> {
    node: NodeId,
    it: &'w Node,
    judged: Vec<Judged>,
}

const ALL: usize = 10_000;

impl<'w> Oracle<'w> {
    pub(super) fn new(world: &'w World, sight: &'w Sight) -> Self {
        Self { world, sight }
    }

    /// The ids of the scopes in which a node lies, itself included when it is one.
    fn scopes_of(&self, node: &Node) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut at = Some(node);
        while let Some(node) = at {
            let is_named = self.world.nodes.values().any(|it| it.scope == node.id);
            if node.is_scope() || is_named {
                found.insert(node.id.clone());
            }
            if !node.scope.is_empty() && !node.is_scope() {
                found.insert(node.scope.clone());
            }
            at = node.parent.and_then(|it| self.world.nodes.get(&it));
        }
        found
    }

    fn sees(&self, node: &Node) -> bool {
        match self.sight {
            Sight::Everything => true,
            Sight::Scopes(ids) => self.scopes_of(node).iter().any(|it| ids.contains(it)),
        }
    }

    /// Texts that no answer may contain.
    pub(super) fn hidden(&self) -> Vec<String> {
        let hidden = self.world.nodes.values().filter(|it| !self.sees(it));
        // the id of a scope stands in the ids of what lies in it
        hidden.filter(|it| !it.is_scope()).map(|it| it.id.clone()).collect()
    }

    fn seen(&self) -> Vec<Seen<'w>> {
        let meta = MetaKeys::new(&self.world.graph);
        let listed = self.world.nodes.iter().filter(|(_, it)| !it.is_stub && self.sees(it));
        listed
            .map(|(node, it)| {
                let mut judged = Vec::new();
                self.world.ledger.judged(&self.world.graph, meta, *node, &mut judged);
                Seen { node: *node, it, judged }
            })
            .collect()
    }

    /// Everything that a view says, held against this oracle.
    pub(super) fn check(&self, view: &View, dice: &mut Dice) {
        self.check_resources(view, &Self::any_filter(dice));
        self.check_assessments(view, dice);
        self.check_recommendations(view);
        self.check_risks(view, dice);
        self.check_sums(view);
        self.check_details(view);
    }

    fn check_id(&self, it: &Judged) -> &str {
        self.world.ledger.catalogue().id(it.assessment.check)
    }

    fn severity(&self, it: &Judged) -> Severity {
        match self.check_id(it) {
            "azure.disk.open" => Severity::Critical,
            "azure.disk.weak" => Severity::Low,
            "aws.bucket.weak" => Severity::Medium,
            _ => Severity::High,
        }
    }

    fn state(seen: &Seen<'_>) -> ResourceState {
        let has = |wanted| seen.judged.iter().any(|it| it.counts_as() == Some(wanted));
        if has(Verdict::Unhealthy) {
            ResourceState::Unhealthy
        } else if has(Verdict::Unknown) {
            ResourceState::Unknown
        } else if has(Verdict::Healthy) {
            ResourceState::Healthy
        } else {
            ResourceState::NotAssessed
        }
    }

    fn open(&self, seen: &Seen<'_>) -> Vec<(Severity, String)> {
        let open = seen.judged.iter().filter(|it| it.counts_as() == Some(Verdict::Unhealthy));
        open.map(|it| (self.severity(it), self.check_id(it).to_owned())).collect()
    }

    fn any_filter(dice: &mut Dice) -> ResourceFilter {
        let mut filter = ResourceFilter::default();
        for _ in 0..dice.roll(4) {
            match dice.roll(11) {
                0 => {
                    let texts =
                        ["web", "WEB 1", "prod", "own tes", "alpha", "b", "sub s1 g1", "-", "xyz"];
                    filter.text = Some((*dice.pick(&texts)).to_owned());
                }
                1 => {
                    filter.kinds.push((*dice.pick(&["azure.disk", "aws.bucket", "no"])).to_owned());
                }
                2 => filter.clouds.push((*dice.pick(&["azure", "aws", ""])).to_owned()),
                3 => {
                    let ids = [
                        "/groups/top",
                        "/subscriptions/s1",
                        "/subscriptions/s0/resourcegroups/g1",
                        "aws:1",
                    ];
                    filter.scopes.push((*dice.pick(&ids)).to_owned());
                }
                4 => filter.regions.push((*dice.pick(&["north", ""])).to_owned()),
                5 => filter.tags.push(TagFilter {
                    key: (*dice.pick(&["env", "Owner", "no"])).to_owned(),
                    value: (dice.roll(2) == 0).then(|| "prod".to_owned()),
                }),
                6 => filter.states.push(*dice.pick(&ResourceState::ALL)),
                7 => filter.severities.push(*dice.pick(&[Severity::Critical, Severity::Low])),
                8 => filter
                    .checks
                    .push((*dice.pick(&["azure.disk.open", "aws.bucket.open"])).to_owned()),
                9 => filter.criticalities.push(*dice.pick(&Criticality::ALL)),
                _ => filter.is_exempt = Some(dice.roll(2) == 0),
            }
        }
        filter
    }

    /// The names of the filters that a resource fails.
    fn fails(&self, seen: &Seen<'_>, filter: &ResourceFilter) -> BTreeSet<&'static str> {
        let it = seen.it;
        let mut fails = BTreeSet::new();
        let mut fail = |name, holds: bool| {
            if !holds {
                fails.insert(name);
            }
        };
        let any =
            |list: &[String], value: &str| list.is_empty() || list.iter().any(|it| it == value);
        fail("text", filter.text.as_deref().is_none_or(|text| has_words(it, text)));
        fail("kind", any(&filter.kinds, &it.kind));
        fail("cloud", any(&filter.clouds, cloud(it)));
        let scopes = self.scopes_of(it);
        fail(
            "scope",
            filter.scopes.is_empty() || filter.scopes.iter().any(|it| scopes.contains(it)),
        );
        fail("region", any(&filter.regions, it.region.as_deref().unwrap_or_default()));
        let has = |tag: &TagFilter| {
            let own = it.tags.get(&tag.key);
            own.is_some_and(|own| tag.value.as_ref().is_none_or(|value| value == own))
        };
        fail("tag", filter.tags.iter().all(has));
        fail("state", filter.states.is_empty() || filter.states.contains(&Self::state(seen)));
        let open = self.open(seen);
        let is_open = |severity| open.iter().any(|it| it.0 == severity);
        fail(
            "severity",
            filter.severities.is_empty() || filter.severities.iter().any(|it| is_open(*it)),
        );
        fail(
            "check",
            filter.checks.is_empty() || open.iter().any(|it| filter.checks.contains(&it.1)),
        );
        let levels = &filter.criticalities;
        let is_level = |level| levels.contains(&level);
        fail("criticality", levels.is_empty() || criticality(it).is_some_and(is_level));
        let is_exempt = seen.judged.iter().any(Judged::is_exempt);
        fail("exempt", filter.is_exempt.is_none_or(|it| it == is_exempt));
        fails
    }

    /// The values that a resource has in a facet.
    fn values(&self, seen: &Seen<'_>, facet: &str) -> BTreeSet<String> {
        let it = seen.it;
        match facet {
            "kind" => BTreeSet::from([it.kind.clone()]),
            "cloud" => BTreeSet::from([cloud(it).to_owned()]),
            "scope" => {
                let all = self.scopes_of(it);
                let is_seen = |id: &String| match self.sight {
                    Sight::Everything => true,
                    Sight::Scopes(ids) => match self.world.nodes.values().find(|it| it.id == *id) {
                        Some(node) => self.sees(node),
                        None => ids.contains(id),
                    },
                };
                all.into_iter().filter(is_seen).collect()
            }
            "region" => BTreeSet::from([it.region.clone().unwrap_or_default()]),
            "tag" => it.tags.keys().cloned().collect(),
            "criticality" => criticality(it).iter().map(|it| it.name().to_owned()).collect(),
            "state" => BTreeSet::from([Self::state(seen).name().to_owned()]),
            _ => self.open(seen).iter().map(|it| it.0.name().to_owned()).collect(),
        }
    }

    fn check_resources(&self, view: &View, filter: &ResourceFilter) {
        let list = view.resources(self.sight, filter, ResourceSort::Id, &Page::first(ALL));
        let seen = self.seen();
        let failed: Vec<_> = seen.iter().map(|it| self.fails(it, filter)).collect();
        let wanted = seen.iter().zip(&failed).filter(|(_, fails)| fails.is_empty());
        let mut ids: Vec<&str> = wanted.map(|(it, _)| it.it.id.as_str()).collect();
        ids.sort_unstable();
        let found: Vec<&str> = list.items.iter().map(|it| it.id).collect();
        assert_eq!(found, ids, "{filter:?} {:?}", self.sight);
        assert_eq!(list.total, ids.len() as u64);
        assert_eq!(view.count_resources(self.sight, filter), list.total);
        for facet in &list.facets {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for (it, fails) in seen.iter().zip(&failed) {
                if fails.iter().all(|it| *it == facet.name) {
                    for value in self.values(it, facet.name) {
                        *counts.entry(value).or_default() += 1;
                    }
                }
            }
            assert_eq!(counted(facet), counts, "{} {filter:?} {:?}", facet.name, self.sight);
        }
    }

    fn check_assessments(&self, view: &View, dice: &mut Dice) {
        let mut filter = AssessmentFilter::default();
        if dice.roll(2) == 0 {
            filter.verdicts.push(*dice.pick(&[Verdict::Unhealthy, Verdict::Unknown]));
        }
        if dice.roll(3) == 0 {
            filter.checks.push("azure.disk.open".to_owned());
        }
        if dice.roll(3) == 0 {
            filter.severities.push(Severity::High);
        }
        if dice.roll(3) == 0 {
            filter.clouds.push("aws".to_owned());
        }
        if dice.roll(4) == 0 {
            filter.is_exempt = Some(true);
        }
        let page = Page::first(ALL);
        let list = view.assessments(self.sight, &filter, AssessmentSort::Resource, &page);
        let mut wanted = BTreeSet::new();
        let mut facets: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
        for seen in self.seen() {
            for it in &seen.judged {
                let mut fails = BTreeSet::new();
                let mut fail = |name, holds: bool| {
                    if !holds {
                        fails.insert(name);
                    }
                };
                let (id, verdict) = (self.check_id(it).to_owned(), it.assessment.verdict);
                fail("check", filter.checks.is_empty() || filter.checks.contains(&id));
                fail("verdict", filter.verdicts.is_empty() || filter.verdicts.contains(&verdict));
                let severity = self.severity(it);
                fail(
                    "severity",
                    filter.severities.is_empty() || filter.severities.contains(&severity),
                );
                fail("cloud", filter.clouds.is_empty() || cloud(seen.it) == "aws");
                fail("exempt", filter.is_exempt.is_none_or(|is| is == it.is_exempt()));
                let mut count = |name: &'static str, value: String| {
                    if fails.iter().all(|it| *it == name) {
                        *facets.entry(name).or_default().entry(value).or_default() += 1;
                    }
                };
                count("check", id.clone());
                count("verdict", verdict.name().to_owned());
                count("severity", severity.name().to_owned());
                count("cloud", cloud(seen.it).to_owned());
                count("kind", seen.it.kind.clone());
                for scope in self.values(&seen, "scope") {
                    count("scope", scope);
                }
                if fails.is_empty() {
                    wanted.insert((seen.it.id.clone(), id, verdict, it.assessment.since));
                }
            }
        }
        let found: BTreeSet<_> = list
            .items
            .iter()
            .map(|it| (it.resource.id.to_owned(), it.check.id.clone(), it.verdict, it.since))
            .collect();
        assert_eq!((list.total, found), (wanted.len() as u64, wanted), "{filter:?}");
        for facet in &list.facets {
            let wanted = facets.remove(facet.name).unwrap_or_default();
            assert_eq!(counted(facet), wanted, "{} {filter:?}", facet.name);
        }
        self.check_pages(view, &filter, dice);
    }

    /// In pages a list is the same.
    fn check_pages(&self, view: &View, filter: &AssessmentFilter, dice: &mut Dice) {
        let sort = *dice.pick(&[
            AssessmentSort::Risk,
            AssessmentSort::Severity,
            AssessmentSort::Resource,
            AssessmentSort::Since,
        ]);
        let whole = view.assessments(self.sight, filter, sort, &Page::first(ALL));
        let mut page = Page::first(1 + dice.roll(4));
        let mut pieces = Vec::new();
        loop {
            let list = view.assessments(self.sight, filter, sort, &page);
            pieces.extend(list.items.iter().map(|it| (it.resource.id, &it.check.id)));
            let Some(next) = list.next else { break };
            page.after = Some(next);
        }
        let whole: Vec<_> = whole.items.iter().map(|it| (it.resource.id, &it.check.id)).collect();
        assert_eq!(pieces, whole, "{sort:?}");
    }

    fn check_recommendations(&self, view: &View) {
        let mut counts: BTreeMap<String, (VerdictCounts, VerdictCounts, u64)> = BTreeMap::new();
        let add = |counts: &mut VerdictCounts, verdict| match verdict {
            Verdict::Healthy => counts.healthy += 1,
            Verdict::Unhealthy => counts.unhealthy += 1,
            Verdict::Unknown => counts.unknown += 1,
            Verdict::NotApplicable => counts.not_applicable += 1,
        };
        for seen in self.seen() {
            for it in &seen.judged {
                let own = counts.entry(self.check_id(it).to_owned()).or_default();
                add(&mut own.0, it.assessment.verdict);
                if let Some(verdict) = it.counts_as() {
                    add(&mut own.1, verdict);
                }
                own.2 += u64::from(it.is_exempt());
            }
        }
        let filter = RecommendationFilter::default();
        let sort = RecommendationSort::default();
        let list = view.recommendations(self.sight, &filter, sort, &Page::first(ALL));
        assert_eq!(list.total, 5);
        for it in &list.items {
            let wanted = counts.get(&it.check.id).copied().unwrap_or_default();
            assert_eq!((it.raw, it.effective, it.exempt), wanted, "{}", it.check.id);
        }
        let effective = counts.iter().map(|(id, it)| (id.clone(), it.1)).collect();
        let standards = view.library().standards();
        let wanted: Vec<_> =
            standards.map(|it| posture::standing(view.library(), it, &effective)).collect();
        assert_eq!(view.standards(self.sight), wanted);
    }

    /// Risk is what the published function makes of what is known, wherever it is counted.
    fn check_risks(&self, view: &View, dice: &mut Dice) {
        let widths = [None, Some(Width::None), Some(Width::Narrow), Some(Width::Wide)];
        let known: BTreeMap<NodeId, Insights> = self
            .world
            .nodes
            .keys()
            .map(|node| {
                let on_paths = (dice.roll(3) == 0).then_some(1);
                let exposed = *dice.pick(&widths);
                (*node, Insights { exposed, on_paths, ..Insights::default() })
            })
            .collect();
        view.know(Known::new(view.sequence(), known.clone().into_iter()));
        let mut by_check: BTreeMap<String, OpenByRisk> = BTreeMap::new();
        let mut assets = Vec::new();
        for seen in self.seen() {
            let known = Insights { critical: criticality(seen.it), ..known[&seen.node] };
            let mut own = OpenByRisk::default();
            for (severity, check) in self.open(&seen) {
                let level = risk(severity, &known).level;
                by_check.entry(check.clone()).or_default().add(level);
                // one is in preview: it is shown and does not count
                if check != "aws.bucket.weak" {
                    own.add(level);
                }
                let found = view.assessment(self.sight, &seen.it.id, &check).unwrap();
                assert_eq!(found.risk, Some(risk(severity, &known)), "{check} {}", seen.it.id);
            }
            let judged = [Some(Verdict::Healthy), Some(Verdict::Unhealthy)];
            if seen.judged.iter().any(|it| judged.contains(&it.counts_as())) {
                assets.push((known.critical, own));
            }
        }
        let filter = RecommendationFilter::default();
        let list =
            view.recommendations(self.sight, &filter, RecommendationSort::Risk, &Page::first(ALL));
        for it in &list.items {
            let wanted = by_check.get(&it.check.id).copied().unwrap_or_default();
            assert_eq!(it.by_risk, wanted, "{}", it.check.id);
        }
        let highest = |it: &crate::RecommendationItem<'_>| it.by_risk.highest();
        assert!(list.items.is_sorted_by(|a, b| highest(a) >= highest(b)));
        let mut pieces = Vec::new();
        let mut page = Page::first(1 + dice.roll(3));
        loop {
            let list = view.recommendations(self.sight, &filter, RecommendationSort::Risk, &page);
            pieces.extend(list.items.iter().map(|it| it.check.id.clone()));
            let Some(next) = list.next else { break };
            page.after = Some(next);
        }
        assert!(pieces.iter().eq(list.items.iter().map(|it| &it.check.id)));
        let score = view.risk_score(self.sight);
        assert_eq!(score.known_as_of, Some(view.sequence()));
        let near = |it: Option<f64>| it.map(|it| format!("{it:.9}"));
        assert_eq!(near(score.percent), near(risk_score(assets.into_iter())));
    }

    fn check_sums(&self, view: &View) {
        let seen = self.seen();
        let nodes = seen.iter().map(|it| it.node);
        let scores = self.world.ledger.scores_of(&self.world.graph, nodes);
        let found = view.score(self.sight);
        assert_eq!(found.scopes, scores, "{:?}", self.sight);
        let percent = |it: Option<posture::Score>| it.map(|it| format!("{:.9}", it.percent));
        assert_eq!(percent(found.score), percent(total_score(&scores)));
        let scopes = view.scopes(self.sight);
        for it in &scopes {
            let inside = seen.iter().filter(|seen| self.scopes_of(seen.it).contains(it.id));
            let states: Vec<_> = inside.map(|it| Self::state(it)).collect();
            let n = |state| states.iter().filter(|it| **it == state).count() as u64;
            let wanted =
                (states.len() as u64, n(ResourceState::Unhealthy), n(ResourceState::Unknown));
            assert_eq!((it.resources, it.unhealthy, it.unknown), wanted, "{}", it.id);
        }
        let ids: BTreeSet<&str> = scopes.iter().map(|it| it.id).collect();
        let wanted = self.world.nodes.values().filter(|it| it.is_scope() && self.sees(it));
        assert!(wanted.into_iter().all(|it| ids.contains(it.id.as_str())));
    }

    fn check_details(&self, view: &View) {
        for (node, it) in &self.world.nodes {
            let found = view.resource(self.sight, &it.id);
            assert_eq!(found.is_some(), self.sees(it), "{} {:?}", it.id, self.sight);
            let Some(found) = found else { continue };
            let near = self.world.uses.iter().flat_map(|(from, to)| {
                let out = (from == node).then_some(*to);
                out.into_iter().chain((to == node).then_some(*from))
            });
            let inside = self.world.nodes.iter().filter(|(_, it)| it.parent == Some(*node));
            let near = near.chain(inside.map(|(node, _)| *node)).chain(it.parent);
            let (seen, hidden): (Vec<_>, Vec<_>) =
                near.partition(|it| self.sees(&self.world.nodes[it]));
            assert_eq!(found.hidden_neighbours, hidden.len() as u64, "{}", it.id);
            let mut ids: Vec<&str> =
                seen.iter().map(|it| self.world.nodes[it].id.as_str()).collect();
            ids.sort_unstable();
            let mut named: Vec<&str> = found.neighbours.iter().map(|it| it.id).collect();
            named.sort_unstable();
            assert_eq!(named, ids);
        }
    }

    /// The ids of one page.
    pub(super) fn page(&self, view: &View, sort: ResourceSort, page: &Page) -> Vec<String> {
        let list = view.resources(
            self.sight,
            &ResourceFilter::default(),
            ResourceSort::Id,
            &Page::first(ALL),
        );
        let number = |it: &crate::ResourceItem<'_>| match sort {
            ResourceSort::Severity => [it.open.critical, it.open.high, it.open.medium, it.open.low]
                .iter()
                .fold(0, |sum, n| sum << 16 | n),
            // the most critical have the least number, and what is more comes first
            ResourceSort::Criticality => 4 - it.criticality.map_or(0, |it| u64::from(it.rank())),
            _ => it.open.critical + it.open.high + it.open.medium + it.open.low,
        };
        let text = |it: &crate::ResourceItem<'_>| match sort {
            ResourceSort::Name => it.name.to_owned(),
            ResourceSort::Kind => it.kind.to_owned(),
            _ => String::new(),
        };
        let is_text = matches!(sort, ResourceSort::Name | ResourceSort::Kind | ResourceSort::Id);
        let key = |value: CursorValue, id: &str| {
            let (n, text) = match value {
                CursorValue::Number(n) => (n, String::new()),
                CursorValue::Text(text) => (0, text),
            };
            let lower =
                if sort == ResourceSort::Name { text.to_lowercase() } else { String::new() };
            let n = if sort == ResourceSort::Criticality { u64::MAX - n } else { n };
            (Reverse(n), lower, text, id.to_owned())
        };
        let value = |it: &crate::ResourceItem<'_>| {
            if is_text { CursorValue::Text(text(it)) } else { CursorValue::Number(number(it)) }
        };
        let mut keys: Vec<_> = list.items.iter().map(|it| key(value(it), it.id)).collect();
        keys.sort();
        if page.is_reversed {
            keys.reverse();
        }
        if let Some(after) = &page.after {
            let point = key(after.value.clone(), &after.id);
            keys.retain(|it| if page.is_reversed { *it < point } else { *it > point });
        }
        keys.into_iter().take(page.limit).map(|it| it.3).collect()
    }
}

/// How critical the classifications of the world call a resource.
fn criticality(node: &Node) -> Option<Criticality> {
    let is = |key: &str, value: serde_json::Value| node.json.get(key) == Some(&value);
    match node.kind.as_str() {
        "azure.disk" if is("sort", "x".into()) => Some(Criticality::High),
        "aws.bucket" if is("open", true.into()) => Some(Criticality::Low),
        _ => None,
    }
}

fn cloud(node: &Node) -> &str {
    match node.kind.split_once('.') {
        Some((cloud, _)) => cloud,
        None if node.scope.starts_with("/subscriptions/") => "azure",
        None => "",
    }
}

fn has_words(node: &Node, text: &str) -> bool {
    let tags = node.tags.iter().flat_map(|(key, value)| [key.as_str(), value]);
    let own =
        [node.name.as_str(), &node.id, &node.kind, node.region.as_deref().unwrap_or_default()];
    let all = own.into_iter().chain(tags).collect::<Vec<_>>().join(" ").to_lowercase();
    let split = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty());
        words.map(str::to_owned).collect()
    };
    let own = split(&all);
    split(&text.to_lowercase()).iter().all(|word| own.iter().any(|it| it.starts_with(word)))
}

fn counted(facet: &Facet) -> BTreeMap<String, u64> {
    facet.values.iter().map(|it| (it.value.clone(), it.count)).collect()
}

/// All that a view says to a caller, in words.
pub(super) fn said(view: &View, sight: &Sight) -> Vec<String> {
    let page = Page::first(ALL);
    let resources = view.resources(sight, &ResourceFilter::default(), ResourceSort::Name, &page);
    let assessments =
        view.assessments(sight, &AssessmentFilter::default(), AssessmentSort::Since, &page);
    let judged = assessments.items.iter().map(|it| {
        let why = (&it.why, it.since, it.first_seen, it.exemption);
        format!("{} {} {:?} {why:?}", it.check.id, it.resource.id, it.verdict)
    });
    let filter = RecommendationFilter::default();
    let found = view.recommendations(sight, &filter, RecommendationSort::Urgency, &page);
    let found = found.items.iter().map(|it| {
        format!("{} {:?} {:?} {} {:?}", it.check.id, it.raw, it.effective, it.exempt, it.since)
    });
    let mut said: Vec<String> = judged.chain(found).collect();
    for it in &resources.items {
        // numbers of nodes are not part of what is said
        said.push(format!("{} {} {:?} {:?} {}", it.id, it.home, it.state, it.open, it.exempt));
        let detail = view.resource(sight, it.id);
        said.extend(
            detail
                .map(|it| format!("{:?} {} {:?}", it.neighbours, it.hidden_neighbours, it.scopes)),
        );
        if it.state == ResourceState::Unhealthy {
            said.push(format!("{:?}", view.evidence(sight, it.id, "aws.bucket.weak")));
        }
    }
    said.push(format!("{:?} {:?}", resources.facets, assessments.facets));
    said.push(format!("{:?} {:?}", view.scopes(sight), view.score(sight)));
    said
}
