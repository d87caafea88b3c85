/** A browser and a system, as far as a browser says what it is. */
export function agentWords(agent: string): string {
  const browser = [/Edg\//, /Firefox\//, /Chrome\//, /Safari\//].find((it) => it.test(agent))
  const names = new Map([
    ['Edg\\/', 'Edge'],
    ['Firefox\\/', 'Firefox'],
    ['Chrome\\/', 'Chrome'],
    ['Safari\\/', 'Safari'],
  ])
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(agent)?.[0]
  const name = browser === undefined ? undefined : names.get(browser.source)
  if (name === undefined) return agent === '' ? 'Unknown browser' : agent.slice(0, 60)
  return system === undefined ? name : `${name} on ${system.replace('Mac OS X', 'macOS')}`
}
