import { Button, makeStyles } from '@fluentui/react-components'
import { ArrowSyncRegular } from '#/ui/icons'
import { size } from '#/ui/tokens'
import { counted } from '#/util/format'
import { showChanges, useWaitingChanges } from './live'

const useStyles = makeStyles({ more: { [size.phone]: { display: 'none' } }, hold: { display: 'contents' } })

/** "3 changes · Show", when something changed since the page was read. */
export function ChangesNotice() {
  const styles = useStyles()
  const waiting = useWaitingChanges()
  return (
    <div className={styles.hold} role="status">
      {waiting === 0 ? null : (
        <Button size="small" appearance="outline" icon={<ArrowSyncRegular />} onClick={showChanges}>
          {counted(waiting, 'change')}
          <span className={styles.more}>&nbsp;· Show</span>
        </Button>
      )}
    </div>
  )
}
