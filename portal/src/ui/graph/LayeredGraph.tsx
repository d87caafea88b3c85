// A small graph from left to right. Nodes are links: Tab and arrow keys reach them; a list says the same beside it.
import { Button, mergeClasses } from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { count } from '#/util/format'
import { Loading } from '../states'
import css from './graph.module.css'
import {
  type Graph,
  type GraphEdge,
  type GraphNode,
  grouped,
  laidOut,
  lineOf,
  MOST_NODES,
  NODE,
  nextNode,
  type Placed,
} from './layout'

interface View {
  x: number
  y: number
  zoom: number
}

/**
 * Draws a graph. `node` draws what stands in a node: a link to it, with its icon. `center` is the node that it is about.
 * `edge` draws what stands on an edge that has a `room`, such as a button; a label is drawn when it is missing.
 * Above 300 nodes those of one group are one.
 */
export function LayeredGraph(props: {
  graph: Graph
  label: string
  center?: string | undefined
  node: (node: GraphNode) => ReactNode
  edge?: (edge: GraphEdge) => ReactNode
  height?: number
}) {
  const { graph, center } = props
  const isMany = graph.nodes.length > MOST_NODES
  const shown = useMemo(
    () => (isMany ? grouped(graph, new Set(center === undefined ? [] : [center])) : graph),
    [graph, isMany, center],
  )
  const layout = useQuery({
    queryKey: ['layout', shown],
    queryFn: () => laidOut(shown),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    // What is there stays until the next is laid out, which takes a moment.
    placeholderData: keepPreviousData,
  })
  if (layout.data === undefined) return <Loading rows={4} label="Laying out the graph" />
  return (
    <figure className={css.figure}>
      <Canvas {...props} placed={layout.data} />
      <figcaption className={css.caption}>
        {isMany ? `${count(graph.nodes.length)} resources, drawn by kind. ` : ''}
        Drag to move, Ctrl and wheel to zoom, arrow keys to go from node to node.
      </figcaption>
    </figure>
  )
}

/** `readable` is the least at which names can be read: a larger graph is moved rather than made smaller. */
const zooms = { least: 0.2, readable: 0.72, most: 2 } as const

function bounded(zoom: number): number {
  return Math.min(zooms.most, Math.max(zooms.least, zoom))
}

/** Where a length begins in a room: in its middle where it fits, else so that `focus` is as near to the middle as can be. */
function shift(room: number, length: number, focus: number): number {
  if (length <= room) return (room - length) / 2
  return -Math.max(0, Math.min(focus - room / 2, length - room))
}

function Canvas(props: {
  placed: Placed
  label: string
  center?: string | undefined
  node: (node: GraphNode) => ReactNode
  edge?: (edge: GraphEdge) => ReactNode
  height?: number
}) {
  const { placed, center } = props
  const box = useRef<HTMLElement>(null)
  const [view, setView] = useState<View>({ x: 0, y: 0, zoom: 1 })
  const [hovered, hover] = useState<string>()
  const drag = useRef<{ x: number; y: number }>(undefined)

  /** The whole of it where it can be read so, or anyhow when somebody asks for it. */
  const fit = useMemo(
    () => (least: number) => {
      const element = box.current
      if (element === null) return
      const [width, height] = [element.clientWidth, element.clientHeight]
      const whole = Math.min(1, width / (placed.width + 8), height / (placed.height + 8))
      const zoom = Math.max(least, whole)
      const at = placed.nodes.find((it) => it.id === center)
      setView({
        zoom,
        x: shift(width, placed.width * zoom, at === undefined ? 0 : (at.x + NODE.width / 2) * zoom),
        y: shift(height, placed.height * zoom, at === undefined ? 0 : (at.y + NODE.height / 2) * zoom),
      })
    },
    [placed, center],
  )
  useEffect(() => {
    const element = box.current
    if (element === null) return
    // Another width is another view; it is told of the first one, too.
    let width = -1
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width) return
      width = element.clientWidth
      fit(zooms.readable)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [fit])
  const zoomBy = (by: number) =>
    setView((now) => {
      const element = box.current
      const zoom = bounded(now.zoom * by)
      if (element === null) return now
      // What is in the middle stays in the middle.
      const [x, y] = [element.clientWidth / 2, element.clientHeight / 2]
      return { zoom, x: x - ((x - now.x) / now.zoom) * zoom, y: y - ((y - now.y) / now.zoom) * zoom }
    })
  useEffect(() => {
    const element = box.current
    if (element === null) return
    // React listens passively; the page would scroll or zoom with it.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const { left, top } = element.getBoundingClientRect()
      const [x, y] = [event.clientX - left, event.clientY - top]
      setView((now) => {
        const zoom = bounded(now.zoom * Math.exp(-event.deltaY / 400))
        return { zoom, x: x - ((x - now.x) / now.zoom) * zoom, y: y - ((y - now.y) / now.zoom) * zoom }
      })
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [])
  const onMove = (event: PointerEvent) => {
    const start = drag.current
    if (start === undefined) return
    drag.current = { x: event.clientX, y: event.clientY }
    setView((now) => ({ ...now, x: now.x + event.clientX - start.x, y: now.y + event.clientY - start.y }))
  }
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const own = event.target instanceof Element ? event.target.closest('[data-node]') : null
    const next =
      own === null ? undefined : nextNode(placed.nodes, own.getAttribute('data-node') ?? '', event.key)
    if (next === undefined) return
    event.preventDefault()
    const all = event.currentTarget.querySelectorAll<HTMLElement>('[data-node]')
    for (const it of all) {
      if (it.getAttribute('data-node') === next) it.querySelector<HTMLElement>('a, button')?.focus()
    }
  }
  const hasPart = (it: GraphEdge) => props.edge !== undefined && it.room !== undefined
  const isDim = (id: string) => hovered !== undefined && hovered !== id && !isNear(placed, hovered, id)
  return (
    <section
      ref={box}
      className={css.canvas}
      style={{ height: props.height ?? Math.max(180, Math.min(520, placed.height + 24)) }}
      aria-label={props.label}
      onPointerDown={(event) => {
        if (event.target instanceof Element && event.target.closest('a, button') !== null) return
        drag.current = { x: event.clientX, y: event.clientY }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        drag.current = undefined
      }}
      onKeyDown={onKey}
    >
      <div
        className={css.world}
        style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})` }}
      >
        <svg className={css.edges} width={placed.width} height={placed.height} aria-hidden="true">
          <defs>
            <marker
              id="arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerUnits="userSpaceOnUse"
              markerWidth="11"
              markerHeight="11"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8Z" className={css.arrow} />
            </marker>
          </defs>
          {placed.edges.map((it) => (
            <g
              key={`${it.from} ${it.to}`}
              className={mergeClasses(
                hovered !== undefined && hovered !== it.from && hovered !== it.to && css.dim,
              )}
            >
              <path
                d={lineOf(it.points)}
                className={mergeClasses(
                  css.edge,
                  it.isStrong === true && css.strong,
                  it.isGone === true && css.gone,
                )}
                markerEnd="url(#arrow)"
              />
              {hasPart(it) ? null : (
                <text x={it.at.x} y={it.at.y - 5} textAnchor="middle" className={css.verb}>
                  {it.label.length > 26 ? `${it.label.slice(0, 25)}…` : it.label}
                </text>
              )}
            </g>
          ))}
        </svg>
        {placed.edges.filter(hasPart).map((it) => (
          <div
            key={`${it.from} ${it.to}`}
            className={mergeClasses(
              css.part,
              hovered !== undefined && hovered !== it.from && hovered !== it.to && css.dim,
            )}
            style={{ left: it.at.x, top: it.at.y, width: it.room?.width }}
          >
            {props.edge?.(it)}
          </div>
        ))}
        {placed.nodes.map((it) => (
          <div
            key={it.id}
            data-node={it.id}
            className={mergeClasses(
              css.node,
              it.id === center && css.center,
              it.isGone === true && css.left,
              isDim(it.id) && css.dim,
            )}
            style={{ left: it.x, top: it.y, width: NODE.width, height: NODE.height }}
            onPointerEnter={() => hover(it.id)}
            onPointerLeave={() => hover(undefined)}
            onFocus={() => hover(it.id)}
            onBlur={() => hover(undefined)}
          >
            {props.node(it)}
          </div>
        ))}
      </div>
      <div className={css.zoom}>
        <Button size="small" aria-label="Zoom in" onClick={() => zoomBy(1.25)}>
          +
        </Button>
        <Button size="small" aria-label="Zoom out" onClick={() => zoomBy(0.8)}>
          −
        </Button>
        <Button size="small" onClick={() => fit(zooms.least)}>
          Fit
        </Button>
      </div>
    </section>
  )
}

function isNear(placed: Placed, a: string, b: string): boolean {
  return placed.edges.some((it) => (it.from === a && it.to === b) || (it.from === b && it.to === a))
}
