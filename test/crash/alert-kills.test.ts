// @module-tag heavy
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readJournal } from '../../agent/journal/reader.ts'
import { HookServer } from '../alerts/hook-server.ts'
import { headerOf, SmtpServer } from '../alerts/smtp-server.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Place } from './daemon.ts'
import { ownPlace, runArmed, UNARMED } from './daemon.ts'

/** Every await between a standing warning and the record of its delivery. */
const POINTS = [
  'alert.before-record',
  'alert.recorded',
  'alert.before-send',
  'alert.sent',
  'alert.delivery-recorded',
] as const

/** A shop whose backups go to the disk of the journal: a warning that stands across restarts. */
function warned(channels: { webhooks?: readonly object[]; mail?: object }): Place {
  const { webhooks = [], mail } = channels
  const alerts = { digest: false, ...(mail !== undefined && { mail }) }
  const place = ownPlace({}, { backup: { folder: 'copies' }, webhooks, alerts })
  onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
  mkdirSync(join(place.folder, 'copies'))
  writeFileSync(join(place.folder, 'office.secret'), 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==', { mode: 0o600 })
  return place
}

function records(place: Place): { kind: string; op: string }[] {
  return readJournal(place.state, (db) =>
    db
      .prepare<[], { kind: string; op: string }>("SELECT kind, op FROM event WHERE kind LIKE 'alert.%' ORDER BY seq")
      .all(),
  )
}

function calls(hook: HookServer): { type: string; id: string }[] {
  return hook.calls.map(({ body, headers }) => ({
    type: (JSON.parse(body) as { type: string }).type,
    id: String(headers['webhook-id']),
  }))
}

test.each(POINTS)('an agent that is killed at %s sends the alert under one id, and journals it once', async (point) => {
  await using hook = await HookServer.open()
  const place = warned({ webhooks: [{ id: 'office', url: hook.url, secretFile: 'office.secret' }] })
  const { signal } = await runArmed(place.config, { points: [point], hit: 1, from: 'start' }).ended
  expect(signal).toBe('SIGKILL')
  const before = hook.calls.length
  const isRecorded = records(place).some(({ kind }) => kind === 'alert.sent')
  const told = new Promise<void>((resolve) => {
    hook.answer = (response) => {
      response.writeHead(204).end()
      resolve()
    }
  })
  const daemon = runArmed(place.config, UNARMED)
  await daemon.ready
  if (!isRecorded) await told
  daemon.child.kill('SIGTERM')
  expect((await daemon.ended).code).toBe(0)
  expect(new Set(calls(hook).map(({ id }) => id)).size).toBe(1)
  expect(calls(hook)).toHaveLength(isRecorded ? before : before + 1)
  expect(records(place).map(({ kind }) => kind)).toEqual(['alert.raised', 'alert.sent'])
  expect(new Set(records(place).map(({ op }) => op))).toEqual(new Set(calls(hook).map(({ id }) => id)))
  expect(await verifyJournal(place.state)).toMatchObject({ books: 'consistent', codes: [] })
})

/** The one after which §7.4 lets the mail leave twice: the server has it, and the journal does not know. */
const TWICE = 'alert.sent'

test.each(POINTS)(
  'an agent that is killed at %s loses no mail, and sends one twice only when the server had it unrecorded',
  async (point) => {
    await using smtp = await SmtpServer.open({ isPlain: true })
    const addresses = { from: 'till@shop.example', to: ['owner@shop.example'] }
    const place = warned({ mail: { host: '127.0.0.1', port: smtp.port, security: 'none', ...addresses } })
    const { signal } = await runArmed(place.config, { points: [point], hit: 1, from: 'start' }).ended
    expect(signal).toBe('SIGKILL')
    const isRecorded = records(place).some(({ kind }) => kind === 'alert.sent')
    const next = smtp.mails.length + 1
    const daemon = runArmed(place.config, UNARMED)
    await daemon.ready
    if (!isRecorded) await smtp.untilMails(next)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
    expect(smtp.mails).toHaveLength(point === TWICE ? 2 : 1)
    const ids = new Set(smtp.mails.map(({ data }) => headerOf(data, 'Message-ID')))
    expect(ids).toEqual(new Set(records(place).map(({ op }) => `<${op}@fiskal-edge.invalid>`)))
    expect(records(place).map(({ kind }) => kind)).toEqual(['alert.raised', 'alert.sent'])
  },
)

const [OWNER, OTHER] = ['owner@shop.example', 'it@shop.example']

/** A server that defers one of two recipients once, and a shop that notifies both. */
async function greylisted() {
  const smtp = await SmtpServer.open({ isPlain: true })
  onTestFinished(() => smtp[Symbol.asyncDispose]())
  smtp.replies.set(OTHER, ['450 4.7.1 greylisted'])
  const mail = { host: '127.0.0.1', port: smtp.port, security: 'none', from: 'till@shop.example', to: [OWNER, OTHER] }
  const count = (address: string): number => smtp.mails.filter(({ to }) => to.includes(address)).length
  const untilTold = async (): Promise<void> => {
    while (count(OWNER) === 0 || count(OTHER) === 0) await smtp.untilMails(smtp.mails.length + 1)
  }
  return { smtp, mail, count, untilTold }
}

test.each([
  { point: 'alert.recorded', hit: 1, owner: 1, other: 1 },
  { point: 'alert.sent', hit: 1, owner: 2, other: 1 },
  { point: 'alert.delivery-recorded', hit: 1, owner: 1, other: 1 },
  { point: 'alert.before-send', hit: 2, owner: 1, other: 1 },
  { point: 'alert.sent', hit: 2, owner: 1, other: 2 },
  { point: 'alert.delivery-recorded', hit: 2, owner: 1, other: 1 },
])(
  'killed at $point, number $hit, with a deferred recipient: $owner mails to one, $other to the other',
  async ({ point, hit, owner, other }) => {
    const { smtp, mail, count, untilTold } = await greylisted()
    const place = warned({ mail })
    const { signal } = await runArmed(place.config, { points: [point], hit, from: 'start' }).ended
    expect(signal).toBe('SIGKILL')
    const isUnrecorded = point === TWICE
    const before = smtp.mails.length
    const daemon = runArmed(place.config, UNARMED)
    await daemon.ready
    await untilTold()
    if (isUnrecorded) await smtp.untilMails(before + 1)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
    expect([count(OWNER), count(OTHER)]).toEqual([owner, other])
    expect(new Set(smtp.mails.map(({ data }) => headerOf(data, 'Message-ID'))).size).toBe(1)
    expect(await verifyJournal(place.state)).toMatchObject({ books: 'consistent', codes: [] })
  },
)

test.each(POINTS)(
  'killed at %s while mail and webhook are sent at once, an agent forgets neither them nor a deferred recipient',
  async (point) => {
    const { smtp, mail, count, untilTold } = await greylisted()
    await using hook = await HookServer.open()
    const place = warned({ mail, webhooks: [{ id: 'office', url: hook.url, secretFile: 'office.secret' }] })
    const isOfBoth = point === 'alert.before-record' || point === 'alert.recorded'
    const { signal } = await runArmed(place.config, { points: [point], hit: isOfBoth ? 1 : 2, from: 'start' }).ended
    expect(signal).toBe('SIGKILL')
    const daemon = runArmed(place.config, UNARMED)
    await daemon.ready
    await untilTold()
    await hook.untilCalls(1)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
    // A kill between the answer of a server and its record: once more, under the same id.
    for (const times of [count(OWNER), count(OTHER), hook.calls.length]) expect([1, 2]).toContain(times)
    const ids = smtp.mails.map(({ data }) => headerOf(data, 'Message-ID'))
    expect(new Set(ids).size).toBe(1)
    expect(new Set(calls(hook).map(({ id }) => id)).size).toBe(1)
  },
)
