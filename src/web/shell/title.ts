/** Names the browser's tab after the heading of what it shows. Answers what ends that. */
export function followHeading(): () => void {
  const name = () => {
    const heading = document.querySelector('main h1')?.textContent
    const title = heading ? `${heading} · pgbeat` : 'pgbeat'
    if (document.title !== title) document.title = title
  }
  const observer = new MutationObserver(name)
  observer.observe(document.body, { childList: true, characterData: true, subtree: true })
  return () => observer.disconnect()
}
