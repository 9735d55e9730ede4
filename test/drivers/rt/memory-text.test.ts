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

  /** As printers write it, 48 columns; the lines around number and count are those of another model. */
  const closure = [
    '              DOCUMENTO GESTIONALE              ',
    '            di chiusura giornaliera             ',
    'VENDITE                                    12,50',
    'CHIUSURA GIORNALIERA N.                     0142',
    'DOCUMENTI GESTIONALI                        0003',
    'LETTURE M.P.RIEPILOGO                       0001',
    'DOCUMENTI COMMERCIALI                       0002',
    'DGFE:01 SIGILLO FISCALE:0A1B2C3D4E5F',
    '                14-09-2026 22:34                ',
    '          DOC.GESTIONALE N. 0142-0001           ',
    '                  72IV6000001                   ',
    '',
  ].join('\r\n')

  test('a closure has its number and count at the end of the column, with many blanks before them', () => {
    const read = parseMemoryText(document('0142', '0001') + document('0142', '0002') + closure)
    expect([...read.closures]).toEqual([[142, 2]])
    expect(read.documents.map(({ number }) => number)).toEqual([1, 2])
    expect(isComplete(read, { z: 141, number: 0 }, { z: 142, number: 0 })).toBe(true)
    const bare = closure.replace('GIORNALIERA N.', 'GIORNALIERA   ').replace('CHIUSURA ', 'CHIUSURA  ')
    expect([...parseMemoryText(bare).closures]).toEqual([[142, 2]])
  })

  test.each([
    ['DOCUMENTO  COMMERCIALE', 'DOCUMENTO COMMERCIALE'],
    ['TOTALE  COMPLESSIVO', 'TOTALE COMPLESSIVO'],
    ['1.012,50 EUR', '1.012,50'],
    ['1.012,50 \x80', '1.012,50'],
    ['14/09/2026 10:00:59', '14-09-2026 10:00'],
    ['DOCUMENTO  N.  0142-0003', 'DOCUMENTO N. 0142-0003'],
    ['Prezzo(\x80)', 'Prezzo(E)'],
  ])('a document with "%s" is read as one with "%s"', (written, usual) => {
    const text = document('0142', '0003')
    expect(text).toContain(usual)
    expect(parseMemoryText(text.replace(usual, written))).toEqual(parseMemoryText(text))
  })

  test.each(['Chiusura giornaliera n. 12', 'CHIUSURA GIORNALIERA N. 0012', 'DOCUMENTI COMMERCIALI 0001'])(
    'goods called "%s" make no closure',
    (title) => {
      const sold = document('0142', '0001').replace('CAFFE IN GRANI                22%          10,00', title)
      const read = parseMemoryText(sold + document('0142', '0002').replace('#REF A1', `${title}\n#REF A1`) + closure)
      expect([...read.closures]).toEqual([[142, 2]])
      expect(read.documents.map(({ texts }) => texts)).toEqual([['REF A1'], ['REF A1']])
    },
  )

  test('a slip is not a document, whatever its lines say', () => {
    const slip = 'DOCUMENTO GESTIONALE\n#REF A2\nDOCUMENTO N. 0142-0009\nDOC.GESTIONALE N. 0142-0001\n'
    expect(parseMemoryText(slip)).toEqual({ documents: [], closures: new Map() })
    expect(parseMemoryText(slip + document('0142', '0001')).documents).toMatchObject([{ number: 1, texts: ['REF A1'] }])
  })

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
