// @module-tag heavy
import { expect, test } from 'vitest'
import { accountFindings } from '../../../agent/cli/checks/authorities.ts'
import type { ListedDuty } from '../../../agent/till/reading/listed-duties.ts'
import type { ShownWarning } from '../../../agent/watch/standing-warnings.ts'
import { localDate, SHOP_ZONE } from '../../../base/clock.ts'
import { SIMULATED_ACCOUNT } from '../../../drivers/finanzonline/simulator.ts'
import { Bench, GERMAN_MERCHANT } from '../bench.ts'
import { LeapClock } from '../leap-clock.ts'
import { finanzonline, progress, registeredWithAnotherKey, TIMING } from './finanzonline.ts'
import { austrianTill, LOCATION, MERCHANT, ONE_CARD } from './shop.ts'

const HOUR_MS = 3_600_000
const OTHER_IDENTITY = { country_code: 'AUT', vat_id: 'ATU87654321' }

async function listed(bench: Bench): Promise<readonly ListedDuty[]> {
  return await bench.agent.administration.listDuties()
}

async function warned(bench: Bench, code: string): Promise<ShownWarning | undefined> {
  const { warnings } = (await bench.office.get('/v1/overview')) as unknown as { warnings: ShownWarning[] }
  return warnings.find((warning) => warning.code === code)
}

/** The warning of that code, as soon as it is active. */
async function until(bench: Bench, code: string): Promise<ShownWarning> {
  await bench.until(async () => (await warned(bench, code)) !== undefined)
  return (await warned(bench, code)) as ShownWarning
}

test('refused credentials are an alarm with rc and files, over a restart, until a file is corrected', async () => {
  const service = await finanzonline()
  service.write('pin', 'wrong-pin')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await austrianTill(bench)
  const warning = await until(bench, 'authority_credentials')
  expect(warning).toMatchObject({
    severity: 'alarm',
    detail: expect.stringMatching(/rc −4.*\/participant, .*\/pin\)$/),
  })
  await bench.restart()
  const { about: id = '' } = await until(bench, 'authority_credentials')
  expect(service.simulator.calls).toBe(1)
  const duties = await listed(bench)
  expect(duties.find((duty) => duty.id === id)).toMatchObject({
    ...{ authority: 'FinanzOnline', state: 'due', reason: 'credentials_refused', waits_for: { kind: 'credentials' } },
    instructions: [expect.stringContaining('/pin'), expect.anything(), expect.stringContaining(`duty send ${id}`)],
  })
  expect(duties.find((duty) => duty.id.startsWith('finanzonline-unit-'))).toMatchObject({
    ...{ state: 'due', waits_for: { kind: 'credentials', id } },
  })
  const findings = await accountFindings(bench.agent.administration, bench.config)
  expect(findings).toMatchObject([
    { state: 'failure', message: 'credentials were refused (rc −4) and have not changed since' },
  ])
  for (const secret of ['wrong-pin', SIMULATED_ACCOUNT.participant, SIMULATED_ACCOUNT.user])
    expect(JSON.stringify([duties, warning])).not.toContain(secret)
  await bench.agent.administration.sendDuty(id)
  await bench.until(() => service.simulator.calls > 1)
  await until(bench, 'authority_credentials')
  service.write('pin', SIMULATED_ACCOUNT.pin)
  await bench.office.post('/v1/locations', LOCATION)
  await bench.until(async () => (await warned(bench, 'authority_credentials')) === undefined)
  await bench.until(async () => (await listed(bench)).every((duty) => duty.id !== id))
})

test('a user without the right for the service is an alarm that names it, until it is given and sent', async () => {
  const service = await finanzonline()
  const timing = { ...TIMING, checkAgainMs: 86_400_000 }
  const authorities = { finanzonline: { ...service.authorities.finanzonline, timing } }
  service.simulator.inject('no-right@status_see#*')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities } })
  await austrianTill(bench)
  const { detail } = await until(bench, 'authority_credentials')
  expect(detail).toContain('the user has no right for the Registrierkassen-Webservice (rc −4)')
  const duty = async () => (await listed(bench)).find(({ reason }) => reason === 'not_entitled')
  await bench.until(async () => (await duty())?.state === 'due')
  const { id = '', instructions } = (await duty()) ?? {}
  expect(instructions?.[0]).toContain('the right for the Registrierkassen-Webservice')
  service.simulator.clearFaults()
  await bench.agent.administration.sendDuty(id)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
  expect(await warned(bench, 'authority_credentials')).toBeUndefined()
})

test('a unit that no register uses belongs to the only Austrian merchant; among several a person chooses', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await bench.untilDevice('ready')
  const unit = async () => (await listed(bench)).find((duty) => duty.id.startsWith('finanzonline-unit-'))
  await bench.until(async () => (await unit())?.merchant_id === null)
  expect(await unit()).toMatchObject({ state: 'due', waits_for: { kind: 'merchant' } })
  await bench.office.post('/v1/merchants', GERMAN_MERCHANT)
  const { id } = await bench.office.post('/v1/merchants', MERCHANT)
  expect(await unit()).toMatchObject({ merchant_id: id })
})

test('of a unit that no register uses a person chooses among several Austrian merchants', async () => {
  const service = await finanzonline()
  service.simulator.inject('maintenance=1000@*')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await bench.untilDevice('ready')
  for (const identity of [MERCHANT.fiscal_identities[0], OTHER_IDENTITY])
    await bench.office.post('/v1/merchants', { ...MERCHANT, fiscal_identities: [identity] })
  const unit = async () => (await listed(bench)).find((duty) => duty.id.startsWith('finanzonline-unit-'))
  await bench.until(async () => (await unit()) !== undefined)
  expect(await unit()).toMatchObject({ state: 'due', merchant_id: null, waits_for: { kind: 'person' } })
})

test('a refused duty is a warning with its reason until a person sends it again', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: ONE_CARD })
  await austrianTill(bench)
  await registeredWithAnotherKey(bench, service)
  const warning = await until(bench, 'duty_refused')
  expect(warning).toMatchObject({ severity: 'warning', about: expect.stringMatching(/^startbeleg-check-/) })
  expect(warning.detail).toContain('(receipt_faulty)')
  expect(await accountFindings(bench.agent.administration, bench.config)).toMatchObject([
    { state: 'failure', message: expect.stringMatching(/^Check the Startbeleg of .*: refused \(receipt_faulty\)$/) },
  ])
  service.simulator.inject('silence=60000@*#*')
  await bench.agent.administration.sendDuty(warning.about ?? '')
  await bench.until(async () => (await warned(bench, 'duty_refused')) === undefined)
})

test('a report without an effect is a warning that the authority is unclear, until a person confirms it', async () => {
  const service = await finanzonline()
  service.simulator.inject('no-effect@registrierung_se#*')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await austrianTill(bench)
  const { about = '', detail } = await until(bench, 'duty_unclear')
  expect(detail).toContain('(no_effect)')
  await bench.agent.administration.confirmTask(about)
  await bench.until(async () => (await warned(bench, 'duty_unclear')) === undefined)
})

test('test mode is a warning as long as it is configured, and production is not', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  expect(await warned(bench, 'authority_test_mode')).toMatchObject({ severity: 'warning' })
  const production = await finanzonline('P')
  await bench.restart(async () => void Object.assign(bench.config, { authorities: production.authorities }))
  expect(await warned(bench, 'authority_test_mode')).toBeUndefined()
})

test('a day without a usable answer is an alarm for what is due, and over with the next answer', async () => {
  const clock = new LeapClock()
  const service = await finanzonline('T', clock)
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities }, clock })
  service.simulator.inject('maintenance=1000@*')
  await austrianTill(bench)
  const called = () => {
    const before = service.simulator.calls
    return bench.until(() => service.simulator.calls > before)
  }
  await called()
  clock.leap(23 * HOUR_MS)
  await called()
  expect(await warned(bench, 'authority_unreachable')).toBeUndefined()
  clock.leap(2 * HOUR_MS)
  const today = localDate(Date.now(), SHOP_ZONE)
  expect(await until(bench, 'authority_unreachable')).toMatchObject({ severity: 'alarm', due: today })
  service.simulator.clearFaults()
  await bench.until(async () => (await warned(bench, 'authority_unreachable')) === undefined)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
})
