// Actions that are asked for often, to begin with: any other may be typed.

const byStart: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /^arn:aws[^:]*:s3:/,
    ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket', 's3:PutBucketPolicy'],
  ],
  [/^arn:aws[^:]*:secretsmanager:/, ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue']],
  [/^arn:aws[^:]*:kms:/, ['kms:Decrypt', 'kms:Encrypt', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']],
  [/^arn:aws[^:]*:lambda:/, ['lambda:InvokeFunction', 'lambda:UpdateFunctionCode', 'lambda:GetFunction']],
  [
    /^arn:aws[^:]*:iam:.*:role/,
    ['sts:AssumeRole', 'iam:PassRole', 'iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy'],
  ],
  [/^arn:aws[^:]*:iam:/, ['iam:CreateAccessKey', 'iam:PutUserPolicy', 'iam:CreatePolicyVersion']],
  [
    /^arn:aws[^:]*:ec2:/,
    ['ec2:RunInstances', 'ec2:ModifyInstanceAttribute', 'ssm:StartSession', 'ec2:CreateSnapshot'],
  ],
  [/^arn:aws[^:]*:dynamodb:/, ['dynamodb:GetItem', 'dynamodb:Scan', 'dynamodb:PutItem']],
  [
    /^\/subscriptions\/.*\/storageaccounts\//i,
    [
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
      'Microsoft.Storage/storageAccounts/listKeys/action',
      'Microsoft.Storage/storageAccounts/write',
    ],
  ],
  [
    /^\/subscriptions\/.*\/vaults\//i,
    ['Microsoft.KeyVault/vaults/secrets/getSecret/action', 'Microsoft.KeyVault/vaults/accessPolicies/write'],
  ],
  [/^\/subscriptions\/.*\/virtualmachines\//i, ['Microsoft.Compute/virtualMachines/runCommand/action']],
  [/^\/subscriptions\//i, ['Microsoft.Authorization/roleAssignments/write']],
  [
    /^\/\/storage\.googleapis\.com\//,
    ['storage.objects.get', 'storage.objects.create', 'storage.buckets.setIamPolicy'],
  ],
  [
    /^\/\/iam\.googleapis\.com\//,
    ['iam.serviceAccounts.getAccessToken', 'iam.serviceAccountKeys.create', 'iam.serviceAccounts.actAs'],
  ],
  [/^\/\/compute\.googleapis\.com\//, ['compute.instances.setMetadata', 'compute.instances.create']],
  [/^\/\//, ['resourcemanager.projects.setIamPolicy']],
  [/^k8s:/, ['get secrets', 'create pods', 'create pods/exec', 'bind clusterroles', '* *']],
]

/** What is often asked of a resource, by what its id is of; some of each when nothing is said. */
export function actionsOn(id: string): readonly string[] {
  const found = byStart.find(([start]) => start.test(id))
  if (found !== undefined) return found[1]
  return [
    's3:GetObject',
    'sts:AssumeRole',
    'Microsoft.Storage/storageAccounts/listKeys/action',
    'storage.objects.get',
    'get secrets',
  ]
}
