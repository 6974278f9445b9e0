import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildDashboard } from '../../src/dev/dashboard.ts'
import { type Counts, report } from './report.ts'
import { startTestServer } from './server.ts'

/*
 * npm test: one Postgres for all test files, then tap, then a line with its counts.
 * Arguments narrow it down: files, directories, or tap's own options.
 */

const tap = fileURLToPath(new URL('../../node_modules/tap/dist/esm/run.mjs', import.meta.url))

let child: ReturnType<typeof spawn> | undefined
let signalled: NodeJS.Signals | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    signalled = signal
    child?.kill(signal)
  })
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith('-'))
  const files = testFiles(args.filter((arg) => !arg.startsWith('-')))
  if (files.length === 0) {
    console.error('no such test files')
    return 1
  }
  buildTap()
  await buildDashboard(() => console.log('building the dashboard'))
  const server = await startTestServer()
  try {
    if (signalled) return 1
    const { code, counts } = await runTap([...options, ...files], server.connectionString)
    if (code === 0 && counts.passed === 0) console.error('no test ran')
    // A file may fail without a failed assertion, by its exit code alone.
    const failed = Math.max(counts.failed, code === 0 ? 0 : 1)
    console.log(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`)
    return failed > 0 || counts.passed === 0 ? 1 : 0
  } finally {
    await server.stop()
  }
}

function testFiles(wanted: string[]): string[] {
  const places = wanted.length > 0 ? wanted : ['tests']
  return places.flatMap((place) => {
    const found = statSync(place, { throwIfNoEntry: false })
    return found?.isDirectory() ? globSync(`${place}/**/*.test.ts`).sort() : found ? [place] : globSync(place).sort()
  })
}

/** tap generates itself from its plugins; as installed it has one for TypeScript that TypeScript 7 breaks. */
function buildTap(): void {
  const built = `import tap from 'tap'; process.exit(tap.pluginSignature.includes('@tapjs/typescript') ? 1 : 0)`
  const check = spawnSync(process.execPath, ['--input-type=module', '--eval', built], { stdio: 'ignore' })
  if (check.status !== 0) spawnSync(process.execPath, [tap, 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
}

async function runTap(args: string[], server: string): Promise<{ code: number; counts: Counts }> {
  const env = { ...process.env, PGBEAT_TEST_SERVER: server }
  child = spawn(process.execPath, [tap, '--reporter=tap', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  if (!child.stdout) throw new Error('tap has no output')
  const counts = await report(child.stdout, console.log)
  const [code] = await closed
  return { code: code ?? 1, counts }
}
