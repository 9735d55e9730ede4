import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Diagnosis } from '../../agent/watch/diagnosis.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownTill, runDaemon, runShippedDaemon } from './command.ts'

test('diag shows the running agent, its devices and its timers, in words and as JSON', heavy(), async () => {
  const config = ownTill()
  const daemon = await runShippedDaemon(config)
  const shown = await fiskalEdge('diag', '--config', config)
  expect([shown.code, shown.err]).toEqual([0, ''])
  expect(shown.out).toMatch(
    new RegExp(`^agent +\\S+, pid ${daemon.pid}, up [\\d.]+ s, loop lag \\d+ ms, \\d+ MB, \\d+ files open\\n`),
  )
  expect(shown.out).toMatch(/^devices +tse-1 {2}ready/m)
  expect(shown.out).toMatch(/^timers +.*in [\d.]+ /m)
  const { agent, nodes } = JSON.parse((await fiskalEdge('diag', '--json', '--config', config)).out) as Diagnosis
  expect(agent.pid).toBe(daemon.pid)
  expect(nodes).toContainEqual(expect.objectContaining({ kind: 'device', name: 'tse-1', children: expect.any(Array) }))
  daemon.child.kill('SIGTERM')
  await daemon.ended
  const ended = await fiskalEdge('diag', '--config', config)
  expect([ended.code, ended.out]).toEqual([1, 'The agent does not run.\n'])
})

test(
  'SIGUSR2 logs the running work of the agent, and ends neither the agent nor one that has only begun',
  heavy(),
  async () => {
    const config = ownTill()
    const daemon = await runDaemon(config)
    process.kill(daemon.pid, 'SIGUSR2')
    await expect.poll(daemon.log).toMatch(/"msg":"agent +\S+, pid \d+/)
    await expect.poll(daemon.log).toMatch(/"msg":"devices +tse-1/)
    expect((await fiskalEdge('diag', '--config', config)).code).toBe(0)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
  },
)

test("a silent agent is described by the kernel's data, and the exit code is 1", heavy(), async () => {
  const config = ownTill()
  const daemon = await runDaemon(config)
  process.kill(daemon.pid, 'SIGSTOP')
  const { code, out } = await fiskalEdge('diag', '--config', config)
  expect(code).toBe(1)
  expect(out).toMatch(new RegExp(`^Process ${daemon.pid} \\(.*\\) does not answer: T \\(stopped\\), in `))
  expect(out).toMatch(/^threads \d+\n {2}\d+ fiskal-edge: T/m)
  expect(out).toContain(join(dirname(config), 'state', 'journal.db'))
  expect(out).toMatch(/^locks \d+$/m)
  process.kill(daemon.pid, 'SIGCONT')
  daemon.child.kill('SIGTERM')
  await daemon.ended
})
