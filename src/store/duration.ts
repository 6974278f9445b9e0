import pg from 'pg'

const intervalOid = 1186
const parse: (text: string) => Partial<Record<string, number>> = pg.types.getTypeParser(intervalOid)

/** Type parsers for a connection on which intervals come out as short ISO 8601 durations such as `PT1M30S`. */
export const typesWithDurations: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === intervalOid ? toIsoDuration : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

function toIsoDuration(text: string): string {
  const { years, months, days, hours, minutes, seconds = 0, milliseconds = 0 } = parse(text)
  const fraction = seconds + milliseconds / 1000
  const date = part(years, 'Y') + part(months, 'M') + part(days, 'D')
  const time = part(hours, 'H') + part(minutes, 'M') + part(Number(fraction.toFixed(6)), 'S')
  return date + time === '' ? 'PT0S' : `P${date}${time && `T${time}`}`
}

function part(amount: number | undefined, unit: string): string {
  return amount ? `${amount}${unit}` : ''
}
