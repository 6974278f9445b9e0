import { group } from '../command.ts'

export const runs = group('list, show, follow, cancel and repeat runs', {
  list: async () => (await import('./list.ts')).list,
  show: async () => (await import('./show.ts')).show,
  tail: async () => (await import('./tail.ts')).tail,
  cancel: async () => (await import('./act.ts')).cancel,
  retry: async () => (await import('./act.ts')).retry,
})
