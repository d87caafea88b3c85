import { Button } from '@fluentui/react-components'
import { useSectionStyles } from './Section'

/** Codes that each stand in once for what is lost; nobody sees them again. */
export function RecoveryCodes({ codes, done }: { codes: readonly string[]; done: () => void }) {
  const styles = useSectionStyles()
  return (
    <div className={styles.form}>
      <p>
        Each of these recovery codes replaces your app or passkey once. They are shown only now: keep them
        where the device is not.
      </p>
      <output className={styles.code} aria-label="Recovery codes">
        <div className={styles.codes}>
          {codes.map((it) => (
            <div key={it}>{it}</div>
          ))}
        </div>
      </output>
      <div className={styles.buttons}>
        <Button appearance="primary" onClick={done}>
          I have kept them
        </Button>
        <Button onClick={() => void navigator.clipboard.writeText(codes.join('\n'))}>Copy</Button>
      </div>
    </div>
  )
}
