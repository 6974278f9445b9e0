import { signal } from '@preact/signals'
import { type AnswerOf, ApiError, Client } from '../../client/client.ts'

/** The API that has served this page. The browser sends its cookie by itself. */
export const api = new Client({ url: location.origin })

export type Session = AnswerOf<'GET /session'>['data']

/** Who the user is; undefined until the API has said so. */
export const session = signal<Session | undefined>(undefined)

/** Asks who the user is. */
export async function loadSession(): Promise<void> {
  session.value = (await api.call('GET /session')).data
}

/** To be told of every error that a call ends with: an ended session shows the login. */
export function noticeError(error: unknown): void {
  const isLoggedOut = error instanceof ApiError && error.status === 401
  if (isLoggedOut && session.value !== undefined) session.value = { ...session.value, name: null, role: null }
}

const ranks = ['viewer', 'operator', 'admin'] as const

/** Whether the user may do what takes a role. */
export function mayAct(role: (typeof ranks)[number]): boolean {
  const own = session.value?.role
  return own !== undefined && own !== null && ranks.indexOf(own) >= ranks.indexOf(role)
}
