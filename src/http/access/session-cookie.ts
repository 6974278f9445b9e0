import type { Request } from 'express'

const name = 'pgbeat_session'

/** The key in the cookie of a browser that has logged in. */
export function sessionToken(request: Pick<Request, 'headers'>): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/**
 * A `Set-Cookie` that has a browser send a key with its requests: no script can read it, and no other site's page has it
 * sent. It ends with the browser.
 * @param token null logs out
 */
export function sessionCookie(token: string | null, request: Request): string {
  // Over plain HTTP a browser would not keep a secure one.
  const isSecure = request.secure || request.headers['x-forwarded-proto'] === 'https'
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', ...(isSecure ? ['Secure'] : [])]
  return [`${name}=${token ?? ''}`, ...attributes, ...(token === null ? ['Max-Age=0'] : [])].join('; ')
}
