import { expect, test } from 'vitest'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { planDocument as custom } from '../../../drivers/rt-custom/document-commands.ts'
import { profileWith as customProfile } from '../../../drivers/rt-custom/profile.ts'
import { planDocument as epson } from '../../../drivers/rt-epson/document-xml.ts'
import { defaultProfile as epsonProfile } from '../../../drivers/rt-epson/profile.ts'
import { planDocument as rch } from '../../../drivers/rt-rch/document-commands.ts'
import { defaultProfile as rchProfile } from '../../../drivers/rt-rch/profile.ts'
import { departments } from '../../contracts/printer-bench.ts'

const SERIAL = '72IV6000001'

test.each<[string, (document: RtDocument) => unknown]>([
  ['rt-rch', (document) => rch(document, { departments, profile: rchProfile, serial: SERIAL })],
  ['rt-custom', (document) => custom(document, { departments, profile: customProfile(), serial: SERIAL })],
  ['rt-epson', (document) => epson(document, { departments, serial: SERIAL, profile: epsonProfile })],
])('%s: a slip of cash states that none was moved if none was', (_driver, plan) => {
  expect(() => plan({ kind: 'cash', amountCents: 0n })).toThrow('no cash was moved')
  expect(plan({ kind: 'cash', amountCents: -500n })).toBeDefined()
})
