// Named states of a list, kept in this browser. A view is an address, so that it can be sent to somebody.
import {
  Button,
  Field,
  Input,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Popover,
  PopoverSurface,
} from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { BookmarkRegular } from '#/ui/icons'
import { notify } from '#/ui/notify'

export interface SavedView {
  name: string
  /** What stands after `?`. */
  search: string
}

/** What was kept, read without trust. */
export function readViews(text: string | null): SavedView[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(found) ? found.flatMap((it: unknown) => viewOf(it)) : []
  } catch {
    return []
  }
}

function viewOf(it: unknown): SavedView[] {
  if (typeof it !== 'object' || it === null || !('name' in it) || !('search' in it)) return []
  return typeof it.name === 'string' && typeof it.search === 'string'
    ? [{ name: it.name, search: it.search }]
    : []
}

/**
 * A menu of views: those that everybody has, those of this browser, and a way to keep the present one.
 * `of` names the list, `search` is its present state, `show` goes to a view.
 */
export function SavedViews(props: {
  of: string
  given: readonly SavedView[]
  search: string
  show: (search: string) => void
}) {
  const place = `merlon.views.${props.of}`
  const [own, setOwn] = useState(() => readViews(localStorage.getItem(place)))
  const [isNaming, setNaming] = useState(false)
  const [name, setName] = useState('')
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const keep = (views: SavedView[]) => {
    localStorage.setItem(place, JSON.stringify(views))
    setOwn(views)
  }
  const current = [...own, ...props.given].find((it) => it.search === props.search)
  const save = (event: FormEvent) => {
    event.preventDefault()
    const given = name.trim()
    if (given === '') return
    keep([...own.filter((it) => it.name !== given), { name: given, search: props.search }])
    setNaming(false)
    setName('')
    notify({ intent: 'success', title: `Saved the view “${given}” in this browser` })
  }
  const remove = (view: SavedView) => {
    const before = own
    keep(own.filter((it) => it !== view))
    notify({
      intent: 'info',
      title: `Removed the view “${view.name}”`,
      action: { label: 'Undo', do: () => keep(before) },
    })
  }
  const copy = async () => {
    await navigator.clipboard.writeText(window.location.href)
    notify({ intent: 'success', title: 'Copied the link to this view' })
  }
  return (
    <span ref={setAnchor}>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button icon={<BookmarkRegular />}>{current?.name ?? 'Views'}</Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {props.given.map((it) => (
              <MenuItem key={it.name} onClick={() => props.show(it.search)}>
                {it.name}
              </MenuItem>
            ))}
            {own.length === 0 ? null : (
              <MenuGroup>
                <MenuGroupHeader>Yours</MenuGroupHeader>
                {own.map((it) => (
                  <MenuItem key={it.name} onClick={() => props.show(it.search)}>
                    {it.name}
                  </MenuItem>
                ))}
              </MenuGroup>
            )}
            <MenuDivider />
            <MenuItem onClick={() => setNaming(true)}>Save this view…</MenuItem>
            <MenuItem onClick={() => void copy()}>Copy link to this view</MenuItem>
            {own
              .filter((it) => it === current)
              .map((it) => (
                <MenuItem key={it.name} onClick={() => remove(it)}>
                  Remove “{it.name}”
                </MenuItem>
              ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <Popover
        open={isNaming}
        onOpenChange={(_, { open }) => setNaming(open)}
        positioning={{ target: anchor }}
        trapFocus
      >
        <PopoverSurface aria-label="Save this view">
          <form onSubmit={save} style={{ display: 'flex', gap: 8, alignItems: 'flex-end' }}>
            <Field label="Name of the view">
              <Input value={name} onChange={(_, { value }) => setName(value)} />
            </Field>
            <Button type="submit" appearance="primary" disabledFocusable={name.trim() === ''}>
              Save
            </Button>
          </form>
        </PopoverSurface>
      </Popover>
    </span>
  )
}
