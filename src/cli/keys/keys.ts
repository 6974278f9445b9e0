import { group } from '../command.ts'

export const keys = group('create, list and revoke the keys of the HTTP API; a new one is printed, this once', {
  create: async () => (await import('./create.ts')).create,
  first: async () => (await import('./first.ts')).first,
  list: async () => (await import('./list.ts')).list,
  revoke: async () => (await import('./revoke.ts')).revoke,
})
