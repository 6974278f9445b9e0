import { spawnSync } from 'node:child_process'
import { cp, glob, readdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const ofDashboard = 'web'

/** Compiles `src` to `dist`, with types, beside the dashboard that vite puts there. */
export async function buildLibrary(): Promise<void> {
  for (const name of await readdir(`${root}dist`).catch(() => [])) {
    if (name !== ofDashboard) await rm(`${root}dist/${name}`, { recursive: true })
  }
  // Not bin/tsc: it has no extension, which what the test runner loads into programs can't bear.
  const compiler = `${root}node_modules/typescript/lib/tsc.js`
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('src does not compile')
  for await (const file of glob('**/*.sql', { cwd: `${root}src` }))
    await cp(`${root}src/${file}`, `${root}dist/${file}`)
}

if (import.meta.main) await buildLibrary()
