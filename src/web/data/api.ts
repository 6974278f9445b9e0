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

let changing: Promise<unknown> = Promise.resolve()

/** Does what changes who the user is. What is refused meanwhile says nothing about who they are after it. */
export function changeSession<Answer>(change: () => Promise<Answer>): Promise<Answer> {
  const changed = changeAndLoad(change)
  changing = changed.catch(() => {})
  return changed
}

async function changeAndLoad<Answer>(change: () => Promise<Answer>): Promise<Answer> {
  const answer = await change()
  await loadSession()
  return answer
}

let checking: Promise<void> | undefined

/** To be told of every error that a call ends with: an ended session shows the login. */
export function noticeError(error: unknown): void {
  if (isRefusal(error)) void checkSession()
}

/** Whether a call was refused because nobody knew who made it. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}

/** Finds out whether the user is still logged in, after something was refused: it may have been sent before they were. */
export function checkSession(): Promise<void> {
  checking ??= changing
    .then(loadSession)
    .catch(() => {
      if (session.value !== undefined) session.value = { ...session.value, name: null, role: null }
    })
    .finally(() => {
      checking = undefined
    })
  return checking
}

const ranks = ['viewer', 'operator', 'admin'] as const

/** Whether the user may do what takes a role. */
export function mayAct(role: (typeof ranks)[number]): boolean {
  const own = session.value?.role
  return own !== undefined && own !== null && ranks.indexOf(own) >= ranks.indexOf(role)
}
