import { group } from '../command.ts'

export const schedules = group('list, show, create, change, run and delete schedules', {
  list: async () => (await import('./list.ts')).list,
  show: async () => (await import('./show.ts')).show,
  create: async () => (await import('./create.ts')).create,
  edit: async () => (await import('./edit.ts')).edit,
  pause: async () => (await import('./switch.ts')).pause,
  resume: async () => (await import('./switch.ts')).resume,
  trigger: async () => (await import('./trigger.ts')).trigger,
  delete: async () => (await import('./delete.ts')).deleteSchedules,
})
