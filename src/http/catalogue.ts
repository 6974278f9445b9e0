import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Db } from '../store/tables.ts'
import { listLiveTasks, listPayloadSchemas } from '../store/tasks.ts'
import { type FieldProblem, Problem } from './problem.ts'
import { mostTold } from './requests/parse.ts'
import { Shared } from './shared.ts'

const trustedForMs = 1_000
const mostSchemas = 1_000

/** What is known of tasks: which of them live workers have, and which payloads they take. */
export class Catalogue {
  readonly #ajv = addFormats.default(new Ajv2020({ allErrors: true, strict: false, validateFormats: true }))
  readonly #validators = new Map<string, ValidateFunction | null>()
  readonly #live: Shared<ReadonlySet<string>>
  #lastKnown: ReadonlySet<string> = new Set()
  readonly #schemas: Shared<ReadonlyMap<string, string | null>>

  /** @param db connections that nobody holds for long */
  constructor(db: Db) {
    this.#live = new Shared(() => listLiveTasks(db), trustedForMs)
    this.#schemas = new Shared(() => listPayloadSchemas(db), trustedForMs)
  }

  /**
   * The tasks of workers that gave a sign of life, as of a second ago at most; while that can't be read, as it was last
   * known, for it is no reason to fail.
   */
  async liveTasks(): Promise<ReadonlySet<string>> {
    try {
      this.#lastKnown = await this.#live.get()
    } catch {}
    return this.#lastKnown
  }
  /** Whether a live worker has the task, as of now. */
  async hasWorker(taskName: string): Promise<boolean> {
    if ((await this.#live.get()).has(taskName)) return true
    this.#live.forget()
    return (await this.#live.get()).has(taskName)
  }

  /**
   * Checks a payload against the schema that workers published for the task, a second ago at the latest.
   * @throws Problem invalid_payload
   */
  async checkPayload(taskName: string, payload: unknown): Promise<void> {
    const schema = await this.#schemaOf(taskName)
    if (schema === null) return
    const validate = this.#validatorOf(schema)
    if (validate === null || validate(payload)) return
    const errors = (validate.errors ?? []).slice(0, mostTold).map(toFieldProblem)
    throw new Problem('invalid_payload', `the payload is not what ${taskName} takes`, { errors })
  }

  /** A task that isn't known may have been published a moment ago. */
  async #schemaOf(taskName: string): Promise<string | null> {
    const known = (await this.#schemas.get()).get(taskName)
    if (known !== undefined) return known
    this.#schemas.forget()
    return (await this.#schemas.get()).get(taskName) ?? null
  }

  /** null for a schema that ajv can't read: the worker checks the payload all the same. */
  #validatorOf(schema: string): ValidateFunction | null {
    const known = this.#validators.get(schema)
    if (known !== undefined) return known
    if (this.#validators.size >= mostSchemas) this.#validators.clear()
    const validator = this.#compile(schema)
    this.#validators.set(schema, validator)
    return validator
  }

  #compile(schema: string): ValidateFunction | null {
    try {
      return this.#ajv.compile(JSON.parse(schema))
    } catch {
      return null
    }
  }
}

function toFieldProblem({ instancePath, message, params }: ErrorObject): FieldProblem {
  const extra = params.additionalProperty ?? params.missingProperty
  const path = instancePath.split('/').slice(1).map(fromPointer)
  return {
    field: ['payload', ...path, ...(extra === undefined ? [] : [String(extra)])].join('.'),
    message: params.additionalProperty === undefined ? (message ?? 'is wrong') : 'there is no such field',
  }
}

/** A part of a JSON pointer. */
function fromPointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
