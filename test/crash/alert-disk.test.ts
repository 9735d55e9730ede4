// @module-tag heavy
import { spawn } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readJournal } from '../../agent/journal/reader.ts'
import { HookServer } from '../alerts/hook-server.ts'
import { BUILD_LIMIT_MS, looked, once } from '../waits.ts'
import type { Daemon, Place } from './daemon.ts'
import { ownPlace, runArmed, UNARMED } from './daemon.ts'

const BLOCK = Buffer.alloc(4_096)
const POLL_MS = 100

/** A disk of 64 MB for the state, in a namespace of its own, and the command that runs a program there. */
async function smallDisk(place: Place): Promise<{ state: string; by: string[] }> {
  mkdirSync(place.state, { recursive: true })
  const script = 'mount -t tmpfs -o size=64m tmpfs "$0" && chmod 700 "$0" && echo mounted && exec cat'
  const holder = spawn('unshare', ['-rm', 'sh', '-c', script, place.state], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void holder.stdin.end())
  await once(holder.stdout, 'data')
  const by = ['nsenter', '-t', String(holder.pid), '-U', '-m', `--wdns=${process.cwd()}`, '--preserve-credentials']
  return { state: `/proc/${holder.pid}/root${place.state}`, by }
}

/** Takes all space that is left, until it is removed; more of it when a reserve is released. */
function fill(state: string): { again: () => void; remove: () => void } {
  const path = join(state, 'filler')
  const file = openSync(path, 'a')
  const again = (): void => {
    try {
      for (;;) writeSync(file, BLOCK)
    } catch {
      // The disk is full.
    }
  }
  again()
  return {
    again,
    remove: () => {
      closeSync(file)
      rmSync(path)
    },
  }
}

async function until(what: string, look: () => boolean): Promise<void> {
  if ((await looked(look, { everyMs: POLL_MS, limitMs: BUILD_LIMIT_MS })) === undefined)
    throw new Error(`not yet: ${what}`)
}

/** The alerts about the disk that arrived, each id once; how often each came is in `calls`. */
function arrived({ calls }: HookServer): { types: string[]; calls: number } {
  const storage = calls
    .map(({ body, headers }) => ({ ...JSON.parse(body), id: headers['webhook-id'] }))
    .filter(({ data }) => data.rule === 'disk')
  const byId = new Map(storage.map(({ id, type }) => [id, type]))
  return { types: [...byId.values()], calls: storage.length }
}

/** Those of alerts, with their subjects. */
function kinds(state: string): string[] {
  const alerts = eventsOf(state).filter(({ kind }) => kind.startsWith('alert.'))
  return alerts.map(({ kind, body }) => {
    const { facts } = JSON.parse(body) as { facts: { type?: string; rule?: string } }
    return `${kind} ${facts.type ?? facts.rule}`
  })
}

/** From a copy: SQLite finds no file by a path through another namespace. */
function eventsOf(state: string): { kind: string; body: string }[] {
  const copy = mkdtempSync(join(tmpdir(), 'copied-journal-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  for (const name of readdirSync(state))
    if (name.startsWith('journal.db')) copyFileSync(join(state, name), join(copy, name))
  const all = 'SELECT kind, body FROM event ORDER BY seq'
  return readJournal(copy, (db) => db.prepare<[], { kind: string; body: string }>(all).all())
}

/** A start enrols its unit after it is ready: that write would fail on the full disk, and end the agent. */
function untilEnrolled(state: string): Promise<void> {
  return until(
    'the unit is enrolled',
    () => existsSync(join(state, 'journal.db')) && eventsOf(state).some(({ kind }) => kind === 'tse.facts_recorded'),
  )
}

async function ended({ child, ended }: Daemon, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal)
  await ended
}

async function started() {
  const hook = await HookServer.open()
  onTestFinished(() => hook[Symbol.asyncDispose]())
  const webhooks = [{ id: 'office', url: hook.url, secretFile: 'office.secret' }]
  const place = ownPlace({}, { webhooks, alerts: { digest: false } })
  onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
  writeFileSync(join(place.folder, 'office.secret'), 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==', { mode: 0o600 })
  const { state, by } = await smallDisk(place)
  const run = async (): Promise<Daemon> => {
    const daemon = runArmed(place.config, UNARMED, by)
    onTestFinished(() => void daemon.child.kill('SIGKILL'))
    if ((await daemon.ready) === undefined) throw new Error((await daemon.ended).errors)
    return daemon
  }
  return { hook, state, run }
}

test('the alert about a full disk is sent although the disk takes nothing, and is journalled once there is space', async () => {
  const { hook, state, run } = await started()
  const daemon = await run()
  await untilEnrolled(state)
  const filler = fill(state)
  await until('the alert is sent', () => {
    filler.again()
    return arrived(hook).calls > 0
  })
  expect(arrived(hook)).toEqual({ types: ['alert.raised'], calls: 1 })
  // While the agent releases its reserve, it may write one event before the filler.
  expect(kinds(state)).not.toContain('alert.sent alert.raised')
  filler.remove()
  await until('the alert is journalled', () => kinds(state).length === 2)
  expect(kinds(state)).toEqual(['alert.raised disk', 'alert.sent alert.raised'])
  await ended(daemon, 'SIGKILL')
  expect(arrived(hook).calls).toBe(1)
})

test('the alert about a full disk with a reserve is journalled, and a restart on the full disk does not repeat it', async () => {
  const { hook, state, run } = await started()
  const daemon = await run()
  await untilEnrolled(state)
  const filler = fill(state)
  await until('the alert is sent and journalled', () => kinds(state).length === 2)
  await ended(daemon, 'SIGKILL')
  const again = await run()
  filler.remove()
  await until('the end of the alert is sent and journalled', () => kinds(state).length === 4)
  await ended(again, 'SIGTERM')
  expect(arrived(hook)).toEqual({ types: ['alert.raised', 'alert.resolved'], calls: 2 })
})
