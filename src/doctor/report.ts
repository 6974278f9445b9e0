import type { Finding } from '../finding.ts'

export type Named = Finding & { readonly name: string }

/** What is printed, for people and with --json. */
export interface Report {
  /** The worst of all; what was skipped counts as nothing. */
  readonly status: 'pass' | 'warn' | 'fail'
  /** ISO 8601. */
  readonly checked_at: string
  readonly checks: readonly {
    readonly name: string
    readonly status: Finding['status']
    readonly message: string
    readonly action: string | null
  }[]
}

export function reportOf(found: readonly Named[], checkedAt: Date): Report {
  const worst = (['fail', 'warn'] as const).find((status) => found.some((finding) => finding.status === status))
  return {
    status: worst ?? 'pass',
    checked_at: checkedAt.toISOString(),
    checks: found.map(({ name, status, message, action = null }) => ({ name, status, message, action })),
  }
}

export const exitCodes: Readonly<Record<Report['status'], number>> = { pass: 0, warn: 1, fail: 2 }
