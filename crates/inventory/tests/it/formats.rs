//! Each format that is read, in the small: files in, resources, edges and problems out.

use content::case::KindCase;

use crate::support::library;

#[track_caller]
fn check(case: &str) {
    let case: KindCase = serde_saphyr::from_str(case).unwrap();
    let wrong = inventory::check_kind_case(&library(), &case);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn powershell_is_folded_to_arm() {
    check(
        r"
name: Get-AzResource
files:
  a.json:
    - ResourceId: /subscriptions/S/resourceGroups/G/providers/Microsoft.Storage/storageAccounts/Acct
      Id: /subscriptions/S/resourceGroups/G/providers/Microsoft.Storage/storageAccounts/Acct
      Name: Acct
      ResourceType: Microsoft.Storage/storageAccounts
      Location: West Europe
      Kind: StorageV2
      Tags: { env: prod }
      Sku: { Name: Standard_LRS, Tier: Standard, Size: null }
      Identity: { PrincipalId: p-1, Type: SystemAssigned, UserAssignedIdentities: { /subscriptions/S/x: { ClientId: c } } }
      Properties: { minimumTlsVersion: TLS1_2 }
want:
  resources:
    - id: /subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/acct
      kind: azure.storage-account
      name: Acct
      region: westeurope
      tags: { env: prod }
      document: { sku: { name: Standard_LRS, tier: Standard }, kind: StorageV2, identity: { principalId: p-1, userAssignedIdentities: { /subscriptions/S/x: { clientId: c } } }, properties: { minimumTlsVersion: TLS1_2 } }
",
    );
}

#[test]
fn resource_graph_gives_objects_or_a_table() {
    check(
        r"
name: both result formats
files:
  objects.json:
    totalRecords: 1
    count: 1
    data: [ { id: /subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/a, type: microsoft.network/publicipaddresses, properties: { ipAddress: 1.2.3.4 } } ]
  table.json:
    totalRecords: 1
    data:
      columns: [ { name: id, type: string }, { name: type, type: string }, { name: properties, type: object } ]
      rows: [ [ /subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/b, microsoft.network/publicipaddresses, { ipAddress: 1.2.3.5 } ] ]
want:
  resources:
    - { id: /subscriptions/s/resourcegroups/g/providers/microsoft.network/publicipaddresses/a, kind: azure.public-ip-address, document: { properties: { ipAddress: 1.2.3.4 } } }
    - { id: /subscriptions/s/resourcegroups/g/providers/microsoft.network/publicipaddresses/b, kind: azure.public-ip-address, document: { properties: { ipAddress: 1.2.3.5 } } }
",
    );
}

#[test]
fn nested_resources_say_that_all_parts_were_collected() {
    check(
        r"
name: one with children, one without the list
files:
  a.json:
    - id: /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a
      properties: {}
      resources:
        - { name: a/default, type: Microsoft.Storage/storageAccounts/blobServices, properties: { x: 1 } }
        - { name: logs, type: Microsoft.Insights/diagnosticSettings, properties: { y: 2 } }
    - { id: /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/b, properties: {} }
want:
  resources:
    - id: /subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/a
      kind: azure.storage-account
      document: { blobServices: { properties: { x: 1 } }, fileServices: null, diagnosticSettings: [ { properties: { y: 2 } } ] }
    - id: /subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/b
      kind: azure.storage-account
      document: { blobServices: <not collected>, diagnosticSettings: <not collected> }
",
    );
}

#[test]
fn a_complete_export_has_no_unread_parts() {
    check(
        r"
name: declared complete
files:
  dump/merlon-export.yaml: { complete: true }
  dump/a.json: [ { id: /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a, properties: {} } ]
  other/b.json: [ { id: /subscriptions/t/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/b, properties: {} } ]
want:
  resources:
    - { id: /subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/a, kind: azure.storage-account, document: { blobServices: null, diagnosticSettings: [] } }
    - { id: /subscriptions/t/resourcegroups/g/providers/microsoft.storage/storageaccounts/b, kind: azure.storage-account, document: { blobServices: <not collected> } }
",
    );
}

#[test]
fn a_plain_list_leaves_properties_unread() {
    check(
        r"
name: az resource list
files:
  a.json: [ { id: /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a, name: a, location: westeurope } ]
want:
  resources:
    - { id: /subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/a, kind: azure.storage-account, document: { properties: <not collected> } }
",
    );
}

#[test]
fn types_without_a_kind_are_generic_nodes() {
    check(
        r"
name: unknown type
files:
  a.json: [ { id: /subscriptions/s/resourceGroups/g/providers/Microsoft.Unknown/things/a/parts/b, properties: {} } ]
want:
  resources:
    - { id: /subscriptions/s/resourcegroups/g/providers/microsoft.unknown/things/a/parts/b, kind: microsoft.unknown/things/parts, scope: /subscriptions/s }
    - { id: /subscriptions/s/resourcegroups/g/providers/microsoft.unknown/things/a, kind: microsoft.unknown/things }
    - { id: /subscriptions/s/resourcegroups/g, kind: azure.resource-group }
    - { id: /subscriptions/s, kind: azure.subscription }
",
    );
}

#[test]
fn details_of_s3_with_refusals_and_typed_absence() {
    check(
        r#"
name: three answers about one bucket, one about another
files:
  x/111122223333/s3/list-buckets.json: { Buckets: [ { Name: logs.2 } ], Owner: {} }
  x/111122223333/s3/get-bucket-policy/logs.2.json: "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: none"
  x/111122223333/s3/get-bucket-acl/logs.2.json: "An error occurred (AccessDenied) when calling the GetBucketAcl operation: no"
  x/111122223333/s3/get-bucket-location/logs.2.json: { LocationConstraint: eu-west-1 }
  x/111122223333/s3/get-bucket-versioning/other.json: { Status: Enabled }
want:
  resources:
    - id: "arn:aws:s3:::logs.2"
      kind: aws.s3-bucket
      region: eu-west-1
      scope: aws:111122223333
      document: { GetBucketPolicy: null, GetBucketAcl: <not collected>, GetBucketCors: <not collected> }
    - { id: "arn:aws:s3:::other", kind: aws.s3-bucket, document: { Name: other, GetBucketVersioning: { Status: Enabled } } }
"#,
    );
}

#[test]
fn aws_config_items_have_the_form_of_the_kind() {
    check(
        r#"
name: a snapshot
files:
  c.json:
    fileVersion: "1.0"
    configSnapshotId: x
    configurationItems:
      - configurationItemCaptureTime: 2026-01-02T00:00:00Z
        configurationItemStatus: OK
        resourceType: AWS::S3::Bucket
        resourceId: b
        ARN: "arn:aws:s3:::b"
        awsAccountId: "111122223333"
        awsRegion: eu-west-1
        tags: { env: prod }
        configuration: '{"name": "b", "creationDate": "2024-01-01T00:00:00Z"}'
        supplementaryConfiguration: { BucketPolicy: '{"policyText": "{\"Statement\": []}"}', BucketVersioningConfiguration: '{"status": "Enabled"}' }
      - { configurationItemStatus: ResourceDeleted, resourceType: AWS::S3::Bucket, resourceId: gone, awsAccountId: "111122223333" }
want:
  resources:
    - id: "arn:aws:s3:::b"
      kind: aws.s3-bucket
      name: b
      tags: { env: prod }
      document: { Name: b, GetBucketPolicy: { Policy: { Statement: [] } }, GetBucketVersioning: { Status: Enabled } }
  problems: [ResourceDeleted]
"#,
    );
}

#[test]
fn assets_with_policies_and_gcloud_rows() {
    check(
        r"
name: asset, its policy from another export, and a gcloud row
files:
  a.json:
    - { name: //storage.googleapis.com/b, asset_type: storage.googleapis.com/Bucket, resource: { data: { name: b, location: EU } }, ancestors: [projects/7] }
    - { name: //cloudresourcemanager.googleapis.com/projects/p, assetType: cloudresourcemanager.googleapis.com/Project, resource: { data: { projectId: p, projectNumber: '7' } } }
  iam.json: { assets: [ { name: //storage.googleapis.com/b, assetType: storage.googleapis.com/Bucket, iamPolicy: { bindings: [ { role: r } ] } } ] }
  vms.json: [ { kind: compute#instance, name: vm, selfLink: https://www.googleapis.com/compute/v1/projects/p/zones/europe-west1-b/instances/vm, networkInterfaces: [ { network: https://www.googleapis.com/compute/v1/projects/p/global/networks/n } ] } ]
want:
  resources:
    - { id: //storage.googleapis.com/b, kind: gcp.storage-bucket, scope: //cloudresourcemanager.googleapis.com/projects/p, region: eu, document: { iamPolicy: { bindings: [ { role: r } ] } } }
    - { id: //compute.googleapis.com/projects/p/zones/europe-west1-b/instances/vm, kind: gcp.compute-instance, region: europe-west1, document: { iamPolicy: <not collected> } }
  edges:
    - [ //compute.googleapis.com/projects/p/zones/europe-west1-b/instances/vm, IN_NETWORK, //compute.googleapis.com/projects/p/global/networks/n ]
",
    );
}

#[test]
fn clusters_are_told_apart_and_references_stay_in_them() {
    check(
        r"
name: two clusters, one with its uid
files:
  a/all.yaml: |
    apiVersion: v1
    kind: List
    items:
    - { apiVersion: v1, kind: Namespace, metadata: { name: kube-system, uid: uid-a } }
    - { apiVersion: v1, kind: Pod, metadata: { name: web, namespace: shop, labels: { app: web } } }
    - { apiVersion: v1, kind: Service, metadata: { name: web, namespace: shop }, spec: { selector: { app: web } } }
  a/shop/sa.json: { kind: ServiceAccountList, apiVersion: v1, metadata: {}, items: [ { metadata: { name: ci, namespace: shop } } ] }
  a/shop/rb.json: { kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, metadata: { name: rb, namespace: dev }, roleRef: { kind: ClusterRole, name: admin }, subjects: [ { kind: ServiceAccount, name: ci, namespace: shop }, { kind: User, name: ci } ] }
  b/pod.json: { apiVersion: v1, kind: Pod, metadata: { name: web, namespace: shop, labels: { app: web } } }
want:
  resources:
    - { id: k8s:uid-a//service/shop/web, kind: k8s.service, scope: k8s:uid-a }
    - { id: k8s:uid-a/rbac.authorization.k8s.io/rolebinding/dev/rb, kind: k8s.role-binding }
    - { id: k8s:b//pod/shop/web, kind: k8s.pod, scope: k8s:b }
  edges:
    - [ k8s:uid-a//service/shop/web, ROUTES_TO, k8s:uid-a//pod/shop/web ]
    - [ k8s:uid-a/rbac.authorization.k8s.io/rolebinding/dev/rb, ASSIGNED_TO, k8s:uid-a//serviceaccount/shop/ci ]
    - [ k8s:uid-a/rbac.authorization.k8s.io/rolebinding/dev/rb, GRANTS, k8s:uid-a/rbac.authorization.k8s.io/clusterrole//admin ]
",
    );
}

#[test]
fn entra_objects_with_and_without_a_type() {
    check(
        r"
name: from Graph and from the Azure CLI
files:
  graph.json: { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#groups(id,displayName)', value: [ { id: G-1, displayName: Admins, securityEnabled: true } ] }
  cli.json: [ { id: u-1, displayName: Eve, userPrincipalName: eve@example.com, businessPhones: [] } ]
want:
  resources:
    - { id: g-1, kind: azure.entra-group, name: Admins, scope: / }
    - { id: u-1, kind: azure.entra-user, name: Eve }
",
    );
}

#[test]
fn policies_with_quotes_that_are_escaped_twice() {
    check(
        r#"
name: an interface with a policy
files:
  111122223333/us-east-1/apigateway/get-rest-apis.json: { items: [ { id: a1b2c3, name: shop, policy: "{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}" } ] }
want:
  resources:
    - { id: "arn:aws:apigateway:us-east-1::/restapis/a1b2c3", kind: aws.apigateway-rest-api, document: { policy: { Version: "2012-10-17" } } }
"#,
    );
}
