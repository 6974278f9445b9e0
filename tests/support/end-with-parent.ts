import { isMainThread } from 'node:worker_threads'

// Loaded before a program that a test starts: its standard input ends with the test, even one that was killed. Nothing
// is left behind then to go on with a database that nobody looks at.
if (isMainThread) {
  process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume()
  // Typed as a terminal's, which can't.
  if ('unref' in process.stdin) process.stdin.unref()
}
