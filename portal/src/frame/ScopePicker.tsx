import { Button, makeStyles, Popover, PopoverSurface, PopoverTrigger } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { scopesQuery } from '#/api/queries/scopes'
import { ChevronDownRegular } from '#/ui/icons'
import { Loading } from '#/ui/states'
import { size } from '#/ui/tokens'
import { parseSearch, stringifySearch } from '#/util/search'

const ScopeList = lazy(() => import('./ScopeList').then((it) => ({ default: it.ScopeList })))

const KEY = 'merlon.scope'

const useStyles = makeStyles({
  button: {
    maxWidth: '260px',
    minWidth: 0,
    justifyContent: 'flex-start',
    fontWeight: 400,
    [size.phone]: { maxWidth: '112px' },
  },
  name: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  surface: { padding: 0, width: 'min(420px, calc(100vw - 16px))' },
  loading: { padding: '12px' },
})

/** The scope that all pages are narrowed to. It stands in the address, and this browser remembers the last one. */
export function ScopePicker() {
  const styles = useStyles()
  const router = useRouter()
  const scope = useSearch({ from: '__root__', select: (search) => search.scope })
  const { data } = useQuery(scopesQuery)
  const [isOpen, setIsOpen] = useState(false)
  useRemembered()
  const chosen = data?.items.find((it) => it.id === scope)
  const name = scope === undefined ? 'Everything' : (chosen?.name ?? scope)
  const choose = (next: string | undefined) => {
    setIsOpen(false)
    if (next === undefined) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
    // What a page found at one scope is not what it finds at another: its cursor and selection go.
    const { cursor: _, selected: __, ...search } = parseSearch(window.location.search)
    router.history.push(window.location.pathname + stringifySearch({ ...search, scope: next }))
  }
  return (
    <Popover open={isOpen} onOpenChange={(_, it) => setIsOpen(it.open)} positioning="below-start">
      <PopoverTrigger disableButtonEnhancement>
        <Button
          className={styles.button}
          size="small"
          appearance="outline"
          iconPosition="after"
          icon={<ChevronDownRegular />}
          aria-label={`Scope: ${name}`}
        >
          <span className={styles.name}>{name}</span>
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label="Scopes">
        <Suspense
          fallback={
            <div className={styles.loading}>
              <Loading rows={6} />
            </div>
          }
        >
          <ScopeList scopes={data?.items} chosen={scope} choose={choose} />
        </Suspense>
      </PopoverSurface>
    </Popover>
  )
}

/** Opening the portal without any address goes on where one was. A link that says nothing of a scope is left alone. */
function useRemembered() {
  const navigate = useNavigate()
  useEffect(() => {
    const kept = localStorage.getItem(KEY)
    const isBare = window.location.pathname === '/' && window.location.search === ''
    if (kept !== null && isBare) void navigate({ to: '/', search: { scope: kept }, replace: true })
  }, [navigate])
}
