import { expect, test } from 'vitest'
import { registerDuties } from '../../../agent/laws/austria/duties.ts'

/** The words for a check that failed in such a part. */
function remedyFor(id: string, message: string): string | undefined {
  const facts = {
    ...{ id: 'reg_1', cashBoxId: 'GW-AT-001', startedOn: '2026-01-02', startCode: '_R1_a', startClosing: 'clo_1' },
    ...{ keyCheckValue: 'abc', years: [], openYears: [], outages: [], end: undefined },
  }
  const source = {
    merchant: [],
    aesKey: () => 'key',
    unitTask: undefined,
    hasOtherProvider: () => false,
    outageEnds: () => [],
  }
  const check = registerDuties(facts, '2026-01-03', source).find(({ task }) => task.id === 'startbeleg-check-reg_1')
  return check?.act?.whenFaulty?.([{ id, message }])
}

test.each([
  ['TYPE_OF_RECEIPT_X', 'Das Belegdatum liegt vor der Registrierung der Registrierkasse.', 'correct the clock'],
  ['CRYPTO_X', 'Der Umsatzzähler kann mit dem Benutzerschlüssel nicht entschlüsselt werden.', 'another AES key'],
  ['CRYPTO_TURNOVER_COUNTER', '', 'another AES key'],
  ['EXISTS_CASHBOX', 'Die Kasse ist nicht registriert.', undefined],
  ['MATCH_VDA', 'not so: the provider is that of the registration', undefined],
  ['CRYPTO_SIGNATURE', 'validated: the signature is not that of the unit', undefined],
])('a failed check with the part %s %s has the remedy %s', (id, message, remedy) => {
  expect(remedyFor(id, message) ?? undefined).toEqual(
    remedy === undefined ? undefined : expect.stringContaining(remedy),
  )
})
