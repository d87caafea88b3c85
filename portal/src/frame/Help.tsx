import {
  Button,
  Dialog,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  makeStyles,
} from '@fluentui/react-components'
import { DismissRegular } from '#/ui/icons'
import { space, tokens } from '#/ui/tokens'
import { type Key, useKeyGroups } from './keys'

const useStyles = makeStyles({
  groups: { columnWidth: '240px', columnGap: space.xxl },
  group: { breakInside: 'avoid', paddingBottom: space.l },
  title: { fontSize: '13px', lineHeight: '20px', fontWeight: 600, paddingBottom: space.xs },
  row: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    minHeight: '28px',
    fontSize: '13px',
  },
  keys: { display: 'flex', gap: '4px' },
  key: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: '12px',
    lineHeight: '18px',
    minWidth: '20px',
    textAlign: 'center',
    paddingInline: '5px',
    borderRadius: tokens.borderRadiusSmall,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    backgroundColor: tokens.colorNeutralBackground2,
  },
})

/** All keys that work on the page that is shown. */
export function Help({ close }: { close: () => void }) {
  const styles = useStyles()
  const groups = useKeyGroups()
  return (
    <Dialog open onOpenChange={(_, it) => it.open || close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle
            action={
              <DialogTrigger action="close">
                <Button appearance="subtle" aria-label="Close" icon={<DismissRegular />} />
              </DialogTrigger>
            }
          >
            Keyboard
          </DialogTitle>
          <DialogContent className={styles.groups}>
            {groups.map((group) => (
              <section key={group.title} className={styles.group}>
                <h3 className={styles.title}>{group.title}</h3>
                {group.keys.map((key) => (
                  <KeyRow key={key.keys} of={key} />
                ))}
              </section>
            ))}
          </DialogContent>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

function KeyRow({ of }: { of: Key }) {
  const styles = useStyles()
  return (
    <div className={styles.row}>
      <span>{of.label}</span>
      <span className={styles.keys}>
        {of.keys.split(/[ +]/).map((key, at) => (
          <kbd key={at} className={styles.key}>
            {key}
          </kbd>
        ))}
      </span>
    </div>
  )
}
