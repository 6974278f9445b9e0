import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Block, root } from './page.ts'

const execute = promisify(execFile)

interface Output {
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a block of sh or ts as its reader would, from the top of the repository.
 * @throws when it ends with another code than 0
 */
export function runBlock({ language, code }: Block, env: NodeJS.ProcessEnv): Promise<Output> {
  const options = { env, cwd: fileURLToPath(root) }
  return language === 'sh'
    ? execute('sh', ['-c', code], options)
    : execute(
        process.execPath,
        ['--conditions=pgbeat-source', '--input-type=module-typescript', '--eval', code],
        options,
      )
}
