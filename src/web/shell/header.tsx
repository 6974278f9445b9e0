import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { act } from '../data/act.ts'
import { api, changeSession, session } from '../data/api.ts'
import { isLive } from '../data/live.ts'
import { chooseLanguage, type Language, language, languageNames } from '../words/words.ts'
import { pages } from './pages.ts'
import { chooseTheme, type Theme, theme } from './theme.ts'
import { words } from './words.ts'

export function Header() {
  const w = words.value
  return (
    <header class="head">
      <a class="brand" href="/">
        pgbeat
      </a>
      <Menu />
      <div class="head-end">
        <span class={`pulse ${isLive.value ? 'pulse-on' : 'pulse-off'}`} role="status">
          {isLive.value ? w.live : w.notLive}
        </span>
        <Choices />
      </div>
    </header>
  )
}

/** The way to every page; behind a button where there is no room for all of it. */
function Menu() {
  const w = words.value
  const { path } = useLocation()
  const [isOpen, setIsOpen] = useState(false)
  useEffect(() => setIsOpen(false), [path])
  const isCurrent = (page: string) => (page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`))
  return (
    <>
      <button
        type="button"
        class="quiet menu-toggle"
        aria-expanded={isOpen}
        aria-controls="menu"
        onClick={() => setIsOpen(!isOpen)}
      >
        <span aria-hidden="true">☰</span> {w.menu}
      </button>
      <nav id="menu" class={isOpen ? 'menu-open' : 'menu-closed'} aria-label={w.navigation}>
        <ul>
          {pages.map((page) => (
            <li key={page.path}>
              <a href={page.path} aria-current={isCurrent(page.path) ? 'page' : undefined}>
                {w[page.name]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </>
  )
}

function logOut(): void {
  void act({ run: () => changeSession(() => api.call('DELETE /session')), failed: words.value.notLoggedOut })
}

function Choices() {
  const w = words.value
  const themeNames = { system: w.themeSystem, light: w.themeLight, dark: w.themeDark }
  return (
    <details class="choices">
      <summary>{session.value?.name ?? ''}</summary>
      <div class="choices-body">
        <p class="hint">
          {session.value?.is_open ? w.open : w.youAre(session.value?.name ?? '', session.value?.role ?? '')}
        </p>
        <label>
          {w.theme}
          <select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
            {Object.entries(themeNames).map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span lang="en">Language</span>
          <select value={language.value} onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}>
            {Object.entries(languageNames).map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {session.value?.is_open === false && (
          <button type="button" onClick={logOut}>
            {w.logOut}
          </button>
        )}
      </div>
    </details>
  )
}
