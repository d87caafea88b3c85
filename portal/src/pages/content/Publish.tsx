// What can be done with a check that was written.
import { Button } from '@fluentui/react-components'
import { saveFile } from '#/api/download'
import css from './content.module.css'
import { type Draft, idOf, missing } from './draft'
import type { Trial } from './use-trial'

export function Publish({ draft, trial }: { draft: Draft; trial: Trial }) {
  const lacks = missing(draft) || (trial.problem === undefined ? '' : 'Mend what is marked first.')
  return (
    <div className={css.actions}>
      <Button
        disabledFocusable={lacks !== ''}
        onClick={() =>
          saveFile(new Blob([trial.text], { type: 'application/yaml' }), `${idOf(draft)}.check.yaml`)
        }
      >
        Download as a file
      </Button>
      <span className={css.quiet}>{lacks}</span>
    </div>
  )
}
