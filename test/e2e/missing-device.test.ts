// @module-tag heavy
import { expect, test } from 'vitest'
import { deviceFindings } from '../../agent/cli/checks/devices.ts'
import { austrianTill, ONE_CARD, receiptOf, sell } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import { goods, pay } from './goods.ts'
import { italianTill, movement, ONE_PRINTER } from './italy/shop.ts'

/** The doctor's findings of the devices, by the running agent. */
function told({ agent, config }: Bench) {
  const { administration } = agent
  const technician = {
    devices: async () => administration.devices(),
    installation: async () => administration.installation(),
    deviceAct: administration.deviceAct,
  }
  return deviceFindings(technician, config)
}

/** At the agent that runs now. */
async function sold(bench: Bench, { id, key }: { id: string; key: string }) {
  const till = bench.client({ 'X-Register-Api-Key': key })
  return till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
}

function rename({ config }: Bench, id: string): void {
  Object.assign(config.devices[0] ?? {}, { id })
}

test('a TSE that was renamed in the configuration is reported with its registers, which sell unsigned', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const sell = () => sold(bench, register)
  expect((await sell()).fiscal?.state).toBe('succeeded')
  await bench.restart(async () => rename(bench, 'tse-new'))
  await bench.untilDevice('ready')
  const { state, warnings } = await bench.office.get('/readyz')
  expect(state).toBe('degraded')
  expect(warnings).toMatchObject([{ code: 'device_missing', device: 'tse-1', severity: 'alarm' }])
  expect((await sell()).fiscal).toMatchObject({
    state: 'failed',
    receipt_text: 'TSE ausgefallen',
    error: { message: 'No device tse-1 in the configuration.' },
  })
  const [finding] = await told(bench)
  expect(finding).toMatchObject({ check: 'tse-1', state: 'failure' })
  expect(JSON.stringify(finding)).toContain('fiskal-edge device retire tse-1')
  await expect(bench.agent.administration.retireTse('tse-1', 'broken')).rejects.toMatchObject({
    ...{ code: 'not_found', message: expect.stringMatching(/restore its entry in "devices".*restart/) },
  })
  await expect(bench.agent.administration.retireTse('tse-7', 'broken')).rejects.toMatchObject({
    message: 'There is no device tse-7.',
  })

  await bench.restart(async () => rename(bench, 'tse-1'))
  await bench.untilDevice('ready')
  expect((await sell()).fiscal?.state).toBe('succeeded')
  expect(await bench.office.get('/readyz')).toMatchObject({ state: 'ready', warnings: [] })
  expect((await told(bench)).map(({ check }) => check)).toEqual(['tse-1'])
})

test('a TSE whose id was given to a card is reported as missing, and the card is not taken as it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const sell = () => sold(bench, register)
  expect((await sell()).fiscal?.state).toBe('succeeded')
  const { devices } = bench.config
  const card = { id: 'tse-1', driver: 'card-simulator' }
  await bench.restart(async () => void Object.assign(bench.config, { devices: [card] }))
  const { warnings } = await bench.office.get('/readyz')
  expect(warnings).toContainEqual(expect.objectContaining({ code: 'device_missing', device: 'tse-1' }))
  const init = bench.agent.administration.deviceAct('tse-1', 'init')
  await expect(init).rejects.toThrow('give it back that id in "devices"')
  expect((await sell()).fiscal).toMatchObject({ state: 'failed', receipt_text: 'TSE ausgefallen' })
  const [finding] = await told(bench)
  expect(finding).toMatchObject({ check: 'tse-1', state: 'failure' })
  expect(JSON.stringify(finding)).toContain('Restore that id')

  await bench.restart(async () => void Object.assign(bench.config, { devices }))
  await bench.untilDevice('ready')
  expect((await sell()).fiscal?.state).toBe('succeeded')
  expect(await bench.office.get('/readyz')).toMatchObject({ state: 'ready', warnings: [] })
})

test('a card whose id was given to a TSE is not retired, and another unit can replace it', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, key } = await austrianTill(bench)
  const { devices } = bench.config
  const tse = { id: 'card-1', driver: 'tse-simulator' }
  await bench.restart(async () => void Object.assign(bench.config, { devices: [tse] }))
  const retired = bench.agent.administration.retireTse('card-1', 'Verwechslung')
  await expect(retired).rejects.toMatchObject({ code: 'fiscalization_conflict' })
  await expect(retired).rejects.toThrow('give it back that id in "devices"')

  await bench.restart(async () => void Object.assign(bench.config, { devices }))
  await bench.untilDevice('ready')
  const till = bench.client({ 'X-Register-Api-Key': key })
  expect(receiptOf(await sell({ id, till } as Register, '1.00')).security_device_failed).toBe(false)
})

test('a register that was never fiscalized is reported with its device, if that was removed', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const given = { location_id: locationId, name: 'Kasse', fiscal_device: 'tse-1' }
  const { id } = await bench.office.post('/v1/registers', given)
  await bench.restart(async () => rename(bench, 'tse-new'))
  const refusal = await bench.office.refused({ path: `/v1/registers/${id}/fiscalize`, body: {} })
  expect(refusal).toMatchObject({ status: 409, details: { reason: 'device', fitting: ['tse-new'] } })
  expect(refusal.message).toContain('the device tse-1')
})

test('a printer that was removed from the configuration is down: the sale waits for it, and no department is blamed', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const { devices } = bench.config
  await bench.restart(async () => void Object.assign(bench.config, { devices: [] }))
  const till = bench.client({ 'X-Register-Api-Key': register.key })
  const open = await till.create(movement('sale', register, [{ title: 'Caffè', amount: '1.00' }]))
  const path = `/v1/operations/${open.id}/complete`
  const complete = () =>
    till.call({
      path,
      body: { payments: [pay('cash', '1.00')] },
      headers: { 'If-Match': '"1"', 'Idempotency-Key': 'k' },
    })
  expect(await complete()).toMatchObject({ status: 503, json: { code: 'fiscal_device_unavailable' } })
  expect((await told(bench)).map(({ check }) => check)).toEqual(['rt-1', 'devices'])
  await bench.restart(async () => void Object.assign(bench.config, { devices }))
  await bench.untilDevice('ready')
  const moved = bench.client({ 'X-Register-Api-Key': register.key })
  const done = await moved.complete({ ...open }, [pay('cash', '1.00')])
  expect(done.fiscal_information?.regime).toBe('RT')
})
