import { effect, signal } from '@preact/signals'

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const storedAs = 'pgbeat.theme'
const stored = localStorage.getItem(storedAs)

export const theme = signal<Theme>(themes.find((name) => name === stored) ?? 'system')

export function chooseTheme(name: Theme): void {
  localStorage.setItem(storedAs, name)
  theme.value = name
}

effect(() => {
  document.documentElement.dataset.theme = theme.value
})
