import { existsSync, globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../web/', import.meta.url))
const config = `${source}vite.config.ts`
const page = fileURLToPath(new URL('../../dist/web/index.html', import.meta.url))

/**
 * Builds the dashboard when it is missing, or older than what it is made of. Where there is nothing to build it with, as
 * in an installed package, it is taken as it is.
 */
export async function buildDashboard(onBuild: () => void): Promise<void> {
  if (!existsSync(config) || isUpToDate()) return
  const vite = await import('vite').catch(() => undefined)
  if (vite === undefined) return
  onBuild()
  await vite.build({ configFile: config, logLevel: 'warn' })
}

function isUpToDate(): boolean {
  const builtAt = statSync(page, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const files = globSync('**/*.*', { cwd: source })
  return builtAt > 0 && files.every((file) => statSync(`${source}${file}`).mtimeMs <= builtAt)
}
