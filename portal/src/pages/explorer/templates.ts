// Questions to start from. A test asks each of them of the sample estate, and reads each as a form.

export interface Template {
  title: string
  /** What its answer says. */
  says: string
  query: string
}

export const templates: readonly Template[] = [
  {
    title: 'Internet-facing machines with administrator rights',
    says: 'Who breaks into one of them owns the account.',
    query: `MATCH (machine:VirtualMachine)-[:RUNS_AS*1..2]->(identity)
WHERE machine.merlon.internet IN ['wide', 'narrow']
  AND identity.merlon.administrator = true
RETURN DISTINCT machine, identity`,
  },
  {
    title: 'Databases that are open',
    says: 'Databases that the internet reaches, or whose settings let it in.',
    query: `MATCH (database:Database)
WHERE (database.merlon.internet IN ['wide', 'narrow'] OR database.PubliclyAccessible = true OR database.properties.publicNetworkAccess = 'Enabled')
RETURN database`,
  },
  {
    title: 'Critical assets on the internet',
    says: 'What you could lose least, where everybody can knock.',
    query: `MATCH (asset)
WHERE asset.merlon.criticality IS NOT NULL
  AND asset.merlon.internet IN ['wide', 'narrow']
RETURN asset`,
  },
  {
    title: 'Administrators that nobody used for 90 days',
    says: 'Rights that nobody needs and an intruder would.',
    query: `MATCH (identity:Identity|ServiceIdentity)
WHERE identity.merlon.administrator = true
  AND (datetime(identity.RoleLastUsed.LastUsedDate) < $now - duration('P90D') OR datetime(identity.PasswordLastUsed) < $now - duration('P90D') OR datetime(identity.signInActivity.lastSignInDateTime) < $now - duration('P90D'))
RETURN identity`,
  },
  {
    title: 'All administrators',
    says: 'Identities that may do everything where they are at home.',
    query: `MATCH (identity:Identity|ServiceIdentity)
WHERE identity.merlon.administrator = true
RETURN identity`,
  },
  {
    title: 'Workloads that run as an administrator',
    says: 'Machines, functions and containers whose identity may do everything.',
    query: `MATCH (workload:VirtualMachine|Function|ContainerWorkload|Pod)-[:RUNS_AS*1..3]->(identity)
WHERE identity.merlon.administrator = true
RETURN DISTINCT workload, identity`,
  },
  {
    title: 'Public storage',
    says: 'Buckets and accounts that let anybody in, or do not stop it.',
    query: `MATCH (store:ObjectStore)
WHERE (any(grant IN coalesce(store.iamPolicy.bindings, []) WHERE 'allUsers' IN grant.members) OR any(other IN coalesce(store.iamPolicy.bindings, []) WHERE 'allAuthenticatedUsers' IN other.members) OR store.GetBucketPolicyStatus.PolicyStatus.IsPublic = true OR store.properties.allowBlobPublicAccess = true)
RETURN store`,
  },
  {
    title: 'Unencrypted storage that is public',
    says: 'Stores that let the public in and are not locked with a key of your own.',
    query: `MATCH (store:ObjectStore)
WHERE (store.GetBucketPolicyStatus.PolicyStatus.IsPublic = true OR store.properties.allowBlobPublicAccess = true OR any(grant IN coalesce(store.iamPolicy.bindings, []) WHERE 'allUsers' IN grant.members))
  AND NOT EXISTS { MATCH (store)-[:ENCRYPTED_WITH]->(key:Key) }
RETURN store`,
  },
  {
    title: 'Images with known vulnerabilities',
    says: 'Container images with what scanners found in them.',
    query: `MATCH (image:ContainerImage)<-[:AFFECTS]-(vulnerability:Vulnerability)
RETURN DISTINCT image, vulnerability`,
  },
  {
    title: 'Who was given which role',
    says: 'Assignments of roles with who holds them.',
    query: `MATCH (assignment:RoleAssignment)-[:ASSIGNED_TO]->(identity),
      (assignment)-[:GRANTS]->(role:Role)
RETURN DISTINCT assignment, identity, role`,
  },
  {
    title: 'Keys and the data they lock',
    says: 'What is lost when the key is lost.',
    query: `MATCH (key:Key)<-[:ENCRYPTED_WITH]-(data)
RETURN DISTINCT key, data`,
  },
  {
    title: 'Machines without a backup',
    says: 'Machines of production that nothing copies.',
    query: `MATCH (machine:VirtualMachine)
WHERE toLower(coalesce(machine.merlon.tags.env, '')) STARTS WITH 'prod'
  AND NOT EXISTS { MATCH (machine)-[:BACKED_UP_BY]->(backup:Backup) }
RETURN machine`,
  },
  {
    title: 'Networks that are joined across accounts',
    says: 'Peered networks: who is in one is near the other.',
    query: `MATCH (network:Network)-[:PEERED_WITH]->(other:Network)
RETURN DISTINCT network, other`,
  },
]
