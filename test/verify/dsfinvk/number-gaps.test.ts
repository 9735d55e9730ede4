import { expect, test } from 'vitest'
import { gapText, namesGap } from '../../../verify/dsfinvk/number-gaps.ts'

const GAP = { from: 18, to: 1017 }

test('a gap is named by the begin of the note alone, with exactly its numbers', () => {
  const named = `${gapText('bon', GAP)}; op=op_1 Nummer 7`
  expect(named).toBe('Nummern 18–1017 nach Wiederherstellung nicht vergeben; op=op_1 Nummer 7')
  expect(namesGap(named, 'bon', GAP)).toBe(true)
  expect(namesGap(named, 'bon', { from: 17, to: 1017 })).toBe(false)
  expect(namesGap(named, 'bon', { from: 18, to: 1016 })).toBe(false)
  expect(namesGap(named, 'z', GAP)).toBe(false)
  // The note of a till comes after the operation.
  expect(namesGap(`op=op_1 ${gapText('bon', GAP)}`, 'bon', GAP)).toBe(false)
  expect(namesGap('', 'bon', GAP)).toBe(false)
})

test('one bon names a gap of numbers and one of closings, also of a single one', () => {
  const note = [gapText('bon', { from: 18, to: 18 }), gapText('z', { from: 4, to: 4 }), 'op=op_1'].join('; ')
  expect(note).toBe(
    'Nummer 18 nach Wiederherstellung nicht vergeben; Z 4 nach Wiederherstellung nicht vergeben; op=op_1',
  )
  expect(namesGap(note, 'bon', { from: 18, to: 18 })).toBe(true)
  expect(namesGap(note, 'z', { from: 4, to: 4 })).toBe(true)
  expect(namesGap(note, 'z', { from: 4, to: 5 })).toBe(false)
})
