import * as z from 'zod'
import { calendarDate, timestamp } from './scalars.ts'

export const device = z
  .strictObject({
    id: z.string().describe('Its name in `devices` of agent.json, for `fiscal_device` of a register.'),
    driver: z.string().describe('The driver in agent.json.'),
    kind: z.string().describe('Kind of the device, such as `tse`, `signature_card` or `fiscal_printer`.'),
    state: z
      .enum(['ready', 'degraded', 'down', 'foreign'])
      .describe(
        '`degraded`: works, with warnings. `down`: does not answer. `foreign`: another unit than the one that belongs to the shop.',
      ),
    serial: z.string().nullable().describe('Serial number of the unit; null until it was connected.'),
    certified: z
      .literal(false)
      .optional()
      .describe('A simulator or a key in a token: for trials and training alone. Missing for another device.'),
    since: timestamp.describe('Since when it has this state.'),
    warnings: z
      .array(
        z.strictObject({
          code: z.string().describe('Stable code.'),
          message: z.string().describe('For a person.'),
          due: calendarDate.optional().describe('Date by which the action is due.'),
        }),
      )
      .describe('Faults at it that a person should fix.'),
    health: z
      .record(z.string(), z.unknown())
      .describe('State at the last probe, which is at most 30 s old; five minutes for a printer in continuous use.'),
    queue: z
      .strictObject({
        waiting: z.int().min(0).describe('Commands that wait for it.'),
        expected_wait_ms: z.number().min(0).describe('How long a new one would wait, in milliseconds.'),
      })
      .describe('Commands that wait for the device, which does one at a time.'),
  })
  .describe('A fiscal device: a TSE, a signature card or a fiscal printer.')
export const deviceList = z
  .strictObject({ data: z.array(device).describe('In the order of agent.json.') })
  .describe('All fiscal devices.')

export const syncError = z
  .strictObject({ code: z.string().describe('Stable reason code.'), message: z.string().describe('For a person.') })
  .describe('Why a target did not take the journal.')

export const syncTarget = z
  .strictObject({
    target: z.string().describe('Its name in `sync.targets` of agent.json.'),
    state: z
      .enum(['current', 'behind', 'offline', 'stalled', 'forked'])
      .describe(
        '`current`: it has the events, but for those of the last seconds. `behind`: reachable, and older events are missing there. `offline`: unreachable. `stalled`: it refuses an event, `last_error` says why. `forked`: it has different events under the same numbers; a person must look.',
      ),
    acked_seq: z.int().min(0).describe('The newest event that the target has confirmed.'),
    head_seq: z.int().min(0).describe('The newest event of the journal.'),
    unacked: z.int().min(0).describe('How many events the target has not confirmed.'),
    dismissed: z
      .int()
      .min(0)
      .describe(
        'Events of ended epochs that the target will never have: a person has dismissed them, they are in no other count.',
      ),
    stranded: z
      .int()
      .min(0)
      .describe('The part of `unacked` from ended epochs, which the target does not accept; a person must check them.'),
    oldest_unacked_seconds: z.number().min(0).describe('How long the oldest of them has waited, in seconds.'),
    last_error: syncError.nullable().describe('Why the last try failed; null after a success.'),
    last_ack_at: timestamp.nullable().describe('When the target last confirmed events; null if never.'),
    clock_skew_ms: z
      .int()
      .nullable()
      .describe("How far the target's clock differs, in milliseconds; null if it does not report a time."),
    warning: z
      .enum(['sync_delayed', 'sync_delayed_long'])
      .nullable()
      .describe('How long its oldest event has waited; null below 15 minutes.'),
    backup: z
      .strictObject({
        created_at: timestamp.describe('When the backup was made.'),
        state: z
          .enum(['waiting', 'sending', 'stored', 'unsupported', 'failed'])
          .describe('`unsupported`: this target takes no backups.'),
        parts_remaining: z
          .int()
          .min(0)
          .nullable()
          .describe('Parts that are still to be sent; null until that is known.'),
        stored_at: timestamp.nullable().describe('When the target had all of it; null until then.'),
        error: z.string().nullable().describe('Why it failed; null otherwise.'),
      })
      .nullable()
      .describe('The newest backup sent to this target; null without a backup, or if none is sent.'),
  })
  .describe('A place that the journal is sent to.')
export const syncTargetList = z
  .strictObject({ data: z.array(syncTarget).describe('In the order of agent.json.') })
  .describe('All sync targets.')

export const journalEvent = z
  .strictObject({
    t: z.literal('ev').describe('Kind of the line, as in a journal export.'),
    seq: z.int().min(1).describe('Number of the event, without gaps.'),
    kind: z.string().describe('Kind of the event, in past tense, such as `operation.completed`.'),
    op: z.string().optional().describe('Id of the document that it is about.'),
    at: timestamp.describe("When it was recorded, by the agent's clock."),
    boot: z.string().describe('Id of the boot of the machine.'),
    mono: z.string().describe('Nanoseconds since that boot: a clock that was set does not change them.'),
    body: z.string().describe('JSON of the event, as the stored text that `hash` covers.'),
    hash: z.string().describe('SHA-256 over this event and the hash of the event before it.'),
  })
  .describe('One event of the journal.')
export const journalPage = z
  .strictObject({
    data: z.array(journalEvent).describe('Events after `after`, in their order.'),
    next_cursor: z.string().nullable().describe('The `after` of the next page; null after the newest event.'),
  })
  .describe('A part of the journal.')

export const health = z
  .strictObject({ status: z.literal('ok').describe('The process answers.') })
  .describe('A sign of life.')
export const warning = z
  .strictObject({
    code: z.string().describe('Stable code; it determines `message` and `remedy`.'),
    severity: z
      .enum(['warning', 'alarm'])
      .describe('An alarm needs action today: selling has stopped or will stop, or a legal duty is open.'),
    message: z.string().describe('The fault, in one sentence.'),
    remedy: z.string().describe('The action that repairs it.'),
    device: z.string().optional().describe('Id of the fiscal device that it is about.'),
    target: z.string().optional().describe('Name of the sync target that it is about.'),
    about: z
      .string()
      .optional()
      .describe('Id of the duty or register, or path of the folder or certificate; only for holders of a key.'),
    due: calendarDate.optional().describe('Date by which the action is due.'),
    key: z.string().describe('Code and subject: constant while it is active, and unique among the active ones.'),
    since: timestamp.describe('When it began; of a device outage also before the start of the agent.'),
    because: z.string().optional().describe('`key` of the warning that explains it.'),
    detail: z.string().optional().describe('Details of this case; only for holders of a key.'),
  })
  .describe('A fault that a person should fix.')
export const certified = z
  .literal(false)
  .optional()
  .describe('A device is not certified: what is sold is a trial. Missing otherwise.')

export const readiness = z
  .looseObject({
    state: z.enum(['ready', 'degraded']).describe('`degraded`: operations are taken, and a device is down.'),
    warnings: z.array(warning).optional().describe('Faults that a person should fix.'),
    certified,
    devices: z
      .array(device.pick({ id: true, state: true }))
      .optional()
      .describe('The fiscal devices; GET /v1/devices says more.'),
    disk: z
      .strictObject({
        level: z.enum(['ok', 'low', 'full']).describe('`full`: nothing new is taken.'),
        free_bytes: z.number().describe('Free bytes.'),
      })
      .optional()
      .describe('The disk of the state.'),
    sync: z
      .array(syncTarget.pick({ target: true, state: true, warning: true }))
      .optional()
      .describe('The sync targets; GET /v1/sync says more.'),
  })
  .describe('Whether operations can be taken.')
