import { words } from './words.ts'

/** Why a run is what it is, in words; its code, as the API says it, is the title. */
export function Reason({ reason }: { reason: string | null }) {
  if (reason === null) return null
  const texts: Readonly<Record<string, string>> = words.value.reasons
  return <span title={reason}>{texts[reason] ?? reason}</span>
}
