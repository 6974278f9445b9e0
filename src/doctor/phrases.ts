/** `1 schedule`, `3 schedules`, and `1,000 or more schedules` when no more were counted. */
export function quantity(count: number, noun: string, most = Number.POSITIVE_INFINITY): string {
  const number = count.toLocaleString('en')
  return `${count >= most ? `${number} or more` : number} ${noun}${count === 1 ? '' : 's'}`
}

/** The first few of a list, and that there are more. */
export function firstOf(items: readonly string[], most = 3): string {
  return items.length > most ? `${items.slice(0, most).join(', ')}, …` : items.join(', ')
}

/** `4 s`, `12 min`, `3 h`, `5 days`; from 0 s on. */
export function ago(seconds: number): string {
  const passed = Math.max(0, seconds)
  if (passed < 120) return `${Math.round(passed)} s`
  if (passed < 7_200) return `${Math.round(passed / 60)} min`
  if (passed < 172_800) return `${Math.round(passed / 3_600)} h`
  return `${Math.round(passed / 86_400)} days`
}
