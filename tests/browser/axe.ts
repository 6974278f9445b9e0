import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'

const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** Fails where what the page shows keeps somebody out, in light colours or in dark ones. */
export async function accessible(t: Pick<Test, 'same'>, page: Page): Promise<void> {
  // The page's policy holds for its own scripts, not for what a debugger evaluates.
  await page.evaluate(source)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`)
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    const findings = grave.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    )
    t.same(findings, [], `in ${colorScheme} colours`)
  }
  await page.emulateMedia({ colorScheme: null })
}
