//! Actions that tell most about a kind of resource: to read it, to change it, to rule it.

/// What an action means for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Its content becomes known.
    Read,
    /// Its content, or what it does, changes.
    Write,
    /// Rights on it change, or somebody acts with its rights.
    Administer,
}

impl Verb {
    /// The word for people and programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Administer => "administer",
        }
    }
}

use Verb::{Administer, Read, Write};

const TELLING: &[(&str, &[(Verb, &str)])] = &[
    (
        "aws.s3-bucket",
        &[(Read, "s3:GetObject"), (Write, "s3:PutObject"), (Administer, "s3:PutBucketPolicy")],
    ),
    (
        "aws.secretsmanager-secret",
        &[
            (Read, "secretsmanager:GetSecretValue"),
            (Write, "secretsmanager:PutSecretValue"),
            (Administer, "secretsmanager:PutResourcePolicy"),
        ],
    ),
    ("aws.ssm-parameter", &[(Read, "ssm:GetParameter"), (Write, "ssm:PutParameter")]),
    (
        "aws.kms-key",
        &[(Read, "kms:Decrypt"), (Write, "kms:Encrypt"), (Administer, "kms:PutKeyPolicy")],
    ),
    (
        "aws.dynamodb-table",
        &[
            (Read, "dynamodb:GetItem"),
            (Write, "dynamodb:PutItem"),
            (Administer, "dynamodb:DeleteTable"),
        ],
    ),
    (
        "aws.lambda-function",
        &[
            (Read, "lambda:GetFunction"),
            (Write, "lambda:InvokeFunction"),
            (Administer, "lambda:UpdateFunctionCode"),
        ],
    ),
    (
        "aws.ec2-instance",
        &[
            (Read, "ec2:GetConsoleOutput"),
            (Write, "ssm:StartSession"),
            (Administer, "ec2:ModifyInstanceAttribute"),
        ],
    ),
    (
        "aws.sqs-queue",
        &[
            (Read, "sqs:ReceiveMessage"),
            (Write, "sqs:SendMessage"),
            (Administer, "sqs:SetQueueAttributes"),
        ],
    ),
    (
        "aws.sns-topic",
        &[(Read, "sns:Subscribe"), (Write, "sns:Publish"), (Administer, "sns:SetTopicAttributes")],
    ),
    (
        "aws.ecr-repository",
        &[
            (Read, "ecr:BatchGetImage"),
            (Write, "ecr:PutImage"),
            (Administer, "ecr:SetRepositoryPolicy"),
        ],
    ),
    (
        "aws.rds-db-instance",
        &[(Write, "rds:ModifyDBInstance"), (Administer, "rds:DeleteDBInstance")],
    ),
    (
        "aws.iam-role",
        &[
            (Administer, "sts:AssumeRole"),
            (Administer, "iam:UpdateAssumeRolePolicy"),
            (Administer, "iam:AttachRolePolicy"),
            (Administer, "iam:PassRole"),
        ],
    ),
    (
        "aws.iam-user",
        &[
            (Administer, "iam:CreateAccessKey"),
            (Administer, "iam:UpdateLoginProfile"),
            (Administer, "iam:AttachUserPolicy"),
        ],
    ),
    ("aws.iam-group", &[(Administer, "iam:AddUserToGroup"), (Administer, "iam:AttachGroupPolicy")]),
    ("aws.iam-policy", &[(Administer, "iam:CreatePolicyVersion")]),
    (
        "aws.cloudformation-stack",
        &[(Read, "cloudformation:GetTemplate"), (Administer, "cloudformation:UpdateStack")],
    ),
    (
        "aws.codebuild-project",
        &[(Write, "codebuild:StartBuild"), (Administer, "codebuild:UpdateProject")],
    ),
    (
        "azure.storage-account",
        &[
            (Read, "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"),
            (Write, "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"),
            (Administer, "Microsoft.Storage/storageAccounts/listKeys/action"),
            (Administer, "Microsoft.Authorization/roleAssignments/write"),
        ],
    ),
    (
        "azure.key-vault",
        &[
            (Read, "Microsoft.KeyVault/vaults/secrets/getSecret/action"),
            (Write, "Microsoft.KeyVault/vaults/secrets/setSecret/action"),
            (Administer, "Microsoft.KeyVault/vaults/write"),
            (Administer, "Microsoft.Authorization/roleAssignments/write"),
        ],
    ),
    (
        "azure.virtual-machine",
        &[
            (Read, "Microsoft.Compute/virtualMachines/read"),
            (Write, "Microsoft.Compute/virtualMachines/runCommand/action"),
            (Administer, "Microsoft.Compute/virtualMachines/write"),
        ],
    ),
    (
        "azure.blob-container",
        &[
            (Read, "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"),
            (Write, "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"),
        ],
    ),
    (
        "azure.managed-cluster",
        &[
            (Write, "Microsoft.ContainerService/managedClusters/runCommand/action"),
            (
                Administer,
                "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
            ),
        ],
    ),
    (
        "azure.user-assigned-identity",
        &[
            (Administer, "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"),
            (
                Administer,
                "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
            ),
        ],
    ),
    (
        "azure.entra-application",
        &[
            (Administer, "microsoft.directory/applications/credentials/update"),
            (Administer, "microsoft.directory/applications/owners/update"),
        ],
    ),
    (
        "azure.entra-service-principal",
        &[
            (Administer, "microsoft.directory/servicePrincipals/credentials/update"),
            (Administer, "microsoft.directory/servicePrincipals/appRoleAssignedTo/update"),
        ],
    ),
    ("azure.entra-group", &[(Administer, "microsoft.directory/groups/members/update")]),
    ("azure.entra-user", &[(Administer, "microsoft.directory/users/password/update")]),
    ("azure.subscription", &[(Administer, "Microsoft.Authorization/roleAssignments/write")]),
    (
        "gcp.storage-bucket",
        &[
            (Read, "storage.objects.get"),
            (Write, "storage.objects.create"),
            (Administer, "storage.buckets.setIamPolicy"),
        ],
    ),
    (
        "gcp.secret",
        &[
            (Read, "secretmanager.versions.access"),
            (Administer, "secretmanager.secrets.setIamPolicy"),
        ],
    ),
    (
        "gcp.iam-service-account",
        &[
            (Administer, "iam.serviceAccounts.getAccessToken"),
            (Administer, "iam.serviceAccountKeys.create"),
        ],
    ),
    (
        "gcp.bigquery-dataset",
        &[
            (Read, "bigquery.tables.getData"),
            (Write, "bigquery.tables.updateData"),
            (Administer, "bigquery.datasets.setIamPolicy"),
        ],
    ),
    (
        "gcp.kms-crypto-key",
        &[
            (Read, "cloudkms.cryptoKeyVersions.useToDecrypt"),
            (Administer, "cloudkms.cryptoKeys.setIamPolicy"),
        ],
    ),
    (
        "gcp.compute-instance",
        &[(Write, "compute.instances.setMetadata"), (Administer, "compute.instances.setIamPolicy")],
    ),
    ("gcp.folder", &[(Administer, "resourcemanager.folders.setIamPolicy")]),
    ("gcp.organization", &[(Administer, "resourcemanager.organizations.setIamPolicy")]),
    ("gcp.project", &[(Administer, "resourcemanager.projects.setIamPolicy")]),
    ("k8s.secret", &[(Read, "get secrets"), (Write, "update secrets")]),
    ("k8s.config-map", &[(Read, "get configmaps"), (Write, "update configmaps")]),
    ("k8s.service-account", &[(Administer, "create serviceaccounts/token")]),
    (
        "k8s.cluster-role",
        &[(Administer, "escalate clusterroles"), (Administer, "bind clusterroles")],
    ),
    ("k8s.role", &[(Administer, "escalate roles"), (Administer, "bind roles")]),
    (
        "k8s.namespace",
        &[(Read, "get secrets"), (Write, "create pods"), (Administer, "create rolebindings")],
    ),
    ("k8s.node", &[(Write, "create nodes/proxy")]),
    ("k8s.pod", &[(Read, "get pods"), (Write, "create pods/exec")]),
];

/// The actions that tell most about a kind; empty where nothing is known of it.
pub fn telling(kind: &str) -> &'static [(Verb, &'static str)] {
    TELLING.iter().find(|it| it.0 == kind).map_or(&[], |it| it.1)
}
