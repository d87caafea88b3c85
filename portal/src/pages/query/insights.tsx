// What is known of the nodes of an answer: the internet, rights, criticality, what is open, tags.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '#/api/client'
import type { Graph } from '#/ui/graph/layout'
import { Badge } from '#/ui/parts'
import css from './query.module.css'
import { nodeOf } from './result'

type Insight = Schemas['NodeInsight']
export type Insights = ReadonlyMap<string, Insight>

/** Nodes that are asked about at once: the first ones of longer answers. */
const MOST = 500
/** Tags that are shown; the others are on the page of the resource. */
const TAGS = 3

/** The nodes of an answer, each once. */
export function idsOf(rows: readonly (readonly unknown[])[]): string[] {
  const ids = new Set<string>()
  for (const row of rows) {
    for (const value of row) {
      const node = nodeOf(value)
      if (node !== undefined) ids.add(node.id)
    }
    if (ids.size >= MOST) break
  }
  return [...ids].slice(0, MOST)
}

export const insightsQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['show_insights', ...ids],
    queryFn: async ({ signal }): Promise<Insights> => {
      const { items } = await bodyOf(api.POST('/api/v1/query/insights', { body: { ids: [...ids] }, signal }))
      return new Map(items.map((it) => [it.id, it]))
    },
    enabled: ids.length > 0,
    retry: false,
  })

const levels: Readonly<Record<string, string>> = {
  veryHigh: 'very high',
  high: 'high',
  medium: 'medium',
  low: 'low',
}

/** What is known in words, the gravest first. */
export function wordsOf(of: Insight): { word: string; title: string }[] {
  const found: { word: string; title: string }[] = []
  if (of.critical !== undefined && of.critical !== null) {
    found.push({ word: `critical: ${levels[of.critical] ?? of.critical}`, title: 'A critical asset' })
  }
  const { internet } = of
  if (internet !== undefined && internet !== null) {
    const width = internet.width ?? ''
    found.push({
      word: internet.answer === 'unknown' ? 'internet?' : `internet${width === '' ? '' : `: ${width}`}`,
      title:
        internet.answer === 'unknown'
          ? 'Packets from the internet may arrive: something that decides was not read'
          : `Packets from the internet arrive: ${internet.ports}`,
    })
  }
  if (of.administrator !== undefined && of.administrator !== null) {
    const isSure = of.administrator === 'yes'
    found.push({
      word: isSure ? 'administrator' : 'administrator?',
      title: isSure
        ? 'May do everything where it is at home'
        : 'May be able to do everything where it is at home',
    })
  }
  const { critical, high, medium, low } = of.open
  const open = critical + high + medium + low
  if (open > 0) {
    const parts = [
      [critical, 'critical'],
      [high, 'high'],
      [medium, 'medium'],
      [low, 'low'],
    ].filter(([n]) => n !== 0)
    found.push({
      word: `${open} open`,
      title: `Open: ${parts.map(([n, word]) => `${n} ${word}`).join(', ')}`,
    })
  }
  return found
}

/** Marks in a row; a line where nothing is known. */
export function Marks({ of }: { of: Insight | undefined }) {
  if (of === undefined) return null
  const tags = Object.entries(of.tags)
  return (
    <span className={css.marks}>
      {wordsOf(of).map((it) => (
        <Badge key={it.word} title={it.title}>
          {it.word}
        </Badge>
      ))}
      {tags.slice(0, TAGS).map(([key, value]) => (
        <span key={key} className={css.quiet} title={`Tag ${key}`}>
          {key}={value}
        </span>
      ))}
      {tags.length > TAGS ? <span className={css.quiet}>+{tags.length - TAGS}</span> : null}
    </span>
  )
}

/** A graph whose nodes say in words what is known of them. */
export function marked(graph: Graph, insights: Insights): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((it) => {
      const of = insights.get(it.id)
      const words = of === undefined ? [] : wordsOf(of).map(({ word }) => word)
      return words.length === 0 || it.what === undefined
        ? it
        : { ...it, what: [...words, it.what].join(' · ') }
    }),
  }
}
