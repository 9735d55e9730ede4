import type { MarkEvent, Marks, NewEvent } from '../../agent/journal/events.ts'

/** An event of which a test looks at the marks alone, whatever its kind is. */
export function marking(op: string, body: Marks): MarkEvent {
  return { kind: 'operation.settled', op, body }
}

/** An event that tells a text; it has no other marks than those. */
export function telling(text: string, marks: Marks = {}): NewEvent {
  return { kind: 'device.serviced', op: '', body: { ...marks, note: { device: 'tse-1', act: 'note', argument: text } } }
}
