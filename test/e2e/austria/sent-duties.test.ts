// @module-tag heavy
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SIMULATED_ACCOUNT } from '../../../drivers/finanzonline/simulator.ts'
import { SOFTHSM, tokensOfFile } from '../../drivers/native/soft-token.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { event } from '../goods.ts'
import { certifiedCard, PIN } from './certified-card.ts'
import { accepted, finanzonline, forbidden, progress, SECOND } from './finanzonline.ts'
import { austrianTill, LOCATION, ONE_CARD } from './shop.ts'

const TODAY = new Date().toISOString().slice(0, 10)
const OTHER_KEY = Buffer.alloc(32, 7).toString('base64')
const tokens = tokensOfFile(async (made) => {
  writeFileSync(join(made.folder, 'pin'), PIN, { mode: 0o600 })
})

/** A key that the agent makes in a token, with its own certificate. */
async function ownCard(token: string) {
  await tokens.makeToken(token, PIN)
  return {
    ...{ id: 'card-1', driver: 'card-pkcs11', module: SOFTHSM, token, vda: 'AT1' },
    pinFile: join(tokens.folder, 'pin'),
  }
}

type Confirmed = { seq: number; set: { duty: string; by?: string } }

function confirmed(bench: Bench): Confirmed[] {
  return bench.journal().flatMap(({ kind, seq, body }) => {
    const { set } = JSON.parse(body) as { set: Confirmed['set'] }
    return kind === 'duty.confirmed' ? [{ seq: Number(seq), set }] : []
  })
}

function openTasks(bench: Bench): string[] {
  return (bench.agent.administration.listTasks() as readonly { id: string }[]).map(({ id }) => id)
}

function send(bench: Bench, id: string, ...reason: readonly 'planned'[]) {
  return bench.agent.administration.sendDuty(id, ...reason)
}

/** The events that change the transmission of the Startbeleg, as `kind of the event before: status`. */
function transmissions(bench: Bench): string[] {
  const events = bench.journal()
  return events.flatMap(({ kind, body }, index) => {
    if (kind !== 'closing.transmission_changed') return []
    const { set } = JSON.parse(body) as { set: { transmission_status: string } }
    return [`${events[index - 1]?.kind}: ${set.transmission_status}`]
  })
}

async function startbeleg({ id, till }: Register): Promise<Members | undefined> {
  return (await till.list(`/v1/registers/${id}/closings`)).find(({ type }) => type === 'start')
}

test('in production a duty is confirmed as a task in the same commit, and one that was done by hand is found', async () => {
  const service = await finanzonline('P')
  await using bench = await Bench.open({ config: { devices: [await certifiedCard(tokens, 'kassa')] } })
  const register = await austrianTill(bench)
  const { id } = register
  const unit = openTasks(bench).find((task) => task.startsWith('finanzonline-unit-')) ?? ''
  service.simulator.inject(`portal register-unit ${unit.split('-').at(-1)} AT3 P`)
  await bench.restart(async () => void Object.assign(bench.config, { authorities: service.authorities }))
  await bench.until(() => progress(bench, 'P')['startbeleg-check']?.state === 'confirmed')
  expect(confirmed(bench).map(({ set }) => [set.duty, set.by])).toEqual([
    [unit, 'found'],
    [`finanzonline-register-${id}`, 'authority'],
    [`startbeleg-check-${id}`, 'authority'],
  ])
  const kinds = new Map(bench.journal().map(({ seq, kind }) => [Number(seq), kind]))
  expect(transmissions(bench)).toEqual(['duty.confirmed: transmitted'])
  expect((await startbeleg(register))?.['transmitted_at']).toMatch(/^20/)
  for (const { seq } of confirmed(bench)) expect(kinds.get(seq - 1)).toMatch(/^duty\.(changed|answered)$/)
  expect(openTasks(bench).filter((task) => !task.startsWith('data-copy-'))).toEqual([])
  expect(forbidden(service)).toEqual([])
  await expect(send(bench, unit)).rejects.toThrow('nothing to send: it is confirmed')

  // The end of a unit: never before a person sends it.
  await bench.restart(async () => void Object.assign(bench.config, { devices: [] }))
  const end = openTasks(bench).find((task) => task.startsWith('finanzonline-unit-end-')) ?? ''
  await bench.office.post('/v1/locations', LOCATION)
  await expect(send(bench, end)).rejects.toThrow('say why')
  expect(accepted(service)).not.toContain('ausfall_se')
  await send(bench, end, 'planned')
  await bench.until(() => confirmed(bench).some(({ set }) => set.duty === end))
  expect(accepted(service).filter((operation) => operation === 'ausfall_se')).toHaveLength(1)
})

test('a refused duty is sent again by a person, or automatically when its merchant has changed', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, clientId, till } = register
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  await till.create(event('session_close', id, { business_date: TODAY, closing_adjustment_amount: '0.00' }))
  service.simulator.inject(`portal register ${clientId} ${OTHER_KEY} T`)
  await bench.restart(async () => void Object.assign(bench.config, { authorities: service.authorities }))
  const check = () => progress(bench)['startbeleg-check']
  await bench.until(() => check()?.state === 'refused')
  expect(check()).toMatchObject({ reason: 'receipt_faulty', attempts: 1 })
  expect(await startbeleg(register)).toMatchObject({ transmission_status: 'pending', transmitted_at: null })
  const duty = `startbeleg-check-${id}`
  await send(bench, duty)
  await bench.until(() => check()?.attempts === 2 && check()?.state === 'refused')
  await bench.restart()
  await bench.untilDevice('ready')
  await bench.office.post('/v1/locations', LOCATION)
  expect(check()?.attempts).toBe(2)
  const [merchant] = await bench.office.list('/v1/merchants')
  const identities = [{ country_code: 'AUT', vat_id: 'ATU87654321' }]
  const corrected = { fiscal_identities: identities, reason: 'correction' }
  await bench.office.patch(`/v1/merchants/${String(merchant?.['id'])}`, corrected)
  await bench.until(() => check()?.attempts === 3 && check()?.state === 'refused')
  await expect(send(bench, 'startbeleg-check-reg_0')).rejects.toThrow('no such duty')
  await expect(bench.agent.administration.sendDuty(duty, 'theft')).rejects.toThrow('no --reason')
})

test('a trial checks no receipt whose code names another provider than it registers, and says why', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({
    config: { devices: [await ownCard('own')], authorities: service.authorities },
  })
  await bench.agent.administration.deviceAct('card-1', 'init')
  const { id } = await austrianTill(bench)
  await bench.until(() => progress(bench)['finanzonline-register']?.state === 'confirmed')
  const duty = `startbeleg-check-${id}`
  const listed = await bench.agent.administration.listDuties()
  expect(listed.find((one) => one.id === duty)).toMatchObject({ state: 'due', waits_for: { kind: 'certified_unit' } })
  await expect(send(bench, duty)).rejects.toThrow('names another provider than a trial registers (AT9)')
  expect(accepted(service)).toEqual(['registrierung_se', 'registrierung_kasse'])
})

test('in production a Startbeleg failed while its check is refused, and is pending again when it is sent', async () => {
  const service = await finanzonline('P')
  await using bench = await Bench.open({ config: { devices: [await certifiedCard(tokens, 'failed')] } })
  const register = await austrianTill(bench)
  service.simulator.inject(`portal register ${register.clientId} ${OTHER_KEY} P`)
  await bench.restart(async () => void Object.assign(bench.config, { authorities: service.authorities }))
  const check = () => progress(bench, 'P')['startbeleg-check']
  await bench.until(() => check()?.state === 'refused')
  expect(await startbeleg(register)).toMatchObject({ transmission_status: 'failed', transmitted_at: null })
  await send(bench, `startbeleg-check-${register.id}`)
  await bench.until(() => check()?.attempts === 2 && check()?.state === 'refused')
  await bench.agent.administration.confirmTask(`startbeleg-check-${register.id}`, 'checked with the app')
  expect(await startbeleg(register)).toMatchObject({ transmission_status: 'transmitted' })
  expect(transmissions(bench)).toEqual([
    'duty.changed: failed',
    'duty.changed: pending',
    'duty.changed: failed',
    'duty.confirmed: transmitted',
  ])
})

test('with refused credentials nothing is sent, and a person permits one more login', async () => {
  const service = await finanzonline()
  service.write('pin', 'wrong-pin')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id } = await austrianTill(bench)
  await bench.until(() => service.simulator.calls > 0)
  const duty = `finanzonline-register-${id}`
  await bench.until(() =>
    send(bench, duty).then(
      () => false,
      (error) => String(error).includes('rc −4'),
    ),
  )
  await expect(send(bench, duty)).rejects.toThrow('credentials were refused (rc −4) and have not changed since')
  expect(service.simulator.calls).toBe(1)
  const [merchant] = await bench.office.list('/v1/merchants')
  const credentials = `finanzonline-credentials-${String(merchant?.['id'])}`
  await send(bench, credentials)
  await bench.office.post('/v1/locations', LOCATION)
  await bench.until(() => service.simulator.calls === 2)
  service.write('pin', SIMULATED_ACCOUNT.pin)
  await bench.office.post('/v1/locations', LOCATION)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
  await expect(send(bench, credentials)).rejects.toThrow('the credentials are not refused')
})

test('nothing is sent for a merchant that no account names, until an account names it', async () => {
  const service = await finanzonline()
  const { finanzonline: settings } = service.authorities
  const named = (merchant: string) => ({
    finanzonline: { ...settings, accounts: settings.accounts.map((account) => ({ ...account, merchant })) },
  })
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: named('ATU87654321') } })
  const { id } = await austrianTill(bench)
  await expect(send(bench, `finanzonline-register-${id}`)).rejects.toThrow('no account of FinanzOnline is known')
  await bench.restart()
  await bench.untilDevice('ready')
  expect(service.simulator.calls).toBe(0)
  await bench.restart(async () => void Object.assign(bench.config, { authorities: named('atu 12345678') }))
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
})

test('a refused duty is sent again automatically with another maker or other credentials, and not after a restart', async () => {
  const service = await finanzonline()
  const { finanzonline: settings } = service.authorities
  await using bench = await Bench.open({ config: ONE_CARD })
  const { clientId } = await austrianTill(bench)
  service.simulator.inject(`portal register ${clientId} ${OTHER_KEY} T`)
  const check = () => progress(bench)['startbeleg-check']
  const restart = (makerVatId: string) =>
    bench.restart(async () => {
      Object.assign(bench.config, { authorities: { finanzonline: { ...settings, makerVatId } } })
    })
  await restart(settings.makerVatId)
  await bench.until(() => check()?.state === 'refused')
  await restart(settings.makerVatId)
  await bench.untilDevice('ready')
  await restart('ATU99999999')
  await bench.until(() => check()?.attempts === 2 && check()?.state === 'refused')
  // The files are read again at the next event, or a minute later; the new participant knows nothing of the shop.
  service.write('participant', SECOND.participant)
  await bench.office.post('/v1/locations', LOCATION)
  await bench.until(() => check()?.attempts === 3 && check()?.state === 'refused')
  for (const { body } of bench.journal()) expect(body).not.toContain(SECOND.participant)
})
