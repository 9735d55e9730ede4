import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { diagnose } from '../../agent/watch/diagnose.ts'
import { diagnosisText } from '../../agent/watch/diagnosis.ts'
import { systemClock } from '../../base/clock.ts'
import type { LifetimeView } from '../../base/lifetime.ts'
import { writingProgram } from '../journal/other-program.ts'
import { Bench } from './bench.ts'
import { sell } from './goods.ts'

/** From a node down to the first of each that is below it. */
function chainOf(node: LifetimeView): LifetimeView[] {
  return [node, ...(node.children[0] ? chainOf(node.children[0]) : [])]
}

test('a sale that waits for its device is shown with the act and the command that it waits for, and without its key', async () => {
  const devices = [{ id: 'tse-1', driver: 'tse-simulator', latencyMs: 300 }]
  await using bench = await Bench.open({ config: { devices } })
  const register = await bench.till()
  const selling = sell(register, '5.00')
  const shown = await bench.until(async () => {
    const picture = await diagnose(systemClock)
    const request = picture.nodes.find(({ name }) => name.includes(`register ${register.id}`))
    return request?.children[0]?.children[0] !== undefined && { found: picture, request }
  })
  const [request, act, command] = chainOf(shown.request)
  const digits = hash('sha256', register.key).slice(0, 8)
  expect(request).toMatchObject({ kind: 'request', state: 'running', waits_for: act?.id })
  expect(request?.name).toMatch(/^POST \/v1\/operations/)
  expect(request?.name).toContain(`key #${digits}`)
  expect(act).toMatchObject({
    kind: 'act',
    name: expect.stringMatching(/^tse-1: (start|finish)$/),
    waits_for: command?.id,
  })
  expect(command).toMatchObject({ kind: 'act', name: `command of ${register.clientId}`, state: 'running' })
  expect(command?.deadline_ms).toBeGreaterThan(0)
  const text = diagnosisText(shown.found)
  expect(text).toMatch(/^requests +POST .*running {2}since [\d.]+ s$/m)
  expect(text).toMatch(/^ {12}tse-1: (start|finish) /m)
  expect(JSON.stringify(shown.found) + text).not.toContain(register.key)
  expect((await selling).fiscal.state).toBe('succeeded')
  const { nodes } = await diagnose(systemClock)
  expect(nodes.filter(({ kind }) => kind === 'request')).toEqual([])
  expect(nodes).toContainEqual(expect.objectContaining({ kind: 'device', name: 'tse-1', state: 'ready' }))
})

test('an agent that stopped leaves nothing behind', async () => {
  const before = (await diagnose(systemClock)).nodes.map(({ id }) => id)
  const bench = await Bench.open({
    config: { sync: { targets: [{ id: 'disk', kind: 'file', folder: 'not-mounted' }] } },
  })
  await sell(await bench.till(), '5.00')
  const named = (await diagnose(systemClock)).nodes.filter(({ id }) => !before.includes(id)).map(({ kind }) => kind)
  expect(new Set(named)).toEqual(new Set(['device', 'target', 'timer']))
  await bench[Symbol.asyncDispose]()
  expect((await diagnose(systemClock)).nodes.filter(({ id }) => !before.includes(id))).toEqual([])
})

test('while another program holds the journal the diagnosis answers, and names its process and for how long', async () => {
  await using bench = await Bench.open()
  const program = await writingProgram(bench.config.state)
  const held = (nodes: readonly LifetimeView[]) => nodes.find(({ kind }) => kind === 'lock')
  const selling = bench.agent.probeCommit()
  const picture = await bench.until(async () => {
    const seen = await bench.agent.diagnose()
    return Number(held(seen.nodes)?.since_ms) > 50 && seen
  })
  expect(held(picture.nodes)).toMatchObject({
    state: 'held',
    name: expect.stringMatching(new RegExp(`^write by process ${program.pid} \\(`)),
  })
  expect(picture.journal?.log_bytes).toBeGreaterThan(0)
  expect(diagnosisText(picture)).toMatch(
    /^journal +log [\d.]+ MB\n {10}write by process \d+ \(.*\) {2}held {2}since [\d.]+ s$/m,
  )
  await program.kill()
  await selling
  expect((await bench.agent.diagnose()).nodes.filter(({ kind }) => kind === 'lock')).toEqual([])
})
