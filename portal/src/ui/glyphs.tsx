/** Small drawings of our own for clouds and for what resources are. No marks of any vendor. */
import css from './glyphs.module.css'

const clouds: Record<string, { name: string; sign: string }> = {
  aws: { name: 'AWS', sign: 'AW' },
  azure: { name: 'Azure', sign: 'AZ' },
  gcp: { name: 'Google Cloud', sign: 'GC' },
  k8s: { name: 'Kubernetes', sign: 'K8' },
}

/** The name of a cloud for people; what is not known is named as it is. */
export function cloudName(cloud: string): string {
  return clouds[cloud]?.name ?? (cloud === '' ? 'No cloud' : cloud)
}

/** Two letters that stand for a cloud, with its name for screen readers and on hover. */
export function CloudIcon({ cloud }: { cloud: string }) {
  const sign = clouds[cloud]?.sign ?? '··'
  return (
    <span className={css.cloud} role="img" aria-label={cloudName(cloud)} title={cloudName(cloud)}>
      {sign}
    </span>
  )
}

type Glyph =
  | 'database'
  | 'storage'
  | 'machine'
  | 'container'
  | 'network'
  | 'gate'
  | 'person'
  | 'people'
  | 'key'
  | 'code'
  | 'shield'
  | 'lines'
  | 'folder'
  | 'message'
  | 'globe'
  | 'box'

/** Words of a kind's id that tell what it is; the first that fits counts, so special ones come before general ones. */
const rules: ReadonlyArray<readonly [RegExp, Glyph]> = [
  [/compute-network$|compute-subnet|target-group|cognitive|search-service/, 'network'],
  [/event-hub|service-bus/, 'message'],
  [/firewall|security-group|waf|network-acl|network-policy|nsg/, 'gate'],
  [/bucket|blob|storage|disk|volume|snapshot|efs|file-share|backup|vault-item|image\b|ami/, 'storage'],
  [/key-vault|kms|crypto|secret|certificate|credential|access-key/, 'key'],
  [
    /sql|database|dynamo|cosmos|redis|rds|table|bigquery|redshift|spanner|elasticache|documentdb|neptune/,
    'database',
  ],
  [/function|lambda|app-service|web-app|cloud-run|apprunner|logic-app|build|pipeline|repository/, 'code'],
  [
    /pod|deployment|daemon-set|stateful-set|replica-set|job|container|cluster|ecs|eks|aks|gke|node\b/,
    'container',
  ],
  [/instance|virtual-machine|vm|compute|scale-set|launch|autoscaling/, 'machine'],
  [/group-member|entra-group|iam-group|group$|people/, 'people'],
  [
    /user|role|principal|identity|service-account|group-membership|binding|assignment|policy-attachment/,
    'person',
  ],
  [/resource-group|subscription|account$|project|organization|folder|management-group|namespace/, 'folder'],
  [/policy|defender|guard|security|assessment|contact/, 'shield'],
  [/^internet$|public-ip|dns|domain|zone|cdn|front-door|cloudfront|address/, 'globe'],
  [
    /network|subnet|vpc|route|interface|peering|gateway|load-balancer|elb|ingress|service$|nic|vnet/,
    'network',
  ],
  [/queue|topic|sns|sqs|event|bus|pubsub|mq/, 'message'],
  [/log|trail|monitor|metric|diagnostic|alarm|alert|config/, 'lines'],
]

/** Which drawing stands for a kind, found by the words of its id. */
export function glyphOf(kind: string): Glyph {
  const own = kind.slice(kind.indexOf('.') + 1).toLowerCase()
  return rules.find(([words]) => words.test(own))?.[1] ?? 'box'
}

function Drawing({ glyph }: { glyph: Glyph }) {
  switch (glyph) {
    case 'database':
      return (
        <path d="M3 4c0-2.7 10-2.7 10 0v8c0 2.7-10 2.7-10 0ZM3 4c0 2.7 10 2.7 10 0M3 8c0 2.7 10 2.7 10 0" />
      )
    case 'storage':
      return <path d="M2.5 3.5h11l-1.5 10h-8ZM3.2 7.5h9.6" />
    case 'machine':
      return <path d="M2 3h12v8H2ZM6 14h4M8 11v3" />
    case 'container':
      return <path d="M8 1.5 14 5v6.5L8 14.5 2 11.5V5ZM2 5l6 3 6-3M8 8v6.5" />
    case 'network':
      return <path d="M6 2h4v3H6ZM1.5 11h4v3h-4ZM10.5 11h4v3h-4ZM8 5v3M3.5 11V8h9v3" />
    case 'gate':
      return <path d="M2 3h12v10H2ZM2 6.3h12M2 9.7h12M6 3v3.3M10 6.3v3.4M6 9.7V13" />
    case 'person':
      return <path d="M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 14c.5-5 10.5-5 11 0" />
    case 'people':
      return (
        <path d="M5.5 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1 13.5c.3-4.5 8.7-4.5 9 0M10.5 3.2a2.5 2.5 0 0 1 0 4.6M12 9.8c1.7.5 2.8 1.7 3 3.7" />
      )
    case 'key':
      return <path d="M5 14a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM7.2 8.8 13.5 2.5M11 5l2 2" />
    case 'code':
      return <path d="M5 4 1.5 8 5 12M11 4l3.5 4-3.5 4M9.3 3 6.7 13" />
    case 'shield':
      return <path d="M8 1.5 13.5 4v4c0 3.5-2.5 5.5-5.5 6.5C5 13.5 2.5 11.5 2.5 8V4Z" />
    case 'lines':
      return <path d="M3 2h10v12H3ZM5.5 5.5h5M5.5 8h5M5.5 10.5h3" />
    case 'folder':
      return <path d="M1.5 3.5h5l1.5 2h6.5v8h-13Z" />
    case 'message':
      return <path d="M2 3.5h12v9H2ZM2 4l6 5 6-5" />
    case 'globe':
      return (
        <path d="M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM1.5 8h13M8 1.5c-4 4-4 9 0 13M8 1.5c4 4 4 9 0 13" />
      )
    case 'box':
      return <path d="M2.5 2.5h11v11h-11Z" />
  }
}

/** A small drawing of what a kind is. It stands beside the name of the kind or the resource, so it is hidden from screen readers. */
export function KindIcon({ kind, size = 16 }: { kind: string; size?: number }) {
  return (
    <svg
      className={css.kind}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.3"
      strokeLinejoin="round"
      strokeLinecap="round"
      aria-hidden="true"
      focusable="false"
    >
      <Drawing glyph={glyphOf(kind)} />
    </svg>
  )
}
