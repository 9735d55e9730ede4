import { blipFaults } from '../faults.ts'

/** The faults of this simulator, for the grammar of drivers/faults.ts. */
export const faultNames = [
  'slow',
  'lost-answer',
  'lost-request',
  'busy',
  'unplugged',
  'certificate-expired',
  'wrong-signature',
  'power-cut',
  'pin-wrong',
  'pin-locked',
  'garbled',
  'error',
  'error-done',
  ...blipFaults,
] as const

export type FaultName = (typeof faultNames)[number]
