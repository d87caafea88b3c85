// Attack paths of Larkspur Freight, a company that does not exist.
import type { AttackPath, AttackPaths, AttackStep, Held } from '#/api/queries/attack'

const ACCOUNT = 'arn:aws:iam::111122223333'

export const internet: Held = { id: 'internet', name: 'internet', kind: 'internet', hold: 'internet' }
export const host: Held = {
  id: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1',
  name: 'dock-planner',
  kind: 'aws.ec2-instance',
  hold: 'control',
}
export const role: Held = { id: `${ACCOUNT}:role/dock`, name: 'dock', kind: 'aws.iam-role', hold: 'control' }
export const admin: Held = {
  id: 'aws:111122223333',
  name: 'larkspur-prod',
  kind: 'aws.account',
  hold: 'administer',
}
export const bucket: Held = {
  id: 'arn:aws:s3:::larkspur-manifests',
  name: 'larkspur-manifests',
  kind: 'aws.s3-bucket',
  hold: 'read',
}

function step(from: Held, to: Held, more: Partial<AttackStep>): AttackStep {
  return {
    step: 'aws.test',
    title: 'Do something',
    does: `does something to ${to.name}`,
    technique: null,
    techniques: [],
    actor: { id: from.id, name: from.name, kind: from.kind },
    from: [from],
    to,
    via: null,
    likelihood: 'high',
    assumed: false,
    preconditions: [],
    evidence: [],
    fixes: [],
    stop: [],
    ...more,
  }
}

const enter = step(internet, host, {
  step: 'merlon.contact',
  title: 'Reach it over the network',
  does: 'reaches dock-planner at TCP 22',
  technique: 'T1190',
  techniques: ['T1190'],
  fixes: [3],
})
const metadata = step(host, role, {
  step: 'aws.ec2.metadata',
  title: 'Read credentials from the metadata service',
  does: 'reads the credentials of dock from the metadata service of dock-planner',
  technique: 'T1552.005',
  techniques: ['T1552.005'],
  likelihood: 'certain',
  preconditions: [
    { says: 'dock-planner runs as dock', answer: 'allowed', unread: [] },
    {
      says: 'no agent stands in the way',
      answer: 'unknown',
      unread: [{ what: 'agents of dock-planner', why: 'they were not collected' }],
    },
  ],
  evidence: [
    {
      effect: 'allows',
      resource: host.id,
      path: 'MetadataOptions.HttpTokens',
      says: 'the metadata service answers without a token',
    },
  ],
  fixes: [5],
  stop: ['Ask for tokens of the metadata service'],
})
const attach = step(role, admin, {
  step: 'aws.iam.attach-role-policy',
  title: 'Attach a policy to the role',
  does: 'attaches AdministratorAccess to dock',
  technique: 'T1098.003',
  techniques: ['T1098.003'],
  fixes: [7],
})
const read = step(role, bucket, {
  step: 'aws.s3.read',
  title: 'Read objects',
  does: 'reads the objects of larkspur-manifests',
  technique: 'T1530',
  techniques: ['T1530'],
  likelihood: 'certain',
  fixes: [9],
})
const around = step(internet, role, {
  step: 'aws.iam.open-trust',
  title: 'Assume the role from any account',
  does: 'assumes dock from an account of its own',
  fixes: [11],
})
const leaked = step(internet, role, { step: 'aws.iam.leaked', title: 'Use a key that leaked', assumed: true })

const fix = (id: number, says: string, resource: string, path: string) => ({
  id,
  says,
  places: [{ resource, path }],
})
export const fixes = {
  contact: fix(3, 'close the way of packets from the internet to dock-planner', host.id, ''),
  metadata: fix(5, 'ask for tokens of the metadata service', host.id, 'MetadataOptions.HttpTokens'),
  attach: fix(7, 'take iam:AttachRolePolicy out of Statement[0] of dock', role.id, 'Statement[0]'),
  read: fix(9, 'take s3:GetObject out of Statement[1] of dock', role.id, 'Statement[1]'),
  trust: fix(11, 'take everybody out of the trust of dock', role.id, 'AssumeRolePolicyDocument'),
}

export const toAdmin: AttackPath = {
  entry: internet,
  target: admin,
  entries: 1,
  steps: [enter, metadata, attach],
  likelihood: 'high',
  likelihoodValue: 0.7,
  risk: 'critical',
  fixes: [fixes.contact, fixes.metadata, fixes.attach],
}
export const toBucket: AttackPath = {
  entry: internet,
  target: bucket,
  entries: 1,
  steps: [enter, metadata, read],
  likelihood: 'high',
  likelihoodValue: 0.7,
  risk: 'high',
  fixes: [fixes.contact, fixes.metadata, fixes.read],
}
/** It leads around the metadata service. */
export const aroundIt: AttackPath = {
  ...toBucket,
  steps: [around, read],
  risk: 'medium',
  fixes: [fixes.trust, fixes.read],
}

export const answer: AttackPaths = {
  asOf: 7,
  complete: false,
  gaps: [{ what: 'agents of dock-planner', why: 'they were not collected' }],
  paths: [toAdmin, toBucket],
  unproven: [{ ...aroundIt, risk: 'low', steps: [leaked, read] }],
  chokePoints: [{ position: role, passing: 2, cuts: 2 }],
  fixPlan: { fixes: [fixes.metadata], atLeast: 1, exact: true, left: [] },
}

/** What is left when the metadata service asks for tokens. */
export const withoutMetadata: AttackPaths = {
  ...answer,
  paths: [aroundIt],
  unproven: [],
  chokePoints: [],
  fixPlan: { fixes: [fixes.trust], atLeast: 1, exact: true, left: [] },
}
