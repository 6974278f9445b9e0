/** What a form knows of a property's JSON Schema. */
type Control =
  | { readonly kind: 'choice'; readonly options: readonly unknown[] }
  | { readonly kind: 'flag' }
  | { readonly kind: 'number'; readonly isInteger: boolean }
  | { readonly kind: 'text' }
  | { readonly kind: 'texts' }
  /** Anything else is written as JSON. */
  | { readonly kind: 'json' }

export interface Property {
  readonly name: string
  readonly description: string | undefined
  readonly isRequired: boolean
  readonly default: unknown
  readonly control: Control
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly default?: unknown
}

/** The properties of a payload; null where its schema says nothing that a form can be made of. */
export function propertiesOf(schema: unknown): Property[] | null {
  const { properties, required = [] } = (schema ?? {}) as Schema
  if (properties === undefined || Object.keys(properties).length === 0) return null
  return Object.entries(properties).map(([name, property]) => ({
    name,
    description: property.description,
    isRequired: required.includes(name) && property.default === undefined,
    default: property.default,
    control: controlOf(property),
  }))
}

function controlOf(schema: Schema): Control {
  const alternatives = schema.anyOf?.filter(({ type }) => type !== 'null')
  if (alternatives !== undefined) {
    const [only, ...others] = alternatives
    return only !== undefined && others.length === 0 ? controlOf(only) : { kind: 'json' }
  }
  if (schema.enum) return { kind: 'choice', options: schema.enum.filter((option) => option !== null) }
  const types = [schema.type].flat().filter((type) => type !== 'null')
  if (types.length !== 1) return { kind: 'json' }
  switch (types[0]) {
    case 'boolean':
      return { kind: 'flag' }
    case 'integer':
    case 'number':
      return { kind: 'number', isInteger: types[0] === 'integer' }
    case 'string':
      return { kind: 'text' }
    case 'array':
      return schema.items?.type === 'string' && !schema.items.enum ? { kind: 'texts' } : { kind: 'json' }
    default:
      return { kind: 'json' }
  }
}
