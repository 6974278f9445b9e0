/** A terminal shows tables, whatever else reads it gets JSON. */
export function isForPeople(json: boolean | undefined): boolean {
  return json !== true && process.stdout.isTTY === true
}
