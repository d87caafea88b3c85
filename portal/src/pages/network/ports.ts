// Ports as the server writes them: `tcp/22,8080-8090 udp/53 icmp`.

export interface PortRange {
  /** As it is written: `22` or `8080-8090`. */
  label: string
  first: number
}

/** The ports and ranges of a text, each once. Whatever has no number, such as `any`, is none. */
export function portsOf(text: string): PortRange[] {
  const found = new Map<string, PortRange>()
  for (const part of text.split(' ')) {
    for (const label of part.slice(part.indexOf('/') + 1).split(',')) {
      if (/^\d+(-\d+)?$/.test(label)) found.set(label, { label, first: Number.parseInt(label, 10) })
    }
  }
  return [...found.values()]
}
