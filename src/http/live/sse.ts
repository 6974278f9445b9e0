/** One block of a stream of server-sent events; what is left out isn't sent. */
export interface SseBlock {
  /** Where to resume after this block: without line breaks. Alone, it moves that on and tells nothing. */
  readonly id?: string
  readonly event?: string
  readonly data?: unknown
  /** Milliseconds until a client that lost its stream comes back. */
  readonly retry?: number
  readonly comment?: string
}

/** JSON has no line breaks outside of strings, and escapes those inside: data is always one line. */
export function toWire({ id, event, data, retry, comment }: SseBlock): Buffer {
  const lines = [
    comment !== undefined && `: ${comment}`,
    retry !== undefined && `retry: ${retry}`,
    event !== undefined && `event: ${event}`,
    data !== undefined && `data: ${JSON.stringify(data)}`,
    id !== undefined && `id: ${id}`,
  ]
  return Buffer.from(`${lines.filter((line) => line !== false).join('\n')}\n\n`)
}
