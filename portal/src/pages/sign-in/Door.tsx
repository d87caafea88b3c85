// What stands around the pages of those who are not signed in.
import { makeStyles } from '@fluentui/react-components'
import { type ReactNode, useEffect } from 'react'
import { Logo } from '#/frame/Logo'
import { size, space, tokens } from '#/ui/tokens'

const useStyles = makeStyles({
  door: {
    minHeight: '100%',
    display: 'grid',
    placeItems: 'center',
    padding: space.l,
    backgroundColor: tokens.colorNeutralBackground2,
    color: tokens.colorNeutralForeground1,
    [size.phone]: { placeItems: 'start stretch', backgroundColor: tokens.colorNeutralBackground1 },
  },
  card: {
    width: 'min(400px, 100%)',
    display: 'flex',
    flexDirection: 'column',
    gap: space.l,
    padding: space.xxl,
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow8,
    [size.phone]: { boxShadow: 'none', padding: space.s, width: '100%' },
  },
  head: { display: 'flex', flexDirection: 'column', gap: space.s },
  title: { fontSize: '24px', lineHeight: '32px', fontWeight: 600 },
  about: { color: tokens.colorNeutralForeground2, lineHeight: '20px' },
})

export function Door(props: { title: string; about?: ReactNode; children?: ReactNode }) {
  const styles = useStyles()
  useEffect(() => {
    document.title = `${props.title} · Merlon`
  }, [props.title])
  return (
    <main className={styles.door}>
      <div className={styles.card}>
        <Logo width={36} />
        <div className={styles.head}>
          <h1 className={styles.title}>{props.title}</h1>
          {props.about === undefined ? null : <p className={styles.about}>{props.about}</p>}
        </div>
        {props.children}
      </div>
    </main>
  )
}

export const useFormStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: space.l },
  buttons: { display: 'flex', flexDirection: 'column', gap: space.s },
  rule: { display: 'flex', alignItems: 'center', gap: space.m, color: tokens.colorNeutralForeground3 },
  line: { flexGrow: 1, height: '1px', backgroundColor: tokens.colorNeutralStroke2 },
})
