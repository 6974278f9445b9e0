import { computed, effect, signal } from '@preact/signals'
import { en, type Words } from './en.ts'
import { ja } from './ja.ts'

const languages = { en, ja } as const satisfies Record<string, Words>

export type Language = keyof typeof languages

const storedAs = 'pgbeat.language'

/** That of the browser, unless another one was chosen. */
export const language = signal<Language>(chosen() ?? (navigator.language.startsWith('ja') ? 'ja' : 'en'))

/** What to say, in the language that is set. */
export const words = computed<Words>(() => languages[language.value])

export const languageNames = Object.entries(languages).map(([code, { language: name }]) => ({
  code: code as Language,
  name,
}))

export function chooseLanguage(code: Language): void {
  localStorage.setItem(storedAs, code)
  language.value = code
}

function chosen(): Language | undefined {
  const stored = localStorage.getItem(storedAs)
  return stored !== null && stored in languages ? (stored as Language) : undefined
}

effect(() => {
  document.documentElement.lang = language.value
})
