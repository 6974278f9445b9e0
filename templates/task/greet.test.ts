import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTask } from 'pgbeat/testing'
import greet from './greet.ts'

test('greets everybody', async () => {
  const { result, logs, progress } = await runTask(greet, { names: ['Ada', 'Grace'] })
  assert.deepEqual(result, { greetings: ['Hello, Ada!', 'Hello, Grace!'] })
  assert.equal(logs.length, 2)
  assert.deepEqual(progress.at(-1), { done: 2, total: 2, message: null })
})

test('refuses a payload without names', async () => {
  await assert.rejects(runTask(greet, { names: [] }), { code: 'invalid_payload' })
})

test('does not try again with an empty name', async () => {
  await assert.rejects(runTask(greet, { names: [''] }), { name: 'PermanentError', code: 'nobody' })
})

test('ends when it is told to', async () => {
  const signal = AbortSignal.abort(new Error('the worker stops'))
  await assert.rejects(runTask(greet, { names: ['Ada'] }, { signal }), { message: 'the worker stops' })
})
