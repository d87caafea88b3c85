/** What lets a style element that a component makes count under the policy of the document; empty in development. */
export const cspNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
