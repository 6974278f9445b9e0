import { type LogLine, Process } from '../../tests/support/process.ts'

/** Starts one of the programs beside this file; they are told what to do by their environment, and say when it is done. */
export function startPeer(
  name: string,
  connectionString: string,
  env: Readonly<Record<string, string | number>>,
): Process {
  const program = new URL(`./${name}.ts`, import.meta.url)
  const texts = Object.entries(env).map(([variable, value]) => [variable, String(value)])
  return new Process({ program, connectionString, env: Object.fromEntries(texts) })
}

/** What a peer says. */
export function say(line: LogLine): void {
  console.log(JSON.stringify(line))
}
