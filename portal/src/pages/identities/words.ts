// What the API says by word and id, as people say it.

export const answerWords: Readonly<Record<string, string>> = {
  allowed: 'Allowed',
  denied: 'Denied',
  unknown: 'Not known',
}

/** The last part of an id. */
export const shortId = (id: string): string => (id === '*' ? 'anybody' : id.split(/[/:]/).at(-1) || id)
