import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { mayAct } from '../data/api.ts'
import { Dialog } from '../parts/dialog.tsx'
import { pages } from './pages.ts'
import { words } from './words.ts'

const isHelpShown = signal(false)

/** Keys that belong to whoever writes: a letter there is a letter. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}

/** Two keys in a row, the first of which is g. */
const sequenceMs = 1_000

/** Everything can be done by keyboard; these are the shorter ways. */
export function useShortcuts(route: (url: string) => void): void {
  useEffect(() => {
    let goAt = Number.NEGATIVE_INFINITY
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === 'Escape') return leave(event)
      if (isWriting(event.target) || document.querySelector('dialog[open]')) return
      const page = pages.find(({ shortcut }) => shortcut === event.key)
      if (performance.now() - goAt < sequenceMs && page) route(page.path)
      else if (event.key === '?') isHelpShown.value = true
      else if (event.key === '/') focusSearch()
      else if (event.key === 'n' && mayAct('admin')) route('/schedules/new')
      else if (event.key !== 'g') return
      goAt = event.key === 'g' ? performance.now() : Number.NEGATIVE_INFINITY
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [route])
}

/** A dialog closes itself; a menu is closed; a field is left; otherwise one page back, as long as it is one of these. */
function leave(event: KeyboardEvent): void {
  if (document.querySelector('dialog[open]')) return
  const opener = document.querySelector<HTMLElement>('.choices[open] > summary, .menu-toggle[aria-expanded="true"]')
  if (opener) {
    opener.click()
    opener.focus()
  } else if (isWriting(event.target)) (event.target as HTMLElement).blur()
  else if (window.navigation?.canGoBack ?? true) history.back()
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('input[type=search]')?.focus()
}

export function ShortcutHelp() {
  const w = words.value
  const rows: [string, string][] = [
    ['?', w.shortcutHelp],
    ['/', w.shortcutSearch],
    ['Esc', w.shortcutBack],
    ...(mayAct('admin') ? [['n', w.shortcutNew] as [string, string]] : []),
    ...pages.map<[string, string]>(({ shortcut, name }) => [`g ${shortcut}`, w.shortcutGo(w[name])]),
  ]
  return (
    <Dialog isOpen={isHelpShown.value} title={w.shortcuts} onClose={() => (isHelpShown.value = false)}>
      <dl class="shortcuts">
        {rows.map(([keys, text]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
