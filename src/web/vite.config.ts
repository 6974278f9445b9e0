import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

// biome-ignore lint/style/noDefaultExport: vite wants one
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/web/', import.meta.url)),
    emptyOutDir: true,
    // An inlined file would be none of this site's, which is all that the policy lets a page load.
    assetsInlineLimit: 0,
    target: 'es2022',
  },
})
