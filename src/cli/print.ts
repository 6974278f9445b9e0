import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Writes pieces of text as they come. Whoever reads them may stop at any time, as `head` does. */
export async function print(pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces), process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
