import type { MarkEvent, Marks, NewEvent } from '../../agent/journal/events.ts'

/** An event for a test that reads only marks. */
export function markEvent(op: string, body: Marks): MarkEvent {
  return { kind: 'operation.reconciled', op, body }
}

/** An event whose facts hold a text. */
export function textEvent(text: string, marks: Marks = {}): NewEvent {
  return {
    kind: 'device.serviced',
    op: '',
    body: { ...marks, facts: { device: 'tse-1', act: 'note', argument: text } },
  }
}
