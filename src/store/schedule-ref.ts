/** Whether what schedules are referred to by is an id; a name never looks like one. */
export function isId(ref: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(ref)
}
