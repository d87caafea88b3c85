// The only file that asks the browser for passkeys: from the options of the server to the answer that it reads.
// Written out, rather than by `toJSON` of the browser: password managers stand in for credentials and leave it out.
import type { Schemas } from './client'
import { Told } from './errors'

/** The options of the server for `navigator.credentials.create`. */
export type Creation = Schemas['PasskeyOptions_PasskeyCreation']['publicKey']
/** The options of the server for `navigator.credentials.get`. */
export type Request = Schemas['PasskeyOptions_PasskeyRequest']['publicKey']

/** Whether this browser knows passkeys at all: it does on pages of https and of this machine. */
export const knowsPasskeys = (): boolean => typeof window.PublicKeyCredential === 'function'

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const signs = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(signs, (sign) => sign.charCodeAt(0))
}

export function toText(bytes: ArrayBuffer): string {
  const signs = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('')
  return btoa(signs).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

// The words that browsers know. What else a server says is left out: each has a default, and ways are hints.
const wishes = ['discouraged', 'preferred', 'required'] as const
const attestations = ['none', 'indirect', 'direct', 'enterprise'] as const
const ways = ['ble', 'hybrid', 'internal', 'nfc', 'usb'] as const

const among = <T extends string>(all: readonly T[], word: string): T | undefined =>
  all.find((it) => it === word)

const known = (all: Creation['excludeCredentials']): PublicKeyCredentialDescriptor[] =>
  all.map(({ id, transports = [] }) => ({
    type: 'public-key',
    id: toBytes(id),
    transports: ways.filter((it) => transports.includes(it)),
  }))

/** Has an authenticator make a passkey. Throws `Told` when none is made. */
export async function makePasskey(options: Creation): Promise<Schemas['PasskeyRegistration']> {
  const { rp, user, challenge, timeout, pubKeyCredParams, excludeCredentials } = options
  const selection = options.authenticatorSelection
  const made = await asked('made', () =>
    navigator.credentials.create({
      publicKey: {
        rp,
        user: { ...user, id: toBytes(user.id) },
        challenge: toBytes(challenge),
        timeout,
        pubKeyCredParams: pubKeyCredParams.map(({ alg }) => ({ type: 'public-key', alg })),
        excludeCredentials: known(excludeCredentials),
        authenticatorSelection: {
          residentKey: among(wishes, selection.residentKey) ?? 'preferred',
          requireResidentKey: selection.requireResidentKey,
          userVerification: among(wishes, selection.userVerification) ?? 'preferred',
        },
        attestation: among(attestations, options.attestation) ?? 'none',
      },
    }),
  )
  const { response } = made
  if (!(response instanceof AuthenticatorAttestationResponse)) throw odd('made')
  return {
    rawId: toText(made.rawId),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports(),
    },
  }
}

/** Has an authenticator prove that it holds a passkey. Throws `Told` when none does. */
export async function provePasskey(options: Request): Promise<Schemas['PasskeyAuthentication']> {
  const { challenge, rpId, timeout, allowCredentials } = options
  const used = await asked('used', () =>
    navigator.credentials.get({
      publicKey: {
        challenge: toBytes(challenge),
        rpId,
        timeout,
        allowCredentials: known(allowCredentials),
        userVerification: among(wishes, options.userVerification) ?? 'required',
      },
    }),
  )
  const { response } = used
  if (!(response instanceof AuthenticatorAssertionResponse)) throw odd('used')
  const handle = response.userHandle
  return {
    rawId: toText(used.rawId),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      ...(handle === null || handle.byteLength === 0 ? {} : { userHandle: toText(handle) }),
    },
  }
}

async function asked(
  what: 'made' | 'used',
  ask: () => Promise<Credential | null>,
): Promise<PublicKeyCredential> {
  let answer: Credential | null
  try {
    answer = await ask()
  } catch (error) {
    throw new Told(`No passkey was ${what}`, whyNot(error))
  }
  if (!(answer instanceof PublicKeyCredential)) throw odd(what)
  return answer
}

const odd = (what: 'made' | 'used') => new Told(`No passkey was ${what}`, 'The browser gave something else.')

/** Browsers say little on purpose, so that a page does not learn which passkeys somebody has. */
function whyNot(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'AbortError':
      return 'The browser was told not to go on, waited too long, or has no passkey for this address.'
    case 'InvalidStateError':
      return 'This device has a passkey for this account already.'
    case 'SecurityError':
      return 'The address in the browser is not the one that the server is set up for.'
    case 'NotSupportedError':
      return 'This device cannot make keys of a kind that the server accepts.'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
