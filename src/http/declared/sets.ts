/** What the tag begins with that says which set of declared schedules one was made by. */
const prefix = 'apply:'

export function tagOfSet(set: string): string {
  return `${prefix}${set}`
}

export function isSetTag(tag: string): boolean {
  return tag.startsWith(prefix)
}

/** The sets that tags name. */
export function setsOf(tags: readonly string[]): string[] {
  return tags.filter(isSetTag).map((tag) => tag.slice(prefix.length))
}
