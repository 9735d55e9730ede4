import { blipFaults } from '../faults.ts'
import { exportFaults } from './faulty-exports.ts'

/** What can go wrong with every unit whose element is in software, in the words of drivers/faults.ts. */
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
  ...exportFaults,
  ...blipFaults,
] as const
