import { Tooltip } from '@fluentui/react-components'
import { ago, instant } from '#/util/format'

/** An instant, told from now; the exact one shows on hover and to machines. */
export function Time({ at }: { at: string }) {
  return (
    <Tooltip content={instant(at)} relationship="description">
      <time dateTime={at} data-moving>
        {ago(at)}
      </time>
    </Tooltip>
  )
}
