// Small parts that pages are put together from: sections, facts, code, badges.
import { Fragment, type ReactNode } from 'react'
import { CopyButton } from './Copyable'
import css from './parts.module.css'

/** A part of a page with a heading. `aside` is a quiet remark beside it, `actions` stand at its end. */
export function Section(props: {
  title: ReactNode
  aside?: ReactNode
  actions?: ReactNode
  id?: string
  children: ReactNode
}) {
  return (
    <section className={css.section} id={props.id}>
      <div className={css.head}>
        <h2 className={css.title}>{props.title}</h2>
        {props.aside === undefined ? null : <span className={css.aside}>{props.aside}</span>}
        {props.actions === undefined ? null : <span className={css.end}>{props.actions}</span>}
      </div>
      {props.children}
    </section>
  )
}

/** Names with what they are. Facts without a value are left out. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={css.facts}>
      {of
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

/** Text for a machine, with a button that copies it. `what` completes the name of the button. */
export function Code({ text, what = 'code' }: { text: string; what?: string }) {
  return (
    <div className={css.code}>
      <pre>{text}</pre>
      <CopyButton text={text} what={what} />
    </div>
  )
}

/** A word in a frame: a state or a property that is no severity. */
export function Badge({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span className={css.badge} title={title}>
      {children}
    </span>
  )
}

/** Words in which marks of code (`so`) are set as code. */
export function Coded({ children }: { children: string }) {
  return children
    .split('`')
    .map((it, n) => (n % 2 === 0 ? <Fragment key={n}>{it}</Fragment> : <code key={n}>{it}</code>))
}

/** Several small things side by side. */
export function Row({ children }: { children: ReactNode }) {
  return <div className={css.badges}>{children}</div>
}

/** One figure, large, with what it is. */
export function Figure({ value, what }: { value: ReactNode; what: ReactNode }) {
  return (
    <div className={css.figure}>
      <strong>{value}</strong>
      <span>{what}</span>
    </div>
  )
}

/** Words of less weight. */
export function Quiet({ children }: { children: ReactNode }) {
  return <span className={css.quiet}>{children}</span>
}

/** Steps in their order. */
export function Steps({ of }: { of: readonly string[] }) {
  return (
    <ol className={css.list}>
      {of.map((it) => (
        <li key={it}>
          <Coded>{it}</Coded>
        </li>
      ))}
    </ol>
  )
}

/** An address of somebody else: a link only where it leads to a page, never to a script. */
export function Outside({ to }: { to: string }) {
  const isPage = to.startsWith('https://') || to.startsWith('http://')
  return isPage ? (
    <a href={to} rel="noreferrer noopener" target="_blank" className={css.outside}>
      {to}
    </a>
  ) : (
    <span>{to}</span>
  )
}
