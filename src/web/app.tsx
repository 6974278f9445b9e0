import { useEffect, useRef } from 'preact/hooks'
import { LocationProvider, lazy, Route, Router, useLocation } from 'preact-iso'
import { session } from './data/api.ts'
import { follow } from './data/live.ts'
import { Announcer } from './shell/announcer.tsx'
import { keepFocus } from './shell/focus.ts'
import { Header } from './shell/header.tsx'
import { ShortcutHelp, useShortcuts } from './shell/keyboard.tsx'
import { Login } from './shell/login.tsx'
import { followHeading } from './shell/title.ts'
import { words } from './shell/words.ts'

const Overview = lazy(() => import('./views/overview/overview.tsx').then(({ Overview }) => Overview))
const Schedules = lazy(() => import('./views/schedules/schedules.tsx').then(({ Schedules }) => Schedules))
const SchedulePage = lazy(() => import('./views/schedule/schedule.tsx').then(({ SchedulePage }) => SchedulePage))
const Runs = lazy(() => import('./views/runs/runs.tsx').then(({ Runs }) => Runs))
const RunPage = lazy(() => import('./views/run/run.tsx').then(({ RunPage }) => RunPage))
const NewSchedulePage = lazy(() => import('./views/editor/editor.tsx').then(({ NewSchedulePage }) => NewSchedulePage))
const EditSchedulePage = lazy(() =>
  import('./views/editor/editor.tsx').then(({ EditSchedulePage }) => EditSchedulePage),
)
const Tasks = lazy(() => import('./views/tasks/tasks.tsx').then(({ Tasks }) => Tasks))
const Queue = lazy(() => import('./views/queue/queue.tsx').then(({ Queue }) => Queue))
const Audit = lazy(() => import('./views/audit/audit.tsx').then(({ Audit }) => Audit))
const Backfills = lazy(() => import('./views/backfills/backfills.tsx').then(({ Backfills }) => Backfills))
const Sync = lazy(() => import('./views/sync/sync.tsx').then(({ Sync }) => Sync))
const Nodes = lazy(() => import('./views/nodes/nodes.tsx').then(({ Nodes }) => Nodes))
const Settings = lazy(() => import('./views/settings/settings.tsx').then(({ Settings }) => Settings))

export function App() {
  useEffect(keepFocus, [])
  useEffect(followHeading, [])
  if (session.value === undefined) return <p class="loading">{words.value.loading}</p>
  if (session.value.role === null) return <Login />
  return (
    <LocationProvider>
      <Pages />
    </LocationProvider>
  )
}

function Pages() {
  const { path, route } = useLocation()
  useShortcuts(route)
  useArrival(path)
  useEffect(() => {
    const stopping = new AbortController()
    void follow(stopping.signal)
    return () => stopping.abort()
  }, [])
  return (
    <>
      <a class="skip" href="#content">
        {words.value.skipToContent}
      </a>
      <Header />
      <main id="content" tabIndex={-1}>
        <Router>
          <Route path="/" component={Overview} />
          <Route path="/schedules" component={Schedules} />
          <Route path="/schedules/new" component={NewSchedulePage} />
          <Route path="/schedules/:id/edit" component={EditSchedulePage} />
          <Route path="/schedules/:id" component={SchedulePage} />
          <Route path="/runs" component={Runs} />
          <Route path="/runs/:id" component={RunPage} />
          <Route path="/backfills" component={Backfills} />
          <Route path="/tasks" component={Tasks} />
          <Route path="/nodes" component={Nodes} />
          <Route path="/queue" component={Queue} />
          <Route path="/audit" component={Audit} />
          <Route path="/sync" component={Sync} />
          <Route path="/settings" component={Settings} />
          <Route default component={NotFound} />
        </Router>
      </main>
      <Announcer />
      <ShortcutHelp />
    </>
  )
}

/** Whoever follows a link goes on at what it leads to. */
function useArrival(path: string): void {
  const before = useRef(path)
  useEffect(() => {
    if (path !== before.current) document.querySelector('main')?.focus({ preventScroll: true })
    before.current = path
  }, [path])
}

function NotFound() {
  return <h1>{words.value.notFound}</h1>
}
