// What people call from their own connections and transactions: the functions of schema pgbeat.

/** A client or pool of `pg`, or whatever else has this. */
export interface Queryable {
  /** Sends one statement with parameters `$1`, `$2` and so on. */
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>
}

/**
 * Calls `pgbeat.schedule` with named arguments.
 * @param columns values by column; each column is one that the caller knows, for names are not escaped
 * @returns the schedule's id
 */
export async function callSchedule(client: Queryable, columns: Readonly<Record<string, unknown>>): Promise<string> {
  const names = Object.keys(columns)
  const given = names.map((name, index) => `${name} => $${index + 1}`).join(', ')
  return (await answerOf(client, `select pgbeat.schedule(${given})::text as answer`, Object.values(columns))) as string
}

/** Answers whether there was one. */
export async function callUnschedule(client: Queryable, name: string): Promise<boolean> {
  return (await answerOf(client, 'select pgbeat.unschedule($1) as answer', [name])) as boolean
}

export async function callPause(client: Queryable, ref: string, note: string | null): Promise<void> {
  await answerOf(client, 'select pgbeat.pause($1, $2) as answer', [ref, note])
}

export async function callResume(client: Queryable, ref: string, note: string | null): Promise<void> {
  await answerOf(client, 'select pgbeat.resume($1, $2) as answer', [ref, note])
}

/**
 * @param payload JSON; null = the schedule's
 * @returns the run's id
 */
export async function callTrigger(client: Queryable, ref: string, payload: string | null): Promise<string> {
  return (await answerOf(client, 'select pgbeat.trigger($1, $2)::text as answer', [ref, payload])) as string
}

async function answerOf(client: Queryable, text: string, values: unknown[]): Promise<unknown> {
  const { rows } = await client.query(text, values)
  return (rows[0] as { answer: unknown }).answer
}
