import * as z from 'zod'

/** What the stream of changes tells, and what `state` then means. */
export const CHANGE_KINDS = {
  'operation.created': 'An operation was begun; `state` is `open`.',
  'operation.completed': 'An operation is completed, also a session event; `state` is `completed`.',
  'operation.voided': 'An open operation was given up; `state` is `voided`.',
  'operation.fiscal': 'What the law wants recorded was, or was not: `state` is `succeeded` or `failed`.',
  'session.changed': 'A shift began, its drawer was moved, counted, or it ended: `open`, `counted`, `closed`.',
  'closing.created': 'A closing was made; `state` is its type.',
  'drawer.opened': 'The cash drawer was opened.',
  'register.changed': 'A register was made or changed; `state` is its fiscalization_status.',
  'merchant.changed': 'A merchant was made or changed.',
  'location.changed': 'A location was made or changed.',
  'export.changed': 'An export began or ended: `pending`, `completed`, `failed`.',
  'device.changed': 'The state of a fiscal device changed.',
  'sync.changed': 'A target of the replay was reached or lost: its state. Not in the journal, so without `id:`.',
  reset: 'The `Last-Event-ID` is none of this journal: read again what you show.',
} as const

export type ChangeKind = keyof typeof CHANGE_KINDS

/** `data` of one event of the stream: which resource, and how it is now. Everything else is read from the resource. */
export const change = z.strictObject({
  seq: z.int().min(0).describe('Event of the journal; of what is not journalled, the newest.'),
  id: z.string(),
  state: z.string().nullable(),
  type: z.string().optional().describe('Of an operation.'),
  register_id: z.string().optional(),
  code: z.string().optional().describe('Why: of a device or a target.'),
})

export type ChangeData = z.output<typeof change>
