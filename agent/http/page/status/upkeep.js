// The section for a technician: one line until something in it needs a person.

import { nameOf } from './authorities.js'
import { causeOf } from './causes.js'
import { element, facts, show } from './elements.js'
import { count, day, duration, language, moment, say } from './words.js'

/** @typedef {import('./agent.js').Overview} Overview */
/** @typedef {{ backup: { created_at: string, file: string } | null, duties: Task[], disk: { level: 'ok' | 'low' | 'full', free_bytes: number }, certificates: { name: string, days_left: number }[] }} Upkeep */
/** @typedef {{ id: string, title: string, kind: string, about: string | null, due: string }} Task */
/** @typedef {{ severity: 'warning' | 'alarm', since: string, message: string }} OpenAlert */
/** @typedef {{ id: string, address: string, waiting: number, last_delivery: { at: string } | null, last_error: { at: string, code: string, message: string } | null }} Channel */
/** @typedef {{ open: OpenAlert[], channels: Channel[] }} Alerts */

const DAY_MS = 86_400_000
/** A backup is made daily. */
const BACKUP_OLD_MS = 2 * DAY_MS
const SOON_DAYS = 30
/** As a person has left it; undefined follows the need. */
/** @type {boolean | undefined} */
let isOpened

/** The duties that are shown. @param {Overview | undefined} overview @returns {readonly Task[]} */
export function dutiesOf(overview) {
  const { duties = [] } = /** @type {{ duties?: readonly Task[] }} */ (overview?.authorities ?? {})
  const { duties: others = [] } = /** @type {{ duties?: readonly Task[] }} */ (overview?.upkeep ?? {})
  return [...duties, ...others]
}

/** @param {Overview} overview */
export function upkeepSection({ upkeep: given, alerts: told, at }) {
  if (given === undefined) {
    show('upkeep', '', undefined)
    return
  }
  const upkeep = /** @type {Upkeep} */ (given)
  const alerts = /** @type {Alerts} */ (told)
  const { backup, duties, disk, certificates } = upkeep
  const needs = needsPerson(upkeep, alerts, at)
  const free = `${count(Math.floor(disk.free_bytes / 1e9))} GB`
  show('upkeep', [language(), backup, duties, disk.level, free, certificates, alerts, needs], () => [
    element('h2', {}, say('upkeep')),
    element(
      'details',
      {
        class: 'card',
        open: isOpened ?? needs,
        toggle: ({ target }) => {
          if (target instanceof HTMLDetailsElement) isOpened = target.open === needs ? undefined : target.open
        },
      },
      element('summary', { 'data-focus': 'upkeep' }, needs ? say('upkeep_needs') : say('upkeep_well')),
      facts([
        [say('backup'), backup === null ? say('backup_none') : `${moment(backup.created_at)}, ${backup.file}`],
        [say('disk'), free],
        ...certificates.map(
          ({ name, days_left: days }) =>
            /** @type {const} */ ([`${say('certificate_of')} ${name}`, duration(days * 86_400)]),
        ),
        ...duties.map((duty) => /** @type {const} */ ([nameOf(duty), `${say('due')} ${day(duty.due)}`])),
        ...alertRows(alerts),
      ]),
    ),
  ])
}

/** @param {Upkeep} upkeep @param {Alerts} alerts @param {string} at */
function needsPerson({ backup, duties, disk, certificates }, { open, channels }, at) {
  const isBackupOld = backup !== null && Date.parse(at) - Date.parse(backup.created_at) > BACKUP_OLD_MS
  return (
    isBackupOld ||
    disk.level !== 'ok' ||
    duties.some(({ due }) => due <= at.slice(0, 10)) ||
    certificates.some(({ days_left: days }) => days < SOON_DAYS) ||
    open.length > 0 ||
    channels.some(({ last_error: error }) => error !== null)
  )
}

/**
 * The open alerts, and the last delivery of each channel.
 * @param {Alerts} alerts
 */
function alertRows({ open, channels }) {
  const label = say('open_alerts')
  const alerts = open.map(
    ({ since, message }) => /** @type {const} */ ([label, `${message} (${say('since')} ${moment(since)})`]),
  )
  if (channels.length === 0) return [/** @type {const} */ ([say('channels'), say('channels_none')])]
  return [
    ...alerts,
    ...channels.map(
      (channel) =>
        /** @type {const} */ ([`${say('channel_of')} ${channel.id} (${channel.address})`, deliveryOf(channel)]),
    ),
  ]
}

/** @param {Channel} channel */
function deliveryOf({ last_delivery: delivery, last_error: error, waiting }) {
  return [
    delivery === null ? say('delivery_none') : `${say('delivery')} ${moment(delivery.at)}`,
    waiting > 0 && `${say('waiting')}: ${count(waiting)}`,
    error !== null && `${say('error')} (${moment(error.at)}): ${causeOf(error).words}`,
  ]
    .filter(Boolean)
    .join(' · ')
}
