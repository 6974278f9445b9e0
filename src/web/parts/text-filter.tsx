import { useEffect, useState } from 'preact/hooks'

/** Typing is waited for. */
const typingMs = 250

interface TextFilterProps {
  readonly label: string
  readonly value: string
  readonly isSearch?: boolean
  readonly onChange: (value: string) => void
}

/** One of the texts that a list is narrowed down by. */
export function TextFilter({ label, value, isSearch = false, onChange }: TextFilterProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => onChange(typed), typingMs)
    return () => clearTimeout(timer)
  }, [typed, value, onChange])
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: it has one of the two
    <label>
      {label}
      {isSearch ? (
        <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      ) : (
        <input value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      )}
    </label>
  )
}
