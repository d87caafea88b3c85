// Questions to start from. A test asks each of them of the sample estate.

export interface Example {
  title: string
  /** What its answer says. */
  says: string
  query: string
}

export const examples: readonly Example[] = [
  {
    title: 'Which databases are open?',
    says: 'Databases that answer the internet, or let in any address.',
    query: `// Databases that answer the internet, or whose own firewall lets in any address
MATCH (d:Database)
WITH d,
     [f IN coalesce(d.firewallRules, [])
        WHERE f.properties.startIpAddress = '0.0.0.0' AND f.properties.endIpAddress = '255.255.255.255'
        | f.name]
     + [n IN coalesce(d.settings.ipConfiguration.authorizedNetworks, [])
        WHERE n.value = '0.0.0.0/0' | n.value] AS open
WHERE size(open) > 0
   OR d.PubliclyAccessible = true
   OR d.properties.publicNetworkAccess = 'Enabled'
RETURN d AS database, size(open) > 0 AS anyAddress, open AS rules
ORDER BY anyAddress DESC, d.name`,
  },
  {
    title: 'Which machines have a public address?',
    says: 'Virtual machines with the address that the internet knows.',
    query: `MATCH p = (m:VirtualMachine)-[:HAS_INTERFACE|HAS_ADDRESS*1..3]->(a:PublicAddress)
RETURN m AS machine, a AS address, p AS path
ORDER BY m.name`,
  },
  {
    title: 'What do workloads in the cluster run as?',
    says: 'Workloads with the service accounts whose rights they have.',
    query: `MATCH (w:ContainerWorkload)-[:RUNS_AS]->(s)
RETURN w AS workload, s AS account
ORDER BY w.metadata.namespace, w.metadata.name`,
  },
  {
    title: 'Which rights do service identities hold?',
    says: 'Identities of programs with the roles that are assigned to them.',
    query: `MATCH (i:ServiceIdentity)<-[:ASSIGNED_TO]-(a:RoleAssignment)-[:GRANTS]->(r:Role)
RETURN i AS identity, a AS assignment, r AS role`,
  },
  {
    title: 'What does one key protect?',
    says: 'Keys by what is encrypted with them: what is lost when the key is lost.',
    query: `MATCH (k:Key)<-[:ENCRYPTED_WITH]-(r)
RETURN k AS key, count(r) AS protects, collect(r.name) AS names
ORDER BY protects DESC`,
  },
  {
    title: 'Which people are in which groups?',
    says: 'Users with their groups, in every cloud.',
    query: `MATCH (u:User)-[:MEMBER_OF]->(g:Group)
RETURN u AS person, g AS \`group\``,
  },
  {
    title: 'What is there?',
    says: 'Everything by its label, the most frequent first.',
    query: `MATCH (r:Resource)
RETURN labels(r)[0] AS label, count(*) AS resources
ORDER BY resources DESC`,
  },
]
