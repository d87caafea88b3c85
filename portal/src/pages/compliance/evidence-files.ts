// Files as the API takes them: their bytes in Base64.
import type { Schemas } from '#/api/client'

/** Bytes of all files of one attestation. */
export const MOST_BYTES = 10 * 1024 * 1024

/** Bytes that are encoded at once; a multiple of three, so that the parts can be put together. */
const PART = 3 * 8192

/** Bytes in Base64. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PART) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PART)))
  }
  return text
}

/** A file that somebody chose. */
export async function evidenceOf(file: File): Promise<Schemas['NewEvidence']> {
  return {
    name: file.name,
    mediaType: file.type === '' ? 'application/octet-stream' : file.type,
    content: base64(new Uint8Array(await file.arrayBuffer())),
  }
}
