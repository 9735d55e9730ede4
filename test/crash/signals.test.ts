import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { heavy, smoke } from '../tags.ts'
import { complaintsOf } from './agent-process.ts'
import { AnswerLog } from './answer-log.ts'
import { checkPlace } from './boundary-run.ts'
import { administer, DEVICE, ownPlace, platformKey, runDaemon } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import { openShop, saleBody, Till, TillStopped } from './till.ts'

test('SIGTERM in the middle of sales: accepted requests are answered, the exit code is 0', smoke(), async () => {
  const { folder, state, config } = ownPlace()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const daemon = runDaemon(config)
  const url = await daemon.ready
  const log = new AnswerLog()
  const ended = (): never => {
    throw new TillStopped('the agent is gone')
  }
  const line = httpLine({ url: () => url, key: await platformKey(state), back: async () => ended() })
  const till = (name: string): Till => new Till(name, { random: seeded(3), log, line, over: () => false })
  const registers = await openShop(till('office'), 3)
  const selling = registers.map((register, index) => workShift(till(`till${index}`), register, 1_000))
  while (log.held.length < 40) await delay(1)
  daemon.child.kill('SIGTERM')
  const results = await Promise.allSettled(selling)
  expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(
    registers.map(() => 'TillStopped: the agent is gone'),
  )
  const { code, errors } = await daemon.ended
  expect(complaintsOf(errors)).toBe('')
  expect(code).toBe(0)
  expect(await checkPlace(state, log, true)).toEqual([])
})

test('a terminal that is closed (SIGHUP) stops the agent in order', heavy(), async () => {
  const { folder, state, config } = ownPlace()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const daemon = runDaemon(config)
  await daemon.ready
  daemon.child.kill('SIGHUP')
  const { code, signal, errors } = await daemon.ended
  expect({ code, signal, errors: complaintsOf(errors) }).toEqual({ code: 0, signal: null, errors: '' })
  expect(existsSync(join(state, 'journal.db-wal'))).toBe(false)
})

test('a repeated signal, up to the last moment, ends it with a separate exit code', heavy(), async () => {
  const { folder, config } = ownPlace()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const daemon = runDaemon(config)
  await daemon.ready
  daemon.child.kill('SIGTERM')
  const again = setInterval(() => daemon.child.kill('SIGTERM'), 1)
  const { signal, errors } = await daemon.ended
  clearInterval(again)
  expect({ signal, errors: complaintsOf(errors) }).toEqual({ signal: null, errors: '' })
})

test('a second SIGTERM ends a daemon that waits for its device', heavy(), async () => {
  const { folder, state, config } = ownPlace()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const daemon = runDaemon(config)
  const url = await daemon.ready
  const log = new AnswerLog()
  const line = httpLine({ url: () => url, key: await platformKey(state), back: async () => undefined })
  const till = new Till('till', { random: seeded(4), log, line, over: () => false })
  const [register = ''] = await openShop(till, 1)
  const open = { type: 'session_open', register_id: register, currency: 'EUR', opening_balance_amount: '0.00' }
  await till.act('/v1/operations', open)
  await administer(state, 'fault', DEVICE, 'slow=60000@start')
  const lost = line.send({ path: '/v1/operations', body: saleBody(register, 500), key: 'slow' })
  const busy = async (): Promise<boolean> => JSON.stringify(await administer(state, 'devices')).includes('"ready"')
  expect(await busy()).toBe(true)
  let over = false
  void daemon.ended.finally(() => {
    over = true
  })
  // The same Ctrl-C comes twice within half a second; a later one is intended.
  while (!over) {
    daemon.child.kill('SIGTERM')
    await Promise.race([daemon.ended, delay(100)])
  }
  const { code, errors } = await daemon.ended
  expect(code).toBe(1)
  // Neither the device is waited for nor the limit of a stop.
  expect(errors).not.toContain('the stop took too long')
  expect(await lost).toBe(undefined)
  expect(await checkPlace(state, log, false)).toEqual([])
})

test('a configuration that is wrong is refused by the name of its key, and nothing is begun', heavy(), async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crash-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = join(folder, 'agent.json')
  const devices = [{ id: DEVICE, driver: 'tse-simulator', pin: 'canary-4711' }]
  writeFileSync(config, JSON.stringify({ version: 1, state: 'state', listen: { port: 0 }, devices }))
  const { code, errors } = await runDaemon(config).ended
  expect(code).toBe(1)
  expect(errors).toContain('devices[0].pin')
  expect(errors).not.toContain('canary-4711')
  expect(existsSync(join(folder, 'state'))).toBe(false)
})
