/** What an `Authorization` header says: nothing that is for us, nonsense, or a token. */
export type BearerCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'token'; readonly token: string }

// RFC 6750, section 2.1: blanks and a b64token after the scheme, which is in any case (RFC 9110, section 11.1).
const bearer = /^bearer +([a-z0-9\-._~+/]+=*)$/i

/** Reads an `Authorization` header. One of another scheme is none, for it may be for a proxy on the way. */
export function bearerToken(header = ''): BearerCredentials {
  if (!/^bearer(?:\s|$)/i.test(header)) return { kind: 'none' }
  const token = bearer.exec(header)?.[1]
  return token === undefined ? { kind: 'malformed' } : { kind: 'token', token }
}
