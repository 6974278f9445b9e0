import { writeFile } from 'node:fs/promises'
import { metricsReference } from './metrics-reference.ts'

/** `npm run reference:metrics`: writes docs/reference/metrics.md anew from the registries. */
await writeFile(new URL('../../docs/reference/metrics.md', import.meta.url), metricsReference())
