/** Ends an assumption: what was assumed has come true, or it has not and is taken back. */
export type EndAssumption = (cameTrue: boolean) => void

interface Assumption<Data> {
  readonly change: (data: Data) => Data
  cameTrue: boolean
}

/**
 * What actions under way are about to make true, laid over whatever is answered meanwhile. What came true goes with the
 * first answer that was asked for afterwards: that one knows of it.
 */
export class Assumptions<Data> {
  readonly #onChange: () => void
  #assumed: readonly Assumption<Data>[] = []

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  readonly add = (change: (data: Data) => Data): EndAssumption => {
    const assumption = { change, cameTrue: false }
    this.#show([...this.#assumed, assumption])
    return (cameTrue) => {
      assumption.cameTrue = cameTrue
      if (!cameTrue) this.#show(this.#assumed.filter((one) => one !== assumption))
    }
  }

  /** To be called when something is asked for; what it answers, when that is answered. */
  readonly asked = (): (() => void) => {
    const known = this.#assumed.filter(({ cameTrue }) => cameTrue)
    return () => {
      this.#assumed = this.#assumed.filter((one) => !known.includes(one))
    }
  }

  applyTo(data: Data): Data {
    return this.#assumed.reduce((changed, { change }) => change(changed), data)
  }

  #show(assumed: readonly Assumption<Data>[]): void {
    this.#assumed = assumed
    this.#onChange()
  }
}
