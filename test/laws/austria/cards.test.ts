import { expect, test } from 'vitest'
import { exchangeTasks } from '../../../agent/laws/austria/cards.ts'

/** Words of CK_TOKEN_INFO as modules write them: the model has 16 characters. */
const TOKENS = [
  ['A-Trust', 'ACOS-ID 2.0', 'must'],
  ['A-Trust', 'ACOS-ID 2.1', 'must'],
  ['A-Trust', 'ACOS-ID 3.0', 'must'],
  ['ATOS IT Solutions and Services', 'CardOS V5.3', 'expected'],
  ['Siemens', 'CardOS 5.3', 'expected'],
  ['A-Trust', 'ATOS 5.3', 'expected'],
  ['A-Trust', 'ACOS-ID 4.1', 'stays'],
  ['A-Trust', 'ACOS EMV-A03', 'stays'],
  ['A-Trust', 'ACOS EMV-A04', 'stays'],
  ['A-Trust', 'ACOS-ID', 'stays'],
  ['ATOS', 'CardOS V5.4', 'stays'],
  ['ATOS', 'CardOS V4.4', 'stays'],
  ['PrimeSign', 'CardOS 15.30', 'stays'],
  ['SoftHSM project', 'SoftHSM v2', 'stays'],
] as const

test.each(TOKENS)('a card of %s with the model %s: %s', (manufacturer, model, fate) => {
  const [task] = exchangeTasks('card-1', '2a91f3c4', { manufacturer, model })
  const said = task?.instructions.join(' ')
  expect(task?.id).toBe(fate === 'stays' ? undefined : 'card-exchange-2a91f3c4')
  expect(said?.includes('must be out of use by the due date') ?? false).toBe(fate === 'must')
  expect(said?.includes('is expected to have to go') ?? false).toBe(fate === 'expected')
})

test('a card shown as ACOS-ID 2.0 may have been bought as ACOS-ID 4.1, and one shown as 2.1 may not', () => {
  const words = (model: string) =>
    exchangeTasks('card-1', '2a91f3c4', { manufacturer: 'A-Trust', model })[0]?.instructions.join(' ') ?? ''
  expect(words('ACOS-ID 2.0')).toContain('If it was bought as ACOS-ID 4.1, confirm this duty.')
  expect(words('ACOS-ID 2.1')).not.toContain('4.1')
})
