import { makeStyles } from '@fluentui/react-components'
import { tokens } from '#/ui/tokens'

const useStyles = makeStyles({ mark: { color: tokens.colorBrandForeground1, display: 'block' } })

/** A piece of a battlement: what a merlon is. */
export function Logo({ width = 22 }: { width?: number }) {
  const styles = useStyles()
  return (
    <svg
      className={styles.mark}
      width={width}
      height={width}
      viewBox="0 0 32 32"
      fill="currentColor"
      aria-hidden="true"
    >
      <path fillRule="evenodd" d="M3 5h6v6h4V5h6v6h4V5h6v22H19v-6a3 3 0 0 0-6 0v6H3z" />
    </svg>
  )
}
