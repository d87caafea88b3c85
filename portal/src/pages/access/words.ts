// Names of roles and places for people.
import type { Schemas } from '#/api/client'

export type Role = Schemas['Role']

/** All roles, from the one that may least; what each may, the server says. */
export const roleNames: Record<Role, string> = {
  reader: 'Reader',
  globalReader: 'Global Reader',
  securityReader: 'Security Reader',
  securityOperator: 'Security Operator',
  securityAdmin: 'Security Admin',
  contributor: 'Contributor',
  owner: 'Owner',
}

export function isRole(word: string | undefined): word is Role {
  return word !== undefined && word in roleNames
}

/** Where a role counts. */
export function placeName(
  scope: string | null | undefined,
  scopes: readonly { id: string; name: string }[] | undefined,
): string {
  if (scope === undefined || scope === null) return 'everywhere'
  return scopes?.find((it) => it.id === scope)?.name ?? scope
}
