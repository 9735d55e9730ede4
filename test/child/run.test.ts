// @module-tag heavy
import { expect, test } from 'vitest'
import { runInChild, runTasksBy } from '../../base/child/run.ts'
import { lifetimes } from '../../base/lifetime.ts'
import { WAIT_LIMIT_MS } from '../waits.ts'
import type { Look, Task } from './programs.ts'

runTasksBy()
const PROGRAM = { name: 'trial', entry: new URL('./programs.ts', import.meta.url), heapMb: 32, limitMs: WAIT_LIMIT_MS }
const never = new AbortController().signal

function run(task: Task, signal = never, program = PROGRAM): Promise<Look> {
  return runInChild<Look>(program, task, signal)
}

test('a child has lowest priority, dies first if memory is short, and has no secret of the environment', async () => {
  process.env['FISKAL_EDGE_PASSPHRASE'] = 'geheim'
  const { environment, priority, oom } = await run({ act: 'look' })
  expect([priority, oom]).toEqual([19, 500])
  expect(JSON.stringify(environment)).not.toContain('geheim')
  expect(environment).toMatchObject({ MALLOC_ARENA_MAX: '1' })
})

test('a child is seen while it waits for its place and while it runs, with its process', async () => {
  const jobs = () => lifetimes().flatMap(({ kind, name, state }) => (kind === 'job' ? [`${name} ${state}`] : []))
  const [first, second] = [new AbortController(), new AbortController()]
  const running = [run({ act: 'wait' }, first.signal), run({ act: 'wait' }, second.signal)]
  const ended = Promise.allSettled(running)
  await expect.poll(jobs).toEqual([expect.stringMatching(/^trial \(pid \d+\) running$/), 'trial queued'])
  first.abort()
  await expect.poll(jobs).toEqual([expect.stringMatching(/^trial \(pid \d+\) running$/)])
  second.abort()
  await ended
  expect(jobs()).toEqual([])
})

test('a child that ends without an answer is named, with what ended it', async () => {
  await expect(run({ act: 'die' })).rejects.toMatchObject({
    code: 'child_ended',
    message: 'The trial ended early (SIGKILL).',
  })
})

test('a child continues when the whole process group is interrupted (Ctrl-C, a closed terminal): the agent ends it', async () => {
  expect(await run({ act: 'signals' })).toMatchObject({ priority: 19 })
})

test('a child that hangs is killed at its limit', async () => {
  const short = { ...PROGRAM, limitMs: 1 }
  await expect(run({ act: 'wait' }, never, short)).rejects.toMatchObject({ code: 'child_ended' })
})

test('a child is killed by the signal, aborted before or after its start', async () => {
  await expect(run({ act: 'wait' }, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  const stopping = new AbortController()
  const running = run({ act: 'wait' }, stopping.signal)
  stopping.abort()
  await expect(running).rejects.toMatchObject({ name: 'AbortError' })
})

test('one child runs at a time, in the order of the requests; a cancelled request leaves the queue', async () => {
  const [stopping, leaving] = [new AbortController(), new AbortController()]
  const first = run({ act: 'wait' }, stopping.signal)
  const second = run({ act: 'wait' }, leaving.signal)
  const rest = [run({ act: 'look' }), run({ act: 'die' }).catch(() => Date.now()), run({ act: 'look' })] as const
  leaving.abort()
  await expect(second).rejects.toMatchObject({ name: 'AbortError' })
  const stoppedMs = Date.now()
  stopping.abort()
  await expect(first).rejects.toMatchObject({ name: 'AbortError' })
  const [third, diedMs, last] = await Promise.all(rest)
  expect(third.beganMs).toBeGreaterThanOrEqual(stoppedMs)
  expect(last.beganMs).toBeGreaterThanOrEqual(third.beganMs)
  // A waiting caller is notified a little after the next child begins.
  expect(last.beganMs).toBeGreaterThan(Number(diedMs) - 100)
})
