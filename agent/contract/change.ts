import * as z from 'zod'

/** The kinds of the stream of changes, and the meaning of `state`. */
export const CHANGE_KINDS = {
  'operation.created': 'An operation was begun; `state` is `open`.',
  'operation.amended': 'The goods of an open operation were replaced; `state` is `open`.',
  'operation.completed': 'An operation is completed, also a session event; `state` is `completed`.',
  'operation.voided': 'An open operation was voided; `state` is `voided`.',
  'operation.changed': 'How the receipt of a completed operation was issued is recorded; `state` is `completed`.',
  'operation.fiscal': 'The fiscal record of an operation was made, or failed: `state` is `succeeded` or `failed`.',
  'session.changed': 'A shift began, its drawer was moved, counted, or it ended: `open`, `counted`, `closed`.',
  'closing.created': 'A closing of that `type` was made; `state` is that of its fiscal record.',
  'closing.changed': 'The transmission of a closing changed; `state` is its transmission_status.',
  'drawer.opened': 'The cash drawer was opened.',
  'register.changed': 'A register was made or changed; `state` is its fiscalization_status.',
  'merchant.changed': 'A merchant was made or changed.',
  'location.changed': 'A location was made or changed.',
  'duty.changed': 'A duty was sent, answered or confirmed; `state` is its state.',
  'export.changed': 'An export began or ended: `pending`, `completed`, `failed`.',
  'device.changed': 'The state of a fiscal device changed.',
  'sync.changed': 'The state of a sync target changed. Not in the journal, so without `id:`.',
  reset: 'The `Last-Event-ID` does not belong to this journal: read all resources again.',
} as const

export type ChangeKind = keyof typeof CHANGE_KINDS

export const change = z
  .strictObject({
    seq: z.int().min(0).describe('Event of the journal; the newest one if the change is not journalled.'),
    id: z.string().describe('Id of the resource, device or target.'),
    state: z.string().nullable().describe('Its new state, by kind of event; null without one.'),
    type: z.string().optional().describe('Type of an operation or a closing.'),
    register_id: z.string().optional().describe('The register that it belongs to.'),
    code: z.string().optional().describe('Reason code of a device or a target.'),
  })
  .describe('`data` of one event of the stream: a resource and its new state. Read everything else from the resource.')

export type ChangeData = z.output<typeof change>
