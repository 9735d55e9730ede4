import { expect, onTestFinished, test } from 'vitest'
import { checkConfig } from '../../agent/agent-config.ts'
import type { LawRules } from '../../agent/laws/law.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import { lawOfKind } from '../../agent/till/laws.ts'
import { openLaws } from '../../agent/wiring/laws.ts'
import { systemClock } from '../../base/clock.ts'
import { BUILT_IN_LAWS } from '../built-in-laws.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { silentLog } from '../silent-log.ts'

/** The rules of the built-in laws, of an agent without devices. */
async function openedRules(): Promise<readonly LawRules[]> {
  const state = await temporaryDirectory()
  const journal = await openJournal(state)
  onTestFinished(() => journal.close())
  const config = checkConfig('agent.json', { version: 1, listen: {}, state, devices: [] }, state)
  const none = () => {
    throw new Error('nothing is asked for')
  }
  return openLaws(BUILT_IN_LAWS, {
    config,
    journal,
    devices: new Map(),
    clock: systemClock,
    log: silentLog,
    registerKeys: { of: none, holds: none, keyOrReason: none },
    newId: none,
    places: { demand: none },
    space: { state: none },
    archiveDirectory: state,
    softwareVersion: '0',
    onError: none,
    fault: none,
  }).laws
}

test('a kind of a device serves one law: it decides whose an outage and foreign transactions are', async () => {
  const laws = await openedRules()
  expect(laws.map(({ facts: law }) => law.name)).toEqual(LAWS.map(({ name }) => name))
  expect(laws.flatMap(({ facts: law }) => law.deviceKinds.map((kind) => lawOfKind(laws, kind)))).toEqual(
    laws.filter(({ facts: law }) => law.deviceKinds.length > 0),
  )
})

test('a law that chains the receipts of a register has rules for a restore that may lack some, and no other has', async () => {
  const laws = await openedRules()
  const chaining = laws.filter(({ order }) => order === 'register').map(({ facts: law }) => law.name)
  expect(LAWS.filter(({ loss }) => loss !== undefined).map(({ name }) => name)).toEqual(chaining)
})
