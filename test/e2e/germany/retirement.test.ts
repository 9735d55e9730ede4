// @module-tag heavy
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openAgent } from '../../../agent/cli/daemon/technician.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { verifyTar } from '../../../verify/tse/verify-tar.ts'
import { filesOf, inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { today } from '../../today.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { signed } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay } from '../goods.ts'

const TWO = {
  devices: [
    { id: 'tse-1', driver: 'tse-simulator' },
    { id: 'tse-2', driver: 'tse-simulator' },
  ],
}
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

function begin({ id, till }: Register) {
  return till.create(goods('sale', id, [['3.00', '0.07']]))
}

function cash() {
  return [pay('cash', '3.00')]
}

async function close({ id, till }: Register): Promise<void> {
  const expected = (await till.get(`/v1/registers/${id}/session`))['expected_closing_amount']
  await till.create(event('session_cash_count', id, { counted_closing_amount: expected }))
  await till.create(event('session_close', id, { business_date: today() }))
}

/** A register of a shop with several TSEs, in session. */
async function openOn(bench: Bench, device: string, location?: string): Promise<Register> {
  const location_id = location ?? (await bench.shop()).locationId
  const newRegister = await bench.office.post('/v1/registers', { location_id, name: 'K', fiscal_device: device })
  const id = String(newRegister['id'])
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  const till = bench.client({ 'X-Register-Api-Key': key })
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  return { id, clientId, key, till }
}

/** Rows of a file of the package of everything, which must verify; cells without the key. */
async function packaged(bench: Bench, file: string): Promise<string[][]> {
  return inDirectory(async (directory) => {
    const path = join(directory, 'package.zip')
    await bench.agent.administration.exportTo('dsfinvk', RANGE, path)
    expect(await verifyDsfinvk(path)).toMatchObject({ valid: true, findings: [] })
    const text = (await filesOf(path)).get(file) ?? ''
    return text
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(';').slice(3))
  })
}

test('a lost TSE: its waiting acts are concluded as not signed, and the shop continues with a new one', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 500 } })
  const register = await bench.till()
  const { till } = register
  const open = await begin(register)
  const waiting = await begin(register)
  await bench.fault('lost-answer@finish', 'unplugged@openTransactions#1+')
  expect((await till.complete(waiting, cash())).fiscal.state).toBe('pending')
  await bench.loseTse()
  const unsigned = await till.complete(await begin(register), cash())
  expect(unsigned.fiscal.state).toBe('failed')
  const told = await bench.agent.administration.retireTse('tse-1', 'Diebstahl')
  expect(told).toMatchObject({ device: 'tse-1', registers: [register.id] })
  await bench.untilDevice('ready')
  const settled = await till.read(waiting.id)
  expect(settled.fiscal).toMatchObject({
    state: 'failed',
    error: { code: 'retired' },
    receipt_text: 'TSE ausgefallen',
  })
  expect(settled.fiscal.error?.message).toContain('Diebstahl')
  const ended = await till.complete(open, cash())
  expect(ended.fiscal).toMatchObject({ state: 'failed', start_event: { signed_at: expect.any(String) } })
  const first = signed(await till.complete(await begin(register), cash()))
  expect(first.tss_serial_number).toBe((await bench.office.list('/v1/devices'))[0]?.['serial'])
  await close(register)
  const rows = await packaged(bench, 'transactions_tse.csv')
  expect(
    rows.map(([bon, tse, number, start, , , , , reason]) => [bon, tse, number, start !== '', reason !== '']),
  ).toEqual([
    ['"1"', '1', '1', true, false],
    ['"2"', '1', '3', true, true],
    ['"3"', '', '', false, true],
    ['"4"', '1', '2', true, true],
    ['"5"', '2', '1', true, false],
    ['"6"', '2', '2', true, false],
  ])
  expect(await packaged(bench, 'tse.csv')).toHaveLength(2)
  await bench.restart()
  await till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  expect((await till.complete(await begin(register), cash())).fiscal.state).toBe('succeeded')
})

test('a TSE is replaced in the middle of a session: its successor takes its registers, the closing shows both', async () => {
  await using bench = await Bench.open({ config: TWO })
  const { administration } = bench.agent
  const register = await openOn(bench, 'tse-1')
  const { id, till } = register
  const open = await begin(register)
  const refused = administration.retireTse('tse-1', 'Zertifikat läuft ab', 'tse-2')
  await expect(refused).rejects.toMatchObject({ code: 'open_operations' })
  const before = signed(await till.complete(open, cash()))
  await administration.retireTse('tse-1', 'Zertifikat läuft ab', 'tse-2')
  const after = signed(await till.complete(await begin(register), cash()))
  expect(after.tss_serial_number).not.toBe(before.tss_serial_number)
  expect(after.pos_client_serial_number).toBe(before.pos_client_serial_number)
  expect(await bench.office.get(`/v1/registers/${id}`)).toMatchObject({
    fiscalization: { tse_serial: after.tss_serial_number },
  })
  await close(register)
  expect(await packaged(bench, 'tse.csv')).toHaveLength(2)
  expect(administration.installation()).toMatchObject({
    retired_tses: [{ serial: before.tss_serial_number, retirement: 'Zertifikat läuft ab' }],
  })
  // The retired one is never used again, for any register.
  await bench.restart()
  const [former, successor] = await bench.office.list('/v1/devices')
  expect(former).toMatchObject({ state: 'foreign', warnings: [{ code: 'tse_retired' }] })
  expect(successor).toMatchObject({ state: 'ready' })
})

test('the archive of a retired TSE is read from it while it is connected, and nothing is deleted in it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  signed(await register.till.complete(await begin(register), cash()))
  const { administration } = bench.agent
  const { serial } = (await administration.retireTse('tse-1', 'Zertifikat läuft ab')) as { serial: string }
  const keptArchive = await administration.deviceAct('tse-1', { act: 'archive', deletes: false })
  expect(keptArchive).toMatchObject({ serial, logs: expect.any(Number), deleted_at: null })
  const { file } = keptArchive as { file: string }
  const archive = createReadStream(join(bench.config.state, 'archives', file))
  expect(await verifyTar(archive)).toMatchObject({ sound: true, serial })
  await expect(administration.deviceAct('tse-1', { act: 'archive', deletes: true })).rejects.toMatchObject({
    message: expect.stringContaining('was retired'),
  })
})

test('registers that were not fiscalized yet continue with the successor too', async () => {
  await using bench = await Bench.open({ config: TWO })
  const { locationId } = await bench.shop()
  const make = async (name: string): Promise<string> => {
    const newRegister = await bench.office.post('/v1/registers', {
      location_id: locationId,
      name,
      fiscal_device: 'tse-1',
    })
    return String(newRegister['id'])
  }
  const [first, refused, resting] = [await make('1'), await make('2'), await make('3')]
  await bench.office.post(`/v1/registers/${first}/fiscalize`, {}, 202)
  await bench.fault('unplugged@*')
  expect(await bench.office.post(`/v1/registers/${refused}/fiscalize`, {}, 202)).toMatchObject({
    fiscalization_status: 'pending',
  })
  await bench.agent.administration.retireTse('tse-1', 'Sturz', 'tse-2')
  for (const id of [refused, resting])
    expect(await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)).toMatchObject({
      ...{ fiscal_device: 'tse-2', fiscalization_status: 'fiscalized' },
    })
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'down' }, { state: 'ready' }])
})

test('a register that ended with a retired TSE is not a second TSE: the archive of the other one needs no register', async () => {
  await using bench = await Bench.open({ config: TWO })
  const { locationId } = await bench.shop()
  const make = async (): Promise<string> => {
    const given = { location_id: locationId, name: 'Kasse', fiscal_device: 'tse-1' }
    const id = String((await bench.office.post('/v1/registers', given))['id'])
    await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    return id
  }
  const [ended] = [await make(), await make()]
  await bench.office.post(`/v1/registers/${ended}/decommission`, {}, 200)
  const { administration } = bench.agent
  await administration.retireTse('tse-1', 'Sturz', 'tse-2')
  await inDirectory(async (directory) => {
    const written = await administration.exportTo('tse_tar', RANGE, join(directory, 'tse.tar'))
    expect(written).toMatchObject({ device: 'tse-2' })
  })
})

test('the archive of the successor names the TSE that signed before it, for the time in which that did', async () => {
  const clock = new FastClock(100)
  await using bench = await Bench.open({ clock, config: TWO })
  const register = await openOn(bench, 'tse-1')
  const { administration } = bench.agent
  const archive = (range: object): Promise<unknown> =>
    inDirectory((directory) =>
      administration.exportTo('tse_tar', { ...RANGE, ...range, registerId: register.id }, join(directory, 'tse.tar')),
    )
  expect(await archive({})).not.toHaveProperty('other_tses')
  const { serial } = (await administration.retireTse('tse-1', 'Sturz', 'tse-2')) as { serial: string }
  signed(await register.till.complete(await begin(register), cash()))
  expect(await archive({})).toMatchObject({ device: 'tse-2', other_tses: [serial] })
  const { retired_tses: retired } = administration.installation() as { retired_tses: { retired_at: string }[] }
  // A log has whole seconds.
  const afterMs = Date.parse(String(retired[0]?.retired_at)) + 1000
  await expect.poll(() => clock.now()).toBeGreaterThan(afterMs + 1000)
  signed(await register.till.complete(await begin(register), cash()))
  const after = new Date(afterMs).toISOString()
  expect(await archive({ from: after })).not.toHaveProperty('other_tses')
  const asked = await bench.office.post('/v1/exports', { type: 'tse_tar', ...RANGE }, 202)
  await expect
    .poll(() => bench.office.get(`/v1/exports/${asked['id']}`))
    .toMatchObject({ status: 'completed', other_tses: [serial] })
})

test('a TSE in use that takes over the registers of another one is not taken for one that is ahead', async () => {
  await using bench = await Bench.open({ config: TWO })
  const { locationId } = await bench.shop()
  const tills = [await openOn(bench, 'tse-1', locationId), await openOn(bench, 'tse-2', locationId)]
  for (const register of tills) signed(await register.till.complete(await begin(register), cash()))
  await bench.agent.administration.retireTse('tse-1', 'Sturz', 'tse-2')
  await bench.restart()
  const [, successor] = await bench.office.list('/v1/devices')
  expect(successor).toMatchObject({ state: 'ready', warnings: [] })
  const adopt = bench.agent.administration.deviceAct('tse-2', 'adopt')
  await expect(adopt).rejects.toMatchObject({ message: expect.stringContaining('nothing') })
  for (const { id, key } of tills) {
    const register = { id, till: bench.client({ 'X-Register-Api-Key': key }) } as Register
    signed(await register.till.complete(await begin(register), cash()))
  }
})

test('each register is handed over to a successor once, however many look for it at a time', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const registers: Register[] = []
  for (let number = 1; number <= 4; number++) registers.push(await bench.register(locationId))
  await bench.loseTse()
  await bench.agent.administration.retireTse('tse-1', 'Sturz')
  await bench.restart()
  const exchanges = bench.journal().filter(({ kind }) => kind === 'register.tse_replaced')
  expect(exchanges.map(({ op }) => op).toSorted()).toEqual(registers.map(({ id }) => id).toSorted())
})

test('registers of a TSE that was retired without a successor are handed over when one is named later', async () => {
  await using bench = await Bench.open({ config: TWO })
  const register = await openOn(bench, 'tse-1')
  const before = signed(await register.till.complete(await begin(register), cash()))
  const retire = (successor?: string) => bench.agent.administration.retireTse('tse-1', 'Sturz', successor)
  await retire()
  expect(await register.till.complete(await begin(register), cash())).toMatchObject({ fiscal: { state: 'failed' } })
  // Its successor has another id, and its entry was removed from the configuration already, as advised.
  await bench.restart(async () => void bench.config.devices.splice(0, 1))
  await expect(retire()).rejects.toMatchObject({ message: expect.stringContaining('--successor OTHER') })
  expect(await retire('tse-2')).toMatchObject({ registers: [register.id], concluded: 0, successor: 'tse-2' })
  const after = signed(await register.till.complete(await begin(register), cash()))
  expect(after.tss_serial_number).not.toBe(before.tss_serial_number)
  await expect(retire('tse-2')).rejects.toMatchObject({ message: expect.stringContaining('nothing is left to do') })
  await close(register)
  expect(await packaged(bench, 'tse.csv')).toHaveLength(2)
})

test('only an enrolled TSE is retired', async () => {
  await using bench = await Bench.open()
  const { administration } = bench.agent
  await expect(administration.retireTse('tse-1', 'x')).rejects.toMatchObject({ code: 'fiscalization_conflict' })
  await expect(administration.retireTse('tse-9', 'x')).rejects.toMatchObject({ code: 'not_found' })
  await bench.till()
  await expect(administration.retireTse('tse-1', 'x', 'tse-9')).rejects.toMatchObject({ code: 'not_found' })
})

test('a retired TSE that is still plugged in is not a successor, and none of its signatures is journalled as lost', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { administration } = bench.agent
  signed(await register.till.complete(await begin(register), cash()))
  const told = await administration.retireTse('tse-1', 'Sturz')
  expect(told).toMatchObject({ successor: 'tse-1', successor_serial: null })
  // The command again, after a crash that lost the answer.
  const { serial } = told as { serial: string }
  const message = expect.stringMatching(new RegExp(`${serial}.* was retired at .*Sturz`))
  await expect(administration.retireTse('tse-1', 'Sturz')).rejects.toMatchObject({ message })
  await expect(administration.deviceAct('tse-1', 'adopt')).rejects.toMatchObject({
    code: 'unprocessable_entity',
    message: expect.stringContaining('was retired'),
  })
  expect(bench.journal().filter(({ kind }) => ['transaction.lost', 'tse.adopted'].includes(kind))).toEqual([])
})

test('signatures of another TSE than the enrolled one are not adopted', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  signed(await register.till.complete(await begin(register), cash()))
  await bench.loseTse()
  await expect(bench.agent.administration.deviceAct('tse-1', 'adopt')).rejects.toMatchObject({
    code: 'unprocessable_entity',
    message: expect.stringContaining('is not the enrolled one'),
  })
})

test('without a daemon, too, a TSE that answers is not retired while it may have signed', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 500 } })
  const register = await bench.till()
  const waiting = await begin(register)
  await bench.fault('lost-answer@finish', 'unplugged@openTransactions#1+')
  expect((await register.till.complete(waiting, cash())).fiscal.state).toBe('pending')
  await bench.restart(async () => {
    const resting = await openAgent(bench.config)
    const retired = resting.administration.retireTse('tse-1', 'Verwechslung').finally(() => resting.stop())
    await expect(retired).rejects.toMatchObject({ code: 'open_operations' })
  })
  await bench.untilDevice('ready')
  await expect.poll(async () => (await register.till.read(waiting.id)).fiscal.state).toBe('succeeded')
})
