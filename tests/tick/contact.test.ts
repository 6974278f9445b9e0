import t from 'tap'
import { Contact } from '../../src/tick/contact.ts'

t.test('contact lasts from the first answer after a gap', async (t) => {
  let now = 50_000
  t.intercept(performance, 'now', { value: () => now })
  const contact = new Contact()
  const answerAt = (at: number) => {
    now = at
    contact.made()
    return contact.forMs
  }
  t.notOk(contact.forMs >= 0, 'none yet')
  t.equal(answerAt(50_000), 0)
  t.equal(answerAt(53_000), 3_000)
  t.equal(answerAt(56_001), 0, 'silent for too long')
  t.equal(answerAt(58_000), 1_999)
})
