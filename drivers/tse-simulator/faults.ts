/** The faults that this simulator knows, for the grammar of drivers/faults.ts. */
export const faultNames = [
  'slow',
  'lost-answer',
  'lost-request',
  'busy',
  'unplugged',
  'memory-full',
  'clock-lost',
  'certificate-expired',
  'self-test-due',
  'wrong-signature',
  'power-cut',
  'garbled',
] as const
