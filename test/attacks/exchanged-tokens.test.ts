import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tokensOfFile } from '../drivers/native/soft-token.ts'
import { austrianShop, austrianTill, sell as sign } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { heavy } from '../tags.ts'
import { registerAt, reported, untilStates } from './two-lines.ts'

// Two tokens with PINs of their own, and their labels exchanged in the file: each login would cost a try.

const tokens = tokensOfFile()
let shops = 0

type Family = { driver: string; ids: readonly [string, string] }
const CARDS: Family = { driver: 'card-pkcs11', ids: ['card-1', 'card-2'] }
const TSES: Family = { driver: 'tse-pkcs11', ids: ['tse-1', 'tse-2'] }

async function openShop({ driver, ids }: Family): Promise<Bench> {
  shops += 1
  const devices = []
  for (const [at, id] of ids.entries()) {
    const token = `${id}-${shops}`
    const pin = `${at}23456`
    await tokens.makeToken(token, pin)
    const pinFile = join(tokens.folder, `${token}.pin`)
    await writeFile(pinFile, pin, { mode: 0o600 })
    devices.push({ id, driver, module: tokens.faulty, token, pinFile })
  }
  const bench = await Bench.open({ config: { devices, deadlineMs: 20_000 } })
  for (const { id } of devices) await bench.agent.administration.deviceAct(id, 'init')
  await untilStates(bench, 'ready', 'ready')
  return bench
}

async function exchanged(bench: Bench): Promise<void> {
  const [first, second] = bench.config.devices as unknown as { token: string }[]
  if (first === undefined || second === undefined) throw new Error('two devices are missing')
  await bench.restart(async () => {
    const { token } = first
    first.token = second.token
    second.token = token
  })
}

async function logins(): Promise<number> {
  return (await tokens.calls()).filter(({ name }) => name === 'C_Login').length
}

test(
  'a card token of another id gets no PIN, from the agent or from init, and signs again when it is put right',
  heavy(),
  async () => {
    await using bench = await openShop(CARDS)
    const till = await austrianTill(bench, await austrianShop(bench))
    const before = await logins()
    await exchanged(bench)
    await untilStates(bench, 'foreign', 'foreign')
    expect(reported(bench)[0]?.warnings[0]?.message).toContain('enrolled as card-2')
    for (const id of CARDS.ids)
      await expect(bench.agent.administration.deviceAct(id, 'init')).rejects.toMatchObject({
        code: 'fiscalization_conflict',
      })
    expect(await logins()).toBe(before)
    await exchanged(bench)
    await untilStates(bench, 'ready', 'ready')
    expect((await sign(till, '1.00')).fiscal.state).toBe('succeeded')
  },
)

test('a TSE in the token of another entry is neither initialised nor retired', heavy(), async () => {
  await using bench = await openShop(TSES)
  const { locationId } = await bench.shop()
  for (const id of TSES.ids) await registerAt(bench, locationId, id)
  const before = await logins()
  await exchanged(bench)
  await untilStates(bench, 'foreign', 'foreign')
  const { administration } = bench.agent
  const refusal = { code: 'fiscalization_conflict' }
  await expect(administration.deviceAct('tse-1', 'init')).rejects.toMatchObject(refusal)
  await expect(administration.retireTse('tse-1', 'broken')).rejects.toMatchObject({
    ...refusal,
    message: expect.stringContaining('the line of tse-2'),
  })
  expect(await logins()).toBe(before)
})

test('two entries with a key each in one token are both used', heavy(), async () => {
  shops += 1
  const [token, pin] = [`both-${shops}`, '123456']
  await tokens.makeToken(token, pin)
  const pinFile = join(tokens.folder, `${token}.pin`)
  await writeFile(pinFile, pin, { mode: 0o600 })
  const devices = CARDS.ids.map((id) => ({ id, driver: CARDS.driver, module: tokens.faulty, token, pinFile, key: id }))
  const given = devices.slice(0, 1)
  await using bench = await Bench.open({ config: { devices: given, deadlineMs: 20_000 } })
  await bench.agent.administration.deviceAct('card-1', 'init')
  const [first] = bench.config.devices
  await bench.restart(async () => {
    ;(bench.config.devices as object[]).push({ ...structuredClone(first), ...devices[1] })
  })
  await untilStates(bench, 'ready', 'down')
  expect(reported(bench)[1]?.warnings[0]?.code).toBe('device_not_initialised')
})
