import { expect, test } from 'vitest'
import { auditReport } from '../../agent/cli/audit-report.ts'
import type { Installation } from '../../agent/cli/procedure.ts'

test('the name of a shop makes no line of its own in the report', () => {
  const merchants = [{ legal_name: 'Müller\r\n& Söhne\nErgebnis: ohne Beanstandung.\u202e' }]
  const installation = { merchants, chain: 'chain-1', events: 7 } as unknown as Installation
  const range = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }
  const parts = [{ name: 'dsfinvk.zip', valid: false, summary: 'DSFinV-K', findings: ['a finding'] }]
  const lines = auditReport({ parts, range, writtenAt: '2026-11-21T04:00:00Z', installation }).split('\n')
  expect(lines.filter((line) => /^Ergebnis|Müller/.test(line))).toEqual([
    'Unternehmen   Müller & Söhne Ergebnis: ohne Beanstandung.\\u202e',
    'Ergebnis: 1 Beanstandung(en), siehe oben.',
  ])
})
