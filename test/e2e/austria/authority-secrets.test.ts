// @module-tag heavy
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { openLog } from '../../../base/log.ts'
import { HookServer } from '../../alerts/hook-server.ts'
import { fiskalEdge } from '../../cli/command.ts'
import { SECRET } from '../alerted.ts'
import { Bench } from '../bench.ts'
import { ChangeReader } from '../change-reader.ts'
import type { Members } from '../client.ts'
import { LeapClock } from '../leap-clock.ts'
import type { Secrets } from '../secret-search.ts'
import { filesBelow, finding, overhear, spilt } from '../secret-search.ts'
import { finanzonline, forbidden } from './finanzonline.ts'
import { rudeRelay } from './rude-relay.ts'
import { austrianTill, ONE_CARD, sell } from './shop.ts'

/** Each occurs nowhere else; the PIN has another form in XML, JSON and URLs. */
const ACCOUNT = { participant: 'Q7tid93Wq2ZS', user: 'K4sse9Xw7Q', pin: 'Löwe+7/&"<z§ %' }
const WRONG_PIN = 'Tiger=8?&"<y§ %'
const FAULTS = [
  'lost-answer@registrierung_se',
  'session-gone@registrierung_kasse',
  'lost-request@status_kasse',
  'truncated@status_see',
  'wrong-state@belegpruefung',
  'maintenance=2@belegpruefung#2',
]
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const PAGES = ['/v1/devices', '/v1/overview', '/readyz', '/metrics', '/', '/docs', '/v1/journal?limit=200']

type Service = Awaited<ReturnType<typeof finanzonline>>
type Duty = Members & { id: string; kind: string; state: string; register_id: string | null }

test('no secret of FinanzOnline leaves its place over a day with faults and answers that repeat it', async () => {
  const clock = new LeapClock()
  const service = await finanzonline('T', clock, ACCOUNT)
  const relay = await rudeRelay(service.authorities.finanzonline.url)
  const hook = await HookServer.open()
  onTestFinished(() => hook[Symbol.asyncDispose]())
  const config = configOf(service, relay.url, hook.url)
  const logged: string[] = []
  const answers = overhear()
  const log = openLog('debug', { write: (line) => logged.push(line) })
  await using bench = await Bench.open({ log, clock, config })
  const changes = await ChangeReader.open(bench.url, { Authorization: `Bearer ${bench.platformKey}` })
  const seen = [...(await refusedLogin(bench, service, config)), ...(await faultyDay(bench, service, clock))]
  seen.push(...(await show(bench, config, logged.join(''))), JSON.stringify(bench.journal()))
  for (const { headers, body } of hook.calls) seen.push(JSON.stringify(headers), body)
  changes.close()
  await bench.stop()

  // The locked user: a person permitted one more login.
  expect(forbidden(service)).toEqual(['refused_secrets_again'])
  const secrets: Secrets = { ...ACCOUNT, wrongPin: WRONG_PIN, ...sessionsOf(relay.sessions()), ...keysOf(service) }
  // The search finds each secret where it must be, and the words that repeat them reached the journal.
  expect(finding(secrets, relay.traffic.join('\n'))).toEqual(Object.keys(secrets))
  expect(spilt(keysOf(service), filesBelow(service.folder))).toHaveLength(2)
  expect(seen.join('')).toContain('Sie sandten')
  expect(answers.length).toBeGreaterThan(50)
  // How many there are depends on the hour: a digest leaves once a day.
  const types = hook.calls.map(({ body }) => JSON.parse(body).type)
  expect(types).toEqual(expect.arrayContaining(['alert.raised', 'alert.resolved']))
  expect(changes.told.some(({ event }) => event === 'duty.changed')).toBe(true)

  expect({ log: finding(secrets, logged.join('')) }).toEqual({ log: [] })
  expect({ answers: finding(secrets, answers.join('\n')) }).toEqual({ answers: [] })
  expect({ changes: finding(secrets, JSON.stringify(changes.told)) }).toEqual({ changes: [] })
  expect({ seen: finding(secrets, seen.join('\n')) }).toEqual({ seen: [] })
  expect(spilt(secrets, filesBelow(bench.config.state))).toEqual([])
})

function configOf({ authorities, folder }: Service, url: string, hookUrl: string) {
  const secretFile = join(folder, 'office.secret')
  writeFileSync(secretFile, SECRET, { mode: 0o600 })
  return {
    ...ONE_CARD,
    authorities: { finanzonline: { ...authorities.finanzonline, url } },
    webhooks: [{ id: 'office', url: hookUrl, secretFile }],
    alerts: { digest: { at: '07:00', always: true } },
  }
}

/** The PIN is wrong, then it is corrected. */
async function refusedLogin(bench: Bench, service: Service, config: object): Promise<readonly string[]> {
  service.write('pin', WRONG_PIN)
  const register = await austrianTill(bench)
  await bench.until(async () => (await dutiesOf(bench)).some(({ kind }) => kind === 'agent.credentials'))
  await sell(register, '7.00')
  const seen = await show(bench, config)
  for (const fault of FAULTS) service.simulator.inject(fault)
  service.write('pin', ACCOUNT.pin)
  seen.push(JSON.stringify(await bench.agent.administration.checkAuthority()))
  return seen
}

/** Faults, a refused receipt that a person sends again, a locked user, a second register and a restart on the way. */
async function faultyDay(bench: Bench, service: Service, clock: LeapClock): Promise<readonly string[]> {
  // The files are read again after a minute.
  clock.leap(MINUTE_MS)
  const refused = await bench.until(async () => (await dutiesOf(bench)).find(({ state }) => state === 'refused'))
  const seen = [JSON.stringify(refused)]
  await bench.agent.administration.sendDuty(refused.id)
  await untilSent(bench)
  for (let hours = 0; hours < 26; hours += 2) clock.leap(2 * HOUR_MS)
  await bench.restart()
  service.simulator.inject('locked@login')
  const [location] = await bench.office.list('/v1/locations')
  await austrianTill(bench, String(location?.['id']))
  const credentials = await bench.until(async () =>
    (await dutiesOf(bench)).find(({ kind }) => kind === 'agent.credentials'),
  )
  seen.push(JSON.stringify(credentials))
  await bench.agent.administration.sendDuty(credentials.id)
  await untilSent(bench)
  return seen
}

async function dutiesOf(bench: Bench): Promise<readonly Duty[]> {
  return (await bench.office.list('/v1/duties')) as readonly Duty[]
}

/** Each Startbeleg is checked. */
async function untilSent(bench: Bench): Promise<void> {
  await bench.until(async () => {
    const checks = (await dutiesOf(bench)).filter(({ id }) => id.startsWith('startbeleg-check-'))
    return checks.length > 0 && checks.every(({ state }) => state === 'confirmed')
  })
}

/** All that a person, a till or support is shown: pages and answers, exports, commands. */
async function show(bench: Bench, config: object, log = ''): Promise<string[]> {
  for (const path of PAGES) await bench.office.call({ path })
  const duties = await dutiesOf(bench)
  for (const { id } of duties) await bench.office.get(`/v1/duties/${id}`)
  const registers = await bench.office.list('/v1/registers')
  const seen: string[] = []
  for (const { id } of registers) {
    await bench.office.list(`/v1/registers/${String(id)}/closings`)
    for (const type of ['dep7', 'dep131'] as const)
      seen.push(Buffer.from(await bench.exported(type, { register_id: String(id) })).toString('latin1'))
  }
  seen.push(Buffer.from(await bench.exported('journal')).toString('latin1'))
  return [...seen, ...(await commands(bench, config, duties, log))]
}

async function commands(bench: Bench, config: object, duties: readonly Duty[], log: string): Promise<string[]> {
  const file = (name: string) => join(bench.config.state, '..', name)
  const [own, bundle, lines] = [file('agent.json'), file('bundle.tar.gz'), file('agent.log')]
  writeFileSync(own, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, ...config }))
  writeFileSync(lines, log)
  const sent = duties.filter(({ id }) => id.startsWith('finanzonline-') || id.startsWith('startbeleg-'))
  const runs = [
    ...[['duty', 'list', '--all'], ['duty', 'list', '--json'], ['finanzonline', 'check'], ['doctor'], ['diag']],
    ...sent.slice(0, 3).map(({ id }) => ['duty', 'show', id]),
    ['support', 'bundle', bundle, '--log', lines],
  ]
  const outputs: string[] = []
  for (const args of runs) {
    const { out, err } = await fiskalEdge(...args, '--config', own)
    outputs.push(out, err)
  }
  return [...outputs, gunzipSync(readFileSync(bundle)).toString('latin1')]
}

function sessionsOf(ids: readonly string[]): Record<string, string> {
  expect(ids.length).toBeGreaterThan(2)
  return Object.fromEntries(ids.map((id, index) => [`session ${index + 1}`, id]))
}

/** The AES keys of the two registers, as the service has them. */
function keysOf({ folder }: Service): Record<string, Uint8Array> {
  const { books } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as {
    books: Record<string, { registers: Record<string, { aesKey: string }> }>
  }
  const keys = Object.values(books).flatMap(({ registers }) => Object.values(registers).map(({ aesKey }) => aesKey))
  expect(keys).toHaveLength(2)
  return Object.fromEntries(keys.map((key, index) => [`aes key ${index + 1}`, Buffer.from(key, 'base64')]))
}
