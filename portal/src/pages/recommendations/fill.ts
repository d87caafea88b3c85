// Commands with the ids of a resource in them, ready to be pasted.

interface Subject {
  id: string
  name: string
  region: string
  /** The innermost scope in which it lies. */
  home: string
}

/** Puts what is known of the resource into the gaps of a command; gaps that nothing is known for stay. */
export function filled(command: string, subject: Subject): string {
  const group =
    /\/resourceGroups\/([^/]+)/i.exec(subject.id)?.[1] ?? /\/resourceGroups\/([^/]+)/i.exec(subject.home)?.[1]
  const values: Record<string, string | undefined> = {
    id: subject.id,
    name: subject.name,
    region: subject.region === '' ? undefined : subject.region,
    resourceGroup: group,
  }
  return command.replaceAll(/\{(\w+)\}/g, (gap: string, name: string) => {
    const value = values[name]
    return value === undefined ? gap : quoted(value)
  })
}

/** As one word of a shell, whatever is in it: names come from clouds and are not to be trusted. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}
