import * as z from 'zod'
import { ofRegister, pageMembers } from './page.ts'
import { calendarDate, listOf, law as regime, timestamp } from './scalars.ts'

const dutyState = z.enum(['due', 'queued', 'sent', 'confirmed', 'refused', 'unclear', 'withdrawn'])

export const dutyStep = z
  .strictObject({
    at: timestamp.describe('When it happened.'),
    what: z.enum(['sent', 'answered', 'asked', 'queued']).describe('`asked`: the status was asked for.'),
    operation: z.string().nullable().describe('Operation of the office.'),
    request_id: z.string().nullable().describe('Id of the request.'),
    packet: z.int().nullable().describe('Its number at the office.'),
    rc: z.array(z.string()).nullable().describe('Codes of the answer.'),
    message: z.string().nullable().describe('Words of the office.'),
    status: z.string().nullable().describe('Its word for the state.'),
    lost: z.string().nullable().describe('Why no answer was understood.'),
    by: z.enum(['agent', 'person']).describe('Who did it.'),
  })
  .describe('A request, an answer or a change.')

export const waitsFor = z
  .strictObject({
    kind: z
      .enum(['duty', 'person', 'credentials', 'merchant', 'certified_unit', 'date'])
      .describe('The kind of cause.'),
    id: z.string().optional().describe('Id of that duty or device, or the date.'),
  })
  .describe('The cause that holds a duty up.')

export const duty = z
  .strictObject({
    id: z.string().describe('Constant for the same duty.'),
    kind: z.string().describe('Stable, such as `at.register_registration`.'),
    regime: regime.nullable().describe('The law; null for a duty of the agent.'),
    authority: z.string().nullable().describe('The office that it is reported to.'),
    title: z.string().describe('One line.'),
    why: z.string().describe('Why, with the paragraph.'),
    merchant_id: z.string().nullable().describe('The merchant.'),
    location_id: z.string().nullable().describe('The location.'),
    register_id: z.string().nullable().describe('The register.'),
    device_id: z.string().nullable().describe('The device.'),
    not_before: calendarDate.nullable().describe('The first day for it.'),
    due: calendarDate.describe('The last day for it.'),
    way: z.enum(['automatic', 'manual']).describe('`automatic`: the agent sends it.'),
    mode: z.enum(['T', 'P']).nullable().describe('`T`: a trial, which fulfils nothing; `P`: production.'),
    state: dutyState.describe(
      '`due`: a person acts, or it waits. `queued`: sent at `next_try_at`. `sent`: the effect is not yet seen. `unclear`: a person must look. `withdrawn`: the law no longer asks for it.',
    ),
    open: z.boolean().describe('The law still wants it.'),
    reason: z.string().nullable().describe('Code of ours or of the office.'),
    message: z.string().nullable().describe('Words of the office.'),
    waits_for: waitsFor.nullable().describe('Null if nothing holds it up.'),
    attempts: z.int().min(0).describe('How often it was sent.'),
    next_try_at: timestamp.nullable().describe('Null: in turn.'),
    confirmed_at: timestamp.nullable().describe('When it was confirmed.'),
    confirmed_by: z.enum(['authority', 'found', 'person']).nullable().describe('`found`: it was done by hand before.'),
    relay: z.string().nullable().describe('The host that confirmed it, if not the office.'),
    note: z.string().nullable().describe('The words of the person.'),
    steps: z.array(dutyStep).describe('Oldest first; a list has the newest 20.'),
    instructions: z.array(z.string()).describe('How a person does it.'),
  })
  .describe('A report, check or act that the shop owes until a day.')

export const dutyList = listOf(duty, 'By due date and id')

export const dutyQuery = z
  .strictObject({
    ...pageMembers,
    open: z.enum(['true', 'false']).optional().describe('Only open ones, or the others.').meta({ example: 'true' }),
    regime: regime.optional().describe('Only of this law.').meta({ example: 'RKSV' }),
    state: dutyState.optional().describe('Only in this state.').meta({ example: 'due' }),
    ...ofRegister,
  })
  .transform(({ limit, cursor, open, regime, state, register_id: registerId }) => {
    return { limit, cursor, open: open === undefined ? undefined : open === 'true', regime, state, registerId }
  })

const STEP = {
  ...{ at: '2026-11-25T09:00:05Z', operation: 'registrierung_kasse', request_id: 'fo_01KB7Q5Z9W', packet: 170 },
  ...{ status: null, lost: null, by: 'agent' },
}

/** A register that the agent has registered: only FinanzOnline has an interface, so only its duties have steps. */
export const DUTY_EXAMPLE = {
  ...{ id: 'finanzonline-register-reg_01KB7Q5', kind: 'at.register_registration', regime: 'RKSV' },
  ...{ authority: 'FinanzOnline', title: 'Register KASSA-1 in FinanzOnline', why: 'It is registered (§ 16 RKSV).' },
  ...{ merchant_id: 'merchant_01KB7Q5', location_id: 'loc_01KB7Q5', register_id: 'reg_01KB7Q5', device_id: null },
  ...{ not_before: null, due: '2026-12-02', way: 'automatic', mode: 'P', state: 'confirmed', open: false },
  ...{ reason: null, message: null, waits_for: null, attempts: 1, next_try_at: null },
  ...{ confirmed_at: '2026-11-25T09:00:07Z', confirmed_by: 'authority', relay: null, note: null },
  steps: [
    { ...STEP, what: 'sent', rc: null, message: null },
    { ...STEP, at: '2026-11-25T09:00:06Z', what: 'answered', rc: ['0'], message: '' },
  ],
  instructions: ['FinanzOnline, Eingaben, Registrierkassen, Registrierung einer Registrierkasse.'],
}
