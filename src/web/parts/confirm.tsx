import type { ComponentChildren } from 'preact'
import { Dialog } from './dialog.tsx'
import { words } from './words.ts'

interface ConfirmProps {
  readonly isOpen: boolean
  readonly title: string
  /** What the button says that does it. */
  readonly action: string
  readonly isDangerous?: boolean
  /** Whether what was filled in can't be used. */
  readonly isBlocked?: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** Asks before something is done that can't be taken back. */
export function Confirm(props: ConfirmProps) {
  const { isOpen, title, action, isDangerous = false, isBlocked = false, onConfirm, onClose, children } = props
  return (
    <Dialog isOpen={isOpen} title={title} onClose={onClose}>
      <form
        method="dialog"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          onConfirm()
          onClose()
        }}
      >
        {children}
        <div class="actions">
          <button type="button" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={isBlocked}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
