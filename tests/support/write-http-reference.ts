import { writeFile } from 'node:fs/promises'
import { httpReference } from './http-reference.ts'

/** `npm run reference`: writes docs/reference/http.md anew. */
await writeFile(new URL('../../docs/reference/http.md', import.meta.url), httpReference())
