import { expect, test } from 'vitest'
import type { MachineMarks } from '../../agent/journal/machine-marks.ts'
import { isOtherMachine, marksOf, newMarks } from '../../agent/journal/machine-marks.ts'

const KEY = Buffer.alloc(32, 7)

function marks(id: string | undefined, ...parts: string[]): MachineMarks | undefined {
  return marksOf({ id, parts }, KEY)
}

test.each([
  { name: 'the same', now: marks('a', 'disk 1', 'mac 1'), other: false },
  { name: 'another machine-id', now: marks('b', 'disk 1', 'mac 1'), other: true },
  { name: 'another machine-id alone', now: marks('b'), other: true },
  { name: 'an exchanged board or network card', now: marks('a', 'disk 1', 'mac 2'), other: false },
  { name: 'a disk copied to a larger one', now: marks('a', 'disk 2', 'mac 1'), other: false },
  { name: 'a disk moved to another computer', now: marks('a', 'disk 1', 'mac 2', 'mac 3'), other: false },
  { name: 'one more disk and one more port', now: marks('a', 'disk 1', 'disk 2', 'mac 1', 'mac 2'), other: false },
  { name: 'an image on another computer', now: marks('a', 'disk 2', 'mac 2'), other: true },
  { name: 'such an image, its machine-id emptied and not made yet', now: marks(undefined, 'disk 2'), other: true },
  { name: 'no machine-id, the same parts', now: marks(undefined, 'disk 1'), other: false },
  { name: 'a machine without numbers of its parts', now: marks('a'), other: false },
  { name: 'nothing readable', now: marks(undefined), other: false },
])('$name: another machine? $other', ({ now, other }) => {
  expect(isOtherMachine(marks('a', 'disk 1', 'mac 1'), now)).toBe(other)
  expect(isOtherMachine(now, marks('a', 'disk 1', 'mac 1'))).toBe(other)
})

test('marks under another key, or of an older program, are compared with nothing', () => {
  const other = marksOf({ id: 'b', parts: ['disk 2'] }, Buffer.alloc(32, 8))
  expect(isOtherMachine(marks('a', 'disk 1'), other)).toBe(false)
  expect(isOtherMachine(undefined, other)).toBe(false)
  expect(newMarks(marks('a', 'disk 1'), other)).toEqual(other)
  expect(newMarks(undefined, other)).toEqual(other)
})

test('parts that are exchanged one after the other stay one machine, since each new one is noted', () => {
  const [first, board, disk] = [
    marks('a', 'disk 1', 'mac 1'),
    marks('a', 'disk 1', 'mac 2'),
    marks('a', 'disk 2', 'mac 2'),
  ]
  expect(isOtherMachine(first, disk)).toBe(true)
  expect(newMarks(first, board)).toEqual(board)
  expect(isOtherMachine(newMarks(first, board), disk)).toBe(false)
})

test('a part that is unplugged, or cannot be read today, is not news', () => {
  const former = marks('a', 'disk 1', 'mac 1')
  for (const now of [former, marks('a', 'disk 1'), marks('a'), marks(undefined, 'mac 1'), undefined])
    expect(newMarks(former, now)).toBeUndefined()
  expect(newMarks(former, marks(undefined, 'disk 1', 'mac 2'))).toEqual(marks('a', 'disk 1', 'mac 2'))
  expect(newMarks(marks(undefined, 'disk 1'), marks('a', 'disk 1'))).toEqual(marks('a', 'disk 1'))
})

test('a mark says nothing of its number: 16 bytes, keyed', () => {
  const made = marks('0123456789abcdef0123456789abcdef', 'mac 001b213a4b5c')
  for (const mark of [made?.id, made?.key, ...(made?.parts ?? [])])
    expect(Buffer.from(String(mark), 'base64url')).toHaveLength(16)
  expect(JSON.stringify(made)).not.toMatch(/0123456789abcdef|001b213a4b5c/)
})
