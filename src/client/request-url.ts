const outsideOfApi = ['/', '/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']

/** The path that a route such as `GET /schedules/{id}` has on the server, not filled in. */
export function templateOf(route: string): { method: string; template: string } {
  const [method = '', path = ''] = route.split(' ')
  return { method, template: `${outsideOfApi.includes(path) ? '' : '/api/v1'}${path}` }
}

/** @throws TypeError when one of the parameters is empty: the path would be another endpoint's */
export function pathOf(route: string, params: Readonly<Record<string, string>>): { method: string; path: string } {
  const { method, template } = templateOf(route)
  const path = template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = params[name]
    if (value === undefined || value === '') throw new TypeError(`params.${name} must not be empty`)
    return encodeURIComponent(value)
  })
  return { method, path }
}

/** A query as it stands in a URL. */
export function searchOf(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) search.append(name, toText(one))
  }
  return search.toString()
}

function toText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}
