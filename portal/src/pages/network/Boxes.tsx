// The boxes of the map, each in the one around it, with lines from the internet to what it reaches.
import { mergeClasses } from '@fluentui/react-components'
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useNarrow } from '#/hooks/use-narrow'
import { OpenCounts } from '#/components/marks'
import { CloudIcon, KindIcon } from '#/ui/glyphs'
import { ChevronDownRegular, ChevronRightRegular, GlobeRegular } from '#/ui/icons'
import { VisuallyHidden } from '#/ui/Severity'
import { count, counted } from '#/util/format'
import css from './map.module.css'
import { type NetworkSearch, networkSearch } from './search'
import { isOpen, openAtFirst, type Spot, type Topology } from './topology'

/** End points of one box that are drawn; the others are counted. */
const MOST_ENDS = 200

const INTERNET = 'internet'

/** A line from the internet. */
interface Line {
  to: string
  /** End points that it stands for. */
  n: number
  isSure: boolean
  isChosen: boolean
}

interface BoxesProps {
  of: Topology
  search: NetworkSearch
  go: (next: NetworkSearch) => void
}

export function Boxes({ of, search, go }: BoxesProps) {
  const atFirst = useMemo(() => openAtFirst(of), [of])
  const flipped = useMemo(() => search.flip ?? [], [search.flip])
  const chosen = search.node === undefined ? undefined : of.spots.get(search.node)
  const around = useMemo(() => boxesAround(chosen), [chosen])
  const open = (id: string) => around.has(id) || isOpen(id, atFirst, flipped)
  const flip = (id: string) =>
    go(
      networkSearch({
        ...search,
        flip: flipped.includes(id) ? flipped.filter((it) => it !== id) : [...flipped, id],
      }),
    )
  const choose = (id: string) =>
    go(
      networkSearch({
        ...search,
        node: search.node === id ? undefined : id,
        from: undefined,
        to: undefined,
        port: undefined,
      }),
    )
  const box = useRef<HTMLDivElement>(null)
  // A link to an end point shows it, wherever on the map it stands.
  const atOnce = useRef(search.node)
  useEffect(() => {
    const id = atOnce.current
    if (id === undefined) return
    for (const it of box.current?.querySelectorAll('button[data-spot]') ?? []) {
      if (it.getAttribute('data-spot') === id) it.scrollIntoView({ block: 'center' })
    }
  }, [])
  const isNarrow = useNarrow()
  const lines = useMemo(() => linesOf(of, chosen), [of, chosen])
  return (
    <div ref={box} className={css.map} role="group" aria-label="Map of the networks">
      {isNarrow ? null : <Lines box={box} of={lines} />}
      <div className={css.outside} data-spot={INTERNET}>
        <GlobeRegular aria-hidden="true" /> The internet
      </div>
      <div className={css.scopes}>
        {of.scopes.map((it) => (
          <Box key={it.id} of={it} open={open} flip={flip} chosen={search.node} choose={choose} />
        ))}
      </div>
    </div>
  )
}

/** Lines to what is reached: one to each account for all that is in it, and one to the end point that is chosen. */
function linesOf(of: Topology, chosen: Spot | undefined): Line[] {
  const lines = of.scopes
    .filter((it) => it.exposed + it.unsure > 0)
    .map((it) => ({ to: it.id, n: it.exposed + it.unsure, isSure: it.exposed > 0, isChosen: false }))
  if (chosen?.exposure === undefined) return lines
  return [...lines, { to: chosen.id, n: 1, isSure: chosen.exposure.answer === 'yes', isChosen: true }]
}

/** The boxes around one, which are open as long as it is chosen. */
function boxesAround(spot: Spot | undefined): ReadonlySet<string> {
  const found = new Set<string>()
  for (let at = spot?.parent; at !== undefined; at = at.parent) found.add(at.id)
  return found
}

interface BoxProps {
  of: Spot
  open: (id: string) => boolean
  flip: (id: string) => void
  chosen: string | undefined
  choose: (id: string) => void
}

const levelWords = { scope: 'account', network: 'network', subnet: 'subnet', end: 'end point' } as const

function Box(props: BoxProps) {
  const { of, open, flip, chosen, choose } = props
  if (of.level === 'end') return <End of={of} isChosen={chosen === of.id} choose={choose} />
  const isThere = open(of.id)
  const inner = of.children.filter((it) => it.level !== 'end')
  const ends = of.children.filter((it) => it.level === 'end')
  return (
    <section
      className={mergeClasses(css.box, css[of.level])}
      aria-label={`${of.name}, ${levelWords[of.level]}`}
      data-spot={of.id}
    >
      <h3 className={css.head}>
        <button
          type="button"
          className={css.fold}
          aria-expanded={isThere}
          disabled={of.children.length === 0}
          title={of.id}
          onClick={() => flip(of.id)}
        >
          <span className={css.arrow} aria-hidden="true">
            {isThere ? <ChevronDownRegular /> : <ChevronRightRegular />}
          </span>
          {of.level === 'scope' ? <CloudIcon cloud={cloudOf(of)} /> : <KindIcon kind={of.kind} />}
          <span className={css.name}>{of.name}</span>
          <span className={css.n} title={counted(of.ends, 'end point')}>
            {of.level === 'subnet' ? (
              <>
                {of.ends === 0 ? 'empty' : count(of.ends)}
                <VisuallyHidden>{of.ends === 0 ? '' : ' end points'}</VisuallyHidden>
              </>
            ) : (
              counted(of.ends, 'end point')
            )}
          </span>
          <Signs of={of} />
        </button>
      </h3>
      {isThere && of.children.length > 0 ? (
        <div className={css.inside}>
          {inner.map((it) => (
            <Box key={it.id} {...props} of={it} />
          ))}
          {ends.length === 0 ? null : (
            <div className={css.ends}>
              {inner.length > 0 ? (
                <span className={css.beyond}>{of.level === 'scope' ? 'In no network' : 'In no subnet'}</span>
              ) : null}
              {ends.slice(0, MOST_ENDS).map((it) => (
                <End key={it.id} of={it} isChosen={chosen === it.id} choose={choose} />
              ))}
              {ends.length > MOST_ENDS ? (
                <span className={css.beyond}>{count(ends.length - MOST_ENDS)} more are not drawn</span>
              ) : null}
            </div>
          )}
        </div>
      ) : null}
    </section>
  )
}

/** The cloud of an account, told by what is in it. */
function cloudOf(spot: Spot): string {
  const kind = spot.level === 'scope' ? spot.children[0]?.kind : spot.kind
  return kind?.split('.')[0] ?? ''
}

/** How much of it the internet reaches, and what is open in it. */
function Signs({ of }: { of: Spot }) {
  const hasOpen = of.open.critical + of.open.high > 0
  return (
    <>
      {of.exposed + of.unsure === 0 ? null : (
        <span
          className={css.reached}
          title={`${counted(of.exposed, 'end point is', 'end points are')} reached from the internet${
            of.unsure === 0 ? '' : `; of ${count(of.unsure)} it is not known`
          }`}
        >
          <GlobeRegular aria-hidden="true" />
          {count(of.exposed)}
          {of.unsure === 0 ? '' : '?'}
          <VisuallyHidden> reached from the internet</VisuallyHidden>
        </span>
      )}
      {hasOpen ? <OpenCounts counts={{ ...of.open, medium: 0, low: 0 }} /> : null}
    </>
  )
}

function End(props: { of: Spot; isChosen: boolean; choose: (id: string) => void }) {
  const { of, isChosen } = props
  const ports = of.exposure?.ports ?? ''
  const said =
    of.exposure === undefined
      ? ''
      : of.exposure.answer === 'yes'
        ? `reached from the internet at ${ports}`
        : 'not known whether the internet reaches it'
  const hasOpen = of.open.critical + of.open.high > 0
  return (
    <button
      type="button"
      className={mergeClasses(css.end, isChosen && css.chosen, said !== '' && css.facing)}
      data-spot={of.id}
      aria-pressed={isChosen}
      title={said === '' ? of.id : `${of.id}\n${said}`}
      onClick={() => props.choose(of.id)}
    >
      <KindIcon kind={of.kind} />
      <span className={css.name}>{of.name}</span>
      {said === '' ? null : (
        <span className={css.reached}>
          <GlobeRegular aria-hidden="true" />
          {of.exposure?.answer === 'yes' ? '' : '?'}
          <VisuallyHidden>{`, ${said}`}</VisuallyHidden>
        </span>
      )}
      {hasOpen ? <OpenCounts counts={{ ...of.open, medium: 0, low: 0 }} /> : null}
    </button>
  )
}

interface Drawing {
  width: number
  height: number
  ways: readonly (Line & { path: string })[]
}

/** Lines behind the boxes, from side to side. What they say stands as signs on the boxes, too. */
function Lines({ box, of }: { box: RefObject<HTMLDivElement | null>; of: readonly Line[] }) {
  const [drawing, setDrawing] = useState<Drawing>({ width: 0, height: 0, ways: [] })
  const draw = useCallback(() => {
    const element = box.current
    if (element === null) return
    const own = element.getBoundingClientRect()
    const spots = new Map<string, DOMRect>()
    for (const it of element.querySelectorAll('[data-spot]')) {
      spots.set(it.getAttribute('data-spot') ?? '', it.getBoundingClientRect())
    }
    const ways = of.flatMap((line) => {
      const [from, to] = [spots.get(INTERNET), spots.get(line.to)]
      if (from === undefined || to === undefined) return []
      const [x1, y1] = [from.right - own.left, from.top + from.height / 2 - own.top]
      // A box is met at its head, so that the line does not cross what is in it.
      const [x2, y2] = [to.left - own.left, to.top + Math.min(to.height / 2, 18) - own.top]
      const middle = x1 + Math.min(32, (x2 - x1) / 2)
      return [
        {
          ...line,
          path: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y1} ${middle} ${(y1 + y2) / 2}S${middle} ${y2} ${x2} ${y2}`,
        },
      ]
    })
    const next = { width: own.width, height: own.height, ways }
    // The same drawing again draws nothing.
    setDrawing((now) => (JSON.stringify(now) === JSON.stringify(next) ? now : next))
  }, [box, of])
  // What is open changes where boxes stand: every drawing of the page looks again.
  useLayoutEffect(draw)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(draw)
    observer.observe(element)
    return () => observer.disconnect()
  }, [box, draw])
  return (
    <svg className={css.lines} width={drawing.width} height={drawing.height} aria-hidden="true">
      {drawing.ways.map((it) => (
        <path
          key={`${it.to} ${it.isChosen}`}
          d={it.path}
          className={mergeClasses(css.way, !it.isSure && css.unsure, it.isChosen && css.own)}
          style={{ strokeWidth: it.isChosen ? 2.5 : 1 + Math.min(4, Math.log2(it.n)) }}
        />
      ))}
    </svg>
  )
}
