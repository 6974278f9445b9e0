import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

/**
 * Writes pieces of text as they come; resolves when all of it is out, so that the process may exit. Whoever reads them may
 * stop at any time, as `head` does.
 */
export async function print(pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), process.stdout, { end: false })
    await promisify((done: (error?: Error | null) => void) => process.stdout.write('', done))()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}
