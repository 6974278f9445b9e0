import { registerHooks } from 'node:module'
import t from 'tap'

const loaded: string[] = []
registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    loaded.push(resolved.url)
    return resolved
  },
})

/** The packages, and the parts of our own, that were loaded since the last time. */
function loadedNow(): { packages: string[]; parts: string[] } {
  const urls = loaded.splice(0)
  const found = (pattern: RegExp) => [...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))].sort()
  return { packages: found(/\/node_modules\/((?:@[^/]+\/)?[^/]+)/), parts: found(/\/src\/([^/]+)\//) }
}

t.test('help reads nothing but descriptions', async (t) => {
  const { commands } = await import('../../src/cli/commands.ts')
  const { overview } = await import('../../src/cli/help.ts')
  t.match(await overview(commands), /\n {2}simulate +show what/)
  t.same(loadedNow(), { packages: [], parts: ['cli', 'core'] })
})

t.test('completion reads all descriptions, and with them what the fields of a schedule are', async (t) => {
  const { commands } = await import('../../src/cli/commands.ts')
  const { readWords } = await import('../../src/cli/completion/words.ts')
  const words = await readWords(commands)
  t.ok(words.some(({ path }) => path === 'doctor e2e'))
  t.same(loadedNow(), { packages: ['croner', 'zod'], parts: ['cli', 'client', 'core', 'http'] })
})
