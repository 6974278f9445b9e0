import { fileURLToPath } from 'node:url'
import { API, type Symbol as Declared, type Project, SymbolFlags } from 'typescript/unstable/sync'

/** What can be imported, by entry point. */
const entries = { pgbeat: 'index.ts', 'pgbeat/client': 'client/client.ts', 'pgbeat/testing': 'testing.ts' }

const introductions: Readonly<Record<string, string>> = {
  pgbeat: 'To schedule from a program, and to run the scheduler, or parts of it, in it.',
  'pgbeat/client': 'To use the HTTP API, in Node.js or a browser.',
  'pgbeat/testing': 'To test schedules with a clock that is set by hand, on a database for tests.',
}

interface Exported {
  readonly name: string
  readonly kind: 'function' | 'class' | 'value' | 'type'
  readonly documentation: string
  readonly tags: readonly { readonly name: string; readonly text: string }[]
  /** As it is declared, without what it does. */
  readonly text: string
}

/** Everything that the package exports, by entry point, as the compiler sees it. */
export function readExports(): ReadonlyMap<string, readonly Exported[]> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const api = new API({ cwd: root })
  try {
    const [project] = api.updateSnapshot({ openProjects: [`${root}tsconfig.build.json`] }).getProjects()
    if (project === undefined) throw new Error('tsconfig.build.json has no project')
    return new Map(
      Object.entries(entries).map(([entry, file]) => [entry, exportsOf(project, `${root}src/${file}`)] as const),
    )
  } finally {
    api.close()
  }
}

function exportsOf(project: Project, file: string): Exported[] {
  const { checker, program } = project
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${file} is no module`)
  return checker.getExportsOfModule(module).map((found) => {
    const symbol = found.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found
    const tags = symbol.getJsDocTags(checker).map(({ name, text }) => ({ name, text: text ?? '' }))
    return {
      name: found.name,
      kind: kindOf(symbol),
      documentation: symbol.getDocumentationComment(checker),
      tags,
      text: declarationsOf(symbol),
    }
  })
}

function kindOf({ flags }: Declared): Exported['kind'] {
  if (flags & SymbolFlags.Function) return 'function'
  if (flags & SymbolFlags.Class) return 'class'
  return flags & SymbolFlags.Variable ? 'value' : 'type'
}

interface Node {
  getText(): string
  /** With the comment before it. */
  getFullText(): string
  getStart(): number
  readonly body?: Node
  readonly members?: readonly Node[]
  readonly name?: Node
}

function declarationsOf(symbol: Declared): string {
  const nodes = symbol.declarations.map((handle) => handle.resolve() as unknown as Node)
  // The last of several is the one that does it.
  const shown = nodes.length > 1 ? nodes.slice(0, -1) : nodes
  return shown.map((node) => withoutBodies(node)).join('\n')
}

function withoutBodies(node: Node): string {
  const text = node.getText().replace(/^(export |async |declare )+/g, '')
  if (node.body !== undefined) return headOf(node)
  const isClass = text.startsWith('class ')
  if (!isClass) return /^(type|interface) /.test(text) ? text : `const ${text.replace(/ = [\s\S]*$/, '')}`
  const isPublic = (member: Node) => !/^((readonly|async|override) )*(#|private |name = )|^\*?#/.test(member.getText())
  const lines = (node.members ?? []).filter(isPublic).map((member) => `${commentOf(member)}  ${headOf(member)}`)
  return [text.slice(0, text.indexOf('{') + 1), ...lines, '}'].join('\n')
}

function commentOf(node: Node): string {
  const comment = node.getFullText().slice(0, -node.getText().length).trim()
  return comment === '' ? '' : `  ${comment}\n`
}

function headOf(node: Node): string {
  const end = node.body === undefined ? undefined : node.body.getStart() - node.getStart()
  return node
    .getText()
    .slice(0, end)
    .trim()
    .replace(/^(export |async )+/, '')
}

/** The page docs/reference/library.md, as the source says it. */
export function libraryReference(): string {
  const parts = [...readExports()].map(
    ([entry, exported]) => `## ${entry}

${introductions[entry]}

${order
  .flatMap((kind) => exported.filter((one) => one.kind === kind))
  .map(section)
  .join('\n')}`,
  )
  return `# Library

<!-- Made by \`npm run reference\`; not to be edited. -->

What \`import\` finds in the package. [concepts.md](../concepts.md) has the words. Whatever is not on this page is not
public and may change in any version.

${parts.join('\n')}`
}

const order = ['function', 'class', 'value', 'type'] as const

function section({ name, documentation, tags, text }: Exported): string {
  const notes = tags.filter(({ name }) => name !== 'example').map(note)
  const examples = tags.filter(({ name }) => name === 'example').map(({ text }) => `\`\`\`ts\n${text.trim()}\n\`\`\`\n`)
  const parts = [documentation, notes.join('\n'), `\`\`\`ts\n${text}\n\`\`\``].filter((part) => part !== '')
  return `### ${name}\n\n${parts.join('\n\n')}\n${examples.map((example) => `\nFor example:\n\n${example}`).join('')}`
}

function note({ name, text }: Exported['tags'][number]): string {
  const said = text.replaceAll(/\s*\n\s*/g, ' ').trim()
  if (name !== 'param' && name !== 'typeParam') return `- *${name}* ${said}`
  const [, subject, rest] = /^(\w+)\s*-?\s*(.*)$/.exec(said) ?? []
  return `- \`${subject}\`: ${rest}`
}
