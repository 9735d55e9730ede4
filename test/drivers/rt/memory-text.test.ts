import { describe, expect, test } from 'vitest'
import { isComplete, parseMemoryText } from '../../../drivers/rt/memory-text.ts'

function document(z: string, number: string, extra = ''): string {
  return `
               DOCUMENTO COMMERCIALE
              di vendita o prestazione
${extra}DESCRIZIONE                   IVA      Prezzo(E)
CAFFE IN GRANI                22%          10,00
#REF A1
TOTALE COMPLESSIVO                      1.012,50
             14-09-2026 10:00
           DOCUMENTO N. ${z}-${number}
              RT 72IV6000001`
}

const CLOSURE = '\r\nCHIUSURA GIORNALIERA N. 0142\r\nDOCUMENTI COMMERCIALI 0002\r\n'

describe('texts of the detail memory', () => {
  test('type, original, our lines, total and number are found in any layout around them', () => {
    const text = document('0142', '0003', 'emesso per RESO MERCE\nN. 0142-0001 del 14-09-2026\nRT 72IV6000001\n')
    expect(parseMemoryText(text).documents).toEqual([
      {
        kind: 'return',
        z: 142,
        number: 3,
        original: { z: 142, number: 1, date: '2026-09-14' },
        texts: ['REF A1'],
        totalCents: 101_250n,
        printedAt: '2026-09-14T10:00',
      },
    ])
  })

  test.each(['Buono reso merce', 'Spese di annullamento', 'N. 0001-0002 del 03-04-2025'])(
    'goods called "%s" make no return and no void of a sale, and name no other original',
    (title) => {
      const sold = (head: string) => document('0142', '0003', head).replace('CAFFE IN GRANI', title)
      const head = (type: string) => `emesso per ${type}\nN. 0142-0001 del 14-09-2026\n`
      const original = { z: 142, number: 1, date: '2026-09-14' }
      const read = (text: string) => parseMemoryText(text).documents[0]
      expect(read(sold(''))?.kind).toBe('sale')
      expect(read(sold(head('RESO MERCE')))).toMatchObject({ kind: 'return', original })
      expect(read(sold(head('ANNULLAMENTO')))).toMatchObject({ kind: 'void', original })
      expect(read(sold('').replace(/DESCRIZIONE.*\n/, ''))?.kind).toBe('sale')
    },
  )

  test('a reading is complete when each number since the baseline was seen once, across closures', () => {
    const whole = parseMemoryText(
      document('0142', '0001') + document('0142', '0002') + CLOSURE + document('0143', '0001'),
    )
    expect(isComplete(whole, { z: 141, number: 0 }, { z: 142, number: 1 })).toBe(true)
    expect(isComplete(whole, { z: 141, number: 1 }, { z: 142, number: 1 })).toBe(true)
    expect(isComplete(whole, { z: 141, number: 0 }, { z: 142, number: 2 })).toBe(false)
  })

  test.each([
    ['a number is missing', document('0142', '0002') + CLOSURE],
    ['a number comes twice', document('0142', '0001') + document('0142', '0001') + CLOSURE],
    ['the closure is missing', document('0142', '0001') + document('0142', '0002')],
    [
      'a later one came meanwhile',
      document('0142', '0001') + document('0142', '0002') + document('0142', '0003') + CLOSURE,
    ],
  ])('it is not when %s', (_, text) => {
    expect(isComplete(parseMemoryText(text), { z: 141, number: 0 }, { z: 142, number: 0 })).toBe(false)
  })
})
