//! The committed field tables: every type is well formed, and what content leans on is there.

use std::path::Path;
use std::sync::LazyLock;

use content::fields::{FieldTables, Lookup};
use serde_json::json;

static TABLES: LazyLock<FieldTables> = LazyLock::new(load);

#[expect(clippy::unwrap_used, reason = "a test that cannot load its subject has failed")]
fn load() -> FieldTables {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/facts");
    let mut tables = FieldTables::default();
    for cloud in ["azure", "aws", "gcp", "k8s"] {
        let packed = std::fs::read(folder.join(format!("fields-{cloud}.json.zst"))).unwrap();
        tables.add(&zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    }
    tables
}

#[test]
fn every_type_is_well_formed() {
    TABLES.verify().unwrap();
}

#[test]
fn well_known_paths_exist() {
    for (native, path) in [
        ("Microsoft.Storage/storageAccounts", "properties.networkAcls.ipRules[*].value"),
        ("Microsoft.Insights/diagnosticSettings", "properties.logs[*].categoryGroup"),
        (
            "Microsoft.Network/virtualNetworks",
            "properties.subnets[*].properties.networkSecurityGroup.id",
        ),
        ("microsoft.graph.user", "userPrincipalName"),
        ("s3api/get-bucket-policy", "Policy"),
        ("ec2/describe-instances", "Reservations[*].Instances[*].MetadataOptions.HttpTokens"),
        ("cloudfront/list-distributions", "DistributionList.Items[*].WebACLId"),
        ("compute.googleapis.com/Instance", "networkInterfaces[*].accessConfigs[*].natIP"),
        ("storage.googleapis.com/Bucket", "iamPolicy.bindings[*].members[*]"),
        ("Pod", "spec.containers[*].securityContext.privileged"),
        ("rbac.authorization.k8s.io/ClusterRole", "rules[*].verbs[*]"),
    ] {
        let path = model::Path::parse(path).unwrap();
        let found = TABLES.lookup(native, &path);
        assert!(matches!(found, Lookup::Known(_)), "{native} {}: {found:?}", path.text());
    }
}

#[test]
fn a_document_is_folded_to_the_documented_spelling() {
    let mut document =
        json!({ "Properties": { "minimumTLSVersion": "tls1_2", "AccessTier": "hot" } });
    let folds = TABLES.fold("microsoft.storage/storageaccounts", &mut document);
    assert_eq!(
        document,
        json!({ "properties": { "minimumTlsVersion": "TLS1_2", "accessTier": "Hot" } })
    );
    assert_eq!(folds, 5);
}
