import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ProofFinding, ProofRun } from '../../agent/proof/proof-file.ts'
import { readProof, rememberRun } from '../../agent/proof/proof-file.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'

function finding(part: ProofFinding['part'], code: string): ProofFinding {
  return { part, code, text: `${part} says ${code}` }
}

function run(at: string, more: Partial<ProofRun>): ProofRun {
  return {
    ...{ by: 'daily', at, covers: 'journal', findings: [], units: [] },
    ...more,
  }
}

function codesIn(state: string) {
  return readProof(state)?.findings.map(({ by, at, code }) => `${by} ${at} ${code}`)
}

test('a run replaces the findings of its scope, and no others', async () => {
  const state = await temporaryDirectory()
  expect(readProof(state)).toBeUndefined()
  const evidence = [finding('journal', 'a'), finding('kept', 'b'), finding('evidence', 'c'), finding('evidence', 'c')]
  rememberRun(state, run('1', { by: 'audit', covers: 'evidence', findings: evidence }))
  expect(codesIn(state)).toEqual(['audit 1 a', 'audit 1 b', 'audit 1 c'])
  // Findings since the last run: the archive of yesterday was not read again.
  rememberRun(state, run('2', { findings: [finding('kept', 'b'), finding('kept', 'd')] }))
  expect(codesIn(state)).toEqual(['audit 1 b', 'audit 1 c', 'daily 2 d'])
  rememberRun(state, run('3', { covers: 'kept' }))
  expect(codesIn(state)).toEqual(['audit 1 c'])
  expect(readProof(state)).toMatchObject({ daily_at: '3', audit_at: '1', whole_at: '3' })
  rememberRun(state, run('4', { by: 'audit', covers: 'journal', findings: [finding('evidence', 'e')] }))
  expect(codesIn(state)).toEqual(['audit 1 c', 'audit 4 e'])
  rememberRun(state, run('5', { by: 'audit', covers: 'evidence' }))
  expect(readProof(state)).toEqual({ v: 1, daily_at: '3', audit_at: '5', whole_at: '5', units: [], findings: [] })
})

test('a unit stays proven up to its furthest comparison', async () => {
  const state = await temporaryDirectory()
  const unit = (serial: string, counter: number, ...open: number[]) => ({ serial, counter, open })
  rememberRun(state, run('1', { units: [unit('aa', 10, 3), unit('bb', 5)] }))
  rememberRun(state, run('2', { units: [unit('aa', 8, 2), unit('bb', 9, 4)] }))
  expect(readProof(state)?.units).toEqual([unit('aa', 10, 3), unit('bb', 9, 4)])
})

test('a torn file counts as none, and nothing is left next to the new one', async () => {
  const state = await temporaryDirectory()
  await writeFile(join(state, 'proof.json'), '{"v":1,"find')
  expect(readProof(state)).toBeUndefined()
  rememberRun(state, run('1', {}))
  expect(await readdir(state)).toEqual(['proof.json'])
  expect(readProof(state)?.daily_at).toBe('1')
})
