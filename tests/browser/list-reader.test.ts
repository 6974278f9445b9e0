import t from 'tap'
import { ListReader, type Part, type PartQuery } from '../../src/web/data/list-reader.ts'

interface Asked extends PartQuery {
  answer(part: Part<number>): void
}

/** A reader, what it asks for, one after the other, and a list of numbers that answers it. */
function read(perPage: number) {
  const asked: Asked[] = []
  let wake = () => {}
  const reader = new ListReader<number>({
    perPage,
    load: (part, signal) =>
      new Promise((resolve, reject) => {
        asked.push({ ...part, answer: resolve })
        signal.addEventListener('abort', () => reject(signal.reason))
        wake()
      }),
    onState: () => {},
  })
  /** What is asked for next. */
  const next = async () => {
    if (asked.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return asked.shift() as Asked
  }
  const answer = async (length: number) => {
    const part = await next()
    const from = Number(part.cursor ?? 0)
    const data = Array.from({ length: Math.min(part.per_page, length - from) }, (_, index) => from + index)
    const end = from + data.length
    const total = part.cursor === undefined ? length : null
    part.answer({ data, meta: { next_cursor: end < length ? `${end}` : null, total, total_is_exact: true } })
    await new Promise(setImmediate)
    return part
  }
  return { reader, asked, next, answer }
}

t.test('what was read far is read anew once, in as few parts as the API allows', async (t) => {
  const { reader, asked, answer } = read(50)
  reader.readAnew()
  t.equal((await answer(1_000)).per_page, 50)
  while (reader.state.rows.length < 500) {
    reader.readOn()
    await answer(1_000)
  }
  reader.readAnewSoon()
  reader.readAnewSoon()
  for (const cursor of [undefined, '200', '400']) t.match(await answer(700), { per_page: 200, cursor })
  t.match(reader.state, { next: '600', total: 700, isLoading: false })
  t.same(reader.state.rows.length, 600)
  t.same(asked, [])
  reader.stop()
})

t.test('what is wanted while it is read anew is read at once, and that is made up for', async (t) => {
  const { reader, next, answer } = read(50)
  reader.readAnew()
  await answer(200)
  reader.readAnew()
  await next()
  reader.readOn()
  reader.readOn()
  t.match(await answer(200), { cursor: '50' })
  t.equal(reader.state.rows.length, 100)
  t.match(await answer(90), { per_page: 100, cursor: undefined })
  t.match(reader.state, { next: null, total: 90, isLoading: false })
  t.equal(reader.state.rows.length, 90)
  reader.stop()
})

t.test('a change while it is read on waits until that has ended', async (t) => {
  const { reader, next, answer } = read(50)
  reader.readAnew()
  await answer(200)
  reader.readOn()
  const on = await next()
  reader.readAnew()
  t.equal(reader.state.isLoading, true)
  on.answer({ data: [50], meta: { next_cursor: null, total: null, total_is_exact: true } })
  t.match(await answer(60), { per_page: 51, cursor: undefined })
  t.match(reader.state, { next: '51', total: 60 })
  reader.stop()
})

t.test('what fails leaves what is shown', async (t) => {
  const reader = new ListReader<number>({
    perPage: 50,
    load: async () => {
      throw new Error('away')
    },
    onState: () => {},
  })
  reader.readAnew()
  await new Promise(setImmediate)
  t.match(reader.state, { rows: [], isLoading: false, error: { message: 'away' } })
})
