/** A part of a process that goes on until it is stopped. */
export interface Running {
  /** Finishes what is under way, takes nothing new, and resolves when all is done. */
  stop(): Promise<void>
}
