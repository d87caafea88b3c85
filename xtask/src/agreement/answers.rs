//! Panther's resources as the answers of the AWS CLI from which Panther made them.

use serde_json::{Map, Value, json};

/// Answers by path below the folder of the account.
pub(crate) type Answers = Vec<(String, Value)>;

/// The answers that give a resource; none for types that are not converted.
pub(crate) fn of(types: &[String], resource: &Value, account: &str) -> Answers {
    let given = resource.get("ResourceType").and_then(Value::as_str);
    let is_root = text(resource, &["UserName"]) == "root";
    let kind = match given.or_else(|| types.last().map(String::as_str)) {
        Some("AWS.IAM.User") if is_root => "AWS.IAM.RootUser",
        Some(kind) => kind,
        None => "",
    };
    match kind {
        "AWS.PasswordPolicy" => {
            vec![answer("iam/get-account-password-policy", json!({ "PasswordPolicy": resource }))]
        }
        "AWS.IAM.User" => user(resource),
        "AWS.IAM.RootUser" => root(resource),
        "AWS.IAM.Group" => {
            let name = text(resource, &["GroupName", "Name"]);
            let users = resource.get("Users").filter(|it| it.is_array());
            let users = users.cloned().unwrap_or_else(|| json!([]));
            vec![
                answer("iam/list-groups", json!({ "Groups": [without(resource, &["Users"])] })),
                answer(
                    &format!("iam/get-group/{name}"),
                    json!({ "Group": { "GroupName": name }, "Users": users }),
                ),
            ]
        }
        "AWS.IAM.Policy" => policy(resource),
        "AWS.IAM.Role" => {
            let named = named(resource, "RoleName");
            vec![answer("iam/list-roles", json!({ "Roles": [named] }))]
        }
        "AWS.S3.Bucket" => bucket(resource, account),
        "AWS.Lambda.Function" => function(resource),
        "AWS.CloudTrail" => {
            let trail = without(resource, &["Status", "EventSelectors"]);
            vec![answer("us-west-2/cloudtrail/describe-trails", json!({ "trailList": [trail] }))]
        }
        "AWS.ACM.Certificate" => certificate(resource),
        "AWS.Config.Recorder" => recorder(resource),
        "AWS.CloudFormation.Stack" => {
            let mut stack = named(resource, "StackName");
            let id = format!("arn:aws:cloudformation:us-west-2:{account}:stack/x/1");
            insert(&mut stack, "StackId", json!(id));
            listed("cloudformation/describe-stacks", "Stacks", &stack)
        }
        "AWS.EC2.NetworkACL" => {
            let id = text(resource, &["NetworkAclId", "Id"]);
            let mut acl = without(resource, &["Tags"]);
            insert(&mut acl, "NetworkAclId", json!(id));
            listed("ec2/describe-network-acls", "NetworkAcls", &acl)
        }
        "AWS.EC2.SecurityGroup" => {
            let group = without(resource, &["Tags"]);
            listed("ec2/describe-security-groups", "SecurityGroups", &group)
        }
        "AWS.EC2.Volume" => {
            listed("ec2/describe-volumes", "Volumes", &without(resource, &["Tags", "Snapshots"]))
        }
        "AWS.RDS.Instance" => {
            listed("rds/describe-db-instances", "DBInstances", &without(resource, &["Tags"]))
        }
        "AWS.Redshift.Cluster" => listed(
            "redshift/describe-clusters",
            "Clusters",
            &without(resource, &["Tags", "LoggingStatus"]),
        ),
        "AWS.WAF.WebACL" => web_acl(resource, account),
        _ => Vec::new(),
    }
}

/// An answer without a region.
fn answer(operation: &str, value: Value) -> (String, Value) {
    (format!("{operation}.json"), value)
}

/// The answer of one list in one region.
fn listed(operation: &str, key: &str, item: &Value) -> Answers {
    let mut whole = Map::new();
    whole.insert(key.to_owned(), json!([item]));
    vec![answer(&format!("us-west-2/{operation}"), Value::Object(whole))]
}

/// The first of some keys that holds text.
fn text<'a>(value: &'a Value, keys: &[&str]) -> &'a str {
    keys.iter().find_map(|key| value.get(key)?.as_str()).unwrap_or_default()
}

fn insert(value: &mut Value, key: &str, what: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(key.to_owned(), what);
    }
}

/// Without some keys, and without those that are null: the CLI prints none.
fn without(value: &Value, keys: &[&str]) -> Value {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, it| !it.is_null() && !keys.contains(&key.as_str()));
    }
    value
}

/// With the name under the key of the CLI.
fn named(value: &Value, key: &str) -> Value {
    let mut own = without(value, &["Tags"]);
    insert(&mut own, key, json!(text(value, &[key, "Name"])));
    own
}

/// A file name for an argument.
fn file(argument: &str) -> String {
    argument.replace(['/', ':'], "~")
}

fn user(resource: &Value) -> Answers {
    let name = text(resource, &["UserName", "Name"]).to_owned();
    let policies = resource.get("ManagedPolicyNames").and_then(Value::as_array);
    let attached: Vec<Value> =
        policies.into_iter().flatten().map(|it| json!({ "PolicyName": it })).collect();
    let inline: Vec<&String> = resource
        .get("InlinePolicies")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys)
        .collect();
    let own = named(resource, "UserName");
    let mut answers = vec![
        answer("iam/list-users", json!({ "Users": [own] })),
        answer(
            &format!("iam/list-attached-user-policies/{name}"),
            json!({ "AttachedPolicies": attached }),
        ),
        answer(&format!("iam/list-user-policies/{name}"), json!({ "PolicyNames": inline })),
    ];
    answers.extend(credential_report(resource));
    answers
}

fn root(resource: &Value) -> Answers {
    let mut answers: Answers = credential_report(resource).into_iter().collect();
    let devices: Vec<Value> = match resource.get("VirtualMFA") {
        Some(device @ Value::Object(_)) => {
            let mut device = device.clone();
            insert(&mut device, "User", json!({ "Arn": text(resource, &["ARN", "Arn"]) }));
            vec![device]
        }
        _ => Vec::new(),
    };
    answers.push(answer("iam/list-virtual-mfa-devices", json!({ "VirtualMFADevices": devices })));
    answers
}

/// The report as text, with a row for the user.
fn credential_report(resource: &Value) -> Option<(String, Value)> {
    const COLUMNS: [(&str, &str); 15] = [
        ("user", "UserName"),
        ("arn", "ARN"),
        ("user_creation_time", "UserCreationTime"),
        ("password_enabled", "PasswordEnabled"),
        ("password_last_used", "PasswordLastUsed"),
        ("password_last_changed", "PasswordLastChanged"),
        ("mfa_active", "MfaActive"),
        ("access_key_1_active", "AccessKey1Active"),
        ("access_key_1_last_rotated", "AccessKey1LastRotated"),
        ("access_key_1_last_used_date", "AccessKey1LastUsedDate"),
        ("access_key_2_active", "AccessKey2Active"),
        ("access_key_2_last_rotated", "AccessKey2LastRotated"),
        ("access_key_2_last_used_date", "AccessKey2LastUsedDate"),
        ("cert_1_active", "Cert1Active"),
        ("cert_2_active", "Cert2Active"),
    ];
    let entry = resource.get("CredentialReport").filter(|it| it.is_object())?;
    let cell = |key| match entry.get(key) {
        Some(Value::Bool(it)) => it.to_string(),
        // Panther's zero time stands where the report prints N/A.
        Some(Value::String(it)) if !it.starts_with("0001-") => it.clone(),
        _ => "N/A".to_owned(),
    };
    let header: Vec<&str> = COLUMNS.iter().map(|it| it.0).collect();
    let row: Vec<String> = COLUMNS.iter().map(|it| cell(it.1)).collect();
    let content = format!("{}\n{}\n", header.join(","), row.join(","));
    let report = json!({ "Content": content, "ReportFormat": "text/csv" });
    Some(answer("iam/get-credential-report", report))
}

fn policy(resource: &Value) -> Answers {
    let arn = text(resource, &["Arn"]);
    let version = text(resource, &["DefaultVersionId"]);
    let own = named(&without(resource, &["PolicyDocument"]), "PolicyName");
    let document = json!({ "PolicyVersion": {
        "VersionId": version, "IsDefaultVersion": true, "Document": text(resource, &["PolicyDocument"]),
    } });
    vec![
        answer("iam/list-policies", json!({ "Policies": [own] })),
        answer(&format!("iam/get-policy-version/{}", file(arn)), document),
    ]
}

/// An error as the CLI prints it with `--output json`.
fn failed(code: &str) -> Value {
    json!({ "Error": { "Code": code, "Message": code } })
}

fn bucket(resource: &Value, account: &str) -> Answers {
    let name = format!("bucket-{account}");
    let detail = |operation: &str, value| answer(&format!("s3api/{operation}/{name}"), value);
    let some = |key: &str| resource.get(key).filter(|it| !it.is_null());
    let policy = match some("Policy") {
        Some(policy) => json!({ "Policy": policy }),
        None => failed("NoSuchBucketPolicy"),
    };
    let block = match some("PublicAccessBlockConfiguration") {
        Some(block) => json!({ "PublicAccessBlockConfiguration": block }),
        None => failed("NoSuchPublicAccessBlockConfiguration"),
    };
    let mut versioning = Map::new();
    for (key, value) in [("Status", some("Versioning")), ("MFADelete", some("MFADelete"))] {
        if let Some(value) = value {
            versioning.insert(key.to_owned(), value.clone());
        }
    }
    let grants = some("Grants").cloned().unwrap_or_else(|| json!([]));
    vec![
        answer("s3api/list-buckets", json!({ "Buckets": [{ "Name": name }] })),
        detail("get-bucket-policy", policy),
        detail("get-public-access-block", block),
        detail("get-bucket-versioning", Value::Object(versioning)),
        detail("get-bucket-acl", json!({ "Grants": grants })),
        detail("get-bucket-ownership-controls", failed("OwnershipControlsNotFoundError")),
    ]
}

fn function(resource: &Value) -> Answers {
    let name = text(resource, &["FunctionName", "Name"]);
    let mut own = without(resource, &["Policy", "Tags"]);
    insert(&mut own, "FunctionName", json!(name));
    insert(&mut own, "FunctionArn", json!(text(resource, &["Arn"])));
    let policy = match resource.get("Policy").filter(|it| it.is_object()) {
        Some(policy) => policy.clone(),
        None => failed("ResourceNotFoundException"),
    };
    let mut answers = listed("lambda/list-functions", "Functions", &own);
    answers.push(answer(&format!("us-west-2/lambda/get-policy/{name}"), policy));
    answers
}

fn certificate(resource: &Value) -> Answers {
    let mut own = without(resource, &["Tags"]);
    let arn = text(resource, &["CertificateArn", "Arn"]);
    insert(&mut own, "CertificateArn", json!(arn));
    let detail = json!({ "Certificate": own });
    let summary = json!({ "CertificateArn": arn, "DomainName": text(resource, &["DomainName"]) });
    let mut answers = listed("acm/list-certificates", "CertificateSummaryList", &summary);
    answers.push(answer(&format!("us-west-2/acm/describe-certificate/{}", file(arn)), detail));
    answers
}

fn recorder(resource: &Value) -> Answers {
    // Older SDKs write the first letter large.
    let small = |key: &str| {
        let mut whole = Map::new();
        for (name, value) in resource.get(key).and_then(Value::as_object).into_iter().flatten() {
            let mut letters = name.chars();
            let first = letters.next().map(|it| it.to_ascii_lowercase());
            whole.insert(first.into_iter().chain(letters).collect(), value.clone());
        }
        Value::Object(whole)
    };
    let mut answers = listed(
        "config/describe-configuration-recorders",
        "ConfigurationRecorders",
        &small("Recorder"),
    );
    answers.extend(listed(
        "config/describe-configuration-recorder-status",
        "ConfigurationRecordersStatus",
        &small("Status"),
    ));
    answers
}

fn web_acl(resource: &Value, account: &str) -> Answers {
    let arn = format!("arn:aws:wafv2:us-west-2:{account}:regional/webacl/x/1");
    let own = json!({ "Name": "x", "Id": "1", "ARN": arn });
    let mut answers = listed("wafv2/list-web-acls", "WebACLs", &own);
    let logging = match resource.get("LoggingConfiguration").filter(|it| it.is_object()) {
        Some(logging) => {
            let mut logging = logging.clone();
            insert(&mut logging, "ResourceArn", json!(arn));
            json!({ "LoggingConfiguration": logging })
        }
        None => failed("WAFNonexistentItemException"),
    };
    answers.push(answer(
        &format!("us-west-2/wafv2/get-logging-configuration/{}", file(&arn)),
        logging,
    ));
    answers
}
