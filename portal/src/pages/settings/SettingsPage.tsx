// What the whole team shares: each setting with what it is for, its bounds, and who changed it last.
import { Button, Input } from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, type Schemas } from '#/api/client'
import { settingsQuery } from '#/api/queries/work'
import { FormError } from '#/ui/FormError'
import { Link } from '#/ui/Link'
import { notify } from '#/ui/notify'
import { Page } from '#/ui/Page'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { count, counted } from '#/util/format'
import css from './settings.module.css'

type Setting = Schemas['Setting']

export function SettingsPage() {
  const settings = useQuery(settingsQuery)
  const changed = settings.data?.filter((it) => it.value !== it.default).length ?? 0
  return (
    <Page
      title="Settings"
      sentence={
        settings.data === undefined ? (
          ' '
        ) : (
          <>
            {changed === 0
              ? 'Everything is at its default'
              : `${counted(changed, 'setting')} ${changed === 1 ? 'differs' : 'differ'} from the default`}
            ; <Link to="/audit">the audit log</Link> says who changed what.
          </>
        )
      }
    >
      <Shown of={settings}>
        {(all) => (
          <ul className={css.list}>
            {all.map((it) => (
              <li key={it.name} className={css.setting}>
                <SettingForm key={it.value} setting={it} />
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Page>
  )
}

function SettingForm({ setting }: { setting: Setting }) {
  const client = useQueryClient()
  const [typed, type] = useState(String(setting.value))
  const value = typed.trim() === '' ? Number.NaN : Number(typed)
  const put = useMutation({
    mutationFn: (next: number | null) =>
      bodyOf(
        api.PUT('/api/v1/settings/{name}', {
          params: { path: { name: setting.name } },
          body: { value: next },
        }),
      ),
    onSuccess: async (_, next) => {
      await client.invalidateQueries({ queryKey: settingsQuery.queryKey })
      notify({
        intent: 'success',
        title: `${setting.name} is ${next === null ? 'back at its default' : count(next)}`,
        action: { label: 'Undo', do: () => put.mutate(setting.value) },
      })
    },
  })
  const may = setting.can.includes('settings.write')
  const isValid = Number.isInteger(value) && value >= setting.least && value <= setting.most
  const isNew = value !== setting.value
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (may && isValid && isNew) put.mutate(value)
  }
  const aboutId = `about-${setting.name}`
  return (
    <form onSubmit={submit} aria-label={setting.name}>
      <div className={css.name}>{setting.name}</div>
      <p className={css.about} id={aboutId}>
        {setting.about}
      </p>
      <div className={css.row}>
        <Input
          type="number"
          aria-label={setting.name}
          aria-describedby={aboutId}
          value={typed}
          min={setting.least}
          max={setting.most}
          disabled={!may}
          onChange={(_, { value: next }) => type(next)}
        />
        <Button
          type="submit"
          appearance="primary"
          disabledFocusable={!may || !isValid || !isNew || put.isPending}
        >
          Save
        </Button>
        <Button
          disabledFocusable={!may || setting.value === setting.default || put.isPending}
          onClick={() => put.mutate(null)}
        >
          Back to {count(setting.default)}
        </Button>
        <span className={css.quiet}>
          {isValid
            ? `From ${count(setting.least)} to ${count(setting.most)}.`
            : `It must be from ${count(setting.least)} to ${count(setting.most)}.`}{' '}
          {may ? '' : 'Your roles do not include changing it.'}
        </span>
      </div>
      {setting.by === undefined ||
      setting.by === null ||
      setting.at === undefined ||
      setting.at === null ? null : (
        <p className={css.quiet}>
          Changed by {setting.by} <Time at={setting.at} />
        </p>
      )}
      <FormError error={put.error} />
    </form>
  )
}
