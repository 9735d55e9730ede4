import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CheckpointSigner } from '../../agent/journal/checkpoint.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { Marks } from '../../agent/journal/events.ts'
import type { Exported, ExportTask } from '../../agent/journal/export.ts'
import { exportJournal } from '../../agent/journal/export.ts'
import { Journal } from '../../agent/journal/journal.ts'
import type { JournalOptions } from '../../agent/journal/journal-options.ts'
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { textEvent } from './some-event.ts'

export const signer: CheckpointSigner = checkpointSigner(generateKeyPairSync('ed25519').privateKey)

/** Writes events to a file like a separate process, with the key of the state directory. */
export function writing(by: CheckpointSigner): (task: ExportTask) => Promise<Exported> {
  return (task) => exportJournal({ ...task, signer: by })
}

/** A directory of this test, removed after it. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fiskal-edge-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A journal on the real disk; the test closes it. */
export function openJournal(directory: string, changes: Partial<JournalOptions> = {}): Promise<Journal> {
  return Journal.open({
    directory,
    clock: systemClock,
    bootId: randomUUID(),
    signer,
    agentId: 'agent-1',
    chainId: () => randomUUID(),
    onFatal: (error) => {
      throw error
    },
    fault: () => undefined,
    defer: (drain) => {
      setImmediate(drain)
    },
    refusal: () => undefined,
    ...changes,
  })
}

/** On any machine, however slow, no time passes: the requests of one turn are one group. */
export const inOneTurn: Clock = { ...systemClock, mono: () => 0n }

export function appendNote(journal: Journal, text: string, marks: Marks = {}): Promise<number> {
  return journal.commit('intent', (_view, seq) => ({
    events: [textEvent(text, marks)],
    result: seq,
  }))
}

/** Events 2 … count + 1, all in one group. */
export async function appendNotes(journal: Journal, count: number): Promise<void> {
  await journal.commit('intent', () => ({
    events: Array.from({ length: count }, (_, index) => textEvent(`note ${index} — Grüße\u2028🥐`)),
    result: undefined,
  }))
}

/** A clock that only advances when it is moved. */
export function stoppedClock(start: string) {
  let now = Date.parse(start)
  return {
    now: () => now,
    mono: () => BigInt(now) * 1_000_000n,
    after: () => () => undefined,
    moveTo: (time: string) => {
      now = Date.parse(time)
    },
  }
}
