import { setImmediate } from 'node:timers/promises'
import type { AlertSettings, Alerts, ChannelView } from '../../alerts/alerts.ts'
import { channelsOf } from '../../alerts/channels.ts'
import type { Channel, Receipt } from '../../alerts/message.ts'
import { named } from '../../alerts/message.ts'
import type { AlertRecord, FormerState } from '../../alerts/records.ts'
import { AlertFold } from '../../alerts/records.ts'
import type { Json } from '../../base/canonical.ts'
import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import type { NewId } from '../../base/ids.ts'
import { once } from '../../base/once.ts'
import { codeOf, messageOf } from '../../base/thrown.ts'
import { packageVersion } from '../../base/version.ts'
import type { Config } from '../config/config.ts'
import { secretReader } from '../config/credentials.ts'
import { isLoopback } from '../config/loopback.ts'
import { supportLine } from '../config/support.ts'
import { isTrialDevice } from '../devices/certification.ts'
import { FiskalError } from '../errors.ts'
import { lastChain } from '../journal/chains.ts'
import type { SpaceState } from '../journal/disk/space.ts'
import type { NewEvent, StoredEvent } from '../journal/events.ts'
import { bodyOf, factsOf } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'
import type { Administration } from '../till/administration.ts'
import type { DutyList } from '../till/reading/duty-list.ts'
import type { AlertSources } from './alert-facts.ts'
import { alertFacts } from './alert-facts.ts'
import { DutyNotifier } from './duty-notifier.ts'
import type { Surroundings } from './environment.ts'

type Parts = Omit<AlertSources, 'clock' | 'stateDirectory' | 'journal'> & {
  journal: Journal
  space: { state(): Pick<SpaceState, 'freeBytes'> }
  newId: NewId
  dutyList: Pick<DutyList, 'read'>
  /** The address of the status page. */
  pageUrl: () => string
  /** By default the channels of the configuration. */
  channels?: readonly Channel[]
}

/** Mails and webhooks about warnings. */
export type Alerting = {
  /** Folds the alerts of the journal, sends missing messages, and begins to look. */
  open(): Promise<void>
  close(): Promise<void>
  /** The channels that took nothing for a day although something waited. */
  undelivered(): readonly string[]
  /** Reports only to holders of a key. */
  view(): Json
  readonly desk: Pick<Administration, 'listAlerts' | 'testAlert'>
}

type AlertsView = {
  open: { id: string; rule: string; severity: 'warning' | 'alarm'; since: string; message: string }[]
  channels: ChannelView[]
}

/** Ops that are folded before other work gets its turn. */
const PORTION = 100
/** More than the log of the journal grows by one commit. */
const LEAST_FREE_BYTES = 1_048_576

/** A part of compose. Without a channel it does nothing. */
export function makeAlerts(
  config: Pick<Config, 'alerts' | 'webhooks' | 'listen' | 'state' | 'support'>,
  surroundings: Pick<Surroundings, 'clock' | 'log' | 'credentials' | 'fault'>,
  parts: Parts,
): Alerting {
  const { clock, log, credentials, fault } = surroundings
  const { journal, space, newId, pageUrl, dutyList } = parts
  const { alerts: settings, webhooks } = config
  const around = {
    readSecret: secretReader(credentials),
    clock,
    agent: { id: lastChain(journal.chains).agentId, version: packageVersion() },
    pageUrl: () => (isLoopback(config.listen.host) ? undefined : pageUrl()),
    isTrial: () => [...parts.devices.values()].some(isTrialDevice),
    support: supportLine(config.support),
  }
  const channels = parts.channels ?? channelsOf({ ...settings, webhooks }, around)
  const facts = alertFacts({ ...parts, clock, stateDirectory: config.state }, settings.language)
  // Loaded with the first channel or question: most shops have no channel.
  const made = once(async () => {
    const { Alerts } = await import('../../alerts/alerts.ts')
    const former = await formerAlerts(journal.view, clock.now())
    const begunMs = parseRfc3339(journal.view.event(1)?.at ?? '')
    const append = async (records: readonly AlertRecord[]): Promise<void> => {
      // A write that fails ends the agent, and the message about the full disk with it.
      if (space.state().freeBytes < LEAST_FREE_BYTES) throw new Error('the disk takes nothing')
      await journal.record(() => records.map(eventOf))
    }
    const options = { ...facts, settings: settingsOf(settings), channels, clock, log, append, fault, begunMs }
    alerts = new Alerts({ ...options, newId: () => newId('alr') }, former)
    return alerts
  })
  let alerts: Alerts | undefined
  const dutyNotifier = new DutyNotifier({
    ...{ journal, clock, list: dutyList },
    notify: (change) => alerts?.tellDuty(change),
    onError: (error) => log.warn({ error: messageOf(error) }, 'the list of duties could not be read for webhooks'),
  })
  const view = (): AlertsView => ({ open: openOf(alerts), channels: [...(alerts?.channels() ?? [])] })
  return {
    open: async () => {
      if (channels.length === 0) return
      const opened = await made()
      opened.start()
      if (!channels.some(({ takes }) => takes('duty.changed'))) return
      const { ABANDONED_AFTER_MS } = await import('../../alerts/channel-queue.ts')
      await dutyNotifier.open(clock.now() - ABANDONED_AFTER_MS)
    },
    close: async () => {
      dutyNotifier.close()
      await alerts?.stop()
    },
    undelivered: () => alerts?.undelivered() ?? [],
    view: () => toJson(view()),
    desk: {
      listAlerts: async () => {
        await made()
        return toJson(view())
      },
      testAlert: async (id) => {
        const asked = id === undefined ? channels : channels.filter((channel) => channel.id === id)
        if (asked.length === 0 && id !== undefined) throw unknownChannel(id, channels)
        const open = openOf(alerts).length
        const message = { id: newId('alr'), type: 'alert.test', atMs: clock.now(), shop: facts.shop(), open } as const
        return Promise.all(
          asked.map((channel) => tested(channel, (signal) => channel.send({ ...message, alerts: [] }, signal))),
        )
      },
    },
  }
}

function settingsOf({ digest, ...settings }: Config['alerts']): AlertSettings {
  return { ...settings, digest: typeof digest === 'string' ? { at: digest, always: false } : digest }
}

function openOf(alerts: Alerts | undefined): AlertsView['open'] {
  return (alerts?.open() ?? []).map(({ id, rule, severity, sinceMs, name, message }) => ({
    ...{ id, rule, severity, since: rfc3339(sinceMs) },
    message: named(name, message),
  }))
}

/** `answer`: the words of the server that took the message, for at least one recipient. */
async function tested(channel: Channel, send: (signal: AbortSignal) => Promise<Receipt>): Promise<Json> {
  const { id, kind, address } = channel
  const { failure, words } = await send(new AbortController().signal).then(
    (receipt) => ({ failure: receipt.partly?.failure, words: receipt.words }),
    (thrown: unknown) => ({ failure: thrown, words: null }),
  )
  const error = failure === undefined ? null : messageOf(failure)
  return { channel: id, kind, address, error, code: codeOf(failure) ?? null, answer: words }
}

function unknownChannel(id: string, channels: readonly Channel[]): FiskalError {
  const names = channels.map((channel) => channel.id).join(', ')
  const known = names === '' ? 'none is configured' : `the configuration has ${names}`
  return new FiskalError('not_found', `There is no channel ${id}: ${known}.`, { resource: 'channel' })
}

/** The alerts and digests of the journal. Other work gets its turn between portions. */
async function formerAlerts(view: Pick<View, 'firstOf' | 'eventsOf'>, nowMs: number): Promise<FormerState> {
  const fold = new AlertFold()
  for (const [index, { op }] of view.firstOf('alr_').entries()) {
    for (const event of view.eventsOf(op)) addTo(fold, event, nowMs)
    if (index % PORTION === PORTION - 1) await setImmediate()
  }
  return fold.state()
}

function addTo(fold: AlertFold, event: StoredEvent, nowMs: number): void {
  const facts = factsOf(event, 'alert.raised', 'alert.resolved', 'alert.sent', 'alert.abandoned')
  if (facts === undefined) return
  const { kind, op, at } = event
  // Times of a wrong clock have no age: a message that could not leave by it would be too old to be sent.
  const isSound = bodyOf(event).clock !== 'suspect'
  const timeOf = (text: string): number => (isSound ? (parseRfc3339(text) ?? 0) : nowMs)
  fold.add({ kind, op, atMs: timeOf(at), facts, sinceMs: timeOf(facts.since ?? '') })
}

function eventOf(record: AlertRecord): NewEvent {
  const { op } = record
  switch (record.kind) {
    case 'alert.raised':
    case 'alert.resolved':
      return { kind: record.kind, op, body: { facts: record.facts } }
    case 'alert.sent':
      return { kind: record.kind, op, body: { facts: record.facts } }
    case 'alert.abandoned':
      return { kind: record.kind, op, body: { facts: record.facts } }
  }
}

/** Views are plain data. */
function toJson(view: AlertsView): Json {
  return { open: view.open.map((alert) => ({ ...alert })), channels: view.channels.map((channel) => ({ ...channel })) }
}
