#!/usr/bin/env node
// What npm calls `pgbeat`. It runs on whichever Node.js there is, so it imports nothing that an old one would not know.
import { isNewEnough, neededNode } from '../node-version.ts'

if (isNewEnough(process.versions.node)) {
  await import('./main.ts')
} else {
  process.stderr.write(`pgbeat: needs Node.js ${neededNode} or newer, found ${process.version}\n`)
  process.exitCode = 1
}
