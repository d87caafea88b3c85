import { Time } from '#/ui/Time'
import { useInstantOf } from './names'

/** When a commit was made; its number where that lies too far back. */
export function Since({ commit }: { commit: number | null | undefined }) {
  const instantOf = useInstantOf()
  if (commit === null || commit === undefined) return <span>–</span>
  const at = instantOf(commit)
  return at === undefined ? <span>commit {commit}</span> : <Time at={at} />
}
