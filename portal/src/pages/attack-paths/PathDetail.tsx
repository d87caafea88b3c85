// One path: from left to right, the same as numbered prose, and the fixes that cut it.
import { mergeClasses } from '@fluentui/react-components'
import { useMemo } from 'react'
import type { AttackStep } from '#/api/queries/attack'
import { Criticality } from '#/ui/Criticality'
import { KindIcon } from '#/ui/glyphs'
import { LayeredGraph } from '#/ui/graph/LayeredGraph'
import type { GraphNode } from '#/ui/graph/layout'
import { Section } from '#/ui/parts'
import { counted } from '#/util/format'
import css from './attack-paths.module.css'
import { FixList } from './FixList'
import { graphOf, isCut, type PathRow } from './rows'
import { Technique } from './Technique'
import { actorOf, likelihoodWord, nameOf } from './words'

interface PathDetailProps {
  row: PathRow
  without: readonly number[]
  strong: ReadonlySet<string>
  toggle: (fix: number) => void
  step: number | undefined
  openStep: (place: number) => void
}

export function PathDetail(props: PathDetailProps) {
  const { row, without, strong, openStep } = props
  const { path } = row
  const graph = useMemo(() => graphOf(path, without, strong), [path, without, strong])
  const name = `${nameOf(path.entry)} → ${nameOf(path.target)}`
  const others = path.entries - 1
  return (
    <Section
      title={name}
      aside={others > 0 ? `and from ${counted(others, 'more entry point')} like it` : undefined}
    >
      <LayeredGraph
        graph={graph}
        label={`Attack path ${name} as a graph`}
        node={(it) => <Position node={it} />}
        edge={(it) => {
          const place = Number(it.key)
          const step = path.steps[place]
          return step === undefined ? null : (
            <EdgeButton
              step={step}
              place={place}
              isOpen={props.step === place + 1}
              isGone={it.isGone === true}
              isStrong={it.isStrong === true}
              open={() => openStep(place + 1)}
            />
          )
        }}
      />
      <Prose {...props} />
      {path.fixes.length === 0 ? (
        <p className={css.text}>No single change of what was read cuts this path.</p>
      ) : (
        <FixList title="What cuts this path" fixes={path.fixes} without={without} toggle={props.toggle} />
      )}
    </Section>
  )
}

/** What the attacker has: the node, and what of it. The page of the resource is linked from the step. */
function Position({ node }: { node: GraphNode }) {
  return (
    <span className={css.position} title={node.name}>
      <KindIcon kind={node.group} />
      <span className={css.node}>
        <span className={css.name}>{node.name}</span>
        <span className={css.what}>{node.what}</span>
      </span>
      {node.crown === undefined ? null : <Criticality value={node.crown} quiet />}
    </span>
  )
}

function EdgeButton(props: {
  step: AttackStep
  place: number
  isOpen: boolean
  isGone: boolean
  isStrong: boolean
  open: () => void
}) {
  const { step, place } = props
  const likely = likelihoodWord(step.likelihood).toLowerCase()
  const under = [step.technique ?? '', likely].filter((it) => it !== '').join(' · ')
  const state = props.isGone ? ', cut' : props.isStrong ? ', several paths pass here' : ''
  return (
    <button
      type="button"
      className={mergeClasses(
        css.edge,
        props.isOpen && css.edgeOpen,
        props.isGone && css.edgeGone,
        props.isStrong && css.edgeStrong,
      )}
      aria-label={`Step ${place + 1}: ${step.title}, ${under}${state}. Why it is possible`}
      aria-pressed={props.isOpen}
      title={step.does}
      onClick={props.open}
    >
      <span className={css.verb}>{`${place + 1}. ${step.title}`}</span>
      <span className={css.under}>{props.isGone ? 'cut' : under}</span>
    </button>
  )
}

/** The path in words, for reports and for whoever does not see the picture. */
function Prose({ row, without, openStep }: PathDetailProps) {
  return (
    <ol className={css.prose} aria-label="The path, step by step">
      {row.path.steps.map((it, place) => (
        <li key={place} className={isCut(it, without) ? css.cut : undefined}>
          <strong>{actorOf(it.actor)}</strong> {it.does}. <Technique id={it.technique} />{' '}
          {likelihoodWord(it.likelihood)}
          {it.assumed ? ', if what was not read is as usual' : ''}.{' '}
          <button type="button" className={css.why} onClick={() => openStep(place + 1)}>
            Why<span className={css.hidden}>{` step ${place + 1} is possible`}</span>
          </button>
        </li>
      ))}
    </ol>
  )
}
