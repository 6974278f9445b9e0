import type { AnswerOf } from '../../client/client.ts'
import { tell, writeOne } from '../output/write.ts'
import { describe } from './present.ts'

/** Shows a schedule as it was written, and on standard error what is worth a look. */
export async function showWritten({ data, meta }: AnswerOf<'POST /schedules'>, isForPeople: boolean): Promise<void> {
  await writeOne(data, () => describe(data), isForPeople)
  for (const { message } of meta.warnings) tell(`pgbeat: ${message}`)
}
