import { render } from 'preact'
import { App } from './app.tsx'
import { loadSession } from './data/api.ts'
import { say } from './shell/announcer.tsx'
import './shell/theme.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import './styles/shell.css'

render(<App />, document.getElementById('app') as HTMLElement)
loadSession().catch((error) => say(String(error), 'failure'))
