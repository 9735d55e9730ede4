import { expect, test } from 'vitest'
import { leftParts, targetParts, witnessParts } from '../../agent/cli/audit/targets-part.ts'

const LEFT = {
  target: 'cloud',
  epoch: 1,
  endedBy: 'restore',
  first: 121,
  last: 300,
  reason: undefined,
  task: 'epoch-2',
}

/** In German alone. */
function told(de: string) {
  return { de, it: '' }
}

const CLOUD = { target: 'cloud', address: 'https://cloud.example' }

test('the audit reports no part about a restore that left nothing', () => {
  expect(leftParts({ leftEvents: [], silent: [] }, 'de')).toEqual([])
})

test('a target that claims events without a signature of the journal is a note, next to a proven one an objection', () => {
  const unproven = { ...LEFT, isProven: false }
  expect(leftParts({ leftEvents: [unproven], silent: [] }, 'de')).toMatchObject([
    { valid: true, note: true, findings: [expect.stringContaining('ohne Signatur dieses Journals')] },
  ])
  const [part] = leftParts({ leftEvents: [unproven, { ...LEFT, target: 'stick', isProven: true }], silent: [] }, 'de')
  expect(part).toMatchObject({ valid: false })
  expect(part?.note).toBeUndefined()
})

test('a disk that was set back is named as such, and its task can be confirmed', () => {
  const [part] = leftParts({ leftEvents: [{ ...LEFT, endedBy: 'rollback', isProven: true }], silent: [] }, 'de')
  expect(part).toMatchObject({
    valid: false,
    findings: [expect.stringContaining('seit dem Zurücksetzen des Datenträgers')],
  })
  expect(part?.findings[0]).toContain('duty confirm epoch-2')
})

test('a target with another journal is an objection, one that is silent a note, one that agrees is named', () => {
  const agreeing = { ...CLOUD, state: 'ok', sentences: [told('bezeugt die Ereignisse bis 12 der Epoche 1')] } as const
  const silent = {
    ...CLOUD,
    target: 'stick',
    state: 'warning',
    sentences: [told('hat nicht geantwortet (witness_missing)')],
  } as const
  const other = {
    ...CLOUD,
    target: 'chain',
    state: 'failure',
    sentences: [told('hat ein anderes Ereignis 3 (witness_differs)')],
  } as const
  expect(witnessParts({ verdicts: [] }, 'de')).toEqual([])
  expect(witnessParts({ verdicts: [agreeing] }, 'de')).toMatchObject([
    { valid: true, findings: [expect.stringMatching(/^cloud \(https:\/\/cloud\.example\) bezeugt/)] },
  ])
  expect(witnessParts({ verdicts: [agreeing, silent] }, 'de')).toMatchObject([{ valid: true, note: true }])
  const [part] = witnessParts({ verdicts: [agreeing, silent, other] }, 'de')
  expect(part).toMatchObject({ valid: false })
  expect(part?.findings).toHaveLength(3)
})

test('a journal that cannot be asked about is an objection, and the audit continues', async () => {
  expect(await targetParts(() => Promise.reject(new Error('unreadable')), 'de')).toMatchObject([
    { name: 'Ziele / Journal', valid: false, summary: 'nicht verglichen' },
  ])
})
