import type { AlertNotice, Message } from '../../alerts/message.ts'
import { SHOP } from './desk.ts'

export const AGENT = { id: '5f6c1d2e-0000-8000-8000-000000000000', version: '0.2.0' }

/** What a mail says that its message does not have. */
export const AROUND = { language: 'de', pageUrl: 'https://192.168.1.20:7070/', agent: AGENT, isTrial: false } as const

export function told(device: string, members: Partial<AlertNotice> = {}): AlertNotice {
  return {
    ...{ type: 'alert.raised', id: 'alr_01', rule: 'devices', severity: 'alarm', shop: SHOP },
    ...{ sinceMs: Date.parse('2026-11-25T09:50:10Z'), subject: { device }, name: device },
    ...{ message: 'Die Signatureinheit antwortet nicht.', remedy: 'Kabel und Strom prüfen.' },
    ...members,
  }
}

export const RAISED: Message = {
  ...{ id: 'alr_01', type: 'alert.raised', atMs: Date.parse('2026-11-25T10:00:12Z'), shop: SHOP, open: 1 },
  alerts: [told('tse-1')],
}
export const RESOLVED: Message = {
  ...RAISED,
  ...{ id: 'alr_01-resolved', answers: 'alr_01', type: 'alert.resolved' },
  alerts: [told('tse-1', { type: 'alert.resolved' })],
}
