import { makeStyles, mergeClasses } from '@fluentui/react-components'
import { useRouter, useSearch } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { useLinkStyles } from './Link'

const useStyles = makeStyles({ plain: { color: 'inherit' } })

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  /** An address of the portal, made by `paths`. */
  href: string
  plain?: boolean
}

/** A link to an address that `paths` made. It keeps the scope, and changes the page without loading all anew. */
export function Anchor({ href, plain = false, className, onClick, ...rest }: Props) {
  const linkClass = useLinkStyles()
  const styles = useStyles()
  const router = useRouter()
  const scope = useSearch({ strict: false, select: (search) => search.scope })
  const whole = keepScope(href, scope)
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    const isOrdinary =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!isOrdinary || event.defaultPrevented) return
    event.preventDefault()
    router.history.push(whole)
  }
  return (
    <a
      {...rest}
      href={whole}
      onClick={go}
      className={mergeClasses(linkClass, plain && styles.plain, className)}
    />
  )
}

/** The address with the scope that the portal is narrowed to, unless it names one itself. */
export function keepScope(href: string, scope: string | undefined): string {
  if (scope === undefined || /[?&]scope=/.test(href)) return href
  const sign = href.includes('?') ? '&' : '?'
  return `${href}${sign}scope=${encodeURIComponent(scope)}`
}
