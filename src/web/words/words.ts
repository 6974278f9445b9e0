import { computed, effect, type ReadonlySignal, signal } from '@preact/signals'

/** The languages that the dashboard speaks. */
export const languageNames = { en: 'English', ja: '日本語' } as const

export type Language = keyof typeof languageNames

const storedAs = 'pgbeat.language'

/** That of the browser, unless another one was chosen. */
export const language = signal<Language>(chosen() ?? (navigator.language.startsWith('ja') ? 'ja' : 'en'))

/** How dates and numbers are written: as where the browser is, where the language that is set is spoken there. */
export const locale = computed(
  () => navigator.languages.find((code) => code.startsWith(language.value)) ?? language.value,
)

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

/** So many of something, in English. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** As far as they were counted, in English: `10,000+ runs` are more. */
export function countedUpTo(count: number, isExact: boolean, one: string, many = `${one}s`): string {
  return isExact ? counted(count, one, many) : `${count.toLocaleString('en')}+ ${many}`
}

function chosen(): Language | undefined {
  const stored = localStorage.getItem(storedAs)
  return stored !== null && Object.hasOwn(languageNames, stored) ? (stored as Language) : undefined
}

effect(() => {
  document.documentElement.lang = language.value
})
