/** The pages that the navigation leads to. */
export const pages = [
  { path: '/', name: 'overview', shortcut: 'o' },
  { path: '/schedules', name: 'schedules', shortcut: 's' },
  { path: '/runs', name: 'runs', shortcut: 'r' },
  { path: '/backfills', name: 'backfills', shortcut: 'b' },
  { path: '/tasks', name: 'tasks', shortcut: 't' },
  { path: '/nodes', name: 'nodes', shortcut: 'n' },
  { path: '/queue', name: 'queue', shortcut: 'q' },
  { path: '/sync', name: 'sync', shortcut: 'y' },
  { path: '/audit', name: 'audit', shortcut: 'a' },
  { path: '/settings', name: 'settings', shortcut: 'k' },
] as const
