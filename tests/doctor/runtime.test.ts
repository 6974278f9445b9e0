import t from 'tap'
import { judge, runtime } from '../../src/doctor/checks/runtime.ts'
import { lookAt } from './look-at.ts'

t.test('the versions are told', async (t) => {
  t.match(await lookAt(runtime, {}), {
    status: 'pass',
    message: new RegExp(
      `^Node\\.js ${process.versions.node}, pgbeat \\d+\\.\\d+\\.\\d+, graphile-worker \\d+\\.\\d+\\.\\d+$`,
    ),
  })
})

t.test('a Node.js that is too old fails', async (t) => {
  for (const version of ['22.17.1', '20.20.2', '8.0.0']) t.match(judge(version, '0.18.0'), { status: 'fail' }, version)
  for (const version of ['22.18.0', '23.0.0', '26.10.0']) t.match(judge(version, '0.18.0'), { status: 'pass' }, version)
})
