import * as z from 'zod'
import { cardTerminalId, createdAt, merchantId, ownId, sentMetadata, shownMetadata, updatedAt } from './members.ts'
import { pageQuery } from './page.ts'
import type { Route } from './route.ts'
import { calendarDate, dayOfUse, formLine, id, listOf, PATCH_WORDS, referenceTo } from './scalars.ts'

const REGISTERS_MAX = 50

const acquirer = z
  .strictObject({
    tax_number: z
      .string()
      .regex(/^(\d{11}|[A-Za-z0-9]{16})$/, 'must be a Codice Fiscale: 11 digits or 16 letters and digits')
      .describe('Codice Fiscale of the acquirer.'),
    name: formLine(255).describe('Name of the acquirer.'),
  })
  .describe('The company that settles its payments.')

const registerIds = z
  .array(referenceTo('register'))
  .min(1, 'must name a register')
  .max(REGISTERS_MAX)
  .describe('Its registers, at its location.')

const kind = z.enum(['physical', 'virtual']).describe('A device, or none.')
const holder = z.enum(['own', 'franchisor']).describe('The holder of the contract.')
const activeFrom = dayOfUse.describe('First day of use.')
const activeTo = dayOfUse.describe('Last day of use.')
const holderName = formLine(255).describe('Name of the franchisor.')

export const createPaymentTerminal = z
  .strictObject({
    location_id: referenceTo('location', 'Its shop.'),
    register_ids: registerIds,
    kind,
    tid: cardTerminalId.optional().describe('Terminal id, of a physical one only.'),
    acquirer,
    holder: holder.default('own'),
    holder_name: holderName.optional(),
    active_from: activeFrom,
    active_to: activeTo.optional(),
    metadata: sentMetadata,
  })
  .check(({ value: { kind, tid, holder, holder_name: name, active_from: from, active_to: to }, issues }) => {
    const refuse = (member: string, message: string): void => {
      issues.push({ code: 'custom', path: [member], message, input: undefined })
    }
    if (kind === 'physical' && tid === undefined) refuse('tid', 'is required for a physical terminal')
    if (kind === 'virtual' && tid !== undefined) refuse('tid', 'must be left out for a virtual terminal')
    if (holder === 'own' && name !== undefined) refuse('holder_name', 'belongs to the holder franchisor')
    if (to !== undefined && to < from) refuse('active_to', 'must not be before active_from')
  })
  .describe('Takes electronic money for sales on an RT.')
export type CreatePaymentTerminal = z.output<typeof createPaymentTerminal>

export const updatePaymentTerminal = z
  .strictObject({
    register_ids: registerIds.optional(),
    active_to: activeTo.nullable().optional(),
    acquirer: acquirer.pick({ name: true }).optional().describe('A new name.'),
  })
  .describe(PATCH_WORDS)
export type UpdatePaymentTerminal = z.output<typeof updatePaymentTerminal>

const link = z
  .strictObject({
    rt_serial_number: z.string().describe('Matricola of the printer.'),
    duty_id: z.string().describe('Its duty, `pos-link-…` or `pos-unlink-…`.'),
    window: z
      .strictObject({ from: calendarDate.describe('First day.'), to: calendarDate.describe('Last day.') })
      .describe('When it is done at the portal.'),
    state: z.enum(['due', 'confirmed']).describe('By the word of a person.'),
  })
  .describe('A link with a printer.')
export type TerminalLink = z.output<typeof link>

export const paymentTerminal = z
  .strictObject({
    id: ownId,
    merchant_id: merchantId,
    location_id: id.describe('Its shop.'),
    register_ids: z.array(id).describe('Its registers.'),
    kind,
    tid: z.string().nullable().describe('TID; null if virtual.'),
    acquirer,
    holder,
    holder_name: holderName.nullable(),
    active_from: activeFrom,
    active_to: activeTo.nullable(),
    links: z.array(link).describe('The oldest event first; none without a fiscalized register.'),
    metadata: shownMetadata,
    created_at: createdAt,
    updated_at: updatedAt,
  })
  .describe('A payment terminal.')
export type PaymentTerminal = z.output<typeof paymentTerminal>
export const paymentTerminalList = listOf(paymentTerminal)

const common = { tag: 'Payment terminals', auth: 'platform' } as const

/** Italy: L. 207/2024, art. 1 c. 74-77. */
export const paymentTerminalRoutes = {
  paymentTerminalsCreate: {
    ...common,
    methods: ['post'],
    path: '/v1/payment-terminals',
    operationId: 'PaymentTerminalsController_create',
    summary: 'Create a payment terminal',
    description: 'Italy: the tax office wants it linked with the printers of its registers (`links`).',
    body: createPaymentTerminal,
    success: { status: 201, description: 'The terminal', schema: paymentTerminal },
    errors: ['not_found', 'payment_terminal_exists', 'unprocessable_entity'],
  },
  paymentTerminalsList: {
    ...common,
    methods: ['get'],
    path: '/v1/payment-terminals',
    operationId: 'PaymentTerminalsController_list',
    summary: 'List the payment terminals of the merchant',
    description: 'The oldest first, also those that have ended.',
    query: pageQuery,
    success: { status: 200, description: 'One page', schema: paymentTerminalList },
    errors: ['not_found'],
  },
  paymentTerminalsGet: {
    ...common,
    methods: ['get'],
    path: '/v1/payment-terminals/{id}',
    operationId: 'PaymentTerminalsController_get',
    summary: 'Read a payment terminal',
    description: 'One terminal, with its links of now.',
    success: { status: 200, description: 'The terminal', schema: paymentTerminal },
  },
  paymentTerminalsUpdate: {
    ...common,
    methods: ['patch'],
    path: '/v1/payment-terminals/{id}',
    operationId: 'PaymentTerminalsController_update',
    summary: 'Change a payment terminal',
    description: 'Registers, last day or acquirer: at once, with new duties.',
    body: updatePaymentTerminal,
    success: { status: 200, description: 'The terminal', schema: paymentTerminal },
    errors: ['unprocessable_entity'],
  },
} as const satisfies Record<string, Route>
