// @module-tag heavy
import { expect, test } from 'vitest'
import { SIMULATED_ACCOUNT } from '../../../drivers/finanzonline/simulator.ts'
import { TurningClock } from '../../turning-clock.ts'
import { Bench } from '../bench.ts'
import { accepted, finanzonline, forbidden, progress } from './finanzonline.ts'
import { austrianTill, LOCATION, ONE_CARD } from './shop.ts'

/** A request that is lost three times without an effect is left to a person. */
const ENDS = 2
const REGISTERED = ['registrierung_se', 'registrierung_kasse', 'belegpruefung']

function isDone(bench: Bench): boolean {
  return progress(bench)['startbeleg-check']?.state === 'confirmed'
}

test('a shop goes from its first register to a checked Startbeleg with no hand on a portal', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await austrianTill(bench)
  await bench.until(() => isDone(bench))
  expect(accepted(service)).toEqual(REGISTERED)
  expect(forbidden(service)).toEqual([])
  expect(progress(bench)).toMatchObject({
    'finanzonline-unit': { state: 'confirmed', attempts: 1, confirmed_by: 'authority' },
    'finanzonline-register': { state: 'confirmed', attempts: 1, confirmed_by: 'authority' },
    'startbeleg-check': { state: 'confirmed', attempts: 1, confirmed_by: 'authority' },
  })
  // A trial fulfils nothing.
  const tasks = bench.agent.administration.listTasks() as readonly { id: string }[]
  expect(tasks.some(({ id }) => id.startsWith('startbeleg-check-'))).toBe(true)
  await bench.restart()
  await bench.untilDevice('ready')
  expect(accepted(service)).toEqual(REGISTERED)
})

test.each([
  'lost-answer@*#1-8',
  'lost-request@registrierung_se',
  'lost-answer@registrierung_kasse',
  'truncated@registrierung_kasse',
  'reset@belegpruefung',
  'session-gone@registrierung_se',
  'maintenance=4@registrierung_kasse',
  'technical=2@status_kasse',
  'http500@status_see',
  'html@registrierung_se',
  'doctype@status_kasse',
  'too-large@registrierung_se',
  'other-packet@registrierung_kasse',
  'other-prefix@*#*',
  'redirect@belegpruefung',
  'no-effect@registrierung_se',
  'late=200@registrierung_kasse',
  'b38@belegpruefung',
])('with the fault %s each act takes effect once', async (fault) => {
  const service = await finanzonline()
  // Proven credentials: a doubt about the first login would wait for a minute, also one that a busy machine makes.
  const clock = new TurningClock()
  await using bench = await Bench.open({ clock, config: { ...ONE_CARD, authorities: service.authorities } })
  await bench.agent.administration.checkAuthority()
  service.simulator.inject(fault)
  await austrianTill(bench)
  await bench.until(() => isDone(bench))
  const once = accepted(service).filter((operation) => operation !== 'belegpruefung')
  expect(once).toEqual(['registrierung_se', 'registrierung_kasse'])
  expect(forbidden(service)).toEqual([])
})

test.each(['duty.sent', 'duty.answering'])(
  'an agent that ends at %s asks what became of each act, and sends none twice',
  async (point) => {
    const service = await finanzonline()
    let left = 0
    const atPoint = (reached: string): void => {
      if (reached !== point || left === 0) return
      left -= 1
      throw new Error('ended here')
    }
    await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities }, atPoint })
    await bench.agent.administration.checkAuthority()
    left = 1
    await austrianTill(bench)
    // Ended at the registration of the unit, then of the till, then at the check of the receipt.
    for (let end = 0; end < REGISTERED.length; end += 1) {
      await bench.until(() => left === 0)
      await bench.restart(async () => {
        left = end < ENDS - 1 ? 1 : 0
      })
    }
    await bench.until(() => isDone(bench))
    const acts = accepted(service).filter((operation) => operation !== 'belegpruefung')
    expect(acts).toEqual(['registrierung_se', 'registrierung_kasse'])
    expect(forbidden(service)).toEqual([])
  },
)

test('what a person did in the portal is found, and not sent', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: ONE_CARD })
  await austrianTill(bench)
  const [unit] = bench.agent.administration.listTasks() as readonly { id: string }[]
  const serial = /-([0-9a-f]+)$/.exec(unit?.id ?? '')?.[1] ?? ''
  service.simulator.inject(`portal register-unit ${serial} AT9 T`)
  await bench.restart(async () => void Object.assign(bench.config, { authorities: service.authorities }))
  await bench.until(() => progress(bench)['finanzonline-register']?.state === 'confirmed')
  expect(progress(bench)['finanzonline-unit']).toMatchObject({ state: 'confirmed', attempts: 0, confirmed_by: 'found' })
  expect(accepted(service).filter((operation) => operation === 'registrierung_se')).toHaveLength(1)
})

test('refused credentials are tried once, over a restart, and a corrected file lets the duties continue', async () => {
  const service = await finanzonline()
  service.write('pin', 'wrong-pin')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await austrianTill(bench)
  await bench.until(() => service.simulator.calls > 0)
  await bench.restart()
  await bench.untilDevice('ready')
  expect(service.simulator.calls).toBe(1)
  expect(forbidden(service)).toEqual([])
  service.write('pin', SIMULATED_ACCOUNT.pin)
  // The files are read again at the next event, or a minute later.
  await bench.office.post('/v1/locations', LOCATION)
  await bench.until(() => isDone(bench))
})

test('duties that meet a login of a check in progress continue when the check ends', async () => {
  const clock = new TurningClock()
  const service = await finanzonline('T', clock)
  await using bench = await Bench.open({ clock, config: { ...ONE_CARD, authorities: service.authorities } })
  service.simulator.inject('silence=1500@login')
  const checked = bench.agent.administration.checkAuthority()
  await bench.until(() => service.simulator.calls > 0)
  await austrianTill(bench)
  await checked
  await bench.until(() => isDone(bench))
})

test('in production nothing of a unit that is not certified is sent', async () => {
  const service = await finanzonline('P')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await austrianTill(bench)
  await bench.untilDevice('ready')
  await bench.restart()
  expect(accepted(service)).toEqual([])
  expect(progress(bench, 'P')).toEqual({})
})
