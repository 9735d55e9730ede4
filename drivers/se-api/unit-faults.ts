import { blipFaults } from '../faults.ts'
import { exportFaults } from './faulty-exports.ts'

/** Faults of every unit with an element in software, named as in drivers/faults.ts. */
export const unitFaults = [
  'slow',
  'lost-answer',
  'lost-request',
  'unplugged',
  'memory-full',
  'clock-lost',
  'certificate-expired',
  'self-test-due',
  'wrong-signature',
  'power-cut',
  'error',
  'error-done',
  'refuse-open',
  ...exportFaults,
  ...blipFaults,
] as const
