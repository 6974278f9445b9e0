/** What can be seen and take the focus. */
const focusable =
  'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex]:not([tabindex="-1"])'

/** Beyond these nothing is near. */
const places = 'main, dialog, header, .notices'

const mostRemembered = 10

/**
 * Keeps the focus in the neighbourhood when what had it goes away: on what is there instead, what came after it or before
 * it, or where the focus was earlier. Answers what ends that.
 */
export function keepFocus(): () => void {
  /** What had the focus, the latest first. */
  let had: readonly HTMLElement[] = []
  const onFocus = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement) had = [target, ...had.filter((one) => one !== target)].slice(0, mostRemembered)
  }
  const observer = new MutationObserver((changes) => {
    const [lost, ...earlier] = had
    if (lost === undefined || lost.isConnected || document.activeElement !== document.body) return
    const next = neighbourOf(lost, changes) ?? earlier.find(isUsable) ?? document.querySelector('main')
    next?.focus({ preventScroll: true })
  })
  document.addEventListener('focusin', onFocus)
  observer.observe(document.body, { childList: true, subtree: true })
  return () => {
    document.removeEventListener('focusin', onFocus)
    observer.disconnect()
  }
}

function neighbourOf(lost: Element, changes: readonly MutationRecord[]): HTMLElement | undefined {
  const change = changes.findLast(({ removedNodes }) => [...removedNodes].some((node) => node.contains(lost)))
  if (!(change?.target instanceof Element)) return undefined
  const { target, nextSibling, previousSibling } = change
  const place = target.closest(places)
  if (place === null) return undefined
  const instead = changes.flatMap((other) => (other.target === target ? [...other.addedNodes] : []))
  const near = firstIn(instead) ?? firstIn(following(nextSibling)) ?? lastIn(preceding(previousSibling))
  if (near) return near
  for (let around = target; around !== place; around = around.parentElement ?? place) {
    if (around instanceof HTMLElement && isUsable(around)) return around
    const found = firstIn(following(around.nextSibling)) ?? lastIn(preceding(around.previousSibling))
    if (found) return found
  }
  return undefined
}

function* following(from: Node | null): Iterable<Node> {
  for (let node = from; node !== null; node = node.nextSibling) yield node
}

function* preceding(from: Node | null): Iterable<Node> {
  for (let node = from; node !== null; node = node.previousSibling) yield node
}

function firstIn(nodes: Iterable<Node>): HTMLElement | undefined {
  for (const node of nodes) {
    const first = usableIn(node).at(0)
    if (first) return first
  }
  return undefined
}

function lastIn(nodes: Iterable<Node>): HTMLElement | undefined {
  for (const node of nodes) {
    const last = usableIn(node).at(-1)
    if (last) return last
  }
  return undefined
}

function usableIn(node: Node): HTMLElement[] {
  if (!(node instanceof HTMLElement)) return []
  return [node, ...node.querySelectorAll<HTMLElement>(focusable)].filter(isUsable)
}

function isUsable(element: HTMLElement): boolean {
  return element.isConnected && element.matches(focusable) && element.checkVisibility()
}
