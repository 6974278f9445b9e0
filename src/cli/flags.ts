/** What can be offered for a value while it is typed. */
export type Completes = 'schedules' | 'tasks' | 'files'

/** A flag of a command, described once: for reading it, for help, for the reference and for completion. */
export interface Flag {
  /** What stands for its value, such as `<name>`; a flag without takes none. */
  readonly value?: string
  /** It may be given several times, and with several values between commas. */
  readonly many?: boolean
  /** `--no-…` says the opposite. */
  readonly negatable?: boolean
  /** Another name that it has. */
  readonly alias?: string
  /** A letter for it, after one dash. */
  readonly short?: string
  /** Begins small, or with a proper name. */
  readonly summary: string
  readonly choices?: readonly string[]
  readonly completes?: Completes
}

/** By name, without the dashes before it. */
export type Flags = Readonly<Record<string, Flag>>

/** An argument that is no flag. */
export interface Argument {
  readonly name: string
  readonly summary: string
  readonly isOptional?: boolean
  /** The last one may stand for several. */
  readonly isMany?: boolean
  readonly completes?: Completes
}

type ValueOf<F extends Flag> = F extends { value: string } ? (F extends { many: true } ? string[] : string) : boolean

/** What was given, by name; undefined what was not. */
export type Values<F extends Flags> = { readonly [Name in keyof F]?: ValueOf<F[Name]> | undefined }
