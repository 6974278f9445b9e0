import t from 'tap'
import { durationText } from '../../src/core/duration-text.ts'

t.test('a duration is said by its two largest units', async (t) => {
  for (const [ms, text] of [
    [0, '0 ms'],
    [850.4, '850 ms'],
    [1_000, '1 s'],
    [4_200, '4.2 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min'],
    [185_000, '3 min 5 s'],
    [7_200_000, '2 h'],
    [7_205_000, '2 h'],
    [90_000_000, '1 d 1 h'],
  ] as const) {
    t.equal(durationText(ms), text)
  }
})
