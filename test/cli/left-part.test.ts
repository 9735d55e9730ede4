import { expect, test } from 'vitest'
import { leftParts } from '../../agent/cli/audit/left-part.ts'

const LEFT = { target: 'cloud', epoch: 1, first: 121, last: 300, reason: undefined, task: 'epoch-2' }

test('the audit reports no part about a restore that left nothing', () => {
  expect(leftParts({ left: [], silent: [] })).toEqual([])
})

test('a target that claims events without a signature of the journal is a note, beside a proven one an objection', () => {
  const unproven = { ...LEFT, isProven: false }
  expect(leftParts({ left: [unproven], silent: [] })).toMatchObject([
    { valid: true, note: true, findings: [expect.stringContaining('ohne Signatur dieses Journals')] },
  ])
  const [part] = leftParts({ left: [unproven, { ...LEFT, target: 'stick', isProven: true }], silent: [] })
  expect(part).toMatchObject({ valid: false })
  expect(part?.note).toBeUndefined()
})

test('a restore that said that nothing was lost has no task to confirm, and the objection stays', () => {
  const [part] = leftParts({ left: [{ ...LEFT, isProven: true, task: undefined }], silent: [] })
  expect(part).toMatchObject({ valid: false, findings: [expect.stringContaining('dass nichts verloren ist')] })
  expect(part?.findings[0]).not.toContain('task confirm')
})
