import { computed, effect, type ReadonlySignal, signal } from '@preact/signals'

/** The languages that the dashboard speaks. */
export const languageNames = { en: 'English', ja: '日本語' } as const

export type Language = keyof typeof languageNames

const storedAs = 'pgbeat.language'

/** That of the browser, unless another one was chosen. */
export const language = signal<Language>(chosen() ?? (navigator.language.startsWith('ja') ? 'ja' : 'en'))

export function chooseLanguage(code: Language): void {
  localStorage.setItem(storedAs, code)
  language.value = code
}

/** A part's texts in the language that is set; a part brings its own, in every language. */
export function inLanguage<Words>(
  texts: { readonly [Code in Language]: NoInfer<Words> } & { en: Words },
): ReadonlySignal<Words> {
  return computed(() => texts[language.value])
}

function chosen(): Language | undefined {
  const stored = localStorage.getItem(storedAs)
  return stored !== null && Object.hasOwn(languageNames, stored) ? (stored as Language) : undefined
}

effect(() => {
  document.documentElement.lang = language.value
})
