import { makeStyles, mergeClasses } from '@fluentui/react-components'
import { createLink, type LinkComponent } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, Ref } from 'react'
import { tokens } from './tokens'

const useStyles = makeStyles({
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    borderRadius: tokens.borderRadiusSmall,
    ':hover': { textDecorationLine: 'underline', color: tokens.colorBrandForegroundLinkHover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
  },
  plain: { color: 'inherit' },
})

/** How a link looks, for what is a link in another way. */
export const useLinkStyles = (): string => useStyles().link

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  ref?: Ref<HTMLAnchorElement>
  /** Looks like the text around it until it is pointed at: for figures and names in tables. */
  plain?: boolean
}

function Anchor({ plain = false, className, ...rest }: AnchorProps) {
  const styles = useStyles()
  return <a {...rest} className={mergeClasses(styles.link, plain && styles.plain, className)} />
}

/** A link to another page or state of the portal, typed by the list of routes, fetched ahead on hover. */
export const Link: LinkComponent<typeof Anchor> = createLink(Anchor)
