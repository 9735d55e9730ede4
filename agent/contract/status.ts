import * as z from 'zod'
import { timestamp } from './scalars.ts'

/** A fiscal device as shown to technician and till. */
export const device = z.strictObject({
  id: z.string(),
  driver: z.string(),
  kind: z.string(),
  state: z.enum(['ready', 'degraded', 'down', 'foreign']),
  serial: z.string().nullable(),
  since: timestamp,
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string(), due: z.string().optional() })),
  health: z
    .record(z.string(), z.unknown())
    .describe('State at the last probe, which is at most 30 s old; five minutes for a printer in continuous use.'),
  queue: z.strictObject({ waiting: z.int().min(0), expected_wait_ms: z.number().min(0) }),
})
export const deviceList = z.strictObject({ data: z.array(device) })

export const syncError = z
  .strictObject({ code: z.string(), message: z.string() })
  .describe('Why a target did not take the journal.')

/** A sync target. `warning`: how long its oldest event has waited. */
export const syncTarget = z.strictObject({
  target: z.string(),
  state: z.enum(['current', 'behind', 'offline', 'stalled', 'forked']),
  acked_seq: z.int().min(0),
  head_seq: z.int().min(0),
  unacked: z.int().min(0),
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
  oldest_unacked_seconds: z.number().min(0),
  last_error: syncError.nullable(),
  last_ack_at: timestamp.nullable(),
  clock_skew_seconds: z.int().nullable(),
  warning: z.enum(['sync_delayed_15_min', 'sync_delayed_24_h']).nullable(),
  backup: z
    .strictObject({
      created_at: timestamp,
      state: z.enum(['waiting', 'sending', 'stored', 'unsupported', 'failed']),
      parts_remaining: z.int().min(0).nullable(),
      stored_at: timestamp.nullable(),
      error: z.string().nullable(),
    })
    .nullable()
    .describe('The newest backup sent to this target; null without a backup, or if none is sent.'),
})
export const syncTargetList = z.strictObject({ data: z.array(syncTarget) })

/** One event of the journal: `body` is the stored text that `hash` covers. */
export const journalEvent = z.strictObject({
  t: z.literal('ev'),
  seq: z.int().min(1),
  kind: z.string(),
  op: z.string().optional(),
  at: timestamp,
  boot: z.string(),
  mono: z.string(),
  body: z.string(),
  hash: z.string(),
})
export const journalPage = z.strictObject({ data: z.array(journalEvent), next_cursor: z.string().nullable() })

export const health = z.strictObject({ status: z.literal('ok') })
/** A fault that a person should fix. The code is stable and determines `message` and `remedy`. */
export const warning = z.strictObject({
  code: z.string(),
  severity: z
    .enum(['warning', 'alarm'])
    .describe('An alarm needs action today: selling has stopped or will stop, or a legal duty is open.'),
  message: z.string(),
  remedy: z.string(),
  device: z.string().optional(),
  target: z.string().optional().describe('A sync target.'),
  due: z.string().optional().describe('Due date.'),
  detail: z.string().optional().describe('Details of this case; only for holders of a key.'),
})
export const readiness = z.looseObject({
  state: z.enum(['ready', 'degraded']),
  warnings: z.array(warning).optional(),
})
