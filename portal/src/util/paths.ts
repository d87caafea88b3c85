// Addresses of pages that any page may link to, so that a link is the same wherever it stands.
import { stringifySearch } from './search'

type Filter = Record<string, string | number | boolean | readonly string[] | undefined>

const with_ = (path: string, filter: Filter = {}) => path + stringifySearch(filter)

export const paths = {
  overview: () => '/',
  account: () => '/account',
  inventory: (filter?: Filter) => with_('/inventory', filter),
  resource: (id: string) => `/inventory/${encodeURIComponent(id)}`,
  recommendations: (filter?: Filter) => with_('/recommendations', filter),
  recommendation: (check: string) => `/recommendations/${encodeURIComponent(check)}`,
  attackPaths: (filter?: Filter) => with_('/attack-paths', filter),
  score: (filter?: Filter) => with_('/score', filter),
  compliance: () => '/compliance',
  standard: (id: string) => `/compliance/${encodeURIComponent(id)}`,
  exemptions: () => '/exemptions',
  environments: (filter?: Filter) => with_('/environments', filter),
  changes: (filter?: Filter) => with_('/changes', filter),
} as const
