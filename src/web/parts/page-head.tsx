import type { ComponentChildren } from 'preact'

interface PageHeadProps {
  readonly title: string
  /** How much of it there is, as it changes. */
  readonly count?: string | false | undefined
  /** What can be done with it. */
  readonly children?: ComponentChildren
}

/** What a page is about. */
export function PageHead({ title, count, children }: PageHeadProps) {
  return (
    <div class="row page-head">
      <h1>{title}</h1>
      <span class="soft" aria-live="polite">
        {count}
      </span>
      {children}
    </div>
  )
}
