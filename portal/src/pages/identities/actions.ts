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
  [/^arn:aws[^:]*:ec2:/, ['ssm:StartSession', 'ec2:ModifyInstanceAttribute', 'ec2:CreateSnapshot']],
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

/** What is often asked of a resource, by what its id is of; nothing where that is not known. */
export const actionsKnownOn = (id: string): readonly string[] =>
  byStart.find(([start]) => start.test(id))?.[1] ?? []

/** The same; some of each cloud when nothing is known. */
export function actionsOn(id: string): readonly string[] {
  const known = actionsKnownOn(id)
  if (known.length > 0) return known
  return [
    's3:GetObject',
    'sts:AssumeRole',
    'Microsoft.Storage/storageAccounts/listKeys/action',
    'storage.objects.get',
    'get secrets',
  ]
}

/** What an action does, for who does not know the words of its cloud; nothing where its own words say it. */
const actionWords: Readonly<Record<string, string>> = {
  's3:GetObject': 'read what is in it',
  's3:PutObject': 'write into it',
  's3:DeleteObject': 'delete what is in it',
  's3:ListBucket': 'see what is in it',
  's3:PutBucketPolicy': 'change who is let in',
  'secretsmanager:GetSecretValue': 'read the secret',
  'secretsmanager:PutSecretValue': 'change the secret',
  'kms:Decrypt': 'unlock what it locks',
  'kms:Encrypt': 'lock with it',
  'kms:PutKeyPolicy': 'change who may use it',
  'kms:ScheduleKeyDeletion': 'delete it',
  'lambda:InvokeFunction': 'call it',
  'lambda:UpdateFunctionCode': 'change its code',
  'lambda:GetFunction': 'read its code',
  'sts:AssumeRole': 'become it',
  'iam:PassRole': 'give it to a service',
  'iam:UpdateAssumeRolePolicy': 'change who may become it',
  'iam:PutRolePolicy': 'raise its rights',
  'iam:CreateAccessKey': 'make a key of it',
  'iam:PutUserPolicy': 'raise its rights',
  'iam:CreatePolicyVersion': 'change what it allows',
  'ssm:StartSession': 'log in to it',
  'ec2:ModifyInstanceAttribute': 'change it',
  'ec2:CreateSnapshot': 'copy its disks',
  'dynamodb:GetItem': 'read one row',
  'dynamodb:Scan': 'read all of it',
  'dynamodb:PutItem': 'write into it',
  'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read': 'read what is in it',
  'Microsoft.Storage/storageAccounts/listKeys/action': 'get its keys',
  'Microsoft.Storage/storageAccounts/write': 'change its settings',
  'Microsoft.KeyVault/vaults/secrets/getSecret/action': 'read its secrets',
  'Microsoft.KeyVault/vaults/accessPolicies/write': 'change who is let in',
  'Microsoft.Compute/virtualMachines/runCommand/action': 'run commands on it',
  'Microsoft.Authorization/roleAssignments/write': 'give rights on it',
  'storage.objects.get': 'read what is in it',
  'storage.objects.create': 'write into it',
  'storage.buckets.setIamPolicy': 'change who is let in',
  'iam.serviceAccounts.getAccessToken': 'become it',
  'iam.serviceAccountKeys.create': 'make a key of it',
  'iam.serviceAccounts.actAs': 'give it to a service',
  'compute.instances.setMetadata': 'log in to it',
  'resourcemanager.projects.setIamPolicy': 'give rights on it',
}

export const wordsOfAction = (action: string): string => actionWords[action] ?? ''

/** The action that is asked of a resource when it is chosen: the one that was asked for, unless that is of another kind of thing. */
export function actionFor(what: string | undefined, action: string, before: string | undefined): string {
  const known = actionsKnownOn(what ?? '')
  if (known.length === 0 || known.includes(action)) return action
  const isOfAnother = before !== undefined && actionsKnownOn(before).includes(action)
  return action === '' || isOfAnother ? (known[0] ?? action) : action
}
