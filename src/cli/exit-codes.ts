/** What a command ends with; docs/reference/cli.md has them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usedWrongly: 2,
  notFound: 3,
  conflict: 4,
  different: 5,
  interrupted: 130,
} as const
