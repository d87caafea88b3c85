//! The living inventory is, after every update, what a full derivation makes of its resources.

use std::collections::{BTreeMap, BTreeSet};

use inventory::{
    Assembler, Changes, Import, Inventory, MissingChange, Reader, SourceFile, is_lines,
};
use model::{Keys, Resource};
use proptest::prelude::{ProptestConfig, any, prop};
use proptest::strategy::Strategy;
use proptest::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Value as Json, json};

use crate::support::{library, test_data, walk};

/// Everything of an inventory, apart from numbers, as one fact a line.
fn shown(inventory: &Inventory, reader: &Reader<'_>, keys: &Keys) -> BTreeSet<String> {
    let id = |number: u32| inventory.resource(number).unwrap().id.clone();
    let types = reader.edge_types();
    let mut shown = BTreeSet::new();
    let mut missing: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for MissingChange { group, edge_type, is_outgoing, entries } in inventory.missing(reader) {
        let edge_type = &types[edge_type as usize];
        for (kinds, gap) in entries {
            let gap = &inventory.gaps()[gap.0 as usize];
            let text = format!("lacks {edge_type} {is_outgoing} {kinds:?} {gap:?}");
            missing.entry(group).or_default().push(text);
        }
    }
    for (number, it) in inventory.resources() {
        let doc = it.doc.view().to_json(keys);
        let gaps: Vec<_> =
            it.doc.gaps().iter().map(|it| &inventory.gaps()[it.0 as usize]).collect();
        let Resource { id, kind, name, scope, region, tags, also, affects, collected, .. } = it;
        let facts = (kind, name, scope, region, tags, also, affects, collected);
        assert!(shown.insert(format!("{id} is {facts:?} {doc} {gaps:?}")), "twice");
        let group = inventory.group(number).unwrap();
        shown.extend(missing.get(&group).into_iter().flatten().map(|it| format!("{id} {it}")));
    }
    for edge in inventory.edges() {
        let edge_type = &types[edge.edge_type as usize];
        shown.insert(format!("{} {edge_type} {}", id(edge.from), id(edge.to)));
    }
    shown.extend(inventory.collected().map(|it| format!("{it:?}")));
    shown
}

fn full(inventory: &Inventory, reader: &Reader<'_>) -> Inventory {
    let resources: Vec<Resource> =
        inventory.resources().filter(|(_, it)| it.collected).map(|(_, it)| it.clone()).collect();
    Inventory::load(reader, resources, inventory.collected(), inventory.gaps().to_vec())
}

fn import(reader: &Reader<'_>, files: &[(String, Json)]) -> Import {
    let mut assembler = Assembler::new(reader);
    for (name, json) in files {
        let text = json.to_string();
        assembler.absorb(reader.parse(&SourceFile::whole(name, name, text.as_bytes())));
    }
    assembler.import()
}

/// What a follower makes of changes alone: it must end up with what the inventory has.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Follower {
    nodes: BTreeSet<u32>,
    edges: BTreeSet<(u32, u32, u32)>,
    groups: BTreeMap<u32, u32>,
    missing: BTreeMap<(u32, u32, bool), String>,
}

impl Follower {
    fn follow(&mut self, changes: &Changes) {
        for it in &changes.edges_removed {
            assert!(self.edges.remove(&(it.from, it.edge_type, it.to)), "{it:?} was not there");
        }
        for it in &changes.removed {
            assert!(self.nodes.remove(&it.number), "{it:?} was not there");
            self.groups.remove(&it.number);
        }
        for it in &changes.put {
            let is_new = self.nodes.insert(it.number);
            assert_eq!(is_new, it.before.is_none(), "{it:?}");
        }
        for it in &changes.edges_added {
            assert!(self.edges.insert((it.from, it.edge_type, it.to)), "{it:?} was there");
        }
        self.groups.extend(changes.regrouped.iter().copied());
        for it in &changes.missing {
            let place = (it.group, it.edge_type, it.is_outgoing);
            if it.entries.is_empty() {
                self.missing.remove(&place);
            } else {
                self.missing.insert(place, format!("{:?}", it.entries));
            }
        }
    }

    fn of(inventory: &Inventory, reader: &Reader<'_>) -> Self {
        let mut follower = Self::default();
        follower.follow(&inventory.as_changes(reader));
        follower
    }

    /// Without what groups lack that nothing is in any more.
    fn tidy(mut self) -> Self {
        let used: BTreeSet<u32> = self.groups.values().copied().collect();
        self.missing.retain(|place, _| used.contains(&place.0));
        self
    }
}

/// Checks an inventory against the full derivation, and that who follows the changes ends there.
#[track_caller]
fn check_step(
    inventory: &Inventory,
    (reader, keys): (&Reader<'_>, &Keys),
    follower: &mut Follower,
    changes: &Changes,
) {
    let oracle = full(inventory, reader);
    let (own, want) = (shown(inventory, reader, keys), shown(&oracle, reader, keys));
    let lacking: Vec<&String> = want.difference(&own).collect();
    let surplus: Vec<&String> = own.difference(&want).collect();
    assert!(lacking.is_empty() && surplus.is_empty(), "lacking {lacking:#?}, surplus {surplus:#?}");
    follower.follow(changes);
    assert_eq!(follower.clone().tidy(), Follower::of(inventory, reader), "followed");
}

// ---- an estate that is small enough for things to meet ----

const AZ: &str = "/subscriptions/s/resourceGroups/g/providers";

/// One thing of the estate in one of its shapes: the file that it comes in.
fn thing(which: u8, shape: u8) -> (String, Json) {
    let (n, m) = (which / 12 % 3, shape % 3);
    match which % 12 {
        it @ 0..=2 => ("az.json".to_owned(), json!([azure(it, n, shape)])),
        10 if n == 2 => {
            let finding = json!({ "class_uid": 2004, "severity": "High", "status_code": "FAIL",
                "status": "New", "finding_info": { "uid": "c", "title": "public" },
                "resources": [{ "uid": format!("arn:aws:s3:::logs{}", shape % 2) }] });
            ("ocsf.json".to_owned(), json!([finding]))
        }
        it @ (3..=5 | 10) => aws(it, n, shape),
        it @ 6..=8 => kubernetes(it, n, shape),
        9 => {
            let found = (0..=m).map(|it| {
                json!({ "VulnerabilityID": format!("CVE-{it}"), "PkgName": "zlib",
                    "Severity": "HIGH", "Title": format!("bad {shape}") })
            });
            let report = json!({ "SchemaVersion": 2, "ArtifactName": format!("img:{n}"),
                "ArtifactType": "container_image", "Metadata": { "RepoTags": [format!("img:{n}")] },
                "Results": [{ "Target": "t", "Vulnerabilities": found.collect::<Vec<_>>() }] });
            (format!("t{n}.json"), report)
        }
        _ => ("gcp.json".to_owned(), json!([google(n, shape)])),
    }
}

fn azure(which: u8, n: u8, shape: u8) -> Json {
    let m = shape % 3;
    let network = format!("{AZ}/Microsoft.Network");
    let nic = |n: u8| format!("{network}/networkInterfaces/n{n}");
    match which {
        0 => {
            let nics = json!([{ "id": nic(m) }, { "id": nic(shape % 2) }]);
            let known = json!({ "vmId": m.to_string(),
                "networkProfile": { "networkInterfaces": nics } });
            json!({ "id": format!("{AZ}/Microsoft.Compute/virtualMachines/v{n}"),
                "location": if shape > 4 { "westeurope" } else { "" },
                "properties": if m == 2 { Json::Null } else { known } })
        }
        1 => {
            let subnet = format!("{network}/virtualNetworks/w/subnets/s{m}");
            json!({ "id": nic(n), "tags": { "m": m.to_string() }, "properties": {
                "ipConfigurations": [{ "properties": { "subnet": { "id": subnet } } }],
                "networkSecurityGroup": { "id": format!("{network}/networkSecurityGroups/g{m}") } } })
        }
        _ => json!({ "id": format!("{network}/networkSecurityGroups/g{n}"),
            "properties": { "x": m } }),
    }
}

fn aws(which: u8, n: u8, shape: u8) -> (String, Json) {
    let (m, vpc) = (shape % 3, format!("vpc-{}", shape % 2));
    let (name, answer) = match which {
        3 => {
            let profile = format!("arn:aws:iam::111122223333:instance-profile/p{m}");
            let instance = json!({ "InstanceId": format!("i-{n}"), "VpcId": vpc,
                "SubnetId": format!("subnet-{m}"), "IamInstanceProfile": { "Arn": profile },
                "SecurityGroups": [{ "GroupId": format!("sg-{m}") }] });
            let next = if shape > 3 { json!("more") } else { Json::Null };
            let answer =
                json!({ "Reservations": [{ "Instances": [instance] }], "NextToken": next });
            ("ec2/describe-instances", answer)
        }
        4 => {
            let group = json!({ "GroupId": format!("sg-{n}"), "GroupName": format!("n{m}"),
                "VpcId": vpc });
            ("ec2/describe-security-groups", json!({ "SecurityGroups": [group] }))
        }
        5 if n == 2 => {
            let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/t";
            let trail = json!({ "Name": "t", "TrailARN": arn, "HomeRegion": "us-east-1",
                "S3BucketName": format!("logs{m}") });
            ("cloudtrail/describe-trails", json!({ "trailList": [trail] }))
        }
        5 => {
            let subnet = json!({ "SubnetId": format!("subnet-{n}"), "VpcId": format!("vpc-{m}") });
            ("ec2/describe-subnets", json!({ "Subnets": [subnet] }))
        }
        _ => {
            let arn = format!("arn:aws:inspector2:us-east-1:111122223333:finding/f{n}");
            let finding = json!({ "findingArn": arn, "status": "ACTIVE", "title": "CVE",
                "type": "PACKAGE_VULNERABILITY", "severity": "HIGH",
                "resources": [{ "id": format!("i-{m}"), "type": "AWS_EC2_INSTANCE" }] });
            ("inspector2/list-findings", json!({ "findings": [finding] }))
        }
    };
    (format!("111122223333/us-east-1/{name}.json"), answer)
}

fn kubernetes(which: u8, n: u8, shape: u8) -> (String, Json) {
    let (m, tier) = (shape % 3, format!("t{}", shape / 3 % 2));
    let (version, kind, spec) = match which {
        6 => {
            let image = format!("docker.io/library/img:{m}");
            let spec = json!({ "serviceAccountName": format!("sa{m}"),
                "containers": [{ "name": "c", "image": image }] });
            ("v1", "Pod", spec)
        }
        7 => {
            let selector = match shape % 4 {
                0 => json!({ "app": format!("a{n}") }),
                1 => json!({ "app": format!("a{n}"), "tier": "t1" }),
                2 => json!({}),
                _ => json!({ "tier": "t0" }),
            };
            ("v1", "Service", json!({ "selector": selector }))
        }
        _ => {
            let not = json!([{ "key": "app", "operator": "NotIn", "values": ["a1"] }]);
            let selector = match m {
                0 => json!({}),
                1 => json!({ "matchExpressions": not }),
                _ => json!({ "matchLabels": { "app": format!("a{n}") } }),
            };
            ("networking.k8s.io/v1", "NetworkPolicy", json!({ "podSelector": selector }))
        }
    };
    let name = format!("{}{n}", kind.to_lowercase());
    let object = json!({ "apiVersion": version, "kind": kind, "spec": spec, "metadata": {
        "name": name, "namespace": format!("ns{}", shape / 4 % 2), "uid": format!("u{name}"),
        "labels": { "app": format!("a{m}"), "tier": tier } } });
    (format!("prod/{kind}.json"), object)
}

fn google(n: u8, shape: u8) -> Json {
    let m = shape % 3;
    let key = format!("projects/p/locations/eu/keyRings/r/cryptoKeys/k{m}");
    match n {
        0 => json!({ "name": "//cloudresourcemanager.googleapis.com/projects/p",
            "assetType": "cloudresourcemanager.googleapis.com/Project",
            "resource": { "data": { "projectId": "p", "projectNumber": "7" } } }),
        1 => json!({ "name": format!("//storage.googleapis.com/b{m}"),
            "assetType": "storage.googleapis.com/Bucket",
            "resource": { "data": { "name": format!("b{m}"), "projectNumber": "7",
                "encryption": { "defaultKmsKeyName": key } } } }),
        _ => json!({ "name": format!("//cloudkms.googleapis.com/{key}"),
            "assetType": "cloudkms.googleapis.com/CryptoKey",
            "resource": { "data": { "x": shape } } }),
    }
}

/// A step: some things as one import, perhaps declared to be all that there is.
fn step() -> impl Strategy<Value = (Vec<(u8, u8)>, Option<u8>)> {
    (prop::collection::vec((0..36_u8, 0..8_u8), 0..5), prop::option::weighted(0.35, any::<u8>()))
}

fn files(things: &[(u8, u8)], extra: Option<u8>) -> Vec<(String, Json)> {
    let mut files: Vec<(String, Json)> = things
        .iter()
        .enumerate()
        .map(|(i, (which, shape))| {
            let (name, json) = thing(*which, *shape);
            // Answers of AWS must keep their names; others may come in any number of files.
            let is_answer = name.starts_with("1111");
            (if is_answer || name.starts_with("prod") { name } else { format!("{i}{name}") }, json)
        })
        .collect();
    files.dedup_by(|a, b| a.0 == b.0 && a.0.starts_with("1111"));
    match extra.map(|it| it % 5) {
        Some(0) => files.push(("merlon-export.yaml".into(), json!({ "complete": true }))),
        Some(1) => files.push((
            "merlon-export.yaml".into(),
            json!({ "collected": [{ "scope": "/subscriptions/s", "kinds": "all" }] }),
        )),
        Some(2) => files.push((
            "merlon-export.yaml".into(),
            json!({ "collected": [{ "scope": "/subscriptions/s", "kinds": ["azure.network-interface"] }] }),
        )),
        Some(3) => files.push((
            "111122223333/us-east-1/ec2/describe-vpcs.json".into(),
            json!("An error occurred (AccessDenied) when calling the DescribeVpcs operation: no"),
        )),
        Some(_) => files.push((
            "prod/list.json".into(),
            json!({ "apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": [] }),
        )),
        None => {}
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_update_gives_what_a_full_derivation_gives(steps in prop::collection::vec(step(), 1..10)) {
        let (library, keys) = (library(), Keys::default());
        let reader = Reader::new(&library, &keys);
        let mut inventory = Inventory::empty();
        let mut follower = Follower::default();
        for (things, extra) in steps {
            let files = files(&things, extra);
            let changes = inventory.update(&reader, import(&reader, &files));
            check_step(&inventory, (&reader, &keys), &mut follower, &changes);
            let again = inventory.update(&reader, import(&reader, &files));
            prop_assert!(again.is_empty(), "a second time: {again:?}");
        }
    }

    #[test]
    fn what_is_taken_back_was_never_there(
        first in prop::collection::vec((0..36_u8, 0..8_u8), 0..12),
        (things, extra) in step(),
    ) {
        let (library, keys) = (library(), Keys::default());
        let reader = Reader::new(&library, &keys);
        let mut inventory = Inventory::empty();
        inventory.update(&reader, import(&reader, &files(&first, None)));
        let mut follower = Follower::of(&inventory, &reader);
        let (was, was_shown) = (follower.clone(), shown(&inventory, &reader, &keys));
        let changes = inventory.update(&reader, import(&reader, &files(&things, extra)));
        follower.follow(&changes);
        let back = inventory.undo(&reader, &changes);
        check_step(&inventory, (&reader, &keys), &mut follower, &back);
        prop_assert_eq!(was, follower.tidy());
        prop_assert_eq!(was_shown, shown(&inventory, &reader, &keys));
    }
}

#[test]
fn one_changed_document_derives_little() {
    let (library, keys) = (library(), Keys::default());
    let reader = Reader::new(&library, &keys);
    let vm = |n: u32, nic: u32| {
        let nic = json!([{ "id": format!("{AZ}/Microsoft.Network/networkInterfaces/n{nic}") }]);
        let properties = json!({ "vmId": n, "networkProfile": { "networkInterfaces": nic } });
        json!({ "id": format!("{AZ}/Microsoft.Compute/virtualMachines/v{n}"), "properties": properties })
    };
    let nic = |n: u32, x: u32| json!({ "id": format!("{AZ}/Microsoft.Network/networkInterfaces/n{n}"), "properties": { "x": x } });
    let take = |inventory: &mut Inventory, items: Vec<Json>| {
        let files = [("all.json".to_owned(), Json::Array(items))];
        inventory.update(&reader, import(&reader, &files)).n_derived
    };
    let mut inventory = Inventory::empty();
    let all = (0..500).flat_map(|n| [vm(n, n), nic(n, 0)]).collect();
    take(&mut inventory, all);
    assert_eq!(take(&mut inventory, vec![nic(7, 0)]), 0, "nothing changed");
    assert_eq!(take(&mut inventory, vec![nic(7, 1)]), 1, "only the document changed");
    assert_eq!(take(&mut inventory, vec![vm(7, 8)]), 1, "another reference");
    // The stub that it names has a group above it, which is known.
    assert_eq!(take(&mut inventory, vec![vm(7, 900)]), 2, "a reference to what nobody read");
    // The machine that names it asks again, and its stub becomes a resource.
    assert!(take(&mut inventory, vec![nic(900, 0)]) <= 3, "what was named appears");
}

/// The files below a folder of the recorded exports: name, bytes. Long files of lines are cut.
fn recorded(folder: &str) -> Vec<(String, Vec<u8>)> {
    let Some(root) = test_data().map(|it| it.join("exports").join(folder)) else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    let mut files = Vec::new();
    for path in paths {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        if is_lines(&bytes) {
            let lines: Vec<&[u8]> = bytes.split_inclusive(|it| *it == b'\n').collect();
            files.extend(lines.chunks(60).map(|it| (name.clone(), it.concat())));
        } else {
            files.push((name, bytes));
        }
    }
    files
}

fn import_bytes(reader: &Reader<'_>, files: &[(String, Vec<u8>)]) -> Import {
    let mut assembler = Assembler::new(reader);
    for (name, bytes) in files {
        let file = SourceFile { is_lines: is_lines(bytes), ..SourceFile::whole(name, name, bytes) };
        assembler.absorb(reader.parse(&file));
    }
    assembler.import()
}

/// Takes in a recorded export in pieces, and checks the inventory after each; what is not as when
/// everything comes at once.
#[track_caller]
fn check_recorded(folder: &str, n_pieces: usize) -> Vec<String> {
    let (library, keys, files) = (library(), Keys::default(), recorded(folder));
    let reader = Reader::new(&library, &keys);
    let mut inventory = Inventory::empty();
    let mut follower = Follower::default();
    for piece in files.chunks(files.len().div_ceil(n_pieces).max(1)) {
        let changes = inventory.update(&reader, import_bytes(&reader, piece));
        check_step(&inventory, (&reader, &keys), &mut follower, &changes);
        let again = inventory.update(&reader, import_bytes(&reader, piece));
        assert!(again.is_empty(), "a second time: {again:?}");
    }
    let mut at_once = Inventory::empty();
    at_once.update(&reader, import_bytes(&reader, &files));
    let (own, want) = (shown(&inventory, &reader, &keys), shown(&at_once, &reader, &keys));
    own.symmetric_difference(&want).cloned().collect()
}

#[test]
fn a_recorded_azure_export_in_pieces() {
    let other = check_recorded("azure-labelled", 7);
    assert_eq!(other, Vec::<String>::new());
}

#[test]
fn a_recorded_google_export_in_pieces() {
    let other = check_recorded("gcp", 4);
    assert_eq!(other, Vec::<String>::new());
}

#[test]
fn recorded_aws_exports_in_pieces() {
    // The same account stands in several of them, with other lists: what they say replaces each other.
    check_recorded("aws", 5);
}
